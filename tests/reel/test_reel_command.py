"""`highlights reel`, as a person calls it on a timeline that was edited."""

import json
from dataclasses import replace

import av
import pytest
from PIL import Image

from highlights.export import timeline_json
from highlights.media.probe import open_recording
from highlights.profile import load
from highlights.records import Analysis, Event
from highlights.spans import Span
from highlights.timeline import build
from tests.support.commands import highlights
from tests.support.drawing import draw_video


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Thirty seconds with two goals, one of them labelled."""
    folder = tmp_path_factory.mktemp("match")
    match = open_recording([draw_video(folder / "match.mp4", duration_s=30, sounds=[])])
    first = Event("goal", "Goal", Span(4, 6), 5.0, 0.9, (), priority=10, description="A header.")
    events = (first, replace(first, span=Span(23, 25), peak_s=24.0, team="ARS", player="Saka"))
    timeline_json.write(build(match, load("soccer"), events, (), Analysis()), folder / "timeline.json")
    return folder


def test_a_reel_and_every_file_beside_it_are_written_and_listed(folder):
    answer = highlights(
        *(
            "reel",
            folder / "timeline.json",
            "--aspect",
            "9:16",
            "--target-duration",
            "7s",
            "--rolls",
            "0.1",
            "--crossfade",
            "0.2",
        ),
        *("--per-player", "--clips", "--subtitles", "--thumbnail", "--preview", "gif"),
    )
    assert answer.returncode == 0, answer.stderr
    names = ["reel.mp4", "reel.srt", "thumbnail.jpg", "reel.gif", "clips/01-goal-0m03s.mp4", "clips/02-goal-0m22s.mp4"]
    files = [*names, "reels/player-saka.mp4"]
    assert answer.stdout.splitlines() == [str(folder / name) for name in files]
    assert all((folder / name).stat().st_size for name in files)
    with av.open(str(folder / "reel.mp4")) as container:
        assert 6.9 < container.duration / 1e6 <= 7
        assert (container.streams.video[0].width, container.streams.video[0].height) == (100, 180)
    with Image.open(folder / "thumbnail.jpg") as thumbnail:
        assert thumbnail.size == (100, 180)
    assert not [file for file in folder.iterdir() if file.name.startswith(".")]


def test_an_invalid_option_is_reported_in_one_line_and_leaves_no_file(folder, tmp_path):
    answer = highlights("reel", folder / "timeline.json", "--preset", "socail", "--out", tmp_path / "reel.mp4")
    assert (answer.returncode, answer.stderr) == (
        1,
        "Error: unknown preset 'socail': use coach, recap, social, or the path of a .yaml file\n",
    )
    assert not any(tmp_path.iterdir())


def test_the_timeline_itself_stays_as_it_was(folder):
    before = json.loads((folder / "timeline.json").read_text())
    assert highlights("reel", folder / "timeline.json", "--preset", "coach").returncode == 0
    assert json.loads((folder / "timeline.json").read_text()) == before
    assert (folder / "reels" / "event-goal.mp4").exists()
