"""Scenes of a recording in one pass over its frames: PySceneDetect finds the cuts, `transitions` the rest.

    frames ──► detector of the profile ──► cuts, without flashes ──┐
           └─► blended cuts, dissolves, wipes ─────────────────────┴─► boundaries ──► scenes

Boundaries are presentation times of frames, never frame numbers divided by a rate: the detector counts frames, and each number
is looked up in the list of presentation times.

Source: PySceneDetect 0.7 (Castellano), AdaptiveDetector, ContentDetector and ThresholdDetector with their own defaults, except
that the minimum length of a scene is enforced here, in seconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from highlights.analysis.scenes.fingerprint import Glimpse
from highlights.analysis.scenes.logos import Look, recurring
from highlights.analysis.scenes.transitions import Transition, TransitionFinder
from highlights.imports import without
from highlights.profile import SceneRules
from highlights.records import Part, Recording, Scene
from highlights.spans import Span

# not used here: a reader that takes 0.1 s to import, and functions for which `ffmpeg` is started on their import
with without("moviepy"), without("scenedetect.output.video", __getattr__=lambda name: None):
    from scenedetect.common import FrameTimecode
    from scenedetect.detector import SceneDetector
    from scenedetect.detectors import AdaptiveDetector, ContentDetector, ThresholdDetector

Begin = Literal["start", "cut", "gradual"]


class _Content(ContentDetector):  # type: ignore[misc]  # PySceneDetect has no types
    """`ContentDetector`, eight times as fast: its score at default weights is the mean change of hue, saturation and value."""

    _before: NDArray[np.uint8] | None = None

    def _calculate_frame_score(self, timecode: FrameTimecode, frame_img: NDArray[np.uint8]) -> float:
        now = np.asarray(cv2.cvtColor(frame_img, cv2.COLOR_BGR2HSV), np.uint8)
        before, self._before = self._before, now
        return 0.0 if before is None else cv2.norm(now, before, cv2.NORM_L1) / now.size


class _Adaptive(_Content, AdaptiveDetector):  # type: ignore[misc]
    """`AdaptiveDetector` with the same score."""


_ANY_RATE = Fraction(25)  # required by the detectors; nothing depends on it, as they are given frame numbers only
_DETECTORS: dict[str, tuple[type[SceneDetector], str]] = {
    "adaptive": (_Adaptive, "adaptive_threshold"),
    "content": (_Content, "threshold"),
    "threshold": (ThresholdDetector, "threshold"),
}
_DETECTED = 1.0  # strength of a cut that only the detector reports: it overrides a dissolve, but not a logo
_PLAIN = 2.0  # strength from which all are equally certain
SEEN = 2.0  # strength of a cut in frames that are unlike, without a detector
_NEAR = 3  # frames: a cut this close to a transition is the same one


@dataclass(frozen=True, slots=True)
class Turn:
    """Where one scene turns into the next, beginning at `since_s`; the larger the `strength`, the clearer."""

    time_s: float
    since_s: float
    kind: Literal["cut", "gradual"]
    strength: float
    look: Look | None = None
    exact: bool = True
    """Whether its frame is known, and not only concluded."""


class SceneWatch:
    """Collects the scenes: from every frame, added in order, or from the turns found in excerpts."""

    def __init__(self, rules: SceneRules) -> None:
        self._rules = rules
        self._watches: dict[int, TurnWatch] = {}
        self._turns: dict[int, list[Turn]] = {}

    def add(self, time_s: float, bgr: NDArray[np.uint8], part: int, seen: Glimpse | None = None) -> None:
        """Add the next frame: match time in seconds and a small picture, uint8 `[height, width, 3]`, BGR.

        `seen` is its description, if available.
        """
        if part not in self._watches:
            self._watches[part] = TurnWatch(self._rules)
        self._watches[part].add(time_s, bgr, seen or Glimpse.of(bgr))

    def add_turns(self, part: int, turns: Iterable[Turn]) -> None:
        """Add the turns found in an excerpt of a part."""
        self._turns.setdefault(part, []).extend(turns)

    def result(self, recording: Recording) -> tuple[Scene, ...]:
        """All scenes in order; they cover each part without a gap, and no scene spans two parts."""
        scenes: list[Scene] = []
        for number, part in enumerate(recording.parts):
            scenes += _scenes(_starts(self._all_turns(number), part, self._rules.min_length_s), part, number)
        return tuple(scenes)

    def logos_s(self) -> tuple[float, ...]:
        """When the logo that opens and closes this match's replays is shown, in seconds; empty if it has none."""
        parts = sorted({*self._watches, *self._turns})
        return recurring([(turn.time_s, turn.look) for part in parts for turn in self._all_turns(part) if turn.look])

    def _all_turns(self, part: int) -> list[Turn]:
        if part in self._watches:
            self.add_turns(part, self._watches.pop(part).turns())
        return self._turns.get(part, [])


class TurnWatch:
    """Finds the turns in an uninterrupted sequence of frames, added in order. Stores 8 bytes per frame."""

    def __init__(self, rules: SceneRules) -> None:
        make, option = _DETECTORS[rules.detector]
        options = {} if rules.threshold is None else {option: rules.threshold}
        self._detector = make(min_scene_len=0, **options)
        self._finder = None if rules.detector == "threshold" else TransitionFinder()
        self._times = array("d")
        self._cuts: set[int] = set()

    def add(self, time_s: float, bgr: NDArray[np.uint8], seen: Glimpse) -> None:
        """Add the next frame, as in `SceneWatch.add`."""
        timecode = FrameTimecode(len(self._times), _ANY_RATE)
        self._times.append(time_s)
        self._cuts.update(cut.frame_num for cut in self._detector.process_frame(timecode, bgr))
        if self._finder:
            self._finder.add(seen, self._cuts)

    def turns(self) -> list[Turn]:
        """The turns found; of those that overlap, the strongest."""
        last = FrameTimecode(max(0, len(self._times) - 1), _ANY_RATE)
        cuts = self._cuts.union(cut.frame_num for cut in self._detector.post_process(last))
        found: list[Transition] = []
        if self._finder:
            self._finder.finish(cuts)
            found, cuts = self._finder.found, cuts & self._finder.lasting
        chosen: list[Transition] = []
        rivals = [*found, *(Transition(cut, cut, "cut", _DETECTED) for cut in cuts)]
        for rival in sorted(rivals, key=lambda turn: (-turn.strength, turn.first)):
            if all(rival.first > other.last + _NEAR or other.first > rival.last + _NEAR for other in chosen):
                chosen.append(rival)
        return [
            Turn(self._time_s(turn.boundary), self._time_s(turn.first), turn.kind, turn.strength, turn.look) for turn in chosen
        ]

    def _time_s(self, frame: int) -> float:
        return self._times[max(0, min(frame, len(self._times) - 1))]


def _starts(turns: Iterable[Turn], part: Part, min_length_s: float) -> dict[float, tuple[Begin, bool]]:
    """When and how each scene begins, and whether exactly then.

    Of turns too close together the clearest counts, of equally clear ones the first.
    """
    begins: dict[float, tuple[Begin, bool]] = {part.span.start_s: ("start", True)}
    for turn in sorted(turns, key=lambda turn: (-min(turn.strength, _PLAIN), turn.time_s)):
        at_s = turn.time_s
        if at_s < part.span.end_s and all(abs(at_s - other_s) >= min_length_s for other_s in begins):
            begins[at_s] = turn.kind, turn.exact
    return dict(sorted(begins.items()))


def _scenes(starts: dict[float, tuple[Begin, bool]], part: Part, number: int) -> list[Scene]:
    edges = [*starts, part.span.end_s]
    return [Scene(Span(edges[i], edges[i + 1]), number, *how) for i, how in enumerate(starts.values())]
