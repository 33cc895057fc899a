"""Modules that a library shall do without."""

from __future__ import annotations

import subprocess
import sys

import pytest

from highlights.imports import without


def test_a_module_cannot_be_imported_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with without("this"), pytest.raises(ImportError):
        import this  # noqa: F401
    assert "this" not in sys.modules


def test_a_stand_in_has_the_attributes_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with without("this", s="nothing"):
        import this
    assert this.s == "nothing"
    assert "this" not in sys.modules


def test_a_module_that_is_imported_already_stays() -> None:
    with without("subprocess", run=None):
        import subprocess as found
    assert found.run is subprocess.run


def test_analysis_imports_no_editor() -> None:
    check = "import sys, highlights.analysis.reading; sys.exit('moviepy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
