"""The command line: parse, call one function, print. Data goes to stdout, talk and progress to stderr."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from highlights import __version__
from highlights.cli.options import (
    DETECTOR,
    EVERY_FRAME,
    FILE,
    Duration,
    FormatName,
    Seconds,
    chosen_models,
    finding_options,
    model_options,
    reel_choices,
    reel_options,
    run_options,
    run_options_of_cells,
)
from highlights.errors import HighlightsError


class _Group(click.Group):
    """Shows our errors as one line with exit code 1, never as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
            return answer
        except HighlightsError as error:
            lines = str(error).splitlines() or [type(error).__name__]
            click.echo("\n".join(f"Error: {line}" for line in lines), err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("Stopped; earlier results are as they were.", err=True)
            ctx.exit(128 + signal.SIGINT)
        except OSError as error:
            # what is printed cannot be written; it must not be tried again when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):  # a reader that has seen enough, as `| head`, needs no answer
                click.echo(f"Error: {error.filename or 'what was found cannot be printed'}: {error.strerror}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="highlights")
def main() -> None:
    """Find the events of a sports match in its recording and cut a highlight reel.

    \b
    highlights run half1.mp4 half2.mp4 --sport soccer --out final/
    """
    # ended from outside, or its terminal closed: leave nothing half-written, as after Ctrl-C
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, frame: sys.exit(128 + number))


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile: a name, or the path of a YAML file.")
@click.option("--out", default="out", show_default=True, type=FILE, help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON instead of a table.")
@finding_options
@model_options
@reel_options(optional=True)
def run(recordings: tuple[Path, ...], sport: str, out: Path, as_json: bool, **choices: Any) -> None:
    """Find the events of a match: timeline, report and reel.

    RECORDINGS are the file(s) of one match in their order, such as two halves.
    """
    from highlights import pipeline
    from highlights.cli import show

    with show.progress() as progress:
        result = pipeline.run(recordings, sport, out, run_options(**choices), progress)
    show.events(result, as_json=as_json)


@main.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("--sport", default="soccer", show_default=True, help="Event profile of matches whose manifest names none.")
@click.option("--out", default="results", show_default=True, help="Folder for a folder of results each, or a URL (s3://...).")
@click.option("--jobs", type=click.IntRange(1, 256), help="Matches at once; by default as many as there are cores for.")
@click.option("--ray", metavar="ADDRESS", help="Run them on a Ray cluster: auto, HOST:PORT, ray://HOST:PORT, or local.")
@finding_options
@model_options
@reel_options(optional=True)
def batch(sources: tuple[str, ...], sport: str, out: str, jobs: int | None, ray: str | None, **choices: Any) -> None:
    """Run many matches: a season in a folder, and a page of all of them.

    SOURCES are files, folders, patterns such as 'season/*.mp4', URLs of such, and manifests: a CSV with the columns name,
    recordings (joined by ;), sport and any option of a run, such as audio_track. What fails is listed in retry.csv, which is a
    manifest too; what is done already is not done again.
    """
    from highlights.batch import manifest
    from highlights.batch import run as batches
    from highlights.cli import show

    if ray and jobs:
        raise click.UsageError("--jobs counts matches on this machine: with --ray the cluster's cores say how many there are")
    matches = manifest.matches_of(sources, sport, lambda cells: run_options_of_cells(choices, cells))
    with show.matches(len(matches)) as on_change:
        outcomes = batches.run_batch(matches, out, jobs=jobs or 0, ray=ray or "", on_change=on_change)
    show.outcomes(outcomes, batches.files(outcomes, out))
    sys.exit(1 if any(outcome.state == "failed" for outcome in outcomes) else 0)


@main.command()
@click.argument("timeline", type=FILE)
@click.option("--out", type=FILE, help="File to write; reel.mp4 beside the timeline by default.")
@click.option("--sport", help="Event profile: a name or a YAML file; that of the timeline's sport by default.")
@reel_options(optional=False)
def reel(timeline: Path, out: Path | None, sport: str | None, **choices: Any) -> None:
    """Cut the reel of a TIMELINE (timeline.json, perhaps edited by hand)."""
    from highlights import pipeline, results
    from highlights.cli import show
    from highlights.export import timeline_json
    from highlights.reel.film import notes
    from highlights.reel.options import files_of, options_of

    asked, target = reel_choices(**choices), out or timeline.parent / "reel.mp4"
    shown, edit, kind = options_of(asked)
    clips = pipeline.with_clips(timeline_json.read(timeline), sport, shown)
    with show.progress() as progress:
        made = results.write_reel(clips, target, reel=kind, options=edit, files=files_of(asked), progress=progress)
    for note in notes(clips, edit) if kind in ("auto", "edit") else ():
        click.echo(f"Note: {note}", err=True)
    click.echo("\n".join(map(str, made)))


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile whose scene settings are used.")
@DETECTOR
@EVERY_FRAME
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def scenes(recordings: tuple[Path, ...], sport: str, detector: Any, every_frame: bool, as_json: bool) -> None:
    """List the scenes of a match, and the windows that a model would be shown."""
    from highlights import pipeline
    from highlights.cli import show

    with show.progress() as progress:
        timeline, windows = pipeline.find_scenes(recordings, sport, detector, progress, every_frame=every_frame)
    show.scenes(timeline, windows, as_json=as_json)


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.argument("query")
@click.option("--from", "from_s", type=Duration(), help="Look from here on, such as 12:03.")
@click.option("--to", "to_s", type=Duration(), help="Look no further than this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@model_options
def find(
    recordings: tuple[Path, ...], query: str, from_s: float | None, to_s: float | None, as_json: bool, **choices: Any
) -> None:
    """Ask a model when something happens: highlights find match.mp4 "a player takes a corner kick".

    Say one visible thing in the present tense, without names.
    """
    from highlights import questions
    from highlights.cli import show

    with show.progress() as progress:
        found = questions.find(recordings, query, from_s, to_s, chosen_models(finder=_one(choices), **choices), progress)
    show.found(found, as_json=as_json)


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--from", "from_s", type=Duration(), help="From here on, such as 12:03.")
@click.option("--to", "to_s", type=Duration(), help="No further than this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@model_options
def caption(recordings: tuple[Path, ...], from_s: float | None, to_s: float | None, as_json: bool, **choices: Any) -> None:
    """Have a model describe a stretch of a match."""
    from highlights import questions
    from highlights.cli import show

    with show.progress() as progress:
        told = questions.caption(recordings, from_s, to_s, chosen_models(finder=_one(choices), **choices), progress)
    show.captions(told, as_json=as_json)


def _one(choices: dict[str, Any]) -> tuple[str, ...]:
    """The one model that a single question goes to."""
    return ("server",) if choices["server"] else ("marlin",)


@main.command()
@click.argument("timeline", type=FILE)
@click.option("--truth", required=True, type=FILE, help="Hand-marked events: JSON, or CSV with label,time_s.")
@click.option("--tolerance", default=5.0, show_default=True, type=Seconds(), help="Seconds an instant may be off.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate(timeline: Path, truth: Path, tolerance: float, as_json: bool) -> None:
    """Compare a TIMELINE with truth: precision, recall, F1, time error."""
    from highlights import evaluate as judge
    from highlights.cli import show
    from highlights.export import timeline_json

    measures = judge.evaluate(timeline_json.read(timeline), judge.read_truth(truth), tolerance_s=tolerance)
    show.measures(measures, as_json=as_json)


@main.command()
@click.argument("timeline", type=FILE)
@click.option("--to", "name", required=True, type=FormatName(), help="The file's format.")
@click.option("--out", required=True, type=FILE, help="File to write.")
@click.option("--of", type=click.Choice(["source", "reel"]), help="List pieces of the recording, or of the reel as cut.")
@click.option("--part", type=int, help="Only what lies in this file of the recording, counted from 1.")
def export(timeline: Path, name: str, out: Path, of: Any, part: int | None) -> None:
    """Write a TIMELINE for another program: an editing program, a coding tool, a player."""
    from highlights.export import formats, timeline_json

    read, chosen = timeline_json.read(timeline), formats.choice(name, of, part, out)
    for note in formats.export(read, chosen, out, timeline.parent / "reel.mp4"):
        click.echo(note, err=True)
    click.echo(str(out))


@main.command("import")
@click.argument("timeline", type=FILE)
@click.argument("edited", type=FILE)
@click.option("--from", "name", type=FormatName(), help="EDITED's format, where it is not recognised.")
@click.option("--out", type=FILE, help="File to write; TIMELINE itself by default.")
@click.option("--of", type=click.Choice(["source", "reel"]), help="Say it if it was exported so.")
@click.option("--part", type=int, help="Say it if it was exported so.")
@click.option("--sport", help="Event profile: a name or a YAML file; that of the TIMELINE's sport by default.")
def import_(timeline: Path, edited: Path, out: Path | None, **choices: Any) -> None:
    """Take over what was decided in another program: EDITED is an export of TIMELINE, changed and saved there."""
    from highlights.export import edited as door
    from highlights.export import timeline_json

    outcome = door.read(timeline_json.read(timeline), edited, timeline.parent / "reel.mp4", **choices)
    for line in outcome.unused:
        click.echo(f"not taken over: {line}", err=True)
    timeline_json.write(outcome.timeline, out or timeline)
    click.echo("\n".join(outcome.changes) or "nothing was changed")


@main.command()
@click.argument("folder", default="out", type=FILE)
@click.option("--port", default=0, show_default="a free one", type=click.IntRange(0, 65535), help="Where the page is served.")
@click.option("--browser/--no-browser", default=True, help="Open the page at once.")
@click.option("--sport", help="Event profile: a name or a YAML file; that of the timeline's sport by default.")
@model_options
def review(folder: Path, port: int, browser: bool, sport: str | None, **choices: Any) -> None:
    """Watch, accept, reject, trim and add events in a browser; cut again; export.

    FOLDER is what a run has made. The page is on this machine only, and every change is saved at once.
    """
    from highlights.cli import show
    from highlights.review import serving

    finders: tuple[str, ...] = ("server",) if choices["server"] else ()
    server = serving.Server(serving.open_review(folder, sport, chosen_models(finder=finders, **choices)), port)
    show.link(server.link, open_too=browser)
    server.run()


@main.command()
def doctor() -> None:
    """Check that this machine has what is needed, and say what to do where not."""
    from highlights.cli import doctor, show

    checks = doctor.checks()
    show.checks(checks)
    sys.exit(1 if any(check.good is False for check in checks) else 0)


@main.group()
def cache() -> None:
    """What is known of recordings already, so that nothing is read or asked twice."""


@cache.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def cache_list(as_json: bool) -> None:
    """What is kept, by recording, and where."""
    from highlights.cache.store import Store
    from highlights.cli import show

    store = Store()
    show.kept(store.listed(), store.path, as_json=as_json)
    if store.problem:
        click.echo(f"Note: {store.path}: {store.problem}", err=True)


@cache.command("clear")
def cache_clear() -> None:
    """Forget all of it; results in your folders stay."""
    from highlights.cache.store import Store

    click.echo(f"{Store().clear() / 1e6:.2f} MB freed")


@main.group()
def profiles() -> None:
    """Event profiles: what is looked for in a sport."""


@profiles.command("list")
def profiles_list() -> None:
    """All profiles that can be named."""
    from highlights import profile
    from highlights.cli import show

    show.profiles(profile.names())


@profiles.command("show")
@click.argument("name")
def profiles_show(name: str) -> None:
    """Print a profile as it stands in its file."""
    from highlights import profile

    click.echo(profile.source_text(name), nl=False)


@profiles.command("check")
@click.argument("path", metavar="NAME_OR_FILE")
def profiles_check(path: str) -> None:
    """Say every fault of a profile, each with its line."""
    from highlights import profile

    checked = profile.load(path)
    click.echo(f"{path}: good; {len(checked.events)} events: {', '.join(event.name for event in checked.events)}")


@profiles.command("new")
@click.argument("name")
@click.option("--from", "from_", default="soccer", show_default=True, help="The profile that the new one extends.")
@click.option("--to", default=".", type=FILE, help="File or folder to write.")
def profiles_new(name: str, from_: str, to: Path) -> None:
    """Write a small profile to start from."""
    from highlights import profile

    click.echo(str(profile.new(name, from_, to)))


@profiles.command("schema")
def profiles_schema() -> None:
    """Print the JSON Schema of profiles, for editors."""
    from highlights import profile

    click.echo(json.dumps(profile.json_schema(), indent=2))
