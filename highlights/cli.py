"""The command line: parse, call one function, print. Data goes to stdout, talk and progress to stderr."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from highlights import __version__
from highlights.errors import HighlightsError

if TYPE_CHECKING:
    from highlights.finders.choice import ModelOptions
    from highlights.pipeline import RunOptions

WAYS = ("auto", "edit", "smart", "copy")
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


def _reel_options(*ways: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options that say how a reel is made, shared by `run` and `reel`; what is not given is left to the preset."""
    options = [
        click.option("--preset", metavar="NAME", help="social, recap, coach, or a YAML file; options given as well win."),
        click.option(
            "--reel",
            type=click.Choice(ways),
            help="The way to cut; auto, the default, is the fastest that is exact for the rest.",
        ),
        click.option(
            "--target-duration", "target_s", type=_Length(), help="Keep the reel to this length, e.g. 3m: best events first."
        ),
        click.option("--order", type=click.Choice(["chronological", "ranked"]), help="As in the match, or best first."),
        click.option("--replays/--no-replays", default=None, help="Show each event's replays after it."),
        click.option("--rolls", type=float, help="So many times the profile's seconds before and after events."),
        click.option("--titles/--no-titles", default=None, help="Event, game clock and score as a lower third (edit)."),
        click.option(
            "--fade", "fade_s", type=_Seconds(), help="Seconds of fade at each clip's ends, 0 for hard cuts; 0.2 (edit)."
        ),
        click.option(
            "--crossfade", "crossfade_s", type=_Seconds(), help="Seconds for which clips are laid over each other (edit)."
        ),
        click.option("--aspect", type=ASPECTS, help="Crop to this shape, following the play (edit)."),
        click.option("--intro", help="Headline of an opening card; '' for the teams (edit)."),
        click.option("--outro", help="Headline of a closing card; '' for the teams (edit)."),
        click.option("--recap/--no-recap", default=None, help="Close with a card of the score and what happened (edit)."),
        click.option("--logo", type=FILE, help="Picture for a corner that the score graphic leaves free (edit)."),
        click.option("--music", type=FILE, help="Audio file to lay under the reel (edit)."),
        click.option("--slow-motion/--no-slow-motion", default=None, help="Show each instant again at half the speed (edit)."),
        click.option("--freeze/--no-freeze", default=None, help="Stand still at each instant (edit)."),
        click.option("--subtitles/--no-subtitles", default=None, help="What is to be seen, as a track to switch on (edit)."),
        click.option("--clips/--no-clips", default=None, help="Also write every clip as its own file."),
        click.option("--per-event", is_flag=True, help="Also a reel for each kind of event, into reels/."),
        click.option("--per-team", is_flag=True, help="Also a reel for each team."),
        click.option("--per-player", is_flag=True, help="Also a reel for each player, as labelled in the review."),
        click.option("--thumbnail/--no-thumbnail", default=None, help="Also the best instant as a JPEG."),
        click.option("--preview", type=click.Choice(["webp", "gif"]), help="Also a small moving picture of it."),
    ]

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


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


def _finding_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say how events are found, shared by `run` and `batch`."""
    options = [
        click.option("--audio-track", type=int, help="Which audio track to listen to, counted from 0."),
        click.option("--detector", type=DETECTORS, help="How cuts are found, instead of the profile's way."),
        click.option(
            "--every-frame", is_flag=True, help="Decode every picture, not only those where key frames leave a doubt."
        ),
        click.option(
            "--finder",
            default="auto",
            show_default=True,
            type=_Finders(),
            help=f"What finds events: {', '.join(FINDERS[1:])}, several joined by commas, or auto for the best that runs here.",
        ),
        click.option(
            "--windows",
            type=click.Choice(["proposed", "all"]),
            help="Ask a model where signals propose something, or everywhere.",
        ),
        click.option("--captions/--no-captions", default=True, help="Have a model describe each event in a line."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile: a name, or the path of a YAML file.")
@click.option("--out", default="out", show_default=True, type=FILE, help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON instead of a table.")
@_finding_options
@_model_options
@_reel_options(*WAYS, "none")
def run(recordings: tuple[Path, ...], sport: str, out: Path, as_json: bool, **choices: Any) -> None:
    """Find the events of a match: timeline, report and reel.

    RECORDINGS are the file(s) of one match in their order, such as two halves.
    """
    from highlights import pipeline, show

    with show.progress() as tell:
        result = pipeline.run(recordings, sport, out, _run_options(**choices), tell)
    show.events(result, as_json=as_json)


@main.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("--sport", default="soccer", show_default=True, help="Event profile of matches whose manifest names none.")
@click.option("--out", default="results", show_default=True, help="Folder for a folder of results each, or a URL (s3://...).")
@click.option("--jobs", type=click.IntRange(1, 256), help="Matches at once; by default as many as there are cores for.")
@click.option("--ray", metavar="ADDRESS", help="Run them on a Ray cluster: auto, HOST:PORT, ray://HOST:PORT, or local.")
@_finding_options
@_model_options
@_reel_options(*WAYS, "none")
def batch(sources: tuple[str, ...], sport: str, out: str, jobs: int | None, ray: str | None, **choices: Any) -> None:
    """Run many matches: a season in a folder, and a page of all of them.

    SOURCES are files, folders, patterns such as 'season/*.mp4', URLs of such, and manifests: a CSV with the columns name,
    recordings (joined by ;), sport and any option of a run, such as audio_track. What fails is listed in retry.csv, which is a
    manifest too; what is done already is not done again.
    """
    from highlights import batch, manifest, show

    if ray and jobs:
        raise click.UsageError("--jobs counts matches on this machine: with --ray the cluster's cores say how many there are")
    matches = manifest.matches_of(sources, sport, lambda cells: _options_of_cells(choices, cells))
    with show.matches(len(matches)) as tell:
        outcomes = batch.run_batch(matches, out, jobs=jobs or 0, ray=ray or "", tell=tell)
    show.outcomes(outcomes, batch.files(outcomes, out))
    sys.exit(1 if any(outcome.state == "failed" for outcome in outcomes) else 0)


def _options_of_cells(choices: dict[str, Any], cells: Mapping[str, str]) -> RunOptions:
    """The options of a match in a manifest: what its cells say, laid over what is asked of all."""
    from highlights.profile.words import suggestion

    known = {str(option.opts[0]).lstrip("-").replace("-", "_"): option for option in run.params if option.name in choices}
    said = {}
    for column, cell in cells.items():
        if (option := known.get(column)) is None:
            allowed = f"the columns are name, recordings, sport, {', '.join(known)}"
            raise HighlightsError(f"there is no option {column!r}{suggestion(column, known)}; {allowed}")
        try:
            said[str(option.name)] = option.type.convert(cell, option, None) if cell else choices[str(option.name)]
        except click.BadParameter as error:
            raise HighlightsError(f"{column}: {error.message}") from error
    return _run_options(**(choices | said))


def _run_options(
    *,
    audio_track: int | None,
    detector: str | None,
    every_frame: bool,
    finder: tuple[str, ...],
    windows: str | None,
    captions: bool,
    server: str | None,
    model: str | None,
    device: str,
    **reel: Any,
) -> RunOptions:
    from highlights.pipeline import RunOptions
    from highlights.reel.options import files_of, options_of

    asked = _asked(**reel)
    timeline, edit, kind = options_of(asked)
    return RunOptions(
        reel=kind,
        files=files_of(asked),
        audio_track=audio_track,
        detector=detector,  # type: ignore[arg-type]  # click has checked the choice
        every_frame=every_frame,
        timeline=timeline,
        edit=edit,
        models=_models(finder=finder, windows=windows, captions=captions, server=server, model=model, device=device),
    )


def _asked(*, per_event: bool, per_team: bool, per_player: bool, **reel: Any) -> dict[str, object]:
    """What is asked of a reel, by the names that presets use."""
    flags = {"event": per_event, "team": per_team, "player": per_player}
    each = [name for name, given in flags.items() if given]
    return {name: str(value) if isinstance(value, Path) else value for name, value in reel.items()} | {"each": each or None}


def _models(*, finder: tuple[str, ...], server: str | None = None, model: str | None = None, **choices: Any) -> ModelOptions:
    from highlights.finders.choice import ModelOptions

    return ModelOptions(finders=finder, server=server, model=model, **choices)  # type: ignore[arg-type]  # click has checked


@main.command()
@click.argument("timeline", type=FILE)
@click.option("--out", type=FILE, help="File to write; reel.mp4 beside the timeline by default.")
@click.option("--sport", help="Event profile: a name or a YAML file; that of the timeline's sport by default.")
@_reel_options(*WAYS)
def reel(timeline: Path, out: Path | None, sport: str | None, **choices: Any) -> None:
    """Cut the reel of a TIMELINE (timeline.json, perhaps edited by hand)."""
    from highlights import pipeline, results, show
    from highlights.export import timeline_json
    from highlights.reel.film import notes
    from highlights.reel.options import files_of, options_of

    asked, target = _asked(**choices), out or timeline.parent / "reel.mp4"
    shown, edit, kind = options_of(asked)
    clips = pipeline.with_clips(timeline_json.read(timeline), sport, shown)
    with show.progress() as tell:
        made = results.write_reel(clips, target, reel=kind, options=edit, files=files_of(asked), tell=tell)
    for note in notes(clips, edit) if kind in ("auto", "edit") else ():
        click.echo(f"Note: {note}", err=True)
    click.echo("\n".join(map(str, made)))


@main.command()
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--sport", default="soccer", show_default=True, help="Event profile whose scene settings are used.")
@click.option("--detector", type=DETECTORS, help="How cuts are found, instead of the profile's way.")
@click.option("--every-frame", is_flag=True, help="Decode every picture, not only those where key frames leave a doubt.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def scenes(recordings: tuple[Path, ...], sport: str, detector: Any, every_frame: bool, as_json: bool) -> None:
    """List the scenes of a match, and the windows that a model would be shown."""
    from highlights import pipeline, show

    with show.progress() as tell:
        timeline, windows = pipeline.find_scenes(recordings, sport, detector, tell, every_frame=every_frame)
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
    if store.problem:
        click.echo(f"Note: {store.path}: {store.problem}", err=True)


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
