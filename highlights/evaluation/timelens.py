"""TimeLens-Bench: its annotation files, result files of its evaluation, and the spans of a folder of timelines.

    annotations  {"VIDEO": {"duration": 30.5, "spans": [[1.2, 4.0], ...], "queries": ["a person sits", ...]}}
    results      {"VIDEO>>>QUERY>>>[1.2, 4.0]": {"timestamps": [[1.0, 4.0]]}}
                 {"VIDEO>>>QUERY>>>[1.2, 4.0]": {"answers": "The event happens in 1 - 4 seconds."}}

Results are one JSON object, or JSON lines. Spans are taken as they are written: TimeLens's own loop rounds them to whole
seconds when it writes them, so to get its numbers from your own predictions, round them before. With the annotations as truth,
every query counts: one without a result is 0. Without, the spans in the keys are the truth, as in `compute_metrics.py`.

An answer in words gives its first pair of times: `m:ss` or `h:mm:ss` if there are two, else `a - b`, else `a to b`, else the
first two numbers.

Source: `timelens_data.py`, `compute_metrics.py` of TimeLens (BSD-3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from highlights.errors import TimelineError
from highlights.evaluation import entries
from highlights.evaluation.grounding import Grounding, Pair, grounding, iou
from highlights.profile import Profile
from highlights.records import Event, Timeline
from highlights.texts import read_text

BETWEEN = ">>>"
_WHAT = "results of TimeLens's evaluation, JSON or JSON lines"
_CLOCK = re.compile(r"(?<![\w:.])(?:(\d{1,2}):)?(\d{1,2}):(\d\d(?:\.\d{1,9})?)(?![\w:])", re.ASCII)
_NUMBER = r"(\d{1,9}(?:\.\d{0,9})?)"
_PAIRS = (
    re.compile(rf"{_NUMBER}\s{{0,9}}-\s{{0,9}}{_NUMBER}", re.ASCII),
    re.compile(rf"{_NUMBER}\s{{1,9}}to\s{{1,9}}{_NUMBER}", re.ASCII),
)
_ALONE = re.compile(r"(?<!\w)(\d{1,9}\.\d{1,9}|\d{1,9})(?!\w)", re.ASCII)
_KEY_SPAN = re.compile(rf"[\[(]{{1,2}}\s{{0,9}}{_NUMBER}\s{{0,9}},\s{{0,9}}{_NUMBER}\s{{0,9}},?[\])]{{1,2}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """A question about a video, and when what it describes happens."""

    video: str
    text: str
    span: Pair


@dataclass(frozen=True, slots=True)
class Answer:
    """The overlap of a predicted span with a query's; `found` None if there was none."""

    query: Query
    found: Pair | None
    iou: float


@dataclass(frozen=True, slots=True)
class Answers:
    """All queries answered; `unasked` are results for queries that the truth does not have."""

    answers: tuple[Answer, ...]
    unasked: int = 0

    @property
    def grounding(self) -> Grounding | None:
        """The shares over all queries."""
        return grounding([one.iou for one in self.answers], sum(one.found is None for one in self.answers))


def is_annotation(data: object) -> bool:
    """Whether the content of a JSON file is annotations: videos with spans and queries."""
    first = next(iter(data.values()), None) if isinstance(data, dict) else None
    return isinstance(first, dict) and {"spans", "queries"} <= first.keys()


def is_result(text: str) -> bool:
    """Whether the beginning of a file is a result file."""
    return BETWEEN in text[:10_000] and text.lstrip()[:1] == "{"


def read_annotations(path: Path) -> tuple[Query, ...]:
    """The queries of an annotation file.

    Raises:
        TimelineError: it is not of that form; names the place.
    """
    text = read_text(path, "annotations of TimeLens-Bench", TimelineError)
    return entries.parsed(path, text, lambda text: _queries(entries.json_of(text)))


def _queries(data: object) -> tuple[Query, ...]:
    if not is_annotation(data):
        raise ValueError("is no annotation file of TimeLens-Bench: it needs videos with spans and queries")
    return tuple(query for video, notes in entries.entry(data, "file").items() for query in _of_video(video, notes))


def _of_video(video: str, notes: object) -> list[Query]:
    content = entries.entry(notes, video)
    try:
        spans, queries = entries.values(content, "spans"), entries.values(content, "queries")
        if len(spans) != len(queries):
            raise ValueError(f"has {len(spans)} spans but {len(queries)} queries")
        return [
            Query(video, plain(entries.words(text, where, "a text")), _pair(span, place))
            for (place, span), (where, text) in zip(spans, queries, strict=True)
        ]
    except ValueError as error:
        raise ValueError(f"{video[:80]}: {error}") from error


def _pair(value: object, place: str) -> Pair:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{place}: must be [start, end]")
    return entries.number(value[0], place), entries.number(value[1], place)


def plain(query: str) -> str:
    """A query as TimeLens compares it.

    >>> plain(" a person  sits down. ")
    'a person sits down'
    """
    return " ".join(query.split()).strip(".").strip()


def read_answers(path: Path, queries: Sequence[Query] | None) -> Answers:
    """A result file against the queries; without them, against the spans in its keys.

    Raises:
        TimelineError: it is not of that form; names the place.
    """
    text = read_text(path, _WHAT, TimelineError)
    read: Callable[[str], list[tuple[Query, Pair | None]]] = _results
    results = entries.parsed(path, text, read)
    if queries is None:
        return Answers(tuple(Answer(query, found, iou(query.span, found)) for query, found in results))
    answers = answered(queries, [(query.video, query.text, found) for query, found in results], [q.span for q, _ in results])
    if not any(one.found for one in answers.answers) and results:
        raise TimelineError(path, "answers none of the queries of the truth: is it of another set?")
    return answers


def answered(
    queries: Sequence[Query], results: Sequence[tuple[str, str, Pair | None]], spans: Sequence[Pair | None] = ()
) -> Answers:
    """The queries with their results (video, query, span found), each used once; `spans` tell equal queries apart."""
    left: dict[tuple[str, str], list[tuple[Pair | None, Pair | None]]] = {}
    for number, (video, text, found) in enumerate(results):
        left.setdefault((_stem(video), plain(text)), []).append((spans[number] if spans else None, found))
    answers = []
    for query in queries:
        mine = left.get((_stem(query.video), query.text), [])
        own = next((one for one in mine if one[0] == query.span), mine[0] if mine else None)
        if own is not None:
            mine.remove(own)
        found = own[1] if own else None
        answers.append(Answer(query, found, iou(query.span, found)))
    return Answers(tuple(answers), sum(map(len, left.values())))


def _stem(video: str) -> str:
    name = PurePosixPath(video.replace("\\", "/")).name
    return name.removesuffix(".mp4")


def _results(text: str) -> list[tuple[Query, Pair | None]]:
    if text.lstrip().startswith("{") and "\n" in text.strip() and not _is_one(text):
        lines = [(f"line {number}", line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    else:
        lines = [("file", text)]
    found: dict[str, tuple[Query, Pair | None]] = {}
    for place, line in lines:
        for key, value in entries.entry(_json_of(line, place), place).items():
            found[key] = _query(key, place), _found(value, f"{place}: {key[:80]}")
    return list(found.values())


def _is_one(text: str) -> bool:
    try:
        entries.json_of(text)
    except ValueError:
        return False
    return True


def _json_of(line: str, place: str) -> object:
    try:
        return entries.json_of(line)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _query(key: str, place: str) -> Query:
    video, _, rest = key.partition(BETWEEN)
    text, _, span = rest.rpartition(BETWEEN)
    times = _KEY_SPAN.fullmatch(span.strip()) if len(span) < 200 else None
    if times is None:
        raise ValueError(f"{place}: {key[:80]!r} must be VIDEO>>>QUERY>>>[start, end]")
    return Query(video, plain(text), (float(times[1]), float(times[2])))


def _found(value: object, place: str) -> Pair | None:
    result = entries.entry(value, place)
    if "timestamps" in result:
        spans = entries.values(result, "timestamps")
        return _pair(spans[0][1], f"{place}: timestamps.0") if spans else None
    if not isinstance(result.get("answers"), str):
        raise ValueError(f"{place}: needs timestamps or answers")
    return pair_in(str(result["answers"])[: entries.LONGEST_WORDS])


def pair_in(answer: str) -> Pair | None:
    """The first pair of times in an answer.

    >>> pair_in("The event happens in 3.5 - 8 seconds."), pair_in("from 0:05 to 1:10"), pair_in("It starts at 2 s, ends at 4 s")
    ((3.5, 8.0), (5.0, 70.0), (2.0, 4.0))
    """
    clocks = [3600 * float(h or 0) + 60 * float(m) + float(s) for h, m, s in _CLOCK.findall(answer)]
    if len(clocks) > 1:
        return clocks[0], clocks[1]
    for pattern in _PAIRS:
        if pair := pattern.search(answer.lower()):
            return float(pair[1]), float(pair[2])
    numbers = [float(number) for number in _ALONE.findall(answer)]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else None


def best_spans(timeline: Timeline, queries: Sequence[Query], profile: Profile | None) -> list[tuple[str, str, Pair | None]]:
    """For each query about the video of a timeline, the span of the surest claim of the kind that the query is of.

    A query is of the kind whose name, title or question in the profile it is.
    """
    video = timeline.recording.parts[0].path.stem
    names = {
        plain(text).casefold(): rule.name
        for rule in (profile.events if profile else ())
        for text in (*rule.queries, rule.title)
    }
    claims = (*timeline.events, *timeline.near_misses)
    results: list[tuple[str, str, Pair | None]] = []
    for query in queries:
        wanted = names.get(query.text.casefold(), query.text)
        own: list[Event] = [event for event in claims if wanted in (event.name, plain(event.title))]
        best = max(own, key=lambda event: event.confidence, default=None)
        results.append((video, query.text, (best.span.start_s, best.span.end_s) if best else None))
    return results
