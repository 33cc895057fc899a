"""A timeline against truth: precision, recall, F1 and time error of each kind of event, of score changes and of cuts.

Conventions: an event counts as found if its instant (`peak_s`) is within a tolerance of the true instant, each used once; of
the largest possible pairings, the one with the least error is used. Kinds missing from the truth are not judged. SoccerNet's
spotting metrics average over tolerances; here every number comes with one tolerance. Only hard cuts count: a scene that starts
with a dissolve or wipe counts neither for nor against.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from highlights.errors import TimelineError
from highlights.export import table
from highlights.records import Counter, Timeline
from highlights.spans import Span

TOLERANCE_S = 5.0
SCORE_TOLERANCE_S = 2.0
CUT_TOLERANCE_S = 0.1
LARGEST_TRUTH_BYTES = 50_000_000
LONGEST_S = 10_000_000.0  # 115 days; a later time is an error in the file


@dataclass(frozen=True, slots=True)
class Truth:
    """Hand-marked times in seconds: events by kind, score changes with their values, cuts (None where not marked).

    A kind without times was annotated but did not happen.
    """

    events: Mapping[str, tuple[float, ...]]
    score_changes: tuple[tuple[float, Mapping[Counter, int]], ...] | None = None
    cuts_s: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """The result for one kind: counts, the median absolute time error in seconds, and how many true instants are in a span."""

    kind: str
    true: int
    found: int
    matched: int
    tolerance_s: float
    error_s: float | None = None
    held: int | None = None

    @property
    def precision(self) -> float:
        """Share of the found that match; 1 if nothing was found."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true that match; 1 if there was nothing to find."""
        return self.matched / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there was nothing to find and nothing was."""
        total = self.true + self.found
        return 2 * self.matched / total if total else 1.0


def evaluate(timeline: Timeline, truth: Truth, *, tolerance_s: float = TOLERANCE_S) -> list[Measure]:
    """Measures of every kind of event in the truth, then of score changes and cuts if the truth has them."""
    measures = [_events(timeline, kind, times, tolerance_s) for kind, times in sorted(truth.events.items())]
    if truth.score_changes is not None:
        measures.append(_score_changes(timeline, truth.score_changes))
    if truth.cuts_s is not None:
        starts = [s.span.start_s for s in timeline.analysis.scenes if s.transition == "cut"]
        measures.append(_measure("cuts", truth.cuts_s, starts, CUT_TOLERANCE_S))
    return measures


def _events(timeline: Timeline, kind: str, times: Sequence[float], tolerance_s: float) -> Measure:
    events = [e for e in timeline.events if e.name == kind]
    held = sum(any(e.span.holds(t) for e in events) for t in times)
    return _measure(kind, times, [e.peak_s for e in events], tolerance_s, held)


def _measure(kind: str, true: Sequence[float], found: Sequence[float], tolerance_s: float, held: int | None = None) -> Measure:
    pairs = match(true, found, tolerance_s)
    return Measure(kind, len(true), len(found), len(pairs), tolerance_s, _median([abs(a - b) for a, b in pairs]), held)


def _median(errors: Sequence[float]) -> float | None:
    return round(median(errors), 3) if errors else None


def _score_changes(timeline: Timeline, changes: Sequence[tuple[float, Mapping[Counter, int]]]) -> Measure:
    """The value must be exact, and the true time near the span in which the change was `seen`.

    That span is as short as the distance of two readings, unless the graphic was hidden; then it cannot be narrowed down.
    """
    left = list(timeline.analysis.scoreboard.changes)
    found, errors = len(left), []
    for time_s, counters in changes:
        same = [c for c in left if counters.items() <= c.after.items() and _away_s(c.seen, time_s) <= SCORE_TOLERANCE_S]
        if same:
            best = min(same, key=lambda c: abs(c.shown_s - time_s))
            left.remove(best)
            errors.append(abs(best.shown_s - time_s))
    return Measure("score changes", len(changes), found, len(errors), SCORE_TOLERANCE_S, _median(errors))


def _away_s(span: Span, time_s: float) -> float:
    """Seconds from an instant to a span, 0 inside it."""
    return max(0.0, span.start_s - time_s, time_s - span.end_s)


def match(true: Sequence[float], found: Sequence[float], tolerance_s: float) -> list[tuple[float, float]]:
    """The largest set of pairs within the tolerance; of several, the one with the least error.

    >>> match([10.0, 20.0], [9.0, 11.0, 24.0], 5.0)
    [(10.0, 9.0), (20.0, 24.0)]
    """
    return [pair for group in _groups(true, found, tolerance_s) for pair in _pairs(*group, tolerance_s)]


def _groups(true: Sequence[float], found: Sequence[float], tolerance_s: float) -> Iterator[tuple[list[float], list[float]]]:
    """Both, in order, split at gaps across which nothing can be paired."""
    group: tuple[list[float], list[float]] = ([], [])
    last_s = float("-inf")
    for time_s, which in sorted([*((t, 0) for t in true), *((t, 1) for t in found)]):
        if time_s - last_s > tolerance_s:
            yield group
            group = ([], [])
        group[which].append(time_s)
        last_s = time_s
    yield group


def _pairs(true: Sequence[float], found: Sequence[float], tolerance_s: float) -> list[tuple[float, float]]:
    """The best pairing of sorted times. Dynamic programming: in an optimal pairing no pairs need to cross."""
    # best[j]: for the first times of `true` and the first j of `found`: minus the number of pairs, their error, the pairs
    best: list[tuple[int, float, tuple[tuple[float, float], ...]]] = [(0, 0.0, ())] * (len(found) + 1)
    for a in true:
        row = best[:1]
        for j, b in enumerate(found):
            options = [row[j], best[j + 1]]
            if abs(a - b) <= tolerance_s:
                fewer, error, pairs = best[j]
                options.append((fewer - 1, error + abs(a - b), (*pairs, (a, b))))
            row.append(min(options, key=lambda option: option[:2]))
        best = row
    return list(best[-1][2])


def read_truth(path: Path) -> Truth:
    """Truth from a JSON file, or a CSV file with the columns `label,time_s`.

    JSON: `{"events": [{"label": "goal", "time_s": 431.2}], "score_changes": [{"time_s": 452.0, "home": 1, "away": 0}],
    "cuts_s": [6.2], "labels": ["goal", "save"]}`, of which only `events` is required; `labels` are the annotated kinds, in case
    one of them did not happen.

    Raises:
        TimelineError: The file is missing, too large, or not of that form; the message names the first fault.
    """
    try:
        if path.stat().st_size > LARGEST_TRUTH_BYTES:
            raise TimelineError(path, "is larger than 50 MB, so it is not a list of events; give the truth file")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TimelineError(path, f"cannot be read ({error.strerror}); give a truth file, JSON or CSV") from error
    except UnicodeDecodeError as error:
        raise TimelineError(path, "is not text (UTF-8); give a truth file, JSON or CSV") from error
    try:
        return _from_csv(text) if path.suffix.lower() == ".csv" else _from_json(text)
    except (ValueError, csv.Error) as error:
        raise TimelineError(path, str(error)) from error


def _from_csv(text: str) -> Truth:
    rows = table.lines(text)
    names = table.column_names(next(rows, (0, []))[1])
    if not {"label", "time_s"} <= set(names):
        raise ValueError("the first line must name the columns label,time_s")
    cells = ((f"line {number}", dict.fromkeys(names, "") | dict(zip(names, line, strict=False))) for number, line in rows)
    return Truth(_by_kind((place, _name(row["label"]), table.decimal(row["time_s"])) for place, row in cells))


def _name(label: str) -> str:
    """The name of a kind that a person wrote with capitals and spaces, as profiles write it."""
    return "_".join(label.lower().split())


def _from_json(text: str) -> Truth:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error}); the name of a table must end in .csv") from error
    if not isinstance(data, dict) or not isinstance(data.get("events"), list):
        raise ValueError("is JSON but not a truth file: it needs a list named events, of entries with label and time_s")
    places = ((f"events.{i}", _entry(event, f"events.{i}")) for i, event in enumerate(data["events"]))
    events = _by_kind((place, event.get("label"), event.get("time_s")) for place, event in places)
    annotated: dict[str, tuple[float, ...]] = {str(label): () for label in _list(data, "labels")}
    changes = [_change(change, f"score_changes.{i}") for i, change in enumerate(_list(data, "score_changes"))]
    cuts = [_seconds(time_s, f"cuts_s.{i}") for i, time_s in enumerate(_list(data, "cuts_s"))]
    return Truth(
        annotated | events,
        tuple(changes) if "score_changes" in data else None,
        tuple(cuts) if "cuts_s" in data else None,
    )


def _list(data: Mapping[str, object], key: str) -> list[object]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key}: must be a list")
    return value


def _entry(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{place}: must be an entry with keys, such as time_s")
    return value


def _by_kind(events: Iterable[tuple[str, object, object]]) -> dict[str, tuple[float, ...]]:
    """Times by label, from (location in the file, label, time)."""
    kinds: dict[str, list[float]] = {}
    for place, label, time_s in events:
        if not isinstance(label, str) or not label.strip():
            raise ValueError(f"{place}: label: must be the name of an event")
        kinds.setdefault(label.strip(), []).append(_seconds(time_s, f"{place}: time_s"))
    return {kind: tuple(times) for kind, times in kinds.items()}


def _seconds(value: object, place: str) -> float:
    try:
        time_s = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else float("nan")
    except (ValueError, OverflowError):
        time_s = float("nan")
    if not 0 <= time_s <= LONGEST_S:
        raise ValueError(f"{place}: must be seconds from 0 to {LONGEST_S:.0f}")
    return time_s


def _change(value: object, place: str) -> tuple[float, dict[Counter, int]]:
    """The time of a change and all counters after it; overs such as `15.2` are converted to balls."""
    change = _entry(value, place)
    time_s = _seconds(change.get("time_s"), f"{place}.time_s")
    counters = {key: _count(count, f"{place}.{key}") for key, count in change.items() if key not in ("time_s", "overs")}
    if "overs" in change:
        overs, _, balls = str(change["overs"]).partition(".")
        counters["balls"] = 6 * _count(overs, f"{place}.overs") + _count(balls or "0", f"{place}.overs")
    return time_s, counters


def _count(value: object, place: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"{place}: must be a whole number, 0 or more")
    return int(text)
