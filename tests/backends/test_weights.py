"""Weights are found by folder or by name; an unusable checkpoint is refused with a message for each fault."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from highlights.backends.weights import look_for
from highlights.errors import ModelError

COMMIT, OLDER = "1a2b3c4d" * 5, "9f8e7d6c" * 5
NAME = "NemoStation/Marlin-2B"


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Path:
    """An empty cache with the layout of Hugging Face's tools."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def cached(hub: Path, folder: Path, commit: str = COMMIT, ref: str | None = "main", name: str = NAME) -> Path:
    """A checkpoint in the cache as a commit, optionally named by a branch or tag."""
    repository = hub / f"models--{name.replace('/', '--')}"
    shutil.copytree(folder, repository / "snapshots" / commit)
    if ref:
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / ref).write_text(commit)
    return repository / "snapshots" / commit


@pytest.fixture
def folder(marlin_folder, tmp_path) -> Path:
    """A checkpoint that a test may damage."""
    return Path(shutil.copytree(marlin_folder, tmp_path / "Marlin"))


def refused(where: str | Path, message: str) -> str:
    with pytest.raises(ModelError, match=message) as refusal:
        look_for(where)
    text = str(refusal.value)
    assert "\n" not in text
    assert text.startswith((str(where), "no weights of"))
    return text


def test_a_folder_of_weights_is_found(marlin_folder, molmo_folder):
    found = look_for(marlin_folder)
    assert (found.name, found.folder, found.revision, found.architecture) == ("Tiny-Marlin", marlin_folder, "", "qwen3_5")
    assert look_for(str(molmo_folder)).architecture == "molmo2"


def test_weights_are_found_by_name_with_their_commit(hub, marlin_folder):
    snapshot = cached(hub, marlin_folder)
    cached(hub, marlin_folder, OLDER, ref="v1")
    found = look_for(NAME)
    assert (found.name, found.folder, found.revision) == ("Marlin-2B", snapshot, COMMIT)
    assert found.key == COMMIT
    assert look_for(snapshot).revision == COMMIT


@pytest.mark.parametrize("revision", ["v1", OLDER, OLDER[:7]])
def test_another_revision_can_be_named(hub, marlin_folder, revision):
    cached(hub, marlin_folder)
    cached(hub, marlin_folder, OLDER, ref="v1")
    assert look_for(NAME, revision).revision == OLDER


def test_a_single_revision_is_used_where_none_is_called_main(hub, marlin_folder):
    cached(hub, marlin_folder, OLDER, ref=None)
    assert look_for(NAME).revision == OLDER


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({"HF_HUB_CACHE": "a"}, "a"),
        ({"HUGGINGFACE_HUB_CACHE": "b"}, "b"),
        ({"HF_HOME": "c"}, "c/hub"),
        ({"XDG_CACHE_HOME": "d"}, "d/huggingface/hub"),
        ({"HOME": "e"}, "e/.cache/huggingface/hub"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_the_cache_is_that_of_the_hugging_face_tools(tmp_path, monkeypatch, marlin_folder, variables, where):
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, str(tmp_path / value))
    cached(tmp_path / where, marlin_folder)
    assert look_for(NAME).folder.is_relative_to(tmp_path / where)


def test_missing_weights_are_refused_with_the_command_that_downloads_them(hub):
    message = refused(NAME, "no weights of NemoStation/Marlin-2B on this machine")
    assert "`hf download NemoStation/Marlin-2B`" in message
    assert "gated: accept its terms on https://huggingface.co/NemoStation/Marlin-2B" in message
    assert "`hf auth login`" in message
    assert "--finder signals" in message
    assert "gated" not in refused("allenai/Molmo2-4B", "`hf download allenai/Molmo2-4B`")


def test_a_missing_revision_is_named_in_the_download_command(hub, marlin_folder):
    cached(hub, marlin_folder)
    with pytest.raises(ModelError, match=r"`hf download NemoStation/Marlin-2B --revision v9`"):
        look_for(NAME, "v9")


@pytest.mark.parametrize("name", ["/no/such/folder", "./weights", "nothing", "a/b/c"])
def test_a_missing_folder_is_refused(hub, name):
    refused(name, "no such folder")


def test_an_empty_folder_is_refused(tmp_path):
    refused(tmp_path, "not a model: it has no config.json")


@pytest.mark.parametrize("kind", ["qwen2_5_vl", None, ["molmo2"]])
def test_another_architecture_is_refused_by_its_name(folder, kind):
    (folder / "config.json").write_text(json.dumps({"model_type": kind}))
    refused(folder, re.escape(f"another architecture ({kind}); this program runs Marlin-2B (qwen3_5) and Molmo2 (molmo2)"))


@pytest.mark.parametrize(
    ("text", "message"), [("{", "config.json is not JSON"), ("[]", "config.json is JSON but not an object")]
)
def test_a_configuration_that_cannot_be_read_is_refused(folder, text, message):
    (folder / "config.json").write_text(text)
    refused(folder, message)


def test_a_checkpoint_without_a_tokenizer_is_refused(folder):
    (folder / "tokenizer.json").unlink()
    refused(folder, r"has no tokenizer \(tokenizer.json\)")


def test_a_checkpoint_with_only_pickled_weights_is_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused(folder, r"has no weights \(model.safetensors\)")


@pytest.mark.parametrize("kept_bytes", [0, 4, 100, 50_000, -1])
def test_truncated_weights_are_refused(folder, kept_bytes):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept_bytes])
    refused(folder, "its start is missing" if 0 <= kept_bytes < 5000 else "bytes, not the")


def test_files_that_are_not_weights_are_refused(folder):
    (folder / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4\n")
    refused(folder, "model.safetensors is not a valid weights file")


def in_shards(folder: Path) -> list[Path]:
    """The same weights split into several files."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names, index = sorted(weights), {}
    paths = [folder / f"model-{part + 1:05}-of-00003.safetensors" for part in range(3)]
    for part, path in enumerate(paths):
        mine = {name: weights[name] for name in names[part::3]}
        save_file(mine, path, metadata={"format": "pt"})
        index |= dict.fromkeys(mine, path.name)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    return paths


def test_weights_in_several_files_are_found_and_a_missing_one_is_named(folder):
    paths = in_shards(folder)
    assert look_for(folder).architecture == "qwen3_5"
    paths[1].unlink()
    refused(folder, r"model-00002-of-00003.safetensors of 3 missing; part of it is missing: download it again")
    paths[0].unlink()
    refused(folder, r"model-00001-of-00003.safetensors and 1 more files of 3 missing")


def test_an_unfinished_download_is_reported_as_unfinished(hub, marlin_folder):
    snapshot = cached(hub, marlin_folder)
    (snapshot / "model.safetensors").unlink()
    blobs = snapshot.parents[1] / "blobs"
    blobs.mkdir()
    (blobs / "4d7a.incomplete").touch()
    refused(NAME, r"its download was not finished: download it again \(hf download NemoStation/Marlin-2B\)")


@pytest.mark.parametrize("index", ["{}", '{"weight_map": {}}', '{"weight_map": 3}'])
def test_an_index_that_names_no_weights_is_refused(folder, index):
    in_shards(folder)
    (folder / "model.safetensors.index.json").write_text(index)
    refused(folder, "model.safetensors.index.json names no weights")


def test_an_index_cannot_name_files_outside_its_folder(folder):
    shutil.copy(folder / "model.safetensors", folder.parent / "other.safetensors")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "../other.safetensors"}}))
    refused(folder, "missing")


def test_the_key_of_a_folder_changes_with_its_content(folder, marlin_folder):
    key = look_for(folder).key
    assert key == look_for(marlin_folder).key
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    changed = look_for(folder).key
    assert changed != key
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    assert look_for(folder).key not in {key, changed}


def test_searching_for_weights_loads_no_library(marlin_folder):
    code = f"""
import sys
from highlights.backends.weights import look_for
look_for({str(marlin_folder)!r}).key
print({{name.split(".")[0] for name in sys.modules}} & {{"torch", "transformers", "safetensors", "huggingface_hub", "numpy"}})
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
