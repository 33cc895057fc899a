"""What the score graphic says about one kind of event → moments.

    graphic   0–0 ─────────────────── 0–0 │ 1–0 ───────────────────────────── 1–0
    claim                 ├──────────────┤          it changed, so the instant was [seen - longest delay, seen - shortest delay]
    against   ├───────────┤               ├─────────┤   it would have changed by the last look
    against, less                                   ├─────────┤   it was not looked at for long enough
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from highlights.analysis.tally import score_text
from highlights.profile import EventRule, Profile, ScoreRule
from highlights.records import Analysis, Counter, Moment, Recording, ScoreChange
from highlights.spans import Span, clock, gaps, merge

WEIGHT = 5.0  # a change of the score alone is an event: logistic(-2 + 5) = 0.95
STOOD_WEIGHT = -4.0  # a score that stood all through the time in which it would have changed outweighs the clearest roar
UNSEEN_WEIGHT = -1.5  # it stood as long as it was seen, which was not long enough to be sure
BACK_WEIGHT = -10.0  # taken back by the referee: outweighs a change of the score, a roar and a replay together
BACK_WITHIN_S = 600.0  # later than that a falling score is another match or a slip of the reader, not a referee's word
TYPICAL = 1 / 3  # of the way from the shortest delay of a graphic to the longest: most come early, a few come late
AT_ONCE_S = 1.0  # a longer spell between two looks means that the graphic was out of sight
TO_REPLAY_S = 5.0  # television stays live for about this long after the instant before it shows it again
NEXT_ANGLE_S = 2.0  # replays no further apart than this are of one instant
SHORTEST_S = 0.1

@dataclass(frozen=True, slots=True)
class _Score:
    """What the score graphic says about one kind of event."""

    rule: EventRule
    score: ScoreRule
    profile: Profile
    analysis: Analysis
    recording: Recording

    @property
    def counters(self) -> tuple[Counter, ...]:
        """The counters that the rule speaks of: `score` is `home` and `away`, `points` is `home_points`, ..., `runs` is `runs`."""
        name = self.score.counter
        return ("home", "away") if name == "score" else (f"home_{name}", f"away_{name}", name)

    def moments(self) -> Iterator[Moment]:
        """A claim for each growth that is this event, what takes it back, and where the score stood."""
        back_s = self._taken_back()
        for number, change in enumerate(self.board.changes):
            for counter in self._moved(change):
                times = self._times(change.grown(counter))
                for time in range(times):
                    yield self._changed(change, counter, after=_stepwise(change, counter, time + 1, times))
                if times and (number, counter) in back_s:
                    because = f"taken back at {clock(back_s[number, counter])}, when the score fell again"
                    yield self._against(self._window(change), self._instant(change), BACK_WEIGHT, because)
        yield from self._stood()

    def _moved(self, change: ScoreChange) -> list[Counter]:
        """The counters of this rule that changed from one known value to another."""
        return [c for c in self.counters if c in change.before and c in change.after and change.grown(c)]

    def _times(self, grown: int) -> int:
        """How often the event happened at least, when a counter grew by so much."""
        if grown in self.score.by:
            return 1
        steps = self.profile.scoreboard.steps.get(self.score.counter, ())
        if grown <= 0 or not set(steps) <= set(self.score.by):
            return 0
        # nothing else moves the counter, so out of sight it happened several times
        return ceil(grown / max(self.score.by))

    def _changed(self, change: ScoreChange, counter: Counter, after: dict[Counter, int]) -> Moment:
        side = counter.split("_")[0]
        team = {"home": self.board.teams[0] or "home", "away": self.board.teams[1] or "away"}.get(side, "")
        before, shown = score_text(change.before), score_text(change.after)
        return Moment(
            event=self.rule.name,
            span=self._window(change),
            peak_s=self._instant(change),
            signal="score",
            weight=round(SCORE_WEIGHT * change.confidence, 3),
            because=f"the score went from {before} to {shown} on the graphic at {clock(change.shown_s)}",
            team=team,
            score=score_text(after),
        )

    def _window(self, change: ScoreChange) -> Span:
        """Where the instant behind a change can be; not in the replay that kept the graphic away."""
        least_s, most_s = self.score.shown_after_s
        window = _stretch(change.seen.start_s - most_s, change.seen.end_s - least_s, self.recording)
        if change.seen.length_s <= AT_ONCE_S:
            return window
        over = next((row for row in self._rows() if row.start_s < window.end_s <= row.end_s), None)
        live = None if over is None else window.clamp(Span(0.0, max(SHORTEST_S, over.start_s)))
        return live or window

    def _instant(self, change: ScoreChange) -> float:
        """The best guess from the change alone: a typical delay earlier, and live."""
        least_s, most_s = self.score.shown_after_s
        window = self._window(change)
        peak_s = change.shown_s - least_s - TYPICAL * (most_s - least_s)
        for row in reversed(self._rows()):
            if row.holds(peak_s):
                peak_s = row.start_s - TO_REPLAY_S
        return round(min(max(peak_s, window.start_s), max(window.start_s, window.end_s - 0.001)), 3)

    def _rows(self) -> list[Span]:
        return merge((replay.span for replay in self.analysis.replays), max_gap_s=NEXT_ANGLE_S)

    def _taken_back(self) -> dict[tuple[int, Counter], float]:
        """Changes that a later one undid, by their number and counter, with the time of the later one."""
        if self.profile.scoreboard.layout in ("tennis", "sets") and self.score.counter != "sets":
            return {}  # points start again with every game, and an advantage is lost by falling back
        undone: dict[tuple[int, Counter], float] = {}
        for counter in self.counters:
            grown: list[int] = []
            for number, change in enumerate(self.board.changes):
                if counter not in self._moved(change):
                    continue
                if change.grown(counter) > 0:
                    grown.append(number)
                elif grown:
                    last = self.board.changes[earlier := grown.pop()]
                    back = change.after[counter] == last.before[counter] and change.before[counter] == last.after[counter]
                    if back and change.shown_s - last.shown_s <= BACK_WITHIN_S:
                        undone[earlier, counter] = change.shown_s
        return undone

    def _stood(self) -> Iterator[Moment]:
        """Where the graphic is known not to have told of the event, so that it cannot have happened."""
        if not self.board.visible:
            return
        first_s, last_s = self.board.visible[0].start_s, self.board.visible[-1].end_s
        surely_s = last_s - self.score.shown_after_s[1]
        possible = [self._whole_window(change) for change in self.board.changes if self._may_be(change)]
        told = f"the score graphic told of no {self.rule.title.lower()}"
        if surely_s - first_s >= SHORTEST_S:
            for span in gaps(possible, Span(first_s, surely_s)):
                because = f"{told} from {clock(span.start_s)} to {clock(span.end_s + self.score.shown_after_s[1])}"
                yield self._against(span, span.middle_s, STOOD_WEIGHT, because)
        # an instant just before the last look, or after it, can't be told: believe the crowd less than without a graphic
        start_s = max(first_s, surely_s)
        if self.recording.duration_s - start_s >= SHORTEST_S:
            for span in gaps(possible, Span(start_s, self.recording.duration_s)):
                because = f"{told} by {clock(last_s)}, when it was last seen"
                yield self._against(span, span.middle_s, UNSEEN_WEIGHT, because)

    def _whole_window(self, change: ScoreChange) -> Span:
        least_s, most_s = self.score.shown_after_s
        return _stretch(change.seen.start_s - most_s, change.seen.end_s - min(least_s, AT_ONCE_S), self.recording)

    def _may_be(self, change: ScoreChange) -> bool:
        """Whether this event can be behind a change: its own step, or several at once that nobody can tell apart."""
        steps = self.profile.scoreboard.steps.get(self.score.counter, ())
        return any(grown in self.score.by or (grown > 0 and grown not in steps) for grown in map(change.grown, self._moved(change)))

    def _against(self, span: Span, peak_s: float, weight: float, because: str) -> Moment:
        return Moment(self.rule.name, span, peak_s, "score", weight, because)


def _stepwise(change: ScoreChange, counter: Counter, time: int, times: int) -> dict[Counter, int]:
    """All counters after one of several equal steps of a counter."""
    return change.after | {counter: change.before[counter] + change.grown(counter) * time // times}


def _stretch(start_s: float, end_s: float, recording: Recording) -> Span:
    """Start and end moved into the recording, never nearer than `SHORTEST_S`."""
    start_s = max(0.0, min(start_s, recording.duration_s - SHORTEST_S))
    return Span(start_s, max(start_s + SHORTEST_S, min(end_s, recording.duration_s)))


