"""Tiny random checkpoints of the real architectures, Marlin-2B and Molmo2, with the same files in a megabyte or two.

    folder = tiny_marlin(tmp_path)       like NemoStation/Marlin-2B: weights, tokenizer, template, processor
    folder = tiny_molmo2(tmp_path)       like allenai/Molmo2-4B

They are seeded, and their weights are large enough that answers differ from window to window and from question to question.
Their answers are nonsense. Each has its own small byte-level tokenizer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

SEED = 20
# Spread of the weights, in units of that which preserves a signal's size; with less a random model always answers the same.
SPREAD, WORDS_SPREAD, PICTURES_SPREAD = 1.6, 0.4, 4.0
FONDNESS = 4.0  # factor on the logits of favoured tokens

QWEN_SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"),
)
QWEN_PLAIN = ("<think>", "</think>")  # single tokens that are nevertheless shown in an answer

MOLMO_SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<im_start>", "<im_end>", "<im_patch>", "<im_col>"),
    *("<low_res_im_start>", "<|image|>", "<im_low>", "<frame_start>", "<frame_end>", "<|video|>"),
)

WORDS = (
    "Identify the timestamps during which takes place. Output the time range as From <start> to <end>. (numbers in seconds). "
    "Yes No yes no YES NO goal corner kick is scored a player in the video? Answer yes or no. Provide a spatial description of "
    "this clip followed by time-ranged events. Point to the ball. How many are there? There are none. seconds user assistant "
) * 3

# As in the small Qwen3.5 models: no reasoning unless requested; content is trimmed; a video is one token between two others.
QWEN_TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}{{- message.content|trim }}
{%- else %}{%- for item in message.content %}
{%- if item.type == 'video' %}{{- '<|vision_start|><|video_pad|><|vision_end|>' }}
{%- elif item.type == 'text' %}{{- item.text }}{%- endif %}{%- endfor %}{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is true %}{{- '<think>\\n' }}
{%- else %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}"""

# A video precedes all turns.
MOLMO_TEMPLATE = """\
{%- for message in messages %}{%- if message.content is not string %}{%- for item in message.content %}
{%- if item.type == 'video' %}{{- '<|video|>' }}{%- endif %}{%- endfor %}{%- endif %}{%- endfor %}
{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}{{- message.content }}
{%- else %}{%- for item in message.content %}{%- if item.type == 'text' %}{{- item.text }}{%- endif %}{%- endfor %}{%- endif %}
{{- '<|im_end|>\\n' }}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""


@cache
def vocabulary(words: str, size: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Every byte, and merges of bytes that are adjacent in some words, up to a size."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator([words], trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False))
    state = json.loads(tokenizer.to_str())["model"]
    return state["vocab"], [(first, second) for first, second in state["merges"]]


def qwen_tokenizer(words: str = WORDS, size: int = 420) -> Any:
    """A tokenizer with Qwen3.5's special tokens and template, a few words, and all bytes."""
    from transformers import AddedToken
    from transformers.models.qwen3_5 import Qwen3_5Tokenizer

    known, merges = vocabulary(words, size)
    tokenizer = Qwen3_5Tokenizer(
        vocab=dict(known), merges=list(merges), eos_token="<|im_end|>", extra_special_tokens=list(QWEN_SPECIAL)
    )
    tokenizer.add_tokens([AddedToken(word, special=False, normalized=False) for word in QWEN_PLAIN])
    tokenizer.chat_template = QWEN_TEMPLATE
    return tokenizer


def _molmo_tokenizer() -> Any:
    from transformers.models.qwen2 import Qwen2Tokenizer

    known, merges = vocabulary(WORDS, 420)
    tokenizer = Qwen2Tokenizer(
        vocab=dict(known), merges=list(merges), bos_token="<|im_end|>", eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    tokenizer.add_special_tokens({"additional_special_tokens": list(MOLMO_SPECIAL)})
    tokenizer.chat_template = MOLMO_TEMPLATE
    return tokenizer


def qwen_config(tokenizer: Any, text: dict[str, Any], vision: dict[str, Any]) -> Any:
    """A Qwen3.5 of Marlin's architecture with these sizes, for a tokenizer's vocabulary."""
    from transformers import Qwen3_5Config

    number = tokenizer.convert_tokens_to_ids
    return Qwen3_5Config(
        text_config={
            "vocab_size": len(tokenizer),
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10_000_000,
                "partial_rotary_factor": 0.25,
                "mrope_section": [11, 11, 10],
                "mrope_interleaved": True,
            },
            "tie_word_embeddings": True,
            **text,
        },
        vision_config=vision,
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        tie_word_embeddings=True,
    )


def qwen_processor(tokenizer: Any) -> Any:
    """The processor of Qwen3.5 with a tokenizer, as the checkpoints of the family set it up."""
    from transformers import Qwen2VLImageProcessor, Qwen3VLProcessor, Qwen3VLVideoProcessor

    means = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "patch_size": 16}
    budget = {"shortest_edge": 4096, "longest_edge": 25_165_824}
    return Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(**means),
        tokenizer=tokenizer,
        video_processor=Qwen3VLVideoProcessor(**means, size=budget, fps=2, min_frames=4, max_frames=768),
        chat_template=tokenizer.chat_template,
    )


def tiny_marlin(folder: Path, fond_of: Sequence[str] = (), linear_head_dim: int = 16) -> Path:
    """`folder` with a checkpoint of Marlin-2B's architecture in it.

    Like the real one, its configuration names custom code (which must not be run: it exits the program) and has
    `use_cache: false`, and an answer may end with either of two tokens.

    `fond_of` are words or sentences, each a single token, that it favours, followed by the end: short nonsense that can be
    parsed. `linear_head_dim` is the width of a head of linear attention; vLLM's kernels need that of the real one, 128.
    """
    from transformers import AddedToken, Qwen3_5ForConditionalGeneration

    tokenizer = qwen_tokenizer()
    tokenizer.add_tokens([AddedToken(word, special=False, normalized=False) for word in fond_of])
    text = {
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 4,
        "head_dim": 32,
        "use_cache": False,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "linear_num_key_heads": 2,
        "linear_num_value_heads": 4,
        "linear_key_head_dim": linear_head_dim,
        "linear_value_head_dim": linear_head_dim,
    }
    vision = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_heads": 2,
        "out_hidden_size": 64,
        "patch_size": 16,
        "num_position_embeddings": 64,
    }
    config = qwen_config(tokenizer, text, vision)
    config.text_config.rope_parameters["mrope_section"] = [2, 1, 1]
    if fond_of:  # with tied embeddings a favoured word would repeat forever
        config.tie_word_embeddings = config.text_config.tie_word_embeddings = False
    model = _random(Qwen3_5ForConditionalGeneration, config)
    ends = [tokenizer.convert_tokens_to_ids(word) for word in ("<|endoftext|>", "<|im_end|>")]
    model.generation_config.eos_token_id = ends
    model.generation_config.pad_token_id = ends[0]
    if fond_of:
        liked = tokenizer.convert_tokens_to_ids([*fond_of, "<|im_end|>"])
        model.lm_head.weight.data[liked] *= FONDNESS
    _save(model, qwen_processor(tokenizer), folder)
    _name_own_code(folder, "marlin", "AutoModelForCausalLM", architectures=["MarlinForConditionalGeneration"])
    return folder


def tiny_molmo2(folder: Path) -> Path:
    """`folder` with a checkpoint of Molmo2's architecture in it, in float32 like the real ones."""
    from transformers import (
        Molmo2Config,
        Molmo2ForConditionalGeneration,
        Molmo2ImageProcessor,
        Molmo2Processor,
        Molmo2VideoProcessor,
    )

    tokenizer = _molmo_tokenizer()
    number = tokenizer.convert_tokens_to_ids
    tower = {"hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16}
    config = Molmo2Config(
        text_config={
            "hidden_size": 64,
            "intermediate_size": 96,
            "num_hidden_layers": 2,
            "head_dim": 16,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "vocab_size": len(tokenizer),
            "additional_vocab_size": 8,
            "rope_parameters": {"rope_type": "default", "rope_theta": 5_000_000.0},
        },
        vision_config={**tower, "intermediate_size": 48, "num_hidden_layers": 3, "image_size": [84, 84], "patch_size": 14},
        adapter_config={**tower, "intermediate_size": 48, "text_hidden_size": 64, "vision_feature_layer": [2, 1]},
        image_start_token_id=number("<im_start>"),
        low_res_image_start_token_id=number("<low_res_im_start>"),
        image_end_token_id=number("<im_end>"),
        image_patch_id=number("<im_patch>"),
        frame_start_token_id=number("<frame_start>"),
        frame_end_token_id=number("<frame_end>"),
    )
    model = _random(Molmo2ForConditionalGeneration, config)
    model.generation_config.eos_token_id = number("<|im_end|>")
    model.generation_config.pad_token_id = number("<|endoftext|>")
    means = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 84, "width": 84}}
    processor = Molmo2Processor(
        image_processor=Molmo2ImageProcessor(**means),
        video_processor=Molmo2VideoProcessor(**means, num_frames=384),
        tokenizer=tokenizer,
        chat_template=tokenizer.chat_template,
    )
    _save(model, processor, folder)
    _name_own_code(folder, "molmo2", "AutoModelForImageTextToText")
    return folder


def _random(kind: Any, config: Any) -> Any:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return draw_weights(kind(config).eval())


def draw_weights(model: Any) -> Any:
    """The model with new random weights, matrices scaled by their fan-in so that signals neither vanish nor explode."""
    import torch

    for name, weight in model.named_parameters():
        if "embed" in name:
            torch.nn.init.normal_(weight, std=WORDS_SPREAD)
        elif weight.dim() >= 2:
            wide = PICTURES_SPREAD if name.endswith("merger.linear_fc2.weight") else SPREAD
            torch.nn.init.normal_(weight, std=wide / weight[0].numel() ** 0.5)
    return model


def _save(model: Any, processor: Any, folder: Path) -> None:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def _name_own_code(folder: Path, name: str, auto_class: str, **named: list[str]) -> None:
    """Make the configuration name code beside the weights, as in the real checkpoints; running it fails the test."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config |= named
    config["auto_map"] = {auto_class: f"modeling_{name}.Its", "AutoConfig": f"modeling_{name}.ItsConfig"}
    path.write_text(json.dumps(config, indent=2))
    (folder / f"modeling_{name}.py").write_text("raise SystemExit('code from a checkpoint was run')\n")
