import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.score_graphics.drawing import letters
from highlights.analysis.score.ocr import find_boxes, find_text, read_lines, release


def strip(text: str, size: tuple[int, int] = (420, 48), at: tuple[int, int] = (10, 24)) -> np.ndarray:
    picture = Image.new("RGB", size, "#102040")
    ImageDraw.Draw(picture).text(at, text, font=letters("", 28), fill="white", anchor="lm")
    return np.asarray(picture)[:, :, ::-1].copy()


@pytest.mark.parametrize("text", ["ARS 2-1 CHE", "12:34", "IND 128/3 (15.2)"])
def test_a_line_is_read_correctly(text: str) -> None:
    (glyphs,) = read_lines([strip(text)])
    assert "".join(g.char for g in glyphs).replace(" ", "") == text.replace(" ", "")
    assert all(g.confidence > 0.8 for g in glyphs)


def test_characters_have_their_positions() -> None:
    (glyphs,) = read_lines([strip("ARS 2 CHE")])
    middle = next(g.x for g in glyphs if g.char == "2")
    font = letters("", 28)
    assert middle == pytest.approx(10 + font.getlength("ARS ") + font.getlength("2") / 2, abs=12)


def test_an_empty_strip_has_no_text() -> None:
    assert read_lines([strip("")]) == [[]]
    assert read_lines([]) == []


def test_text_is_found_in_a_picture_with_its_position() -> None:
    picture = strip("CHELSEA", (640, 360), (200, 180))
    (found,) = find_text(picture)
    assert found.text == "CHELSEA"
    assert found.box.x0 <= 205
    assert found.box.y0 < 180 < found.box.y1
    assert [b for b in find_boxes(picture) if abs(b.x0 - found.box.x0) < 3]


def test_no_text_is_found_in_a_picture_without_text() -> None:
    assert find_text(strip("", (640, 360))) == []


def test_the_same_picture_gives_the_same_reading_every_time() -> None:
    assert len({str(read_lines([strip("ARS 2-1 CHE 12:34")])) for _ in range(3)}) == 1


def test_text_is_found_again_after_the_memory_was_returned() -> None:
    picture = strip("CHELSEA", (640, 360), (200, 180))
    found = find_boxes(picture)
    release()
    assert find_boxes(picture) == found != []
