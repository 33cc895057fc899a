"""Steps from one reference frame to the next: what is a certain cut, and what has to be scanned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from highlights.analysis.scenes.fingerprint import Glimpse
from highlights.analysis.scenes.steps import StepWatch, middle_s
from highlights.spans import Span

FRAME_S, APART_S = 0.04, 0.16  # a reference frame every fourth frame
BEFORE, AFTER = np.full((144, 256, 3), (40, 120, 40), np.uint8), np.full((144, 256, 3), (160, 40, 40), np.uint8)
CUT = 25  # the number of the first reference frame after a change


def noise(number: int) -> NDArray[np.int64]:
    return np.random.default_rng(number).integers(-4, 5, BEFORE.shape)


def watched(shown: Callable[[int], NDArray[np.uint8]], count: int = 50) -> StepWatch:
    steps = StepWatch(FRAME_S)
    for number in range(count):
        picture = np.clip(shown(number) + noise(number), 0, 255).astype(np.uint8)
        steps.add(round(number * APART_S, 3), Glimpse.of(picture))
    return steps


def mixed(share: float) -> NDArray[np.uint8]:
    return (BEFORE * (1 - share) + AFTER * share).astype(np.uint8)


def panned(number: int, pixels: int) -> NDArray[np.uint8]:
    """A patterned picture moved to the side by so many pixels a frame."""
    stripes = np.where(np.arange(256) // 16 % 2, 80, 160).astype(np.uint8)
    return np.repeat(np.repeat(np.roll(stripes, number * pixels)[None, :, None], 144, 0), 3, 2)


def test_a_step_that_stands_out_and_lasts_is_a_cut_between_its_frames() -> None:
    steps = watched(lambda number: AFTER if number >= CUT else BEFORE)
    assert steps.cuts() == [Span((CUT - 1) * APART_S, CUT * APART_S)]
    assert steps.changes() == (steps.cuts(), [])


@pytest.mark.parametrize(("frames", "before"), [(0.2, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (8, 3), (75, 0)])
def test_a_placed_cut_is_in_the_middle_of_the_frames_that_can_be_the_first_new_one(frames: float, before: int) -> None:
    place = Span(10.0, 10.0 + frames * FRAME_S)
    assert middle_s(place, FRAME_S) == pytest.approx(place.end_s - before * FRAME_S)


def test_a_flash_is_not_a_certain_cut() -> None:
    steps = watched(lambda number: AFTER if number == CUT else BEFORE)
    assert steps.cuts() == []
    assert steps.changes().sudden == [Span((CUT - 1) * APART_S, (CUT + 1) * APART_S)]


def test_a_still_picture_has_no_changes() -> None:
    steps = watched(lambda number: BEFORE)
    assert (steps.cuts(), steps.changes()) == ([], ([], []))


@pytest.mark.parametrize("frames", [4, 6])
def test_a_dissolve_is_a_slow_change_with_frames_around_it(frames: int) -> None:
    steps = watched(lambda number: mixed(float(np.clip((number - CUT + frames) / frames, 0, 1))))
    assert steps.cuts() == []
    (spot,) = steps.changes().slow
    assert spot.start_s < (CUT - frames) * APART_S < CUT * APART_S < spot.end_s


def test_two_sudden_changes_close_together_can_be_one_dissolve() -> None:
    steps = watched(lambda number: mixed(0.2 * (number >= CUT) + 0.8 * (number >= CUT + 3)))
    (spot,) = steps.changes().slow
    assert spot.start_s < (CUT - 1) * APART_S < (CUT + 3) * APART_S < spot.end_s


def test_a_moving_camera_keeps_its_colours_and_is_neither() -> None:
    steps = watched(lambda number: panned(number, 8))
    assert (steps.cuts(), steps.changes()) == ([], ([], []))


def test_a_cut_at_either_end_of_the_frames_is_found() -> None:
    for first in (1, 49):
        assert len(watched(lambda number, first=first: AFTER if number >= first else BEFORE).cuts()) == 1  # type: ignore[misc]


def test_a_dissolve_too_slow_for_any_step_to_show_is_a_slow_change_and_as_slow_a_pan_is_not() -> None:
    patches = [np.random.default_rng(seed).integers(40, 200, (9, 16, 3)) for seed in (1, 2)]
    one, other = (np.kron(each, np.ones((16, 16, 1), np.int64)).astype(np.uint8) for each in patches)

    def dissolving(number: int) -> NDArray[np.uint8]:
        share = float(np.clip((number - 20) / 9, 0, 1))  # over 36 frames
        return (one * (1 - share) + other * share).astype(np.uint8)

    def panning(number: int) -> NDArray[np.uint8]:
        return np.concatenate([one, other], 1)[:, (at := int(np.clip(28 * (number - 20), 0, 256))) : at + 256]

    (spot,) = watched(dissolving).changes().slow
    assert spot.start_s < 25 * APART_S < spot.end_s
    assert watched(panning).changes().slow == []
