"""Files that are one recording, by their names and by what they tell about themselves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from highlights.batch.joining import Clip, continues, joined
from highlights.batch.matches import matches_of
from highlights.pipeline import RunOptions
from tests.conftest import Put
from tests.support.drawing import Look, draw_video

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FULL_BYTES = 2**32 - 70_000_000  # a camera's file on a card that takes no larger ones


def groups(*names: str, clips: Mapping[str, Clip] = {}) -> list[tuple[str, ...]]:
    """The files of each recording, in a folder of a season."""
    found = joined([f"season/{name}" for name in names], lambda file: clips.get(file.removeprefix("season/"), Clip()))
    return [tuple(file.removeprefix("season/") for file in group.files) for group in found]


def name_of(*names: str) -> str:
    [group] = joined([f"season/{name}" for name in names], lambda file: Clip())
    return group.name


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("GH010001.MP4", "GH020001.MP4"), [("GH010001.MP4", "GH020001.MP4")]),
        (("GX020007.MP4", "GX010007.MP4", "GX010008.MP4"), [("GX010007.MP4", "GX020007.MP4"), ("GX010008.MP4",)]),
        (("GOPR0001.MP4", "GP010001.MP4", "GP020001.MP4"), [("GOPR0001.MP4", "GP010001.MP4", "GP020001.MP4")]),
        (("gh010001.mp4", "gh020001.mp4"), [("gh010001.mp4", "gh020001.mp4")]),
    ],
)
def test_a_gopros_chapters_are_one_recording_by_their_names(names: tuple[str, ...], expected: list[tuple[str, ...]]) -> None:
    assert groups(*names) == expected


@pytest.mark.parametrize(
    "names",
    [
        ("GH010001.MP4", "GH010002.MP4"),  # two recordings
        ("GH010001.MP4", "GX020001.MP4"),  # of two cameras
        ("GH010001.MP4", "GH030001.MP4"),  # the middle is missing
        ("a/GH010001.MP4", "b/GH020001.MP4"),
        ("GH010001.MP4", "GH020001.mkv"),
        ("GHAA0001.MP4", "GHAA0002.MP4"),  # a loop
        ("C0001.MP4", "C0002.MP4"),  # without evidence
        ("MVI_0001.MP4", "MVI_0002.MP4"),
        ("DJI_0001.MP4", "DJI_0002.MP4"),
        ("00000.MTS", "00001.MTS"),
        ("P1000001.MP4", "P1000002.MP4"),
        ("match1.mp4", "match2.mp4"),
        ("2026-05-01 half1.mp4", "2026-05-08 half2.mp4"),
        ("half1.mp4", "half2.mkv"),
        ("1_224p.mkv", "2_224p.mkv", "1_720p.mkv", "2_720p.mkv"),  # the same halves twice
        ("1_final.mp4", "2_final.mp4"),
        ("half1.mp4", "Half1.mp4", "half2.mp4"),  # which one?
        ("half1.mp4", "half2.mp4", "half3.mp4"),
        ("part1.mp4", "part3.mp4"),
        ("part2.mp4", "part3.mp4"),
        ("derby 1 part 2.mp4", "derby 2 part 2.mp4"),
        ("halftime 1.mp4", "halftime 2.mp4"),
        ("Ajax 1-0 Feyenoord.mp4", "Ajax 2-0 Feyenoord.mp4"),
    ],
)
def test_what_is_not_surely_one_recording_stays_apart(names: tuple[str, ...]) -> None:
    assert groups(*names) == [(name,) for name in names]


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (("half1.mp4", "half2.mp4"), "season"),
        (("1_224p.mkv", "2_224p.mkv"), "season"),
        (("1_HQ.mkv", "2_HQ.mkv"), "season"),
        (("1st half.mp4", "2nd half.mp4"), "season"),
        (("1. Halbzeit.mp4", "2. Halbzeit.mp4"), "season"),
        (("derby Hz1.mp4", "derby Hz2.mp4"), "derby"),
        (("Derby_H1_1080p.mp4", "Derby_H2_1080p.mp4"), "Derby 1080p"),
        (("first-half derby.mp4", "second-half derby.mp4"), "derby"),
        (("Zürich part1.mp4", "Zürich part2.mp4", "Zürich part3.mp4"), "Zürich"),
        (("derby mi-temps 1.mp4", "derby mi-temps 2.mp4"), "derby"),
        (("derby.period1.mp4", "derby.period2.mp4", "derby.period3.mp4"), "derby"),
        (("Derby 1er tiempo.mp4", "Derby 2o tiempo.mp4"), "Derby"),
    ],
)
def test_the_halves_of_a_match_are_one_match_by_any_of_their_names(names: tuple[str, ...], name: str) -> None:
    assert name_of(*names) == name
    assert groups(*reversed(names)) == [names]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Clip(), Clip(), False),
        (Clip(FULL_BYTES), Clip(10), True),
        (Clip(2**31 - 30_000_000), Clip(10), True),
        (Clip(3_000_000_000), Clip(10), False),
        (Clip(FULL_BYTES, picture="h264 1920x1080"), Clip(10, picture="hevc 1920x1080"), False),
        (Clip(10, 1000.0, 600.0), Clip(10, 1600.0, 60.0), True),  # starts are noted
        (Clip(10, 1000.0, 600.0), Clip(10, 1060.0, 60.0), True),  # ends are
        (Clip(10, 1000.0, 600.0), Clip(10, 1700.0, 60.0), False),
        (Clip(FULL_BYTES, 1000.0, 600.0), Clip(10, 9000.0, 60.0), False),  # full by chance: it began hours later
        (Clip(10, 1000.0, 600.0), Clip(10, 1000.0, 60.0), False),  # a camera without a clock
        (Clip(10, None, 600.0, 1.4), Clip(10, None, 60.0, 601.4), True),  # the time stamps run on
        (Clip(10, None, 600.0, 1.4), Clip(10, None, 60.0, 1.4), False),
        (Clip(10, None, 600.0, 1.4), Clip(10, None, 60.0, 900.0), False),
    ],
)
def test_a_span_continues_another_only_with_evidence(before: Clip, after: Clip, expected: bool) -> None:
    assert continues(before, after) == expected


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("C0001.MP4", "C0002.MP4", "C0003.MP4"),
        ("MVI_0008.MOV", "MVI_0009.MOV", "MVI_0010.MOV"),
        ("DJI_0001.MP4", "DJI_0002.MP4", "DJI_0003.MP4"),
        ("00000.MTS", "00001.MTS", "00002.MTS"),
        ("P1000001.MP4", "P1000002.MP4", "P1000003.MP4"),
    ],
)
def test_spans_of_a_camera_end_where_a_file_is_not_full(first: str, second: str, third: str) -> None:
    assert groups(first, second, third, clips={first: Clip(FULL_BYTES)}) == [(first, second), (third,)]


def test_a_drones_names_tell_when_a_file_begins() -> None:
    names = ("DJI_20260501120000_0001_D.MP4", "DJI_20260501121000_0002_D.MP4", "DJI_20260501150000_0003_D.MP4")
    assert groups(*names, clips=dict.fromkeys(names, Clip(10, duration_s=600.0))) == [names[:2], names[2:]]


def recorded(file: Path, at: datetime) -> Path:
    """The file with the time of its recording, as cameras write it."""
    with av.open(str(file)) as source, av.open(str(file.with_suffix(".new.mp4")), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        target.metadata["creation_time"] = at.isoformat()
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    file.with_suffix(".new.mp4").replace(file)
    return file


def found(folder: Path) -> list[list[str]]:
    matches = matches_of([str(folder)], "soccer", lambda cells: RunOptions())
    return [[Path(file).name for file in match.recordings] for match in matches]


def test_recordings_that_follow_each_other_to_the_second_are_spans_of_one(tmp_path: Path, put: Put) -> None:
    for number, start_s in enumerate((0, 3, 60)):
        recorded(put(tmp_path / f"C000{number}.MP4", number), NOON + timedelta(seconds=start_s))
    assert found(tmp_path) == [["C0000.MP4", "C0001.MP4"], ["C0002.MP4"]]


def test_a_stream_whose_time_stamps_run_on_is_the_next_span(tmp_path: Path) -> None:
    look = Look(size=(160, 90))
    for number, start_s in enumerate((0, 20, 100)):
        stream = draw_video(tmp_path / f"0000{number}.ts", duration_s=20, rate=5, start_s=start_s, look=look, sounds=())
        stream.rename(stream.with_suffix(".MTS"))
    assert found(tmp_path) == [["00000.MTS", "00001.MTS"], ["00002.MTS"]]


def test_a_file_that_fills_the_card_goes_on_in_the_next(tmp_path: Path, put: Put) -> None:
    for number in range(3):
        put(tmp_path / f"MVI_000{number}.MP4", number)
    os.truncate(tmp_path / "MVI_0000.MP4", FULL_BYTES)  # a file with a hole, which takes no space
    assert found(tmp_path) == [["MVI_0000.MP4", "MVI_0001.MP4"], ["MVI_0002.MP4"]]


def test_files_of_several_folders_and_of_the_shell_are_joined_alike(tmp_path: Path, put: Put) -> None:
    for folder in "ab":
        for number in (1, 2):
            put(tmp_path / folder / f"half{number}.mp4", number)
    files = sorted(map(str, tmp_path.rglob("*.mp4")))
    matches = matches_of(files, "soccer", lambda cells: RunOptions())
    assert [(match.name, len(match.recordings)) for match in matches] == [("a", 2), ("b", 2)]
    shutil.copy(files[0], tmp_path / "a" / "half3.mp4")
    assert len(matches_of([str(tmp_path)], "soccer", lambda cells: RunOptions())) == 4
    assert len(matches_of(files, "soccer", lambda cells: RunOptions(), join="none")) == 4
