"""The whole story on one page: recording(s) + event profile → analysis → moments → events → timeline → reel, report, exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from highlights.analysis import reading
from highlights.errors import HighlightsError, OutputError
from highlights.export import html, timeline_csv, timeline_json
from highlights.finders import signals
from highlights.media.aside import output_error, write_aside

from highlights.media.probe import open_recording
from highlights.media.stills import thumbnail
from highlights.merge import merge
from highlights.profile import Profile, load
from highlights.records import Timeline
from highlights.reel.clips import write_clips
from highlights.reel.copy import copy
from highlights.reel.edit import EditOptions, edit
from highlights.timeline import TimelineOptions, build

ReelKind = Literal["edit", "copy", "none"]
Detector = Literal["adaptive", "content", "threshold"]
Tell = Callable[[str, float], None]
"""Told the name of the stage and how much of it is done, 0..1."""


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
    recordings: Sequence[Path | str] | Path | str,
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
    timeline = find_events(recordings, sport, options, tell)
    return write_results(timeline, Path(out), options, tell)


def find_events(
    recordings: Sequence[Path | str] | Path | str,
    sport: str = "soccer",
    options: RunOptions = RunOptions(),
    tell: Tell = lambda stage, share: None,
) -> Timeline:
    """The timeline of a match; writes nothing."""
    paths = [recordings] if isinstance(recordings, (str, Path)) else recordings
    profile = _profile(sport, options.detector)
    recording = open_recording([Path(p) for p in paths], audio_track=options.audio_track)
    analysis = reading.analyse(recording, profile, tell)
    moments = signals.find(recording, profile, analysis)
    merged = merge(moments, profile, recording, analysis.scoreboard)
    return build(recording, profile, merged.events, merged.near_misses, analysis, options.timeline)


def find_scenes(
    recordings: Sequence[Path | str], sport: str, detector: Detector | None, tell: Tell = lambda stage, share: None
) -> Timeline:
    """Only the scenes of a match, as a timeline without events."""
    profile = _profile(sport, detector)
    recording = open_recording([Path(p) for p in recordings])
    return Timeline(recording, profile.sport, analysis=reading.find_scenes(recording, profile, tell))


def _profile(sport: str, detector: Detector | None) -> Profile:
    profile = load(sport)
    if detector is None:
        return profile
    return replace(profile, scenes=replace(profile.scenes, detector=detector, threshold=None))


def write_results(timeline: Timeline, out: Path, options: RunOptions, tell: Tell = lambda stage, share: None) -> Result:
    """Write all files of a result into `out`; the reel first, because it is what can fail."""
    made = not out.exists()
    writable(out, timeline)
    try:
        files = _write(timeline, out, options, tell)
    except BaseException:
        if made and not any(out.iterdir()):
            out.rmdir()
        raise
    return Result(timeline, files)


def writable(out: Path, timeline: Timeline) -> None:
    """Make the folder and see that results can be written there, over no recording."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(out, error) from error
    for part in timeline.recording.parts:
        if part.path.resolve().parent == out.resolve() and part.path.name == "reel.mp4":
            raise OutputError(part.path, "the reel would replace this recording: choose another folder with --out")


def write_reel(timeline: Timeline, target: Path, options: RunOptions, tell: Tell = lambda stage, share: None) -> Path:
    """Only the reel of a timeline."""
    with write_aside(target) as aside:
        if options.reel == "copy":
            copy(timeline, aside)
        else:
            edit(timeline, aside, options.edit, lambda done, doing: tell("reel", done))
    return target


def _write(timeline: Timeline, out: Path, options: RunOptions, tell: Tell) -> tuple[Path, ...]:
    files = [out / "timeline.json", out / "timeline.csv", out / "report.html"]
    reel = out / "reel.mp4" if options.reel != "none" and timeline.clips else None
    with ExitStack() as whole:
        if reel:
            # made aside under a name of its own, so that it takes its place only when all else is written
            aside = whole.enter_context(write_aside(reel))
            write_reel(timeline, aside, options, tell)
            files.append(reel)
        if options.clips and timeline.clips:
            edited = None if options.reel == "copy" else options.edit
            files += write_clips(timeline, out / "clips", edited, lambda done, doing: tell("clips", done))
        tell("report", 0.0)
        timeline_json.write(timeline, files[0])
        timeline_csv.write(timeline, files[1])
        html.write(timeline, files[2], lambda time_s: _thumbnail(timeline, time_s), reel)
        tell("report", 1.0)
    return tuple(files)


def _thumbnail(timeline: Timeline, time_s: float) -> bytes | None:
    try:
        return thumbnail(timeline.recording, time_s)
    except HighlightsError:
        return None  # the page goes without a picture where none can be decoded; the loss is among the faults
