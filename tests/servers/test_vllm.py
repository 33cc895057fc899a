"""Whole commands and whole windows against a real vLLM; skipped unless `make test-servers` has installed one."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.tiny.prompts import prompt
from highlights.backends.server import ServerBackend
from highlights.dialects.dialect import Question
from highlights.dialects.marlin import MARLIN
from highlights.profile import EventRule
from tests.support.commands import highlights
from tests.support.drawing import draw_video
from tests.support.exchanges import Recorder
from tests.support.model_server import Drawn
from tests.support.profiles import FLASHES
from tests.support.vllm import NAME

pytest.importorskip("openai")

WORDS = (
    "a goal",
    "a foul",
    "a save",
    "a throw-in",
    "a free kick",
    "a header",
    "a tackle",
    "a pass",
    "a run",
    "a shot",
    "a dive",
)
RULE = EventRule("goal", "Goal", (), "Is a goal scored in this clip?", cool_down_s=1.0)
FINDS = [MARLIN.find_question(RULE, words) for words in WORDS]
PICTURE = {"width": 576, "height": 320}


@pytest.fixture(scope="module")
def url(real) -> str:
    return real.url("documented")


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    draw_video(path, cuts_s=[6.0], duration_s=12.0)
    return path


@pytest.fixture
def backend(url: str) -> Iterator[ServerBackend]:
    opened = ServerBackend(url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def local(checkpoint: Path) -> Iterator[object]:
    """The same model in this process, in the same number format."""
    from highlights.backends.transformers import load
    from highlights.backends.weights import look_for

    model = load("marlin", look_for(checkpoint), "cpu", "bfloat16")
    yield model
    model.close()


def test_a_run_with_signals_and_the_server_ends_in_a_reel(url, match, tmp_path):
    profile = tmp_path / "flashes.yaml"
    profile.write_text(FLASHES)
    out = tmp_path / "out"
    options = ("--sport", profile, "--finder", "signals,server", "--windows", "all", "--server", url, "--out", out)
    done = highlights("run", match, *options)
    assert done.returncode == 0, done.stderr
    assert (out / "reel.mp4").stat().st_size > 0
    timeline = json.loads((out / "timeline.json").read_text())
    assert timeline["finders"] == ["signals", f"{NAME} on vllm at {url}"]


def test_find_and_caption_print_what_the_server_answers(url, match):
    found = highlights("find", match, "a player shoots", "--json", "--server", url)
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout)
    assert told
    captioned = highlights("caption", match, "--json", "--server", url)
    assert captioned.returncode == 0, captioned.stderr
    assert len(json.loads(captioned.stdout)) == 1


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 8, 60, 119, 120])
def test_the_server_reads_as_many_tokens_as_the_model_in_process(url, local, frames):
    footage = Drawn(frames=frames, width=96, height=64)
    with Recorder(url) as proxy:
        backend = ServerBackend(proxy.url)
        backend.ask(footage, [FINDS[0]])
        backend.close()
    read = json.loads(proxy.exchanges[-1].reply)["usage"]["prompt_tokens"]
    due = prompt(local, footage, FINDS[0].text)["input_ids"].shape[1]
    assert read == due + 2, "vLLM leaves the pair of tokens around a video in the prompt"


def test_answers_and_their_probabilities_equal_those_of_the_model_in_process(backend, local):
    footage = Drawn(frames=16)
    questions = [*FINDS, MARLIN.check_question(RULE), Question("What happens?", 12)]
    for got, due in zip(backend.ask(footage, questions), local.ask(footage, questions), strict=True):
        assert got.text == due.text
        near = zip(got.tokens, due.tokens, strict=False)  # vLLM's also have the token that ends the answer
        assert all(abs(ours.logprob - theirs.logprob) < 0.5 for ours, theirs in near)
        assert got.yes == (None if due.yes is None else pytest.approx(due.yes, abs=0.1))


def test_most_of_a_window_is_read_once_for_all_its_questions(url, backend):
    before = cached(url)
    backend.ask(Drawn(frames=60, **PICTURE), FINDS)
    after = cached(url)
    asked, hit = (after[name] - before[name] for name in ("queries", "hits"))
    assert hit / asked > 0.5


def cached(url: str) -> dict[str, float]:
    """Tokens asked of vLLM's prefix cache so far, and tokens that were there."""
    text = urllib.request.urlopen(url.removesuffix("/v1") + "/metrics").read().decode()
    found = re.findall(r"^vllm:prefix_cache_(queries|hits)_total\{.*\} (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}
