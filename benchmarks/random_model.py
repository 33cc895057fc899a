"""A model with random weights and a recording drawn by code, for measuring the cost of models."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.tiny.models import draw_weights, qwen_config, qwen_processor, qwen_tokenizer
from highlights.backends.qwen import QwenModel
from highlights.records import Recording


@dataclass(frozen=True, slots=True)
class Shape:
    """A Qwen3.5: its sizes and number format."""

    text: dict[str, int]
    vision: dict[str, int]
    dtype: str


MARLIN_SHAPE = Shape(
    {
        "hidden_size": 2048,
        "intermediate_size": 6144,
        "num_hidden_layers": 24,
        "head_dim": 256,
        "num_attention_heads": 8,
        "num_key_value_heads": 2,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 16,
        "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
        "vocab_size": 248_320,
    },
    {"depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "num_heads": 16, "out_hidden_size": 2048},
    "bfloat16",
)
SMALL_SHAPE = Shape(
    {
        "hidden_size": 512,
        "intermediate_size": 1536,
        "num_hidden_layers": 12,
        "head_dim": 128,
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "linear_num_key_heads": 8,
        "linear_num_value_heads": 8,
        "linear_key_head_dim": 64,
        "linear_value_head_dim": 64,
        "vocab_size": 27_648,
    },
    {"depth": 12, "hidden_size": 256, "intermediate_size": 1024, "num_heads": 4, "out_hidden_size": 512},
    "float32",
)


def random_model(shape: Shape, device: str, words: str) -> QwenModel:
    """A model of a shape, with a tokenizer for some words; no token ends an answer, so all have the maximum length."""
    import torch
    from transformers import Qwen3_5ForConditionalGeneration, logging

    logging.set_verbosity_error()
    tokenizer = qwen_tokenizer(words * 3, 1000)
    config = qwen_config(tokenizer, shape.text, shape.vision)
    torch.manual_seed(0)
    with torch.device(device):
        model = Qwen3_5ForConditionalGeneration._from_config(config, dtype=getattr(torch, shape.dtype))
    model.generation_config.eos_token_id = None
    model = QwenModel(draw_weights(model.eval()), qwen_processor(tokenizer), "random", "random")
    model.__dict__["ends"] = frozenset()
    return model


def draw(path: Path, duration_s: float) -> Path:
    """A 720p recording: a camera that pans over a field with players on it, 25 frames a second."""
    random = np.random.default_rng(0)
    field = random.integers(60, 120, (90, 400), np.uint8).repeat(10, 0).repeat(10, 1)
    rates_hz = random.uniform(0.02, 0.2, (22, 2))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast", "g": "50"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.time_base = Fraction(1, 25)
        for number in range(round(duration_s * 25)):
            frame = av.VideoFrame.from_ndarray(_drawn(field, rates_hz, number / 25), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _drawn(field: Any, rates_hz: Any, time_s: float) -> Any:
    left, top = round(1300 + 1300 * np.sin(time_s / 7)), round(90 + 80 * np.sin(time_s / 11))
    picture = np.stack([field[top : top + 720, left : left + 1280] // 2, field[top : top + 720, left : left + 1280]] * 2, -1)[
        ..., :3
    ]
    for number, place in enumerate(np.sin(2 * np.pi * rates_hz * time_s) * (600, 330) + (640, 360)):
        x, y = place.astype(int)
        picture[max(0, y - 24) : y + 24, max(0, x - 9) : x + 9] = (200, 30, 30) if number % 2 else (240, 240, 240)
    return np.ascontiguousarray(picture)


def cut(recording: Recording, path: Path, duration_s: float) -> Path:
    """The beginning of a recording as a separate file."""
    with av.open(str(recording.parts[0].path)) as source, av.open(str(path), "w") as container:
        shown = source.streams.video[0]
        rate = shown.average_rate or Fraction(25)
        stream = container.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = shown.width, shown.height, "yuv420p"
        for number, frame in enumerate(source.decode(shown)):
            if number >= duration_s * rate:
                break
            frame.pts, frame.time_base = number, 1 / rate
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
