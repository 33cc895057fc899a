from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.records import Clip
from highlights.reel.plan import SAMPLE_RATE_HZ, STANDARD_RATES, kept_to, lay_out, placed, play, sample_at, standard_rate
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


@given(lengths, rates, st.integers(0, 60))
def test_takes_that_share_frames_are_never_three_at_once(lengths_ms, rate, shared):
    takes = lay_out(clips_of(lengths_ms), rate, shared_frames=shared)
    for before, take in pairwise(takes):
        assert before.first_frame + before.frames - take.first_frame == take.shared_frames <= shared
    for first, third in zip(takes, takes[2:], strict=False):
        assert first.first_frame + first.frames <= third.first_frame


@given(st.lists(st.integers(1000, 9000), min_size=1, max_size=40), rates, st.integers(0, 10))
def test_a_film_that_is_a_little_too_long_by_rounding_loses_a_frame_here_and_there(lengths_ms, rate, shared):
    takes = [play(clip, rate) for clip in clips_of(lengths_ms)]
    frames = sum(take.frames for take in placed(takes, shared_frames=shared)) - shared * (len(takes) - 1)
    most = frames - min(len(takes), 5)
    kept = kept_to(takes, most, shared)
    last = placed(kept, shared_frames=shared)[-1]
    assert last.first_frame + last.frames == most
    assert all(
        take.frames == sum(step.frames for step in take.steps) >= before.frames - 2
        for take, before in zip(kept, takes, strict=True)
    )


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
