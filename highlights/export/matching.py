"""Which piece of an edited file was which piece of the one that was exported.

exported    [goal@10]├────┤      [save@40]├───┤      [corner@70]├────┤
edited      [goal@10]├──┤            save ├──┤                            ├───┤ penalty
            by its mark          by name and time    is gone           nothing was near
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from highlights.export.row import Row

SAME_IOU = 0.5
"""Two pieces without a mark or a name in common are the same if they share this much."""
NEAR_S = 60.0
"""An instant that was moved farther than this is another one."""


def matches(before: Sequence[Row], after: Sequence[Row]) -> dict[int, Row]:
    """For places in `before` what became of them: by mark, or else by name and time, or else by time alone."""
    found: dict[int, Row] = {}
    left = list(after)
    known = {mark for row in before for mark in row.marks}
    for alike, least in ((_unchanged, -1.0), (_mark, -1.0), (_name, 0.0), (_anything, SAME_IOU)):
        open_ = [n for n in range(len(before)) if n not in found]
        # a second piece with the mark of an event is not another event, however near it lies
        asked = [(m, row) for m, row in enumerate(left) if alike in (_unchanged, _mark) or not known.intersection(row.marks)]
        pairs = sorted(_pairs(before, open_, asked, alike), key=lambda pair: (-pair[0], pair[2], pair[1]))
        taken: set[int] = set()
        for share, n, m in pairs:
            if share > least and n not in found and m not in taken:
                found[n] = left[m]
                taken.add(m)
        left = [row for m, row in enumerate(left) if m not in taken]
    return dict(sorted(found.items()))


def _pairs(
    before: Sequence[Row], open_: Sequence[int], after: Sequence[tuple[int, Row]], alike: Callable[[Row], object]
) -> Iterator[tuple[float, int, int]]:
    """How much time is shared by, and places of, rows that are alike and not far from each other."""
    groups: dict[object, list[tuple[float, int]]] = defaultdict(list)
    for n in open_:
        groups[alike(before[n])].append((float(before[n].in_s), n))
    reach_s = max([NEAR_S, *(float((row.out_s or row.in_s) - row.in_s) for row in before)])
    for group in groups.values():
        group.sort()
    for m, row in after:
        key, group = alike(row), groups.get(alike(row), [])
        first = 0 if alike is _mark else bisect_left(group, (float(row.in_s) - reach_s, 0))
        last = len(group) if alike is _mark else bisect_left(group, (float(row.out_s or row.in_s) + NEAR_S, 0))
        if key is not None:
            yield from ((_shared(before[n], row), n, m) for _, n in group[first:last])


def _unchanged(row: Row) -> object:
    return row.medium, row.in_s, row.out_s, row.marks, row.words.get("title")


def _mark(row: Row) -> object:
    return frozenset(row.marks) or None


def _name(row: Row) -> object:
    return row.medium, row.words.get("title")


def _anything(row: Row) -> object:
    return row.medium


def _shared(one: Row, other: Row) -> float:
    """How much of their time two rows share, 0..1; 1 for two instants at one time, less the farther they are apart."""
    if one.out_s is None or other.out_s is None:
        return float(1 / (1 + abs(one.in_s - other.in_s)))
    shared = min(one.out_s, other.out_s) - max(one.in_s, other.in_s)
    covered = max(one.out_s, other.out_s) - min(one.in_s, other.in_s)
    return float(max(Fraction(0), shared) / covered) if covered else 1.0
