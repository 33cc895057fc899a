from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from PIL import Image, ImageDraw

from benchmarks.score_graphics.drawing import letters
from highlights.analysis.score.locate import Graphic
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.watch import ScoreWatch
from highlights.media.frames import Frame
from highlights.media.pixels import upright
from highlights.records import Box

BOX = Box(40, 30, 280, 66)
RATE_HZ = 25


def film(text: Callable[[float], str], length_s: float, moving: Callable[[float], bool] = lambda t: False) -> Iterator[Frame]:
    """A text on a plate in the corner of a frame; while it is hidden, noise takes its place."""
    random, to_yuv = np.random.default_rng(7), VideoReformatter()
    for i in range(round(length_s * RATE_HZ)):
        time_s = i / RATE_HZ
        picture = Image.new("RGB", (640, 360), "#305020")
        if moving(time_s):
            picture = Image.fromarray(random.integers(0, 255, (360, 640, 3), np.uint8))
        else:
            draw = ImageDraw.Draw(picture)
            draw.rectangle((BOX.x0, BOX.y0, BOX.x1, BOX.y1), fill="#101c38")
            draw.text((BOX.x0 + 12, 48), text(time_s), font=letters("", 24), fill="white", anchor="lm")
        shown = VideoFrame.from_ndarray(np.asarray(picture), "rgb24")
        yield Frame(time_s, 0, i == 0, to_yuv.reformat(shown, format="yuv420p"))


def watch(frames: Iterator[Frame]) -> list[GraphicReading]:
    with ThreadPoolExecutor(max_workers=1) as reader:
        watching = ScoreWatch(Graphic((BOX,), 1), reader)
        for frame in frames:
            watching.add(frame, frame.luma())
        return watching.readings()


def test_an_unchanged_graphic_is_read_every_third_second() -> None:
    looks = watch(film(lambda t: "ARS 0-0 CHE", 10.0))
    assert [round(look.time_s) for look in looks] == [0, 0, 3, 6, 9]  # the first reading is confirmed at once
    assert {look.rows[0].text for look in looks} == {"ARS 0 -0 CHE"}
    assert looks[-1].until_s == pytest.approx(10.0 - 1 / RATE_HZ)


def test_a_change_is_read_at_once_and_confirmed_soon_after() -> None:
    looks = watch(film(lambda t: "ARS 0-0 CHE" if t < 4.6 else "ARS 1-0 CHE", 6.0))
    before = [look for look in looks if look.rows[0].text == "ARS 0 -0 CHE"]
    after = [look for look in looks if look.rows[0].text == "ARS 1 -0 CHE"]
    assert abs(before[-1].until_s - 4.56) < 0.001
    assert 4.6 <= after[0].time_s <= 4.68
    assert after[1].time_s - after[0].time_s < 0.2


def test_the_seconds_of_a_clock_cost_no_more_readings_than_unchanged_text() -> None:
    ticking = watch(film(lambda t: f"ARS 0-0 CHE 12:0{int(t) % 10}", 20.0))
    assert len(ticking) < 20


def test_a_change_beside_a_running_clock_is_read_at_once() -> None:
    looks = watch(film(lambda t: f"ARS {int(t >= 7.4)}-0 CHE 12:{10 + int(t)}", 9.0))
    first = next(look for look in looks if "1 -0" in look.rows[0].text)
    assert 7.4 <= first.time_s <= 7.5


def test_a_graphic_is_read_again_as_soon_as_it_comes_back() -> None:
    looks = watch(film(lambda t: "ARS 0-0 CHE" if t < 4 else "ARS 1-0 CHE", 12.0, moving=lambda t: 2 <= t < 8))
    first = next(look for look in looks if look.rows[0].text == "ARS 1 -0 CHE")
    assert 8.0 <= first.time_s < 8.6
    assert not [look for look in looks if 2.0 < look.time_s < 8.0 and "ARS" in look.rows[0].text]


def test_moving_video_without_a_graphic_is_read_rarely() -> None:
    assert len(watch(film(lambda t: "", 12.0, moving=lambda t: True))) < 15


def test_two_runs_give_the_same_readings() -> None:
    runs = [watch(film(lambda t: f"ARS 0-0 CHE 12:0{int(t) % 10}", 5.0, moving=lambda t: 2 <= t < 3)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_a_rotated_frame_is_read_upright() -> None:
    picture = np.arange(6).reshape(2, 3)
    assert upright(picture, 0) is picture
    assert upright(picture, 90).shape == (3, 2)


def test_a_change_shown_for_less_than_two_seconds_at_the_end_is_read_twice() -> None:
    looks = watch(film(lambda t: "ARS 1-0 CHE" if t >= 8.6 else "ARS 0-0 CHE", 10.0))
    changed = [look.time_s for look in looks if "1" in look.rows[0].text]
    assert len(changed) == 2
    assert changed[0] == pytest.approx(8.6, abs=0.1)


@pytest.mark.parametrize("width", [1, 3, 8])
def test_a_cell_narrower_than_high_is_watched(width: int) -> None:
    cell = Box(BOX.x0, BOX.y0, BOX.x0 + width, BOX.y1)
    with ThreadPoolExecutor(max_workers=1) as reader:
        watching = ScoreWatch(Graphic((cell,), 1), reader)
        for frame in film(lambda t: "ARS 0-0 CHE", 1.0):
            watching.add(frame, frame.luma())
        assert len(watching.readings()) == 2
