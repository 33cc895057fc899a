"""Where the play is, by a tracking model: a trail of positions for a vertical crop to follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil

from highlights.backends.backend import Backend
from highlights.dialects.molmo2 import track
from highlights.dialects.pointing import Point, Pointing, parse_points
from highlights.finders.looks import Reader
from highlights.records import Clip, Sampling, Window
from highlights.spans import Span

FOLLOWED = "the player with the ball"  # at this frame size the ball itself is a pixel or two
LONGEST_S = 30.0  # of a window


def trail(
    clips: Iterable[Clip], reader: Reader, sampling: Sampling, backend: Backend
) -> tuple[tuple[float, float, float], ...]:
    """Positions of the play in the clips, in order of time: seconds on the match clock, x and y as shares of the picture.

    If the model tracks several things in a part of a clip, the longest track counts; where it points nowhere there is a gap.

    Raises:
        ModelError: The model can't answer.
    """
    places: dict[float, tuple[float, float]] = {}
    question = track(FOLLOWED, sampling.rate_hz)
    for footage in reader.read(sorted({window for clip in clips for window in _windows(clip)}, key=lambda w: w.span)):
        span = footage.window.span
        for point in _longest(parse_points(backend.ask(footage, [question])[0].text)):
            time_s = round(span.start_s + point.time_s, 3)
            if span.holds(time_s):  # models continue past the end
                places.setdefault(time_s, (point.x, point.y))
    return tuple((time_s, x, y) for time_s, (x, y) in sorted(places.items()))


def _longest(pointing: Pointing) -> tuple[Point, ...]:
    """The longest track; of equals, that of the lowest number."""
    return max((track.points for track in pointing.tracks), key=len, default=())


def _windows(clip: Clip) -> Iterator[Window]:
    count = ceil(clip.span.length_s / LONGEST_S)
    edges = [clip.span.start_s + clip.span.length_s * i / count for i in range(count + 1)]
    return (Window(Span(edges[i], edges[i + 1]), clip.part) for i in range(count))
