"""The matches in what a user gives: files, folders, patterns, URLs of these, and manifests.

season/  list.csv  ──► files, without those that are no recordings ──► one match each, or one for files that belong together
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from pathlib import Path
from typing import Literal

from highlights.batch import remote
from highlights.batch.folders import files_below, is_video, sorted_out
from highlights.batch.joining import Clip, Joined, joined, stem_of
from highlights.batch.manifest import Match, OptionsOf, is_manifest, read_manifest
from highlights.batch.source import place_key
from highlights.errors import RecordingError
from highlights.logs import without_secrets
from highlights.media.probe import file_clock
from highlights.systems import to_file_name

Join = Literal["auto", "none"]
JOINS: tuple[Join, ...] = ("auto", "none")


@dataclass(frozen=True, slots=True)
class Listing:
    """The matches of a batch, and the videos that were left out, each with the reason."""

    matches: tuple[Match, ...]
    left_out: dict[str, str] = field(default_factory=dict)


def matches_of(sources: Sequence[str], sport: str, options_of: OptionsOf, *, join: Join = "auto") -> list[Match]:
    """The matches in files, folders and their subfolders, patterns such as `*.mp4`, and manifests (`.csv`).

    Raises:
        RecordingError: a source names no recording, or a manifest is invalid.
    """
    return list(listed(sources, sport, options_of, join=join).matches)


def listed(sources: Sequence[str], sport: str, options_of: OptionsOf, *, join: Join = "auto") -> Listing:
    """As `matches_of`, with what was left out.

    Args:
        sources: What the user gave.
        sport: Event profile of matches whose manifest names none.
        options_of: Makes the options of a match.
        join: Whether files that belong together are one match; those of a manifest always are what it says.
    """
    of_manifests: dict[str, list[Match]] = {}
    found: dict[str, str] = {}  # files by the key of their place, so that each is there once
    left_out: dict[str, str] = {}
    for source in sources:
        if is_manifest(source):
            of_manifests[source] = read_manifest(source, sport, options_of)
            continue
        files, unused = _files(source)
        left_out |= unused
        for file in files:
            found.setdefault(place_key(file), file)
    named = _apart([match for matches in of_manifests.values() for match in matches])
    taken = {place_key(file) for match in named for file in match.recordings}
    groups = _grouped([file for key, file in found.items() if key not in taken], join)
    shared = options_of({})
    rest = [Match(to_file_name(group.name), group.files, sport, shared, named=False, joined=group.why) for group in groups]
    return Listing((*rest, *named), left_out)


def _grouped(files: Sequence[str], join: Join) -> list[Joined]:
    """The files of each match; addresses of the web have no folder, so they are never joined."""
    apart = [file for file in files if join == "none" or remote.is_web(file)]
    groups = joined([file for file in files if file not in set(apart)], clip_of_file)
    return [*groups, *(Joined((file,), stem_of(remote.name_of(file))) for file in apart)]


def clip_of_file(file: str) -> Clip:
    """What a file tells about itself; of an object in a store only its size."""
    if remote.is_url(file):
        return Clip(remote.state_of(file)[0])
    try:
        told = file_clock(Path(file))
    except RecordingError:
        return Clip()
    return Clip(Path(file).stat().st_size, told.recorded_s, told.duration_s, told.first_pts_s, told.picture)


def _apart(matches: Sequence[Match]) -> list[Match]:
    """The matches without those given twice; the same recordings with other options are another match, with a number."""
    kept: list[Match] = []
    for match in matches:
        alike = [other for other in kept if _keys(other) == _keys(match)]
        if any((other.name, other.sport, other.cells) == (match.name, match.sport, match.cells) for other in alike):
            continue
        names, number = {other.name for other in alike}, 2
        while f"{match.name}-{number}" in names:
            number += 1
        kept.append(replace(match, name=f"{match.name}-{number}", named=True) if match.name in names else match)
    return kept


def _keys(match: Match) -> list[str]:
    return [place_key(file) for file in match.recordings]


def _files(source: str) -> tuple[list[str], dict[str, str]]:
    """The recordings that a source names, and the videos left out."""
    found, left_out = _objects(source) if remote.is_url(source) else _local_files(source)
    if not found:
        advice = "give files, folders, patterns ('season/*.mp4') or a manifest (.csv)"
        unused = "".join(f"; left out: {Path(file).name} ({why})" for file, why in islice(left_out.items(), 1))
        raise RecordingError(without_secrets(source), f"no recording found{unused}; {advice}")
    return found, left_out


def _objects(url: str) -> tuple[list[str], dict[str, str]]:
    found = remote.listed(url)
    return ([url], {}) if [*found.values()] == [url] else _chosen(found, found.__contains__)


def _local_files(source: str) -> tuple[list[str], dict[str, str]]:
    path = Path(source)
    if path.is_dir():
        names = files_below(path)
        everything = set(names)
        return _chosen({name: str(path / name) for name in names}, everything.__contains__)
    if path.exists():
        return [str(path)], {}
    pattern = path.relative_to(path.anchor)
    base = Path(path.anchor, *takewhile(lambda part: not re.search(r"[*?\[]", part), pattern.parts[:-1]))
    files = sorted(file for file in Path(path.anchor).glob(str(pattern)) if file.is_file())
    names_of = {file.relative_to(base).as_posix(): str(file) for file in files}
    return _chosen(names_of, lambda name: (base / name).is_file(), videos_only=False)


def _chosen(
    paths: dict[str, str], holds: Callable[[str], bool], *, videos_only: bool = True
) -> tuple[list[str], dict[str, str]]:
    """Which of the files at `paths`, by their path in the folder, are recordings, and why others are not."""
    chosen = sorted_out(paths, holds)
    other = [] if videos_only else [name for name in paths if not is_video(name)]
    recordings = sorted([*chosen.recordings, *other])
    return [paths[name] for name in recordings], {paths[name]: why for name, why in chosen.left_out.items()}
