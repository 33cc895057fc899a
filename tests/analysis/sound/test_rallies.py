"""Rallies: which hits are play, and when the sound does not tell."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highlights.analysis.sound.rallies import rallies
from highlights.records import Hit, Rallies
from tests.analysis.sound.test_hits import hear
from tests.support.sounds import RATE_HZ, Played, Sound, applause, babble, murmur, music, net_match, put, stroke

LENGTH_S = 180


@cache
def played(**options: bool) -> tuple[Sound, Played]:
    return net_match(LENGTH_S, **options)


def judged(sound: Sound) -> Rallies:
    return rallies(hear(sound), len(sound) / RATE_HZ)


def hits(*times_s: float, level_db: float = -20, rise_db: float = 30) -> list[Hit]:
    return [Hit(time_s, rise_db, level_db) for time_s in sorted(times_s)]


def rows(count: int, of: int = 7, seed: int = 1) -> list[float]:
    """Rows of hits about a second apart, one every 25 s."""
    rng = np.random.default_rng(seed)
    return [float(t) for row in range(count) for t in 10 + 25 * row + np.cumsum(np.exp(rng.normal(0, 0.25, of)))]


@pytest.mark.parametrize(
    ("under", "recall"),
    [(murmur(LENGTH_S, -75), 1.0), (murmur(LENGTH_S, -40), 1.0), (babble(LENGTH_S, -42), 0.75)],
    ids=["silence", "crowd", "commentary"],
)
def test_the_rallies_of_a_match_are_found_with_their_first_and_last_strokes(under: Sound, recall: float) -> None:
    sound, truth = played()
    found = judged(sound + under).found
    matched = [(a, b, r) for a, b in truth for r in found if r.span.start_s < b and a < r.last_s]
    assert len({a for a, _, _ in matched}) >= recall * len(truth)
    assert len(found) == len(matched)  # nothing else
    starts, ends = ([abs(r.span.start_s - a) for a, _, r in matched], [abs(r.last_s - b) for _, b, r in matched])
    assert np.median(starts) < 0.1
    assert np.median(ends) < 0.6  # the last bounce may count


@pytest.mark.parametrize("under", [murmur(LENGTH_S, -24), babble(LENGTH_S, -22)], ids=["crowd", "commentary"])
def test_where_hits_drown_in_noise_there_are_no_rallies_but_a_reason(under: Sound) -> None:
    judgement = judged(played()[0] + under)
    assert not judgement.found
    assert judgement.doubt


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (murmur(60, -30), "no ball was heard being struck"),
        (babble(60, -20), "no ball"),
        (music(120, -20), "keep a beat"),
        (put(murmur(60, -60), applause(30, -20), 10), ""),
    ],
    ids=["crowd", "speech", "music", "applause"],
)
def test_other_sounds_are_no_rallies(sound: Sound, reason: str) -> None:
    judgement = judged(sound)
    assert not judgement.found
    assert reason in judgement.doubt


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5, 1.0, 2.0])
def test_hits_at_random_are_no_rallies(rate: float) -> None:
    for seed in range(3):
        times_s = np.random.default_rng(seed).uniform(0, 600, round(600 * rate))
        judgement = rallies(hits(*times_s.tolist()), 600)
        assert len(judgement.found) <= 1
        assert judgement.found or judgement.doubt


def test_a_row_of_hits_is_one_rally_from_the_first_to_the_last() -> None:
    times_s = rows(4)
    found = rallies(hits(*times_s), 120).found
    assert [r.hits for r in found] == [7] * 4
    assert [r.span.start_s for r in found] == pytest.approx(times_s[::7], abs=0.001)
    assert [r.last_s for r in found] == pytest.approx(times_s[6::7], abs=0.001)


def test_the_ball_bounced_before_the_serve_and_rolling_away_is_not_play() -> None:
    times_s = rows(4)
    before = hits(*(times_s[7 * n] - s for n in range(4) for s in (2.4, 1.7, 1.0)), level_db=-34)
    after = hits(*(times_s[7 * n + 6] + s for n in range(4) for s in (0.9, 1.5)), level_db=-36)
    with_bounces = sorted([*hits(*times_s), *before, *after], key=lambda hit: hit.time_s)
    found = rallies(with_bounces, 120).found
    assert [r.span.start_s for r in found] == pytest.approx(times_s[::7], abs=0.001)
    assert [r.last_s for r in found] == pytest.approx(times_s[6::7], abs=0.001)


def test_two_hits_are_no_rally() -> None:
    assert not rallies(hits(*rows(6, of=2)), 160).found


def test_hits_that_never_pause_are_no_rallies() -> None:
    times_s = np.cumsum(np.exp(np.random.default_rng(1).normal(0, 0.2, 300)))
    assert rallies(hits(*times_s.tolist()), float(times_s[-1])).doubt == "the sounds that could be hits never pause"


def test_a_machine_that_beats_is_no_player() -> None:
    times_s = [10 + 25 * row + 0.5 * beat for row in range(4) for beat in range(12)]
    assert "keep a beat" in rallies(hits(*times_s), 120).doubt


def test_where_many_loud_hits_stand_alone_rallies_are_only_pieces() -> None:
    alone = [24.0 + 25 * row + 3.1 * n for row in range(4) for n in range(3)]
    assert "not heard" in rallies(hits(*rows(4), *alone), 120).doubt


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0.05, 12), st.floats(6, 60), st.floats(-60, -5)), max_size=60))
def test_rallies_are_in_order_apart_and_made_of_hits(drawn: list[tuple[float, float, float]]) -> None:
    times_s = np.cumsum([gap_s for gap_s, _, _ in drawn]).round(3).tolist()
    heard = [Hit(time_s, rise, level) for time_s, (_, rise, level) in zip(times_s, drawn, strict=True)]
    judgement = rallies(heard, 800)
    assert bool(judgement.found) != bool(judgement.doubt)
    last_s = -1.0
    for rally in judgement.found:
        assert last_s < rally.span.start_s < rally.last_s < rally.span.end_s
        assert {rally.span.start_s, rally.last_s} <= {hit.time_s for hit in heard}
        last_s = rally.last_s


def test_a_stroke_between_two_rallies_joins_nothing() -> None:
    sound, truth = played(bounces=False, claps=False)
    gap = (truth[0][1] + truth[1][0]) / 2
    found = judged(put(sound + murmur(LENGTH_S, -60), stroke(-12), gap)).found
    assert not any(r.span.start_s <= gap <= r.last_s for r in found)
