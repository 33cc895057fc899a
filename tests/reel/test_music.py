import av
import numpy as np
import pytest

from highlights.reel.music import DUCKED_DB, LEVEL_DB, MusicBed
from highlights.reel.plan import SAMPLE_RATE_HZ


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    """One second of a loud tone."""
    path = tmp_path_factory.mktemp("music") / "tone.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=SAMPLE_RATE_HZ, layout="stereo")
        wave = (32000 * np.sin(np.arange(SAMPLE_RATE_HZ) * 2 * np.pi * 480 / SAMPLE_RATE_HZ)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None], "s16", "stereo")
        frame.sample_rate = SAMPLE_RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def crowd(loudness_db, seconds):
    noise = np.random.default_rng(0).standard_normal((seconds * SAMPLE_RATE_HZ, 2))
    return (10 ** (loudness_db / 20) * noise).astype(np.float32)


def levels_db(music, every_s=0.1):
    pieces = music[:, 0].reshape(-1, round(every_s * SAMPLE_RATE_HZ))
    return 20 * np.log10(np.abs(pieces).max(axis=1) + 1e-9)


def test_music_ducks_at_once_under_a_crowd_and_returns_slowly(tone):
    match = np.concatenate([crowd(-70, 4), crowd(-20, 3), crowd(-70, 8)])
    bed = MusicBed(tone, 60 * SAMPLE_RATE_HZ)
    level = levels_db(np.concatenate([bed.under(block) for block in np.split(match, [100_000, 250_000, 250_000])]))
    assert level[20:39] == pytest.approx(LEVEL_DB, abs=0.5)
    assert level[42:69] == pytest.approx(DUCKED_DB, abs=0.5)
    assert level[110:] == pytest.approx(LEVEL_DB, abs=0.5)
    assert max(np.diff(level[70:110])) < 2.5


def test_music_does_not_depend_on_how_the_sound_of_the_match_is_split(tone):
    match = np.concatenate([crowd(-60, 1), crowd(-25, 1)])
    whole = MusicBed(tone, 10 * SAMPLE_RATE_HZ).under(match)
    bed = MusicBed(tone, 10 * SAMPLE_RATE_HZ)
    pieces = np.concatenate([bed.under(piece) for piece in np.split(match, [960 * 10, 960 * 55])])
    assert pieces == pytest.approx(whole, abs=1e-4)
