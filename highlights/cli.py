"""The command line: parse, call one function, print. Data goes to stdout, talk and progress to stderr."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from highlights import __version__
from highlights.errors import HighlightsError

if TYPE_CHECKING:
    from highlights.finders.choice import ModelOptions
    from highlights.pipeline import RunOptions

REELS = click.Choice(["edit", "copy", "none"])
ASPECTS = click.Choice(["16:9", "9:16", "1:1", "4:5"])
DETECTORS = click.Choice(["adaptive", "content", "threshold"])
FINDERS = ("auto", "signals", "marlin", "molmo2", "server")
FORMATS = (
    *("otio", "fcpxml", "premiere", "edl", "losslesscut", "losslesscut-csv", "sportscode", "longomatch", "soccernet"),
    *("soccernet-spotting", "webvtt", "srt", "youtube", "ffmetadata", "csv", "json", "html"),
)
FILE = click.Path(path_type=Path)


class _Length(click.ParamType[float]):
    """A length of time: `90`, `90s`, `3m`, `1m30s`, `2:30`, `1:02:03`."""

    name = "length"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        import re

        text = str(value)
        named = re.fullmatch(r"()(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?", text)
        clock = re.fullmatch(r"(?:(\d+):(?=\d\d:))?(\d+):([0-5]\d)", text)
        written = clock or named
        seconds = sum(float(n or 0) * f for n, f in zip(written.groups(), (3600, 60, 1), strict=True)) if written else 0
        if seconds <= 0:
            self.fail(f"{text!r} is no length: say 3m, 90s or 2:30", param, ctx)
        return seconds


class _Finders(click.ParamType[tuple[str, ...]]):
    """Names of finders joined by commas, or `auto`, which is none."""

    name = "finders"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name.strip() for name in str(value).split(",")))
        if unknown := [name for name in names if name not in FINDERS]:
            self.fail(f"there is no finder {unknown[0]!r}: say auto, or of {', '.join(FINDERS[1:])} one or more", param, ctx)
        if "auto" in names and len(names) > 1:
            self.fail("auto chooses by itself: say it alone", param, ctx)
        return () if names == ("auto",) else names


class _Seconds(click.ParamType[float]):
    """A number of seconds that can be waited for: neither negative nor endless."""

    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds < 3600:
            self.fail(f"{str(value)!r} is no number of seconds from 0 on", param, ctx)
        return seconds


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


def _reel_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say how a reel is made, shared by `run` and `reel`."""
    options = [
        click.option("--titles/--no-titles", default=True, help="Event, game clock and score as a lower third (edit)."),
        click.option(
            "--fade",
            default=0.2,
            show_default=True,
            type=_Seconds(),
            help="Seconds of fade at each clip's ends, 0 for hard cuts (edit).",
        ),
        click.option("--aspect", type=ASPECTS, help="Crop to this shape, following the play (edit)."),
        click.option("--intro", help="Headline of an opening card; '' for the teams (edit)."),
        click.option("--music", type=FILE, help="Audio file to lay under the reel (edit)."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _model_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say which model is asked, shared by `run`, `find` and `caption`."""
    options = [
        click.option("--server", metavar="URL", help="Address of a server with the model, such as http://localhost:8000/v1."),
        click.option("--model", help="Folder or name of the model's weights, or its name on the server."),
        click.option(
            "--device",
            default="auto",
            show_default=True,
            type=click.Choice(["auto", "cuda", "mps", "cpu"]),
            help="Where it runs.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile: a name, or the path of a YAML file.")
@click.option("--out", default="out", show_default=True, type=FILE, help="Folder for the results.")
@click.option(
    "--reel", default="edit", show_default=True, type=REELS, help="Edited with titles, cut without re-encoding, or none."
)
@click.option("--clips", is_flag=True, help="Also write every clip as its own file.")
@click.option("--target-duration", type=_Length(), help="Keep the reel to this length, e.g. 3m: best events first.")
@click.option(
    "--order",
    default="chronological",
    show_default=True,
    type=click.Choice(["chronological", "ranked"]),
    help="As in the match, or best first.",
)
@click.option("--replays/--no-replays", default=False, help="Show each event's replays after it.")
@click.option("--audio-track", type=int, help="Which audio track to listen to, counted from 0.")
@click.option("--detector", type=DETECTORS, help="How cuts are found, instead of the profile's way.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON instead of a table.")
@click.option(
    "--finder",
    default="auto",
    show_default=True,
    type=_Finders(),
    help=f"What finds events: {', '.join(FINDERS[1:])}, several joined by commas, or auto for the best this machine can run.",
)
@click.option(
    "--windows", type=click.Choice(["proposed", "all"]), help="Ask a model where signals propose something, or everywhere."
)
@click.option("--captions/--no-captions", default=True, help="Have a model describe each event in a line.")
@_model_options
@_reel_options
def run(recordings: tuple[Path, ...], sport: str, out: Path, as_json: bool, **choices: Any) -> None:
    """Find the events of a match: timeline, report and reel.

    RECORDINGS are the file(s) of one match in their order, such as two halves.
    """
    from highlights import pipeline, show

    with show.progress() as tell:
        result = pipeline.run(recordings, sport, out, _run_options(**choices), tell)
    show.events(result, as_json=as_json)


def _run_options(
    *,
    reel: str = "edit",
    clips: bool = False,
    audio_track: int | None = None,
    detector: str | None = None,
    target_duration: float | None = None,
    order: str = "chronological",
    replays: bool = False,
    titles: bool = True,
    fade: float = 0.2,
    intro: str | None = None,
    music: Path | None = None,
    aspect: str | None = None,
    finder: tuple[str, ...] = ("signals",),
    windows: str | None = None,
    captions: bool = True,
    **model: Any,
) -> RunOptions:
    from fractions import Fraction

    from highlights.pipeline import RunOptions
    from highlights.reel.edit import EditOptions
    from highlights.timeline import TimelineOptions

    shape = Fraction(aspect.replace(":", "/")) if aspect else None
    return RunOptions(
        reel=reel,  # type: ignore[arg-type]  # click has checked the choice
        clips=clips,
        audio_track=audio_track,
        detector=detector,  # type: ignore[arg-type]
        timeline=TimelineOptions(order=order, target_s=target_duration, replays=replays),  # type: ignore[arg-type]
        edit=EditOptions(titles=titles, fade_s=fade, intro=intro, music=music, aspect=shape),
        models=_models(finder=finder, windows=windows, captions=captions, **model),
    )


def _models(*, finder: tuple[str, ...], server: str | None = None, model: str | None = None, **choices: Any) -> ModelOptions:
    from highlights.finders.choice import ModelOptions

    return ModelOptions(finders=finder, server=server, model=model, **choices)  # type: ignore[arg-type]  # click has checked


@main.command()
@click.argument("timeline", type=FILE)
@click.option("--out", type=FILE, help="File to write; reel.mp4 beside the timeline by default.")
@click.option("--reel", "kind", default="edit", show_default=True, type=click.Choice(["edit", "copy"]))
@_reel_options
def reel(timeline: Path, out: Path | None, kind: str, **choices: Any) -> None:
    """Cut the reel of a TIMELINE (timeline.json, perhaps edited by hand)."""
    from highlights import results, show
    from highlights.export import timeline_json

    read, target = timeline_json.read(timeline), out or timeline.parent / "reel.mp4"
    options = _run_options(reel=kind, **choices)
    with show.progress() as tell:
        results.write_reel(read, target, reel=options.reel, options=options.edit, tell=tell)
    click.echo(str(target))


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile whose scene settings are used.")
@click.option("--detector", type=DETECTORS, help="How cuts are found, instead of the profile's way.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def scenes(recordings: tuple[Path, ...], sport: str, detector: Any, as_json: bool) -> None:
    """List the scenes of a match, and the windows that a model would be shown."""
    from highlights import pipeline, show

    with show.progress() as tell:
        timeline, windows = pipeline.find_scenes(recordings, sport, detector, tell)
    show.scenes(timeline, windows, as_json=as_json)


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.argument("query")
@click.option("--from", "from_s", type=_Length(), help="Look from here on, such as 12:03.")
@click.option("--to", "to_s", type=_Length(), help="Look no further than this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@_model_options
def find(
    recordings: tuple[Path, ...], query: str, from_s: float | None, to_s: float | None, as_json: bool, **choices: Any
) -> None:
    """Ask a model when something happens: highlights find match.mp4 "a player takes a corner kick".

    Say one visible thing in the present tense, without names.
    """
    from highlights import questions, show

    with show.progress() as tell:
        found = questions.find(recordings, query, from_s, to_s, _models(finder=_one(choices), **choices), tell)
    show.found(found, as_json=as_json)


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--from", "from_s", type=_Length(), help="From here on, such as 12:03.")
@click.option("--to", "to_s", type=_Length(), help="No further than this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@_model_options
def caption(recordings: tuple[Path, ...], from_s: float | None, to_s: float | None, as_json: bool, **choices: Any) -> None:
    """Have a model describe a stretch of a match."""
    from highlights import questions, show

    with show.progress() as tell:
        told = questions.caption(recordings, from_s, to_s, _models(finder=_one(choices), **choices), tell)
    show.captions(told, as_json=as_json)


def _one(choices: dict[str, Any]) -> tuple[str, ...]:
    """The one model that a single question goes to."""
    return ("server",) if choices["server"] else ("marlin",)


@main.command()
@click.argument("timeline", type=FILE)
@click.option("--truth", required=True, type=FILE, help="Hand-marked events: JSON, or CSV with label,time_s.")
@click.option("--tolerance", default=5.0, show_default=True, type=_Seconds(), help="Seconds an instant may be off.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate(timeline: Path, truth: Path, tolerance: float, as_json: bool) -> None:
    """Compare a TIMELINE with truth: precision, recall, F1, time error."""
    from highlights import evaluate as judge
    from highlights import show
    from highlights.export import timeline_json

    measures = judge.evaluate(timeline_json.read(timeline), judge.read_truth(truth), tolerance_s=tolerance)
    show.measures(measures, as_json=as_json)


@main.command()
@click.argument("timeline", type=FILE)
@click.option("--to", "name", required=True, type=click.Choice(FORMATS), metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")
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
@click.option(
    "--from", "name", type=click.Choice(FORMATS), metavar="FORMAT", help="EDITED's format, where it is not recognised."
)
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
@_model_options
def review(folder: Path, port: int, browser: bool, sport: str | None, **choices: Any) -> None:
    """Watch, accept, reject, trim and add events in a browser; cut again; export.

    FOLDER is what a run has made. The page is on this machine only, and every change is saved at once.
    """
    from highlights import show
    from highlights.review import serving

    finders: tuple[str, ...] = ("server",) if choices["server"] else ()
    server = serving.Server(serving.open_review(folder, sport, _models(finder=finders, **choices)), port)
    show.link(server.link, open_too=browser)
    server.run()


@main.command()
def doctor() -> None:
    """Check that this machine has what is needed, and say what to do where not."""
    from highlights import doctor, show

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
    from highlights import show
    from highlights.store import Store

    store = Store()
    show.kept(store.listed(), store.path, as_json=as_json)


@cache.command("clear")
def cache_clear() -> None:
    """Forget all of it; results in your folders stay."""
    from highlights.store import Store

    click.echo(f"{Store().clear() / 1e6:.2f} MB freed")


@main.group()
def profiles() -> None:
    """Event profiles: what is looked for in a sport."""


@profiles.command("list")
def profiles_list() -> None:
    """All profiles that can be named."""
    from highlights import profile, show

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
