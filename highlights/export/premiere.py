"""Final Cut Pro 7 XML (`.xml`, xmeml version 5), which Premiere Pro and DaVinci Resolve import.

    sequence ─┬─ video ── track ── clipitem ─┐
              └─ audio ── track ── clipitem ─┴─ link, link     an audio track for each channel

`start` and `end` are frames of the film, `in` and `out` frames of the source counted from its first. A file is described where
it is first used and referred to by its id afterwards. Resolve needs the full format of the sequence.

Source: Apple's Final Cut Pro XML Interchange Format, version 5.
"""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element

from highlights.export.cut_list import CutList, Entry, Medium
from highlights.export.naming import marked, marks_in, one_line, percent
from highlights.export.row import Edited, EditedRow, medium_named
from highlights.export.timecode import Rate, timecode
from highlights.export.xml_text import child, document, text_of

DEPTH_BITS = 16


def text(cuts: CutList) -> str:
    """The list as a sequence."""
    root = Element("xmeml", version="5")
    sequence = child(root, "sequence", id="sequence-1")
    child(sequence, "name", one_line(cuts.name))
    child(sequence, "duration", sum(cuts.frames(entry)[1] for entry in cuts.entries))
    _rate(sequence, cuts.rate)
    _code(sequence, 0, cuts.rate)
    media, described = child(sequence, "media"), set[int]()
    _video_track(child(media, "video"), cuts, described)
    if _tracks(cuts):
        _audio_tracks(child(media, "audio"), cuts, described)
    return document(root, "<!DOCTYPE xmeml>\n")


def _tracks(cuts: CutList) -> int:
    """The number of audio tracks: the channels of the file with the most."""
    return max(sum(medium.channels) for medium in cuts.media)


def _video_track(video: Element, cuts: CutList, described: set[int]) -> None:
    first = cuts.media[0]
    _video_format(child(video, "format"), first.width, first.height, cuts.rate)
    track, shown = child(video, "track"), 0
    for number, entry in enumerate(cuts.entries, 1):
        item = _item(track, cuts, entry, number, 0, shown, described)
        _links(item, cuts, entry, number)
        _annotate(item, cuts, entry)
        shown += cuts.frames(entry)[1]


def _audio_tracks(audio: Element, cuts: CutList, described: set[int]) -> None:
    child(audio, "numOutputChannels", 2)
    _audio_format(child(audio, "format"), cuts.media[0].sample_rate_hz)
    for channel in range(1, _tracks(cuts) + 1):
        track, shown = child(audio, "track"), 0
        for number, entry in enumerate(cuts.entries, 1):
            if channel <= sum(cuts.media[entry.medium].channels):
                item = _item(track, cuts, entry, number, channel, shown, described)
                source = child(item, "sourcetrack")
                child(source, "mediatype", "audio")
                child(source, "trackindex", channel)
                _links(item, cuts, entry, number)
            shown += cuts.frames(entry)[1]
        child(track, "outputchannelindex", (channel - 1) % 2 + 1)


def _item(track: Element, cuts: CutList, entry: Entry, number: int, channel: int, shown: int, described: set[int]) -> Element:
    """The entry on one track: the video track if `channel` is 0."""
    medium = cuts.media[entry.medium]
    own, (first, count) = medium.rate, cuts.frames(entry)
    in_, length = (own.frame_at(cuts.rate.seconds(frames)) for frames in (first, count))
    item = child(track, "clipitem", id=_name(number, channel))
    child(item, "masterclipid", f"masterclip-{entry.medium + 1}")
    child(item, "name", one_line(entry.title))
    child(item, "enabled", "TRUE")
    child(item, "duration", own.frame_at(medium.duration_s))
    _rate(item, own)
    for tag, frame in (("start", shown), ("end", shown + count), ("in", in_), ("out", in_ + length)):
        child(item, tag, frame)
    _file(item, cuts, entry.medium, described)
    return item


def _name(number: int, channel: int) -> str:
    return f"clipitem-{number}" if channel == 0 else f"clipitem-{number}-{channel}"


def _links(item: Element, cuts: CutList, entry: Entry, number: int) -> None:
    """Links that make video and audio channels move together."""
    channels = sum(cuts.media[entry.medium].channels)
    for channel in range(channels + 1) if channels else ():
        link = child(item, "link")
        child(link, "linkclipref", _name(number, channel))
        child(link, "mediatype", "audio" if channel else "video")
        child(link, "trackindex", channel or 1)
        child(link, "clipindex", number)


def _annotate(item: Element, cuts: CutList, entry: Entry) -> None:
    """Markers and comments that describe the events."""
    own, (first, _) = cuts.media[entry.medium].rate, cuts.frames(entry)
    for number in entry.events:
        event = cuts.events[number]
        words = (event.team, event.player, event.score, event.description, percent(event.confidence))
        marker = child(item, "marker")
        child(marker, "name", one_line(event.title))
        child(marker, "comment", one_line(f"{' · '.join(word for word in words if word)} [{cuts.marks[number]}]"))
        child(marker, "in", own.frame_at(cuts.rate.seconds(first + cuts.instant(entry, number))))
        child(marker, "out", -1)
    child(child(item, "comments"), "mastercomment1", one_line(f"{entry.subtitle} {marked(cuts.marks_of(entry))}"))


def _file(item: Element, cuts: CutList, number: int, described: set[int]) -> None:
    file = child(item, "file", id=f"file-{number + 1}")
    if number in described:
        return
    described.add(number)
    medium = cuts.media[number]
    own = medium.rate
    child(file, "name", one_line(medium.path.name))
    child(file, "pathurl", medium.path.absolute().as_uri().replace("file://", "file://localhost", 1))
    _rate(file, own)
    child(file, "duration", own.frame_at(medium.duration_s))
    _code(file, own.frame_at(cuts.rate.seconds(cuts.start_frame(medium))), own)
    _streams(child(file, "media"), medium, own)


def _streams(media: Element, medium: Medium, own: Rate) -> None:
    _video_format(child(media, "video"), medium.width, medium.height, own)
    for channels in medium.channels:
        audio = child(media, "audio")
        _audio_format(audio, medium.sample_rate_hz)
        child(audio, "channelcount", channels)


def _video_format(parent: Element, width: int, height: int, rate: Rate) -> None:
    kind = child(parent, "samplecharacteristics")
    _rate(kind, rate)
    words = {"width": width, "height": height, "anamorphic": "FALSE", "pixelaspectratio": "square", "fielddominance": "none"}
    for tag, value in words.items():
        child(kind, tag, value)


def _audio_format(parent: Element, sample_rate_hz: int) -> None:
    kind = child(parent, "samplecharacteristics")
    child(kind, "depth", DEPTH_BITS)
    child(kind, "samplerate", sample_rate_hz)


def _rate(parent: Element, rate: Rate) -> None:
    made = child(parent, "rate")
    child(made, "timebase", rate.timebase)
    child(made, "ntsc", "TRUE" if rate.is_ntsc else "FALSE")


def _code(parent: Element, frame: int, rate: Rate) -> None:
    code = child(parent, "timecode")
    _rate(code, rate)
    child(code, "string", timecode(frame, rate))
    child(code, "frame", frame)
    child(code, "displayformat", "DF" if rate.drops else "NDF")


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The enabled clips on the video tracks.

    Raises:
        FormatError: the file is not xmeml, or a clip is invalid.
    """
    root = edited.xml("xmeml")
    paths = {file.get("id", ""): text_of(file, "pathurl") for file in root.iter("file") if text_of(file, "pathurl")}
    items = [item for video in root.iter("video") for track in video.iter("track") for item in track.iter("clipitem")]
    shown = [item for item in items if text_of(item, "enabled").upper() != "FALSE"]
    return [_row(edited, cuts, item, paths, f"clip {number}") for number, item in enumerate(shown, 1)]


def _row(edited: Edited, cuts: CutList, item: Element, paths: dict[str, str], place: str) -> EditedRow:
    file = item.find("file")
    path = paths.get("" if file is None else file.get("id", ""), "")
    timebase = edited.seconds(text_of(item, "rate/timebase") or cuts.rate.timebase, place)
    fps = timebase * (Fraction(1000, 1001) if text_of(item, "rate/ntsc").upper() == "TRUE" else 1)
    if fps <= 0:
        edited.refuse("has a frame rate of 0", place)
    in_s, out_s = (edited.seconds(text_of(item, tag), place) / fps for tag in ("in", "out"))
    comments = [text_of(item, "comments/mastercomment1"), *(text_of(marker, "comment") for marker in item.iter("marker"))]
    marks = marks_in(comments[0]) or marks_in(" ".join(comments))
    return EditedRow(place, medium_named(cuts, path), in_s, out_s, marks, {"title": text_of(item, "name")})
