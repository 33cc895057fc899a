"""An evaluation as one HTML page: the tables, the reliability curve, and every miss and false alarm with its picture.

The page contains its style and pictures, has no script, and asks for nothing; its content security policy allows no more.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from highlights.errors import HighlightsError
from highlights.evaluation.calibration import Calibration
from highlights.evaluation.comparison import Comparison
from highlights.evaluation.evaluation import Evaluation
from highlights.evaluation.judged import Mistake
from highlights.evaluation.tables import tables
from highlights.export.html import digest
from highlights.export.naming import printed
from highlights.media.aside import write_aside
from highlights.records import Timeline
from highlights.spans import clock

TEMPLATES = Path(__file__).with_name("templates")
PICTURE_PX = 320
MOST_CARDS = 500
"""Mistakes that are shown; a list of weak predictions has thousands."""
SIDE = 100  # of the square that the reliability curve is drawn in
LARGEST_DOT = 6.0


@dataclass(frozen=True, slots=True)
class Card:
    """A mistake as shown; without a `picture` the page says why, in `instead`. Of a cut, the frame `before` is shown too."""

    mistake: Mistake
    picture: str
    instead: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of the reliability curve: its place in the square, its size by its number of claims, and its words."""

    x: float
    y: float
    radius: float
    words: str


def write(evaluation: Evaluation, target: Path, compared: Comparison | None = None) -> None:
    """Make `target` the page of an evaluation.

    Raises:
        OutputError: `target` cannot be written.
    """
    with write_aside(target) as aside:
        aside.write_bytes(page(evaluation, compared).encode("utf-8", "replace"))


def page(evaluation: Evaluation, compared: Comparison | None = None) -> str:
    """The page's text."""
    style = (TEMPLATES / "evaluation.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"clock": clock, "printed": printed}
    names = [match.case.name for match in evaluation.matches]
    return environment.get_template("evaluation.html").render(
        title=f"Evaluation of {names[0]}"
        if len(names) == 1
        else f"Evaluation of {len(names)} matches"
        if names
        else "Evaluation",
        evaluation=evaluation,
        several=len(names) > 1,
        tables=tables(evaluation),
        dots=_dots(evaluation.calibration) if evaluation.calibration else (),
        side=SIDE,
        cards=list(_cards(evaluation)),
        left_out=max(0, len(evaluation.mistakes) - MOST_CARDS),
        cuts=list(_cuts(evaluation)),
        cuts_left_out=max(0, len(evaluation.cut_mistakes) - MOST_CARDS),
        compared=compared,
        style=Markup(style),
        policy=f"default-src 'none'; style-src '{digest(style)}'; img-src data:; base-uri 'none'; form-action 'none'",
    )


def _cards(evaluation: Evaluation) -> Iterator[Card]:
    timelines = {match.case.name: match.case.timeline for match in evaluation.matches}
    for mistake in evaluation.mistakes[:MOST_CARDS]:
        picture, instead = _picture(timelines[mistake.match], mistake.time_s)
        yield Card(mistake, picture, instead)


def _cuts(evaluation: Evaluation) -> Iterator[Card]:
    timelines = {match.case.name: match.case.timeline for match in evaluation.matches}
    for mistake in evaluation.cut_mistakes[:MOST_CARDS]:
        timeline = timelines[mistake.match]
        picture, instead = _picture(timeline, mistake.time_s)
        before_s = max(0.0, mistake.time_s - (_frame_s(timeline, mistake.time_s) if timeline else 0.0))
        yield Card(mistake, picture, instead, _picture(timeline, before_s)[0])


def _frame_s(timeline: Timeline, time_s: float) -> float:
    return float(1 / timeline.recording.parts[timeline.recording.part_at(time_s)].frame_rate)


def _picture(timeline: Timeline | None, time_s: float) -> tuple[str, str]:
    """The frame at a time as a data URI; or why there is none."""
    if timeline is None:
        return "", "predictions come without a recording"
    file = timeline.recording.parts[timeline.recording.part_at(time_s)].path
    if not file.is_file():
        return "", f"{file.name} is not where it was"
    from highlights.media.stills import thumbnail  # imported lazily: it needs FFmpeg

    try:
        jpeg = thumbnail(timeline.recording, time_s, PICTURE_PX)
    except HighlightsError:
        return "", f"{file.name} cannot be decoded here"
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}", ""


def _dots(calibration: Calibration) -> Sequence[Dot]:
    """The bins with claims; the radius goes with the square root, so that the area goes with the number."""
    most = max(one.claims for one in calibration.bins)
    return [
        Dot(
            round(SIDE * one.confidence, 2),
            round(SIDE * (1 - one.true), 2),
            round(1.2 + (LARGEST_DOT - 1.2) * (one.claims / most) ** 0.5, 2),
            f"{one.claims} claim{'' if one.claims == 1 else 's'}, {one.confidence:.0%} sure, {one.true:.0%} true",
        )
        for one in calibration.bins
    ]
