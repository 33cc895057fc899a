"""A replayed server: it answers what was recorded and fails the test that asks anything else."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.support.exchanges import Exchange, Recorder, Replay, load, save, without_video
from tests.support.model_server import Drawn, ModelServer, reply_with

QUESTION = Exchange("POST", "/v1/chat/completions", '{"a": 1}', 418, "text/plain", "a kettle — ☕")


def post(url: str, body: bytes) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{url}/chat/completions", body), timeout=10) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_recorded_request_is_answered_with_the_recorded_bytes(tmp_path):
    save(tmp_path / "file.json", {"talk": [QUESTION]})
    with Replay(load(tmp_path / "file.json")["talk"]) as server:
        assert post(server.url, b'{"a": 1}') == (418, "a kettle — ☕".encode())


@pytest.mark.parametrize("body", [b'{"a": 2}', b'{"a":1}'])
def test_any_other_request_fails_the_replay(body):
    with pytest.raises(AssertionError, match="sent, but not recorded"), Replay([QUESTION]) as server:
        assert post(server.url, body)[0] == 400


def test_a_request_that_is_no_longer_sent_fails_the_replay():
    with pytest.raises(AssertionError, match="recorded, but not sent"), Replay([QUESTION]):
        pass


def test_what_is_recorded_is_what_the_server_was_asked_and_answered():
    pytest.importorskip("openai")
    from highlights.backends.server import ServerBackend
    from highlights.dialects.dialect import Question

    with ModelServer(lambda seen: reply_with("From 3 to 5.")) as server, Recorder(server.url) as proxy:
        backend = ServerBackend(proxy.url)
        answer = backend.ask(Drawn(frames=6), [Question("When?")])[0]
        backend.close()
    assert [exchange.path for exchange in proxy.exchanges] == ["/v1/models", "/v1/chat/completions"]
    assert answer.text in proxy.exchanges[1].reply
    assert "data:video/mp4;base64,<6 frames of 320x192 at 2/s>" in proxy.exchanges[1].request
    assert without_video(b"no video") == "no video"
