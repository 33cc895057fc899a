"""Which decoders a recording may use, and how large it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from highlights.errors import HighlightsError, RecordingError
from highlights.media import decoders
from highlights.media.probe import open_recording
from highlights.media.source import opened, picture_stream
from tests.support.commands import highlights
from tests.support.drawing import Look, Sound, draw_video

UNUSUAL = Look(codec="magicyuv", pix_fmt="yuv420p", b_frames=0)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    def put(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        decoders.limits.cache_clear()

    yield put
    decoders.limits.cache_clear()


def test_an_unusual_codec_is_refused_unless_all_are_allowed(tmp_path: Path, setting: Callable[[str, str], None]) -> None:
    video = draw_video(tmp_path / "a.avi", duration_s=1, look=UNUSUAL, sounds=())
    with pytest.raises(RecordingError, match=r"codec \(magicyuv\) is unusual.*--any-codec"):
        open_recording([video])
    setting(decoders.ANY, "1")
    assert open_recording([video]).parts[0].video_codec == "magicyuv"


def test_every_command_that_reads_a_recording_can_allow_all_codecs(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "a.avi", duration_s=2, look=UNUSUAL, sounds=())
    refused = highlights("scenes", video)
    assert (refused.returncode, "--any-codec" in refused.stderr) == (1, True)
    assert highlights("scenes", video, "--any-codec").returncode == 0


def test_the_usual_video_stream_is_read_where_the_default_one_is_unusual(tmp_path: Path) -> None:
    unusual = draw_video(tmp_path / "a.avi", duration_s=1, look=UNUSUAL, sounds=())
    usual = draw_video(tmp_path / "b.avi", duration_s=1, look=Look(b_frames=0), sounds=())
    both = tmp_path / "both.avi"
    with av.open(str(unusual)) as first, av.open(str(usual)) as second, av.open(str(both), "w") as out:
        streams = [out.add_stream_from_template(source.streams.video[0]) for source in (first, second)]
        streams[0].disposition = av.stream.Disposition.default
        for source, stream in zip((first, second), streams, strict=True):
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
    with opened(both) as container:
        assert [stream.pix_fmt for stream in container.streams.video] == [None, "yuv420p"]  # FFmpeg did not look into the first
        assert picture_stream(both, container).codec_context.name == "h264"


def test_sound_in_an_unusual_codec_is_reported_and_not_decoded(tmp_path: Path) -> None:
    from highlights.media.faults import FaultCounter

    video = draw_video(tmp_path / "a.mkv", duration_s=2, sounds=(Sound(codec="wavpack"),))
    faults = FaultCounter()
    assert open_recording([video], faults=faults).parts[0].audio_track is None
    assert ["wavpack" in fault.problem for fault in faults.faults] == [True]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HIGHLIGHTS_MAX_PIXELS", "50000", "pictures of 320x180 are too large"),
        ("HIGHLIGHTS_MAX_STREAMS", "1", "too many streams"),
    ],
)
def test_a_recording_beyond_a_limit_is_refused(
    name: str, value: str, told: str, tmp_path: Path, setting: Callable[[str, str], None]
) -> None:
    video = draw_video(tmp_path / "a.mp4", duration_s=1)
    setting(name, value)
    with pytest.raises(RecordingError, match=told):
        open_recording([video])


def test_pictures_that_grow_beyond_the_limit_in_the_middle_are_not_decoded(
    tmp_path: Path, setting: Callable[[str, str], None]
) -> None:
    small = draw_video(tmp_path / "a.h264.ts", duration_s=1, sounds=()).read_bytes()
    large = draw_video(tmp_path / "b.h264.ts", duration_s=1, sounds=(), look=Look(size=(1280, 720))).read_bytes()
    both = tmp_path / "both.ts"
    both.write_bytes(small + large)
    setting("HIGHLIGHTS_MAX_PIXELS", "100000")
    with opened(both) as container:
        stream = picture_stream(both, container)
        sizes = set()
        for packet in container.demux(stream):
            try:
                sizes |= {(picture.width, picture.height) for picture in packet.decode()}
            except av.error.FFmpegError:
                sizes.add("refused")
    assert sizes == {(320, 180), "refused"}


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e3", "9" * 40])
def test_an_invalid_limit_is_an_error_that_names_it(value: str, setting: Callable[[str, str], None]) -> None:
    setting("HIGHLIGHTS_MAX_HOURS", value)
    with pytest.raises(HighlightsError, match=f"HIGHLIGHTS_MAX_HOURS={value}: must be a whole number"):
        decoders.limits()


def test_every_decoder_of_the_list_exists_under_that_name() -> None:
    missing = {name for name in decoders.VIDEO | decoders.AUDIO if not _is_decoder(name)}
    assert missing == set()


def _is_decoder(name: str) -> bool:
    try:
        return av.Codec(name, "r").is_decoder
    except av.codec.codec.UnknownCodecError:
        return False
