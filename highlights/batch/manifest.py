"""Which matches there are: files, folders, patterns, URLs, and manifests, which also say how each match is done.

    name,recordings,sport,audio_track,detector,target_duration
    final,final-1.mp4;final-2.mp4,soccer,1,,3m
    cup,s3://season/cup.mp4,futsal,,content,

Beside name, recordings and sport a manifest has whichever options of a run it likes as columns; an empty cell is not asked for.
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
"""Columns with files, which are beside the manifest as recordings are."""
SEPARATOR = ";"
"""Between the files of one match in a manifest."""

OptionsOf = Callable[[Mapping[str, str]], RunOptions]
"""What the cells of a manifest's further columns ask for, laid over what is asked of all; empty cells ask for nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """One match: its files in order (paths or URLs), its sport, the folder of its results by name, and how it is done.

    `asked` is what its manifest asks for beside that, as it stands there.
    """

    name: str
    recordings: tuple[str, ...]
    sport: str
    options: RunOptions = field(default_factory=RunOptions)
    asked: Mapping[str, str] = field(default_factory=dict)


def matches_of(sources: Sequence[str], sport: str, options_of: OptionsOf) -> list[Match]:
    """The matches that files, folders (with all that is in them), patterns such as `*.mp4`, and manifests (`.csv`) name.

    Raises:
        RecordingError: a source names nothing, or a manifest makes no sense.
    """
    found: list[Match] = []
    for source in sources:
        if remote.name_of(source).lower().endswith(".csv"):
            found += _read(source, sport, options_of)
        else:
            usual = options_of({})
            found += [Match(_name(file), (file,), sport, usual) for file in _files(source)]
    return _named_apart(found)


def table(matches: Sequence[Match]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The columns and rows of a manifest of these matches that can be read from anywhere."""
    more = tuple(dict.fromkeys(column for match in matches for column in match.asked))
    return (*COLUMNS, *more), [_row(match, more) for match in matches]


def found_from_anywhere(place: str) -> str:
    """The place as it is called in any folder."""
    return place if remote.is_url(place) else str(Path(place).resolve())


def _row(match: Match, more: Sequence[str]) -> tuple[str, ...]:
    recordings = SEPARATOR.join(map(found_from_anywhere, match.recordings))
    return match.name, recordings, match.sport, *(match.asked.get(column, "") for column in more)


def _name(file: str) -> str:
    """The name of the match in a recording that no manifest names."""
    return to_file_name(Path(remote.name_of(file)).stem)


def _files(source: str) -> list[str]:
    found = _objects(source) if remote.is_url(source) else _local_files(Path(source))
    if not found:
        advice = "give files, folders, patterns ('season/*.mp4') or a manifest (.csv)"
        raise RecordingError(without_secrets(source), f"no recording is there; {advice}")
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
        raise refused("it has more cells than there are columns; a name with a comma in it needs quotes around it")
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
    asked = {column: cell for column, cell in further.items() if cell}
    return Match(name, files, cells.get("sport") or sport, options, asked)


def _beside(manifest: str, file: str) -> str:
    """A file that a manifest names, which is beside it unless it says where."""
    if remote.is_url(file) or Path(file).is_absolute():
        return file
    if remote.is_url(manifest):
        return remote.at(manifest.rpartition("/")[0], file)
    return str(Path(manifest).parent / file)


def _named_apart(matches: Iterable[Match]) -> list[Match]:
    """The matches with names that no two of them share: `final`, `final-2`."""
    named: dict[str, Match] = {}
    for match in matches:
        name, number = match.name, 2
        while name.casefold() in named:
            name, number = f"{match.name}-{number}", number + 1
        named[name.casefold()] = replace(match, name=name)
    return list(named.values())
