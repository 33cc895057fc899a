"""The whole truths of assembled matches are truth files, with what follows from how a match was assembled."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.evaluated import completed
from benchmarks.matches import Match
from highlights.evaluation.truth_file import read_truth
from highlights.spans import Span

TRUTH = {
    "duration_s": 360.0,
    "sport": "soccer",
    "events": [{"label": "goal", "time_s": 106.3}],
    "score_changes": [{"time_s": 120.0, "home": 1, "away": 0}],
    "cuts_s": [100.0, 152.0],
    "replays_s": [[133.2, 142.3], [142.5, 150.9]],
}


def test_what_follows_from_how_a_match_was_assembled_is_added_to_its_truth(tmp_path: Path) -> None:
    path = tmp_path / "match.truth.json"
    path.write_text(json.dumps(completed(TRUTH, Match("match", tmp_path / "match.mp4", path, "soccer", 360.0))))
    truth = read_truth(path)
    assert truth.cuts_s == (100, 110.28, 118.78, 126.3, 130.72, 152)
    assert truth.graduals
    assert [one.span for one in truth.graduals] == [Span(132.8, 133.5), Span(142.1, 142.8), Span(150.6, 151.3)]
    assert truth.graphic == (Span(0, 133.2), Span(142.3, 142.5), Span(150.9, 360))
    assert (truth.score_at_start, truth.score_changes) == ({"home": 0, "away": 0}, ((120.0, {"home": 1, "away": 0}),))
    bare = completed(TRUTH, Match("match", tmp_path / "match.mp4", path, "soccer", 360.0, graphic=False))
    assert (bare["score_changes"], "game_clock" in bare) == ([], False)
