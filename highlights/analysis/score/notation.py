"""`score_text`: counters in the notation of their sport."""

from __future__ import annotations

from collections.abc import Mapping

from highlights.records import Counter


def score_text(counters: Mapping[Counter, int]) -> str:
    """The score in one line; empty where nothing is counted.

    >>> score_text({"home": 2, "away": 1}), score_text({"runs": 128, "wickets": 3, "balls": 92})
    ('2–1', '128/3 (15.2)')
    >>> score_text({"home_sets": 1, "away_sets": 0, "home_points": 40, "away_points": 15})
    '1–0 40–15'
    """
    if "runs" in counters:
        overs = f" ({counters['balls'] // 6}.{counters['balls'] % 6})" if "balls" in counters else ""
        return f"{counters['runs']}/{counters.get('wickets', 0)}{overs}"
    if "home" in counters:
        return f"{counters['home']}–{counters.get('away', 0)}"
    names = ("sets", "games", "points")
    return " ".join(f"{counters[f'home_{n}']}–{counters.get(f'away_{n}', 0)}" for n in names if f"home_{n}" in counters)
