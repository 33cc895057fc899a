"""Cuts by kind: by hand, and compared with what PySceneDetect's and TransNetV2's evaluations define."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.stand_in.events import recording, scenes
from highlights.evaluation.cuts import Cuts, TrueCuts, compared, judge, walked, wrong
from highlights.evaluation.truth import Gradual, Truth
from highlights.records import Analysis, Scene, Timeline
from highlights.spans import Span


def shares(cuts: Cuts, frames: int) -> dict[str, tuple[int, int, int]]:
    return {m.kind: (m.true, m.found, m.matched) for m in cuts.at[frames]}


def test_a_boundary_in_a_dissolve_belongs_to_it_and_a_second_one_there_is_wrong():
    true = TrueCuts((100, 200), {"dissolve": ((300, 310),), "wipe": ((400, 420),)})
    found = [(100, "cut"), (201, "cut"), (305, "gradual"), (309, "cut"), (421, "gradual"), (600, "cut")]
    cuts = compared(true, found)
    assert shares(cuts, 0) == {"hard": (2, 4, 1), "dissolve": (1, 2, 1), "wipe": (1, 0, 0)}
    assert shares(cuts, 1) == {"hard": (2, 3, 2), "dissolve": (1, 2, 1), "wipe": (1, 1, 1)}
    assert cuts.named == {"hard": 2, "dissolve": 1, "wipe": 1}


def test_the_nearest_pairs_are_taken_first_as_pyscenedetect_does():
    cuts = compared(TrueCuts((100, 110), {"dissolve": (), "wipe": ()}), [(95, "cut"), (104, "cut")])
    assert shares(cuts, 18)["hard"] == (2, 2, 2)
    cuts = compared(TrueCuts((100, 122), {"dissolve": (), "wipe": ()}), [(82, "cut"), (108, "cut")])
    assert shares(cuts, 18)["hard"] == (2, 2, 1)  # 108 takes 100, and 82 is too far from 122: two pairs were possible


FRAMES = st.lists(st.integers(0, 60), max_size=8, unique=True).map(sorted)


@example([], [14], [(10, 2)])
@example([], [15], [(10, 2)])
@given(FRAMES, FRAMES, st.lists(st.tuples(st.integers(0, 60), st.integers(2, 6)), max_size=2))
def test_all_kinds_are_walked_as_transnetv2_walks_scenes(hard, found, spans):
    apart, at = [], -10
    for first, length in sorted(spans):
        if first > at and not any(first - 4 <= cut <= first + length + 4 for cut in hard):
            apart.append((first, first + length - 1))
            at = first + length + 1
    true = sorted([(cut - 1, cut) for cut in hard] + [(first - 1, last + 1) for first, last in apart])
    said = [(frame - 1, frame) for frame in found]
    measure = walked(TrueCuts(tuple(hard), {"dissolve": tuple(apart)}), found)
    assert (measure.matched, measure.found - measure.matched, measure.true - measure.matched) == two_pointers(true, said)


def two_pointers(true: list[tuple[int, int]], said: list[tuple[int, int]]) -> tuple[int, int, int]:
    """Right, wrong and missed by the published rule: last frame before and first after, half a frame wider on each side."""
    i = j = tp = fp = fn = 0
    while i < len(true) or j < len(said):
        if j == len(said) or (i < len(true) and said[j][0] - 0.5 > true[i][1] + 0.5):
            fn, i = fn + 1, i + 1
        elif i == len(true) or said[j][1] + 0.5 < true[i][0] - 0.5:
            fp, j = fp + 1, j + 1
        else:
            tp, i, j = tp + 1, i + 1, j + 1
    return tp, fp, fn


def test_frames_are_counted_by_each_parts_own_rate_and_starts_of_files_are_no_cuts():
    others = (Scene(Span(300, 350), 1, "start"), Scene(Span(350, 400), 1, "cut"), Scene(Span(400, 600), 1, "gradual"))
    made = Timeline(recording(300, 300), "soccer", analysis=Analysis((*scenes(10, 20.08, 30.2, until_s=300), *others)))
    marked = Truth({}, cuts_s=(10.0, 20.0, 30.0, 50.0), graduals=(Gradual(Span(399.6, 400.2), "dissolve"),))
    cuts = judge(made, marked)
    assert cuts
    assert shares(cuts, 1) == {"hard": (4, 4, 1), "dissolve": (1, 1, 1), "wipe": (0, 0, 0)}
    assert shares(cuts, 18)["hard"] == (4, 4, 3)
    # missed is the cut at 50 s, false the one at 350 s in the second part
    assert wrong(made, marked) == [("missed", "hard", 50.0), ("false alarm", "hard", 350.0)]


def test_every_cut_that_is_missed_or_false_is_listed_with_its_kind_and_time():
    made = Timeline(
        recording(), "soccer", analysis=Analysis((*scenes(10, 20, until_s=300), Scene(Span(300, 600), 0, "gradual")))
    )
    spans = (Gradual(Span(299.0, 301.0), "wipe"), Gradual(Span(100.0, 102.0), "dissolve"))
    assert wrong(made, Truth({}, cuts_s=(10.0, 40.0), graduals=spans)) == [
        ("false alarm", "hard", 20.0),
        ("missed", "hard", 40.0),
        ("missed", "dissolve", 101.0),
    ]
    assert wrong(made, Truth({})) == []


def test_where_dissolves_were_not_marked_they_count_neither_for_nor_against():
    made = Timeline(recording(), "soccer", analysis=Analysis((*scenes(10, until_s=300), Scene(Span(300, 600), 0, "gradual"))))
    cuts = judge(made, Truth({}, cuts_s=(10.0,)))
    assert cuts
    assert (shares(cuts, 0), cuts.walked) == ({"hard": (1, 1, 1)}, None)
    assert judge(made, Truth({})) is None
