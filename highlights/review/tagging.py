"""Tagging by hand: which key stands for which kind of event, and when the page proposes it."""

from __future__ import annotations

from collections.abc import Mapping

from highlights.records import Timeline

ROLL_S = 5.0
"""Seconds shown before and after the instant of a kind that the profile does not have."""
ASSIGNED = "1234567890zxcvbnmqwertyuiosdfg"
"""Keys in the order in which they are assigned; those that complete a tag are not among them."""


def tag_keys(given: Mapping[str, str]) -> dict[str, str]:
    """A key for each kind, by its name: the one it was given, or the next free one; empty once none is left.

    >>> tag_keys({"goal": "g", "corner": "", "save": ""})
    {'goal': 'g', 'corner': '1', 'save': '2'}
    """
    keys: dict[str, str] = {}
    for name, key in given.items():
        if key and key not in keys.values():
            keys[name] = key
    free = (key for key in ASSIGNED if key not in set(keys.values()))
    return {name: keys[name] if name in keys else next(free, "") for name in given}


def why_untagged(timeline: Timeline) -> str:
    """Why a person has to tag this match by hand; empty if events were found or tagged."""
    if timeline.events and not timeline.only_moments:
        return ""
    if not timeline.analysis.scoreboard.boxes:
        return "No event was found: this recording has no score graphic that could be read"
    doubt = timeline.analysis.scoreboard.doubt
    return f"No event was found: {doubt}" if doubt else "No event was found"
