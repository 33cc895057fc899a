import logging
import re
from dataclasses import replace
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.errors import RenderError
from highlights.export import timeline_json
from highlights.media.audio import read_samples
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Clip, Event, Timeline
from highlights.reel import fit
from highlights.reel.apart import write_clips
from highlights.reel.cut import cut
from highlights.reel.edit import EditOptions, edit
from highlights.reel.size_limit import AUDIO_KBPS, Room, bytes_of, size_text, written_up
from highlights.results import write_reel
from highlights.spans import Span
from tests.support.commands import highlights
from tests.support.drawing import Look, Sound, beep_times, draw_video, number_of

PLAIN = EditOptions(titles=False, fade_s=0, preset="ultrafast")
BEEPS_S = [1.0, 3.0, 5.0, 7.0]


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    """Eight busy seconds: a new scene every fifth frame, 320x180 at 25 per second, and a beep every two seconds."""
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    cuts_s = [number / 5 for number in range(1, 40)]
    look = Look(gop=25, options={"crf": "12"})
    return open_recording([draw_video(path, duration_s=8, cuts_s=cuts_s, look=look, sounds=[Sound(beeps_s=BEEPS_S)])])


@pytest.fixture(scope="module")
def timeline(match):
    event = Event("goal", "Goal", Span(1, 2), 1.5, 0.9, (), description="A far shot.")
    clips = Clip(Span(0.52, 4.52), (0,), "Goal", "12:34"), Clip(Span(5, 8), (), "Save")
    return Timeline(match, "soccer", events=(event,), clips=clips)


@pytest.fixture(scope="module")
def whole(timeline, tmp_path_factory):
    """The reel without a limit."""
    path = tmp_path_factory.mktemp("whole") / "reel.mp4"
    edit(timeline, path, PLAIN)
    return path


def size_of(path):
    part = open_recording([path]).parts[0]
    return part.width, part.height


def numbers_of(path):
    return [number_of(frame.luma()) for frame in read_frames(open_recording([path]))]


def test_a_reel_that_is_too_large_is_made_again_within_the_limit(timeline, whole, tmp_path):
    reel, said = tmp_path / "reel.mp4", []
    most = whole.stat().st_size * 3 // 4
    edit(timeline, reel, replace(PLAIN, max_bytes=most, subtitles=True), on_note=said.append)
    assert 0.93 * most < reel.stat().st_size <= most
    [note] = said
    assert re.fullmatch(rf"{size_text(reel.stat().st_size)}, 320x180 at \d+ kbit/s to stay within {size_text(most)}", note)
    assert numbers_of(reel) == [*range(13, 113), *range(125, 200)]
    with av.open(str(reel)) as container:
        titles = [(chapter["start"] * chapter["time_base"], chapter["metadata"]["title"]) for chapter in container.chapters()]
        assert [stream.type for stream in container.streams if stream.type != "data"] == ["video", "audio", "subtitle"]
        video = container.streams.video[0].codec_context
        assert (video.profile, video.pix_fmt, video.colorspace, video.color_range) == ("High", "yuv420p", 1, 1)
    assert titles == [(0, "Goal · 12:34"), (4, "Save")]
    head = reel.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    heard = beep_times(read_samples(open_recording([reel]), 0, 7, channels=1)[:, 0], 48000)
    assert heard == pytest.approx([0.48, 2.48, 4.0, 6.0], abs=0.01)
    assert [path.name for path in tmp_path.iterdir()] == ["reel.mp4"]


def test_a_reel_that_fits_is_the_same_as_without_a_limit(timeline, whole, tmp_path):
    said = []
    edit(timeline, tmp_path / "reel.mp4", replace(PLAIN, max_bytes=whole.stat().st_size), on_note=said.append)
    assert (tmp_path / "reel.mp4").read_bytes() == whole.read_bytes()
    assert said == []


def test_the_picture_is_made_smaller_before_it_looks_poor_and_the_same_way_every_time(tmp_path):
    look = Look(size=(640, 360), options={"crf": "20"})
    cuts_s = [number / 25 for number in range(1, 75)]
    match = open_recording([draw_video(tmp_path / "match.mp4", duration_s=3, cuts_s=cuts_s, look=look)])
    timeline = Timeline(match, "soccer", clips=(Clip(Span(0, 3), (), "Goal"),))
    said = []
    for name in ("one.mp4", "two.mp4"):
        edit(timeline, tmp_path / name, replace(PLAIN, max_bytes=60_000), on_note=said.append)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert (tmp_path / "one.mp4").stat().st_size <= 60_000
    assert size_of(tmp_path / "one.mp4") == (426, 240)
    assert said[0] == said[1]
    assert "426x240" in said[0]


def test_a_limit_that_is_too_low_is_refused_with_one_that_is_not(timeline, tmp_path):
    (tmp_path / "reel.mp4").write_bytes(b"earlier")
    with pytest.raises(RenderError, match=r"^a reel of 0:07 does not fit into 20 kB; allow \d+k or more") as refused:
        edit(timeline, tmp_path / "reel.mp4", replace(PLAIN, max_bytes=20_000))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("reel.mp4", b"earlier")]
    advised = bytes_of(re.search(r"allow (\d+k)", str(refused.value))[1])
    edit(timeline, tmp_path / "reel.mp4", replace(PLAIN, max_bytes=advised))
    assert 20_000 < (tmp_path / "reel.mp4").stat().st_size <= advised


def test_a_reel_that_is_stopped_while_it_is_made_smaller_leaves_nothing(timeline, whole, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(share):
        if share > 0.7:
            raise StoppedError

    most = whole.stat().st_size * 3 // 4
    with pytest.raises(StoppedError):
        edit(timeline, tmp_path / "reel.mp4", replace(PLAIN, max_bytes=most), stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_only_grows_and_ends_at_most_at_the_whole(timeline, whole, tmp_path):
    shares = []
    edit(timeline, tmp_path / "reel.mp4", replace(PLAIN, max_bytes=whole.stat().st_size * 3 // 4), shares.append)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


def test_what_is_still_too_large_is_encoded_once_more(timeline, whole, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(fit, "AIM", 1.2)
    most = whole.stat().st_size * 2 // 3
    with caplog.at_level(logging.INFO, "highlights.reel.fit"):
        edit(timeline, tmp_path / "reel.mp4", replace(PLAIN, max_bytes=most))
    sizes = [int(re.search(r"(\d+) of \d+ bytes", record.message)[1]) for record in caplog.records]
    assert len(sizes) > 1
    assert all(size > most for size in sizes[:-1])
    assert sizes[-1] == (tmp_path / "reel.mp4").stat().st_size <= most
    assert numbers_of(tmp_path / "reel.mp4") == [*range(13, 113), *range(125, 200)]


def test_auto_copies_what_fits_and_encodes_what_does_not(timeline, tmp_path):
    asked = EditOptions(titles=False, fade_s=0)
    cut(timeline, tmp_path / "smart.mp4", "smart", asked)
    copied = tmp_path.joinpath("smart.mp4").stat().st_size
    cut(timeline, tmp_path / "fits.mp4", "auto", replace(asked, max_bytes=copied))
    assert (tmp_path / "fits.mp4").read_bytes() == (tmp_path / "smart.mp4").read_bytes()
    said = []
    cut(timeline, tmp_path / "less.mp4", "auto", replace(asked, max_bytes=copied * 2 // 3), on_note=said.append)
    assert (tmp_path / "less.mp4").stat().st_size <= copied * 2 // 3
    assert numbers_of(tmp_path / "less.mp4") == [*range(13, 113), *range(125, 200)]
    assert len(said) == 1
    with pytest.raises(RenderError, match=r"^the reel takes .* kB, more than .* kB, and --reel smart does not encode it again"):
        cut(timeline, tmp_path / "no.mp4", "smart", replace(asked, max_bytes=copied - 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fits.mp4", "less.mp4", "smart.mp4"]


def test_the_limit_is_for_every_file_and_each_note_names_its_file(timeline, tmp_path):
    said = []
    options = replace(PLAIN, max_bytes=110_000)
    write_reel(timeline, tmp_path / "reel.mp4", reel="edit", options=options, on_note=said.append)
    files = write_clips(timeline, tmp_path / "clips", "edit", options, on_note=said.append)
    assert all(file.stat().st_size <= 110_000 for file in (tmp_path / "reel.mp4", *files))
    assert [note.split(":")[0] for note in said] == ["reel.mp4", "01-goal-0m00s.mp4", "02-save-0m05s.mp4"]


@pytest.mark.parametrize("pix_fmt", ["yuvj420p", "yuv420p"])
def test_a_recording_in_other_colours_keeps_how_it_looks(pix_fmt, tmp_path):
    """In full range, or in BT.601 without saying so: the smaller reel is BT.709 in limited range, and looks the same."""
    look = Look(pix_fmt=pix_fmt, options={"crf": "10"})
    cuts_s = [number / 5 for number in range(1, 15)]
    match = open_recording([draw_video(tmp_path / "match.mp4", duration_s=3, cuts_s=cuts_s, look=look)])
    timeline = Timeline(match, "soccer", clips=(Clip(Span(0, 3), (), "Goal"),))
    edit(timeline, tmp_path / "whole.mp4", PLAIN)
    edit(timeline, tmp_path / "reel.mp4", replace(PLAIN, max_bytes=(tmp_path / "whole.mp4").stat().st_size * 2 // 3))
    shown, meant = (next(read_frames(open_recording([tmp_path / name]))).rgb() for name in ("reel.mp4", "match.mp4"))
    assert abs(shown.astype(int) - meant).mean() < 2.5


def test_the_command_says_what_it_did(timeline, tmp_path):
    timeline_json.write(timeline, tmp_path / "timeline.json")
    done = highlights("reel", tmp_path / "timeline.json", "--no-titles", "--fade", "0", "--max-size", "120 kB")
    assert done.returncode == 0
    assert re.search(r"^Note: reel.mp4: 1\d\d kB, 320x180 at \d+ kbit/s to stay within 120 kB$", done.stderr, re.MULTILINE)
    assert (tmp_path / "reel.mp4").stat().st_size <= 120_000
    wrong = highlights("reel", tmp_path / "timeline.json", "--max-size", "16 apples")
    assert wrong.returncode == 2
    assert "'16 apples' is not a size; use 16MB, 16MiB, 500k or a number of bytes" in wrong.stderr


@given(st.integers(10_000, 10**12))
def test_a_size_is_read_as_it_is_written(size):
    assert bytes_of(str(size)) == size
    assert bytes_of(size_text(size)) <= size <= bytes_of(written_up(size))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("16", "did you mean 16MB"),
        ("0MB", "too small"),
        ("-3MB", "not a size"),
        ("1e9", "not a size"),
        ("16 bananas", "not a size"),
        ("", "not a size"),
        ("MB", "not a size"),
    ],
)
def test_what_is_no_size_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        bytes_of(text)


SIDES = st.integers(8, 2160).map(lambda half: 2 * half)


@given(
    most=st.integers(10_000, 10**10),
    size=st.tuples(SIDES, SIDES),
    rate=st.sampled_from([Fraction(24_000, 1001), Fraction(25), Fraction(60)]),
    frames=st.integers(1, 400_000),
    had=st.floats(1, 100_000),
)
def test_more_room_never_gives_a_smaller_picture(most, size, rate, frames, had):
    room, more = (Room(limit, size, rate, frames, 1000) for limit in (most, 2 * most))
    sizes = room.sizes()
    assert sizes[0] == size
    assert all(width % 2 == height % 2 == 0 for width, height in sizes)
    small, large = (r.size_for(r.kbps(r.most_bytes), had) for r in (room, more))
    assert small is None or sizes.index(large) <= sizes.index(small)
    assert (small is None) == (room.kbps(most) < room.least_kbps(had))
    assert room.audio_kbps(160) in AUDIO_KBPS
    assert room.audio_kbps(160) <= more.audio_kbps(160)


def test_a_busy_match_in_16_mb():
    """Three minutes of 1080p at 25 per second: what the numbers lead to, so that a change of them is seen."""
    room = Room(16_000_000, (1920, 1080), Fraction(25), 25 * 180, 150_000)
    audio = room.audio_kbps(160)
    assert audio == 96
    assert room.size_for(room.kbps(15_800_000) - audio, 8000) == (960, 540)
