"""Faults of a profile are reported all at once, each with its file and line."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highlights import profile
from highlights.errors import ProfileError

WHOLE = """\
sport: kubb
title: Kubb
scoreboard:
  layout: versus
  steps:
    score: [1]
events:
  - name: hit
    title: Hit
    queries: [a stick hits a kubb]
    check: Does a stick hit a kubb?
"""


@pytest.fixture(autouse=True)
def no_user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda *args, **kwargs: tmp_path / "config")


def faults(folder: Path, text: str | bytes, name: str = "mine.yaml") -> list[str]:
    """The lines of the error without their folder."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ProfileError) as caught:
        profile.load(path)
    return str(caught.value).replace(f"{folder}/", "").split("\n")


def test_a_small_profile_without_faults_gets_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "kubb.yaml").write_text(WHOLE)
    kubb = profile.load(tmp_path / "kubb.yaml")
    assert kubb.events[0] == profile.EventRule("hit", "Hit", ("a stick hits a kubb",), "Does a stick hit a kubb?")
    assert kubb.scenes == profile.SceneRules()
    assert kubb.windows == profile.WindowRules()
    assert kubb.scoreboard == profile.ScoreboardRules("versus", {"score": (1,)})


def test_all_errors_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
# three faults and more
sport: My Sport
title: no
scoreboard:
  layout: verses
  clok: up
  steps: {score: [1, 0]}
events:
  - name: goal
    titel: Goal
    queries: []
    check: Is it a goal?
    pre_roll_s: -3
    cool_down_s: 8s
    threshold: 1.5
    priority: 1.5
    signals:
      crowd: {at_least: 0.5}
"""
    assert faults(tmp_path, text) == [
        "mine.yaml:2: sport: 'My Sport' is not a valid name: use lower-case words joined by _, such as three_pointer",
        'mine.yaml:3: title: no reads as false: quote it ("no")',
        "mine.yaml:5: scoreboard.layout: must not be verses (did you mean versus?)",
        "mine.yaml:6: scoreboard.clok: unknown key (did you mean clock?)",
        "mine.yaml:7: scoreboard.steps.score.1: must be at least 1, not 0",
        "mine.yaml:9: events.0.title: missing: what viewers read on the reel",
        "mine.yaml:10: events.0.titel: unknown key (did you mean title?)",
        "mine.yaml:11: events.0.queries: needs 1 or more entries, not 0",
        "mine.yaml:13: events.0.pre_roll_s: must be at least 0, not -3",
        "mine.yaml:14: events.0.cool_down_s: must be a number, not 8s",
        "mine.yaml:15: events.0.threshold: must be at most 1, not 1.5",
        "mine.yaml:16: events.0.priority: must be a whole number, not 1.5",
        "mine.yaml:18: events.0.signals.crowd.weight: missing: what this adds in log-odds "
        "(confidence = logistic(-2 + sum)): 1 supports, 2 makes it even, 5 settles it",
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("title: 2024", 'mine.yaml:12: title: 2024 reads as a number: quote it ("2024")'),
        ("title: off", 'mine.yaml:12: title: off reads as false: quote it ("off")'),
        ("title:", "mine.yaml:12: title: must be text, but nothing is given"),
        ("title: [a]", "mine.yaml:12: title: must be text, not a list"),
        ('title: " x"', "mine.yaml:12: title: must be one line without spaces around it"),
        ("windows: 3", "mine.yaml:12: windows: must be a mapping of keys, not 3"),
        ("windows: {length_s: 4}", "mine.yaml:12: windows.length_s: overlap_s (5) must be less than length_s (4)"),
        ("windows: {length_s: .inf}", "mine.yaml:12: windows.length_s: must be a number, not .inf"),
        ("windows: {length_s: 60.5}", "mine.yaml:12: windows.length_s: must be at most 60, not 60.5"),
        ("windows: {length_s: 1e999}", "mine.yaml:12: windows.length_s: must be a number, not 1e999"),
        ("windows: {length_s: 1:30}", "mine.yaml:12: windows.length_s: must be a number, not 1:30"),
        ("windows: {length_s: true}", "mine.yaml:12: windows.length_s: must be a number, not true"),
        ('windows: {length_s: "30"}', "mine.yaml:12: windows.length_s: must be a number, not 30"),
        ("zzz: 1", "mine.yaml:12: zzz: unknown key (one of extends, sport, title, scoreboard, scenes, windows, events)"),
        ("no: 1", "mine.yaml:12: the key no reads as false: quote it"),
        ("12: 1", "mine.yaml:12: a key must be text"),
        ("? [a, b]\n: 1", "mine.yaml:12: a key must be text"),
        ("scenes: {detector: adaptve}", "mine.yaml:12: scenes.detector: must not be adaptve (did you mean adaptive?)"),
        ("scenes: {<<: {threshold: 3}}", "mine.yaml:12: scenes.<<: unknown key (one of detector, threshold, min_length_s)"),
        ("extends: socer", "mine.yaml:12: extends: socer: no event profile has this name (did you mean soccer?)"),
        ("extends: nope.yaml", "mine.yaml:12: extends: nope.yaml: no such file (did you mean mine.yaml?)"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, line: str, fault: str) -> None:
    text = WHOLE.replace("title: Kubb", "# Kubb") if line.startswith("title") else WHOLE
    assert faults(tmp_path, f"{text}{line}\n") == [fault]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("title: Again", "mine.yaml:12: events.0.title: given twice, first on line 9"),
        ("min_length_s: 40", "mine.yaml:12: events.0.min_length_s: min_length_s (40) must be less than max_length_s (30)"),
        ("max_length_s: 1", "mine.yaml:12: events.0.max_length_s: min_length_s (2) must be less than max_length_s (1)"),
        ("remove: true", "mine.yaml:8: events.0: there is nothing to remove: this profile extends none"),
        (
            "signals: {score: {counter: scores, by: [1], shown_after_s: [1, 9]}}",
            "mine.yaml:12: events.0.signals.score.counter: scoreboard.steps has no scores (did you mean score?)",
        ),
        (
            "signals: {score: {counter: score, by: [2], shown_after_s: [1, 9]}}",
            "mine.yaml:12: events.0.signals.score.by.0: scoreboard.steps.score lacks the 2 of events.0.signals.score.by.0",
        ),
        (
            "signals: {score: {counter: score, by: [1], shown_after_s: [9, 1]}}",
            "mine.yaml:12: events.0.signals.score.shown_after_s: the smaller number comes first: [least, most]",
        ),
        (
            "signals: {score: {counter: score, by: [1], shown_after_s: [9]}}",
            "mine.yaml:12: events.0.signals.score.shown_after_s: needs 2 or more entries, not 1",
        ),
        ("signals: {whistl: {}}", "mine.yaml:12: events.0.signals.whistl: unknown key (did you mean whistle?)"),
    ],
)
def test_a_fault_in_an_event_is_reported_with_its_line(tmp_path: Path, line: str, fault: str) -> None:
    assert fault in faults(tmp_path, f"{WHOLE}    {line}\n")


def test_a_duplicate_event_name_is_a_fault_at_the_second_event(tmp_path: Path) -> None:
    text = WHOLE + "  - {name: hit, title: Hit, queries: [a stick falls], check: Does it fall}\n"
    assert faults(tmp_path, text) == ["mine.yaml:12: events.1: a second event named hit, the first is on line 8"]


def test_a_counter_missing_from_the_layout_is_a_fault(tmp_path: Path) -> None:
    text = WHOLE.replace("score: [1]", "points: [1]")
    assert faults(tmp_path, text) == [
        "mine.yaml:6: scoreboard.steps.points: the layout versus does not count points (one of score)"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: b: c\n", "mine.yaml:1: not valid YAML: mapping values are not allowed here"),
        ("sport: x\n\ttitle: y\n", "mine.yaml:2: not valid YAML: while scanning for the next token found character '\\t' that"),
        ('sport: "x', "mine.yaml:1: not valid YAML: while scanning a quoted scalar found unexpected end of stream"),
        ('sport: x\ntitle: "\\UFFFFFFFF"', "mine.yaml:2: not valid YAML: a number in an escape or directive is out of range"),
        ("sport: x\ntitle: \x01", "mine.yaml:2: a character that YAML does not allow ('\\x01')"),
        (b"sport: x\ntitle: \xff", "mine.yaml:2: is not UTF-8 text: save it as UTF-8"),
        ("", "mine.yaml: is empty"),
        ("# only a comment\n", "mine.yaml: is empty"),
        ("- sport\n", "mine.yaml:1: a profile is a mapping of keys"),
        ("sport: x\n---\nsport: y\n", "mine.yaml:2: a second document starts here (---): use one file per profile"),
        ("[" * 50_000, "mine.yaml:1: too large for a profile: over 16 levels deep or over 10000 values"),
        ("- [a]\n" * 50_000, "mine.yaml:5000: too large for a profile"),
        ("a" * 1_000_001, "mine.yaml: is larger than 1 MB, so it is not an event profile"),
    ],
    ids=range(13),
)
def test_a_file_that_is_not_a_profile_is_refused_in_one_line(tmp_path: Path, text: str | bytes, fault: str) -> None:
    (line,) = faults(tmp_path, text)
    assert line.startswith(fault)


def test_anchors_aliases_and_tags_are_refused_and_construct_nothing(tmp_path: Path) -> None:
    text = WHOLE.replace("[a stick hits a kubb]", "[&one a stick falls, *one, !!python/object/apply:os.abort []]")
    assert faults(tmp_path, text)[:3] == [
        "mine.yaml:10: events.0.queries.0: anchors (&one) are not supported: write it out, or use extends",
        "mine.yaml:10: events.0.queries.1: aliases (*one) are not supported: write it out, or use extends",
        "mine.yaml:10: events.0.queries.2: tags (tag:yaml.org,2002:python/object/apply:os.abort) are not supported: remove it",
    ]


def test_an_alias_bomb_is_not_expanded(tmp_path: Path) -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)]
    lines = faults(tmp_path, "a0: &a0 [x]\n" + "\n".join(levels))
    assert len(lines) < 59 * 11 + 10


def test_a_missing_file_a_folder_and_an_unknown_name_are_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)
    with pytest.raises(ProfileError, match=r"myne\.yaml: no such file \(did you mean mine\.yaml\?\)$"):
        profile.load(tmp_path / "myne.yaml")
    with pytest.raises(ProfileError, match=r": is a folder, not a profile: give a \.yaml file in it$"):
        profile.load(tmp_path)
    with pytest.raises(ProfileError, match=r"^futsl: no event profile has this name \(did you mean futsal\?\)$"):
        profile.load("futsl")


def test_a_name_with_a_file_in_this_folder_is_reported_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProfileError, match=r"did you mean \./mine\.yaml\?"):
        profile.load("mine")


def test_faults_of_a_parent_name_its_file_and_follow_those_of_the_child(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(WHOLE.replace("title: Hit", "titel: Hit"))
    assert faults(tmp_path, "extends: parent\nsport: x y\n") == [
        "mine.yaml:2: sport: 'x y' is not a valid name: use lower-case words joined by _, such as three_pointer",
        "parent.yaml:8: events.0.title: missing: what viewers read on the reel",
        "parent.yaml:9: events.0.titel: unknown key (did you mean title?)",
    ]


def test_a_conflict_with_the_parent_is_a_fault_of_the_child(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(WHOLE + "    max_length_s: 10\n")
    text = "extends: parent\nscoreboard:\n  layout: cricket\nevents:\n  - name: hit\n    min_length_s: 12\n"
    assert faults(tmp_path, text) == [
        "mine.yaml:3: scoreboard.layout: the layout cricket does not count score (one of runs, wickets)",
        "mine.yaml:6: events.0.min_length_s: min_length_s (12) must be less than max_length_s (10)",
    ]


def test_a_parent_that_cannot_be_read_hides_no_fault_of_the_child(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text("a: b: c")
    assert faults(tmp_path, "extends: parent\ntitel: x\n") == [
        "mine.yaml:2: titel: unknown key (did you mean title?)",
        "parent.yaml:1: not valid YAML: mapping values are not allowed here",
    ]


def test_profiles_that_extend_in_a_circle_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text("extends: mine\n")
    assert faults(tmp_path, "extends: parent\n") == ["parent.yaml:1: extends: goes in a circle: mine → parent → mine"]
    assert faults(tmp_path, "extends: ./mine.yaml\n") == ["mine.yaml:1: extends: goes in a circle: mine → mine"]


def test_removing_a_missing_event_or_changing_a_removed_one_is_a_fault(tmp_path: Path) -> None:
    text = "extends: soccer\nevents:\n  - name: cornr\n    remove: true\n  - name: shot\n    remove: true\n    title: x\n"
    assert faults(tmp_path, text) == [
        "mine.yaml:3: events.0.name: the extended profile has no event cornr to remove (did you mean corner?)",
        "mine.yaml:7: events.1.title: leave this out: the event is removed",
    ]


def test_an_event_is_removed_by_true_and_kept_by_false(tmp_path: Path) -> None:
    inherited = [event.name for event in profile.load("soccer").events]
    for removed in (True, False):
        text = f"extends: soccer\nevents: [{{name: corner, remove: {str(removed).lower()}}}]\n"
        (tmp_path / "mine.yaml").write_text(text)
        names = [event.name for event in profile.load(tmp_path / "mine.yaml").events]
        assert names == [name for name in inherited if not (removed and name == "corner")]


def test_a_child_can_switch_a_signal_off_and_a_grandchild_on_again(tmp_path: Path) -> None:
    (tmp_path / "calm.yaml").write_text("extends: soccer\nevents: [{name: goal, signals: {crowd: null}}]\n")
    (tmp_path / "loud.yaml").write_text("extends: calm\nevents: [{name: goal, signals: {crowd: {at_least: 0.9, weight: 3}}}]\n")
    calm, loud = (profile.load(tmp_path / f"{name}.yaml").event("goal") for name in ("calm", "loud"))
    assert calm
    assert loud
    assert calm.signals.crowd is None
    assert calm.signals.score is not None
    assert loud.signals.crowd == profile.CrowdRule(0.9, 3)


def error_of(name_or_path: Path | str) -> str:
    """The faults of a profile, empty if it is valid. Any other error is raised."""
    try:
        profile.load(name_or_path)
    except ProfileError as error:
        return str(error)
    return ""


def assert_loaded_or_refused(folder: Path, content: bytes) -> None:
    """Check that a profile of this content is loaded, or refused in printable lines that name the file."""
    path = folder / "any.yaml"
    path.write_bytes(content)
    lines = error_of(path).split("\n")
    assert all(line.startswith(f"{path}:") and line.isprintable() for line in lines if lines != [""])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_raise_only_a_profile_error(tmp_path: Path, content: bytes) -> None:
    assert_loaded_or_refused(tmp_path, content)


YAML_LIKE = st.text(st.sampled_from("abn:-?[]{}\"'!&*<>|%@#,\\Ux0 \n\t~.1eé\u2028\ud7ff"), max_size=80)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=YAML_LIKE, cut=st.integers(0, len(WHOLE)))
def test_any_text_in_a_profile_raises_only_a_profile_error(tmp_path: Path, text: str, cut: int) -> None:
    assert_loaded_or_refused(tmp_path, (WHOLE[:cut] + text + WHOLE[cut:]).encode())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "score", "extends", "x y"]), inner),
    max_leaves=8,
)
KEYS = ["extends", "sport", "title", "scoreboard", "scenes", "windows", "events", "odd"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_any_value_of_any_key_raises_only_a_profile_error(tmp_path: Path, content: dict[str, object]) -> None:
    from yaml import safe_dump

    assert_loaded_or_refused(tmp_path, safe_dump(content, allow_unicode=True).encode("utf-8", "surrogatepass"))


@settings(max_examples=30, deadline=None)
@given(name=st.text(max_size=20) | st.sampled_from(["..", "a/b", "/", "~", "x.yaml"]))
def test_any_name_is_found_or_raises_a_profile_error(name: str) -> None:
    if name in profile.names():
        assert profile.load(name).sport
        return
    assert any(words in error_of(name) for words in ("no event profile has this name", "no such file", "is a folder"))


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 5000 + ".yaml", "a\0b", "a\0b.yaml"])
def test_a_name_invalid_for_a_file_raises_a_profile_error(name: str) -> None:
    assert any(words in error_of(name) for words in ("no event profile has this name", "no such file", "cannot be read"))


def test_a_link_to_itself_affects_no_other_profile(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    (tmp_path / "mine.yaml").write_text("extends: soccer\n")
    assert error_of(tmp_path / "mine.yaml") == ""
    assert "loop.yaml: " in error_of(tmp_path / "loop.yaml")


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("{home: [0.1, 0.1, 0.2, 0.2]}", "give both numbers of a score: home and away"),
        ("{runs: [0.1, 0.1, 0.2, 0.2], wickets: [0.3, 0.1, 0.4, 0.2]}", "runs is not counted by this layout"),
        ("{home: [0.2, 0.1, 0.1, 0.2], away: [0.3, 0.1, 0.4, 0.2]}", "must be [left, top, right, bottom]"),
    ],
)
def test_cells_of_the_score_graphic_that_cannot_be_used_are_refused(tmp_path: Path, cells: str, problem: str) -> None:
    path = tmp_path / "pinned.yaml"
    path.write_text(f"extends: soccer\nsport: soccer\nscoreboard:\n  cells: {cells}\n")
    with pytest.raises(ProfileError, match=re.escape(problem)):
        profile.load(str(path))
