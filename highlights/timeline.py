"""Events → clips: seconds before and after, edges moved to near cuts, no overlaps, an order, a length to keep to.

    scenes  ├────────┤├───────────────┤├──────────
    event                ├──┤
    rolls           ├─────────────┤
    clip             ├───────────────┤              both edges moved to a cut that was near
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from highlights.profile import Profile
from highlights.records import Analysis, Clip, Event, Recording, Replay, Scene, Timeline
from highlights.spans import Span

SNAP_S = 2.0  # an edge moves to a cut at most this far away
REPLAY_WITHIN_S = 60.0
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
    clips = [_clip(i, event, recording, profile, analysis) for i, event in enumerate(events)]
    if options.replays:
        clips += _replays(events, analysis.replays, recording)
    else:
        clips = [_before_replay(clip, events, analysis.replays) for clip in clips]
    joined = _without_overlap(sorted(clips, key=lambda c: (c.part, c.span)), events)
    chosen = joined if options.target_s is None else _within(joined, events, options.target_s)
    if options.order == "ranked":
        chosen = sorted(chosen, key=lambda c: (_rank(c, events), c.replay, c.span))
    return Timeline(recording, profile.sport, tuple(events), tuple(near_misses), tuple(chosen), analysis)


def _clip(index: int, event: Event, recording: Recording, profile: Profile, analysis: Analysis) -> Clip:
    rule = profile.event(event.name)
    before_s, after_s = (rule.pre_roll_s, rule.post_roll_s) if rule else (0.0, 0.0)
    part = recording.part_at(event.peak_s)
    rolled = event.span.pad(before_s, after_s)
    limits = recording.parts[part].span
    span = snapped(rolled, event.span, analysis.scenes).clamp(limits) or event.span
    return Clip(span, (index,), event.title, _subtitle(event, analysis), part)


def _subtitle(event: Event, analysis: Analysis) -> str:
    home, away = analysis.scoreboard.teams
    score = f"{home} {event.score} {away}".strip() if event.score and home and away else event.score
    return " · ".join(text for text in (event.game_clock, score) if text)


def snapped(span: Span, keep: Span, scenes: Sequence[Scene]) -> Span:
    """The span with each edge on a cut if one is near; `keep` is never cut into."""
    cuts = [s.span.start_s for s in scenes]
    starts = [c for c in cuts if abs(c - span.start_s) <= SNAP_S and c <= keep.start_s]
    ends = [c for c in cuts if abs(c - span.end_s) <= SNAP_S and c >= keep.end_s]
    start_s = min(starts, key=lambda c: abs(c - span.start_s), default=span.start_s)
    end_s = min(ends, key=lambda c: abs(c - span.end_s), default=span.end_s)
    return Span(start_s, end_s)


def _before_replay(clip: Clip, events: Sequence[Event], replays: Sequence[Replay]) -> Clip:
    """The clip ended where a replay of its event begins."""
    shown_s = max(events[i].span.end_s for i in clip.events)
    starts = [r.span.start_s for r in replays if shown_s <= r.span.start_s < clip.span.end_s]
    if not starts or min(starts) - clip.span.start_s < SHORTEST_S:
        return clip
    return replace(clip, span=Span(clip.span.start_s, min(starts)))


def _replays(events: Sequence[Event], replays: Sequence[Replay], recording: Recording) -> list[Clip]:
    """A clip for each replay, named after the last event before it."""
    clips = []
    for replay in replays:
        earlier = [i for i, e in enumerate(events) if 0 <= replay.span.start_s - e.peak_s <= REPLAY_WITHIN_S]
        if earlier:
            last = max(earlier, key=lambda i: (events[i].peak_s, events[i].priority))
            part = recording.part_at(replay.span.start_s)
            clips.append(Clip(replay.span, (last,), f"{events[last].title}, replay", "", part, replay=True))
    return clips


def _without_overlap(clips: Sequence[Clip], events: Sequence[Event]) -> list[Clip]:
    """Clips of one part that overlap become one clip, named after its best event."""
    kept: list[Clip] = []
    for clip in clips:
        last = kept[-1] if kept else None
        if last is None or last.part != clip.part or not last.span.overlap_s(clip.span):
            kept.append(clip)
        elif clip.replay != last.replay:
            kept += _trimmed(kept.pop(), clip)
        else:
            kept.append(_joined(kept.pop(), clip, events))
    return kept


def _trimmed(last: Clip, clip: Clip) -> list[Clip]:
    """Play and replay stay apart: the later one begins where the earlier one ends."""
    if clip.span.end_s - last.span.end_s < SHORTEST_S:
        return [last]
    return [last, replace(clip, span=Span(last.span.end_s, clip.span.end_s))]


def _joined(a: Clip, b: Clip, events: Sequence[Event]) -> Clip:
    best = min((a, b), key=lambda c: _rank(c, events))
    titles = dict.fromkeys((a.title, b.title))
    return replace(
        best,
        span=Span(a.span.start_s, max(a.span.end_s, b.span.end_s)),
        events=tuple(dict.fromkeys((*a.events, *b.events))),
        title=" + ".join(titles),
    )


def _rank(clip: Clip, events: Sequence[Event]) -> tuple[float, float, float]:
    """Lower is better: by priority, then confidence, then time."""
    return min((-events[i].priority, -events[i].confidence, events[i].peak_s) for i in clip.events)


def _within(clips: Sequence[Clip], events: Sequence[Event], target_s: float) -> list[Clip]:
    """The best clips that fit into `target_s` together, in order of time; the very best one is shortened if it must be."""
    chosen: list[Clip] = []
    left_s = target_s
    for clip in sorted(clips, key=lambda c: (c.replay, _rank(c, events))):
        if clip.span.length_s <= left_s:
            chosen.append(clip)
            left_s -= clip.span.length_s
        elif not chosen and target_s >= SHORTEST_S:
            chosen.append(_shortened(clip, events, target_s))
            left_s = 0.0
    return [c for c in clips if c in chosen] or sorted(chosen, key=lambda c: c.span)


def _shortened(clip: Clip, events: Sequence[Event], length_s: float) -> Clip:
    """The clip cut to `length_s` around its best event's instant."""
    best = min(clip.events, key=lambda i: (-events[i].priority, -events[i].confidence))
    start_s = min(max(clip.span.start_s, events[best].peak_s - 0.6 * length_s), clip.span.end_s - length_s)
    return replace(clip, span=Span(start_s, start_s + length_s))
