"""Molmo2: its prompt, its frames, and one pass over a window for all questions about it.

    <|im_end|>0.0 <frame_start> tokens of frame 0 <frame_end> 0.5 <frame_start> ... <frame_end><|im_start|>user\n question ...
    └ prefix: processed once ─────────────────────────────────────────────────────┘└ row by row

All frames attend to each other, so nothing of a window can be reused by the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from highlights.backends.local import LocalModel
from highlights.backends.prefix import Prefix
from highlights.dialects.dialect import Question
from highlights.errors import ModelError
from highlights.media.footage.reader import Footage

if TYPE_CHECKING:
    from torch import Tensor


class MolmoModel(LocalModel):
    """A Molmo2 in this process."""

    def prompts(self, questions: Sequence[Question]) -> tuple[str, list[str]]:
        """The text before the video, and for each question the text after it."""
        halves = [self._halves(question) for question in questions]
        return halves[0][0], [tail for _, tail in halves]

    def _halves(self, question: Question) -> tuple[str, str]:
        messages = [{"role": "user", "content": [{"type": "video"}, {"type": "text", "text": question.text}]}]
        text: str = self.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        head, video, tail = text.partition(self.processor.video_token)
        if not video:
            raise ModelError(f"{self.name}: its chat template has no video; download the weights again")
        return head, tail

    def read(self, footage: Footage, head: str, behind: Sequence[int]) -> Prefix:
        """The cache of the common prefix: the text before the video, the video, and the tokens `behind` it."""
        import torch
        from transformers import DynamicCache

        rate_hz = footage.sampling.rate_hz
        timing = {"fps": rate_hz, "frames_indices": [time_s * rate_hz for time_s in footage.times_s]}
        inputs = self.processor(
            text=head + self.processor.video_token,
            videos=[footage.pictures()],
            video_metadata=[{"total_num_frames": len(footage.times_s), **timing}],
            do_sample_frames=False,
            return_tensors="pt",
            return_mm_token_type_ids=True,
        ).to(self.model.device)
        inputs.pop("attention_mask", None)
        ids = torch.cat([inputs.pop("input_ids"), torch.tensor([list(behind)], device=self.model.device, dtype=torch.long)], 1)
        kinds = torch.nn.functional.pad(inputs.pop("mm_token_type_ids"), (0, len(behind)))
        cache = DynamicCache(config=self.model.config)
        self.model.model(input_ids=ids, mm_token_type_ids=kinds, past_key_values=cache, use_cache=True, **inputs)
        return Prefix(cache, ids.shape[1])

    def step(self, tokens: Tensor, positions: Tensor, mask: Tensor, cache: Any) -> Tensor:
        """The logits after the last token of each row."""
        output = self.text(input_ids=tokens, position_ids=positions, attention_mask=mask, past_key_values=cache, use_cache=True)
        return self.model.lm_head(output.last_hidden_state[:, -1])
