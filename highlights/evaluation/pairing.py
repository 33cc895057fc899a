"""True times paired with found ones: each is used once, and a pair is at most a tolerance apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST_CELLS = 4_000_000
"""Of a table for the best pairing; where more times lie close together, the error is no longer the least."""

_Numbered = list[tuple[float, int]]


def paired(true: Sequence[float], found: Sequence[float], tolerance_s: float) -> list[tuple[int, int]]:
    """The indices of the largest set of pairs within the tolerance; of several, the one with the least error.

    Thousands of times within the tolerance of each other are paired in order, which gives as many pairs.

    >>> paired([10.0, 20.0], [9.0, 11.0, 24.0], 5.0)
    [(0, 0), (1, 2)]
    """
    return [pair for group in _groups(true, found, tolerance_s) for pair in _best(*group, tolerance_s)]


def match(true: Sequence[float], found: Sequence[float], tolerance_s: float) -> list[tuple[float, float]]:
    """The pairs as times.

    >>> match([10.0, 20.0], [9.0, 11.0, 24.0], 5.0)
    [(10.0, 9.0), (20.0, 24.0)]
    """
    return [(true[a], found[b]) for a, b in paired(true, found, tolerance_s)]


def _groups(true: Sequence[float], found: Sequence[float], tolerance_s: float) -> Iterator[tuple[_Numbered, _Numbered]]:
    """Both, in order, split at gaps across which nothing can be paired."""
    group: tuple[_Numbered, _Numbered] = ([], [])
    last_s = float("-inf")
    times = [(time_s, which, index) for which, all_s in enumerate((true, found)) for index, time_s in enumerate(all_s)]
    for time_s, which, index in sorted(times):
        if time_s - last_s > tolerance_s:
            yield group
            group = ([], [])
        group[which].append((time_s, index))
        last_s = time_s
    yield group


def _best(true: _Numbered, found: _Numbered, tolerance_s: float) -> list[tuple[int, int]]:
    fits = len(true) * len(found) <= MOST_CELLS
    return _pairs(true, found, tolerance_s) if fits else in_order(true, found, tolerance_s)


def in_order(true: _Numbered, found: _Numbered, tolerance_s: float) -> list[tuple[int, int]]:
    """The largest set of pairs of sorted times, with their indices: each takes the first that is left for it."""
    pairs, i, j = [], 0, 0
    while i < len(true) and j < len(found):
        (a, mine), (b, other) = true[i], found[j]
        if abs(a - b) <= tolerance_s:
            pairs.append((mine, other))
            i, j = i + 1, j + 1
        else:
            i, j = (i + 1, j) if a < b else (i, j + 1)
    return pairs


def _pairs(true: _Numbered, found: _Numbered, tolerance_s: float) -> list[tuple[int, int]]:
    """The best pairing of sorted times. Dynamic programming: in an optimal pairing no pairs need to cross."""
    # best[j]: for the first times of `true` and the first j of `found`: minus the number of pairs, their error
    rows: list[list[tuple[int, float]]] = [[(0, 0.0)] * (len(found) + 1)]
    for a, _ in true:
        above = rows[-1]
        row = above[:1]
        for j, (b, _) in enumerate(found):
            best = min(row[j], above[j + 1])
            if abs(a - b) <= tolerance_s:
                best = min(best, (above[j][0] - 1, above[j][1] + abs(a - b)))
            row.append(best)
        rows.append(row)
    return _traced(rows, true, found)


def _traced(rows: list[list[tuple[int, float]]], true: _Numbered, found: _Numbered) -> list[tuple[int, int]]:
    """The pairs behind the last of the best values."""
    pairs, i, j = [], len(true), len(found)
    while i and j:
        if rows[i][j] == rows[i - 1][j]:
            i -= 1
        elif rows[i][j] == rows[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((true[i][1], found[j][1]))
    return pairs[::-1]
