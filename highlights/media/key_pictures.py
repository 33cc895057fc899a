"""Single key frames of one file, found by seeking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from av.codec.context import ThreadType
from av.video.frame import VideoFrame

from highlights.media.packets import decoded, frame_time, packets_from, ticks
from highlights.media.source import only, opened, picture_stream
from highlights.records import Part


def key_pictures(part: Part, times_s: Iterable[float]) -> Iterator[tuple[float, VideoFrame]]:
    """For each time the picture of the key frame at or before it, with its own time; none where none can be decoded.

    Times are in seconds since the part's first picture. Where a file cannot seek, its first key frame comes every time.
    """
    with opened(part.path) as container:
        stream = picture_stream(part.path, container)
        only(container, stream)
        stream.thread_type = ThreadType.NONE  # one picture at a time: threads would have nothing to share
        for wanted_s in times_s:
            wanted = int((wanted_s + part.first_pts_s) / ticks(stream))
            key = next(packets_from(container, stream, wanted), None)
            for picture in [] if key is None else [*decoded(stream, key), *decoded(stream, None)]:
                yield round(float(frame_time(picture) * ticks(stream)) - part.first_pts_s, 6), picture
