"""The characters of a row → tokens, each with a kind and a position. Pure text: no pixels, no history.

Kinds: `clock` (12:34), `number`, `decimal` (15.2 overs), `period` (2ND, Q3, HT), `word`, and `label`, a word
that a profile says counts something else. The second number of a pair (2-1, 2:1,
128/3) carries its separator. What a number *means* is not decided here: that takes the whole match (`slots.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

from highlights.analysis.score.ocr import Glyph
from highlights.records import Box

TokenKind = Literal["clock", "number", "decimal", "period", "word", "label"]


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number: its middle `x` in pixels, and the confidence of its least certain character.

    It reaches from `x0` to `x1`; `height` is that of its ink, of a word that of its first letters (0: not measured). `joined`
    is the separator between this number and the one before it (`-`, `:`, `/`, `|`) if they are written as a pair; `attached`
    marks a number that touches a word or a sign: `U21`, `#4`, `(34)`, `39'`.
    """

    kind: TokenKind
    text: str
    x: float
    confidence: float
    value: int = 0
    joined: str = ""
    attached: bool = False
    x0: float = 0.0
    x1: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row of the graphic: tokens left to right; its middle `y` and `size` (height) in pixels."""

    tokens: tuple[Token, ...]
    y: float
    size: float

    @property
    def text(self) -> str:
        """The row as a line of text."""
        return " ".join(t.joined + t.text for t in self.tokens)


# Confidences. Of the 97 designs in `benchmarks/scoreboard_designs.py`, 10 more fail if SURE is 0.7, and 2 if LEGIBLE is 0.5.
SURE = 0.5  # from here a token counts by itself: most below come from the picture while the graphic is hidden
LEGIBLE = 0.3  # below this it is noise; a lone 0, which may be an O, often has no more
DASH = "-–—"
SEPARATOR = rf"[{DASH}:/]"
BAR = "|"
"""What a bar between two numbers is read as here; a `|` that is as tall as the digits is a 1."""
ORDINAL = r"[1-9](?:ST|ND|RD|TH)"
PERIOD = re.compile(
    rf"(?:{ORDINAL}|[1-5][QHPT]|[QPHT][1-5]|HT|FT|OT|ET|HALF|HALFTIME|FULLTIME|FINAL|TOP|BOT|MID|END)", re.IGNORECASE
)
PIECE = re.compile(
    rf"(?P<period>(?<![^\W_])(?:{ORDINAL}|[1-5][QHPT]|[QPHT][1-5])(?![^\W_]))|"
    r"(?P<clock>(?<!\d)\d{1,3}[:'.]\d{2}(?!\d))|(?P<decimal>(?<!\d)\d{1,3}\.\d(?!\d))|"
    rf"(?P<pair>(?<!\d)\d{{1,3}}{SEPARATOR}\d{{1,3}}(?!\d))|(?P<number>\d+)|(?P<word>[^\W\d_]\.[^\W\d_]{{2,}}|[^\W\d_]+)|(?P<sep>{SEPARATOR}|\{BAR})",
    re.IGNORECASE,
)
LOOKALIKES = str.maketrans("OoIl|", "00111")
"""Letters that the recogniser sometimes returns for digits; replaced only where no other character is a letter."""
NUMERIC_WORD = re.compile(rf"[\dOoIl|]+(?:[{DASH}:/.][\dOoIl|]+)*")
ZEROS = re.compile(rf"[Oo]{{1,2}}(?:{SEPARATOR}[Oo]{{1,2}})?")
BAR_HEIGHT = 1.2  # times the height of the digits on both sides: a bar, not a 1
TIGHT = 1.3  # times the median spacing of the characters: a digit this close to a letter is part of the word
LOW_LETTERS, X_HEIGHT = "acemnorsuvwxz", 0.75
"""Letters that are only a share as tall as a capital."""
MARKS = "#(+&@"
MINUTE = "'’′"
"""What follows the minute of play: 39'."""


def row_of(glyphs: Sequence[Glyph], box: Box) -> TextRow:
    """One row of tokens from the characters read in `box`."""
    tokens: list[Token] = []
    separator = ""
    for word in _words(_without_bars(glyphs)):
        if "".join(g.char for g in word).startswith("&") and tokens and tokens[-1].kind == "period":
            tokens[-1] = replace(tokens[-1], kind="word")  # `3RD & 7` is a down, not a quarter
        for piece in _pieces(word, box.x0):
            if isinstance(piece, str):
                separator = piece
                continue
            if separator and piece.kind == "number" and tokens and tokens[-1].kind == "number":
                piece = replace(piece, joined=separator)
            tokens.append(piece)
            separator = ""
    return TextRow(tuple(tokens), (box.y0 + box.y1) / 2, box.y1 - box.y0)


def join_cells(cells: Iterable[TextRow]) -> tuple[TextRow, ...]:
    """Whole rows of what was read cell by cell: cells of one row have exactly the same height and `y`."""
    rows: dict[tuple[float, float], TextRow] = {}
    for cell in cells:
        row = rows.get((cell.y, cell.size))
        tokens = cell.tokens if row is None else tuple(sorted((*row.tokens, *cell.tokens), key=lambda t: t.x))
        rows[cell.y, cell.size] = TextRow(tokens, cell.y, cell.size)
    return tuple(rows.values())


def counts_something(rows: Iterable[TextRow]) -> bool:
    """Whether this could be a score graphic: a clock, a decimal, or two numbers."""
    tokens = [t for row in rows for t in row.tokens if t.confidence >= LEGIBLE and not t.attached]
    return any(t.kind in ("clock", "decimal") for t in tokens) or sum(t.kind == "number" for t in tokens) >= 2


def clock_seconds(text: str) -> float | None:
    """Seconds on a clock text: `12:34`, `90:00`, `9.58`, and `45.3` with tenths; None if its seconds pass 59."""
    minutes, seconds = re.split(r"[:.']", text)
    if len(seconds) == 1:
        return float(text) if int(minutes) < 60 else None
    return None if int(seconds) > 59 else int(minutes) * 60 + int(seconds)


def _without_bars(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """The characters with every bar between two numbers, `2|1`, as a word of its own, whatever it was read as."""
    written = [g for g in glyphs if not g.char.isspace()]
    bars = {id(bar) for left, bar, right in zip(written, written[1:], written[2:], strict=False) if _is_bar(left, bar, right)}
    split: list[Glyph] = []
    for glyph in glyphs:
        space = Glyph(" ", glyph.x, 1.0)
        split += [space, replace(glyph, char=BAR), space] if id(glyph) in bars else [glyph]
    return split


def _is_bar(left: Glyph, bar: Glyph, right: Glyph) -> bool:
    """Whether what may have been read as a 1 between two digits is taller than both."""
    digits = all((g.char.isdigit() or g.char in "Oo") and g.height > 0 for g in (left, right))
    return digits and bar.char in "1Il|" and bar.height > BAR_HEIGHT * max(left.height, right.height)


def _words(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    words: list[list[Glyph]] = [[]]
    for glyph in glyphs:
        if glyph.char.isspace():
            words.append([])
        else:
            words[-1].append(glyph)
    return [w for w in words if w]


def _pieces(word: Sequence[Glyph], x0: int) -> list[Token | str]:
    """The tokens of one word; a separator on its own as a plain string."""
    text = "".join(g.char for g in word)
    if NUMERIC_WORD.fullmatch(text) and (any(c.isdigit() for c in text) or ZEROS.fullmatch(text)):
        text = text.translate(LOOKALIKES)
    pieces: list[Token | str] = []
    for match in PIECE.finditer(text):
        if match.lastgroup == "sep":
            pieces.append(match.group())
        elif match.lastgroup == "pair":
            pieces += _pair(match, word, x0)
        else:
            pieces += _single(match, word, x0)
    return pieces


def _single(match: re.Match[str], word: Sequence[Glyph], x0: int) -> list[Token]:
    kind, text, glyphs = match.lastgroup, match.group(), word[match.start() : match.end()]
    x = x0 + (glyphs[0].x + glyphs[-1].x) / 2
    confidence = min(g.confidence for g in glyphs)
    if kind == "number":
        return [_placed(t, glyphs, x0) for t in _number(text, x, confidence, _attached(match, word))]
    if kind == "period" and word[match.end() : match.end() + 1] and word[match.end()].char == "&":
        kind = "word"  # `2ND&6` is a down, not a quarter
    elif kind == "word" and PERIOD.fullmatch(text):
        kind = "period"
    return [_placed(Token(kind, text, x, confidence), glyphs, x0)]  # type: ignore[arg-type]


def _placed(token: Token, glyphs: Sequence[Glyph], x0: int) -> Token:
    """The token with its extent; where its ink was not measured, half the spacing of its characters on either side."""
    half = median(b.x - a.x for a, b in pairwise(glyphs)) / 2 if len(glyphs) > 1 else 0.0
    first, last = glyphs[0], glyphs[-1]
    inked = token.kind != "word" or len(glyphs) == 1  # of a word only the first letters were measured
    left = x0 + (first.x0 if inked and first.height else first.x - half)
    right = x0 + (last.x1 if inked and last.height else last.x + half)
    return replace(
        token,
        x=(left + right) / 2 if inked and first.height and last.height else token.x,
        x0=left,
        x1=right,
        height=max(g.height / (X_HEIGHT if g.char in LOW_LETTERS else 1.0) for g in glyphs),
    )


def _number(text: str, x: float, confidence: float, attached: bool) -> list[Token]:
    """A number, or `0448` as a clock whose colon was too faint to be read; longer runs of digits are not a score."""
    if len(text) <= 3:
        return [Token("number", text, x, confidence, int(text), attached=attached)]
    if len(text) == 4 and int(text[2:]) < 60:
        return [Token("clock", f"{text[:2]}:{text[2:]}", x, confidence / 2)]
    return []


def _pair(match: re.Match[str], word: Sequence[Glyph], x0: int) -> list[Token]:
    tokens: list[Token] = []
    at = match.start()
    separator = next(c for c in match.group() if not c.isdigit())
    for text in match.group().split(separator):
        part = word[at : at + len(text)]
        x = x0 + (part[0].x + part[-1].x) / 2
        joined = separator if tokens else ""
        token = Token("number", text, x, min(g.confidence for g in part), int(text), joined)
        tokens.append(_placed(token, part, x0))
        at += len(text) + 1
    return tokens


def _attached(match: re.Match[str], word: Sequence[Glyph]) -> bool:
    """Whether a number is as close to a letter as letters are to each other, or follows a mark."""
    before = word[match.start() - 1] if match.start() else None
    after = word[match.end()] if match.end() < len(word) else None
    if (before and before.char in MARKS) or (after and after.char in MINUTE):
        return True
    tight_px = TIGHT * median(b.x - a.x for a, b in pairwise(word)) if len(word) > 1 else 0.0
    return bool(
        (before and before.char.isalpha() and word[match.start()].x - before.x <= tight_px)
        or (after and after.char.isalpha() and after.x - word[match.end() - 1].x <= tight_px)
    )
