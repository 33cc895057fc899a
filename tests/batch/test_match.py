"""One match in steps, as on the machines of a cluster."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from highlights.batch.manifest import Match
from highlights.batch.match import Made, analyse_match, find_match, run_match, write_match
from highlights.pipeline import RunOptions
from highlights.progress import no_progress


def test_a_later_step_never_reads_the_recording_again_even_without_a_cache(
    small_match: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "no folder").write_text("")
    monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path / "no folder"))
    match = Match("match", (str(small_match),), "soccer", RunOptions(reel="none"))
    with caplog.at_level(logging.INFO, "highlights"):
        analysed = analyse_match(match, no_progress)
        assert "reading" in caplog.text
        caplog.clear()
        found = find_match(match, analysed, no_progress)
        counts = write_match(match, found, str(tmp_path / "steps"), no_progress)
    assert "no analysis is cached" not in caplog.text
    assert counts == run_match(match, str(tmp_path / "one go"), no_progress) == Made({"Goal": 1})
    name = "timeline.json"
    assert (tmp_path / "steps" / name).read_bytes() == (tmp_path / "one go" / name).read_bytes()
