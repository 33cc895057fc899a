"""Whole runs with a tiny model of Marlin's architecture, whose random weights favour spans and yes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from benchmarks.tiny.models import tiny_marlin
from highlights import EditOptions, ModelOptions, RunOptions, find_events, run
from highlights.backends import server as server_backend
from highlights.backends.patience import Patience
from highlights.dialects.dialect import Question
from highlights.errors import ModelError, RecordingError
from highlights.finders.choice import choose, model_roles
from highlights.media.probe import open_recording
from highlights.models import open_models, worth_asking
from highlights.questions import caption, find
from highlights.records import Moment, Timeline, Window
from highlights.spans import Span
from tests.support import commands
from tests.support.drawing import draw_video
from tests.support.model_server import ModelServer, reply_with, status
from tests.support.profiles import FLASHES

SAID = ("From 1.0 to 3.0. ", "From 2.5 to 4.5. ", "From 3.0 to 5.0. ", "He passes the ball. ", "A player shoots. ", "Yes")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch").set_num_threads(1)  # models this small are slower on several threads
    return tiny_marlin(tmp_path_factory.mktemp("weights") / "Tiny-Marlin", SAID)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Also for commands; many times faster while other processes use the CPU."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("profile") / "flashes.yaml"
    path.write_text(FLASHES)
    return str(path)


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    draw_video(path, cuts_s=[6.0], duration_s=12.0)
    return path


def tiny(weights: Path, **options: object) -> ModelOptions:
    return ModelOptions(finders=("marlin",), model=str(weights), device="cpu", **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def alone(weights: Path, match: Path, profile: str) -> Timeline:
    """The timeline of the model without signals."""
    return find_events(match, profile, RunOptions(models=tiny(weights)))


def test_a_model_alone_finds_events_and_the_timeline_names_the_finder(alone):
    assert [name.split(" ")[0] for name in alone.finders] == ["Tiny-Marlin"]
    assert {m.signal for e in alone.events for m in e.evidence} == {"marlin", "marlin_check", "marlin_again"}


def test_a_model_describes_the_events_that_it_found(alone):
    assert alone.events
    assert all(event.description for event in alone.events)


def test_a_second_run_asks_nothing_that_is_cached(weights, match, tmp_path, monkeypatch):
    monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path))
    recording = open_recording([match])
    question = [Question("Who?", 4), Question("Is it?", 1, "yes_no")]
    answers = []
    for known in (0, 2):
        with open_models(("marlin",), tiny(weights), recording) as models:
            assert models.finding is not None
            footage = models.finding.reader.footage(Window(Span(0.0, 6.0)))
            answers.append(models.finding.backend.ask(footage, question))
            assert models.finding.backend.cached == known
    assert answers[0] == answers[1]


def test_a_run_with_an_empty_cache_gives_the_same_timeline(alone, weights, match, profile, tmp_path, monkeypatch):
    monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path))
    assert find_events(match, profile, RunOptions(models=tiny(weights))) == alone


def test_a_query_is_searched_for_and_every_result_is_explained(weights, match):
    found = find([match], "a white flash fills the picture", None, None, tiny(weights), lambda stage, share: None)
    assert all(place.evidence for place in (*found.events, *found.near_misses))


def test_a_span_is_captioned_window_by_window(weights, match):
    captions = caption([match], 2.0, 4.0, tiny(weights), lambda stage, share: None)
    assert [piece.span for piece in captions] == [Span(2.0, 4.0)]


def test_a_span_outside_the_recording_is_refused(weights, match):
    with pytest.raises(RecordingError, match=r"lasts .*: 1:40 to"):
        caption([match], 100.0, None, tiny(weights), lambda stage, share: None)


def test_the_commands_print_json(weights, match):
    model = ("--model", str(weights), "--device", "cpu", "--json")
    done = commands.highlights("find", match, "a white flash fills the picture", *model)
    assert set(json.loads(done.stdout)) == {"found", "near_misses"}
    done = commands.highlights("caption", match, "--to", "2", *model)
    assert [piece["span"] for piece in json.loads(done.stdout)] == [{"start_s": 0.0, "end_s": 2.0}]


def test_a_command_line_run_with_a_model_names_its_finder_describes_events_and_crops_the_reel(
    weights, match, profile, tmp_path
):
    models = ("--finder", "signals,marlin", "--windows", "all", "--model", weights, "--device", "cpu")
    done = commands.highlights("run", match, "--sport", profile, *models, "--aspect", "9:16", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    timeline = json.loads((tmp_path / "out" / "timeline.json").read_text())
    assert timeline["finders"][0] == "signals"
    assert timeline["finders"][1].startswith("Tiny-Marlin (")
    assert timeline["events"]
    assert all(event["description"] for event in timeline["events"])
    (reel,) = open_recording([tmp_path / "out" / "reel.mp4"]).parts
    assert (reel.width, reel.height) == (100, 180)  # of 320x180, rounded to even numbers


def test_missing_weights_end_the_run_before_the_match_is_read(tmp_path):
    done = commands.highlights("run", tmp_path / "none.mp4", "--finder", "marlin", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "none.mp4" in done.stderr


@pytest.mark.parametrize("name", ["marlin", "molmo2"])
def test_missing_weights_are_reported_with_the_command_that_downloads_them(match, tmp_path, name):
    done = commands.highlights("run", match, "--finder", name, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "hf download" in done.stderr
    assert "--finder signals" in done.stderr
    assert ("gated" in done.stderr) == (name == "marlin")
    assert not (tmp_path / "out").exists()


def test_auto_uses_signals_without_a_model_and_reports_why():
    choice = choose(ModelOptions())
    assert choice.finders == ("signals",)
    assert "no weights of a model" in choice.why


def test_auto_asks_the_given_server():
    assert choose(ModelOptions(server="http://localhost:1/v1")).finders == ("signals", "server")


def test_a_server_without_its_address_is_refused():
    with pytest.raises(ModelError, match="--server"):
        choose(ModelOptions(finders=("server",)))


def test_a_server_lost_during_a_match_is_one_clear_error_and_its_answers_stay_cached(match, profile, tmp_path, monkeypatch):
    pytest.importorskip("openai")
    monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path))
    monkeypatch.setattr(server_backend, "Patience", partial(Patience, first_s=0.01))
    with ModelServer(lambda seen: reply_with("no")) as server:
        options = RunOptions(models=ModelOptions(finders=("server",), server=server.url, captions=False))
        find_events(match, profile, options)
        all_questions = len(server.asked)
    with ModelServer(lambda seen: reply_with("no")) as server:
        monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path / "cache"))
        server.answer = lambda seen: reply_with("no") if len(server.asked) < all_questions // 2 else server.stop()  # type: ignore
        options = RunOptions(models=ModelOptions(finders=("server",), server=server.url, captions=False))
        with pytest.raises(ModelError, match="server"):
            find_events(match, profile, options)
        answered = len(server.asked)
    assert 0 < answered < all_questions
    with ModelServer(lambda seen: reply_with("no")) as server:
        options = RunOptions(models=ModelOptions(finders=("server",), server=server.url, captions=False))
        find_events(match, profile, options)
        asked_again = len(server.asked)
    assert 0 < asked_again < all_questions


def test_molmo2_on_a_server_counts_describes_and_tracks_the_play_for_an_upright_reel(match, profile, tmp_path):
    pytest.importorskip("openai")
    answers = {
        "How many": 'There are 1 <points coords="3.0 1 500 500">flashes</points>.',
        "Is there": "yes",
        "What happens": "A white flash.",
        "Track": '<tracks coords="0.0 1 900 500;0.5 1 900 500;1.0 1 900 500">player</tracks>',
    }
    with ModelServer(lambda seen: reply_with(next(a for asked, a in answers.items() if seen.text.startswith(asked)))) as server:
        models = ModelOptions(finders=("molmo2",), server=server.url)
        upright = EditOptions(aspect=Fraction(9, 16), titles=False)
        result = run(match, profile, tmp_path / "out", RunOptions(edit=upright, models=models))
        asked = {next(words for words in answers if seen.text.startswith(words)) for seen in server.asked}
    assert asked == set(answers)
    assert {event.description for event in result.timeline.events} == {"A white flash."}
    assert {m.signal for event in result.timeline.events for m in event.evidence} >= {"molmo2", "molmo2_check"}
    (reel,) = open_recording([tmp_path / "out" / "reel.mp4"]).parts
    assert (reel.width, reel.height) == (100, 180)


def test_a_checker_on_another_server_decides_what_the_first_model_names(match, profile, tmp_path, monkeypatch):
    pytest.importorskip("openai")
    here = [{"id": "TimeLens-8B", "owned_by": "vllm"}]
    others = [{"id": "Qwen3.5-4B", "owned_by": "vllm"}, {"id": "another", "owned_by": "vllm"}]
    for word in ("yes", "no"):
        monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path / word))
        with (
            ModelServer(lambda seen: reply_with("The event happens in 3.0 - 5.0 seconds."), models=here) as finder,
            ModelServer(lambda seen, word=word: reply_with(word, [(word, -0.01, {})]), models=others) as checker,
        ):
            address = f"{checker.url}#Qwen3.5-4B"
            models = ModelOptions(("server",), server=finder.url, checker=address, captions=False)
            timeline = find_events(match, profile, RunOptions(moments="none", models=models))
            assert {seen.text.split()[0] for seen in finder.asked} == {"Please"}
            assert all(seen.text.endswith("Answer yes or no.") for seen in checker.asked)
        assert [name.split(" ")[0] for name in timeline.finders] == ["TimeLens-8B", "Qwen3.5-4B"]
        assert bool(timeline.events) == (word == "yes")
        evidence = [m for event in timeline.events for m in event.evidence if m.signal == "timelens_check"]
        assert all(m.because.startswith("qwen said yes in ") for m in evidence)
        assert bool(evidence) == (word == "yes")


def test_the_dialect_of_a_model_with_an_unknown_name_can_be_given(match, profile, tmp_path):
    pytest.importorskip("openai")
    mine = tmp_path / "mine.yaml"
    mine.write_text('name: mine\nfind: When is "{event}"?\nanswer: "{start} to {end}"\n')
    with ModelServer(lambda seen: reply_with("3.0 to 5.0")) as server:
        models = ModelOptions(("server",), server=server.url, dialect=str(mine), captions=False)
        timeline = find_events(match, profile, RunOptions(moments="none", models=models))
        assert {seen.text.split()[0] for seen in server.asked} >= {"When"}
    moments = [m for event in (*timeline.events, *timeline.near_misses) for m in event.evidence]
    assert {m.signal.split("_")[0] for m in moments} == {"mine"}


def test_find_and_caption_report_what_a_server_did_not_answer_or_what_cannot_be_read(match):
    pytest.importorskip("openai")
    with ModelServer(lambda seen: reply_with("I cannot say.")) as server:
        server.misbehave(status(400, "too long"))
        found = commands.highlights("find", match, "a white flash fills the picture", "--server", server.url)
        server.misbehave(status(400, "too long"))
        captioned = commands.highlights("caption", match, "--to", "6", "--server", server.url)  # not cached by find
    assert (found.returncode, captioned.returncode) == (0, 0)
    assert f"Note: {match}: questions that the model did not answer\n" in found.stderr
    assert f"Note: {match}: answers of the model that could not be read" in found.stderr
    assert captioned.stderr.endswith(f"Note: {match}: questions that the model did not answer\n")


def test_molmo2_finds_alone_and_gives_a_second_opinion_beside_another():
    assert model_roles(("signals",)) is None
    assert model_roles(("molmo2",)) == ("molmo2", None)
    assert model_roles(("signals", "molmo2")) == ("molmo2", None)
    assert model_roles(("signals", "marlin", "molmo2")) == ("marlin", "molmo2")


def test_an_unknown_finder_is_a_usage_error(match):
    done = commands.highlights("run", match, "--finder", "signals,merlin")
    assert done.returncode == 2
    assert "unknown finder 'merlin'" in done.stderr


def test_only_windows_with_evidence_from_signals_are_worth_asking_about(match):
    windows = [Window(Span(s, s + 4.0)) for s in (0.0, 4.0, 8.0)]
    roar = Moment("goal", Span(8.5, 9.5), 9.0, "crowd", 2.0, "a roar")
    stood = Moment("goal", Span(0.0, 4.0), 2.0, "score", -4.0, "it stood")
    assert windows[2] in worth_asking(windows, [roar, stood])
    assert windows[0] not in worth_asking(windows, [roar, stood])
    assert worth_asking(windows, [stood]) == ()
