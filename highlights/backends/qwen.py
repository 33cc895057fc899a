"""Qwen3.5, the architecture of Marlin-2B: its prompt, its frames, and one pass over a window for all questions about it.

    <|im_start|> <0.2 seconds> <|vision_start|> tokens of frames 0 and 1 <|vision_end|> <1.2 seconds> ... question <|im_end|>
    └ prefix: processed once ──────────────────────────────────────────────────────────────────────────┘└ row by row

Two frames make a pair, and a pair attends only to itself in the vision tower: the features of a pair are cached and reused by
the next window that shows it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from highlights.backends.local import LocalModel
from highlights.backends.norms import single_norms
from highlights.backends.prefix import Prefix, in_halves
from highlights.dialects.dialect import Question
from highlights.errors import ModelError
from highlights.media.footage.reader import Footage

if TYPE_CHECKING:
    from torch import Tensor

# The template wraps the video token in a start and an end token. The processors of the family's training replaced these two by
# the frames; those since transformers 5.10 keep them. They are removed here, as in training.
WRAPPED, VIDEO = "<|vision_start|><|video_pad|><|vision_end|>", "<|video_pad|>"
NO_THOUGHTS = "<think>\n\n</think>\n\n"
FEATURES_BYTES = 256 << 20  # a window of 30 s is 22 MB of Marlin-2B's features in bfloat16


class FramePairs:
    """The vision tower's features of pairs of frames, least recently used evicted, up to `capacity_bytes`."""

    def __init__(self, capacity_bytes: int = FEATURES_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self.used_bytes = 0
        self._features: OrderedDict[bytes, Tensor] = OrderedDict()

    def get(self, key: bytes) -> Tensor | None:
        """The features of a pair, [tokens, size], if cached."""
        if key in self._features:
            self._features.move_to_end(key)
        return self._features.get(key)

    def put(self, key: bytes, features: Tensor) -> None:
        """Add a pair's features; the least recently used are evicted to make room."""
        self._features[key] = features
        self.used_bytes += features.nbytes
        while self.used_bytes > self.capacity_bytes:
            self.used_bytes -= self._features.popitem(last=False)[1].nbytes

    def clear(self) -> None:
        """Remove all features."""
        self._features.clear()
        self.used_bytes = 0


class QwenModel(LocalModel):
    """A Qwen3.5 in this process."""

    def __init__(self, model: Any, processor: Any, name: str, identity: str) -> None:
        super().__init__(model, processor, name, identity)
        single_norms(self.text)
        self.pairs = FramePairs()
        processor.video_processor.cap_pixels_per_frame = False  # frames already have their final size

    def prompts(self, questions: Sequence[Question]) -> tuple[str, list[str]]:
        """The text before the video, and for each question the text after it."""
        texts = [self._prompt(question) for question in questions]
        heads, tails = zip(*(self._halves(text) for text in texts), strict=True)
        return heads[0], list(tails)

    def _prompt(self, question: Question) -> str:
        content = [{"type": "video"}, {"type": "text", "text": question.text}]
        messages = [{"role": "user", "content": content}]
        text: str = self.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        if question.kind == "text" or text.endswith("</think>\n\n"):
            return text
        # yes or no is read from the first word of the answer, so the thoughts must end before it
        return text.removesuffix("<think>\n") + NO_THOUGHTS

    def _halves(self, text: str) -> tuple[str, str]:
        head, video, tail = text.replace(WRAPPED, VIDEO, 1).partition(VIDEO)
        if not video:
            raise ModelError(f"{self.name}: its chat template has no video; download the weights again")
        return head, tail

    def read(self, footage: Footage, head: str, behind: Sequence[int]) -> Prefix:
        """The cache of the common prefix: the text before the video, the video, and the tokens `behind` it."""
        import torch
        from transformers import DynamicCache

        pairs, grid = self.features(footage)
        pads = [len(pair) for pair in pairs]
        tokens = [*self._video_tokens(head, footage, pads), *behind]
        ids = torch.tensor([tokens])
        video = ids == self.model.config.video_token_id
        positions, offset = self.model.model.get_rope_index(ids, mm_token_type_ids=video.int() * 2, video_grid_thw=grid)
        device = self.model.device
        embedded = self.model.get_input_embeddings()(ids.to(device))
        embedded[video.to(device)] = torch.cat(pairs).to(embedded.dtype)
        cache = DynamicCache(config=self.model.config)
        self.text(inputs_embeds=embedded, position_ids=positions.to(device), past_key_values=cache, use_cache=True)
        return Prefix(cache, len(tokens), int(offset))

    def _video_tokens(self, head: str, footage: Footage, pads: Sequence[int]) -> list[int]:
        """The tokens of the text before the video and of the video; each pair has the middle of its two times."""
        times_s = [*footage.times_s, footage.times_s[-1]]
        middles_s = [(times_s[2 * pair] + times_s[2 * pair + 1]) / 2 for pair in range(len(pads))]
        start, end = "<|vision_start|>", "<|vision_end|>"
        text = head + "".join(f"<{time_s:.1f} seconds>{start}{VIDEO}{end}" for time_s in middles_s)
        video, counts = self.model.config.video_token_id, iter(pads)
        tokens: list[int] = []
        for token in self.tokens_of(text):
            tokens += [token] * (next(counts) if token == video else 1)
        return tokens

    def features(self, footage: Footage) -> tuple[list[Tensor], Tensor]:
        """The vision tower's features of each pair of frames, [tokens, size], and the grid of their patches.

        With an odd number of frames, the last one is paired with itself.
        """
        import torch

        pictures = footage.pictures()
        if len(pictures) % 2:
            pictures = np.concatenate([pictures, pictures[-1:]])
        keys = [_key(pictures[at : at + 2]) for at in range(0, len(pictures), 2)]
        found = {key: cached for key in keys if (cached := self.pairs.get(key)) is not None}
        new = {key: pair for pair, key in enumerate(keys) if key not in found}
        problem = f"{self.name}: out of memory for two frames of {footage.width}x{footage.height}; {self.advice}"
        computed = in_halves(list(new.values()), lambda some: self._computed(pictures, some), problem) if new else []
        for key, features in zip(new, computed, strict=True):
            self.pairs.put(key, features)
            found[key] = features
        side = self.processor.video_processor.patch_size
        grid = torch.tensor([[len(keys), footage.height // side, footage.width // side]])
        return [found[key] for key in keys], grid

    def _computed(self, pictures: NDArray[np.uint8], pairs: Sequence[int]) -> list[Tensor]:
        import torch

        frames = torch.from_numpy(np.concatenate([pictures[2 * pair : 2 * pair + 2] for pair in pairs])).permute(0, 3, 1, 2)
        inputs = self.processor.video_processor(
            frames, do_sample_frames=False, do_resize=False, return_tensors="pt", device=self.model.device
        )
        output = self.model.get_video_features(inputs["pixel_values_videos"], inputs["video_grid_thw"].to(self.model.device))
        tokens = torch.cat(list(output.pooler_output))
        return [pair.clone() for pair in tokens.view(len(pairs), -1, tokens.shape[-1])]

    def step(self, tokens: Tensor, positions: Tensor, mask: Tensor, cache: Any) -> Tensor:
        """The logits after the last token of each row."""
        masks = {"full_attention": mask, "linear_attention": None}
        in_3d = positions.expand(3, *positions.shape)
        output = self.text(input_ids=tokens, position_ids=in_3d, attention_mask=masks, past_key_values=cache, use_cache=True)
        return self.model.lm_head(output.last_hidden_state[:, -1])

    def close(self) -> None:
        """Free the model's memory."""
        self.pairs.clear()
        super().close()


def _key(pair: NDArray[np.uint8]) -> bytes:
    """A hash of every pixel of a pair of frames, unique across recordings; takes half a millisecond."""
    return hashlib.sha1(f"{pair.shape}".encode() + np.ascontiguousarray(pair).data, usedforsecurity=False).digest()
