"""Shared by the tests that open the review page of a drawn match in a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import chromium
from tests.support.served import Served, make_match, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match")
    make_match(folder)
    return folder


@pytest.fixture
def review(match: Path, tmp_path: Path) -> Iterator[Served]:
    """A review of a copy of the timeline, so that every test begins with the same one."""
    (tmp_path / "timeline.json").write_bytes((match / "timeline.json").read_bytes())
    os.link(match / "match.mp4", tmp_path / "match.mp4")
    with served(tmp_path) as running:
        yield running
