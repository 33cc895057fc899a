"""Exports for other programs, written to the opened folder and downloaded from there."""

from __future__ import annotations

from dataclasses import dataclass

from highlights.errors import DecisionError
from highlights.export import formats
from highlights.export.cut_list import Of
from highlights.review.session import Session

TITLES = {
    "otio": "OpenTimelineIO (Resolve, Premiere, …)",
    "fcpxml": "Final Cut Pro (FCPXML)",
    "premiere": "Premiere Pro (FCP 7 XML)",
    "edl": "Edit decision list (CMX 3600)",
    "losslesscut": "LosslessCut project",
    "losslesscut-csv": "LosslessCut CSV",
    "sportscode": "Sportscode XML",
    "longomatch": "LongoMatch CSV",
    "soccernet": "SoccerNet labels",
    "soccernet-spotting": "SoccerNet spotting results",
    "webvtt": "Subtitles (WebVTT)",
    "srt": "Subtitles (SRT)",
    "youtube": "YouTube chapters",
    "ffmetadata": "FFmpeg chapters",
    "csv": "Table of events (CSV)",
    "json": "Timeline (JSON)",
    "html": "Report (HTML)",
}
OFFERED = tuple(format_ for format_ in formats.TABLE if not format_.folder)
"""What can be downloaded: single files."""
SUFFIXES = frozenset({".mp4", ".gif", ".webp", ".jpg", *(format_.suffix for format_ in OFFERED)})


@dataclass(frozen=True, slots=True)
class OfferedFormat:
    """One format on the page."""

    name: str
    title: str
    suffix: str
    kinds: tuple[Of, ...]

    def as_json(self) -> dict[str, object]:
        """The format for the page."""
        return {"name": self.name, "title": self.title, "extension": self.suffix, "kinds": list(self.kinds)}


FORMATS = tuple(
    OfferedFormat(format_.name, TITLES.get(format_.name, format_.name), format_.suffix, format_.kinds) for format_ in OFFERED
)


def hand_over(session: Session, name: str, of: Of | None) -> tuple[str, tuple[str, ...]]:
    """Export the timeline into the folder, and return the file's name and notes for the user.

    Raises:
        DecisionError: there is no such format.
        FormatError: it cannot hold this match.
        OutputError: the file cannot be written.
    """
    if name not in (format_.name for format_ in OFFERED):
        raise DecisionError(f"unknown format {name[:40]!r}")
    target = session.folder / _file_name(name, of)
    chosen = formats.choice(name, of, None, target)
    return target.name, formats.export(session.timeline, chosen, target, session.folder / "reel.mp4")


def _file_name(name: str, of: Of | None) -> str:
    """`timeline.fcpxml`, `reel.srt`; the format is part of the name if its suffix is ambiguous."""
    chosen = formats.FORMATS[name]
    stem = "reel" if (of or chosen.kinds[0]) == "reel" else "timeline"
    alone = sum(format_.suffix == chosen.suffix for format_ in OFFERED) == 1
    plain = alone or name in ("csv", "json")
    return "report.html" if name == "html" else f"{stem}{chosen.suffix}" if plain else f"{stem}-{name}{chosen.suffix}"
