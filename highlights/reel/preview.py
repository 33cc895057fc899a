"""Pictures of a film: a thumbnail of its best instant, and a small animated preview, both cropped like the film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from highlights.media.aside import write_aside
from highlights.records import Clip, Timeline
from highlights.reel.film import EditOptions, Film, best_event, plan
from highlights.reel.plan import placed, play
from highlights.spans import Span
from highlights.timeline import sureness

if TYPE_CHECKING:
    from highlights.reel.footage import Picture

RATE_HZ = Fraction(10)
MOST_CLIPS, BEFORE_S, AFTER_S = 6, 1.0, 0.6
"""Of the preview: how many of the best clips, and how many seconds around the instant of each."""
LONGER_SIDE_PX = 400


def write_thumbnail(timeline: Timeline, options: EditOptions, target: Path) -> None:
    """Write the instant of the film's best event to `target` as a JPEG, in the film's size.

    Raises:
        RenderError, RecordingError: there is nothing to show, or it cannot be read.
        OutputError: `target` cannot be written.
    """
    film = plan(timeline, options)
    best = _best(timeline, 1)[0]
    shown = _bare(film, film.size, [_around(timeline, best)])
    at = round((_instant_s(timeline, best) - shown.takes[0].source.start_s) * RATE_HZ)
    (picture,) = islice(_pictures(shown), min(at, shown.frames - 1), min(at, shown.frames - 1) + 1)
    with write_aside(target) as aside:
        Image.fromarray(picture).save(aside, "JPEG", quality=90)


def write_preview(timeline: Timeline, options: EditOptions, target: Path) -> None:
    """Write the best instants, in the order of the film, to `target` as an animated WebP or GIF by its suffix.

    Raises:
        RenderError, RecordingError: there is nothing to show, or it cannot be read.
        OutputError: `target` cannot be written.
    """
    film = plan(timeline, options)
    width, height = film.size
    scale = min(1.0, LONGER_SIDE_PX / max(width, height))
    best = _best(timeline, MOST_CLIPS)
    shown = [_around(timeline, clip) for clip in timeline.clips if clip in best]
    size = round(width * scale / 2) * 2, round(height * scale / 2) * 2
    first, *rest = map(Image.fromarray, _pictures(_bare(film, size, shown)))
    kind = "WEBP" if target.suffix.lower() == ".webp" else "GIF"
    with write_aside(target) as aside:
        options_of_kind = {"quality": 60, "method": 4} if kind == "WEBP" else {"optimize": False}
        first.save(aside, kind, save_all=True, append_images=rest, duration=round(1000 / RATE_HZ), loop=0, **options_of_kind)


def _pictures(film: Film) -> Iterator[Picture]:
    from highlights.reel.pictures import pictures  # imported lazily: brings in moviepy

    return pictures(film)


def _best(timeline: Timeline, most: int) -> list[Clip]:
    """The clips with the best events, the best first; replays only if there is nothing else."""

    def rank(clip: Clip) -> tuple[bool, float, float, float]:
        event = best_event(timeline, clip)
        return clip.replay, -event.priority if event else 0, -sureness(event) if event else 0, clip.span.start_s

    return sorted(timeline.clips, key=rank)[:most]


def _instant_s(timeline: Timeline, clip: Clip) -> float:
    event = best_event(timeline, clip)
    return event.peak_s if event and clip.span.holds(event.peak_s) else clip.span.middle_s


def _around(timeline: Timeline, clip: Clip) -> Clip:
    """The clip cut to the span around its instant."""
    at_s = _instant_s(timeline, clip)
    return replace(clip, span=Span(max(0.0, at_s - BEFORE_S), at_s + AFTER_S).clamp(clip.span) or clip.span)


def _bare(film: Film, size: tuple[int, int], clips: list[Clip]) -> Film:
    """A film of the clips without titles, logo or fades."""
    options = replace(film.options, titles=False, logo=None, fade_s=0.0)
    takes = placed(play(clip, RATE_HZ) for clip in clips)
    return Film(film.timeline, options, size, RATE_HZ, tuple(takes))
