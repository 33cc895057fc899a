"""A model in this process: the part common to all families that transformers runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from highlights.backends.backend import Answer, Token
from highlights.backends.prefix import (
    BatchRow,
    Generated,
    Prefix,
    device_failed,
    generate,
    in_halves,
    out_of_memory,
    rows_attention,
)
from highlights.dialects.dialect import Question
from highlights.errors import ModelError
from highlights.media.footage.reader import Footage

if TYPE_CHECKING:
    from torch import Tensor

YES, NO = ("yes", "Yes", "YES", " yes", " Yes", " YES"), ("no", "No", "NO", " no", " No", " NO")
MIN_YES_NO = 0.01  # probability of yes and no together at the first word; with less, the model said neither


class LocalModel:
    """A backend for one model and its processor; each family defines its prompt and how it reads a video."""

    at_once = 1
    advice = "use shorter windows, another device (--device cpu), or free some memory"

    def __init__(self, model: Any, processor: Any, name: str, identity: str) -> None:
        self.model, self.processor = model, processor
        self.name, self.identity = name, identity
        self.decodes_on: Literal["cpu", "cuda"] = "cuda" if model.device.type == "cuda" else "cpu"
        self.text = model.model.language_model

    def prompts(self, questions: Sequence[Question]) -> tuple[str, list[str]]:
        """The text before the video, and for each question the text after it."""
        raise NotImplementedError

    def read(self, footage: Footage, head: str, behind: Sequence[int]) -> Prefix:
        """The cache of the common prefix: the text before the video, the video, and the tokens `behind` it."""
        raise NotImplementedError

    def step(self, tokens: Tensor, positions: Tensor, mask: Tensor, cache: Any) -> Tensor:
        """The logits after the last token of each row."""
        raise NotImplementedError

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question, in order; the footage is processed once.

        Raises:
            ModelError: Out of memory, or the device failed.
        """
        if not questions:
            return []
        try:
            return self._asked(footage, questions)
        except RuntimeError as error:
            if not device_failed(error):
                raise
            raise ModelError(f"{self.name}: the device failed: {str(error).strip().splitlines()[0]}") from error

    def _asked(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        import torch

        head, tails = self.prompts(questions)
        tokens = [self.tokens_of(tail) for tail in tails]
        shared = _common_prefix(tokens)
        rows = [self._row(question, of[shared:]) for question, of in zip(questions, tokens, strict=True)]
        with torch.inference_mode():
            prefix = self._read(footage, head, tokens[0][:shared])
            with rows_attention(self.text.config):
                problem = f"{self.name}: out of memory for one question about {self._description(footage)}; {self.advice}"
                generated = in_halves(rows, lambda some: generate(prefix, some, self.step, self._group, self.ends), problem)
        return [self._answer(question, row) for question, row in zip(questions, generated, strict=True)]

    def _read(self, footage: Footage, head: str, behind: Sequence[int]) -> Prefix:
        try:
            return self.read(footage, head, behind)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            raise ModelError(f"{self.name}: out of memory for {self._description(footage)}; {self.advice}") from error

    @staticmethod
    def _description(footage: Footage) -> str:
        seconds = footage.window.span.end_s - footage.window.span.start_s
        return f"a window of {seconds:.0f} s, {len(footage.times_s)} frames of {footage.width}x{footage.height}"

    def _row(self, question: Question, tokens: Sequence[int]) -> BatchRow:
        if question.kind == "yes_no":
            return BatchRow(tuple(tokens), 1, self._yes + self._no)
        return BatchRow(tuple(tokens), question.max_new_tokens)

    def _answer(self, question: Question, generated: Generated) -> Answer:
        tokens = tuple(
            Token(self.processor.tokenizer.decode([token]), logprob)
            for token, logprob in zip(generated.tokens, generated.logprobs, strict=True)
        )
        text: str = self.processor.tokenizer.decode(generated.tokens, skip_special_tokens=True)
        if question.kind == "text":
            return Answer(text, tokens, generated.truncated)
        yes = _share(generated.choices[: len(self._yes)], generated.choices[len(self._yes) :])
        return Answer(text if yes is None else "yes" if yes >= 0.5 else "no", tokens, yes=yes)

    def tokens_of(self, text: str) -> list[int]:
        """A part of a prompt as tokens."""
        tokens: list[int] = self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    @cached_property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer: those of the checkpoint, and the tokenizer's own end and padding tokens."""
        named = self.model.generation_config.eos_token_id
        tokens = [named] if isinstance(named, int) else list(named or ())
        return frozenset([*tokens, self.processor.tokenizer.eos_token_id, self.processor.tokenizer.pad_token_id])

    @cached_property
    def _yes(self) -> tuple[int, ...]:
        return self._words(YES)

    @cached_property
    def _no(self) -> tuple[int, ...]:
        return self._words(NO)

    def _words(self, words: Sequence[str]) -> tuple[int, ...]:
        """The words that are a single token; if none is, the first token of the first word."""
        spelled = [self.tokens_of(word) for word in words]
        return tuple(dict.fromkeys(tokens[0] for tokens in spelled if len(tokens) == 1)) or (spelled[0][0],)

    @property
    def _group(self) -> int:
        config = self.text.config
        return int(config.num_attention_heads // config.num_key_value_heads)

    def close(self) -> None:
        """Free the model's memory."""
        import torch

        del self.model, self.text
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _common_prefix(rows: Sequence[Sequence[int]]) -> int:
    """The length of the common prefix of all rows; at least one token is left in each."""
    common = takewhile(lambda column: len(set(column)) == 1, zip(*rows, strict=False))
    return min(sum(1 for _ in common), min(map(len, rows)) - 1)


def _share(yes: Sequence[float], no: Sequence[float]) -> float | None:
    """The probability of yes among yes and no, from the log-probabilities of the words for either."""
    yes_mass, no_mass = sum(map(math.exp, yes)), sum(map(math.exp, no))
    return yes_mass / (yes_mass + no_mass) if yes_mass + no_mass >= MIN_YES_NO else None
