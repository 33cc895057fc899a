"""The torture's own tools; and a little of its fuzzing, of every door that needs no server."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from benchmarks.bench import marks
from benchmarks.torture.__main__ import PARTS
from benchmarks.torture.damage import BYTE_DAMAGES
from benchmarks.torture.doors import of_code
from benchmarks.torture.fuzz import Found, by_hypothesis, knock
from benchmarks.torture.seeds import KINDS, LONG, SHORT
from tests.support.matches import short_match
from tests.support.places import ROOT


def test_every_door_takes_its_own_document_and_refuses_others_by_our_errors_alone(tmp_path: Path) -> None:
    for door in of_code(tmp_path, short_match(tmp_path / "match.mp4")):
        found = Found()
        knock(door, door.document, found)
        assert not found.refused, door.name
        assert not found.wrong, door.name
        assert not by_hypothesis(door, 8).wrong, door.name


@pytest.mark.parametrize("name", BYTE_DAMAGES)
def test_damage_is_the_same_each_time_and_changes_a_file(name: str) -> None:
    data = random.Random(1).randbytes(60_000)
    made = [BYTE_DAMAGES[name](data, random.Random(name)) for _ in range(2)]
    assert made[0] == made[1] != data


def test_there_are_recordings_of_many_kinds_that_are_read_in_both_ways() -> None:
    assert len({(kind.suffix, kind.video) for kind in KINDS}) >= 6
    assert SHORT.duration_s < 120 < LONG.duration_s  # the shorter ones are read frame by frame


def test_the_document_has_a_place_for_every_table() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for part in (*PARTS, "wrong"):
        begin, end = marks(part)
        assert re.search(f"{re.escape(begin)}.*{re.escape(end)}", text, re.DOTALL), part
