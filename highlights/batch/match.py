"""One match of a batch: its recordings fetched, the run, its results put in place.

    run_match                                         in one go, on one machine
    analyse_match ──► find_match ──► write_match      in three steps, perhaps on three machines: cores, a GPU, cores

A step returns its result with the paths of the files it read; the next step has its own copies of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from highlights.batch import remote
from highlights.batch.manifest import Match
from highlights.batch.summary import counted, warnings_of
from highlights.export import timeline_json
from highlights.pipeline import Found, analyse, find, run, write
from highlights.progress import Progress, of_stage
from highlights.records import Analysis, Timeline


@dataclass(frozen=True, slots=True)
class Analysed:
    """The analysis of a match, and the paths its files had then."""

    analysis: Analysis
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What was found in a match: how many events of each kind; and what of its recordings could not be used, one line each."""

    events: Mapping[str, int]
    warnings: tuple[str, ...] = ()


def run_match(match: Match, place: str, progress: Progress) -> Made:
    """Write the results of a match into the folder or URL `place`.

    Raises:
        HighlightsError: the match cannot be run; nothing half-written is left.
    """
    with _fetched(match, progress) as paths, remote.folder(place) as folder:
        timeline = run(paths, match.sport, folder, match.options, progress).timeline
        return _put(match, timeline, folder)


def analyse_match(match: Match, progress: Progress) -> Analysed:
    """The part of a run that needs no model.

    Raises:
        HighlightsError: its recordings cannot be fetched or read.
    """
    with _fetched(match, progress) as paths:
        return Analysed(analyse(paths, match.sport, match.options, progress), tuple(paths))


def find_match(match: Match, analysed: Analysed, progress: Progress) -> Found:
    """The timeline of a match that was analysed elsewhere; runs where the model is.

    Raises:
        HighlightsError: its recordings cannot be fetched, or the model cannot be loaded.
    """
    with _fetched(match, progress) as paths:
        analysis = _analysis_of(analysed.analysis, dict(zip(analysed.paths, paths, strict=True)))
        return find(paths, match.sport, match.options, progress, analysis=analysis)


def write_match(match: Match, found: Found, place: str, progress: Progress) -> Made:
    """As `run_match`, for a match whose events were found elsewhere.

    Raises:
        HighlightsError: the results cannot be made or written.
    """
    with _fetched(match, progress) as paths, remote.folder(place) as folder:
        here = replace(found, timeline=_timeline_of(found.timeline, paths))
        write(here, folder, match.options, progress)
        return _put(match, here.timeline, folder)


@contextmanager
def _fetched(match: Match, progress: Progress) -> Iterator[list[Path]]:
    with remote.fetched(match.recordings, of_stage(progress, "fetching")) as paths:
        yield paths


def _put(match: Match, timeline: Timeline, folder: Path) -> Made:
    """What was found. A fetched recording is named as if it lay beside the timeline, where a copy of it will be found."""
    paths = [part.path for part in timeline.recording.parts]
    later = [folder / path.name if remote.is_url(place) else path for path, place in zip(paths, match.recordings, strict=True)]
    if later != paths:
        timeline_json.write(_timeline_of(timeline, later), folder / remote.LAST)
    return Made(counted(timeline.events), warnings_of(timeline.analysis.faults))


def _timeline_of(timeline: Timeline, paths: Sequence[Path]) -> Timeline:
    """The timeline with the current paths of its files."""
    parts = timeline.recording.parts
    places = {part.path: path for part, path in zip(parts, paths, strict=True)}
    recording = replace(timeline.recording, parts=tuple(replace(part, path=places[part.path]) for part in parts))
    return replace(timeline, recording=recording, analysis=_analysis_of(timeline.analysis, places))


def _analysis_of(analysis: Analysis, places: Mapping[Path, Path]) -> Analysis:
    """The analysis with the current paths of its files."""
    faults = tuple(replace(fault, path=places.get(fault.path, fault.path)) for fault in analysis.faults)
    return replace(analysis, faults=faults)
