"""Which audio track is used, and what the program reports about one that is silent or cannot be decoded."""

import numpy as np
import pytest

from highlights.errors import RecordingError
from highlights.media.audio import read_audio
from highlights.media.faults import FaultCounter
from highlights.media.probe import open_recording
from highlights.media.tracks import is_decodable, loudest_db, silence_note
from tests.support.drawing import Look, Sound, draw_video

SMALL = Look(size=(160, 90))
SILENT = Sound(wave=lambda times: np.zeros(len(times)), title="Desktop")
TONE = Sound(wave=lambda times: 0.3 * np.sin(2 * np.pi * 440 * times) * (1 + np.sin(7 * times)) / 2)
GAME = Sound((1.0, 2.0), title="Game")


def broken(path, track_id):
    """Overwrite the packets of one audio track of a Matroska file, so that no decoder takes them."""
    import av

    content = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.audio[track_id]):
            data = bytes(packet)
            at = content.find(data) if len(data) > 8 else -1
            if at >= 0:
                content[at : at + len(data)] = bytes([0xFF]) * len(data)
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def undecodable(tmp_path_factory):
    """A recording whose default track cannot be decoded, with another one that can."""
    folder = tmp_path_factory.mktemp("tracks")
    path = draw_video(folder / "a.mkv", duration_s=3, look=SMALL, sounds=[TONE, GAME])
    return broken(path, 0)


def test_a_default_track_that_cannot_be_decoded_is_replaced_and_reported(undecodable):
    faults = FaultCounter()
    recording = open_recording([undecodable], faults=faults)
    assert recording.parts[0].audio_track == 1
    assert [fault.problem for fault in faults.faults] == [
        "audio track 0 (aac) cannot be decoded here, so track 1 is used instead"
    ]
    samples = np.concatenate([block for _, block in read_audio(recording)])
    assert np.abs(samples).max() > 0.1


def test_a_chosen_track_that_cannot_be_decoded_is_refused_with_those_that_can(undecodable):
    with pytest.raises(RecordingError, match=r"audio track 0 cannot be decoded here; available: 1 \(Game\)"):
        open_recording([undecodable], audio_track=0)
    assert open_recording([undecodable], audio_track=1).parts[0].audio_track == 1


def test_a_recording_without_any_track_that_can_be_decoded_is_read_without_sound_and_says_so(tmp_path):
    path = broken(draw_video(tmp_path / "a.mkv", duration_s=2, look=SMALL, sounds=[TONE]), 0)
    faults = FaultCounter()
    recording = open_recording([path], faults=faults)
    assert recording.parts[0].audio_track is None
    assert [fault.problem for fault in faults.faults] == [
        "audio track 0 (aac) cannot be decoded here, so it is read without sound"
    ]


def test_a_track_that_begins_late_or_is_damaged_at_first_can_be_decoded(tmp_path):
    late = draw_video(tmp_path / "a.mp4", duration_s=4, look=SMALL, sounds=[Sound((3.0,), start_s=2.0)])
    assert is_decodable(late, 0)


def test_the_note_on_a_silent_track_names_those_with_sound(tmp_path):
    sounds = [SILENT, GAME, Sound(wave=lambda times: np.zeros(len(times)))]
    (part,) = open_recording([draw_video(tmp_path / "obs.mkv", duration_s=3, look=SMALL, sounds=sounds)]).parts
    assert loudest_db(part, 0) < -75 < loudest_db(part, 1)
    assert silence_note(part) == (f"{part.path}: audio track 0 is silent; 1 (Game) has sound: choose one with --audio-track 1")


def test_the_note_on_a_silent_recording_says_that_nothing_has_sound(tmp_path):
    (alone,) = open_recording([draw_video(tmp_path / "a.mp4", duration_s=2, look=SMALL, sounds=[SILENT])]).parts
    assert silence_note(alone) == f"{alone.path}: audio track 0 is silent from beginning to end"
