"""The options of a request besides the question, by the kind of server and the family of the model.

A server decodes the video itself and samples its frames. The defaults are for long videos: vLLM takes 32 frames by default, and
resampling shifts the times that the model reads. The video already has 2 frames a second, so each option here makes the server
use all frames as they are:

- `media_io_kwargs` controls decoding. `num_frames: -1` means all frames (Qwen's loader samples at its `fps` of 2 and takes all
  of such a video either way; the generic one would sample 32). Molmo2's loader, in its mode `uniform_last_frame`, takes every
  frame of a video with at most `max_fps` frames a second and at most `num_frames`.
- `mm_processor_kwargs` controls processing. With `fps` equal to the video's, `int(n / fps * fps)` frames spread evenly over n
  are the n frames, and each keeps its time, number / fps. If decoding had dropped frames, this would fail with an error rather
  than give wrong times. `num_frames` must not be set here: it excludes `fps`, which is then taken as 24.

The operator of a server sets the upper limit of `num_frames`, so vLLM must be started with `--media-io-kwargs` as well; if it
was not, the number of prompt tokens that it reports shows it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from highlights.backends.replies import Served
from highlights.dialects.dialect import Dialect
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2

ServerKind = Literal["vllm", "sglang", "mlx", "openai"]
"""`openai` is any other OpenAI-compatible server."""


def server_kind(owned_by: str) -> ServerKind:
    """The kind of a server, by the reported owner of its models.

    >>> server_kind("vllm"), server_kind("mlx-community"), server_kind("system")
    ('vllm', 'mlx', 'openai')
    """
    kinds: tuple[ServerKind, ...] = ("vllm", "sglang", "mlx")
    return next((kind for kind in kinds if owned_by.lower().startswith(kind)), "openai")


def dialect_of(served: Served) -> Dialect:
    """The dialect of a model, by its name or that of its weights: Marlin's unless it is called Molmo."""
    return MOLMO2 if "molmo" in f"{served.id} {served.root}".lower() else MARLIN


def options(kind: ServerKind, family: str, rate_hz: Fraction) -> dict[str, Any]:
    """The options of a request beyond the protocol; empty if the server does not support any."""
    if kind != "vllm":
        return {}
    if family == "marlin":
        return {
            "media_io_kwargs": {"video": {"num_frames": -1}},
            "mm_processor_kwargs": {"fps": float(rate_hz), "do_sample_frames": True},
        }
    if family == "molmo2":
        return {"media_io_kwargs": {"video": {"frame_sample_mode": "uniform_last_frame", "num_frames": 384, "max_fps": 2}}}
    return {}
