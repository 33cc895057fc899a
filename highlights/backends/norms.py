"""The normalisations of a Qwen3.5 as single operators: the same numbers as the library's from a fifth of its kernels.

While a model answers, one token at a time, its time is that of launching kernels. With the library's classes, a quarter of them
belong to the 79 normalisations of each token.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import rms_norm, silu


class RowNorm(nn.Module):  # type: ignore[misc]  # torch is not type-checked
    """Replaces `Qwen3_5RMSNorm`, whose weight is added to 1; that sum is computed once."""

    def __init__(self, original: Any) -> None:
        super().__init__()
        self.eps: float = original.eps
        self.scale = nn.Buffer(1.0 + original.weight.detach().float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """The normalised rows, computed in float32, in the dtype of `x`."""
        return rms_norm(x.float(), self.scale.shape, self.scale, self.eps).type_as(x)


class GatedNorm(nn.Module):  # type: ignore[misc]
    """Replaces `Qwen3_5RMSNormGated`."""

    def __init__(self, original: Any) -> None:
        super().__init__()
        self.eps: float = original.variance_epsilon
        self.weight = original.weight

    def forward(self, x: Tensor, gate: Tensor) -> Tensor:
        """The normalised rows times the gate's activation."""
        normal = rms_norm(x.float(), self.weight.shape, None, self.eps).to(x.dtype)
        return (self.weight * normal * silu(gate.float())).to(x.dtype)


REPLACED = {"Qwen3_5RMSNorm": RowNorm, "Qwen3_5RMSNormGated": GatedNorm}


def replace_norms(text: nn.Module) -> None:
    """Replace the normalisations of a text model whose weights are loaded and on their device."""
    for module in list(text.modules()):
        for name, child in list(module.named_children()):
            if replacement := REPLACED.get(type(child).__name__):
                setattr(module, name, replacement(child))
