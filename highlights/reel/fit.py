"""A reel that is too large, made again within its limit: sound first, then the picture in two passes into the room left.

    reel.mp4 (24 MB) ─► notes on every frame ─► encoded to a bitrate ─► put together ─► measured; if still too large, again
                        (first pass)            (second pass)

The pictures are not composed again: they are taken from a copy that was kept nearly without loss while the reel was made, or
from the reel itself where it is nearly all copied from the recording. The sound is taken as it was mixed.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from highlights.errors import RenderError
from highlights.media.planes import Coding
from highlights.progress import StageProgress
from highlights.reel.encoder import Encoding, TwoPasses, encoder, run_to_end
from highlights.reel.size_limit import Room, size_text, written_up
from highlights.spans import clock

LOG = logging.getLogger(__name__)

FRAME_BYTES, SECOND_BYTES, FILE_BYTES = 10, 450, 4000
"""Of the index in an MP4, roughly: for each frame, for each second of sound, and once."""
AIM = 0.985
"""The share of the room that the encoder is asked to fill: it misses by a percent."""
LESS = 0.985
"""The same for another try, of what would have fitted exactly."""
TRIES = 4
FIRST_SHARE = 0.35
_MATRICES = {1: "bt709", 4: "fcc", 7: "smpte240m", 9: "bt2020"}


def fit(encoding: Encoding, most_bytes: int, frames: int, coding: Coding | None, work: Path, progress: StageProgress) -> str:
    """Make the reel of an encoding again, in at most so many bytes, and return what was done, for the user.

    Args:
        encoding: How the reel was made, too large, from samples.
        most_bytes: The limit.
        frames: Number of frames in the reel.
        coding: How its colours are coded; None for BT.709 as an edited reel has it.
        work: A folder for what is needed meanwhile.
        progress: Told the share that is done.

    Raises:
        RenderError: it cannot be made that small; says how small it can be.
        OSError: the disk is full or fails.
    """
    reel, had_bytes = encoding.target, encoding.target.stat().st_size
    texts = [encoding.chapters, *([encoding.captions] if encoding.captions else [])]
    around = FILE_BYTES + sum(2 * text.stat().st_size for text in texts)
    around += round(frames * FRAME_BYTES + frames / encoding.frame_rate * SECOND_BYTES)
    room = Room(most_bytes, encoding.size, encoding.frame_rate, frames, around)
    sound = work / "fitted-sound.mp4"
    encoding = replace(encoding, audio_kbps=room.audio_kbps(encoding.audio_kbps))
    with encoder(encoding.sound_command(sound), work / "sound.log"):
        pass
    sound_bytes = sound.stat().st_size
    kbps = AIM * room.kbps(most_bytes - around - sound_bytes)
    had_kbps = max(1.0, room.kbps(had_bytes - around - sound_bytes))
    if (size := room.size_for(kbps, had_kbps)) is None:
        least_kbps = room.least_kbps(had_kbps) / (AIM * LESS)
        raise _too_small(room, min(had_bytes, around + sound_bytes + least_kbps * 125 * room.duration_s))
    film = encoding.spare if encoding.spare and encoding.spare.exists() else reel.replace(work / "too-large.mp4")
    fitted = replace(encoding, sound=sound, video=work / "fitted.mp4")
    for attempt in range(TRIES):
        passes = _passes(film, fitted, size, max(1, int(kbps)), coding)
        _encode(passes, frames, _part_of(progress, attempt), first=attempt == 0)
        with encoder(fitted.command, work / "together.log"):
            pass
        made_bytes = reel.stat().st_size
        LOG.info("%dx%d at %d kbit/s: %d of %d bytes", *size, passes.kbps, made_bytes, most_bytes)
        if made_bytes <= most_bytes:
            what = f"{size_text(made_bytes)}, {size[0]}x{size[1]} at {passes.kbps:,} kbit/s"
            return f"{what} to stay within {size_text(most_bytes)}"
        kbps *= LESS * (1 - (made_bytes - most_bytes) / passes.target.stat().st_size)
    raise _too_small(room, 1.05 * made_bytes)


def _passes(film: Path, fitted: Encoding, size: tuple[int, int], kbps: int, coding: Coding | None) -> TwoPasses:
    assert fitted.video is not None
    return TwoPasses(
        film=film,
        target=fitted.video,
        stats=film.with_name("notes"),
        size=size,
        frame_rate=fitted.frame_rate,
        kbps=kbps,
        matrix="bt709" if coding is None else _MATRICES.get(coding.matrix, "bt601"),
    )


def _encode(passes: TwoPasses, frames: int, progress: StageProgress, *, first: bool) -> None:
    """Both passes, or the second alone where the notes of the `first` are there: they hold for any bitrate."""
    logs = passes.film.parent
    if first:
        run_to_end(passes.command(1), logs / "pass1.log", lambda done: progress(FIRST_SHARE * done / frames))
    run_to_end(passes.command(2), logs / "pass2.log", lambda done: progress(FIRST_SHARE + (1 - FIRST_SHARE) * done / frames))


def _part_of(progress: StageProgress, attempt: int) -> StageProgress:
    """The progress of one attempt: the first is nearly all of it, for hardly ever is there another."""
    begin = 0.0 if attempt == 0 else 1 - 0.1**attempt
    return lambda share: progress(begin + (1 - begin) * 0.9 * min(1.0, share))


def _too_small(room: Room, least_bytes: float) -> RenderError:
    limit, length = size_text(room.most_bytes), clock(room.duration_s)
    return RenderError(
        f"a reel of {length} does not fit into {limit}; allow {written_up(least_bytes)} or more with --max-size, "
        f"or make it shorter with --target-duration"
    )
