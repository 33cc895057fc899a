from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from highlights.errors import RenderError
from highlights.media.probe import open_recording
from highlights.records import Analysis, Box, Clip, Event, Scoreboard, Timeline
from highlights.reel.captions import srt
from highlights.reel.card import draw_card, draw_recap
from highlights.reel.edit import edit
from highlights.reel.film import EditOptions, notes, plan
from highlights.reel.pictures import pictures
from highlights.reel.preview import write_preview, write_thumbnail
from highlights.reel.recap import Recap, RecapLine, recap_of
from highlights.spans import Span
from tests.support.drawing import draw_video, number_of

PLAIN = EditOptions(titles=False, fade_s=0)


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    """Four seconds, 320x180 at 25 per second; every frame carries its number, another scene begins at 2 s."""
    return open_recording([draw_video(tmp_path_factory.mktemp("match") / "match.mp4", duration_s=4, cuts_s=[2.0], sounds=[])])


def event(peak_s, **fields):
    return replace(Event("goal", "Goal", Span(peak_s - 0.2, peak_s + 0.2), peak_s, 1.0, ()), **fields)


def timeline_of(match, *spans, peaks_s=(), **fields):
    clips = tuple(Clip(Span(*span), (index,), "Goal", "12:34") for index, span in enumerate(spans))
    return Timeline(match, "soccer", events=tuple(event(at_s) for at_s in peaks_s), clips=clips, **fields)


def shown(timeline, options):
    film = plan(timeline, options)
    made = list(pictures(film))
    assert len(made) == film.frames
    return film, made


def numbers(made):
    return [number_of(picture[..., 1]) for picture in made]


def test_a_cross_fade_goes_evenly_from_the_one_to_the_other(match):
    spans = [(0, 1), (3, 4)]
    _, cut = shown(timeline_of(match, *spans), PLAIN)
    film, faded = shown(timeline_of(match, *spans), replace(PLAIN, crossfade_s=0.2))
    assert (film.frames, film.takes[1].first_frame) == (45, 20)
    for number in range(5):
        going, coming, share = cut[20 + number].astype(float), cut[25 + number].astype(float), (number + 1) / 6
        assert np.abs(faded[20 + number] - ((1 - share) * going + share * coming)).max() <= 1
    assert (faded[19] == cut[19]).all()
    assert (faded[25] == cut[30]).all()


def test_with_cross_fades_the_film_still_comes_from_black_and_goes_to_black(match):
    _, made = shown(timeline_of(match, (0, 1), (3, 4)), replace(PLAIN, crossfade_s=0.2, fade_s=0.2))
    _, plain = shown(timeline_of(match, (0, 1), (3, 4)), replace(PLAIN, crossfade_s=0.2))
    assert [made[at].mean() < 0.3 * plain[at].mean() for at in (0, 10, 22, 44)] == [True, False, False, True]


def test_slow_motion_shows_each_picture_around_the_instant_twice_after_its_clip(match):
    film, made = shown(timeline_of(match, (0.4, 1.6), peaks_s=[1.2]), replace(PLAIN, slow_motion=True))
    assert [take.shows for take in film.takes] == ["clip", "slow"]
    assert numbers(made) == [*range(10, 40), *np.repeat(range(10, 40), 2)]


def test_a_freeze_frame_stands_still_for_a_second_and_goes_on_where_it_was(match):
    _, made = shown(timeline_of(match, (0.4, 1.6), peaks_s=[1.2]), replace(PLAIN, freeze=True))
    assert numbers(made) == [*range(10, 30), *[30] * 25, *range(30, 40)]


def test_a_replay_is_neither_slowed_nor_stopped(match):
    timeline = timeline_of(match, (0.4, 1.6), peaks_s=[1.2])
    again = replace(timeline, clips=(replace(timeline.clips[0], replay=True),))
    assert numbers(shown(again, replace(PLAIN, freeze=True, slow_motion=True))[1]) == [*range(10, 40)]


def logo_file(path):
    pixels = np.zeros((40, 80, 4), np.uint8)
    pixels[:, :40] = (255, 0, 0, 255)
    Image.fromarray(pixels).save(path)
    return path


def changed(picture, bare):
    """x0, y0, x1, y1 of the pixels that differ."""
    ys, xs = np.nonzero(np.abs(picture.astype(int) - bare).max(axis=2) > 3)
    return xs.min(), ys.min(), xs.max() + 1, ys.max() + 1


def test_a_logo_keeps_its_transparency_and_to_a_corner_without_the_score_graphic(match, tmp_path):
    options = replace(PLAIN, logo=logo_file(tmp_path / "logo.png"))
    board = Analysis(scoreboard=Scoreboard(boxes=(Box(200, 5, 315, 40),)))
    free, taken = (shown(timeline_of(match, (0, 0.2), **fields), options)[1][2] for fields in ({}, {"analysis": board}))
    bare = shown(timeline_of(match, (0, 0.2)), PLAIN)[1][2]
    x0, y0, x1, y1 = changed(free, bare)
    assert 260 < x0 < x1 <= 290  # the right half of the logo, up to the margin at 304, is not to be seen
    assert 5 < y0 < y1 < 40
    assert (free[(y0 + y1) // 2, (x0 + x1) // 2] == (255, 0, 0)).all()
    assert changed(taken, bare)[1] > 120


def test_a_logo_that_is_not_a_picture_is_refused_in_one_line(match, tmp_path):
    (tmp_path / "logo.png").write_text("no picture")
    with pytest.raises(RenderError, match=r"logo\.png: cannot be used as a logo"):
        next(pictures(plan(timeline_of(match, (0, 1)), replace(PLAIN, logo=tmp_path / "logo.png"))))


def test_cards_stand_in_their_places_and_in_the_chapters(match):
    film = plan(timeline_of(match, (0, 1)), replace(PLAIN, intro="Derby", recap=True, outro=""))
    assert [(take.shows, take.clip.title) for take in film.takes] == [
        ("intro", "Derby"),
        ("clip", "Goal"),
        ("recap", "Match recap"),
        ("outro", "Soccer"),
    ]


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (480, 480), (400, 500), (160, 90)])
@pytest.mark.parametrize("rows", [0, 3, 12])
def test_a_recap_of_any_length_stays_within_the_safe_margins(size, rows):
    recap = Recap(
        ("ARS", "CHE"),
        "2–1",
        tuple(RecapLine(f"{row}:30", "A goal of a player with a long name " * 2, "1–0") for row in range(rows)),
    )
    picture = draw_recap(recap, size).max(axis=2)
    ys, xs = np.nonzero(picture > 110)
    assert 0.04 * size[0] < xs.min() < xs.max() < 0.96 * size[0]
    assert 0.03 * size[1] < ys.min() < ys.max() < 0.97 * size[1]
    assert draw_card("Final", "ARS", size).shape == (*picture.shape, 3)


def test_a_recap_shows_the_final_score_and_the_most_important_events_in_order(match):
    events = [event(10.0 + number, title=f"Shot {number}") for number in range(20)]
    events[15] = event(25.0, title="Goal", team="ARS", player="Saka", score="1–0", game_clock="68:03", priority=9)
    recap = recap_of(
        replace(timeline_of(match), events=tuple(events), analysis=Analysis(scoreboard=Scoreboard(teams=("ARS", "CHE"))))
    )
    assert recap.result == "ARS 1–0 CHE"
    assert len(recap.rows) == 12
    assert recap.rows[-1] == RecapLine("68:03", "Goal (Saka, ARS)", "1–0")


def test_letters_missing_from_every_font_are_reported_once(match):
    timeline = replace(
        timeline_of(match, (0, 1), (2, 3)), clips=tuple(Clip(Span(at, at + 1), (0,), "Goal \U0001e290 🎉") for at in (0, 2))
    )
    assert notes(timeline_of(match, (0, 1)), EditOptions()) == ()
    (note,) = notes(timeline, EditOptions())
    assert "the characters \U0001e290, so" in note
    assert notes(timeline, PLAIN) == ()


def test_the_thumbnail_is_the_instant_of_the_best_event_in_the_films_crop(match, tmp_path):
    timeline = timeline_of(match, (0, 1), (2.4, 3.6), peaks_s=[0.5, 3.04])
    better = replace(timeline, events=(timeline.events[0], replace(timeline.events[1], priority=5)))
    write_thumbnail(better, EditOptions(), tmp_path / "whole.jpg")
    write_thumbnail(better, EditOptions(aspect=Fraction(9, 16)), tmp_path / "upright.jpg")
    with Image.open(tmp_path / "whole.jpg") as whole, Image.open(tmp_path / "upright.jpg") as upright:
        assert abs(number_of(np.asarray(whole)[..., 1]) - 76) <= 2
        assert (whole.size, upright.size) == ((320, 180), (100, 180))


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_a_preview_moves_through_the_best_instants_and_loops(match, tmp_path, kind):
    write_preview(timeline_of(match, (0, 1.6), (2.2, 3.9), peaks_s=[1.0, 3.2]), EditOptions(), tmp_path / f"reel.{kind}")
    with Image.open(tmp_path / f"reel.{kind}") as preview:
        assert preview.n_frames == 32
        assert preview.info["loop"] == 0
        assert preview.size == (320, 180)
        preview.load()
        assert preview.info["duration"] == 100


def test_subtitles_are_a_separate_track_and_describe_what_is_shown(match, tmp_path):
    timeline = timeline_of(match, (0, 1.6), (2.2, 3.9), peaks_s=[1.0, 3.2])
    told = replace(timeline, events=(replace(timeline.events[0], description="A header\n--> in."), timeline.events[1]))
    options = replace(PLAIN, subtitles=True, crossfade_s=0.2, preset="ultrafast")
    assert srt(plan(told, options)).split("\n\n")[0] == "1\n00:00:00,000 --> 00:00:01,600\nGoal · 12:34\nA header → in."
    edit(told, tmp_path / "reel.mp4", options)
    with av.open(str(tmp_path / "reel.mp4")) as container:
        (track,) = container.streams.subtitles
        assert track.codec_context.name == "mov_text"
        texts = [bytes(packet)[2:].decode() for packet in container.demux(track) if packet.size > 2]
    assert texts == ["Goal · 12:34\nA header → in.", "Goal · 12:34"]


def test_all_effects_together_give_the_same_bytes_twice(match, tmp_path):
    timeline = timeline_of(match, (0.2, 1.2), (2.2, 3.9), peaks_s=[0.8, 3.2])
    options = EditOptions(
        aspect=Fraction(4, 5), crossfade_s=0.3, slow_motion=True, freeze=True, intro="", outro="", recap=True, subtitles=True,
        logo=logo_file(tmp_path / "logo.png"), preset="ultrafast",
    )  # fmt: skip
    made = []
    for name in ("one", "two"):
        edit(timeline, tmp_path / f"{name}.mp4", options)
        write_preview(timeline, options, tmp_path / f"{name}.webp")
        made.append([(tmp_path / f"{name}.{kind}").read_bytes() for kind in ("mp4", "webp")])
    assert made[0] == made[1]
    assert Path(tmp_path / "one.mp4").stat().st_size > 10_000
