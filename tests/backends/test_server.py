"""A model behind a server: what is sent, how replies are parsed, and how every kind of failure ends."""

from __future__ import annotations

import io
import math
import threading

import cv2
import numpy as np
import pytest

from highlights.backends.backend import Token
from highlights.backends.patience import Patience
from highlights.backends.replies import BARE_YES
from highlights.backends.server import GONE_AFTER, ServerBackend
from highlights.dialects.dialect import Question
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2
from highlights.errors import ModelError
from highlights.media.footage.reader import WindowReader
from highlights.media.probe import open_recording
from highlights.records import Window
from highlights.spans import Span
from tests.support.drawing import draw_video, number_of
from tests.support.model_server import Drawn, ModelServer, Seen, cut, drip, endless, hang_up, page, reply_with, stall, status

pytest.importorskip("openai")

FIND = Question("When does a player shoot?")
CHECK = Question("Does a player shoot? Answer yes or no.", 8, "yes_no")
FOOTAGE = Drawn()


OPENED: list[ServerBackend] = []


@pytest.fixture(autouse=True)
def no_keys_before_and_nothing_open_after(monkeypatch, tmp_path):
    monkeypatch.setenv(
        "SSL_CERT_DIR", str(tmp_path)
    )  # nothing here is encrypted; reading all certificates takes 0.1 s per client
    for name in ("HIGHLIGHTS_API_KEY", "OPENAI_API_KEY", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield
    while OPENED:
        OPENED.pop().close()


def echo(seen: Seen):
    return reply_with(f"heard: {seen.text}")


def backend(
    server: ModelServer, dialect=MARLIN, *, url: str = "", waits: list[float] | None = None, **choices
) -> ServerBackend:
    """A backend that records how long it would have waited, without waiting."""
    OPENED.append(ServerBackend(url or server.url, dialect, wait=(waits if waits is not None else []).append, **choices))
    return OPENED[-1]


def questions(count: int) -> list[Question]:
    return [Question(f"question {number}") for number in range(count)]


# what is sent


def test_all_frames_arrive_in_order_with_their_size_and_times():
    with ModelServer(echo) as server:
        backend(server).ask(Drawn(frames=60), [FIND])
        seen = server.asked[0]
    assert [number_of(picture[..., 1]) for picture in seen.pictures] == list(range(60))
    assert seen.pictures.shape == (60, 192, 320, 3)
    assert seen.times_s == [number / 2 for number in range(60)]
    assert seen.mean_rate_hz == 2.0


def test_the_frames_of_a_recording_are_sent_unchanged(tmp_path):
    recording = open_recording([draw_video(tmp_path / "match.mp4", duration_s=6, rate=25)])
    with ModelServer(echo) as server, WindowReader(recording, MARLIN.sampling, decoder="pyav") as reader:
        footage = reader.footage(Window(Span(1, 5)))
        backend(server).ask(footage, [FIND])
        seen = server.asked[0]
    assert [number_of(p[..., 1]) for p in seen.pictures] == [number_of(p[..., 1]) for p in footage.pictures()]
    assert number_of(seen.pictures[2, ..., 1]) == 50, "two seconds into the match"
    assert seen.times_s == list(footage.times_s)


def test_colours_survive_the_transfer():
    with ModelServer(echo) as server:
        backend(server).ask(FOOTAGE, [FIND])
        seen = server.asked[0]
    away = np.abs(seen.pictures.astype(int) - FOOTAGE.pictures())
    assert away.mean() < 4
    assert np.abs(seen.pictures.mean(axis=(0, 1, 2)) - FOOTAGE.pictures().mean(axis=(0, 1, 2))).max() < 1


def test_a_single_frame_is_sent_twice_because_vllm_reads_none_from_a_video_of_one():
    with ModelServer(echo) as server:
        backend(server).ask(Drawn(frames=1), [FIND])
        seen = server.asked[0]
    assert [number_of(picture[..., 1]) for picture in seen.pictures] == [0, 0]
    assert seen.mean_rate_hz == 2.0


@pytest.mark.parametrize("frames", [2, 3, 59, 60])
def test_a_server_that_samples_by_the_container_gets_every_frame_at_two_a_second(frames, tmp_path):
    with ModelServer(echo) as server:
        backend(server).ask(Drawn(frames=frames), [FIND])
        (tmp_path / "proxy.mp4").write_bytes(server.asked[0].video)
    video = cv2.VideoCapture(str(tmp_path / "proxy.mp4"))
    count, rate_hz = video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)
    assert (count, rate_hz) == (frames, 2.0)
    assert int(count / rate_hz * 2) == frames, "how servers work out the number of frames to take"


def test_frames_further_apart_than_in_training_keep_their_times():
    with ModelServer(echo) as server:
        backend(server).ask(Drawn(frames=10, rate_hz=1.25), [FIND])
        seen = server.asked[0]
    assert seen.times_s == pytest.approx([number * 0.8 for number in range(10)])


def test_the_video_comes_before_the_text_and_is_the_same_for_all_questions():
    with ModelServer(echo) as server:
        footage = Drawn()
        asked = backend(server)
        asked.ask(footage, questions(4))
        asked.ask(footage, [CHECK])
    assert footage.looked_at == 1
    assert len({seen.video for seen in server.asked}) == 1
    assert [part["type"] for part in server.asked[0].request["messages"][0]["content"]] == ["video_url", "text"]


def test_footage_without_questions_is_not_decoded():
    footage = Drawn()
    with ModelServer(echo) as server:
        assert backend(server).ask(footage, []) == []
    assert footage.looked_at == 0


def test_a_question_is_answered_greedily_within_its_length():
    with ModelServer(echo) as server:
        backend(server).ask(FOOTAGE, [Question("when?", 33)])
        request = server.asked[0].request
    assert (request["temperature"], request["max_tokens"], request["model"]) == (0.0, 33, "tiny/Marlin")


@pytest.mark.parametrize("dialect", [MARLIN, MOLMO2])
@pytest.mark.parametrize(
    ("owner", "kind"), [("vllm", "vllm"), ("sglang", "sglang"), ("mlx-community", "mlx"), ("library", "openai")]
)
def test_a_request_has_no_field_beyond_the_protocol_which_vllm_refuses(dialect, owner, kind):
    with ModelServer(echo, owned_by=owner) as server:
        asked = backend(server, dialect)
        asked.ask(FOOTAGE, [FIND])
    assert asked.kind == kind
    assert set(server.asked[0].request) <= {"model", "messages", "max_tokens", "temperature", "logprobs", "top_logprobs"}


def test_a_llama_cpp_server_is_refused_because_it_does_not_tell_the_times_of_frames():
    with ModelServer(echo, owned_by="llamacpp") as server:
        with pytest.raises(ModelError, match=r"llama.cpp tells a model the time only .* see docs/serving.md"):
            backend(server)
        assert backend(server, kind="openai").kind == "openai", "unless another kind is given"


def test_the_kind_of_server_can_be_set():
    with ModelServer(echo, owned_by="somebody") as server:
        assert backend(server, kind="vllm").kind == "vllm"


# parsing replies


def test_an_answer_has_its_token_count_and_reports_truncation():
    reply = reply_with("From 3", [("From", -0.1, {}), (" 3", -1.5, {})], finish="length")
    with ModelServer(lambda seen: reply) as server:
        answer = backend(server).ask(FOOTAGE, [FIND])[0]
    assert answer.text == "From 3"
    assert answer.tokens == (Token("From", -0.1), Token(" 3", -1.5))
    assert answer.truncated


def test_an_answer_in_the_reasoning_field_is_used():
    reply = reply_with("")
    reply["choices"][0]["message"] = {"role": "assistant", "content": None, "reasoning_content": "From 3 to 5."}
    with ModelServer(lambda seen: reply) as server:
        assert backend(server).ask(FOOTAGE, [FIND])[0].text == "From 3 to 5."


def test_probabilities_of_yes_and_no_are_summed_over_all_spellings():
    likely = {
        "Yes": math.log(0.3),
        " yes": math.log(0.1),
        "No": math.log(0.08),
        "NO": math.log(0.02),
        "Yesterday": math.log(0.4),
    }
    with ModelServer(lambda seen: reply_with("Yes", [("Yes", math.log(0.3), likely)])) as server:
        answer = backend(server).ask(FOOTAGE, [CHECK])[0]
    assert answer.yes == pytest.approx(0.4 / 0.5)
    assert answer.text == "yes"
    assert server.asked[0].request["top_logprobs"] == 20


@pytest.mark.parametrize(
    "thought",
    [["<think>", "\n\n", "</think>", "\n\n"], ["<think>", "\n"], ["</think>", "\n\n"], ["<think>", "no idea", "</think>"], []],
)
def test_yes_or_no_is_searched_for_after_the_reasoning(thought):
    word = ("Yes", math.log(0.2), {"No": math.log(0.6), "Yes": math.log(0.2)})
    likely = [*((token, -0.01, {"No": -0.01}) for token in thought), word]
    with ModelServer(lambda seen: reply_with("".join(thought) + "Yes", likely)) as server:
        answer = backend(server).ask(FOOTAGE, [CHECK])[0]
    assert answer.yes == pytest.approx(0.25)
    assert answer.text == "no", "the likelier one"


def test_a_yes_with_negligible_probability_is_not_an_answer():
    with ModelServer(lambda seen: reply_with("A player", [("A", -0.01, {"A": -0.01, "Yes": -6.0, "No": -9.0})])) as server:
        answer = backend(server).ask(FOOTAGE, [CHECK])[0]
    assert (answer.yes, answer.text) == (None, "A player")


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("Yes", BARE_YES),
        ("no.", 1 - BARE_YES),
        ("<think>\n\n</think>\n\nNo, it does not.", 1 - BARE_YES),
        ("A player", None),
        ("", None),
    ],
)
def test_a_bare_yes_or_no_counts_less_than_a_probability_and_any_other_word_not_at_all(text, yes):
    with ModelServer(lambda seen: reply_with(text)) as server:
        answer = backend(server).ask(FOOTAGE, [CHECK])[0]
    assert answer.yes == (None if yes is None else pytest.approx(yes))


@pytest.mark.parametrize(("word", "yes"), [("Yes", 0.51), ("No", 0.49), ("Perhaps", None)])
def test_a_probability_of_the_chosen_word_alone_leaves_the_rest_to_the_other(word, yes):
    with ModelServer(lambda seen: reply_with(word, [(word, math.log(0.51), {})])) as server:
        answer = backend(server).ask(FOOTAGE, [CHECK])[0]
    assert answer.yes == (None if yes is None else pytest.approx(yes))


def test_a_server_without_probabilities_is_asked_without_them():
    def answer(seen):
        if "logprobs" in seen.request:
            raise AssertionError

        return reply_with("From 3 to 5.")

    refusal = status(400, "Requested sample logprobs of 20, which is greater than max allowed: 0")
    with ModelServer(answer) as server:
        server.misbehave(refusal)
        waits: list[float] = []
        asked = backend(server, waits=waits)
        assert [a.text for a in asked.ask(FOOTAGE, questions(3))] == ["From 3 to 5."] * 3
    assert (waits, asked.failed, server.requests) == ([], 0, 4)


def test_a_server_that_drops_the_video_is_detected():
    blind = ModelServer(lambda seen: reply_with("From 3 to 5.", tokens=41), owned_by="mlx-community")
    message = r"it read 41 tokens of a video that has 1,800, .* docs/serving.md"
    with blind as server, pytest.raises(ModelError, match=message):
        backend(server).ask(Drawn(frames=60), [FIND])


def test_vllm_that_uses_its_default_of_32_frames_is_detected():
    short_sighted = ModelServer(lambda seen: reply_with("From 3 to 5.", tokens=32 * 30 + 200))
    with short_sighted as server, pytest.raises(ModelError, match="dropped frames"):
        backend(server).ask(Drawn(frames=60), [FIND])


def test_a_server_that_does_not_report_its_usage_is_trusted():
    with ModelServer(lambda seen: reply_with("From 3 to 5.", tokens=None)) as server:
        assert backend(server).ask(Drawn(frames=60), [FIND])[0].text == "From 3 to 5."


# several questions


def test_answers_come_in_the_order_of_the_questions():
    with ModelServer(echo) as server:
        answers = backend(server).ask(FOOTAGE, questions(12))
    assert [answer.text for answer in answers] == [f"heard: question {number}" for number in range(12)]


def test_the_first_question_is_sent_alone_and_the_others_together_up_to_the_limit():
    together = threading.Barrier(3)
    alone: list[int] = []

    def answer(seen):
        if seen.text == "question 0":
            alone.append(server.at_once)
        else:
            together.wait(timeout=5)
        return echo(seen)

    with ModelServer(answer) as server:
        backend(server, concurrency=3).ask(FOOTAGE, questions(7))
    assert (alone, server.most_at_once) == ([1], 3)


def test_windows_may_be_asked_about_from_several_threads():
    with ModelServer(echo) as server:
        asked = backend(server, concurrency=4)
        results: dict[int, list[str]] = {}

        def ask(number: int) -> None:
            results[number] = [answer.text for answer in asked.ask(Drawn(frames=number + 2), questions(3))]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
    assert results == {number: [f"heard: question {k}" for k in range(3)] for number in range(4)}
    assert sorted({len(seen.pictures) for seen in server.asked}) == [2, 3, 4, 5]


# temporary failures


@pytest.mark.parametrize(
    "fault",
    [
        *(
            status(500),
            status(503),
            status(429),
            status(408),
            cut,
            hang_up,
            page(b"<html>busy</html>"),
            page(b"{}", "application/json"),
        ),
        *(
            page(b"[1, 2]", "application/json"),
            page(b'{"choices": []}'),
            page(b'{"choices": [{"message": 3}]}'),
            page(b"\xff\xfe\x00"),
        ),
    ],
)
def test_a_temporary_failure_is_retried(fault):
    with ModelServer(echo) as server:
        server.misbehave(fault, fault)
        waits: list[float] = []
        asked = backend(server, waits=waits)
        answers = asked.ask(FOOTAGE, [FIND])
    assert answers[0].text == f"heard: {FIND.text}"
    assert asked.failed == 0
    assert 0.25 <= waits[0] <= 0.5 <= waits[1] <= 1.0


@pytest.mark.parametrize("fault", [stall, drip])
def test_a_stalled_request_times_out(fault):
    with ModelServer(echo) as server:
        asked = backend(server, timeout_s=0.3, patience=Patience(retries=1))
        server.misbehave(fault, fault)
        assert asked.ask(FOOTAGE, [FIND])[0].text == ""
    assert (asked.failed, asked.last_problem) == (1, "no reply within 0.3 s")


def test_a_requested_pause_between_retries_is_kept():
    with ModelServer(echo) as server:
        server.misbehave(status(429, Retry_After="7"), status(503, Retry_After="86400"))
        waits: list[float] = []
        backend(server, waits=waits).ask(FOOTAGE, [FIND])
    assert waits == [7.0, Patience().longest_asked_s]


def test_a_retry_after_date_is_understood():
    with ModelServer(echo) as server:
        server.misbehave(
            status(503, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"), status(503, Retry_After="Mon, 01 Jan 2001 00:00:00 GMT")
        )
        waits: list[float] = []
        backend(server, waits=waits).ask(FOOTAGE, [FIND])
    assert waits[0] == Patience().longest_asked_s
    assert waits[1] <= 1.0


def test_an_endless_reply_is_not_read_to_its_end():
    with ModelServer(echo) as server:
        server.misbehave(endless)
        asked = backend(server)
        assert asked.ask(FOOTAGE, [FIND])[0].text == ""
    assert asked.last_problem == "its reply is longer than 16 MB"


# permanent failures


def test_a_refusal_is_final_and_reported_in_one_line():
    with ModelServer(echo) as server:
        server.misbehave(status(400, "This model's maximum\ncontext length is\x1b[31m 100 tokens. " + "x" * 1000))
        waits: list[float] = []
        asked = backend(server, waits=waits)
        answers = asked.ask(FOOTAGE, questions(3))
    assert [answer.text for answer in answers] == ["", "heard: question 1", "heard: question 2"]
    assert (asked.failed, waits, server.requests) == (1, [], 3)
    assert asked.last_problem.startswith("This model's maximum context length is [31m 100 tokens. xxx")
    assert asked.last_problem.endswith("… (400)")


def test_a_question_that_keeps_failing_is_left_unanswered_and_counted():
    with ModelServer(echo) as server:
        asked = backend(server, patience=Patience(retries=2))
        server.misbehave(*[status(500, "out of memory")] * 3)
        answers = asked.ask(FOOTAGE, questions(3))
    assert [answer.text for answer in answers] == ["", "heard: question 1", "heard: question 2"]
    assert (asked.failed, asked.last_problem) == (1, "out of memory (500)")


def test_a_lost_server_ends_the_run_and_reports_which_answers_are_cached():
    with ModelServer(echo) as server:
        asked = backend(server)
        asked.ask(FOOTAGE, questions(2))
        asked.ask(Drawn(frames=4), questions(2))
        server.stop()
        with pytest.raises(ModelError) as caught:
            asked.ask(Drawn(frames=6), questions(6))
    message = str(caught.value)
    assert message.startswith(f"{server.url}: the server stopped answering after 2 windows (")
    assert message.endswith("; all answers so far are cached: restart it and run the same command")
    assert "refused" in message
    assert "\n" not in message


def test_single_failures_far_apart_never_end_a_run():
    with ModelServer(echo) as server:
        asked = backend(server)
        for _ in range(2 * GONE_AFTER):
            server.misbehave(status(400))
            asked.ask(FOOTAGE, questions(2))
    assert asked.failed == 2 * GONE_AFTER


def test_a_server_that_refuses_every_question_ends_the_run():
    with ModelServer(echo) as server:
        asked = backend(server)
        server.misbehave(*[status(400, "no video")] * 9)
        with pytest.raises(
            ModelError, match=r"the server answers no question \(no video \(400\)\): start it as docs/serving.md says"
        ):
            asked.ask(FOOTAGE, questions(9))
    assert server.requests <= 9


def test_no_more_questions_are_sent_after_the_run_has_ended():
    with ModelServer(echo) as server:
        asked = backend(server)
        server.misbehave(*[status(400)] * GONE_AFTER)
        with pytest.raises(ModelError):
            asked.ask(FOOTAGE, questions(GONE_AFTER))
        before = server.requests
        with pytest.raises(ModelError):
            asked.ask(FOOTAGE, questions(5))
        assert server.requests == before


# identifying a server


def test_the_only_model_is_used_and_determines_the_identity():
    with ModelServer(echo) as server:
        asked = backend(server)
    assert asked.name == f"tiny/Marlin on vllm at {server.url}"
    assert asked.identity == "vllm tiny/Marlin h264 crf 16"


def test_the_identity_depends_on_the_weights_behind_a_name_and_not_on_the_address():
    served = [{"id": "marlin", "root": "NemoStation/Marlin-2B", "owned_by": "vllm"}]
    with ModelServer(echo, models=served) as one, ModelServer(echo, models=served) as other:
        assert backend(one).identity == backend(other).identity == "vllm marlin (NemoStation/Marlin-2B) h264 crf 16"


def test_of_several_models_one_must_be_named():
    served = [{"id": name} for name in ("one", "two", "three", "four", "five", "six")]
    with ModelServer(echo, models=served) as server:
        assert backend(server, model="two").name.startswith("two on openai")
        with pytest.raises(ModelError, match=r"choose one with --model: one, two, three, four, five, \.\.\.$"):
            backend(server)
        with pytest.raises(ModelError, match="it does not serve seven, but one, two"):
            backend(server, model="seven")


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ([], "it serves no model"),
        (page(b"<!doctype html><h1>Welcome</h1>"), "not an OpenAI-compatible server"),
        (
            page(b'{"hello": 1}', "application/json"),
            r"not an OpenAI-compatible server \(its list of models: data: Field required\)",
        ),
        (page(b"<html>", code=404), r"not an OpenAI-compatible server \(an HTML page.*\(404\)\); .* usually end in /v1"),
        (status(503, "Loading"), r"Loading \(503\)"),
    ],
)
def test_a_server_without_models_is_reported(models, problem):
    with ModelServer(echo, models=models) as server, pytest.raises(ModelError, match=problem) as caught:
        backend(server)
    assert str(caught.value).startswith(server.url)
    assert "\n" not in str(caught.value)


def test_an_unreachable_server_is_reported_with_how_to_start_one():
    with ModelServer(echo) as server:
        server.stop()
        with pytest.raises(ModelError, match=r"no server answers \(.*refused\): start it as docs/serving.md says"):
            backend(server)


def test_a_bare_host_is_a_valid_address():
    with ModelServer(echo) as server:
        asked = backend(server, url=server.url.removesuffix("/v1"))
        assert asked.ask(FOOTAGE, [FIND])[0].text == f"heard: {FIND.text}"


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://host/v1", "http://", "http://[", "http://host:port/v1", "", "weights/marlin"]
)
def test_an_invalid_address_is_refused(url):
    with pytest.raises(ModelError, match="is not a server address; use one like http://localhost:8000/v1"):
        ServerBackend(url, MARLIN)


# the key


@pytest.mark.parametrize("name", ["HIGHLIGHTS_API_KEY", "OPENAI_API_KEY"])
def test_the_key_comes_from_the_environment_and_is_never_shown(name, monkeypatch, caplog):
    caplog.set_level("DEBUG")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other-7")
    monkeypatch.setenv(name, "sk-secret-9")
    with ModelServer(echo, key="sk-secret-9") as server:
        asked = backend(server)
        asked.ask(FOOTAGE, [FIND])
        server.misbehave(status(400, "bad key sk-secret-9"))
        asked.ask(FOOTAGE, [FIND])
    assert server.asked[0].headers["Authorization"] == "Bearer sk-secret-9"
    assert asked.last_problem == "bad key *** (400)"
    shown = (repr(asked), asked.name, asked.identity, repr(asked.__dict__["_connection"]), caplog.text)
    assert not any("sk-secret-9" in text for text in shown)


def test_a_refused_key_is_reported_without_showing_it(monkeypatch):
    monkeypatch.setenv("HIGHLIGHTS_API_KEY", "sk-wrong-1")
    with ModelServer(echo, key="sk-right") as server, pytest.raises(ModelError) as caught:
        backend(server)
    assert str(caught.value) == (
        f"{server.url}: it rejects the key (Incorrect key: Bearer *** (401)): set HIGHLIGHTS_API_KEY in the environment"
    )


def test_without_a_key_no_credentials_are_sent(monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-1")
    with ModelServer(echo) as server:
        backend(server).ask(FOOTAGE, [FIND])
    assert not {"Authorization", "Openai-Organization", "Openai-Project"} & set(server.asked[0].headers)


def test_a_key_refused_during_the_run_ends_it_at_once():
    with ModelServer(echo) as server:
        asked = backend(server)
        server.misbehave(status(401, "expired"))
        with pytest.raises(ModelError, match=r"expired \(401\)"):
            asked.ask(FOOTAGE, questions(5))
    assert server.requests == 1


def test_a_password_in_the_address_is_not_shown():
    with ModelServer(echo) as server:
        asked = backend(server, url=server.url.replace("http://", "http://me:hush-5@"))
        asked.ask(FOOTAGE, [FIND])
        server.misbehave(status(400, "hush-5 is not allowed"))
        asked.ask(FOOTAGE, [FIND])
        server.stop()
        with pytest.raises(ModelError) as caught:
            asked.ask(FOOTAGE, questions(GONE_AFTER))
    assert server.asked[0].headers["Authorization"].startswith("Basic ")
    assert not any("hush-5" in text for text in (asked.name, asked.identity, asked.last_problem, str(caught.value)))
    with pytest.raises(ModelError) as caught:
        ServerBackend("ftp://me:hush-5@host/v1", MARLIN)
    assert "hush-5" not in str(caught.value)


def test_redirects_are_not_followed(monkeypatch):
    monkeypatch.setenv("HIGHLIGHTS_API_KEY", "sk-secret-9")
    with ModelServer(echo) as elsewhere, ModelServer(echo) as server:
        target = f"{elsewhere.url}/chat/completions"
        asked = backend(server)
        server.misbehave(lambda handler: handler.send(b"", 307, {"Location": target}))
        assert asked.ask(FOOTAGE, [FIND])[0].text == ""
        assert asked.last_problem == f"it redirects to {target} (307): use that address"
    assert elsewhere.requests == 0


# overall


def test_the_server_s_client_is_only_loaded_when_there_is_a_server():
    import subprocess
    import sys

    code = "import sys, highlights.backends.server; print('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_window_of_the_training_size_is_small_enough_to_send():
    with ModelServer(echo) as server:
        backend(server).ask(Drawn(frames=60, width=576, height=320), [FIND])
    assert len(server.asked[0].video) < 3_000_000
    assert io.BytesIO(server.asked[0].video).read(8)[4:] == b"ftyp"
