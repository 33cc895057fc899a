"""Many matches: a manifest, a process or a cluster task for each match, and a summary of them all.

from highlights.batch import matches_of, run_batch
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from highlights.batch.manifest import Match
    from highlights.batch.matches import matches_of
    from highlights.batch.run import run_batch
    from highlights.batch.summary import Outcome, write_summary

__all__ = ["Match", "Outcome", "matches_of", "run_batch", "write_summary"]

_HOMES = {"Match": "manifest", "matches_of": "matches", "run_batch": "run", "Outcome": "summary", "write_summary": "summary"}


def __getattr__(name: str) -> object:
    # imported on first use, as in the package itself
    if name not in _HOMES:
        raise AttributeError(f"module 'highlights.batch' has no attribute {name!r}")
    return getattr(import_module(f"highlights.batch.{_HOMES[name]}"), name)
