"""The readings of the score graphic over a whole match → `Scoreboard`.

readings ──► slots, pairs (slots) ──► counters (layouts) ──► believed states (rules) ──► changes, standing scores, game clock
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from highlights.analysis.score.game_clock import GameClock, read_clock, running_clock, standing_clock
from highlights.analysis.score.layouts import ScoreSlots, counter_rules, find_counters, pinned_counters
from highlights.analysis.score.locate import Graphic
from highlights.analysis.score.names import team_names
from highlights.analysis.score.pairs import Pair
from highlights.analysis.score.rules import Observation, ScoreState, believe
from highlights.analysis.score.slots import GraphicReading, Slot, clock_as_pair, clock_slots
from highlights.profile import ScoreboardRules
from highlights.profile.rules import box_of, cells_of
from highlights.records import Box, Counter, Scoreboard, ScoreChange, ScoreReading
from highlights.spans import Span, merge

SAME_CHANGE_S = 1.0  # counters that change within this long change together (runs and overs)
AT_ONCE_S = 1.0  # more time between two readings means that the graphic was off screen
VISIBLE_GAP_S = 1.5
READING_EVERY_S = 10.0  # an unchanged score is reported this often
PERIOD_READINGS = 5  # on either side of an instant in which its period is looked for
MOST_DESIGNS = 8  # a design must account for at least 1/8 of the readings of its graphic
BESIDE_A_CLOCK = 0.3  # added to the quality of a score with a running clock beside it
LEAST_QUALITY, LEAST_NAMED_QUALITY = 2.0, 1.5  # from here two numbers look like a score, without and with names beside both
LEAST_MARGIN = 0.25  # by which they must look more like one than any others do
SECOND_GRAPHIC = 0.8  # of the best quality: from here another graphic may show the score, as in the other half


@dataclass(frozen=True, slots=True)
class GraphicScore:
    """A score found on one graphic: its slots, how much it looks like a score, and the clock beside it."""

    graphic: Graphic
    slots: ScoreSlots
    quality: float
    clock: GameClock

    @property
    def readings(self) -> Sequence[GraphicReading]:
        """All readings of the graphic."""
        return self.slots.readings

    @property
    def readable(self) -> list[int]:
        """The indices of the readings in which the score was readable."""
        return sorted(self.slots.pair.common)

    @property
    def teams(self) -> tuple[str, str]:
        """The names beside the score."""
        return team_names(self.readings, self.slots.pair)

    def visible(self) -> list[Span]:
        """When the score was on screen."""
        readings = [self.readings[i] for i in self.readable]
        return merge((Span(r.time_s, max(r.until_s, r.time_s + 0.04)) for r in readings), max_gap_s=VISIBLE_GAP_S)


def interpret(
    read: Sequence[tuple[Graphic, Sequence[GraphicReading]]], rules: ScoreboardRules, size: tuple[int, int] | None = None
) -> Scoreboard:
    """The history of the score from all graphics of a match; an empty one if none behaves like a score.

    Args:
        read: Each graphic with its readings.
        rules: How the sport counts.
        size: Width and height of the picture in pixels, for rules that pin the cells of the graphic.
    """
    scores = ranked_scores(read, rules, size)
    if not scores:
        return Scoreboard()
    doubt = doubt_of(scores)
    if doubt:
        return _unsure(scores[0], doubt)
    scores = _compatible(scores, rules)
    states = _states(scores, rules)
    if not states:
        return _unsure(scores[0], "its numbers are not clearly a score")
    best = scores[0]
    clock = GameClock(tuple(sorted(r for s in scores for r in s.clock.readings)), best.clock.way, best.clock.two_digits)
    return Scoreboard(
        boxes=tuple(box for s in scores for box in s.graphic.rows),
        teams=best.teams if rules.layout != "cricket" else ("", ""),
        readings=tuple(_readings(scores, states, clock)),
        changes=tuple(_changes(scores, states, clock)),
        visible=tuple(merge((span for s in scores for span in s.visible()), max_gap_s=VISIBLE_GAP_S)),
    )


def ranked_scores(
    read: Sequence[tuple[Graphic, Sequence[GraphicReading]]], rules: ScoreboardRules, size: tuple[int, int] | None
) -> list[GraphicScore]:
    """The scores found on all graphics, best first."""
    pinned = [counter for counter in cells_of(rules.layout) if counter in rules.cells] if size else []
    cells = {counter: box_of(rules.cells[counter], *size) for counter in pinned} if size else {}
    scores = [score for graphic, readings in read for score in _scores_of(graphic, readings, rules, cells)]
    return sorted(scores, key=lambda s: (s.slots.guessed, -s.quality, -len(s.readable)))


def _unsure(score: GraphicScore, doubt: str) -> Scoreboard:
    """No score: a wrong one would make events that did not happen, and veto others."""
    return Scoreboard(boxes=score.graphic.rows, doubt=doubt, doubt_s=round(score.readings[score.readable[-1]].time_s, 3))


def doubt_of(scores: Sequence[GraphicScore]) -> str:
    """Why the best of the scores is not surely one; empty if it is."""
    best = scores[0]
    if best.quality < (LEAST_NAMED_QUALITY if all(best.slots.pair.names) else LEAST_QUALITY) or best.slots.guessed:
        return f"it shows {_last_numbers(best.readings, best.slots.pair)}, which is not clearly the score"
    others = [s for s in scores[1:] if s.graphic is not best.graphic and not s.slots.guessed and not _apart([best], s)]
    rivals = [(best.readings, best.slots.rival, 0.0), *((s.readings, s.slots.pair, s.quality) for s in others)]
    for readings, pair, quality in rivals:
        if pair and max(quality, pair.quality) > best.quality - LEAST_MARGIN and _differ(best, readings, pair):
            one, other = _last_numbers(best.readings, best.slots.pair), _last_numbers(readings, pair)
            return f"the score may be {one} or {other}"
    return ""


def _differ(best: GraphicScore, readings: Sequence[GraphicReading], pair: Pair) -> bool:
    """Whether a pair shows other numbers than the best one."""
    return _last_numbers(best.readings, best.slots.pair) != _last_numbers(readings, pair)


def _last_numbers(readings: Sequence[GraphicReading], pair: Pair) -> str:
    """The two numbers of a pair as they were read last."""
    last = max(pair.common)
    return f"{pair.home.tokens[last].text}–{pair.away.tokens[last].text}"


def _compatible(scores: Sequence[GraphicScore], rules: ScoreboardRules) -> list[GraphicScore]:
    """The best graphic, and those of similar quality that show the same score while it is off screen."""
    chosen = [scores[0]]
    for other in scores[1:]:
        if _apart(chosen, other) and other.quality > SECOND_GRAPHIC * chosen[0].quality and _same_match(chosen, other, rules):
            chosen.append(other)
    return chosen


def _apart(scores: Sequence[GraphicScore], other: GraphicScore) -> bool:
    """Whether a score is hardly ever on screen together with the others."""
    mine, theirs = [span for score in scores for span in score.visible()], other.visible()
    shared_s = sum(a.overlap_s(b) for a in mine for b in theirs)
    return shared_s < 0.1 * sum(span.length_s for span in theirs)


def _same_match(chosen: Sequence[GraphicScore], other: GraphicScore, rules: ScoreboardRules) -> bool:
    """Whether two graphics show one score: a ticker of other results would make it fall."""
    alike = [a == b for a, b in zip(chosen[0].teams, other.teams, strict=True) if a or b]
    if other.slots.counters.keys() != chosen[0].slots.counters.keys() or (alike and not any(alike)):
        return False
    alone = sum(_falls(_states([score], rules)) for score in (*chosen, other))
    return _falls(_states([*chosen, other], rules)) <= alone


def _falls(states: Mapping[Counter, Sequence[ScoreState]]) -> int:
    return sum(new.value < old.value for chain in states.values() for old, new in pairwise(chain))


def _states(scores: Sequence[GraphicScore], rules: ScoreboardRules) -> dict[Counter, list[ScoreState]]:
    """The believed states of every counter; none for a side whose opponent has none."""
    by_counter = counter_rules(rules)
    states = {counter: believe(_observations(scores, counter), by_counter[counter]) for counter in scores[0].slots.counters}
    return {counter: chain for counter, chain in states.items() if chain and states.get(_opposite(counter), chain)}


def _opposite(counter: Counter) -> Counter:
    """The same counter of the other side; of one that belongs to no side, itself."""
    side, _, name = counter.partition("_")
    other = {"home": "away", "away": "home"}.get(side, side)
    return f"{other}_{name}" if name else other


def _scores_of(
    graphic: Graphic, readings: Sequence[GraphicReading], rules: ScoreboardRules, cells: Mapping[Counter, Box]
) -> list[GraphicScore]:
    """The scores at one place of the picture: several if the design changes during the match, as between two halves."""
    scores: list[GraphicScore] = []
    rest = list(readings)
    while len(rest) > len(readings) / MOST_DESIGNS and (score := _score_of(graphic, rest, rules, cells)):
        scores.append(score)
        common = score.slots.pair.common
        rest = [reading for i, reading in enumerate(rest) if i not in common]
    return scores


def _score_of(
    graphic: Graphic, readings: Sequence[GraphicReading], rules: ScoreboardRules, cells: Mapping[Counter, Box]
) -> GraphicScore | None:
    clock = running_clock(readings)
    if cells:
        found = [pinned_counters(readings, cells)]
    else:
        found = [find_counters(version, rules) for version in [readings, *_with_colon_scores(readings, clock)]]
    best = max((slots for slots in found if slots), key=lambda slots: slots.pair.quality, default=None)
    if best is None:
        return None
    shown = clock or standing_clock(best.readings)
    return GraphicScore(graphic, best, best.pair.quality + BESIDE_A_CLOCK * (clock is not None), read_clock(readings, shown))


def _with_colon_scores(readings: Sequence[GraphicReading], clock: Slot | None) -> list[list[GraphicReading]]:
    """The readings once for each `21:19` that does not run, with it taken for a score."""
    place = clock and (clock.row, clock.x)
    return [clock_as_pair(readings, slot) for slot in clock_slots(readings) if (slot.row, slot.x) != place]


def _observations(scores: Sequence[GraphicScore], counter: Counter) -> list[Observation]:
    return sorted((o for s in scores for o in s.slots.counters[counter].observations(s.readings)), key=lambda o: o.time_s)


def _at(states: Mapping[Counter, Sequence[ScoreState]], time_s: float) -> dict[Counter, int]:
    """The believed value of every counter at `time_s`; before the first reading, that of the first state."""
    return {
        counter: next((s.value for s in reversed(chain) if s.first_s <= time_s), chain[0].value)
        for counter, chain in states.items()
        if chain
    }


def _changes(
    scores: Sequence[GraphicScore], states: Mapping[Counter, Sequence[ScoreState]], clock: GameClock
) -> list[ScoreChange]:
    """One change for all counters that change together."""
    steps = sorted(
        ((new.first_s, old.last_s, new) for chain in states.values() for old, new in pairwise(chain)), key=lambda step: step[:2]
    )
    groups: list[list[tuple[float, float, ScoreState]]] = []
    for step in steps:
        if groups and step[0] - groups[-1][-1][0] <= SAME_CHANGE_S:
            groups[-1].append(step)
        else:
            groups.append([step])
    return [_change(group, scores, states, clock) for group in groups]


def _change(
    steps: Sequence[tuple[float, float, ScoreState]],
    scores: Sequence[GraphicScore],
    states: Mapping[Counter, Sequence[ScoreState]],
    clock: GameClock,
) -> ScoreChange:
    """One change from its steps, each `(first_s of the new state, last_s of the old one, new state)`."""
    first_new_s, last_new_s = steps[0][0], steps[-1][0]
    last_old_s = min(max(last for _, last, _ in steps), first_new_s - 0.001)
    seen = Span(max(0.0, last_old_s), first_new_s)
    shown_s = seen.end_s if seen.length_s <= AT_ONCE_S else seen.middle_s
    # a change supported by a single reading is as likely a misreading as not
    confidence = min(1 - 0.5 ** min(8.0, state.support) for _, _, state in steps)
    return ScoreChange(
        shown_s=shown_s,
        seen=seen,
        before=_at(states, last_old_s),
        after=_at(states, last_new_s),
        clock=clock.text_at(shown_s),
        period=_period(scores, shown_s),
        confidence=round(confidence, 3),
    )


def _readings(
    scores: Sequence[GraphicScore], states: Mapping[Counter, Sequence[ScoreState]], clock: GameClock
) -> list[ScoreReading]:
    """The readings to report: those with a new score, and one every `READING_EVERY_S`."""
    reported: list[ScoreReading] = []
    for reading in sorted((s.readings[i] for s in scores for i in s.readable), key=lambda r: r.time_s):
        counters = _at(states, reading.time_s)
        if reported and counters == reported[-1].counters and reading.time_s - reported[-1].time_s < READING_EVERY_S:
            continue
        clock_s = clock.at(reading.time_s)
        reported.append(
            ScoreReading(
                time_s=round(reading.time_s, 3),
                text=" | ".join(row.text for row in reading.rows),
                counters=counters,
                clock_s=None if clock_s is None else round(clock_s, 1),
                clock=clock.text_at(reading.time_s),
                period=_period(scores, reading.time_s),
            )
        )
    return reported


def _period(scores: Sequence[GraphicScore], time_s: float) -> str:
    """The period on the graphic in the last readable readings until `time_s`, or in the first ones after it."""
    for score in scores:
        until = [i for i in score.readable if score.readings[i].time_s <= time_s + 0.001]
        for i in (*reversed(until[-PERIOD_READINGS:]), *score.readable[len(until) : len(until) + PERIOD_READINGS]):
            periods = [token.text.upper() for row in score.readings[i].rows for token in row.tokens if token.kind == "period"]
            if periods:
                return periods[0]
    return ""
