"""One reel of clips from several matches: the files of all of them as one recording, and the clips in the order they are given.

    match 1    ├───[a]────────[b]──┤
    match 2    ├──────[c]──┤
    together   ├───[a]────────[b]──┤   ├──────[c]──┤      files end to end, with a gap that nothing reaches across
    reel       [c][a][b]                                  in the order of the picks

Files may differ in everything. What is shown has the size and rate of the largest picture; others are fitted in, not stretched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import ceil

from highlights.errors import ProfileError, RenderError
from highlights.profile import load
from highlights.records import Analysis, Clip, Event, Part, Recording, Scene, Scoreboard, Timeline
from highlights.reel.film import headline
from highlights.reel.plan import NOTHING_TO_SHOW
from highlights.spans import Span
from highlights.timeline import clip_of

GAP_S = 60
"""Between two files on the common clock: farther than slow motion is heard past the end of its clip."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One clip of a match: `clip` is on the match's own clock, its `events` count those of the `timeline`.

    `match` names the match in the clip's subtitle, if that does not name it yet.
    """

    timeline: Timeline
    clip: Clip
    match: str


def picked(timeline: Timeline, event: int, match: str = "") -> Pick:
    """The pick of one event: the clip that the timeline shows it in, or one as its event profile makes it.

    Args:
        timeline: The match.
        event: Index into its events.
        match: A name for the match; by default its teams, or else the name of its first file.
    """
    shown = (clip for clip in timeline.clips if event in clip.events and not clip.replay)
    return Pick(timeline, next(shown, None) or _own_clip(timeline, event), match or match_name(timeline))


def match_name(timeline: Timeline) -> str:
    """The teams of a match, or else the name of its first file."""
    teams = [team for team in timeline.analysis.scoreboard.teams if team]
    return headline(timeline) if teams else timeline.recording.parts[0].path.stem


def compiled(picks: Sequence[Pick]) -> Timeline:
    """The timeline of a reel of the picks, in their order; what is picked twice is shown once.

    Raises:
        RenderError: nothing is picked.
    """
    if not picks:
        raise RenderError(NOTHING_TO_SHOW)
    picks = _each_once(picks)
    together = _end_to_end({_file(pick): _part(pick).start_s % 1 for pick in picks})
    number_of = {replace(part, start_s=0.0): number for number, part in enumerate(together.parts)}
    events: list[Event] = []
    clips: list[Clip] = []
    for pick in picks:
        number = number_of[_file(pick)]
        shift_s = together.parts[number].start_s - _part(pick).start_s
        shown = [_moved(pick.timeline.events[index], shift_s) for index in pick.clip.events]
        indices = tuple(range(len(events), len(events) + len(shown)))
        subtitle = _subtitle(pick)
        clips.append(replace(pick.clip, span=_later(pick.clip.span, shift_s), events=indices, part=number, subtitle=subtitle))
        events += shown
    scenes = sorted(set(chain.from_iterable(_scenes(pick, number_of[_file(pick)], together) for pick in picks)), key=_start)
    teams = {pick.timeline.analysis.scoreboard.teams for pick in picks}
    board = Scoreboard(teams=teams.pop() if len(teams) == 1 else ("", ""))
    sports = ", ".join(dict.fromkeys(pick.timeline.sport for pick in picks))
    return Timeline(together, sports, tuple(events), (), tuple(clips), Analysis(scenes=tuple(scenes), scoreboard=board))


def _each_once(picks: Sequence[Pick]) -> list[Pick]:
    first: dict[tuple[Part, Span], Pick] = {}
    for pick in picks:
        first.setdefault((_file(pick), pick.clip.span), pick)
    return list(first.values())


def _own_clip(timeline: Timeline, index: int) -> Clip:
    event = timeline.events[index]
    try:
        profile = load(timeline.sport)
    except ProfileError:  # one of the user's own, which is elsewhere now
        part = timeline.recording.part_at(event.peak_s)
        span = (event.shown or event.span).clamp(timeline.recording.parts[part].span) or event.span
        return Clip(span, (index,), event.title, event.game_clock, part)
    return clip_of(index, event, timeline.recording, profile, timeline.analysis)


def _part(pick: Pick) -> Part:
    return pick.timeline.recording.parts[pick.clip.part]


def _file(pick: Pick) -> Part:
    """The file of a pick, wherever it lies in its match."""
    return replace(_part(pick), start_s=0.0)


def _end_to_end(files: Mapping[Part, float]) -> Recording:
    """The files as one recording, the one with the largest picture first; it gives the reel its size and rate.

    Each begins at the fraction of a second given for it, as in its match, so that no time is rounded differently.
    """
    parts: list[Part] = []
    start_s = 0
    for file in sorted(files, key=lambda part: (-part.width * part.height, -part.frame_rate)):
        parts.append(replace(file, start_s=round(start_s + files[file], 6)))
        start_s = ceil(start_s + file.duration_s) + GAP_S
    return Recording(tuple(parts))


def _later(span: Span, shift_s: float) -> Span:
    """The span on the common clock; what lies before it is cut off."""
    start_s = max(0.0, span.start_s + shift_s)
    return Span(start_s, max(start_s + 0.001, span.end_s + shift_s))


def _moved(event: Event, shift_s: float) -> Event:
    """The event on the common clock; without its score, for the last one of all would be shown as the result."""
    evidence = tuple(
        replace(claim, span=_later(claim.span, shift_s), peak_s=claim.peak_s + shift_s) for claim in event.evidence
    )
    shown = _later(event.shown, shift_s) if event.shown else None
    return replace(
        event, span=_later(event.span, shift_s), peak_s=event.peak_s + shift_s, evidence=evidence, shown=shown, score=""
    )


def _scenes(pick: Pick, number: int, together: Recording) -> list[Scene]:
    """The scenes that a pick shows, on the common clock: a crop does not move across a cut."""
    shift_s = together.parts[number].start_s - _part(pick).start_s
    seen = [scene for scene in pick.timeline.analysis.scenes if scene.span.overlap_s(pick.clip.span)]
    return [replace(scene, span=_later(scene.span, shift_s), part=number) for scene in seen]


def _start(scene: Scene) -> float:
    return scene.span.start_s


def _subtitle(pick: Pick) -> str:
    teams = [team for team in pick.timeline.analysis.scoreboard.teams if team]
    named = pick.match in pick.clip.subtitle or (
        pick.match == match_name(pick.timeline) and teams and all(team in pick.clip.subtitle for team in teams)
    )
    return pick.clip.subtitle if named else " · ".join(text for text in (pick.clip.subtitle, pick.match) if text)
