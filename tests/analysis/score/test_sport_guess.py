"""Which sport the text of a score graphic tells: in a short clip by its notation, in a whole match by its course."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from highlights.analysis.score.sport_guess import Look, sport_of
from tests.support.sport_courses import matches

SEEDS = 60
RIGHT = {
    "soccer": 0.95,
    "handball": 0.5,
    "rugby": 0.5,
    "ice_hockey": 0.5,
    "basketball": 0.5,
    "futsal": 0.2,
    "american_football": 0.3,
    "volleyball": 0.6,
    "badminton": 0.2,
    "tennis": 1.0,
}
"""Least share of the simulated matches, of all forms of a sport, in which it is told; some forms never tell it."""


def told(*texts: str, every_s: float = 5.0) -> str:
    """The sport told by looks that are `every_s` apart; a bar in a text separates two lines."""
    return sport_of([Look(number * every_s, tuple(text.split(" | "))) for number, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("sport", "texts"),
    [
        ("cricket", ["IND 128/3 (15.2)", "IND 129/3 (15.3)"]),
        ("cricket", ["ELK XI 46/2 (5.4 Ov) HILL 4(3)", "ELK XI 46/2 (5.4 Ov) HILL 4(3)"]),
        ("cricket", ["AUS 4-128 15.2 OV", "AUS 4-129 15.3 OV"]),
        ("cricket", ["IND 128-3 15.2", "IND 129-3 15.3", "IND 133-3 15.5", "IND 133-4 16.0"]),
        ("tennis", ["HILL 6 6 0 | ROSE 4 5 15", "HILL 6 6 15 | ROSE 4 5 15"]),
        ("tennis", ["2 HILL 0 2 40 7 | ROSE 1 2 AD", "HILL 0 2 40 | ROSE 1 2 40"]),
        ("baseball", ["ELK 0 1-0 | JAY 2 1OUT BOT 1", "ELK 0 1-1 | JAY 2 1 OUT BOT 1"]),
        ("baseball", ["HILL P:12 | ELK 0 | JAY 1 0-1", "HILL P:13 | ELK 0 | JAY 1 0-2"]),
        ("american_football", ["#4 ELK 14 JAY 10 4TH 7:29 1ST & 10", "#4 ELK 14 JAY 10 4TH 7:24 2ND&7"]),
        ("basketball", ["ELK 49 JAY 38 3RD 9:59 19", "ELK 49 JAY 38 3RD 9:57 17"]),
        ("basketball", ["ELK 28 JAY 32 1st 30.0 17 | TO:5 BONUS TO:6", "ELK 28 JAY 32 1st 8.1 | TO:5 BONUS TO:6"]),
        ("ice_hockey", ["ELK 2 JAY 2 2:40 | 18 SHOTS 17 2ND", "ELK 2 JAY 2 2:35 | 18 SHOTS 17 2ND"]),
        ("ice_hockey", ["ELK 0 JAY 1 2ND 18:42", "ELK 0 JAY 1 2ND 18:37"]),
        ("futsal", ["ELK 3 JAY 2 12:02 1H", "ELK 3 JAY 2 11:57 1H"]),
        ("handball", ["ELK 20:18 JAY 38:32", "ELK 21:18 JAY 38:37", "ELK 21:19 JAY 38:42"]),
        ("rugby", ["36:50 ELK 10 7 JAY", "36:55 ELK 15 7 JAY", "37:00 ELK 17 7 JAY"]),
        ("volleyball", ["ELK 2 22 | JAY 0 15", "ELK 2 23 | JAY 0 15"]),
        ("volleyball", ["ELK 25 3 | JAY 19 5", "ELK 25 4 | JAY 19 5"]),
        ("badminton", ["21 4 | ELKHill | MS 31 | JAYRose | 13 2", "21 5 | ELKHill | MS 31 | JAYRose | 13 2"]),
        ("soccer", ["ELK 0 0 JAY 39'", "ELK 0 0 JAY 39'"]),
        ("soccer", ["Elks 2 0 Jays | Hill 45'+1', | Rose 58' FT", "Elks 2 0 Jays | Hill 45'+1', | Rose 58' FT"]),
    ],
)
def test_a_short_clip_tells_the_sport_by_its_notation(sport, texts):
    assert told(*texts) == sport


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["IND 128/3 (15.2)"],  # one look may be misread
        ["ELK 0 0 JAY", "ELK 1 0 JAY"],
        ["04:43 ELK 0 0 JAY", "04:48 ELK 0 0 JAY"],
        ["12:42 ELK 1 0 JAY", "13:17 ELK 2 1 JAY"],  # soccer, or futsal, or hockey that counts up
        ["HILL 1 15 | ROSE 1 15", "HILL 1 15 | ROSE 1 15"],  # tennis or volleyball
        ["ELK 0 4 | JAY 0 6", "ELK 0 5 | JAY 0 6"],
        ["ELK 21 4 | JAY 13 2", "ELK 21 5 | JAY 13 2"],  # badminton or beach volleyball
        ["ELK 1 20 | JAY 0 15", "ELK 2 21 | JAY 0 15"],
        ["ELK 4 JAY 2 1ST 10:30", "ELK 4 JAY 2 1ST 10:25"],
        ["ELK 14 JAY 10 4TH 7:29", "ELK 14 JAY 10 4TH 7:24"],
        ["ELK 3 JAY 2 Q3 7:29", "ELK 3 JAY 2 Q3 7:24"],  # water polo
        ["HILL 1 15 | ROSE 1 15 | 1:16", "HILL 1 15 | ROSE 1 15 | 1:17"],
        ["18:22 ELK 1-0 JAY", "18:27 ELK 1-0 JAY"],
        ["LIVE 20:15 | NEWS", "LIVE 20:16 | NEWS"],
        ["TOP 10 GOALS", "TOP 10 GOALS"],
    ],
)
def test_what_may_be_several_sports_or_none_is_not_guessed(texts):
    assert told(*texts) == ""


def test_results_of_other_matches_that_pass_by_tell_nothing():
    results = ["ELK 2-1 JAY 72'", "OWL 0-3 FOX 55'", "EMU 1-1 CAT 90'", "BEE 4-0 ANT 61'", "COD 2-2 EEL 33'"]
    assert told(*results, *results) == ""


def test_two_notations_at_once_tell_nothing():
    both = "128/3 15.2 | HILL 6 6 0 | ROSE 4 5 15"
    assert told(both, both) == ""


def test_a_whole_match_is_never_taken_for_another_sport_and_often_for_its_own():
    right: dict[str, list[bool]] = defaultdict(list)
    wrong: Counter[tuple[str, str]] = Counter()
    for seed in range(SEEDS):
        for sport, form, looks in matches(seed):
            guess = sport_of(looks)
            right[sport].append(guess == sport)
            if guess not in ("", sport):
                wrong[form, guess] += 1
    assert not wrong
    assert {sport: least for sport, least in RIGHT.items() if sum(right[sport]) < least * len(right[sport])} == {}
