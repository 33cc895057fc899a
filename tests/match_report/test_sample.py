"""A report on the command line; the sample has three goals, at 68:03, 69:06 and 69:38 on the game clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highlights.cli.main import main
from highlights.export import timeline_json
from tests.conftest import ROAR_S, SAMPLE, Run

REPORT = """\
Elk Town 3-1 Jays
69' Goal Brown (Jays)
70' Goal 2-1 Smith (HOME)
70' Goal 3-1 7 Kane (Elk Town)
70' Yellow card Jones (Jays)
69' Goal Ghost (HOME)
23' Corner
what a match
"""
TOLD = (
    "report.txt:6: 69' Goal Ghost (HOME): the graphic showed no change of the score for it by 2:24, when it was last read",
    "report.txt:7: 23' Corner: this time of the match is not in the recording",
)


def say(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def report_in(folder: Path) -> Path:
    report = folder / "report.txt"
    report.write_text(REPORT)
    return report


def checked(path: Path) -> None:
    timeline = timeline_json.read(path)
    goals = [(e.game_clock, e.player, e.team, e.score) for e in timeline.events if e.name == "goal"]
    assert goals == [("68:03", "Brown", "JAY", "1–1"), ("69:06", "Smith", "ELK", "2–1"), ("69:38", "Kane", "ELK", "3–1")]
    [card] = [e for e in timeline.events if e.name != "goal"]
    assert (card.title, card.player, card.team, card.game_clock) == ("Yellow card", "Jones", "JAY", "70'")
    assert card.doubt is not None
    assert card.span.start_s == pytest.approx(90, abs=2)
    assert card.span.end_s == 150
    assert any("no change of the score for it" in miss.why_not for miss in timeline.near_misses)
    shown = [timeline.events[number] for clip in timeline.clips for number in clip.events]
    assert shown == [event for event in timeline.events if event.name == "goal"]  # the card may be anywhere in a minute


def test_a_run_with_a_report_names_the_scorer_and_says_what_does_not_fit(small_match: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text("0:31 Goal Smith\n0:12 Corner\n47' Save\nwhat a match\n")
    done = say("run", small_match, "--out", tmp_path / "out", "--reel", "none", "--report", report)
    assert done.exit_code == 0, done.output
    corner, goal = timeline_json.read(tmp_path / "out" / "timeline.json").events
    assert (goal.player, goal.peak_s) == ("Smith", pytest.approx(ROAR_S, abs=3))
    assert corner.span.holds(12)
    assert "Note: report.txt: 1 found before, 1 added, 1 in doubt, 1 not understood\n" in done.stderr
    assert "Note: report.txt:3: 47' Save: no game clock was read from the score graphic; mark the kick-offs" in done.stderr


def test_importing_the_report_into_the_timeline_of_a_run_gives_the_same(sample_run: Run, tmp_path: Path) -> None:
    made = say("import", sample_run.out / "timeline.json", report_in(tmp_path), "--out", tmp_path / "timeline.json")
    assert made.exit_code == 0, made.output
    checked(tmp_path / "timeline.json")
    assert "0:33 Goal: is in the report, line 2\n" in made.stdout
    assert "1:59 Yellow card: added, line 5 (somewhere between 1:29 and 2:30; trim it to have it in the reel)\n" in made.stdout
    for line in TOLD:
        assert f"not taken over: {line}\n" in made.stderr


def test_a_missing_report_is_refused_before_the_recording_is_read(tmp_path: Path) -> None:
    done = say("run", tmp_path / "none.mp4", "--report", tmp_path / "none.txt", "--out", tmp_path / "out")
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 1
    assert f"{tmp_path / 'none.txt'}: cannot be read" in done.output


def test_anchors_without_a_report_and_times_that_are_none_are_wrong_usage(tmp_path: Path) -> None:
    assert say("run", SAMPLE, "--kick-off", "1:12").exit_code == 2
    for option, value in (("--kick-off", "soon"), ("--starts-at", "25:00"), ("--report-times", "moon")):
        assert say("run", SAMPLE, "--report", report_in(tmp_path), option, value).exit_code == 2
