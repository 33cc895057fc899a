"""Replies of an OpenAI-compatible server, validated and parsed into answers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from highlights.backends.backend import Answer, Token
from highlights.backends.local import MIN_YES_NO
from highlights.dialects.dialect import Question
from highlights.dialects.prose import without_thoughts

BARE_YES = 0.8
"""Probability assumed for an answer without probabilities: the likelier word, but nobody knows by how much."""

_BARE_THINK = re.compile(r"\s*<think>\s*")
_WORD = re.compile(r"[^\W\d_]+")


class InvalidReplyError(ValueError):
    """A reply that does not follow the protocol."""


class _Lenient(BaseModel):
    # Servers add keys of their own and send null for missing values.
    model_config = ConfigDict(extra="ignore", frozen=True)


_Shape = TypeVar("_Shape", bound=_Lenient)


class _TokenChoice(_Lenient):
    token: str
    logprob: float = Field(le=1e-3)  # minus infinity is allowed, NaN is not


class _ReplyToken(_TokenChoice):
    top_logprobs: list[_TokenChoice] | None = None


class _Logprobs(_Lenient):
    content: list[_ReplyToken] | None = None


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
    """A model that a server offers: its name there, its owner (which identifies the kind of server), and its weights."""

    id: str
    owned_by: str
    root: str


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """An answer, and the number of prompt tokens reported by the server: question and video (None: not reported)."""

    answer: Answer
    prompt_tokens: int | None


def read_models(body: bytes) -> list[Served]:
    """The models of a reply to `GET /v1/models`.

    Raises:
        InvalidReplyError: It is not such a reply.
    """
    return [Served(model.id, model.owned_by or "", model.root or model.id) for model in _parsed(_Models, body).data]


def read_reply(body: bytes, kind: Literal["text", "yes_no"]) -> ParsedReply:
    """The answer in a reply to `POST /v1/chat/completions`.

    Raises:
        InvalidReplyError: It is not such a reply.
    """
    reply = _parsed(_Reply, body)
    choice = reply.choices[0]
    # A server with a reasoning parser returns an answer that begins with a bare <think> as reasoning.
    text = choice.message.content or choice.message.reasoning_content or choice.message.reasoning or ""
    reply_tokens = (choice.logprobs.content if choice.logprobs else None) or []
    tokens = tuple(Token(one.token, min(0.0, one.logprob)) for one in reply_tokens)
    answer = Answer(text, tokens, truncated=choice.finish_reason == "length")
    if kind == "yes_no":
        answer = _yes_no(answer, reply_tokens)
    return ParsedReply(answer, reply.usage.prompt_tokens if reply.usage else None)


def token_budget(question: Question) -> int:
    """The token limit of an answer; for a yes or no question, enough for empty thoughts before the word."""
    return max(question.max_new_tokens, 8) if question.kind == "yes_no" else question.max_new_tokens


def _parsed(shape: type[_Shape], body: bytes) -> _Shape:
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidReplyError(f"{place}: {first['msg']}" if place else str(first["msg"])) from error


def _yes_no(answer: Answer, tokens: Sequence[_ReplyToken]) -> Answer:
    """The answer with its probability of yes against no, and the likelier of the two words as its text."""
    yes = _probability_of_yes(tokens)
    if yes is None:
        word = _WORD.search(without_thoughts(answer.text))
        yes = {"yes": BARE_YES, "no": 1 - BARE_YES}.get(word[0].lower() if word else "")
    if yes is None:
        return answer
    return Answer("yes" if yes >= 0.5 else "no", answer.tokens, answer.truncated, yes)


def _probability_of_yes(tokens: Sequence[_ReplyToken]) -> float | None:
    """The probability of yes against no at the first word; None if neither was among the candidates."""
    first = _first_word(tokens)
    if first is None:
        return None
    if not first.top_logprobs:
        return _alone(first)
    choices = (first, *first.top_logprobs)
    yes, no = _mass(choices, "yes"), _mass(choices, "no")
    return yes / (yes + no) if yes + no >= MIN_YES_NO else None


def _alone(first: _ReplyToken) -> float | None:
    """The probability of yes where only the chosen word's is known: what is left of it may be the other word."""
    own = math.exp(min(0.0, first.logprob))
    words = {word: _mass((first,), word) > 0 for word in ("yes", "no")}
    return own if words["yes"] else 1 - own if words["no"] else None


def _first_word(tokens: Sequence[_ReplyToken]) -> _ReplyToken | None:
    """The first token with a letter after the model's thoughts."""
    whole, at = "".join(token.token for token in tokens), 0
    begins = _thought_chars(whole)
    for token in tokens:
        if at >= begins and _WORD.search(token.token):
            return token
        at += len(token.token)
    return None


def _thought_chars(text: str) -> int:
    """The offset of the answer after `<think>…</think>`, or after a bare `<think>`."""
    if (closed := text.rfind("</think>")) >= 0:
        return closed + len("</think>")
    bare = _BARE_THINK.match(text)
    return bare.end() if bare else 0


def _mass(choices: Iterable[_TokenChoice], word: str) -> float:
    """The probability of all tokens that spell `word` ("Yes", " yes", "YES"), each counted once."""
    spellings = {one.token: one.logprob for one in choices if one.token.strip().lower() == word}
    return sum(math.exp(logprob) for logprob in spellings.values())
