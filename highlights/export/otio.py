"""OpenTimelineIO (`.otio`): a track of clips, which DaVinci Resolve, Premiere and LosslessCut open.

Each clip carries its events in `metadata.highlights` and as markers. There are no gaps, except where one of several files has
no audio: LosslessCut accepts only tracks of clips.

Source: OpenTimelineIO 0.18, "Serialized Schema Documentation".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from highlights.export.cut_list import CutList, Entry, Medium
from highlights.export.naming import marks_in, one_line, printed
from highlights.export.row import Edited, EditedRow, medium_named
from highlights.export.timecode import Rate
from highlights.records import EVENT_TEXTS, Event

Object = dict[str, Any]

MOST_PARTS = 1_000_000
"""Most objects in a file."""


def text(cuts: CutList) -> str:
    """The list as a timeline with a video track, and an audio track if there is audio."""
    tracks = [_track(cuts, "Video")]
    if any(medium.channels for medium in cuts.media):
        tracks.append(_track(cuts, "Audio"))
    stack = _object("Stack.1", "tracks", children=tracks)
    timeline = _object("Timeline.1", printed(cuts.name), global_start_time=None, tracks=stack)
    return json.dumps(timeline, indent=2, ensure_ascii=False) + "\n"


def _object(schema: str, name: str, **more: object) -> Object:
    common: Object = {"OTIO_SCHEMA": schema, "metadata": {}, "name": name}
    if schema.split(".")[0] in ("Stack", "Track", "Clip", "Gap"):
        common |= {"source_range": None, "effects": [], "markers": [], "enabled": True}
    return common | more


def _track(cuts: CutList, kind: str) -> Object:
    clips = [_clip(cuts, entry, kind) for entry in cuts.entries]
    return _object("Track.1", kind, kind=kind, children=clips)


def _clip(cuts: CutList, entry: Entry, kind: str) -> Object:
    medium = cuts.media[entry.medium]
    first, count = cuts.frames(entry)
    if kind == "Audio" and not medium.channels:
        return _object("Gap.1", "", source_range=_range(0, count, cuts.rate))
    first += cuts.start_frame(medium)
    return _object(
        "Clip.2",
        printed(entry.title),
        source_range=_range(first, count, cuts.rate),
        markers=[_marker(cuts, entry, number, first) for number in entry.events] if kind == "Video" else [],
        media_references={"DEFAULT_MEDIA": _reference(cuts, medium)},
        active_media_reference_key="DEFAULT_MEDIA",
        metadata={"highlights": _metadata(cuts, entry)} if kind == "Video" else {},
    )


def _metadata(cuts: CutList, entry: Entry) -> Object:
    events = [_event(cuts.events[number], cuts.marks[number]) for number in entry.events]
    return {"marks": list(cuts.marks_of(entry)), "replay": entry.replay, "subtitle": printed(entry.subtitle), "events": events}


def _event(event: Event, mark: str) -> Object:
    words = {name: printed(getattr(event, name)) for name in EVENT_TEXTS[:6]}
    claims = [{"signal": m.signal, "weight": m.weight, "because": printed(m.because)} for m in event.evidence]
    return {"mark": mark, **words, "status": event.status, "confidence": event.confidence, "evidence": claims}


def _marker(cuts: CutList, entry: Entry, number: int, first: int) -> Object:
    event = cuts.events[number]
    at = _range(first + cuts.instant(entry, number), 1, cuts.rate)
    metadata = {"highlights": _event(event, cuts.marks[number])}
    comment = one_line(" · ".join(text for text in (event.team, event.player, event.score, event.description) if text))
    return _object("Marker.2", printed(event.title), color="GREEN", marked_range=at, comment=comment, metadata=metadata)


def _reference(cuts: CutList, medium: Medium) -> Object:
    there = _range(cuts.start_frame(medium), cuts.length(medium), cuts.rate)
    return _object(
        "ExternalReference.1",
        printed(medium.path.name),
        available_range=there,
        available_image_bounds=None,
        target_url=medium.path.absolute().as_uri(),
    )


def _range(first: int, count: int, rate: Rate) -> Object:
    times = {"start_time": first, "duration": count}
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        **{n: {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate.fps), "value": float(v)} for n, v in times.items()},
    }


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The clips on the video tracks.

    Raises:
        FormatError: the file is not a timeline, or a clip is invalid.
    """
    try:
        timeline = json.loads(edited.text)
    except (ValueError, RecursionError) as error:
        edited.refuse(f"is not JSON ({error})")
    if not isinstance(timeline, dict) or not str(timeline.get("OTIO_SCHEMA", "")).startswith("Timeline."):
        edited.refuse("is JSON, but not an OpenTimelineIO timeline")
    clips = [clip for clip in _clips(edited, timeline.get("tracks")) if clip.get("enabled", True)]
    return [_row(edited, cuts, clip, f"clip {number}") for number, clip in enumerate(clips, 1)]


def _clips(edited: Edited, stack: object) -> Iterator[Object]:
    """All video clips below a stack in order."""
    waiting, seen = [stack], 0
    while waiting:
        item, seen = waiting.pop(), seen + 1
        if seen > MOST_PARTS:
            edited.refuse("is too deeply nested or too large for a list of clips")
        if not isinstance(item, dict) or item.get("kind") == "Audio":
            continue
        if str(item.get("OTIO_SCHEMA", "")).startswith("Clip."):
            yield item
        waiting += reversed(_list(item.get("children")))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _row(edited: Edited, cuts: CutList, clip: Object, place: str) -> EditedRow:
    references = _dict(clip.get("media_references"))
    reference = _dict(references.get(str(clip.get("active_media_reference_key"))) or clip.get("media_reference"))
    there = _dict(reference.get("available_range"))
    shown = _dict(clip.get("source_range") or there)
    if not shown:
        edited.refuse("has no source range", place)
    start_s, length_s = (_seconds(edited, shown.get(name), place) for name in ("start_time", "duration"))
    origin_s = _seconds(edited, there["start_time"], place) if "start_time" in there else Fraction(0)
    return EditedRow(
        place,
        medium_named(cuts, str(reference.get("target_url", ""))),
        start_s - origin_s,
        start_s - origin_s + length_s,
        _marks(clip),
        {"title": str(clip.get("name", ""))},
    )


def _marks(clip: Object) -> tuple[str, ...]:
    own = _dict(_dict(clip.get("metadata")).get("highlights"))
    kept = marks_in(" ".join(f"[{mark}]" for mark in _list(own.get("marks"))))
    markers = [_dict(_dict(marker).get("metadata")).get("highlights") for marker in _list(clip.get("markers"))]
    return kept or marks_in(" ".join(f"[{_dict(entry).get('mark')}]" for entry in markers))


def _seconds(edited: Edited, time: object, place: str) -> Fraction:
    """A rational time in seconds; a decimal rate such as 29.97 is taken as the fraction that it stands for."""
    fields: Mapping[str, object] = _dict(time)
    value = edited.seconds(fields.get("value"), place)
    rate = edited.seconds(fields.get("rate"), place).limit_denominator(1001)
    if rate <= 0:
        edited.refuse("has a frame rate of 0", place)
    return value / rate
