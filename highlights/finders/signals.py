"""The finder that needs no model: what a broadcast itself says → moments.

Every signal is turned into spans in which the event can have happened, with a weight in log-odds:

    instant ──────┬──► roar ───────► the graphic changes        score   [seen - longest delay, seen - shortest delay]
                  └───────► replay ─►                           crowd   around the onset of the roar
                                                                replay  [replay - within, replay]
    a score that stands speaks against: had it happened here, the graphic would have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from highlights.analysis.roars import Roar, roars
from highlights.profile import EventRule, Profile, ScoreRule
from highlights.records import Analysis, Moment, Recording, Scoreboard, ScoreChange
from highlights.spans import Span, clock

SCORE_WEIGHT = 5.0  # a change of the score alone is an event: logistic(-2 + 5) = 0.95
STOOD_WEIGHT = -4.0  # a score that stood all through the time in which it would have changed outweighs the clearest roar
UNSEEN_WEIGHT = -1.5  # it stood as long as it was seen, which was not long enough to be sure
AROUND_ROAR_S = 4.0  # the crowd rises in the attack before the instant, and is loudest up to 2 s after it
LASTING_S = 20.0  # a goal is cheered for this long; a chance that passed, for half of it


def find(recording: Recording, profile: Profile, analysis: Analysis) -> list[Moment]:
    """All moments that the signals claim for the events of a profile, in order of time."""
    heard = [r for r in roars(analysis.crowd) if not any(replay.span.holds(r.onset_s) for replay in analysis.replays)]
    moments: list[Moment] = []
    for rule in profile.events:
        moments += _score(rule, profile, analysis.scoreboard, recording)
        moments += _crowd(rule, heard, recording)
        moments += _replay(rule, analysis)
        moments += _tones(rule, analysis)
    return sorted(moments, key=lambda m: (m.span, m.event, m.signal))


def _score(rule: EventRule, profile: Profile, board: Scoreboard, recording: Recording) -> Iterator[Moment]:
    score = rule.signals.score
    if score is None:
        return
    steps = {by for r in profile.events if r.signals.score and r.signals.score.counter == score.counter for by in r.signals.score.by}
    for change in board.changes:
        for counter in _counters(score, change):
            grown = change.grown(counter)
            if grown in score.by:
                yield _changed(rule, score, board, change, counter)
            elif len(steps) == 1 and grown > 0 and grown % score.by[0] == 0:
                # only this event moves the counter, so out of sight it happened several times
                yield from [_changed(rule, score, board, change, counter)] * (grown // score.by[0])
    yield from _stood(rule, score, board, recording)


def _counters(score: ScoreRule, change: ScoreChange) -> list[str]:
    """The counters of a change that a rule speaks of: `score` is `home` and `away`, `points` is `home_points`, ..."""
    names = ("home", "away") if score.counter == "score" else (f"home_{score.counter}", f"away_{score.counter}", score.counter)
    return [name for name in names if name in change.after]


def _changed(rule: EventRule, score: ScoreRule, board: Scoreboard, change: ScoreChange, counter: str) -> Moment:
    least, most = score.shown_after_s
    latest = max(0.1, change.seen.end_s - least)
    span = Span(min(max(0.0, change.seen.start_s - most), latest - 0.1), latest)
    side = counter.split("_")[0]
    team = {"home": board.teams[0] or "home", "away": board.teams[1] or "away"}.get(side, "")
    return Moment(
        event=rule.name,
        span=span,
        peak_s=round(max(span.start_s, change.shown_s - (least + min(most, 5 * least + 1)) / 2), 3),
        signal="score",
        weight=round(SCORE_WEIGHT * change.confidence, 3),
        because=f"the {counter.replace('_', ' ')} count went from {change.before[counter]} to {change.after[counter]}"
        f" on the score graphic at {clock(change.shown_s)}",
        team=team,
    )


def _stood(rule: EventRule, score: ScoreRule, board: Scoreboard, recording: Recording) -> Iterator[Moment]:
    """Where the score is known not to have changed, so that the event cannot have happened."""
    if not board.visible:
        return
    most = score.shown_after_s[1]
    first_s, last_s = board.visible[0].start_s, board.visible[-1].end_s
    relevant = [c for c in board.changes if any(c.grown(counter) for counter in _counters(score, c))]
    edges = [first_s, *(t for c in relevant for t in (c.seen.start_s, c.seen.end_s)), last_s]
    for known_s, until_s in zip(edges[::2], edges[1::2], strict=True):
        because = f"the score graphic showed no change from {clock(known_s)} to {clock(until_s)}"
        if until_s - most > known_s:
            yield _against(rule, Span(known_s, until_s - most), STOOD_WEIGHT, because)
    if last_s > edges[-2]:
        # an instant just before the last look, or after it, can't be told: believe the crowd less than without a graphic
        start_s = max(edges[-2], last_s - most)
        if recording.duration_s > start_s:
            because = f"the score had not changed by {clock(last_s)}, when the graphic was last seen"
            yield _against(rule, Span(start_s, recording.duration_s), UNSEEN_WEIGHT, because)


def _against(rule: EventRule, span: Span, weight: float, because: str) -> Moment:
    return Moment(rule.name, span, span.middle_s, "score", weight, because)


def _crowd(rule: EventRule, heard: list[Roar], recording: Recording) -> Iterator[Moment]:
    crowd = rule.signals.crowd
    if crowd is None:
        return
    for roar in heard:
        if roar.strength < crowd.at_least:
            continue
        peak_s = round((roar.onset_s + roar.peak_s) / 2, 3)
        start_s = max(0.0, peak_s - AROUND_ROAR_S)
        span = Span(start_s, min(peak_s + AROUND_ROAR_S, max(recording.duration_s, start_s + 0.1)))
        lasting = 0.6 + 0.4 * min(1.0, roar.span.length_s / LASTING_S)
        because = f"the crowd roared at {clock(peak_s)} for {roar.span.length_s:.0f} s, {roar.strength:.0%} of a full roar"
        yield Moment(rule.name, span, peak_s, "crowd", round(crowd.weight * roar.strength * lasting, 3), because)


def _replay(rule: EventRule, analysis: Analysis) -> Iterator[Moment]:
    if rule.signals.replay is None:
        return
    for before, replay in pairwise([None, *analysis.replays]):
        assert replay is not None
        if before is not None and replay.span.start_s - before.span.end_s < 2.0:
            continue  # the next angle of the same instant
        start_s = max(0.0, replay.span.start_s - rule.signals.replay.within_s)
        if replay.span.start_s - start_s < 0.1:
            continue
        span = Span(start_s, replay.span.start_s)
        because = f"a replay followed at {clock(replay.span.start_s)}"
        yield Moment(rule.name, span, span.end_s, "replay", round(rule.signals.replay.weight * replay.confidence, 3), because)


def _tones(rule: EventRule, analysis: Analysis) -> Iterator[Moment]:
    for tone_rule in (rule.signals.whistle, rule.signals.buzzer):
        for tone in analysis.tones:
            if tone_rule is None or tone.kind != tone_rule.kind:
                continue
            span = tone.span.pad(tone_rule.within_s, tone_rule.within_s)
            because = f"a {tone.kind} at {clock(tone.span.start_s)}"
            yield Moment(rule.name, span, tone.span.start_s, tone.kind, round(tone_rule.weight * tone.confidence, 3), because)

