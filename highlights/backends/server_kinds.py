"""What a request says beside the question, by the kind of server and the family of the model.

A server decodes the video itself and picks frames of it. All defaults are for long videos: vLLM takes 32 frames unless told
otherwise, and resampling moves the times that the model reads. What is sent is 2 frames a second already, so each option here
makes the server's own choice come out as "all of them, as they are":

- `media_io_kwargs` is about decoding. `num_frames: -1` is all frames (Qwen's loader goes by its `fps` of 2 and takes all of
  such a video either way; the general one would spread 32 over it). Molmo2's loader, in its mode `uniform_last_frame`, takes
  every frame of a video that has no more than `max_fps` a second and no more than `num_frames`.
- `mm_processor_kwargs` is about the frames decoded. With `fps` equal to the video's, `int(n / fps * fps)` frames spread evenly
  over n are the n frames, and each keeps its time, number / fps. If decoding had left frames out, this fails aloud instead of
  giving the frames wrong times. `num_frames` must not be here: it excludes `fps`, which then counts as 24.

A server's operator sets the upper limit of `num_frames`, so vLLM must be started with `--media-io-kwargs` as well; that it was
not is seen by the number of tokens it says it read.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from highlights.backends.replies import Served
from highlights.dialects.dialect import Dialect
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2

Kind = Literal["vllm", "sglang", "mlx", "openai"]
"""`openai` is any other server of the protocol."""


def kind_of(owned_by: str) -> Kind:
    """The kind of a server by whom it names as owner of its models.

    >>> kind_of("vllm"), kind_of("mlx-community"), kind_of("system")
    ('vllm', 'mlx', 'openai')
    """
    kinds: tuple[Kind, ...] = ("vllm", "sglang", "mlx")
    return next((kind for kind in kinds if owned_by.lower().startswith(kind)), "openai")


def spoken_by(served: Served) -> Dialect:
    """The words of a model, by its name or that of the weights behind it: Marlin's unless it is called a Molmo."""
    return MOLMO2 if "molmo" in f"{served.id} {served.root}".lower() else MARLIN


def options(kind: Kind, family: str, rate_hz: Fraction) -> dict[str, Any]:
    """What a request to a server of this kind says beyond the protocol; nothing where the server would not know it."""
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
