"""FCPXML 1.10 (`.fcpxml`): for Final Cut Pro, DaVinci Resolve, and other programs that read its projects.

    fcpxml ─┬─ resources ── format, asset ── media-rep
            └─ library ── event ── project ── sequence ── spine ── asset-clip ── note, marker, keyword

All times are fractions of a second on frame boundaries of the list. `offset` is the place in the film and ignores the source's
time code; `start` is the place in the source and includes the time code of its first frame.

Source: Apple's FCPXML Reference and the document type definition of version 1.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from xml.etree.ElementTree import Element

from highlights.export.cut_list import CutList, Entry, Medium
from highlights.export.naming import marked, marks_in, one_line, percent
from highlights.export.row import Edited, EditedRow, medium_named
from highlights.export.timecode import Rate
from highlights.export.xml_text import child, document, text_of

VERSION = "1.10"

NAMED_SIZES = {(1280, 720): "720p", (1920, 1080): "1080p", (3840, 2160): "3840x2160p"}
NAMED_RATES = {
    Fraction(24_000, 1001): "2398",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30_000, 1001): "2997",
    Fraction(30): "30",
    Fraction(50): "50",
    Fraction(60_000, 1001): "5994",
    Fraction(60): "60",
}
"""Final Cut Pro's names of frame sizes and rates."""

_TIME = re.compile(r"(\d{1,18})(?:/([1-9]\d{0,9}))?s")


def text(cuts: CutList) -> str:
    """The list as a project."""
    root = Element("fcpxml", version=VERSION)
    resources = child(root, "resources")
    kinds = dict.fromkeys((medium.width, medium.height, medium.fps) for medium in cuts.media)
    formats = {kind: f"f{number}" for number, kind in enumerate(kinds)}
    for kind, name in formats.items():
        _format(resources, name, *kind)
    for number, medium in enumerate(cuts.media):
        _asset(resources, cuts, medium, number, formats[medium.width, medium.height, medium.fps])
    event = child(child(root, "library"), "event", name=one_line(cuts.name))
    _project(event, cuts, formats[cuts.media[0].width, cuts.media[0].height, cuts.media[0].fps])
    return document(root, "<!DOCTYPE fcpxml>\n")


def _format(resources: Element, name: str, width: int, height: int, fps: Fraction) -> None:
    made = child(resources, "format", id=name, frameDuration=_time(1, Rate(fps)), width=width, height=height)
    if (width, height) in NAMED_SIZES and fps in NAMED_RATES:
        made.set("name", f"FFVideoFormat{NAMED_SIZES[width, height]}{NAMED_RATES[fps]}")


def _asset(resources: Element, cuts: CutList, medium: Medium, number: int, format_: str) -> None:
    own = medium.rate
    begins, lasts = (own.frame_at(cuts.rate.seconds(n)) for n in (cuts.start_frame(medium), cuts.length(medium)))
    times = {"start": _time(begins, own), "duration": _time(lasts, own)}
    made = child(resources, "asset", id=f"r{number}", name=one_line(medium.path.stem), **times, hasVideo=1, format=format_)
    made.set("videoSources", "1")
    if medium.channels:
        sound = {"hasAudio": 1, "audioSources": len(medium.channels), "audioChannels": max(medium.channels)}
        made.attrib.update({name: str(value) for name, value in sound.items()} | {"audioRate": str(medium.sample_rate_hz)})
    child(made, "media-rep", kind="original-media", src=medium.path.absolute().as_uri())


def _project(event: Element, cuts: CutList, format_: str) -> None:
    length = sum(cuts.frames(entry)[1] for entry in cuts.entries)
    sequence = child(
        child(event, "project", name=one_line(cuts.name)),
        "sequence",
        format=format_,
        duration=_time(length, cuts.rate),
        tcStart="0s",
        tcFormat=_code_format(cuts.rate),
        audioLayout="stereo",
        audioRate="48k",
    )
    spine, shown = child(sequence, "spine"), 0
    for entry in cuts.entries:
        _clip(spine, cuts, entry, shown)
        shown += cuts.frames(entry)[1]


def _clip(spine: Element, cuts: CutList, entry: Entry, shown: int) -> None:
    medium = cuts.media[entry.medium]
    first, count = cuts.frames(entry)
    first += cuts.start_frame(medium)
    times = {n: _time(v, cuts.rate) for n, v in (("offset", shown), ("start", first), ("duration", count))}
    clip = child(
        spine, "asset-clip", ref=f"r{entry.medium}", name=one_line(entry.title), **times, tcFormat=_code_format(medium.rate)
    )
    child(clip, "note", one_line(f"{entry.subtitle} {marked(cuts.marks_of(entry))}"))
    if medium.fps != cuts.rate.fps:
        child(clip, "conform-rate", scaleEnabled=0)
    for number in entry.events:
        _marker(clip, cuts, entry, number, first)
    names = dict.fromkeys(one_line(cuts.events[number].title.replace(",", " ")) for number in entry.events)
    child(clip, "keyword", start=times["start"], duration=times["duration"], value=", ".join(names))


def _marker(clip: Element, cuts: CutList, entry: Entry, number: int, first: int) -> None:
    event = cuts.events[number]
    because = "; ".join(claim.because for claim in event.evidence)
    words = (event.team, event.player, event.score, event.description, percent(event.confidence), because)
    note = one_line(f"{' · '.join(word for word in words if word)} [{cuts.marks[number]}]")
    start = _time(first + cuts.instant(entry, number), cuts.rate)
    child(clip, "marker", start=start, duration=_time(1, cuts.rate), value=one_line(event.title) or event.name, note=note)


def _code_format(rate: Rate) -> str:
    return "DF" if rate.drops else "NDF"


def _time(frames: int, rate: Rate) -> str:
    """A number of frames in FCPXML's notation of time.

    >>> _time(100, Rate(Fraction(25))), _time(1, Rate(Fraction(30000, 1001)))
    ('4s', '1001/30000s')
    """
    if (frames * rate.fps.denominator) % rate.fps.numerator == 0:
        return f"{frames * rate.fps.denominator // rate.fps.numerator}s"
    return f"{frames * rate.fps.denominator}/{rate.fps.numerator}s"


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The enabled clips of its projects.

    Raises:
        FormatError: the file is not FCPXML, or a clip is invalid.
    """
    root = edited.xml("fcpxml")
    assets = {asset.get("id", ""): asset for asset in root.iter("asset")}
    return [_row(edited, cuts, clip, shows, assets, f"clip {n}") for n, (clip, shows) in enumerate(_clips(root), 1)]


def _clips(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each item of a spine, and the element that names its asset: the item itself, or the video inside a clip."""
    for spine in root.iter("spine"):
        for item in spine:
            shows = item if item.tag in ("asset-clip", "video") else item.find("video") if item.tag == "clip" else None
            if shows is not None and item.get("enabled") != "0":
                yield item, shows


def _row(edited: Edited, cuts: CutList, clip: Element, shows: Element, assets: dict[str, Element], place: str) -> EditedRow:
    asset = assets.get(shows.get("ref", ""))
    if asset is None:
        edited.refuse(f"shows {shows.get('ref', '')[:40]!r}, which is not an asset of this file", place)
    origin_s = _seconds(edited, asset.get("start", "0s"), place)
    start_s = _seconds(edited, clip.get("start", asset.get("start", "0s")), place) - origin_s
    length_s = _seconds(edited, clip.get("duration", asset.get("duration", "0s")), place)
    words = [text_of(clip, "note"), *(f"{marker.get('note', '')}" for marker in clip.iter("marker"))]
    source = next((rep.get("src", "") for rep in asset.iter("media-rep")), asset.get("src", ""))
    return EditedRow(
        place,
        medium_named(cuts, source),
        start_s,
        start_s + length_s,
        marks_in(words[0]) or marks_in(" ".join(words)),
        {"title": clip.get("name", "")},
    )


def _seconds(edited: Edited, text: str, place: str) -> Fraction:
    time = _TIME.fullmatch(text.strip())
    if time is None:
        edited.refuse(f"{text[:40]!r} is not a time such as 1001/30000s", place)
    return Fraction(int(time[1]), int(time[2] or 1))
