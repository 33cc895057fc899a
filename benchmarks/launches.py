"""How many operators of torch compute something: each launches at least one kernel on a GPU, whatever the size of the model.

Views, and casts to the dtype that a tensor already has, are not counted. An operator that takes several kernels counts once, so
the count is a lower bound, and can be taken on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from highlights.backends.qwen import QwenModel
from highlights.dialects.dialect import Question
from highlights.media.footage.reader import Footage


@contextmanager
def counted(names: list[str]) -> Iterator[None]:
    """Append the names of all operators that compute something within the block, in order."""
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

    with Counting():
        yield


@dataclass(frozen=True, slots=True)
class Launches:
    """Of one window with all its questions, without its pictures: passes through the text model, and operators."""

    passes: int
    of_last_token: int
    in_all: int


def launches(model: QwenModel, footage: Footage, questions: Sequence[Question]) -> Launches:
    """The operators of questions about a window."""
    before: list[int] = []
    names: list[str] = []
    model.ask(footage, questions[:1])  # from now on, the features of its pictures are cached
    hook = model.text.register_forward_pre_hook(lambda *_: before.append(len(names)))
    with counted(names):
        model.ask(footage, questions)
    hook.remove()
    return Launches(len(before), before[-1] - before[-2], len(names))
