"""Text that is drawn: cleaned, in a font that has its letters, and fitted to a width.

Pillow's own font (a part of Aileron) serves plain text everywhere with the same pixels; for accents and other scripts the
fonts of the system are searched once. Where none helps, letters lose their accents; what has no picture at all is left out
instead of being drawn as empty boxes.
"""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont
from PIL.ImageDraw import ImageDraw

from highlights.errors import RenderError

Ink = tuple[int, int, int]

SMALLEST = 0.72
"""Text is set down to this part of its size before it is cut with an ellipsis."""

MOST_LINES = 3
MOST_LETTERS = 400
"""More than any picture has room for; measuring a longer text would only take time."""

_PLAIN = str.maketrans("‐‑‒–—―−×•∙⋅", "-------x···")
_NO_LETTER = "\uffff"  # never a character, so its picture is the font's "missing letter"
_TEXT_KINDS = ("L", "M", "N", "P", "Z", "Sc", "Sm")
_PREFERRED = ("NotoSans", "DejaVuSans", "Arial Unicode", "Arial", "PingFang", "Hiragino", "Segoe", "msyh", "malgun", "YuGoth")
_FONT_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}.get(sys.platform, ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, set to fit."""

    text: str
    font: ImageFont.FreeTypeFont
    outline_px: float

    @property
    def width_px(self) -> int:
        """Width of the text."""
        return round(self.font.getlength(self.text))

    @property
    def height_px(self) -> int:
        """Height from the highest accent to the lowest descender."""
        return sum(self.font.getmetrics())

    def draw(self, pen: ImageDraw, x: float, top: float, ink: Ink) -> None:
        """Draw the line with its upper left corner at (x, top)."""
        pen.text((x, top), self.text, font=self.font, fill=ink, stroke_width=self.outline_px, stroke_fill=ink)


def clean(text: str) -> str:
    """One line of visible text in its plain typographic form: no newlines, controls, direction marks or emoji.

    >>> clean("GOAL\\n 1–0 \\u202e\\x00🎉")
    'GOAL 1-0'
    """
    composed = unicodedata.normalize("NFC", text).translate(_PLAIN)
    kept = (" " if letter.isspace() else letter for letter in composed if letter.isspace() or _is_text(letter))
    return " ".join("".join(kept).split())[:MOST_LETTERS]


def _is_text(letter: str) -> bool:
    return unicodedata.category(letter).startswith(_TEXT_KINDS) or letter in "©°™^`"


def set_line(text: str, font_path: str | None, size_px: float, max_width_px: float) -> Line:
    """The text as it can be shown in `max_width_px`: smaller first, then cut with an ellipsis."""
    shown = _drawable(clean(text), font_path)
    font = _open_font(font_path, size_px)
    while font.getlength(shown) > max_width_px and font.size > SMALLEST * size_px:
        font = _open_font(font_path, font.size - 1)
    if font.getlength(shown) > max_width_px:
        shown = _cut(shown, font, max_width_px)
    # A hair of outline gives Pillow's own font, which is thin, the weight that letters on moving pictures need.
    return Line(shown, font, 0.0 if font_path else 0.026 * font.size)


def set_lines(text: str, font_path: str | None, size_px: float, max_width_px: float) -> list[Line]:
    """The text on one line if it fits, else smaller on up to three, broken between words."""
    line = set_line(text, font_path, size_px, max_width_px)
    return set_rows(text, font_path, SMALLEST * size_px, max_width_px, MOST_LINES) if line.text.endswith("…") else [line]


def set_rows(text: str, font_path: str | None, size_px: float, max_width_px: float, most: int) -> list[Line]:
    """The text broken between words on at most so many lines; what does not fit is left out after a word, with an ellipsis."""
    font = _open_font(font_path, size_px)
    rows = _rows(_drawable(clean(text), font_path).split(), font, max_width_px)
    shown = rows[:most]
    while len(rows) > most and font.getlength(shown[-1] + "…") > max_width_px and " " in shown[-1]:
        shown[-1] = shown[-1].rsplit(" ", 1)[0]
    if len(rows) > most:
        shown[-1] = shown[-1].rstrip(",;:–-") + "…"
    return [set_line(row, font_path, size_px, max_width_px) for row in shown]


def _rows(words: Sequence[str], font: ImageFont.FreeTypeFont, max_width_px: float) -> list[str]:
    """The words in rows that fit; one that is too long for any has a row of its own."""
    rows = [""]
    for word in words:
        longer = f"{rows[-1]} {word}".strip()
        if not rows[-1] or font.getlength(longer) <= max_width_px:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def _cut(text: str, font: ImageFont.FreeTypeFont, max_width_px: float) -> str:
    """The longest beginning of `text` that fits with an ellipsis after it."""
    fitting = bisect_right(range(len(text)), max_width_px, key=lambda length: font.getlength(text[:length] + "…")) - 1
    return text[: max(0, fitting)].rstrip() + "…"


def _drawable(text: str, path: str | None) -> str:
    """The text in letters that the font has: without their accents, or left out, where it lacks them."""
    lacking = _lacking(text, path)
    letters = ((unicodedata.normalize("NFKD", letter) if letter in lacking else letter) for letter in text)
    return " ".join("".join(part for part in "".join(letters) if part.isspace() or _has(path, part)).split())


@cache
def font_for(*texts: str) -> str | None:
    """The font file that shows most of the texts; None is Pillow's own, which is taken when it lacks nothing."""
    text = clean(" ".join(texts))
    best, fewest = None, len(_lacking(text, None))
    for path in _system_fonts() if fewest else ():
        lacking = len(_lacking(text, path))
        if lacking < fewest:
            best, fewest = path, lacking
        if not fewest:
            break
    return best


def _lacking(text: str, path: str | None) -> set[str]:
    """The letters of `text` that the font has no picture of."""
    return {letter for letter in set(text) if not letter.isspace() and not _has(path, letter)}


@cache
def _has(path: str | None, letter: str) -> bool:
    """Whether a font has a letter; one that cannot be opened has none."""
    try:
        font = _open_font(path, 20)
        return _picture(font, letter) != _picture(font, _NO_LETTER)
    except OSError:
        return False


def _picture(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


@cache
def _open_font(path: str | None, size_px: float) -> ImageFont.FreeTypeFont:
    """A font file, or Pillow's own for None, at a size in pixels."""
    if path is not None:
        return ImageFont.truetype(path, size_px)
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RenderError(
            "Pillow was built without FreeType and cannot draw titles: install its wheel from PyPI, or use no titles"
        )
    return font


@cache
def _system_fonts() -> tuple[str, ...]:
    """Font files of the system: well-known families of many scripts first, bold before regular, then by name."""
    return tuple(str(path) for path in sorted(_font_files(), key=_rank))


def _font_files() -> Iterator[Path]:
    for folder in _FONT_FOLDERS:
        for path in Path(folder).expanduser().rglob("*"):
            if path.suffix.lower() in (".ttf", ".ttc", ".otf") and path.stem != "LastResort":
                yield path


def _rank(path: Path) -> tuple[int, bool, str]:
    family = next((place for place, name in enumerate(_PREFERRED) if path.name.startswith(name)), len(_PREFERRED))
    upright_bold = "Bold" in path.stem and not any(slope in path.stem for slope in ("Oblique", "Italic"))
    return family, not upright_bold, str(path)
