import errno
import os
import resource
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from highlights.errors import OutputError, RenderError
from highlights.media.audio import read_samples
from highlights.media.frames import read_frames
from highlights.media.probe import open_recording
from highlights.records import Analysis, Box, Clip, Event, Scoreboard, Timeline
from highlights.reel.edit import EditOptions, edit
from highlights.reel.film import FREEZE_S, plan
from highlights.reel.plan import SAMPLE_RATE_HZ, lay_out
from highlights.spans import Span
from tests.support.drawing import Look, Sound, beep_times, draw_video, is_white, number_of
from tests.support.views import recorded, view

PLAIN = EditOptions(titles=False, fade_s=0, crf=10, preset="ultrafast")
EVERY_SECOND = [float(second) for second in range(1, 8)]


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    """Eight seconds, 320x180 at 25 per second; every frame carries its number, flash and beep at every second."""
    path = tmp_path_factory.mktemp("match") / "match.mp4"
    sounds = [Sound(beeps_s=EVERY_SECOND, rate_hz=44100)]
    return open_recording([draw_video(path, duration_s=8, flashes_s=EVERY_SECOND, sounds=sounds)])


def timeline_of(recording, *spans, title="Goal", subtitle="12:34 · ARS 1–0 CHE", **fields):
    clips = tuple(Clip(Span(*span), (0,), title, subtitle) for span in spans)
    return Timeline(recording, "soccer", clips=clips, **fields)


def frames_of(path):
    return list(read_frames(open_recording([path])))


def numbers_of(path):
    return [number_of(frame.luma()) for frame in read_frames(open_recording([path]))]


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_reel_has_a_format_that_every_player_accepts(match, tmp_path):
    reel = tmp_path / "reel.mp4"
    edit(timeline_of(match, (1, 2), (4, 5.5)), reel)
    with av.open(str(reel)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
        assert (video.codec_context.colorspace, video.codec_context.color_range) == (1, 1)
        assert (audio.codec_context.name, audio.rate, audio.layout.nb_channels) == ("aac", SAMPLE_RATE_HZ, 2)
        titles = [(chapter["start"] * chapter["time_base"], chapter["metadata"]["title"]) for chapter in container.chapters()]
    assert titles == [(0, "Goal · 12:34 · ARS 1–0 CHE"), (1, "Goal · 12:34 · ARS 1–0 CHE")]
    head = reel.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    assert files_in(tmp_path) == ["reel.mp4"]


def test_every_clip_shows_exactly_the_frames_of_its_span(match, tmp_path):
    edit(timeline_of(match, (1.04, 2.0), (0, 0.2), (7.8, 8)), tmp_path / "reel.mp4", PLAIN)
    assert numbers_of(tmp_path / "reel.mp4") == [*range(26, 50), *range(5), *range(195, 200)]


def test_an_in_point_between_two_frames_begins_with_the_one_on_the_screen(match, tmp_path):
    edit(timeline_of(match, (1.06, 1.26)), tmp_path / "reel.mp4", PLAIN)
    assert numbers_of(tmp_path / "reel.mp4") == [26, 27, 28, 29, 30]


def test_variable_frame_rate_is_shown_at_the_time_of_each_frame(tmp_path):
    times_s = [0, 0.04, 0.08, 0.28, 0.32, 0.36, 0.40, 0.72, 0.76, 0.80, 0.84, 0.88, 0.92, 0.96]
    recording = open_recording([draw_video(tmp_path / "vfr.mp4", duration_s=1, frame_times_s=times_s, sounds=[])])
    edit(timeline_of(recording, (0, 0.96)), tmp_path / "reel.mp4", replace(PLAIN, frame_rate=Fraction(25)))
    expected = [sum(shown <= number / 25 + 1e-6 for shown in times_s) - 1 for number in range(24)]
    assert numbers_of(tmp_path / "reel.mp4") == expected


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_no_frame_of_a_phone_that_slows_down_in_the_dark_is_left_out(tmp_path, suffix):
    ticks, times_s = 0, []
    for number in range(240):  # 1/600 s each: 30 frames a second, 12 in the dark, with jitter
        times_s.append(ticks / 600)
        ticks += 50 if 80 < number < 150 else (19, 21, 20, 21, 19)[number % 5]
    look = Look(size=(320, 180), b_frames=0)
    path = draw_video(tmp_path / f"a{suffix}", frame_times_s=times_s, duration_s=ticks / 600, look=look, sounds=())
    recording = open_recording([path])
    edit(timeline_of(recording, (0.0, round(ticks / 600, 3))), tmp_path / "reel.mp4", PLAIN)
    shown = numbers_of(tmp_path / "reel.mp4")
    assert sorted(set(shown)) == list(range(239))  # the last one begins half a frame before the end of the reel
    assert shown == sorted(shown)
    assert open_recording([tmp_path / "reel.mp4"]).parts[0].frame_rate == 30


def test_forty_clips_stay_in_sync_to_one_frame(match, tmp_path):
    rate = Fraction(25)
    spans = [(round(0.3 + index % 6 + 0.0137 * index, 3), round(1.15 + index % 6 + 0.0171 * index, 3)) for index in range(40)]
    reel = tmp_path / "reel.mp4"
    timeline = timeline_of(match, *spans)
    edit(timeline, reel, replace(PLAIN, frame_rate=rate, crf=23))
    recording = open_recording([reel])
    flashes = [frame.time_s for frame in read_frames(recording) if is_white(frame.luma())]
    flashes = [at for at, before in zip(flashes, [-1.0, *flashes], strict=False) if at - before > 0.1]
    beeps = beep_times(read_samples(recording, 0, recording.duration_s, SAMPLE_RATE_HZ, 1)[:, 0], SAMPLE_RATE_HZ)
    expected = [take.start_s + int(take.clip.span.end_s) - take.clip.span.start_s for take in lay_out(timeline.clips, rate)]
    assert flashes == pytest.approx(expected, abs=float(1 / rate))
    assert beeps == pytest.approx(expected, abs=0.002)


def test_forty_clips_stay_in_sync_with_cross_fades_slow_motion_freeze_frames_and_cards(match, tmp_path):
    """Each clip has a flash and a beep at its second, an instant to stop at before them, and its slow motion after it."""
    rate, reel = Fraction(30_000, 1001), tmp_path / "reel.mp4"
    seconds = [1 + index % 6 for index in range(40)]
    spans = [(second - 0.38 - 0.0031 * index, second + 0.35 + 0.0027 * index) for index, second in enumerate(seconds)]
    events = tuple(Event("goal", "Goal", Span(*span), span[0] + 0.2, 1.0, ()) for span in spans)
    clips = tuple(Clip(Span(*span), (index,), "Goal") for index, span in enumerate(spans))
    timeline = Timeline(match, "soccer", events=events, clips=clips)
    options = replace(
        PLAIN, frame_rate=rate, crf=23, width=160, crossfade_s=0.1, slow_motion=True, freeze=True, intro="", recap=True
    )
    edit(timeline, reel, options)
    film, recording = plan(timeline, options), open_recording([reel])
    clips_taken = [take for take in film.takes if take.shows == "clip"]
    slow_taken = [take for take in film.takes if take.shows == "slow"]
    assert (len(clips_taken), len(slow_taken)) == (40, 40)
    assert all(take.shared_frames == 3 for take in film.takes[1:])
    heard = [take.start_s + FREEZE_S + second - take.source.start_s for take, second in zip(clips_taken, seconds, strict=True)]
    slowed = [take.start_s + 2 * (second - take.source.start_s) for take, second in zip(slow_taken, seconds, strict=True)]
    flashes = [frame.time_s for frame in read_frames(recording) if is_white(frame.luma())]
    flashes = [at for at, before in zip(flashes, [-1.0, *flashes], strict=False) if at - before > 0.1]
    loud = 0.4 * read_samples(recording, 0, recording.duration_s, SAMPLE_RATE_HZ, 1)[:, 0]
    # a frame of the source lasts two of the reel in slow motion, and a film's frames lie within half a frame of its times
    assert flashes == pytest.approx(sorted([*heard, *slowed]), abs=float(1.5 / rate))
    assert flashes[::2] == pytest.approx(heard, abs=float(1 / rate))
    assert beep_times(loud, SAMPLE_RATE_HZ) == pytest.approx(heard, abs=0.002)
    assert recording.duration_s == pytest.approx(film.frames / rate, abs=float(1 / rate))


def test_a_fractional_frame_rate_is_written_exactly_and_not_rounded_to_two_digits(match, tmp_path):
    reel, rate = tmp_path / "reel.mp4", Fraction(24_000, 1001)
    edit(timeline_of(match, (0, 8)), reel, replace(PLAIN, frame_rate=rate))
    with av.open(str(reel)) as container:
        assert container.streams.video[0].average_rate == rate


def test_the_same_timeline_gives_the_same_bytes(match, tmp_path):
    for name in ("one.mp4", "two.mp4"):
        edit(timeline_of(match, (1, 2), (3, 4)), tmp_path / name, EditOptions(intro=""))
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_colours_come_through(tmp_path):
    colours = [(200, 40, 40), (40, 160, 60), (40, 60, 200), (230, 230, 230)]
    source = tmp_path / "colours.mkv"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264rgb", rate=25, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "rgb24"
        image = np.kron(np.array([colours], np.uint8), np.ones((180, 80, 1), np.uint8))
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))
    edit(timeline_of(open_recording([source]), (0, 0.4)), tmp_path / "reel.mp4", PLAIN)
    shown = frames_of(tmp_path / "reel.mp4")[5].rgb(320, 180)
    for place, colour in enumerate(colours):
        assert np.abs(shown[90, place * 80 + 40].astype(int) - colour).max() <= 4


def test_a_part_of_another_shape_is_shown_whole_between_black_bars(tmp_path):
    wide = draw_video(tmp_path / "wide.mp4", duration_s=1, sounds=[])
    upright = draw_video(tmp_path / "upright.mp4", duration_s=1, look=Look(size=(180, 320)), sounds=[Sound()])
    recording = open_recording([wide, upright])
    clips = (Clip(Span(0, 0.4), (0,), ""), Clip(Span(1.2, 1.6), (0,), "", part=1))
    edit(Timeline(recording, "soccer", clips=clips), tmp_path / "reel.mp4", PLAIN)
    frames = frames_of(tmp_path / "reel.mp4")
    assert len(frames) == 20
    picture = frames[15].rgb()
    assert picture.shape == (180, 320, 3)
    assert picture[:, :100].max() < 12
    assert picture[:, 225:].max() < 12
    assert picture[60:, 115:205].mean() > 40


@pytest.mark.parametrize(
    ("aspect", "size"), [("9/16", (100, 180)), ("1", (180, 180)), ("4/5", (144, 180)), ("16/9", (320, 180)), ("2", (320, 160))]
)
def test_a_film_of_another_aspect_is_as_large_as_the_pictures_allow(match, tmp_path, aspect, size):
    edit(timeline_of(match, (1, 1.4)), tmp_path / "reel.mp4", replace(PLAIN, aspect=Fraction(aspect)))
    assert frames_of(tmp_path / "reel.mp4")[0].rgb().shape == (size[1], size[0], 3)


def test_a_crop_shows_the_place_that_the_trail_points_at_in_every_part(tmp_path):
    wide = draw_video(tmp_path / "wide.mp4", duration_s=1, sounds=[])
    upright = draw_video(tmp_path / "upright.mp4", duration_s=1, look=Look(size=(180, 320)), sounds=[Sound()])
    recording = open_recording([wide, upright])
    clips = (Clip(Span(0, 0.4), (0,), ""), Clip(Span(1.2, 1.6), (0,), "", part=1))
    trail = [(0.1, 0.75, 0.5), (1.3, 0.5, 0.25)]
    edit(Timeline(recording, "soccer", clips=clips), tmp_path / "reel.mp4", replace(PLAIN, aspect=Fraction(1), trail=trail))
    first, last = (frames_of(tmp_path / "reel.mp4")[number].rgb().astype(int) for number in (5, 15))
    pictures = list(read_frames(recording))
    assert np.abs(first - pictures[5].rgb()[:, 140:]).mean() < 6
    assert np.abs(last - pictures[25 + 10].rgb()[:180]).mean() < 6


def test_without_a_trail_a_crop_follows_what_moves(tmp_path):
    pictures = [view(player=(60 + 4 * number, 90)) for number in range(48)]
    recording = open_recording([recorded(tmp_path / "match.mp4", pictures)])
    options = replace(PLAIN, aspect=Fraction(1, 2))
    edit(timeline_of(recording, (0, 4)), tmp_path / "reel.mp4", options)
    edit(timeline_of(recording, (0, 4)), tmp_path / "middle.mp4", replace(options, trail=[(0.0, 0.5, 0.5)]))
    seen, in_the_middle = (
        np.mean([(frame.luma() > 220).sum() > 150 for frame in frames_of(tmp_path / name)])
        for name in ("reel.mp4", "middle.mp4")
    )
    assert in_the_middle < 0.6
    assert seen > 0.98


def test_the_title_keeps_off_a_score_graphic_that_the_crop_moves(match, tmp_path):
    analysis = Analysis(scoreboard=Scoreboard(boxes=(Box(110, 120, 240, 150),)))
    for x, hidden in ((0.2, False), (0.5, True)):
        timeline = timeline_of(match, (2, 4), analysis=analysis)
        options = replace(PLAIN, titles=True, aspect=Fraction(9, 16), trail=[(2.0, x, 0.5)])
        edit(timeline, tmp_path / "reel.mp4", options)
        edit(timeline, tmp_path / "plain.mp4", replace(options, titles=False))
        shown, plain = frames_of(tmp_path / "reel.mp4")[40].rgb(), frames_of(tmp_path / "plain.mp4")[40].rgb()
        changed = np.abs(shown.astype(int) - plain).mean(axis=2)[122:148, 8:60].mean() > 10
        assert changed != hidden


def test_fades_dip_to_black_and_the_title_is_seen_in_between(match, tmp_path):
    timeline = timeline_of(match, (2, 5))
    edit(timeline, tmp_path / "reel.mp4", EditOptions(fade_s=0.2))
    edit(timeline, tmp_path / "plain.mp4", PLAIN)
    shown, plain = frames_of(tmp_path / "reel.mp4"), frames_of(tmp_path / "plain.mp4")
    assert shown[0].luma().mean() < 0.3 * plain[0].luma().mean()
    assert shown[-1].luma().mean() < 0.3 * plain[-1].luma().mean()
    change = np.abs(shown[40].rgb().astype(int) - plain[40].rgb()).mean(axis=2)
    assert change[110:162, 20:100].mean() > 20
    assert change[:90].mean() < 6


def test_the_title_keeps_off_the_score_graphic(match, tmp_path):
    boxes = (
        Box(
            10,
            140,
            150,
            170,
        ),
    )
    timeline = timeline_of(match, (2, 4), analysis=Analysis(scoreboard=Scoreboard(boxes=boxes)))
    edit(timeline, tmp_path / "reel.mp4", EditOptions(fade_s=0, crf=10))
    edit(timeline, tmp_path / "plain.mp4", PLAIN)
    shown, plain = frames_of(tmp_path / "reel.mp4")[40].rgb(), frames_of(tmp_path / "plain.mp4")[40].rgb()
    change = np.abs(shown.astype(int) - plain).mean(axis=2)
    assert change[142:168, 12:148].mean() < 6
    assert change[80:130, 20:100].mean() > 20


def test_a_clip_is_described_as_its_best_event_is(match, tmp_path):
    events = tuple(
        Event("goal", "Goal", Span(2, 4), 3.0, confidence, (), priority=1, description=description)
        for confidence, description in ((0.6, "A header."), (0.9, "A free kick over the wall and in off the post."), (0.99, ""))
    )
    timeline = timeline_of(match, (2, 4))
    clip = replace(timeline.clips[0], events=(0, 1, 2))

    def plate_height(clip):
        shown = replace(timeline, events=events, clips=(clip,))
        edit(shown, tmp_path / "reel.mp4", replace(PLAIN, titles=True))
        edit(shown, tmp_path / "plain.mp4", PLAIN)
        shown, plain = frames_of(tmp_path / "reel.mp4")[40].rgb(), frames_of(tmp_path / "plain.mp4")[40].rgb()
        return (np.abs(shown.astype(int) - plain).mean(axis=2)[:, 30:40].mean(axis=1) > 8).sum()

    bare, header, all_three = (plate_height(replace(clip, events=shown)) for shown in ((2,), (0, 2), (0, 1, 2)))
    assert bare + 10 < header < all_three - 10
    assert plate_height(replace(clip, replay=True)) < header + 5


def test_the_card_comes_first_in_silence_and_has_its_chapter(match, tmp_path):
    analysis = Analysis(scoreboard=Scoreboard(teams=("ARS", "CHE")))
    edit(timeline_of(match, (0.5, 1.5), analysis=analysis), tmp_path / "reel.mp4", EditOptions(intro="", preset="ultrafast"))
    reel = open_recording([tmp_path / "reel.mp4"])
    assert abs(read_samples(reel, 0, 2.4, SAMPLE_RATE_HZ, 1)).max() < 0.01
    beeps = beep_times(read_samples(reel, 0, reel.duration_s, SAMPLE_RATE_HZ, 1)[:, 0], SAMPLE_RATE_HZ)
    assert beeps == [pytest.approx(2.48 + 0.5, abs=0.01)]
    with av.open(str(tmp_path / "reel.mp4")) as container:
        assert next(chapter["metadata"]["title"] for chapter in container.chapters()) == "ARS – CHE"


def test_music_is_looped_under_the_match_and_fades_out(tmp_path):
    silent = open_recording([draw_video(tmp_path / "silent.mp4", duration_s=8, sounds=[])])
    with av.open(str(tmp_path / "-music.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=22050, layout="mono")
        wave = (20000 * np.sin(np.arange(22050) / 10)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], "s16", "mono")
        frame.sample_rate = 22050
        container.mux(stream.encode(frame))
    options = EditOptions(titles=False, preset="ultrafast", music=tmp_path / "-music.wav")
    edit(timeline_of(silent, (0, 8)), tmp_path / "reel.mp4", options)
    heard = np.abs(read_samples(open_recording([tmp_path / "reel.mp4"]), 0, 8, SAMPLE_RATE_HZ, 1)[:, 0])
    seconds = heard.reshape(8, -1).max(axis=1)
    assert all(0.05 < loudest < 0.12 for loudest in seconds[1:5])
    assert heard[-4800:].max() < 0.02


def test_music_without_sound_is_refused_in_one_line(match, tmp_path):
    words = tmp_path / "words.mp3"
    words.write_text("la la la")
    with pytest.raises(RenderError, match=r"words\.mp3: cannot be used as music"):
        edit(timeline_of(match, (0, 1)), tmp_path / "reel.mp4", EditOptions(music=words))


def test_words_and_names_that_look_like_options_are_only_words_and_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_video(tmp_path / "-i %d'\" $(x).mp4", duration_s=1)
    recording = open_recording([Path("-i %d'\" $(x).mp4")])
    title = "-vf \"%{pts}'\n[CHAPTER]\ntitle=x 🎉 هدف \\ $(touch hacked) ; # ="
    edit(timeline_of(recording, (0, 0.6), title=title, subtitle=title), Path("-y reel:%d.mp4"), EditOptions(intro=title))
    assert files_in(tmp_path) == ["-i %d'\" $(x).mp4", "-y reel:%d.mp4"]
    with av.open("file:-y reel:%d.mp4") as container:
        assert len(container.chapters()) == 2


def test_an_empty_timeline_is_refused(match, tmp_path):
    with pytest.raises(RenderError, match="nothing to show"):
        edit(Timeline(match, "soccer"), tmp_path / "reel.mp4")
    assert files_in(tmp_path) == []


def test_progress_runs_from_0_to_1(match, tmp_path):
    told = []
    edit(timeline_of(match, (1, 2), (3, 4)), tmp_path / "reel.mp4", PLAIN, told.append)
    assert told == sorted(told)
    assert 0 < told[0] < 0.1
    assert told[-1] == 1


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_reel_leaves_the_earlier_one_and_nothing_else(match, tmp_path, stop):
    (tmp_path / "reel.mp4").write_bytes(b"an earlier reel")

    def interrupt(share):
        if share > 0.5:
            raise stop

    with pytest.raises(stop):
        edit(timeline_of(match, (0, 8)), tmp_path / "reel.mp4", PLAIN, interrupt)
    assert (tmp_path / "reel.mp4").read_bytes() == b"an earlier reel"
    assert files_in(tmp_path) == ["reel.mp4"]
    assert not children()


def children():
    """Process ids of ffmpeg programs that this process still has."""
    listing = subprocess.run(["ps", "-eo", "ppid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if line.split()[0] == str(os.getpid()) and "ffmpeg" in line]


def test_an_error_from_ffmpeg_is_reported_in_one_line_and_leaves_no_file(match, tmp_path):
    with pytest.raises(RenderError, match="ffmpeg could not write the reel") as caught:
        edit(timeline_of(match, (0, 2)), tmp_path / "reel.mp4", EditOptions(preset="no-such-preset"))
    assert "\n" not in str(caught.value)
    assert "preset" in str(caught.value)
    assert "libx264" in caught.value.command
    assert files_in(tmp_path) == []


def test_a_full_disk_is_told_apart_from_other_failures_and_leaves_no_file(match, tmp_path):
    (tmp_path / "reel.mp4").write_bytes(b"an earlier reel")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(OutputError, match=r"reel\.mp4: "):
            edit(timeline_of(match, (1, 2)), tmp_path / "reel.mp4", replace(PLAIN, crf=1, width=1280))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "reel.mp4").read_bytes() == b"an earlier reel"
    assert files_in(tmp_path) == ["reel.mp4"]


def test_a_progress_display_that_breaks_ends_the_work_at_once(match, tmp_path):
    def hang_up(share):
        if share > 0.5:
            raise BrokenPipeError(errno.EPIPE, "nobody listens")

    with pytest.raises((OutputError, BrokenPipeError)):
        edit(timeline_of(match, (0, 8)), tmp_path / "reel.mp4", PLAIN, hang_up)
    assert files_in(tmp_path) == []
    assert not children()


def test_a_place_that_cannot_be_written_is_refused_in_one_line(match, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file/reel\.mp4: "):
        edit(timeline_of(match, (0, 1)), tmp_path / "file" / "reel.mp4")
    assert files_in(tmp_path) == ["file"]


@pytest.mark.parametrize(
    "options", [{"width": 321}, {"height": 2}, {"fade_s": -1}, {"frame_rate": Fraction(0)}, {"aspect": Fraction(9)}]
)
def test_impossible_options_raise_a_value_error(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        EditOptions(**options)


def test_an_aspect_may_be_combined_with_width_or_height_but_not_with_both():
    with pytest.raises(ValueError, match="at most one of them"):
        EditOptions(aspect=Fraction(1), width=320, height=180)
