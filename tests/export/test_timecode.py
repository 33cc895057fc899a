from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.export.timecode import Rate, drops, exact, frame_of, timecode
from tests.support.lists import RATES

AT_2_59_59 = {
    Fraction(24_000, 1001): (258_940, "02:59:49:04"),
    Fraction(24): (259_199, "02:59:59:23"),
    Fraction(25): (269_999, "02:59:59:24"),
    Fraction(30_000, 1001): (323_675, "02:59:59;29"),
    Fraction(30): (323_999, "02:59:59:29"),
    Fraction(50): (539_999, "02:59:59:49"),
    Fraction(60_000, 1001): (647_351, "02:59:59;59"),
    Fraction(60): (647_999, "02:59:59:59"),
}
"""The last frame of the third hour, by hand: drop-frame codes keep up with the clock, those of 23.976 fall 10.8 s behind."""


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_after_three_hours_a_frame_is_still_the_right_one(fps: Fraction) -> None:
    frame, code = AT_2_59_59[fps]
    assert (timecode(frame, Rate(fps)), frame_of(code, Rate(fps))) == (code, frame)
    end = frame + 1
    assert Rate(fps).frame_at(exact(float(end / fps))) == end


@given(st.sampled_from(RATES), st.integers(0, 24 * 3600 * 23))
def test_timecode_and_frame_agree_with_opentimelineio(fps: Fraction, frame: int) -> None:
    time = otio.opentime.RationalTime(frame, float(fps))
    code = timecode(frame, Rate(fps))
    assert code == otio.opentime.to_timecode(time, float(fps), Rate(fps).drops)
    assert frame_of(code, Rate(fps)) == frame == otio.opentime.from_timecode(code, float(fps)).value


@pytest.mark.parametrize(
    ("code", "fps", "frame"),
    [
        ("01:00:03;18", Fraction(30), 108_000),  # marked: FFmpeg's track of such a file counts so too
        ("01:00:03:18", Fraction(30), 108_108),
        ("01:00:00;00", Fraction(30), 107_892),
        ("01:00:00:00", Fraction(30_000, 1001), 108_000),  # not marked, at a rate that usually is
        ("01:00:00;00", Fraction(60), 215_784),
        ("00:10:00;00", Fraction(120), 71_928),
        ("01:00:00;00", Fraction(25), 90_000),  # no code of 25 can drop
        ("01:00:00;00", Fraction(24_000, 1001), 86_400),
    ],
)
def test_the_mark_of_a_code_decides_and_not_its_rate(code: str, fps: Fraction, frame: int) -> None:
    rate = Rate(fps, drops(code))
    assert frame_of(code, rate) == frame
    assert timecode(frame, rate) == (code if rate.can_drop else code.replace(";", ":"))


@given(st.sampled_from([Fraction(30), Fraction(60), Fraction(120), *RATES]), st.booleans(), st.integers(0, 24 * 3600 * 23))
def test_a_marked_code_names_one_frame(fps: Fraction, marked: bool, frame: int) -> None:
    code = timecode(frame, Rate(fps, marked))
    assert frame_of(code, Rate(fps, drops(code))) == frame


@given(st.sampled_from(RATES), st.integers(0, 24 * 3600 * 23))
def test_a_frame_survives_the_milliseconds_of_a_span(fps: Fraction, frame: int) -> None:
    assert Rate(fps).frame_at(exact(round(float(frame / fps), 3))) == frame


@pytest.mark.parametrize("text", ["", "1:2:3:4", "00:60:00:00", "00:00:00:25", "00:00:00", "aa:bb:cc:dd", "9" * 5000])
def test_text_that_is_not_a_timecode_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time code"):
        frame_of(text, Rate(Fraction(25)))
