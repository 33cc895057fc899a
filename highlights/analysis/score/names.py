"""The names of the two sides: the words beside, or above, the two numbers of a score."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from statistics import fmean

from highlights.analysis.score.pairs import NamePlace, Pair, index_at, name_places
from highlights.analysis.score.slots import GraphicReading
from highlights.analysis.score.tokens import SURE, TextRow, Token

WORD_GAP = 1.4  # heights of its capitals between two words of one name, located roughly; a channel's logo stands further away
ATTACHED_GAP = 0.5  # ... of a number: `U21`, but not the seed in `ALCARAZ (3)`
SMALLER = 0.75  # a word smaller than this share of the tallest is a country code or a label: `Djokovic SRB`
SURE_NAME = 0.8  # average confidence from which a name is sure: letters are mistaken more often than digits
ALWAYS = 0.8  # share of the readings from which a name of less confidence is sure too
CAPITALS = 0.5  # of a row's height: how tall its capitals are where they were not measured


def team_names(readings: Sequence[GraphicReading], pair: Pair) -> tuple[str, str]:
    """The most frequent name beside each of the two numbers, as read; empty where there is none that is sure."""
    home: list[tuple[str, float]] = []
    away: list[tuple[str, float]] = []
    for i in pair.common:
        rows = readings[i].rows
        h = index_at(rows[pair.home.row].tokens, pair.home.tokens[i].x)
        a = index_at(rows[pair.away.row].tokens, pair.away.tokens[i].x)
        one, two = name_places(readings[i], (pair.home.row, h), (pair.away.row, a))
        home.append(full_name(rows, one))
        away.append(full_name(rows, two))
    return sure_name(home), sure_name(away)


def sure_name(read: Sequence[tuple[str, float]]) -> str:
    """The most frequent of the names, if it was read with confidence, or nearly always, in capitals or not."""
    named = [(text, confidence) for text, confidence in read if text]
    if not named:
        return ""
    tally = Tally(text.casefold() for text, _ in named)
    most = max(tally, key=lambda text: (tally[text], text))
    same = [(text, confidence) for text, confidence in named if text.casefold() == most]
    spelled = Tally(text for text, _ in same)
    name = max(spelled, key=lambda text: (spelled[text], text))
    sure = fmean(confidence for _, confidence in same) >= SURE_NAME or len(same) >= ALWAYS * len(read)
    return name if sure else ""


def full_name(rows: Sequence[TextRow], place: NamePlace | None) -> tuple[str, float]:
    """All words of a name, from the one nearest to its number on, and the confidence of the least certain.

    A number attached to a word is part of the name: `U21`.
    """
    if place is None:
        return "", 0.0
    tokens, first, last = rows[place.row].tokens, place.index, place.index
    capitals_px = tokens[place.index].height or CAPITALS * rows[place.row].size
    while place.way <= 0 and first > 0 and _continues(tokens[first - 1], tokens[first], capitals_px):
        first -= 1
    while last + 1 < len(tokens) and _continues(tokens[last], tokens[last + 1], capitals_px):
        if place.way < 0 and tokens[last + 1].kind == "word":
            break
        last += 1
    return _name(tokens[first : last + 1])


def _continues(left: Token, right: Token, capitals_px: float) -> bool:
    """Whether two neighbouring tokens are parts of one name."""
    if not all(t.kind == "word" or t.attached for t in (left, right)):
        return False
    if min(left.confidence, right.confidence) < SURE and left.kind == right.kind:
        return False  # a logo, whose letters no recogniser has learned
    close = "word" not in (left.kind, right.kind) or left.attached or right.attached
    if not close and min(len(left.text), len(right.text)) == 1:
        return False  # the P of a club's badge
    gap = ATTACHED_GAP if close else WORD_GAP
    return right.x0 - left.x1 <= gap * capitals_px


def _name(tokens: Sequence[Token]) -> tuple[str, float]:
    tallest = max(t.height for t in tokens)
    text, confidence = "", 1.0
    for token in tokens:
        if token.kind != "word":
            text += token.text if text else ""
        elif not token.height or token.height >= SMALLER * tallest:
            text += f" {token.text}"
            confidence = min(confidence, token.confidence)
    return text.strip(), confidence
