"""What the score graphic told, over a whole match: looks at the graphic → `Scoreboard`.

looks ──► slots (score_slots) ──► pairs that behave like a score ──► believed states (score_rules) ──► changes, readings
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from highlights.analysis.score.game_clock import GameClock, read_clock, running_clock
from highlights.analysis.score.layouts import Counted, counter_rules, find_counters
from highlights.analysis.score.locate import Graphic
from highlights.analysis.score.rules import Observation, State, believe
from highlights.analysis.score.slots import Look, Slot, clock_as_pair, clock_slots, team_names
from highlights.profile import ScoreboardRules
from highlights.records import Counter, Scoreboard, ScoreChange, ScoreReading
from highlights.spans import Span, merge

SAME_CHANGE_S = 1.0  # counters that change within this long change together (runs and overs)
AT_ONCE_S = 1.0  # a longer spell between two looks means that the graphic was out of sight
VISIBLE_GAP_S = 1.5
READING_EVERY_S = 10.0  # a standing score is reported this often
MOST_DESIGNS = 8  # a design that shows less than this part of a place's looks is not looked for
BESIDE_A_CLOCK = 0.3  # what a running clock beside it speaks for a score
SECOND_GRAPHIC = 0.8  # of the best one's quality: another place may show the score in another half


@dataclass(frozen=True, slots=True)
class _Told:
    """What one graphic counts, how well it looks like a score, and its clock."""

    graphic: Graphic
    counted: Counted
    quality: float
    clock: GameClock

    @property
    def looks(self) -> Sequence[Look]:
        """All looks at the graphic."""
        return self.counted.looks

    @property
    def valid(self) -> list[int]:
        """The looks in which the score was readable."""
        return sorted(self.counted.pair.looks)

    @property
    def teams(self) -> tuple[str, str]:
        """Whose score it is."""
        return team_names(self.looks, self.counted.pair)

    def visible(self) -> list[Span]:
        """When the score was on the picture."""
        spans = [Span(self.looks[i].time_s, max(self.looks[i].until_s, self.looks[i].time_s + 0.04)) for i in self.valid]
        return merge(spans, max_gap_s=VISIBLE_GAP_S)


def interpret(seen: Sequence[tuple[Graphic, Sequence[Look]]], rules: ScoreboardRules) -> Scoreboard:
    """The story of the score as told by all graphics of a match; an empty one if none behaves like a score."""
    told = [t for graphic, looks in seen for t in _all_told(graphic, looks, rules)]
    if not told:
        return Scoreboard()
    told = _compatible(sorted(told, key=lambda t: (-t.quality, -len(t.valid))), rules)
    states = _states(told, rules)
    clock = GameClock(tuple(sorted(r for t in told for r in t.clock.readings)), told[0].clock.way, told[0].clock.two_digits)
    return Scoreboard(
        boxes=tuple(box for t in told for box in t.graphic.rows),
        teams=told[0].teams if rules.layout != "cricket" else ("", ""),
        readings=tuple(_readings(told, states, clock)),
        changes=tuple(_changes(told, states, clock)),
        visible=tuple(merge((span for t in told for span in t.visible()), max_gap_s=VISIBLE_GAP_S)),
    )


def _compatible(told: Sequence[_Told], rules: ScoreboardRules) -> list[_Told]:
    """The best graphic, and those as good that show the same score when it does not."""
    kept = [told[0]]
    for other in told[1:]:
        mine, theirs = [s for t in kept for s in t.visible()], other.visible()
        shared_s = sum(a.overlap_s(b) for a in mine for b in theirs)
        apart = shared_s < 0.1 * sum(s.length_s for s in theirs)
        if apart and other.quality > SECOND_GRAPHIC * kept[0].quality and _same_match(kept, other, rules):
            kept.append(other)
    return kept


def _same_match(kept: Sequence[_Told], other: _Told, rules: ScoreboardRules) -> bool:
    """Whether two graphics tell one story: a ticker of other results would make the score fall."""
    alike = [a == b for a, b in zip(kept[0].teams, other.teams, strict=True) if a or b]
    if other.counted.counters.keys() != kept[0].counted.counters.keys() or (alike and not any(alike)):
        return False
    alone = sum(_falls(_states([t], rules)) for t in (*kept, other))
    return _falls(_states([*kept, other], rules)) <= alone


def _falls(states: Mapping[Counter, Sequence[State]]) -> int:
    return sum(new.value < old.value for chain in states.values() for old, new in pairwise(chain))


def _states(told: Sequence[_Told], rules: ScoreboardRules) -> dict[Counter, list[State]]:
    """What every counter is believed to have shown."""
    by_counter = counter_rules(rules)
    return {counter: believe(_observations(told, counter), by_counter[counter]) for counter in told[0].counted.counters}


def _all_told(graphic: Graphic, looks: Sequence[Look], rules: ScoreboardRules) -> list[_Told]:
    """What one place of the picture told, of several designs if it has another one in another half."""
    told: list[_Told] = []
    rest = list(looks)
    while len(rest) > len(looks) / MOST_DESIGNS and (one := _told(graphic, rest, rules)):
        told.append(one)
        rest = [look for i, look in enumerate(rest) if i not in one.counted.pair.looks]
    return told


def _told(graphic: Graphic, looks: Sequence[Look], rules: ScoreboardRules) -> _Told | None:
    clock = running_clock(looks)
    found = [find_counters(version, rules) for version in [looks, *_with_colon_scores(looks, clock)]]
    best = max((f for f in found if f), key=lambda f: f.quality, default=None)
    if best is None:
        return None
    return _Told(graphic, best, best.quality + BESIDE_A_CLOCK * (clock is not None), read_clock(looks, clock))


def _with_colon_scores(looks: Sequence[Look], clock: Slot | None) -> list[list[Look]]:
    """A text like `21:19` that does not run may be a score."""
    place = clock and (clock.row, clock.x)
    return [clock_as_pair(looks, slot) for slot in clock_slots(looks) if (slot.row, slot.x) != place]


def _observations(told: Sequence[_Told], counter: Counter) -> list[Observation]:
    return sorted((o for t in told for o in t.counted.counters[counter].observations(t.looks)), key=lambda o: o.time_s)


def _at(states: Mapping[Counter, Sequence[State]], time_s: float) -> dict[Counter, int]:
    """Every counter as believed at `time_s`; the first state before anything was read."""
    return {
        counter: next((s.value for s in reversed(chain) if s.first_s <= time_s), chain[0].value)
        for counter, chain in states.items()
        if chain
    }


def _changes(told: Sequence[_Told], states: Mapping[Counter, Sequence[State]], clock: GameClock) -> list[ScoreChange]:
    """One change for all counters that moved together."""
    moves = sorted(
        ((new.first_s, old.last_s, new) for chain in states.values() for old, new in pairwise(chain)), key=lambda move: move[:2]
    )
    groups: list[list[tuple[float, float, State]]] = []
    for move in moves:
        if groups and move[0] - groups[-1][-1][0] <= SAME_CHANGE_S:
            groups[-1].append(move)
        else:
            groups.append([move])
    return [_change(group, told, states, clock) for group in groups]


def _change(
    moves: Sequence[tuple[float, float, State]],
    told: Sequence[_Told],
    states: Mapping[Counter, Sequence[State]],
    clock: GameClock,
) -> ScoreChange:
    first_new_s, last_new_s = moves[0][0], moves[-1][0]
    last_old_s = min(max(last for _, last, _ in moves), first_new_s - 0.001)
    seen = Span(max(0.0, last_old_s), first_new_s)
    shown_s = seen.end_s if seen.length_s <= AT_ONCE_S else seen.middle_s
    # with one reading behind it a change is as likely a slip of the reader as not
    confidence = min(1 - 0.5 ** min(8.0, state.support) for _, _, state in moves)
    return ScoreChange(
        shown_s=shown_s,
        seen=seen,
        before=_at(states, last_old_s),
        after=_at(states, last_new_s),
        clock=clock.text_at(shown_s),
        period=_period(told, shown_s),
        confidence=round(confidence, 3),
    )


def _readings(told: Sequence[_Told], states: Mapping[Counter, Sequence[State]], clock: GameClock) -> list[ScoreReading]:
    looks = sorted((t.looks[i] for t in told for i in t.valid), key=lambda look: look.time_s)
    readings: list[ScoreReading] = []
    for look in looks:
        counters = _at(states, look.time_s)
        if readings and counters == readings[-1].counters and look.time_s - readings[-1].time_s < READING_EVERY_S:
            continue
        clock_s = clock.at(look.time_s)
        readings.append(
            ScoreReading(
                time_s=round(look.time_s, 3),
                text=" | ".join(row.text for row in look.rows),
                counters=counters,
                clock_s=None if clock_s is None else round(clock_s, 1),
                clock=clock.text_at(look.time_s),
                period=_period(told, look.time_s),
            )
        )
    return readings


def _period(told: Sequence[_Told], time_s: float) -> str:
    """The period on the graphic at the last readable look before `time_s`."""
    for t in told:
        for i in reversed([i for i in t.valid if t.looks[i].time_s <= time_s + 0.001][-5:]):
            periods = [token.text.upper() for row in t.looks[i].rows for token in row.tokens if token.kind == "period"]
            if periods:
                return periods[0]
    return ""
