"""Paths of the tests' files: the checkout, its samples, and the footage beside it, which not every machine has."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared"
FOOTAGE = SHARED / "footage"
