from dataclasses import replace

import numpy as np
import pytest

from highlights.media.audio import read_audio, read_samples
from highlights.media.faults import FaultCounter
from highlights.media.probe import open_recording
from tests.support.drawing import Look, Sound, beep_times, draw_video

SMALL = Look(size=(64, 36))
BEEPS_S = (0.5, 1.0, 2.52)
FRAME_S = 0.04


def heard(recording, rate_hz=48000, **options):
    """All the audio, after checking that the blocks are contiguous to the sample."""
    blocks = list(read_audio(recording, rate_hz=rate_hz, **options))
    at = round(blocks[0][0] * rate_hz)
    for time_s, block in blocks:
        assert round(time_s * rate_hz) == at
        assert block.dtype == np.float32
        assert 0 < len(block) <= rate_hz
        at += len(block)
    return np.concatenate([block for _, block in blocks])


def loudness(samples):
    return float(np.sqrt(np.mean(samples**2)))


@pytest.mark.parametrize(
    ("suffix", "codec", "rate_hz", "channels"),
    [
        (".mp4", "aac", 48000, 2),
        (".mp4", "aac", 44100, 1),
        (".ts", "aac", 48000, 2),
        (".ts", "mp2", 48000, 2),
        (".ts", "ac3", 48000, 2),
        (".mkv", "aac", 22050, 1),
        (".mkv", "flac", 44100, 2),
        (".mkv", "libopus", 48000, 2),
        (".mov", "pcm_s16le", 48000, 1),
        (".mp4", "libmp3lame", 44100, 2),
        (".flv", "aac", 44100, 2),
    ],
)
def test_beeps_are_heard_at_the_times_of_the_video(tmp_path, suffix, codec, rate_hz, channels):
    sound = Sound(BEEPS_S, codec=codec, rate_hz=rate_hz, channels=channels)
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=3, look=SMALL, start_s=0.8, sounds=[sound])])
    for out_hz in (16000, 48000):
        samples = heard(recording, out_hz)
        assert len(samples) == 3 * out_hz
        assert beep_times(samples, out_hz) == pytest.approx(BEEPS_S, abs=0.002)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("start_s", [0.4, -0.3])
def test_audio_that_starts_late_or_early_is_aligned_with_the_video(tmp_path, suffix, start_s):
    sound = Sound(BEEPS_S, start_s=start_s)
    path = draw_video(tmp_path / f"a{suffix}", duration_s=3, look=SMALL, start_s=1.0, sounds=[sound])
    samples = heard(open_recording([path]))
    assert len(samples) == 3 * 48000
    assert beep_times(samples, 48000) == pytest.approx(BEEPS_S, abs=0.002)


def test_audio_that_ends_early_is_padded_with_silence(tmp_path):
    sound = Sound(wave=lambda t: 0.5 * np.sin(2000 * t), duration_s=1.0)
    samples = heard(open_recording([draw_video(tmp_path / "a.mkv", duration_s=3, look=SMALL, sounds=[sound])]))
    assert len(samples) == 3 * 48000
    assert loudness(samples[:40000]) > 0.3
    assert not samples[50000:].any()


@pytest.mark.parametrize(
    ("sound", "missing"), [(Sound(duration_s=2.0), 4), (Sound(start_s=3.0), 3), (Sound(start_s=1.0, duration_s=4.0), 0)]
)
def test_sound_that_is_missing_for_seconds_is_counted(tmp_path, sound, missing):
    recording, faults = open_recording([draw_video(tmp_path / "a.mkv", duration_s=6, sounds=[sound])]), FaultCounter()
    heard(recording, faults=faults)
    assert [fault.problem for fault in faults.faults] == [f"{missing} s of its sound are missing"] * bool(missing)


def test_a_gap_in_the_audio_is_silence_and_the_rest_stays_in_time(tmp_path):
    whole = draw_video(tmp_path / "whole.ts", duration_s=6, look=SMALL, sounds=[Sound((0.5, 5.0))]).read_bytes()
    packets = [whole[at : at + 188] for at in range(0, len(whole), 188)]
    lost = range(len(packets) * 4 // 10, len(packets) * 6 // 10)
    (tmp_path / "a.ts").write_bytes(b"".join(p for n, p in enumerate(packets) if n not in lost))
    samples = heard(open_recording([tmp_path / "a.ts"]))
    assert beep_times(samples, 48000) == pytest.approx([0.5, 5.0], abs=0.002)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("codec", ["aac", "libmp3lame"])
def test_reading_from_any_time_gives_the_same_samples_as_reading_everything(tmp_path, suffix, codec):
    sound = Sound(wave=lambda t: 0.4 * np.sin(2 * np.pi * (200 + 100 * t) * t), codec=codec)
    recording = open_recording([draw_video(tmp_path / f"a{suffix}", duration_s=5, look=SMALL, start_s=0.3, sounds=[sound])])
    everything = heard(recording)
    for start_s, end_s in [(0.0, 0.5), (0.2, 0.7), (1.0, 2.0), (3.3337, 4.9), (4.9, 9.0)]:
        piece = heard(recording, start_s=start_s, end_s=end_s)
        wanted = everything[round(start_s * 48000) : round(end_s * 48000)]
        assert len(piece) == len(wanted)
        shifts = range(-48, 49) if suffix == ".mkv" else (0,)  # Matroska times have millisecond precision
        assert min(np.abs(np.roll(piece, shift) - wanted)[50:-50].max() for shift in shifts) < 0.01


def test_silent_audio_is_all_zero(tmp_path):
    samples = heard(open_recording([draw_video(tmp_path / "a.mp4", duration_s=1, look=SMALL)]))
    assert len(samples) == 48000
    assert np.abs(samples).max() < 1e-3


def test_without_audio_there_are_no_blocks(tmp_path):
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=1, look=SMALL, sounds=())])
    assert list(read_audio(recording)) == []
    assert not read_samples(recording, 0.2, 0.7).any()


def test_a_part_without_audio_is_silent(tmp_path):
    parts = [
        draw_video(tmp_path / "1.mp4", duration_s=1, look=SMALL, sounds=()),
        draw_video(tmp_path / "2.mp4", duration_s=2, look=SMALL, sounds=[Sound((0.5,), rate_hz=44100)], start_s=0.4),
        draw_video(tmp_path / "3.ts", duration_s=1, look=SMALL, sounds=[Sound((0.25,))]),
    ]
    samples = heard(open_recording(parts))
    assert len(samples) == 4 * 48000
    assert beep_times(samples, 48000) == pytest.approx([1.5, 3.25], abs=0.002)


def test_the_chosen_track_is_read(tmp_path):
    tracks = [Sound((0.2,)), Sound((0.4,)), Sound((0.6,))]
    recording = open_recording([draw_video(tmp_path / "a.mkv", duration_s=1, look=SMALL, sounds=tracks)], audio_track=1)
    assert beep_times(heard(recording), 48000) == pytest.approx([0.4], abs=0.002)
    part = replace(recording.parts[0], audio_track=2)
    assert beep_times(heard(replace(recording, parts=(part,))), 48000) == pytest.approx([0.6], abs=0.002)


@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_does_not_depend_on_the_number_of_channels(tmp_path, channels):
    tone = Sound(wave=lambda t: 0.5 * np.sin(2 * np.pi * 400 * t), codec="flac", channels=channels)
    recording = open_recording([draw_video(tmp_path / "a.mkv", duration_s=1, look=SMALL, sounds=[tone])])
    mono, stereo = heard(recording), heard(recording, channels=2)
    assert stereo.shape == (48000, 2)
    assert loudness(mono) == pytest.approx(0.5 / 2**0.5, rel=0.01)
    assert loudness(stereo[:, 0]) == pytest.approx(0.5 / 2**0.5, rel=0.01)


def test_exactly_as_many_samples_as_requested_are_read(tmp_path):
    path = draw_video(tmp_path / "a.mp4", duration_s=2, look=SMALL, sounds=[Sound((1.0,), rate_hz=44100)])
    samples = read_samples(open_recording([path]), 0.9, 2.5)
    assert samples.shape == (round(1.6 * 48000), 2)
    assert beep_times(samples[:, 0], 48000) == pytest.approx([0.1], abs=0.002)
    assert not samples[round(1.11 * 48000) :].any()


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_damaged_audio_is_counted_and_the_rest_stays_in_time(tmp_path, suffix):
    look = Look(size=(64, 36), gop=250)
    whole = bytearray(draw_video(tmp_path / f"w{suffix}", duration_s=6, look=look, sounds=[Sound((0.5, 5.5))]).read_bytes())
    random = np.random.default_rng(0)
    for at in random.integers(len(whole) * 3 // 10, len(whole) * 5 // 10, 400):
        whole[at] ^= 0xFF
    (tmp_path / f"a{suffix}").write_bytes(whole)
    faults = FaultCounter()
    samples = heard(open_recording([tmp_path / f"a{suffix}"]), faults=faults)
    assert len(samples) == 6 * 48000
    begins_s = beep_times(samples, 48000)
    assert begins_s[0] == pytest.approx(0.5, abs=0.002)
    assert begins_s[-1] == pytest.approx(5.5, abs=0.03)
    assert "damaged pieces of sound" in {fault.problem for fault in faults.faults}


def test_other_numbers_of_channels_are_refused(tmp_path):
    recording = open_recording([draw_video(tmp_path / "a.mp4", duration_s=0.4, look=SMALL)])
    with pytest.raises(ValueError, match="channels must be 1 or 2"):
        next(read_audio(recording, channels=6))
