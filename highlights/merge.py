"""Moments → events: join claims of one incident, weigh the evidence for and against it, reject what nothing supports.

    score     ├───────────────────────┤            the graphic changed, so it was somewhere in here
    crowd                  ├──┤            ├──┤    two roars: the first fits the change, the second has none of its own
    replay         ├──────────────┤
    event                  ├──┤                    confidence = logistic(prior + sum of weights)
    near miss                              ├──┤    the score stayed the same

    a model                  ├─┤                   its moments with one span are one claim: it locates the event
    score     ├───────────────────────┤            whether it happened at all is decided by the score

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

PLAIN_WEIGHT = -4.0  # at this weight or below, the score rules the event out
TAKEN_WEIGHT = -4.0  # one change of the score is one event: a second roar before it is something else


@dataclass(frozen=True, slots=True)
class Merged:
    """The merger's result, both in order of time."""

    events: tuple[Event, ...]
    near_misses: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """One incident: the moments that claim it, its span, its instant, and the change of the score that it led to."""

    moments: tuple[Moment, ...]
    span: Span
    peak_s: float
    change: Moment | None = None

    @property
    def weight(self) -> float:
        return round(sum(m.weight for m in self.moments), 3)


def merge(moments: Sequence[Moment], profile: Profile, recording: Recording, scoreboard: Scoreboard) -> Merged:
    """Join moments into events; those below the profile's threshold are near misses."""
    game_clock = GameClock.of(scoreboard)
    accepted: list[Event] = []
    refused: list[Event] = []
    for rule in profile.events:
        mine = sorted((m for m in moments if m.event == rule.name), key=_total_order)
        weighed = [_with_game(_event(rule, claim, mine, recording), game_clock, scoreboard) for claim in _claims(rule, mine)]
        yes, no = _decided(rule, weighed)
        accepted += yes
        refused += no
    return Merged(tuple(sorted(accepted, key=_in_time)), tuple(sorted(refused, key=_in_time)))


def _total_order(moment: Moment) -> tuple[Span, float, str, float, str, str]:
    return moment.span, moment.peak_s, moment.signal, -moment.weight, moment.because, moment.score


def _in_time(event: Event) -> tuple[float, str, str]:
    return event.peak_s, event.name, event.score


def _claims(rule: EventRule, moments: Sequence[Moment]) -> list[_Claim]:
    """Each change of the score with the incident that fits it, and the incidents without a change."""
    supporting = supports(rule)
    claiming = [m for m in moments if m.signal not in supporting]
    changes = sorted((m for m in claiming if m.signal == "score" and m.weight > 0), key=lambda m: (m.span.end_s, m.score))
    incidents = _incidents(_bundles([m for m in claiming if m.signal != "score"]))
    fits = _fits(changes, incidents)
    claims = [_changed(change, incidents[fits[i]] if i in fits else None) for i, change in enumerate(changes)]
    free = [incident for j, incident in enumerate(incidents) if j not in fits.values()]
    return claims + [_unchanged(incident, changes) for incident in free]


def _bundles(moments: Sequence[Moment]) -> list[_Claim]:
    """A claim for each moment of a signal, and one for a model's moments with the same span; only those with evidence for."""
    bundles: dict[tuple[object, ...], dict[str, Moment]] = {}
    for number, moment in enumerate(moments):
        key = (number,) if moment.signal in SIGNALS else (_model(moment), moment.span, moment.peak_s)
        bundles.setdefault(key, {}).setdefault(moment.signal, moment)
    claims = [tuple(sorted(bundle.values(), key=lambda m: -m.weight)) for bundle in bundles.values()]
    return [_Claim(claim, claim[0].span, claim[0].peak_s) for claim in claims if claim[0].weight > 0]


def _model(moment: Moment) -> str:
    """The model behind a moment (`marlin` for `marlin_check` too); empty for a signal."""
    return "" if moment.signal in SIGNALS else moment.signal.split("_")[0]


def _incidents(claims: Sequence[_Claim]) -> list[_Claim]:
    """Claims of one instant joined, in order of time: a model, else the strongest claim, locates it; a source counts once."""
    joined: list[list[_Claim]] = []
    for claim in sorted(claims, key=lambda c: (not _locates(c), -c.weight, *map(_total_order, c.moments))):
        same = next((group for group in joined if _same(group[0], claim)), None)
        if same is None:
            joined.append([claim])
        elif not {_source(m) for m in claim.moments} & {_source(m) for one in same for m in one.moments}:
            same.append(claim)
    incidents = [_Claim(tuple(m for one in g for m in one.moments), g[0].span, g[0].peak_s) for g in joined]
    return sorted(incidents, key=lambda c: c.peak_s)


def _source(moment: Moment) -> str:
    return _model(moment) or moment.signal


def _locates(claim: _Claim) -> bool:
    """Whether a model names the span and, on balance, believes in it."""
    return bool(_model(claim.moments[0])) and claim.weight > 0


def _same(located: _Claim, claim: _Claim) -> bool:
    """Whether two claims are of one instant. A signal's span is wide; a model's instant inside it is enough."""
    if _locates(located) and not _model(claim.moments[0]):
        return claim.span.holds(located.peak_s)
    return located.span.holds(claim.peak_s) and claim.span.holds(located.peak_s)


def _fits(changes: Sequence[Moment], incidents: Sequence[_Claim]) -> dict[int, int]:
    """The incident behind each change, by index: the pairs in order of time with the largest total weight."""
    best: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())] * (len(incidents) + 1)
    for i, change in enumerate(changes):
        row = [best[0]]
        for j, incident in enumerate(incidents):
            options = [row[j], best[j + 1]]
            if change.span.holds(incident.peak_s):
                weight, pairs = best[j]
                options.append((round(weight + incident.weight, 3), (*pairs, (i, j))))
            row.append(max(options, key=lambda option: option[0]))
        best = row
    return dict(best[-1][1])


def _changed(change: Moment, incident: _Claim | None) -> _Claim:
    """A change of the score: at the incident that fits it, else anywhere in its own span."""
    if incident is None:
        return _Claim((change,), change.span, change.peak_s, change)
    believed = [m for m in incident.moments if m.weight > 0 or not _model(m)]
    return replace(incident, moments=(change, *believed), change=change)


def _unchanged(incident: _Claim, changes: Sequence[Moment]) -> _Claim:
    """An incident without a change of its own, with evidence against it if a change that would fit belongs to another one."""
    taken = next((change for change in changes if change.span.holds(incident.peak_s)), None)
    if taken is None:
        return incident
    because = f"{taken.because}, but another instant fits that better"
    against = Moment(taken.event, incident.span, incident.peak_s, "score", TAKEN_WEIGHT, because)
    return replace(incident, moments=(*incident.moments, against))


def _event(rule: EventRule, claim: _Claim, moments: Sequence[Moment], recording: Recording) -> Event:
    evidence = [*claim.moments, *_beside(rule, claim, moments)]
    evidence = sorted([*evidence, *_overruled_model(claim, evidence)], key=lambda m: (-m.weight, m.signal, m.span))
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


def _overruled_model(claim: _Claim, evidence: Sequence[Moment]) -> list[Moment]:
    """If the score rules an event out, cancels a model's belief in it: what did not count looks the same."""
    believed = round(sum(m.weight for m in evidence if _model(m)), 3)
    score = min((m for m in evidence if m.signal == "score"), key=lambda m: m.weight, default=None)
    if score is None or score.weight > PLAIN_WEIGHT or believed <= 0:
        return []
    because = f"{score.because}: the score has the last word over a model"
    return [Moment(score.event, claim.span, claim.peak_s, "score", -believed, because)]


def _beside(rule: EventRule, claim: _Claim, moments: Sequence[Moment]) -> list[Moment]:
    """The other evidence for or against a claim: of each signal the nearest moment for it and the nearest against it."""
    supporting = supports(rule)
    relevant = [
        m
        for m in moments
        if (_contradicts(m, claim) if m.weight < 0 else m.signal in supporting and m.span.holds(claim.peak_s))
    ]
    return list(nearest(relevant, claim.peak_s).values())


def _contradicts(moment: Moment, claim: _Claim) -> bool:
    """Whether a negative moment counts against a claim.

    For a claim with a score change, only score evidence about that same change counts against it. A model's moments about the
    claim itself take precedence over those about one nearby.
    """
    if claim.change is not None and (moment.signal == "score" or _model(moment)):
        return moment.signal == "score" and moment.span == claim.change.span
    if _model(moment) and any(_model(m) == _model(moment) for m in claim.moments):
        return False
    return moment.span.holds(claim.peak_s)


def _fitted(claim: _Claim, rule: EventRule, recording: Recording) -> Span:
    """The claim's span at a length that the rule allows; with nothing but a change, it stays as long as it is uncertain."""
    span = claim.span
    only_change = claim.change is not None and len(claim.moments) == 1
    if span.length_s > rule.max_length_s and not only_change:
        start_s = min(max(span.start_s, claim.peak_s - rule.max_length_s / 2), span.end_s - rule.max_length_s)
        span = Span(start_s, start_s + rule.max_length_s)
    length_s = min(max(span.length_s, rule.min_length_s), recording.duration_s)
    start_s = min(max(0.0, span.middle_s - length_s / 2), recording.duration_s - length_s)
    return Span(start_s, start_s + length_s) if span.length_s < rule.min_length_s else span


def _decided(rule: EventRule, weighed: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Accepted and refused: by the threshold, and of events too close together the surer one."""
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
    """Whether the event has a change of the score of its own."""
    return any(m.signal == "score" and m.weight > 0 for m in event.evidence)


def _why_not(rule: EventRule, event: Event) -> str:
    against = min(event.evidence, key=lambda m: m.weight)
    reason = against.because if against.weight < 0 else "too little speaks for it"
    return f"{reason} (confidence {event.confidence:.2f}, needed {rule.threshold:.2f})"


def _with_game(event: Event, game_clock: GameClock, scoreboard: Scoreboard) -> Event:
    """The event with the game clock at its instant, the period, and the score it led to, else the score at that time."""
    reading = next((r for r in reversed(scoreboard.readings) if r.time_s <= event.peak_s), None)
    period, found = (reading.period, score_text(reading.counters)) if reading else ("", "")
    return replace(event, game_clock=game_clock.text_at(event.peak_s), period=period, score=event.score or found)
