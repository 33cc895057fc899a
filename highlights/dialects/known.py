"""All dialects: by name, by file, and by the name of a model."""

from __future__ import annotations

from pathlib import Path

from highlights.dialects.dialect import Dialect
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2
from highlights.errors import ModelError


def dialect(name_or_path: str) -> Dialect:
    """The dialect with a name, or in a YAML file.

    Raises:
        ModelError: There is none, or the file cannot be used.
    """
    # imported late: reading files takes pydantic, which the two built-in dialects do not
    from highlights.dialects.file import builtin, load

    if name_or_path.endswith((".yaml", ".yml")):
        return load(Path(name_or_path).expanduser())
    named = {one.name: one for one in (MARLIN, MOLMO2, *builtin())}
    if name_or_path not in named:
        raise ModelError(f"dialect {name_or_path}: use {', '.join(named)}, or a YAML file (docs/models.md describes it)")
    return named[name_or_path]


def dialect_of(model: str) -> Dialect:
    """The dialect of a model, by its name or that of its weights: the one known by the longest word in it, else Marlin's."""
    from highlights.dialects.file import builtin

    name = model.casefold()
    if "molmo" in name:
        return MOLMO2
    if "marlin" in name:
        return MARLIN
    claims = [(len(word), one) for one in builtin() for word in one.known_as if word in name]
    return max(claims, key=lambda claim: claim[0])[1] if claims else MARLIN
