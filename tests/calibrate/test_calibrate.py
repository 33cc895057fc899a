"""Learning a profile from reviewed timelines that are generated with known weights."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highlights.calibrate import calibrate, write
from highlights.calibrate.again import SearchAgain
from highlights.calibrate.examples import read, weight
from highlights.cli.main import main
from highlights.errors import OutputError, TimelineError
from highlights.export import timeline_json
from highlights.finders import signals
from highlights.finders.evidence import PRIOR, confidence
from highlights.merge import merge
from highlights.profile import EventRule, load
from highlights.records import Analysis, Event, Excitement, Moment, Recording, Replay, Scene, Timeline
from highlights.spans import Span
from tests.support.matches import part

SOCCER = load("soccer")


def say(*arguments: Path | str) -> Result:
    """The command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


MATCHES = 40
GOAL, SAVE = (next(rule for rule in SOCCER.events if rule.name == name) for name in ("goal", "save"))


def reviewed(
    folder: Path, number: int, rule: EventRule, true_weights: dict[str, float], true_prior: float, count: int = 24
) -> Path:
    """A result folder whose events were decided by a world in which the signals mean `true_weights`."""
    chance = random.Random(number)
    events: list[Event] = []
    for index in range(count):
        at_s = 20.0 + 20 * index
        strengths = {signal: round(chance.random(), 3) if chance.random() < 0.7 else 0.0 for signal in true_weights}
        log_odds = true_prior + sum(true_weights[signal] * share for signal, share in strengths.items())
        happened = chance.random() < 1 / (1 + math.exp(-log_odds))
        evidence = tuple(
            Moment(rule.name, Span(at_s - 2, at_s + 2), at_s, signal, round(weight(rule, signal) * share, 3), "drawn")
            for signal, share in strengths.items()
            if share
        )
        sure = confidence(sum(moment.weight for moment in evidence))
        status = "accepted" if happened else "rejected"
        events.append(Event(rule.name, rule.title, Span(at_s - 1, at_s + 1), at_s, sure, evidence, status=status))
    recording = Recording((part(folder / f"{number}.mp4", 0.0, 600.0),))
    yes = tuple(event for event in events if event.status == "accepted")
    no = tuple(replace(event, why_not="rejected by hand") for event in events if event.status == "rejected")
    target = folder / f"match {number}" / "timeline.json"
    target.parent.mkdir(parents=True)
    timeline_json.write(Timeline(recording, "soccer", yes, no, finders=("signals",)), target)
    return target


@pytest.fixture
def season(tmp_path: Path) -> Path:
    """Matches in which replays tell saves and the crowd tells nothing."""
    for number in range(MATCHES):
        reviewed(tmp_path / "season", number, SAVE, {"crowd": 0.0, "replay": 5.0}, -2.0)
    return tmp_path / "season"


def test_weights_and_the_threshold_come_close_to_those_of_the_world(season: Path, tmp_path: Path) -> None:
    learned = calibrate(read(season, "soccer"), SOCCER)
    [save] = learned.changed
    assert save.learned is not None
    assert save.learned.better
    assert save.learned.weights["replay"] == pytest.approx(5.0, abs=1.2)
    assert save.learned.weights["crowd"] < 0.5
    # the learned log-odds are a half where those of the world are
    assert -PRIOR + math.log(save.learned.threshold / (1 - save.learned.threshold)) == pytest.approx(2.0, abs=0.6)
    assert save.learned.after.f1 > save.learned.before.f1 + 0.1


def test_the_profile_written_extends_the_old_one_and_says_what_was_measured(season: Path, tmp_path: Path) -> None:
    learned, target = calibrate(read(season, "soccer"), SOCCER), tmp_path / "ours.yaml"
    write(learned, "soccer", target)
    ours = load(str(target))
    save = next(rule for rule in ours.events if rule.name == "save")
    [kind] = learned.changed
    assert kind.learned is not None
    assert {signal: weight(save, signal) for signal in ("crowd", "replay")} == kind.learned.weights
    assert save.threshold == kind.learned.threshold
    assert [rule for rule in ours.events if rule.name != "save"] == [rule for rule in SOCCER.events if rule.name != "save"]
    text = target.read_text()
    assert f"F1 {kind.learned.before.f1:.2f} -> {kind.learned.after.f1:.2f}" in text
    assert f"# {kind.yes} accepted or added, {kind.no} rejected, in {MATCHES} matches" in text
    assert "threshold" in text
    assert "# was 0.6" in text
    with pytest.raises(OutputError, match="exists already"):
        write(learned, "soccer", target)


def test_values_that_are_no_better_on_other_matches_are_not_written(tmp_path: Path) -> None:
    ours = {signal: weight(SAVE, signal) for signal in ("crowd", "replay")}
    for number in range(8):  # a world that is as the profile says
        reviewed(tmp_path / "season", number, SAVE, ours, PRIOR)
    told = say("calibrate", tmp_path / "season", "--out", tmp_path / "ours.yaml")
    assert told.exit_code == 1
    assert "save: " in told.stdout
    assert "no better, so it stays as it is" in told.stdout
    assert "none is written" in told.stderr
    assert not (tmp_path / "ours.yaml").exists()


def test_values_by_which_a_signal_would_no_longer_claim_an_event_are_not_used(tmp_path: Path) -> None:
    for number in range(6):  # only replays tell goals here, but a replay claims nothing by itself
        reviewed(tmp_path / "season", number, GOAL, {"crowd": 0.0, "replay": 5.0}, -2.0)
    told = say("calibrate", tmp_path / "season", "--out", tmp_path / "ours.yaml")
    assert "goal: " in told.stdout
    assert "not used, as crowd alone would find nothing any more" in told.stdout
    assert told.exit_code == 1
    assert not (tmp_path / "ours.yaml").exists()


def heard(folder: Path, number: int, finders: tuple[str, ...] = ("signals",)) -> Timeline:
    """A match whose goals are those roars that are strong, or that a replay follows, decided by a person who knows."""
    chance = random.Random(number)
    step_s, duration_s = 0.5, 2400.0
    values, replays = [0.2] * round(duration_s / step_s), list[Replay]()
    for at_s in range(150, 2300, 150):
        strength, length_s = chance.uniform(0.62, 1.0), chance.uniform(4.0, 20.0)
        first = round(at_s / step_s)
        values[first : first + round(length_s / step_s)] = [strength] * round(length_s / step_s)
        if chance.random() < 0.4:
            replays.append(Replay(Span(at_s + 30.0, at_s + 38.0), 0.9, "drawn"))
    crowd = Excitement(step_s, tuple(values), tuple(round(-27 + 13 * value, 3) for value in values))
    recording = Recording((part(folder / f"{number}.mp4", 0.0, duration_s),))
    analysis = Analysis((Scene(recording.span, 0, "start"),), crowd, replays=tuple(replays))
    merged = merge(signals.find(recording, SOCCER, analysis), SOCCER, recording, analysis.scoreboard)
    goals = [event for event in (*merged.events, *merged.near_misses) if event.name == "goal"]
    yes = [replace(event, status="accepted", why_not="") for event in goals if is_goal(event)]
    no = [replace(event, status="rejected", why_not="rejected by hand") for event in goals if not is_goal(event)]
    timeline = Timeline(recording, "soccer", tuple(yes), tuple(no), analysis=analysis, finders=finders)
    (folder / f"match {number}").mkdir(parents=True)
    timeline_json.write(timeline, folder / f"match {number}" / "timeline.json")
    return timeline


def is_goal(event: Event) -> bool:
    told = {moment.signal: moment.weight for moment in event.evidence}
    return told.get("crowd", 0.0) / weight(GOAL, "crowd") > 0.75 or "replay" in told


def test_matches_are_searched_again_with_values_learned_from_others(tmp_path: Path) -> None:
    timelines = [heard(tmp_path / "season", number) for number in range(8)]
    learned = next(kind for kind in calibrate(read(tmp_path / "season", "soccer"), SOCCER).kinds if kind.rule is GOAL).learned
    assert learned is not None
    assert learned.again is not None
    before, after = learned.again
    assert learned.searched == len(timelines)
    assert before.true == after.true == sum(len(timeline.events) for timeline in timelines)
    once = [event for timeline in timelines for event in (*timeline.events, *timeline.near_misses) if is_found(event)]
    assert (before.found, before.matched) == (len(once), sum(event.status == "accepted" for event in once))
    assert after.f1 > before.f1 + 0.05
    assert after.f1 == pytest.approx(learned.after.f1, abs=0.02)  # the profile decides as what was learned does
    assert learned.threshold <= 0.9
    assert max(learned.weights.values()) <= 10
    assert learned.better
    assert f"searched again in 8 matches: F1 {before.f1:.2f} -> {after.f1:.2f}" in learned.quality


def is_found(event: Event) -> bool:
    return event.confidence >= GOAL.threshold


def test_values_with_which_less_is_found_are_not_used(tmp_path: Path) -> None:
    for number in range(8):
        heard(tmp_path / "season", number)
    learned = next(kind for kind in calibrate(read(tmp_path / "season", "soccer"), SOCCER).kinds if kind.rule is GOAL).learned
    assert learned is not None
    assert learned.again is not None
    before, after = learned.again
    assert learned.better
    assert not replace(learned, again=(after, before)).better


def test_only_matches_that_signals_alone_found_the_same_in_are_searched_again(tmp_path: Path) -> None:
    heard(tmp_path / "season", 0)
    heard(tmp_path / "season", 1, finders=("signals", "marlin"))
    other = heard(tmp_path / "season", 2)
    quiet = replace(other, analysis=replace(other.analysis, crowd=Excitement()))  # of another version of the program
    timeline_json.write(quiet, tmp_path / "season" / "match 2" / "timeline.json")
    open_event = heard(tmp_path / "season", 3)
    events = (replace(open_event.events[0], status="found"), *open_event.events[1:])
    timeline_json.write(replace(open_event, events=events), tmp_path / "season" / "match 3" / "timeline.json")
    assert [*SearchAgain.of(read(tmp_path / "season", "soccer"), SOCCER, GOAL).matches] == [0]


def test_too_little_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    for number in range(2):
        reviewed(tmp_path / "season", number, SAVE, {"crowd": 0.0, "replay": 5.0}, -2.0, count=8)
    told = say("calibrate", tmp_path / "season")
    found = calibrate_or_error(tmp_path / "season")
    assert told.exit_code == 1
    assert found in told.stderr
    assert "more accepted or added" in found
    assert "1 more reviewed matches" in found


def calibrate_or_error(folder: Path) -> str:
    with pytest.raises(TimelineError) as refused:
        calibrate(read(folder, "soccer"), SOCCER)
    return str(refused.value)


def test_a_timeline_made_with_another_profile_is_an_error_that_names_it(season: Path) -> None:
    weaker = replace(SAVE, signals=replace(SAVE.signals, replay=replace(SAVE.signals.replay, weight=0.1)))
    profile = replace(SOCCER, events=(weaker,))
    with pytest.raises(TimelineError, match=r"match 0.timeline.json: was made with another profile: replay weighs"):
        calibrate(read(season, "soccer"), profile)


def test_rolls_are_the_median_of_clips_trimmed_by_hand(tmp_path: Path) -> None:
    target = reviewed(tmp_path / "season", 1, SAVE, {"crowd": 0.0, "replay": 5.0}, 1.0)
    timeline = timeline_json.read(target)
    trimmed = [
        replace(event, shown=Span(event.span.start_s - 3 - 0.1 * number, event.span.end_s + 9))
        for number, event in enumerate(timeline.events)
    ]
    added = replace(trimmed[0], status="added", shown=Span(0, 200))
    timeline_json.write(replace(timeline, events=(*trimmed, added)), target)
    learned = calibrate(read(tmp_path / "season", "soccer"), SOCCER)
    [save] = learned.changed
    assert (save.learned, save.trimmed) == (None, len(trimmed))
    assert save.rolls == (round(2 * (3 + 0.1 * (len(trimmed) - 1) / 2)) / 2, 9.0)


def test_a_folder_without_a_reviewed_match_of_the_sport_is_refused(season: Path, tmp_path: Path) -> None:
    assert f"holds {MATCHES} timelines, but no reviewed one of tennis" in say("calibrate", season, "--profile", "tennis").stderr
    assert (
        "no timeline.json" in say("calibrate", tmp_path / "nothing").stderr
        or "cannot be read" in say("calibrate", tmp_path / "nothing").stderr
    )


def test_near_misses_count_as_rejected_only_where_no_event_of_the_kind_is_undecided(tmp_path: Path) -> None:
    from highlights.calibrate.examples import examples

    target = reviewed(tmp_path / "season", 1, SAVE, {"crowd": 0.0, "replay": 5.0}, 0.0)
    timeline = timeline_json.read(target)
    undecided = tuple(replace(event, status="found", why_not="too little") for event in timeline.near_misses)
    timeline_json.write(replace(timeline, near_misses=undecided), target)
    told = sum(bool(event.evidence) for event in (*timeline.events, *timeline.near_misses))
    assert len(examples(read(tmp_path / "season", "soccer"), SAVE)) == told
    open_event = replace(timeline.events[0], status="found")
    timeline_json.write(replace(timeline, events=(open_event, *timeline.events[1:]), near_misses=undecided), target)
    accepted = sum(bool(event.evidence) for event in timeline.events[1:])
    assert len(examples(read(tmp_path / "season", "soccer"), SAVE)) == accepted
