import numpy as np
import pytest

from highlights.reel.lower_third import GREY, LONGEST_S, SHOWN_S, WHITE, blend, draw_plate, opacity_at

SIZES = [(1280, 720), (640, 360), (720, 1280), (1920, 1080), (160, 90), (404, 720), (202, 360), (720, 720), (576, 720)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("title", ["Goal", "A very long title of an event that no plate could hold " * 3])
def test_the_plate_lies_within_the_safe_margins(size, title):
    plate = draw_plate(title, "12:34 · ARS 1–0 CHE", size, tag="REPLAY")
    height, width = plate.pixels.shape[:2]
    assert plate.x >= 0.05 * size[0]
    assert plate.x + width <= 0.95 * size[0]
    assert plate.y >= 0
    assert plate.y + height <= 0.95 * size[1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("description", ["A header.", "The striker turns past two defenders and lifts the ball in. " * 9])
def test_a_description_makes_the_plate_taller_and_it_still_fits(size, description):
    bare = draw_plate("Goal", "12:34 · ARS 1–0 CHE", size)
    told = draw_plate("Goal", "12:34 · ARS 1–0 CHE", size, description=description)
    height, width = told.pixels.shape[:2]
    assert height > bare.pixels.shape[0]
    assert told.y >= 0
    assert told.x + width <= 0.95 * size[0]
    assert told.y + height == pytest.approx(bare.y + bare.pixels.shape[0], abs=1)


def test_a_plate_is_shown_longer_the_more_there_is_to_read():
    shown = [draw_plate("Goal", "", (640, 360), description="word " * count).shown_s for count in (0, 8, 100)]
    assert shown[0] == SHOWN_S < shown[1] < shown[2] == LONGEST_S


def luminance(colour):
    linear = (np.asarray(colour, float) / 255) ** 2.2
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("ink", [WHITE, GREY])
def test_text_can_be_read_on_a_white_picture(ink):
    plate = draw_plate("Goal", "12:34", (1280, 720))
    white = np.full((720, 1280, 3), 255, np.uint8)
    shown = blend(white, plate, 1.0)
    under_text = shown[plate.y + plate.pixels.shape[0] // 2, plate.x + plate.pixels.shape[1] - 3]
    assert (luminance(ink) + 0.05) / (luminance(under_text) + 0.05) > 7


def test_an_empty_plate_is_not_drawn():
    assert draw_plate("", " \n ", (640, 360)) is None
    assert draw_plate("🎉", "", (640, 360)) is None


def test_the_plate_steps_up_over_a_score_graphic_at_the_bottom_left():
    free = draw_plate("Goal", "12:34", (1280, 720))
    graphic = (60, 620, 400, 670)
    moved = draw_plate("Goal", "12:34", (1280, 720), keep_clear=[graphic])
    assert free.y + free.pixels.shape[0] > graphic[1]
    assert moved.y + moved.pixels.shape[0] <= graphic[1]


def test_a_score_graphic_elsewhere_does_not_move_the_plate():
    free = draw_plate("Goal", "12:34", (1280, 720))
    assert draw_plate("Goal", "12:34", (1280, 720), keep_clear=[(60, 40, 340, 90), (900, 620, 1200, 670)]).y == free.y


def test_the_plate_fades_in_and_out():
    opacities = [opacity_at(number / 25, 4.35) for number in range(125)]
    assert opacities[0] == opacities[-1] == 0
    assert max(opacities) == 1
    assert max(abs(np.diff(opacities))) < 0.2


def test_drawing_the_plate_leaves_the_picture_given_as_it_was():
    picture = np.zeros((360, 640, 3), np.uint8)
    shown = blend(picture, draw_plate("Goal", "", (640, 360)), 0.5)
    assert not picture.any()
    assert shown.any()
