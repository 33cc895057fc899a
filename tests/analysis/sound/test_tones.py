import numpy as np
import pytest

from highlights.analysis.sound.ears import Ears
from highlights.records import Tone
from tests.support.places import FOOTAGE
from tests.support.sounds import (
    RATE_HZ,
    Sound,
    babble,
    blocks,
    buzzer,
    gain,
    murmur,
    music,
    put,
    read,
    swell,
    times,
    whistle,
)


def hear(sound: Sound, size: int = 4096) -> tuple[Tone, ...]:
    ears = Ears(RATE_HZ)
    for start_s, samples in blocks(sound, size):
        ears.add(start_s, samples)
    return ears.result(len(sound) / RATE_HZ).tones


def match(duration_s: float = 30, crowd_db: float = -36, commentary_db: float = -28) -> Sound:
    return murmur(duration_s, crowd_db) + babble(duration_s, commentary_db)


@pytest.mark.parametrize("length_s", [0.2, 0.5, 1.5])
@pytest.mark.parametrize("pitch_hz", [2300, 3100, 4200])
def test_a_pea_whistle_is_heard_through_crowd_and_commentary(pitch_hz: float, length_s: float) -> None:
    (tone,) = hear(put(match(), whistle(length_s, -22, pitch_hz), 12.34))
    assert tone.kind == "whistle"
    assert tone.span.start_s == pytest.approx(12.34, abs=0.08)
    assert tone.span.length_s == pytest.approx(length_s, abs=0.12)
    assert 0.4 < tone.confidence <= 1


@pytest.mark.parametrize(("level_db", "kinds"), [(-45, ["whistle", "buzzer"]), (-75, [])])
def test_a_tone_too_faint_to_come_from_the_pitch_is_ignored(level_db: float, kinds: list[str]) -> None:
    sound = murmur(30, level_db - 20)
    sound = put(put(sound, whistle(0.5, level_db), 5), buzzer(1.5, level_db), 20)
    assert [tone.kind for tone in hear(sound)] == kinds


def test_every_blow_of_the_final_whistle_is_one_tone() -> None:
    sound = match()
    for start_s, length_s in ((20.0, 0.4), (20.8, 0.4), (21.6, 1.2)):
        sound = put(sound, whistle(length_s, -20), start_s)
    assert [round(tone.span.start_s) for tone in hear(sound)] == [20, 21, 22]


@pytest.mark.parametrize("pitch_hz", [180, 262, 440])
def test_a_buzzer_is_heard_through_the_crowd(pitch_hz: float) -> None:
    (tone,) = hear(put(match(), buzzer(1.5, -14, pitch_hz), 8.2))
    assert tone.kind == "buzzer"
    assert tone.span.start_s == pytest.approx(8.2, abs=0.15)
    assert tone.span.end_s == pytest.approx(9.7, abs=0.15)


def test_a_buzzer_is_heard_even_if_the_crowd_is_nearly_as_loud() -> None:
    sound = murmur(64, -20)
    for number in range(10):
        sound = put(sound, buzzer(1.2, -15, 260 + 20 * number), 2 + 6 * number)
    assert len([tone for tone in hear(sound) if tone.kind == "buzzer" and tone.span.length_s > 1]) >= 8


@pytest.mark.parametrize(
    "sound",
    [
        match(60),
        murmur(60, -20),
        swell(murmur(60, -30), 20, 40, 15) + babble(60, -24),
        babble(60, -20, seed=4, pitch_hz=240),
        match(60) + music(60, -18),
        music(60, -15, seed=8),
        np.clip(murmur(60, 0), -0.3, 0.3),
        np.zeros(10 * RATE_HZ, np.float32),
    ],
    ids=["commentary", "murmur", "roar", "high voice", "commentary over music", "music", "clipped crowd", "silence"],
)
def test_other_sounds_are_neither_whistle_nor_buzzer(sound: Sound) -> None:
    assert hear(sound) == ()


@pytest.mark.parametrize(
    "sound",
    [
        buzzer(0.3, -14),
        (gain(-14) * np.sin(2 * np.pi * 440 * times(2))).astype(np.float32),
        (buzzer(3, -8) * np.exp(-times(3) * 3)).astype(np.float32),
        swell(buzzer(6, -34), 0, 6, 20, ramp_s=3),
    ],
    ids=["too short", "pure tone", "a struck note", "swelling"],
)
def test_a_sound_without_the_envelope_of_a_buzzer_is_ignored(sound: Sound) -> None:
    assert hear(put(murmur(20, -40), sound, 8)) == ()


def test_a_tone_that_never_ends_is_not_reported() -> None:
    assert hear(put(murmur(30, -40), whistle(30, -20), 0)) == ()
    assert hear(put(murmur(30, -40), buzzer(30, -14), 0)) == ()


def test_tones_are_ordered_by_time_and_do_not_depend_on_blocks() -> None:
    sound = put(put(match(), buzzer(1.2, -12), 20), whistle(0.5, -20), 9.9)
    assert [tone.kind for tone in hear(sound)] == ["whistle", "buzzer"]
    assert hear(sound, 1024) == hear(sound, 100_003)


def test_a_tone_cut_off_by_the_end_of_the_recording_is_heard() -> None:
    assert [tone.kind for tone in hear(put(match(10), whistle(0.6, -20), 9.4))] == ["whistle"]


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage beside the repository")
@pytest.mark.parametrize("name", ["01_soccer_barca_lyon_goal_replays.webm", "26_basketball_outdoor_amateur.mp4"])
def test_real_commentary_and_children_are_neither_whistle_nor_buzzer(name: str) -> None:
    assert hear(read(FOOTAGE / name)) == ()
