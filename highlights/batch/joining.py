"""Files that are one recording: a camera's chapters and spans by their names, and the halves of one match.

    GX010042.MP4 GX020042.MP4 GX010043.MP4     two chapters of one recording, and another one      GoPro: by name alone
    00000.MTS 00001.MTS                        one recording if the first ends at the card's limit  others: with evidence
    derby half1.mp4 derby half2.mp4            one match

A wrong join is worse than none: a name counts only if it is of one of these kinds, no number is missing, and nothing that the
files tell is against it.

Source: GoPro, "Camera File Naming Convention"; for the others, their manuals on how recordings are divided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path
from unicodedata import normalize

from highlights.systems import folder_name

MOST_GAP_S = 2.0
"""Between the end of a span and the start of the next; cameras write whole seconds."""
LIMITS_BYTES = ((0.97 * 2**31, 2**31), (0.97 * 4e9, 2**32))
"""Where cameras divide a recording: a little before 2 GiB, or between 4 GB and 4 GiB."""
LEAST_CLOCK_S = 10.0  # a file's own time stamps that begin so late continue those of another file


@dataclass(frozen=True, slots=True)
class Clip:
    """What a file tells about itself, each None if unknown.

    `start_s` is when it was recorded, in seconds since 1970, `first_pts_s` its first time stamp, `picture` its codec and size.
    """

    size_bytes: int | None = None
    start_s: float | None = None
    duration_s: float | None = None
    first_pts_s: float | None = None
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """The files of one recording in their order, the name of its match, and why they are one; no reason for a single file."""

    files: tuple[str, ...]
    name: str
    why: str = ""


Measure = Callable[[str], Clip]

_GOPRO = re.compile(r"(g[hxl])(\d\d)(\d{4})")
_OLD_GOPRO = re.compile(r"g(opr|p\d\d)(\d{4})")
_SPANS = (
    ("DJI", re.compile(r"(?P<prefix>dji_)(?:(?P<start>\d{14})_)?(?P<number>\d{3,4})(?P<rest>(_[a-z]+)?)")),
    ("Canon", re.compile(r"(?P<prefix>mvi_)(?P<number>\d{4})(?P<rest>)")),
    ("Sony", re.compile(r"(?P<prefix>c|mah|maq|m2u)(?P<number>\d{4,5})(?P<rest>)")),
    ("Panasonic", re.compile(r"(?P<prefix>[ps]1\d\d)(?P<number>\d{4})(?P<rest>)")),
    ("AVCHD", re.compile(r"(?P<prefix>)(?P<number>\d{5})(?P<rest>\.m2?ts)")),
)
_NUMBERS = {
    **dict.fromkeys(
        ("1", "1st", "1.", "first", "erste", "première", "1er", "1re", "1ère", "1o", "1º", "primer", "primera", "primo"), 1
    ),
    **dict.fromkeys(
        ("2", "2nd", "2.", "second", "zweite", "deuxième", "2e", "2ème", "2do", "2o", "2º", "segundo", "segunda", "secondo"), 2
    ),
    **{str(n): n for n in range(3, 10)},
    **dict.fromkeys(("3rd", "3.", "dritte"), 3),
    **dict.fromkeys(("4th", "4."), 4),
}
_HALVES = ("half", "halbzeit", "hz", "mi-temps", "tiempo", "tempo", "h")
_UNITS = (*_HALVES, "part", "teil", "parte", "partie", "period", "drittel", "quarter", "viertel")
_UNIT = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_COUNT = "|".join(map(re.escape, sorted(_NUMBERS, key=len, reverse=True)))
_HALF = re.compile(
    rf"(?<![^\W\d_])(?:(?P<unit>{_UNIT})[ _.-]*(?P<count>[1-9])(?!\d)"
    rf"|(?<!\d)(?P<count_first>{_COUNT})[ _.-]*(?P<unit_last>{_UNIT})(?![ _.-]*\d))(?![^\W_])"
)
_SOCCERNET = re.compile(r"(?P<count>[12])_(?:224p|720p|hq)")
"""The two halves of a game in SoccerNet, which lie in a folder with its name."""
_SEPARATORS = " _-.,()[]"


def joined(files: Sequence[str], measure: Measure) -> list[Joined]:
    """The files, those of one recording together, each where its first file stood. Only files of one folder are joined.

    Args:
        files: Paths or URLs.
        measure: What a file tells about itself; asked only where names alone do not decide.
    """
    groups = [group for siblings in _by_folder(files) for group in _groups(siblings, measure)]
    places = {file: place for place, file in enumerate(files)}
    at = {min(group.files, key=places.__getitem__): group for group in groups}  # a later chapter may be given first
    grouped = {file for group in groups for file in group.files}
    return [at.get(file) or Joined((file,), stem_of(file)) for file in files if file in at or file not in grouped]


def continues(before: Clip, after: Clip) -> bool:
    """Whether a recording that a camera numbered next is the same one, by what both files tell."""
    if before.picture and after.picture and before.picture != after.picture:
        return False
    gaps_s = _gaps_s(before, after)
    if gaps_s:
        return min(map(abs, gaps_s)) <= MOST_GAP_S
    if before.first_pts_s is not None and before.duration_s is not None and (after.first_pts_s or 0.0) >= LEAST_CLOCK_S:
        return abs((after.first_pts_s or 0.0) - before.first_pts_s - before.duration_s) <= MOST_GAP_S
    size = before.size_bytes or 0
    return any(least <= size <= most for least, most in LIMITS_BYTES)


def stem_of(file: str) -> str:
    """The name of a file at a path or URL, without its ending."""
    name = re.split(r"[/\\]", file)[-1]
    return name.rpartition(".")[0] or name


def _gaps_s(before: Clip, after: Clip) -> list[float]:
    """From the end of one to the start of the other, if cameras note the start of a file, and if they note its end."""
    if before.start_s is None or after.start_s is None or before.start_s == after.start_s:
        return []
    apart_s = after.start_s - before.start_s
    return [apart_s - length_s for length_s in (before.duration_s, after.duration_s) if length_s is not None]


def _by_folder(files: Iterable[str]) -> list[list[str]]:
    def place(file: str) -> tuple[str, str]:
        folder, _, name = file.replace("\\", "/").rpartition("/")
        return folder, name.rpartition(".")[2].lower()

    return [list(group) for _, group in groupby(sorted(files, key=place), key=place)]


def _groups(files: Sequence[str], measure: Measure) -> Iterator[Joined]:
    """The recordings of more than one file among those of one folder and one ending."""
    yield from _chapters(files)
    yield from _spans(files, measure)
    yield from _halves(files)


def _chapters(files: Sequence[str]) -> Iterator[Joined]:
    for _, numbered in _numbered(files, _chapter):
        for run in _runs(numbered):
            yield Joined(run, stem_of(run[0]), f"{len(run)} chapters of a GoPro's recording")


def _spans(files: Sequence[str], measure: Measure) -> Iterator[Joined]:
    for (maker, *_), numbered in _numbered(files, _span):
        for run in _runs(numbered):
            clips = {file: _with_start(file, measure(file)) for file in run}
            for part in _divided(run, lambda before, after, clips=clips: continues(clips[before], clips[after])):  # type: ignore[misc]
                yield Joined(part, stem_of(part[0]), f"{len(part)} spans of one recording ({maker})")


def _halves(files: Sequence[str]) -> Iterator[Joined]:
    for (before, after, unit), numbered in _numbered(files, _half):
        numbers = sorted(numbered)
        complete = numbers == [1, 2] if unit == "half" else len(numbers) > 1 and numbers == [*range(1, len(numbers) + 1)]
        if complete:
            run = tuple(numbered[number] for number in numbers)
            rest = f"{before.strip(_SEPARATORS)} {after.strip(_SEPARATORS)}".strip()
            name = _as_written(run[0], before, after) if rest else _folder_of(run[0])
            what = "two halves" if unit == "half" else f"{len(run)} parts"
            yield Joined(run, name or stem_of(run[0]), f"{what} of one match")


def _folder_of(file: str) -> str:
    """The name of the folder that a file lies in."""
    return folder_name(file if "://" in file else str(Path(file).absolute()))


def _as_written(file: str, before: str, after: str) -> str:
    """The name of a half without what says which half it is, in the case of the file's name."""
    stem = normalize("NFC", stem_of(file))
    kept = [stem[: len(before)].strip(_SEPARATORS), stem[len(stem) - len(after) :].strip(_SEPARATORS)]
    return " ".join(filter(None, kept))


def _numbered(
    files: Sequence[str], key_of: Callable[[str], tuple[tuple[str, ...], int] | None]
) -> list[tuple[tuple[str, ...], dict[int, str]]]:
    """The files of each key by their number; a key is left out if two files have the same number."""
    found: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for file in files:
        if key := key_of(file):
            found.setdefault(key[0], []).append((key[1], file))
    return [(key, dict(group)) for key, group in found.items() if len(dict(group)) == len(group) > 1]


def _runs(numbered: dict[int, str]) -> list[tuple[str, ...]]:
    """The files with numbers that follow each other, two at least."""
    numbers = {file: number for number, file in numbered.items()}
    in_order = [numbered[number] for number in sorted(numbered)]
    return list(_divided(in_order, lambda before, after: numbers[after] == numbers[before] + 1))


def _divided(files: Sequence[str], together: Callable[[str, str], bool]) -> Iterator[tuple[str, ...]]:
    """The runs of two files and more of which each belongs to the one before."""
    run = [files[0]]
    for before, after in pairwise(files):
        if not together(before, after):
            if len(run) > 1:
                yield tuple(run)
            run = []
        run.append(after)
    if len(run) > 1:
        yield tuple(run)


def _chapter(file: str) -> tuple[tuple[str, ...], int] | None:
    stem = stem_of(file).lower()
    if new := _GOPRO.fullmatch(stem):
        return (new[1], new[3]), int(new[2])
    if old := _OLD_GOPRO.fullmatch(stem):
        return ("gopr", old[2]), 0 if old[1] == "opr" else int(old[1][1:])
    return None


def _span(file: str) -> tuple[tuple[str, ...], int] | None:
    stem = stem_of(file).lower()
    for maker, names in _SPANS:
        name = stem if maker != "AVCHD" else stem + file.lower()[file.rfind(".") :]
        if found := names.fullmatch(name):
            return (maker, found["prefix"], found["rest"]), int(found["number"])
    return None


def _with_start(file: str, clip: Clip) -> Clip:
    """The clip with the start that a drone writes into the name, if the file has none."""
    found = _SPANS[0][1].fullmatch(stem_of(file).lower())
    if clip.start_s is not None or not found or not found["start"]:
        return clip
    try:
        start = datetime.strptime(found["start"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return clip
    return Clip(clip.size_bytes, start.timestamp(), clip.duration_s, clip.first_pts_s, clip.picture)


def _half(file: str) -> tuple[tuple[str, ...], int] | None:
    stem = normalize("NFC", stem_of(file)).lower()
    if of_game := _SOCCERNET.fullmatch(stem):
        return ("", "", "half"), int(of_game["count"])
    found = list(_HALF.finditer(stem))
    if len(found) != 1:
        return None
    unit = found[0]["unit"] or found[0]["unit_last"]
    number = _NUMBERS[found[0]["count"] or found[0]["count_first"]]
    return (stem[: found[0].start()], stem[found[0].end() :], "half" if unit in _HALVES else unit), number
