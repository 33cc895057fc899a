"""A closer look at cuts that were only placed: the exact frame, for whoever is about to show it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from highlights.analysis.scenes.detect import Turn
from highlights.analysis.scenes.scan import Excerpts, Scanner, read_excerpts
from highlights.analysis.scenes.steps import BESIDE_SUDDEN, widened
from highlights.profile import SceneRules
from highlights.records import Recording
from highlights.spans import INSTANT_S, Span


def exact_cuts(recording: Recording, times_s: Sequence[float], rules: SceneRules) -> list[Turn | None]:
    """The turn at each of these times, where a cut was placed; None where there is none after all.

    Raises:
        RecordingError: a file of the recording cannot be read.
    """
    with closing(Excerpts(recording)) as excerpts, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        scanners = []
        for time_s in times_s:
            number = recording.part_at(time_s)
            scanners.append(
                Scanner(number, widened(Span(time_s, time_s + INSTANT_S), BESIDE_SUDDEN, excerpts.frame_s(number)), rules)
            )
        read_excerpts(scanners, excerpts, pool, lambda share: None)
    turns = [scanner.result().turns for scanner in scanners]
    return [
        min(those, key=lambda turn: abs(turn.time_s - time_s), default=None)
        for those, time_s in zip(turns, times_s, strict=True)
    ]
