"""Pinning the score graphic on the page: which numbers are the score, what is read there, and the profile that says so."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Lock

import cv2
from PIL import Image

from highlights import profile as profiles
from highlights.analysis.diagnosis import diagnose
from highlights.analysis.pinning import cell_at, read_cells
from highlights.analysis.score.survey import Picture, surveyed
from highlights.errors import ProfileError
from highlights.media.frames import Frame, key_frames_at, read_frame
from highlights.profile.pins import pinned, starter
from highlights.profile.rules import Place, ScoreboardRules, box_of, cells_of
from highlights.records import Box, Counter, Recording
from highlights.review.profiles import profile_file, saved
from highlights.review.session import Session
from highlights.systems import command_line

OTHERS = 5  # pictures in which the cells are read besides the one shown
MARGIN = (
    0.6,
    0.35,
)  # around the cells, on either side, as shares of their width and height: what is beside them helps to judge
CROP_HEIGHT_PX = 44

Cells = Mapping[Counter, Place]


class Pinner:
    """The score graphic of a review's recording; one of its pictures is read at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = Lock()

    def shown(self) -> dict[str, object]:
        """The sport's counters, what is pinned, where the run found the graphic, where it is saved, and how it is used."""
        rules, board = self._rules, self._session.timeline.analysis.scoreboard
        part = self._recording.parts[0]
        return {
            "counters": list(cells_of(rules.layout)),
            "cells": rules.cells,
            "rows": [_share(box, part.width, part.height) for box in board.boxes],
            "file": _short(profile_file(self._session)),
            "command": self._command(),
        }

    def found(self) -> dict[str, object]:
        """What a run takes for the score with the current profile: a cell for each number, and why it would not be used.

        Raises:
            RecordingError: nothing of the recording can be read.
        """
        with self._lock:
            result = diagnose(self._recording, self._session.profile)
        return {
            "cells": {name: place for name, (_, place) in result.counters.items()},
            "numbers": {name: str(value) for name, (value, _) in result.counters.items()},
            "doubt": result.doubt,
        }

    def at(self, time_s: float, x: float, y: float) -> dict[str, object]:
        """The number at a point of the picture shown at a time, and the cell around it.

        Raises:
            RecordingError: nothing can be decoded there.
        """
        with self._lock:
            text, cell = cell_at(surveyed(read_frame(self._recording, time_s)), x, y)
        return {"text": text, "cell": cell}

    def read(self, time_s: float, cells: Cells) -> list[dict[str, object]]:
        """What is read in the cells at a time, and in a few other pictures of the same size, each with a picture of them.

        Raises:
            ProfileError: the sport does not count this.
            RecordingError: nothing can be decoded there.
        """
        rules = self._with(cells)
        with self._lock:
            frames = [read_frame(self._recording, time_s), *self._others(time_s)]
            pictures = [surveyed(frame) for frame in frames]
            alike = [(f, p) for f, p in zip(frames, pictures, strict=True) if p.shape == pictures[0].shape]
            read = read_cells([picture for _, picture in alike], rules)
        numbers = [{name: token.text for name, token in found.items()} for found in read]
        return [
            {"time_s": round(frame.time_s, 3), "numbers": found, "picture": _crop(picture, rules)}
            for (frame, picture), found in zip(alike, numbers, strict=True)
        ]

    def save(self, cells: Cells) -> None:
        """Write the cells into the profile of this review; decisions and events stay as they are.

        Raises:
            ProfileError: they are not the score of this sport, or they cannot be entered; nothing is written.
            OutputError: it cannot be written.
        """
        with self._session.lock:
            rules = self._with(cells)
            file = profiles.find(self._session.profile_name)
            if file == profile_file(self._session):
                text = _entered(file, rules, box=rules.box == self._rules.box)
            else:
                text = starter(file.stem, rules.cells)
            saved(self._session, text)

    @property
    def _recording(self) -> Recording:
        return self._session.timeline.recording

    @property
    def _rules(self) -> ScoreboardRules:
        return self._session.profile.scoreboard

    def _with(self, cells: Cells) -> ScoreboardRules:
        """The rules of the sport with these cells, in the order of its counters, and without a box that they are not in."""
        counted = cells_of(self._rules.layout)
        for name in cells:
            if name not in counted:
                raise ProfileError(
                    profile_file(self._session), [(0, f"cells: {name} is not counted here; use {', '.join(counted)}")]
                )
        box = self._rules.box
        inside = box is not None and all(_is_within(place, box) for place in cells.values())
        ordered = {name: cells[name] for name in counted if name in cells}
        return replace(self._rules, cells=ordered, box=box if inside else None)

    def _others(self, time_s: float) -> list[Frame]:
        """Key frames over the match, where the graphic was readable if that is known."""
        shown = [r.time_s for r in self._session.timeline.analysis.scoreboard.readings]
        end_s = self._recording.duration_s
        evenly = [(i + 0.5) / OTHERS * end_s for i in range(OTHERS)]
        times_s = [shown[int((i + 0.5) / OTHERS * len(shown))] for i in range(OTHERS)] if len(shown) >= OTHERS else evenly
        frames = {frame.time_s: frame for frame in key_frames_at(self._recording, times_s)}
        return [frame for at_s, frame in sorted(frames.items()) if at_s != time_s]

    def _command(self) -> str:
        """The command that analyses the match again with the profile; into another folder if this one holds decisions."""
        session = self._session
        decided = any(e.status != "found" or e.shown for e in (*session.timeline.events, *session.timeline.near_misses))
        out = _free(session.folder) if decided else session.folder
        paths = [_short(part.path) for part in self._recording.parts]
        return command_line(["highlights", "run", *paths, "--sport", _short(profile_file(session)), "--out", _short(out)])


def _entered(file: Path, rules: ScoreboardRules, *, box: bool) -> str:
    """The text of a profile with the cells of these rules."""
    try:
        return pinned(profiles.source_text(file), rules.cells, box=box)
    except ValueError as error:
        raise ProfileError(file, [(0, f"the cells cannot be entered: {error}")]) from None


def _free(folder: Path) -> Path:
    """A folder beside this one that does not exist yet."""
    names = (f"{folder.name}-again{number}" for number in ("", *range(2, 1000)))
    return next(path for name in names if not (path := folder.with_name(name)).exists())


def _short(path: Path) -> str:
    """The path as one would type it here: relative if it lies below the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) and path != here else os.fspath(path)


def _share(box: Box, width: int, height: int) -> tuple[float, ...]:
    return box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height


def _is_within(place: Sequence[float], box: Sequence[float]) -> bool:
    return place[0] >= box[0] and place[1] >= box[1] and place[2] <= box[2] and place[3] <= box[3]


def _crop(picture: Picture, rules: ScoreboardRules) -> str:
    """The part of a picture around the cells as a data address of a JPEG."""
    height, width = picture.shape[:2]
    left, top, right, bottom = zip(*rules.cells.values(), strict=True)
    hull = min(left), min(top), max(right), max(bottom)
    dx, dy = MARGIN[0] * (hull[2] - hull[0]), MARGIN[1] * (hull[3] - hull[1])
    box = box_of(
        (max(0.0, hull[0] - dx), max(0.0, hull[1] - dy), min(1.0, hull[2] + dx), min(1.0, hull[3] + dy)), width, height
    )
    image = Image.fromarray(
        cv2.cvtColor(picture[box.y0 : max(box.y1, box.y0 + 1), box.x0 : max(box.x1, box.x0 + 1)], cv2.COLOR_BGR2RGB)
    )
    image.thumbnail((10 * CROP_HEIGHT_PX, 2 * CROP_HEIGHT_PX))
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=80)
    return "data:image/jpeg;base64," + b64encode(jpeg.getvalue()).decode()
