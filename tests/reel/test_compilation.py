from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from highlights.errors import RenderError
from highlights.media.audio import read_samples
from highlights.media.frames import read_frame
from highlights.media.probe import open_recording
from highlights.records import Analysis, Clip, Event, Scene, Scoreboard, Timeline
from highlights.reel.compilation import Pick, compiled, match_name, picked
from highlights.reel.film import EditOptions, film_size, headline
from highlights.results import write_reel
from highlights.spans import Span
from tests.conftest import SAMPLE
from tests.support.drawing import Look, Sound, beep_times, draw_video

RED, BLUE = (200, 20, 20), (20, 20, 200)
PLAIN = EditOptions(titles=False, fade_s=0, crf=10, preset="ultrafast")


def coloured(path, colour, size, rate, seconds):
    """A video of one colour, without sound."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        picture = np.full((size[1], size[0], 3), colour, np.uint8)
        for _ in range(round(seconds * rate)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path


def match_of(path, *spans, teams=("", ""), sport="soccer", **more):
    """A match with an event and a clip for each span."""
    events = tuple(Event("goal", "Goal", Span(*span), sum(span) / 2, 0.9, (), score="1–0", **more) for span in spans)
    clips = tuple(Clip(Span(*span), (number,), "Goal", "12:34") for number, span in enumerate(spans))
    analysis = Analysis(scenes=(Scene(Span(0, 1)), Scene(Span(1, 100))), scoreboard=Scoreboard(teams=teams))
    return Timeline(open_recording([path]), sport, events, clips=clips, analysis=analysis)


@pytest.fixture(scope="module")
def matches(tmp_path_factory):
    """The sample (640x360 at 25 per second, green), a red match (4:3 at 30) and a blue one (upright at 50), both silent."""
    folder = tmp_path_factory.mktemp("matches")
    red = coloured(folder / "red.mp4", RED, (160, 120), 30, 4)
    blue = coloured(folder / "blue.mp4", BLUE, (90, 160), 50, 3)
    return match_of(SAMPLE, (2, 3), (4, 5)), match_of(red, (1, 2.5), (3, 4)), match_of(blue, (0, 1))


def colour_at(reel, time_s):
    """The mean colour of the middle of the frame, and the frame."""
    picture = read_frame(reel, time_s).rgb().astype(int)
    height, width, _ = picture.shape
    return picture[height // 3 : height // 2, width * 2 // 5 : width * 3 // 5].mean(axis=(0, 1)), picture


def is_like(colour, meant):
    return bool(np.abs(colour - meant).max() < 30)


def test_matches_of_different_size_and_rate_are_shown_in_the_order_of_the_picks(matches, tmp_path):
    sample, red, blue = matches
    picks = [picked(red, 0), picked(sample, 1), picked(blue, 0), picked(red, 1)]
    write_reel(compiled(picks), tmp_path / "reel.mp4", reel="auto", options=PLAIN)
    reel = open_recording([tmp_path / "reel.mp4"])
    [part] = reel.parts
    assert (part.width, part.height, part.frame_rate) == (640, 360, 25)
    assert part.duration_s == pytest.approx(1.5 + 1 + 1 + 1, abs=0.05)
    for time_s, meant in ((0.04, RED), (1.4, RED), (2.54, BLUE), (3.44, BLUE), (3.54, RED), (4.4, RED)):
        assert is_like(colour_at(reel, time_s)[0], meant), time_s
    for time_s in (1.54, 2.0, 2.44):
        _, shown = colour_at(reel, time_s)
        meant = read_frame(sample.recording, 4 + time_s - 1.5).rgb().astype(int)
        assert np.abs(shown - meant).mean() < 8
    _, red_frame = colour_at(reel, 1.0)
    columns = np.flatnonzero(red_frame[180, :, 0] > 100)
    assert (columns[0], columns[-1]) == pytest.approx((80, 559), abs=2)  # 4:3 between black borders, not stretched
    with av.open(str(tmp_path / "reel.mp4")) as container:
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
    assert titles == ["Goal · 12:34 · red", "Goal · 12:34 · soccer", "Goal · 12:34 · blue", "Goal · 12:34 · red"]


def test_the_sound_of_each_match_is_heard_with_its_clips(tmp_path):
    loud = draw_video(tmp_path / "loud.mp4", duration_s=4, sounds=[Sound(beeps_s=[1.2, 3.2])], look=Look(size=(96, 54)))
    mono = Sound(beeps_s=[0.5], channels=1, rate_hz=22050)
    other = draw_video(tmp_path / "other.mp4", duration_s=2, rate=50, sounds=[mono], look=Look(size=(160, 90)))
    silent = coloured(tmp_path / "silent.mp4", BLUE, (160, 120), 30, 2)
    picks = [picked(match_of(loud, (3, 4)), 0), picked(match_of(silent, (0, 1)), 0), picked(match_of(other, (0, 1)), 0)]
    write_reel(compiled(picks), tmp_path / "reel.mp4", reel="edit", options=PLAIN)
    heard = read_samples(open_recording([tmp_path / "reel.mp4"]), 0, 3, channels=1)[:, 0]
    assert beep_times(heard, 48000) == pytest.approx([0.2, 2.5], abs=0.01)


def test_slow_motion_at_the_end_of_a_match_does_not_borrow_sound_from_the_next(tmp_path):
    one = draw_video(tmp_path / "one.mp4", duration_s=3, sounds=[Sound()], look=Look(size=(160, 90)))
    two = draw_video(tmp_path / "two.mp4", duration_s=3, sounds=[Sound(beeps_s=[0.0, 0.5, 1.0, 1.5])], look=Look(size=(96, 54)))
    picks = [picked(match_of(one, (1, 3)), 0), picked(match_of(two, (2, 3)), 0)]
    write_reel(compiled(picks), tmp_path / "reel.mp4", reel="edit", options=replace(PLAIN, slow_motion=True))
    reel = open_recording([tmp_path / "reel.mp4"])
    assert beep_times(read_samples(reel, 0, reel.duration_s, channels=1)[:, 0], 48000) == []


def test_clips_of_the_second_half_keep_their_frames_to_the_millisecond(tmp_path):
    halves = [
        draw_video(tmp_path / f"{n}.mp4", duration_s=1.4, rate=Fraction(30000, 1001), look=Look(size=(96, 54))) for n in (1, 2)
    ]
    recording = open_recording(halves)
    start_s = recording.parts[1].start_s
    clip = Clip(Span(start_s + 0.2, start_s + 1.2), (), "Save", part=1)
    together = compiled([Pick(Timeline(recording, "soccer", clips=(clip,)), clip, "final")])
    [part], [moved] = together.recording.parts, together.clips
    assert (part.path, moved.part) == (halves[1], 0)
    assert moved.span.start_s - part.start_s == pytest.approx(clip.span.start_s - start_s, abs=1e-9)
    assert moved.span.length_s == clip.span.length_s


def test_everything_of_a_pick_moves_with_it(matches):
    sample, red, _ = matches
    together = compiled([picked(red, 1), picked(sample, 0), picked(red, 0)])
    assert [part.path for part in together.recording.parts] == [SAMPLE, red.recording.parts[0].path]
    start_s = together.recording.parts[1].start_s
    assert start_s > together.recording.parts[0].duration_s + 5
    assert [clip.span for clip in together.clips] == [
        Span(start_s + 3, start_s + 4),
        Span(2, 3),
        Span(start_s + 1, start_s + 2.5),
    ]
    assert [clip.part for clip in together.clips] == [1, 0, 1]
    for clip in together.clips:
        [index] = clip.events
        assert together.events[index].span == clip.span
        assert clip.span.holds(together.events[index].peak_s)
        assert together.recording.part_at(clip.span.start_s) == clip.part
        assert any(scene.span.holds(clip.span.start_s) and scene.part == clip.part for scene in together.analysis.scenes)
    assert film_size(together.recording, PLAIN) == (640, 360)


def test_a_subtitle_names_the_match_once(matches):
    sample, *_ = matches
    derby = replace(sample, analysis=Analysis(scoreboard=Scoreboard(teams=("ELK", "JAY"))))
    assert match_name(derby) == "ELK – JAY"
    assert compiled([picked(derby, 0)]).clips[0].subtitle == "12:34 · ELK – JAY"
    with_score = replace(derby, clips=(replace(derby.clips[0], subtitle="ELK 1–0 JAY"),))
    assert compiled([picked(with_score, 0)]).clips[0].subtitle == "ELK 1–0 JAY"
    assert compiled([picked(with_score, 0, "cup/final")]).clips[0].subtitle == "ELK 1–0 JAY · cup/final"
    assert headline(compiled([picked(derby, 0), picked(derby, 1)])) == "ELK – JAY"
    assert headline(compiled([picked(derby, 0), picked(sample, 1)])) == "Soccer"
    tennis = replace(sample, sport="tennis")
    assert headline(compiled([picked(derby, 0), picked(tennis, 1)])) == "Soccer, tennis"


def test_what_is_picked_twice_is_shown_once_where_it_comes_first(matches):
    sample, red, _ = matches
    picks = [picked(sample, 0), picked(red, 0), picked(sample, 0), picked(red, 1)]
    assert [clip.part for clip in compiled(picks).clips] == [0, 1, 1]


def test_an_event_that_no_clip_shows_is_cut_as_its_profile_says(matches):
    sample, *_ = matches
    bare = replace(sample, clips=())
    span = picked(bare, 1).clip.span
    assert span.start_s < bare.events[1].span.start_s
    assert span.end_s > bare.events[1].span.end_s
    strange = replace(bare, sport="no such sport")
    assert picked(strange, 1).clip.span == bare.events[1].span


def test_no_picks_are_refused():
    with pytest.raises(RenderError, match="nothing to show"):
        compiled([])


def test_a_reel_of_several_matches_keeps_to_its_size(matches, tmp_path):
    sample, red, _ = matches
    said = []
    options = replace(PLAIN, max_bytes=60_000)
    picks = [picked(sample, 0), picked(red, 0)]
    write_reel(compiled(picks), tmp_path / "reel.mp4", reel="auto", options=options, on_note=said.append)
    assert (tmp_path / "reel.mp4").stat().st_size <= 60_000
    assert len(said) == 1
