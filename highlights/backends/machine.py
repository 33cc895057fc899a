"""The devices of this machine that a model could run on; nothing heavy is imported before weights are found."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from highlights.choices import Device
from highlights.errors import ModelError

NEEDED = ("torch", "transformers", "torchvision")
INSTALL = "pip install 'highlights[models]'"


@dataclass(frozen=True, slots=True)
class Accelerator:
    """The fastest device of this machine, and its `description` for people."""

    device: Device
    description: str


def missing() -> tuple[str, ...]:
    """The packages required to run a model that are not installed."""
    return tuple(name for name in NEEDED if find_spec(name) is None)


def accelerator() -> Accelerator:
    """The fastest device here; loads torch.

    Raises:
        ModelError: The packages are not installed or do not load.
    """
    if absent := missing():
        raise ModelError(f"running a model needs {', '.join(absent)}: {INSTALL}")
    try:
        import torch
    except (ImportError, OSError) as error:
        raise ModelError(f"torch does not load ({error}): install it again, {INSTALL}") from error
    if torch.cuda.is_available():
        return Accelerator("cuda", torch.cuda.get_device_name())
    if torch.backends.mps.is_available():
        return Accelerator("mps", "Apple GPU")
    return Accelerator("cpu", f"CPU, {torch.get_num_threads()} threads")


def chosen(wanted: Device | Literal["auto"]) -> Device:
    """The device to run on: the requested one, if this machine has it.

    Raises:
        ModelError: It does not have it.
    """
    best = accelerator()
    if wanted in ("auto", best.device):
        return best.device
    if wanted == "cpu":
        return "cpu"
    raise ModelError(f"device {wanted}: not on this machine (found: {best.description}); leave out --device, or use cpu")
