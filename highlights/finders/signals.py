"""The finder that needs no model: signals in the broadcast itself → moments.

Every signal gives spans in which the event can have happened, with a weight in log-odds:

    instant ──────┬──► roar ───────► the graphic changes        score   [change - longest delay, change - shortest delay]
                  └───────► replay ─►                           crowd   around the onset of the roar
                                                                replay  [replay - within, replay]
    where the graphic would have changed but did not, the score is evidence against the event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from highlights.analysis.sound.roars import Roar, roars
from highlights.finders.instant import NEXT_ANGLE_S, Broadcast
from highlights.finders.score import SHORTEST_S, ScoreSignal, clamped
from highlights.profile import EventRule, Profile
from highlights.records import Analysis, Moment, Rally, Recording, Replay, Tone
from highlights.spans import Span, clock

AROUND_ROAR_S = 4.0  # the crowd rises in the attack before the instant, and is loudest up to 2 s after it
AFTER_HIT_S = 2.0  # the ball lands, or stays in the net, at most so long after the last hit of a rally
END_WEIGHT = 2.0  # log-odds that a point was won there and not in between: it never is, but some rallies are not heard
LASTING_S = 20.0  # a goal is cheered for this long, a missed chance for half of it
RARE_SHARE = 0.5  # of the way to a full roar that a rare one is moved: what is loudest in a quiet match may still be no goal


def find(recording: Recording, profile: Profile, analysis: Analysis) -> list[Moment]:
    """All moments that the signals claim for the events of a profile, in order of time."""
    live = [r for r in roars(analysis.crowd) if not any(replay.span.holds(r.onset_s) for replay in analysis.replays)]
    broadcast = Broadcast(analysis)
    moments: list[Moment] = []
    for rule in profile.events:
        beside = [*_crowd(rule, live, recording), *_replay(rule, analysis.replays), *_tones(rule, analysis.tones, recording)]
        moments += [*beside, *_rallies(rule, analysis.rallies.found)]
        if rule.signals.score is not None:
            placing = [*beside, *_ends(rule, analysis.rallies.found, recording)]
            moments += ScoreSignal(rule, rule.signals.score, profile, analysis, recording, broadcast, placing).moments()
    return sorted(moments, key=lambda m: (m.span, m.event, m.signal, -m.weight))


def _crowd(rule: EventRule, live: Sequence[Roar], recording: Recording) -> Iterator[Moment]:
    crowd = rule.signals.crowd
    if crowd is None:
        return
    for roar in live:
        if roar.strength < crowd.at_least:
            continue
        peak_s = round((roar.onset_s + roar.peak_s) / 2, 3)
        span = clamped(peak_s - AROUND_ROAR_S, peak_s + AROUND_ROAR_S, recording)
        lasting = 0.6 + 0.4 * min(1.0, roar.span.length_s / LASTING_S)
        strength = roar.strength + RARE_SHARE * roar.rarity * (1 - roar.strength)
        rare = ", far above the others in this match" if roar.rarity >= 0.5 else ""
        because = (
            f"the crowd roared at {clock(peak_s)} for {roar.span.length_s:.0f} s, {roar.strength:.0%} of a full roar{rare}"
        )
        yield Moment(rule.name, span, peak_s, "crowd", round(crowd.weight * strength * lasting, 3), because)


def _replay(rule: EventRule, replays: Sequence[Replay]) -> Iterator[Moment]:
    if rule.signals.replay is None:
        return
    for replay in _first_angles(replays):
        start_s = max(0.0, replay.span.start_s - rule.signals.replay.within_s)
        if replay.span.start_s - start_s < SHORTEST_S:
            continue  # the recording starts with it
        span = Span(start_s, replay.span.start_s)
        because = f"a replay followed at {clock(replay.span.start_s)}"
        yield Moment(rule.name, span, span.end_s, "replay", round(rule.signals.replay.weight * replay.confidence, 3), because)


def _first_angles(replays: Sequence[Replay]) -> list[Replay]:
    """The first of each row of replays: the others show the same instant from other angles."""
    later = [b for a, b in pairwise(replays) if b.span.start_s - a.span.end_s >= NEXT_ANGLE_S]
    return [*replays[:1], *later]


def _tones(rule: EventRule, tones: Sequence[Tone], recording: Recording) -> Iterator[Moment]:
    for tone_rule in (rule.signals.whistle, rule.signals.buzzer):
        for tone in tones:
            if tone_rule is None or tone.kind != tone_rule.kind:
                continue
            span = clamped(tone.span.start_s - tone_rule.within_s, tone.span.end_s + tone_rule.within_s, recording)
            because = f"a {tone.kind} at {clock(tone.span.start_s)}"
            yield Moment(rule.name, span, tone.span.start_s, tone.kind, round(tone_rule.weight * tone.confidence, 3), because)


def _rallies(rule: EventRule, rallies: Sequence[Rally]) -> Iterator[Moment]:
    """The rallies long enough for the rule; the instant is the last hit."""
    asked = rule.signals.rally
    if asked is None:
        return
    for rally in rallies:
        first_s, last_s = rally.span.start_s, rally.last_s
        if last_s - first_s >= asked.at_least_s:
            because = f"{rally.hits} hits were heard from {clock(first_s)} to {clock(last_s)}"
            yield Moment(rule.name, rally.span, last_s, "rally", round(asked.weight * rally.confidence, 3), because)


def _ends(rule: EventRule, rallies: Sequence[Rally], recording: Recording) -> Iterator[Moment]:
    """The ends of rallies, which place the points that the score graphic tells of, without being evidence for them."""
    for rally in rallies:
        span = clamped(rally.last_s, rally.last_s + AFTER_HIT_S, recording)
        yield Moment(rule.name, span, rally.last_s, "rally", END_WEIGHT, "a rally ended")
