"""Progress of work: one callback for a run with stages, one for a single stage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Progress = Callable[[str, float], None]
"""Called with the name of the current stage and the share of it that is done, 0..1."""

StageProgress = Callable[[float], None]
"""Called with the share of one stage that is done, 0..1. An exception that it raises stops the work."""


STAGES = {
    "fetching": "fetching the recording",
    "score graphic": "finding the score graphic",
    "key frames": "reading key frames",
    "picture": "watching and listening",
    "model": "asking the model",
    "reel": "cutting the reel",
    "clips": "cutting the clips",
    "report": "writing the report",
    "proxy": "making a copy that plays here",
}
"""What each stage does, as the label of a progress bar."""


def no_progress(stage: str, share: float) -> None:
    """A `Progress` that does nothing."""


def no_stage_progress(share: float) -> None:
    """A `StageProgress` that does nothing."""


def of_stage(progress: Progress, stage: str) -> StageProgress:
    """The progress of one stage of a run."""
    return lambda share: progress(stage, share)


Note = Callable[[str], None]
"""Called with a line for the user about what was made."""


def no_note(text: str) -> None:
    """A `Note` that does nothing."""


def of_file(on_note: Note, file: Path) -> Note:
    """Notes about one file, each begun with its name."""
    return lambda text: on_note(f"{file.name}: {text}")
