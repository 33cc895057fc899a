"""`Mix`: a film most of which is copied from the recording; frames that are drawn on are encoded, and those they need.

    drawn on     ├─┤├──────┤                  ├─┤├─┤├──────┤
    key frames   │      │      │      │      │      │      │
    copied                     ├────────────┤              ├───
    encoded      ├─────────────┤            ├──────────────┤         in the recording's own coding, as in the smart cut

Pictures are composed in the recording's own colours, so where nothing is drawn they are the recording's to the last bit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.cut.copy import copied_packets
from highlights.media.cut.grid import grid_of
from highlights.media.cut.matching_encoder import MatchingEncoder, check_matching
from highlights.media.cut.mux import open_sources
from highlights.media.cut.stretches import Source, Stretch
from highlights.media.cut.video_track import write_video_track
from highlights.media.frames import read_frame
from highlights.media.hdr import is_hdr
from highlights.media.planes import FORMATS, Coding, coding_of
from highlights.progress import StageProgress
from highlights.reel.coded_pictures import coded_pictures
from highlights.reel.dress import Dress, dresses
from highlights.reel.film import Film

PRESET = "superfast"
"""Of x264: it takes 9 ms for a frame of 1280x720 for which "veryfast" takes 15, and a quarter more bytes."""

AHEAD = 3

LEAST_COPIED = 0.2
"""Share of a film: if less can be copied, it is not worth another coding."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The frames `[first, end)` of a film: copied `stretch`, or encoded if there is none."""

    first: int
    end: int
    stretch: Stretch | None = None

    @property
    def shown(self) -> list[int]:
        """The number of the frame that each of its packets shows, in decoding order."""
        if self.stretch is None:
            return list(range(self.first, self.end))
        place = {time: number for number, time in enumerate(sorted(self.stretch.times), self.first)}
        return [place[time] for time in self.stretch.times]


@dataclass(frozen=True, slots=True)
class Mix:
    """A film laid out in pieces. Its source is an open file: it is valid as long as the stack that it was opened on."""

    film: Film
    worn: tuple[Dress, ...]
    like: Source
    coding: Coding
    pieces: tuple[Piece, ...]

    @property
    def copied(self) -> int:
        """Number of copied frames."""
        return sum(piece.end - piece.first for piece in self.pieces if piece.stretch)


def mixed(film: Film, stack: ExitStack) -> Mix:
    """The film as a mix.

    Args:
        film: What is to be shown.
        stack: Closes the recording's files, which the mix needs open.

    Raises:
        RenderError: all of it has to be encoded; says why.
        RecordingError: the recording cannot be read.
    """
    _check_film(film)
    clips = [take.source for take in film.takes if take.shows == "clip"]
    sources = open_sources(film.timeline.recording, clips, stack)
    coding = _coding(film, sources[0])
    worn = tuple(dresses(film))
    shown = [dress for dress in worn if dress.take.shows == "clip"]
    copied = [piece for dress, source in zip(shown, sources, strict=True) for piece in _copied(dress, source)]
    mix = Mix(film, worn, sources[0], coding, tuple(_with_gaps_filled(copied, film.frames)))
    if mix.copied < LEAST_COPIED * film.frames:
        raise RenderError(f"only {mix.copied} of {film.frames} frames could be copied")
    return mix


def write_mix(mix: Mix, target: Path, progress: StageProgress) -> None:
    """Write the video of a mix, without sound, to `target` as an MP4.

    Raises:
        RenderError: there is no encoder for it.
        RecordingError: the recording cannot be read.
    """
    encoder = MatchingEncoder(mix.like, PRESET, mix.film.options.crf)
    shown = [number for piece in mix.pieces for number in piece.shown]
    packets = _counted(mix, encoder, progress)
    write_video_track(target, mix.like, encoder.extradata, mix.film.frame_rate, shown, packets)


def _check_film(film: Film) -> None:
    """Refuse a film whose frames are all drawn on or scaled."""
    options, parts = film.options, film.timeline.recording.parts
    if options.aspect is not None:
        raise RenderError("all frames are cropped")
    if options.logo is not None:
        raise RenderError("a logo is on all frames")
    for part in parts:
        if (part.width, part.height) != film.size or part.rotation_deg or part.mirrored or part.pixel_aspect != 1:
            raise RenderError(f"{part.path}: its frames are scaled or turned")
        if part.video_codec != "h264":
            raise RenderError(f"{part.path}: is {part.video_codec}, which many players do not play")


def _coding(film: Film, source: Source) -> Coding:
    """How the recording's colours are coded."""
    check_matching(source)
    picture = read_frame(film.timeline.recording, film.takes[0].clip.span.start_s).picture
    if picture.interlaced_frame:
        raise RenderError(f"{source.part.path}: is interlaced")
    if picture.format.name not in FORMATS or is_hdr(picture):
        raise RenderError(f"{source.part.path}: its colours ({picture.format.name}) have more than 8 bits, or other than 4:2:0")
    return coding_of(picture)


def _copied(dress: Dress, source: Source) -> Iterator[Piece]:
    """The pieces of a clip that can be copied."""
    at, take = 0, dress.take
    for step in take.steps:
        if step.speed == 1:
            grid = grid_of(source, step.source_s, step.frames, take.frame_rate)
            bare = [not dress.rows(at + number) for number in range(step.frames)]
            for times in filter(None, (grid.copied(first, end) for first, end in _runs(bare))):
                first = take.first_frame + at + grid.shown.index(times[0])
                yield Piece(first, first + len(times), Stretch(source, times, max(times) + 1, ()))
        at += step.frames


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where flags are set, first and behind the last.

    >>> list(_runs([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = [number for number, (before, flag) in enumerate(pairwise([False, *flags, False])) if flag != before]
    return zip(edges[::2], edges[1::2], strict=True)


def _with_gaps_filled(copied: Iterable[Piece], frames: int) -> Iterator[Piece]:
    """The pieces, and those to be encoded between them."""
    at = 0
    for piece in (*copied, Piece(frames, frames)):
        if piece.first > at:
            yield Piece(at, piece.first)
        if piece.stretch:
            yield piece
        at = piece.end


def _counted(mix: Mix, encoder: MatchingEncoder, progress: StageProgress) -> Iterator[Packet[VideoStream]]:
    packets = (packet for piece in mix.pieces for packet in _packets(mix, piece, encoder))
    for number, packet in enumerate(packets, 1):
        yield packet
        progress(number / mix.film.frames)


def _packets(mix: Mix, piece: Piece, encoder: MatchingEncoder) -> Iterator[Packet[VideoStream]]:
    if piece.stretch:
        yield from copied_packets(piece.stretch)
        return
    yield from encoder.encode(_ahead(coded_pictures(mix.film, mix.worn, piece.first, piece.end, mix.coding)))


def _ahead(pictures: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """The pictures; the next ones are composed while one is encoded."""
    with ThreadPoolExecutor(1, "composing") as composer:
        coming = deque(composer.submit(next, pictures, None) for _ in range(AHEAD))
        while picture := coming.popleft().result():
            coming.append(composer.submit(next, pictures, None))
            yield picture
