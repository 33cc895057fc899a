"""Manifests as spreadsheet programs of many countries save them."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest

from highlights.batch.manifest import Match
from highlights.batch.matches import matches_of
from highlights.cli.main import main
from highlights.cli.options import run_options_of_cells
from highlights.errors import RecordingError
from highlights.pipeline import RunOptions

OF_THE_BATCH = {"sources", "sport", "out", "jobs", "ray", "join", "dry_run", "as_json", "verbose", "log_file"}


def read(folder: Path, content: bytes, name: str = "list.csv") -> list[Match]:
    (folder / name).write_bytes(content)
    return matches_of([str(folder / name)], "soccer", lambda cells: RunOptions())


EXPECTED = [("final", ["a.mp4", "b.mp4"], "futsal"), ("Zürich", ["c.mp4"], "soccer")]


@pytest.mark.parametrize(
    "text",
    [
        "name,recordings,sport\nfinal,a.mp4;b.mp4,futsal\nZürich,c.mp4,\n",
        'name;recordings;sport\r\nfinal;"a.mp4;b.mp4";futsal\r\nZürich;c.mp4;\r\n',
        "name;recordings;sport\nfinal;a.mp4|b.mp4;futsal\nZürich;c.mp4;\n",
        'name\trecordings\tsport\nfinal\t"a.mp4\nb.mp4"\tfutsal\nZürich\tc.mp4\t\n',
        'Name;Recordings ;SPORT;;\nfinal;"a.mp4; b.mp4 ";futsal ;;\n;;;;\nZürich \xa0;c.mp4;;;\n;;;;\n',
        "\n;;\nname;sport;recordings\nfinal;futsal;a.mp4|b.mp4\nZürich;;c.mp4\n",
        'sep=;\nname;recordings;sport\nfinal;"a.mp4;b.mp4";futsal\nZürich;c.mp4\n',
        "name,recordings,sport\nfinal,\"'a.mp4';'b.mp4'\",futsal\nZürich,c.mp4,\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_manifest_is_read_as_spreadsheets_save_it(tmp_path: Path, text: str, encoding: str) -> None:
    found = read(tmp_path, text.encode(encoding))
    assert [(m.name, [Path(file).name for file in m.recordings], m.sport) for m in found] == EXPECTED


def test_excels_unicode_text_is_a_manifest_too(tmp_path: Path) -> None:
    assert len(read(tmp_path, "Name\tRecordings\nfinal\ta.mp4\n".encode("utf-16"), "list.txt")) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"name;recordings\nfinal;a.mp4;b.mp4\n", "line 2: more cells than columns; put quotes around"),
        (b"name;recordings;sport\nfinal;a.mp4;b.mp4\n", "line 2: 'b.mp4' is not a sport but a file; put quotes around"),
        (b"name,recordings,\nfinal,a.mp4,b.mp4\n", "line 2: more cells than columns"),
        (b"name,file\nfinal,a.mp4\n", "no column 'recordings', only name, file; the columns are"),
        (b'name,recordings\nfinal,"a.mp4\nderby,b.mp4\n', "line 3: is not a table"),
        ("name,recordings\nZürich,a.mp4\n".encode("latin-1"), "is not UTF-8 text; save it as CSV UTF-8"),
    ],
)
def test_a_table_that_would_lose_a_match_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(RecordingError, match=complaint):
        read(tmp_path, content)


def test_a_workbook_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="a workbook is not read; save the sheet as CSV"):
        read(tmp_path, b"PK", "list.xlsx")


def test_numbers_with_a_decimal_comma_and_columns_with_blanks_are_options(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Recordings;Rolls;Fade;Target Duration;Max Size\na.mp4;1,5;0,3;90,5s;1,5 MB\n")
    given = main.commands["batch"].make_context("batch", ["list.csv"]).params
    choices = {name: value for name, value in given.items() if name not in OF_THE_BATCH}
    [match] = matches_of([str(tmp_path / "list.csv")], "soccer", lambda cells: run_options_of_cells(choices, cells))
    timeline, edit = match.options.timeline, match.options.edit
    assert (timeline.rolls, edit.fade_s, timeline.target_s, edit.max_bytes) == (1.5, 0.3, 90.5, 1_500_000)


def test_a_name_that_is_too_long_for_the_disk_is_a_file_that_is_missing(tmp_path: Path) -> None:
    long = "a" * 3000 + ".mp4"
    (match,) = read(tmp_path, f"name,recordings\nfinal,{long};b.mp4\n".encode())
    assert [Path(file).name for file in match.recordings] == [long, "b.mp4"]


def test_files_are_found_as_other_systems_spell_them(tmp_path: Path) -> None:
    name = normalize("NFD", "Zürich; first.mp4")
    (tmp_path / "cup").mkdir()
    (tmp_path / "cup" / name).write_text("")
    for written in ("cup/Zürich; first.mp4", "cup\\Zürich; first.mp4"):
        [match] = read(tmp_path, f'name,recordings\nx,"{written}"\n'.encode())
        assert match.recordings == (str(tmp_path / "cup" / name),)
