"""Season numbers: how many events of each kind, per team, player, kind or match, and how long their clips are."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from highlights.export.timeline_csv import inert
from highlights.library.index import Row
from highlights.spans import Span, merge

Per = Literal["team", "player", "kind", "match"]


@dataclass(slots=True)
class Number:
    """The events of one team, player, kind or match; the name is empty for those where it is not given.

    `seconds` is how long their clips are together: what several events share counts once.
    """

    name: str
    count: int = 0
    seconds: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)


def kinds_of(rows: Iterable[Row]) -> list[str]:
    """The titles of all kinds, the most frequent first."""
    counted = Counter(event.title for _, event in rows)
    return [title for title, _ in sorted(counted.items(), key=lambda each: (-each[1], each[0]))]


def numbers(rows: Iterable[Row], per: Per) -> list[Number]:
    """The numbers of each group, the largest first; those without a name come last."""
    found: dict[str, Number] = {}
    clips: dict[tuple[str, str], list[Span]] = {}
    for match, event in rows:
        name = {"team": event.team, "player": event.player, "kind": event.title, "match": match.name}[per]
        number = found.setdefault(name, Number(name))
        number.count += 1
        clips.setdefault((name, match.name), []).append(Span(event.in_s, event.out_s))
        number.kinds[event.title] = number.kinds.get(event.title, 0) + 1
    for (name, _), spans in clips.items():
        found[name].seconds = round(found[name].seconds + sum(span.length_s for span in merge(spans)), 3)
    return sorted(found.values(), key=lambda number: (not number.name, -number.count, number.name))


def as_csv(rows: Iterable[Row], per: Per) -> str:
    """The numbers as a table for a spreadsheet."""
    rows = list(rows)
    kinds, text = kinds_of(rows), io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([per, "events", "seconds", *map(inert, kinds)])
    for number in numbers(rows, per):
        writer.writerow([inert(number.name), number.count, number.seconds, *(number.kinds.get(kind, 0) for kind in kinds)])
    return text.getvalue()
