"""The whole run on one page: recording(s) + event profile → analysis → moments → events → timeline → reel, report, exports.

    signals ──► proposals ──► windows ──► model ──► moments ──► merge ──► second opinion ──► events ──► captions

Without a model the moments of the signals go straight to the merger. Without an event the best instants are offered instead.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from highlights import match_report
from highlights.cache.recordings import cached_analysis, cached_recording
from highlights.cache.store import Store
from highlights.choices import DEFAULT_CUT, CutKind, Detector, Moments
from highlights.edges import with_exact_edges
from highlights.errors import HighlightsError, OutputError, RenderError
from highlights.export import made_files, timeline_json
from highlights.finders import signals
from highlights.finders.choice import Choice, ModelOptions, choose
from highlights.match_report import GivenReport
from highlights.media.faults import FaultCounter
from highlights.merge import Merged, merge
from highlights.models import Models, open_models, worth_asking
from highlights.moments import offered
from highlights.profile import Profile, load
from highlights.progress import Note, Progress, no_note, no_progress
from highlights.records import SILENCE_DB, Analysis, Event, Moment, Recording, Timeline, Window
from highlights.reel.film import EditOptions, notes
from highlights.reel.options import Files
from highlights.reel.reframe import Trail
from highlights.results import folder_for, write_results
from highlights.timeline import TimelineOptions, build
from highlights.windows import windows

LOG = logging.getLogger(__name__)

Recordings = Sequence[Path | str] | Path | str
"""The file(s) of one match in their order."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run produces, and how."""

    reel: CutKind = DEFAULT_CUT
    files: Files = field(default_factory=Files)
    audio_track: int | None = None
    detector: Detector | None = None
    every_frame: bool = False
    moments: Moments = "auto"
    timeline: TimelineOptions = field(default_factory=TimelineOptions)
    edit: EditOptions = field(default_factory=EditOptions)
    models: ModelOptions = field(default_factory=ModelOptions)
    report: GivenReport | None = None
    """A match report whose events are taken over, if one is given."""


@dataclass(frozen=True, slots=True)
class Found:
    """The timeline of a match, and where the play is in its clips, if the reel is cropped and a model tracks it.

    `notes` say what became of a match report.
    """

    timeline: Timeline
    trail: Trail = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found, the files it wrote, and notes to print."""

    timeline: Timeline
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def run(
    recordings: Recordings,
    sport: str = "soccer",
    out: Path | str = "out",
    options: RunOptions = RunOptions(),
    progress: Progress = no_progress,
) -> Result:
    """Find the events of a match and write timeline, report and reel into the folder `out`.

    Args:
        recordings: The file(s) of one match in their order.
        sport: Name of an event profile, or path of a profile's YAML file.
        out: Folder for the results; made if missing. Files of an earlier run stay until the new ones are whole.
        options: What to produce.
        progress: Called with the stage and its share done.

    Raises:
        HighlightsError: names the file, what is wrong, and what to do; nothing half-written is left.
    """
    paths, out, store = _paths(recordings), Path(out), Store()
    # invalid options are refused now, not after the whole match has been read
    _check_reel(options)
    _check_condensed(sport, options.timeline)
    if options.report is not None:
        match_report.read(options.report.path, load(sport))
    choice = choose(options.models)
    _check_undecided(out)
    earlier = made_files.files(out)
    with folder_for(out, paths):
        found = _find_events(paths, sport, options, choice, progress, store)
        made: list[str] = []
        files = write(found, out, options, progress, made.append)
    messages = [f"finders: {', '.join(choice.finders)} ({choice.why})"] if choice.why else []
    messages += [f"{store.path}: {store.problem}"] if store.problem else []
    messages += found.notes
    messages += _silent(found.timeline)
    messages += made
    messages += notes(found.timeline, _edited(found, options)) if options.reel in ("auto", "edit") else []
    messages += _about_earlier(out, earlier, files)
    doubt = found.timeline.analysis.scoreboard.doubt
    messages += [f"the score graphic was not used: {doubt}; the report shows it"] if doubt else []
    doubt = found.timeline.analysis.rallies.doubt
    messages += [f"no rallies were found: {doubt}"] if doubt else []
    if found.timeline.events and not found.timeline.clips:
        messages.append("nothing but rallies was found, so there is no reel; --condense makes one of all of them")
    return Result(found.timeline, files, tuple(messages))


def _silent(timeline: Timeline) -> list[str]:
    """Notes on the files whose sound is silent from beginning to end, so that a silent reel is no surprise."""
    crowd = timeline.analysis.crowd
    heard_s = [number * crowd.step_s for number, level_db in enumerate(crowd.loudness_db) if level_db >= SILENCE_DB]
    with_audio = (part for part in timeline.recording.parts if part.audio_track is not None)
    silent = [part for part in with_audio if not any(map(part.span.holds, heard_s))]
    if not silent:
        return []
    from highlights.media.tracks import silence_note

    return [silence_note(part) for part in silent]


def write(
    found: Found, out: Path, options: RunOptions, progress: Progress = no_progress, on_note: Note = no_note
) -> tuple[Path, ...]:
    """Write the results of a match, and its reel, into the folder `out`, and return the files."""
    edited, files = _edited(found, options), options.files
    return write_results(
        found.timeline, out, reel=options.reel, files=files, options=edited, progress=progress, on_note=on_note
    )


def _edited(found: Found, options: RunOptions) -> EditOptions:
    return replace(options.edit, trail=(*options.edit.trail, *found.trail))


def find_events(
    recordings: Recordings,
    sport: str = "soccer",
    options: RunOptions = RunOptions(),
    progress: Progress = no_progress,
) -> Timeline:
    """The timeline of a match; writes nothing."""
    return find(recordings, sport, options, progress).timeline


def find(
    recordings: Recordings,
    sport: str = "soccer",
    options: RunOptions = RunOptions(),
    progress: Progress = no_progress,
    *,
    analysis: Analysis | None = None,
) -> Found:
    """The timeline of a match, and what its reel needs beside it, to be written here or on another machine.

    `analysis`: the result of `analyse` on another machine; without it the recording is analysed here.
    """
    return _find_events(_paths(recordings), sport, options, choose(options.models), progress, Store(), analysis)


def analyse(
    recordings: Recordings,
    sport: str = "soccer",
    options: RunOptions = RunOptions(),
    progress: Progress = no_progress,
) -> Analysis:
    """The analysis of a match, which is cached, so that a later run continues from there."""
    profile = _profile(sport, options.detector, every_frame=options.every_frame)
    recording = _opened(_paths(recordings), options, FaultCounter())
    return cached_analysis(recording, profile, lambda: _analysed(recording, profile, progress), Store())


def _find_events(
    paths: Sequence[Path],
    sport: str,
    options: RunOptions,
    choice: Choice,
    progress: Progress,
    store: Store,
    given: Analysis | None = None,
) -> Found:
    profile = _profile(sport, options.detector, every_frame=options.every_frame)
    lost = FaultCounter()
    if given is None:
        recording = cached_recording(paths, options.audio_track, lost, lambda: _opened(paths, options, lost), store)
    else:
        recording = _opened(paths, options, lost)
    for part in recording.parts:
        LOG.info("%s", part)
    LOG.info("profile %s, finders %s %s", profile.path, ",".join(choice.finders), choice.why)
    chosen = replace(options.models, checker=options.models.checker or choice.checker)
    with open_models(choice.finders, chosen, recording, optional=bool(choice.why)) as models:
        read = given or cached_analysis(recording, profile, lambda: _analysed(recording, profile, progress), store)
        analysis = _with_faults(lost, read)
        moments = signals.find(recording, profile, analysis) if "signals" in choice.finders else []
        moments += _asked(models, profile, analysis, moments, options.models, progress)
        merged = _with_second_opinion(models, profile, recording, analysis, moments)
        merged, about_report = _with_report(merged, profile, recording, analysis, options.report)
        events = merged.events
        if not events and options.moments == "auto":
            events = offered(recording, analysis)
        events = _described(models, profile, events) if options.models.captions else events
        analysis = with_exact_edges(recording, profile, events, analysis, store, options.timeline.rolls)
        timeline = build(recording, profile, events, merged.near_misses, analysis, options.timeline)
        trail = models.trail(timeline.clips) if options.edit.aspect else ()
    told = replace(analysis, faults=(*analysis.faults, *models.faults.faults))
    counts = len(moments), len(events), len(merged.near_misses), len(timeline.clips)
    LOG.info("%d moments, %d events, %d near misses, %d clips", *counts)
    for fault in told.faults:
        LOG.info("%s: %s (%d times)", fault.path, fault.problem, fault.count)
    finders = (*(name for name in choice.finders if name == "signals"), *models.names)
    return Found(replace(timeline, analysis=told, finders=finders), trail, about_report)


def _opened(paths: Sequence[Path], options: RunOptions, lost: FaultCounter) -> Recording:
    """Open the recording. Imported lazily: a run with a cached recording never needs FFmpeg."""
    from highlights.media.probe import open_recording

    return open_recording(paths, audio_track=options.audio_track, faults=lost)


def _analysed(recording: Recording, profile: Profile, progress: Progress) -> Analysis:
    """Analyse the recording. Imported lazily: a run with a cached analysis never needs the reader."""
    from highlights.analysis.reading import analyse

    return analyse(recording, profile, progress)


def _asked(
    models: Models, profile: Profile, analysis: Analysis, proposals: Sequence[Moment], options: ModelOptions, progress: Progress
) -> list[Moment]:
    """The model's claims in the windows that signals propose, or in all; not about what happens all the time."""
    profile = replace(profile, events=tuple(rule for rule in profile.events if rule.reel))
    proposals = [moment for moment in proposals if profile.event(moment.event)]
    windows_of_all = models.windows(analysis.scenes, profile)
    only_proposed = options.windows == "proposed" or (options.windows is None and bool(proposals))
    return models.find(
        profile, worth_asking(windows_of_all, proposals) if only_proposed else windows_of_all, proposals, progress
    )


def _with_second_opinion(
    models: Models, profile: Profile, recording: Recording, analysis: Analysis, moments: list[Moment]
) -> Merged:
    """The events, merged again if a second model was asked about them."""
    merged = merge(moments, profile, recording, analysis.scoreboard)
    more = models.second_opinion([event for event in merged.events if profile.shows(event.name)], profile)
    return merge([*moments, *more], profile, recording, analysis.scoreboard) if more else merged


def _with_report(
    merged: Merged, profile: Profile, recording: Recording, analysis: Analysis, report: GivenReport | None
) -> tuple[Merged, tuple[str, ...]]:
    """The events, with those of a match report, and notes about the report."""
    if report is None:
        return merged, ()
    timeline = Timeline(recording, profile.sport, merged.events, merged.near_misses, analysis=analysis)
    applied = match_report.take_over(timeline, profile, report)
    return Merged(applied.timeline.events, applied.timeline.near_misses), match_report.told(applied, report.path)


def _described(models: Models, profile: Profile, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events, in their order; those that a reel shows unasked with a description."""
    described = iter(models.described([event for event in events if profile.shows(event.name)]))
    return tuple(next(described) if profile.shows(event.name) else event for event in events)


def find_scenes(
    recordings: Recordings,
    sport: str = "soccer",
    detector: Detector | None = None,
    progress: Progress = no_progress,
    *,
    every_frame: bool = False,
) -> tuple[Timeline, tuple[Window, ...]]:
    """Only the scenes of a match, as a timeline without events, and the windows a model would be shown."""
    from highlights.analysis import reading

    profile = _profile(sport, detector, every_frame=every_frame)
    lost = FaultCounter()
    recording = _opened(_paths(recordings), RunOptions(), lost)
    analysis = _with_faults(lost, reading.find_scenes(recording, profile, progress))
    return Timeline(recording, profile.sport, analysis=analysis), windows(analysis.scenes, profile.windows)


def _paths(recordings: Recordings) -> list[Path]:
    return [Path(p) for p in ([recordings] if isinstance(recordings, str | Path) else recordings)]


def _with_faults(lost: FaultCounter, analysis: Analysis) -> Analysis:
    """The analysis with the faults found when the recording was opened."""
    return replace(analysis, faults=tuple(dict.fromkeys((*lost.faults, *analysis.faults))))


def _profile(sport: str, detector: Detector | None, *, every_frame: bool) -> Profile:
    profile = load(sport)
    scenes = replace(profile.scenes, every_frame=every_frame)
    return replace(profile, scenes=scenes if detector is None else replace(scenes, detector=detector, threshold=None))


def _check_undecided(out: Path) -> None:
    """Refuse to overwrite what a person decided."""
    try:
        earlier = timeline_json.read(out / "timeline.json")
    except HighlightsError:
        return  # none, or none that can be used
    if any(event.status != "found" or event.shown for event in (*earlier.events, *earlier.near_misses)):
        raise OutputError(
            out / "timeline.json", "it holds decisions made by hand: choose another folder with --out, or move it away"
        )


def _about_earlier(out: Path, earlier: Sequence[Path], files: Sequence[Path]) -> list[str]:
    """What became of the files of an earlier run that this one does not make."""
    gone = ", ".join(file.relative_to(out).as_posix() for file in earlier if not file.exists())
    strange = [file for file in (out / "reel.mp4",) if file.exists() and file not in files]
    return [f"removed what an earlier run had made: {gone}"] * bool(gone) + [
        f"{file}: is not from this run, and was left as it is" for file in strange
    ]


def with_clips(timeline: Timeline, sport: str | None, options: TimelineOptions) -> Timeline:
    """The timeline with its clips rebuilt, if the options ask for other clips than it has.

    Raises:
        ProfileError: the event profile of its sport cannot be used.
    """
    usual = TimelineOptions(around_s=options.around_s, beside_s=options.beside_s, beside_replay_s=options.beside_replay_s)
    if options == usual:
        return timeline
    profile = load(sport or timeline.sport)
    _check_condensed(sport or timeline.sport, options)
    analysis = with_exact_edges(timeline.recording, profile, timeline.events, timeline.analysis, Store(), options.rolls)
    made = build(timeline.recording, profile, timeline.events, timeline.near_misses, analysis, options)
    return replace(made, sport=timeline.sport, finders=timeline.finders)


def _check_condensed(sport: str, options: TimelineOptions) -> None:
    """Refuse to cut dead time out of a sport that has no rallies."""
    if options.condense and load(sport).play is None:
        raise RenderError(
            f"condense: {sport} has no rallies; use it with tennis, badminton, volleyball or a profile like theirs"
        )


def _check_reel(options: RunOptions) -> None:
    if options.reel in ("copy", "smart"):
        from highlights.reel.copy import check_copied

        check_copied(options.edit)
    music = options.edit.music
    if options.reel in ("auto", "edit") and music is not None and not music.is_file():
        raise RenderError(f"{music}: no such file; give an audio file as music")
