"""A page of clips that a club can put anywhere: a folder with `index.html`, and the clips with their pictures beside it.

    page/ index.html
          clips/ 01-goal.mp4  01-goal.jpg  02-penalty.mp4  02-penalty.jpg

It needs no script and no server: it is the same from a memory stick and in a website. Names of files are plain ASCII, for not
every server takes others. Clips are H.264 and AAC, which every browser plays; of a recording in H.264 most frames are copied.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from highlights.errors import HighlightsError, OutputError
from highlights.export.html import TEMPLATES, digest, head_of
from highlights.export.naming import one_line
from highlights.media.aside import output_error, work_folder
from highlights.progress import StageProgress, no_stage_progress
from highlights.records import Clip, Event, Timeline
from highlights.reel.film import EditOptions, best_event
from highlights.spans import clock
from highlights.timeline import moments_note

PAGE, CLIPS = "index.html", "clips"
MADE_BY = '<meta name="generator" content="highlights, a page of clips">'
"""By this line a page is known to be one that may be replaced."""

_OURS = re.compile(r"\d{2,}-[a-z0-9-]+\.(mp4|jpg)")
_PLAIN = EditOptions(titles=False, fade_s=0.0)
_PICTURE_PX = 640


@dataclass(frozen=True, slots=True)
class Row:
    """One clip on the page: its files, by links from the page, and what it shows."""

    number: int
    title: str
    clock: str
    score: str
    who: str
    description: str
    replay: bool
    length_s: float
    size_mb: float
    film: str
    poster: str
    width: int
    height: int


def write(timeline: Timeline, folder: Path, progress: StageProgress = no_stage_progress) -> None:
    """Make `folder` the page of a timeline's clips; one made earlier is replaced.

    Raises:
        OutputError: the folder cannot be written, or holds anything else.
        RenderError: the timeline has no clips.
        RecordingError: the recording cannot be read.
    """
    folder = folder.resolve()
    _check_replaceable(folder)
    try:
        with work_folder(folder) as work:
            made = work / "page"
            (made / CLIPS).mkdir(parents=True)
            rows = _write_clips(timeline, made, progress)
            (made / PAGE).write_bytes(text(timeline, rows).encode("utf-8", "replace"))
            _put(made, folder, work / "earlier")
    except OSError as error:
        raise output_error(folder, error) from error
    except OutputError as error:
        raise OutputError(folder, error.problem) from error


def text(timeline: Timeline, rows: list[Row]) -> str:
    """The page's text."""
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["clock"] = clock
    return environment.get_template("page.html").render(
        head=head_of(timeline),
        sport=timeline.sport.replace("_", " ").capitalize(),
        rows=rows,
        length_s=sum(row.length_s for row in rows),
        note=moments_note(timeline),
        columns=[name for name in ("score", "who") if any(getattr(row, name) for row in rows)],
        made_by=Markup(MADE_BY),
        style=Markup(style),
        policy=(
            f"default-src 'none'; style-src '{digest(style)}'; img-src 'self' file:; media-src 'self' file:; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _write_clips(timeline: Timeline, made: Path, progress: StageProgress) -> list[Row]:
    """Cut the clips and draw their pictures."""
    from highlights.reel.apart import write_clips  # imported lazily: brings in FFmpeg

    films = write_clips(timeline, made / CLIPS, "edit", _PLAIN, progress)
    rows = []
    for number, (clip, film) in enumerate(zip(timeline.clips, films, strict=True), 1):
        name = f"{CLIPS}/{number:0{max(2, len(str(len(films))))}}-{_ascii(clip.title)}"
        film.replace(made / f"{name}.mp4")
        event = best_event(timeline, clip)
        poster = _write_picture(timeline, clip, event, made / f"{name}.jpg")
        rows.append(_row(timeline, clip, event, number, (made / f"{name}.mp4").stat().st_size, name, poster=poster))
    return rows


def _row(timeline: Timeline, clip: Clip, event: Event | None, number: int, size_bytes: int, name: str, *, poster: bool) -> Row:
    part = timeline.recording.parts[clip.part]
    who = [word for word in (event.player, event.team) if word not in ("", "home", "away")] if event else []
    return Row(
        number=number,
        title=one_line(clip.title) or "Clip",
        clock=event.game_clock if event and event.game_clock else clock(event.peak_s if event else clip.span.start_s),
        score=event.score if event else "",
        who=", ".join(who),
        description=event.description if event and not clip.replay else "",
        replay=clip.replay,
        length_s=clip.span.length_s,
        size_mb=size_bytes / 1e6,
        film=f"{name}.mp4",
        poster=f"{name}.jpg" if poster else "",
        width=part.width,
        height=part.height,
    )


def _write_picture(timeline: Timeline, clip: Clip, event: Event | None, target: Path) -> bool:
    """Write the picture of a clip's instant; False where there is none."""
    from highlights.media.stills import thumbnail

    at_s = event.peak_s if event and clip.span.holds(event.peak_s) else clip.span.middle_s
    with suppress(HighlightsError):
        target.write_bytes(thumbnail(timeline.recording, at_s, _PICTURE_PX))
    return target.exists()


def _ascii(title: str) -> str:
    """A title as part of a file name.

    >>> _ascii("Tor: Müller!"), _ascii("ゴール")
    ('tor-muller', 'clip')
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "clip"


def _check_replaceable(folder: Path) -> None:
    """Refuse a folder with anything in it that this did not write."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(folder, "this is a file: a page is a folder, so choose another name with --out")
    try:
        strange = [path.name for path in folder.iterdir() if path.name not in (PAGE, CLIPS)]
        page, clips = folder / PAGE, folder / CLIPS
        if page.exists() and MADE_BY.encode() not in page.read_bytes():
            strange.append(PAGE)
        if clips.is_dir():
            strange += [f"{CLIPS}/{path.name}" for path in clips.iterdir() if not _OURS.fullmatch(path.name)]
        elif clips.exists():
            strange.append(CLIPS)
        if clips.exists() and not page.exists():
            strange.append(CLIPS)
    except OSError as error:
        raise output_error(folder, error) from error
    if strange:
        raise OutputError(folder, f"holds other things ({sorted(strange)[0]}): choose a new or an empty folder with --out")


def _put(made: Path, folder: Path, earlier: Path) -> None:
    """Move the page from where it was made into the folder; if that fails, what was there is there again."""
    earlier.mkdir()
    undo: list[Callable[[], object]] = []
    if not folder.exists():
        made.rename(folder)
        return
    try:
        for name in (PAGE, CLIPS):
            if (folder / name).exists():
                undo.append(_moved(folder / name, earlier / name))
        for name in (CLIPS, PAGE):
            undo.append(_moved(made / name, folder / name))
    except BaseException:
        for back in reversed(undo):
            with suppress(OSError):
                back()
        raise


def _moved(source: Path, target: Path) -> Callable[[], object]:
    """Move a file or folder, and return what moves it back."""
    source.rename(target)
    return lambda: target.rename(source)
