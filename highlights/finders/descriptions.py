"""Which events a model's description of a window tells of: lines with the words of one of the phrases that a profile gives.

described_as   scores a goal; back of the net
12:03–12:07    "A player in red scores a goal from the left."       goal
12:09–12:11    "The goalkeeper fails to stop him from scoring."     nothing: it says what did not happen

The words must be in the order of the phrase, and may have others between them. They are compared by their stems, in
English: these models describe in no other language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from highlights.dialects.caption import CaptionEvent
from highlights.profile import EventRule

WORD = re.compile(r"[^\W_]+")
STOP_WORDS = frozenset(
    re.findall(r"\w+", "a an the of to in into on at by with and or is are was be as it its his her their from for")
)
DENIALS = frozenset(
    re.findall(
        r"\w+",
        """not no never nearly almost narrowly misses missed missing fails failed failing without instead before prevents
        attempt attempts attempting tries trying""",
    )
)
"""A line with one of these may say what did not happen, so it tells of an event only if the phrase has the word too."""


def told(lines: Iterable[CaptionEvent], rules: Sequence[EventRule]) -> Mapping[str, tuple[CaptionEvent, ...]]:
    """The lines that tell of each kind of event, by its name; one line may tell of several."""
    found: dict[str, list[CaptionEvent]] = {rule.name: [] for rule in rules}
    for line in lines:
        words = _words(line.description)
        for rule in rules:
            if any(_tells(words, phrase) for phrase in _phrases(rule)):
                found[rule.name].append(line)
    return {name: tuple(some) for name, some in found.items()}


def _tells(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether the phrase is in a line of these words, and nothing in it says that it did not happen."""
    rest = iter(words)
    return all(word in rest for word in phrase) and DENIALS.intersection(words) <= set(phrase)


@lru_cache(maxsize=1024)
def _phrases(rule: EventRule) -> tuple[tuple[str, ...], ...]:
    """The words of each phrase for an event: those for descriptions, and its queries."""
    return tuple(filter(None, (_words(phrase) for phrase in (*rule.described_as, *rule.queries))))


def _words(text: str) -> tuple[str, ...]:
    """The words that matter, in their order: denials as they are, the stems of the others."""
    words = (word for word in WORD.findall(text.casefold()) if word not in STOP_WORDS)
    return tuple(word if word in DENIALS else _stem(word) for word in words)


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    return _stemmer().stemWord(word)  # type: ignore[no-any-return]


@cache
def _stemmer():  # type: ignore[no-untyped-def]
    import snowballstemmer

    return snowballstemmer.stemmer("english")
