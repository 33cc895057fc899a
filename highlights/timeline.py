"""Events → clips: pre-roll and post-roll, edges snapped to cuts, no overlaps, an order, a target length.

    scenes  ├────────┤├───────────────┤├──────────
    event                ├──┤
    rolls           ├─────────────┤
    clip             ├───────────────┤              both edges snapped to a nearby cut

Whatever moves an edge, a clip shows its events completely, as far as they are in its file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

from highlights.choices import Order
from highlights.finders.evidence import SPREAD
from highlights.profile import Profile
from highlights.records import Analysis, Clip, Event, Recording, Replay, Scene, Timeline
from highlights.spans import Span, gaps, merge

SNAP_S = 2.0  # an edge snaps to a cut at most this far away
REPLAY_WITHIN_S = 60.0  # a later replay shows something else
WIPE_S = 0.5  # the longest gap between two angles of one replay
SHORTEST_S = 1.0
TOO_WIDE_S = 30.0  # where an event can be, for a reel that shows it unasked
LEAST_ROLL = 0.5  # share of its rolls that a clip keeps at least; below that, lesser events are left out instead


@dataclass(frozen=True, slots=True)
class TimelineOptions:
    """How events become clips.

    `order`: as in the match, or best first. `target_s`: the maximum length of the reel; the best events come first. `replays`:
    whether each event's replays are shown after it. `rolls`: the factor for the profile's pre-roll and post-roll. `condense`:
    all of the play, without the dead time between rallies. What the reel has besides its clips counts towards the target:
    `around_s` once, `beside_s` with each clip of an event, `beside_replay_s` with each replay; negative where clips overlap
    (cross-fades).
    """

    order: Order = "chronological"
    target_s: float | None = None
    replays: bool = False
    rolls: float = 1.0
    condense: bool = False
    around_s: float = 0.0
    beside_s: float = 0.0
    beside_replay_s: float = 0.0


def build(
    recording: Recording,
    profile: Profile,
    events: Sequence[Event],
    near_misses: Sequence[Event],
    analysis: Analysis,
    options: TimelineOptions = TimelineOptions(),
) -> Timeline:
    """The timeline of a match: its events and the clips that show them."""
    clips = [clip_of(i, event, recording, profile, analysis, options.rolls) for i, event in enumerate(events)]
    if options.condense:
        clips = _condensed(clips, events, profile)
    else:
        clips = _joined([clip for clip, event in zip(clips, events, strict=True) if _in_reel(event, profile)], events)
    if options.replays:
        clips += _replays(events, clips, analysis.replays, recording)
    if options.target_s is not None:
        clips = _within(clips, events, options.target_s, options)
    if options.order == "ranked":
        clips.sort(key=lambda c: (_rank(c, events), c.replay, c.span))
    else:
        clips.sort(key=lambda c: c.span)
    return Timeline(recording, profile.sport, tuple(events), tuple(near_misses), tuple(clips), analysis)


def moments_note(timeline: Timeline) -> str:
    """What to say about a timeline of moments; empty if it has events, or nothing."""
    if not timeline.only_moments:
        return ""
    count = len({index for clip in timeline.clips for index in clip.events}) or len(timeline.events)
    if all(claim.signal == SPREAD for event in timeline.events for claim in event.evidence):
        return "No event was found, and nothing stands out; the reel shows moments spread evenly over the recording"
    return f"No event was found; the reel shows the best {'moment' if count == 1 else f'{count} moments'}"


def _in_reel(event: Event, profile: Profile) -> bool:
    """Whether a reel shows an event unasked; one that a person has accepted or trimmed it always shows.

    It leaves out kinds that happen all the time, and what may be anywhere in half a minute and more unless that changed the
    score: such a clip is mostly something else, and swallows what is around it.
    """
    if event.status in ("accepted", "added") or event.shown is not None:
        return True
    rule = profile.event(event.name)
    scores = rule is not None and rule.signals.score is not None
    placed = event.doubt is None or event.doubt.length_s < TOO_WIDE_S or scores
    return profile.shows(event.name) and placed


def _condensed(clips: Sequence[Clip], events: Sequence[Event], profile: Profile) -> list[Clip]:
    """The play without the dead time: all rallies, and what else was found where none was heard; nothing without rallies.

    rallies     ├────┤          ├──────┤
    points          ├┤                 ├┤       ├─┤    the last one was not heard, such as an ace
    clips      ├──────┤        ├────────┤    ├──────┤
    """
    play = profile.play
    rallies = _joined([clip for clip in clips if play is not None and events[clip.events[0]].name == play.name], events)
    played = {number for clip in rallies for number in clip.events}
    shown = [_within_rally(clip, events[clip.events[0]].span, rallies) for clip in clips if clip.events[0] not in played]
    return _joined([*rallies, *shown], events) if rallies else []


def _within_rally(clip: Clip, event: Span, rallies: Sequence[Clip]) -> Clip:
    """The clip of an event as the part of a rally's clip that it shares most with, or as it is."""
    rally = max(rallies, key=lambda one: one.span.overlap_s(event), default=None)
    shared = event.clamp(rally.span) if rally else None
    return replace(clip, span=shared, part=rally.part) if rally and shared else clip


def clip_of(index: int, event: Event, recording: Recording, profile: Profile, analysis: Analysis, rolls: float = 1.0) -> Clip:
    """The clip of one event: as set by hand, or with the rolls of its kind."""
    part = recording.part_at(event.peak_s if event.shown is None else event.shown.middle_s)
    span = event.shown or _rolled(event, profile, analysis, rolls)
    span = span.clamp(recording.parts[part].span) or event.span
    return Clip(span, (index,), event.title, _subtitle(event, analysis), part)


def _rolled(event: Event, profile: Profile, analysis: Analysis, rolls: float) -> Span:
    """The event with its kind's pre-roll and post-roll, snapped to cuts, without replays."""
    before_s, after_s = _rolls(event, profile)
    span = snapped(event.span.pad(rolls * before_s, rolls * after_s), event.span, analysis.scenes)
    return _live(span, event.span, analysis.replays)


def near_edges(event: Event, profile: Profile, rolls: float = 1.0) -> list[Span]:
    """Where the clip of an event can begin and end; nowhere else than where a person set it."""
    if event.shown is not None:
        return []
    before_s, after_s = _rolls(event, profile)
    rolled = event.span.pad(rolls * before_s, rolls * after_s)
    return [Span(max(0.0, edge_s - SNAP_S), edge_s + SNAP_S + 0.001) for edge_s in (rolled.start_s, rolled.end_s)]


def _rolls(event: Event, profile: Profile) -> tuple[float, float]:
    rule = profile.event(event.name)
    return (rule.pre_roll_s, rule.post_roll_s) if rule else (0.0, 0.0)


def _subtitle(event: Event, analysis: Analysis) -> str:
    """Who, when, and the score; the team is named if the score does not name it."""
    home, away = analysis.scoreboard.teams
    score = f"{home} {event.score} {away}" if event.score and home and away else event.score
    without_team = event.team in ("home", "away") or (score and event.team in (home, away) and not event.player)
    who = ", ".join(text for text in (event.player, "" if without_team else event.team) if text)
    return " · ".join(text for text in (who, event.game_clock, score) if text)


def snapped(span: Span, keep: Span, scenes: Sequence[Scene]) -> Span:
    """The span with each edge on a cut, if one is near; `keep` is never cut into."""
    starts = [c for c in _cuts_near(span.start_s, scenes) if c <= keep.start_s]
    ends = [c for c in _cuts_near(span.end_s, scenes) if c >= keep.end_s]
    start_s = min(starts, key=lambda c: abs(c - span.start_s), default=span.start_s)
    end_s = min(ends, key=lambda c: abs(c - span.end_s), default=span.end_s)
    return Span(start_s, end_s)


def _cuts_near(time_s: float, scenes: Sequence[Scene]) -> list[float]:
    """The starts of scenes at most `SNAP_S` away, by bisection: scenes are in order of time, and a match has thousands."""
    first = bisect_left(scenes, time_s - SNAP_S, key=lambda s: s.span.start_s)
    last = bisect_right(scenes, time_s + SNAP_S, key=lambda s: s.span.start_s)
    return [s.span.start_s for s in scenes[first:last]]


def _live(span: Span, keep: Span, replays: Sequence[Replay]) -> Span:
    """The span from the end of the last replay before `keep` to the start of the first one after it."""
    before = [r.span.end_s for r in replays if r.span.end_s <= keep.start_s]
    after = [r.span.start_s for r in replays if r.span.start_s >= keep.end_s]
    return Span(max([span.start_s, *before]), min([span.end_s, *after]))


def _joined(clips: Sequence[Clip], events: Sequence[Event]) -> list[Clip]:
    """Overlapping clips joined, with the title of the best event; clips of two parts never overlap."""
    joined: list[Clip] = []
    for clip in sorted(clips, key=lambda c: (c.span, c.events)):
        last = joined[-1] if joined else None
        if last is None or not last.span.overlap_s(clip.span):
            joined.append(clip)
            continue
        best = min((last, clip), key=lambda c: _rank(c, events))
        shown = (*last.events, *clip.events)
        titles = dict.fromkeys(events[i].title for i in shown)
        span = Span(last.span.start_s, max(last.span.end_s, clip.span.end_s))
        joined[-1] = replace(best, span=span, events=shown, title=" + ".join(titles))
    return joined


def _replays(events: Sequence[Event], live: Sequence[Clip], replays: Sequence[Replay], recording: Recording) -> list[Clip]:
    """A clip for each replay with all its angles, named after the last event before it."""
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
    """An event's confidence, which is 1 if a person accepted or added it."""
    return 1.0 if event.status in ("accepted", "added") else event.confidence


def _within(clips: Sequence[Clip], events: Sequence[Event], target_s: float, options: TimelineOptions) -> list[Clip]:
    """The best clips that fit together; all give up some of their rolls before one is left out.

    The best one is shortened if necessary. Replays come last, and only those of events that are shown.
    """
    left_s = target_s - options.around_s
    chosen: list[tuple[Clip, Span]] = []
    for clip in sorted((c for c in clips if not c.replay), key=lambda c: (_rank(c, events), c.span)):
        least, room_s = _least(clip, events), left_s - options.beside_s
        if not chosen and SHORTEST_S <= room_s < least.length_s:
            clip = _shortened(clip, events, room_s)
            least = clip.span
        if least.length_s <= room_s:
            chosen.append((clip, least))
            left_s = floor((room_s - least.length_s) * 1000 + 0.001) / 1000  # rounded up, the rolls would exceed the target
    given_up_s = sum(clip.span.length_s - least.length_s for clip, least in chosen)
    share = min(1.0, left_s / given_up_s) if given_up_s else 1.0
    shown = [_rolled_back(clip, least, share) for clip, least in chosen]
    left_s -= sum(c.span.length_s - least.length_s for c, (_, least) in zip(shown, chosen, strict=True))
    return shown + _fitting([c for c in clips if c.replay], shown, events, left_s, options.beside_replay_s)


def _least(clip: Clip, events: Sequence[Event]) -> Span:
    """The least of a clip to show: its events with a part of their rolls, or everything that was set by hand."""
    spans = [span for i in clip.events if (span := events[i].span.clamp(clip.span))]
    if not spans or any(events[i].shown for i in clip.events):
        return clip.span
    start_s, end_s = min(span.start_s for span in spans), max(span.end_s for span in spans)
    before_s, after_s = start_s - clip.span.start_s, clip.span.end_s - end_s
    return Span(start_s - LEAST_ROLL * before_s, end_s + LEAST_ROLL * after_s)


def _rolled_back(clip: Clip, least: Span, share: float) -> Clip:
    """The clip with `share` of its rolls beyond the least; edges are rounded inwards, so that the target is not exceeded."""
    if share >= 1:
        return clip
    start_s = least.start_s - share * (least.start_s - clip.span.start_s)
    end_s = least.end_s + share * (clip.span.end_s - least.end_s)
    return replace(clip, span=Span(ceil(start_s * 1000) / 1000, floor(end_s * 1000) / 1000))


def _fitting(
    replays: Sequence[Clip], shown: Sequence[Clip], events: Sequence[Event], left_s: float, beside_s: float
) -> list[Clip]:
    """The replays of shown events that also fit."""
    chosen: list[Clip] = []
    for clip in sorted(replays, key=lambda c: (_rank(c, events), c.span)):
        length_s = clip.span.length_s + beside_s
        if length_s <= left_s and any(set(clip.events) <= set(c.events) for c in shown):
            chosen.append(clip)
            left_s = round(left_s - length_s, 3)
    return chosen


def _shortened(clip: Clip, events: Sequence[Event], length_s: float) -> Clip:
    """The clip cut to `length_s` around its best event's instant."""
    best = min(clip.events, key=lambda i: (-events[i].priority, -sureness(events[i])))
    length_s = floor(length_s * 1000) / 1000
    start_s = min(max(clip.span.start_s, events[best].peak_s - 0.6 * length_s), clip.span.end_s - length_s)
    start_s = round(start_s, 3)
    return replace(clip, span=Span(start_s, start_s + length_s))
