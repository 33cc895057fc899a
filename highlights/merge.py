"""Moments → events: join claims of one happening, weigh what speaks for and against it, say no to what nothing supports.

    score     ├───────────────────────┤            the graphic changed, so it was somewhere in here
    crowd                  ├──┤            ├──┤    two roars: the first fits the change, the second has none of its own
    replay         ├──────────────┤
    event                  ├──┤                    confidence = logistic(prior + sum of weights)
    near miss                              ├──┤    the score stood
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from highlights.analysis.game_clock import GameClock
from highlights.profile import EventRule, Profile
from highlights.records import Event, Moment, Recording, Scoreboard
from highlights.spans import Span, clock

PRIOR = -2.0  # log-odds of an event before anything speaks for it
SUPPORTS = ("replay", "whistle", "buzzer")  # say that something happened, not what: they never claim an event themselves
TAKEN_WEIGHT = -4.0  # one change of the score is one event: a second roar before it is something else
AROUND_S = 6.0  # an instant that is only known from a long stretch is shown with this much around its best guess


@dataclass(frozen=True, slots=True)
class Merged:
    """What the merger decided, both in order of time."""

    events: tuple[Event, ...]
    near_misses: tuple[Event, ...]


def merge(moments: Sequence[Moment], profile: Profile, recording: Recording, scoreboard: Scoreboard) -> Merged:
    """Join moments into events; what stays below its profile's threshold is a near miss."""
    game_clock = GameClock.of(scoreboard)
    events: list[Event] = []
    near_misses: list[Event] = []
    for rule in profile.events:
        mine = [m for m in moments if m.event == rule.name]
        weighed = [_event(rule, claim, mine, recording) for claim in _claims(rule, mine)]
        accepted, refused = _apart(rule, weighed)
        events += accepted
        near_misses += refused
    told = [_with_game(event, game_clock, scoreboard) for event in events]
    missed = [_with_game(event, game_clock, scoreboard) for event in near_misses if event.evidence]
    return Merged(tuple(sorted(told, key=_order)), tuple(sorted(missed, key=_order)))


def _order(event: Event) -> tuple[float, str]:
    return event.peak_s, event.name


@dataclass(frozen=True, slots=True)
class _Claim:
    """One happening: the moments that claim it, where it was, its instant."""

    moments: tuple[Moment, ...]
    span: Span
    peak_s: float


def _claims(rule: EventRule, moments: Sequence[Moment]) -> list[_Claim]:
    """Each change of score takes the one roar that fits it best; roars without a change stand alone."""
    changes = [m for m in moments if m.signal == "score" and m.weight > 0]
    free = [m for m in moments if m.signal not in ("score", *_supports(rule)) and m.weight > 0]
    supports = [m for m in moments if m.signal == "replay"]
    claims = []
    for change in sorted(changes, key=lambda m: m.span.end_s):
        fitting = [m for m in free if change.span.holds(m.peak_s)]
        best = max(fitting, key=lambda m: (m.weight, -m.peak_s), default=None)
        if best is not None:
            free.remove(best)
            claims.append(_Claim((change, best), best.span, best.peak_s))
        else:
            claims.append(_placed(change, supports, rule))
    for moment in free:
        near = [c for c in changes if c.span.holds(moment.peak_s)]
        taken = tuple(_taken(moment, change) for change in near[:1])
        claims.append(_Claim((moment, *taken), moment.span, moment.peak_s))
    return claims


def _supports(rule: EventRule) -> tuple[str, ...]:
    """The signals that cannot claim an event alone; the crowd is one where even a full roar stays below the threshold."""
    crowd = rule.signals.crowd
    carries = crowd is not None and _confidence(crowd.weight) >= rule.threshold
    return SUPPORTS if carries else (*SUPPORTS, "crowd")


def _confidence(weight: float) -> float:
    """The confidence that a sum of weights gives, 0..1."""
    return round(1 / (1 + math.exp(-PRIOR - weight)), 3)


def _taken(moment: Moment, change: Moment) -> Moment:
    because = f"{change.because}, but another instant fits that better"
    return replace(moment, signal="score", weight=TAKEN_WEIGHT, because=because)


def _placed(change: Moment, replays: Iterable[Moment], rule: EventRule) -> _Claim:
    """A change of score that no roar marks: before the first replay that follows in its span, or all of the span."""
    after = [m.span for m in replays if change.span.start_s < m.span.end_s <= change.span.end_s + rule.max_length_s]
    span = min(after, default=change.span).clamp(change.span) or change.span
    peak_s = change.peak_s if span.holds(change.peak_s) else max(span.start_s, span.end_s - AROUND_S)
    return _Claim((change,), span, peak_s)


def _event(rule: EventRule, claim: _Claim, moments: Sequence[Moment], recording: Recording) -> Event:
    supports = _supports(rule)
    beside = _once([m for m in moments if m not in claim.moments and _bears_on(m, claim, supports)])
    evidence = sorted((*claim.moments, *beside), key=lambda m: (-m.weight, m.signal, m.span))
    return Event(
        name=rule.name,
        title=rule.title,
        span=_long_enough(claim.span, rule, recording),
        peak_s=claim.peak_s,
        confidence=_confidence(sum(m.weight for m in evidence)),
        evidence=tuple(evidence),
        priority=rule.priority,
        team=next((m.team for m in evidence if m.team), ""),
    )


def _bears_on(moment: Moment, claim: _Claim, supports: Sequence[str]) -> bool:
    """Supports and contradictions whose span holds the claimed instant; a score that changed is not one that stood."""
    if moment.signal in supports:
        return moment.span.holds(claim.peak_s)
    changed = any(m.signal == "score" for m in claim.moments)
    return moment.weight < 0 and not changed and moment.span.holds(claim.peak_s)


def _once(moments: Sequence[Moment]) -> list[Moment]:
    """Of the replays that follow only the next one: those after it may be of something else."""
    replays = [m for m in moments if m.signal == "replay"]
    return [m for m in moments if m.signal != "replay"] + sorted(replays, key=lambda m: m.span.end_s)[:1]


def _long_enough(span: Span, rule: EventRule, recording: Recording) -> Span:
    missing_s = max(0.0, rule.min_length_s - span.length_s) / 2
    return span.pad(missing_s, missing_s).clamp(recording.span) or span


def _apart(rule: EventRule, weighed: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Accepted and refused: by the threshold, and of claims too near each other the surer one."""
    accepted: list[Event] = []
    refused: list[Event] = []
    for event in sorted(weighed, key=lambda e: (-e.confidence, e.peak_s)):
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
    """The event with the game clock at its instant, the period, and the score it led to."""
    change_s = max((m.span.end_s for m in event.evidence if m.signal == "score" and m.weight > 0), default=event.peak_s)
    change = next((c for c in scoreboard.changes if c.seen.end_s >= change_s), None) if _scored(event) else None
    reading = next((r for r in reversed(scoreboard.readings) if r.time_s <= event.peak_s), None)
    counters = change.after if change else reading.counters if reading else {}
    period = change.period if change else reading.period if reading else ""
    return replace(event, game_clock=game_clock.text_at(event.peak_s), period=period, score=score_text(counters))


def score_text(counters: dict[str, int]) -> str:
    """Counters as the sport writes them.

    >>> score_text({"home": 2, "away": 1}), score_text({"runs": 128, "wickets": 3, "balls": 92})
    ('2–1', '128/3 (15.2)')
    """
    if "runs" in counters:
        overs = f" ({counters['balls'] // 6}.{counters['balls'] % 6})" if "balls" in counters else ""
        return f"{counters['runs']}/{counters.get('wickets', 0)}{overs}"
    if "home" in counters:
        return f"{counters['home']}–{counters.get('away', 0)}"
    names = ("sets", "games", "points")
    return " ".join(f"{counters[f'home_{n}']}–{counters.get(f'away_{n}', 0)}" for n in names if f"home_{n}" in counters)
