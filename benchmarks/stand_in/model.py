"""A model that misbehaves like the real ones: it knows the truth and still names a span in every window.

    window              ├──────────────────────────────┤
    with the event              ├───┤                      a span near it: R1@0.3 70, R1@0.5 56, R1@0.7 33, mIoU 50
    with a look-alike                  ├────┤              a span near the look-alike, in every window that contains it
    with nothing        ├─┤   or   ├─────────────────┤     any span, equally confident: random, at an edge, overlong, malformed
    yes or no?                                             wrong in 15 of 100 cases either way
    what happens?               <11.0 - 15.0> He shoots.   one event in seven left out, a look-alike in seven told as one; times
                                                           as inexact as above; two to five other lines

It needs no frames, only the window's span and the question. The same seed, window and question give the same answer.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.stand_in.captions import LINES, OTHERS
from benchmarks.stand_in.match import Incident
from highlights.backends.backend import Answer, Token
from highlights.dialects.caption import Caption, CaptionEvent, compose_caption
from highlights.dialects.dialect import Dialect, Question
from highlights.finders.evidence import log_odds
from highlights.media.footage.reader import Footage
from highlights.profile import Profile
from highlights.records import Window
from highlights.spans import Span

WRONG = 0.15  # share of yes/no answers, and of descriptions, that are wrong
IN_IT = 0.5  # share of an incident that a window must show to contain it
# Accuracy of spans: probability, and range of IoU. Source: TimeLens-Bench, models of 2 to 8 billion parameters.
SPREAD = ((0.18, 0.0, 0.0), (0.12, 0.05, 0.3), (0.14, 0.3, 0.5), (0.23, 0.5, 0.7), (0.33, 0.7, 1.0))
MALFORMED = 0.05  # share of the answers about an event or look-alike


Check = Literal["works", "flipped", "noisy", "silent"]


@dataclass(slots=True)
class StandIn:
    """A backend that answers from the truth, with errors.

    `check`: `works`; `flipped` says no for yes; `noisy` knows nothing; `silent` says neither word. `shift` is added to its
    log-odds of yes: a model that was not trained on yes and no leans to one of them. `errors`: `each` window is judged wrongly
    by independent chance, or the error is `tied` to the incident and recurs in every window.
    """

    profile: Profile
    dialect: Dialect
    true: Sequence[Incident]
    alike: Sequence[Incident] = ()
    seed: int = 0
    wrong: float = WRONG
    errors: Literal["each", "tied"] = "each"
    check: Check = "works"
    shift: float = 0.0
    name: str = "a stand-in"
    decodes_on: Literal["cpu", "cuda"] = "cpu"
    at_once: int = 1
    asked: list[Window] = field(default_factory=list)
    _shown: dict[tuple[Span, str], tuple[list[Incident], list[Incident]]] = field(default_factory=dict)
    identity: str = field(init=False)
    _finds: dict[str, str] = field(init=False)
    _checks: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.identity = f"stand-in {self.seed}"
        rules = self.profile.events
        self._finds = {self.dialect.find_question(rule, query).text: rule.name for rule in rules for query in rule.queries}
        self._checks = {self.dialect.check_question(rule).text: rule.name for rule in rules}

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        self.asked.append(footage.window)
        return [self._answer(footage.window, question) for question in questions]

    def close(self) -> None:
        pass

    def _answer(self, window: Window, question: Question) -> Answer:
        chance = random.Random(f"{self.seed} {window.span} {question.text}")
        if question == self.dialect.caption():
            return Answer(self._caption(window, chance))
        if question.text in self._checks:
            return self._yes_no(self._checks[question.text], window, question, chance)
        return self._find(self._finds[question.text], window, chance)

    def _in(self, window: Window, kind: str) -> tuple[list[Incident], list[Incident]]:
        """The true events of a kind in a window, and the look-alikes."""
        key = window.span, kind
        if key not in self._shown:
            self._shown[key] = _in(window, kind, self.true), _in(window, kind, self.alike)
        return self._shown[key]

    def _yes_no(self, kind: str, window: Window, question: Question, chance: random.Random) -> Answer:
        true, alike = self._in(window, kind)
        shown, happens = [*true, *alike], bool(true)
        erring = random.Random(f"{self.seed} {shown[0].span} {question.text}") if self.errors == "tied" and shown else chance
        says = happens != (erring.random() < self.wrong)
        sure = 1 / (1 + math.exp(-chance.uniform(0.5, 4)))  # independent of whether it is right
        if self.check == "silent":
            return Answer("A player in a blue shirt")
        says = says != (self.check == "flipped") if self.check != "noisy" else chance.random() < 0.5
        odds = log_odds(sure if says else 1 - sure) + self.shift
        yes = 1 / (1 + math.exp(-odds))
        return Answer("Yes" if yes >= 0.5 else "No", (), False, yes)

    def _caption(self, window: Window, chance: random.Random) -> str:
        """What happens in the window: lines about its incidents and other lines, in order of time."""
        told: list[CaptionEvent] = []
        for kind in {rule.name: rule for rule in self.profile.events}:
            for happens, incidents in zip((True, False), self._in(window, kind), strict=True):
                for incident in incidents:
                    erring = self._chance_of(incident, kind, chance)
                    if happens != (erring < self.wrong) and kind in LINES:
                        told.append(_told(incident.span, chance.choice(LINES[kind]), window, chance))
        for _ in range(chance.randint(2, 5)):
            start_s = chance.uniform(window.span.start_s, window.span.end_s - 2)
            told.append(_told(Span(start_s, start_s + chance.uniform(1, 6)), chance.choice(OTHERS), window, chance))
        told.sort(key=lambda event: event.span)
        return compose_caption(Caption("A soccer match in a stadium.", tuple(told)))

    def _chance_of(self, incident: Incident, kind: str, chance: random.Random) -> float:
        if self.errors == "tied":
            return random.Random(f"{self.seed} {incident.span} {kind} told").random()
        return chance.random()

    def _find(self, kind: str, window: Window, chance: random.Random) -> Answer:
        true, alike = self._in(window, kind)
        if shown := chance.choice(true) if true else next(iter(alike), None):
            span = _near(shown.span, window.span, chance)
            text = _malformed(span, window.span, chance) if chance.random() < MALFORMED else _clean(span)
        else:
            text = _hallucinated(window.span, chance)
        # slightly more confident about true events
        return Answer(text, _tokens(text, 0.72 if true else 0.66, chance))


def _in(window: Window, kind: str, incidents: Sequence[Incident]) -> list[Incident]:
    """The incidents of a kind of which a window shows at least half."""
    near = (h for h in incidents if h.kind == kind and abs(h.span.start_s - window.span.start_s) < 100)
    return [h for h in near if h.span.overlap_s(window.span) >= IN_IT * h.span.length_s]


@dataclass(frozen=True, slots=True)
class _Named:
    """A named span in seconds from the start of the window; unchecked, because a model can answer anything."""

    start_s: float
    end_s: float


def _near(shown: Span, window: Span, chance: random.Random) -> _Named:
    """A span in the window near the one shown, with an accuracy drawn from `SPREAD`."""
    seen = shown.clamp(window) or window
    (_, low, high), *_ = chance.choices(SPREAD, [share for share, _, _ in SPREAD])
    start_s, length_s = _varied(seen, window, chance.uniform(low, high), chance)
    length_s = min(length_s, window.length_s)
    start_s = min(max(window.start_s, start_s), window.end_s - length_s) - window.start_s
    return _Named(start_s, start_s + length_s)


def _varied(seen: Span, window: Span, aim: float, chance: random.Random) -> tuple[float, float]:
    """Start and length of a span with this IoU: elsewhere, shifted, within it, or around it."""
    length_s = seen.length_s
    if aim == 0:
        new_s = min(chance.uniform(0.5, 2) * length_s, window.length_s)
        starts_s = [chance.uniform(window.start_s, window.end_s - new_s) for _ in range(20)]
        return next((s for s in starts_s if s >= seen.end_s or s + new_s <= seen.start_s), starts_s[0]), new_s
    how = chance.choice(("moved", "within", "around"))
    if how == "moved":
        return seen.start_s + chance.choice((-1, 1)) * length_s * (1 - aim) / (1 + aim), length_s
    new_s = length_s * aim if how == "within" else min(length_s / aim, window.length_s)
    return seen.start_s + chance.uniform(0, 1) * (length_s - new_s), new_s


def _told(shown: Span, line: str, window: Window, chance: random.Random) -> CaptionEvent:
    """A line of a caption, with times near those of what it describes."""
    named = _near(shown, window.span, chance)
    return CaptionEvent(Span(named.start_s, max(named.end_s, named.start_s + 0.1)), line)


def _hallucinated(window: Span, chance: random.Random) -> str:
    """A confident span where nothing happens."""
    (how,) = chance.choices(("random", "edge", "overlong", "malformed", "unreadable"), (45, 20, 15, 15, 5))
    length_s = chance.uniform(2, min(10.0, window.length_s))
    start_s = chance.uniform(0, window.length_s - length_s)
    if how == "unreadable":
        return chance.choice(("The event takes place in the video.", "From the start", "From 12."))
    if how == "edge":
        start_s = chance.choice((0.0, window.length_s - length_s))
    if how == "overlong":
        start_s, length_s = 0.0 if length_s > 5 else 1.5, window.length_s * chance.uniform(0.75, 0.95)
    named = _Named(start_s, start_s + length_s)
    return _malformed(named, window, chance) if how == "malformed" else _clean(named)


def _clean(span: _Named) -> str:
    return f"From {span.start_s:.1f} to {span.end_s:.1f}."


def _malformed(span: _Named, window: Span, chance: random.Random) -> str:
    """The same span in a form that needs repair."""
    late = f"From {span.start_s:.1f} to {window.length_s + chance.uniform(2, 9):.1f}."
    turned = f"From {span.end_s:.1f} to {span.start_s:.1f}."
    minutes = f"From 00:{int(span.start_s):02} to 00:{int(span.end_s) + 1:02}."
    return chance.choice((late, turned, minutes, f"{span.start_s:.1f} - {span.end_s:.1f} seconds"))


def _tokens(text: str, typical: float, chance: random.Random) -> tuple[Token, ...]:
    """The text as tokens, numbers digit by digit, with probabilities around a typical one."""
    pieces = re.findall(r"\d|[^\d\s]+|\s+", text)
    level = min(0.98, max(0.2, chance.gauss(typical, 0.15)))
    return tuple(Token(piece, math.log(min(0.999, max(0.05, chance.gauss(level, 0.05))))) for piece in pieces)
