"""LongoMatch's table of events (`.csv`): a block for each category. LongoMatch Pro can import Sportscode XML instead.

Source: LongoMatch's CSV exporter.
"""

from __future__ import annotations

from collections import defaultdict

from highlights.export.cut_list import CutList, Entry
from highlights.export.naming import one_line
from highlights.export.timeline_csv import clock

SIDES = ("LOCAL", "VISITOR")


def text(cuts: CutList) -> str:
    """The list as blocks, a line for each piece."""
    blocks: dict[str, list[Entry]] = defaultdict(list)
    for entry in cuts.entries:
        blocks[_word(entry.title) or "Clip"].append(entry)
    return "\n".join(_block(cuts, name, entries) for name, entries in blocks.items())


def _block(cuts: CutList, name: str, entries: list[Entry]) -> str:
    lines = [f"CATEGORY: {name}"]
    for number, entry in enumerate(entries, 1):
        start, stop = (clock(float(time_s)) for time_s in cuts.clock_s(entry))
        lines.append(f"{name} {number:03};{start};{stop};{_side(cuts, entry)}")
    return "\n".join(lines) + "\n"


def _side(cuts: CutList, entry: Entry) -> str:
    teams = {cuts.side(number) for number in entry.events}
    return SIDES[teams.pop() == "away"] if teams in ({"home"}, {"away"}) else "NONE"


def _word(text: str) -> str:
    return one_line(text.replace(";", ","))
