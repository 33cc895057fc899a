"""The finder that needs no model: what a broadcast itself says → moments.

Every signal is turned into spans in which the event can have happened, with a weight in log-odds:

    instant ──────┬──► roar ───────► the graphic changes        score   [seen - longest delay, seen - shortest delay]
                  └───────► replay ─►                           crowd   around the onset of the roar
                                                                replay  [replay - within, replay]
    where the graphic would have changed and did not, the score speaks against the event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from highlights.analysis.roars import Roar, roars
from highlights.analysis.tally import score_text
from highlights.profile import EventRule, Profile, ScoreRule
from highlights.records import Analysis, Counter, Moment, Recording, Replay, Scoreboard, ScoreChange
from highlights.spans import Span, clock, gaps, merge

SCORE_WEIGHT = 5.0  # a change of the score alone is an event: logistic(-2 + 5) = 0.95
STOOD_WEIGHT = -4.0  # a score that stood all through the time in which it would have changed outweighs the clearest roar
UNSEEN_WEIGHT = -1.5  # it stood as long as it was seen, which was not long enough to be sure
BACK_WEIGHT = -10.0  # taken back by the referee: outweighs a change of the score, a roar and a replay together
BACK_WITHIN_S = 600.0  # later than that a falling score is another match or a slip of the reader, not a referee's word
TYPICAL = 1 / 3  # of the way from the shortest delay of a graphic to the longest: most come early, a few come late
AT_ONCE_S = 1.0  # a longer spell between two looks means that the graphic was out of sight
TO_REPLAY_S = 5.0  # television stays live for this long after the instant before it shows it again
NEXT_ANGLE_S = 2.0  # replays no further apart than this are of one instant
AROUND_ROAR_S = 4.0  # the crowd rises in the attack before the instant, and is loudest up to 2 s after it
LASTING_S = 20.0  # a goal is cheered for this long; a chance that passed, for half of it
SHORTEST_S = 0.1


def find(recording: Recording, profile: Profile, analysis: Analysis) -> list[Moment]:
    """All moments that the signals claim for the events of a profile, in order of time."""
    heard = [r for r in roars(analysis.crowd) if not any(replay.span.holds(r.onset_s) for replay in analysis.replays)]
    moments: list[Moment] = []
    for rule in profile.events:
        if rule.signals.score is not None:
            moments += _Score(rule, rule.signals.score, profile, analysis, recording).moments()
        moments += _crowd(rule, heard, recording)
        moments += _replay(rule, analysis.replays)
        moments += _tones(rule, analysis, recording)
    return sorted(moments, key=lambda m: (m.span, m.event, m.signal, m.peak_s))


def _crowd(rule: EventRule, heard: Sequence[Roar], recording: Recording) -> Iterator[Moment]:
    crowd = rule.signals.crowd
    if crowd is None:
        return
    for roar in heard:
        if roar.strength < crowd.at_least:
            continue
        peak_s = round((roar.onset_s + roar.peak_s) / 2, 3)
        span = _stretch(peak_s - AROUND_ROAR_S, peak_s + AROUND_ROAR_S, recording)
        lasting = 0.6 + 0.4 * min(1.0, roar.span.length_s / LASTING_S)
        because = f"the crowd roared at {clock(peak_s)} for {roar.span.length_s:.0f} s, {roar.strength:.0%} of a full roar"
        yield Moment(rule.name, span, peak_s, "crowd", round(crowd.weight * roar.strength * lasting, 3), because)


def _replay(rule: EventRule, replays: Sequence[Replay]) -> Iterator[Moment]:
    if rule.signals.replay is None:
        return
    for before, replay in pairwise([None, *replays]):
        assert replay is not None
        if before is not None and replay.span.start_s - before.span.end_s < NEXT_ANGLE_S:
            continue
        start_s = max(0.0, replay.span.start_s - rule.signals.replay.within_s)
        if replay.span.start_s - start_s < SHORTEST_S:
            continue  # the recording begins with it
        span = Span(start_s, replay.span.start_s)
        because = f"a replay followed at {clock(replay.span.start_s)}"
        yield Moment(rule.name, span, span.end_s, "replay", round(rule.signals.replay.weight * replay.confidence, 3), because)


def _tones(rule: EventRule, analysis: Analysis, recording: Recording) -> Iterator[Moment]:
    for tone_rule in (rule.signals.whistle, rule.signals.buzzer):
        for tone in analysis.tones:
            if tone_rule is None or tone.kind != tone_rule.kind:
                continue
            span = _stretch(tone.span.start_s - tone_rule.within_s, tone.span.end_s + tone_rule.within_s, recording)
            because = f"a {tone.kind} at {clock(tone.span.start_s)}"
            yield Moment(rule.name, span, tone.span.start_s, tone.kind, round(tone_rule.weight * tone.confidence, 3), because)
