"""Molmo2's points and tracks: where something is, and when.

    <points coords="0.5 1 911 800;12.5 2 400 333">goals</points>
                    │   │ │   └── y and
                    │   │ └────── x in thousandths of the frame's height and width, 000 … 1000
                    │   └──────── number: of a point, counted through the answer; of a track, the same for one thing throughout
                    └──────────── seconds; `;` or TAB before the next frame, further `number x y` in the same frame

The label is the text of the tag or an attribute, `label="…"` or `alt="…"`; a tag may be self-closing, inside a sentence, or
truncated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from highlights.dialects.prose import one_line

SCALE = 1000
TAG = re.compile(r'<(?:points|tracks)\b(?P<before>[^<>]*?)\bcoords="(?P<coords>[^"<>]*)(?P<after>[^<>]*)>?(?P<label>[^<]*)')
NAMED = re.compile(r'\b(?:label|alt)="([^"]*)"')
FRAME_END = re.compile(r"[;:,\t]|\\t")  # TAB also as the two characters that JSON writes for it
TIME = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,6})?\.?")
NUMBER = re.compile(r"[0-9]{1,6}")
COORDINATE = re.compile(r"[0-9]{3,4}")
ABSENT = re.compile(r"\W*there (?:are|is) (?:none|no)\b", re.IGNORECASE)
UNTRACKED = re.compile(r"\bno tracks available\b", re.IGNORECASE)
UNABLE = re.compile(r"\bsorry,? i can(?:'t|’t|not| not) count\b", re.IGNORECASE)

Group = tuple[str, str, str, str]
"""Time, number, x and y as written."""
How = Literal["clean", "repaired", "absent", "untracked", "unable", "unreadable"]
"""`clean`, `repaired`: it pointed or counted. `absent`: There are none. `untracked`: No tracks available. `unable`: Sorry, I
can't count them. `unreadable`: none of these."""


@dataclass(frozen=True, slots=True)
class Point:
    """One position at one time: `x` and `y` are fractions of the frame's width and height from its top left, 0..1."""

    time_s: float
    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Track:
    """The path of one thing: its points in order of time, all with its number."""

    number: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Pointing:
    """The points of an answer, in its order; empty unless `how` is clean or repaired (by `repairs`, in words)."""

    how: How
    label: str = ""
    points: tuple[Point, ...] = ()
    repairs: tuple[str, ...] = ()

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The points by their number, lowest first."""
        points = sorted(self.points, key=lambda point: (point.number, _sort_key(point)))
        return tuple(Track(number, tuple(own)) for number, own in groupby(points, key=lambda point: point.number))


def parse_points(answer: str) -> Pointing:
    """The points or tracks of an answer, or how it says that there are none."""
    answer = answer.strip()
    label = ""
    points: list[Point] = []
    repairs: list[str] = []
    for tag in TAG.finditer(answer):
        label = label or _label(tag)
        read, wrong = _points(tag, cut_short=tag.end("coords") == len(answer))
        points += read
        repairs += wrong
    if not points:
        return Pointing(_without_points(answer))
    return Pointing("repaired" if repairs else "clean", label, tuple(points), tuple(dict.fromkeys(repairs)))


def _without_points(answer: str) -> How:
    """What an answer without any point says."""
    if UNABLE.search(answer):
        return "unable"
    if UNTRACKED.search(answer):
        return "untracked"
    return "absent" if ABSENT.match(answer) else "unreadable"


def compose_points(label: str, points: Iterable[Point]) -> str:
    """The answer with these points, in Molmo2's order (by time, then x, then y); without points, that there are none.

    >>> compose_points("goals", [Point(12.5, 2, 0.4, 0.333), Point(0.5, 1, 0.911, 1.0)])
    '<points coords="0.5 1 911 1000;12.5 2 400 333">goals</points>'
    """
    coords = _coords(points)
    return f'<points coords="{coords}">{label}</points>' if coords else "There are none."


def compose_tracks(label: str, tracks: Iterable[Track]) -> str:
    """The answer with these tracks.

    >>> compose_tracks("player", [Track(1, (Point(0.0, 1, 0.25, 0.5), Point(0.5, 1, 0.125, 0.5)))])
    '<tracks coords="0.0 1 250 500;0.5 1 125 500">player</tracks>'
    """
    coords = _coords(point for track in tracks for point in track.points)
    return f'<tracks coords="{coords}">{label}</tracks>' if coords else "No tracks available."


def _sort_key(point: Point) -> tuple[float, float, float]:
    return point.time_s, point.x, point.y


def _coords(points: Iterable[Point]) -> str:
    frames = groupby(sorted(points, key=_sort_key), key=lambda point: f"{point.time_s:.1f}")
    return ";".join(" ".join([time, *map(_group, frame)]) for time, frame in frames)


def _group(point: Point) -> str:
    return f"{point.number} {round(point.x * SCALE):03d} {round(point.y * SCALE):03d}"


def _label(tag: re.Match[str]) -> str:
    """The text of the tag, else that of an attribute."""
    words = "" if tag["after"].endswith("/") else one_line(tag["label"])
    named = NAMED.search(tag["before"]) or NAMED.search(tag["after"])
    return words or (one_line(named[1]) if named else "")


def _points(tag: re.Match[str], *, cut_short: bool) -> tuple[list[Point], list[str]]:
    """The points of one tag, and what is wrong with it, in words."""
    groups, wrong = _groups(tag["coords"])
    if cut_short:
        wrong = ["cut short"]
        if groups and groups[-1][3] == "100" and tag["coords"].endswith("100"):
            del groups[-1]  # may be the start of 1000
    elif not tag["after"].startswith('"'):
        wrong.append("no closing quote")
    points: dict[tuple[float, int], Point] = {}
    for time, number, x, y in groups:
        point = Point(float(time), int(number), int(x) / SCALE, int(y) / SCALE)
        if max(point.x, point.y) > 1:
            wrong.append("points outside the picture left out")
        elif points.setdefault((point.time_s, point.number), point) is not point:
            wrong.append("a number said twice in one frame")
    return list(points.values()), wrong


def _groups(coords: str) -> tuple[list[Group], list[str]]:
    """Every complete group of all frames, and what is wrong with the others."""
    groups: list[Group] = []
    broken = False
    for tokens in map(str.split, FRAME_END.split(coords)):
        whole = _frame(tokens)
        broken |= len(tokens) != 1 + 3 * len(whole)
        groups += whole
    return groups, ["broken groups left out"] if broken else []


def _frame(tokens: Sequence[str]) -> list[Group]:
    """Every complete group of one frame."""
    groups: list[Group] = []
    at = 1
    while at + 2 < len(tokens) and TIME.fullmatch(tokens[0]):
        number, x, y = tokens[at : at + 3]
        whole = NUMBER.fullmatch(number) and COORDINATE.fullmatch(x) and COORDINATE.fullmatch(y)
        if whole:
            groups.append((tokens[0], number, x, y))
        at += 3 if whole else 1
    return groups
