import os
import socket
from pathlib import Path

import av
import numpy as np
import pytest

from highlights.errors import RecordingError
from highlights.media.probe import open_recording, probe
from tests.support.drawing import Look, draw_video


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return draw_video(tmp_path_factory.mktemp("good") / "good.ts", duration_s=1)


def refusal(path):
    with pytest.raises(RecordingError) as caught:
        probe(Path(path))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{Path(path)}: ")
    return message


def test_a_missing_file_is_reported(tmp_path):
    assert "no such file" in refusal(tmp_path / "absent.mp4")


def test_a_folder_is_reported(tmp_path):
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file_is_reported(tmp_path):
    (tmp_path / "a.mp4").touch()
    assert "is empty" in refusal(tmp_path / "a.mp4")


def test_a_text_file_named_mp4_is_reported(tmp_path):
    (tmp_path / "a.mp4").write_text("the goal is at 6.3 s\n" * 100)
    assert "is text" in refusal(tmp_path / "a.mp4")


@pytest.mark.parametrize("content", [bytes(50_000), bytes(range(256)) * 200, b"\x89PNG\r\n\x1a\n" + bytes(2000)])
def test_a_file_that_is_not_a_video_is_reported(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    assert "is not a video" in refusal(tmp_path / "a.mp4")


def test_an_mp4_cut_off_before_its_index_is_reported(tmp_path):
    whole = draw_video(tmp_path / "whole.mp4", duration_s=1).read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: whole.index(b"moov") - 100])
    assert "cut off before its index (moov)" in refusal(tmp_path / "a.mp4")


def test_a_file_with_only_audio_is_reported(tmp_path):
    with av.open(str(tmp_path / "a.m4a"), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), "s16", "mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert "has audio but no video" in refusal(tmp_path / "a.m4a")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_single_picture_is_reported(tmp_path, suffix):
    assert "only a single frame" in refusal(draw_video(tmp_path / f"a{suffix}", duration_s=0.04))


def test_cover_art_is_not_taken_for_video(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 640, 640, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        sound = container.add_stream("aac", rate=48000, layout="mono")
        container.mux(cover.encode(av.VideoFrame(640, 640, "yuvj420p")))
        container.mux(cover.encode(None))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), "s16", "mono")
        frame.sample_rate = 48000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    assert "but no video" in refusal(path)


def test_a_file_without_a_decodable_frame_is_reported(tmp_path):
    whole = bytearray(draw_video(tmp_path / "whole.mp4", duration_s=0.4, look=Look(b_frames=0), sounds=()).read_bytes())
    begin, end = whole.index(b"mdat") + 4, whole.index(b"moov") - 4
    whole[begin:end] = bytes(end - begin)
    (tmp_path / "a.mp4").write_bytes(whole)
    assert "no frame that can be decoded" in refusal(tmp_path / "a.mp4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_and_devices_are_refused_without_waiting_for_them(tmp_path):
    os.mkfifo(tmp_path / "a.mp4")
    assert "is a device or pipe" in refusal(tmp_path / "a.mp4")
    assert "is a device or pipe" in refusal("/dev/zero")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_reported(tmp_path):
    (tmp_path / "a.mp4").write_bytes(bytes(100))
    (tmp_path / "a.mp4").chmod(0)
    assert "may not be read" in refusal(tmp_path / "a.mp4")


@pytest.mark.parametrize("name", ["-", "pipe:0", "http://127.0.0.1:9/a.mp4", "concat:good.ts|good.ts", "file:good.ts"])
def test_a_file_name_is_never_interpreted_as_a_protocol(good, monkeypatch, name):
    monkeypatch.chdir(good.parent)
    assert "no such file" in refusal(name)


def test_a_file_may_have_the_name_of_a_protocol(good, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("concat:a", "-", "a b#?%20.ts", "tor früh ⚽.ts"):
        Path(name).write_bytes(good.read_bytes())
        assert probe(Path(name)).duration_s == pytest.approx(1.0)


@pytest.mark.parametrize("suffix", [".m3u8", ".mp4", ".ts", ".ffconcat", ".sdp", ".mpd"])
def test_a_playlist_opens_neither_other_files_nor_the_network(good, tmp_path, suffix):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        for text in (
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{good}\n#EXT-X-ENDLIST\n",
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
            f"ffconcat version 1.0\nfile '{good}'\n",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
            f'<?xml version="1.0"?><MPD type="static"><Period><AdaptationSet><Representation id="1"><BaseURL>{url}</BaseURL>'
            "</Representation></AdaptationSet></Period></MPD>",
        ):
            path = tmp_path / f"a{suffix}"
            path.write_text(text)
            assert "is text" in refusal(path)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_of_several_parts_the_faulty_one_is_named(good, tmp_path):
    with pytest.raises(RecordingError, match="second") as caught:
        open_recording([good, tmp_path / "second.mp4"])
    assert caught.value.path == tmp_path / "second.mp4"
