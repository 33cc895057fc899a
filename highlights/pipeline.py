"""The whole story: recording(s) + event profile → analysis → moments → events → timeline → reel, report, exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from highlights.analysis import reading
from highlights.errors import RenderError
from highlights.finders import signals
from highlights.media.faults import FaultCounter
from highlights.media.probe import open_recording
from highlights.merge import merge
from highlights.profile import Profile, load
from highlights.records import Analysis, Timeline, Window
from highlights.reel.edit import EditOptions
from highlights.results import ReelKind, Tell, folder_for, write_results
from highlights.timeline import TimelineOptions, build
from highlights.windows import windows

Recordings = Sequence[Path | str] | Path | str
"""The file(s) of one match in their order."""
Detector = Literal["adaptive", "content", "threshold"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run makes, and how."""

    reel: ReelKind = "edit"
    clips: bool = False
    audio_track: int | None = None
    detector: Detector | None = None
    timeline: TimelineOptions = field(default_factory=TimelineOptions)
    edit: EditOptions = field(default_factory=EditOptions)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found, and the files it wrote."""

    timeline: Timeline
    files: tuple[Path, ...]


def run(
    recordings: Recordings,
    sport: str = "soccer",
    out: Path | str = "out",
    options: RunOptions = RunOptions(),
    tell: Tell = lambda stage, share: None,
) -> Result:
    """Find the events of a match and write timeline, report and reel into the folder `out`.

    Args:
        recordings: The file(s) of one match in their order.
        sport: Name of an event profile, or path of a profile's YAML file.
        out: Folder for the results; made if missing. Files of an earlier run stay until the new ones are whole.
        options: What to make.
        tell: Called with the stage and its share done.

    Raises:
        HighlightsError: with file, what is wrong, and what to do; nothing half-written is left.
    """
    paths, out = _paths(recordings), Path(out)
    # what can be refused is refused now, not after the whole match has been read
    _check_music(options)
    with folder_for(out, paths):
        timeline = find_events(paths, sport, options, tell)
        files = write_results(timeline, out, reel=options.reel, clips=options.clips, options=options.edit, tell=tell)
    return Result(timeline, files)


def find_events(
    recordings: Recordings,
    sport: str = "soccer",
    options: RunOptions = RunOptions(),
    tell: Tell = lambda stage, share: None,
) -> Timeline:
    """The timeline of a match; writes nothing."""
    profile = _profile(sport, options.detector)
    lost = FaultCounter()
    recording = open_recording(_paths(recordings), audio_track=options.audio_track, faults=lost)
    analysis = _told(lost, reading.analyse(recording, profile, tell))
    moments = signals.find(recording, profile, analysis)
    merged = merge(moments, profile, recording, analysis.scoreboard)
    return build(recording, profile, merged.events, merged.near_misses, analysis, options.timeline)


def find_scenes(
    recordings: Recordings,
    sport: str = "soccer",
    detector: Detector | None = None,
    tell: Tell = lambda stage, share: None,
) -> tuple[Timeline, tuple[Window, ...]]:
    """Only the scenes of a match, as a timeline without events, and the windows that a model would be shown."""
    profile = _profile(sport, detector)
    lost = FaultCounter()
    recording = open_recording(_paths(recordings), faults=lost)
    analysis = _told(lost, reading.find_scenes(recording, profile, tell))
    return Timeline(recording, profile.sport, analysis=analysis), windows(analysis.scenes, profile.windows)


def _paths(recordings: Recordings) -> list[Path]:
    return [Path(p) for p in ([recordings] if isinstance(recordings, str | Path) else recordings)]


def _told(lost: FaultCounter, analysis: Analysis) -> Analysis:
    """The analysis with what was seen to be lost before it began."""
    return replace(analysis, faults=tuple(dict.fromkeys((*lost.faults, *analysis.faults))))


def _profile(sport: str, detector: Detector | None) -> Profile:
    profile = load(sport)
    if detector is None:
        return profile
    return replace(profile, scenes=replace(profile.scenes, detector=detector, threshold=None))


def _check_music(options: RunOptions) -> None:
    music = options.edit.music
    if options.reel == "edit" and music is not None and not music.is_file():
        raise RenderError(f"{music}: no such file; give a file with sound in it as music")
