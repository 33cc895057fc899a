from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highlights.errors import OutputError, TimelineError
from highlights.export import timeline_json
from highlights.records import (
    Analysis,
    AudioTrack,
    Box,
    Clip,
    Event,
    Excitement,
    Fault,
    Moment,
    Part,
    Recording,
    Replay,
    Scene,
    Scoreboard,
    ScoreChange,
    ScoreReading,
    Timeline,
    Tone,
)
from highlights.spans import Span
from tests.support.matches import long_match, short_match

at_any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that is busy with something else is no fault."""

FOLDER = Path(os.path.abspath("matches"))  # noqa: PTH100 - resolve() would follow links

seconds = st.integers(0, 9_000_000).map(lambda ms: ms / 1000)
spans = st.builds(lambda start, length: Span(start / 1000, (start + length) / 1000), *[st.integers(1, 9_000_000)] * 2)
numbers = st.integers(-5000, 5000).map(lambda thousandths: thousandths / 1000)
shares = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
counts = st.integers(0, 1000)
words = st.text(max_size=12)
counters = st.dictionaries(words, st.integers(0, 400), max_size=3)
paths = st.sampled_from(["half1.mp4", "día 1/match – final.mkv", "日本.ts"]).map(lambda name: FOLDER / name)
ratios = st.builds(Fraction, st.integers(1, 120_000), st.integers(1, 1001))


def some(kind: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    return st.lists(kind, max_size=most).map(tuple)


tracks = st.builds(AudioTrack, counts, counts, words, counts, counts, words, words)
moments = st.builds(Moment, words, spans, seconds, words, numbers, words, words)
readings = st.builds(ScoreReading, seconds, words, counters, st.none() | numbers, words, words)
changes = st.builds(ScoreChange, seconds, spans, counters, counters, words, words, shares)
boards = st.builds(
    Scoreboard,
    some(st.builds(Box, counts, counts, counts, counts)),
    st.tuples(words, words),
    some(readings),
    some(changes),
    some(spans),
)


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    parts, start_s = [], 0.0
    for _ in range(draw(st.integers(1, 3))):
        duration_s = draw(st.integers(1, 9_000_000)) / 1000
        sizes = {"width": draw(st.integers(1, 8000)), "height": draw(st.integers(1, 8000))}
        parts.append(
            Part(
                path=draw(paths),
                start_s=round(start_s, 3),
                duration_s=duration_s,
                **sizes,
                frame_rate=draw(ratios),
                video_codec=draw(words),
                first_pts_s=draw(st.integers(-10_000_000, 10_000_000)) / 1_000_000,
                rotation_deg=draw(st.sampled_from([0, 90, 180, 270])),
                pixel_aspect=draw(ratios),
                audio_tracks=draw(some(tracks)),
                audio_track=draw(st.none() | counts),
            )
        )
        start_s += duration_s
    return Recording(tuple(parts))


def events(why_not: st.SearchStrategy[str]) -> st.SearchStrategy[Event]:
    claims = some(moments)
    return st.builds(
        Event, words, words, spans, seconds, shares, claims, st.integers(-9, 9), words, words, words, words, why_not, words
    )


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    recording = draw(recordings())
    found = draw(some(events(st.just(""))))
    part = st.integers(0, len(recording.parts) - 1)
    shown = some(st.integers(0, len(found) - 1)) if found else st.just(())
    analysis = Analysis(
        scenes=draw(some(st.builds(Scene, spans, part, st.sampled_from(["start", "cut", "gradual"])))),
        crowd=draw(st.builds(Excitement, st.integers(1, 5000).map(lambda ms: ms / 1000), some(numbers), some(numbers))),
        tones=draw(some(st.builds(Tone, st.sampled_from(["whistle", "buzzer"]), spans, shares))),
        scoreboard=draw(boards),
        replays=draw(some(st.builds(Replay, spans, shares, words))),
        faults=draw(some(st.builds(Fault, paths, words, counts))),
    )
    clips = draw(some(st.builds(Clip, spans, shown, words, words, part, st.booleans())))
    return Timeline(recording, draw(words), found, draw(some(events(words))), clips, analysis, draw(some(words)))


@at_any_speed
@given(timelines())
def test_reading_what_was_written_gives_the_same_timeline(tmp_path_factory: pytest.TempPathFactory, timeline: Timeline) -> None:
    target = tmp_path_factory.mktemp("out") / "timeline.json"
    timeline_json.write(timeline, target)
    assert timeline_json.read(target) == timeline


@at_any_speed
@given(timelines())
def test_every_file_written_keeps_to_the_shipped_schema(tmp_path_factory: pytest.TempPathFactory, timeline: Timeline) -> None:
    target = tmp_path_factory.mktemp("out") / "timeline.json"
    timeline_json.write(timeline, target)
    jsonschema.Draft202012Validator(json.loads(timeline_json.SCHEMA.read_text())).validate(json.loads(target.read_text()))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    target = tmp_path / "timeline.json"
    timeline_json.write(short_match(tmp_path / "match.mp4"), target)
    return target


def test_the_shipped_schema_is_the_one_the_models_give() -> None:
    """Regenerate it with: python -c "from highlights.export import timeline_json as t; t.SCHEMA.write_text(t.schema())"."""
    assert timeline_json.SCHEMA.read_text() == timeline_json.schema()


def test_the_schema_is_valid_and_refuses_unknown_keys(written: Path) -> None:
    schema = json.loads(timeline_json.SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(written.read_text())
    content["events"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.Draft202012Validator(schema).validate(content)


def test_the_same_timeline_gives_the_same_bytes(written: Path) -> None:
    before = written.read_bytes()
    timeline_json.write(timeline_json.read(written), written)
    assert written.read_bytes() == before
    assert before.endswith(b"}\n")


def test_paths_are_relative_to_the_timeline_so_that_the_folder_can_move(tmp_path: Path) -> None:
    (tmp_path / "then" / "out").mkdir(parents=True)
    timeline_json.write(short_match(tmp_path / "then" / "match.mp4"), tmp_path / "then" / "out" / "timeline.json")
    (tmp_path / "then").rename(tmp_path / "now")
    moved = timeline_json.read(tmp_path / "now" / "out" / "timeline.json")
    assert moved.recording.parts[0].path == tmp_path / "now" / "match.mp4"


def test_a_file_from_before_descriptions_and_finders_is_read(written: Path) -> None:
    content = json.loads(written.read_text())
    del content["finders"]
    for event in (*content["events"], *content["near_misses"]):
        del event["description"]
    before = timeline_json.read(written)
    written.write_text(json.dumps(content))
    assert timeline_json.read(written) == replace(
        before,
        finders=(),
        events=tuple(replace(event, description="") for event in before.events),
        near_misses=tuple(replace(event, description="") for event in before.near_misses),
    )


def test_numbers_are_written_to_the_millisecond(tmp_path: Path) -> None:
    recording = Recording((Part(tmp_path / "m.mp4", 0.0, 10.0, 64, 36, Fraction(25), "h264"),))
    event = Event("goal", "Goal", Span(1.0, 2.0), 1.23456, 0.98765, ())
    timeline_json.write(Timeline(recording, "soccer", (event,)), tmp_path / "timeline.json")
    entry = json.loads((tmp_path / "timeline.json").read_text())["events"][0]
    assert (entry["peak_s"], entry["confidence"]) == (1.235, 0.988)


def test_a_file_name_that_is_not_text_does_not_stop_the_writing(tmp_path: Path) -> None:
    name = os.fsdecode(b"m\xe4tch.mp4")
    timeline_json.write(short_match(tmp_path / name), tmp_path / "timeline.json")
    part = json.loads((tmp_path / "timeline.json").read_bytes().decode("utf-8"))["recording"]["parts"][0]
    assert part["name"] == "m?tch.mp4"


def test_ninety_minutes_stay_below_half_a_megabyte(tmp_path: Path) -> None:
    timeline = long_match(tmp_path / "half1.mp4", tmp_path / "half2.mp4")
    timeline_json.write(timeline, tmp_path / "timeline.json")
    assert (tmp_path / "timeline.json").stat().st_size < 500_000
    assert timeline_json.read(tmp_path / "timeline.json") == timeline


def changed(path: Path, *keys: str | int, to: object) -> Path:
    """The file with the value at `keys` set to `to`."""
    content = json.loads(path.read_text())
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("keys", "value", "complaint"),
    [
        (["version"], 2, "version: this program reads version 1"),
        (["events", 1, "colour"], "red", "events.1.colour: unknown key"),
        (["events", 0, "start_s"], "125", "events.0.start_s: input should be a valid number"),
        (["events", 0, "start_s"], -1, "events.0.start_s: input should be greater than or equal to 0"),
        (["events", 0, "end_s"], 1.0, "events.0: end_s must be after start_s, got 125.74 and 1.0"),
        (["events", 0, "end_s"], float("inf"), "events.0.end_s: input should be"),
        (["events", 0, "evidence", 2, "weight"], float("nan"), "events.0.evidence.2.weight: input should be a finite number"),
        (["events", 0, "confidence"], 1.5, "events.0.confidence: input should be less than or equal to 1"),
        (["clips", 0, "events"], [7], "clips.0.events: names an event that does not exist; the last one is 1"),
        (["clips", 1, "part"], 1, "clips.1.part: part 1 does not exist; the last one is 0"),
        (["scenes", 3, "part"], 9, "scenes.3.part: part 9 does not exist"),
        (["scenes", 3, "transition"], "wipe", "scenes.3.transition: input should be 'start', 'cut' or 'gradual'"),
        (["recording", "parts"], [], "recording.parts: list should have at least 1 item"),
        (["recording", "parts", 0, "frame_rate"], "25/0", "recording.parts.0.frame_rate: string should match"),
        (["recording", "parts", 0, "path"], "m\0.mp4", "recording.parts.0.path: string should match"),
        (["recording", "parts", 0, "width"], True, "recording.parts.0.width: input should be a valid integer"),
        (["crowd", "step_s"], 0, "crowd.step_s: input should be greater than 0"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(written: Path, keys: list[str | int], value: object, complaint: str) -> None:
    with pytest.raises(TimelineError) as raised:
        timeline_json.read(changed(written, *keys, to=value))
    assert str(raised.value).startswith(f"{written}: {complaint}")


def test_a_missing_key_is_refused_with_its_place(written: Path) -> None:
    content = json.loads(written.read_text())
    del content["score"]["teams"]
    written.write_text(json.dumps(content))
    with pytest.raises(TimelineError, match=r"score\.teams: missing"):
        timeline_json.read(written)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is not JSON"),
        (b"\x00\xff\xfe garbage", "is not JSON"),
        (b'{"version": 1', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is JSON but not a timeline"),
        (b"null", "is JSON but not a timeline"),
        (b"{}", "is JSON but not a timeline"),
        (b'{"version": 99}', "version: this program reads version 1"),
    ],
)
def test_a_file_that_is_not_a_timeline_is_refused_in_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "timeline.json"
    path.write_bytes(content)
    with pytest.raises(TimelineError) as raised:
        timeline_json.read(path)
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="cannot be read"):
        timeline_json.read(tmp_path / "timeline.json")
    with pytest.raises(TimelineError, match="cannot be read"):
        timeline_json.read(tmp_path)


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="folder"):
        timeline_json.write(short_match(tmp_path / "match.mp4"), tmp_path / "missing" / "timeline.json")


def test_a_failed_write_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "timeline.json"
    target.mkdir()
    (target / "kept").touch()
    with pytest.raises(OutputError, match="folder"):
        timeline_json.write(short_match(tmp_path / "match.mp4"), target)
    assert [path.name for path in tmp_path.iterdir()] == ["timeline.json"]
    assert (target / "kept").exists()
