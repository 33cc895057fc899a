"""The matches of a batch: files, folders, patterns, URLs, and manifests, which also hold options for each match.

    name,recordings,sport,audio_track,detector,target_duration
    final,final-1.mp4;final-2.mp4,soccer,1,,3m
    cup,s3://season/cup.mp4,futsal,,content,

Beside name, recordings and sport, any option of a run may be a column; an empty cell leaves the option as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from highlights.batch import remote
from highlights.errors import HighlightsError, RecordingError
from highlights.logs import without_secrets
from highlights.pipeline import RunOptions
from highlights.systems import is_file_name, to_file_name

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".avi", ".flv", ".wmv", ".mxf")
COLUMNS = ("name", "recordings", "sport")
FILES = ("logo", "music")
"""Columns that name files; relative ones start from the manifest's folder, as recordings do."""
SEPARATOR = ";"
"""Between the files of one match."""

OptionsOf = Callable[[Mapping[str, str]], RunOptions]
"""The options of one match, out of the cells of its further columns; empty cells change nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """One match: the name of its result folder, its files in order (paths or URLs), its sport and options.

    `cells` are the further cells of its manifest, as written there.
    """

    name: str
    recordings: tuple[str, ...]
    sport: str
    options: RunOptions = field(default_factory=RunOptions)
    cells: Mapping[str, str] = field(default_factory=dict)


def matches_of(sources: Sequence[str], sport: str, options_of: OptionsOf) -> list[Match]:
    """The matches in files, folders and their subfolders, patterns such as `*.mp4`, and manifests (`.csv`).

    Raises:
        RecordingError: a source names no recording, or a manifest is invalid.
    """
    found: list[Match] = []
    for source in sources:
        if remote.name_of(source).lower().endswith(".csv"):
            found += _read(source, sport, options_of)
        else:
            shared = options_of({})
            found += [Match(_name(file), (file,), sport, shared) for file in _files(source)]
    return _with_unique_names(found)


def table(matches: Sequence[Match]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The columns and rows of a manifest of these matches; its paths are absolute."""
    more = tuple(dict.fromkeys(column for match in matches for column in match.cells))
    return (*COLUMNS, *more), [_row(match, more) for match in matches]


def absolute_place(place: str) -> str:
    """The place as a URL or an absolute path."""
    return place if remote.is_url(place) else str(Path(place).resolve())


def _row(match: Match, more: Sequence[str]) -> tuple[str, ...]:
    recordings = SEPARATOR.join(map(absolute_place, match.recordings))
    return match.name, recordings, match.sport, *(match.cells.get(column, "") for column in more)


def _name(file: str) -> str:
    """The name of the match in a recording that no manifest names."""
    return to_file_name(Path(remote.name_of(file)).stem)


def _files(source: str) -> list[str]:
    found = _objects(source) if remote.is_url(source) else _local_files(Path(source))
    if not found:
        advice = "give files, folders, patterns ('season/*.mp4') or a manifest (.csv)"
        raise RecordingError(without_secrets(source), f"no recording found; {advice}")
    return found


def _objects(url: str) -> list[str]:
    found = remote.listed(url)
    return found if found == [url] else [each for each in found if _is_video(each)]


def _local_files(path: Path) -> list[str]:
    if path.is_dir():
        return [str(file) for file in sorted(path.rglob("*")) if _is_video(file.name) and file.is_file()]
    if path.exists():
        return [str(path)]
    return [str(file) for file in sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))) if file.is_file()]


def _is_video(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _read(place: str, sport: str, options_of: OptionsOf) -> list[Match]:
    """The matches of a manifest."""
    try:
        lines = csv.DictReader(io.StringIO(remote.read(place).decode("utf-8-sig"), newline=""), restval="", strict=True)
        return [_match(row, place, lines.line_num, sport, options_of) for row in lines]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(without_secrets(place), f"cannot be read as a manifest ({error})") from error


def _match(row: Mapping[str | None, str], place: str, line: int, sport: str, options_of: OptionsOf) -> Match:
    """The match of a line."""

    def refused(problem: object) -> RecordingError:
        return RecordingError(without_secrets(place), f"line {line}: {problem}")

    if None in row:
        raise refused("more cells than columns; put quotes around a name with a comma in it")
    cells = {str(column).strip(): cell.strip() for column, cell in row.items()}
    files = tuple(_beside(place, name.strip()) for name in cells.get("recordings", "").split(SEPARATOR) if name.strip())
    if not files:
        raise refused(f"no recordings; the columns are {', '.join(COLUMNS)}")
    name = cells.get("name") or _name(files[0])
    if not is_file_name(name):
        raise refused(f"{name!r} cannot be the name of a folder on this system")
    further = {column.replace("-", "_"): cell for column, cell in cells.items() if column not in COLUMNS}
    further |= {column: _beside(place, further[column]) for column in FILES if further.get(column)}
    try:
        options = options_of(further)
    except HighlightsError as error:
        raise refused(error) from error
    given = {column: cell for column, cell in further.items() if cell}
    return Match(name, files, cells.get("sport") or sport, options, given)


def _beside(manifest: str, file: str) -> str:
    """The place of a file that a manifest names; a relative one starts from the manifest's folder."""
    if remote.is_url(file) or Path(file).is_absolute():
        return file
    if remote.is_url(manifest):
        return remote.at(manifest.rpartition("/")[0], file)
    return str(Path(manifest).parent / file)


def _with_unique_names(matches: Iterable[Match]) -> list[Match]:
    """The matches with names that no two of them share: `final`, `final-2`."""
    named: dict[str, Match] = {}
    for match in matches:
        name, number = match.name, 2
        while name.casefold() in named:
            name, number = f"{match.name}-{number}", number + 1
        named[name.casefold()] = replace(match, name=name)
    return list(named.values())
