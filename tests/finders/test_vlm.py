"""The finder that asks a model: which answers become claims, their weights, what is asked again, what is rejected."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from benchmarks.stand_in.events import profile, recording
from benchmarks.stand_in.trial import Blank, blank
from highlights.backends.backend import Answer, Token
from highlights.dialects.dialect import Dialect, Question
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2
from highlights.errors import ModelError
from highlights.finders import vlm, weights
from highlights.finders.claims import Claim, Weigher
from highlights.finders.evidence import PRIOR, confidence
from highlights.finders.looks import Looker, Named, Reply, sure_of_digits
from highlights.finders.second_looks import SecondLooks
from highlights.finders.wording import moments
from highlights.merge import merge
from highlights.profile import WindowRules
from highlights.records import Moment, Scoreboard, Window
from highlights.spans import Span
from tests.support.scripted import Scripted

SOCCER = profile("soccer")
GOAL, CORNER = SOCCER.event("goal"), SOCCER.event("corner")
ONLY_CORNERS = replace(SOCCER, events=(CORNER,))
WEIGHTS = weights.load()
MATCH = recording(600.0)


def window(start_s: float, length_s: float = 30.0) -> Window:
    return Window(Span(start_s, start_s + length_s))


WINDOWS = tuple(window(25.0 * i) for i in range(23))


def names(at: Span | None, yes: float, *, elsewhere: float = 0.02) -> Callable[[Window, Question], Answer]:
    """Names one span and answers yes where it is; elsewhere names a different span in every window, and answers no."""

    def says(asked: Window, question: Question) -> Answer:
        here = at is not None and at.clamp(asked.span) == at
        if question.kind == "yes_no":
            return Answer("", yes=yes if here else elsewhere)
        start_s = at.start_s - asked.span.start_s if here and at else (asked.span.start_s * 7) % 20 + 2
        return Answer(f"From {start_s:.1f} to {start_s + (at.length_s if here and at else 3):.1f}.")

    return says


def find(
    says: Callable[[Window, Question], Answer], proposals: Sequence[Moment] = (), windows=WINDOWS
) -> tuple[vlm.Claims, Scripted]:
    backend = Scripted(says)
    return vlm.find(MATCH, ONLY_CORNERS, windows, Blank(MARLIN), MARLIN, backend, proposals), backend


def reply(
    start_s: float, *spans: tuple[float, float], yes: float | None = None, how="clean", sure=None, refused=False
) -> Reply:
    shown = window(start_s)
    named = tuple(Named(Span(a, b), shown, CORNER.queries[0], how, sure) for a, b in spans)
    return Reply(shown, named, yes, refused)


def claims(*replies: Reply, rule=CORNER, proposals: Sequence[Moment] = ()) -> list[Claim]:
    weigher = Weigher(rule, WEIGHTS, proposals)
    for one in replies:
        weigher.add(one)
    return weigher.claims()


def claim(*replies: Reply) -> Claim:
    """The only claim."""
    (only,) = claims(*replies)
    return only


# asking


def looks(dialect: Dialect, says: Callable[[Window, Question], Answer], rules=SOCCER.events):
    backend = Scripted(says)
    return list(Looker(rules, Blank(dialect), dialect, backend).looks([window(10)])), backend


def test_a_window_is_asked_every_query_and_every_check_at_once():
    (look,), backend = looks(MARLIN, names(None, 0.1))
    ((_, questions),) = backend.asked
    finds = {MARLIN.find_question(rule, query) for rule in SOCCER.events for query in rule.queries}
    assert set(questions) == finds | {MARLIN.check_question(rule) for rule in SOCCER.events}
    assert look.questions == len(questions) == len(finds) + len(SOCCER.events)
    assert list(look.replies) == [rule.name for rule in SOCCER.events]


def test_answers_go_to_the_events_they_are_about():
    goal = {MARLIN.find_question(GOAL, query).text for query in GOAL.queries}

    def says(_, question):
        return Answer(
            "From 3 to 5." if question.text in goal else "From 20 to 22.",
            yes=0.9 if question == MARLIN.check_question(GOAL) else 0.2,
        )

    (look,), _ = looks(MARLIN, says)
    assert [named.span for named in look.replies["goal"].named] == [Span(13, 15)] * 2
    assert look.replies["goal"].yes == 0.9
    assert [named.span for named in look.replies["corner"].named] == [Span(30, 32)]
    assert look.replies["corner"].yes == 0.2


def test_a_model_that_is_asked_the_same_for_every_query_is_asked_once():
    (look,), backend = looks(MOLMO2, lambda _, q: Answer("There are none.", yes=0.1), (GOAL,))
    assert len(backend.asked[0][1]) == 2
    assert look.replies["goal"].refused


def test_unreadable_answers_are_counted_and_claim_nothing():
    (look,), _ = looks(MARLIN, lambda _, q: Answer("I see a pitch."), (CORNER,))
    assert (look.unreadable, look.replies["corner"].named, look.replies["corner"].refused) == (2, (), False)


def test_only_the_digits_of_an_answer_give_its_confidence():
    tokens = (Token("From", math.log(0.1)), Token(" 1", math.log(0.9)), Token("2", math.log(0.4)), Token(".", math.log(0.2)))
    assert sure_of_digits(Answer("", tokens)) == pytest.approx(0.6)
    assert sure_of_digits(Answer("From 1 to 2.")) is None


# weighing


def test_a_bare_claim_starts_far_below_even_odds():
    assert claim(reply(100, (110, 114))).confidence < 0.05


@pytest.mark.parametrize(
    "worse",
    [
        reply(100, (110, 114), how="repaired"),
        reply(100, (100, 104)),
        reply(100, (126, 130)),
        reply(100, (102, 128)),
        reply(100, (106, 125)),
        reply(100, (110, 114), sure=0.3),
    ],
    ids=["repaired", "at the start", "at the end", "filling", "overlong", "unsure"],
)
def test_a_poorly_formed_claim_weighs_less(worse):
    assert claim(worse).weight < claim(reply(100, (110, 114))).weight < claim(reply(100, (110, 114), sure=0.95)).weight


def test_the_better_formed_of_two_answers_gives_the_weight_of_a_claim():
    assert claim(reply(100, (110, 114)), reply(110, (110, 114))).named_weight == WEIGHTS.claim.alone


def test_yes_counts_for_and_no_against_a_claim_up_to_the_reliability_of_a_check():
    yes, no, nothing = (claim(reply(100, (110, 114), yes=p)).check.weight for p in (0.999, 0.001, 0.5))
    assert (yes, no, nothing) == (1.75, -1.75, 0)
    assert 0 < claim(reply(100, (110, 114), yes=0.6)).check.weight < yes


def test_a_window_that_does_not_show_the_instant_does_not_count():
    assert claim(reply(100, (110, 114), yes=0.9), reply(130, yes=0.01)).check.of == 1


def test_the_same_instant_from_another_window_counts_for_a_claim_and_another_instant_against_it():
    alone = claim(reply(100, (112, 116)))
    again = claim(reply(100, (112, 116)), reply(105, (113, 116)))
    other = next(c for c in claims(reply(100, (112, 116)), reply(105, (125, 129))) if c.peak_s == 114)
    assert other.weight < alone.weight < again.weight
    assert (again.again.yes, again.again.of, other.again.yes, other.again.of) == (1, 1, 0, 1)
    assert again.span == Span(112.5, 116)


def test_agreement_between_windows_alone_never_makes_an_event():
    many = claim(*(reply(90 + 2 * i, (112, 116)) for i in range(8)))
    assert many.again.weight == WEIGHTS.again.found_in_all
    assert many.confidence < 0.2


def test_a_plain_refusal_counts_as_a_no():
    refused = claim(reply(100, (112, 116), yes=0.9), reply(105, refused=True))
    assert (refused.check.yes, refused.check.of, refused.again.of) == (1, 2, 1)
    assert refused.check.weight == 0


def test_a_yes_counts_for_only_one_claim_of_a_window():
    sure, other = claims(
        *(reply(100 + i, (112, 116), (106, 107), yes=0.95) for i in range(0, 8, 2)), reply(90, (112, 116), yes=0.9)
    )
    assert (sure.peak_s, sure.check.yes, sure.confidence > 0.7) == (114, 5, True)
    assert (other.check.of, other.check.weight) == (0, 0)
    assert other.confidence < 0.05


def test_answers_about_a_roar_count_for_or_against_it_without_the_weight_of_a_bare_claim():
    roar = Moment("goal", Span(106, 114), 110, "crowd", 2.2, "a roar")
    (denied,) = [c for c in claims(reply(100, (125, 127), yes=0.02), rule=GOAL, proposals=[roar]) if c.signal]
    assert (denied.span, denied.named, denied.weight < -2) == (roar.span, (), True)
    (backed,) = claims(reply(100, (108, 111), yes=0.98), rule=GOAL, proposals=[roar])
    assert (backed.span, backed.named_weight) == (Span(108, 111), WEIGHTS.claim.beside_signal)
    assert backed.confidence > confidence(2.2)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.floats(0, 25), st.floats(0.5, 5), st.floats(0, 1)), max_size=12), st.randoms()
)
def test_claims_do_not_depend_on_the_order_of_the_looks(drawn, chance):
    replies = [reply(s, (s + at, min(s + at + n, s + 30)), yes=y) for s, at, n, y in {d[0]: d for d in drawn}.values()]
    shuffled = chance.sample(replies, len(replies))
    assert claims(*replies) == claims(*shuffled)
    assert sum(len(c.named) for c in claims(*replies)) == len(replies)


# asking again


def test_an_event_named_in_every_window_becomes_a_claim_strong_enough_for_an_event():
    found, _ = find(names(Span(200, 206), 0.95))
    merged = merge(found.moments, ONLY_CORNERS, MATCH, Scoreboard())
    (corner,) = merged.events
    assert corner.span == Span(200, 206)
    assert {m.signal for m in corner.evidence} == {"marlin", "marlin_check", "marlin_again"}


def test_claims_of_a_model_that_always_names_a_span_but_answers_no_are_all_rejected():
    found, _ = find(names(None, 0.0))
    assert found.moments == ()
    assert found.refused > len(WINDOWS)


def test_only_undecided_claims_are_asked_about_again():
    _, refused = find(names(None, 0.0))
    found, backend = find(names(Span(200, 206), 0.9))
    more = [w for w, _ in backend.asked if w not in {w for w, _ in refused.asked}]
    assert 1 <= len(more) <= WEIGHTS.looking_again.looks
    assert all(w.span.start_s + 3 <= 203 <= w.span.end_s - 3 for w in more)
    assert found.windows + found.windows_again == len(backend.asked)
    assert found.questions == 2 * len(backend.asked)


def test_an_undecided_check_is_not_repeated_forever():
    found, backend = find(names(Span(200, 206), 0.5, elsewhere=0.5))
    assert len(backend.asked) <= WEIGHTS.looking_again.most * len(WINDOWS)
    assert not merge(found.moments, ONLY_CORNERS, MATCH, Scoreboard()).events


def test_an_error_of_the_model_is_raised():
    def says(asked: Window, question: Question) -> Answer:
        if asked.span.start_s > 100:
            raise ModelError("the server at http://localhost is gone")
        return names(None, 0.0)(asked, question)

    with pytest.raises(ModelError, match="is gone"):
        find(says)


def test_progress_is_reported_up_to_the_end_of_each_stage():
    told: list[tuple[str, float]] = []
    backend = Scripted(names(Span(200, 206), 0.9))
    vlm.find(MATCH, ONLY_CORNERS, WINDOWS, Blank(MARLIN), MARLIN, backend, (), lambda stage, share: told.append((stage, share)))
    assert next(stage for stage, share in told if share == 1.0) == "asking marlin"
    assert told[-1] == ("asking marlin again", 1.0)


def test_without_windows_nothing_is_asked():
    found, backend = find(names(None, 0.0), windows=())
    assert (found, backend.asked) == (vlm.Claims(), [])


def test_every_time_is_shown_twice_in_windows_with_different_starts():
    second = SecondLooks(MATCH, WindowRules(), 1.0, 3.0)
    both = [*WINDOWS, *second.between(WINDOWS)]
    assert all(sum(w.span.holds(t) for w in both) >= 2 for t in range(13, 568))
    assert len(both) == 2 * len(WINDOWS) - 1
    assert [w.span for w in second.between([window(100)])] == [Span(110, 140)]
    more = second.of([203.0, 210.0, 400.0], both, 2.0)
    assert len(more) == 2
    assert all(min(abs(w.span.start_s - o.span.start_s) for o in both) >= 2 for w in more)


def test_no_window_is_added_that_would_begin_too_near_to_another():
    second = SecondLooks(MATCH, WindowRules(), 1.0, 3.0)
    every_second = [window(float(start_s)) for start_s in range(150, 230)]
    assert second.of([203.0], every_second, 2.0) == []


# texts and sums


def test_each_piece_of_evidence_is_a_separate_moment_and_their_weights_add_up():
    one = claim(reply(100, (112, 116), yes=0.9, sure=0.9), reply(105, (112, 116), yes=0.2))
    told = moments(one, "marlin", "marlin", WEIGHTS)
    assert {(m.span, m.peak_s) for m in told} == {(Span(112, 116), 114)}
    assert [m.signal for m in told] == ["marlin", "marlin_again"]
    assert sum(m.weight for m in told) == pytest.approx(one.weight)
    assert told[0].because == (
        'marlin named 1:52 to 1:56 for "a player kicks the ball in from the corner flag"; '
        "as it names something in every window; 90% sure of the time"
    )
    assert told[1].because == "marlin named the same instant in 1 of 1 other windows"
    (_, check) = moments(claim(reply(100, (112, 116), yes=0.9)), "marlin", "marlin", WEIGHTS)
    assert check.because == 'marlin said yes in 1 of 1 windows: "Is a corner kick taken in this clip?"'


def test_the_merger_computes_the_same_confidence_as_the_finder():
    one = claim(*(reply(100 + 3 * i, (112, 116), yes=0.9) for i in range(3)))
    (corner,) = merge(moments(one, "marlin", "marlin", WEIGHTS), ONLY_CORNERS, MATCH, Scoreboard()).events
    assert corner.confidence == pytest.approx(one.confidence, abs=0.002)
    assert PRIOR + one.weight > 0


def test_a_weights_file_with_an_error_is_refused(tmp_path):
    text = weights.FILE.read_text(encoding="utf-8")
    slip = tmp_path / "weights.yaml"
    slip.write_text(text.replace("alone: -1.5", "alone: 1.5"))
    with pytest.raises(ValidationError, match=r"claim\.alone"):
        weights.load(slip)
    slip.write_text(text.replace("  looks:", "  look:"))
    with pytest.raises(ValidationError, match=r"looking_again\.look\b"):
        weights.load(slip)


def test_footage_of_the_stand_in_has_no_pictures():
    assert blank(window(0), MARLIN).times_s == ()
