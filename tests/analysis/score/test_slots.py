from dataclasses import replace

import pytest

from highlights.analysis.score.names import team_names
from highlights.analysis.score.pairs import changes, find_pairs
from highlights.analysis.score.rules import Rules
from highlights.analysis.score.slots import clock_as_pair, clock_slots, decimal_slots, number_slots, running_moves
from highlights.analysis.score.tokens import Token
from tests.support.score_looks import clock, look, looks, match

GOALS = Rules((1,), largest=30)
BASKETS = Rules((1, 2, 3), largest=250)


def best_pair(texts: list[str]) -> list[tuple[int, int]]:
    """The values of the best pair in the first and the last reading."""
    seen = looks(*texts)
    pair = find_pairs(seen, number_slots(seen), GOALS, GOALS)[0]
    return [(pair.home.tokens[i].value, pair.away.tokens[i].value) for i in (min(pair.common), max(pair.common))]


def test_numbers_in_one_place_stay_one_slot_while_their_neighbours_grow() -> None:
    slots = number_slots(looks("ARS  9  9  CHE", "ARS  9  9  CHE", "ARS  10  9  CHE", "ARS  10  9  CHE"))
    assert [[t.value for t in s.tokens.values()] for s in slots] == [[9, 9, 10, 10], [9, 9, 9, 9]]


def test_numbers_stay_in_their_slots_when_the_whole_row_shrinks() -> None:
    wide, narrow = "ITA 22 21 POL 1 1", "ITA 0 20 POL 2 1"
    slots = number_slots(looks(wide, wide, wide, narrow, narrow, narrow))
    assert [[t.value for t in s.tokens.values()][-1] for s in slots] == [0, 20, 2, 1]


def test_a_stray_reading_of_low_confidence_opens_no_slot() -> None:
    assert number_slots([look(0, "7 8").__class__(0.0, 1.0, ())]) == []


def test_overs_are_counted_in_balls() -> None:
    (slot,) = decimal_slots(looks("IND 128-3 15.2", "IND 129-3 15.3"))
    assert [t.value for t in slot.tokens.values()] == [92, 93]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["ARS 0-0 CHE"] * 4 + ["ARS 1-0 CHE"] * 4, [(0, 0), (1, 0)]),
        (["ARS 0 0 CHE"] * 4 + ["ARS 0 1 CHE"] * 4, [(0, 0), (0, 1)]),
        ([f"ARS  1  CHE  2  {24 - 2 * (i % 9)}" for i in range(20)], [(1, 2), (1, 2)]),
        (["U21  2  1  U23"] * 6, [(2, 1), (2, 1)]),
        (["SCHALKE 04  2  KOLN  1"] * 6, [(2, 1), (2, 1)]),
        (["NYY 3  BOS 2   2-1  1 OUT", "NYY 3  BOS 2   0-0  1 OUT", "NYY 3  BOS 2   1-2  2 OUT"] * 4, [(3, 2), (3, 2)]),
    ],
)
def test_the_score_is_distinguished_from_other_numbers(texts: list[str], expected: list[tuple[int, int]]) -> None:
    assert best_pair(texts) == expected


def test_the_two_numbers_of_a_score_may_be_above_each_other() -> None:
    seen = [look(2.0 * i, f"ARS   {i > 4:d}", "CHE   0") for i in range(10)]
    pair = find_pairs(seen, number_slots(seen), GOALS, GOALS)[0]
    assert [t.value for t in pair.home.tokens.values()] == [0] * 5 + [1] * 5
    assert pair.home.row != pair.away.row


@pytest.mark.parametrize(
    ("lines", "teams"),
    [
        (["ARS  2-1  CHE"], ("ARS", "CHE")),
        (["12:40  MAN UNITED  2  1  SPURS"], ("MAN UNITED", "SPURS")),
        (["PHX  49  LAL  38"], ("PHX", "LAL")),
        (["2  ARS  1  CHE"], ("ARS", "CHE")),
        (["U21  2  1  S04"], ("U21", "S04")),
        (["2  1"], ("", "")),
        (["ARS  2", "CHE  1"], ("ARS", "CHE")),
    ],
)
def test_teams_are_named_by_the_text_beside_the_numbers(lines: list[str], teams: tuple[str, str]) -> None:
    seen = [look(2.0 * i, *lines) for i in range(4)]
    slots = [s for s in number_slots(seen) if not next(iter(s.tokens.values())).attached]
    assert team_names(seen, find_pairs(seen, slots, BASKETS, BASKETS)[0]) == teams


def test_a_name_read_in_capitals_or_not_is_one_name_in_its_usual_spelling() -> None:
    seen = looks(*["ARS  2-1  CHE"] * 5, *["ARs  2-1  CHE"] * 2, *["WON  2-1  CHE"] * 1)
    unsure = [
        replace(look, rows=tuple(replace(row, tokens=tuple(_unsure(t) for t in row.tokens)) for row in look.rows))
        for look in seen
    ]
    assert team_names(unsure, find_pairs(unsure, number_slots(unsure), BASKETS, BASKETS)[0])[0] == "ARS"


def _unsure(token: Token) -> Token:
    return replace(token, confidence=0.6) if token.kind == "word" else token


def test_a_logo_that_was_hardly_readable_is_not_part_of_the_name_beside_it() -> None:
    read = [(token, look) for look in looks(*["SIV TOR  2-1  MTL"] * 4) for token in look.rows[0].tokens[:1]]
    seen = [
        replace(look, rows=(replace(row := look.rows[0], tokens=(replace(logo, confidence=0.4), *row.tokens[1:])),))
        for logo, look in read
    ]
    assert team_names(seen, find_pairs(seen, number_slots(seen), BASKETS, BASKETS)[0]) == ("TOR", "MTL")


def test_a_running_clock_is_distinguished_from_a_score_with_a_colon() -> None:
    seen = looks(*(f"THW  {20 + i // 8}:19  SGF   {clock(600 + 2 * i)}" for i in range(16)))
    score, game = clock_slots(seen)
    assert running_moves(seen, score) == (0.0, 0)
    assert running_moves(seen, game) == (1.0, 15)


def test_a_clock_with_tenths_is_still_a_clock() -> None:
    seen = looks(*("1:04", "1:02", "1:00", "58.1", "56.1"))
    (slot,) = clock_slots(seen)
    assert len(slot.tokens) == 5
    assert running_moves(seen, slot) == (1.0, 4)


def test_a_score_with_a_colon_is_split() -> None:
    seen = looks("THW  21:19  SGF", "THW  22:19  SGF")
    (slot,) = clock_slots(seen)
    pair = clock_as_pair(seen, slot)
    assert [[t.value for t in s.tokens.values()] for s in number_slots(pair)] == [[21, 22], [19, 19]]


def test_moves_counts_the_changes_of_a_slot() -> None:
    home, away = number_slots(match(["0-0", "0-0", "1-0", "2-0"]))
    assert (changes(home), changes(away)) == (2, 0)


def test_a_slot_follows_its_number_as_it_drifts() -> None:
    seen = looks(*("ARS " + " " * (i // 6) + "2  CHE" for i in range(30)))
    assert [len(s.tokens) for s in number_slots(seen)] == [30]


def test_a_dash_is_evidence_for_a_score() -> None:
    assert best_pair(["FCB  7  3-2  4  RMA"] * 6) == [(3, 2), (3, 2)]
