"""`report.html`: one page to watch the match, and to see why each event was found.

The page contains its style, script and pictures. It links only to the recording and the reel, by relative links, so it works
from a folder, a memory stick or a web server, without a network. Its content security policy allows no other script, style
or address, so names read off the picture stay text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from highlights.analysis.score.game_clock import REACH_S, GameClock
from highlights.analysis.score.notation import score_text
from highlights.errors import RecordingError
from highlights.export.naming import instant, percent
from highlights.finders.evidence import PRIOR
from highlights.media.aside import write_aside
from highlights.records import Event, Timeline
from highlights.spans import Span, clock
from highlights.timeline import moments_note

TEMPLATES = Path(__file__).with_name("templates")

COLOURS = 8  # of the style sheet, one for each kind of event
MISSES_AT_ONCE = 50  # near misses shown at first; a model that is asked about every window gives hundreds

Thumbnail = Callable[[float], bytes | None]
"""Gives the picture at a match time as JPEG, or None; `{134.7: jpeg}.get` is one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One claim of an event's sum, drawn as a bar from the sum before it to the sum after it.

        start             ▓▓▓▓▓▓|
        score             ▒▒▒▒▒▒|▒▒▒▒
        crowd                   |    ▒▒▒

    `left` and `width` are in percent of the largest absolute sum in the timeline, on a scale from -100 to 100.
    """

    signal: str
    because: str
    weight: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Card:
    """One event on the page; `play` is the span its play button plays."""

    event: Event
    colour: int
    play: Span
    bars: tuple[Bar, ...]
    picture: str


@dataclass(frozen=True, slots=True)
class Head:
    """The heading: the teams if they were read, the last score, the recording's name."""

    teams: tuple[str, str] | None
    score: str
    name: str

    @property
    def title(self) -> str:
        """The heading in one line."""
        return f"{self.teams[0]} {self.score} {self.teams[1]}" if self.teams else f"{self.name} {self.score}".rstrip()


def write(
    timeline: Timeline, target: Path, thumbnails: Thumbnail, reel: Path | None = None, places: Sequence[float] = ()
) -> None:
    """Make `target` the page of the timeline; `reel` can be played on it too.

    `places` are the start times of the clips in the reel; without them the clips are assumed to follow each other.

    Raises:
        OutputError: `target` cannot be written.
    """
    with write_aside(target) as aside:
        aside.write_bytes(page(timeline, target.parent, thumbnails, reel, places).encode("utf-8", "replace"))


def page(
    timeline: Timeline, folder: Path, thumbnails: Thumbnail, reel: Path | None = None, places: Sequence[float] = ()
) -> str:
    """The page's text; its links start from `folder`."""
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    colours = _colours(timeline)
    farthest = max((abs(total) for event in _all_events(timeline) for total in _totals(event)), default=0.0) or 1.0
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"clock": clock, "instant": instant, "percent": percent, "signed": signed}
    return environment.get_template("report.html").render(
        timeline=timeline,
        sport=timeline.sport.replace("_", " ").capitalize(),
        head=head_of(timeline),
        names=[part.path.name for part in timeline.recording.parts],
        reel_s=round(sum(clip.span.length_s for clip in timeline.clips), 3),
        reel=reel,
        cards=[_card(timeline, event, colours, farthest, thumbnails(event.peak_s)) for event in timeline.events],
        misses=[[_card(timeline, event, colours, farthest, None) for event in group] for group in _by_confidence(timeline)],
        kinds=_kinds(timeline, colours),
        note=moments_note(timeline),
        style=Markup(style),
        script=Markup(script),
        doubt=_doubt(timeline),
        policy=_policy(style, script),
        data=Markup(_inert_json(_drawn(timeline, folder, colours, reel, places))),
    )


def _policy(style: str, script: str) -> str:
    """The content security policy: this style, this script, embedded pictures, media by link; nothing else."""
    return (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; "
        "img-src data:; media-src 'self' file:; base-uri 'none'; form-action 'none'"
    )


def digest(text: str) -> str:
    """A style or script as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert_json(value: object) -> str:
    """JSON that stays data inside a script element: no `<`, `>`, `&`, and (as ASCII) no JavaScript line terminators."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _all_events(timeline: Timeline) -> Iterator[Event]:
    yield from timeline.events
    yield from timeline.near_misses


def _colours(timeline: Timeline) -> dict[str, int]:
    """The index of each kind's colour: by first appearance, events before near misses."""
    names = dict.fromkeys(event.name for event in _all_events(timeline))
    return {name: number % COLOURS for number, name in enumerate(names)}


def _kinds(timeline: Timeline, colours: dict[str, int]) -> list[tuple[str, str, int, int]]:
    """Name, title, colour and number of events of every kind found."""
    titles = {event.name: event.title for event in timeline.events}
    counts = {name: sum(event.name == name for event in timeline.events) for name in titles}
    return [(name, title, colours[name], counts[name]) for name, title in titles.items()]


def _by_confidence(timeline: Timeline) -> tuple[list[Event], list[Event]]:
    """The most confident near misses and all others, both in order of time."""
    misses = timeline.near_misses
    surest = sorted(range(len(misses)), key=lambda place: -misses[place].confidence)
    return [misses[place] for place in sorted(surest[:MISSES_AT_ONCE])], [misses[i] for i in sorted(surest[MISSES_AT_ONCE:])]


def _doubt(timeline: Timeline) -> tuple[str, str] | None:
    """Why the score graphic was not used, and a picture of it; None if it was, or if there is none."""
    board = timeline.analysis.scoreboard
    if not board.doubt:
        return None
    from highlights.media.stills import score_graphic  # imported lazily: it needs FFmpeg

    picture = None
    with suppress(RecordingError):  # a report can be written where the recording no longer is
        picture = score_graphic(timeline.recording, board.boxes, board.doubt_s)
    return board.doubt, _uri(picture)


def _uri(picture: bytes | None) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" if picture else ""


def _card(timeline: Timeline, event: Event, colours: dict[str, int], farthest: float, picture: bytes | None) -> Card:
    shown = (clip.span for clip in timeline.clips if not clip.replay and clip.span.holds(event.peak_s))
    uri = _uri(picture)
    return Card(event, colours[event.name], next(shown, event.span), _bars(event, farthest), uri)


def _bars(event: Event, farthest: float) -> tuple[Bar, ...]:
    totals = _totals(event)
    return tuple(
        Bar(signal, because, weight, 100 * min(before, after) / farthest, 100 * abs(after - before) / farthest)
        for (signal, because, weight), before, after in zip(_lines(event), [0.0, *totals], totals, strict=False)
    )


def _totals(event: Event) -> list[float]:
    """The running sums of an event's claims in log-odds."""
    return list(accumulate(weight for _, _, weight in _lines(event)))


def _lines(event: Event) -> list[tuple[str, str, float]]:
    """Signal, reason and weight of an event's claims, after the prior that all events share."""
    claims = [(moment.signal.replace("_", " "), moment.because, moment.weight) for moment in event.evidence]
    return [("start", "before any evidence", PRIOR), *claims]


def _drawn(
    timeline: Timeline, folder: Path, colours: dict[str, int], reel: Path | None, places: Sequence[float]
) -> dict[str, object]:
    """The data that the script draws, kept short: 90 minutes are thousands of scenes and crowd values."""
    analysis, game = timeline.analysis, GameClock.of(timeline.analysis.scoreboard)
    return {
        "duration": timeline.recording.duration_s,
        "shape": [timeline.recording.parts[0].width, timeline.recording.parts[0].height],
        "parts": [
            [_link(part.path, folder), part.path.name, part.start_s, part.first_pts_s] for part in timeline.recording.parts
        ],
        "reel": _link(reel, folder) if reel else None,
        "places": [round(place, 3) for place in places],
        "events": [_drawn_event(event, colours) for event in timeline.events],
        "misses": [_drawn_event(event, colours) for event in timeline.near_misses],
        "clips": [[clip.span.start_s, clip.span.end_s, clip.title] for clip in timeline.clips],
        "scenes": [[scene.span.start_s, scene.transition] for scene in analysis.scenes],
        "crowd": {"step": analysis.crowd.step_s, "values": [round(value, 2) for value in analysis.crowd.values]},
        "tones": [[tone.span.start_s, tone.span.end_s, tone.kind] for tone in analysis.tones],
        "replays": [[replay.span.start_s, replay.span.end_s, replay.because] for replay in analysis.replays],
        "doubt": analysis.scoreboard.doubt,
        "visible": [[span.start_s, span.end_s] for span in analysis.scoreboard.visible],
        "scores": _score_spans(timeline),
        "changes": [
            [change.shown_s, change.seen.start_s, change.seen.end_s, score_text(change.before), score_text(change.after)]
            for change in analysis.scoreboard.changes
        ],
        "clock": {"readings": game.readings, "way": game.way, "padded": game.two_digits, "reach": REACH_S},
    }


def _drawn_event(event: Event, colours: dict[str, int]) -> list[object]:
    label = " ".join(filter(None, (event.title, event.team, event.score)))
    return [event.span.start_s, event.span.end_s, event.peak_s, event.name, colours[event.name], label, event.confidence]


def _score_spans(timeline: Timeline) -> list[list[object]]:
    """Start, end and text of every score shown, from the first reading to the end."""
    starts = [(change.shown_s, change.after) for change in timeline.analysis.scoreboard.changes]
    readings = timeline.analysis.scoreboard.readings
    if readings and (not starts or readings[0].time_s < starts[0][0]):
        starts.insert(0, (readings[0].time_s, readings[0].counters))
    until = [*starts, (timeline.recording.duration_s, {})]
    return [[start_s, end_s, score_text(counters)] for (start_s, counters), (end_s, _) in pairwise(until)]


def head_of(timeline: Timeline) -> Head:
    """The heading of a match."""
    board = timeline.analysis.scoreboard
    last = board.changes[-1].after if board.changes else board.readings[-1].counters if board.readings else {}
    return Head(board.teams if any(board.teams) else None, score_text(last), timeline.recording.parts[0].path.stem)


def _link(path: Path, folder: Path) -> str:
    """A link from a page in `folder`, with reserved characters escaped."""
    path = path.parent.resolve() / path.name
    try:
        return quote(Path(os.path.relpath(path, folder.resolve())).as_posix().encode("utf-8", "surrogateescape"))
    except ValueError:  # another drive, on Windows
        return path.as_uri()


def signed(weight: float) -> str:
    """A weight with its sign.

    >>> signed(1.62), signed(-0.4)
    ('+1.6', '−0.4')
    """
    return f"{weight:+.1f}".replace("-", "−")
