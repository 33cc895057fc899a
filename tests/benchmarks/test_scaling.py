"""What many matches take: the document says what follows from its own figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scaling import MARKS, needs, read
from tests.support.places import ROOT

DOCUMENT = ROOT / "docs" / "scaling.md"


def test_the_document_says_what_follows_from_its_figures() -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0]
    assert written.strip() == needs(read(DOCUMENT)).markdown().strip()


def test_ten_thousand_matches_a_day_by_hand() -> None:
    one = replace(read(DOCUMENT), analysis_s=50.0, reel_s=14.0, card_ideal_s=12.0, card_overhead=3.0, card_load_s=20.0)
    rows = {row[0]: row[2] for row in needs(replace(one, recording_mb=4320.0)).rows}
    assert rows["hours of video an hour"] == "625"  # 10,000 of 1.5 hours in 24
    assert rows["cores busy"] == "14.8"  # 10,000 times 128 s of a core in 86,400
    assert rows["cards, the model asked"] == "6"  # 4.17 of which 0.7 work
    assert rows["cards more, while they load it for each match"] == "4"  # 6.48 do
    assert rows["network in, Gbit/s"] == "4.00"  # 500 MB a second


def test_a_figure_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "scaling.md").write_text("| `analysis_s` | to be measured | s |\n")
    with pytest.raises(SystemExit, match="needs a row `analysis_s` with a number"):
        read(tmp_path / "scaling.md")
