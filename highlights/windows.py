"""Scenes → windows: overlapping spans of a match, each short enough for one model call.

    scenes    ├────────┼──────────┼───┼──────────────────────────────┼──────┤
    windows   ├───────────────────┤
                            ├─────────────────────────┤
                                                ├────────────────────┤
                                                                ├───────────┤

A window ends at the end of a scene if there is one in its second half, and starts at the start of a scene if there is one close
enough to the requested overlap. Neighbours share at least `overlap_s`, so an event at an edge is complete in one of them.

Windows for a model start on its grid: whole pairs of frames after the start of their part, so that overlapping windows have the
same pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from math import ceil, floor

from highlights.profile import LONGEST_WINDOW_S, WindowRules
from highlights.records import Part, Recording, Scene, Window
from highlights.spans import Span

_LEAST_PAIRS = 2
"""Pairs of frames in a window; the models were never trained on fewer."""
_MARGIN_S = 2.0
"""Before and after an event: the context that a model needs to tell when it happened."""
_ROUNDING_S = 0.001


def windows(scenes: Sequence[Scene], rules: WindowRules) -> tuple[Window, ...]:
    """Windows in order: they cover every scene, none is longer than `rules.length_s`, none spans two parts.

    Raises:
        ValueError: The overlap is negative or not shorter than the window.
    """
    return _windows(scenes, rules, lambda part, time_s: time_s)


def model_windows(scenes: Sequence[Scene], rules: WindowRules, recording: Recording, pair_s: float) -> tuple[Window, ...]:
    """Like `windows`, but each starts a whole number of frame pairs (`pair_s` seconds each) after its part does.

    None is longer than `LONGEST_WINDOW_S`. If the rules leave no room for the grid, windows are longer (two pairs) and overlap
    less.

    Raises:
        ValueError: The overlap is negative or not shorter than the window.
    """
    _check(rules)

    def on_grid(part: int, time_s: float) -> float:
        start_s = recording.parts[part].start_s
        return start_s + floor((time_s - start_s + _ROUNDING_S) / pair_s) * pair_s

    length_s = _usual_length(rules, pair_s)
    overlap_s = min(rules.overlap_s, length_s - _LEAST_PAIRS * pair_s)
    return _windows(scenes, replace(rules, length_s=length_s, overlap_s=overlap_s), on_grid)


def proposed(windows: Sequence[Window], spans: Iterable[Span], margin_s: float = _MARGIN_S) -> tuple[Window, ...]:
    """The windows, in order, that contain one of `spans` with `margin_s` seconds around it, as far as windows extend.

    For a span that no window contains like this, all windows that overlap it.
    """
    wanted: set[Window] = set()
    of_parts = [list(of_part) for _, of_part in groupby(windows, key=lambda window: window.part)]
    for span in spans:
        for of_part in of_parts:
            wanted.update(_showing(of_part, span, margin_s))
    return tuple(window for window in windows if window in wanted)


def around(span: Span, recording: Recording, rules: WindowRules, pair_s: float, shift_s: float = 0.0) -> Window:
    """A window of the usual length centred on `span`, on the grid of frame pairs and inside one part.

    It is moved by `shift_s` seconds (later, if positive) as far as it stays inside the part and around the span.
    """
    number = recording.part_at(span.middle_s)
    part = recording.parts[number]
    length_s = _usual_length(rules, pair_s)
    inside = span.clamp(part.span) or part.span
    pairs = round((inside.middle_s + shift_s - length_s / 2 - part.start_s) / pair_s)
    first = ceil((inside.end_s - length_s - part.start_s - _ROUNDING_S) / pair_s)
    last = floor((inside.start_s - part.start_s + _ROUNDING_S) / pair_s)
    pairs = min(max(pairs, first), last) if first <= last else round((inside.middle_s - length_s / 2 - part.start_s) / pair_s)
    start_s = part.start_s + _inside(pairs, part, length_s, pair_s) * pair_s
    return Window(Span(start_s, min(start_s + length_s, part.start_s + part.duration_s)), number)


def _inside(pairs: int, part: Part, length_s: float, pair_s: float) -> int:
    """The nearest start, in pairs, from which a window stays inside its part, except for the last pair."""
    return max(0, min(pairs, ceil((part.duration_s - length_s - _ROUNDING_S) / pair_s)))


def _usual_length(rules: WindowRules, pair_s: float) -> float:
    return max(min(rules.length_s, LONGEST_WINDOW_S), _LEAST_PAIRS * pair_s)


def _showing(windows: list[Window], span: Span, margin_s: float) -> list[Window]:
    """The windows of one part that contain a span with its margin, or else those that overlap it."""
    showing = [window for window in windows if span.overlap_s(window.span)]
    reach = Span(min(window.span.start_s for window in windows), max(window.span.end_s for window in windows))
    padded = span.pad(margin_s, margin_s).clamp(reach)
    return [window for window in showing if padded and padded.clamp(window.span) == padded] or showing


def _windows(scenes: Sequence[Scene], rules: WindowRules, snap: Callable[[int, float], float]) -> tuple[Window, ...]:
    """Windows with their starts snapped to the same time or an earlier one."""
    _check(rules)
    return tuple(
        Window(span, part)
        for part, of_part in groupby(scenes, key=lambda scene: scene.part)
        for span in _spans([scene.span for scene in of_part], rules, partial(snap, part))
    )


def _check(rules: WindowRules) -> None:
    if not 0 <= rules.overlap_s < rules.length_s:
        raise ValueError(f"windows need 0 <= overlap < length, got {rules.overlap_s} and {rules.length_s}")


def _spans(scenes: list[Span], rules: WindowRules, snap: Callable[[float], float]) -> Iterator[Span]:
    """The windows of one part."""
    edges = [scene.start_s for scene in scenes]
    end_s = scenes[-1].end_s
    start_s = snap(edges[0])
    least_advance_s = (rules.length_s - rules.overlap_s) / 2
    while end_s - start_s > rules.length_s + 0.0005:
        latest_s = start_s + rules.length_s
        stop_s = _last(edges, start_s + least_advance_s + rules.overlap_s, latest_s)
        yield Span(start_s, stop_s)
        next_s = stop_s - rules.overlap_s
        start_s = snap(_last(edges, max(next_s - rules.overlap_s, start_s + least_advance_s), next_s))
    yield Span(start_s, end_s)


def _last(edges: list[float], earliest_s: float, latest_s: float) -> float:
    """The last of `edges` in `[earliest_s, latest_s]`, or `latest_s` if there is none."""
    return max((edge for edge in edges if earliest_s <= edge <= latest_s), default=latest_s)
