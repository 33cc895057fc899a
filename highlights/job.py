"""One match of many, wherever there is a core for it: its recordings fetched, the run, its results put in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from highlights import storage
from highlights.export import timeline_json
from highlights.manifest import Match
from highlights.pipeline import analyse, run
from highlights.records import Analysis, Timeline
from highlights.results import Tell
from highlights.summary import counted


@dataclass(frozen=True, slots=True)
class Analysed:
    """The analysis of a match, and where its files were when it was made."""

    analysis: Analysis
    paths: tuple[Path, ...]


def analyse_match(match: Match, tell: Tell) -> Analysed:
    """What can be read of a match without a model.

    Raises:
        HighlightsError: its recordings cannot be had or read.
    """
    with storage.fetched(match.recordings, lambda share: tell("fetching", share)) as paths:
        return Analysed(analyse(paths, match.sport, match.options, tell), tuple(paths))


def run_match(match: Match, place: str, tell: Tell, analysed: Analysed | None = None) -> dict[str, int]:
    """Write the results of a match into the folder or below the URL `place`; how many events of each kind there are.

    Args:
        match: The match.
        place: Where its results go.
        tell: Told of each stage.
        analysed: What was read of it elsewhere, so that it is not read again.

    Raises:
        HighlightsError: it cannot be done; nothing half-written is left.
    """
    with storage.fetched(match.recordings, lambda share: tell("fetching", share)) as paths, storage.folder(place) as folder:
        if analysed:
            here = _moved(analysed.analysis, dict(zip(analysed.paths, paths, strict=True)))
            analyse(paths, match.sport, match.options, tell, given=here)
        timeline = run(paths, match.sport, folder, match.options, tell).timeline
        if any(map(storage.is_url, match.recordings)):
            timeline_json.write(_beside(timeline, match.recordings, folder), folder / storage.LAST)
    return counted(timeline.events)


def _moved(analysis: Analysis, places: Mapping[Path, Path]) -> Analysis:
    """The analysis with files called by where they are now."""
    faults = tuple(replace(fault, path=places.get(fault.path, fault.path)) for fault in analysis.faults)
    return replace(analysis, faults=faults)


def _beside(timeline: Timeline, recordings: tuple[str, ...], folder: Path) -> Timeline:
    """The timeline with recordings that were fetched looked for beside it: their copies are gone, one put there is found."""
    parts = timeline.recording.parts
    places = {
        part.path: folder / part.path.name if storage.is_url(place) else part.path
        for part, place in zip(parts, recordings, strict=True)
    }
    recording = replace(timeline.recording, parts=tuple(replace(part, path=places[part.path]) for part in parts))
    return replace(timeline, recording=recording, analysis=_moved(timeline.analysis, places))
