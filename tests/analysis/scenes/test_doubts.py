"""Doubts between key frames: where a packet stands out, or two key frames are unlike."""

import numpy as np
import pytest

from highlights.analysis.scenes.doubts import Doubt, KeyViews, doubts
from highlights.media.groups import Packets
from highlights.spans import Span

FRAME_S, GROUP = 0.04, 50
GREEN, RED, NEAR_GREEN = (40, 120, 40), (40, 40, 160), (52, 132, 52)


def packets(groups: int, large: dict[int, int] | None = None) -> Packets:
    """Packets of 1 kB, key frames of 20 kB every 50th; `large` holds the sizes of others."""
    count = groups * GROUP
    sizes = np.full(count, 1000.0)
    keys = np.arange(count) % GROUP == 0
    sizes[keys] = 20_000
    for number, size in (large or {}).items():
        sizes[number] = size
    return Packets(np.arange(count) * FRAME_S, sizes, keys)


def views(*colours: tuple[int, int, int]) -> KeyViews:
    keys = KeyViews()
    for number, colour in enumerate(colours):
        keys.add(number * GROUP * FRAME_S, np.full((144, 256, 3), colour, np.uint8))
    return keys


def test_a_still_camera_leaves_no_doubt() -> None:
    assert doubts(0, packets(3), views(GREEN, GREEN, GREEN)) == []


def test_a_large_packet_between_unlike_key_frames_is_a_place_with_its_whole_group_in_reserve() -> None:
    (doubt,) = doubts(3, packets(3, {70: 15_000}), views(GREEN, GREEN, RED))
    assert (doubt.part, doubt.group) == (3, Span(2.0, 4.0))
    (place,) = doubt.places
    assert place.start_s < 70 * FRAME_S < place.end_s
    assert place.length_s < 0.1  # from the frame before
    assert doubt.whole is not None
    assert doubt.clear


@pytest.mark.parametrize("size", [15_000, 2_000])
def test_a_large_packet_between_similar_key_frames_is_not_a_cut(size: int) -> None:
    assert doubts(0, packets(3, {70: size}), views(GREEN, GREEN, GREEN)) == []


def test_two_large_packets_between_similar_key_frames_are_a_cut_away_and_back() -> None:
    (doubt,) = doubts(0, packets(3, {60: 15_000, 85: 15_000}), views(GREEN, GREEN, GREEN))
    assert [place.start_s < number * FRAME_S < place.end_s for number, place in zip((60, 85), doubt.places, strict=True)]
    assert doubt.whole is None


def test_unlike_key_frames_without_a_large_packet_put_the_whole_group_in_doubt() -> None:
    (doubt,) = doubts(0, packets(4), views(GREEN, GREEN, RED, RED))
    assert doubt.places == () or doubt.places[0].middle_s == pytest.approx(4.0, abs=0.1)
    assert doubt.whole is not None
    assert doubt.whole.start_s < 2.0
    assert doubt.whole.end_s > 4.0


def test_an_early_key_frame_is_itself_a_place() -> None:
    early = packets(3)
    keep = np.arange(len(early.times_s)) < 120  # the last group has 20 frames; an additional key frame begins another
    keys = early.keys.copy()
    keys[70] = True
    known = Packets(early.times_s[keep], early.sizes[keep], keys[keep])
    seen = KeyViews()
    for number, colour in ((0, GREEN), (50, GREEN), (70, RED), (100, RED)):
        seen.add(number * FRAME_S, np.full((144, 256, 3), colour, np.uint8))
    found = doubts(0, known, seen)
    assert [doubt.group for doubt in found] == [Span(2.0, 2.8)]
    assert found[0].places[0].start_s < 2.8 < found[0].places[0].end_s


def test_a_large_packet_after_the_last_key_frame_is_a_place() -> None:
    found = doubts(0, packets(2, {80: 15_000}), views(GREEN, GREEN))
    assert [isinstance(doubt, Doubt) and doubt.whole for doubt in found] == [None]
    assert found[0].places[0].start_s < 80 * FRAME_S < found[0].places[0].end_s


def test_unlike_first_key_frames_may_mean_a_cut_at_the_second() -> None:
    (doubt,) = doubts(0, packets(4), views(GREEN, NEAR_GREEN, NEAR_GREEN, NEAR_GREEN))
    assert doubt.whole is None
    assert doubt.places[0].start_s < 2.0 < doubt.places[0].end_s


def test_two_key_frames_at_nearly_the_same_time_are_accepted() -> None:
    keys = views(GREEN, RED, GREEN)
    keys.add(4.0004, np.full((144, 256, 3), RED, np.uint8))
    assert [doubt.group.start_s for doubt in doubts(0, packets(4), keys)] == [0.0, 2.0]


def test_a_cut_is_clear_only_if_one_packet_stands_out_and_the_key_frames_are_unlike() -> None:
    (two,) = doubts(0, packets(3, {60: 15_000, 85: 15_000}), views(GREEN, GREEN, RED))
    (alike,) = doubts(0, packets(3, {60: 15_000, 85: 15_000}), views(GREEN, GREEN, GREEN))
    (none, *_) = doubts(0, packets(4), views(GREEN, GREEN, RED, RED))
    (another,) = doubts(0, packets(3, {60: 15_000, 82: 16_000, 85: 16_000, 88: 16_000}), views(GREEN, GREEN, RED))
    assert len(another.places) == 1  # the three larger ones are beside each other
    assert not any(doubt.clear for doubt in (two, alike, none, another))


def test_a_place_reaches_back_to_the_frame_that_is_decoded_before() -> None:
    shown = packets(3, {72: 15_000})
    order = np.arange(150).reshape(-1, 2)[:, ::-1].ravel()  # every odd frame is sent before the even one that is shown first
    (doubt,) = doubts(0, Packets(shown.times_s[order], np.roll(shown.sizes, 1)[order], shown.keys), views(GREEN, GREEN, RED))
    assert doubt.places == (Span(71 * FRAME_S, 73.5 * FRAME_S),)


def test_unlike_key_frames_are_known_as_spans() -> None:
    assert views(GREEN, GREEN, RED, GREEN, GREEN).unlike() == [Span(2.0, 6.0)]


@pytest.mark.parametrize(("size", "places"), [(6_000, 0), (8_000, 0), (18_000, 1)])
def test_a_packet_that_is_large_in_every_group_is_a_place_only_if_it_is_far_larger_there(size: int, places: int) -> None:
    """Golden frames of VP9, for instance, or the key frames of what was encoded a second time."""
    golden = {number * GROUP + 25: 6_000 for number in range(20)}
    small = {number * GROUP + 25 + beside: 3_000 for number in range(20) for beside in (*range(-8, 0), *range(1, 9))}
    all_ = packets(20, small | golden | {10 * GROUP + 25: size})
    found = doubts(0, all_, views(*[GREEN] * 11, *[RED] * 9))
    assert sum(place.holds(10 * GROUP * FRAME_S + 1.0) for doubt in found for place in doubt.places) == places
    assert [len(doubt.places) for doubt in found if doubt.group.start_s > 24] == []
