"""Scenes to windows: overlapping pieces of a match, each short enough for a model to see at once.

    scenes    ├────────┼──────────┼───┼──────────────────────────────┼──────┤
    windows   ├───────────────────┤
                            ├─────────────────────────┤
                                                ├────────────────────┤
                                                                ├───────────┤

A window ends at a scene's end where one lies in its second half, and begins at a scene's start where one lies near enough
to the asked overlap. Neighbours share at least `overlap_s`, so an event at an edge is seen whole by one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from highlights.profile import WindowRules
from highlights.records import Scene, Window
from highlights.spans import Span


def windows(scenes: Sequence[Scene], rules: WindowRules) -> tuple[Window, ...]:
    """Windows in order: they cover every scene, none is longer than `rules.length_s`, none spans two parts.

    Raises:
        ValueError: The overlap is negative or not shorter than the window.
    """
    if not 0 <= rules.overlap_s < rules.length_s:
        raise ValueError(f"windows need 0 <= overlap < length, got {rules.overlap_s} and {rules.length_s}")
    return tuple(
        Window(span, part)
        for part, of_part in groupby(scenes, key=lambda scene: scene.part)
        for span in _spans([scene.span for scene in of_part], rules)
    )


def _spans(scenes: list[Span], rules: WindowRules) -> Iterator[Span]:
    """The windows of one part."""
    edges = [scene.start_s for scene in scenes]
    end_s = scenes[-1].end_s
    start_s = edges[0]
    least_advance_s = (rules.length_s - rules.overlap_s) / 2
    while end_s - start_s > rules.length_s + 0.0005:
        latest_s = start_s + rules.length_s
        stop_s = _last(edges, start_s + least_advance_s + rules.overlap_s, latest_s)
        yield Span(start_s, stop_s)
        next_s = stop_s - rules.overlap_s
        start_s = _last(edges, max(next_s - rules.overlap_s, start_s + least_advance_s), next_s)
    yield Span(start_s, end_s)


def _last(edges: list[float], earliest_s: float, latest_s: float) -> float:
    """The last of `edges` in `[earliest_s, latest_s]`, or `latest_s` when none lies there."""
    return max((edge for edge in edges if earliest_s <= edge <= latest_s), default=latest_s)
