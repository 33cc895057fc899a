"""The ink of drawn digits is measured to a pixel, and tells apart what the recogniser mixes up."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from highlights.analysis.score.ink import with_ink
from highlights.analysis.score.ocr import Glyph
from highlights.analysis.score.tokens import row_of
from highlights.records import Box

HEIGHT, SIZE = 60, 36


def strip(*pieces: tuple[str, int], size: int = SIZE, ground: str = "#203060") -> tuple[np.ndarray, list[Glyph]]:
    """A strip with texts at their left edges, and what a recogniser would return for it: characters and rough places."""
    picture = Image.new("RGB", (500, HEIGHT), ground)
    draw, glyphs = ImageDraw.Draw(picture), []
    font = ImageFont.load_default(size)
    for text, left in pieces:
        for i, char in enumerate(text):
            x = left + draw.textlength(text[:i], font=font)
            draw.text((x, HEIGHT / 2), char, font=font, fill="white", anchor="lm")
            rough_px = 3 * (-1) ** i
            glyphs.append(Glyph(char, x + draw.textlength(char, font=font) / 2 + rough_px, 0.99))
    return np.asarray(picture)[:, :, ::-1].copy(), glyphs


def texts(picture: np.ndarray, glyphs: list[Glyph]) -> list[str]:
    """The tokens that are made of a strip, each with its separator."""
    return [t.joined + t.text for t in row_of(with_ink(picture, glyphs), Box(0, 0, 500, HEIGHT)).tokens]


@pytest.mark.parametrize("size", [26, 32, 38, 44])
def test_the_height_and_the_ends_of_digits_are_measured(size: int) -> None:
    picture, glyphs = strip(("258", 40), size=size)
    ys, xs = np.nonzero(picture.max(axis=2) > 170)
    measured = with_ink(picture, glyphs)
    assert [abs(glyph.height - (ys.max() + 1 - ys.min())) <= 1 for glyph in measured] == [True] * 3
    assert abs(measured[0].x0 - xs.min()) <= 1
    assert abs(measured[-1].x1 - xs.max() - 1) <= 1


def test_digits_in_two_cells_are_two_numbers() -> None:
    assert texts(*strip(("0", 40), ("15", 90))) == ["0", "15"]
    assert texts(*strip(("6", 40), ("6", 85), ("330", 130))) == ["6", "6", "330"]


@pytest.mark.parametrize("number", ["15", "11", "141", "101", "211"])
def test_the_digits_of_one_number_stay_together(number: str) -> None:
    assert texts(*strip((number, 40))) == [number]


def test_digits_on_plates_of_two_colours_are_two_numbers() -> None:
    picture, glyphs = strip(("1", 60), ("15", 110))
    picture[:, :95][picture[:, :95].max(axis=2) < 120] = (20, 160, 220)
    assert texts(picture, glyphs) == ["1", "15"]


@pytest.mark.parametrize("read_as", ["1", "|", "l", "I"])
def test_a_bar_between_two_numbers_is_no_digit(read_as: str) -> None:
    picture, glyphs = strip(("0", 40), ("2", 110))
    picture[6:54, 86:89] = 255
    assert texts(picture, [glyphs[0], Glyph(read_as, 88, 0.8), glyphs[1]]) == ["0", "|2"]


def test_a_bar_between_two_zeros_read_as_letters_leaves_two_zeros() -> None:
    picture, glyphs = strip(("O", 40), ("O", 110))
    picture[6:54, 86:89] = 255
    assert texts(picture, [glyphs[0], Glyph("|", 88, 0.8), glyphs[1]]) == ["0", "|0"]


def test_a_one_between_two_digits_stays_a_digit() -> None:
    assert texts(*strip(("212", 40))) == ["212"]


def test_a_rank_is_smaller_than_the_score() -> None:
    picture, glyphs = strip(("28", 120))
    small, rank = strip(("2", 40), size=22)
    picture[:, :100] = small[:, :100]
    tokens = row_of(with_ink(picture, [*rank, Glyph(" ", 60, 1.0), *glyphs]), Box(0, 0, 500, HEIGHT)).tokens
    assert [t.text for t in tokens] == ["2", "28"]
    assert tokens[0].height < 0.75 * tokens[1].height


def test_a_low_letter_is_measured_as_if_it_were_a_capital() -> None:
    high, low = (row_of(with_ink(*strip((text, 40))), Box(0, 0, 500, HEIGHT)).tokens[0].height for text in ("HX", "ne"))
    assert 0.9 * high < low < 1.1 * high


def test_a_word_whose_letters_touch_is_as_tall_as_its_ink() -> None:
    picture, glyphs = strip(("RUS", 40))
    inked = np.nonzero(picture.max(axis=2) > 170)
    picture[inked[0].max() - 3 : inked[0].max() + 1, inked[1].min() : inked[1].max() + 1] = 255
    token = row_of(with_ink(picture, glyphs), Box(0, 0, 500, HEIGHT)).tokens[0]
    assert abs(token.height - np.ptp(inked[0]) - 1) <= 2
