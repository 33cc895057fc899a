"""Edited reels of which only the frames drawn on are encoded, beside the same reels encoded as a whole."""

from __future__ import annotations

import logging
import subprocess
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from highlights.errors import RenderError
from highlights.media.cut.parameter_sets import parameter_sets
from highlights.media.frames import read_frames
from highlights.media.planes import Coding, coding_of, drawn, stacked
from highlights.media.probe import open_recording
from highlights.records import Clip, Event, Timeline
from highlights.reel.edit import EditOptions, edit
from highlights.reel.film import plan
from highlights.reel.mixed import mixed
from highlights.reel.pictures import pictures
from highlights.spans import Span
from tests.support.drawing import Look, Sound, draw_video, number_of

EVERYTHING = EditOptions(fade_s=0.0, intro="Start", outro="End", recap=True, slow_motion=True, freeze=True, subtitles=True)
SPANS = [(1.06, 9.3), (11.0, 18.44)]


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    """Twenty seconds, 320x180 at 25 per second, a key frame every second; every frame carries its number."""
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    return open_recording([draw_video(path, duration_s=20, look=Look(b_frames=3), sounds=[Sound([3.0, 13.0])])])


def timeline_of(recording, *spans):
    clips = tuple(Clip(Span(*span), (number,), "Goal", "12:34") for number, span in enumerate(spans))
    events = tuple(Event("goal", "Goal", Span(*span), span[0] + 6.0, 1.0, (), description="A header.") for span in spans)
    return Timeline(recording, "soccer", events=events, clips=clips)


def copied_frames(timeline, options):
    with ExitStack() as stack:
        return [(piece.first, piece.end) for piece in mixed(plan(timeline, options), stack).pieces if piece.stretch]


def frames_of(path):
    return list(read_frames(open_recording([path])))


def difference(one, other):
    return np.abs(one.astype(int) - other).mean()


@pytest.mark.parametrize(
    ("options", "spans"),
    [
        (EditOptions(), SPANS),
        (EditOptions(titles=False, fade_s=0.0), SPANS),
        (EditOptions(crossfade_s=0.4), SPANS),
        (EVERYTHING, [(0.51, 20)]),
    ],
    ids=["titles", "bare", "cross-fades", "everything"],
)
def test_every_frame_is_that_of_a_reel_encoded_as_a_whole(match, tmp_path, options, spans):
    timeline = timeline_of(match, *spans)
    edit(timeline, tmp_path / "reel.mp4", options)
    wanted, made = list(pictures(plan(timeline, options))), frames_of(tmp_path / "reel.mp4")
    assert len(made) == len(wanted)
    assert sum(end - first for first, end in copied_frames(timeline, options)) > 0.25 * len(wanted)
    apart = [difference(frame.rgb(), picture) for frame, picture in zip(made, wanted, strict=True)]
    assert max(apart) < 2.5  # the next frame, with another number, differs by 4
    assert [frame.time_s for frame in made] == pytest.approx([number / 25 for number in range(len(made))], abs=1e-6)


def test_frames_without_title_and_fade_are_packets_of_the_recording(match, tmp_path):
    timeline = timeline_of(match, (1.06, 9.3))
    edit(timeline, tmp_path / "reel.mp4", EditOptions())
    source, reel = (video_packets(path) for path in (match.parts[0].path, tmp_path / "reel.mp4"))
    ((first, end),) = copied_frames(timeline, EditOptions())
    assert [packet in source for packet in reel] == [first <= number < end for number in range(206)]
    # the title, 4.45 s long, is gone after 4.8 s: 5.88 s of the match; the next key frame is at 6 s; the fade begins at 9.06 s
    assert first == 124
    assert 191 < end <= 201


def video_packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_sound_is_that_of_a_reel_encoded_as_a_whole_to_the_byte(match, tmp_path):
    timeline = timeline_of(match, *SPANS)
    edit(timeline, tmp_path / "reel.mp4", EditOptions())
    edit(timeline, tmp_path / "whole.mp4", EditOptions(width=160))
    one, other = (audio_packets(tmp_path / name) for name in ("reel.mp4", "whole.mp4"))
    assert one == other


def audio_packets(path):
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(audio=0) if packet.size]


COLOURS = {
    "bt601": {"color_primaries": "smpte170m", "color_trc": "smpte170m", "colorspace": "smpte170m", "color_range": "tv"},
    "bt709": {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "color_range": "tv"},
    "full range": {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "color_range": "pc"},
    "unknown": {},
}


@pytest.mark.parametrize("colours", COLOURS)
def test_no_seam_is_seen_where_copying_begins_and_ends(tmp_path, colours):
    look = Look(pix_fmt="yuvj420p" if colours == "full range" else "yuv420p", b_frames=3, options=COLOURS[colours])
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=8, look=look, sounds=())])
    timeline = timeline_of(recording, (0, 8))
    edit(timeline, tmp_path / "reel.mp4", EditOptions())
    ((first, end),) = copied_frames(timeline, EditOptions())
    was, made = list(read_frames(recording)), frames_of(tmp_path / "reel.mp4")
    assert {coding_of(frame.picture) for frame in made} == {coding_of(was[0].picture)}
    upper = slice(0, 90)  # the title is in the lower half
    shifts = [(made[n].rgb()[upper].astype(int) - was[n].rgb()[upper]).mean(axis=(0, 1)) for n in range(5, 195)]
    assert np.abs(shifts).max() < 1
    assert 120 < first < end < 196


def test_a_level_of_colour_is_converted_as_by_other_programs():
    rgb = np.random.default_rng(0).integers(0, 256, (9, 16, 3), np.uint8).repeat(20, axis=0).repeat(20, axis=1)
    for matrix, full_range in ((1, False), (5, False), (1, True), (9, False)):
        picture = av.VideoFrame.from_ndarray(np.zeros((270, 320), np.uint8), "yuv420p")
        picture.colorspace, picture.color_range = matrix, 2 if full_range else 1
        picture = drawn(picture, Coding("yuv420p", matrix, full_range).of_rgb(rgb), range(180))
        picture.colorspace, picture.color_range = matrix, 2 if full_range else 1
        back = picture.reformat(format="rgb24").to_ndarray()
        middles = np.s_[10::20, 10::20]
        assert np.abs(back[middles].astype(int) - rgb[middles]).max() <= 3


def test_a_picture_drawn_on_keeps_all_that_is_not_drawn_on(match):
    picture = next(read_frames(match, start_s=3)).picture
    pixels = stacked(picture, range(100, 140))
    assert (drawn(picture, pixels, range(100, 140)).to_ndarray() == picture.to_ndarray()).all()
    pixels[100:140] = 90
    changed = (drawn(picture, pixels, range(100, 140)).to_ndarray() != picture.to_ndarray())[:180].any(axis=1)
    assert set(np.flatnonzero(changed)) <= set(range(100, 140))


def test_another_decoder_reads_all_frames_without_a_warning_and_finds_all_parameter_sets_in_the_header(match, tmp_path):
    reel = tmp_path / "reel.mp4"
    edit(timeline_of(match, *SPANS), reel, EditOptions(subtitles=True))
    repacked = ["ffmpeg", "-v", "error", "-i", reel, "-map", "0:v", "-c", "copy", tmp_path / "reel.ts"]
    subprocess.run(repacked, check=True)  # where parameter sets are in the stream
    for name, level in (("reel.mp4", "warning"), ("reel.ts", "error")):
        command = ["ffmpeg", "-v", level, "-xerror", "-i", tmp_path / name, "-f", "null", "-"]
        assert not subprocess.run(command, capture_output=True, check=True).stderr
    with av.open(str(match.parts[0].path)) as source, av.open(str(reel)) as made:
        before, after = (parameter_sets("h264", file.streams.video[0].codec_context.extradata) for file in (source, made))
        assert [stream.type for stream in made.streams] == ["video", "audio", "subtitle", "data"]
        assert len(made.chapters()) == 2
    assert len(after) == len(set(after)) == 2 * len(before)
    content = reel.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_log_says_how_many_frames_are_encoded_or_why_all_are(match, tmp_path, caplog):
    caplog.set_level(logging.INFO, "highlights.reel.edit")
    edit(timeline_of(match, (1, 9)), tmp_path / "reel.mp4", EditOptions())
    edit(timeline_of(match, (1, 2)), tmp_path / "reel.mp4", EditOptions())
    assert [record.message for record in caplog.records] == [
        "133 of 200 frames are encoded, the others copied",
        "all 25 frames are encoded: only 0 of 25 frames could be copied",
    ]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (EditOptions(aspect=Fraction(1)), "all frames are cropped, or show a logo"),
        (EditOptions(width=160), "frames are scaled or turned"),
        (EditOptions(frame_rate=Fraction(50)), "only 0 of"),
        (EditOptions(titles=False, frame_rate=Fraction(25, 2)), "only 0 of"),
        (EditOptions(slow_motion=True, freeze=True, intro="", recap=True), "only 1?.? of"),
    ],
)
def test_a_reel_with_something_on_all_frames_is_encoded_as_a_whole(match, options, why):
    with pytest.raises(RenderError, match=why):
        copied_frames(timeline_of(match, (1, 7)), options)


@pytest.mark.parametrize(
    ("suffix", "look", "why"),
    [
        (".webm", Look("libvpx", (64, 36)), "is vp8"),
        (".mp4", Look(size=(64, 36), rotation_deg=90), "frames are scaled or turned"),
        (".mp4", Look(size=(64, 36), pixel_aspect=Fraction(4, 3)), "frames are scaled or turned"),
        (".mp4", Look(size=(64, 36), pix_fmt="yuv420p10le"), "have more than 8 bits"),
        (".mp4", Look(size=(64, 64), options={"x264-params": "tff=1", "flags": "+ildct"}), "interlaced"),
    ],
)
def test_a_recording_that_cannot_be_matched_is_encoded_as_a_whole(tmp_path, suffix, look, why):
    path = draw_video(tmp_path / f"a{suffix}", duration_s=2, look=look, sounds=())
    with pytest.raises(RenderError, match=why):
        copied_frames(timeline_of(open_recording([path]), (0, 2)), EditOptions(titles=False))


def test_a_clip_with_uneven_frames_is_encoded_and_the_others_are_copied(tmp_path):
    times_s = [*np.arange(0, 4, 0.04).round(3), *np.arange(4, 8, 0.08).round(3), *np.arange(8, 12, 0.04).round(3)]
    look = Look(b_frames=0, options={"x264-params": "keyint=25:min-keyint=25"})
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=12, frame_times_s=times_s, look=look, sounds=())])
    timeline, options = timeline_of(recording, (0, 4), (4, 8), (8, 12)), EditOptions(titles=False, frame_rate=Fraction(25))
    assert [end - first > 60 for first, end in copied_frames(timeline, options)] == [True, True]
    edit(timeline, tmp_path / "reel.mp4", replace(options, fade_s=0))
    expected = [*range(100), *np.repeat(range(100, 150), 2), *range(150, 250)]
    assert [number_of(frame.luma()) for frame in frames_of(tmp_path / "reel.mp4")] == expected
