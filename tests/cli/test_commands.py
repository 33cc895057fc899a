"""What a user types and what is answered: data on stdout, talk on stderr, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import av
import click
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from yaml import safe_load

from highlights import __version__
from highlights.cli.main import main
from highlights.cli.options import Duration, MatchTime
from tests.conftest import SAMPLES, Run
from tests.support.commands import COMMAND, OnTerminal, highlights
from tests.support.drawing import Sound, draw_video


def say(*arguments: Path | str) -> Result:
    """The command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def made(small_match: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on the small match, without a reel."""
    out = tmp_path_factory.mktemp("made") / "out"
    assert say("run", small_match, "--out", out, "--reel", "none").exit_code == 0
    return out


def test_help_names_every_command() -> None:
    answer = say("--help")
    assert answer.exit_code == 0
    for command in main.commands:
        assert re.search(rf"^  {command} +\w", answer.stdout, re.MULTILINE), command


@pytest.mark.parametrize("command", [*main.commands, "profiles new", "cache clear"])
def test_every_command_explains_itself_and_all_its_options(command: str) -> None:
    answer = say(*command.split(), "--help")
    assert answer.exit_code == 0
    undocumented = re.findall(r"^ +(--\S+)(?: [A-Z]+)?$", answer.stdout, re.MULTILINE)
    assert not [option for option in undocumented if f"{option}\n   " not in answer.stdout]


def test_the_version_is_printed() -> None:
    assert say("--version").stdout == f"highlights, version {__version__}\n"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("3m", 180),
        ("1m30s", 90),
        ("1m30", 90),
        ("2:30", 150),
        ("1.5m", 90),
        ("0.5", 0.5),
        ("1:02:03", 3723),
    ],
)
def test_a_duration_may_be_written_in_many_ways(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "0", "0s", "-3", "3x", "m", "s", "2:75", ":30", "3m3m", "nan", "inf", "1e3", "three"])
def test_a_text_that_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="use 3m, 90s or 2:30"):
        Duration().convert(text, None, None)


@pytest.mark.parametrize(("text", "seconds"), [("0:00", 0), ("0", 0), ("12:03", 723), ("1:02:03", 3723), ("90s", 90)])
def test_a_match_begins_at_0(text: str, seconds: float) -> None:
    assert MatchTime().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "abc", "-1", "1:75"])
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a time; use 12:03"):
        MatchTime().convert(text, None, None)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "nonsense",
        "run",
        "run --sport soccer",
        "run match.mp4 --reel avi",
        "run match.mp4 --target-duration soon",
        "run match.mp4 --fade -1",
        "run match.mp4 --fade nan",
        "run match.mp4 --fade 3600",
        "run match.mp4 --order random",
        "run match.mp4 --audio-track first",
        "run match.mp4 --colour",
        "reel",
        "reel timeline.json --reel none",
        "scenes",
        "scenes match.mp4 --detector best",
        "evaluate --truth truth.csv",
        "evaluate timeline.json --truth truth.csv --tolerance -2",
        "profiles",
        "profiles show",
        "profiles nonsense",
        "batch",
        "batch season --jobs 0",
        "export timeline.json",
        "export timeline.json --to avi --out x",
        "import timeline.json",
        "review final --port x",
        "cache",
    ],
)
def test_wrong_usage_exits_with_2_and_is_reported_on_stderr(arguments: str) -> None:
    answer = say(*arguments.split())
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert "Usage: " in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("run none.mp4", "none.mp4: no such file; give the path of a video file on this machine"),
        ("run none.mp4 --sport socer", "socer: no event profile has this name (did you mean soccer?)"),
        ("run none.mp4 --music none.mp3", "none.mp3: no such file; give an audio file as music"),
        ("scenes none.mp4", "none.mp4: no such file; give the path of a video file on this machine"),
        ("reel none.json", "none.json: cannot be read (No such file or directory); give the timeline.json of a run"),
        ("profiles show none", "none: no event profile has this name (`highlights profiles list` shows all profiles)"),
    ],
)
def test_our_errors_exit_with_1_and_print_one_line_on_stderr(
    arguments: str, error: str, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = say(*arguments.split())
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert answer.stderr == f"Error: {error}\n"
    assert not list(tmp_path.iterdir())


def test_a_run_prints_events_and_files_as_json(small_match: Path, tmp_path: Path) -> None:
    answer = say("run", small_match, "--out", tmp_path / "out", "--reel", "none", "--json")
    assert answer.stderr == ""
    printed = json.loads(answer.stdout)
    assert printed["files"] == [str(tmp_path / "out" / name) for name in ("timeline.json", "timeline.csv", "report.html")]
    [event] = printed["events"]
    assert event["name"] == "goal"
    assert event["start_s"] <= event["peak_s"] < event["end_s"]


def test_a_match_without_events_is_reported_without_an_empty_table(tmp_path: Path) -> None:
    answer = say(
        "run",
        draw_video(tmp_path / "quiet.mp4", duration_s=2, sounds=[Sound((0.5,))]),
        "--moments",
        "none",
        "--out",
        tmp_path / "out",
    )
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[0] == "0 events, 0 near misses"
    assert "why" not in answer.stdout
    assert answer.stderr.splitlines()[1:] == ["Note: no event was found, so there is no reel"]


def test_a_reel_is_cut_again_from_a_timeline_edited_by_hand(made: Path, tmp_path: Path) -> None:
    timeline = json.loads((made / "timeline.json").read_text())
    timeline["clips"][0] |= {"start_s": 28.0, "end_s": 31.0, "title": "By hand"}
    edited = made / "edited.json"
    edited.write_text(json.dumps(timeline))
    answer = say("reel", edited, "--out", tmp_path / "short.mp4", "--intro", "Final", "--fade", "0")
    assert answer.exit_code == 0
    assert answer.stdout == f"{tmp_path / 'short.mp4'}\n"
    with av.open(str(tmp_path / "short.mp4")) as reel:
        assert [c["metadata"]["title"] for c in reel.chapters()][-1].startswith("By hand")
        card_s = reel.chapters()[0]["end"] * reel.chapters()[0]["time_base"]
        assert reel.duration / av.time_base == pytest.approx(card_s + 3, abs=0.2)


def test_a_reel_is_written_beside_its_timeline_by_default(made: Path) -> None:
    answer = say("reel", made / "timeline.json", "--reel", "copy")
    assert answer.exit_code == 0
    assert answer.stdout == f"{made / 'reel.mp4'}\n"
    assert (made / "reel.mp4").exists()


def test_a_reel_never_replaces_the_recording(made: Path, small_match: Path) -> None:
    before = small_match.read_bytes()
    answer = say("reel", made / "timeline.json", "--out", small_match)
    assert answer.exit_code == 1
    assert answer.stderr == f"Error: {small_match}: this is the recording itself: choose another place with --out\n"
    assert small_match.read_bytes() == before


def test_a_reel_that_is_not_an_mp4_is_refused(made: Path, tmp_path: Path) -> None:
    answer = say("reel", made / "timeline.json", "--out", tmp_path / "reel.avi")
    assert answer.exit_code == 1
    assert answer.stderr == f"Error: {tmp_path / 'reel.avi'}: a reel is an MP4: choose a name that ends in .mp4\n"


def test_scenes_are_listed_with_their_file(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "three.mp4", duration_s=5, cuts_s=(2, 4))
    answer = say("scenes", video)
    assert answer.exit_code == 0
    lines = [line.split() for line in answer.stdout.splitlines()]
    assert lines[0] == ["3", "scenes,", "1", "window"]
    assert [line[1:3] for line in lines[2:]] == [["0.000", "2.000"], ["2.000", "4.000"], ["4.000", "5.000"]]
    assert all(line[-1] == "three.mp4" for line in lines[2:])


def test_scenes_and_windows_as_json(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "long.mp4", duration_s=42, rate=3, cuts_s=(10, 24))
    printed = json.loads(say("scenes", video, "--json").stdout)
    assert [(s["start_s"], s["end_s"]) for s in printed["scenes"]] == [(0, 10), (10, 24), (24, 42)]
    assert len(printed["windows"]) > 1
    assert printed["windows"][-1]["end_s"] == 42


def test_another_detector_can_be_chosen(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "two.mp4", duration_s=4, cuts_s=(2,))
    for detector in ("adaptive", "content"):
        printed = json.loads(say("scenes", video, "--detector", detector, "--json").stdout)
        assert [s["start_s"] for s in printed["scenes"]] == [0, 2], detector


def test_an_evaluation_is_printed_as_tables(sample_run: Run) -> None:
    answer = say("evaluate", sample_run.out, "--truth", SAMPLES / "soccer.truth.json", "--tolerance", "3")
    assert answer.exit_code == 0
    lines = answer.stdout.splitlines()
    assert lines[0] == "events"
    assert lines[1].split()[:7] == ["what", "true", "found", "right", "precision", "recall", "F1"]
    assert lines[2].split()[:9] == ["goal", "3", "3", "3", "1.000", "1.000", "1.000", "3", "s"]
    assert lines[2].endswith("3 of 3")
    titles = [title for number, title in enumerate(lines[1:], 1) if not lines[number - 1]]
    assert [title.split(" ")[0].rstrip(":,") for title in titles] == [
        *("F1", "average-mAP", "cuts", "score", "confidence", "reel", "review"),
    ]


def test_an_evaluation_says_what_is_missed_and_what_got_worse(sample_run: Run, tmp_path: Path) -> None:
    truth, before, page = tmp_path / "truth.csv", tmp_path / "before.json", tmp_path / "page.html"
    truth.write_text("label,time_s\ngoal,33.2\ngoal,95.6\ngoal,140\nred_card,20\n")
    asked = ("evaluate", sample_run.out / "timeline.json", "--truth", truth)
    printed = say(*asked, "--json")
    events = json.loads(printed.stdout)["metrics"]["events"]
    assert (events["goal"]["matched"], events["goal"]["precision"]) == (2, pytest.approx(2 / 3))
    assert (events["red_card"]["true"], events["red_card"]["found"], events["red_card"]["f1"]) == (1, 0, 0)
    before.write_text(printed.stdout)
    told = say(*asked, "--tolerance", "0.1", "--against", before, "--page", page).stdout
    assert "missed: goal at 2:20: goal at 2:08, 99% sure; " in told
    assert "  lost: goal at 0:33 in out\n" in told
    assert "events.goal.f1" in told
    assert told.endswith(f"{page}\n")
    assert page.read_text().startswith("<!doctype html>")


def test_names_in_a_truth_cannot_steer_the_terminal(sample_run: Run, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps({"events": [{"label": "goal\x1b[2J\nmissed: all", "time_s": 1}]}))
    told = say("evaluate", sample_run.out, "--truth", truth).stdout
    assert "\x1b" not in told
    assert "missed: goal[2J missed: all at 0:01: " in told


def test_an_invalid_truth_file_is_refused(sample_run: Run, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text("[1, 2")
    answer = say("evaluate", sample_run.out / "timeline.json", "--truth", truth)
    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"Error: {truth}: ")
    assert answer.stderr.count("\n") == 1


def test_doctor_shows_what_is_read_from_a_score_graphic_and_how_to_pin_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = say("doctor", SAMPLES / "soccer.mp4")
    assert answer.exit_code == 0
    assert "Used: no other numbers come close." in answer.stdout
    taken = next(line for line in answer.stdout.splitlines() if line.startswith("Taken for the score"))
    with Image.open(tmp_path / "soccer.score-graphic.png") as picture:
        assert picture.width > 300
    (tmp_path / "pinned.yaml").write_text(answer.stdout[answer.stdout.index("  extends:") :])
    assert taken in say("doctor", SAMPLES / "soccer.mp4", "--sport", tmp_path / "pinned.yaml").stdout


def test_doctor_reports_this_machine_as_ready() -> None:
    answer = say("doctor")
    assert answer.exit_code == 0
    *lines, last = answer.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines[:7])
    assert all(line.startswith(("ok ", "-- ")) for line in lines)
    assert [line.split(":")[0] for line in lines if "hf download" in line] == [
        "--   weights of marlin",
        "--   weights of molmo2",
    ]
    assert last == "(--: not installed; runs work without it)"


def test_profiles_are_listed_with_title_and_file() -> None:
    answer = say("profiles", "list")
    assert answer.exit_code == 0
    rows = [line.split() for line in answer.stdout.splitlines()[1:]]
    assert ["soccer", "Soccer"] in [row[:2] for row in rows]
    assert all(Path(row[-1]).is_file() for row in rows)


def test_a_profile_is_shown_as_it_stands_in_its_file() -> None:
    answer = say("profiles", "show", "ice_hockey")
    assert answer.exit_code == 0
    assert safe_load(answer.stdout)["title"] == "Ice hockey"


def test_a_new_profile_passes_the_check_and_can_be_run(small_match: Path, tmp_path: Path) -> None:
    answer = say("profiles", "new", "sunday", "--from", "futsal", "--to", tmp_path)
    assert answer.exit_code == 0
    file = tmp_path / "sunday.yaml"
    assert answer.stdout == f"{file}\n"
    checked = say("profiles", "check", file)
    assert checked.exit_code == 0
    assert checked.stdout.startswith(f"{file}: valid; ")
    assert say("run", small_match, "--sport", file, "--out", tmp_path / "out", "--reel", "none").exit_code == 0
    assert json.loads((tmp_path / "out" / "timeline.json").read_text())["sport"] == "sunday"


def test_the_schema_of_profiles_is_json() -> None:
    schema = json.loads(say("profiles", "schema").stdout)
    assert "events" in schema["properties"]


def test_no_progress_bar_is_drawn_where_stderr_is_not_a_terminal(small_match: Path, tmp_path: Path) -> None:
    done = highlights("run", small_match, "--out", tmp_path / "out", "--reel", "copy")
    assert done.returncode == 0
    assert done.stderr.startswith("Note: finders: signals")
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.splitlines())


def test_on_a_terminal_every_stage_has_a_bar_and_a_time_left(small_match: Path, tmp_path: Path) -> None:
    terminal = OnTerminal("run", small_match, "--out", tmp_path / "out", columns=80)
    assert terminal.end() == 0
    for stage in ("finding the score graphic", "watching and listening", "cutting the reel", "writing the report"):
        assert stage in terminal.said
    assert "left" in terminal.said
    assert "100%" in terminal.said
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.said)
    assert max(map(len, plain.replace("\r", "\n").splitlines())) <= 80


def test_a_closed_pipe_gives_no_traceback() -> None:
    listing = subprocess.Popen([*COMMAND, "profiles", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert listing.stdout is not None
    listing.stdout.close()
    _, said = listing.communicate()
    assert said == b""
