"""The evidence of the score graphic for one kind of event → moments.

    graphic            0–0 ──────────── 0–0│1–0 ──────────────────────────── 1–0
    for                     ├───────────┤           it changed: the instant was earlier by the shortest to the longest delay
    against            ├────┤              ├─────────────────┤      it would have changed by the last reading
    against, a little                                        ├──────────────────┤   it was not read for long enough

The delays are those of the profile: `shown_after_s` (least, most).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from highlights.analysis.score.notation import score_text
from highlights.finders.instant import Broadcast, Delay, learned
from highlights.profile import EventRule, Profile, ScoreRule
from highlights.records import Analysis, Counter, Moment, Recording, ScoreChange
from highlights.spans import Span, clock, gaps

WEIGHT = 5.0  # a change of the score alone is an event: logistic(-2 + 5) = 0.95
STOOD_WEIGHT = -4.0  # a score unchanged for all the time in which it would have changed outweighs the clearest roar
UNSEEN_WEIGHT = -1.5  # it was unchanged while visible, but not for long enough to be sure
BACK_WEIGHT = -10.0  # taken back by the referee: outweighs a change of the score, a roar and a replay together
BACK_WITHIN_S = 600.0  # later than this a falling score is another match or a misreading, not a decision of the referee
SHORTEST_S = 0.1


@dataclass(frozen=True, slots=True)
class ScoreSignal:
    """The score graphic as evidence for and against the events of one rule; `beside` are the moments of its other signals."""

    rule: EventRule
    score: ScoreRule
    profile: Profile
    analysis: Analysis
    recording: Recording
    broadcast: Broadcast
    beside: Sequence[Moment] = ()

    def moments(self) -> Iterator[Moment]:
        """A claim for each growth that is this event, a counterclaim where it is taken back or the score stays the same."""
        back = self._taken_back()
        delay = self._delay()
        for number, change in enumerate(self.analysis.scoreboard.changes):
            for counter in self._moved(change):
                times = self._times(change.grown(counter))
                yield from self._claims(change, counter, times, delay)
                if times and (number, counter) in back:
                    because = f"taken back {_when(back[number, counter])}, when the score fell again"
                    yield self._against(self._window(change), BACK_WEIGHT, because)
        yield from self._stood()

    @property
    def _counters(self) -> tuple[Counter, ...]:
        """The rule's counters: `score` is `home` and `away`, `points` is `home_points` and `away_points`, `runs` is itself."""
        name = self.score.counter
        return ("home", "away") if name == "score" else (f"home_{name}", f"away_{name}", name)

    @property
    def _steps(self) -> tuple[int, ...]:
        """By how much the counter may grow at once in this sport, by any event."""
        return self.profile.scoreboard.steps.get(self.score.counter, ())

    def _moved(self, change: ScoreChange) -> list[Counter]:
        """The counters of this rule that went from one known value to another."""
        return [c for c in self._counters if c in change.before and c in change.after and change.grown(c)]

    def _times(self, grown: int) -> int:
        """How many events, at least, explain a growth of a counter; 0 if it is not this event."""
        if grown in self.score.by:
            return 1
        if grown < 0 or not set(self._steps) <= set(self.score.by):
            return 0
        # nothing else changes the counter, so it happened several times while the graphic was hidden
        return ceil(grown / max(self.score.by))

    def _delay(self) -> Delay:
        """How long the graphic takes for this event, in this match if its roars show it."""
        mine = (c for c in self.analysis.scoreboard.changes if any(self._times(c.grown(name)) for name in self._moved(c)))
        return learned(self.score, mine, [moment for moment in self.beside if moment.signal == "crowd"])

    def _claims(self, change: ScoreChange, counter: Counter, times: int, delay: Delay) -> Iterator[Moment]:
        """The claims of the events, as many as `times`, behind one change."""
        board, window = self.analysis.scoreboard, self._window(change)
        how = "while the graphic was hidden," if change.hidden else "on the graphic"
        because = f"the score went from {score_text(change.before)} to {score_text(change.after)} {how} {_when(change)}"
        sides = sum(self._times(change.grown(other)) > 0 for other in self._moved(change))
        mixed = sides > 1 or (times > 1 and len(self.score.by) > 1)
        because += "; the scores in between are unknown" if mixed else ""
        instants = self.broadcast.likeliest(window, change.seen, delay, self.rule, self.beside, times) if times else []
        for time, peak_s in enumerate(instants, 1):
            reached = change.before[counter] + change.grown(counter) * time // times
            between = f"{score_text(change.before)} → {score_text(change.after)}"
            yield Moment(
                event=self.rule.name,
                span=window,
                peak_s=peak_s,
                signal="score",
                weight=round(WEIGHT * change.confidence, 3),
                because=because,
                team={"home": board.teams[0] or "home", "away": board.teams[1] or "away"}.get(counter.split("_")[0], ""),
                score=between if mixed else score_text(change.after | {counter: reached}),
            )

    def _window(self, change: ScoreChange) -> Span:
        """Where the instant behind a change can be."""
        least_s, most_s = self.score.shown_after_s
        return clamped(change.seen.start_s - most_s, change.seen.end_s - least_s, self.recording)

    def _taken_back(self) -> dict[tuple[int, Counter], ScoreChange]:
        """The changes undone by a later one, by their number and counter, with the later one."""
        if self.profile.scoreboard.layout in ("tennis", "sets") and self.score.counter != "sets":
            return {}  # points restart with every game, and losing an advantage makes them fall
        return {(number, c): later for c in self._counters for number, later in self._undone(c)}

    def _undone(self, counter: Counter) -> Iterator[tuple[int, ScoreChange]]:
        """Each growth of a counter that is undone by its next fall: its number, and the fall."""
        changes = self.analysis.scoreboard.changes
        grown: list[int] = []
        for number, change in enumerate(changes):
            if counter not in self._moved(change):
                continue
            if change.grown(counter) > 0:
                grown.append(number)
            elif grown:
                last = changes[earlier := grown.pop()]
                if change.after[counter] == last.before[counter] and change.shown_s - last.shown_s <= BACK_WITHIN_S:
                    yield earlier, change

    def _stood(self) -> Iterator[Moment]:
        """Where the graphic shows no such event, so that it can't have happened; less certain after the last readings."""
        visible = self.analysis.scoreboard.visible
        if not visible:
            return
        first_s, last_s, most_s = visible[0].start_s, visible[-1].end_s, self.score.shown_after_s[1]
        possible = [self._possible(change) for change in self.analysis.scoreboard.changes if self._may_be(change)]
        none = f"the score graphic told of no {self.rule.title.lower()}"
        for span in _free(possible, first_s, last_s - most_s):
            because = f"{none} from {clock(span.start_s)} to {clock(span.end_s + most_s)}"
            yield self._against(span, STOOD_WEIGHT, because)
        for span in _free(possible, max(first_s, last_s - most_s), self.recording.duration_s):
            yield self._against(span, UNSEEN_WEIGHT, f"{none} by {clock(last_s)}, when it was last seen")

    def _possible(self, change: ScoreChange) -> Span:
        """From the first instant that can be behind a change to the change itself, in case the graphic was quick."""
        return clamped(change.seen.start_s - self.score.shown_after_s[1], change.seen.end_s, self.recording)

    def _may_be(self, change: ScoreChange) -> bool:
        """Whether this event can be behind a change: its own step, or several steps at once that can't be separated."""
        growths = [change.grown(counter) for counter in self._moved(change)]
        return any(grown in self.score.by or (grown > 0 and grown not in self._steps) for grown in growths)

    def _against(self, span: Span, weight: float, because: str) -> Moment:
        return Moment(self.rule.name, span, span.middle_s, "score", weight, because)


def _when(change: ScoreChange) -> str:
    """When the score changed, in words; a graphic that was hidden meanwhile has no instant to name."""
    first, last = clock(change.seen.start_s), clock(change.seen.end_s)
    return f"between {first} and {last}" if change.hidden and first != last else f"at {clock(change.shown_s)}"


def _free(taken: list[Span], start_s: float, end_s: float) -> list[Span]:
    """The time from start to end not covered by any span."""
    return gaps(taken, Span(start_s, end_s)) if end_s - start_s >= SHORTEST_S else []


def clamped(start_s: float, end_s: float, recording: Recording) -> Span:
    """The span clamped to the recording; never shorter than `SHORTEST_S`."""
    start_s = max(0.0, min(start_s, recording.duration_s - SHORTEST_S))
    return Span(start_s, max(start_s + SHORTEST_S, min(end_s, recording.duration_s)))
