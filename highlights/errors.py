"""Every error raised on purpose.

    HighlightsError              one line: where, what is wrong, what to do
    ├── ProfileError             an event profile that cannot be used   (path, line)
    ├── RecordingError           a recording that cannot be read        (path)
    ├── TimelineError            a timeline or truth file that cannot be used (path)
    ├── FormatError              another program's file that cannot be used, or a format that cannot hold this (path)
    ├── DecisionError            a change of a timeline that is invalid
    ├── ModelError               a model that is missing or cannot run
    ├── RenderError              a reel that cannot be made
    ├── ClusterError             a cluster that cannot be reached, or lacks what the work needs
    └── OutputError              a file or folder that cannot be written (path)

Misuse of a function is `ValueError` and is never caught.

Exit codes: 0 done, 1 one of these errors, 2 wrong usage, 3 a batch is done but with warnings.
"""

from __future__ import annotations

from pathlib import Path

WITH_WARNINGS = 3
"""Exit code of a batch whose matches are all done, some from recordings of which a part could not be used."""


class HighlightsError(Exception):
    """Base of all errors that a user can do something about."""


class RecordingError(HighlightsError):
    """A recording that cannot be read: which file, what is wrong with it, what to do."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = Path(path)
        self.problem = problem


class ProfileError(HighlightsError):
    """All faults of one event profile, one per line as `file:line: what is wrong`.

    A fault on line 0 concerns the whole file and is shown without a line. `also` are the faults of the profiles it extends.
    """

    def __init__(self, path: Path | str, faults: list[tuple[int, str]], also: tuple[ProfileError, ...] = ()) -> None:
        own = [f"{path}:{line}: {problem}" if line else f"{path}: {problem}" for line, problem in faults]
        super().__init__("\n".join([*own, *map(str, also)]))
        self.path = Path(path)
        self.faults = faults
        self.also = also


class TimelineError(HighlightsError):
    """A timeline or truth file that cannot be used."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = Path(path)


class FormatError(HighlightsError):
    """A file of another program that cannot be read, or a match that a format cannot hold; `place` is a line or an entry."""

    def __init__(self, path: Path | str, problem: str, place: str = "") -> None:
        super().__init__(f"{path}: {place}: {problem}" if place else f"{path}: {problem}")
        self.path = Path(path)
        self.place = place


class DecisionError(HighlightsError):
    """A change of a timeline that is invalid: an event that does not exist, a clip outside the recording."""


class ModelError(HighlightsError):
    """A model that is missing, does not load, or does not answer."""


class RenderError(HighlightsError):
    """A reel or clip that cannot be made; `command` is the external command that failed, if any."""

    def __init__(self, problem: str, command: str = "") -> None:
        super().__init__(problem)
        self.command = command


class ClusterError(HighlightsError):
    """A cluster that cannot be reached, or lacks what the work needs."""


class OutputError(HighlightsError):
    """A file or folder that cannot be written."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = Path(path)
        self.problem = problem
