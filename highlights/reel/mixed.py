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
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from highlights.errors import RenderError
from highlights.media.cut.copy import copied_packets
from highlights.media.cut.grid import Grid, grid_of
from highlights.media.cut.matching_encoder import MatchingEncoder
from highlights.media.cut.mux import open_sources
from highlights.media.cut.stretches import Source, Stretch
from highlights.media.cut.video_track import write_video_track
from highlights.media.frames import read_frame
from highlights.media.hdr import is_hdr
from highlights.media.planes import FORMATS, Coding, coding_of
from highlights.progress import StageProgress
from highlights.records import Part, Recording
from highlights.reel.coded_pictures import coded_pictures
from highlights.reel.dress import Dress, dresses
from highlights.reel.film import Film

PRESET, LESS_QUALITY = "superfast", 1
"""Of x264, and what is added to the film's `crf`. Measured on 720p: as good a picture as "veryfast" with lookahead and
B-frames, which the matching encoder is without, in half the CPU time; 1.8 times the bytes."""

AHEAD = 8
"""Frames composed before they are encoded."""

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
    encoder: MatchingEncoder
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
    if film.options.aspect is not None or film.options.logo is not None:
        raise RenderError("all frames are cropped, or show a logo")
    clips = [take.source for take in film.takes if take.shows == "clip"]
    sources = open_sources(film.timeline.recording, clips, stack)
    for source in set(sources):
        _check_part(source.part, film.size)
    encoder = MatchingEncoder(sources[0], PRESET, film.options.crf + LESS_QUALITY)
    coding = _coding(film.timeline.recording, clips[0].start_s)
    worn, copied, left = [], [], iter(sources)
    for dress in dresses(film):
        grids = _grids(dress, next(left)) if dress.take.shows == "clip" else []
        copied += [piece for grid, at in grids for piece in _copied(dress, grid, at)]
        worn.append(replace(dress, begins_exactly=bool(grids) and grids[0][0].begins_at(dress.take.steps[0].source_s)))
    mix = Mix(film, tuple(worn), sources[0], encoder, coding, tuple(_with_gaps_filled(copied, film.frames)))
    if mix.copied < LEAST_COPIED * film.frames:
        raise RenderError(f"only {mix.copied} of {film.frames} frames could be copied")
    return mix


def write_mix(mix: Mix, target: Path, progress: StageProgress) -> None:
    """Write the video of a mix, without sound, to `target` as an MP4.

    Raises:
        RenderError: the packets do not fit into an MP4.
        RecordingError: the recording cannot be read.
    """
    shown = [number for piece in mix.pieces for number in piece.shown]
    write_video_track(target, mix.like, mix.encoder.extradata, mix.film.frame_rate, shown, _counted(mix, progress))


def _check_part(part: Part, size: tuple[int, int]) -> None:
    """Refuse a file whose pictures are not shown as they are."""
    if part.video_codec != "h264":
        raise RenderError(f"{part.path}: is {part.video_codec}, which many players do not play")
    if (part.width, part.height) != size or part.rotation_deg or part.mirrored or part.pixel_aspect != 1:
        raise RenderError(f"{part.path}: its frames are scaled or turned")


def _coding(recording: Recording, at_s: float) -> Coding:
    """How the recording's colours are coded."""
    frame = read_frame(recording, at_s)
    picture, path = frame.picture, recording.parts[frame.part].path
    if picture.interlaced_frame:
        raise RenderError(f"{path}: is interlaced")
    if picture.format.name not in FORMATS or is_hdr(picture):
        raise RenderError(f"{path}: its colours ({picture.format.name}) have more than 8 bits, or other than 4:2:0")
    return coding_of(picture)


def _grids(dress: Dress, source: Source) -> list[tuple[Grid, int]]:
    """The packets of the steps of a clip, and the frame of the clip that each step begins with; without freeze frames."""
    steps, rate = dress.take.steps, dress.take.frame_rate
    ends = accumulate(step.frames for step in steps)
    placed = [(step, end - step.frames) for step, end in zip(steps, ends, strict=True) if step.speed == 1]
    return [(grid_of(source, step.source_s, step.frames, rate), begin) for step, begin in placed]


def _copied(dress: Dress, grid: Grid, begin: int) -> Iterator[Piece]:
    """The pieces that can be copied of a step that begins with a frame of the clip."""
    bare = [not dress.rows(begin + number) for number in range(len(grid.shown))]
    for first, end in _runs(bare):
        if times := grid.copied(first, end):
            at = dress.take.first_frame + begin + grid.shown.index(times[0])
            yield Piece(at, at + len(times), Stretch(grid.source, times, max(times) + 1, ()))


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


def _counted(mix: Mix, progress: StageProgress) -> Iterator[Packet[VideoStream]]:
    packets = (packet for piece in mix.pieces for packet in _packets(mix, piece))
    for number, packet in enumerate(packets, 1):
        yield packet
        progress(number / mix.film.frames)


def _packets(mix: Mix, piece: Piece) -> Iterator[Packet[VideoStream]]:
    if piece.stretch:
        yield from copied_packets(piece.stretch)
    else:
        composed = coded_pictures(mix.film, mix.worn, piece.first, piece.end, mix.coding)
        yield from mix.encoder.encode(_ahead(composed))


def _ahead(pictures: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """The pictures; the next ones are composed while one is encoded."""
    with ThreadPoolExecutor(1, "composing") as composer:
        coming = deque(composer.submit(next, pictures, None) for _ in range(AHEAD))
        while picture := coming.popleft().result():
            coming.append(composer.submit(next, pictures, None))
            yield picture
