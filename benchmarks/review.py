#!/usr/bin/env python3
"""The review page with three hours and a thousand events in headless Chromium: loading time and frame rate.

python -m benchmarks.review
"""

from __future__ import annotations

import math
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Table, verdict
from highlights.export import timeline_json
from highlights.media.probe import open_recording
from highlights.records import (
    Analysis,
    Event,
    Excitement,
    Moment,
    Replay,
    Scene,
    Scoreboard,
    ScoreChange,
    ScoreReading,
    Timeline,
)
from highlights.spans import Span

if TYPE_CHECKING:
    from playwright.sync_api import Page

LENGTH_S = 3 * 3600
EVENTS = 1000
SCENE_S = 3.0
INTERACTIVE_S = 2.0  # at most
FLUID_HZ = 30.0  # at least
LOADS = 3
WHEELS = 90
COLLECT = """() => {
  window.drawn = [];
  const tick = (now) => { window.drawn.push(now); window.ticking = requestAnimationFrame(tick); };
  window.ticking = requestAnimationFrame(tick);
}"""
COLLECTED = "() => { cancelAnimationFrame(window.ticking); return window.drawn; }"
READY = "() => performance.getEntriesByName('ready')[0].startTime / 1000"


def main() -> None:
    """Make the match, open it, print the measurements."""
    with tempfile.TemporaryDirectory() as scratch:
        print(measure_review(Path(scratch)).text())


def measure_review(folder: Path) -> Table:
    """Seconds until the page is usable, and frames a second while its timeline and list move."""
    folder.mkdir(parents=True, exist_ok=True)
    make_match(folder)
    table = Table(f"Review page: {LENGTH_S // 3600} hours, {EVENTS:,} events", ("what", "reached", "target", "met"))
    with _reviewed(folder) as link, _page() as page:
        slowest_s = max(_opened(page, link) for _ in range(LOADS))
        table.add("until it is usable", f"{slowest_s:.2f} s", f"< {INTERACTIVE_S:g} s", verdict(slowest_s < INTERACTIVE_S))
        for what, act in _movements(page):
            hz = _frames_per_second(page, act)
            table.add(what, f"{hz:.0f} /s", f">= {FLUID_HZ:g} /s", verdict(hz >= FLUID_HZ))
    table.notes.append(f"the slowest of {LOADS} loads; frames as drawn by the browser without a GPU")
    return table


def make_match(folder: Path, length_s: int = LENGTH_S, events: int = EVENTS) -> None:
    """A recording of one colour and a timeline as full as that of a long match, in `folder`."""
    video = folder / "match.mp4"
    colour = f"color=c=0x2f6f3f:size=160x90:rate=5:duration={length_s}"
    quick = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", colour, *quick, str(video)], check=True)
    recording, chance = open_recording([video]), random.Random(1)
    every_s = length_s / events
    peaks = [round((i + 0.25 + chance.random() / 2) * every_s, 3) for i in range(events)]
    happened = tuple(_event(i, peak_s, chance) for i, peak_s in enumerate(peaks))
    misses = tuple(_event(i, min(peak_s + every_s / 2, length_s - 5), chance) for i, peak_s in enumerate(peaks[::10]))
    timeline_json.write(
        Timeline(recording, "soccer", happened, misses, (), _analysis(length_s, peaks)), folder / "timeline.json"
    )


def _event(number: int, peak_s: float, chance: random.Random) -> Event:
    name, title = [("goal", "Goal"), ("shot", "Shot"), ("save", "Save"), ("corner", "Corner")][number % 4]
    span = Span(max(0.0, peak_s - 3), peak_s + 3)
    claims = tuple(
        Moment(name, span, peak_s, signal, 1.2, f"{signal} number {number} is evidence for it, as far as a signal can be")
        for signal in ("score", "crowd", "replay", "whistle")
    )
    return Event(name, title, span, peak_s, round(0.5 + chance.random() / 2, 3), claims, team=("ELK", "JAY")[number % 2])


def _analysis(length_s: int, peaks: Sequence[float]) -> Analysis:
    starts = [i * SCENE_S for i in range(int(length_s / SCENE_S))]
    scenes = tuple(Scene(Span(start_s, start_s + SCENE_S), 0, "cut" if start_s else "start") for start_s in starts)
    crowd = tuple(round(0.3 + 0.3 * math.sin(i / 40), 2) for i in range(2 * length_s))
    replays = tuple(Replay(Span(t, min(t + 4, length_s)), 0.9, "a wipe at both ends") for t in peaks[::3])
    readings = tuple(
        ScoreReading(t, "", {"home": t // 1800, "away": 0}, float(t), f"{t // 60}:{t % 60:02}") for t in range(0, length_s, 3)
    )
    changes = tuple(
        ScoreChange(t, Span(t - 1, t), {"home": t // 1800 - 1, "away": 0}, {"home": t // 1800, "away": 0})
        for t in range(1800, length_s, 1800)
    )
    board = Scoreboard((), ("ELK", "JAY"), readings, changes, (Span(0, length_s),))
    return Analysis(scenes, Excitement(0.5, crowd, (-30.0,) * len(crowd)), (), board, replays)


@contextmanager
def _reviewed(folder: Path) -> Iterator[str]:
    """The link to the page of a folder, served by its own process."""
    command = [sys.executable, "-m", "highlights", "review", str(folder), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        assert program.stdout is not None
        try:
            link = program.stdout.readline().strip()
            if not link:
                raise SystemExit("highlights review ended immediately; run it by hand to see why")
            yield link
        finally:
            program.terminate()


@contextmanager
def _page() -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": 1920, "height": 1080})
        browser.close()


def _opened(page: Page, link: str) -> float:
    """Seconds from following the link until the page responds to clicks and keys."""
    page.goto(link, wait_until="commit")
    page.locator("html[data-ready]").wait_for()
    return float(page.evaluate(READY))


def _movements(page: Page) -> Iterator[tuple[str, Callable[[int], None]]]:
    """Each kind of movement, and one turn of the mouse wheel for it."""
    wheel = page.mouse.wheel

    def over(selector: str) -> None:
        box = page.locator(selector).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    over("#canvas")
    yield "zooming the timeline", lambda i: wheel(0, -60 if i % 60 < 30 else 60)
    for _ in range(12):
        wheel(0, -60)
    yield "moving along the timeline", lambda i: wheel(60 if i % 60 < 40 else -60, 0)
    page.keyboard.press("0")

    over("#rows")
    yield "scrolling the list", lambda i: wheel(0, 700)


def _frames_per_second(page: Page, turn: Callable[[int], None]) -> float:
    page.evaluate(COLLECT)
    for i in range(WHEELS):
        turn(i)
    drawn_ms = page.evaluate(COLLECTED)
    return float(1000 * (len(drawn_ms) - 1) / (drawn_ms[-1] - drawn_ms[0]))


if __name__ == "__main__":
    main()
