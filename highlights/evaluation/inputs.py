"""What is judged against what: results of any form, each with its truth.

results/final/timeline.json                    truth/final.truth.json  or  final.csv  or  final.xml  or  final/Labels-v2.json
final/timeline.json                            truth.json, or beside the recording: NAME.truth.json, Labels-v2.json
predictions/LEAGUE/GAME/results_spotting.json  labels/LEAGUE/GAME/Labels-v2.json
results.jsonl                                  charades-timelens.json
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from highlights.errors import TimelineError
from highlights.evaluation import soccernet, timelens
from highlights.evaluation.cases import Case, case_of_predictions, case_of_timeline
from highlights.evaluation.selection import profile_of
from highlights.evaluation.timelens import Answers, Query
from highlights.evaluation.truth import Truth, joined
from highlights.evaluation.truth_file import WHAT, read_truth
from highlights.export import recording_places
from highlights.records import Timeline

RESULT = "timeline.json"
SUMMARY = "Labels-summary.json"
ENDINGS = (".truth.json", ".truth.csv", ".json", ".csv", ".xml")
IN_FOLDER = ("truth.json", "truth.csv", *soccernet.LABELS, SUMMARY)
"""Names of truth files in the folder of a match; all that are there count."""
_FEW = 3


@dataclass(frozen=True, slots=True)
class Inputs:
    """The matches to judge, or the answered queries; `classes` are SoccerNet's where its files are judged."""

    cases: tuple[Case, ...] = ()
    classes: tuple[str, ...] = ()
    answers: Answers | None = None
    notes: tuple[str, ...] = ()


def gathered(results: Sequence[Path], truth: Path | None, places: Sequence[str] = ()) -> Inputs:
    """The matches of some results, each with its truth; `places` say where recordings are now.

    Raises:
        HighlightsError: a file cannot be used, or there is no truth.
    """
    if len(results) == 1 and _is_timelens(results[0]):
        queries = timelens.read_annotations(truth) if truth else None
        answers = timelens.read_answers(results[0], queries)
        unasked = [f"{answers.unasked} results are for queries that the truth does not have"] if answers.unasked else []
        return Inputs(answers=answers, notes=tuple(unasked))
    predictions = [found for result in results for found in _predictions_in(result)]
    if predictions:
        return _soccernet(predictions, truth)
    timelines = [(name, recording_places.read(path, places)) for result in results for name, path in _timelines_in(result)]
    if truth is not None and truth.is_file() and (queries := _queries_in(truth)):
        return Inputs(answers=_grounded([timeline for _, timeline in timelines], queries))
    return _Truths(truth, alone=len(timelines) == 1).of(timelines)


def _is_timelens(path: Path) -> bool:
    return path.is_file() and path.name != RESULT and timelens.is_result(_beginning(path))


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(20_000).decode("utf-8", "replace").lstrip("\ufeff")


def _queries_in(path: Path) -> tuple[Query, ...]:
    """The queries of an annotation file of TimeLens; none if it is another file."""
    beginning = _beginning(path)
    if not ('"queries"' in beginning and '"spans"' in beginning):
        return ()
    return timelens.read_annotations(path)


def _grounded(timelines: Sequence[Timeline], queries: Sequence[Query]) -> Answers:
    results = [found for one in timelines for found in timelens.best_spans(one, _about(queries, one), profile_of(one))]
    return timelens.answered(queries, results)


def _about(queries: Sequence[Query], timeline: Timeline) -> list[Query]:
    return [query for query in queries if Path(query.video).name.removesuffix(".mp4") == timeline.recording.parts[0].path.stem]


# SoccerNet


def _predictions_in(result: Path) -> list[tuple[str, Path]]:
    """The prediction files of a result, each with the name of its game: its folder, relative to the result's."""
    if result.is_file():
        return [(result.parent.name, result)] if result.name == soccernet.PREDICTIONS else []
    found = sorted(result.rglob(soccernet.PREDICTIONS)) if result.is_dir() else []
    return [(path.parent.relative_to(result).as_posix(), path) for path in found]


def _soccernet(predictions: Sequence[tuple[str, Path]], truth: Path | None) -> Inputs:
    games, missing = [], []
    for name, path in predictions:
        file = truth if truth is not None and truth.is_file() else _labels_in((truth / name) if truth else path.parent)
        if file is None:
            missing.append(name)
        else:
            games.append((name, soccernet.read_labels(file), soccernet.read_predictions(path)))
    if not games:
        raise TimelineError(truth or predictions[0][1].parent, f"has no {soccernet.LABELS[0]} for any of the predictions")
    classes = soccernet.classes_of([labels for _, labels, _ in games])
    cases = []
    for name, labels, found in games:
        known = soccernet.truth_of(labels, soccernet.Files(), classes)
        cases.append(case_of_predictions(name, found, known, soccernet.halves_of(labels, found)))
    return Inputs(tuple(cases), classes, notes=tuple(_left_out(missing, "no labels") + _unpredicted(predictions, truth)))


def _labels_in(folder: Path) -> Path | None:
    return next((folder / name for name in soccernet.LABELS if (folder / name).is_file()), None)


def _unpredicted(predictions: Sequence[tuple[str, Path]], truth: Path | None) -> list[str]:
    """Games with labels but without predictions: SoccerNet judges those of a list, this those that were predicted."""
    if truth is None or not truth.is_dir():
        return []
    known = {name for name, _ in predictions}
    games = {path.parent.relative_to(truth).as_posix() for name in soccernet.LABELS for path in truth.rglob(name)}
    return _left_out(sorted(games - known), "no predictions")


def _left_out(names: Sequence[str], why: str) -> list[str]:
    if not names:
        return []
    more = f", and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return [f"not judged, {why}: {', '.join(names[:_FEW])}{more}"]


# timelines


def _timelines_in(result: Path) -> list[tuple[str, Path]]:
    """The timelines of a result, each with its name: a file, a folder of results, or a folder of such folders."""
    if result.is_file():
        return [(result.resolve().parent.name if result.name == RESULT else result.stem, result)]
    if (result / RESULT).is_file():
        return [(result.resolve().name, result / RESULT)]
    found = sorted(result.rglob(RESULT)) if result.is_dir() else []
    if not found:
        raise TimelineError(result, f"holds no result: give a {RESULT}, a folder with some, or predictions")
    return [(path.parent.relative_to(result).as_posix(), path) for path in found]


@dataclass(frozen=True, slots=True)
class _Truths:
    """Where the truth of a timeline is; `alone`: it is the only one, so that any file is its truth."""

    place: Path | None
    alone: bool
    missing: list[str] = field(default_factory=list)

    def of(self, timelines: Sequence[tuple[str, Timeline]]) -> Inputs:
        """The timelines that have a truth.

        Raises:
            TimelineError: none has.
        """
        if self.place is not None and self.place.is_file() and not self.alone:
            raise TimelineError(self.place, f"is one truth for {len(timelines)} results; give a folder with one for each")
        if self.place is not None and not self.place.exists():
            raise TimelineError(self.place, f"cannot be read (No such file or directory); give {WHAT}, or a folder of them")
        cases = [
            case_of_timeline(name, timeline, truth) for name, timeline in timelines if (truth := self._truth(name, timeline))
        ]
        if not cases:
            raise TimelineError(self.place or timelines[0][1].recording.parts[0].path.parent, self._nothing(timelines))
        return Inputs(tuple(cases), notes=tuple(_left_out(self.missing, "no truth")))

    def _truth(self, name: str, timeline: Timeline) -> Truth | None:
        files = [self.place] if self.place is not None and self.place.is_file() else list(self._files(name, timeline))
        if not files:
            self.missing.append(name)
            return None
        return joined([read_truth(path, timeline) for path in files])

    def _files(self, name: str, timeline: Timeline) -> Iterator[Path]:
        """The files of the first place that has any."""
        recording = timeline.recording.parts[0].path
        league = ["/".join(recording.parent.parts[-levels:]) for levels in (3, 2, 1)]  # SoccerNet: league, season, game
        names = (name, recording.stem, *league)
        folder = recording.parent if self.place is None else self.place
        beside = self.place is None  # a table there may be anything, unless its name says that it is the truth
        for known in (recording.stem,) if beside else dict.fromkeys(names):
            endings = ENDINGS[:2] if beside else ENDINGS
            if alone := next((path for ending in endings if (path := folder / f"{known}{ending}").is_file()), None):
                yield alone
                return
        for place in (folder,) if beside else (*(folder / known for known in names), *((folder,) if self.alone else ())):
            if found := [place / known for known in IN_FOLDER if (place / known).is_file()]:
                yield from found
                return
            if not beside and (place / RESULT).is_file():
                yield place / RESULT
                return

    def _nothing(self, timelines: Sequence[tuple[str, Timeline]]) -> str:
        name = timelines[0][1].recording.parts[0].path.stem if self.place is None else timelines[0][0]
        return f"has no truth for {timelines[0][0]}, such as {name}{ENDINGS[0]}; name one with --truth"
