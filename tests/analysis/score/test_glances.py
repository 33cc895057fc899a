"""A score graphic watched only through key frames."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from PIL import Image, ImageDraw

from benchmarks.score_graphics.drawing import letters
from highlights.analysis.score.glances import GlanceWatch
from highlights.analysis.score.locate import Graphic
from highlights.analysis.score.slots import GraphicReading
from highlights.media.frames import Frame
from highlights.records import Box

BOX = Box(40, 30, 300, 66)
KEY_S, FRAME_S = 2.0, 0.08
TO_YUV = VideoReformatter()
Text = Callable[[float], str]


def picture(text: str, seed: int) -> VideoFrame:
    """A text on a plate; without text, noise in its place."""
    image = Image.new("RGB", (640, 360), "#305020")
    if text:
        draw = ImageDraw.Draw(image)
        draw.rectangle((BOX.x0, BOX.y0, BOX.x1, BOX.y1), fill="#101c38")
        draw.text((BOX.x0 + 12, 48), text, font=letters("", 24), fill="white", anchor="lm")
    else:
        image = Image.fromarray(np.random.default_rng(seed).integers(0, 255, (360, 640, 3), np.uint8))
    return TO_YUV.reformat(VideoFrame.from_ndarray(np.asarray(image), "rgb24"), format="yuv420p")


def frame(text: Text, time_s: float) -> Frame:
    return Frame(time_s, 0, True, picture(text(time_s), round(time_s * 25)))


def watch(text: Text, length_s: float) -> tuple[list[GraphicReading], list[tuple[float, float]]]:
    """The readings, and the gaps that were read frame by frame."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        watching = GlanceWatch(Graphic((BOX,), 1), reader)
        for time_s in np.arange(0, length_s, KEY_S):
            shown = frame(text, float(time_s))
            watching.add(watching.take(shown, shown.luma()))
        gaps = watching.gaps(length_s)
        for gap in gaps:
            between = np.arange(gap.span.start_s, gap.span.end_s, FRAME_S).round(3)
            if narrowing := watching.narrowing(gap):
                for time_s in between:
                    narrowing.add(float(time_s), frame(text, float(time_s)).luma())
                narrowing.finish()
        return watching.readings(), [(gap.span.start_s, round(gap.span.end_s, 1)) for gap in gaps]


def saying(looks: list[GraphicReading], words: str) -> list[GraphicReading]:
    return [look for look in looks if words in look.rows[0].text]


def test_an_unchanged_graphic_is_read_rarely_and_its_readings_cover_all_the_time() -> None:
    looks, gaps = watch(lambda t: "ARS 0-0 CHE", 60.0)
    assert len(looks) < 10
    assert gaps == []
    assert [later.time_s for later in looks[1:]] == [look.until_s for look in looks[:-1]]
    assert looks[-1].until_s == 60.0


def test_a_running_clock_costs_readings_only_when_its_tens_change() -> None:
    looks, gaps = watch(lambda t: f"ARS 0-0 CHE {int(t) // 60:02d}:{int(t) % 60:02d}", 60.0)
    assert len(looks) < 15
    assert gaps == []


def test_a_change_of_the_score_is_placed_between_two_frames_and_read_twice() -> None:
    looks, gaps = watch(lambda t: f"ARS {int(t >= 31.3)}-0 CHE {int(t) // 60:02d}:{int(t) % 60:02d}", 60.0)
    assert gaps == [(30.0, 32.0)]
    before, after = saying(looks, "0 -0"), saying(looks, "1 -0")
    assert before[-1].until_s <= 31.3 <= after[0].time_s
    assert after[0].time_s - before[-1].until_s <= FRAME_S + 0.001
    assert after[1].time_s == 34.0


def test_a_graphic_that_disappears_and_returns_is_located_to_the_frame() -> None:
    looks, gaps = watch(lambda t: "" if 20.5 <= t < 33.1 else f"ARS {int(t > 25)}-0 CHE", 60.0)
    assert [start_s <= time_s <= end_s for time_s, (start_s, end_s) in zip((20.5, 33.1), gaps, strict=True)] == [True, True]
    assert saying(looks, "0 -0")[-1].until_s == pytest.approx(20.5, abs=FRAME_S)
    assert saying(looks, "1 -0")[0].time_s == pytest.approx(33.1, abs=FRAME_S)


def test_a_picture_without_the_graphic_is_read_rarely_and_its_return_is_placed_between_two_key_frames() -> None:
    looks, gaps = watch(lambda t: "" if 30.5 <= t < 59.1 else "ARS 1-0 CHE", 80.0)
    assert len([look for look in looks if 32 <= look.time_s < 58]) <= 4  # every 8 s
    assert [round(end_s - start_s) for start_s, end_s in gaps] == [KEY_S, KEY_S]


def test_key_frames_in_quick_succession_are_skipped() -> None:
    with ThreadPoolExecutor(max_workers=1) as reader:
        watching = GlanceWatch(Graphic((BOX,), 1), reader)
        for number in range(40):
            shown = frame(lambda t: f"ARS 0-0 CHE 12:{int(t):02d}", 0.3 * number)
            watching.add(watching.take(shown, shown.luma(), keep=True))
        assert watching.gaps(12.0) == []
        assert len(watching.readings()) < 8


def test_readings_that_agree_become_rare_while_the_clock_runs_and_not_once_it_stands() -> None:
    def running(t: float) -> str:
        return f"ARS 0-0 CHE 12:{int(t) % 60:02d}"

    def standing(t: float) -> str:
        return "ARS 0-0 CHE 12:30" if t > 60 else running(t)

    rare, often = (len([look for look in watch(text, 180.0)[0] if look.time_s > 70]) for text in (running, standing))
    assert rare < often
    assert rare <= 110 / 48 + 2 * 2  # every 48 s, and twice where the tens of the clock change
    assert often >= 110 / 12 - 1


def test_a_gap_tells_what_the_graphic_showed_before_and_after_it() -> None:
    with ThreadPoolExecutor(max_workers=1) as reader:
        watching = GlanceWatch(Graphic((BOX,), 1), reader)
        for time_s in np.arange(0, 60, KEY_S):
            shown = frame(lambda t: "" if 30 <= t < 44 else f"ARS {int(t >= 16)}-0 CHE", float(time_s))
            watching.add(watching.take(shown, shown.luma()))
        gaps = watching.gaps(60.0)
        assert [(gap.old, gap.new) for gap in gaps] == [
            (("shown", "0", "0"), ("shown", "1", "0")),
            (("shown", "1", "0"), ()),
            ((), ("shown", "1", "0")),
        ]
        assert watching.shown_s() == pytest.approx(60 - 14, abs=4 * KEY_S)


def test_the_minutes_of_a_running_clock_are_no_news_and_a_change_of_the_score_beside_them_is() -> None:
    def text(t: float) -> str:
        return f"ARS {int(t >= 131.3)}-0 CHE {10 + int(t) // 60}:{int(t) % 60:02d}"

    looks, gaps = watch(text, 200.0)
    assert len([look for look in looks if 20 <= look.time_s < 128]) <= 3  # every 48 s, and not at 11:00 and 12:00
    assert gaps == [(130.0, 132.0)]
    assert saying(looks, "0 -0")[-1].until_s <= 131.3 <= saying(looks, "1 -0")[0].time_s <= 131.3 + FRAME_S
