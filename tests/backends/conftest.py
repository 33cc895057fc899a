"""Tiny models, made and loaded once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.tiny.models import tiny_marlin, tiny_molmo2
from highlights.backends.weights import look_for


@pytest.fixture(scope="session")
def marlin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    return tiny_marlin(tmp_path_factory.mktemp("weights") / "Tiny-Marlin")


@pytest.fixture(scope="session")
def molmo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    return tiny_molmo2(tmp_path_factory.mktemp("weights") / "Tiny-Molmo2")


@pytest.fixture(scope="session")
def _one_thread() -> None:
    """Models this small are slower on several threads."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def marlin(marlin_folder: Path, _one_thread: None) -> Iterator[object]:
    from highlights.backends.transformers import load

    model = load("marlin", look_for(marlin_folder), "cpu", "float32")
    yield model
    model.close()


@pytest.fixture(scope="session")
def molmo(molmo_folder: Path, _one_thread: None) -> Iterator[object]:
    from highlights.backends.transformers import load

    model = load("molmo2", look_for(molmo_folder), "cpu", "float32")
    yield model
    model.close()
