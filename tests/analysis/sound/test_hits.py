"""Hits: short bursts of noise, heard in the middle of everything else."""

from __future__ import annotations

import numpy as np
import pytest

from highlights.analysis.sound.ears import Ears
from highlights.records import Hit
from tests.support.sounds import RATE_HZ, Sound, babble, blocks, buzzer, murmur, music, put, stroke, swell, whistle


def hear(sound: Sound, size: int = 4096) -> tuple[Hit, ...]:
    ears = Ears(RATE_HZ, hits=True)
    for start_s, samples in blocks(sound, size):
        ears.add(start_s, samples)
    return ears.result(len(sound) / RATE_HZ).hits


def struck(under: Sound, at_s: list[float], level_db: float = -15) -> Sound:
    for number, time_s in enumerate(at_s):
        under = put(under, stroke(level_db, number), time_s)
    return under


AT_S = [1.0, 2.2, 3.1, 4.5, 5.2, 7.99, 8.6, 12.3, 15.9, 16.8]  # some on either side of the batches' edges at 8 and 16 s


@pytest.mark.parametrize("under_db", [-70, -50, -40])
def test_every_hit_is_heard_to_a_hundredth_of_a_second_over_a_crowd(under_db: float) -> None:
    hits = hear(struck(murmur(20, under_db), AT_S))
    assert [hit.time_s for hit in hits] == pytest.approx(AT_S, abs=0.01)


def test_a_hit_as_loud_as_the_noise_is_not_heard() -> None:
    assert not hear(struck(murmur(20, -22), AT_S))


def test_the_louder_hit_has_the_higher_level_and_rise() -> None:
    soft, loud = hear(put(put(murmur(5, -50), stroke(-24), 1), stroke(-12), 3))
    assert loud.level_db - soft.level_db == pytest.approx(12, abs=1)
    assert loud.rise_db > soft.rise_db + 6


@pytest.mark.parametrize(
    "other",
    [
        babble(20, -20),
        murmur(20, -20),
        swell(murmur(20, -30), 5, 12, 15),
        put(murmur(20, -40), whistle(0.5, -15), 6),
        put(murmur(20, -40), buzzer(1.0, -12), 6),
    ],
    ids=["speech", "crowd", "roar", "whistle", "buzzer"],
)
def test_other_sounds_of_a_match_are_hardly_ever_hits(other: Sound) -> None:
    assert len(hear(other)) <= 1


def test_noise_that_starts_at_once_and_stays_is_no_hit() -> None:
    assert not hear(put(murmur(5, -50), murmur(0.5, -20), 2))


def test_a_drum_is_a_hit_by_its_sound() -> None:
    assert len(hear(music(20, -20))) >= 5  # that it keeps a beat is not for this ear to know


def test_hits_do_not_depend_on_the_blocks_that_the_sound_comes_in() -> None:
    sound = struck(murmur(20, -50) + babble(20, -45), AT_S)
    assert hear(sound, 999) == hear(sound, 4096) == hear(sound, 50_000)


def test_hits_keep_their_time_after_a_gap_in_the_sound() -> None:
    ears = Ears(RATE_HZ, hits=True)
    sound = struck(murmur(20, -50), AT_S)
    for start_s, samples in blocks(sound, 4000):
        if not 9 <= start_s < 11:
            ears.add(start_s, samples)
    assert [hit.time_s for hit in ears.result(20).hits] == pytest.approx([*AT_S], abs=0.01)


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(10, np.float32), np.zeros(RATE_HZ * 3, np.float32)])
def test_silence_and_recordings_of_any_length_have_no_hits(sound: Sound) -> None:
    assert hear(sound) == ()


def test_a_single_click_in_a_very_short_recording_is_no_error() -> None:
    assert len(hear(put(np.zeros(RATE_HZ, np.float32), stroke(-12), 0.5))) == 1
