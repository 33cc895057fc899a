"""How many operators of torch compute something: each launches at least one kernel on a GPU, whatever the size of the model.

Views, and casts to the dtype that a tensor already has, are not counted. An operator that takes several kernels counts once, so
the count is a lower bound, and can be taken on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def counted() -> Iterator[list[str]]:
    """The names of all operators that compute something within the block, in order."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counting(TorchDispatchMode):  # type: ignore[misc]  # torch is not type-checked
        def __torch_dispatch__(self, operator: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = operator(*args, **(kwargs or {}))
            same_memory = _places(result) <= _places((args, kwargs))
            if operator._schema.is_mutable or not (same_memory or "empty" in str(operator)):
                names.append(str(operator))
            return result

    def _places(value: Any) -> set[int]:
        if isinstance(value, torch.Tensor):
            return {value.untyped_storage().data_ptr()}
        if isinstance(value, dict):
            value = list(value.values())
        return set().union(*map(_places, value)) if isinstance(value, list | tuple) else set()

    names: list[str] = []
    with Counting():
        yield names
