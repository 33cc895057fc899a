"""Cells entered into the text of a profile: they are read back, and everything else stays as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from highlights.profile import load, names
from highlights.profile.pins import pinned, starter
from highlights.profile.rules import Place, cells_of
from highlights.records import Counter

PLACES: tuple[Place, ...] = ((0.1, 0.2, 0.3, 0.4), (0.12, 0.2, 0.3, 0.45))


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", [listed.name for listed in names()])
def test_every_built_in_profile_can_be_pinned_twice_and_keeps_the_rest(tmp_path: Path, name: str) -> None:
    before = load(name)
    text = before.path.read_text()
    for place in PLACES:
        cells: dict[Counter, Place] = dict.fromkeys(cells_of(before.scoreboard.layout), place)
        text = pinned(text, cells, box=True)
        after = load(written(tmp_path, text))
        assert after.scoreboard == replace(before.scoreboard, cells=cells)
        assert replace(after, scoreboard=before.scoreboard, path=before.path) == before
    assert text.count("#") == before.path.read_text().count("#")


@pytest.mark.parametrize(
    "text",
    [
        "extends: soccer\n",
        "extends: soccer   # the league's\nscoreboard:\n    clock: up\n\n# the end\n",
        "extends: soccer\nscoreboard:\n cells:   # mine\n   home: [0, 0, 0.1, 0.1]\n   away: [0, 0.1, 0.1, 0.2]\n clock: up\n",
        "extends: soccer\nscoreboard:\n cells:\n  away: [0, 0.1, 0.1, 0.2]\n  home:\n  - 0\n  - 0\n  - 0.1\n  - 1\n",
        "extends: soccer\nscoreboard: {clock: up, box: [0, 0, 0.1, 0.1]}\n",
        "extends: soccer\nscoreboard: {cells: {home: [0, 0, 0.1, 0.1], away: [0.2, 0, 0.3, 0.1]}, clock: up}\nevents: []\n",
    ],
)
def test_cells_are_entered_however_the_profile_is_written(tmp_path: Path, text: str) -> None:
    before = load(written(tmp_path, text))
    cells = {"home": PLACES[0], "away": PLACES[1]}
    for box in (True, False):
        after = load(written(tmp_path, pinned(text, cells, box=box)))
        assert after.scoreboard == replace(before.scoreboard, cells=cells, box=before.scoreboard.box if box else None)


def test_a_starter_extends_the_sport_and_holds_nothing_but_the_cells(tmp_path: Path) -> None:
    text = starter("soccer", {"home": PLACES[0], "away": PLACES[1]})
    assert text == (
        "extends: soccer\n\nscoreboard:\n  cells:\n    home: [0.1, 0.2, 0.3, 0.4]\n    away: [0.12, 0.2, 0.3, 0.45]\n"
    )
    assert load(written(tmp_path, text)).events == load("soccer").events


def test_a_profile_into_which_nothing_can_be_entered_is_refused() -> None:
    with pytest.raises(ValueError, match="scoreboard"):
        pinned("extends: soccer\nscoreboard: {}\n", {"home": PLACES[0]}, box=True)
