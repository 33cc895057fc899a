"""What a server that speaks OpenAI's protocol sent back, read into an answer; everything in it is doubted first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from highlights.backends.backend import Answer, Token
from highlights.backends.local import LEAST_SAID
from highlights.dialects.dialect import Question
from highlights.dialects.prose import without_thoughts

BARE_YES = 0.8
"""Probability given to an answer that is only a word: the likelier one, but how much likelier nobody told."""

_BARE_THINK = re.compile(r"\s*<think>\s*")
_WORD = re.compile(r"[^\W\d_]+")


class NonsenseError(ValueError):
    """A reply that is not what the protocol says."""


class _Lenient(BaseModel):
    # Servers add keys of their own and send null for what they leave out.
    model_config = ConfigDict(extra="ignore", frozen=True)


_Shape = TypeVar("_Shape", bound=_Lenient)


class _Likely(_Lenient):
    token: str
    logprob: float = Field(le=1e-3)  # minus infinity is a probability, not a number is none


class _Told(_Likely):
    top_logprobs: list[_Likely] | None = None


class _Logprobs(_Lenient):
    content: list[_Told] | None = None


class _Message(_Lenient):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(_Lenient):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Usage(_Lenient):
    prompt_tokens: int | None = Field(default=None, ge=0)


class _Reply(_Lenient):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class _Model(_Lenient):
    id: str
    owned_by: str | None = None
    root: str | None = None


class _Models(_Lenient):
    data: list[_Model]


@dataclass(frozen=True, slots=True)
class Served:
    """A model that a server offers: its name there, whose server it says it is, and the weights behind the name."""

    id: str
    owned_by: str
    root: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer, and how many tokens the server says it read for it: question, pictures and all (None: not told)."""

    answer: Answer
    prompt_tokens: int | None


def read_models(body: bytes) -> list[Served]:
    """The models of a reply to `GET /v1/models`.

    Raises:
        NonsenseError: It is no such reply.
    """
    return [Served(model.id, model.owned_by or "", model.root or model.id) for model in _parsed(_Models, body).data]


def read_reply(body: bytes, kind: Literal["text", "yes_no"]) -> Reading:
    """The answer in a reply to `POST /v1/chat/completions`.

    Raises:
        NonsenseError: It is no such reply.
    """
    reply = _parsed(_Reply, body)
    choice = reply.choices[0]
    # A server with a reasoning parser files an answer that begins with a bare <think> under reasoning.
    text = choice.message.content or choice.message.reasoning_content or choice.message.reasoning or ""
    told = (choice.logprobs.content if choice.logprobs else None) or []
    tokens = tuple(Token(one.token, min(0.0, one.logprob)) for one in told)
    answer = Answer(text, tokens, truncated=choice.finish_reason == "length")
    if kind == "yes_no":
        answer = _yes_no(answer, told)
    return Reading(answer, reply.usage.prompt_tokens if reply.usage else None)


def asked_for(question: Question) -> int:
    """How many tokens an answer may have: to a yes or no question, enough for an empty thought before the word."""
    return max(question.max_new_tokens, 8) if question.kind == "yes_no" else question.max_new_tokens


def _parsed(shape: type[_Shape], body: bytes) -> _Shape:
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise NonsenseError(f"{place}: {first['msg']}" if place else str(first["msg"])) from error


def _yes_no(answer: Answer, told: Sequence[_Told]) -> Answer:
    """The answer with its probability of yes against no, and the likelier of the two words as its text."""
    yes = _weighed(told)
    if yes is None:
        word = _WORD.search(without_thoughts(answer.text))
        yes = {"yes": BARE_YES, "no": 1 - BARE_YES}.get(word[0].lower() if word else "")
    if yes is None:
        return answer
    return Answer("yes" if yes >= 0.5 else "no", answer.tokens, answer.truncated, yes)


def _weighed(told: Sequence[_Told]) -> float | None:
    """Probability of yes against no where the first word was chosen; None where neither was in sight."""
    first = _first_word(told)
    if first is None:
        return None
    likely = (first, *(first.top_logprobs or ()))
    yes, no = _mass(likely, "yes"), _mass(likely, "no")
    return yes / (yes + no) if yes + no >= LEAST_SAID else None


def _first_word(told: Sequence[_Told]) -> _Told | None:
    """The first token with a letter after what the model thought."""
    whole, at = "".join(one.token for one in told), 0
    begins = _thought_chars(whole)
    for one in told:
        if at >= begins and _WORD.search(one.token):
            return one
        at += len(one.token)
    return None


def _thought_chars(text: str) -> int:
    """Where an answer begins after `<think>…</think>`, or after a bare `<think>`."""
    if (closed := text.rfind("</think>")) >= 0:
        return closed + len("</think>")
    bare = _BARE_THINK.match(text)
    return bare.end() if bare else 0


def _mass(likely: Iterable[_Likely], word: str) -> float:
    """Probability of all tokens that are `word` in some spelling ("Yes", " yes", "YES"), each counted once."""
    spellings = {one.token: one.logprob for one in likely if one.token.strip().lower() == word}
    return sum(math.exp(logprob) for logprob in spellings.values())
