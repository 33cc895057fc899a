"""The search for scenes: what is placed, looked at, or scanned frame by frame, and what that finds."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from highlights.analysis.scenes.detect import Turn
from highlights.analysis.scenes.doubts import Doubt, KeyViews, doubts
from highlights.analysis.scenes.fingerprint import Glimpse
from highlights.analysis.scenes.looks import Look, leap, leap_beside
from highlights.analysis.scenes.scan import Calm, Excerpts, ExcerptScan, Scanner, read_excerpts
from highlights.analysis.scenes.search import Search
from highlights.analysis.scenes.steps import StepWatch
from highlights.media import excerpts as reading_of_excerpts
from highlights.media.faults import FaultCounter
from highlights.media.frames import Frame
from highlights.media.groups import Packets
from highlights.media.keys import KeyReader
from highlights.media.packets import decoded
from highlights.media.probe import open_recording
from highlights.profile import SceneRules
from highlights.progress import no_progress, of_stage
from highlights.records import Recording
from highlights.spans import Span
from tests.support.drawing import Look as Coding
from tests.support.drawing import draw_frame, draw_video

CUT_S, FRAME_S = 2.0, 0.04
PLACE = Span(CUT_S - 3 * FRAME_S, CUT_S + FRAME_S)
CODING = Coding(b_frames=3, gop=250)
STAGE = of_stage(no_progress, "picture")


def turns(
    recording: Recording, doubts: Sequence[Doubt], exact: Sequence[Span] = (Span(0.0, 60.0),), *, thorough: bool = False
) -> list[Turn]:
    with closing(Excerpts(recording)) as excerpts, ThreadPoolExecutor(1) as pool:
        scans = Search(SceneRules(), exact, exact, thorough, excerpts, pool).in_doubts(doubts, [], STAGE)
    return sorted({turn.time_s: turn for scan in scans for turn in scan.turns}.values(), key=lambda turn: turn.time_s)


def drawn(folder: Path, *cuts_s: float) -> Recording:
    return open_recording([draw_video(folder / "match.mp4", duration_s=6, cuts_s=cuts_s, look=CODING, sounds=())])


def glimpse(scene: int) -> Glimpse:
    """A frame of a drawn scene."""
    return Glimpse.of(draw_frame(0, scene, False, (320, 180))[:, :, ::-1])


@pytest.mark.parametrize("place", [PLACE, Span(CUT_S - FRAME_S, CUT_S + FRAME_S), Span(CUT_S - 0.4, CUT_S + 0.02)])
def test_a_cut_in_a_place_is_found_with_its_frame(tmp_path: Path, place: Span) -> None:
    (turn,) = turns(drawn(tmp_path, CUT_S), [Doubt(0, Span(0.0, 6.0), (place,), None)])
    assert (turn.time_s, turn.kind, turn.exact) == (CUT_S, "cut", True)


def test_a_place_without_a_change_has_no_cut(tmp_path: Path) -> None:
    assert turns(drawn(tmp_path, 4.0), [Doubt(0, Span(0.0, 3.0), (PLACE,), None)]) == []


def test_a_clear_cut_is_placed_where_its_exact_frame_does_not_matter_and_looked_at_where_it_does(tmp_path: Path) -> None:
    recording, late = drawn(tmp_path, CUT_S), Span(CUT_S - FRAME_S, CUT_S + 2.5 * FRAME_S)
    clear = Doubt(0, Span(0.0, 6.0), (late,), None, clear=True)
    (placed,), (seen,) = turns(recording, [clear], exact=[Span(7.0, 9.0)]), turns(recording, [clear], exact=[Span(5.0, 9.0)])
    assert (placed.time_s, placed.exact) == (pytest.approx(CUT_S + FRAME_S), False)
    assert (seen.time_s, seen.exact) == (CUT_S, True)


def key_frames(recording: Recording) -> tuple[Packets, KeyViews]:
    reader, views = KeyReader(recording.parts[0], 0, FaultCounter()), KeyViews()
    for time_s, small in reader.read(lambda frame: (frame.time_s, frame.small_bgr(256))):
        views.add(time_s, small)
    return reader.packets, views


def leapt(recording: Recording, places: Sequence[Span], placed_by: float | None = None) -> list[ExcerptScan | None]:
    with closing(Excerpts(recording, ["BIDIR"], [[0.0]])) as excerpts:
        assert excerpts.leaps(0)
        return leap([Look(0, place, placed_by) for place in places], None, excerpts)


def beside(packets: Packets, time_s: float) -> Span:
    """The place of a frame that others refer to: from the one before it."""
    refers = packets.times_s[packets.times_s >= np.maximum.accumulate(packets.times_s)]
    last_s = refers[np.searchsorted(refers, time_s - 0.001)]
    return Span(refers[refers < last_s - 0.001][-1], last_s + FRAME_S / 2)


@pytest.mark.parametrize("cuts_s", [(2.0,), (2.04,), (2.08,), (2.12,), (1.4, 3.0), (1.52, 4.4)])
def test_cuts_are_found_without_decoding_what_is_before_them(tmp_path: Path, cuts_s: Sequence[float]) -> None:
    recording = drawn(tmp_path, *cuts_s)
    (doubt,) = doubts(0, *key_frames(recording))
    exact = [scan.turns[0] for scan in leapt(recording, doubt.places) if scan]
    assert [(turn.time_s, turn.exact) for turn in exact] == [(cut_s, True) for cut_s in cuts_s]
    placed = [scan.turns[0] for scan in leapt(recording, doubt.places, FRAME_S) if scan]
    assert [turn.exact for turn in placed] == [False] * len(cuts_s)
    assert all(place.start_s < turn.time_s < place.end_s for turn, place in zip(placed, doubt.places, strict=True))


def test_a_frame_predicted_from_the_one_before_it_is_no_cut_although_others_were_left_out(tmp_path: Path) -> None:
    recording = drawn(tmp_path, 2.0)
    packets, _ = key_frames(recording)
    for time_s in (0.2, 1.0, 3.0, 5.0):  # those after the cut still show what was there before it
        (scan,) = leapt(recording, [beside(packets, time_s)])
        assert scan is None or not scan.turns


@pytest.mark.parametrize("cut_s", [2.0, 2.04, 2.08, 2.12])
def test_beside_known_steps_the_frame_of_a_cut_is_found_without_decoding_what_is_before_it(
    tmp_path: Path, cut_s: float
) -> None:
    recording, steps = drawn(tmp_path, cut_s), StepWatch(FRAME_S)
    with closing(Excerpts(recording, ["BIDIR"], [[0.0]])) as excerpts:
        for frame in excerpts.of(0).read(0.0, 6.0, without="BIDIR"):
            steps.add(frame.time_s, Glimpse.of(frame.small_bgr(128)))
        (place,) = steps.cuts()
        scan = leap_beside(steps, Look(0, place), excerpts)
    assert scan
    assert [(turn.time_s, turn.exact) for turn in scan.turns] == [(cut_s, True)]


def test_nothing_is_concluded_from_damaged_frames(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "match.mkv", duration_s=6, cuts_s=[CUT_S], look=CODING, sounds=())
    recording = open_recording([path])
    (doubt,) = doubts(0, *key_frames(recording))
    with av.open(path) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    new = max((packet for packet in packets if not packet.is_keyframe), key=lambda packet: packet.size)
    content = bytearray(path.read_bytes())
    at = content.index(bytes(new)) + new.size // 2
    content[at : at + 200] = bytes(200)
    path.write_bytes(content)
    assert leapt(recording, doubt.places) == [None]


@pytest.mark.parametrize("thorough", [False, True])
def test_a_turn_missing_in_the_place_is_looked_for_in_the_whole_group(tmp_path: Path, *, thorough: bool) -> None:
    doubt = Doubt(0, Span(0.0, 4.0), (Span(1.0, 1.1),), Span(0.0, 4.5))
    assert [turn.time_s for turn in turns(drawn(tmp_path, CUT_S), [doubt], thorough=thorough)] == [CUT_S]


def test_what_changes_before_a_place_is_looked_for_in_the_whole_group(tmp_path: Path) -> None:
    first_s = 1.4
    recording = drawn(tmp_path, first_s, CUT_S)
    explained, unexplained = (glimpse(1), glimpse(2)), (glimpse(0), glimpse(2))
    for ends, found in ((explained, [CUT_S]), (unexplained, [first_s, CUT_S])):
        doubt = Doubt(0, Span(0.0, 3.0), (PLACE,), Span(0.0, 3.5), ends)
        assert [turn.time_s for turn in turns(recording, [doubt])] == found


@pytest.mark.parametrize(("exact", "known"), [((Span(0.0, 6.0),), True), ((), False)])
def test_cuts_between_reference_frames_are_placed_or_looked_at(tmp_path: Path, exact: Sequence[Span], *, known: bool) -> None:
    recording, steps, views = drawn(tmp_path, CUT_S), StepWatch(FRAME_S), KeyViews()
    with closing(Excerpts(recording)) as excerpts, ThreadPoolExecutor(1) as pool:
        reader = excerpts.of(0)
        for frame in reader.read(0.0, 6.0, without=reader.skip):
            seen = Glimpse.of(frame.small_bgr(256))
            steps.add(frame.time_s, seen)
            views.add_glimpse(frame.time_s, seen)
        scans = Search(SceneRules(), exact, exact, False, excerpts, pool).in_steps(0, steps, views, [], STAGE)
    ((turn,),) = (scan.turns for scan in scans)
    assert turn.exact == known
    off = round((turn.time_s - CUT_S) / FRAME_S, 3)
    assert off == 0 if known else off in (-1, 0, 1, 2)  # a whole number of frames


@pytest.mark.parametrize(
    ("before", "after", "found"), [(9, 1, []), (9, 2, []), (9, 7, [CUT_S]), (2, 9, []), (4, 9, []), (5, 9, [CUT_S])]
)
def test_a_scanned_cut_needs_some_frames_before_and_after_it(
    tmp_path: Path, before: int, after: int, found: list[float]
) -> None:
    scanner = Scanner(0, Span(CUT_S - before * FRAME_S, CUT_S + after * FRAME_S), SceneRules())
    with closing(Excerpts(drawn(tmp_path, CUT_S))) as excerpts, ThreadPoolExecutor(1) as pool:
        read_excerpts([scanner], excerpts, pool, STAGE)
    assert [turn.time_s for turn in scanner.result().turns] == found


def test_excerpts_that_were_read_hold_little_more_than_their_results(tmp_path: Path) -> None:
    spans = [Span(start_s, start_s + 1.0) for start_s in np.arange(0.0, 4.0, 0.2).tolist()]
    with closing(Excerpts(drawn(tmp_path, CUT_S))) as excerpts, ThreadPoolExecutor(1) as pool:
        tracemalloc.start()
        readers = [*(Scanner(0, span, SceneRules()) for span in spans), *(Look(0, span) for span in spans)]
        read_excerpts(readers, excerpts, pool, STAGE)
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size < 15_000 * len(readers)  # two frames of 2 kB, and 12 bytes for each frame; before that, 700 kB


@pytest.mark.parametrize(("last", "ends_early"), [(1, True), (2, False)])
def test_a_scan_ends_early_once_its_frames_stay_like_the_end(tmp_path: Path, last: int, *, ends_early: bool) -> None:
    scanner = Scanner(0, Span(0.0, 6.0), SceneRules(), Calm(1.0, glimpse(last)))
    with closing(Excerpts(drawn(tmp_path, CUT_S), skip=[None])) as excerpts, ThreadPoolExecutor(1) as pool:
        read_excerpts([scanner], excerpts, pool, STAGE)
    scan = scanner.result()
    assert scan.turns[0].time_s == CUT_S
    assert (len(scan.times_s) < 80) == ends_early


class _Times:
    """A reader that only notes what it is given."""

    def __init__(self, start_s: float, end_s: float) -> None:
        self.part, self.done, self.span, self.width = 0, False, Span(start_s, end_s), 128
        self.full = self.span
        self.times_s: list[float] = []

    def add(self, frame: Frame, small: np.ndarray) -> None:
        self.times_s.append(round(frame.time_s, 3))

    def finish(self) -> None:
        assert self.times_s


def test_readers_of_one_group_are_served_in_one_pass_and_each_gets_all_its_frames(tmp_path: Path) -> None:
    readers = [_Times(2.0, 2.4), _Times(1.0, 1.2), _Times(1.1, 2.1), _Times(4.96, 9.0)]
    look = Look(0, Span(3.0, 3.1))
    with closing(Excerpts(drawn(tmp_path), keys_s=[[0.0]])) as excerpts, ThreadPoolExecutor(2) as pool:
        read_excerpts([*readers, look], excerpts, pool, STAGE)
    frames = [round(number * FRAME_S, 3) for number in range(150)]
    assert [reader.times_s for reader in readers] == [[t for t in frames if reader.span.holds(t)] for reader in readers]
    assert look.done


class _Enough(_Times):
    """A reader that has seen enough after ten frames."""

    def add(self, frame: Frame, small: np.ndarray) -> None:
        super().add(frame, small)
        self.done = len(self.times_s) == 10


def test_the_rest_of_a_group_is_not_decoded_once_its_reader_has_seen_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw_video(tmp_path / "match.mp4", duration_s=8, look=Coding(gop=100), sounds=())
    readers, counted = [_Enough(0.0, 4.0), _Times(4.0, 4.4)], list[VideoFrame]()
    monkeypatch.setattr(reading_of_excerpts, "decoded", lambda *given: counted.extend(found := decoded(*given)) or found)
    with closing(Excerpts(open_recording([path]), keys_s=[[0.0, 4.0]])) as excerpts, ThreadPoolExecutor(1) as pool:
        read_excerpts(readers, excerpts, pool, STAGE)
    frames = [round(number * FRAME_S, 3) for number in range(200)]
    assert [reader.times_s for reader in readers] == [frames[:10], frames[100:110]]
    assert len(counted) < 40
