import numpy as np
import pytest

from highlights.analysis.sound.ears import Ears
from highlights.analysis.sound.roars import Roar, roars
from highlights.records import Excitement
from tests.support.sounds import RATE_HZ, Sound, babble, blocks, murmur, swell


def heard(sound: Sound) -> list[Roar]:
    ears = Ears(RATE_HZ)
    for start_s, samples in blocks(sound):
        ears.add(start_s, samples)
    return roars(ears.result(len(sound) / RATE_HZ).crowd)


@pytest.mark.parametrize("commentary_db", [-100, -28])
@pytest.mark.parametrize("start_s", [6.3, 60, 104.2])
def test_a_roar_begins_where_the_level_jumps(start_s: float, commentary_db: float) -> None:
    (roar,) = heard(swell(murmur(120, -30), start_s, start_s + 12, 10) + babble(120, commentary_db))
    assert roar.onset_s == pytest.approx(start_s, abs=1.5)
    assert roar.peak_s == pytest.approx(start_s, abs=3)
    assert roar.span.end_s == pytest.approx(start_s + 12, abs=2.5)
    assert roar.strength > 0.7


def test_a_rise_during_the_attack_does_not_move_the_onset_of_the_roar() -> None:
    attack = swell(murmur(120, -34), 50, 80, 5, ramp_s=4)
    (roar, *_) = heard(swell(attack, 60, 75, 10))
    assert roar.onset_s == pytest.approx(60, abs=1)


def test_roars_are_ranked_by_how_far_they_rise() -> None:
    sound = murmur(180, -34)
    for start_s, by_db in ((30, 5.5), (80, 12), (130, 8)):
        sound = swell(sound, start_s, start_s + 12, by_db)
    strengths = [roar.strength for roar in heard(sound)]
    assert len(strengths) == 3
    assert np.argsort(strengths).tolist() == [0, 2, 1]


def test_a_flat_or_silent_match_has_no_roar() -> None:
    assert heard(murmur(30, -30)) == []
    assert roars(Excitement()) == []


def test_a_deep_dip_separates_two_roars_and_a_shallow_one_does_not() -> None:
    loudness = (-20.0,) * 60
    deep = Excitement(0.5, (0.9,) * 20 + (0.6,) * 20 + (0.9,) * 20, loudness)
    flat = Excitement(0.5, (0.9,) * 20 + (0.8,) * 20 + (0.9,) * 20, loudness)
    assert [len(roars(e)) for e in (deep, flat)] == [2, 1]
    assert roars(deep)[0].span.end_s == roars(deep)[1].span.start_s


def test_a_short_dip_below_the_least_excitement_does_not_end_a_roar() -> None:
    loudness = (-20.0,) * 60
    breath = Excitement(0.5, (0.6,) * 28 + (0.45,) * 4 + (0.6,) * 28, loudness)
    pause = Excitement(0.5, (0.6,) * 20 + (0.45,) * 20 + (0.6,) * 20, loudness)
    assert [len(roars(e)) for e in (breath, pause)] == [1, 2]


def test_half_a_second_of_noise_is_not_a_roar() -> None:
    assert roars(Excitement(0.5, (0.0,) * 10 + (1.0,) + (0.0,) * 10, (-20.0,) * 21)) == []


def rarities(duration_s: float, *strengths: float) -> list[float]:
    """The rarity of roars of these strengths, half a minute apart."""
    values = [0.0] * round(2 * duration_s)
    for number, strength in enumerate(strengths):
        values[60 * number + 20 : 60 * number + 40] = [strength] * 20
    return [roar.rarity for roar in roars(Excitement(0.5, tuple(values), (-20.0,) * len(values)))]


def test_a_roar_far_above_the_others_of_its_match_is_rare_however_quiet_it_is() -> None:
    assert rarities(720, 0.55, 0.79, 0.58, 0.56) == [0, 1, 0, 0]


def test_two_equal_roars_above_all_others_are_both_rare() -> None:
    assert rarities(720, 0.86, 0.6, 0.66, 0.86, 0.65) == [1, 0, 0, 1, 0]


def test_roars_of_which_none_stands_out_are_not_rare() -> None:
    assert rarities(720, 0.82, 0.8, 0.77, 0.76, 0.72) == [0] * 5
    assert rarities(720, 0.95, 0.95, 0.95) == [0] * 3


def test_a_louder_match_needs_a_louder_roar_to_be_rare() -> None:
    quiet, loud = rarities(720, 0.8, 0.55, 0.55, 0.55), rarities(720, 0.8, 0.75, 0.75, 0.75)
    assert quiet[0] > 0.9
    assert loud[0] == 0


def test_a_short_recording_does_not_show_what_is_rare() -> None:
    assert rarities(290, 0.9, 0.55, 0.55) == [0] * 3


@pytest.mark.parametrize("sets_in_s", [10.0, 45.0, 57.5])
def test_sound_that_sets_in_late_does_not_move_the_onset_of_a_roar(sets_in_s: float) -> None:
    sound = swell(murmur(180, -30), 60, 75, 10)
    sound[: round(sets_in_s * RATE_HZ)] = 0
    (roar,) = heard(sound)
    assert roar.onset_s == pytest.approx(60, abs=0.5)


def test_a_roar_during_which_the_sound_sets_in_was_not_heard_to_rise() -> None:
    sound = swell(murmur(180, -30), 60, 75, 10)
    sound[: round(64 * RATE_HZ)] = 0
    assert heard(sound) == []
