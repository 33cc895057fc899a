"""Captions and chapters, read by webvtt-py, srt, ffmpeg and PyAV."""

from __future__ import annotations

import html
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import srt
import webvtt

from highlights.errors import FormatError
from highlights.export import formats
from highlights.records import Timeline
from highlights.reel.edit import EditOptions, edit
from highlights.spans import Span
from tests.support.drawing import Sound, draw_video
from tests.support.lists import event, exported, match, part

HARD = ["A & <b>B</b> --> C", "鹿島 = 1; #2 \\ 'x' \"y\"", "line\nbreak\r\n\r\n00:00:01,000 --> 00:00:02,000", "⚽ 100%"]


def hard_words() -> Timeline:
    events = [event(100.0 * n, title=title, description="A shot; saved & held.") for n, title in enumerate(HARD, 1)]
    return match(events, rolls=False)


def words(title: str) -> str:
    return " ".join(title.split())


def test_webvtt_is_read_with_every_word_in_its_place(tmp_path: Path) -> None:
    cues = list(webvtt.read(str(exported(hard_words(), "webvtt", tmp_path, "source"))))
    assert [html.unescape(cue.raw_text) for cue in cues] == [f"{words(title)}\nA shot; saved & held." for title in HARD]
    assert (cues[0].start, cues[0].end) == ("00:01:39.000", "00:01:41.000")
    assert cues[0].identifier == "[goal@100.000]"


def test_srt_is_read_with_every_word_in_its_place(tmp_path: Path) -> None:
    cues = list(srt.parse(exported(hard_words(), "srt", tmp_path).read_text(encoding="utf-8")))
    assert [cue.content for cue in cues] == [f"{words(title)}\nA shot; saved & held." for title in HARD]
    assert [(cue.start.total_seconds(), cue.end.total_seconds()) for cue in cues] == [(0, 2), (2, 4), (4, 6), (6, 8)]


def test_two_halves_are_captioned_on_one_clock_or_on_separate_clocks(tmp_path: Path) -> None:
    timeline = match([event(100), event(3100)], part("1.mp4", 3000), part("2.mp4", 3000, 3000), rolls=False)
    together = [cue.start for cue in webvtt.read(str(exported(timeline, "webvtt", tmp_path, "source")))]
    assert together == ["00:01:39.000", "00:51:39.000"]
    assert [cue.start for cue in webvtt.read(str(exported(timeline, "webvtt", tmp_path, "source", 2)))] == ["00:01:39.000"]


def test_ffmpeg_puts_the_chapters_into_a_film(tmp_path: Path) -> None:
    film, target = draw_video(tmp_path / "film.mp4", duration_s=8), tmp_path / "chapters.mkv"
    listed = exported(hard_words(), "ffmetadata", tmp_path)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        film,
        "-f",
        "ffmetadata",
        "-i",
        listed,
        "-map_chapters",
        "1",
        "-c",
        "copy",
        target,
    ]
    subprocess.run(command, check=True)
    told = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_chapters", target], capture_output=True, check=True)
    chapters = json.loads(told.stdout)["chapters"]
    assert [(float(c["start_time"]), float(c["end_time"])) for c in chapters] == [(0, 2), (2, 4), (4, 6), (6, 8)]
    assert [chapter["tags"]["title"] for chapter in chapters] == [words(title) for title in HARD]


def lines(timeline: Timeline, folder: Path, of: str = "reel") -> list[str]:
    return exported(timeline, "youtube", folder, of).read_text(encoding="utf-8").splitlines()  # type: ignore[arg-type]


def spread(lengths_s: list[float]) -> Timeline:
    """A reel of clips of these lengths."""
    events = [replace(event(100.0 * n), span=Span(100 * n, 100 * n + s), title=f"E{n}") for n, s in enumerate(lengths_s, 1)]
    return match(events, part("match.mp4", 100_000), rolls=False)


def test_youtube_takes_the_chapters_of_long_clips_as_they_are(tmp_path: Path) -> None:
    assert lines(spread([12, 14, 3600, 11]), tmp_path) == ["0:00 E1", "0:12 E2", "0:26 E3", "1:00:26 E4"]


def test_short_clips_share_a_chapter_so_that_each_lasts_ten_seconds(tmp_path: Path) -> None:
    assert lines(spread([8, 8, 8, 8, 8, 8, 4]), tmp_path) == ["0:00 E1 + E2", "0:16 E3 + E4", "0:32 E5 + E6 + E7"]


def test_chapters_of_the_recording_begin_at_its_start(tmp_path: Path) -> None:
    assert lines(spread([8, 8, 8]), tmp_path, "source") == ["0:00 Start", "1:40 E1", "3:20 E2", "5:00 E3"]


def test_fewer_than_three_chapters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="YouTube needs at least three chapters of ten seconds"):
        lines(spread([8, 8, 8]), tmp_path)


@pytest.mark.slow
def test_the_chapters_of_an_existing_reel_are_listed(tmp_path: Path) -> None:
    film = draw_video(tmp_path / "match.mp4", duration_s=12, cuts_s=(4, 8), sounds=(Sound(),))
    timeline = match([event(2, title="One"), event(9, title="Two")], part(film, 12), rolls=False)
    reel, target = tmp_path / "reel.mp4", tmp_path / "list.srt"
    edit(timeline, reel, EditOptions(intro="A match"))
    assert formats.export(timeline, formats.choice("srt", None, None, target), target, reel) == ()
    cues = list(srt.parse(target.read_text(encoding="utf-8")))
    assert [cue.content for cue in cues] == ["One", "Two"]
    assert cues[0].start.total_seconds() > 1  # after the card
    assert cues[1].start == cues[0].end
