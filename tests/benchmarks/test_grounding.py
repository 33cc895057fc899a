"""A model's answers to TimeLens-Bench's queries, written by the benchmark and judged by the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import grounding
from highlights.evaluation.evaluation import evaluate
from highlights.evaluation.inputs import gathered
from tests.conftest import Put
from tests.support.model_server import ModelServer, reply_with


def test_each_query_is_asked_once_and_an_interrupted_run_goes_on(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai")
    put(tmp_path / "videos" / "AB12.mp4")
    truth, out = tmp_path / "truth.json", tmp_path / "results.jsonl"
    queries = {"spans": [[0.5, 2.5], [1, 3]], "queries": ["A number is shown.", "a bar moves"], "duration": 3}
    truth.write_text(json.dumps({"AB12": queries, "CD34": queries}))
    with ModelServer(lambda seen: reply_with("From 0.6 to 2.9.")) as server:
        command = [
            "grounding",
            str(tmp_path / "videos"),
            "--annotations",
            str(truth),
            "--out",
            str(out),
            "--server",
            server.url,
        ]
        monkeypatch.setattr(sys, "argv", command)
        grounding.main()
        asked = len(server.asked)
        grounding.main()
        assert len(server.asked) == asked
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [next(iter(line)) for line in lines] == [
        "AB12>>>A number is shown>>>[0.5, 2.5]",
        "AB12>>>a bar moves>>>[1.0, 3.0]",
    ]
    found = evaluate(gathered([out], truth)).grounding
    assert found
    assert (found.queries, found.unanswered) == (4, 2)
    assert found.mean_iou == pytest.approx(100 * (1.5 / 2.5 + 1) / 4)
