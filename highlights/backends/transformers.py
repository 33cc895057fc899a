"""Runs a model in this process, by the classes that the transformers library has of its own: no code of a checkpoint is run."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from highlights.backends.local import LocalModel
from highlights.backends.machine import Device
from highlights.backends.prefix import out_of_memory
from highlights.backends.weights import Architecture, Weights
from highlights.errors import ModelError

if TYPE_CHECKING:
    import torch

ARCHITECTURE_OF: dict[str, Architecture] = {"marlin": "qwen3_5", "molmo2": "molmo2"}
LOCAL = {"local_files_only": True, "trust_remote_code": False}


def load(family: Literal["marlin", "molmo2"], weights: Weights, device: Device = "cpu", dtype: str = "") -> LocalModel:
    """The model of some weights on a device, in the fastest kind of number it computes with unless `dtype` names one.

    Raises:
        ModelError: The weights are another family's, do not fit the architecture, or memory does not suffice.
    """
    if weights.architecture != ARCHITECTURE_OF[family]:
        raise ModelError(f"{weights.folder}: is no {family}: its architecture is {weights.architecture}")
    kind = dtype or _dtype(device)
    try:
        model, processor = _loaded(weights, device, kind)
    except (OSError, ValueError, LookupError, TypeError, ImportError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and out_of_memory(error):
            raise ModelError(f"{weights.name}: memory of {device} does not suffice to load it; {LocalModel.advice}") from error
        raise ModelError(f"{weights.folder}: does not load: {_first_line(error)}") from error
    revision = f"{weights.revision[:7]}, " if weights.revision else ""
    name = f"{weights.name} ({revision}{kind} on {device})"
    return _class_of(weights)(model, processor, name, f"{weights.name} {weights.key} {kind} {device}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _class_of(weights: Weights) -> type[LocalModel]:
    from highlights.backends.molmo import MolmoModel
    from highlights.backends.qwen import QwenModel

    return QwenModel if weights.architecture == "qwen3_5" else MolmoModel


def _loaded(weights: Weights, device: Device, dtype: str) -> tuple[Any, Any]:
    import torch
    import transformers

    classes: dict[Architecture, tuple[str, str, str]] = {
        "qwen3_5": ("Qwen3_5Config", "Qwen3_5ForConditionalGeneration", "Qwen3VLProcessor"),
        "molmo2": ("Molmo2Config", "Molmo2ForConditionalGeneration", "Molmo2Processor"),
    }
    config_class, model_class, processor_class = (getattr(transformers, name) for name in classes[weights.architecture])
    processor = processor_class.from_pretrained(weights.folder, **LOCAL)
    config = config_class.from_pretrained(weights.folder, local_files_only=True)
    config.get_text_config().use_cache = True  # Marlin's says false, which is for training
    model, report = model_class.from_pretrained(
        weights.folder,
        config=config,
        dtype=getattr(torch, dtype),
        attn_implementation=_attention(device),
        use_safetensors=True,
        output_loading_info=True,
        **LOCAL,
    )
    if lost := sorted({*report["missing_keys"], *(str(key) for key in report["mismatched_keys"])}):
        some = f"{lost[0]} and {len(lost) - 1} more" if len(lost) > 1 else lost[0]
        raise ValueError(f"its weights do not fit its architecture: no {some}")
    return model.eval().to(device), processor


def _attention(device: Device) -> str:
    return "flash_attention_2" if device == "cuda" and find_spec("flash_attn") else "sdpa"


def _dtype(device: Device) -> str:
    """Half as long numbers where the device computes with them as fast or faster."""
    import torch

    if device == "cpu":
        return "bfloat16" if _cpu_has_bfloat16(torch) else "float32"
    return "bfloat16" if device == "cuda" else "float16"


def _cpu_has_bfloat16(torch_module: Any) -> bool:
    asked = [getattr(torch_module.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(ask() for ask in asked if ask)
