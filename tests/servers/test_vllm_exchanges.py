"""What vLLM 0.32.0 answered to a tiny checkpoint's questions: recorded over HTTP, replayed byte for byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from highlights.backends.connection import Connection, UnansweredError
from highlights.backends.server import ServerBackend
from highlights.dialects.dialect import Question
from highlights.dialects.marlin import MARLIN
from highlights.errors import ModelError
from highlights.profile import EventRule
from tests.support.model_server import Drawn
from tests.support.vllm import KEY, NAME

pytest.importorskip("openai")

GOAL = EventRule("goal", "Goal", ("the ball goes into the net",), "Is a goal scored in this clip?", cool_down_s=1.0)
FIND = MARLIN.find_question(GOAL, GOAL.queries[0])
USUAL = pytest.mark.parametrize("server", ["documented"], indirect=True)
MEAGRE = pytest.mark.parametrize("server", ["meagre"], indirect=True)
TOLERANCE = 0.2  # of probabilities and log-probabilities: bfloat16 rounds differently on each kind of processor


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HIGHLIGHTS_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def backend(server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerBackend]:
    if request.node.callspec.params["server"] == "meagre":
        monkeypatch.setenv("HIGHLIGHTS_API_KEY", KEY)
    opened = ServerBackend(server.url)
    yield opened
    opened.close()


@USUAL
def test_the_list_of_models_names_vllm_and_the_weights(backend):
    assert backend.dialect is MARLIN
    assert backend.name.startswith(f"{NAME} on vllm at http://127.0.0.1:")
    assert backend.identity == f"vllm {NAME} (Tiny-Marlin) h264 crf 16"


@USUAL
def test_a_span_is_found_with_the_probability_of_each_token(backend):
    answer = backend.ask(Drawn(), [FIND])[0]
    found = MARLIN.read_find(answer.text, 4.0)
    assert [(span.start_s, span.end_s) for span in found.spans] == [(2.5, 4.0)]
    assert "".join(token.text for token in answer.tokens) == f"{answer.text}<|im_end|>", "the end has a probability too"
    assert all(token.logprob <= 0 for token in answer.tokens)
    assert not answer.truncated


@USUAL
def test_a_yes_or_no_question_gets_the_probability_of_yes_against_no(backend):
    answer = backend.ask(Drawn(), [MARLIN.check_question(GOAL)])[0]
    assert answer.text == "no"
    assert answer.yes == pytest.approx(0.01, abs=TOLERANCE)


@USUAL
def test_several_questions_about_a_window_and_a_caption_are_answered_in_their_order(backend):
    answers = backend.ask(Drawn(), [FIND, MARLIN.check_question(GOAL), MARLIN.caption(), FIND])
    assert [answer.yes is None for answer in answers] == [True, False, True, True]
    assert answers[0].text == answers[3].text
    assert backend.failed == 0


@USUAL
def test_a_cut_answer_is_marked_as_such(backend):
    answer = backend.ask(Drawn(), [Question(FIND.text, max_new_tokens=1)])[0]
    assert answer.truncated
    assert len(answer.tokens) == 1


@USUAL
def test_a_question_longer_than_the_context_stays_unanswered_and_the_next_one_is_asked(backend):
    answers = backend.ask(Drawn(), [Question("z" * 20_000), FIND])
    assert [bool(answer.text) for answer in answers] == [False, True]
    assert backend.failed == 1
    assert backend.last_problem.startswith("This model's maximum context length is 16384 tokens. However, your prompt contains")


@USUAL
def test_more_tokens_than_the_context_holds_are_refused(backend):
    assert backend.ask(Drawn(), [Question("Why?", max_new_tokens=20_000)])[0].text == ""
    assert backend.last_problem == (
        "max_tokens=20000 cannot be greater than max_model_len=16384. Please request fewer output tokens. "
        "(parameter=max_tokens, value=20000) (400)"
    )


@USUAL
def test_fields_beyond_the_protocol_are_refused(server):
    fields = {"mm_processor_kwargs": {"fps": 2}, "media_io_kwargs": {"video": {"fps": 2}}}
    for field, value in fields.items():
        problem, status = refusal(server.url, extra_body={field: value})
        assert problem.startswith(f"Per-request {field} are disabled by default")
        assert "--trust-request-mm-kwargs" in problem
        assert status == 400


@USUAL
def test_an_unknown_model_is_refused_with_404(server):
    problem, status = refusal(server.url, model="NemoStation/Marlin-2B")
    assert problem == f"The model `NemoStation/Marlin-2B` does not exist. Valid aliases: {NAME}. (404)"
    assert status == 404


@USUAL
def test_a_model_that_is_not_there_is_reported_with_those_that_are(server):
    with pytest.raises(ModelError, match=f"it does not serve other, but {NAME}"):
        ServerBackend(server.url, model="other")


@MEAGRE
def test_a_missing_key_is_reported(server):
    with pytest.raises(ModelError) as caught:
        ServerBackend(server.url)
    assert str(caught.value).endswith(": it rejects the key (Unauthorized (401)): set HIGHLIGHTS_API_KEY in the environment")


@MEAGRE
def test_a_server_without_probabilities_is_asked_without_them(backend):
    answers = backend.ask(Drawn(frames=2), [MARLIN.check_question(GOAL), FIND])
    assert [len(answer.tokens) for answer in answers] == [0, 0]
    assert answers[0].text == "no"
    assert backend.failed == 0


@MEAGRE
def test_a_server_that_takes_a_frame_a_second_is_refused(backend):
    with pytest.raises(ModelError, match=r"it read 2,[0-9]{3} tokens of a video that has 5,400, so it dropped frames"):
        backend.ask(Drawn(frames=60, width=576, height=320), [FIND])


def refusal(url: str, **fields: object) -> tuple[str, int]:
    """The server's words and status for a question in text with these fields."""
    request = {"model": NAME, "messages": [{"role": "user", "content": "Why?"}], "max_tokens": 1, **fields}
    connection = Connection(url, timeout_s=60)
    try:
        with pytest.raises(UnansweredError) as caught:
            connection.chat(request)
    finally:
        connection.close()
    return caught.value.problem, caught.value.status
