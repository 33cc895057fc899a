from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from highlights.errors import OutputError, RenderError
from highlights.media.audio import read_audio
from highlights.media.cut.copy import copy_spans
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.spans import Span
from tests.support.drawing import Look, Sound, beep_times, draw_video, is_white, number_of
from tests.support.places import FOOTAGE

LENGTH_S = 24
SIZE = (160, 90)
FLASHES_S = [second + 0.4 for second in range(LENGTH_S)]
FORTY = [Span(1.3 + 0.53 * n, 1.7 + 0.53 * n) for n in (*range(0, 40, 2), *range(1, 41, 2))]
TEN_BACKWARDS = [Span(1.3 + 2.17 * n, 2.2 + 2.17 * n) for n in range(10)][::-1]
QUICK_265 = {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=1:bframes=3"}


def draw(path, look=None, sounds=None, **options):
    sounds = [Sound(FLASHES_S)] if sounds is None else sounds
    look = replace(look or Look(b_frames=3), size=SIZE)
    return draw_video(path, duration_s=LENGTH_S, flashes_s=FLASHES_S, look=look, sounds=sounds, **options)


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    return open_recording([draw(tmp_path_factory.mktemp("match") / "match.mp4")])


def numbers(frames):
    return [number_of(frame.luma()) for frame in frames]


def shown_numbers(recording, shown):
    frames = [(round(frame.time_s, 3), number_of(frame.luma())) for frame in read_frames(recording)]
    return [number for span in shown for time_s, number in frames if span.start_s <= time_s < span.end_s]


def check_reel(recording, spans, target):
    """Copy, and check that the reel shows exactly the reported spans, without gaps, in sync to a frame; returns the spans."""
    shown = copy_spans(recording, spans, target)
    reel = open_recording([target])
    frames = list(read_frames(reel))
    assert numbers(frames) == shown_numbers(recording, shown)
    assert all(0.03 < after.time_s - before.time_s < 0.05 for before, after in pairwise(frames))
    assert reel.duration_s == pytest.approx(sum(span.length_s for span in shown), abs=0.002 * len(spans))
    assert frames[0].time_s == 0
    if recording.parts[0].audio_track is not None:
        beeps_s = beep_times(np.concatenate([block for _, block in read_audio(reel, rate_hz=48000)]), 48000)
        flashes_s = [frame.time_s for frame in frames if is_white(frame.luma())]
        assert flashes_s
        assert max(min(abs(flash - beep) for beep in beeps_s) for flash in flashes_s) < 0.0125
    return shown


@pytest.mark.parametrize(
    ("suffix", "look", "sound", "start_s"),
    [
        (".mp4", Look(b_frames=3), Sound(FLASHES_S), 0.0),
        (".mp4", Look(b_frames=3), Sound(FLASHES_S, rate_hz=44100, channels=1), 1.5),
        (".ts", Look(b_frames=3), Sound(FLASHES_S), 1.5),
        (".mkv", Look(b_frames=0), Sound(FLASHES_S), 0.7),
        (".ts", Look(b_frames=2), Sound(FLASHES_S, codec="mp2"), 0.0),
        (".mkv", Look(b_frames=2), Sound(FLASHES_S, codec="libopus"), 0.0),
        (".mov", Look(b_frames=2), Sound(FLASHES_S, codec="pcm_s16le"), 0.0),
        (".mp4", Look(b_frames=5, options={"preset": "veryfast", "x264-params": "b-pyramid=2:ref=4"}), None, 0.0),
        (".mp4", Look(codec="libx265", gop=23, options=QUICK_265), Sound(FLASHES_S), 0.0),
    ],
)
def test_a_reel_shows_the_reported_spans_gapless_and_in_sync(tmp_path, suffix, look, sound, start_s):
    path = draw(tmp_path / f"a{suffix}", look, [sound] if sound else [], start_s=start_s)
    recording = open_recording([path])
    check_reel(recording, FORTY, tmp_path / "forty.mp4")
    check_reel(recording, TEN_BACKWARDS, tmp_path / "ten.mp4")


def test_every_span_is_shown_completely_from_the_key_frame_before_it(match, tmp_path):
    spans = [Span(3.5, 5.02), Span(20.0, 21.0), Span(10.72, 10.8)]
    shown = check_reel(match, spans, tmp_path / "reel.mp4")
    assert [span.start_s for span in shown] == [3.0, 20.0, 10.0]
    assert all(wanted.end_s <= got.end_s <= wanted.end_s + 0.2 for wanted, got in zip(spans, shown, strict=True))


def test_spans_that_share_key_frames_show_no_frame_twice(match, tmp_path):
    spans = [Span(3.5, 5.5), Span(5.6, 7.0), Span(6.9, 8.0)]
    shown = check_reel(match, spans, tmp_path / "reel.mp4")
    assert [span.start_s for span in shown] == [3.0, 5.6, 6.9]
    assert [before.end_s for before in shown[:2]] == [5.6, 6.9]
    assert len(set(shown_numbers(match, shown))) == len(shown_numbers(match, shown))


def test_a_reel_begins_at_the_next_key_frame_if_the_first_is_hidden(tmp_path):
    path = draw(tmp_path / "a.mp4", Look(gop=75), [], start_s=-2.0)  # shown from 2 s on; key frames every 3 s
    recording = open_recording([path])
    shown = copy_spans(recording, [Span(0.2, 2.0), Span(0.4, 2.0), Span(1.5, 4.2)], tmp_path / "reel.mp4")
    assert [span.start_s for span in shown] == [1.0, 1.0, 1.5]
    assert numbers(read_frames(open_recording([tmp_path / "reel.mp4"]))) == shown_numbers(recording, shown)


def test_the_last_span_may_extend_to_the_end(match, tmp_path):
    (shown,) = check_reel(match, [Span(22.5, 45.0)], tmp_path / "reel.mp4")
    assert shown == Span(22.0, 24.0)


def test_nothing_is_re_encoded_and_the_index_comes_first(match, tmp_path):
    copy_spans(match, [Span(3.0, 5.0), Span(9.0, 11.0)], tmp_path / "reel.mp4")
    content = (tmp_path / "reel.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    source = match.parts[0].path.read_bytes()
    with av.open(str(tmp_path / "reel.mp4")) as container:
        packets = [bytes(packet) for packet in container.demux() if packet.size]
    assert len(packets) > 200
    assert all(packet in source for packet in packets)


def test_chapters_begin_with_their_spans(match, tmp_path):
    spans = [Span(9.5, 11.0), Span(3.5, 5.5), Span(5.6, 7.0)]
    shown = copy_spans(match, spans, tmp_path / "reel.mp4", titles=["Goal · 9:30", "Tor für “Köln” ⚽", "c"])
    with av.open(str(tmp_path / "reel.mp4")) as container:
        chapters = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters] == ["Goal · 9:30", "Tor für “Köln” ⚽", "c"]
    starts_s = [float(chapter["start"] * chapter["time_base"]) for chapter in chapters]
    assert starts_s == pytest.approx([0.0, shown[0].length_s, shown[0].length_s + shown[1].length_s], abs=0.002)


def test_the_same_reel_has_the_same_bytes(match, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        copy_spans(match, FORTY[:5], tmp_path / name, titles=list("abcde"))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_rotation_and_pixel_aspect_ratio_are_kept(tmp_path):
    look = Look(rotation_deg=90, pixel_aspect=Fraction(4, 3))
    recording = open_recording([draw(tmp_path / "a.mp4", look, [])])
    copy_spans(recording, [Span(3.0, 5.0)], tmp_path / "reel.mp4")
    part = open_recording([tmp_path / "reel.mp4"]).parts[0]
    assert (part.rotation_deg, part.pixel_aspect, part.width, part.height) == (90, Fraction(4, 3), 90, 213)


def test_clips_of_two_halves_make_one_reel(tmp_path):
    halves = [draw(tmp_path / "1.mp4", start_s=0.3), draw(tmp_path / "2.mp4", first_number=1000)]
    recording = open_recording(halves)
    shown = check_reel(recording, [Span(40.2, 42.0), Span(5.2, 7.0), Span(23.5, 25.0), Span(24.0, 25.0)], tmp_path / "reel.mp4")
    assert [span.start_s for span in shown] == [40.0, 5.0, 23.0, 24.0]
    assert shown[2].end_s == 24.0


def test_audio_that_starts_late_or_has_gaps_stays_in_sync(tmp_path):
    flashes_s = FLASHES_S[2:]
    sounds = [Sound(flashes_s, start_s=2.0)]
    path = draw_video(tmp_path / "a.mkv", duration_s=LENGTH_S, look=Look(size=SIZE), flashes_s=flashes_s, sounds=sounds)
    check_reel(open_recording([path]), [Span(0.2, 4.0), Span(10.2, 12.0), Span(1.5, 3.0)], tmp_path / "reel.mp4")


def test_halves_with_different_audio_formats_get_re_encoded_audio(tmp_path):
    halves = [draw(tmp_path / "1.mp4"), draw(tmp_path / "2.mp4", sounds=[Sound(FLASHES_S, rate_hz=44100)])]
    check_reel(open_recording(halves), [Span(29.2, 31.0), Span(5.2, 7.0)], tmp_path / "reel.mp4")


def test_halves_with_different_video_coding_are_refused(tmp_path):
    halves = [draw(tmp_path / "1.mp4"), draw(tmp_path / "2.mp4", Look(pix_fmt="yuv422p"))]
    recording = open_recording(halves)
    with pytest.raises(RenderError, match=r"2\.mp4: is encoded differently from .*1\.mp4; use --reel edit"):
        copy_spans(recording, [Span(5, 7), Span(29, 31)], tmp_path / "reel.mp4")
    assert not (tmp_path / "reel.mp4").exists()
    copy_spans(recording, [Span(29, 31)], tmp_path / "reel.mp4")


def test_a_codec_that_does_not_play_from_an_mp4_is_refused(tmp_path):
    look = Look(codec="mpeg4", size=(64, 36))
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=1, look=look, sounds=())])
    with pytest.raises(RenderError, match="mpeg4 video does not play from an MP4; use --reel edit"):
        copy_spans(recording, [Span(0, 1)], tmp_path / "reel.mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_key_frames_followed_by_frames_that_need_earlier_ones_are_not_cut_at(tmp_path, suffix):
    recording = open_recording([draw(tmp_path / f"a{suffix}", Look(options={"x264-params": "open-gop=1"}))])
    check_reel(recording, [Span(3.5, 4.0)], tmp_path / "reel.mp4")  # from the very first one
    with pytest.raises(RenderError, match="no key frame that a copy can start with; use --reel edit"):
        copy_spans(recording, [Span(20.0, 21.0)], tmp_path / "reel.mp4")


def test_an_earlier_reel_stays_when_copying_fails(match, tmp_path):
    (tmp_path / "reel.mp4").write_text("earlier")
    gone = replace(match, parts=(replace(match.parts[0], video_codec="vp8"),))
    with pytest.raises(RenderError):
        copy_spans(gone, [Span(3.0, 5.0)], tmp_path / "reel.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["reel.mp4"]
    assert (tmp_path / "reel.mp4").read_text() == "earlier"


def test_a_missing_folder_is_reported(match, tmp_path):
    with pytest.raises(OutputError, match=r"absent/reel\.mp4: the folder does not exist"):
        copy_spans(match, [Span(3.0, 5.0)], tmp_path / "absent" / "reel.mp4")


def test_copying_needs_spans_and_as_many_titles(match, tmp_path):
    with pytest.raises(ValueError, match="as many titles"):
        copy_spans(match, [Span(3.0, 5.0)], tmp_path / "reel.mp4", titles=["a", "b"])


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage beside the repository")
@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("02_soccer_realmadrid_sevilla_goal.mp4", Span(10, 21)),
        ("07_soccer_inter_napoli_chance_clock.mp4", Span(0.5, 3)),
        ("03_basketball_phx_lal_basket_score_change.mp4", Span(5, 7)),
        ("90_psd_goldeneye_vfr_drop3.mp4", Span(5, 9)),
    ],
)
def test_real_recordings_are_copied_correctly(tmp_path, name, span):
    recording = open_recording([FOOTAGE / name])
    (shown,) = copy_spans(recording, [span], tmp_path / "reel.mp4")
    assert shown.start_s <= span.start_s
    assert shown.end_s >= span.end_s
    wanted = list(read_frames(recording, start_s=shown.start_s, end_s=shown.end_s))
    copied = list(read_frames(open_recording([tmp_path / "reel.mp4"])))[-len(wanted) :]
    assert all(np.array_equal(a.luma(), b.luma()) for a, b in zip(wanted, copied, strict=True))
