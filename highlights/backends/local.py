"""A model in this process: what is the same for every family that transformers runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from highlights.backends.backend import Answer, Token
from highlights.backends.prefix import Prefix, Row, Said, answered, in_parts, out_of_memory, rows_attention
from highlights.dialects.dialect import Question
from highlights.errors import ModelError
from highlights.media.footage.reader import Footage

if TYPE_CHECKING:
    from torch import Tensor

YES, NO = ("yes", "Yes", "YES", " yes", " Yes", " YES"), ("no", "No", "NO", " no", " No", " NO")
LEAST_SAID = 0.01  # of all probability at the first word; where yes and no together have less, neither was said


class LocalModel:
    """A backend of one model and its processor; a family says how its prompt is made and how it reads a video."""

    advice = "take shorter windows, or another device (--device cpu), or close what else uses the memory"

    def __init__(self, model: Any, processor: Any, name: str, identity: str) -> None:
        self.model, self.processor = model, processor
        self.name, self.identity = name, identity
        self.decodes_on: Literal["cpu", "cuda"] = "cuda" if model.device.type == "cuda" else "cpu"
        self.text = model.model.language_model

    def prompts(self, questions: Sequence[Question]) -> tuple[str, list[str]]:
        """What comes before the video, and for each question what comes behind it."""
        raise NotImplementedError

    def read(self, footage: Footage, head: str, behind: Sequence[int]) -> Prefix:
        """The cache of everything up to the questions: what comes before the video, the video, and tokens `behind` it."""
        raise NotImplementedError

    def step(self, tokens: Tensor, positions: Tensor, mask: Tensor, cache: Any) -> Tensor:
        """The logits behind the last token of each row."""
        raise NotImplementedError

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        """One answer per question, in their order; the footage is looked at once.

        Raises:
            ModelError: Memory does not suffice.
        """
        import torch

        if not questions:
            return []
        head, tails = self.prompts(questions)
        tokens = [self.tokens_of(tail) for tail in tails]
        shared = _alike(tokens)
        rows = [self._row(question, of[shared:]) for question, of in zip(questions, tokens, strict=True)]
        with torch.inference_mode():
            prefix = self._read(footage, head, tokens[0][:shared])
            with rows_attention(self.text.config):
                problem = f"{self.name}: memory does not suffice for one question about {self._told(footage)}; {self.advice}"
                said = in_parts(rows, lambda some: answered(prefix, some, self.step, self._group, self.ends), problem)
        return [self._answer(question, row) for question, row in zip(questions, said, strict=True)]

    def _read(self, footage: Footage, head: str, behind: Sequence[int]) -> Prefix:
        try:
            return self.read(footage, head, behind)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            raise ModelError(f"{self.name}: memory does not suffice for {self._told(footage)}; {self.advice}") from error

    @staticmethod
    def _told(footage: Footage) -> str:
        seconds = footage.window.span.end_s - footage.window.span.start_s
        return f"a window of {seconds:.0f} s, {len(footage.times_s)} pictures of {footage.width}x{footage.height}"

    def _row(self, question: Question, tokens: Sequence[int]) -> Row:
        if question.kind == "yes_no":
            return Row(tuple(tokens), 1, self._yes + self._no)
        return Row(tuple(tokens), question.max_new_tokens)

    def _answer(self, question: Question, said: Said) -> Answer:
        shown = tuple(
            Token(self.processor.tokenizer.decode([token]), logprob)
            for token, logprob in zip(said.tokens, said.logprobs, strict=True)
        )
        text: str = self.processor.tokenizer.decode(said.tokens, skip_special_tokens=True)
        if question.kind == "text":
            return Answer(text, shown, said.truncated)
        yes = _share(said.choices[: len(self._yes)], said.choices[len(self._yes) :])
        return Answer(text if yes is None else "yes" if yes >= 0.5 else "no", shown, yes=yes)

    def tokens_of(self, text: str) -> list[int]:
        """A piece of a prompt as tokens."""
        tokens: list[int] = self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    @cached_property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer: those that the checkpoint names, and the tokenizer's own end and filling."""
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
        """Those of the words that are one token; where none is, how the first begins."""
        spelled = [self.tokens_of(word) for word in words]
        return tuple(dict.fromkeys(tokens[0] for tokens in spelled if len(tokens) == 1)) or (spelled[0][0],)

    @property
    def _group(self) -> int:
        config = self.text.config
        return int(config.num_attention_heads // config.num_key_value_heads)

    def close(self) -> None:
        """Give the model's memory back."""
        import torch

        del self.model, self.text
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _alike(rows: Sequence[Sequence[int]]) -> int:
    """With how many tokens all rows begin alike; one is left to each."""
    alike = takewhile(lambda column: len(set(column)) == 1, zip(*rows, strict=False))
    return min(sum(1 for _ in alike), min(map(len, rows)) - 1)


def _share(yes: Sequence[float], no: Sequence[float]) -> float | None:
    """The probability of yes among yes and no, from the log-probabilities of the words for either."""
    said_yes, said_no = sum(map(math.exp, yes)), sum(map(math.exp, no))
    return said_yes / (said_yes + said_no) if said_yes + said_no >= LEAST_SAID else None
