"""Moments → events: join claims of one happening, weigh what speaks for and against it, say no to what nothing supports.

    score     ├───────────────────────┤            the graphic changed, so it was somewhere in here
    crowd                  ├──┤            ├──┤    two roars: the first fits the change, the second has none of its own
    replay         ├──────────────┤
    event                  ├──┤                    confidence = logistic(prior + sum of weights)
    near miss                              ├──┤    the score stood

    a model                  ├─┤                   what it says of one span is one claim: it places the event
    score     ├───────────────────────┤            that it happened is the score's to say, for and against

Every event keeps the moments behind it, so that its confidence can be explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from highlights.analysis.score.game_clock import GameClock
from highlights.analysis.score.notation import score_text
from highlights.finders.evidence import SIGNALS, confidence, nearest, supports
from highlights.profile import EventRule, Profile
from highlights.records import Event, Moment, Recording, Scoreboard
from highlights.spans import Span, clock

PLAIN_WEIGHT = -4.0  # from here on the score says plainly that there was none
TAKEN_WEIGHT = -4.0  # one change of the score is one event: a second roar before it is something else


@dataclass(frozen=True, slots=True)
class Merged:
    """What the merger decided, both in order of time."""

    events: tuple[Event, ...]
    near_misses: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """One happening: the moments that claim it, where it was, its instant, and the change of the score that it led to."""

    moments: tuple[Moment, ...]
    span: Span
    peak_s: float
    change: Moment | None = None

    @property
    def weight(self) -> float:
        return round(sum(m.weight for m in self.moments), 3)


def merge(moments: Sequence[Moment], profile: Profile, recording: Recording, scoreboard: Scoreboard) -> Merged:
    """Join moments into events; what stays below its profile's threshold is a near miss."""
    game_clock = GameClock.of(scoreboard)
    accepted: list[Event] = []
    refused: list[Event] = []
    for rule in profile.events:
        mine = sorted((m for m in moments if m.event == rule.name), key=_total_order)
        weighed = [_with_game(_event(rule, claim, mine, recording), game_clock, scoreboard) for claim in _claims(rule, mine)]
        yes, no = _apart(rule, weighed)
        accepted += yes
        refused += no
    return Merged(tuple(sorted(accepted, key=_in_time)), tuple(sorted(refused, key=_in_time)))


def _total_order(moment: Moment) -> tuple[Span, float, str, float, str, str]:
    return moment.span, moment.peak_s, moment.signal, -moment.weight, moment.because, moment.score


def _in_time(event: Event) -> tuple[float, str, str]:
    return event.peak_s, event.name, event.score


def _claims(rule: EventRule, moments: Sequence[Moment]) -> list[_Claim]:
    """Each change of the score with the happening that fits it; happenings without a change stand alone."""
    own = supports(rule)
    claiming = [m for m in moments if m.signal not in own]
    changes = sorted((m for m in claiming if m.signal == "score" and m.weight > 0), key=lambda m: (m.span.end_s, m.score))
    happenings = _happenings(_bundles([m for m in claiming if m.signal != "score"]))
    fits = _fits(changes, happenings)
    claims = [_changed(change, happenings[fits[i]] if i in fits else None) for i, change in enumerate(changes)]
    free = [h for j, h in enumerate(happenings) if j not in fits.values()]
    return claims + [_unchanged(happening, changes) for happening in free]


def _bundles(moments: Sequence[Moment]) -> list[_Claim]:
    """A claim for each moment of a signal, and one for all that a model says of one span; something speaks for each."""
    bundles: dict[tuple[object, ...], dict[str, Moment]] = {}
    for number, moment in enumerate(moments):
        key = (number,) if moment.signal in SIGNALS else (_model(moment), moment.span, moment.peak_s)
        bundles.setdefault(key, {}).setdefault(moment.signal, moment)
    claims = [tuple(sorted(bundle.values(), key=lambda m: -m.weight)) for bundle in bundles.values()]
    return [_Claim(claim, claim[0].span, claim[0].peak_s) for claim in claims if claim[0].weight > 0]


def _model(moment: Moment) -> str:
    """The model that says it: `marlin` also of `marlin_check`; empty for a signal."""
    return "" if moment.signal in SIGNALS else moment.signal.split("_")[0]


def _happenings(claims: Sequence[_Claim]) -> list[_Claim]:
    """Claims of one instant joined, in order of time: a model or else the strongest says when it was, each is heard once."""
    joined: list[list[_Claim]] = []
    for claim in sorted(claims, key=lambda c: (not _places(c), -c.weight, *map(_total_order, c.moments))):
        same = next((group for group in joined if _same(group[0], claim)), None)
        if same is None:
            joined.append([claim])
        elif not {_source(m) for m in claim.moments} & {_source(m) for one in same for m in one.moments}:
            same.append(claim)
    happenings = [_Claim(tuple(m for one in g for m in one.moments), g[0].span, g[0].peak_s) for g in joined]
    return sorted(happenings, key=lambda c: c.peak_s)


def _source(moment: Moment) -> str:
    return _model(moment) or moment.signal


def _places(claim: _Claim) -> bool:
    """Whether a model names the span and all in all believes in it."""
    return bool(_model(claim.moments[0])) and claim.weight > 0


def _same(placed: _Claim, claim: _Claim) -> bool:
    """Whether two claims are of one instant. What a signal claims is wide; a model's instant in it is enough."""
    if _places(placed) and not _model(claim.moments[0]):
        return claim.span.holds(placed.peak_s)
    return placed.span.holds(claim.peak_s) and claim.span.holds(placed.peak_s)


def _fits(changes: Sequence[Moment], happenings: Sequence[_Claim]) -> dict[int, int]:
    """Which happening led to which change, by their numbers: the pairs in order of time with the most weight together."""
    best: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())] * (len(happenings) + 1)
    for i, change in enumerate(changes):
        row = [best[0]]
        for j, happening in enumerate(happenings):
            options = [row[j], best[j + 1]]
            if change.span.holds(happening.peak_s):
                weight, pairs = best[j]
                options.append((round(weight + happening.weight, 3), (*pairs, (i, j))))
            row.append(max(options, key=lambda option: option[0]))
        best = row
    return dict(best[-1][1])


def _changed(change: Moment, happening: _Claim | None) -> _Claim:
    """A change of the score, where something else tells when it was there, or anywhere in its span."""
    if happening is None:
        return _Claim((change,), change.span, change.peak_s, change)
    believed = [m for m in happening.moments if m.weight > 0 or not _model(m)]
    return replace(happening, moments=(change, *believed), change=change)


def _unchanged(happening: _Claim, changes: Sequence[Moment]) -> _Claim:
    """A happening without a change of its own; where a change could have been its own, that one has gone to another."""
    taken = next((change for change in changes if change.span.holds(happening.peak_s)), None)
    if taken is None:
        return happening
    because = f"{taken.because}, but another instant fits that better"
    against = Moment(taken.event, happening.span, happening.peak_s, "score", TAKEN_WEIGHT, because)
    return replace(happening, moments=(*happening.moments, against))


def _event(rule: EventRule, claim: _Claim, moments: Sequence[Moment], recording: Recording) -> Event:
    evidence = [*claim.moments, *_beside(rule, claim, moments)]
    evidence = sorted([*evidence, *_last_word(claim, evidence)], key=lambda m: (-m.weight, m.signal, m.span))
    return Event(
        name=rule.name,
        title=rule.title,
        span=_fitted(claim, rule, recording),
        peak_s=claim.peak_s,
        confidence=confidence(sum(m.weight for m in evidence)),
        evidence=tuple(evidence),
        priority=rule.priority,
        team=next((m.team for m in evidence if m.team), ""),
        score=claim.change.score if claim.change else "",
    )


def _last_word(claim: _Claim, evidence: Sequence[Moment]) -> list[Moment]:
    """Where the score speaks plainly against an event, no model that believes in it helps: what did not count looks alike."""
    believed = round(sum(m.weight for m in evidence if _model(m)), 3)
    score = min((m for m in evidence if m.signal == "score"), key=lambda m: m.weight, default=None)
    if score is None or score.weight > PLAIN_WEIGHT or believed <= 0:
        return []
    because = f"{score.because}: the score has the last word over a model"
    return [Moment(score.event, claim.span, claim.peak_s, "score", -believed, because)]


def _beside(rule: EventRule, claim: _Claim, moments: Sequence[Moment]) -> list[Moment]:
    """What else bears on a claim: of each signal the nearest moment for it and the nearest against it."""
    own = supports(rule)
    bearing = [
        moment
        for moment in moments
        if (_contradicts(moment, claim) if moment.weight < 0 else moment.signal in own and moment.span.holds(claim.peak_s))
    ]
    return list(nearest(bearing, claim.peak_s).values())


def _contradicts(moment: Moment, claim: _Claim) -> bool:
    """A score that changed is not one that stood: only what says so of that very change speaks against it, and no model does.

    What a model says of the very claim goes before what it says of one nearby.
    """
    if claim.change is not None and (moment.signal == "score" or _model(moment)):
        return moment.signal == "score" and moment.span == claim.change.span
    if _model(moment) and any(_model(m) == _model(moment) for m in claim.moments):
        return False
    return moment.span.holds(claim.peak_s)


def _fitted(claim: _Claim, rule: EventRule, recording: Recording) -> Span:
    """The claim's span at a length that the rule allows; where only a change tells, it stays as long as the doubt is."""
    span = claim.span
    only_change = claim.change is not None and len(claim.moments) == 1
    if span.length_s > rule.max_length_s and not only_change:
        start_s = min(max(span.start_s, claim.peak_s - rule.max_length_s / 2), span.end_s - rule.max_length_s)
        span = Span(start_s, start_s + rule.max_length_s)
    length_s = min(max(span.length_s, rule.min_length_s), recording.duration_s)
    start_s = min(max(0.0, span.middle_s - length_s / 2), recording.duration_s - length_s)
    return Span(start_s, start_s + length_s) if span.length_s < rule.min_length_s else span


def _apart(rule: EventRule, weighed: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Accepted and refused: by the threshold, and of claims too near each other the surer one."""
    accepted: list[Event] = []
    refused: list[Event] = []
    for event in sorted(weighed, key=lambda e: (not _scored(e), -e.confidence, e.peak_s)):
        near = next((a for a in accepted if abs(a.peak_s - event.peak_s) < rule.cool_down_s), None)
        if event.confidence < rule.threshold:
            refused.append(replace(event, why_not=_why_not(rule, event)))
        elif near is not None and not _scored(event):
            refused.append(replace(event, why_not=f"within {rule.cool_down_s:g} s of a surer one at {clock(near.peak_s)}"))
        else:
            accepted.append(event)
    return accepted, refused


def _scored(event: Event) -> bool:
    """Whether a change of the score of its own is behind the event."""
    return any(m.signal == "score" and m.weight > 0 for m in event.evidence)


def _why_not(rule: EventRule, event: Event) -> str:
    against = min(event.evidence, key=lambda m: m.weight)
    reason = against.because if against.weight < 0 else "too little speaks for it"
    return f"{reason} (confidence {event.confidence:.2f}, needed {rule.threshold:.2f})"


def _with_game(event: Event, game_clock: GameClock, scoreboard: Scoreboard) -> Event:
    """The event with the game clock at its instant, the period, and the score it led to or found."""
    reading = next((r for r in reversed(scoreboard.readings) if r.time_s <= event.peak_s), None)
    period, found = (reading.period, score_text(reading.counters)) if reading else ("", "")
    return replace(event, game_clock=game_clock.text_at(event.peak_s), period=period, score=event.score or found)
