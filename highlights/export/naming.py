"""The mark `[goal@134.740]` that ties an entry in another program's file to an event, written wherever the program keeps text.

The mark consists of the event's kind and instant, so it does not depend on other events.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from highlights.records import Event
from highlights.spans import clock

_MARK = re.compile(r"\[([\w%.~-]*@\d+\.\d{3}(?:#\d+)?)\]")
_UNPRINTED = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not allowed in XML 1.0


def marks(events: Sequence[Event]) -> tuple[str, ...]:
    """A unique mark for each event."""
    seen: Counter[str] = Counter()
    names = []
    for event in events:
        name = f"{quote(event.name.encode(errors='replace'), safe='')}@{event.peak_s:.3f}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(names)


def marked(names: Iterable[str]) -> str:
    """Marks as written in a text."""
    return " ".join(f"[{name}]" for name in names)


def marks_in(text: str) -> tuple[str, ...]:
    """The marks in a text, each once.

    >>> marks_in("edited by Ann [goal@134.740] [save@140.200], see [1]")
    ('goal@134.740', 'save@140.200')
    """
    return tuple(dict.fromkeys(_MARK.findall(text)))


def printed(text: str) -> str:
    """The text without control characters and lone surrogates, which no text file may hold."""
    return _UNPRINTED.sub("", text)


def one_line(text: str) -> str:
    r"""The text on one line.

    >>> one_line(" Goal,\n\x07 0:1 ")
    'Goal, 0:1'
    """
    return " ".join(printed(text).split())


def instant(event: Event) -> str:
    """The instant of an event in words: `at 4:38`, or `about 4:38, between 3:59 and 4:58` if only the score tells."""
    if (doubt := event.doubt) is None:
        return f"at {clock(event.peak_s)}"
    return f"about {clock(event.peak_s)}, between {clock(doubt.start_s)} and {clock(doubt.end_s)}"


def percent(share: float) -> str:
    """A share of 1 in percent, never rounded up to certainty.

    >>> percent(0.964), percent(0.9991)
    ('96 %', '>99 %')
    """
    return ">99 %" if 0.995 <= share < 1 else f"{share * 100:.0f} %"
