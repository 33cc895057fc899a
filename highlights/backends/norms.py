"""The normalisations of a Qwen3.5 as single operators: the same numbers as the library's from a fifth of its kernels.

While a model answers, one token at a time, its time is that of launching kernels. With the library's functions, a quarter of
them belong to the 79 normalisations of each token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def single_norms(text: Any) -> None:
    """Let a text model, its weights loaded and on their device, normalise with single operators."""
    for module in text.modules():
        if replacement := REPLACED.get(type(module).__name__):
            module.forward = replacement(module)


def _row_norm(module: Any) -> Callable[[Tensor], Tensor]:
    """Computes in float32. The weight is added to 1; that sum is computed once."""
    from torch.nn.functional import rms_norm

    scale = 1.0 + module.weight.detach().float()
    return lambda x: rms_norm(x.float(), scale.shape, scale, module.eps).type_as(x)


def _gated_norm(module: Any) -> Callable[[Tensor, Tensor], Tensor]:
    """Computes in float32, rounded before the weight; then times the gate's activation."""
    from torch.nn.functional import rms_norm, silu

    weight, eps = module.weight.detach(), module.variance_epsilon

    def forward(x: Tensor, gate: Tensor) -> Tensor:
        normal = rms_norm(x.float(), weight.shape, None, eps).to(x.dtype)
        return (weight * normal * silu(gate.float())).to(x.dtype)

    return forward


REPLACED: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "Qwen3_5RMSNorm": _row_norm,
    "Qwen3_5RMSNormGated": _gated_norm,
}
"""By the name of the class in transformers."""
