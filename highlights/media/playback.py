"""Whether a film that was put together plays. Browsers and many players stop at the first packet that cannot be decoded."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from av.error import FFmpegError
from av.video.frame import VideoFrame

from highlights.errors import RecordingError
from highlights.media.source import opened, picture_stream


def plays(path: Path) -> bool:
    """Whether all pictures and all sound of a file can be decoded without damage; all of it is decoded."""
    with suppress(FFmpegError, RecordingError), opened(path) as container:
        streams = picture_stream(path, container), *container.streams.audio
        return not any(isinstance(frame, VideoFrame) and frame.is_corrupt for frame in container.decode(streams))
    return False
