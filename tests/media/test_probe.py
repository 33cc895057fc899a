from fractions import Fraction

import pytest

from highlights.errors import RecordingError
from highlights.media.faults import FaultCounter
from highlights.media.probe import open_recording, probe
from tests.support.drawing import Look, Sound, draw_video
from tests.support.places import FOOTAGE


def test_a_part_describes_its_video_and_audio(tmp_path):
    part = probe(draw_video(tmp_path / "a.mp4", duration_s=2, sounds=[Sound(rate_hz=44100, channels=1, language="eng")]))
    assert (part.width, part.height, part.frame_rate, part.video_codec) == (320, 180, 25, "h264")
    assert (part.start_s, part.duration_s, part.first_pts_s, part.rotation_deg) == (0.0, 2.0, 0.0, 0)
    (track,) = part.audio_tracks
    assert (track.number, track.codec, track.sample_rate_hz, track.channels, track.language) == (0, "aac", 44100, 1, "eng")
    assert part.audio_track == 0


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".mov", ".flv", ".avi"])
def test_the_duration_is_that_of_the_video_in_every_container(tmp_path, suffix):
    look = Look(codec="mpeg4") if suffix == ".avi" else Look(b_frames=3)
    path = draw_video(tmp_path / f"a{suffix}", duration_s=3, look=look, sounds=[Sound(codec="libmp3lame")])
    assert probe(path).duration_s == pytest.approx(3.0, abs=0.002)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_late_start_is_not_part_of_the_match_clock(tmp_path, suffix):
    part = probe(draw_video(tmp_path / f"a{suffix}", duration_s=2, start_s=1.5))
    assert part.first_pts_s == pytest.approx(1.5)
    assert part.duration_s == pytest.approx(2.0)


def test_a_recording_of_variable_frame_rate_ends_with_its_last_frame(tmp_path):
    times_s = [0.0, 0.04, 0.08, 0.5, 0.54, 1.0, 1.04]
    part = probe(draw_video(tmp_path / "a.mkv", frame_times_s=times_s, duration_s=1, sounds=()))
    assert part.duration_s == pytest.approx(1.08, abs=0.002)


def test_audio_longer_than_the_video_does_not_lengthen_the_part(tmp_path):
    faults = FaultCounter()
    for suffix in (".mp4", ".mkv"):
        path = draw_video(tmp_path / f"a{suffix}", duration_s=2, sounds=[Sound(duration_s=5)])
        assert open_recording([path], faults=faults).duration_s == 2.0
    assert faults.faults == ()


@pytest.mark.parametrize(("degrees", "size"), [(90, (180, 320)), (180, (320, 180)), (270, (180, 320))])
def test_size_is_as_shown_after_rotation(tmp_path, degrees, size):
    part = probe(draw_video(tmp_path / "a.mp4", duration_s=0.4, look=Look(rotation_deg=degrees), sounds=()))
    assert (part.width, part.height, part.rotation_deg) == (*size, degrees)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_size_is_as_shown_with_square_pixels(tmp_path, suffix):
    look = Look(size=(360, 288), pixel_aspect=Fraction(64, 45))
    part = probe(draw_video(tmp_path / f"a{suffix}", duration_s=0.4, look=look, sounds=()))
    assert (part.width, part.height) == (512, 288)


@pytest.mark.parametrize("seconds", [(1, 3, 0), (1, 2, 1), (0, 3, 1)])
def test_size_is_that_of_most_pictures(tmp_path, seconds):
    """The first ones can be those of an advertisement, or damaged; the whole reel would have their size."""
    sizes, start_s = ((160, 96), (320, 180), (640, 360)), 10
    pieces = []
    for size, length_s in zip(sizes, seconds, strict=True):
        if length_s:
            path = tmp_path / f"{start_s}.ts"
            look = Look(size=size, gop=25)
            pieces.append(draw_video(path, duration_s=length_s, start_s=start_s, look=look, sounds=()).read_bytes())
            start_s += length_s
    (tmp_path / "a.ts").write_bytes(b"".join(pieces))
    part = probe(tmp_path / "a.ts")
    assert (part.width, part.height) == (320, 180)


def test_a_recording_without_audio_has_no_audio_track(tmp_path):
    part = probe(draw_video(tmp_path / "a.mp4", duration_s=0.4, sounds=()))
    assert part.audio_tracks == ()
    assert part.audio_track is None


def test_the_audio_track_can_be_chosen_and_a_missing_one_lists_those_available(tmp_path):
    tracks = [Sound(title="Stadium"), Sound(language="deu"), Sound(rate_hz=44100)]
    path = draw_video(tmp_path / "a.mkv", duration_s=0.4, sounds=tracks)
    assert probe(path, audio_track=2).audio_track == 2
    with pytest.raises(RecordingError, match=r"a\.mkv: has no audio track 3; available: 0 \(Stadium\), 1 \(deu\), 2 \(aac\)"):
        probe(path, audio_track=3)
    with pytest.raises(RecordingError, match="available: none"):
        probe(draw_video(tmp_path / "b.mp4", duration_s=0.4, sounds=()), audio_track=0)


def test_two_halves_lie_end_to_end_on_one_clock(tmp_path):
    halves = [draw_video(tmp_path / f"{half}.mp4", duration_s=half, start_s=0.5 * half) for half in (1, 2)]
    recording = open_recording(halves)
    assert [part.start_s for part in recording.parts] == [0.0, 1.0]
    assert recording.duration_s == 3.0


def test_a_truncated_recording_is_as_long_as_its_rest_and_the_loss_is_reported(tmp_path):
    whole = draw_video(tmp_path / "whole.mkv", duration_s=8).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    faults = FaultCounter()
    assert open_recording([cut], faults=faults).duration_s == pytest.approx(4, abs=0.5)
    (fault,) = faults.faults
    assert fault.path == cut
    assert fault.problem == "is cut off: its last 4 s are missing"


def test_a_truncated_mp4_with_its_index_first_is_read_to_its_end(tmp_path):
    whole = draw_video(tmp_path / "whole.mp4", duration_s=8, container_options={"movflags": "faststart"}).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])
    faults = FaultCounter()
    assert 2 < open_recording([cut], faults=faults).duration_s < 5
    assert "is cut off" in faults.faults[0].problem


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage beside the repository")
def test_frames_hidden_by_an_edit_list_are_not_counted():
    part = probe(FOOTAGE / "02_soccer_realmadrid_sevilla_goal.mp4")
    assert part.duration_s == pytest.approx(630 * 1001 / 30000)
    assert probe(FOOTAGE / "03_basketball_phx_lal_basket_score_change.mp4").first_pts_s == pytest.approx(0.242)


@pytest.mark.parametrize(
    ("times_s", "problem"),
    [
        ([n / 25 + 200_000 * (n > 30) for n in range(60)], "its times span 56 hours, so they seem to be damaged"),
        ([n * 30.0 for n in range(60)], "has only one picture every 30 s"),
    ],
)
def test_a_clock_that_makes_a_few_pictures_last_for_days_is_refused(times_s, problem, tmp_path):
    path = draw_video(tmp_path / "a.mkv", frame_times_s=times_s, duration_s=2, sounds=())
    with pytest.raises(RecordingError, match=problem):
        open_recording([path])
