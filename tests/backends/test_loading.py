"""A model is loaded by the library's own classes, and what cannot be loaded is refused in one line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.random_model import MARLIN_SHAPE
from benchmarks.tiny.models import qwen_config, qwen_tokenizer
from benchmarks.tiny.prompts import drawn
from highlights.backends.transformers import ARCHITECTURE_OF, CLASSES, attention, load, shortest_dtype
from highlights.backends.weights import look_for
from highlights.dialects.dialect import Question
from highlights.errors import ModelError
from tests.support.places import ROOT

torch = pytest.importorskip("torch")


@pytest.fixture
def folder(marlin_folder, tmp_path) -> Path:
    """A checkpoint that a test may damage."""
    return Path(shutil.copytree(marlin_folder, tmp_path / "Marlin"))


def refused(folder: Path, message: str, family="marlin") -> None:
    with pytest.raises(ModelError, match=message) as refusal:
        load(family, look_for(folder), "cpu", "float32")
    assert "\n" not in str(refusal.value)


def test_the_class_that_is_loaded_has_the_published_size_of_marlin():
    transformers = pytest.importorskip("transformers")
    model_class = getattr(transformers, CLASSES[ARCHITECTURE_OF["marlin"]][1])
    with torch.device("meta"):  # shapes only: no memory, no weights
        model = model_class._from_config(qwen_config(qwen_tokenizer(), MARLIN_SHAPE.text, MARLIN_SHAPE.vision))
    published = model.state_dict()  # with `lm_head.weight`, which is stored although it is tied to the embeddings
    assert len(published) == 618
    assert sum(tensor.numel() for tensor in published.values()) == 2_721_801_024
    assert sum(weight.numel() for weight in model.parameters()) == 2_213_241_664


def test_a_model_reports_its_name_and_device(marlin, marlin_folder):
    assert marlin.name == "Tiny-Marlin (float32 on cpu)"
    assert marlin.identity == f"Tiny-Marlin {look_for(marlin_folder).key} float32 cpu"


def test_a_published_model_reports_its_commit(marlin_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    commit = "1a2b3c4d" * 5
    shutil.copytree(marlin_folder, tmp_path / "models--NemoStation--Marlin-2B" / "snapshots" / commit)
    model = load("marlin", look_for("NemoStation/Marlin-2B"), "cpu", "float32")
    assert model.name == "Marlin-2B (1a2b3c4, float32 on cpu)"
    assert commit in model.identity


def test_weights_are_loaded_and_run_in_the_requested_precision(molmo_folder):
    model = load("molmo2", look_for(molmo_folder), "cpu", "bfloat16")
    assert {weight.dtype for weight in model.model.parameters()} == {torch.bfloat16}
    assert model.name.endswith("(bfloat16 on cpu)")
    assert len(model.ask(drawn(0, 4), [Question("Who?", 4), Question("Which?", 4)])) == 2


def test_no_code_of_a_checkpoint_is_run_and_unexpected_files_are_ignored(folder):
    assert "SystemExit" in (folder / "modeling_marlin.py").read_text()
    assert "modeling_marlin" in (folder / "config.json").read_text()
    for name in ("pytorch_model.bin", "training_args.bin", "notes.txt", "weights.gguf"):
        (folder / name).write_bytes(b"\x80\x04\x95 not to be unpickled")
    assert load("marlin", look_for(folder), "cpu", "float32").ask(drawn(0, 4), [Question("Who?", 2)])


def test_the_key_value_cache_is_used_even_where_the_configuration_disables_it(marlin, marlin_folder):
    config = json.loads((marlin_folder / "config.json").read_text())
    assert config["text_config"]["use_cache"] is False
    assert marlin.text.config.use_cache is True


def test_either_of_two_tokens_ends_an_answer(marlin):
    tokens = marlin.processor.tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|im_end|>"])
    assert marlin.ends == set(tokens)


@pytest.mark.parametrize("ending", ["<|endoftext|>", "<|im_end|>"])
def test_an_answer_ends_when_an_end_token_is_the_most_likely(marlin, ending):
    question = Question("Identify the timestamps.", 12)
    (answer,) = marlin.ask(drawn(0, 8), [question])
    assert answer.truncated
    last = marlin.processor.tokenizer(answer.tokens[5].text, add_special_tokens=False)["input_ids"]
    before = marlin.ends
    marlin.ends = before | set(last)
    (shorter,) = marlin.ask(drawn(0, 8), [question])
    marlin.ends = before
    assert not shorter.truncated
    assert shorter.tokens == answer.tokens[: len(shorter.tokens)]
    assert len(shorter.tokens) <= 5


def test_a_checkpoint_of_another_family_is_refused(marlin_folder, molmo_folder):
    refused(molmo_folder, "not a marlin model: its architecture is molmo2")
    refused(marlin_folder, "not a molmo2 model: its architecture is qwen3_5", family="molmo2")


def change_weights(folder: Path, change) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def test_incomplete_weights_are_refused(folder):
    change_weights(folder, lambda weights: weights.pop("model.visual.merger.norm.bias"))
    refused(folder, r"its weights do not fit its architecture, model.visual.merger.norm.bias is missing")


def test_weights_of_another_shape_are_refused(folder):
    name = "model.visual.merger.norm.bias"
    change_weights(folder, lambda weights: weights.update({name: torch.zeros(7)}))
    refused(folder, "does not load: ")


def test_surplus_weights_are_ignored(folder):
    change_weights(folder, lambda weights: weights.update({"mtp.layers.0.weight": torch.zeros(7)}))
    assert load("marlin", look_for(folder), "cpu", "float32").ask(drawn(0, 4), [Question("Who?", 2)])


@pytest.mark.parametrize("name", ["tokenizer.json", "processor_config.json", "generation_config.json"])
def test_a_file_that_is_not_json_is_named(folder, name):
    (folder / name).write_text('{"added_tokens": [')
    refused(folder, f"{name} is not JSON")


@pytest.mark.parametrize("text", ['{"version": "1.0"}', "{}"])
def test_an_invalid_tokenizer_is_refused(folder, text):
    (folder / "tokenizer.json").write_text(text)
    refused(folder, "does not load: ")


def test_a_configuration_with_values_out_of_range_is_refused(folder):
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["hidden_size"] = "wide"
    (folder / "config.json").write_text(json.dumps(config))
    refused(folder, "does not load: ")


def test_the_file_layout_of_older_checkpoints_gives_the_same_processor(marlin, folder):
    parts = json.loads((folder / "processor_config.json").read_text())
    (folder / "processor_config.json").unlink()
    (folder / "preprocessor_config.json").write_text(json.dumps(parts["image_processor"]))
    (folder / "video_preprocessor_config.json").write_text(json.dumps(parts["video_processor"]))
    questions = [Question("Who?", 5), Question("Is a goal scored?", 5)]
    assert load("marlin", look_for(folder), "cpu", "float32").ask(drawn(0, 4), questions) == marlin.ask(drawn(0, 4), questions)


def test_a_checkpoint_without_a_processor_is_refused(folder):
    (folder / "processor_config.json").unlink()
    refused(folder, "does not load: ")


def test_molmo2_keeps_the_attention_between_its_frames_where_flash_attention_is_installed(tmp_path, monkeypatch):
    (tmp_path / "flash_attn").mkdir()
    (tmp_path / "flash_attn" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert attention("molmo2", "cuda") == "sdpa"
    assert attention("qwen3_5", "cuda") == "flash_attention_2"
    assert attention("qwen3_5", "cpu") == "sdpa"


@pytest.mark.parametrize(("native", "dtype"), [(False, "float16"), (True, "bfloat16")], ids=["Turing", "Ampere"])
def test_nvidia_cards_that_only_emulate_bfloat16_compute_in_float16(native, dtype, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: native or including_emulation)
    assert shortest_dtype("cuda") == dtype


@pytest.mark.parametrize(("version", "dtype"), [((13, 6), "float16"), ((14, 0), "bfloat16"), ((15, 2), "bfloat16")])
def test_apple_gpus_compute_in_bfloat16_from_macos_14_on(version, dtype, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_macos_or_newer", lambda major, minor: version >= (major, minor))
    assert shortest_dtype("mps") == dtype


def test_kernels_for_nvidia_s_cards_are_not_used_on_a_cpu(marlin, marlin_folder, tmp_path):
    kernels = tmp_path / "fla" / "ops" / "gated_delta_rule"
    kernels.mkdir(parents=True)
    (tmp_path / "fla" / "__init__.py").touch()
    (tmp_path / "fla" / "ops" / "__init__.py").touch()
    (kernels / "__init__.py").write_text(
        "def chunk_gated_delta_rule(*_, **__): raise RuntimeError('0 active drivers')\n"
        "fused_recurrent_gated_delta_rule = chunk_gated_delta_rule\n"
    )
    asked = (
        "import torch; torch.set_num_threads(1)\n"
        "from benchmarks.tiny.prompts import drawn\n"
        "from highlights.backends.transformers import load\n"
        "from highlights.backends.weights import look_for\n"
        "from highlights.dialects.dialect import Question\n"
        f"model = load('marlin', look_for({str(marlin_folder)!r}), 'cpu', 'float32')\n"
        "print(ascii(model.ask(drawn(0, 4), [Question('Who?', 5)])[0].text))\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT), *sys.path[1:]])
    done = subprocess.run([sys.executable, "-c", asked], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.stdout.strip() == ascii(marlin.ask(drawn(0, 4), [Question("Who?", 5)])[0].text), done.stderr
