"""`index.html` of many matches: one row each, with its events and a link to its report, or with its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from highlights.media.aside import write_aside

TEMPLATES = Path(__file__).with_name("templates")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One match: the folder of its results, its events by kind, whether there is a reel, or its error.

    `warnings` are what of its recordings could not be used, one line each.
    """

    name: str
    sport: str
    good: bool
    error: str
    events: Mapping[str, int]
    reel: bool = False
    warnings: tuple[str, ...] = ()


def write(rows: Sequence[MatchRow], target: Path) -> None:
    """Make `target` the page; the folders of the results are beside it.

    Raises:
        OutputError: `target` cannot be written.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["link"] = lambda name, file: f"{quote(name.encode('utf-8', 'surrogateescape'))}/{file}"
    page = environment.get_template("season.html")
    kinds = list(dict.fromkeys(kind for row in rows for kind in row.events))
    good, warned = sum(row.good for row in rows), sum(bool(row.warnings) for row in rows)
    content = page.render(rows=rows, kinds=kinds, good=good, warned=warned, policy=POLICY)
    with write_aside(target) as aside:
        aside.write_bytes(content.encode("utf-8", "replace"))
