"""`without`: keep a library from importing another one that it does not need here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def without(module: str, **attributes: object) -> Iterator[None]:
    """Meanwhile a module that is not imported yet cannot be; with `attributes`, an empty one that has these is in its place."""
    absent = module not in sys.modules
    if absent:
        stand_in = ModuleType(module) if attributes else None
        if stand_in:
            vars(stand_in).update(attributes)
        sys.modules[module] = stand_in  # type: ignore[assignment]  # None: an import fails as if it were not installed
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]
