"""Drawn text: cleaned, in a font that has its characters, and fitted to a width.

Pillow's own font (a part of Aileron) draws plain text with the same pixels on every machine; for accents and other alphabets
one system font is used for the whole plate. Characters it lacks, of scripts such as Arabic or Han, are set in a font of their
own script, run by run:

    Goal · 孫興慜 · 12:34          ├ base ┤├ Han ┤├ base ┤
    هدف · Salah                    ├ base ┤├── Arabic ──┤      right to left, by its first letter

If no font has a letter, it loses its accents; what cannot be drawn at all is left out, not drawn as an empty box.
"""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont, features
from PIL.ImageDraw import ImageDraw

from highlights.errors import RenderError

Ink = tuple[int, int, int]

SMALLEST = 0.72
"""Text shrinks to this share of its size before it is cut with an ellipsis."""

MOST_LINES = 3
MOST_LETTERS = 400
"""More characters than any frame has room for; measuring longer text would waste time."""

_PLAIN = str.maketrans("‐‑‒–—―−×•∙⋅", "-------x···")
_NO_LETTER = "\uffff"  # not a character, so fonts draw their "missing glyph" for it
_TEXT_KINDS = ("L", "M", "N", "P", "Z", "Sc", "Sm")
_PREFERRED = (
    "NotoSans-",
    "DejaVuSans",
    "NotoSans",
    "Arial Unicode",
    "Arial",
    "PingFang",
    "Hiragino",
    "Segoe",
    "msyh",
    "malgun",
    "YuGoth",
)
_ALPHABETS = ("LATIN", "GREEK", "CYRILLIC", "COMBINING")
"""These alphabets share one font, because words in two fonts look broken; other scripts have their own fonts."""
_HAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH")
_COLLECTED = ("JP", "KR", "SC")
"""Order of the fonts in a Noto CJK collection."""
_JOINERS = "\u200c\u200d"
_FONT_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}.get(sys.platform, ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"))


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive letters in one font."""

    text: str
    font: ImageFont.FreeTypeFont
    direction: Literal["ltr", "rtl"] | None

    @property
    def width_px(self) -> float:
        """Width of the shaped letters."""
        return self.font.getlength(self.text, direction=self.direction)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, fitted; its runs from left to right."""

    text: str
    font: ImageFont.FreeTypeFont
    outline_px: float
    runs: tuple[Run, ...]
    right_to_left: bool = False

    @property
    def width_px(self) -> int:
        """Width of the text."""
        return round(sum(run.width_px for run in self.runs))

    @property
    def height_px(self) -> int:
        """Height from the highest accent to the lowest descender."""
        return self._ascent_px + max(font.getmetrics()[1] for font in self._fonts)

    @property
    def _fonts(self) -> list[ImageFont.FreeTypeFont]:
        return [self.font, *(run.font for run in self.runs)]

    @property
    def _ascent_px(self) -> int:
        return max(font.getmetrics()[0] for font in self._fonts)

    def draw(self, pen: ImageDraw, x: float, top: float, ink: Ink) -> None:
        """Draw the line with its upper left corner at (x, top)."""
        for run in self.runs:
            outline_px = self.outline_px if run.font is self.font else 0.0
            pen.text(
                *((x, top + self._ascent_px), run.text),
                font=run.font,
                anchor="ls",
                direction=run.direction,
                fill=ink,
                stroke_width=outline_px,
                stroke_fill=ink,
            )
            x += run.width_px


def clean(text: str) -> str:
    """One line of visible text: no newlines, controls, direction marks or emoji.

    >>> clean("GOAL\\n 1–0 \\u202e\\x00🎉")
    'GOAL 1-0'
    """
    composed = unicodedata.normalize("NFC", text[: 4 * MOST_LETTERS]).translate(_PLAIN)
    kept = [" " if letter.isspace() else letter for letter in composed if letter.isspace() or _is_text(letter)]
    return " ".join("".join(kept).split()).strip(_JOINERS)[:MOST_LETTERS]


def _is_text(letter: str) -> bool:
    return unicodedata.category(letter).startswith(_TEXT_KINDS) or letter in "©°™^`" or letter in _JOINERS


def set_line(text: str, font_path: str | None, size_px: float, max_width_px: float) -> Line:
    """The text fitted into `max_width_px`: smaller first, then cut with an ellipsis."""
    shown = _drawable(clean(text), font_path)
    line = _set(shown, font_path, size_px)
    while line.width_px > max_width_px and line.font.size > SMALLEST * size_px:
        line = _set(shown, font_path, line.font.size - 1)
    return _cut(line, font_path, max_width_px) if line.width_px > max_width_px else line


def _set(text: str, base: str | None, size_px: float) -> Line:
    """The text in one size, in runs of one font each."""
    right_to_left = _is_right_to_left(text)
    base = base or (_turning_face() if right_to_left else None)
    font = _open_font(base, size_px)
    runs = [_run(face, letters, size_px, right_to_left) for face, letters in _faces(text, base, right_to_left)]
    # Pillow's own font is thin: a slight outline makes it readable on moving pictures.
    outline_px = 0.0 if base else 0.026 * font.size
    return Line(text, font, outline_px, tuple(reversed(runs) if right_to_left else runs), right_to_left)


def _run(face: str | None, letters: str, size_px: float, right_to_left: bool) -> Run:
    """Letters in one font; Pillow's own font takes no text direction."""
    direction: Literal["ltr", "rtl"] | None = ("rtl" if right_to_left else "ltr") if face and _can_shape() else None
    return Run(letters, _open_font(face, size_px), direction)


@cache
def _turning_face() -> str | None:
    """A font for the other characters of a right-to-left line: one whose brackets and spaces can be mirrored."""
    return next((face for face in _system_fonts() if _has(face, "A") and _has(face, "(")), None)


def _is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is right-to-left."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((way for way in strong if way in ("L", "R", "AL")), "L") != "L"


def _faces(text: str, base: str | None, right_to_left: bool) -> list[tuple[str | None, str]]:
    """The text split where its font changes."""
    runs: list[tuple[str | None, str]] = []
    region = _region(text)
    for letter in text:
        now = runs[-1][0] if runs else base
        face = now if _goes_along(now, letter, right_to_left) else base if _has(base, letter) else _face(letter, region)
        if runs and face == now:
            runs[-1] = (now, runs[-1][1] + letter)
        else:
            runs.append((face, letter))
    return runs


def _goes_along(face: str | None, letter: str, right_to_left: bool) -> bool:
    """Whether a letter is set in the font of those before it: spaces, joiners, marks; right-to-left also digits and points."""
    kind = unicodedata.category(letter)[0]
    return letter.isspace() or letter in _JOINERS or ((kind == "M" or (right_to_left and kind != "L")) and _has(face, letter))


def set_lines(text: str, font_path: str | None, size_px: float, max_width_px: float) -> list[Line]:
    """The text on one line if it fits, else smaller on up to three lines, broken between words."""
    line = set_line(text, font_path, size_px, max_width_px)
    return set_rows(text, font_path, SMALLEST * size_px, max_width_px, MOST_LINES) if line.text.endswith("…") else [line]


def set_rows(text: str, font_path: str | None, size_px: float, max_width_px: float, most: int) -> list[Line]:
    """The text on at most `most` lines, broken between words; what does not fit is cut after a word, with an ellipsis."""

    def width_px(row: str) -> int:
        return _set(row, font_path, size_px).width_px

    rows = _rows(_words(_drawable(clean(text), font_path)), width_px, max_width_px)
    shown = rows[:most]
    while len(rows) > most and width_px(shown[-1] + "…") > max_width_px and " " in shown[-1]:
        shown[-1] = shown[-1].rsplit(" ", 1)[0]
    if len(rows) > most:
        shown[-1] = shown[-1].rstrip(",;:–-") + "…"
    return [set_line(row, font_path, size_px, max_width_px) for row in shown]


def _words(text: str) -> list[str]:
    """The units between which a line may be broken, each with the space before it; Han is written without spaces."""
    words: list[str] = []
    for letter in text:
        new = letter.isspace() or (words and _script(letter) == "CJK" and unicodedata.category(letter) == "Lo")
        if new or not words:
            words.append(letter)
        else:
            words[-1] += letter
    return words


def _rows(words: Sequence[str], width_px: Callable[[str], int], max_width_px: float) -> list[str]:
    """The words in rows that fit; a word that is too long gets its own row."""
    rows = [""]
    for word in words:
        if not rows[-1] or width_px(rows[-1] + word) <= max_width_px:
            rows[-1] = (rows[-1] + word).lstrip()
        else:
            rows.append(word.lstrip())
    return rows


def _cut(line: Line, base: str | None, max_width_px: float) -> Line:
    """The longest beginning of a line that fits with an ellipsis after it."""

    def beginning(length: int) -> Line:
        return _set(line.text[:length].rstrip() + "…", base, line.font.size)

    fitting = bisect_right(range(len(line.text)), max_width_px, key=lambda length: beginning(length).width_px) - 1
    return beginning(max(0, fitting))


def _drawable(text: str, base: str | None) -> str:
    """The text in characters that a font has: others lose their accents or are left out."""
    region = _region(text)
    letters = (letter if _is_drawn(letter, base, region) else unicodedata.normalize("NFKD", letter) for letter in text)
    return " ".join("".join(part for part in "".join(letters) if _is_drawn(part, base, region)).split())


def _is_drawn(letter: str, base: str | None, region: str) -> bool:
    return letter.isspace() or letter in _JOINERS or _has(base, letter) or _face(letter, region) is not None


def unknown_letters(text: str) -> str:
    """The characters of a text that no font on this machine has, in order; they would be left out."""
    letters = dict.fromkeys(letter for letter in text if not letter.isspace() and clean(letter))
    base = font_for("".join(letters))
    return "".join(letter for letter in letters if not _drawable(letter, base))


def _script(letter: str) -> str:
    """The script of a letter, by its Unicode name; `CJK` for all scripts written together with Han."""
    name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return "CJK" if name in _HAN else name


def _region(text: str) -> str:
    """The regional forms of Han for a text: Japanese beside kana, Korean beside hangul, else simplified Chinese."""
    names = {unicodedata.name(letter, "").split(" ")[0] for letter in text if not letter.isascii()}
    return "JP" if names & {"HIRAGANA", "KATAKANA"} else "KR" if "HANGUL" in names else "SC"


@cache
def _face(letter: str, region: str) -> str | None:
    """The font for a letter that the alphabets' font lacks, or None."""
    script = _script(letter)
    if script in _ALPHABETS or (unicodedata.bidirectional(letter) in ("R", "AL") and not _can_shape()):
        return None
    faces = (f"{path}#{_COLLECTED.index(region)}" if "CJK-" in path else path for path in _fonts_for(script))
    return next((face for face in faces if _has(face, letter)), None)


@cache
def _fonts_for(script: str) -> tuple[str, ...]:
    """System font files, those named after a script first."""
    name = script if script == "CJK" else script.title()
    return tuple(sorted(_system_fonts(), key=lambda path: (f"/NotoSans{name}-" not in path, name not in path)))


@cache
def _can_shape() -> bool:
    """Whether Pillow can shape right-to-left text with joined letters, as Arabic needs."""
    return bool(features.check("raqm"))


@cache
def font_for(*texts: str) -> str | None:
    """The font file that covers most of the texts' alphabets; None is Pillow's own, used if it lacks nothing."""
    text = "".join(letter for letter in clean(" ".join(texts)) if letter.isascii() or _script(letter) in _ALPHABETS)
    best, fewest = None, len(_lacking(text, None))
    for path in _system_fonts() if fewest else ():
        lacking = len(_lacking(text, path))
        if lacking < fewest:
            best, fewest = path, lacking
        if not fewest:
            break
    return best


def _lacking(text: str, path: str | None) -> set[str]:
    """The letters of `text` that the font lacks."""
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
    """A font file, or Pillow's own font for None, at a size in pixels."""
    if path is not None:
        file, _, index = path.rpartition("#") if path[-2:-1] == "#" else (path, "", 0)
        return ImageFont.truetype(file, size_px, index=int(index))
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RenderError(
            "Pillow was built without FreeType and cannot draw titles: install its wheel from PyPI, or use no titles"
        )
    return font


@cache
def _system_fonts() -> tuple[str, ...]:
    """System font files: well-known families with many scripts first, bold before regular, then by name."""
    return tuple(str(path) for path in sorted(_font_files(), key=_rank))


def _font_files() -> Iterator[Path]:
    for folder in _FONT_FOLDERS:
        for path in Path(folder).expanduser().rglob("*"):
            if path.suffix.lower() in (".ttf", ".ttc", ".otf") and path.stem != "LastResort":
                yield path


def _rank(path: Path) -> tuple[int, bool, str]:
    family = next((place for place, name in enumerate(_PREFERRED) if path.name.startswith(name)), len(_PREFERRED))
    upright_bold = path.stem.endswith("Bold") and not path.stem.endswith(("SemiBold", "DemiBold", "ExtraBold"))
    return family, not upright_bold, str(path)
