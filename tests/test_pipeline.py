"""Whole runs on the sample match, judged against its truth, and on small drawn matches."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from jsonschema import Draft202012Validator

import highlights
from highlights.errors import OutputError, RenderError
from highlights.evaluation.evaluation import evaluate
from highlights.evaluation.inputs import gathered
from highlights.export import timeline_json
from highlights.media.cut.copy import copy_spans
from highlights.media.probe import open_recording
from highlights.records import Timeline
from highlights.spans import Span
from tests.conftest import SAMPLE, SAMPLES, Run
from tests.support import commands
from tests.support.drawing import Look, Sound, draw_video
from tests.support.sounds import RATE_HZ, murmur, net_match

TRUTH = SAMPLES / "soccer.truth.json"


@pytest.fixture(scope="module")
def truth() -> Any:
    return json.loads(TRUTH.read_text())


@pytest.fixture(scope="module")
def sample(sample_run: Run) -> Timeline:
    return timeline_json.read(sample_run.out / "timeline.json")


def test_the_sample_runs_without_warnings(sample_run: Run) -> None:
    assert sample_run.done.returncode == 0
    assert sample_run.done.stderr.startswith("Note: finders: signals (no weights of a model here")
    assert sample_run.done.stderr.count("\n") == 1


def test_all_result_files_are_written_and_no_others(sample_run: Run) -> None:
    assert sorted(p.name for p in sample_run.out.iterdir()) == ["reel.mp4", "report.html", "timeline.csv", "timeline.json"]


def test_every_goal_is_found_and_its_span_holds_the_instant(sample: Timeline, truth: Any) -> None:
    goals = [event for event in sample.events if event.name == "goal"]
    instants = [event["time_s"] for event in truth["events"]]
    assert len(goals) == len(instants) == 3
    for goal, instant in zip(goals, instants, strict=True):
        assert goal.span.holds(instant)
        assert abs(goal.peak_s - instant) < 2


def test_nothing_but_the_goals_is_an_event(sample: Timeline) -> None:
    assert [event.name for event in sample.events] == ["goal"] * 3


def test_goals_have_game_clock_score_and_team(sample: Timeline) -> None:
    assert [event.score for event in sample.events] == ["1–1", "2–1", "3–1"]
    assert [event.team for event in sample.events] == ["JAY", "ELK", "ELK"]
    # the sample's game clock never stops
    seconds = [60 * int(m) + int(s) for m, s in (event.game_clock.split(":") for event in sample.events)]
    starts = [second - event.peak_s for second, event in zip(seconds, sample.events, strict=True)]
    assert max(starts) - min(starts) <= 1


def test_every_replay_is_marked_and_no_event_lies_in_one(sample: Timeline, truth: Any) -> None:
    found = [replay.span for replay in sample.analysis.replays]
    for start_s, end_s in truth["replays_s"]:
        marked_s = sum(span.overlap_s(Span(start_s, end_s)) for span in found)
        assert marked_s > 0.8 * (end_s - start_s)
    true = [Span(*replay) for replay in truth["replays_s"]]
    assert all(any(span.overlap_s(t) for t in true) for span in found)
    assert not any(span.holds(event.peak_s) for span in true for event in sample.events)


def test_near_misses_have_the_reason_why_they_are_not_events(sample: Timeline) -> None:
    assert sample.near_misses
    assert all(miss.why_not and miss.evidence for miss in sample.near_misses)


def test_every_event_lists_its_evidence(sample: Timeline) -> None:
    for event in sample.events:
        assert {"score", "crowd", "replay"} <= {moment.signal for moment in event.evidence}
        assert all(moment.because for moment in event.evidence)


def test_the_sample_is_evaluated_without_a_mistake(sample_run: Run) -> None:
    found = evaluate(gathered([sample_run.out], TRUTH))
    assert [(measure.kind, measure.f1, measure.held) for measure in found.measures] == [("goal", 1, 3)]
    assert found.score is not None
    assert found.score.f1 == 1
    assert found.cuts is not None
    assert [(measure.kind, measure.true, measure.f1) for measure in found.cuts.at[0] if measure.true] == [
        ("hard", 26, 1),
        ("wipe", 8, 1),
    ]
    assert found.readings is not None
    assert [(counts.wrong, counts.missed) for counts in (found.readings.score, found.readings.clock) if counts] == [(0, 0)] * 2


def test_the_timeline_is_valid_by_the_shipped_schema(sample_run: Run) -> None:
    schema = json.loads(timeline_json.SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads((sample_run.out / "timeline.json").read_text()))


def test_the_csv_has_a_row_for_every_event(sample_run: Run) -> None:
    with (sample_run.out / "timeline.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["goal"] * 3


def test_the_report_shows_recording_reel_and_every_event(sample_run: Run) -> None:
    page = (sample_run.out / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    for words in ("soccer.mp4", "reel.mp4", "the crowd roared at 0:33", "another instant fits that better"):
        assert words in page


def test_the_reel_plays_anywhere(sample_run: Run) -> None:
    with av.open(str(sample_run.out / "reel.mp4")) as reel:
        picture, sound = reel.streams.video[0], reel.streams.audio[0]
        assert (picture.codec_context.name, picture.pix_fmt, sound.codec_context.name) == ("h264", "yuv420p", "aac")
        assert abs(float(picture.duration * picture.time_base) - float(sound.duration * sound.time_base)) < 0.04
    data = (sample_run.out / "reel.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat"), "the index must come first (faststart)"


def test_the_reel_shows_the_clips_each_in_its_chapter(sample_run: Run, sample: Timeline) -> None:
    with av.open(str(sample_run.out / "reel.mp4")) as reel:
        chapters = [c["metadata"]["title"] for c in reel.chapters()]
        length_s = reel.duration / av.time_base
    assert len(chapters) == len(sample.clips) == 3
    assert all("Goal" in title for title in chapters)
    assert length_s == pytest.approx(sum(clip.span.length_s for clip in sample.clips), abs=0.2)
    for clip, event in zip(sample.clips, sample.events, strict=True):
        assert clip.span.start_s <= event.span.start_s
        assert clip.span.holds(event.peak_s)


def test_the_table_names_every_event_and_file(sample_run: Run) -> None:
    lines = sample_run.done.stdout.splitlines()
    assert lines[0].startswith("3 events, ")
    assert [line.split()[0] for line in lines[2:5]] == ["0:33", "1:36", "2:08"]
    assert all("Goal" in line and "99%" in line and "the crowd roared" in line for line in lines[2:5])
    files = ["timeline.json", "timeline.csv", "report.html", "reel.mp4"]
    assert [line.strip() for line in lines[5:]] == [str(sample_run.out / name) for name in files]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs sched_setaffinity")
def test_the_sample_gives_the_same_bytes_again_on_one_core(sample_run: Run, tmp_path: Path) -> None:
    again = sample_run.out.with_name("again")
    done = commands.highlights("run", SAMPLE, "--out", again, "--reel", "none", before="os.sched_setaffinity(0, {0})")
    assert done.returncode == 0
    assert not (again / "reel.mp4").exists()
    for name in ("timeline.json", "timeline.csv"):
        assert (again / name).read_bytes() == (sample_run.out / name).read_bytes(), name


def test_a_small_match_gives_the_same_bytes_in_every_file(small_match: Path, tmp_path: Path) -> None:
    for out in ("a", "b"):
        highlights.run(small_match, out=tmp_path / out, options=highlights.RunOptions(files=highlights.Files(clips=True)))
    first, second = ({p.relative_to(out): p.read_bytes() for p in out.rglob("*.*")} for out in (tmp_path / "a", tmp_path / "b"))
    assert len(first) == 5
    assert first == second


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The sample as two files, cut at the key frame before 1:12."""
    folder = tmp_path_factory.mktemp("halves")
    recording = open_recording([SAMPLE])
    first, second = folder / "half1.mp4", folder / "half2.mp4"
    [shown] = copy_spans(recording, [Span(72.0, recording.duration_s)], second)
    copy_spans(recording, [Span(0.0, shown.start_s)], first)
    return [first, second]


def test_two_halves_have_one_match_clock(halves: list[Path], sample: Timeline) -> None:
    timeline = highlights.find_events(halves)
    assert len(timeline.recording.parts) == 2
    assert timeline.recording.duration_s == pytest.approx(sample.recording.duration_s, abs=0.1)
    assert [event.name for event in timeline.events] == ["goal"] * 3
    for event, whole in zip(timeline.events, sample.events, strict=True):
        assert event.peak_s == pytest.approx(whole.peak_s, abs=1.0)
        assert event.score == whole.score
        ours, theirs = ([int(n) for n in e.game_clock.split(":")] for e in (event, whole))
        assert abs((60 * ours[0] + ours[1]) - (60 * theirs[0] + theirs[1])) <= 1
    assert [clip.part for clip in timeline.clips] == [0, 1, 1]
    for clip in timeline.clips:
        part = timeline.recording.parts[clip.part].span
        assert part.start_s <= clip.span.start_s
        assert clip.span.end_s <= part.end_s


def test_a_match_without_events_has_a_reel_of_moments_that_says_so_everywhere(tmp_path: Path) -> None:
    quiet = draw_video(tmp_path / "quiet.mp4", duration_s=3)
    done = commands.highlights("run", quiet, "--out", tmp_path / "out")
    note = "No event was found, and nothing stands out; the reel shows moments spread evenly over the recording"
    assert f"Note: {note}" in done.stderr
    assert done.stdout.startswith("0 events, 0 near misses, 1 moment\n")
    assert "it was chosen to spread the moments over the recording" in done.stdout
    assert note in (tmp_path / "out" / "report.html").read_text()
    written = json.loads((tmp_path / "out" / "timeline.json").read_text())
    assert written["note"] == note
    assert [event["name"] for event in written["events"]] == ["moment"]
    rows = list(csv.DictReader((tmp_path / "out" / "timeline.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["name"], row["title"]) for row in rows] == [("moment", "Moment")]
    (tmp_path / "none.json").write_text('{"events": [], "labels": ["goal"]}')
    assert [measure.found for measure in evaluate(gathered([tmp_path / "out"], tmp_path / "none.json")).measures] == [0]
    with av.open(str(tmp_path / "out" / "reel.mp4")) as reel:
        assert reel.streams.video[0].frames > 0


def test_without_moments_a_match_without_events_has_a_report_but_no_reel(tmp_path: Path) -> None:
    quiet = draw_video(tmp_path / "quiet.mp4", duration_s=3)
    result = highlights.run(str(quiet), out=tmp_path / "out", options=highlights.RunOptions(moments="none"))
    assert not result.timeline.events
    assert sorted(p.name for p in result.files) == ["report.html", "timeline.csv", "timeline.json"]
    assert sorted((tmp_path / "out").iterdir()) == sorted(result.files)


def test_clips_are_written_on_request(small_match: Path, tmp_path: Path) -> None:
    options = highlights.RunOptions(reel="copy", files=highlights.Files(clips=True))
    result = highlights.run(small_match, out=tmp_path / "out", options=options)
    clips = sorted((tmp_path / "out" / "clips").iterdir())
    assert clips == [file for file in result.files if file.parent.name == "clips"]
    assert len(clips) == len(result.timeline.clips) == 1
    with av.open(str(clips[0])) as clip:
        assert clip.streams.video[0].frames > 0


def test_a_target_duration_bounds_the_reel(small_match: Path, tmp_path: Path) -> None:
    options = highlights.RunOptions(reel="none", timeline=highlights.TimelineOptions(target_s=9.0))
    timeline = highlights.run(small_match, out=tmp_path / "out", options=options).timeline
    [clip] = timeline.clips
    assert clip.span.length_s == pytest.approx(9.0)
    assert clip.span.holds(timeline.events[0].peak_s)


def test_progress_of_every_stage_grows_to_its_end(small_match: Path, tmp_path: Path) -> None:
    progress: dict[str, list[float]] = {}
    highlights.run(
        small_match, out=tmp_path / "out", progress=lambda stage, share: progress.setdefault(stage, []).append(share)
    )
    assert list(progress) == ["score graphic", "picture", "reel", "report"]
    for stage, shares in progress.items():
        assert shares == sorted(shares), stage
        assert shares[-1] == pytest.approx(1.0, abs=0.05), stage
        assert min(shares) >= 0, stage


def test_the_reel_never_replaces_the_recording(small_match: Path, tmp_path: Path) -> None:
    recording = tmp_path / "reel.mp4"
    recording.write_bytes(small_match.read_bytes())
    with pytest.raises(OutputError, match=r"reel\.mp4: this is the recording itself"):
        highlights.run(recording, out=tmp_path)
    assert list(tmp_path.iterdir()) == [recording]
    assert recording.read_bytes() == small_match.read_bytes()


COURT = Look(size=(64, 36), gop=10)


def drawn_court(path: Path, sound: Any, duration_s: float) -> Path:
    """A small view of a court, with this sound."""
    heard = Sound(
        wave=lambda at_s: sound[np.minimum((at_s * RATE_HZ).astype(int), len(sound) - 1)], rate_hz=RATE_HZ, channels=1
    )
    return draw_video(path, duration_s=duration_s, rate=5, look=COURT, sounds=(heard,))


def test_a_match_seen_by_one_camera_is_condensed_to_its_rallies(tmp_path: Path) -> None:
    sound, played = net_match(60)
    match = drawn_court(tmp_path / "match.mp4", sound + murmur(60, -50), 60)
    options = highlights.RunOptions(reel="copy", timeline=highlights.TimelineOptions(condense=True))
    timeline = highlights.run(match, "tennis", tmp_path / "out", options).timeline
    rallies = [event for event in timeline.events if event.name == "rally"]
    assert [event.span.start_s for event in rallies] == pytest.approx([first for first, _ in played], abs=0.2)
    assert [event.peak_s for event in rallies] == pytest.approx([last for _, last in played], abs=0.8)  # or its last bounce
    assert len(timeline.clips) == len(played)
    assert sum(clip.span.length_s for clip in timeline.clips) < 0.8 * 60
    assert timeline_json.read(tmp_path / "out" / "timeline.json").analysis.rallies == timeline.analysis.rallies
    assert (tmp_path / "out" / "reel.mp4").exists()


def test_a_match_without_audible_hits_says_so(tmp_path: Path) -> None:
    match = drawn_court(tmp_path / "match.mp4", murmur(20, -30), 20)
    options = highlights.RunOptions(reel="copy", timeline=highlights.TimelineOptions(condense=True))
    result = highlights.run(match, "tennis", tmp_path / "out", options)
    assert not result.timeline.clips
    assert "no rallies were found: no ball was heard being struck" in result.notes


def test_a_sport_without_rallies_cannot_be_condensed(small_match: Path, tmp_path: Path) -> None:
    options = highlights.RunOptions(timeline=highlights.TimelineOptions(condense=True))
    with pytest.raises(RenderError, match="condense: soccer has no rallies; use it with tennis"):
        highlights.run(small_match, out=tmp_path / "out", options=options)
    assert not (tmp_path / "out").exists()


def test_without_being_asked_no_reel_is_made_of_rallies(tmp_path: Path) -> None:
    sound, _ = net_match(45)
    match = drawn_court(tmp_path / "match.mp4", sound + murmur(45, -50), 45)
    result = highlights.run(match, "tennis", tmp_path / "out")
    assert {event.name for event in result.timeline.events} == {"rally"}
    assert not (tmp_path / "out" / "reel.mp4").exists()
    assert "nothing but rallies was found, so there is no reel; --condense makes one of all of them" in result.notes


def test_a_run_on_a_silent_track_says_which_other_has_sound(tmp_path: Path) -> None:
    silent, game = Sound(wave=lambda times: 0 * times, title="Desktop"), Sound((1.0, 4.0), title="Game")
    path = draw_video(tmp_path / "obs.mkv", duration_s=6, look=Look(size=(160, 90)), sounds=[silent, game])
    note = f"{path}: audio track 0 is silent; 1 (Game) has sound: choose one with --audio-track 1"
    assert note in highlights.run(path, out=tmp_path / "out").notes
    chosen = highlights.run(path, out=tmp_path / "out", options=highlights.RunOptions(audio_track=1))
    assert not any("silent" in note for note in chosen.notes)
