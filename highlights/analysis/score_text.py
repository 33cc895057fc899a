"""What one look at a score graphic says: characters → tokens with a kind and a place. Pure text, no picture, no history.

Kinds: `clock` (12:34), `pair` of numbers with a separator (2-1, 2:1, 128/3), `number`, `decimal` (15.2 overs), `period` (2ND,
Q3, HT), `word`. What a number *means* is not decided here: that needs the whole match (`score_slots.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from highlights.analysis.ocr import Glyph
from highlights.records import Box

Kind = Literal["clock", "number", "decimal", "period", "word"]


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number: its middle `x` and height `size` in pixels, and the confidence of its weakest character.

    `joined` is the separator between this number and the one before it (`-`, `:`, `/`), if they stand as a pair.
    """

    kind: Kind
    text: str
    x: float
    confidence: float
    value: int = 0
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the graphic: tokens left to right; `y` and `size` (height) in pixels."""

    tokens: tuple[Token, ...]
    y: float
    size: float

    @property
    def text(self) -> str:
        """The row as a line of text."""
        return " ".join(t.joined + t.text for t in self.tokens)


PERIOD = re.compile(
    r"(?:[1-5](?:ST|ND|RD|TH|Q|H|P)|[QPH][1-5]|HT|FT|OT|SO|ET|HALF|HALFTIME|FULLTIME|FINAL|"
    r"(?:1ST|2ND)HALF|I{1,3}|TOP|BOT|MID|END)",
    re.IGNORECASE,
)
CLOCK = re.compile(r"\d{1,3}[:.']\d{2}")
PAIR = re.compile(r"(\d{1,3})([-–—:/_])(\d{1,3})")
DECIMAL = re.compile(r"\d{1,3}\.\d")
NUMBER = re.compile(r"\d{1,3}")
PIECE = re.compile(
    r"(?P<period>(?<![A-Za-z\d])[1-5](?:ST|ND|RD|TH)(?![A-Za-z]))|"
    r"(?P<clock>(?<!\d)\d{1,3}[:'.]\d{2}(?!\d))|(?P<decimal>(?<!\d)\d{1,3}\.\d(?!\d))|"
    r"(?P<pair>(?<!\d)\d{1,3}[-–—:/_]\d{1,3}(?!\d))|(?P<number>\d+)|(?P<word>[^\W\d_]+)|(?P<sep>[-–—:/])",
    re.IGNORECASE,
)
LOOKALIKES = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "l": "1", "I": "1", "|": "1", "Z": "2", "S": "5", "B": "8"})
"""Letters that the recogniser gives for digits now and then; only used where digits are expected."""
NUMERIC_WORD = re.compile(r"[\dOoIl|]+(?:[-–—:/.][\dOoIl|]+)*")


def row_of(glyphs: Sequence[Glyph], box: Box) -> Row:
    """The tokens of one row whose characters were read from `box`."""
    tokens: list[Token] = []
    for word in _words(glyphs):
        tokens += _tokens(word, box.x0)
    return Row(tuple(_joined(tokens, box.y1 - box.y0)), (box.y0 + box.y1) / 2, box.y1 - box.y0)


def counts_something(rows: Iterable[Row]) -> bool:
    """Whether this could be a score graphic: a clock, a decimal, or two numbers."""
    tokens = [t for row in rows for t in row.tokens]
    return any(t.kind in ("clock", "decimal") for t in tokens) or sum(t.kind == "number" for t in tokens) >= 2


def _words(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    words: list[list[Glyph]] = [[]]
    for glyph in glyphs:
        if glyph.char.isspace():
            words.append([])
        else:
            words[-1].append(glyph)
    return [w for w in words if w]


def _tokens(word: Sequence[Glyph], x0: int) -> list[Token]:
    text = "".join(g.char for g in word)
    if NUMERIC_WORD.fullmatch(text) and (any(c.isdigit() for c in text) or text in ("O", "o", "OO")):
        text = text.translate(LOOKALIKES)
    tokens = []
    for match in PIECE.finditer(text):
        glyphs = word[match.start() : match.end()]
        tokens += _piece(match.lastgroup or "", match.group(), glyphs, x0)
    return tokens


def _piece(kind: str, text: str, glyphs: Sequence[Glyph], x0: int) -> list[Token]:
    if kind == "pair":
        return _pair(text, glyphs, x0)
    x = x0 + (glyphs[0].x + glyphs[-1].x) / 2
    confidence = min(g.confidence for g in glyphs)
    if kind == "number" and len(text) > 3:
        return _missing_colon(text, x, confidence)
    if kind == "word" and PERIOD.fullmatch(text):
        kind = "period"
    value = int(text) if kind == "number" else 0
    return [Token(kind, text, x, confidence, value)]  # type: ignore[arg-type]


def _pair(text: str, glyphs: Sequence[Glyph], x0: int) -> list[Token]:
    match = PAIR.fullmatch(text)
    assert match is not None
    tokens = []
    for group in (1, 3):
        part = glyphs[match.start(group) : match.end(group)]
        x = x0 + (part[0].x + part[-1].x) / 2
        joined = match.group(2) if group == 3 else ""
        tokens.append(Token("number", match.group(group), x, min(g.confidence for g in part), int(match.group(group)), joined))
    return tokens


def _missing_colon(text: str, x: float, confidence: float) -> list[Token]:
    """`0448` is a clock whose colon was too faint; longer runs of digits are no score."""
    if len(text) == 4 and int(text[2:]) < 60:
        return [Token("clock", f"{text[:2]}:{text[2:]}", x, confidence / 2)]
    return []


def _joined(tokens: Sequence[Token], size: float) -> list[Token]:
    """Numbers around a lone separator become a pair: `2`, `-`, `1`."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind in ("clock", "number", "decimal", "period", "word"):
            before = tokens[index - 1] if index else None
            if token.kind == "number" and before is not None and before.text in "-–—:/" and len(kept) and kept[-1].kind == "number":
                token = Token("number", token.text, token.x, token.confidence, token.value, before.text)
            kept.append(token)
    return kept


def clock_seconds(text: str) -> float | None:
    """Seconds on a clock text: `12:34`, `90:00`, `9.58`; None if its seconds pass 59."""
    minutes, seconds = re.split(r"[:.']", text)
    return None if int(seconds) > 59 else int(minutes) * 60 + int(seconds)
