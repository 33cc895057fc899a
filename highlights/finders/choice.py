"""Which finders a run uses: those requested, or the best that this machine can run, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from highlights.backends.backend import Backend
from highlights.backends.machine import INSTALL, accelerator, chosen, missing
from highlights.backends.weights import look_for
from highlights.choices import FINDERS, Device, FinderName, Windows
from highlights.dialects import known
from highlights.dialects.dialect import Dialect
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2
from highlights.errors import ModelError

WEIGHTS = {"marlin": "NemoStation/Marlin-2B", "molmo2": "allenai/Molmo2-4B"}
"""The default weights."""
CHECKERS = ("Qwen/Qwen3.5-9B", "Qwen/Qwen3.5-4B")
"""Models that were trained to answer questions, in the architecture of Marlin; the best first."""
SPOKEN = {"marlin": MARLIN, "molmo2": MOLMO2}


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How models are used.

    `finders`: their names, or empty for the best that this machine can run. `windows`: which windows a model receives: those
    `proposed` by signals, or `all`; None means `proposed` if signals are among the finders. `model`: a folder or name of
    weights, or the model's name on the server; `dialect`: how that model is asked, a name or a YAML file, if its name does not
    tell. `checker`: a folder or name of the weights of a second model that checks what the first one names, or a server's
    address, with `#NAME` if it has several models. `captions`: whether accepted events get a one-line description.
    """

    finders: tuple[FinderName, ...] = ()
    windows: Windows | None = None
    server: str | None = None
    model: str | None = None
    dialect: str | None = None
    checker: str | None = None
    device: Device | Literal["auto"] = "auto"
    captions: bool = True

    def __post_init__(self) -> None:
        if unknown := set(self.finders) - set(FINDERS):
            raise ValueError(f"unknown finder {', '.join(sorted(unknown))}; use {', '.join(FINDERS)}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The finders and the checker of a run, and why these, in words; `why` is empty if the finders were requested."""

    finders: tuple[FinderName, ...]
    why: str = ""
    checker: str | None = None


def choose(options: ModelOptions) -> Choice:
    """The requested finders, or the best that are available here.

    Raises:
        ModelError: What was requested is not available.
    """
    choice = _chosen(options)
    if options.checker and choice.finders == ("signals",):
        raise ModelError(f"--checker checks what another model names: add one to --finder{choice.why and f' ({choice.why})'}")
    return choice


def _chosen(options: ModelOptions) -> Choice:
    if "server" in options.finders and not options.server:
        raise ModelError("the finder server needs the server's address: --server http://localhost:8000/v1")
    if options.finders:
        return Choice(options.finders)
    if options.server:
        return Choice(("signals", "server"), f"the model at {options.server} was named")
    here = _available(options)
    if not here:
        return Choice(("signals",), "no weights of a model here, see `highlights doctor`")
    whose = " and ".join(f"{name.capitalize()}'s" for name in here) + " weights are here"
    if absent := missing():
        return Choice(("signals",), f"{whose}, but not {', '.join(absent)}: {INSTALL}")
    fastest = accelerator()
    if fastest.device == "cpu":
        return Choice(("signals",), f"{whose}, but no GPU; --finder signals,{here[0]} takes its time and runs it")
    checker = options.checker or _available_checker()
    checked = f"; {checker} checks what they name" if checker else ""
    return Choice(("signals", *here), f"{whose}, and a GPU ({fastest.description}){checked}", checker)


def _available_checker() -> str | None:
    """The best checker whose weights are here."""
    for name in CHECKERS:
        with suppress(ModelError):
            look_for(name)
            return name
    return None


def _available(options: ModelOptions) -> tuple[FinderName, ...]:
    """The models whose weights are here: those of `--model`, or else the default ones.

    Raises:
        ModelError: The weights of `--model` are not here.
    """
    if options.model:
        return ("molmo2",) if look_for(options.model).architecture == "molmo2" else ("marlin",)
    found: list[FinderName] = []
    names: tuple[FinderName, ...] = ("marlin", "molmo2")
    for name in names:
        with suppress(ModelError):
            look_for(WEIGHTS[name])
            found.append(name)
    return tuple(found)


def open_model(name: FinderName, options: ModelOptions) -> tuple[Dialect, Backend]:
    """The dialect and the backend of one of the models.

    A given server runs the finder `server`; if that is not among the finders, it runs the model families that are.

    Raises:
        ModelError: It is not available.
    """
    if name == "server" or (options.server and "server" not in options.finders):
        from highlights.backends.server import ServerBackend

        spoken = known.dialect(options.dialect) if options.dialect else SPOKEN.get(name)
        server = ServerBackend(str(options.server), spoken, model=options.model)
        return server.dialect, server
    from highlights.backends.transformers import load

    spoken = known.dialect(options.dialect) if options.dialect else SPOKEN[name]
    family: Literal["marlin", "molmo2"] = "molmo2" if name == "molmo2" else "marlin"
    return spoken, load(family, look_for(options.model or WEIGHTS[family]), chosen(options.device))


def open_checker(where: str, options: ModelOptions) -> tuple[Dialect, Backend]:
    """The dialect and the backend of the model that checks: weights of a folder or name, or a server's address.

    Raises:
        ModelError: It is not available.
    """
    if where.startswith(("http://", "https://")):
        from highlights.backends.server import ServerBackend

        address, _, model = where.partition("#")
        server = ServerBackend(address, None, model=model or None)
        return server.dialect, server
    from highlights.backends.transformers import load

    weights = look_for(where)
    if weights.architecture == "molmo2":
        return MOLMO2, load("molmo2", weights, chosen(options.device))
    spoken = known.dialect_of(f"{where} {weights.name}")
    return (MARLIN if spoken is MOLMO2 else spoken), load("marlin", weights, chosen(options.device))


def model_roles(finders: Sequence[FinderName]) -> tuple[FinderName, FinderName | None] | None:
    """The model that finds events, and the one that gives a second opinion, if any; None without a model."""
    models = sorted((name for name in finders if name != "signals"), key=lambda name: name == "molmo2")
    if not models:
        return None
    return models[0], "molmo2" if "molmo2" in models[1:] else None
