"""A window is read once for all questions: the answers equal those to whole prompts, token for token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.tiny.prompts import drawn, prompt, whole
from highlights.backends import local
from highlights.dialects.dialect import Question
from highlights.errors import ModelError

torch = pytest.importorskip("torch")

FIND = 'Identify the timestamps during which "{}" takes place.'
TEXTS = [
    *(FIND.format(event) for event in ("a goal is scored", "a player takes a corner kick", "a yellow card")),
    *("Point to the ball", "Who?", "Identify the referee."),
]
QUESTIONS = [Question(text, max_new_tokens=3 + 3 * place) for place, text in enumerate(TEXTS)]
CHECKS = [Question(f"Is {event} in the video? Answer yes or no.", 8, "yes_no") for event in ("a goal", "a foul", "the ball")]


@pytest.fixture(params=["marlin", "molmo"])
def model(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    "footage",
    [drawn(0, 8), drawn(4, 8), drawn(0, 8, seed=1), drawn(2, 7)],
    ids=["first", "overlapping", "another recording", "an odd number of frames"],
)
def test_answers_equal_those_to_a_whole_prompt_for_each_question(model, footage):
    answers = model.ask(footage, QUESTIONS)
    for question, answer in zip(QUESTIONS, answers, strict=True):
        alone = whole(model, footage, question.text, question.max_new_tokens)
        assert answer.text == alone.text
        ended = alone.tokens[-1] in model.ends
        assert [token.text for token in answer.tokens] == [
            model.processor.tokenizer.decode([token]) for token in (alone.tokens[:-1] if ended else alone.tokens)
        ]
        assert answer.truncated is not ended
        first = alone.first.log_softmax(-1).max().item()
        assert answer.tokens[0].logprob == pytest.approx(
            first, abs=2e-3
        )  # rounding errors of float32 in a model of random weights


def test_the_tiny_models_give_different_answers(model):
    answers = [[answer.text for answer in model.ask(footage, QUESTIONS)] for footage in (drawn(0, 8), drawn(4, 8), drawn(9, 8))]
    assert all(len(set(said)) > 2 for said in answers)
    assert answers[0] != answers[1] != answers[2] != answers[0]


@pytest.mark.parametrize("count", range(1, len(QUESTIONS) + 1))
def test_an_answer_does_not_depend_on_the_questions_asked_with_it(model, count):
    footage = drawn(0, 8)
    together = model.ask(footage, [*QUESTIONS, *CHECKS])
    some = model.ask(footage, QUESTIONS[-count:])
    assert [answer.text for answer in some] == [answer.text for answer in together[: len(QUESTIONS)][-count:]]


def test_the_same_input_gives_the_same_answers(model):
    footage = drawn(0, 8)
    assert model.ask(footage, [*QUESTIONS, *CHECKS]) == model.ask(footage, [*QUESTIONS, *CHECKS])


def test_no_questions_give_no_answers(model):
    assert model.ask(drawn(0, 8), []) == []


def words(model, spelled):
    """Tokens that are one of these words."""
    tokens = [model.processor.tokenizer(word, add_special_tokens=False)["input_ids"] for word in spelled]
    return {token for (token, *rest) in tokens if not rest}


def test_the_probability_of_yes_is_its_share_of_yes_and_no_at_the_first_word(model, monkeypatch):
    monkeypatch.setattr(local, "MIN_YES_NO", 0.0)
    for footage in (drawn(0, 8), drawn(3, 8, seed=2)):
        answers = model.ask(footage, [*CHECKS, QUESTIONS[0]])
        for question, answer in zip(CHECKS, answers, strict=False):
            odds = whole(model, footage, question.text, 1).first.softmax(-1)
            yes, no = (sum(odds[token].item() for token in words(model, spelled)) for spelled in (local.YES, local.NO))
            assert answer.yes == pytest.approx(yes / (yes + no), abs=2e-3)
            assert answer.text == ("yes" if yes >= no else "no")


def test_an_answer_is_undecided_if_neither_yes_nor_no_is_likely(model, monkeypatch):
    monkeypatch.setattr(local, "MIN_YES_NO", 0.5)
    (answer,) = model.ask(drawn(0, 8), CHECKS[:1])
    assert answer.yes is None
    assert answer.text == whole(model, drawn(0, 8), CHECKS[0].text, 1).text


@pytest.mark.parametrize("opening", ["", "<think>\n"], ids=["without reasoning", "opens reasoning"])
def test_yes_or_no_is_read_after_the_reasoning_of_a_model(marlin, monkeypatch, opening):
    footage = drawn(0, 8)
    asked, answer = marlin.ask(footage, [CHECKS[0], QUESTIONS[0]])
    turn = marlin.processor.chat_template.partition("{%- if enable_thinking")[0]
    monkeypatch.setattr(marlin.processor, "chat_template", turn + "{{- '" + opening.replace("\n", "\\n") + "' }}{%- endif %}")
    assert marlin.prompts(QUESTIONS[:1])[1][0].endswith("assistant\n" + opening)
    asked_now, answer_now = marlin.ask(footage, [CHECKS[0], QUESTIONS[0]])
    assert asked_now.yes == pytest.approx(asked.yes, abs=2e-3)
    assert answer_now.text != answer.text


def test_a_template_without_video_is_refused(model, monkeypatch):
    monkeypatch.setattr(model.processor, "chat_template", "{{ messages[0].content[1].text }}")
    with pytest.raises(ModelError, match="its chat template has no video"):
        model.ask(drawn(0, 8), QUESTIONS)


def test_times_are_those_of_the_footage_at_any_rate(marlin):
    footage = drawn(0, 6, rate_hz=1.0)
    tokens = marlin._video_tokens("", footage, [1, 1, 1])
    assert marlin.processor.tokenizer.decode(tokens).split("<|vision_start|>")[0] == "<0.5 seconds>"
    assert "<4.5 seconds>" in marlin.processor.tokenizer.decode(tokens)
    assert marlin.ask(footage, QUESTIONS[:2])[1].text == whole(marlin, footage, TEXTS[1], 6).text


# ---- pairs of frames


def test_the_tower_gives_the_same_features_for_a_pair_of_frames_alone_and_in_its_window(marlin):
    footage = drawn(0, 8)
    marlin.pairs.clear()
    with torch.inference_mode():
        together, _ = marlin.features(footage)
        inputs = prompt(marlin, footage, "Who?")
        plain = marlin.model.get_video_features(inputs["pixel_values_videos"], inputs["video_grid_thw"]).pooler_output[0]
        torch.testing.assert_close(torch.cat(together), plain)
        for pair in range(4):
            marlin.pairs.clear()
            (alone,), _ = marlin.features(drawn(2 * pair, 2))
            torch.testing.assert_close(alone, together[pair])


@pytest.fixture
def towers(marlin):
    """Number of patches given to the vision tower in each call."""
    shown = []
    hook = marlin.model.model.visual.register_forward_pre_hook(lambda _, inputs: shown.append(len(inputs[0])))
    marlin.pairs.clear()
    yield shown
    hook.remove()


def test_the_tower_is_shown_every_pair_once(marlin, towers):
    patches = (96 // 16) * (64 // 16)
    for first in (0, 4, 0):
        marlin.ask(drawn(first, 8), QUESTIONS[:2])
    assert towers == [4 * patches, 2 * patches]


def test_frames_with_the_same_number_in_another_recording_are_not_reused(marlin, towers):
    marlin.ask(drawn(0, 8), QUESTIONS[:2])
    marlin.ask(drawn(0, 8, seed=1), QUESTIONS[:2])
    assert towers[0] == towers[1]


def test_features_are_cached_up_to_a_size_and_the_least_recently_used_dropped(marlin, towers, monkeypatch):
    one = marlin.features(drawn(0, 2))[0][0].nbytes
    marlin.pairs.clear()
    monkeypatch.setattr(marlin.pairs, "capacity_bytes", 4 * one)
    marlin.features(drawn(0, 8))
    marlin.features(drawn(0, 2))  # used again: the second pair is now the least recently used
    marlin.features(drawn(8, 2))
    assert marlin.pairs.used_bytes == 4 * one
    towers.clear()
    marlin.features(drawn(0, 2))
    assert towers == []
    marlin.features(drawn(2, 2))
    assert len(towers) == 1


# ---- memory


@pytest.fixture
def small(model):
    """Give the model a GPU with room for only this many questions at once, or tokens of a window."""
    limits = {"rows": 99, "tokens": 10_000}

    def allocate(_, __, inputs):
        asked, read = inputs.get("input_ids", ()), inputs.get("inputs_embeds", [()])[0]
        if len(asked) > limits["rows"] or len(read) > limits["tokens"]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    hook = model.text.register_forward_pre_hook(allocate, with_kwargs=True)
    yield limits
    hook.remove()


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_with_little_memory_fewer_questions_are_asked_at_once(model, small, rows):
    expected = model.ask(drawn(0, 8), [*QUESTIONS, *CHECKS])
    small["rows"] = rows
    answers = model.ask(drawn(0, 8), [*QUESTIONS, *CHECKS])
    assert [replace(a, tokens=(), yes=None) for a in answers] == [replace(a, tokens=(), yes=None) for a in expected]


def test_out_of_memory_on_a_single_question_is_reported(model, small):
    small["rows"] = 0
    with pytest.raises(ModelError, match=r"for one question about a window of 4 s, 8 frames of 96x64; use shorter"):
        model.ask(drawn(0, 8), QUESTIONS)


def test_out_of_memory_on_the_window_is_reported(model, small):
    small["tokens"] = 30
    with pytest.raises(ModelError, match=r"out of memory for a window of 4 s"):
        model.ask(drawn(0, 8), QUESTIONS)
    small["tokens"] = 10_000
    assert len(model.ask(drawn(0, 8), QUESTIONS)) == len(QUESTIONS)


def test_a_failure_of_the_device_is_reported_in_one_line(model):
    def fail(*_):
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nCompile with `TORCH_USE_CUDA_DSA`.")

    hook = model.text.register_forward_pre_hook(fail)
    with pytest.raises(
        ModelError, match=r"^Tiny-\S+ \(float32 on cpu\): the device failed: CUDA error: an illegal memory access was"
    ):
        model.ask(drawn(0, 8), QUESTIONS)
    hook.remove()


def test_other_errors_of_a_model_are_not_mistaken_for_out_of_memory(model):
    hook = model.text.register_forward_pre_hook(lambda *_: torch.zeros(2) @ torch.zeros(3))
    with pytest.raises(RuntimeError, match="size"):
        model.ask(drawn(0, 8), QUESTIONS)
    hook.remove()
