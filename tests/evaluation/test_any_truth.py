"""Whatever valid truth a match is judged by: numbers in JSON, tables, a page, and nothing that differs from itself."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import board, event, goals, recording, scenes
from highlights.evaluation import page, truth_json
from highlights.evaluation.cases import case_of_timeline
from highlights.evaluation.comparison import compared
from highlights.evaluation.data import as_data
from highlights.evaluation.evaluation import evaluate
from highlights.evaluation.inputs import Inputs
from highlights.evaluation.tables import tables
from highlights.records import Analysis, Clip, Timeline
from highlights.spans import Span

TIMES = st.one_of(st.sampled_from([0, 0.0004, 99.9, 100, 300, 600, 1e7]), st.floats(0, 700))
SPANS = st.tuples(TIMES, TIMES).filter(lambda pair: round(pair[0], 3) < round(pair[1], 3)).map(list)
COUNTERS = st.dictionaries(
    st.sampled_from(["home", "away", "runs", "balls", "home_sets", "away_points", "legs"]), st.integers(0, 20), max_size=3
)
EVENTS = st.fixed_dictionaries(
    {"label": st.sampled_from(["goal", "save", "long ball", "moment"]), "time_s": TIMES}, optional={"shown": st.booleans()}
)
CLOCKS = st.fixed_dictionaries(
    {"time_s": TIMES, "clock": st.just("67:30")}, optional={"way": st.sampled_from(["down", "stopped"])}
)
TRUTHS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"events": st.lists(EVENTS, max_size=6)},
    optional={
        "labels": st.just(["red_card"]),
        "score_changes": st.lists(st.tuples(TIMES, COUNTERS).map(lambda pair: {"time_s": pair[0], **pair[1]}), max_size=4),
        "score_at_start": COUNTERS,
        "game_clock": st.lists(CLOCKS, max_size=3),
        "readings": st.lists(st.tuples(TIMES, COUNTERS).map(lambda pair: {"time_s": pair[0], **pair[1]}), max_size=3),
        "graphic_s": st.lists(SPANS, max_size=3),
        "cuts_s": st.lists(TIMES, max_size=5),
        "transitions": st.lists(SPANS.map(lambda s: {"start_s": s[0], "end_s": s[1], "kind": "wipe"}), max_size=3),
        "summary_s": st.lists(SPANS, max_size=3),
    },
)
TIMELINES = st.sampled_from(
    [
        Timeline(recording(), "soccer"),
        Timeline(
            recording(300, 300),
            "soccer",
            (event(100), event(301, "save", confidence=0.6)),
            (event(400, confidence=0.3, why_not="no roar"),),
            (Clip(Span(90, 110), (0,), "Goal"),),
            Analysis(scenes(10, 100, 299.9), scoreboard=board(*goals((120, 1, 0), (310, 1, 1)))),
        ),
        Timeline(recording(20), "quidditch", (event(10),)),
    ]
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(TIMELINES, TRUTHS)
def test_any_truth_gives_an_evaluation_that_can_be_printed_shown_and_compared(
    timeline: Timeline, content: dict[str, Any]
) -> None:
    found = evaluate(Inputs((case_of_timeline("match", timeline, truth_json.of_json(content)),)))
    told = json.loads(json.dumps(as_data(found), allow_nan=False))
    same = compared(as_data(found), told)
    assert (same.changes, same.gained, same.lost, same.new_alarms) == ((), (), (), ())
    for table in tables(found):
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)}, table.title
    assert page.page(found, same).startswith("<!doctype html>")
    true = sum(measure.true for measure in found.measures if measure.kind != "all")
    missed = sum(mistake.what == "missed" and mistake.kind != "score change" for mistake in found.mistakes)
    assert true == missed + sum(len(match.found) for match in found.matches)
