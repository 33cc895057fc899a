from dataclasses import replace
from itertools import product

import pytest

from highlights.errors import OutputError, RenderError
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Clip, Event, Timeline
from highlights.reel.apart import file_name, split_by, write_clips, write_reels
from highlights.reel.edit import EditOptions
from highlights.spans import Span
from tests.support.drawing import draw_video, number_of

PLAIN = EditOptions(titles=False, fade_s=0, intro="not on single clips", crf=10, preset="ultrafast")


@pytest.fixture(scope="module")
def timeline(tmp_path_factory):
    match = open_recording([draw_video(tmp_path_factory.mktemp("match") / "match.mp4", duration_s=8)])
    clips = (Clip(Span(1.4, 2), (0,), "Goal"), Clip(Span(5.2, 6), (1,), "Corner / kick"))
    return Timeline(match, "soccer", clips=clips)


def numbers_of(path):
    return [number_of(frame.luma()) for frame in read_frames(open_recording([path]))]


def test_edited_clips_hold_just_their_span(timeline, tmp_path):
    files = write_clips(timeline, tmp_path / "clips", "edit", PLAIN)
    assert [file.name for file in files] == ["01-goal-0m01s.mp4", "02-corner-kick-0m05s.mp4"]
    assert [numbers_of(file) for file in files] == [[*range(35, 50)], [*range(130, 150)]]


def test_copied_clips_begin_at_their_key_frame(timeline, tmp_path):
    files = write_clips(timeline, tmp_path, "copy", EditOptions())
    assert [numbers_of(file) for file in files] == [[*range(25, 50)], [*range(125, 150)]]
    assert sorted(tmp_path.iterdir()) == files


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(timeline, tmp_path):
    (tmp_path / "clips").write_text("")
    with pytest.raises(OutputError, match="clips: "):
        write_clips(timeline, tmp_path / "clips", "edit", PLAIN)


def test_a_timeline_without_clips_is_refused_before_a_folder_is_made(timeline, tmp_path):
    with pytest.raises(RenderError, match="nothing to show"):
        write_clips(Timeline(timeline.recording, "soccer"), tmp_path / "clips", "edit", PLAIN)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("title", ["", "../../../etc/passwd", "-rf *", 'CON: "a|b" <c>?\\', "a\nb\0c", "进球" * 200, "🎉", "."])
def test_any_title_gives_a_name_that_every_file_system_accepts(title):
    name = file_name(Clip(Span(5999, 6000), (0,), title), 7, 12)
    assert name.startswith("07-")
    assert name.endswith("-99m59s.mp4")
    assert len(name.encode()) < 200
    assert not set(name) & set('/\\:*?"<>|\n\0 ')


def test_names_tell_clips_apart_and_sort_in_their_order():
    clips = [Clip(Span(60, 70), (0,), "Goal", replay=replay) for _, replay in product(range(60), (False, True))]
    names = [file_name(clip, number, len(clips)) for number, clip in enumerate(clips, 1)]
    assert names == sorted(set(names))


def labelled(timeline):
    """A goal of one player, and a clip of a corner and a goal of two others."""
    events = (
        Event("goal", "Goal", Span(1, 2), 1.5, 1.0, (), team="ARS", player="Bukayo  Saka"),
        Event("corner", "Corner", Span(5, 5.5), 5.2, 1.0, (), team="CHE", player="Łukasz/.."),
        Event("goal", "Goal", Span(5.5, 6), 5.8, 1.0, ()),
    )
    clips = (Clip(Span(1.4, 2), (0,), "Goal"), Clip(Span(5.2, 6), (1, 2), "Corner + Goal"))
    return Timeline(timeline.recording, "soccer", events=events, clips=clips)


def test_a_match_is_split_by_its_labels_in_their_order(timeline):
    apart = {
        each: [(name, some.clips) for name, some in split_by(labelled(timeline), each)] for each in ("event", "team", "player")
    }
    first, second = labelled(timeline).clips
    assert apart["event"] == [("Goal", (first, second)), ("Corner", (second,))]
    assert apart["team"] == [("ARS", (first,)), ("CHE", (second,))]
    assert apart["player"] == [("Bukayo Saka", (first,)), ("Łukasz/..", (second,))]


def test_each_team_gets_its_own_reel_under_a_name_that_every_file_system_accepts(timeline, tmp_path):
    files = write_reels(labelled(timeline), tmp_path / "reels", ["team", "player"], "edit", replace(PLAIN, intro=None))
    assert [file.name for file in files] == ["team-ars.mp4", "team-che.mp4", "player-bukayo-saka.mp4", "player-łukasz.mp4"]
    assert numbers_of(files[1]) == [*range(130, 150)]
    assert numbers_of(files[2]) == [*range(35, 50)]


def test_events_without_labels_give_no_reels(timeline, tmp_path):
    assert write_reels(timeline, tmp_path / "reels", ["player"], "edit", PLAIN) == []
    assert not any(tmp_path.iterdir())
