"""Scans of excerpts: what is found at the edges of an excerpt, where a turn has too little around it to be judged by."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from highlights.analysis.scenes.doubts import Doubt, Glimpse
from highlights.analysis.scenes.fingerprint import colours, thumbnail
from highlights.analysis.scenes.scan import Excerpts, scan_doubts
from highlights.media.probe import open_recording
from highlights.profile import SceneRules
from highlights.progress import no_progress, of_stage
from highlights.spans import Span
from tests.support.drawing import draw_frame, draw_video

CUT_S = 2.0
FRAME_S = 0.04


@pytest.mark.parametrize(("after", "found"), [(1, []), (2, []), (7, [CUT_S])])
def test_a_cut_needs_some_frames_after_it(tmp_path: Path, after: int, found: list[float]) -> None:
    recording = open_recording([draw_video(tmp_path / "match.mp4", duration_s=4, cuts_s=(CUT_S,), sounds=())])
    place = Span(CUT_S - 9 * FRAME_S, CUT_S + after * FRAME_S)
    with closing(Excerpts(recording)) as excerpts, ThreadPoolExecutor(1) as pool:
        doubt = Doubt(0, Span(1.0, 3.0), (place,), None)
        scans = scan_doubts(recording, [doubt], SceneRules(), excerpts, pool, of_stage(no_progress, "picture"))
    assert [turn.time_s for scan in scans for turn in scan.turns] == found


def test_a_turn_missing_in_the_place_is_looked_for_in_the_whole_group(tmp_path: Path) -> None:
    recording = open_recording([draw_video(tmp_path / "match.mp4", duration_s=4, cuts_s=(CUT_S,), sounds=())])
    place = Span(CUT_S - 9 * FRAME_S, CUT_S + FRAME_S)
    with closing(Excerpts(recording)) as excerpts, ThreadPoolExecutor(1) as pool:
        doubt = Doubt(0, Span(1.0, 3.0), (place,), Span(0.5, 3.5))
        scans = scan_doubts(recording, [doubt], SceneRules(), excerpts, pool, of_stage(no_progress, "picture"))
    assert [turn.time_s for scan in scans for turn in scan.turns] == [CUT_S]


def test_what_changes_before_a_place_is_looked_for_in_the_whole_group(tmp_path: Path) -> None:
    first_s = 1.4
    recording = open_recording([draw_video(tmp_path / "match.mp4", duration_s=4, cuts_s=(first_s, CUT_S), sounds=())])
    place = Span(CUT_S - 9 * FRAME_S, CUT_S + 7 * FRAME_S)
    explained, unexplained = (glimpse(1), glimpse(2)), (glimpse(0), glimpse(2))
    for ends, found in ((explained, [CUT_S]), (unexplained, [first_s, CUT_S])):
        with closing(Excerpts(recording)) as excerpts, ThreadPoolExecutor(1) as pool:
            doubt = Doubt(0, Span(1.0, 3.0), (place,), Span(0.5, 3.5), ends)
            scans = scan_doubts(recording, [doubt], SceneRules(), excerpts, pool, of_stage(no_progress, "picture"))
        assert sorted({turn.time_s for scan in scans for turn in scan.turns}) == found


def glimpse(scene: int) -> Glimpse:
    """A frame of a drawn scene."""
    picture = draw_frame(0, scene, False, (320, 180))[:, :, ::-1]
    return Glimpse(thumbnail(picture), colours(picture))
