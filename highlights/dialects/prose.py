"""Cleaning text: queries for a prompt, answers for one line. Every function takes linear time."""

from __future__ import annotations

import re

LINE_CHARS = 160  # about what fits a line of the report or a lower third
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
QUOTES = str.maketrans({'"': "'", "“": "'", "”": "'", "„": "'", "<": " ", ">": " "})
SENTENCE_END = re.compile(
    r"(?<=\w{3}[.!?]) (?=[A-Z])"
)  # three letters: neither `vs. Town` nor `No. 10` nor `J. Doe` ends there


def one_line(text: str) -> str:
    """The text on one line: without control characters, with single spaces.

    >>> one_line(" a player\\n  shoots ")
    'a player shoots'
    """
    return " ".join(CONTROL.sub(" ", text).split())


def quotable(words: str) -> str:
    """A query or noun for use in a prompt: one line, single quotes for double ones, no angle brackets, no full stop.

    Prompts put it in double quotes, and angle brackets could form a model's special tokens.

    >>> quotable('the referee shows a "red card".')
    "the referee shows a 'red card'"
    """
    return one_line(words.translate(QUOTES)).rstrip(" .")


def without_thoughts(answer: str) -> str:
    """The answer without the model's thoughts: `<think>…</think>`, a bare `<think>`, a stray `</think>`.

    >>> without_thoughts("<think>\\n\\nFrom 3 to 5."), without_thoughts("hm</think>From 3 to 5.")
    ('From 3 to 5.', 'From 3 to 5.')
    """
    thoughts, _, rest = answer.rpartition("</think>")
    if not rest.strip() and "<think>" not in thoughts:
        rest = thoughts.replace("</think>", " ")
    return rest.replace("<think>", " ").strip()


def sentences(text: str) -> list[str]:
    """The distinct sentences of one line of text: models at a loss repeat themselves.

    >>> sentences("A pitch. Two teams play. A pitch. A pitch.")
    ['A pitch.', 'Two teams play.']
    """
    return list(dict.fromkeys(SENTENCE_END.split(one_line(text))))


def short_line(text: str) -> str:
    """The first sentence, shortened with an ellipsis if it is too long."""
    line = sentences(text)[0]
    return line if len(line) <= LINE_CHARS else line[: LINE_CHARS - 1].rsplit(" ", 1)[0] + "…"
