"""The edges of clips on exact cuts: cuts that were only placed are looked at before a clip begins or ends there.

events ──► where their clips can begin and end ──► placed cuts there ──► a closer look ──► scenes
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from highlights.cache.recordings import cached_cuts
from highlights.cache.store import Store
from highlights.profile import Profile
from highlights.records import Analysis, Event, Recording, Scene
from highlights.spans import INSTANT_S, Span
from highlights.timeline import near_edges


def with_exact_edges(
    recording: Recording, profile: Profile, events: Sequence[Event], analysis: Analysis, store: Store, rolls: float = 1.0
) -> Analysis:
    """The analysis with exact cuts wherever a clip of these events can begin or end.

    It stays as it is if a file of the recording is missing: what was found before can still be listed.
    """
    near = [span for event in events for span in near_edges(event, profile, rolls)]
    found = _exact(recording, profile, analysis, near, store)
    return replace(analysis, scenes=_moved(analysis.scenes, found)) if found else analysis


def trimmed_exactly(recording: Recording, profile: Profile, event: Event, analysis: Analysis, store: Store) -> Event:
    """The event with edges set by hand on cuts, if on ones that were only placed, where they exactly are."""
    if event.shown is None:
        return event
    edges_s = (event.shown.start_s, event.shown.end_s)
    found = _exact(recording, profile, analysis, [Span(edge_s, edge_s + INSTANT_S) for edge_s in edges_s], store)
    if not any(found.values()):
        return event
    start_s, end_s = (found.get(edge_s) or edge_s for edge_s in edges_s)
    return replace(event, shown=Span(start_s, end_s)) if start_s < end_s else event


def _exact(
    recording: Recording, profile: Profile, analysis: Analysis, near: Sequence[Span], store: Store
) -> dict[float, float | None]:
    """The exact time of each cut in these spans that was only placed."""
    placed = [s.span.start_s for s in analysis.scenes if not s.exact and any(span.holds(s.span.start_s) for span in near)]
    if not placed or not all(part.path.is_file() for part in recording.parts):
        return {}
    return cached_cuts(recording, placed, profile.scenes, store)


def _moved(scenes: Sequence[Scene], found: dict[float, float | None]) -> tuple[Scene, ...]:
    """The scenes with each of these cuts in its exact place, or without it if there is none."""
    moved: list[Scene] = []
    for scene in scenes:
        start_s = found.get(scene.span.start_s, scene.span.start_s)
        if moved and moved[-1].part == scene.part:
            before = moved[-1]
            end_s = scene.span.end_s if start_s is None else start_s
            moved[-1] = replace(before, span=Span(before.span.start_s, end_s))
        if start_s is not None:
            exact = scene.exact or scene.span.start_s in found
            moved.append(replace(scene, span=Span(start_s, scene.span.end_s), exact=exact))
    return tuple(moved)
