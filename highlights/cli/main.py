"""The commands: parse, call one function, print. Data goes to stdout, messages and progress to stderr."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from highlights import __version__
from highlights.cli import interrupts
from highlights.cli.cache import cache
from highlights.cli.calibrate import calibrate
from highlights.cli.evaluate import evaluate
from highlights.cli.group import Group
from highlights.cli.options import (
    ANCHORS,
    ANY_CODEC,
    DETECTOR,
    EVERY_FRAME,
    FILE,
    LIBRARY,
    RECORDING,
    REPORT,
    FormatName,
    MatchTime,
    Size,
    anchor_options,
    chosen_models,
    finding_options,
    given_report,
    model_options,
    reel_choices,
    reel_options,
    run_options,
    run_options_of_cells,
)
from highlights.cli.profiles import profiles

SECTIONS = {
    "Find the highlights": ("app", "run", "batch", "review", "reel", "search"),
    "Use them in other programs": ("export", "import"),
    "Ask a model": ("find", "caption"),
    "Check and measure": ("scenes", "evaluate", "calibrate"),
    "Set up": ("profiles", "doctor", "cache"),
}
"""The commands by what a person wants to do."""


@click.group(cls=Group, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="highlights")
def main() -> None:
    """Find the events of a sports match in its recording and cut a highlight reel.

    \b
    highlights run half1.mp4 half2.mp4 --sport soccer --out final/
    """
    interrupts.install()  # so that nothing is left half-written


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile: a name, or the path of a YAML file.")
@click.option("--out", default="out", show_default=True, type=FILE, help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON instead of a table.")
@REPORT
@anchor_options
@finding_options
@model_options
@reel_options(optional=True)
@ANY_CODEC
def run(
    recordings: tuple[Path, ...],
    sport: str,
    out: Path,
    as_json: bool,
    report: Path | None,
    **choices: Any,
) -> None:
    """Find the events of a match: timeline, report and reel.

    RECORDINGS are the file(s) of one match in their order, such as two halves.
    """
    from highlights import pipeline
    from highlights.cli import show
    from highlights.guard import guarded

    anchors = {name: choices.pop(name) for name in ANCHORS}
    given = given_report(report, **anchors)
    options = replace(run_options(**choices), report=given)
    with guarded(out, models=options.models), show.progress() as progress:
        result = pipeline.run(recordings, sport, out, options, progress)
    show.events(result, as_json=as_json)


@main.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("--sport", default="soccer", show_default=True, help="Event profile, unless the manifest names one.")
@click.option("--out", default="results", show_default=True, help="Folder or URL (s3://...) that gets a folder for each match.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="How many matches run at once; by default as many as the cores allow."
)
@click.option("--ray", metavar="ADDRESS", help="Run the matches on a Ray cluster: auto, HOST:PORT, ray://HOST:PORT, or local.")
@click.option(
    "--join",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "none"]),
    help="Whether a camera's chapters and spans, and the halves of a match, are one match.",
)
@click.option("--dry-run", is_flag=True, help="Only list the matches, their files and their folders.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@finding_options
@model_options
@reel_options(optional=True)
@ANY_CODEC
def batch(
    sources: tuple[str, ...],
    sport: str,
    out: str,
    jobs: int | None,
    ray: str | None,
    join: Any,
    dry_run: bool,
    as_json: bool,
    **choices: Any,
) -> None:
    """Find the events of many matches, and make one page of them all.

    SOURCES are files, folders, patterns such as 'season/*.mp4', URLs, and manifests: a CSV with the columns name, recordings
    (joined by ; or |), sport and any option of a run, such as audio_track. Failed matches are listed in retry.csv, which is a
    manifest too. Finished matches are skipped. Exit codes: 0 done, 1 a match failed, 3 done, but a part of a recording could
    not be used.
    """
    from highlights.batch import matches, plan
    from highlights.batch import run as batches
    from highlights.cli import show

    if ray and jobs:
        raise click.UsageError("--jobs is for this machine; with --ray the cluster's cores limit how many matches run at once")
    found = matches.listed(sources, sport, lambda cells: run_options_of_cells(choices, cells), join=join)
    if dry_run:
        show.plan(plan.planned(found.matches, out), found.left_out, as_json=as_json)
        return
    with show.matches(len(found.matches)) as on_change:
        outcomes = batches.run_batch(
            found.matches,
            out,
            jobs=jobs or 0,
            ray=ray or "",
            on_change=on_change,
            on_plan=lambda plan: show.before_batch(plan, found.left_out),
        )
    show.outcomes(outcomes, batches.files(outcomes, out), as_json=as_json)
    sys.exit(batches.exit_code(outcomes))


@main.command()
@click.argument("timeline", type=FILE)
@RECORDING
@click.option("--out", type=FILE, help="File to write; by default reel.mp4 beside the timeline.")
@click.option("--sport", help="Event profile: a name or a YAML file; by default that of the timeline's sport.")
@reel_options(optional=False)
@ANY_CODEC
def reel(timeline: Path, given: tuple[str, ...], out: Path | None, sport: str | None, **choices: Any) -> None:
    """Cut the reel of a timeline again, with other options.

    TIMELINE is a timeline.json, perhaps edited by hand.
    """
    from highlights import pipeline, results
    from highlights.cli import show
    from highlights.export import recording_places
    from highlights.guard import guarded
    from highlights.reel.film import notes
    from highlights.reel.options import files_of, options_of

    asked, target = reel_choices(**choices), out or timeline.parent / "reel.mp4"
    shown, edit, kind = options_of(asked)
    clips = pipeline.with_clips(recording_places.read(timeline, given, needed=True), sport, shown)
    said: list[str] = []
    with guarded(target.parent), show.progress() as progress:
        made = results.write_reel(
            clips, target, reel=kind, options=edit, files=files_of(asked), progress=progress, on_note=said.append
        )
    for note in (*said, *(notes(clips, edit) if kind in ("auto", "edit") else ())):
        click.echo(f"Note: {note}", err=True)
    click.echo("\n".join(map(str, made)))


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile whose scene settings are used.")
@DETECTOR
@EVERY_FRAME
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@ANY_CODEC
def scenes(recordings: tuple[Path, ...], sport: str, detector: Any, every_frame: bool, as_json: bool) -> None:
    """List the scenes of a match, and the windows a model would be shown."""
    from highlights import pipeline
    from highlights.cli import show
    from highlights.guard import guarded

    with guarded(), show.progress() as progress:
        timeline, windows = pipeline.find_scenes(recordings, sport, detector, progress, every_frame=every_frame)
    show.scenes(timeline, windows, as_json=as_json)


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.argument("query")
@click.option("--from", "from_s", type=MatchTime(), help="Start of the search, such as 12:03.")
@click.option("--to", "to_s", type=MatchTime(), help="End of the search.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@model_options
@ANY_CODEC
def find(
    recordings: tuple[Path, ...], query: str, from_s: float | None, to_s: float | None, as_json: bool, **choices: Any
) -> None:
    """Ask a model when something happens.

    \b
    highlights find match.mp4 "a player takes a corner kick"

    QUERY describes one visible action in the present tense, without names.
    """
    from highlights import questions
    from highlights.cli import show
    from highlights.media.faults import FaultCounter

    faults, options = FaultCounter(), chosen_models(finder=_one(choices), **choices)
    with show.progress() as progress:
        found = questions.find(recordings, query, from_s, to_s, options, progress, faults)
    show.found(found, as_json=as_json)
    show.faults(faults.faults)


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--from", "from_s", type=MatchTime(), help="Start, such as 12:03.")
@click.option("--to", "to_s", type=MatchTime(), help="End.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@model_options
@ANY_CODEC
def caption(recordings: tuple[Path, ...], from_s: float | None, to_s: float | None, as_json: bool, **choices: Any) -> None:
    """Have a model describe part of a match."""
    from highlights import questions
    from highlights.cli import show
    from highlights.media.faults import FaultCounter

    faults, options = FaultCounter(), chosen_models(finder=_one(choices), **choices)
    with show.progress() as progress:
        captions = questions.caption(recordings, from_s, to_s, options, progress, faults)
    show.captions(captions, as_json=as_json)
    show.faults(faults.faults)


def _one(choices: dict[str, Any]) -> tuple[str, ...]:
    """The finder that a single question goes to."""
    return ("server",) if choices["server"] else ("marlin",)


@main.command()
@click.argument("timeline", type=FILE)
@RECORDING
@click.option("--to", "name", required=True, type=FormatName(), help="The file's format.")
@click.option("--out", required=True, type=FILE, help="File to write; for --to page, a new folder.")
@click.option("--of", type=click.Choice(["source", "reel"]), help="Whether times refer to the recording or to the reel.")
@click.option("--part", type=int, help="Only events in this file of the recording, counted from 1.")
@ANY_CODEC
def export(timeline: Path, given: tuple[str, ...], name: str, out: Path, of: Any, part: int | None) -> None:
    """Write a timeline for another program or a player, or as a web page of clips."""
    from highlights.cli import show
    from highlights.export import formats, recording_places
    from highlights.guard import guarded

    chosen = formats.choice(name, of, part, out)
    read = recording_places.read(timeline, given, needed=chosen.format.folder is not None)
    with guarded(out.parent), show.progress() as progress:
        notes = formats.export(read, chosen, out, timeline.parent / "reel.mp4", progress)
    for note in notes:
        click.echo(note, err=True)
    click.echo(str(out))


@main.command("import")
@click.argument("timeline", type=FILE)
@click.argument("edited", type=FILE)
@RECORDING
@click.option("--from", "name", type=FormatName("report"), help="The format of EDITED, if it is not recognised.")
@click.option("--out", type=FILE, help="File to write; by default TIMELINE itself.")
@click.option("--of", type=click.Choice(["source", "reel"]), help="The value it was exported with.")
@click.option("--part", type=int, help="The value it was exported with.")
@click.option("--sport", help="Event profile: a name or a YAML file; by default that of the timeline's sport.")
@anchor_options
def import_(
    timeline: Path,
    edited: Path,
    given: tuple[str, ...],
    out: Path | None,
    **choices: Any,
) -> None:
    """Take over changes made in another program, or the events of a match report.

    EDITED is an export of TIMELINE that was changed and saved there, or a report: text, CSV or JSON.
    """
    from highlights.export import recording_places, reported, timeline_json

    report = given_report(edited, **{name: choices.pop(name) for name in ANCHORS})
    assert report is not None
    outcome = reported.read(recording_places.read(timeline, given), report, timeline.parent / "reel.mp4", **choices)
    for line in outcome.unused:
        click.echo(f"not taken over: {line}", err=True)
    for note in outcome.notes:
        click.echo(f"Note: {note}", err=True)
    timeline_json.write(outcome.timeline, out or timeline)
    click.echo("\n".join(outcome.changes) or "no changes")


@main.command()
@click.argument("folder", default="out", type=FILE)
@click.option(
    "--port", default=0, show_default="a free port", type=click.IntRange(0, 65535), help="Port that the page is served on."
)
@RECORDING
@click.option("--browser/--no-browser", default=True, help="Open the page in the browser.")
@click.option("--sport", help="Event profile: a name or a YAML file; by default that of the timeline's sport.")
@model_options
@ANY_CODEC
def review(folder: Path, port: int, given: tuple[str, ...], browser: bool, sport: str | None, **choices: Any) -> None:
    """Review events in a browser: accept, reject, trim, add; then cut and export.

    FOLDER holds the results of a run. The page is served on this machine only. Every change is saved at once.
    """
    from highlights.cli import show
    from highlights.review import serving

    finders: tuple[str, ...] = ("server",) if choices["server"] else ()
    server = serving.Server(serving.open_review(folder, sport, chosen_models(finder=finders, **choices), given), port)
    server.run(lambda: show.link(server.link, open_too=browser))


@main.command()
@LIBRARY
@click.option(
    "--port", default=0, show_default="a free port", type=click.IntRange(0, 65535), help="Port that the page is served on."
)
@click.option("--browser/--no-browser", default=True, help="Open the page in the browser.")
@model_options
@ANY_CODEC
def app(library: Path | None, port: int, browser: bool, **choices: Any) -> None:
    """Open everything in the browser: add, watch, review, search, share.

    The library of matches is a folder of results. The page is served on this machine only. What waits in the queue goes on at
    the next start.
    """
    from highlights.app import starting
    from highlights.cli import show

    finders: tuple[str, ...] = ("server",) if choices["server"] else ()
    models = chosen_models(finder=finders, **choices)
    starting.open_library(library, port, models, lambda link, already: show.link(link, open_too=browser, already=already))


@main.command()
@click.argument("words", nargs=-1, required=True)
@LIBRARY
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--reel", "name", help="Cut a reel of what is found; it gets this name, in the folder reels of the library.")
@click.option("--max-size", type=Size(), help="Largest size of the reel, such as 16MB.")
@ANY_CODEC
def search(words: tuple[str, ...], library: Path | None, as_json: bool, name: str | None, max_size: int | None) -> None:
    """Find events in all matches of the library.

    \b
    highlights search goal smith
    highlights search "kind:corner team:rovers minute:80-90"

    WORDS are looked for in kinds, titles, teams, players, notes and names of matches. Fields: kind, team, player, match, sport,
    date, state (opener, lead, equaliser), note, minute. A word after - must not be there.
    """
    from highlights.cli import show
    from highlights.library import compiling
    from highlights.library import search as searching
    from highlights.library.folder import Library, default_library

    where = Library(library or default_library(), make=False)
    hits = searching.search_library(where, " ".join(words))
    show.hits(hits, as_json=as_json)
    if name is not None:
        picks, said = [(match.name, event.number) for match, event in hits], list[str]()
        with show.progress() as progress:
            target = compiling.free_place(where, name)
            made = compiling.write_reel(where, picks, target, {"max_size": max_size}, progress, said.append)
        for note in said:
            click.echo(f"Note: {note}", err=True)
        click.echo(str(made))


@main.command()
@click.argument("recording", type=click.Path(path_type=Path), nargs=-1)
@click.option("--sport", default="soccer", show_default=True, help="Event profile, which says what the graphic counts.")
@ANY_CODEC
def doctor(recording: tuple[Path, ...], sport: str) -> None:
    """Check this machine; with RECORDING, show what is read from its score graphic.

    Without RECORDING, says what is missing on this machine, and how to fix it. With RECORDING, says where the score graphic is,
    which numbers are taken for the score, and what to write into a profile if they are the wrong ones.
    """
    from highlights.cli import doctor, show
    from highlights.guard import guarded

    if recording:
        with guarded(Path()):
            sys.exit(0 if show.diagnosis(*doctor.look_at(recording, sport)) else 1)
    checks = doctor.checks()
    show.checks(checks)
    sys.exit(1 if any(check.good is False for check in checks) else 0)


main.add_command(cache)
main.add_command(calibrate)
main.add_command(evaluate)
main.add_command(profiles)
