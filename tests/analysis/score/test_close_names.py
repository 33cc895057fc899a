from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from benchmarks.score_graphics.designs import DESIGNS, smaller
from benchmarks.score_graphics.drawing import draw
from highlights.analysis.score.close_names import with_close_names
from highlights.analysis.score.interpret import interpret
from highlights.analysis.score.locate import find_graphics, read_rows
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.tokens import join_cells
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording


@pytest.fixture(scope="module")
def stacked(tmp_path_factory):
    """A recording of two names above each other with their numbers, and what is read in it."""
    design = smaller(DESIGNS["two rows and clock"])
    path = tmp_path_factory.mktemp("stacked") / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"preset": "ultrafast", "crf": "10", "g": "4"})
        stream.width, stream.height, stream.pix_fmt = *design.size, "yuv420p"
        for second in range(round(design.story.length_s)):
            frame = av.VideoFrame.from_ndarray(np.asarray(draw(design, second + 0.5)), "rgb24")
            frame.pts, frame.time_base = second, Fraction(1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    recording = open_recording([path])
    shown = [(frame.time_s, frame.small_bgr(design.size[0])) for frame in read_frames(recording)][::3]
    read = [
        (
            graphic,
            [
                GraphicReading(
                    time_s,
                    time_s + 2.9,
                    join_cells(read_rows([picture[b.y0 : b.y1, b.x0 : b.x1] for b in graphic.rows], graphic.rows)),
                )
                for time_s, picture in shown
            ],
        )
        for graphic in find_graphics([picture for _, picture in shown])
    ]
    return recording, read, design.rules


def test_a_name_that_was_not_sure_is_read_again_by_itself(stacked):
    recording, read, rules = stacked
    board = interpret(read, rules)
    assert board.teams == ("ARS", "CHE")
    assert with_close_names(replace(board, teams=("", "CHE")), read, rules, recording).teams == ("ARS", "CHE")


def test_known_names_and_boards_without_a_score_stay_as_they_are(stacked):
    recording, read, rules = stacked
    board = replace(interpret(read, rules), teams=("Arsenal", "Chelsea"))
    assert with_close_names(board, read, rules, recording) is board
    unsure = replace(board, teams=("", ""), readings=())
    assert with_close_names(unsure, read, rules, recording) is unsure
