"""Moments: where a match has no event, the instants most worth showing, so that nobody is left without a reel.

    sound     ▁▁▂▁▁▁▁▆▇▅▁▁▁▁▁▂▁▁▁▃▂▁▁▁     louder than during most of this match
    cuts      ││  │    │││││  │     │ │     closer together than during most of it
    replay                ├───┤             it followed
    moments           ├──┤          ├──┤    the strongest first, each at some distance from the others

They claim nothing. Everything is compared with the same recording only, so one without a crowd, a cut or a graphic has moments
too; if nothing stands out, they are evenly spread. No moment is ever as sure as an event.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from highlights.analysis.sound.roars import roars
from highlights.finders.evidence import SPREAD, confidence, nearest
from highlights.finders.instant import NEXT_ANGLE_S
from highlights.finders.score import clamped
from highlights.profile import MOMENT_RULE
from highlights.records import MOMENT, Analysis, Event, Excitement, Moment, Recording, Replay, Scene, Tone
from highlights.spans import Span, clock, merge

# Weights in log-odds. They add up to 1.8 at most, so a moment's confidence is at most logistic(-2 + 1.8) = 0.45: less than that
# of any event which the profiles accept.
SOUND_WEIGHT = 0.8  # the loudest instants of a match are the likeliest to matter, even if they prove nothing
REPLAY_WEIGHT = 0.5  # somebody found it worth showing again
PACE_WEIGHT = 0.3  # directors cut faster around what matters, but in every break too
TONE_WEIGHT = 0.1  # of a whistle, and of a buzzer: both are frequent, and rarely for what one wants to see

RANK_FROM = 0.8  # rank in the match from which sound and pace count: the usual says nothing, and one long roar is not all
LOUDEST_OF_S = 30.0  # of each such piece of the match the loudest instant is looked at
AROUND_LOUDEST_S = 4.0  # the sound rises before the instant, and is loudest shortly after it
REPLAY_WITHIN_S = 45.0  # a later replay shows something else
REPLAY_LEAD_S = 12.0  # how long before its replay an instant usually is, if nothing else tells
TONE_WITHIN_S = 10.0
PACE_BEFORE_S, PACE_AFTER_S = 5.0, 25.0  # around an instant: close-ups and replays come after it
PACE_STEP_S = 5.0  # between two places at which the pace is measured
PACE_LEAST = 3  # cuts: two are a glance at the bench

EVERY_S = 900.0  # one more moment for every quarter of an hour: 4 in twelve minutes, 8 in ninety
LEAST, MOST = 3, 8
CLIP_S = 20.0  # length of a moment with its rolls
REEL_SHARE = 0.5  # of the recording, at most: a reel as long as the recording helps nobody
APART_S = 30.0  # between two instants: far enough for their clips not to touch
BEFORE_S, AFTER_S = 1.0, 3.0  # span of a moment around its instant


def offered(recording: Recording, analysis: Analysis) -> tuple[Event, ...]:
    """The best moments of a recording in order of time: from 1 to `MOST`, more in a longer recording.

    Each is an `Event` of the kind `MOMENT`; its evidence says why it was chosen.
    """
    signs = [
        *_loud(analysis.crowd, recording),
        *_replayed(analysis.replays),
        *_busy(analysis.scenes, recording),
        *_toned(analysis.tones, recording),
    ]
    count, apart_s = _count(recording.duration_s), min(APART_S, recording.duration_s / (LEAST + 1))
    live = [sign for sign in signs if not any(replay.span.holds(sign.peak_s) for replay in analysis.replays)]
    chosen: list[_Choice] = []
    while len(chosen) < count:
        free = (sign.peak_s for sign in live if all(abs(sign.peak_s - other.time_s) >= apart_s for other in chosen))
        used = [moment for other in chosen for moment in other.evidence]
        choices = (_Choice(time_s, tuple(_speaking_for(time_s, signs, used))) for time_s in free)
        best = max(choices, key=lambda choice: (choice.weight, -choice.time_s), default=None)
        if best is None:
            break
        chosen.append(best)
    while len(chosen) < min(count, LEAST):
        chosen.append(_spread(recording, chosen, apart_s))
    return tuple(_event(choice, recording) for choice in sorted(chosen, key=lambda choice: choice.time_s))


@dataclass(frozen=True, slots=True)
class _Choice:
    """An instant and what speaks for it."""

    time_s: float
    evidence: tuple[Moment, ...]

    @property
    def weight(self) -> float:
        return round(sum(moment.weight for moment in self.evidence), 3)


def _count(duration_s: float) -> int:
    """How many moments a recording of this length gets."""
    fitting = int(REEL_SHARE * duration_s / CLIP_S)
    return max(1, min(LEAST + round(duration_s / EVERY_S), MOST, fitting))


def _speaking_for(time_s: float, signs: Sequence[Moment], used: Sequence[Moment]) -> list[Moment]:
    """What speaks for an instant, strongest first: of each signal the nearest, unless it already speaks for another instant."""
    near = nearest((sign for sign in signs if sign.span.holds(time_s) and sign not in used), time_s).values()
    return sorted(near, key=lambda sign: -sign.weight)


def _loud(crowd: Excitement, recording: Recording) -> Iterator[Moment]:
    """Every roar, and between roars the loudest instant of every half minute, if it is louder than most of the match."""
    values = np.array(crowd.values)
    ranks = _ranks(values)
    if not len(values):
        return
    found = roars(crowd)
    instants_s = [((roar.onset_s + roar.peak_s) / 2, roar.span) for roar in found]
    per_piece = round(LOUDEST_OF_S / crowd.step_s)
    for first in range(0, len(values), per_piece):
        at_s = (first + int(values[first : first + per_piece].argmax())) * crowd.step_s
        if not any(roar.span.holds(at_s) for roar in found):
            instants_s.append((at_s, Span(at_s, at_s + crowd.step_s)))
    for time_s, span in instants_s:
        inside = slice(round(span.start_s / crowd.step_s), round(span.end_s / crowd.step_s))
        loudest, rank = float(values[inside].max()), float(ranks[inside].max())
        if rank < RANK_FROM:
            continue
        share = (loudest + (rank - RANK_FROM) / (1 - RANK_FROM)) / 2
        because = f"it was louder than during {_percent(rank)} of the recording"
        yield _sign("crowd", time_s, (AROUND_LOUDEST_S, AROUND_LOUDEST_S), SOUND_WEIGHT * share, because, recording)


def _replayed(replays: Sequence[Replay]) -> Iterator[Moment]:
    """Every row of replays, as a sign for the time before it."""
    for row in merge((replay.span for replay in replays), max_gap_s=NEXT_ANGLE_S):
        sure = max(replay.confidence for replay in replays if row.holds(replay.span.start_s))
        start_s = max(0.0, row.start_s - REPLAY_WITHIN_S)
        if start_s < row.start_s:
            peak_s = max(start_s, row.start_s - REPLAY_LEAD_S)
            because = f"a replay followed at {clock(row.start_s)}"
            yield Moment(MOMENT, Span(start_s, row.start_s), peak_s, "replay", round(REPLAY_WEIGHT * sure, 3), because)


def _busy(scenes: Sequence[Scene], recording: Recording) -> Iterator[Moment]:
    """Every place around which cuts are closer together than in most of the match."""
    cuts_s = [scene.span.start_s for scene in scenes if scene.transition != "start"]
    places_s = np.arange(0.0, recording.duration_s, PACE_STEP_S).tolist()
    counts = [
        bisect_left(cuts_s, place_s + PACE_AFTER_S) - bisect_left(cuts_s, place_s - PACE_BEFORE_S) for place_s in places_s
    ]
    for place_s, count, rank in zip(places_s, counts, _ranks(np.array(counts)).tolist(), strict=True):
        if count >= PACE_LEAST and rank >= RANK_FROM:
            share = (rank - RANK_FROM) / (1 - RANK_FROM)
            because = (
                f"{count} cuts in {PACE_BEFORE_S + PACE_AFTER_S:.0f} s, more than during {_percent(rank)} of the recording"
            )
            yield _sign("pace", place_s, (PACE_STEP_S / 2, PACE_STEP_S / 2), PACE_WEIGHT * share, because, recording)


def _toned(tones: Sequence[Tone], recording: Recording) -> Iterator[Moment]:
    """Every whistle and buzzer."""
    for tone in tones:
        because = f"a {tone.kind} at {clock(tone.span.start_s)}"
        around_s = TONE_WITHIN_S, TONE_WITHIN_S
        yield _sign(tone.kind, tone.span.start_s, around_s, TONE_WEIGHT * tone.confidence, because, recording)


def _sign(
    signal: str, time_s: float, around_s: tuple[float, float], weight: float, because: str, recording: Recording
) -> Moment:
    span = clamped(time_s - around_s[0], time_s + around_s[1], recording)
    return Moment(MOMENT, span, round(time_s, 3), signal, round(weight, 3), because)


def _ranks(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Of each value the share of all values below it, 0..1."""
    return np.searchsorted(np.sort(values), values) / max(1, len(values))


def _percent(rank: float) -> str:
    """A share of the recording; never all of it, as the instant itself is part of it."""
    return f"{min(rank, 0.99):.0%}"


def _spread(recording: Recording, chosen: Sequence[_Choice], apart_s: float) -> _Choice:
    """The middle of the longest stretch without a moment, of those where it is far enough from other moments.

    Before the first moment and after the last one it may lie beyond the middle:

        ├──────x──────m──────x──────m─────x─┤
    """
    times_s = sorted(choice.time_s for choice in chosen)
    stretches = []
    for start_s, end_s in pairwise([0.0, *times_s, recording.duration_s]):
        length_s, at_s = end_s - start_s, (start_s + end_s) / 2
        outer = not times_s or start_s < times_s[0] or end_s > times_s[-1]
        away_s = min(length_s, max(length_s / 2, apart_s)) if outer else length_s / 2
        if times_s and start_s < times_s[0]:
            at_s = end_s - away_s
        elif times_s and end_s > times_s[-1]:
            at_s = start_s + away_s
        stretches.append((away_s >= apart_s, round(length_s, 3), -start_s, round(at_s, 3)))
    time_s = max(stretches)[3]
    because = "nothing stands out here; it was chosen to spread the moments over the recording"
    return _Choice(time_s, (_sign(SPREAD, time_s, (BEFORE_S, AFTER_S), 0.0, because, recording),))


def _event(choice: _Choice, recording: Recording) -> Event:
    part = recording.parts[recording.part_at(choice.time_s)].span
    span = Span(choice.time_s - BEFORE_S, choice.time_s + AFTER_S) if choice.time_s > BEFORE_S else Span(0.0, AFTER_S)
    return Event(
        name=MOMENT,
        title=MOMENT_RULE.title,
        span=span.clamp(part) or part,
        peak_s=choice.time_s,
        confidence=confidence(choice.weight),
        evidence=choice.evidence,
        priority=MOMENT_RULE.priority,
    )
