"""All ears share one line of audio and one spectrum."""

import tracemalloc

import numpy as np
import pytest

from highlights.analysis.sound.ears import Ears
from highlights.analysis.sound.spectrum import Spectrum
from tests.support.sounds import RATE_HZ, Sound, murmur, put, stroke, swell, whistle


def match() -> Sound:
    sound = put(swell(murmur(60, -30), 20, 32, 10), whistle(0.5, -15), 45)
    return put(sound, stroke(-5), 50)


def test_one_pass_hears_the_crowd_tones_and_hits() -> None:
    ears, sound = Ears(RATE_HZ, hits=True), match()
    ears.add(0.0, sound)
    heard = ears.result(60.0)
    assert len(heard.crowd.values) == 120
    assert np.median(heard.crowd.values[44:60]) > 0.7
    assert [(tone.kind, round(tone.span.start_s)) for tone in heard.tones] == [("whistle", 45)]
    assert 50.0 in [round(hit.time_s, 2) for hit in heard.hits]


def test_hits_are_not_searched_for_where_the_sport_has_none() -> None:
    ears = Ears(RATE_HZ)
    ears.add(0.0, match())
    assert ears.result(60.0).hits == ()


def test_the_spectrum_of_each_half_second_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sound, ears, transformed, rfft = murmur(60, -30), Ears(RATE_HZ), [], np.fft.rfft
    monkeypatch.setattr(np.fft, "rfft", lambda frames: transformed.append(len(frames)) or rfft(frames))
    ears.add(0.0, sound)
    ears.result(60.0)
    assert sum(transformed) == 60 * 32  # frames that start 31.25 ms apart


def test_memory_does_not_grow_with_the_length_of_the_match() -> None:
    block, ears = murmur(10, -30), Ears(RATE_HZ, hits=True)
    ears.add(0.0, block)
    tracemalloc.start()
    for number in range(1, 61):
        ears.add(number * 10.0, block)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 0.5e6  # ten minutes of sound are 38 MB


def test_a_sample_rate_not_divisible_into_half_seconds_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        Spectrum(44_100)
