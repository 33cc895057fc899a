"""Manifests: tables of matches with their recordings and options, and lines of them written again.

    name,recordings,sport,audio_track,detector,target_duration
    final,final-1.mp4;final-2.mp4,soccer,1,,3m
    cup,s3://season/cup.mp4,futsal,,content,

Beside name, recordings and sport, any option of a run may be a column; an empty cell leaves the option as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

from highlights.batch import remote
from highlights.batch.folders import is_video
from highlights.batch.joining import stem_of
from highlights.errors import HighlightsError, RecordingError
from highlights.export.table import Row, TableError, table
from highlights.logs import without_secrets
from highlights.pipeline import RunOptions
from highlights.systems import is_file_name, to_file_name
from highlights.texts import decoded

ENDINGS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xls", ".ods", ".numbers")
COLUMNS = ("name", "recordings", "sport")
FILES = ("logo", "music")
"""Columns that name files; relative ones start from the manifest's folder, as recordings do."""
SEPARATORS = re.compile(r"[;|\r\n]")
"""Between the files of one match; a cell that is the name of a file as it stands is one file."""

OptionsOf = Callable[[Mapping[str, str]], RunOptions]
"""The options of one match, out of the cells of its further columns; empty cells change nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """One match: the name of its result folder, its files in order (paths or URLs), its sport and options.

    `cells` are the further cells of its manifest, as written there. `named` says whether a person chose the name; otherwise it
    comes from a file, and the folder gets a longer one where two matches would share it. `joined` says why several files are
    one match, if the program joined them.
    """

    name: str
    recordings: tuple[str, ...]
    sport: str
    options: RunOptions = field(default_factory=RunOptions)
    cells: Mapping[str, str] = field(default_factory=dict)
    named: bool = True
    joined: str = ""


def is_manifest(source: str) -> bool:
    """Whether a source is a table of matches rather than a recording.

    Raises:
        RecordingError: it is a table of a kind that is not read.
    """
    name = remote.name_of(source).lower()
    if name.endswith(WORKBOOKS):
        raise RecordingError(
            without_secrets(source), "a workbook is not read; save the sheet as CSV (UTF-8) and give that file"
        )
    return name.endswith(ENDINGS)


def read_manifest(place: str, sport: str, options_of: OptionsOf) -> list[Match]:
    """The matches of a manifest.

    Raises:
        RecordingError: it is invalid; names the line.
    """
    try:
        read = table(decoded(remote.read(place)))
    except UnicodeDecodeError as error:
        raise RecordingError(without_secrets(place), "is not UTF-8 text; save it as CSV UTF-8") from error
    except TableError as error:
        raise RecordingError(without_secrets(place), f"line {error.line}: is not a table ({error})") from error
    if read.rows and "recordings" not in map(_column, read.columns):
        allowed = f"the columns are {', '.join(COLUMNS)} and options of a run"
        raise RecordingError(without_secrets(place), f"no column 'recordings', only {', '.join(read.columns)}; {allowed}")
    return [_match(row, place, sport, options_of) for row in read.rows]


def rows_of(matches: Sequence[Match]) -> list[dict[str, str]]:
    """The lines of a manifest of these matches; its paths are absolute."""
    return [_row(match) for match in matches]


def absolute_place(place: str) -> str:
    """The place as a URL or an absolute path."""
    return place if remote.is_url(place) else str(Path(place).resolve())


def match_name(file: str) -> str:
    """The name of the match in a recording that no manifest names."""
    return to_file_name(stem_of(remote.name_of(file)))


def _row(match: Match) -> dict[str, str]:
    recordings = ";".join(map(absolute_place, match.recordings))
    return {"name": match.name, "recordings": recordings, "sport": match.sport, **match.cells}


def _column(name: str) -> str:
    """A column's name as the options are named."""
    return re.sub(r"[ -]+", "_", name.strip().lower())


def _match(row: Row, place: str, sport: str, options_of: OptionsOf) -> Match:
    """The match of a line."""

    def refused(problem: object) -> RecordingError:
        return RecordingError(without_secrets(place), f"line {row.line}: {problem}")

    advice = "put quotes around a cell that contains what separates the cells, or | between the files of one match"
    if row.more:
        raise refused(f"more cells than columns; {advice}")
    cells = {_column(column): cell.strip() for column, cell in row.cells.items()}
    if is_video(cells.get("sport", "")):
        raise refused(f"{cells['sport']!r} is not a sport but a file; {advice}")
    files = _files(cells.get("recordings", ""), place)
    if not files:
        raise refused(f"no recordings; the columns are {', '.join(COLUMNS)}")
    name = cells.get("name") or match_name(files[0])
    if not is_file_name(name):
        raise refused(f"{name!r} cannot be the name of a folder on this system")
    further = {column: cell for column, cell in cells.items() if column not in COLUMNS}
    further |= {column: _beside(place, further[column]) for column in FILES if further.get(column)}
    try:
        options = options_of(further)
    except HighlightsError as error:
        raise refused(error) from error
    given = {column: cell for column, cell in further.items() if cell}
    return Match(name, files, cells.get("sport") or sport, options, given, named=bool(cells.get("name")))


def _files(cell: str, manifest: str) -> tuple[str, ...]:
    """The files that a cell names."""
    whole = _beside(manifest, cell.strip("\"' ")) if cell else ""
    if whole and not remote.is_url(whole) and os.path.isfile(whole):  # noqa: PTH113  # False also for a name that is too long
        return (whole,)
    names = (name.strip("\"' \t\xa0") for name in SEPARATORS.split(cell))
    return tuple(_beside(manifest, name) for name in names if name)


def _beside(manifest: str, file: str) -> str:
    """The place of a file that a manifest names; a relative one starts from the manifest's folder."""
    if remote.is_url(file) or Path(file).is_absolute():
        return file if remote.is_url(file) else _on_disk(file)
    if remote.is_url(manifest):
        return remote.at(manifest.rpartition("/")[0], file)
    return _on_disk(str(Path(manifest).parent / file))


def _on_disk(path: str) -> str:
    """The path as the disk spells it: with `/` for a `\\`, and letters with accents as one character or as two."""
    if os.path.exists(path):  # noqa: PTH110  # False also for a name that is too long
        return path
    slashed = Path(path.replace("\\", os.sep))
    if (found := os.path.exists(slashed)) or not os.path.isdir(slashed.parent):  # noqa: PTH110, PTH112
        return str(slashed) if found else path
    wanted = normalize("NFC", slashed.name)
    same = [file for file in slashed.parent.iterdir() if normalize("NFC", file.name) == wanted]
    return str(same[0]) if len(same) == 1 else path
