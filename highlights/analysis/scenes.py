"""Scenes of a recording from one reading of its picture: PySceneDetect finds the cuts, `transitions` the rest.

    pictures ──► detector of the profile ──► cuts, flashes left out ──┐
             └─► blended cuts, dissolves, wipes ──────────────────────┴─► boundaries ──► scenes

Boundaries are presentation times of frames, never frame numbers divided by a rate: the detector counts frames and each number
is looked up in the times seen.

Source: PySceneDetect 0.7 (Castellano), AdaptiveDetector, ContentDetector and ThresholdDetector at their own defaults, except
that the least length of a scene is kept here, in seconds.
"""

from __future__ import annotations

from array import array
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode
from scenedetect.detector import SceneDetector
from scenedetect.detectors import AdaptiveDetector, ContentDetector, ThresholdDetector

from highlights.analysis.fingerprint import colours, thumbnail
from highlights.analysis.transitions import Transition, TransitionFinder
from highlights.profile import SceneRules
from highlights.records import Part, Recording, Scene
from highlights.spans import Span

_ANY_RATE = Fraction(25)  # the detectors want one; nothing depends on it as they are only given frame numbers
_DETECTORS: dict[str, tuple[type[SceneDetector], str]] = {
    "adaptive": (AdaptiveDetector, "adaptive_threshold"),
    "content": (ContentDetector, "threshold"),
    "threshold": (ThresholdDetector, "threshold"),
}
_NEAR = 3  # frames: a cut this near to a transition is the same one


class SceneWatch:
    """Sees every frame once, in order, and knows the scenes at the end. Keeps 8 bytes per frame."""

    def __init__(self, rules: SceneRules) -> None:
        self._rules = rules
        self._parts: dict[int, _PartWatch] = {}

    def see(self, time_s: float, bgr: NDArray[np.uint8], part: int) -> None:
        """Take the next frame: match time in seconds and a small picture, uint8 `[height, width, 3]`, BGR."""
        if part not in self._parts:
            self._parts[part] = _PartWatch(self._rules)
        self._parts[part].see(time_s, bgr)

    def result(self, recording: Recording) -> tuple[Scene, ...]:
        """All scenes in order; they cover each part without a gap, and no scene spans two parts."""
        scenes: list[Scene] = []
        for number, part in enumerate(recording.parts):
            watch = self._parts.get(number)
            scenes += _scenes(part, number, watch.boundaries() if watch else [], self._rules.min_length_s)
        return tuple(scenes)


class _PartWatch:
    """The boundaries of one file."""

    def __init__(self, rules: SceneRules) -> None:
        make, option = _DETECTORS[rules.detector]
        options = {} if rules.threshold is None else {option: rules.threshold}
        self._detector = make(min_scene_len=0, **options)
        self._finder = None if rules.detector == "threshold" else TransitionFinder()
        self._times = array("d")
        self._cuts: set[int] = set()

    def see(self, time_s: float, bgr: NDArray[np.uint8]) -> None:
        """Take the next frame of the file."""
        timecode = FrameTimecode(len(self._times), _ANY_RATE)
        self._times.append(time_s)
        self._cuts.update(cut.frame_num for cut in self._detector.process_frame(timecode, bgr))
        if self._finder:
            self._finder.see(thumbnail(bgr), colours(bgr), self._cuts)

    def boundaries(self) -> list[tuple[float, Transition]]:
        """What begins each scene but the first, with its time, in order."""
        last = FrameTimecode(max(0, len(self._times) - 1), _ANY_RATE)
        self._cuts.update(cut.frame_num for cut in self._detector.post_process(last))
        if self._finder:
            self._finder.finish(self._cuts)
            transitions = _joined(self._finder.found, self._cuts & self._finder.lasting)
        else:
            transitions = [Transition(cut, cut, "cut", 1.0) for cut in sorted(self._cuts)]
        return [(self._times[min(each.boundary, last.frame_num)], each) for each in transitions]


def _joined(found: list[Transition], cuts: set[int]) -> list[Transition]:
    """One transition where several were found for the same turn: of those that overlap, cuts first, then the strongest."""
    rivals = [*found, *(Transition(cut, cut, "cut", 0.0) for cut in cuts)]
    rivals.sort(key=lambda each: (each.kind == "gradual", -each.strength, each.first))
    kept: list[Transition] = []
    for rival in rivals:
        if all(rival.last + _NEAR < other.first or other.last + _NEAR < rival.first for other in kept):
            kept.append(rival)
    return sorted(kept, key=lambda each: each.first)


def _scenes(part: Part, number: int, boundaries: list[tuple[float, Transition]], min_length_s: float) -> list[Scene]:
    """The scenes of one file, none shorter than `min_length_s` but a file that is shorter itself."""
    starts: list[tuple[float, str]] = [(part.span.start_s, "start")]
    for time_s, transition in boundaries:
        if time_s - starts[-1][0] >= min_length_s and time_s < part.span.end_s - 0.001:
            starts.append((time_s, transition.kind))
    ends = [time_s for time_s, _ in starts[1:]] + [part.span.end_s]
    return [Scene(Span(start_s, end_s), number, kind) for (start_s, kind), end_s in zip(starts, ends, strict=True)]
