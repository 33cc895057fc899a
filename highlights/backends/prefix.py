"""Many questions after one prefix: what a model has read once is kept, and every question goes on from there.

A question is a row. All rows share the keys and values of the prefix, which lie in memory once; what a row adds lies behind
them, and a mask lets each row see the prefix and itself alone. Recurrent states (Qwen3.5 has them) are each row's own.

             ┌ prefix: the video ───────────┬ rows, token by token ┐
    row 0    │ sees all                     │ 0 · · 0 · 0 · ·      │
    row 1    │ sees all                     │ · 1 · · 1 · 1 ·      │

Rows differ in length but none is padded, since padding would spoil recurrent states: the longest rows set out first, the others
join when as much is left of the longest as they have, so that all reach their ends together.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from highlights.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

ATTENTION = "highlights_rows"  # the name under which transformers knows `_attend`
ROOM = 64  # tokens of all rows together that room is made for at a time, at least

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Prefix:
    """What was read: the model's cache of it, its length in tokens, and by how much positions run ahead of the token count."""

    cache: Any
    tokens: int
    position_offset: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One question behind a prefix: its tokens, at least one, and how many more may be said, at least one.

    `choices` are tokens whose probability at the first place is wanted.
    """

    tokens: tuple[int, ...]
    max_new_tokens: int
    choices: tuple[int, ...] = ()


@dataclass(slots=True)
class Said:
    """What a row answered: its tokens without the one that ends it, their log-probabilities, and whether it was cut short.

    `choices` are the log-probabilities of the row's choices at the first place.
    """

    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    truncated: bool = False
    choices: tuple[float, ...] = ()


class Rows:
    """The caches of rows that go on from one prefix; `numbers` are those now fed, in the order of the batch."""

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix
        self.numbers: list[int] = []
        self.fed: list[int] = []
        """How many tokens each row of the batch has been fed behind the prefix."""
        self.cache = copy.copy(prefix.cache)
        self._shared: list[_SharedKeys] = []
        self._recurrent: list[tuple[Any, Any]] = []
        self.cache.layers = [self._own(layer) for layer in prefix.cache.layers]
        self._owners: list[int] = []  # of each token behind the prefix: the row's number, and its place in the row
        self._places: list[int] = []

    def _own(self, layer: Any) -> Any:
        if not hasattr(layer, "conv_states"):
            self._shared.append(_SharedKeys(layer.keys, layer.values))
            return self._shared[-1]
        mine = copy.copy(layer)
        for states in ("conv_states", "recurrent_states"):
            setattr(mine, states, {index: state[:0].clone() for index, state in getattr(layer, states).items()})
        self._recurrent.append((mine, layer))
        return mine

    def join(self, numbers: Sequence[int]) -> None:
        """New rows, which have seen the prefix and nothing else."""
        import torch

        self.numbers += numbers
        self.fed += [0] * len(numbers)
        for mine, original in self._recurrent:
            for states in ("conv_states", "recurrent_states"):
                for index, state in getattr(original, states).items():
                    new = state.expand(len(numbers), *state.shape[1:])
                    getattr(mine, states)[index] = torch.cat([getattr(mine, states)[index], new])

    def keep(self, places: Sequence[int]) -> None:
        """Only the rows at some places of the batch go on."""
        if len(places) == len(self.numbers):
            return
        self.numbers = [self.numbers[place] for place in places]
        self.fed = [self.fed[place] for place in places]
        for mine, _ in self._recurrent:
            for states in ("conv_states", "recurrent_states"):
                for index, state in getattr(mine, states).items():
                    getattr(mine, states)[index] = state[list(places)]

    def fed_with(self, tokens: Tensor, group: int) -> tuple[Tensor, Tensor]:
        """The positions of tokens [rows, count] that are about to be fed, and which keys each of them sees.

        `group` is how many heads ask the same keys; the mask is [1, 1, group * rows * count, keys], as `_attend` lays queries
        out. It is added to what attention is made of, 0 or minus infinity: of yes and no every layer would make these anew.
        """
        import torch

        rows, count = tokens.shape
        steps = torch.arange(count, device=tokens.device)
        places = torch.tensor(self.fed, device=tokens.device)[:, None] + steps
        for step in range(count):  # as `_SharedKeys` lays them out: row by row within each step
            self._owners += self.numbers
            self._places += [fed + step for fed in self.fed]
        self.fed = [fed + count for fed in self.fed]
        owners = torch.tensor(self._owners, device=tokens.device)
        behind = torch.tensor(self._places, device=tokens.device)
        numbers = torch.tensor(self.numbers, device=tokens.device)
        sees = (numbers[:, None, None] == owners) & (behind <= places[:, :, None])
        hides = self._shared[0].keys.new_zeros(sees.shape).masked_fill_(~sees, float("-inf"))
        mask = torch.nn.functional.pad(hides.view(rows * count, -1), (self.prefix.tokens, 0))
        return places + (self.prefix.tokens + self.prefix.position_offset), mask.repeat(group, 1)[None, None]


class _SharedKeys:
    """A layer's keys and values: the prefix's once, then every row's, `[1, heads, tokens, size]`.

    In the place of a layer of transformers' cache.
    """

    is_sliding = False
    is_compileable = False
    is_initialized = True

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self.used: int = keys.shape[2]
        self.keys, self.values = keys, values

    def update(self, keys: Tensor, values: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Take in what rows [rows, heads, count, size] add; all that is there."""
        rows, _heads, count, _size = keys.shape
        start, self.used = self.used, self.used + rows * count
        if self.used > self.keys.shape[2]:
            more = max(ROOM, 2 * rows * count, self.keys.shape[2] // 16)
            self.keys, self.values = _longer(self.keys, start, more), _longer(self.values, start, more)
        self.keys[0, :, start : self.used] = keys.permute(1, 2, 0, 3).flatten(1, 2)
        self.values[0, :, start : self.used] = values.permute(1, 2, 0, 3).flatten(1, 2)
        return self.keys[:, :, : self.used], self.values[:, :, : self.used]

    def get_seq_length(self) -> int:
        """Tokens there, those of all rows counted."""
        return self.used

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """As transformers asks: how many keys there will be, and where they begin."""
        return self.used + query_length, 0


def _longer(kept: Tensor, used: int, more: int) -> Tensor:
    longer = kept.new_empty((*kept.shape[:2], used + more, kept.shape[3]))
    longer[:, :, :used] = kept[:, :, :used]
    return longer


def _attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor, scaling: float | None = None, **_: Any
) -> tuple[Tensor, None]:
    """Attention of all rows' queries `[rows, heads, count, size]` to the one sequence of keys that `_SharedKeys` gives."""
    import torch

    rows, heads, count, size = query.shape
    group = heads // key.shape[1]
    asked = query.view(rows, key.shape[1], group, count, size).permute(1, 2, 0, 3, 4).reshape(1, key.shape[1], -1, size)
    seen = torch.nn.functional.scaled_dot_product_attention(asked, key, value, attn_mask=attention_mask, scale=scaling)
    seen = seen.view(key.shape[1], group, rows, count, -1).permute(2, 3, 0, 1, 4)
    return seen.reshape(rows, count, heads, -1), None


@contextmanager
def rows_attention(config: Any) -> Iterator[None]:
    """Within it a text model of this configuration attends as rows that share a prefix do."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, _attend)
    before = config._attn_implementation
    config._attn_implementation = ATTENTION
    try:
        yield
    finally:
        config._attn_implementation = before


Step = Callable[["Tensor", "Tensor", "Tensor", Any], "Tensor"]
"""Tokens [rows, count], positions [rows, count], mask, cache -> logits [rows, vocabulary] behind the last token of each row."""


def answered(prefix: Prefix, rows: Sequence[Row], step: Step, group: int, ends: frozenset[int]) -> list[Said]:
    """What each row says, always its likeliest token, until a token that ends it or until it may say no more."""
    batch, said = Rows(prefix), [Said() for _ in rows]
    logits = _set_out(batch, rows, step, group)
    for number, row_logits in zip(batch.numbers, logits, strict=True):
        choices = rows[number].choices
        said[number].choices = tuple(row_logits.log_softmax(-1)[list(choices)].tolist()) if choices else ()
    while fed := _say(batch, logits, rows, said, ends):
        logits = _feed(batch, fed, step, group)
    return said


def _set_out(batch: Rows, rows: Sequence[Row], step: Step, group: int) -> Tensor:
    """Feed every row's own tokens; the logits behind them."""
    lengths = sorted({len(row.tokens) for row in rows}, reverse=True)
    logits = None
    for length, shorter in zip(lengths, [*lengths[1:], 0], strict=True):
        batch.join([number for number, row in enumerate(rows) if len(row.tokens) == length])
        end = [len(rows[number].tokens) - shorter for number in batch.numbers]
        pieces = [rows[n].tokens[fed:to] for n, fed, to in zip(batch.numbers, batch.fed, end, strict=True)]
        logits = _feed(batch, pieces, step, group)
    if logits is None:
        raise ValueError("there is nothing to answer")
    return logits


def _feed(batch: Rows, pieces: Sequence[Sequence[int]], step: Step, group: int) -> Tensor:
    import torch

    device = batch._shared[0].keys.device
    tokens = torch.tensor(pieces, device=device)
    positions, mask = batch.fed_with(tokens, group)
    return step(tokens, positions, mask, batch.cache).float()


def _say(batch: Rows, logits: Tensor, rows: Sequence[Row], said: Sequence[Said], ends: frozenset[int]) -> list[list[int]]:
    """Note the likeliest token of every row; those of the rows that go on, which alone stay in the batch."""
    best = logits.max(-1)
    logprobs = (best.values - logits.logsumexp(-1)).tolist()
    tokens, going_on = best.indices.tolist(), []
    for place, (number, token, logprob) in enumerate(zip(batch.numbers, tokens, logprobs, strict=True)):
        if token in ends:
            continue
        said[number].tokens.append(token)
        said[number].logprobs.append(logprob)
        said[number].truncated = len(said[number].tokens) >= rows[number].max_new_tokens
        if not said[number].truncated:
            going_on.append(place)
    batch.keep(going_on)
    return [[tokens[place]] for place in going_on]


def in_parts(items: Sequence[Item], work: Callable[[Sequence[Item]], list[Result]], problem: str) -> list[Result]:
    """What `work` makes of all items, halved as often as memory makes necessary.

    Raises:
        ModelError: Memory does not suffice for a single one.
    """
    import torch

    try:
        return work(items)
    except (torch.OutOfMemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        if len(items) <= 1:
            raise ModelError(problem) from error
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    half = len(items) // 2
    return in_parts(items[:half], work, problem) + in_parts(items[half:], work, problem)


def out_of_memory(error: Exception) -> bool:
    """Whether memory is what was missing; CPU and Apple GPUs tell it by their words alone."""
    import torch

    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in said or "allocate memory" in said
