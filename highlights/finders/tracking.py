"""Where the play is, by a model that tracks: a trail of places that a vertical crop follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil

from highlights.backends.backend import Backend
from highlights.dialects.molmo2 import track
from highlights.dialects.pointing import Point, Pointing, parse_points
from highlights.finders.looks import Reader
from highlights.records import Clip, Sampling, Window
from highlights.spans import Span

FOLLOWED = "the player with the ball"  # at this size the ball itself is a pixel or two
LONGEST_S = 30.0  # of a window


def trail(
    clips: Iterable[Clip], reader: Reader, sampling: Sampling, backend: Backend
) -> tuple[tuple[float, float, float], ...]:
    """Places (time on the match clock in seconds, x and y as shares of the picture) of the play in the clips, in order of time.

    Where the model follows several things in a piece of a clip, the one that it shows in most pictures counts; where it points
    nowhere there is a hole.

    Raises:
        ModelError: The model can't answer.
    """
    places: dict[float, tuple[float, float]] = {}
    question = track(FOLLOWED, sampling.rate_hz)
    for footage in reader.read(sorted({window for clip in clips for window in _pieces(clip)}, key=lambda w: w.span)):
        span = footage.window.span
        for point in _followed(parse_points(backend.ask(footage, [question])[0].text)):
            time_s = round(span.start_s + point.time_s, 3)
            if span.holds(time_s):  # models go on telling after the end
                places.setdefault(time_s, (point.x, point.y))
    return tuple((time_s, x, y) for time_s, (x, y) in sorted(places.items()))


def _followed(said: Pointing) -> tuple[Point, ...]:
    """The longest track; of equal ones that of the lowest number."""
    return max((track.points for track in said.tracks), key=len, default=())


def _pieces(clip: Clip) -> Iterator[Window]:
    count = ceil(clip.span.length_s / LONGEST_S)
    edges = [clip.span.start_s + clip.span.length_s * i / count for i in range(count + 1)]
    return (Window(Span(edges[i], edges[i + 1]), clip.part) for i in range(count))
