"""The built-in profiles, and where profiles are found."""

import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from yaml import safe_load

from highlights import profile
from highlights.errors import OutputError, ProfileError
from highlights.profile import EventRule, Profile

SPORTS = [
    *["american_football", "badminton", "baseball", "basketball", "cricket", "futsal"],
    *["handball", "ice_hockey", "rugby", "soccer", "tennis", "volleyball"],
]
PRIOR = -2.0
CARRIED_BY_THE_CROWD = {
    "soccer": "goal",
    "futsal": "goal",
    "ice_hockey": "goal",
    "american_football": "touchdown",
    "rugby": "try",
}


@pytest.fixture(autouse=True)
def config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder of profiles in place of the real one."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda *args, **kwargs: tmp_path / "config")
    folder = tmp_path / "config" / "event_profiles"
    folder.mkdir(parents=True)
    return folder


def logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def support(event: EventRule) -> float:
    """The largest sum of the weights of crowd, replay and tones."""
    signals = event.signals
    return sum(rule.weight for rule in (signals.crowd, signals.replay, signals.whistle, signals.buzzer) if rule)


def by(event: EventRule | None) -> tuple[str, tuple[int, ...]]:
    assert event is not None
    assert event.signals.score is not None
    return event.signals.score.counter, event.signals.score.by


def test_twelve_sports_are_included() -> None:
    assert [listed.name for listed in profile.names()] == SPORTS


@pytest.fixture(params=SPORTS)
def sport(request: pytest.FixtureRequest) -> Profile:
    return profile.load(request.param)


def test_a_built_in_profile_is_named_like_its_file(sport: Profile) -> None:
    assert sport.sport == sport.path.stem


def test_a_built_in_profile_has_three_to_eight_events_and_at_least_one_shown_by_the_score(sport: Profile) -> None:
    assert 3 <= len(sport.events) <= 8
    assert any(event.signals.score for event in sport.events)


def test_no_two_events_of_a_sport_claim_the_same_increase(sport: Profile) -> None:
    claims = [(score.counter, step) for event in sport.events if (score := event.signals.score) for step in score.by]
    assert len(claims) == len(set(claims))


def test_crowd_replay_and_tones_alone_never_make_an_event_that_the_score_does_not_show(sport: Profile) -> None:
    for event in sport.events:
        if event.signals.score is None:
            assert logistic(PRIOR + support(event)) < event.threshold, event.name


def test_the_crowd_alone_makes_at_most_the_loudest_event_of_a_sport(sport: Profile) -> None:
    carried = [event for event in sport.events if logistic(PRIOR + support(event)) >= event.threshold]
    assert [event.name for event in carried] == [name for key, name in CARRIED_BY_THE_CROWD.items() if key == sport.sport]
    for event in carried:
        crowd = event.signals.crowd
        assert crowd is not None
        assert logistic(PRIOR + crowd.weight) >= event.threshold
        assert logistic(PRIOR + support(event) - crowd.weight) < event.threshold


def test_queries_are_plain_present_tense_and_checks_are_questions(sport: Profile) -> None:
    for event in sport.events:
        assert event.check.endswith("?")
        assert all(not query.endswith((".", "?")) and 4 <= len(query.split()) <= 16 for query in event.queries), event.name


@pytest.mark.parametrize(
    ("name", "event", "claim"),
    [
        ("soccer", "goal", ("score", (1,))),
        ("futsal", "goal", ("score", (1,))),
        ("ice_hockey", "goal", ("score", (1,))),
        ("handball", "goal", ("score", (1,))),
        ("basketball", "three_pointer", ("score", (3,))),
        ("basketball", "two_pointer", ("score", (2,))),
        ("basketball", "free_throw", ("score", (1,))),
        ("rugby", "try", ("score", (5, 7))),
        ("rugby", "conversion", ("score", (2,))),
        ("american_football", "field_goal", ("score", (3,))),
        ("cricket", "four", ("runs", (4, 5))),
        ("cricket", "six", ("runs", (6, 7))),
        ("cricket", "wicket", ("wickets", (1,))),
        ("baseball", "run", ("score", (1, 2, 3, 4))),
        ("tennis", "game_won", ("games", (1,))),
        ("volleyball", "set_won", ("sets", (1,))),
        ("badminton", "point", ("points", (1,))),
    ],
)
def test_the_score_shows_the_scoring_events_of_each_sport(name: str, event: str, claim: tuple[str, tuple[int, ...]]) -> None:
    assert by(profile.load(name).event(event)) == claim


def test_futsal_inherits_from_soccer_what_it_does_not_override() -> None:
    soccer, futsal = profile.load("soccer"), profile.load("futsal")
    goal, parents = futsal.event("goal"), soccer.event("goal")
    assert goal
    assert parents
    assert (goal.pre_roll_s, parents.pre_roll_s) == (6, 8)
    assert goal.queries == parents.queries
    assert goal.signals.crowd == parents.signals.crowd
    assert goal.signals.score
    assert goal.signals.score.shown_after_s == (1, 45)
    assert futsal.event("corner") is None
    assert futsal.scoreboard.steps == soccer.scoreboard.steps


def test_the_shipped_schema_is_the_one_that_the_program_prints() -> None:
    shipped = (profile.builtin_folder() / "schema.json").read_text()
    assert shipped == json.dumps(profile.json_schema(), indent=2) + "\n"


def test_the_schema_accepts_every_built_in_profile_and_refuses_an_unknown_key(sport: Profile) -> None:
    text = profile.source_text(sport.sport)
    assert text.startswith("# yaml-language-server: $schema=./schema.json\n")
    validator = Draft202012Validator(profile.json_schema())
    content = safe_load(text)
    validator.validate(content)
    content["events"][0]["postroll_s"] = 5
    assert not validator.is_valid(content)


def test_the_schema_describes_every_key() -> None:
    schema = profile.json_schema()
    sections = [schema, *schema["$defs"].values()]  # type: ignore[attr-defined]
    keys = [(name, key) for section in sections for name, key in section.get("properties", {}).items()]
    assert len(keys) > 40
    assert [name for name, key in keys if not key.get("description")] == []


def test_a_name_is_searched_for_in_the_users_folder_before_the_built_in_profiles(config_folder: Path) -> None:
    mine = config_folder / "soccer.yaml"
    mine.write_text("extends: soccer\ntitle: My soccer\n")
    loaded = profile.load("soccer")
    assert (loaded.title, loaded.path) == ("My soccer", mine)
    assert loaded.events == profile.load(profile.builtin_folder() / "soccer.yaml").events
    assert ("soccer", "My soccer", mine) in profile.names()


def test_a_path_may_omit_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: soccer\n")
    assert profile.load(f"{tmp_path}/mine").path == tmp_path / "mine.yaml"
    assert profile.load(tmp_path / "mine").path == tmp_path / "mine.yaml"


def test_an_invalid_user_profile_is_listed_as_invalid_without_hiding_others(config_folder: Path) -> None:
    (config_folder / "broken.yaml").write_text("titel: x\n")
    titles = {listed.name: listed.title for listed in profile.names()}
    assert titles["soccer"] == "Soccer"
    assert "has faults" in titles["broken"]


@pytest.mark.parametrize("name", ["my_soccer", "on", "null"])
def test_a_new_profile_is_valid_and_changes_nothing_of_its_parent(tmp_path: Path, name: str) -> None:
    path = profile.new(name, "soccer", tmp_path)
    loaded = profile.load(path)
    assert (path.name, loaded.sport) == (f"{name}.yaml", name)
    assert loaded.events == profile.load("soccer").events
    assert re.search(r"^# yaml-language-server: \$schema=.*schema\.json$", path.read_text(), re.MULTILINE)
    assert sorted(tmp_path.iterdir()) == sorted([path, tmp_path / "config"])


def test_every_example_in_a_new_profile_works_when_uncommented(tmp_path: Path) -> None:
    path = profile.new("mine", "soccer", tmp_path)
    path.write_text(re.sub(r"^  # (?=- name|  )", "  ", path.read_text(), flags=re.MULTILINE))
    names = [event.name for event in profile.load(path).events]
    assert "great_pass" in names
    assert "free_kick" not in names


def test_a_new_profile_can_extend_a_file(tmp_path: Path) -> None:
    first = profile.new("first", "soccer", tmp_path)
    (tmp_path / "folder").mkdir()
    second = profile.new("second", str(first), tmp_path / "folder")
    assert profile.load(second).events == profile.load(first).events


def test_a_new_profile_does_not_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("kept")
    with pytest.raises(OutputError, match="exists already"):
        profile.new("mine", "soccer", path)
    assert path.read_text() == "kept"


def test_a_new_profile_in_a_missing_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be written: No such file") as caught:
        profile.new("mine", "soccer", tmp_path / "nowhere" / "mine.yaml")
    assert "\n" not in str(caught.value)


def test_a_new_profile_needs_a_valid_name_and_an_existing_parent(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="lower-case words"):
        profile.new("My Soccer", "soccer", tmp_path)
    with pytest.raises(ProfileError, match=r"socer: .*did you mean soccer\?"):
        profile.new("mine", "socer", tmp_path)


def test_an_installed_package_finds_the_profiles_inside_itself(tmp_path: Path) -> None:
    package, site = Path(profile.__file__).parents[1], tmp_path / "site"
    shutil.copytree(package / "profile", site / "highlights" / "profile")
    for name in ("choices.py", "errors.py", "records.py", "spans.py"):
        shutil.copy(package / name, site / "highlights")
    (site / "highlights" / "__init__.py").touch()
    shutil.copytree(profile.builtin_folder(), site / "highlights" / "event_profiles")
    code = "from highlights.profile import load; print(load('futsal').path)"
    found = subprocess.run([sys.executable, "-c", code], cwd=site, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(site / "highlights/event_profiles/futsal.yaml")
