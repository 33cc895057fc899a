"""A report of the sample match, from the command line to the results: three goals, at 68:03, 69:06 and 69:38 on the game clock."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from highlights.cli.main import main
from highlights.export import timeline_json
from tests.conftest import SAMPLE, Run
from tests.support.commands import highlights

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
    "report.txt: 3 found before, 1 added, 2 in doubt, 1 not understood",
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
    assert (round(card.span.start_s), round(card.span.end_s)) == (90, 150)
    assert any("no change of the score for it" in miss.why_not for miss in timeline.near_misses)
    assert {number for clip in timeline.clips for number in clip.events} == set(range(4))


def test_a_run_with_a_report_names_the_scorers_and_says_what_does_not_fit(tmp_path: Path) -> None:
    done = highlights("run", SAMPLE, "--out", tmp_path / "out", "--reel", "none", "--report", report_in(tmp_path))
    assert done.returncode == 0, done.stderr
    checked(tmp_path / "out" / "timeline.json")
    for line in TOLD:
        assert f"Note: {line}\n" in done.stderr


def test_importing_the_report_into_the_timeline_of_a_run_gives_the_same(sample_run: Run, tmp_path: Path) -> None:
    made = say("import", sample_run.out / "timeline.json", report_in(tmp_path), "--out", tmp_path / "timeline.json")
    assert made.exit_code == 0, made.output
    checked(tmp_path / "timeline.json")
    assert "0:33 Goal: is in the report, line 2\n" in made.stdout
    assert "1:59 Yellow card: added, line 5 (somewhere between 1:30 and 2:30)\n" in made.stdout
    for line in TOLD[1:]:
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
