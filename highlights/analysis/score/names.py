"""The names of the two sides: the words beside the two numbers of a score."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from itertools import dropwhile, takewhile

from highlights.analysis.score.slots import GraphicReading, Pair
from highlights.analysis.score.tokens import Token


def team_names(readings: Sequence[GraphicReading], pair: Pair) -> tuple[str, str]:
    """The most frequent name beside each of the two numbers, as read; empty where there is none."""
    home, away = Tally[str](), Tally[str]()
    for i in pair.common:
        home_row, away_row = readings[i].rows[pair.home.row].tokens, readings[i].rows[pair.away.row].tokens
        h, a = home_row.index(pair.home.tokens[i]), away_row.index(pair.away.tokens[i])
        if pair.home.row == pair.away.row:
            one, two = _names_in_a_row(home_row[:h], home_row[h + 1 : a], home_row[a + 1 :])
        else:
            one = _last_name(home_row[:h]) or _first_name(home_row[h + 1 :])
            two = _last_name(away_row[:a]) or _first_name(away_row[a + 1 :])
        home[one] += 1
        away[two] += 1
    return _most_frequent(home), _most_frequent(away)


def _names_in_a_row(before: Sequence[Token], between: Sequence[Token], after: Sequence[Token]) -> tuple[str, str]:
    """`ARS 2 1 CHE`, `ARS 2 CHE 1` or `2 ARS 1 CHE`."""
    left, right = _last_name(before), _first_name(after)
    if left:
        return left, _last_name(between) or right
    return _first_name(between), right


def _last_name(tokens: Sequence[Token]) -> str:
    return _name(list(_first_words(tokens[::-1]))[::-1])


def _first_name(tokens: Sequence[Token]) -> str:
    return _name(list(_first_words(tokens)))


def _first_words(tokens: Sequence[Token]) -> Iterator[Token]:
    """The first words in a row; a number attached to one is part of the name: `U21`."""
    named = dropwhile(lambda t: t.kind != "word" and not t.attached, tokens)
    return takewhile(lambda t: t.kind == "word" or t.attached, named)


def _name(tokens: Sequence[Token]) -> str:
    text = ""
    for token in tokens:
        if token.kind == "word":
            text += f" {token.text}"
        elif text:
            text += token.text
    return text.strip()


def _most_frequent(tally: Mapping[str, int]) -> str:
    named = {text: count for text, count in tally.items() if text}
    return max(named, key=lambda text: (named[text], text), default="")
