from fractions import Fraction

import av
import pytest

from highlights.errors import RenderError
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Clip, Timeline
from highlights.reel.copy import check_copied, copy
from highlights.reel.edit import EditOptions
from highlights.spans import Span
from tests.support.drawing import draw_video, number_of


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    """Eight seconds at 25 per second with a key frame every second; every frame carries its number."""
    return open_recording([draw_video(tmp_path_factory.mktemp("match") / "match.mp4", duration_s=8)])


def test_a_copied_clip_begins_at_the_key_frame_before_it_and_has_its_chapter(match, tmp_path):
    clips = (Clip(Span(1.4, 2), (0,), "Goal", "12:34"), Clip(Span(5.2, 6), (1,), "Goal", replay=True))
    shown = copy(Timeline(match, "soccer", clips=clips), tmp_path / "reel.mp4")
    assert shown == [Span(1, 2), Span(5, 6)]
    numbers = [number_of(frame.luma()) for frame in read_frames(open_recording([tmp_path / "reel.mp4"]))]
    assert numbers == [*range(25, 50), *range(125, 150)]
    with av.open(str(tmp_path / "reel.mp4")) as container:
        titles = [(chapter["start"] * chapter["time_base"], chapter["metadata"]["title"]) for chapter in container.chapters()]
    assert titles == [(0, "Goal · 12:34"), (1, "Goal (replay)")]


def test_an_empty_timeline_is_refused(match, tmp_path):
    with pytest.raises(RenderError, match="nothing to show"):
        copy(Timeline(match, "soccer"), tmp_path / "reel.mp4")
    assert not any(tmp_path.iterdir())


def test_a_crop_of_a_copied_reel_is_refused_with_what_to_do_instead():
    with pytest.raises(RenderError, match="--aspect needs --reel edit"):
        check_copied(EditOptions(aspect=Fraction(9, 16)))
    check_copied(EditOptions())
