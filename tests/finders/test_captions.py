"""Accepted events are described, each by a model's caption of the window around it."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from benchmarks.stand_in.events import event, recording
from benchmarks.stand_in.trial import Blank
from highlights.backends.backend import Answer
from highlights.backends.patience import Patience
from highlights.backends.server import ServerBackend
from highlights.dialects.caption import Caption, CaptionEvent, compose_caption
from highlights.dialects.marlin import MARLIN
from highlights.dialects.molmo2 import MOLMO2
from highlights.errors import ModelError
from highlights.finders.captions import described
from highlights.media.footage.reader import WindowReader
from highlights.media.probe import open_recording
from highlights.spans import Span
from tests.support.drawing import Look, draw_video
from tests.support.model_server import ModelServer, reply_with, status
from tests.support.scripted import Scripted


def ask(says, *events, match=None, dialect=MARLIN):
    backend = Scripted(lambda window, question: Answer(says(window)))
    return described(events, match or recording(600.0), Blank(dialect), dialect, backend), [w for w, _ in backend.asked]


def test_each_event_gets_the_line_about_its_own_window():
    goal, save = event(100.0), event(300.0, "save")
    events, windows = ask(lambda window: f"Seen from {window.span.start_s:.0f} s to the end. More.", goal, save, dialect=MOLMO2)
    assert [e.description for e in events] == ["Seen from 90 s to the end.", "Seen from 290 s to the end."]
    assert [w.span for w in windows] == [Span(90, 106), Span(290, 306)]
    assert [(e.name, e.span, e.peak_s) for e in events] == [("goal", goal.span, 100.0), ("save", save.span, 300.0)]


def test_a_long_caption_is_reduced_to_what_happens_around_the_instant():
    caption = Caption("A pitch.", (CaptionEvent(Span(0, 4), "He runs."), CaptionEvent(Span(7, 10), "He shoots.")))
    (captioned,), _ = ask(lambda window: compose_caption(caption), event(100.0))
    assert captioned.description == "He shoots."


@pytest.mark.parametrize("dialect", [MARLIN, MOLMO2])
def test_an_event_without_a_caption_has_no_description(dialect):
    (captioned,), _ = ask(lambda window: "", event(100.0), dialect=dialect)
    assert captioned == event(100.0)


def test_a_window_extends_to_the_end_of_a_long_event_up_to_its_maximum_length():
    assert ask(str, event(100.0, around_s=12.0))[1][0].span == Span(90, 112)
    assert ask(str, event(100.0, around_s=90.0))[1][0].span == Span(90, 120)


def test_windows_stay_in_the_part_and_on_its_grid_of_frame_pairs():
    match = recording(100.4, 50.0)
    _, windows = ask(str, event(3.0), event(99.0), event(102.0), event(150.0), match=match)
    assert [(w.part, w.span) for w in windows] == [
        (0, Span(0, 9)),
        (0, Span(89, 100.4)),
        (1, Span(100.4, 108)),
        (1, Span(139.4, 150.4)),
    ]


def test_without_events_nothing_is_asked():
    assert ask(str) == ((), [])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    path = tmp_path_factory.mktemp("captions") / "match.mp4"
    return open_recording([draw_video(path, duration_s=20.0, rate=5, look=Look(size=(128, 72)))])


def served(answer, match, *events, faults=()):
    with ModelServer(answer) as server, WindowReader(match, MOLMO2.sampling) as reader, ExitStack() as at_end:
        backend = ServerBackend(server.url, MOLMO2, concurrency=3, patience=Patience(retries=0))
        at_end.callback(backend.close)
        server.misbehave(*faults)
        return described(events, match, reader, MOLMO2, backend), server.most_at_once


def test_a_server_describes_several_events_at_once_and_each_gets_its_own_line(drawn):
    pytest.importorskip("openai")
    together = threading.Barrier(3)

    def answer(seen):
        together.wait(timeout=5)
        return reply_with(f"Seen in {len(seen.pictures)} frames.")

    events, most_at_once = served(answer, drawn, *(event(peak_s) for peak_s in (2.0, 3.0, 4.0, 5.0, 6.0, 7.0)))
    assert [e.description for e in events] == [f"Seen in {frames} frames." for frames in (16, 18, 20, 22, 24, 26)]
    assert most_at_once == 3


def test_a_server_that_refuses_everything_ends_the_descriptions(drawn):
    pytest.importorskip("openai")
    refused = [status(404, "no such model")] * 30
    with pytest.raises(ModelError, match="no such model"):
        served(lambda seen: reply_with("Nothing."), drawn, *(event(float(peak_s)) for peak_s in range(2, 18)), faults=refused)
