"""The edges of clips on exact cuts, where a cut was only placed by its packet."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from highlights.cache.store import Store
from highlights.edges import trimmed_exactly, with_exact_edges
from highlights.media.probe import open_recording
from highlights.profile import load
from highlights.records import Analysis, Event, Recording, Scene
from highlights.spans import Span
from tests.support.drawing import draw_video

SOCCER = load("soccer")
CUT_S, PLACED_S = 4.0, 4.08  # where the cut is, and two frames later
GOAL = Event("goal", "Goal", Span(12.0, 13.0), 12.5, 0.9, ())
"""Its clip begins 8 s before it."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = draw_video(tmp_path_factory.mktemp("match") / "match.mp4", duration_s=40, cuts_s=(CUT_S, 20.0), sounds=())
    return open_recording([path])


def scenes(*starts: tuple[float, bool]) -> Analysis:
    edges_s = [*(start_s for start_s, _ in starts), 40.0]
    spans = [Span(*ends_s) for ends_s in pairwise(edges_s)]
    return Analysis(tuple(Scene(span, 0, "cut", exact) for span, (_, exact) in zip(spans, starts, strict=True)))


def starts(analysis: Analysis) -> list[tuple[float, bool]]:
    return [(scene.span.start_s, scene.exact) for scene in analysis.scenes]


def test_a_cut_where_a_clip_can_begin_becomes_exact_and_others_stay(recording: Recording, tmp_path: Path) -> None:
    placed = scenes((0.0, True), (PLACED_S, False), (30.0, False))
    found = with_exact_edges(recording, SOCCER, [GOAL], placed, Store(tmp_path))
    assert starts(found) == [(0.0, True), (CUT_S, True), (30.0, False)]
    assert [scene.span.end_s for scene in found.scenes] == [CUT_S, 30.0, 40.0]


def test_a_cut_that_is_not_there_after_all_is_removed(recording: Recording, tmp_path: Path) -> None:
    found = with_exact_edges(recording, SOCCER, [GOAL], scenes((0.0, True), (3.1, False), (30.0, False)), Store(tmp_path))
    assert starts(found) == [(0.0, True), (30.0, False)]
    assert found.scenes[0].span == Span(0.0, 30.0)


def test_what_was_looked_at_is_cached(recording: Recording, tmp_path: Path) -> None:
    placed, store = scenes((0.0, True), (PLACED_S, False)), Store(tmp_path)
    first = with_exact_edges(recording, SOCCER, [GOAL], placed, store)
    (part,) = recording.parts
    content = part.path.read_bytes()
    state = part.path.stat()
    try:
        part.path.write_bytes(b"\0" * len(content))  # it cannot be read, but it looks unchanged
        os.utime(part.path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert with_exact_edges(recording, SOCCER, [GOAL], placed, store) == first
    finally:
        part.path.write_bytes(content)


def test_without_the_recording_the_analysis_stays_as_it_is(recording: Recording, tmp_path: Path) -> None:
    gone = Recording(tuple(replace(part, path=tmp_path / "gone.mp4") for part in recording.parts))
    placed = scenes((0.0, True), (PLACED_S, False))
    assert with_exact_edges(gone, SOCCER, [GOAL], placed, Store(tmp_path)) is placed


def test_an_edge_set_by_hand_on_a_placed_cut_is_moved_to_the_cut(recording: Recording, tmp_path: Path) -> None:
    placed = scenes((0.0, True), (PLACED_S, False), (20.0, True))
    trimmed = replace(GOAL, shown=Span(PLACED_S, 20.0))
    moved = trimmed_exactly(recording, SOCCER, trimmed, placed, Store(tmp_path))
    assert moved.shown == Span(CUT_S, 20.0)
    other = replace(GOAL, shown=Span(PLACED_S + 0.04, 20.0))
    assert trimmed_exactly(recording, SOCCER, other, placed, Store(tmp_path)) is other
