"""The sport of a recording from its pictures: drawn score graphics, and real ones where this machine has them."""

from __future__ import annotations

import pytest

from benchmarks.score_graphics.designs import DESIGNS, smaller
from benchmarks.score_graphics.drawing import frames
from highlights.analysis.score.sport_guess import sport_of
from highlights.analysis.score.sport_reading import PICTURES, read_graphics, sport_shown
from highlights.media.probe import open_recording
from highlights.profile.library import available
from tests.conftest import Put
from tests.support.places import FOOTAGE


def told(name: str) -> set[str]:
    """What each place of a drawn design tells."""
    design = smaller(DESIGNS[name])
    times_s = [design.story.length_s * (number + 0.5) / PICTURES for number in range(PICTURES)]
    shown = {frame.time_s: frame.small_bgr(design.size[0]) for frame in frames(design, times_s)}
    return {sport_of(looks) for looks in read_graphics(shown)} - {""}


@pytest.mark.parametrize(("name", "sport"), [("cricket dash", "cricket"), ("tennis boxes", "tennis")])
def test_a_drawn_score_graphic_tells_its_sport(name, sport):
    assert told(name) == {sport}


def test_a_recording_without_any_text_tells_no_sport(tmp_path, put: Put):
    assert sport_shown(open_recording([put(tmp_path / "a.mp4")]), available()) == ""


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the footage is not on this machine")
@pytest.mark.parametrize(
    ("file", "sport"),
    [
        ("03_basketball_phx_lal_basket_score_change.mp4", "basketball"),
        ("02_soccer_realmadrid_sevilla_goal.mp4", ""),
    ],
)
def test_a_real_score_graphic_tells_its_sport_or_nothing(file, sport):
    assert sport_shown(open_recording([FOOTAGE / file]), available()) == sport


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the footage is not on this machine")
def test_only_a_sport_that_has_a_profile_is_told():
    recording = open_recording([FOOTAGE / "03_basketball_phx_lal_basket_score_change.mp4"])
    assert sport_shown(recording, available().keys() - {"basketball"}) == ""
