"""The files of a result: written under hidden names first, renamed together once all are complete.

    out/ .timeline.json.part  .timeline.csv.part  .report.html.part  .reel.mp4.part      while they are made
    out/  timeline.json        timeline.csv        report.html        reel.mp4           after the last one is whole

So a run that fails, is stopped, or finds the disk full leaves an earlier result as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from highlights.choices import CutKind
from highlights.errors import OutputError
from highlights.export import made_files, report, timeline_csv, timeline_json
from highlights.media.aside import output_error, remove_left, work_folder, write_aside
from highlights.progress import Note, Progress, StageProgress, no_note, no_progress, of_file, of_stage
from highlights.records import Timeline
from highlights.reel.film import EditOptions, plan
from highlights.reel.options import Files

LOG = logging.getLogger(__name__)

# Imported lazily: a cached run without a reel never needs what cuts reels.

NO_FILES = Files()

NAMES = ("timeline.json", "timeline.csv", "report.html", "reel.mp4")
"""What a run writes into its folder; clips go into `clips/`, reels of one team, say, into `reels/`."""


def write_results(
    timeline: Timeline,
    out: Path,
    *,
    reel: CutKind,
    options: EditOptions,
    files: Files = NO_FILES,
    progress: Progress = no_progress,
    on_note: Note = no_note,
) -> tuple[Path, ...]:
    """Write all files of a result into `out` and return them.

    Raises:
        HighlightsError: a file cannot be made; those of an earlier run are untouched.
    """
    targets = [out / name for name in (NAMES if reel != "none" and timeline.clips else NAMES[:-1])]
    with folder_for(out, [part.path for part in timeline.recording.parts]), ExitStack() as whole:
        json_file, csv_file, page, *film = [whole.enter_context(_aside(target)) for target in targets]
        if film:
            _cut(timeline, film[0], reel, options, progress, of_file(on_note, targets[-1]))
        more = _beside(timeline, targets[-1], reel, options, files, progress, on_note, whole) if timeline.clips else []
        progress("report", 0.0)
        timeline_json.write(timeline, json_file)
        timeline_csv.write(timeline, csv_file)
        report.write(timeline, page, reel=targets[-1] if film else None, cut=film[0] if film else None)
        progress("report", 1.0)
    made_files.update(out, (*targets, *more))
    LOG.info("wrote %s", ", ".join(map(str, (*targets, *more))))
    return (*targets, *more)


def write_reel(
    timeline: Timeline,
    target: Path,
    *,
    reel: CutKind,
    options: EditOptions,
    files: Files = NO_FILES,
    progress: Progress = no_progress,
    on_note: Note = no_note,
) -> tuple[Path, ...]:
    """Write only the reel of a timeline and the files beside it, and return them all.

    Raises:
        HighlightsError: the reel cannot be made; an earlier one is untouched.
    """
    if target.suffix.lower() != ".mp4":
        raise OutputError(target, "a reel is an MP4: choose a name that ends in .mp4")
    _check_replaces_none(target, [part.path for part in timeline.recording.parts])
    with ExitStack() as whole:
        _cut(timeline, whole.enter_context(_aside(target)), reel, options, progress, of_file(on_note, target))
        more = _beside(timeline, target, reel, options, files, progress, on_note, whole)
    if target.name == NAMES[-1] and (target.parent / NAMES[0]).is_file():
        made_files.update(target.parent, (target, *more), replaces="reel.")
    return (target, *more)


def _cut(timeline: Timeline, target: Path, reel: CutKind, options: EditOptions, progress: Progress, on_note: Note) -> None:
    from highlights.reel.cut import cut

    cut(timeline, target, reel, options, of_stage(progress, "reel"), on_note)


def _beside(
    timeline: Timeline,
    reel_file: Path,
    reel: CutKind,
    options: EditOptions,
    files: Files,
    progress: Progress,
    on_note: Note,
    whole: ExitStack,
) -> list[Path]:
    """Write what goes beside the reel, named after it; the files appear when `whole` succeeds."""
    if not (options.subtitles or files.thumbnail or files.preview or files.clips or files.each):
        return []
    from highlights.reel.apart import write_clips, write_reels
    from highlights.reel.captions import srt
    from highlights.reel.preview import write_preview, write_thumbnail

    out, stem = reel_file.parent, reel_file.stem if reel_file.suffix == ".mp4" else "reel"
    writers: list[tuple[Path, Callable[[Path], object]]] = []
    if options.subtitles and reel != "none":
        writers.append((out / f"{stem}.srt", lambda file: file.write_text(srt(plan(timeline, options)), encoding="utf-8")))
    if files.thumbnail:
        writers.append((out / "thumbnail.jpg", lambda file: write_thumbnail(timeline, options, file)))
    if files.preview:
        writers.append((out / f"{stem}.{files.preview}", lambda file: write_preview(timeline, options, file)))
    for target, write in writers:
        write(whole.enter_context(_aside(target)))
    made = [target for target, _ in writers]
    if files.clips:
        made += whole.enter_context(
            _folder(out / "clips", lambda work, share: write_clips(timeline, work, reel, options, share, on_note), progress)
        )
    if files.each:
        made += whole.enter_context(
            _folder(
                out / "reels",
                lambda work, share: write_reels(timeline, work, files.each, reel, options, share, on_note),
                progress,
            )
        )
    return made


@contextmanager
def folder_for(out: Path, recordings: Sequence[Path]) -> Iterator[None]:
    """Create the folder `out` and check that it is writable; if the block fails, remove the folders created.

    Raises:
        OutputError: it cannot be created or written to, or a result would replace a recording or a folder.
    """
    made: list[Path] = []
    try:
        try:
            made = [folder for folder in (out, *out.parents) if not folder.exists()]
            out.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=out):
                pass
        except FileNotFoundError as error:
            raise OutputError(out, "no folder can be created here: choose another folder with --out") from error
        except OSError as error:
            raise output_error(out, error) from error
        for name in NAMES:
            _check_replaces_none(out / name, recordings)
        remove_left(out, *NAMES, *made_files.OPTIONAL)
        yield
    except BaseException:
        for folder in made:
            with suppress(OSError):  # not empty: it holds results of an earlier run
                folder.rmdir()
        raise


def _check_replaces_none(target: Path, recordings: Sequence[Path]) -> None:
    if target.is_dir():
        raise OutputError(target, "this is a folder: choose another place with --out")
    if any(path.exists() and target.exists() and target.samefile(path) for path in recordings):
        raise OutputError(target, "this is the recording itself: choose another place with --out")


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """`write_aside` whose errors name the file by its final name."""
    with write_aside(target) as aside:
        try:
            yield aside
        except OutputError as error:
            raise (OutputError(target, error.problem) if error.path == aside else error) from error


@contextmanager
def _folder(folder: Path, write: Callable[[Path, StageProgress], list[Path]], progress: Progress) -> Iterator[list[Path]]:
    """The files that will lie in `folder`; they appear there when the block succeeds."""
    try:
        with work_folder(folder) as work:
            made = write(work, of_stage(progress, "clips"))
            yield [folder / file.name for file in made]
            folder.mkdir(exist_ok=True)
            for file in made:
                file.replace(folder / file.name)
    except OSError as error:
        raise output_error(folder, error) from error
    except OutputError as error:
        hidden = error.path.parent.parent == folder.parent and error.path.parent.name.startswith(".")
        raise (OutputError(folder / error.path.name, error.problem) if hidden else error) from error
