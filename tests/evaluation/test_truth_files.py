"""Files of truth and predictions: what is read, and that no file of a stranger raises anything but our errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.stand_in.events import event, recording
from highlights.errors import FormatError, TimelineError
from highlights.evaluation import comparison, soccernet, timelens
from highlights.evaluation.truth import ClockPiece, Gradual, Look, TrueEvent, Truth, joined, truth_of_times
from highlights.evaluation.truth_file import read_truth
from highlights.export import formats, timeline_json
from highlights.records import Clip, Event, Recording, Timeline
from highlights.spans import Span

WHOLE = {
    "duration_s": 360.0,
    "events": [
        {"label": "goal", "time_s": 134.74, "team": "home"},
        {"label": "goal", "time_s": 7, "start_s": 5, "end_s": 9.5},
        {"label": "save", "time_s": 1.5, "shown": False},
    ],
    "labels": ["goal", "red_card"],
    "score_changes": [{"time_s": 155.93, "home": 1, "away": 0}],
    "cuts_s": [6.2, 12.4],
    "transitions": [{"start_s": 20, "end_s": 20.8, "kind": "wipe"}],
    "score_at_start": {"home": 0, "away": 0},
    "game_clock": [{"time_s": 0, "clock": "67:30"}, {"time_s": 90, "clock_s": 4140, "way": "stopped"}],
    "readings": [{"time_s": 12, "home": 0, "away": 0, "clock": "67:42"}],
    "graphic_s": [[0, 44.6]],
    "summary_s": [[1, 2], [5, 9]],
    "replays_s": [[45, 51]],
}


def test_every_key_of_the_truth_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(WHOLE), encoding="utf-8-sig")
    assert read_truth(path) == Truth(
        {"goal": (TrueEvent(134.74), TrueEvent(7, Span(5, 9.5))), "red_card": (), "save": (TrueEvent(1.5, shown=False),)},
        score_changes=((155.93, {"home": 1, "away": 0}),),
        cuts_s=(6.2, 12.4),
        graduals=(Gradual(Span(20, 20.8), "wipe"),),
        score_at_start={"home": 0, "away": 0},
        clock=(ClockPiece(0, 4050), ClockPiece(90, 4140, "stopped")),
        looks=(Look(12, {"home": 0, "away": 0}, 4062),),
        graphic=(Span(0, 44.6),),
        summary=(Span(1, 2), Span(5, 9)),
    )


def test_lists_missing_from_the_truth_are_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_text('{"events": []}')
    assert read_truth(path) == Truth({})


@pytest.mark.parametrize(("overs", "balls"), [("15.2", 92), (15.2, 92), ("16.0", 96), (16, 96), ("0.5", 5)])
def test_overs_are_counted_in_balls(tmp_path: Path, overs: object, balls: int) -> None:
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"events": [], "score_changes": [{"time_s": 1, "runs": 134, "overs": overs}]}))
    assert read_truth(path).score_changes == ((1.0, {"runs": 134, "balls": balls}),)


@pytest.mark.parametrize(
    "text",
    [
        "label,time_s\ngoal,134.74\nsave, 1.5\ngoal,7\n",
        "\ufefflabel, time_s, note\r\ngoal,134.74,late\r\n\r\nsave,1.5,\r\ngoal,7,\r\n",
        "sep=;\r\nTime_s ;Label ;\r\n134,74;Goal ;\r\n;;\r\n1,5; Save;\r\n7;goal;\r\n",
    ],
)
def test_truth_is_read_from_a_table_as_spreadsheets_save_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "truth.CSV"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_truth(path) == truth_of_times({"goal": (134.74, 7.0), "save": (1.5,)})


MATCH = Timeline(recording(300, 300), "soccer", (event(100.5), event(450, "save", title="Shot saved")))


def test_soccernets_labels_are_placed_in_both_halves(tmp_path: Path) -> None:
    notes = [
        {"gameTime": "1 - 01:40", "label": "Goal", "position": "100500", "visibility": "not shown"},
        {"gameTime": "2 - 02:30", "label": "Shots on target", "position": "150000"},
        {"gameTime": "2 - 02:31", "label": "Yellow card"},
    ]
    path = tmp_path / "Labels-v2.json"
    path.write_text(json.dumps({"UrlLocal": "x", "annotations": notes}))
    truth = read_truth(path, MATCH)
    assert {kind: events for kind, events in truth.events.items() if events} == {
        "goal": (TrueEvent(100.5, shown=False),),
        "shot": (TrueEvent(450.0),),
        "yellow_card": (TrueEvent(451.0),),
    }
    assert (len(truth.events), truth.kind_of("save")) == (17, "shot")


@pytest.mark.parametrize(("name", "time_s"), [("1_224p.mkv", 9.0), ("2_HQ.mkv", 4.0), ("match.mkv", 4.0)])
def test_a_single_file_is_the_half_that_its_name_or_else_most_labels_say(tmp_path: Path, name: str, time_s: float) -> None:
    notes = [("1 - 00:09", "Goal"), ("2 - 00:04", "Goal"), ("2 - 00:05", "Foul")]
    path = tmp_path / "Labels-v2.json"
    path.write_text(json.dumps({"annotations": [{"gameTime": time, "label": label} for time, label in notes]}))
    file = replace(recording().parts[0], path=Path(name))
    assert read_truth(path, replace(MATCH, recording=Recording((file,)))).times_s("goal") == (time_s,)


@pytest.mark.parametrize("name", ["sportscode", "losslesscut-csv", "fcpxml", "csv"])
def test_a_list_of_clips_that_another_program_saved_is_truth(tmp_path: Path, name: str) -> None:
    clips = (Clip(Span(90, 110), (0,), "Goal"), Clip(Span(440, 460), (1,), "Save"))
    single = replace(MATCH, recording=recording(), clips=clips)
    chosen = formats.choice(name, None, None, tmp_path)
    path = tmp_path / f"list{chosen.format.suffix}"
    formats.export(single, chosen, path, tmp_path / "reel.mp4")
    events = read_truth(path, single).events
    assert {kind: [event.time_s for event in found] for kind, found in events.items()} == {"goal": [100.5], "save": [450]}


def test_a_clip_without_a_mark_is_named_by_its_title_and_happens_in_its_middle(tmp_path: Path) -> None:
    instances = "".join(
        f"<instance><ID>{n}</ID><start>{a}</start><end>{b}</end><code>{code}</code></instance>"
        for n, (a, b, code) in enumerate([(90, 110, "Goal"), (200, 210, "Red Card"), (30, 40, "Long ball")], 1)
    )
    path = tmp_path / "list.xml"
    path.write_text(f"<file><ALL_INSTANCES>{instances}</ALL_INSTANCES></file>")
    assert read_truth(path, MATCH) == truth_of_times({"goal": (100,), "red_card": (205,), "long_ball": (35,)})
    with pytest.raises(TimelineError, match=r"the name of a table must end in \.csv"):
        read_truth(path)


def reviewed(*events: Event, near: tuple[Event, ...] = ()) -> Timeline:
    return Timeline(recording(), "soccer", events, near)


def test_a_reviewed_timeline_is_truth_and_one_that_is_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    accepted, added = event(100, status="accepted"), event(200, status="added")
    rejected = event(300, "save", status="rejected", why_not="rejected by hand")
    timeline_json.write(reviewed(accepted, added, near=(rejected, event(50, "shot"))), path)
    assert read_truth(path).events == {"goal": (TrueEvent(100), TrueEvent(200, Span(196, 204))), "save": ()}
    for timeline, problem in (
        (reviewed(event(100)), "was not reviewed"),
        (reviewed(accepted, event(300)), "has 1 events without"),
    ):
        timeline_json.write(timeline, path)
        assert problem in faulty(path)


def test_of_several_files_about_a_match_each_gives_what_the_others_lack() -> None:
    one, other = truth_of_times({"goal": (1,)}), replace(truth_of_times({"goal": (2,), "save": (3,)}), cuts_s=(4.0,))
    assert joined([one, other]) == Truth({"save": (TrueEvent(3),), "goal": (TrueEvent(1),)}, cuts_s=(4.0,))


# refused


def faulty(path: Path) -> str:
    """The error line for an invalid truth file, without its path."""
    with pytest.raises(TimelineError) as raised:
        read_truth(path)
    line = str(raised.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert raised.value.path == path
    return line.removeprefix(f"{path}: ")


def one(key: str, value: object) -> str:
    return json.dumps({"events": [], key: value})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not JSON (Expecting value"),
        ("label,time_s\ngoal,3\n", "the name of a table must end in .csv"),
        ("[" * 100_000, "is not JSON ("),
        ("[]", "is JSON but not a truth file"),
        ('"goal"', "is JSON but not a truth file"),
        ("{}", "it needs a list named events"),
        ('{"events": {}}', "it needs a list named events"),
        ('{"events": [3]}', "events.0: must be an entry"),
        ('{"events": [{"time_s": 3}]}', "events.0: label: must be the name of an event"),
        ('{"events": [{"label": "", "time_s": 3}]}', "events.0: label: must be"),
        ('{"events": [{"label": ["goal"], "time_s": 3}]}', "events.0: label: must be"),
        ('{"events": [{"label": "goal", "time_s": 3}, {"label": "goal"}]}', "events.1: time_s: must be seconds from 0"),
        ('{"events": [{"label": "goal", "time_s": NaN}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": Infinity}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": -1}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": 1e300}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": %s}]}' % ("9" * 400), "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": %s}]}' % ("9" * 9000), "is not JSON ("),
        ('{"events": [{"label": "goal", "time_s": true}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": null}]}', "events.0: time_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": 1, "start_s": 3}]}', "events.0: end_s: must be seconds"),
        ('{"events": [{"label": "goal", "time_s": 1, "shown": "no"}]}', "events.0: shown: must be true or false"),
        (one("cuts_s", 3), "cuts_s: must be a list"),
        (one("cuts_s", [1, "x"]), "cuts_s.1: must be seconds"),
        (one("cuts_s", [1] * 100_001), "cuts_s: has 100001 entries; the limit is 100000"),
        (one("labels", "goal"), "labels: must be a list"),
        (one("score_changes", [[1]]), "score_changes.0: must be an entry"),
        (one("score_changes", [{"home": 1}]), "score_changes.0.time_s: must be seconds"),
        (one("score_changes", [{"time_s": 1, "home": "one"}]), "score_changes.0.home: must be a whole number"),
        (one("score_changes", [{"time_s": 1, "overs": "x.y"}]), "score_changes.0.overs: must be a whole number"),
        (one("transitions", [{"start_s": 1, "end_s": 1, "kind": "wipe"}]), "transitions.0: must end after it starts"),
        (one("transitions", [{"start_s": 1, "end_s": 2, "kind": "cut"}]), "transitions.0.kind: must be one of dissolve, wipe"),
        (one("score_at_start", 3), "score_at_start: must be an entry"),
        (one("game_clock", [{"time_s": 0}]), "game_clock.0: needs clock, such as 67:30, or clock_s"),
        (one("game_clock", [{"time_s": 0, "clock": "67:3O"}]), "game_clock.0.clock: must be minutes and seconds"),
        (one("game_clock", [{"time_s": 0, "clock_s": 1, "way": "on"}]), "game_clock.0.way: must be one of up, down, stopped"),
        (one("graphic_s", [[3, 1]]), "graphic_s.0: must end after it starts"),
        (one("summary_s", [3]), "summary_s.0: must be [start_s, end_s]"),
        ('{"annotations": [{"label": "Goal"}]}', "annotations.0.gameTime: must be a half and a time"),
        ('{"annotations": [{"gameTime": "1 - 00:10"}]}', "annotations.0.label: must be the name of a class"),
    ],
)
def test_an_invalid_json_truth_is_refused_in_one_line_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(text)
    assert problem in faulty(path)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"position": "-1"}, "predictions.0.position: must be milliseconds from the start of the half"),
        ({"position": "1e300"}, "predictions.0.position: must be milliseconds"),
        ({"position": None}, "predictions.0.position: must be milliseconds"),
        ({"half": "first"}, "predictions.0.half: must be a whole number"),
        ({"confidence": "NaN"}, "predictions.0.confidence: must be a number"),
        ({"label": ""}, "predictions.0.label: must be the name of a class"),
    ],
)
def test_invalid_predictions_are_refused_with_the_place(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    path = tmp_path / "results_spotting.json"
    path.write_text(json.dumps({"predictions": [{"label": "Goal", "position": "1", "half": "1", "confidence": "1"} | change]}))
    with pytest.raises(TimelineError) as raised:
        soccernet.read_predictions(path)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the first line must name the columns label,time_s"),
        ("event;time\ngoal;3\n", "the first line must name the columns label,time_s"),
        ("label,time_s\ngoal,3\ngoal\n", "line 3: time_s: must be seconds"),
        ("label,time_s\ngoal,nan\n", "line 2: time_s: must be seconds"),
        ("label,time_s\n,3\n", "line 2: label: must be the name of an event"),
        (f"label,time_s\n{'x' * 200_000},3\n", "field larger than field limit"),
    ],
)
def test_an_invalid_table_is_refused_in_one_line_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    assert problem in faulty(path)


def test_a_truth_that_is_missing_or_a_folder_or_not_text_or_too_large_is_refused(tmp_path: Path) -> None:
    assert faulty(tmp_path / "absent.json").startswith("cannot be read (No such file")
    assert faulty(tmp_path).startswith("cannot be read (Is a directory)")
    (tmp_path / "match.json").write_bytes(b"\xff\xfe\x00ftyp")
    assert faulty(tmp_path / "match.json").startswith("is not UTF-8 text")
    with (tmp_path / "match.json").open("wb") as file:
        file.truncate(64_000_001)
    assert faulty(tmp_path / "match.json").startswith("is larger than 64 MB")


# anything at all

LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["goal", "1 - 00:10", "67:30", "1"]),
)
KEYS = st.sampled_from(
    [
        *(
            "events",
            "labels",
            "score_changes",
            "cuts_s",
            "transitions",
            "score_at_start",
            "game_clock",
            "readings",
            "graphic_s",
        ),
        *("label", "time_s", "start_s", "end_s", "kind", "clock", "clock_s", "way", "home", "overs", "annotations", "gameTime"),
        *("position", "start", "end", "predictions", "half", "confidence", "spans", "queries", "a>>>b>>>[1, 2]", "timestamps"),
        *("answers", "evaluation", "tolerance_s", "metrics", "matches", "mistakes", "found", "name", "match", "what", "at"),
    ]
)
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)))
FILES = st.one_of(
    st.dictionaries(KEYS, VALUES, max_size=5).map(json.dumps),
    st.text(max_size=60),
    st.text(max_size=30).map(lambda text: f"label,time_s\n{text}"),
    st.text(max_size=30).map(lambda text: f"<file><ALL_INSTANCES>{text}</ALL_INSTANCES></file>"),
)
READERS: dict[str, Callable[[Path], object]] = {
    "truth.json": lambda path: read_truth(path, MATCH),
    "truth.csv": lambda path: read_truth(path, MATCH),
    "truth.xml": lambda path: read_truth(path, MATCH),
    "labels.json": soccernet.read_labels,
    "predictions.json": soccernet.read_predictions,
    "annotations.json": timelens.read_annotations,
    "results.jsonl": lambda path: timelens.read_answers(path, None),
    "evaluation.json": comparison.read_data,
}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=FILES)
def test_no_file_raises_anything_but_our_errors(tmp_path_factory: pytest.TempPathFactory, name: str, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with suppress(TimelineError, FormatError):
        READERS[name](path)
