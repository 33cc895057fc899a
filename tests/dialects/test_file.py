"""Dialects in YAML files, and which dialect a model's name means."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from benchmarks.stand_in.events import profile
from highlights.dialects.known import dialect, dialect_of
from highlights.errors import ModelError
from highlights.records import Sampling
from highlights.spans import Span
from tests.support.answers import garbage

GOAL = profile("soccer").event("goal")
PLAIN = 'name: mine\nfind: When is "{event}"?\nanswer: It is at {start} to {end}.\n'
TIMELENS = dialect("timelens")


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text)
    return str(path)


def test_timelens_is_asked_and_read_as_it_was_trained() -> None:
    assert TIMELENS.find_question(GOAL, "a player scores a goal").text == (
        "Please find the visual event described by the sentence 'a player scores a goal', determining its starting and ending "
        "times. The format should be: 'The event happens in <start time> - <end time> seconds'."
    )
    found = TIMELENS.read_find("The event happens in 3.5 - 7.2 seconds.", 30.0)
    assert (found.how, found.spans, found.repairs) == ("clean", (Span(3.5, 7.2),), ())


def test_an_answer_in_another_form_is_repaired() -> None:
    found = TIMELENS.read_find("From 7.2 to 3.5", 30.0)
    assert (found.how, found.spans) == ("repaired", (Span(3.5, 7.2),))
    assert "start and end swapped" in found.repairs


@given(garbage)
def test_no_answer_raises(answer: str) -> None:
    found = TIMELENS.read_find(answer, 30.0)
    assert (found.how in ("clean", "repaired")) == bool(found.spans)
    TIMELENS.read_caption(answer, 30.0)


def test_a_file_describes_a_model_that_the_program_has_never_heard_of(tmp_path: Path) -> None:
    text = PLAIN + (
        "none: [Nothing of the kind]\nframes: { rate_hz: 1, most: 32, pixels: 100000, multiple: 28 }\n"
        'check: "Yes or no: {check}"\ndescribe: What is going on?\n'
    )
    mine = dialect(written(tmp_path, text))
    assert mine.name == "mine"
    assert mine.sampling == Sampling(1.0, 32, 100_000, 28)
    assert mine.find_question(GOAL, 'the "ball" goes in').text == "When is \"the 'ball' goes in\"?"
    assert mine.read_find("It is at 2 to 4.", 30.0).how == "clean"
    assert mine.read_find("nothing of the kind.", 30.0).how == "refused"
    assert mine.check_question(GOAL).text == f"Yes or no: {GOAL.check}"
    assert mine.caption().text == "What is going on?"
    assert mine.read_caption("A goal. And more.", 30.0) == "A goal."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (PLAIN.replace("{event}", "it"), r"mine.yaml:2: find: .*needs \{event\} once"),
        (PLAIN.replace("{end}", "{start}"), r"mine.yaml:3: answer: .*needs \{start\} once"),
        (PLAIN + "fnd: x\n", "mine.yaml:4: fnd: "),
        (PLAIN.replace("mine", "My Model"), "mine.yaml:1: name: "),
        (PLAIN + "frames: { pixels: -1 }\n", "mine.yaml:4: frames.pixels: "),
        ("name: [", "mine.yaml:1: not valid YAML"),
        ("", "mine.yaml: is empty"),
    ],
)
def test_a_fault_of_a_file_is_reported_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        dialect(written(tmp_path, text))


def test_a_dialect_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ModelError, match="dialect nope: use marlin, molmo2, qwen, timelens, or a YAML file"):
        dialect("nope")
    with pytest.raises(ModelError, match="there is no such file"):
        dialect("nope.yaml")


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("allenai/Molmo2-4B", "molmo2"),
        ("NemoStation/Marlin-2B", "marlin"),
        ("mine /weights/Qwen3.5-4B", "qwen"),
        ("TencentARC/TimeLens-8B", "timelens"),
        ("TimeLens-8B-Qwen3-VL", "timelens"),
        ("marlin-qwen3.5", "marlin"),
        ("my-model", "marlin"),
    ],
)
def test_the_name_of_a_model_tells_its_dialect(model: str, name: str) -> None:
    assert dialect_of(model).name == name
