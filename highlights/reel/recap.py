"""What a match came to: the score, and what happened when."""

from __future__ import annotations

from dataclasses import dataclass

from highlights.records import Event, Timeline

RECAP_TITLE = "Match recap"
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what happened."""

    clock: str
    words: str
    score: str


@dataclass(frozen=True, slots=True)
class Recap:
    """The teams, the last score that is known, and the most important events in their order."""

    teams: tuple[str, str]
    score: str
    rows: tuple[Row, ...]

    @property
    def result(self) -> str:
        """Teams and score on one line, as much of it as is known."""
        return f"{self.teams[0]} {self.score} {self.teams[1]}".strip() if self.score else ""


def recap_of(timeline: Timeline) -> Recap:
    """The recap of all events that count."""
    events = sorted(timeline.events, key=lambda event: event.peak_s)
    best = sorted(events, key=lambda event: (-event.priority, event.peak_s))[:MOST_ROWS]
    scores = [event.score for event in events if event.score]
    rows = tuple(_row(event) for event in events if event in best)
    return Recap(timeline.analysis.scoreboard.teams, scores[-1] if scores else "", rows)


def _row(event: Event) -> Row:
    minutes, seconds = divmod(int(event.peak_s), 60)
    who = ", ".join(word for word in (event.player, event.team) if word not in ("", "home", "away"))
    return Row(event.game_clock or f"{minutes}:{seconds:02d}", f"{event.title} ({who})" if who else event.title, event.score)
