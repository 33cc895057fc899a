"""Runs a model in this process with the transformers library's own classes: no code from a checkpoint is executed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Literal

from highlights.backends.local import LocalModel
from highlights.backends.machine import INSTALL
from highlights.backends.molmo import MolmoModel
from highlights.backends.prefix import out_of_memory
from highlights.backends.qwen import QwenModel
from highlights.backends.weights import Architecture, Weights, check
from highlights.choices import Device
from highlights.errors import ModelError

ARCHITECTURE_OF: dict[str, Architecture] = {"marlin": "qwen3_5", "molmo2": "molmo2"}
BACKENDS: dict[Architecture, type[LocalModel]] = {"qwen3_5": QwenModel, "molmo2": MolmoModel}
CLASSES: dict[Architecture, tuple[str, str, str]] = {
    "qwen3_5": ("Qwen3_5Config", "Qwen3_5ForConditionalGeneration", "Qwen3VLProcessor"),
    "molmo2": ("Molmo2Config", "Molmo2ForConditionalGeneration", "Molmo2Processor"),
}
"""The transformers classes of the configuration, the model and the processor."""
NVIDIA_ONLY = ("fla", "causal_conv1d")
"""flash-linear-attention and its companion."""


def load(family: Literal["marlin", "molmo2"], weights: Weights, device: Device = "cpu", dtype: str = "") -> LocalModel:
    """The model of some weights on a device, by default in the shortest dtype that the device computes well with.

    Raises:
        ModelError: The weights belong to another family or do not fit their architecture, or out of memory.
    """
    if weights.architecture != ARCHITECTURE_OF[family]:
        raise ModelError(f"{weights.folder}: not a {family} model: its architecture is {weights.architecture}")
    check(weights)
    kind = dtype or shortest_dtype(device)
    model, processor = _loaded(weights, device, kind)
    revision = f"{weights.revision[:7]}, " if weights.revision else ""
    name = f"{weights.name} ({revision}{kind} on {device})"
    return BACKENDS[weights.architecture](model, processor, name, f"{weights.name} {weights.key} {kind} {device}")


def _loaded(weights: Weights, device: Device, dtype: str) -> tuple[Any, Any]:
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    with _kernels_of(device):
        classes = _classes(weights)
    try:
        return _model_and_processor(weights, classes, device, dtype)
    except (OSError, ValueError, LookupError, TypeError, RuntimeError, StrictDataclassError, SafetensorError) as error:
        if out_of_memory(error):
            raise ModelError(f"{weights.name}: out of memory on {device} while loading it; {LocalModel.advice}") from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{weights.folder}: does not load: {reason}") from error


@contextmanager
def _kernels_of(device: Device) -> Iterator[None]:
    """Hide libraries of kernels that fail off NVIDIA's cards: transformers decides when it is imported, whatever the device."""
    hidden = [] if device == "cuda" else [name for name in NVIDIA_ONLY if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: an import of it fails
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _classes(weights: Weights) -> list[Any]:
    import transformers

    if "TRANSFORMERS_VERBOSITY" not in os.environ:  # its hints and progress bars are not for this program's users
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
    try:
        return [getattr(transformers, name) for name in CLASSES[weights.architecture]]
    except (AttributeError, ImportError) as error:
        here = f"transformers {transformers.__version__} does not run {weights.name}"
        raise ModelError(f"{here} ({error}): {INSTALL}") from error


def _model_and_processor(weights: Weights, classes: list[Any], device: Device, dtype: str) -> tuple[Any, Any]:
    import torch

    config_class, model_class, processor_class = classes
    processor = processor_class.from_pretrained(weights.folder, local_files_only=True, trust_remote_code=False)
    config = config_class.from_pretrained(weights.folder, local_files_only=True)
    config.get_text_config().use_cache = True  # Marlin's checkpoint has false, left over from training
    model, report = model_class.from_pretrained(
        weights.folder,
        config=config,
        dtype=getattr(torch, dtype),
        attn_implementation=attention(weights.architecture, device),
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    if lost := sorted({str(key) for kind in ("missing_keys", "mismatched_keys") for key in report[kind]}):
        some = f"{lost[0]} and {len(lost) - 1} more" if len(lost) > 1 else lost[0]
        raise ValueError(f"its weights do not fit its architecture, {some} is missing or of another shape")
    return model.eval().to(device), processor


def attention(architecture: Architecture, device: Device) -> str:
    """The attention kernel. Molmo2's frames attend to each other in both directions, which is lost in FlashAttention's."""
    flash = device == "cuda" and architecture != "molmo2" and find_spec("flash_attn")
    return "flash_attention_2" if flash else "sdpa"


def shortest_dtype(device: Device) -> str:
    """A 16-bit dtype where the device computes at least as fast with it; bfloat16, with its wider range, where it has it."""
    import torch

    if device == "cpu":
        return "bfloat16" if _cpu_has_bfloat16() else "float32"
    if device == "cuda":  # cards before Ampere emulate it, slowly
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    return "bfloat16" if torch.backends.mps.is_macos_or_newer(14, 0) else "float16"


def _cpu_has_bfloat16() -> bool:
    import torch

    checks = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(supported() for supported in checks if supported)
