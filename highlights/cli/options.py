"""What the commands share: option types, groups of options, and how what was given becomes the options of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from highlights.choices import (
    ASPECTS,
    CUT_KINDS,
    DEFAULT_CUT,
    DETECTORS,
    DEVICES,
    FINDERS,
    MOMENTS,
    ORDERS,
    PREVIEW_FORMATS,
    TIMES,
    WINDOWS,
)
from highlights.errors import HighlightsError

if TYPE_CHECKING:
    from highlights.finders.choice import ModelOptions
    from highlights.match_report import GivenReport
    from highlights.pipeline import RunOptions

Command = Callable[..., None]
FILE = click.Path(path_type=Path)


class Duration(click.ParamType[float]):
    """A duration in seconds: `90`, `90s`, `3m`, `1m30s`, `2:30`, `1:02:03`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds out of any of these forms."""
        seconds = _seconds(str(value))
        if not seconds:
            self.fail(f"{str(value)!r} is not a duration; use 3m, 90s or 2:30", param, ctx)
        return seconds


class MatchTime(click.ParamType[float]):
    """A time of the match in seconds, written as a duration since its start: `0:00`, `12:03`, `90s`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds since the start."""
        seconds = _seconds(str(value))
        if seconds is None:
            self.fail(f"{str(value)!r} is not a time; use 12:03, 1:02:03 or 90s", param, ctx)
        return seconds


def _seconds(text: str) -> float | None:
    named = re.fullmatch(r"()(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?", text)
    clock = re.fullmatch(r"(?:(\d+):(?=\d\d:))?(\d+):([0-5]\d)", text)
    written = clock or (named if text else None)
    return sum(float(n or 0) * f for n, f in zip(written.groups(), (3600, 60, 1), strict=True)) if written else None


class Seconds(click.ParamType[float]):
    """A number of seconds from 0 to an hour."""

    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds < 3600:
            self.fail(f"{str(value)!r} is not a number of seconds between 0 and 3600", param, ctx)
        return seconds


class Size(click.ParamType[int]):
    """The size of a file in bytes: `16MB`, `16 MB`, `16MiB`, `16000k`, `16000000`."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes out of any of these forms."""
        from highlights.reel.size_limit import bytes_of

        try:
            return bytes_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Place(click.ParamType[tuple[int | None, float]]):
    """A time in the recording, `1:12` or `1:02:33`, maybe with the number of the period that begins there: `2=58:40`."""

    name = "[period=]time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int | None, float]:
        """The period, if it is given, and the seconds."""
        match = re.fullmatch(r"(?:([1-9])=)?(?:(\d{1,2}):(?=\d\d:))?(\d{1,3}):([0-5]\d(?:\.\d{1,3})?)", str(value), re.ASCII)
        if match is None:
            self.fail(
                f"{str(value)!r} is not a time in the recording; use 1:12, 1:02:33, or 2=58:40 for the second half", param, ctx
            )
        hours, minutes, seconds = (float(part or 0) for part in match.groups()[1:])
        return (int(match[1]) if match[1] else None), 3600 * hours + 60 * minutes + seconds


class TimeOfDay(click.ParamType[float]):
    """A time of day in seconds: `15:30`, `15:30:12`."""

    name = "time of day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds since midnight."""
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", str(value), re.ASCII)
        if match is None:
            self.fail(f"{str(value)!r} is not a time of day; use 15:30 or 15:30:12", param, ctx)
        return sum(float(part or 0) * factor for part, factor in zip(match.groups(), (3600, 60, 1), strict=True))


NUMBERS = (Duration, Seconds, Size, click.types.FloatParamType)
"""The types of options that may have decimals."""


class Finders(click.ParamType[tuple[str, ...]]):
    """Names of finders joined by commas; `auto` gives an empty tuple."""

    name = "finders"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The names, each once."""
        names = tuple(dict.fromkeys(name.strip() for name in str(value).split(",")))
        if unknown := [name for name in names if name not in ("auto", *FINDERS)]:
            self.fail(f"unknown finder {unknown[0]!r}; use auto, or one or more of {', '.join(FINDERS)}", param, ctx)
        if "auto" in names and len(names) > 1:
            self.fail("auto chooses the finders itself; use it alone", param, ctx)
        return () if names == ("auto",) else names


class FormatName(click.Choice[str]):
    """The name of an export format, or one of `more`; the table of formats is imported only when a name is needed."""

    def __init__(self, *more: str) -> None:
        self._more = more
        super().__init__(())

    @property
    def choices(self) -> tuple[str, ...]:
        """The names of the formats."""
        from highlights.export.formats import FORMATS

        return (*FORMATS, *self._more)

    @choices.setter
    def choices(self, _: object) -> None: ...


def finding_options(command: Command) -> Command:
    """How events are found; shared by `run` and `batch`."""
    return _with(command, _FINDING)


def model_options(command: Command) -> Command:
    """Which model is asked; shared by `run`, `batch`, `find`, `caption` and `review`."""
    return _with(command, _MODEL)


def anchor_options(command: Command) -> Command:
    """What the times of a match report refer to; shared by `run` and `import`."""
    return _with(command, _ANCHORS)


def reel_options(*, optional: bool) -> Callable[[Command], Command]:
    """How a reel is cut; shared by `run`, `batch` and `reel`. `optional`: whether there may be none."""
    kinds = CUT_KINDS if optional else tuple(kind for kind in CUT_KINDS if kind != "none")
    none = " none makes no reel, and removes that of an earlier run." if optional else ""
    kind = click.option(
        "--reel",
        type=click.Choice(kinds),
        help=f"How to cut; {DEFAULT_CUT}, the default, is the fastest way that is exact for the other options.{none}",
    )
    return lambda command: _with(command, [kind, *_REEL])


def _with(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


DETECTOR = click.option("--detector", type=click.Choice(DETECTORS), help="Detector of cuts, instead of the profile's.")
RECORDING = click.option(
    "--recording",
    "given",
    multiple=True,
    metavar="[OLD=]NEW",
    help="Where a file of the recording is now, if it was moved and is not beside the timeline; may be given for each file.",
)
LIBRARY = click.option("--library", type=FILE, help="Folder of the library; by default Highlights in your home folder.")


def _allow_any(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from highlights.media import decoders

        decoders.allow_any()


ANY_CODEC = click.option(
    "--any-codec",
    is_flag=True,
    expose_value=False,
    callback=_allow_any,
    help="Also decode unusual codecs; only for files that you trust.",
)
EVERY_FRAME = click.option("--every-frame", is_flag=True, help="Decode every frame, not only those near a possible change.")

_FINDING = [
    click.option("--audio-track", type=int, help="Which audio track to listen to, counted from 0."),
    DETECTOR,
    EVERY_FRAME,
    click.option(
        "--finder",
        default="auto",
        show_default=True,
        type=Finders(),
        help=f"What finds events: one or more of {', '.join(FINDERS)}, joined by commas, or auto for the best that runs here.",
    ),
    click.option(
        "--windows",
        type=click.Choice(WINDOWS),
        help="Show a model only the windows where signals propose an event, or all windows.",
    ),
    click.option("--captions/--no-captions", default=True, help="Have a model describe each event in one line."),
    click.option(
        "--moments",
        default="auto",
        show_default=True,
        type=click.Choice(MOMENTS),
        help="If no event is found: auto makes the reel of the best moments, none makes no reel.",
    ),
]
REPORT = click.option(
    "--report", type=FILE, help="A match report (text, CSV or JSON) whose events are taken over: 23' Goal Smith (HOME)."
)
ANCHORS = ("kick_offs", "times", "starts_at")
"""The names of the values that say what the times of a report refer to."""
_ANCHORS = [
    click.option(
        "--kick-off",
        "kick_offs",
        multiple=True,
        type=Place(),
        help="Where in the recording a half begins, for the times of a report: --kick-off 1:12 --kick-off 58:40.",
    ),
    click.option(
        "--report-times",
        "times",
        default="auto",
        show_default=True,
        type=click.Choice(TIMES),
        help="What 12:34 is in a report, if it is unclear: a time of the video, of the game clock, or of the day.",
    ),
    click.option("--starts-at", type=TimeOfDay(), help="The time of day when the recording begins, for a report: 15:30:12."),
]
_MODEL = [
    click.option("--server", metavar="URL", help="Address of a server with the model, such as http://localhost:8000/v1."),
    click.option("--model", help="Folder or name of the model's weights, or its name on the server."),
    click.option(
        "--dialect", metavar="NAME|FILE", help="How the model is asked, if its name does not tell: a name or a YAML file."
    ),
    click.option(
        "--checker",
        metavar="MODEL|URL",
        help="A second model that says whether what the first one names is so: its weights, or a server's address.",
    ),
    click.option(
        "--device", default="auto", show_default=True, type=click.Choice(["auto", *DEVICES]), help="Device the model runs on."
    ),
]
_REEL = [
    click.option("--preset", metavar="NAME", help="social, recap, coach, or a YAML file; other options override it."),
    click.option(
        "--target-duration", "target_s", type=Duration(), help="Keep the reel to this duration, e.g. 3m: best events first."
    ),
    click.option(
        "--max-size", type=Size(), help="Keep each reel's file to this size, e.g. 16MB: a smaller picture if it has to be."
    ),
    click.option("--order", type=click.Choice(ORDERS), help="In the order of the match, or best first."),
    click.option("--replays/--no-replays", default=None, help="Show each event's replays after it."),
    click.option(
        "--condense/--no-condense", default=None, help="The whole match without its dead time: all rallies (net sports)."
    ),
    click.option("--rolls", type=float, help="Scale pre-roll and post-roll by this factor."),
    click.option("--titles/--no-titles", default=None, help="Event, game clock and score as a lower third (edit)."),
    click.option("--fade", "fade_s", type=Seconds(), help="Seconds of fade at both ends of a clip; 0.2, or 0 for none (edit)."),
    click.option("--crossfade", "crossfade_s", type=Seconds(), help="Cross-fade between clips in seconds (edit)."),
    click.option("--aspect", type=click.Choice(ASPECTS), help="Crop to this aspect ratio, following the play (edit)."),
    click.option("--intro", help="Headline of an opening card; '' for the teams (edit)."),
    click.option("--outro", help="Headline of a closing card; '' for the teams (edit)."),
    click.option("--recap/--no-recap", default=None, help="Close with a card of the score and the events (edit)."),
    click.option("--logo", type=FILE, help="Picture for a corner that the score graphic leaves free (edit)."),
    click.option("--music", type=FILE, help="Audio file to mix under the reel (edit)."),
    click.option("--slow-motion/--no-slow-motion", default=None, help="Repeat each instant at half speed (edit)."),
    click.option("--freeze/--no-freeze", default=None, help="Freeze the frame at each instant (edit)."),
    click.option("--subtitles/--no-subtitles", default=None, help="Descriptions as a subtitle track (edit)."),
    click.option("--clips/--no-clips", default=None, help="Also write every clip as its own file."),
    click.option("--per-event", is_flag=True, help="Also a reel for each kind of event, in reels/."),
    click.option("--per-team", is_flag=True, help="Also a reel for each team."),
    click.option("--per-player", is_flag=True, help="Also a reel for each player, as labelled in the review."),
    click.option("--thumbnail/--no-thumbnail", default=None, help="Also the best instant as a JPEG."),
    click.option("--preview", type=click.Choice(PREVIEW_FORMATS), help="Also a small animated picture of it."),
]


def run_options(
    *,
    audio_track: int | None,
    detector: str | None,
    every_frame: bool,
    finder: tuple[str, ...],
    windows: str | None,
    captions: bool,
    moments: str,
    server: str | None,
    model: str | None,
    dialect: str | None,
    checker: str | None,
    device: str,
    **reel: Any,
) -> RunOptions:
    """The options of a run out of those of `run` and `batch`.

    Raises:
        RenderError, ProfileError: an option of the reel is invalid, or the preset.
    """
    from highlights.pipeline import RunOptions
    from highlights.reel.options import files_of, options_of

    asked = reel_choices(**reel)
    timeline, edit, kind = options_of(asked)
    models = chosen_models(
        finder=finder,
        windows=windows,
        captions=captions,
        server=server,
        model=model,
        dialect=dialect,
        checker=checker,
        device=device,
    )
    return RunOptions(
        reel=kind,
        files=files_of(asked),
        audio_track=audio_track,
        detector=detector,  # type: ignore[arg-type]  # click has checked the choice
        every_frame=every_frame,
        moments=moments,  # type: ignore[arg-type]  # click has checked the choice
        timeline=timeline,
        edit=edit,
        models=models,
    )


def given_report(
    path: Path | None, *, kick_offs: Sequence[tuple[int | None, float]], times: str, starts_at: float | None
) -> GivenReport | None:
    """A report out of the options of `run` and `import`, if there is one; kick-offs without a number follow each other."""
    if path is None:
        if kick_offs or starts_at is not None or times != "auto":
            raise click.UsageError(
                "--kick-off, --report-times and --starts-at are for the times of a report; give --report too"
            )
        return None
    from highlights.match_report import GivenReport, KickOff

    numbered: list[KickOff] = []
    for period, at_s in kick_offs:
        numbered.append(KickOff(period or (numbered[-1].period + 1 if numbered else 1), at_s))
    return GivenReport(path, tuple(numbered), times, starts_at)  # type: ignore[arg-type]  # click has checked the choice


def run_options_of_cells(choices: Mapping[str, Any], cells: Mapping[str, str]) -> RunOptions:
    """The options of one match of a manifest: its cells override the `choices` made for all matches.

    Raises:
        HighlightsError: a column is not an option, or a cell is not a valid value of it.
    """
    from highlights.profile.words import suggestion

    parameters = _parameters()
    columns = {str(option.opts[0]).lstrip("-").replace("-", "_"): option for option in parameters}
    given = {}
    for column, cell in cells.items():
        if (option := columns.get(column)) is None:
            allowed = f"the columns are name, recordings, sport, {', '.join(columns)}"
            raise HighlightsError(f"unknown option {column!r}{suggestion(column, columns)}; {allowed}")
        if isinstance(option.type, NUMBERS):
            cell = cell.replace(",", ".")  # as spreadsheets of many countries write it
        try:
            given[str(option.name)] = option.type.convert(cell, option, None) if cell else choices[str(option.name)]
        except click.BadParameter as error:
            raise HighlightsError(f"{column}: {error.message}") from error
    return run_options(**{**choices, **given})


def _parameters() -> list[click.Parameter]:
    """The options that a run and a manifest have in common, in the order of the help."""

    @click.command()
    @finding_options
    @model_options
    @reel_options(optional=True)
    def shared(**choices: Any) -> None: ...

    return shared.params


def reel_choices(*, per_event: bool, per_team: bool, per_player: bool, **reel: Any) -> dict[str, object]:
    """What was asked of a reel, by the names that presets use."""
    flags = {"event": per_event, "team": per_team, "player": per_player}
    each = [name for name, given in flags.items() if given]
    return {name: str(value) if isinstance(value, Path) else value for name, value in reel.items()} | {"each": each or None}


def chosen_models(
    *, finder: tuple[str, ...], server: str | None = None, model: str | None = None, **choices: Any
) -> ModelOptions:
    """How models take part, out of the options of a command."""
    from highlights.finders.choice import ModelOptions

    return ModelOptions(finders=finder, server=server, model=model, **choices)  # type: ignore[arg-type]  # click has checked
