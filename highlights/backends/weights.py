"""A model's weights on this machine, in a folder or in the Hugging Face cache, found and checked without loading any library.

Nothing is ever downloaded, and only JSON and safetensors files are read: pickles and Python files stay closed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from highlights.errors import ModelError

Architecture = Literal["qwen3_5", "molmo2"]
"""The `model_type` in a model's `config.json`: `qwen3_5` is Marlin-2B's."""

ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)
GATED = frozenset({"NemoStation/Marlin-2B"})
"""Models whose terms must be accepted on their page before they can be downloaded."""

TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"))
SAMPLES, SAMPLE_BYTES = 64, 4096  # of each weights file, for the digest
LONGEST_HEADER_BYTES = 100_000_000  # the limit of safetensors itself


@dataclass(frozen=True, slots=True)
class Weights:
    """A complete checkpoint.

    `name` is for people; `revision` is the commit it was published as, empty for a plain folder.
    """

    name: str
    folder: Path
    revision: str
    architecture: Architecture

    @property
    def key(self) -> str:
        """Identifies these weights: the revision, or for a plain folder a digest of samples of its files."""
        return self.revision or _digest(self.folder)


def look_for(name_or_path: str | Path, revision: str = "main") -> Weights:
    """The weights in a folder, or those of a name (`NemoStation/Marlin-2B`) in the Hugging Face cache.

    Raises:
        ModelError: They are missing, incomplete, or of an unsupported architecture; the message says what to do.
    """
    folder = Path(name_or_path).expanduser()
    if folder.is_dir():
        return _checked(str(name_or_path), folder.resolve().name, folder, _revision_of(folder))
    name = str(name_or_path)
    if not re.fullmatch(r"[\w][\w.-]*/[\w][\w.-]*", name):
        raise ModelError(f"{name}: no such folder; give a folder of weights, or a name such as NemoStation/Marlin-2B")
    snapshot = _snapshot(_cache() / f"models--{name.replace('/', '--')}", revision)
    if snapshot is None:
        raise ModelError(f"no weights of {name} on this machine: {_advice(name, revision)}")
    return _checked(name, name.split("/")[1], snapshot, snapshot.name)


def check(weights: Weights) -> None:
    """Check that every JSON file of a checkpoint can be parsed, which takes a moment if the tokenizer is large.

    Raises:
        ModelError: One cannot.
    """
    for path in sorted(weights.folder.glob("*.json")):
        _json(str(weights.folder), path)


def _advice(name: str, revision: str) -> str:
    command = f"hf download {name}" + (f" --revision {revision}" if revision != "main" else "")
    page = f"https://huggingface.co/{name}"
    gate = f" (gated: accept its terms on {page}, then `hf auth login`, first)" if name in GATED else ""
    return f"get them with `{command}`{gate}, or use --finder signals, which needs none"


def _cache() -> Path:
    """The Hugging Face cache, located as its own tools do."""
    given = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if given:
        return Path(given).expanduser()
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{caches}/huggingface"
    return Path(home).expanduser() / "hub"


def _snapshot(repository: Path, revision: str) -> Path | None:
    """The folder of a revision: a branch, a tag, or the start of a commit hash."""
    named = repository / "refs" / revision
    commit = named.read_text(encoding="utf-8").strip() if named.is_file() else revision
    folders = [folder for folder in sorted((repository / "snapshots").glob("*")) if folder.is_dir()]
    if revision == "main" and not named.is_file() and len(folders) == 1:
        return folders[0]
    return next((folder for folder in folders if folder.name.startswith(commit)), None)


def _revision_of(folder: Path) -> str:
    """The commit, if the folder is a snapshot in a cache."""
    in_cache = folder.parent.name == "snapshots" and re.fullmatch(r"[0-9a-f]{40}", folder.name)
    return folder.name if in_cache else ""


def _checked(where: str, name: str, folder: Path, revision: str) -> Weights:
    try:
        architecture = _architecture(where, folder)
        if not any(all((folder / file).is_file() for file in files) for files in TOKENIZERS):
            raise ModelError(f"{where}: has no tokenizer (tokenizer.json); {_remedy(where, folder)}")
        for file in _files(where, folder):
            _check_length(where, folder, file)
    except OSError as error:
        raise ModelError(f"{where}: cannot be read: {error.strerror}: {error.filename}") from error
    return Weights(name, folder, revision, architecture)


def _remedy(where: str, folder: Path) -> str:
    """What to do about an incomplete checkpoint."""
    in_cache = folder.parent.name == "snapshots"
    interrupted = any((folder.parents[1] / "blobs" if in_cache else folder).rglob("*.incomplete"))
    why = "its download was not finished" if interrupted else "part of it is missing"
    return f"{why}: download it again (hf download {where if in_cache else 'NAME --local-dir ' + where})"


def _architecture(where: str, folder: Path) -> Architecture:
    if not (folder / "config.json").is_file():
        raise ModelError(f"{where}: not a model: it has no config.json; {_remedy(where, folder)}")
    kind = _json(where, folder / "config.json").get("model_type")
    if kind not in ARCHITECTURES:
        supported = "Marlin-2B (qwen3_5) and Molmo2 (molmo2)"
        raise ModelError(f"{where}: a model of another architecture ({kind}); this program runs {supported}")
    return ARCHITECTURES[ARCHITECTURES.index(kind)]


def _json(where: str, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ModelError(f"{where}: {path.name} is not JSON ({error}); {_remedy(where, path.parent)}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{where}: {path.name} is JSON but not an object; {_remedy(where, path.parent)}")
    return content


def _files(where: str, folder: Path) -> list[str]:
    """The files with the weights."""
    if (folder / "model.safetensors").is_file():
        return ["model.safetensors"]
    if not (folder / "model.safetensors.index.json").is_file():
        raise ModelError(f"{where}: has no weights (model.safetensors); {_remedy(where, folder)}")
    shards = _json(where, folder / "model.safetensors.index.json").get("weight_map")
    if not isinstance(shards, dict) or not shards:
        raise ModelError(f"{where}: model.safetensors.index.json names no weights; {_remedy(where, folder)}")
    files = sorted({str(file) for file in shards.values()})
    missing = [file for file in files if Path(file).name != file or not (folder / file).is_file()]
    if missing:
        some = f"{missing[0]} and {len(missing) - 1} more files" if len(missing) > 1 else missing[0]
        raise ModelError(f"{where}: {some} of {len(files)} missing; {_remedy(where, folder)}")
    return files


def _check_length(where: str, folder: Path, file: str) -> None:
    """Compare the size of a weights file with the table at its start."""
    path = folder / file
    with path.open("rb") as stream:
        header_bytes = int.from_bytes(stream.read(8), "little")
        header = stream.read(header_bytes) if header_bytes <= LONGEST_HEADER_BYTES else b""
    try:
        table = json.loads(header)
        ends = [entry["data_offsets"][1] for name, entry in table.items() if name != "__metadata__"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        problem = f"{file} is not a valid weights file, or its start is missing"
        raise ModelError(f"{where}: {problem}; {_remedy(where, folder)}") from error
    due_bytes, there_bytes = 8 + header_bytes + max(ends, default=0), path.stat().st_size
    if there_bytes != due_bytes:
        raise ModelError(f"{where}: {file} has {there_bytes} bytes, not the {due_bytes} it should; {_remedy(where, folder)}")


def _digest(folder: Path) -> str:
    """A digest of all small files, and of samples spread over the whole length of each weights file."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.jinja"), *folder.glob("*.safetensors")]):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        for sample in _samples(path):
            digest.update(sample)
    return digest.hexdigest()[:16]


def _samples(path: Path) -> Iterator[bytes]:
    if path.suffix != ".safetensors":
        yield path.read_bytes()
        return
    size = path.stat().st_size
    with path.open("rb") as stream:
        for sample in range(SAMPLES):
            stream.seek(sample * max(0, size - SAMPLE_BYTES) // max(1, SAMPLES - 1))
            yield stream.read(SAMPLE_BYTES)
