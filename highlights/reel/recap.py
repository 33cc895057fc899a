"""The recap of a match: the score, and the events with their times."""

from __future__ import annotations

from dataclasses import dataclass

from highlights.records import Event, Timeline

RECAP_TITLE = "Match recap"
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class RecapLine:
    """One event of the recap."""

    clock: str
    words: str
    score: str


@dataclass(frozen=True, slots=True)
class Recap:
    """The teams, the last score read, and the most important events in order of time."""

    teams: tuple[str, str]
    score: str
    rows: tuple[RecapLine, ...]

    @property
    def result(self) -> str:
        """Teams and score on one line, as far as they were read."""
        return f"{self.teams[0]} {self.score} {self.teams[1]}".strip() if self.score else ""


def recap_of(timeline: Timeline) -> Recap:
    """The recap of all events."""
    events = sorted(timeline.events, key=lambda event: event.peak_s)
    best = sorted(events, key=lambda event: (-event.priority, event.peak_s))[:MOST_ROWS]
    scores = [event.score for event in events if event.score]
    rows = tuple(_line(event) for event in events if event in best)
    return Recap(timeline.analysis.scoreboard.teams, scores[-1] if scores else "", rows)


def _line(event: Event) -> RecapLine:
    minutes, seconds = divmod(int(event.peak_s), 60)
    who = ", ".join(word for word in (event.player, event.team) if word not in ("", "home", "away"))
    return RecapLine(
        event.game_clock or f"{minutes}:{seconds:02d}", f"{event.title} ({who})" if who else event.title, event.score
    )
