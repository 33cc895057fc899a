from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highlights.analysis.sound.ears import Ears
from highlights.records import Excitement
from tests.support.places import FOOTAGE
from tests.support.sounds import RATE_HZ, Sound, babble, blocks, gain, murmur, music, put, read, swell, times


def hear(sound: Sound, size: int = 4096, music_s: tuple[float, float] | None = None) -> Excitement:
    return listen(blocks(sound, size), len(sound) / RATE_HZ, music_s)


def listen(pieces: Iterable[tuple[float, Sound]], duration_s: float, music_s: tuple[float, float] | None = None) -> Excitement:
    ears = Ears(RATE_HZ, music=None if music_s is None else KnownMusic(*music_s))
    for start_s, samples in pieces:
        ears.add(start_s, samples)
    return ears.result(duration_s).crowd


@dataclass
class KnownMusic:
    """Stands for the network that tells music: it is certain of `[start_s, end_s)`."""

    start_s: float
    end_s: float

    def add(self, samples: Sound) -> None: ...

    def result(self, duration_s: float) -> np.ndarray:
        at_s = np.arange(0, duration_s, 0.5)
        return ((at_s >= self.start_s) & (at_s < self.end_s)).astype(np.float32)


def between(excitement: Excitement, start_s: float, end_s: float) -> np.ndarray:
    return np.array(excitement.values)[int(start_s / excitement.step_s) : int(end_s / excitement.step_s)]


@pytest.mark.parametrize("duration_s", [8, 10, 54, 180])
@pytest.mark.parametrize("commentary_db", [-100, -26])
def test_no_roar_is_found_where_nothing_happens(duration_s: int, commentary_db: float) -> None:
    excitement = hear(murmur(duration_s, -38) + babble(duration_s, commentary_db))
    assert len(excitement.values) == len(excitement.loudness_db) == duration_s * 2
    assert max(excitement.values) < 0.4


def test_commentary_with_pauses_in_a_quiet_stadium_is_not_a_roar() -> None:
    assert max(hear(murmur(60, -60) + babble(60, -26)).values) < 0.5


@pytest.mark.parametrize("commentary_db", [-100, -26])
def test_a_rise_of_6_db_early_in_a_short_recording_is_excitement(commentary_db: float) -> None:
    excitement = hear(swell(murmur(54, -26), 6.3, 48, 6) + babble(54, commentary_db))
    assert between(excitement, 8.5, 46).min() >= 0.7
    assert between(excitement, 0, 4).max() < 0.2
    assert between(excitement, 50, 54).max() < 0.2


@given(level_db=st.floats(-50, -15), seed=st.integers(0, 9))
@settings(max_examples=5, deadline=None)
def test_excitement_does_not_depend_on_the_level_of_the_recording(level_db: float, seed: int) -> None:
    sound = swell(murmur(60, -30, seed), 30, 45, 8)
    usual, other = hear(sound), hear(sound * np.float32(gain(level_db + 30)))
    assert np.allclose(usual.values, other.values, atol=0.01)
    assert np.allclose(np.array(other.loudness_db) - usual.loudness_db, level_db + 30, atol=0.11)


def test_a_roar_under_commentary_ranks_above_shouting_without_a_roar() -> None:
    speech = babble(120, -26)
    roar = hear(swell(murmur(120, -38), 60, 80, 12) + speech)
    shouting = hear(murmur(120, -40) + swell(speech, 60, 80, 8))
    shout = hear(murmur(120, -40) + swell(speech, 60, 64.5, 12))
    assert max(roar.values) > max(shouting.values) + 0.03
    assert max(shout.values) < 0.5


@pytest.mark.parametrize("under_db", [-100, -26])
def test_a_music_sting_is_not_a_crowd(under_db: float) -> None:
    match = murmur(120, -35) + babble(120, under_db)
    assert max(hear(put(match, music(12, -16), 60)).values) < 0.5
    assert max(hear(swell(match, 60, 72, 12)).values) > 0.8


def test_drums_that_sound_like_a_roar_are_none_where_they_are_known_to_be_music() -> None:
    drums = swell(murmur(120, -35), 60, 75, 12)
    assert max(hear(drums).values) > 0.8
    assert max(hear(drums, music_s=(60, 75)).values) < 0.3


def test_a_song_after_a_goal_does_not_hide_the_roar_before_it() -> None:
    goal = put(swell(murmur(120, -35), 50, 66, 12), music(20, -16), 60)
    assert between(hear(goal, music_s=(60, 80)), 51, 58).min() > 0.7
    assert max(between(hear(goal, music_s=(60, 80)), 82, 120)) < 0.3


def test_music_in_most_of_a_recording_is_its_background() -> None:
    roar = swell(murmur(120, -35) + music(120, -40), 60, 75, 12)
    assert hear(roar, music_s=(20, 120)) == hear(roar)


def test_a_clipped_roar_is_still_a_roar_and_clipped_speech_is_not() -> None:
    roar = np.clip(swell(murmur(120, -12), 60, 75, 10), -0.5, 0.5)
    assert between(hear(roar), 62, 73).min() > 0.6
    assert max(hear(np.clip(40 * (murmur(60, -50) + babble(60, -26)), -1, 1)).values) < 0.4


def test_a_new_gain_becomes_the_usual_level() -> None:
    excitement = hear(np.concatenate([murmur(500, -32), murmur(500, -22, seed=5)]), size=65536)
    values = np.array(excitement.values)
    assert values[1020:].max() < 0.2
    assert (values > 0.5).sum() * excitement.step_s < 6


def test_a_match_with_constant_swings_has_no_roar_at_each_of_them() -> None:
    restless = murmur(600, -30) * gain(1) ** (5 * np.sin(times(600) / 9))
    assert max(hear(restless.astype(np.float32)).values) < 0.5


@pytest.mark.parametrize("sound", [np.zeros(20 * RATE_HZ, np.float32), np.full(20 * RATE_HZ, 1e-5, np.float32)])
def test_silence_has_no_values(sound: Sound) -> None:
    assert hear(sound) == Excitement()


def test_a_recording_without_audio_has_no_values() -> None:
    assert Ears(RATE_HZ).result(60.0).crowd == Excitement()
    assert Ears(RATE_HZ).result(0.0).crowd == Excitement()


def test_silence_within_a_match_is_calm_and_does_not_turn_its_surroundings_into_a_roar() -> None:
    excitement = hear(np.concatenate([murmur(40, -30), np.zeros(40 * RATE_HZ, np.float32), murmur(40, -30, seed=3)]))
    assert max(excitement.values) < 0.2
    assert max(excitement.loudness_db[82:158]) == -120


@pytest.mark.parametrize("heard_s", [(0.0, 5.2), (7.3, 20.0)])
def test_a_murmur_that_ends_early_or_begins_late_is_no_roar(heard_s: tuple[float, float]) -> None:
    sound = murmur(20, -32)
    sound[(times(20) < heard_s[0]) | (times(20) >= heard_s[1])] = 0
    assert max(hear(sound).values) < 0.4


def test_the_result_does_not_depend_on_block_sizes() -> None:
    sound = swell(murmur(30, -30), 10, 20, 8)
    assert hear(sound, 1024) == hear(sound, 100_003) == hear(sound, 16_000)


def test_a_gap_between_blocks_keeps_its_time_and_overlapping_audio_counts_once() -> None:
    sound = swell(murmur(40, -30), 20, 30, 10)
    pieces = [(start_s, block) for start_s, block in blocks(sound) if not 4 < start_s < 8]
    assert between(listen(pieces, 40), 22, 28).min() > 0.7
    assert between(listen(pieces, 40), 0, 18).max() < 0.3
    twice = [(start_s, sound[int(start_s * RATE_HZ) :][:8192]) for start_s, _ in blocks(sound)]
    assert listen(twice, 40) == hear(sound)


def test_rounded_time_stamps_leave_no_gaps() -> None:
    sound = murmur(30, -30)
    jittery = [(max(0.0, round(start_s, 2) + 0.004), block) for start_s, block in blocks(sound)]
    assert listen(jittery, 30) == hear(sound)


def test_invalid_samples_affect_only_their_half_second() -> None:
    sound = swell(murmur(40, -30), 20, 30, 10)
    sound[5 * RATE_HZ : 5 * RATE_HZ + 50] = np.nan
    assert between(hear(sound), 22, 28).min() > 0.7
    assert np.isfinite(hear(sound).values).all()


@pytest.mark.parametrize(
    ("heard_s", "duration_s", "count"), [(10.0, 10.1, 21), (12.0, 10.0, 20), (9.8, 10.0, 20), (0.3, 0.3, 1)]
)
def test_there_is_one_value_for_every_half_second_of_video(heard_s: float, duration_s: float, count: int) -> None:
    excitement = listen(blocks(murmur(heard_s, -30)), duration_s)
    assert len(excitement.values) == len(excitement.loudness_db) == count


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage beside the repository")
def test_a_goal_of_a_real_broadcast_raises_excitement_from_its_instant_on() -> None:
    excitement = listen(blocks(read(FOOTAGE / "01_soccer_barca_lyon_goal_replays.webm")), 54.5)
    assert np.median(between(excitement, 6.5, 20)) >= 0.7
    assert between(excitement, 6.5, 20).min() >= 0.6
    assert between(excitement, 0, 3).max() < 0.4
