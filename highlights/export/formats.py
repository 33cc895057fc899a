"""The table of formats: the name of each, how it is written, and how it is read if it can be imported."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from highlights.errors import FormatError, OutputError
from highlights.export import (
    chapters,
    edl,
    fcpxml,
    longomatch,
    losslesscut,
    otio,
    premiere,
    soccernet,
    sportscode,
    spreadsheet,
    subtitles,
    timeline_csv,
)
from highlights.export.cut_list import CutList, Each, Entry, Of, medium_of, of_recording, of_reel, only, planned_reel
from highlights.export.row import Edited, EditedRow
from highlights.media.aside import write_aside
from highlights.progress import Progress, StageProgress, no_progress, of_stage
from highlights.records import Part, Timeline
from highlights.reel.plan import NOTHING_TO_SHOW, standard_rate

Text = Callable[[CutList], str]
Read = Callable[[Edited, CutList], list[EditedRow]]
Whole = Callable[[Timeline, Path], None]
Folder = Callable[[Timeline, Path, StageProgress], None]

ODD_RATE = 1e-4
"""A frame rate farther than this from all standard ones (as a share of it) varies, or is not supported by any program."""
MOST_EDL_EVENTS = 999
SOURCE_FIRST: tuple[Of, ...] = ("source", "reel")
REEL_FIRST: tuple[Of, ...] = ("reel", "source")


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `text` writes a cut list, `whole` a timeline, `folder` one with clips; `read` returns the rows of a file.

    `kinds`: what times can refer to, the default first. `each`: whether the list over the recording has an entry for each clip
    or each event. `sign`: a pattern found only in files of this format. `one_file`: it refers to a single media file.
    """

    name: str
    suffix: str
    text: Text | None = None
    whole: Whole | None = None
    folder: Folder | None = None
    read: Read | None = None
    kinds: tuple[Of, ...] = ("source",)
    each: Each = "event"
    sign: str = ""
    one_file: bool = False
    in_frames: bool = False
    takes: Callable[[CutList, Entry], bool] = lambda cuts, entry: True


def _json(timeline: Timeline, target: Path) -> None:
    from highlights.export import timeline_json

    timeline_json.write(timeline, target)


def _html(timeline: Timeline, target: Path) -> None:
    from highlights.export.report import write_beside_reel

    write_beside_reel(timeline, target)


def _page(timeline: Timeline, target: Path, progress: StageProgress) -> None:
    from highlights.export import page

    page.write(timeline, target, progress)


TABLE = (
    Format("otio", ".otio", otio.text, read=otio.rows, kinds=SOURCE_FIRST, each="clip", sign=r'"OTIO_SCHEMA"', in_frames=True),
    Format("fcpxml", ".fcpxml", fcpxml.text, read=fcpxml.rows, kinds=SOURCE_FIRST, each="clip", sign="<fcpxml", in_frames=True),
    Format(
        "premiere", ".xml", premiere.text, read=premiere.rows, kinds=SOURCE_FIRST, each="clip", sign="<xmeml", in_frames=True
    ),
    Format("edl", ".edl", edl.text, read=edl.rows, kinds=SOURCE_FIRST, each="clip", sign=r"^(TITLE|FCM):", in_frames=True),
    Format(
        "losslesscut",
        ".llc",
        losslesscut.text,
        read=losslesscut.rows,
        kinds=SOURCE_FIRST,
        sign=r"\bcutSegments\b",
        one_file=True,
    ),
    Format("sportscode", ".xml", sportscode.text, read=sportscode.rows, kinds=SOURCE_FIRST, sign="<ALL_INSTANCES"),
    Format("longomatch", ".csv", longomatch.text, kinds=SOURCE_FIRST),
    Format("soccernet", ".json", soccernet.labels, read=soccernet.rows, sign=r'"annotations"', takes=soccernet.has_class),
    Format("soccernet-spotting", ".json", soccernet.predictions, takes=soccernet.has_class),
    Format("webvtt", ".vtt", subtitles.webvtt, read=subtitles.rows, kinds=REEL_FIRST, sign=r"\AWEBVTT"),
    Format("srt", ".srt", subtitles.srt, read=subtitles.rows, kinds=REEL_FIRST, sign=r"^\d+:\d\d:\d\d,\d{3} -->"),
    Format("youtube", ".txt", chapters.youtube, kinds=REEL_FIRST),
    Format("ffmetadata", ".txt", chapters.ffmetadata, kinds=REEL_FIRST),
    Format("csv", ".csv", whole=timeline_csv.write, read=spreadsheet.rows, sign=r"(?i)\A(\"?sep=.*\n)?.*\bstart_s\b"),
    Format(
        "losslesscut-csv",
        ".csv",
        losslesscut.csv_text,
        read=losslesscut.csv_rows,
        kinds=SOURCE_FIRST,
        sign=r"(?i)\A(\"?sep=.*\n)?\"?((start|in)\"? *[,;\t]|\d+([.,]\d+)?\"? *[,;\t])",
        one_file=True,
    ),
    Format("json", ".json", whole=_json),
    Format("html", ".html", whole=_html),
    Format("page", "", folder=_page),
)
FORMATS = {format_.name: format_ for format_ in TABLE}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is exported or imported: the format, what times refer to, and which file of the recording alone, counted from 1."""

    format: Format
    of: Of
    part: int | None = None


def choice(name: str, of: Of | None, part: int | None, path: Path) -> Choice:
    """The choice of a format by its name.

    Raises:
        FormatError: the format does not support this `of`, or a single file.
    """
    chosen = FORMATS[name]
    if of is not None and of not in chosen.kinds:
        raise FormatError(path, f"{name} supports only times of the recording; leave out `--of {of}`")
    if part is not None and (chosen.whole or chosen.folder or (of or chosen.kinds[0]) == "reel"):
        raise FormatError(path, f"{name} is written for the whole match; leave out --part, or use --of source if supported")
    return Choice(chosen, of or chosen.kinds[0], part)


def recognised(edited: Edited) -> str:
    """The name of the format that a file is in.

    Raises:
        FormatError: it is not recognised.
    """
    head = edited.text[:100_000]
    signed = (format_.name for format_ in TABLE if format_.sign and re.search(format_.sign, head, re.MULTILINE))
    return next(signed, None) or edited.refuse("its format is not recognised; name it with --from")


def export(timeline: Timeline, chosen: Choice, target: Path, reel: Path, progress: Progress = no_progress) -> tuple[str, ...]:
    """Write the timeline to `target` in the chosen format, and return notes for the user.

    Raises:
        FormatError: the format cannot hold this match.
        RenderError, RecordingError: its clips cannot be cut.
        OutputError: `target` cannot be written.
    """
    if any(part.path.exists() and target.exists() and target.samefile(part.path) for part in timeline.recording.parts):
        raise OutputError(target, "this is the recording itself: choose another place with --out")
    if chosen.format.whole:
        chosen.format.whole(timeline, target)
        return ()
    if chosen.format.folder:
        chosen.format.folder(timeline, target, of_stage(progress, "clips"))
        return ()
    cuts, notes = cut_list(timeline, chosen, reel, target)
    assert chosen.format.text is not None
    content = chosen.format.text(cuts)
    with write_aside(target) as aside:
        aside.write_text(content, encoding="utf-8", newline="")
    return notes


def cut_list(timeline: Timeline, chosen: Choice, reel: Path, target: Path) -> tuple[CutList, tuple[str, ...]]:
    """The content of a file in the chosen format, and notes for the user.

    Raises:
        FormatError: the format cannot hold this match; names `target`.
    """
    notes: list[str] = []
    if chosen.of == "reel":
        cuts = _over_reel(timeline, reel, notes)
    else:
        codes = [_start_code(part, notes) for part in timeline.recording.parts] if chosen.format.in_frames else []
        cuts = _one_part(of_recording(timeline, chosen.format.each, codes), chosen, target)
    kept = tuple(entry for entry in cuts.entries if chosen.format.takes(cuts, entry))
    if left_out := len(cuts.entries) - len(kept):
        notes.append(f"{left_out} of {len(cuts.entries)} events have no class in this format and are left out")
    if chosen.format.in_frames:
        notes += _rates(timeline, cuts)
        if not kept:
            raise FormatError(target, NOTHING_TO_SHOW)
    if chosen.format.text is edl.text and len(kept) > MOST_EDL_EVENTS:
        notes.append(f"{len(kept)} events: older programs read only the first {MOST_EDL_EVENTS} of a list")
    return replace(cuts, entries=kept), tuple(notes)


def _over_reel(timeline: Timeline, reel: Path, notes: list[str]) -> CutList:
    """The list over the existing reel, by its chapters, or else over the reel that would be cut."""
    if not reel.is_file():
        return of_reel(timeline, planned_reel(timeline, reel))
    from highlights.export.reel_places import reel_places
    from highlights.media.probe import probe

    places = reel_places(timeline, reel)
    if not places and timeline.clips:
        notes.append(
            f"{reel}: its chapters do not match the timeline's clips, which are assumed to follow each other; cut it again"
        )
    return of_reel(timeline, medium_of(probe(reel)), places)


def _one_part(cuts: CutList, chosen: Choice, target: Path) -> CutList:
    count = len(cuts.media)
    if chosen.part is not None:
        if not 1 <= chosen.part <= count:
            raise FormatError(target, f"the recording has no part {chosen.part}, it has {count}")
        return only(cuts, chosen.part - 1)
    if chosen.format.one_file and count > 1:
        raise FormatError(
            target, f"{chosen.format.name} refers to one file, the recording has {count}: use --part 1, then --part 2"
        )
    return cuts


def _start_code(part: Part, notes: list[str]) -> str:
    from highlights.media.probe import start_code

    if part.path.is_file():
        return start_code(part.path)
    notes.append(f"{part.path}: does not exist, so its time code is assumed to start at 00:00:00:00")
    return ""


def _rates(timeline: Timeline, cuts: CutList) -> list[str]:
    """Notes on where the list's frame rate differs from the recording's."""
    notes = []
    for part in timeline.recording.parts:
        own, counted = part.frame_rate, standard_rate(part.frame_rate)
        whole = round(own / counted) or 1 / Fraction(round(counted / own))
        if abs(own / (counted * whole) - 1) > ODD_RATE:
            notes.append(f"{part.path.name}: has {float(own):.2f} frames a second on average, counted as {_rate(counted)}")
        if counted != cuts.rate.fps and cuts.of == "source":
            notes.append(f"{part.path.name}: has {_rate(counted)} frames a second, the list counts {_rate(cuts.rate.fps)}")
    return notes


def _rate(fps: Fraction) -> str:
    return f"{float(fps):.5g}"
