"""Whether a run on a damaged recording was right: nothing lost that a player shows, nothing invented, all damage told.

A player (FFmpeg's decoder, frame by frame) says which pictures of the undamaged recording are still shown, and when.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import av
import jsonschema
import numpy as np
from av.audio.frame import AudioFrame
from av.codec.context import ThreadType
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from benchmarks.torture.runner import Ran
from benchmarks.torture.seeds import SHOWN_AFTER_S, Seed
from highlights.export import timeline_json
from highlights.records import MOMENT, Timeline

NAMES = {"timeline.json", "timeline.csv", "report.html", "reel.mp4"}
THUMB = (48, 27)
SAME, ALIKE = 1.0, 6.0  # mean difference in brightness below which two pictures are the same, or of the same instant
LONGEST_S = 48 * 3600.0  # longer recordings are refused
GIVES_UP_AFTER = 50  # failures in a row
LARGEST_WIDTH = 4096
LONGEST_STILL_S = 2.0  # seconds between two frames that belong together
FEW, SMALL_SHARE = 25, 0.1  # pictures: a file with fewer may be refused
BESIDE_S = 2.0  # damage may cost what lies so close to it
NEAR_GOAL_S = 6.0
LOUDER_DB, FEW_STEPS = 6.0, 3
WITHOUT_LENGTH = (".ts", ".mpg")  # such a file does not say how long it is: one that was cut off is a shorter one
SAID = re.compile(r"(Note|Error|Warning): ")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a player shows of a file: the times of pictures that are where they were, and how many others there are."""

    in_place_s: tuple[float, ...]
    elsewhere: int
    broken: int
    complaints: int
    """How often demuxer or decoders found damage."""
    span_s: float = 0.0
    """From the first picture to the last."""

    @property
    def pictures(self) -> int:
        """How many pictures of the match are shown at all."""
        return len(self.in_place_s) + self.elsewhere


@dataclass(slots=True)
class Verdict:
    """What was wrong with a run, if anything, and what it did with the file."""

    outcome: str = ""
    wrong: list[str] = field(default_factory=list)
    faults: int = 0
    unnoticed: list[str] = field(default_factory=list)
    """What differs where the decoders saw no damage."""


def judge(seed: Seed, path: Path, place: Path, ran: Ran, clean: Sequence[Timeline], *, in_time: bool = True) -> Verdict:
    """Judge a run on the damaged file `path`, whose results are in `place / "out"`; `clean` is what is found without damage.

    `in_time`: whether times in the file still mean what they did.
    """
    found = Verdict()
    if ran.stopped:
        found.outcome, found.wrong = "stopped", [ran.stopped]
        return found
    if ran.code not in (0, 1):
        found.outcome, found.wrong = "crashed", [f"exit code {ran.code}: {ran.stderr.strip()[-300:]}"]
        return found
    noise = [line for line in ran.stderr.splitlines() if not SAID.match(line)]
    found.wrong += [f"noise on stderr: {noise[0][:200]}"] if noise else []
    found.wrong += [f"left {name}" for name in ran.left[:3]]
    shown = player(seed, path)
    if ran.code == 1:
        found.outcome = "refused"
        lines = ran.stderr.splitlines()
        errors = [line for line in lines if line.startswith("Error: ")]
        if len(errors) != 1 or str(path) not in errors[0]:
            found.wrong.append(f"not one line about the file: {ran.stderr[-300:]}")
        too_long = bool(shown.in_place_s or shown.elsewhere) and "its times span" in ran.stderr and shown.span_s > LONGEST_S
        if not too_long and shown.pictures > max(FEW, SMALL_SHARE * seed.length.duration_s * seed.length.rate):
            found.wrong.append(f"refused, but a player shows {shown.pictures} pictures: {ran.stderr.strip()[-200:]}")
        return found
    found.outcome = "used"
    found.wrong += _results(seed, path, place / "out", ran, clean, shown, found, in_time=in_time)
    return found


def _results(
    seed: Seed, path: Path, out: Path, ran: Ran, clean: Sequence[Timeline], shown: Shown, found: Verdict, *, in_time: bool
) -> list[str]:
    others = {file.name for file in out.iterdir()} - NAMES
    wrong = [f"an unknown file {min(others)}"] if others else []
    try:
        jsonschema.validate(json.loads((out / "timeline.json").read_text()), _schema())
        timeline = timeline_json.read(out / "timeline.json")
    except (jsonschema.ValidationError, ValueError) as error:
        return [*wrong, f"timeline.json is invalid: {str(error)[:200]}"]
    faults = timeline.analysis.faults
    found.faults = sum(fault.count for fault in faults)
    report = (out / "report.html").read_text(encoding="utf-8")
    for fault in faults:
        if f"Note: {fault.path}: {fault.problem}" not in ran.stderr:
            wrong.append(f"not printed: {fault.problem}")
        if fault.problem.split("'")[0] not in report:
            wrong.append(f"not in the report: {fault.problem}")
    wrong += _reel(out / "reel.mp4", timeline)
    in_time = in_time and not any("clock jumps" in fault.problem for fault in faults)  # it is then read in the order of bytes
    ways = [_differences(seed, timeline, each) for each in clean]
    differences = min(ways, key=len, default=[])
    if differences and not faults:
        # where the decoders take damage for pictures and sound, nobody can tell
        if shown.complaints or not in_time:
            wrong.append(f"silent: {'; '.join(differences[:3])}")
        else:
            found.unnoticed = differences
    wrong += _invented_events(seed, timeline, shown, in_time=in_time)
    if in_time and clean:  # at one picture a second, none is like the one before it
        wrong += _lost_and_invented_cuts(seed, timeline, shown, [_cuts(each) for each in clean])
    return wrong


def _differences(seed: Seed, timeline: Timeline, clean: Timeline) -> list[str]:
    """What differs from the result without damage, between the first and the last picture that are left."""
    found, length = [], seed.length
    shift_s = timeline.recording.parts[0].first_pts_s - first_pts_s(seed)
    end_s = shift_s + timeline.recording.duration_s
    lost_s = clean.recording.duration_s - end_s + shift_s
    if seed.kind.suffix not in WITHOUT_LENGTH and abs(lost_s) > 1.0:
        found.append(f"{timeline.recording.duration_s:.1f} s long instead of {clean.recording.duration_s:.1f}")
    here, there = [cut + shift_s for cut in _cuts(timeline)][1:], _cuts(clean)
    near_s = _tolerance_s(seed)
    lost = [cut for cut in there if shift_s + near_s < cut < end_s - near_s and not _near(cut, here, near_s)]
    more = [cut for cut in here if not _near(cut, there, near_s)]
    found += [f"no cut at {lost[0]:.2f} s"] if lost else []
    found += [f"a cut at {more[0]:.2f} s"] if more else []
    whole = shift_s < length.goal_s - BESIDE_S and end_s > length.goal_s + SHOWN_AFTER_S + BESIDE_S
    if whole and [event.name for event in timeline.events] != [event.name for event in clean.events]:
        found.append(f"events {[event.name for event in timeline.events]}")
    step_s = clean.analysis.crowd.step_s
    begin = round(shift_s / step_s)
    levels, true = (np.array(each.analysis.crowd.loudness_db) for each in (timeline, clean))
    size = max(0, min(len(levels), len(true) - begin) - 1)
    apart = np.abs(levels[:size] - true[begin : begin + size]) > LOUDER_DB
    if not size or apart.sum() > FEW_STEPS:
        found.append(f"other loudness in {int(apart.sum()) if size else 'all'} steps")
    return found


def _invented_events(seed: Seed, timeline: Timeline, shown: Shown, *, in_time: bool) -> list[str]:
    """Events that are not in the match; one whose surroundings are lost may be placed anywhere."""
    events, goal_s = [event for event in timeline.events if event.name != MOMENT], seed.length.goal_s
    whole = _Whole(shown.in_place_s, float(1 / seed.length.rate))
    if in_time and (not timeline.analysis.faults or whole.between(goal_s - NEAR_GOAL_S, goal_s + NEAR_GOAL_S)):
        goal_s -= timeline.recording.parts[0].first_pts_s - first_pts_s(seed)
        near = [e for e in events if e.name == "goal" and (abs(e.peak_s - goal_s) <= NEAR_GOAL_S or e.span.holds(goal_s))]
        return [f"invented: {event.name} at {event.peak_s:.1f} s" for event in events if event not in near]
    return [f"invented: {len(events)} events"] if len(events) > 1 or {e.name for e in events} - {"goal"} else []


def _lost_and_invented_cuts(seed: Seed, timeline: Timeline, shown: Shown, known_s: Sequence[Sequence[float]]) -> list[str]:
    """Cuts with whole pictures around them that were not found, and found ones that are none and not beside damage.

    `known_s` are the cuts that are found in the undamaged recording, in each way of reading it.
    """
    length = seed.length
    shift_s = timeline.recording.parts[0].first_pts_s - first_pts_s(seed)
    found = [cut + shift_s for cut in _cuts(timeline)]
    whole = _Whole(shown.in_place_s, float(1 / length.rate))
    wrong = []
    near_s, either = _tolerance_s(seed), [cut for each in known_s for cut in each]
    for cut in known_s[0][1:]:
        in_both = all(_near(cut, each, near_s) for each in known_s)
        if in_both and whole.around(cut, BESIDE_S) and not _near(cut, found, near_s):
            wrong.append(f"lost: the cut at {cut:.2f} s, though every picture around it is shown")
    for cut in found[1:]:
        if whole.around(cut, BESIDE_S) and not _near(cut, either, near_s):
            wrong.append(f"invented: a cut at {cut:.2f} s")
    goal = (length.goal_s - BESIDE_S, length.goal_s + SHOWN_AFTER_S + BESIDE_S)
    most = len(shown.in_place_s) > 0.8 * length.duration_s * length.rate
    if most and whole.between(*goal) and not any(event.name == "goal" for event in timeline.events):
        wrong.append("lost: the goal, though every picture around it is shown")
    return wrong


@dataclass(frozen=True, slots=True)
class _Whole:
    """Where every picture is shown."""

    times_s: Sequence[float]
    step_s: float

    def around(self, time_s: float, by_s: float) -> bool:
        return self.between(time_s - by_s, time_s + by_s)

    def between(self, start_s: float, end_s: float) -> bool:
        start_s = max(0.0, start_s)
        there = self.times_s[bisect_left(self.times_s, start_s) : bisect_left(self.times_s, end_s)]
        return all(after - before < 1.5 * self.step_s for before, after in pairwise([start_s, *there, end_s]))


def _reel(path: Path, timeline: Timeline) -> list[str]:
    """What is wrong with the reel."""
    if not timeline.clips:
        return ["there is a reel without clips"] if path.exists() else []
    expected_s = sum(clip.span.length_s for clip in timeline.clips)
    try:
        with av.open(str(path)) as container:
            count = sum(1 for _ in container.decode(video=0))
            duration_s = float((container.streams.video[0].duration or 0) * (container.streams.video[0].time_base or 0))
    except (FFmpegError, IndexError, OSError) as error:
        return [f"the reel cannot be decoded: {error}"]
    if not count:
        return ["the reel has no picture"]
    gaps = any("without a picture" in fault.problem for fault in timeline.analysis.faults)  # these may be left out
    if duration_s > 1.1 * expected_s + 0.3 or (duration_s < 0.9 * expected_s - 0.3 and not gaps):
        return [f"the reel has {duration_s:.2f} s, its clips {expected_s:.2f} s"]
    return []


def player(seed: Seed, path: Path) -> Shown:
    """What FFmpeg's decoder shows of a file."""
    truth, rate, begin_s = thumbs_of(seed), float(seed.length.rate), first_pts_s(seed)
    in_place, elsewhere, broken = [], 0, 0
    pictures, complaints = _decoded(path, like=_format(seed.path))
    latest_s = -inf
    for time_s, thumb in pictures:
        if time_s <= latest_s:  # players do not go back
            elsewhere += 1
            continue
        latest_s = time_s
        number = round((time_s - begin_s) * rate)
        near = truth[max(0, number - 1) : max(0, number + 2)]
        if len(near) and np.abs(near - thumb).mean(axis=(1, 2)).min() < SAME:
            in_place.append(time_s - begin_s)
        elif np.abs(truth - thumb).mean(axis=(1, 2)).min() < ALIKE:
            elsewhere += 1
        else:
            broken += 1
    span_s = pictures[-1][0] - pictures[0][0] if pictures else 0.0
    return Shown(tuple(sorted(in_place)), elsewhere, broken, complaints, span_s)


@cache
def _format(path: Path) -> str:
    with av.open(str(path)) as container:
        return str(container.format.name)


def _decoded(path: Path, like: str) -> tuple[list[tuple[float, NDArray[np.float32]]], int]:
    """The pictures of a file, small, with their times; and how often anything complained.

    There are none if the file is taken for one of another format than `like`: few players try that.
    """
    found: list[tuple[float, NDArray[np.float32]]] = []
    complaints = 0
    with suppress(FFmpegError, OSError, IndexError, ValueError), av.open(str(path), metadata_errors="ignore") as container:
        if container.format.name != like:
            return [], 0
        video = container.streams.video[0]
        if not video.codec_context:
            return [], 1
        for stream in container.streams:
            if isinstance(stream, VideoStream) and stream.codec_context:
                stream.thread_type = ThreadType.NONE
                # HEVC's decoder else keeps to itself what it met
                stream.codec_context.options = {"err_detect": "explode"} if stream.codec_context.name == "hevc" else {}
        packets, failures, ends_s = container.demux(), 0, dict[int, float]()
        while failures < GIVES_UP_AFTER:
            try:
                packet = next(packets)
                complaints += packet.is_corrupt
                for frame in packet.decode():
                    complaints += _is_damaged(frame, packet.stream.index, ends_s)
                    time = _time(frame) if packet.stream.index == video.index else None
                    if isinstance(frame, VideoFrame) and time is not None and frame.width <= LARGEST_WIDTH:
                        small = frame.reformat(*THUMB, "gray").to_ndarray()
                        found.append((float(time * (frame.time_base or 0)), np.asarray(small, np.float32)))
                failures = 0
            except StopIteration:
                break
            except FFmpegError:
                failures, complaints = failures + 1, complaints + 1
    return found, complaints


def _time(frame: object) -> int | None:
    """When a picture is shown; AVI gives only when it is decoded."""
    if not isinstance(frame, VideoFrame):
        return None
    return frame.pts if frame.pts is not None else frame.dts


def _is_damaged(frame: object, stream: int, ends_s: dict[int, float]) -> bool:
    """Whether a decoder marked a picture as damaged, or something is missing before the frame."""
    if not isinstance(frame, AudioFrame | VideoFrame):
        return False
    time = frame.pts if frame.pts is not None else frame.dts
    at_s = float((time or 0) * (frame.time_base or 0))
    before_s, ends_s[stream] = ends_s.get(stream, at_s), at_s
    return abs(at_s - before_s) > LONGEST_STILL_S or (isinstance(frame, VideoFrame) and bool(frame.is_corrupt))


@cache
def _thumbs(path: Path) -> tuple[float, NDArray[np.float32]]:
    decoded = sorted(_decoded(path, _format(path))[0], key=lambda each: each[0])
    return decoded[0][0], np.stack([thumb for _, thumb in decoded])


def thumbs_of(seed: Seed) -> NDArray[np.float32]:
    """The pictures of an undamaged recording, small; float32 [pictures, height, width]."""
    return _thumbs(seed.path)[1]


def first_pts_s(seed: Seed) -> float:
    """When the first picture of an undamaged recording is shown, by the file's clock."""
    return _thumbs(seed.path)[0]


def _cuts(timeline: Timeline) -> list[float]:
    return [scene.span.start_s for scene in timeline.analysis.scenes]


def _near(time_s: float, others: Sequence[float], tolerance_s: float) -> bool:
    return any(abs(time_s - other) <= tolerance_s for other in others)


def _tolerance_s(seed: Seed) -> float:
    """Cuts are exact in a short recording, a few frames off in a long one. AVI and MXF tell time by counting packets."""
    frames = (2 if seed.length.name == "short" else 4) + (6 if seed.kind.suffix in (".avi", ".mxf") else 0)
    return float(frames / seed.length.rate)


@cache
def _schema() -> dict[str, Any]:
    place = Path(timeline_json.__file__).with_name("timeline.schema.json")
    schema: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return schema
