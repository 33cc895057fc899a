from collections.abc import Sequence

from highlights.analysis.score.layouts import counter_rules, find_counters
from highlights.analysis.score.slots import GraphicReading
from highlights.profile import ScoreboardRules
from tests.support.score_looks import look, looks

SOCCER = ScoreboardRules("versus", {"score": (1,)}, max_score=30)
CRICKET = ScoreboardRules("cricket", {"runs": (1, 2, 3, 4, 5, 6, 7), "wickets": (1,)}, max_score=1000)
TENNIS = ScoreboardRules("tennis", {"points": (1, 10, 15), "games": (1,), "sets": (1,)}, max_score=99)
VOLLEYBALL = ScoreboardRules("sets", {"points": (1,), "sets": (1,)}, max_score=60)


def last(seen: Sequence[GraphicReading], rules: ScoreboardRules) -> dict[str, int]:
    """The value of each counter in the last reading."""
    counted = find_counters(seen, rules)
    assert counted is not None
    return {name: slot.tokens[len(seen) - 1].value for name, slot in counted.counters.items()}


def test_two_sides_are_counted() -> None:
    assert last(looks(*["ARS 0-0 CHE"] * 3, *["ARS 0-1 CHE"] * 3), SOCCER) == {"home": 0, "away": 1}


def test_runs_wickets_and_balls_are_counted() -> None:
    seen = looks(*["IND 128-3 15.2"] * 3, *["IND 132-3 15.3"] * 3)
    assert last(seen, CRICKET) == {"runs": 132, "wickets": 3, "balls": 93}


def test_wickets_may_stand_before_the_runs() -> None:
    seen = looks(*["AUS 3-128 15.2"] * 3, *["AUS 4-128 15.3"] * 3, *["AUS 4-134 15.4"] * 3)
    assert last(seen, CRICKET) == {"runs": 134, "wickets": 4, "balls": 94}


def test_points_games_and_sets_are_distinguished_by_how_often_they_change() -> None:
    points = [("15", "0"), ("30", "0"), ("30", "15"), ("40", "15")]
    seen = [look(2.0 * i, f"SINNER   1  4  {points[i // 3][0]}", f"ALCARAZ  0  3  {points[i // 3][1]}") for i in range(12)]
    expected = {"home_sets": 1, "away_sets": 0, "home_games": 4, "away_games": 3, "home_points": 40, "away_points": 15}
    assert last(seen, TENNIS) == expected


def test_an_advantage_counts_as_fifty() -> None:
    texts = [("40", "40")] * 4 + [("AD", "40")] * 4
    seen = [look(2.0 * i, f"SINNER   2  {h}", f"ALCARAZ  2  {a}") for i, (h, a) in enumerate(texts)]
    assert last(seen, TENNIS)["home_points"] == 50


def test_sets_are_outside_the_points_in_one_row() -> None:
    points = [(22, 21), (23, 21), (23, 22), (24, 22)]
    seen = looks(*(f"ITA  1  {h}  {a}  0  POL" for h, a in points for _ in range(3)))
    assert last(seen, VOLLEYBALL) == {"home_points": 24, "away_points": 22, "home_sets": 1, "away_sets": 0}


def test_without_counting_numbers_no_counter_is_found() -> None:
    assert find_counters(looks(*["SPORT HD"] * 5), SOCCER) is None
    assert find_counters(looks(*["SPORT HD"] * 5), CRICKET) is None
    assert find_counters(looks(*["SPORT HD"] * 5), TENNIS) is None


def test_points_restart_and_sets_do_not() -> None:
    rules = counter_rules(TENNIS)
    assert list(rules) == [f"{side}_{name}" for name in ("points", "games", "sets") for side in ("home", "away")]
    assert rules["home_points"].resets
    assert not rules["home_sets"].resets
    assert rules["home_points"].cost(50, 40) == rules["home_points"].cost(40, 50)
