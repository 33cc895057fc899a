"""One match of many, wherever there is a core for it: its recordings fetched, the run, its results put in their place.

    run_match                                         at once, on one machine
    analyse_match ──► find_match ──► write_match      a step each, perhaps on three: cores, a card, cores

A step hands on what it has made with the paths of the files it was made of; the next has its own copies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from highlights.batch import remote
from highlights.batch.manifest import Match
from highlights.batch.summary import counted
from highlights.export import timeline_json
from highlights.pipeline import Found, analyse, find, run, write
from highlights.progress import Progress, of_stage
from highlights.records import Analysis, Timeline


@dataclass(frozen=True, slots=True)
class Analysed:
    """The analysis of a match, and where its files were when it was made."""

    analysis: Analysis
    paths: tuple[Path, ...]


def run_match(match: Match, place: str, progress: Progress) -> dict[str, int]:
    """Write the results of a match into the folder or below the URL `place`; how many events of each kind there are.

    Raises:
        HighlightsError: it cannot be done; nothing half-written is left.
    """
    with _fetched(match, progress) as paths, remote.folder(place) as folder:
        timeline = run(paths, match.sport, folder, match.options, progress).timeline
        return _put(match, timeline, folder)


def analyse_match(match: Match, progress: Progress) -> Analysed:
    """What can be read of a match without a model.

    Raises:
        HighlightsError: its recordings cannot be had or read.
    """
    with _fetched(match, progress) as paths:
        return Analysed(analyse(paths, match.sport, match.options, progress), tuple(paths))


def find_match(match: Match, analysed: Analysed, progress: Progress) -> Found:
    """What is found in a match that was read elsewhere, where the model is.

    Raises:
        HighlightsError: its recordings or the model cannot be had.
    """
    with _fetched(match, progress) as paths:
        analysis = _analysis_of(analysed.analysis, dict(zip(analysed.paths, paths, strict=True)))
        return find(paths, match.sport, match.options, progress, analysis=analysis)


def write_match(match: Match, found: Found, place: str, progress: Progress) -> dict[str, int]:
    """As `run_match`, of a match in which the events were found elsewhere.

    Raises:
        HighlightsError: the results cannot be made or put there.
    """
    with _fetched(match, progress) as paths, remote.folder(place) as folder:
        here = replace(found, timeline=_timeline_of(found.timeline, paths))
        write(here, folder, match.options, progress)
        return _put(match, here.timeline, folder)


@contextmanager
def _fetched(match: Match, progress: Progress) -> Iterator[list[Path]]:
    with remote.fetched(match.recordings, of_stage(progress, "fetching")) as paths:
        yield paths


def _put(match: Match, timeline: Timeline, folder: Path) -> dict[str, int]:
    """The events, counted. Recordings that were fetched are looked for beside the timeline: one put there is found."""
    paths = [part.path for part in timeline.recording.parts]
    later = [folder / path.name if remote.is_url(place) else path for path, place in zip(paths, match.recordings, strict=True)]
    if later != paths:
        timeline_json.write(_timeline_of(timeline, later), folder / remote.LAST)
    return counted(timeline.events)


def _timeline_of(timeline: Timeline, paths: Sequence[Path]) -> Timeline:
    """The timeline with its files called by where they are."""
    parts = timeline.recording.parts
    places = {part.path: path for part, path in zip(parts, paths, strict=True)}
    recording = replace(timeline.recording, parts=tuple(replace(part, path=places[part.path]) for part in parts))
    return replace(timeline, recording=recording, analysis=_analysis_of(timeline.analysis, places))


def _analysis_of(analysis: Analysis, places: Mapping[Path, Path]) -> Analysis:
    """The analysis with its files called by where they are."""
    faults = tuple(replace(fault, path=places.get(fault.path, fault.path)) for fault in analysis.faults)
    return replace(analysis, faults=faults)
