"""Reference answers of a model: each question in its own whole prompt, by the library's own functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from highlights.media.footage.reader import Footage
from highlights.records import Sampling, Window
from highlights.spans import Span

WRAPPED, VIDEO = "<|vision_start|><|video_pad|><|vision_end|>", "<|video_pad|>"
SIDE = 16  # side of a square of one colour in pixels


@dataclass(frozen=True)
class Whole:
    """An answer to a whole prompt, and the logits of its first token."""

    text: str
    tokens: list[int]
    first: Any


def drawn(first: int, frames: int, seed: int = 0, width: int = 96, height: int = 64, rate_hz: float = 2.0) -> Footage:
    """Footage of squares in random colours that depend only on the seed and the frames' numbers."""
    numbers = tuple(range(first, first + frames))

    def picture(number: int) -> Any:
        squares = np.random.default_rng((seed, number)).integers(0, 256, (height // SIDE, width // SIDE, 3), np.uint8)
        return squares.repeat(SIDE, 0).repeat(SIDE, 1)

    return Footage(
        Window(Span(first / rate_hz, (first + frames) / rate_hz)),
        Sampling(rate_hz=rate_hz),
        tuple(index / rate_hz for index in range(frames)),
        numbers,
        width,
        height,
        lambda: np.stack([picture(number) for number in numbers]),
    )


def whole(model: Any, footage: Footage, text: str, max_new_tokens: int, behind: str = "") -> Whole:
    """Ask a local model through its library; `behind` is the beginning of the answer."""
    inputs = prompt(model, footage, text, behind)
    generated = model.model.generate(
        **inputs, max_new_tokens=max_new_tokens, do_sample=False, output_logits=True, return_dict_in_generate=True
    )
    tokens = generated.sequences[0, inputs["input_ids"].shape[1] :].tolist()
    return Whole(model.processor.tokenizer.decode(tokens, skip_special_tokens=True), tokens, generated.logits[0][0])


def prompt(model: Any, footage: Footage, text: str, behind: str = "") -> Any:
    """The inputs of a whole prompt, without the token pair that the template puts around a video, as in Marlin's training."""
    messages = [{"role": "user", "content": [{"type": "video"}, {"type": "text", "text": text}]}]
    written = model.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    rate_hz, frames = footage.sampling.rate_hz, len(footage.times_s)
    shown = {"total_num_frames": frames, "fps": rate_hz, "frames_indices": list(range(frames))}
    settings = {"do_resize": False} if WRAPPED in written else {}
    return model.processor(
        text=[written.replace(WRAPPED, VIDEO) + behind],
        videos=[footage.pictures()],
        video_metadata=[shown],
        do_sample_frames=False,
        return_tensors="pt",
        **settings,
    )
