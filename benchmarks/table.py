"""A table as text for people or as Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Table:
    """A title, the column heads, rows of cells, and notes below."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Add a row."""
        if len(cells) != len(self.heads):
            raise ValueError(f"{self.title}: a row needs {len(self.heads)} cells, got {len(cells)}")
        self.rows.append(cells)

    def text(self) -> str:
        """As plain text with aligned columns."""
        lines = [line.rstrip() for line in _aligned([self.heads, *self.rows], "  ")]
        rule = "─" * max(map(len, lines))
        return "\n".join([self.title, rule, lines[0], rule, *lines[1:], *(f"  {note}" for note in self.notes), ""])

    def markdown(self) -> str:
        """As a GitHub Markdown table under a heading."""
        escaped = [tuple(cell.replace("|", r"\|") for cell in row) for row in (self.heads, *self.rows)]
        lines = [f"| {line} |" for line in _aligned(escaped, " | ")]
        rule = "|" + "|".join("---" for _ in self.heads) + "|"
        notes = ["", *self.notes] if self.notes else []
        return "\n".join([f"### {self.title}", "", lines[0], rule, *lines[1:], *notes, ""])


def _aligned(rows: Sequence[tuple[str, ...]], between: str) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [between.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def verdict(met: bool) -> str:
    """Whether a target was met, in one word."""
    return "pass" if met else "MISS"
