from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.records import Clip
from highlights.reel.plan import SAMPLE_RATE_HZ, STANDARD_RATES, lay_out, sample_at, standard_rate
from highlights.spans import Span

lengths = st.lists(st.integers(1, 60_000), min_size=1, max_size=60)
rates = st.sampled_from(STANDARD_RATES)


def clips_of(lengths_ms: list[int]) -> list[Clip]:
    return [Clip(Span(10, 10 + length / 1000), (0,), "Goal") for length in lengths_ms]


@given(lengths, rates)
def test_every_clip_is_within_half_a_frame_of_its_length_and_begins_where_the_one_before_ends(lengths_ms, rate):
    takes = lay_out(clips_of(lengths_ms), rate)
    for take, length_ms in zip(takes, lengths_ms, strict=True):
        assert take.frames == 1 or abs(take.duration_s - length_ms / 1000) <= 0.5 / rate + 1e-9
    assert [take.first_frame for take in takes[1:]] == [take.first_frame + take.frames for take in takes[:-1]]


@given(lengths, rates, st.integers(0, 100))
def test_the_sound_of_any_number_of_clips_never_strays_from_their_pictures_by_a_sample(lengths_ms, rate, card_frames):
    takes = lay_out(clips_of(lengths_ms), rate, first_frame=card_frames)
    heard = sample_at(card_frames, rate)
    for take in takes:
        assert 0 <= take.first_frame / rate - Fraction(heard, SAMPLE_RATE_HZ) < Fraction(1, SAMPLE_RATE_HZ)
        heard += take.samples


@pytest.mark.parametrize(
    ("measured", "standard"),
    [
        (Fraction(25), Fraction(25)),
        (Fraction(2997, 100), Fraction(30_000, 1001)),
        (Fraction(23_976, 1000), Fraction(24_000, 1001)),
        (Fraction(279, 10), Fraction(30_000, 1001)),
        (Fraction(15), Fraction(30)),
        (Fraction(120), Fraction(60)),
        (Fraction(0), Fraction(25)),
    ],
)
def test_odd_frame_rates_become_the_nearest_rate_that_players_expect(measured, standard):
    assert standard_rate(measured) == standard
