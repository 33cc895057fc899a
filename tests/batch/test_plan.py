"""Which folder a match gets, and when it is finished: known by its recordings, whatever they are called."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from click.testing import CliRunner

from highlights.batch import remote
from highlights.batch.manifest import Match
from highlights.batch.matches import Join, matches_of
from highlights.batch.plan import Planned, claimed, note_done, planned
from highlights.batch.source import place_key, source_of
from highlights.cli.main import main
from highlights.export import timeline_json
from highlights.media.probe import open_recording
from highlights.pipeline import RunOptions
from highlights.records import Timeline
from tests.conftest import Put
from tests.support.commands import highlights

QUICK = ("--reel", "none", "--jobs", "2")


def plan(out: Path, *sources: Path, join: Join = "auto") -> list[Planned]:
    return planned(matches_of([*map(str, sources)], "soccer", lambda cells: RunOptions(), join=join), str(out))


def run(out: Path, *sources: Path, join: Join = "auto") -> dict[str, str]:
    """What each match was before, by its name, after all of them have been finished."""
    made, _ = claimed(matches_of([*map(str, sources)], "soccer", lambda cells: RunOptions(), join=join), str(out))
    for each in (each for each in made if each.standing != "finished"):
        recording = open_recording([Path(file) for file in each.match.recordings])
        (out / each.match.name).mkdir(exist_ok=True)
        timeline_json.write(Timeline(recording, "soccer"), out / each.match.name / "timeline.json")
        note_done(each, str(out))
    return {each.match.name: each.standing for each in made}


def batch(out: Path, *sources: Path | str) -> dict[str, str]:
    """As `run`, by the command: the state of each match by its name."""
    done = highlights("batch", *sources, "--out", out, "--json", *QUICK)
    assert done.returncode == 0, done.stderr
    return {match["name"]: match["state"] for match in json.loads(done.stdout)["matches"]}


def recording_of(out: Path, name: str) -> Path:
    """The file that the results in a folder were made from."""
    told = json.loads((out / name / "timeline.json").read_text())["recording"]["parts"][0]["path"]
    return (out / name / told).resolve()


def names(plan: Sequence[Planned]) -> set[str]:
    return {each.match.name for each in plan}


def test_files_of_one_name_are_matches_of_their_own_in_any_order_of_adding(tmp_path: Path, put: Put) -> None:
    out, season = tmp_path / "out", tmp_path / "season"
    cup, league = put(season / "cup" / "half1.mp4"), put(season / "league" / "half1.mp4", 1)
    assert batch(out, season / "league") == {"half1": "done"}
    assert batch(out, season) == {"half1": "skipped", "cup-half1": "done"}
    assert (recording_of(out, "half1"), recording_of(out, "cup-half1")) == (league, cup)
    with (out / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["name"]: row["recordings"] for row in csv.DictReader(file)} == {"half1": str(league), "cup-half1": str(cup)}
    other = put(season / "cup" / "half1.mkv", 2)
    put(season / "a friendly" / "half1.mp4", 3)
    added = run(out, season / "a friendly", season / "cup")
    assert added == {"a friendly-half1": "new", "cup-half1": "finished", "cup-half1-mkv": "new"}
    assert recording_of(out, "cup-half1-mkv") == other
    assert set(run(out, season).values()) == {"finished"}


def test_new_matches_of_one_name_get_the_name_of_their_folder(tmp_path: Path, put: Put) -> None:
    for number, path in enumerate(("cup/half1.mp4", "league/half1.mp4", "league/half1.mkv", "league/Final.mp4")):
        put(tmp_path / path, number)
    put(tmp_path / "cup" / "final.mp4")
    found = names(plan(tmp_path / "out", tmp_path))
    assert found == {"cup-half1", "league-half1-mp4", "league-half1-mkv", "league-Final", "cup-final"}


def test_names_that_a_disk_may_take_for_the_same_are_told_apart(tmp_path: Path, put: Put) -> None:
    put(tmp_path / "a" / "Zürich.mp4")
    put(tmp_path / "b" / "Zu\u0308rich.mp4", 1)
    put(tmp_path / "c" / "ZÜRICH.mp4", 2)
    assert names(plan(tmp_path / "out", tmp_path)) == {"a-Zürich", "b-Zu\u0308rich", "c-ZÜRICH"}


def test_a_recording_given_twice_or_through_a_link_is_one_match(tmp_path: Path, put: Put) -> None:
    file = put(tmp_path / "real" / "final.mp4")
    (tmp_path / "season").mkdir()
    (tmp_path / "season" / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "round").symlink_to(tmp_path / "real")
    assert names(plan(tmp_path / "out", file, tmp_path / "season", tmp_path / "real")) == {"final"}
    relative = Path(os.path.relpath(file))
    assert len(plan(tmp_path / "out", file, relative)) == 1


def test_a_finished_match_whose_recording_changed_runs_again_in_its_folder(tmp_path: Path, put: Put) -> None:
    out, file = tmp_path / "out", put(tmp_path / "final.mp4")
    run(out, file)
    put(file, 1)
    done = highlights("batch", file, "--out", out, *QUICK)
    assert "Note: final: its recording has changed since it was finished, so it runs again" in done.stderr
    assert "final: done" in done.stderr
    assert run(out, file) == {"final": "finished"}


def test_a_large_recording_that_changed_at_its_end_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "final.mp4"
    with file.open("wb") as large:
        large.truncate((64 << 20) + 12345)
    before = source_of(str(file))
    assert source_of(str(file)) == before
    with file.open("r+b") as large:
        large.seek(-3, os.SEEK_END)
        large.write(b"new")
    assert source_of(str(file)).content != before.content


def test_a_copy_is_another_match_but_a_moved_recording_is_the_same(tmp_path: Path, put: Put) -> None:
    out, first = tmp_path / "out", put(tmp_path / "a" / "final.mp4")
    run(out, first)
    put(tmp_path / "b" / "final.mp4")
    assert [(each.match.name, each.standing) for each in plan(out, tmp_path / "b")] == [("b-final", "new")]
    first.unlink()
    assert run(out, tmp_path / "b") == {"final": "finished"}
    assert run(out, put(tmp_path / "a" / "final.mp4")) == {"a-final": "new"}


def test_a_chapter_that_is_added_belongs_to_the_match_it_was_added_to(tmp_path: Path, put: Put) -> None:
    out, card = tmp_path / "out", tmp_path / "card"
    put(card / "GX010001.MP4")
    run(out, card)
    put(card / "GX020001.MP4", 1)
    [again] = plan(out, card)
    assert (again.match.name, again.standing) == ("GX010001", "again")
    assert "2 recordings now, 1 before" in again.note
    assert run(out, card) == {"GX010001": "again"}
    assert run(out, card) == {"GX010001": "finished"}


def test_halves_that_were_matches_of_their_own_keep_their_results(tmp_path: Path, put: Put) -> None:
    out, cup = tmp_path / "out", tmp_path / "cup"
    put(cup / "half1.mp4")
    put(cup / "half2.mp4", 1)
    assert run(out, cup, join="none") == {"half1": "new", "half2": "new"}
    assert run(out, cup) == {"cup": "new"}
    assert run(out, cup, join="none") == {"half1": "finished", "half2": "finished"}
    assert run(out, cup) == {"cup": "finished"}


def test_a_name_that_other_recordings_have_is_neither_skipped_nor_overwritten(tmp_path: Path, put: Put) -> None:
    out, season = tmp_path / "out", tmp_path / "season"
    for number, path in enumerate(("cup/a.mp4", "league/b.mp4", "league/c.mp4")):
        put(season / path, number)
    run(out, season / "cup")
    (season / "list.csv").write_text("name,recordings\na,league/b.mp4\na,cup/a.mp4\nA,league/c.mp4\n")
    notes = {each.match.name: each.note for each in plan(out, season / "list.csv")}
    assert notes["league-a"] == "a holds something else already, so the results of this match are in league-a"
    assert run(out, season / "list.csv") == {"league-a": "new", "a": "finished", "league-A-mp4": "new"}
    assert recording_of(out, "a").name == "a.mp4"
    (season / "list.csv").write_text("name,recordings\nA,league/c.mp4\na,cup/a.mp4\na,league/b.mp4\n")
    assert run(out, season / "list.csv") == {"league-a": "finished", "a": "finished", "league-A-mp4": "finished"}


def test_a_name_given_to_a_wrong_path_is_free_for_the_right_one(tmp_path: Path, put: Put) -> None:
    out, file = tmp_path / "out", put(tmp_path / "cup" / "a.mp4")
    claimed([Match("final", (str(tmp_path / "cpu" / "a.mp4"),), "soccer")], str(out))
    [right], _ = claimed([Match("final", (str(file),), "soccer")], str(out))
    assert (right.match.name, right.note) == ("final", "")
    assert names(planned([Match("final", (str(put(tmp_path / "b.mp4", 1)),), "soccer")], str(out))) == {
        f"{tmp_path.name}-final"
    }


def test_a_file_that_a_manifest_names_is_not_a_match_of_its_own_too(tmp_path: Path, put: Put) -> None:
    for number, name in enumerate(("x.mp4", "y.mp4", "z.mp4")):
        put(tmp_path / name, number)
    (tmp_path / "list.csv").write_text(
        "name,recordings,audio_track\nderby,y.mp4;z.mp4,\nderby,y.mp4;z.mp4,\n,x.mp4,0\n,x.mp4,\n"
    )
    made = plan(tmp_path / "out", tmp_path, tmp_path / "list.csv")
    assert [(each.match.name, len(each.match.recordings)) for each in made] == [("derby", 2), ("x", 1), ("x-2", 1)]


def test_a_failed_match_is_retried_in_its_folder_and_is_listed_until_it_is_done(tmp_path: Path, put: Put) -> None:
    out = tmp_path / "out"
    put(tmp_path / "a" / "half1.mp4")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "half1.mp4").write_text("no video")
    assert highlights("batch", tmp_path / "b", "--out", out, *QUICK).returncode == 1
    assert batch(out, tmp_path / "a") == {"a-half1": "done"}
    assert "half1,failed,,failed in an earlier batch" in (out / "summary.csv").read_text()
    assert ">half1<" in (out / "index.html").read_text()
    put(tmp_path / "b" / "half1.mp4", 1)
    assert batch(out, out / "retry.csv") == {"half1": "done"}
    assert not (out / "retry.csv").exists()
    assert set(run(out, tmp_path / "a", tmp_path / "b").values()) == {"finished"}


def test_results_of_an_earlier_version_are_finished_for_their_own_recording_only(tmp_path: Path, put: Put) -> None:
    out, first = tmp_path / "out", put(tmp_path / "a" / "final.mp4")
    second = put(tmp_path / "b" / "final.mp4", 1)
    run(out, first)
    shutil.rmtree(out / ".matches")
    assert [each.standing for each in plan(out, first)] == ["finished"]
    assert [(each.match.name, each.standing) for each in plan(out, second)] == [("b-final", "new")]


def test_a_folder_that_a_person_renamed_still_holds_its_match(tmp_path: Path, put: Put) -> None:
    out, file = tmp_path / "out", put(tmp_path / "half1.mp4")
    run(out, file)
    (out / "half1").rename(out / "The derby")
    assert run(out, file) == {"The derby": "finished"}


def test_results_inside_the_season_are_not_taken_for_matches(tmp_path: Path, small_match: Path) -> None:
    season = tmp_path / "season"
    season.mkdir()
    shutil.copy(small_match, season / "final.mp4")
    command = ("batch", season, "--out", season / "results", "--reel", "copy", "--clips", "--json")
    assert highlights(*command).returncode == 0
    assert (season / "results" / "final" / "clips").is_dir()
    again = json.loads(highlights(*command).stdout)["matches"]
    assert [(match["name"], match["state"]) for match in again] == [("final", "skipped")]


def test_results_in_the_season_itself_leave_its_folders_alone(tmp_path: Path, put: Put) -> None:
    for number, path in enumerate(("final.mp4", "final/extra time.mp4", "summary.csv.mp4")):
        put(tmp_path / path, number)
    here = tmp_path.name
    assert run(tmp_path, tmp_path) == {f"{here}-final": "new", "extra time": "new", f"{here}-summary.csv": "new"}
    assert set(run(tmp_path, tmp_path).values()) == {"finished"}


def test_batches_at_the_same_time_never_take_one_folder_for_two_matches(tmp_path: Path, put: Put) -> None:
    out, together = str(tmp_path / "out"), Barrier(8)
    files = [put(tmp_path / f"cup {number}" / "final.mp4", number % 4) for number in range(8)]

    def one(file: Path) -> str:
        together.wait()
        [mine], _ = claimed([Match("final", (str(file),), "soccer", named=False)], out)
        return mine.match.name

    with ThreadPoolExecutor(8) as batches:
        found = dict(zip(files, batches.map(one, files), strict=True))
    assert sorted(found.values()) == sorted(
        ["final", *(f"{f.parent.name}-final" for f, name in found.items() if name != "final")]
    )
    assert {each.match.recordings[0]: each.match.name for each in plan(tmp_path / "out", tmp_path)} == {
        str(file): name for file, name in found.items()
    }


def test_a_note_is_made_only_once(tmp_path: Path) -> None:
    place = str(tmp_path / "new" / "note.json")
    assert [remote.create(place, content) for content in (b"ours", b"theirs")] == [True, False]
    assert remote.read(place) == b"ours"


def test_one_recording_twice_without_a_name_gets_two_folders(tmp_path: Path, put: Put) -> None:
    match = Match("final", (str(put(tmp_path / "cup" / "final.mp4")),), "soccer", named=False)
    assert names(planned([match, match], str(tmp_path / "out"))) == {"final", "cup-final"}


def test_a_signature_does_not_make_another_recording_but_a_query_does() -> None:
    signed = [place_key(f"https://example.org/a.mp4?id=1&X-Amz-Signature={n}&X-Amz-Date={n}") for n in "12"]
    assert signed[0] == signed[1]
    assert place_key("https://example.org/a.mp4?id=2") != signed[0]
    assert "X-Amz" not in source_of("https://me:secret@example.org/a.mp4?X-Amz-Signature=1").place


def test_a_dry_run_shows_the_matches_and_writes_nothing(tmp_path: Path, put: Put) -> None:
    put(tmp_path / "cup" / "half1.mp4")
    put(tmp_path / "cup" / "half2.mp4", 1)
    (tmp_path / "cup" / "._half1.mp4").write_text("")
    asked = ["batch", str(tmp_path / "cup"), "--out", str(tmp_path / "out"), "--dry-run"]
    files = [str(tmp_path / "cup" / name) for name in ("half1.mp4", "half2.mp4")]
    told = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)
    assert told["matches"] == [
        {"name": "cup", "state": "new", "recordings": files, "joined": "two halves of one match", "note": ""}
    ]
    assert told["left_out"] == {str(tmp_path / "cup" / "._half1.mp4"): "written by macOS beside a file"}
    assert "two halves of one match" in CliRunner().invoke(main, asked).stdout
    assert "one match" not in CliRunner().invoke(main, [*asked, "--join", "none"]).stdout
    assert not (tmp_path / "out").exists()
