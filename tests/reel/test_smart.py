from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from highlights.errors import RenderError
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Analysis, Clip, Fault, Timeline
from highlights.reel.cut import cut
from highlights.reel.edit import EditOptions
from highlights.reel.smart import fastest, smart
from highlights.spans import Span
from tests.support.browser import chromium, numbers_shown
from tests.support.drawing import BITS, Look, Sound, draw_video, number_of

UNTOUCHED = EditOptions(titles=False, fade_s=0.0)
CLIPS = (Clip(Span(1.4, 3.2), (0,), "Goal", "12:34"), Clip(Span(5.2, 6.5), (1,), "Goal", replay=True))
NUMBERS = [*range(35, 80), *range(130, 163)]


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    """Eight seconds at 25 per second with a key frame every second; every frame carries its number."""
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    return open_recording([draw_video(path, duration_s=8, sounds=[Sound([2.0])])])


def timeline_of(recording, *spans):
    return Timeline(recording, "soccer", clips=tuple(Clip(span, (), "Goal") for span in spans))


def test_clips_are_cut_to_the_exact_picture_and_have_their_chapters(match, tmp_path):
    told = []
    shown = smart(Timeline(match, "soccer", clips=CLIPS), tmp_path / "reel.mp4", told.append)
    assert shown == [Span(1.4, 3.2), Span(5.2, 6.52)]
    assert [number_of(frame.luma()) for frame in read_frames(open_recording([tmp_path / "reel.mp4"]))] == NUMBERS
    assert told[-1] == 1.0
    assert all(before < after for before, after in pairwise(told))


def test_an_empty_timeline_is_refused(match, tmp_path):
    with pytest.raises(RenderError, match="nothing to show"):
        smart(Timeline(match, "soccer"), tmp_path / "reel.mp4")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("spans", "way"),
    [
        ([Span(1, 3), Span(3, 4), Span(6, 8)], "copy"),
        ([Span(1, 3), Span(3.04, 4)], "smart"),
        ([Span(1, 3.08)], "smart"),  # the pictures up to there come with later ones
        ([Span(1, 3), Span(2, 4)], "smart"),  # a copy would not show anything twice
        ([Span(3, 4), Span(1, 2)], "copy"),
    ],
)
def test_the_fastest_way_that_still_shows_what_was_asked_is_chosen(match, spans, way):
    assert fastest(timeline_of(match, *spans)) == way
    assert fastest(timeline_of(match, *spans), replace(UNTOUCHED, crf=30)) == way


@pytest.mark.parametrize(
    "options",
    [
        EditOptions(),
        replace(UNTOUCHED, titles=True),
        replace(UNTOUCHED, fade_s=0.1),
        replace(UNTOUCHED, intro=""),
        replace(UNTOUCHED, music=Path("a.mp3")),
        replace(UNTOUCHED, aspect=Fraction(1)),
        replace(UNTOUCHED, width=640),
        replace(UNTOUCHED, frame_rate=Fraction(50)),
    ],
)
def test_drawing_cropping_fading_or_mixing_needs_an_edit(match, options):
    assert fastest(timeline_of(match, Span(1, 3)), options) == "edit"


def test_a_recording_in_another_codec_is_edited_and_smart_reports_why(tmp_path):
    path = draw_video(tmp_path / "a.webm", duration_s=2, look=Look("libvpx"), sounds=())
    other = timeline_of(open_recording([path]), Span(0.5, 1))
    assert fastest(other) == "edit"
    with pytest.raises(RenderError, match="vp8 video cannot be cut between key frames; use --reel edit"):
        smart(other, tmp_path / "reel.mp4")


def test_a_recording_that_can_only_be_copied_is_copied_where_that_is_exact(tmp_path):
    look = Look("libvpx-vp9", (64, 36), gop=25, b_frames=0, options={"deadline": "realtime", "cpu-used": "8"})
    path = draw_video(tmp_path / "a.webm", duration_s=3, look=look, sounds=())
    recording = open_recording([path])
    assert fastest(timeline_of(recording, Span(1, 2))) == "copy"
    assert fastest(timeline_of(recording, Span(1.2, 2))) == "edit"


@pytest.mark.browser
def test_a_browser_shows_every_picture_sought_and_played(tmp_path):
    match = draw_video(tmp_path / "match.mp4", duration_s=8, look=Look(b_frames=3), sounds=[Sound([2.0])])
    smart(Timeline(open_recording([match]), "soccer", clips=CLIPS), tmp_path / "reel.mp4")
    with chromium() as browser:
        seen = numbers_shown(browser, tmp_path / "reel.mp4", BITS)
    assert seen["sought"] == NUMBERS
    assert set(seen["played"]) <= set(NUMBERS)
    assert seen["played"] == sorted(seen["played"])
    assert len(set(seen["played"])) > 10
    assert seen["sound"] > 1000


@pytest.fixture(params=["video", "audio"])
def damaged(request, match, tmp_path):
    """The match with noise in a packet, shown at 2.4 s, of pictures or sound."""
    path = tmp_path / "damaged.mp4"
    data = bytearray(match.parts[0].path.read_bytes())
    with av.open(str(match.parts[0].path)) as container:
        stream = container.streams.get({request.param: 0})[0]
        packet = next(p for p in container.demux(stream) if p.pts and p.pts * p.time_base >= 2.4)
        data[packet.pos : packet.pos + packet.size] = random.Random(1).randbytes(packet.size)
    path.write_bytes(data)
    return open_recording([path])


def told_damaged(timeline):
    return replace(timeline, analysis=Analysis(faults=(Fault(timeline.recording.parts[0].path, "damaged pictures"),)))


def test_damaged_packets_are_not_copied_unasked(damaged, tmp_path):
    timeline = told_damaged(timeline_of(damaged, Span(1, 3), Span(3, 4)))
    for kind in ("copy", "smart", "auto", "edit"):
        told = []
        cut(timeline, tmp_path / "reel.mp4", kind, replace(UNTOUCHED, preset="ultrafast"), on_note=told.append)
        notes = (
            [] if kind in ("auto", "edit") else ["the recording is damaged in what was copied, so that players may stop there"]
        )
        assert [note.split(";")[0] for note in told] == notes
    with av.open(str(tmp_path / "reel.mp4")) as reel:
        assert sum(1 for _ in reel.decode(video=0, audio=0)) > 75  # a damaged packet would raise
