"""A timeline against truth: precision, recall, F1 and time error of each event kind, of score changes and of cuts.

Conventions: an event counts as found if its instant (`peak_s`) lies within a tolerance of the true instant, each used once;
the pairing is the largest possible one. Kinds that the truth does not know are not judged. Spotting metrics of SoccerNet
average over tolerances; here one tolerance is said with every number.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from highlights.errors import TimelineError
from highlights.records import Timeline

TOLERANCE_S = 5.0
SCORE_TOLERANCE_S = 2.0
CUT_TOLERANCE_S = 0.1
LARGEST_TRUTH_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Truth:
    """Hand-marked times in seconds: events by kind, score changes with their values, cuts (None where not marked)."""

    events: Mapping[str, tuple[float, ...]]
    score_changes: tuple[tuple[float, Mapping[str, int]], ...] | None = None
    cuts_s: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """How one kind was met: counts, the median absolute time error in seconds, and how many spans hold their instant."""

    kind: str
    true: int
    found: int
    matched: int
    tolerance_s: float
    error_s: float | None = None
    held: int | None = None

    @property
    def precision(self) -> float:
        """Matched of found; 1 if nothing was found."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Matched of true; 1 if there was nothing to find."""
        return self.matched / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there was nothing to find and nothing was."""
        total = self.true + self.found
        return 2 * self.matched / total if total else 1.0


def evaluate(timeline: Timeline, truth: Truth, *, tolerance_s: float = TOLERANCE_S) -> list[Measure]:
    """Measures of every event kind of the truth, then of score changes and cuts where the truth has them."""
    measures = [_events(timeline, kind, times, tolerance_s) for kind, times in sorted(truth.events.items())]
    if truth.score_changes is not None:
        measures.append(_score_changes(timeline, truth.score_changes))
    if truth.cuts_s is not None:
        starts = sorted(s.span.start_s for s in timeline.analysis.scenes if s.transition != "start")
        measures.append(_measure("cuts", sorted(truth.cuts_s), starts, CUT_TOLERANCE_S))
    return measures


def _events(timeline: Timeline, kind: str, times: Sequence[float], tolerance_s: float) -> Measure:
    events = sorted((e for e in timeline.events if e.name == kind), key=lambda e: e.peak_s)
    measure = _measure(kind, sorted(times), [e.peak_s for e in events], tolerance_s)
    held = sum(any(e.span.holds(t) for e in events) for t in times)
    return Measure(kind, measure.true, measure.found, measure.matched, tolerance_s, measure.error_s, held)


def _score_changes(timeline: Timeline, changes: Sequence[tuple[float, Mapping[str, int]]]) -> Measure:
    """The value must be exact and the time near."""
    left = list(timeline.analysis.scoreboard.changes)
    errors = []
    for time_s, counters in changes:
        same = [c for c in left if counters.items() <= c.after.items() and abs(c.shown_s - time_s) <= SCORE_TOLERANCE_S]
        if same:
            best = min(same, key=lambda c: abs(c.shown_s - time_s))
            left.remove(best)
            errors.append(abs(best.shown_s - time_s))
    found = len(timeline.analysis.scoreboard.changes)
    error_s = round(median(errors), 3) if errors else None
    return Measure("score changes", len(changes), found, len(errors), SCORE_TOLERANCE_S, error_s)


def _measure(kind: str, true: Sequence[float], found: Sequence[float], tolerance_s: float) -> Measure:
    pairs = match(true, found, tolerance_s)
    errors = [abs(a - b) for a, b in pairs]
    return Measure(kind, len(true), len(found), len(pairs), tolerance_s, round(median(errors), 3) if errors else None)


def match(true: Sequence[float], found: Sequence[float], tolerance_s: float) -> list[tuple[float, float]]:
    """The largest set of pairs no further apart than the tolerance; both sequences in order of time.

    >>> match([10.0, 20.0], [9.0, 11.0, 24.0], 5.0)
    [(10.0, 9.0), (20.0, 24.0)]
    """
    pairs, i, j = [], 0, 0
    while i < len(true) and j < len(found):
        if abs(true[i] - found[j]) <= tolerance_s:
            pairs.append((true[i], found[j]))
            i, j = i + 1, j + 1
        elif true[i] < found[j]:
            i += 1
        else:
            j += 1
    return pairs


def read_truth(path: Path) -> Truth:
    """Truth from a JSON file (`events`, and if marked `score_changes` and `cuts_s`) or a CSV file (`label,time_s`).

    Raises:
        TimelineError: the file is missing, too large, or not of that form.
    """
    try:
        if path.stat().st_size > LARGEST_TRUTH_BYTES:
            raise TimelineError(path, "over 50 MB, which is no list of events")
        text = path.read_text(encoding="utf-8-sig")
        return _from_csv(text) if path.suffix.lower() == ".csv" else _from_json(json.loads(text))
    except OSError as error:
        raise TimelineError(path, f"cannot be read ({error.strerror})") from error
    except KeyError as error:
        raise TimelineError(path, f"a key is missing: {error}; an event needs label and time_s") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise TimelineError(path, f"not a truth file ({error}); needed are events with label and time_s") from error


def _from_csv(text: str) -> Truth:
    events: dict[str, list[float]] = {}
    for row in csv.DictReader(text.splitlines()):
        events.setdefault(row["label"], []).append(float(row["time_s"]))
    return Truth({kind: tuple(times) for kind, times in events.items()})


def _from_json(data: Mapping[str, list[dict[str, object]]]) -> Truth:
    events: dict[str, list[float]] = {}
    for event in data["events"]:
        events.setdefault(str(event["label"]), []).append(float(str(event["time_s"])))
    changes = [(float(str(c["time_s"])), _counters(c)) for c in data["score_changes"]] if "score_changes" in data else None
    cuts = tuple(float(str(t)) for t in data["cuts_s"]) if "cuts_s" in data else None
    kinds = {kind: tuple(times) for kind, times in events.items()}
    return Truth(kinds, None if changes is None else tuple(changes), cuts)


def _counters(change: Mapping[str, object]) -> dict[str, int]:
    """All counters of a change; overs such as `15.2` are counted in balls."""
    counters = {key: int(str(value)) for key, value in change.items() if key not in ("time_s", "overs")}
    if "overs" in change:
        overs, balls = str(change["overs"]).split(".")
        counters["balls"] = 6 * int(overs) + int(balls)
    return counters

