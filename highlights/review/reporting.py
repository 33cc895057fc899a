"""A match report pasted into the review page: one decision, which can be undone as any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from highlights.choices import Times
from highlights.match_report.anchors import read_anchors
from highlights.match_report.apply import Applied, apply
from highlights.match_report.game_times import KickOff
from highlights.match_report.lines import of_text
from highlights.records import Timeline
from highlights.review.session import Session

PASTED = Path("report")
"""What a report without a file is called in errors."""


def take_over(session: Session, revision: int, text: str, kick_offs: Sequence[KickOff], times: Times) -> Applied:
    """Take over the events of a report, and return what became of each line.

    Raises:
        StaleError: `revision` is outdated.
        HighlightsError: the report cannot be used; nothing has changed.
    """
    applied: list[Applied] = []

    def change(timeline: Timeline) -> Timeline:
        lines = of_text(text, PASTED, session.profile, timeline.analysis.scoreboard.teams)
        applied.append(apply(timeline, session.profile, lines, read_anchors(timeline.recording, kick_offs, times)))
        return applied[-1].timeline

    session.decide(revision, lambda timeline: "take over a match report", change)
    return applied[-1]


def as_json(applied: Applied) -> dict[str, object]:
    """What became of a report, for the page."""
    return {"lines": [asdict(line) for line in applied.lines], "notes": list(applied.notes)}
