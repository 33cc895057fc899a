"""Score and game clock: what the program knows at each second of the score graphic, and its single readings, against truth.

    graphic   ├──────────────────────────┤      on screen, as marked
    truth     1–0 ───────────┬ 1–1 ──────
    known         1–0 ─────────┬ 1–1 ────       the first score read, then its changes
    second    missed  right    wrong  right

Conventions: one look at the middle of every whole second in which the graphic is on screen; where a person read the graphic at
certain times instead (`readings`), those are the looks. A score is right if every number that the truth gives is right, a clock
if it is at most `CLOCK_OFF_S` off. A second is *missed* if the program knows nothing there. Two seconds after a true change
the old score is not wrong yet: nothing is judged there. A single reading is judged by the truth at its own time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from highlights.analysis.score.game_clock import GameClock
from highlights.evaluation.instants import Measure
from highlights.evaluation.truth import Look, Score, Truth
from highlights.records import Scoreboard, ScoreChange, Timeline
from highlights.spans import Span

SCORE_CHANGES = "score changes"
SCORE_TOLERANCE_S = 2.0
CLOCK_OFF_S = 1.5  # a clock shows whole seconds and is read between frames


@dataclass(frozen=True, slots=True)
class Counts:
    """Looks that are right, wrong or missed; single readings that are right, of those that can be judged."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    readings: int = 0
    readings_right: int = 0

    @property
    def looks(self) -> int:
        """All that were judged."""
        return self.right + self.wrong + self.missed

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in Counts.__slots__))


@dataclass(frozen=True, slots=True)
class Readings:
    """The score and the clock of one match or many; `by_second`: looks are seconds of the graphic, not a person's readings."""

    score: Counts | None
    clock: Counts | None
    by_second: bool


def score_changes(timeline: Timeline, changes: Sequence[tuple[float, Score]]) -> Measure:
    """The value must be exact, and the true time near the span in which the change was `seen`.

    That span is as short as the distance of two readings, unless the graphic was hidden; then it cannot be narrowed down.
    """
    pairs = _paired_changes(timeline, changes)
    errors = tuple(round(found.shown_s - time_s, 3) for (time_s, _), found in pairs if found)
    found = len(timeline.analysis.scoreboard.changes)
    return Measure(SCORE_CHANGES, len(changes), found, len(errors), SCORE_TOLERANCE_S, errors)


def wrong_changes(
    timeline: Timeline, changes: Sequence[tuple[float, Score]]
) -> tuple[list[tuple[float, Score]], list[ScoreChange]]:
    """The true changes that were missed, and the found ones that are none."""
    pairs = _paired_changes(timeline, changes)
    right = [found for _, found in pairs if found]
    return [true for true, found in pairs if found is None], [
        change for change in timeline.analysis.scoreboard.changes if not any(change is one for one in right)
    ]


def _paired_changes(
    timeline: Timeline, changes: Sequence[tuple[float, Score]]
) -> list[tuple[tuple[float, Score], ScoreChange | None]]:
    """Each true change with the found one that it is."""
    left, pairs = list(timeline.analysis.scoreboard.changes), []
    for time_s, counters in changes:
        same = [c for c in left if counters.items() <= c.after.items() and _away_s(c.seen, time_s) <= SCORE_TOLERANCE_S]
        best = min(same, key=lambda c: abs(c.shown_s - time_s), default=None)
        left = [change for change in left if change is not best]
        pairs.append(((time_s, counters), best))
    return pairs


def _away_s(span: Span, time_s: float) -> float:
    """Seconds from an instant to a span, 0 inside it."""
    return max(0.0, span.start_s - time_s, time_s - span.end_s)


def judge(timeline: Timeline, truth: Truth) -> Readings | None:
    """The readings of a match; None if neither score nor clock were marked."""
    scores, clocks = _TrueScore(truth), _TrueClock(truth)
    if not (scores.marked or clocks.marked):
        return None
    board = timeline.analysis.scoreboard
    by_second = truth.looks is None
    seconds = list(_seconds(truth, timeline)) if truth.looks is None else []
    known_score, known_clock = KnownScore(board), GameClock.of(board)

    def score(looks: Sequence[Look]) -> Counts:
        counts = _counted([(look.score, known_score.at(look.time_s)) for look in looks if look.score], _same_score)
        told = [(right, reading.counters) for reading in board.readings if (right := scores.at(reading.time_s))]
        return counts + _single(told, _same_score)

    def clock(looks: Sequence[Look]) -> Counts:
        pairs = [(look.clock_s, known_clock.at(look.time_s)) for look in looks if look.clock_s is not None]
        told = [
            (right, r.clock_s) for r in board.readings if r.clock_s is not None and (right := clocks.at(r.time_s)) is not None
        ]
        return _counted(pairs, _same_clock) + _single(told, _same_clock)

    looks = truth.looks or [Look(at_s, scores.at(at_s) or {}, clocks.at(at_s)) for at_s in seconds]
    return Readings(score(looks) if scores.marked else None, clock(looks) if clocks.marked else None, by_second)


def pooled(readings: Sequence[Readings]) -> Readings | None:
    """Those of several matches as of one; None without any."""
    if not readings:
        return None
    scores = [one.score for one in readings if one.score]
    clocks = [one.clock for one in readings if one.clock]
    by_second = all(one.by_second for one in readings)
    return Readings(sum(scores, Counts()) if scores else None, sum(clocks, Counts()) if clocks else None, by_second)


def _seconds(truth: Truth, timeline: Timeline) -> Iterator[float]:
    """The middle of every whole second in which the graphic is on screen; of the whole match, where that was not marked."""
    for span in (timeline.recording.span,) if truth.graphic is None else truth.graphic:
        for second in range(int(-(-span.start_s // 1)), int(min(span.end_s, timeline.recording.duration_s) // 1)):
            yield second + 0.5


def _counted(pairs: Sequence[tuple[object, object]], same: Callable[[object, object], bool]) -> Counts:
    """Looks (true, known), of which those without a known value are missed."""
    missed = sum(known is None for _, known in pairs)
    right = sum(known is not None and same(true, known) for true, known in pairs)
    return Counts(right, len(pairs) - missed - right, missed)


def _single(pairs: Sequence[tuple[object, object]], same: Callable[[object, object], bool]) -> Counts:
    return Counts(readings=len(pairs), readings_right=sum(same(true, read) for true, read in pairs))


def _same_score(true: object, known: object) -> bool:
    assert isinstance(true, Mapping) and isinstance(known, Mapping)  # noqa: PT018
    return true.items() <= known.items()


def _same_clock(true: object, known: object) -> bool:
    assert isinstance(true, float) and isinstance(known, float)  # noqa: PT018
    return abs(true - known) <= CLOCK_OFF_S


class _TrueScore:
    """The score by the truth, at any time after the first one known."""

    def __init__(self, truth: Truth) -> None:
        changes = sorted(truth.score_changes or (), key=lambda change: change[0])
        start = [(0.0, truth.score_at_start)] if truth.score_at_start else []
        self._steps = [*start, *changes]
        self._changed_s = [time_s for time_s, _ in changes]
        self._looks = {look.time_s: look.score for look in truth.looks or () if look.score}
        self.marked = bool(self._looks) or (truth.looks is None and bool(start))

    def at(self, time_s: float) -> Score | None:
        """The score; None if it is unknown, or has just changed."""
        index = bisect_right(self._steps, time_s, key=lambda step: step[0])
        just = any(0 <= time_s - changed_s < SCORE_TOLERANCE_S for changed_s in self._changed_s[max(0, index - 2) : index])
        return None if just or not index else self._steps[index - 1][1]


class _TrueClock:
    """The game clock by the truth."""

    def __init__(self, truth: Truth) -> None:
        self._pieces = sorted(truth.clock or (), key=lambda piece: piece.time_s)
        hand_read = any(look.clock_s is not None for look in truth.looks or ())
        self.marked = hand_read or (truth.looks is None and bool(self._pieces))

    def at(self, time_s: float) -> float | None:
        """The clock in seconds; None before the first piece."""
        index = bisect_right(self._pieces, time_s, key=lambda piece: piece.time_s)
        return self._pieces[index - 1].at(time_s) if index else None


class KnownScore:
    """The score by the timeline: the first one read, then its changes."""

    def __init__(self, board: Scoreboard) -> None:
        changes = [(change.shown_s, change.after) for change in board.changes]
        first = board.readings[0] if board.readings else None
        start = [(first.time_s, first.counters)] if first and (not changes or first.time_s < changes[0][0]) else []
        self._steps = [*start, *changes]

    def at(self, time_s: float) -> Score | None:
        """The score at a time; None before the first reading."""
        index = bisect_right(self._steps, time_s, key=lambda step: step[0])
        return self._steps[index - 1][1] if index else None
