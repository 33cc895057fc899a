"""What kind of server it is, and which family its model belongs to.

A request holds nothing beyond the protocol. vLLM's `media_io_kwargs` and `mm_processor_kwargs` are refused with HTTP 400 since
version 0.32 unless the server trusts them, and they are not needed: the video has 2 frames a second, of which Marlin's loader
takes all. Molmo2's loader must be told when the server is started. If it was not, the number of prompt tokens shows it.
"""

from __future__ import annotations

from typing import Literal

from highlights.backends.replies import Served
from highlights.dialects import known
from highlights.dialects.dialect import Dialect

ServerKind = Literal["vllm", "sglang", "mlx", "llamacpp", "openai"]
"""`openai` is any other OpenAI-compatible server."""

UNFIT = {
    "llamacpp": "llama.cpp tells a model the time only every few seconds of a video, in a form of its own, so the times in its "
    "answers would be wrong: serve the model with vLLM, SGLang or MLX, see docs/serving.md",
}
"""Kinds of servers that cannot be used, and why."""


def server_kind(owned_by: str) -> ServerKind:
    """The kind of a server, by the reported owner of its models.

    >>> server_kind("vllm"), server_kind("mlx-community"), server_kind("system")
    ('vllm', 'mlx', 'openai')
    """
    kinds: tuple[ServerKind, ...] = ("vllm", "sglang", "mlx", "llamacpp")
    return next((kind for kind in kinds if owned_by.lower().startswith(kind)), "openai")


def dialect_of(served: Served) -> Dialect:
    """The dialect of a model, by its name or that of its weights."""
    return known.dialect_of(f"{served.id} {served.root}")
