"""Which folder each match of a batch gets, and whether it is finished there: known by its recordings, not by its name.

    results/half1/              cup/half1.mp4, which came first
    results/league-half1/       league/half1.mp4
    results/.matches/….json     which recordings each of these folders is for

A match keeps the folder that it got first, whatever is added later, in whichever order. The note in `.matches` is made before
it runs, as a file that must not exist yet, so two batches into one folder never take the same name for two matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Literal

from highlights.batch import remote
from highlights.batch.manifest import Match
from highlights.batch.notes import NOTES, Folder, folded, folders_in, note_at, note_place, reserve, write_note
from highlights.batch.source import Source, gone, grown, moved, same_content, same_places, source_of
from highlights.batch.summary import READ_AT_ONCE, Outcome, finished_earlier
from highlights.errors import OutputError
from highlights.logs import without_secrets
from highlights.systems import folder_name, is_file_name, to_file_name

RESERVED = ("index.html", "summary.csv", "retry.csv", NOTES)
"""What lies beside the folders."""
RESULTS = frozenset({"timeline.json", "timeline.csv", "report.html", "thumbnail.jpg", "clips", "reels"})
MOST_PLANS = 100
LONGEST = 255  # bytes of a name that file systems take

Standing = Literal["new", "again", "finished"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A match under the name of its folder, the sources it has now, and whether it is new, run again, or finished.

    `note` says what a person may want to know: why it runs again, or why its folder has another name. `outcome` is the one of a
    finished match; `earlier` are the sources that its folder was reserved for, if it has one already.
    """

    match: Match
    sources: tuple[Source, ...]
    standing: Standing = "new"
    note: str = ""
    outcome: Outcome | None = None
    earlier: tuple[Source, ...] = ()


def planned(matches: Sequence[Match], out: str) -> list[Planned]:
    """The folder of each match, in the order of the matches; writes nothing.

    Raises:
        OutputError: the results so far cannot be read.
    """
    return _Plan(out, finished_earlier(out)).of(matches, _sources(matches))


def claimed(matches: Sequence[Match], out: str) -> tuple[list[Planned], dict[str, Outcome]]:
    """As `planned`, with the folders reserved for these matches, and all matches that are finished in `out`, by name.

    Raises:
        OutputError: the folder cannot be read or written to.
    """
    sources = _sources(matches)
    for _ in range(MOST_PLANS):  # another batch may take a name meanwhile; then the plan is made again, around it
        finished = finished_earlier(out)
        plan = _Plan(out, finished).of(matches, sources)
        if all(_claim(each, asked, out) for each, asked in zip(plan, matches, strict=True)):
            return plan, finished
    raise OutputError(without_secrets(out), "other batches keep taking the names of its folders: start this one again later")


def note_done(done: Planned, out: str) -> None:
    """Note which recordings the results of a match were made from, once they are there.

    Raises:
        OutputError: it cannot be written.
    """
    known = note_at(note_place(done.match.name, out))
    write_note(replace(known, sources=done.sources) if known else _folder(done, done.match), out)


def _claim(each: Planned, asked: Match, out: str) -> bool:
    """Reserve the folder of a match; False if it has just been reserved for another one."""
    if reserve(_folder(each, asked), out):
        return True
    known = note_at(note_place(each.match.name, out))
    if known is None or same_places(known.sources, each.sources):
        return True
    if gone(known.sources):  # moved, or never there
        write_note(_folder(each, asked), out)
        return True
    return same_places(known.sources, each.earlier)


def _folder(each: Planned, asked: Match) -> Folder:
    return Folder(each.match.name, asked.name, asked.named, each.sources)


class _Plan:
    """The folders in `out`, and those that matches of this batch have got."""

    def __init__(self, out: str, finished: dict[str, Outcome]) -> None:
        self._out = out
        self._folders = folders_in(out, finished)
        self._used: set[str] = set()
        with_results = map(folder_name, remote.below(out, f"*/{remote.LAST}"))  # also those that cannot be read
        names = (*RESERVED, *with_results, *(folder.name for folder in self._folders))
        self._taken = set(map(folded, names))

    def of(self, matches: Sequence[Match], sources: Sequence[tuple[Source, ...]]) -> list[Planned]:
        """The plan of all matches; those that a person named come first."""
        found: dict[int, Planned] = {}
        numbers = sorted(range(len(matches)), key=lambda number: not matches[number].named)
        for meets in (self._same, self._grown, self._moved):
            for number in numbers:
                if number not in found and (folder := meets(matches[number], sources[number], sources)):
                    self._used.add(folder.name)
                    found[number] = _in_folder(folder, matches[number], sources[number])
        for number in numbers:
            if number not in found and matches[number].named:
                found[number] = self._named(matches[number], sources[number])
        waiting = [number for number in numbers if number not in found]
        for number, name in self._names({number: matches[number] for number in waiting}, sources):
            found[number] = Planned(replace(matches[number], name=name), sources[number])
        return [found[number] for number in range(len(matches))]

    def _same(self, match: Match, sources: tuple[Source, ...], _: object) -> Folder | None:
        """The folder made from recordings at the same places; the best one if there are several."""
        found = [folder for folder in self._open(match) if same_places(folder.sources, sources)]
        return max(found, key=lambda folder: (folder.outcome is not None, folder.is_called(match.name)), default=None)

    def _grown(self, match: Match, sources: tuple[Source, ...], all_now: Sequence[tuple[Source, ...]]) -> Folder | None:
        """The folder of a match that has further recordings now, if none of them was, or now is, a match of its own."""
        elsewhere = {source.key for folder in self._folders for source in folder.sources}
        for folder in self._open(match):
            added = {source.key for source in sources} - {source.key for source in folder.sources}
            alone = any(same_places(folder.sources, other) for other in all_now)
            if match.named >= folder.named and grown(folder.sources, sources) and not added & elsewhere and not alone:
                return folder
        return None

    def _moved(self, match: Match, sources: tuple[Source, ...], _: object) -> Folder | None:
        return next((folder for folder in self._open(match) if moved(folder.sources, sources)), None)

    def _open(self, match: Match) -> Iterator[Folder]:
        """The folders that can be those of a match: any for one without a name of its own."""
        for folder in self._folders:
            if folder.name not in self._used and (not match.named or folder.is_called(match.name)):
                yield folder

    def _named(self, match: Match, sources: tuple[Source, ...]) -> Planned:
        """A new match whose name a person chose: it gets that name, or a longer one if another match has it."""
        name = next(name for name in _candidates(match, sources) if self._is_free(name))
        self._taken.add(folded(name))
        note = f"{match.name} holds something else already, so the results of this match are in {name}"
        return Planned(replace(match, name=name), sources, note=note if name != match.name else "")

    def _names(self, waiting: dict[int, Match], sources: Sequence[tuple[Source, ...]]) -> Iterator[tuple[int, str]]:
        """The names of new matches: of those with the same file name, all get the name of their folder too."""
        candidates = {number: _candidates(match, sources[number]) for number, match in waiting.items()}
        while candidates:
            wanted = {number: next(names) for number, names in candidates.items()}
            rivals: dict[str, set[tuple[Source, ...]]] = {}
            for number, name in wanted.items():
                rivals.setdefault(folded(name), set()).add(sources[number])
            for number, name in wanted.items():
                if len(rivals[folded(name)]) == 1 and self._is_free(name):
                    self._taken.add(folded(name))
                    del candidates[number]
                    yield number, name

    def _is_free(self, name: str) -> bool:
        return folded(name) not in self._taken and not _is_of_others(Path(self._out, name), self._out)


def _sources(matches: Sequence[Match]) -> list[tuple[Source, ...]]:
    """The sources of each match; several are read at once."""
    with ThreadPoolExecutor(READ_AT_ONCE) as readers:
        return list(readers.map(lambda match: tuple(map(source_of, match.recordings)), matches))


def _in_folder(folder: Folder, match: Match, sources: tuple[Source, ...]) -> Planned:
    """The plan of a match that has a folder."""
    here = Planned(replace(match, name=folder.name), sources, earlier=folder.sources)
    if folder.outcome is None:
        return here
    if len(folder.sources) != len(sources):
        note = f"it has {len(sources)} recordings now, {len(folder.sources)} before, so it runs again"
        return replace(here, standing="again", note=note)
    if not same_content(folder.sources, sources):
        return replace(here, standing="again", note="its recording has changed since it was finished, so it runs again")
    told = replace(here.match, sport=folder.outcome.match.sport)
    return replace(here, standing="finished", outcome=replace(folder.outcome, match=told))


def _candidates(match: Match, sources: Sequence[Source]) -> Iterator[str]:
    """The names that a match may get, the best first; the last ones hold a hash of where its recordings are."""
    place = PurePosixPath(sources[0].place.partition("://")[2] or sources[0].place.replace("\\", "/"))
    ending, name = place.suffix[1:].lower(), match.name
    above = ["", "", *(part for part in place.parts[:-1] if not re.search(r"[:/]|^\.*$", part) and part != name)]
    folder, both = above[-1:], above[-2:]
    named = ((name,), (*folder, name), (*folder, name, ending), (*both, name), (*both, name, ending))
    for parts in named:
        joined = to_file_name("-".join(filter(None, parts)))
        if len(joined.encode("utf-8", "surrogateescape")) <= LONGEST and is_file_name(joined):
            yield joined
    hashed = blake2b(" ".join(source.key for source in sources).encode(), digest_size=16).hexdigest()
    yield from (to_file_name(f"{name[:60]}-{hashed[:length]}") for length in range(6, len(hashed)))
    yield from (to_file_name(f"{name[:60]}-{hashed}-{number}") for number in count(2))


def _is_of_others(folder: Path, out: str) -> bool:
    """Whether a folder on this machine holds what is not a result of ours."""
    if remote.is_url(out) or not folder.exists():
        return False
    if not folder.is_dir():
        return True
    names = (entry.name for entry in folder.iterdir())
    return any(not name.startswith((".", "reel.")) and name not in RESULTS for name in names)
