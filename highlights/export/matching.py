"""Matches the clips of an edited file with those that were exported.

exported    [goal@10]├────┤      [save@40]├───┤      [corner@70]├────┤
edited      [goal@10]├──┤            save ├──┤                            ├───┤ penalty
            by its mark          by name and time    removed           added: nothing was near
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from highlights.export.row import EditedRow

SAME_IOU = 0.5
"""Two clips without a mark or a name in common match if they share this much of their time."""
NEAR_S = 60.0
"""An instant that moved farther than this is another event."""


def matches(before: Sequence[EditedRow], after: Sequence[EditedRow]) -> dict[int, EditedRow]:
    """The row of `after` for each index in `before`: matched by mark, or else by name and time, or else by time alone."""
    found: dict[int, EditedRow] = {}
    left = list(after)
    known = {mark for row in before for mark in row.marks}
    for alike, least in ((_unchanged, -1.0), (_mark, -1.0), (_name, 0.0), (_anything, SAME_IOU)):
        open_ = [n for n in range(len(before)) if n not in found]
        # a second clip with the mark of an event does not match another event, however near it is
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
    before: Sequence[EditedRow],
    open_: Sequence[int],
    after: Sequence[tuple[int, EditedRow]],
    alike: Callable[[EditedRow], object],
) -> Iterator[tuple[float, int, int]]:
    """Shared time and indices of rows that have the same key and are near each other."""
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


def _unchanged(row: EditedRow) -> object:
    return row.medium, row.in_s, row.out_s, row.marks, row.words.get("title")


def _mark(row: EditedRow) -> object:
    return frozenset(row.marks) or None


def _name(row: EditedRow) -> object:
    return row.medium, row.words.get("title")


def _anything(row: EditedRow) -> object:
    return row.medium


def _shared(one: EditedRow, other: EditedRow) -> float:
    """The share of their time that two rows have in common, 0..1; for instants, 1 at the same time, less farther apart."""
    if one.out_s is None or other.out_s is None:
        return float(1 / (1 + abs(one.in_s - other.in_s)))
    shared = min(one.out_s, other.out_s) - max(one.in_s, other.in_s)
    covered = max(one.out_s, other.out_s) - min(one.in_s, other.in_s)
    return float(max(Fraction(0), shared) / covered) if covered else 1.0
