"""The patterns that the models' authors published: whatever they match, the dialects must parse in the same way."""

from __future__ import annotations

import re

THINK = (re.compile(r"<think>.*?</think>\s*", re.DOTALL), re.compile(r"^\s*<think>\s*\n*"), re.compile(r"</think>\s*"))
SCENE = re.compile(r"(?:^|\n)\s*Scene\s*:\s*(.*?)(?=\n\s*Events\s*:|\Z)", re.DOTALL)
EVENTS = re.compile(r"(?:^|\n)\s*Events\s*:\s*(.*)\Z", re.DOTALL)
EVENT = re.compile(
    r"^\s*<?\s*(\d+\.?\d*)\s*(?:seconds?|secs?|s)?\s*-\s*(\d+\.?\d*)\s*(?:seconds?|secs?|s)?\s*>?\s*[:\-]?\s*(.+?)\s*$",
    re.MULTILINE,
)
SPAN = re.compile(r"From\s+(\d+\.?\d*)\s*(?:s|sec)?\s+to\s+(\d+\.?\d*)\s*(?:s|sec)?\.?")
BLOCK = re.compile(r'<(?:points|tracks).*? coords="([0-9\t:;, .]+)"/?>')
FRAME = re.compile(r"(?:^|\t|:|,|;)([0-9\.]+) ([0-9\. ]+)")
PLACE = re.compile(r"([0-9]+) ([0-9]{3,4}) ([0-9]{3,4})")
TOTAL = re.compile(r"(?:a total of|the total number(?:\s+of\s+.+?)?\s+is:)\s*(\d+)\.?")


def without_thoughts(answer: str) -> str:
    for pattern in THINK:
        answer = pattern.sub("", answer)
    return answer.strip()


def span(answer: str) -> tuple[float, float] | None:
    found = SPAN.search(without_thoughts(answer))
    start_s, end_s = map(float, found.groups()) if found else (0.0, 0.0)
    return (start_s, end_s) if start_s < end_s else None


def caption(answer: str) -> tuple[str, list[tuple[float, float, str]]]:
    text = without_thoughts(answer)
    scene, events = SCENE.search(text), EVENTS.search(text)
    read = [(float(start), float(end), words) for start, end, words in EVENT.findall(events[1] if events else "")]
    return scene[1].strip() if scene else "", [event for event in read if event[0] < event[1]]


def points(answer: str) -> list[tuple[float, int, float, float]]:
    return [
        (float(time), int(number), int(x) / 1000, int(y) / 1000)
        for coords in BLOCK.findall(answer)
        for time, rest in FRAME.findall(coords)
        for number, x, y in PLACE.findall(rest)
    ]


def count(answer: str) -> int | None:
    found = TOTAL.search(answer)
    return int(answer) if answer.isdigit() else int(found[1]) if found else None
