"""Many questions after one prefix: the prefix is processed once, and every question continues from its cache.

A question is a row. All rows share the keys and values of the prefix, which are in memory once; those of the rows follow them,
and a mask lets each row attend to the prefix and itself only. Recurrent states (as in Qwen3.5) are copied for each row.

             ┌ prefix: the video ───────────┬ rows, token by token ┐
    row 0    │ attends to all               │ 0 · · 0 · 0 · ·      │
    row 1    │ attends to all               │ · 1 · · 1 · 1 ·      │

Rows differ in length but none is padded, as padding would corrupt recurrent states: the longest rows start first, and the
others join when the rest of the longest is as long as they are, so that all reach the end of their questions together.
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

ATTENTION = "highlights_rows"  # the name under which `_attend` is registered with transformers
ROOM = 64  # tokens of all rows together: the smallest step in which the caches grow

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Prefix:
    """A processed prefix: the model's cache, the length in tokens, and how far positions are ahead of the token count."""

    cache: Any
    tokens: int
    position_offset: int = 0


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One question after a prefix: its tokens, at least one, and how many may be generated, at least one.

    `choices` are the tokens whose probability as the first generated token is wanted.
    """

    tokens: tuple[int, ...]
    max_new_tokens: int
    choices: tuple[int, ...] = ()


@dataclass(slots=True)
class Generated:
    """The generated tokens of a row without the end token, their log-probabilities, and whether they were truncated.

    `choices` are the log-probabilities of the row's choices as the first token.
    """

    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    truncated: bool = False
    choices: tuple[float, ...] = ()


class BatchRows:
    """The caches of rows that continue one prefix; `numbers` are the rows in the batch, in its order."""

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix
        self.numbers: list[int] = []
        self.fed: list[int] = []
        """How many tokens each row of the batch has been fed after the prefix."""
        self.cache = copy.copy(prefix.cache)
        self._shared: list[_SharedKeys] = []
        self._recurrent: list[tuple[Any, Any]] = []
        self.cache.layers = [self._layer(layer) for layer in prefix.cache.layers]
        self._visible = self._shared[0].keys.new_zeros((0, prefix.tokens))
        """Which cached tokens each row of the batch attends to, [rows, tokens]: 0; minus infinity for those of others."""

    @property
    def device(self) -> Any:
        """Where the caches are."""
        return self._visible.device

    def _layer(self, layer: Any) -> Any:
        if not hasattr(layer, "conv_states"):
            self._shared.append(_SharedKeys(layer.keys, layer.values))
            return self._shared[-1]
        mine = copy.copy(layer)
        for states in ("conv_states", "recurrent_states"):
            setattr(mine, states, {index: state[:0].clone() for index, state in getattr(layer, states).items()})
        self._recurrent.append((mine, layer))
        return mine

    def join(self, numbers: Sequence[int]) -> None:
        """Add rows to the batch, directly after the prefix."""
        import torch

        self.numbers += numbers
        self.fed += [0] * len(numbers)
        new_rows = self._visible.new_full((len(numbers), self._visible.shape[1]), float("-inf"))
        new_rows[:, : self.prefix.tokens] = 0
        self._visible = torch.cat([self._visible, new_rows])
        for mine, original in self._recurrent:
            for states in ("conv_states", "recurrent_states"):
                for index, state in getattr(original, states).items():
                    new = state.expand(len(numbers), *state.shape[1:])
                    getattr(mine, states)[index] = torch.cat([getattr(mine, states)[index], new])

    def keep(self, indices: Sequence[int]) -> None:
        """Keep only the rows at these indices of the batch."""
        if len(indices) == len(self.numbers):
            return
        self.numbers = [self.numbers[index] for index in indices]
        self.fed = [self.fed[index] for index in indices]
        self._visible = self._visible[list(indices)]
        for mine, _ in self._recurrent:
            for states in ("conv_states", "recurrent_states"):
                for index, state in getattr(mine, states).items():
                    getattr(mine, states)[index] = state[list(indices)]

    def feed(self, tokens: Tensor, group: int) -> tuple[Tensor, Tensor]:
        """Record that tokens [rows, count] are fed; their positions, and the attention mask.

        `group` is the number of query heads per key head; the mask is [1, 1, group * rows * count, keys], in the order of the
        queries in `_attend`. It is additive, 0 or minus infinity: every layer would have to convert a boolean mask again.
        """
        import torch

        rows, count = tokens.shape
        ahead = self.prefix.tokens + self.prefix.position_offset
        positions = torch.tensor([[ahead + fed + step for step in range(count)] for fed in self.fed], device=tokens.device)
        self.fed = [fed + count for fed in self.fed]
        # the new tokens are cached in the order of `_SharedKeys`: row by row within each step
        new = self._visible.new_full((rows, count, count, rows), float("-inf"))
        new.diagonal(dim1=0, dim2=3)[:] = self._visible.new_full((count, count), float("-inf")).triu(1)[:, :, None]
        mask = torch.cat([self._visible[:, None].expand(-1, count, -1), new.flatten(2)], -1)
        self._visible = mask[:, -1]
        return positions, mask.view(rows * count, -1).repeat(group, 1)[None, None]


class _SharedKeys:
    """A layer's keys and values, `[1, heads, tokens, size]`: those of the prefix once, then those of every row.

    Replaces a layer of transformers' cache.
    """

    is_sliding = False
    is_compileable = False
    is_initialized = True

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self.used: int = keys.shape[2]
        self.keys, self.values = keys, values

    def update(self, keys: Tensor, values: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Append the keys and values of rows [rows, heads, count, size]; returns all of them."""
        rows, _heads, count, _size = keys.shape
        start, self.used = self.used, self.used + rows * count
        if self.used > self.keys.shape[2]:
            more = max(ROOM, 2 * rows * count, self.keys.shape[2] // 16)
            self.keys, self.values = _longer(self.keys, start, more), _longer(self.values, start, more)
        self.keys[0, :, start : self.used] = keys.permute(1, 2, 0, 3).flatten(1, 2)
        self.values[0, :, start : self.used] = values.permute(1, 2, 0, 3).flatten(1, 2)
        return self.keys[:, :, : self.used], self.values[:, :, : self.used]

    def get_seq_length(self) -> int:
        """The number of cached tokens, those of all rows included."""
        return self.used

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """The number of keys including the queries', and the offset of the first; called by transformers."""
        return self.used + query_length, 0


def _longer(tensor: Tensor, used: int, more: int) -> Tensor:
    longer = tensor.new_empty((*tensor.shape[:2], used + more, tensor.shape[3]))
    longer[:, :, :used] = tensor[:, :, :used]
    return longer


def _attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor, scaling: float | None = None, **_: Any
) -> tuple[Tensor, None]:
    """Attention of all rows' queries `[rows, heads, count, size]` to the one sequence of keys from `_SharedKeys`."""
    import torch

    rows, heads, count, size = query.shape
    group = heads // key.shape[1]
    queries = query.view(rows, key.shape[1], group, count, size).permute(1, 2, 0, 3, 4).reshape(1, key.shape[1], -1, size)
    output = torch.nn.functional.scaled_dot_product_attention(queries, key, value, attn_mask=attention_mask, scale=scaling)
    output = output.view(key.shape[1], group, rows, count, -1).permute(2, 3, 0, 1, 4)
    return output.reshape(rows, count, heads, -1), None


@contextmanager
def rows_attention(config: Any) -> Iterator[None]:
    """A context in which a text model with this configuration uses the attention of rows that share a prefix."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, _attend)
    before = config._attn_implementation
    config._attn_implementation = ATTENTION
    try:
        yield
    finally:
        config._attn_implementation = before


Step = Callable[["Tensor", "Tensor", "Tensor", Any], "Tensor"]
"""Tokens [rows, count], positions [rows, count], mask, cache -> logits [rows, vocabulary] after the last token of each row."""


def generate(prefix: Prefix, rows: Sequence[BatchRow], step: Step, group: int, ends: frozenset[int]) -> list[Generated]:
    """The greedily generated tokens of each row, until an end token or the row's limit."""
    batch, generated = BatchRows(prefix), [Generated() for _ in rows]
    logits = _prefill(batch, rows, step, group)
    if any(row.choices for row in rows):
        for number, row_logprobs in zip(batch.numbers, logits.log_softmax(-1), strict=True):
            choices = rows[number].choices
            generated[number].choices = tuple(row_logprobs[list(choices)].tolist()) if choices else ()
    while (tokens := _append(batch, logits, rows, generated, ends)) is not None:
        logits = _feed(batch, tokens, step, group)
    return generated


def _prefill(batch: BatchRows, rows: Sequence[BatchRow], step: Step, group: int) -> Tensor:
    """Feed every row's own tokens; the logits after them."""
    import torch

    lengths = sorted({len(row.tokens) for row in rows}, reverse=True)
    logits = None
    for length, shorter in zip(lengths, [*lengths[1:], 0], strict=True):
        batch.join([number for number, row in enumerate(rows) if len(row.tokens) == length])
        end = [len(rows[number].tokens) - shorter for number in batch.numbers]
        pieces = [rows[n].tokens[fed:to] for n, fed, to in zip(batch.numbers, batch.fed, end, strict=True)]
        tokens = torch.tensor(pieces, device=batch.device)
        logits = _feed(batch, tokens, step, group)
    if logits is None:
        raise ValueError("there are no questions")
    return logits


def _feed(batch: BatchRows, tokens: Tensor, step: Step, group: int) -> Tensor:
    positions, mask = batch.feed(tokens, group)
    return step(tokens, positions, mask, batch.cache).float()


def _append(
    batch: BatchRows, logits: Tensor, rows: Sequence[BatchRow], generated: Sequence[Generated], ends: frozenset[int]
) -> Tensor | None:
    """Append the likeliest token to every row, and keep only unfinished rows in the batch; the new tokens of those, if any."""
    import torch

    best, unfinished = logits.max(-1), []
    # one transfer for both: each makes the processor wait for the device
    logprobs, tokens = torch.stack([best.values - logits.logsumexp(-1), best.indices.to(logits.dtype)]).tolist()
    for index, (number, token, logprob) in enumerate(zip(batch.numbers, map(int, tokens), logprobs, strict=True)):
        if token in ends:
            continue
        row = generated[number]
        row.tokens.append(token)
        row.logprobs.append(logprob)
        row.truncated = len(row.tokens) >= rows[number].max_new_tokens
        if not row.truncated:
            unfinished.append(index)
    all_go_on = len(unfinished) == len(batch.numbers)
    batch.keep(unfinished)
    if not unfinished:
        return None
    return (best.indices if all_go_on else best.indices[unfinished])[:, None]


def in_halves(items: Sequence[Item], work: Callable[[Sequence[Item]], list[Result]], problem: str) -> list[Result]:
    """The results of `work` for all items, in halves of halves if memory runs out.

    Raises:
        ModelError: Out of memory even for a single item.
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
    return in_halves(items[:half], work, problem) + in_halves(items[half:], work, problem)


def device_failed(error: Exception) -> bool:
    """Whether an error of torch is one of the device: a driver, a card that was lost."""
    return any(word in str(error) for word in ("CUDA", "HIP", "MPS", "cuBLAS", "CUBLAS", "cuDNN", "CUDNN"))


def out_of_memory(error: Exception) -> bool:
    """Whether an error means out of memory; for CPUs and Apple GPUs only its message shows it."""
    import torch

    message = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in message or "allocate memory" in message
