"""Looks → claims: everything that was named around one instant, by any number of windows, and the evidence for and against it.

windows    ├────────────────────┤
                            ├────────────────────┤
                   ├────────────────────┤
named          ├┤               ├──┤                     the first window named something else,
                                ├───┤                    the two others the same
claim                           ├──┤                     again: found 1, missed 0 (the first window does not show it)
yes/no         0.2             0.9, 0.8                  check: of the windows that show the instant
told                            "He shoots."             described: of the windows whose description was asked for
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from highlights.dialects.caption import CaptionEvent
from highlights.finders.calibration import centre
from highlights.finders.evidence import PRIOR, confidence, log_odds, nearest, supports
from highlights.finders.looks import Named, Reply
from highlights.finders.weights import ClaimWeights, Weights
from highlights.profile import EventRule
from highlights.records import Moment, Window
from highlights.spans import Span

EDGE_S = 0.5  # nearer to the window's end than one frame
SHOWN_S = 1.5  # an instant closer to an end of a window is not shown clearly enough to count
OVERLONG = 1.5  # times the longest length in the profile


@dataclass(frozen=True, slots=True)
class Tally:
    """In how many of how many windows, and the weight of that."""

    yes: int = 0
    of: int = 0
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Claim:
    """One instant and all answers about it.

    `named`: the answers that name it, best first, and `named_weight` the weight of the best. `line`: the line of a description
    that tells of it, or empty. `looks`: how many windows show the instant. `signal`: the signal's claim that it coincides with;
    `signals`: the weight of all signals at the instant.
    """

    rule: EventRule
    span: Span
    peak_s: float
    named: tuple[Named, ...]
    named_weight: float
    check: Tally
    again: Tally
    described: Tally
    line: str
    looks: int
    signal: Moment | None
    signals: float

    @property
    def weight(self) -> float:
        """The weight of all the model's answers."""
        return self.named_weight + self.check.weight + self.again.weight + self.described.weight

    @property
    def confidence(self) -> float:
        """The confidence, signals included."""
        return confidence(self.weight + self.signals)

    def margin(self, signals_at_most: float) -> float:
        """Log-odds above the rule's threshold, negative below it, with a limit on the weight of signals."""
        signals = min(self.signals, signals_at_most)
        return PRIOR + self.weight + signals - log_odds(self.rule.threshold)


@dataclass(frozen=True, slots=True)
class _Group:
    """What was named around one instant, and the claim of a signal there."""

    span: Span
    peak_s: float
    named: tuple[Named, ...]
    signal: Moment | None = None


class _Placed(NamedTuple):
    """A named span, sortable by its middle."""

    middle_s: float
    span: Span
    query: str
    named: Named


class Weigher:
    """Weighs a model's answers about one kind of event together with the signals' claims.

    Claims are memoised by the `id` of the answers they rest on. That is safe because answers are immutable, are only ever
    added, and are referenced by the `Weigher` as long as it lives, so no id is reused.
    """

    def __init__(self, rule: EventRule, weights: Weights, proposals: Sequence[Moment]) -> None:
        self.rule = rule
        self._weights = weights
        self._proposals = proposals
        self._signals = [m for m in proposals if m.weight > 0 and m.signal not in (*supports(rule), "score")]
        self._replies: list[Reply] = []
        self._longest_s = 0.0
        self._named: list[_Placed] = []
        self._centre = 0.0
        self._check_counts = True
        self._cached_groups: dict[tuple[int, ...], list[_Group]] = {}
        self._cached_claims: dict[tuple[object, ...], Claim] = {}

    def add(self, reply: Reply) -> None:
        """Add the answers about one more window, or more answers about one."""
        at = bisect_left(self._replies, _start_s(reply), key=_start_s)
        while at < len(self._replies) and _start_s(self._replies[at]) == _start_s(reply):
            if self._replies[at].window == reply.window:
                self._replies[at] = self._replies[at].joined(reply)
                self._cached_claims.clear()
                break
            at += 1
        else:
            self._replies.insert(at, reply)
        for named in reply.named:
            insort(self._named, _Placed(named.span.middle_s, named.span, named.query, named), key=lambda placed: placed[:3])
        self._longest_s = max(self._longest_s, reply.window.span.length_s)

    def calibrate(self) -> None:
        """Take the answers so far, about windows spread over the match, as what is usual for the check."""
        self._centre = centre(self._replies)
        self._cached_claims.clear()

    @property
    def replies(self) -> Sequence[Reply]:
        """The answers so far, in order of time."""
        return self._replies

    def ignore_check(self) -> None:
        """Leave the check out of all claims."""
        self._check_counts = False
        self._cached_claims.clear()

    def claims(self) -> list[Claim]:
        """All claims, surest first; a window's answers count for its surest claim only."""
        first = [(self._claim(group, ()), group) for group in self._groups()]
        taken: list[float] = []
        claims: list[Claim] = []
        for _, group in sorted(first, key=lambda pair: (-pair[0].weight - pair[0].signals, pair[0].span)):
            claim = self._claim(group, tuple(t for t in taken if abs(t - group.peak_s) < self._longest_s))
            claims.append(claim)
            if claim.margin(self._weights.looking_again.signals_at_most) > 0:
                taken.append(claim.peak_s)
        return claims

    def _groups(self) -> list[_Group]:
        """The named spans grouped by their middles, and the signals' claims with nothing named near them."""
        groups = [group for chain in _chains(self._named, self._weights.again.within_s) for group in self._split(chain)]
        beside = {id(group.signal) for group in groups}
        return groups + [_Group(m.span, m.peak_s, (), m) for m in self._signals if id(m) not in beside]

    def _split(self, chain: Sequence[_Placed]) -> list[_Group]:
        """The groups of a chain; cached as long as nothing is added to it."""
        key = tuple(id(placed.named) for placed in chain)
        if key not in self._cached_groups:
            joined = _joined(list(chain), self._weights.again.within_s)
            self._cached_groups[key] = [_group(named, self._signals) for named in joined]
        return self._cached_groups[key]

    def _claim(self, group: _Group, taken: tuple[float, ...]) -> Claim:
        """The claim of a group; cached as long as nothing is added to it."""
        shown = self._showing(group)
        key = (group.peak_s, tuple(map(id, group.named)), len(shown), taken)
        if key not in self._cached_claims:
            self._cached_claims[key] = self._weighed(group, shown, taken)
        return self._cached_claims[key]

    def _showing(self, group: _Group) -> list[Reply]:
        """The replies of all windows that show a group's instant, and of those that named it."""
        own = {id(named.window) for named in group.named}
        first = bisect_left(self._replies, group.peak_s - self._longest_s, key=_start_s)
        near = self._replies[first : bisect_right(self._replies, group.peak_s, key=_start_s)]
        return [reply for reply in near if id(reply.window) in own or shows(reply.window, group.peak_s)]

    def _weighed(self, group: _Group, shown: Sequence[Reply], taken: Sequence[float]) -> Claim:
        alone = [reply for reply in shown if not any(shows(reply.window, peak_s) for peak_s in taken)]
        moments = nearest((m for m in self._proposals if m.span.holds(group.peak_s)), group.peak_s).values()
        weighed = sorted(((self._quality(n), n) for n in group.named), key=lambda pair: -pair[0])
        base = self._weights.claim.beside_signal if group.signal else self._weights.claim.alone
        described, line = self._described(group.peak_s, shown, taken)
        return Claim(
            rule=self.rule,
            span=group.span,
            peak_s=group.peak_s,
            named=tuple(named for _, named in weighed),
            named_weight=weighed[0][0] + base if weighed else 0.0,
            check=self._check(shown, alone),
            again=self._again(group, alone),
            described=described,
            line=line,
            looks=len(shown),
            signal=group.signal,
            signals=sum(m.weight for m in moments),
        )

    def _quality(self, named: Named) -> float:
        """The weight of the form of an answer."""
        return sum(weight for weight, _ in remarks(named, self.rule, self._weights.claim))

    def _check(self, shown: Sequence[Reply], alone: Sequence[Reply]) -> Tally:
        """The yes and no of all windows that show the instant; a yes that a surer claim explains does not count."""
        weights = self._weights.check
        if not self._check_counts:
            return Tally()
        answers = [0.0 if reply.refused and reply.yes is None else reply.yes for reply in shown]
        centred = [(log_odds(yes) - self._centre, reply) for yes, reply in zip(answers, shown, strict=True) if yes is not None]
        odds = [value for value, reply in centred if value < 0 or reply in alone]
        weight = sum(_limited(weights.steepness * value, -weights.at_most, weights.at_most) for value in odds)
        return Tally(sum(value >= 0 for value in odds), len(odds), _limited(weight, -weights.in_all, weights.in_all))

    def _described(self, peak_s: float, shown: Sequence[Reply], taken: Sequence[float]) -> tuple[Tally, str]:
        """How many descriptions tell of the instant, and the nearest line; lines nearer to a surer claim do not count."""
        weights = self._weights.described
        described = [reply.told for reply in shown if reply.told is not None]
        nearest_lines = [self._nearest(lines, peak_s, taken) for lines in described]
        lines = [line for line in nearest_lines if line is not None]
        weight = weights.told * len(lines) + weights.untold * (len(described) - len(lines))
        tally = Tally(len(lines), len(described), _limited(weight, -weights.in_all, weights.in_all))
        best = min(lines, key=lambda line: abs(line.span.middle_s - peak_s), default=None)
        return tally, best.description if best else ""

    def _nearest(self, lines: Sequence[CaptionEvent], peak_s: float, taken: Sequence[float]) -> CaptionEvent | None:
        """The line about the instant, if there is one."""
        for line in sorted(lines, key=lambda line: abs(line.span.middle_s - peak_s)):
            away_s = abs(line.span.middle_s - peak_s)
            there = away_s <= self._weights.described.within_s or (
                line.span.holds(peak_s) and line.span.length_s <= OVERLONG * self.rule.max_length_s
            )
            if there and all(away_s <= abs(line.span.middle_s - other_s) for other_s in taken):
                return line
        return None

    def _again(self, group: _Group, alone: Sequence[Reply]) -> Tally:
        """Whether the other answers of all windows that show the instant name it too; those with a surer claim do not count."""
        weights = self._weights.again
        named = set(map(id, group.named))
        shares = sorted((_share(reply, named) for reply in alone if reply.named or reply.refused), reverse=True)
        # the first that names it is the claim itself
        others = shares[1:] if named else shares
        weight = weights.found * sum(others) + weights.missed * sum(1 - share for share in shares)
        return Tally(
            sum(share > 0 for share in others), len(others), _limited(weight, -weights.missed_in_all, weights.found_in_all)
        )


def _share(reply: Reply, named: set[int]) -> float:
    """The share of a window's answers that are among those named."""
    return sum(id(one) in named for one in reply.named) / max(1, len(reply.named))


def _limited(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


def remarks(named: Named, rule: EventRule, weights: ClaimWeights) -> Iterator[tuple[float, str]]:
    """The evidence for and against one answer in its form, as weights and words."""
    window = named.window.span
    if named.sure is not None and named.sure >= weights.sure_from:
        yield weights.sure, f"{named.sure:.0%} sure of the time"
    if named.sure is not None and named.sure <= weights.unsure_from:
        yield weights.unsure, f"only {named.sure:.0%} sure of the time"
    if named.how == "repaired":
        yield weights.repaired, "the answer had to be repaired"
    if named.span.length_s >= weights.fills_from * window.length_s:
        yield weights.filling, "it fills the window"
    elif named.span.length_s > OVERLONG * rule.max_length_s:
        yield weights.overlong, "it is too long for one"
    elif named.span.start_s - window.start_s < EDGE_S or window.end_s - named.span.end_s < EDGE_S:
        yield weights.at_edge, "it lies at the window's edge"


def _start_s(reply: Reply) -> float:
    return reply.window.span.start_s


def shows(window: Window, peak_s: float) -> bool:
    """Whether an instant is far enough inside a window to be seen clearly."""
    span = window.span
    return span.start_s + SHOWN_S <= peak_s < span.end_s - SHOWN_S


def _group(named: Sequence[Named], signals: Sequence[Moment]) -> _Group:
    """The median of the named spans, with the nearest signal that claims its middle."""
    span = Span(median(n.span.start_s for n in named), median(n.span.end_s for n in named))
    beside = [m for m in signals if m.span.holds(span.middle_s)]
    return _Group(span, span.middle_s, tuple(named), min(beside, key=lambda m: abs(m.peak_s - span.middle_s), default=None))


def _chains(named: Sequence[_Placed], within_s: float) -> Iterator[Sequence[_Placed]]:
    """Spans, in order of their middles, split where two neighbours are further apart than `within_s`."""
    first = 0
    for at in range(1, len(named) + 1):
        if at == len(named) or named[at].middle_s - named[at - 1].middle_s > within_s:
            yield named[first:at]
            first = at


def _joined(chain: list[_Placed], within_s: float) -> Iterator[list[Named]]:
    """Groups around the spans with the most others nearby."""
    while chain:
        near = [[p for p in chain if abs(p.middle_s - one.middle_s) <= within_s] for one in chain]
        best = max(near, key=lambda group: (len({id(p.named.window) for p in group}), len(group)))
        yield [placed.named for placed in best]
        chain = [placed for placed in chain if placed not in best]
