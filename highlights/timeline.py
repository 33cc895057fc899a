"""Events → clips: seconds before and after, edges moved to near cuts, no overlaps, an order, a length to keep to.

    scenes  ├────────┤├───────────────┤├──────────
    event                ├──┤
    rolls           ├─────────────┤
    clip             ├───────────────┤              both edges moved to a cut that was near

Whatever moves an edge, a clip shows all of its events that lies in its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Literal

from highlights.profile import Profile
from highlights.records import Analysis, Clip, Event, Recording, Replay, Scene, Timeline
from highlights.spans import Span, gaps, merge

SNAP_S = 2.0  # an edge moves to a cut at most this far away
REPLAY_WITHIN_S = 60.0  # a replay later than this is of something else
WIPE_S = 0.5  # between two angles of a replay there may be as much
SHORTEST_S = 1.0


@dataclass(frozen=True, slots=True)
class TimelineOptions:
    """How events become clips.

    `order`: as in the match, or best first. `target_s`: the reel's length to keep to, best events first. `replays`: whether
    each event's replays are shown after it.
    """

    order: Literal["chronological", "ranked"] = "chronological"
    target_s: float | None = None
    replays: bool = False


def build(
    recording: Recording,
    profile: Profile,
    events: Sequence[Event],
    near_misses: Sequence[Event],
    analysis: Analysis,
    options: TimelineOptions = TimelineOptions(),
) -> Timeline:
    """The timeline of a match: its events and the clips that show them."""
    clips = _joined([clip_of(i, event, recording, profile, analysis) for i, event in enumerate(events)], events)
    if options.replays:
        clips += _replays(events, clips, analysis.replays, recording)
    if options.target_s is not None:
        clips = _within(clips, events, options.target_s)
    if options.order == "ranked":
        clips.sort(key=lambda c: (_rank(c, events), c.replay, c.span))
    else:
        clips.sort(key=lambda c: c.span)
    return Timeline(recording, profile.sport, tuple(events), tuple(near_misses), tuple(clips), analysis)


def clip_of(index: int, event: Event, recording: Recording, profile: Profile, analysis: Analysis) -> Clip:
    """What is shown of one event: as set by hand, or by the rolls of its kind."""
    part = recording.part_at(event.peak_s if event.shown is None else event.shown.middle_s)
    span = event.shown or _rolled(event, profile, analysis)
    span = span.clamp(recording.parts[part].span) or event.span
    return Clip(span, (index,), event.title, _subtitle(event, analysis), part)


def _rolled(event: Event, profile: Profile, analysis: Analysis) -> Span:
    """The event with its kind's pre-roll and post-roll, moved to near cuts, without replays."""
    rule = profile.event(event.name)
    before_s, after_s = (rule.pre_roll_s, rule.post_roll_s) if rule else (0.0, 0.0)
    span = snapped(event.span.pad(before_s, after_s), event.span, analysis.scenes)
    return _live(span, event.span, analysis.replays)


def _subtitle(event: Event, analysis: Analysis) -> str:
    home, away = analysis.scoreboard.teams
    score = f"{home} {event.score} {away}" if event.score and home and away else event.score
    return " · ".join(text for text in (event.game_clock, score) if text)


def snapped(span: Span, keep: Span, scenes: Sequence[Scene]) -> Span:
    """The span with each edge on a cut if one is near; `keep` is never cut into."""
    cuts = [s.span.start_s for s in scenes]
    starts = [c for c in cuts if abs(c - span.start_s) <= SNAP_S and c <= keep.start_s]
    ends = [c for c in cuts if abs(c - span.end_s) <= SNAP_S and c >= keep.end_s]
    start_s = min(starts, key=lambda c: abs(c - span.start_s), default=span.start_s)
    end_s = min(ends, key=lambda c: abs(c - span.end_s), default=span.end_s)
    return Span(start_s, end_s)


def _live(span: Span, keep: Span, replays: Sequence[Replay]) -> Span:
    """The span from the end of the last replay before `keep` to the start of the first one after it."""
    before = [r.span.end_s for r in replays if r.span.end_s <= keep.start_s]
    after = [r.span.start_s for r in replays if r.span.start_s >= keep.end_s]
    return Span(max([span.start_s, *before]), min([span.end_s, *after]))


def _joined(clips: Sequence[Clip], events: Sequence[Event]) -> list[Clip]:
    """Clips that overlap become one, with the words of its best event; those of two parts never do."""
    kept: list[Clip] = []
    for clip in sorted(clips, key=lambda c: (c.span, c.events)):
        last = kept[-1] if kept else None
        if last is None or not last.span.overlap_s(clip.span):
            kept.append(clip)
            continue
        best = min((last, clip), key=lambda c: _rank(c, events))
        shown = (*last.events, *clip.events)
        titles = dict.fromkeys(events[i].title for i in shown)
        span = Span(last.span.start_s, max(last.span.end_s, clip.span.end_s))
        kept[-1] = replace(best, span=span, events=shown, title=" + ".join(titles))
    return kept


def _replays(events: Sequence[Event], live: Sequence[Clip], replays: Sequence[Replay], recording: Recording) -> list[Clip]:
    """A clip for each replay, all its angles together, named after the last event before it."""
    clips = []
    for row in merge((r.span for r in replays), max_gap_s=WIPE_S):
        earlier = [i for i, e in enumerate(events) if 0 <= row.start_s - e.peak_s <= REPLAY_WITHIN_S]
        if not earlier:
            continue
        last = max(earlier, key=lambda i: (events[i].peak_s, events[i].priority))
        for span in gaps([c.span for c in live], row):
            part = recording.part_at(span.start_s)
            shown = span.clamp(recording.parts[part].span)
            if shown and shown.length_s >= SHORTEST_S:
                clips.append(Clip(shown, (last,), f"{events[last].title}, replay", "", part, replay=True))
    return clips


def _rank(clip: Clip, events: Sequence[Event]) -> tuple[float, float, float]:
    """Lower is better: by priority, then confidence, then time."""
    return min((-events[i].priority, -sureness(events[i]), events[i].peak_s) for i in clip.events)


def sureness(event: Event) -> float:
    """Its confidence, which is full for what a person said counts."""
    return 1.0 if event.status in ("accepted", "added") else event.confidence


def _within(clips: Sequence[Clip], events: Sequence[Event], target_s: float) -> list[Clip]:
    """The best clips that fit into `target_s` together; the very best one is shortened if it must be.

    Replays come last, and only those of events that are shown.
    """
    chosen: list[Clip] = []
    left_s = target_s
    for clip in sorted(clips, key=lambda c: (c.replay, _rank(c, events), c.span)):
        if clip.replay and not any(set(clip.events) <= set(c.events) for c in chosen):
            continue
        if not chosen and SHORTEST_S <= left_s < clip.span.length_s:
            clip = _shortened(clip, events, left_s)
        if clip.span.length_s <= left_s:
            chosen.append(clip)
            left_s = round(left_s - clip.span.length_s, 3)
    return chosen


def _shortened(clip: Clip, events: Sequence[Event], length_s: float) -> Clip:
    """The clip cut to `length_s` around its best event's instant."""
    best = min(clip.events, key=lambda i: (-events[i].priority, -sureness(events[i])))
    length_s = floor(length_s * 1000) / 1000
    start_s = min(max(clip.span.start_s, events[best].peak_s - 0.6 * length_s), clip.span.end_s - length_s)
    start_s = round(start_s, 3)
    return replace(clip, span=Span(start_s, start_s + length_s))
