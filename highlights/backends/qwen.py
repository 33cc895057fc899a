"""Qwen3.5, which Marlin-2B is: its prompt, its pictures, and one reading of a window for all questions about it.

    <|im_start|> <0.2 seconds> <|vision_start|> tokens of frames 0 and 1 <|vision_end|> <1.2 seconds> ... question <|im_end|>
    └ prefix: read once ───────────────────────────────────────────────────────────────────────────────┘└ row by row

Two frames make a pair, and a pair attends to nothing but itself in the vision tower: what was made of a pair is kept and used
again by the next window that shows it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from highlights.backends.local import LocalModel
from highlights.backends.prefix import Prefix, in_parts
from highlights.dialects.dialect import Question
from highlights.errors import ModelError
from highlights.media.footage.reader import Footage

if TYPE_CHECKING:
    from torch import Tensor

# The template wraps a video's one token in a pair of its own. The processors that the family was trained with took that pair
# out when they put the frames in; those since transformers 5.10 leave it. As trained it goes.
WRAPPED, VIDEO = "<|vision_start|><|video_pad|><|vision_end|>", "<|video_pad|>"
NO_THOUGHTS = "<think>\n\n</think>\n\n"
FEATURES_BYTES = 256 << 20  # a window of 30 s is 22 MB of Marlin-2B's features in bfloat16


class FramePairs:
    """What the vision tower made of pairs of frames, the latest used kept, up to `capacity_bytes`."""

    def __init__(self, capacity_bytes: int = FEATURES_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self.held_bytes = 0
        self._features: OrderedDict[bytes, Tensor] = OrderedDict()

    def get(self, key: bytes) -> Tensor | None:
        """The features of a pair, [tokens, size], if they are kept."""
        if key in self._features:
            self._features.move_to_end(key)
        return self._features.get(key)

    def put(self, key: bytes, features: Tensor) -> None:
        """Keep a pair's features; the longest unused go where there is no room."""
        self._features[key] = features
        self.held_bytes += features.nbytes
        while self.held_bytes > self.capacity_bytes:
            self.held_bytes -= self._features.popitem(last=False)[1].nbytes

    def clear(self) -> None:
        """Keep nothing."""
        self._features.clear()
        self.held_bytes = 0


class QwenModel(LocalModel):
    """A Qwen3.5 in this process."""

    def __init__(self, model: Any, processor: Any, name: str, identity: str) -> None:
        super().__init__(model, processor, name, identity)
        self.pairs = FramePairs()
        processor.video_processor.cap_pixels_per_frame = False  # pictures come in the size they are to have

    def prompts(self, questions: Sequence[Question]) -> tuple[str, list[str]]:
        """What comes before the video, and for each question what comes behind it."""
        texts = [self._prompt(question) for question in questions]
        heads, tails = zip(*(self._halves(text) for text in texts), strict=True)
        return heads[0], list(tails)

    def _prompt(self, question: Question) -> str:
        content = [{"type": "video"}, {"type": "text", "text": question.text}]
        messages = [{"role": "user", "content": content}]
        text: str = self.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        if question.kind == "text" or text.endswith("</think>\n\n"):
            return text
        # a yes or no is asked of the answer's first word, so thoughts are over before it
        return text.removesuffix("<think>\n") + NO_THOUGHTS

    def _halves(self, text: str) -> tuple[str, str]:
        head, video, tail = text.replace(WRAPPED, VIDEO, 1).partition(VIDEO)
        if not video:
            raise ModelError(f"{self.name}: its chat template takes no video; get the weights again")
        return head, tail

    def read(self, footage: Footage, head: str, behind: Sequence[int]) -> Prefix:
        """The cache of everything up to the questions: what comes before the video, the video, and tokens `behind` it."""
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
        """The tokens of the video with what comes before it: each pair under the middle of its two times."""
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
        """For each pair of frames its tokens [tokens, size] as the vision tower makes them, and the grid of their patches.

        The last frame of an odd number makes a pair with itself.
        """
        import torch

        pictures = footage.pictures()
        if len(pictures) % 2:
            pictures = np.concatenate([pictures, pictures[-1:]])
        keys = [_key(pictures[at : at + 2]) for at in range(0, len(pictures), 2)]
        found = {key: kept for key in keys if (kept := self.pairs.get(key)) is not None}
        new = {key: pair for pair, key in enumerate(keys) if key not in found}
        problem = f"{self.name}: memory does not suffice for two pictures of {footage.width}x{footage.height}; {self.advice}"
        made = in_parts(list(new.values()), lambda some: self._seen(pictures, some), problem) if new else []
        for key, features in zip(new, made, strict=True):
            self.pairs.put(key, features)
            found[key] = features
        side = self.processor.video_processor.patch_size
        grid = torch.tensor([[len(keys), footage.height // side, footage.width // side]])
        return [found[key] for key in keys], grid

    def _seen(self, pictures: NDArray[np.uint8], pairs: Sequence[int]) -> list[Tensor]:
        import torch

        frames = torch.from_numpy(np.concatenate([pictures[2 * pair : 2 * pair + 2] for pair in pairs])).permute(0, 3, 1, 2)
        inputs = self.processor.video_processor(
            frames, do_sample_frames=False, do_resize=False, return_tensors="pt", device=self.model.device
        )
        seen = self.model.get_video_features(inputs["pixel_values_videos"], inputs["video_grid_thw"].to(self.model.device))
        tokens = torch.cat(list(seen.pooler_output))
        return [pair.clone() for pair in tokens.view(len(pairs), -1, tokens.shape[-1])]

    def step(self, tokens: Tensor, positions: Tensor, mask: Tensor, cache: Any) -> Tensor:
        """The logits behind the last token of each row."""
        masks = {"full_attention": mask, "linear_attention": None}
        places = positions.expand(3, *positions.shape)
        seen = self.text(input_ids=tokens, position_ids=places, attention_mask=masks, past_key_values=cache, use_cache=True)
        return self.model.lm_head(seen.last_hidden_state[:, -1])

    def close(self) -> None:
        """Give the model's memory back."""
        self.pairs.clear()
        super().close()


def _key(pair: NDArray[np.uint8]) -> bytes:
    """Tells a pair of pictures from all others, of this recording or another: by every pixel, in half a millisecond."""
    return hashlib.sha1(f"{pair.shape}".encode() + np.ascontiguousarray(pair).data, usedforsecurity=False).digest()
