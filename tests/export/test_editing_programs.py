"""OTIO, FCPXML, Premiere XML and EDL, read by OpenTimelineIO and its adapters: readers that know nothing of this program."""

from __future__ import annotations

import io
import subprocess
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse

import opentimelineio as otio
import pytest
from lxml import etree

from highlights.errors import FormatError
from highlights.export import formats
from highlights.media.probe import start_code
from highlights.records import Timeline
from tests.support.drawing import Sound, draw_video
from tests.support.lists import NAMES, RATES, REEL, event, exported, match, part

FCPXML_DTD = """
<!ELEMENT fcpxml (resources?, library)>                 <!ATTLIST fcpxml version CDATA #FIXED "1.10">
<!ELEMENT resources (asset | format)*>
<!ELEMENT format EMPTY>                                 <!ATTLIST format id ID #REQUIRED name CDATA #IMPLIED
    frameDuration CDATA #IMPLIED width CDATA #IMPLIED height CDATA #IMPLIED>
<!ELEMENT asset (media-rep+)>                           <!ATTLIST asset id ID #REQUIRED name CDATA #IMPLIED
    start CDATA #IMPLIED duration CDATA #IMPLIED hasVideo CDATA #IMPLIED format IDREF #IMPLIED hasAudio CDATA #IMPLIED
    videoSources CDATA #IMPLIED audioSources CDATA #IMPLIED audioChannels CDATA #IMPLIED audioRate CDATA #IMPLIED>
<!ELEMENT media-rep EMPTY>                              <!ATTLIST media-rep kind (original-media | proxy-media) "original-media"
    src CDATA #REQUIRED>
<!ELEMENT library (event)*>
<!ELEMENT event (project)*>                             <!ATTLIST event name CDATA #IMPLIED>
<!ELEMENT project (sequence)>                           <!ATTLIST project name CDATA #IMPLIED>
<!ELEMENT sequence (note?, spine)>                      <!ATTLIST sequence format IDREF #REQUIRED duration CDATA #IMPLIED
    tcStart CDATA #IMPLIED tcFormat (DF | NDF) #IMPLIED audioLayout (mono | stereo | surround) #IMPLIED
    audioRate (32k | 44.1k | 48k | 88.2k | 96k | 176.4k | 192k) #IMPLIED>
<!ELEMENT spine (asset-clip)*>
<!ELEMENT asset-clip (note?, conform-rate?, (marker | keyword)*)>
<!ATTLIST asset-clip ref IDREF #REQUIRED name CDATA #IMPLIED offset CDATA #IMPLIED start CDATA #IMPLIED
    duration CDATA #IMPLIED tcFormat (DF | NDF) #IMPLIED>
<!ELEMENT note (#PCDATA)>
<!ELEMENT conform-rate EMPTY>                           <!ATTLIST conform-rate scaleEnabled (0 | 1) "1">
<!ELEMENT marker EMPTY>                                 <!ATTLIST marker start CDATA #REQUIRED duration CDATA #IMPLIED
    value CDATA #REQUIRED note CDATA #IMPLIED>
<!ELEMENT keyword EMPTY>                                <!ATTLIST keyword start CDATA #IMPLIED duration CDATA #IMPLIED
    value CDATA #REQUIRED>
"""
"""As much of the document type of FCPXML 1.10 as is used, told in few words."""


def three_hours(fps: Fraction, sound: int = 1) -> Timeline:
    """Three clips, the last of them just before the end of the third hour."""
    events = [event(at_s) for at_s in (2.0, 5000.0, 10798.52)]
    return match(events, part("match.mp4", 10_900.0, rate=fps, sound=sound), rolls=False)


def read(path: Path, fps: Fraction) -> otio.schema.Timeline:
    if path.suffix == ".edl":
        return otio.adapters.read_from_string(path.read_text(encoding="utf-8"), "cmx_3600", rate=float(fps))
    names = {".otio": "otio_json", ".xml": "fcp_xml", ".fcpxml": "fcpx_xml"}
    found = otio.adapters.read_from_file(str(path), names[path.suffix])
    if isinstance(found, otio.schema.SerializableCollection):
        return next(iter(found.find_children(descended_from_type=otio.schema.Timeline)))
    return found


def clips(timeline: otio.schema.Timeline) -> list[otio.schema.Clip]:
    return [item for item in timeline.video_tracks()[0] if isinstance(item, otio.schema.Clip)]


def frames(timeline: otio.schema.Timeline) -> list[tuple[int, int]]:
    ranges = [clip.source_range for clip in clips(timeline)]
    return [(shown.start_time.to_frames(), shown.duration.to_frames()) for shown in ranges]


def expected(fps: Fraction) -> list[tuple[int, int]]:
    """Of clips that begin at 1 s, 4999 s and 10797.52 s and last two seconds."""
    return [(round(start_s * fps), round(2 * fps)) for start_s in (Fraction(1), Fraction(4999), Fraction(1079752, 100))]


@pytest.mark.parametrize("name", ["otio", "premiere", "edl"])
@pytest.mark.parametrize("fps", RATES, ids=str)
def test_every_rate_is_exact_to_the_frame_after_three_hours(name: str, fps: Fraction, tmp_path: Path) -> None:
    assert frames(read(exported(three_hours(fps), name, tmp_path), fps)) == expected(fps)


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_times_of_fcpxml_are_whole_frames_as_fractions(fps: Fraction, tmp_path: Path) -> None:
    root = etree.parse(exported(three_hours(fps), "fcpxml", tmp_path))
    assert seconds(root.find(".//format").get("frameDuration")) == 1 / fps
    shown, offset = root.findall(".//asset-clip"), 0
    assert [(seconds(c.get("start")) * fps, seconds(c.get("duration")) * fps) for c in shown] == expected(fps)
    for clip in shown:
        assert seconds(clip.get("offset")) * fps == offset
        offset += round(2 * fps)
    assert seconds(root.find(".//sequence").get("duration")) * fps == offset
    assert root.find(".//sequence").get("tcFormat") == (
        "DF" if fps in (Fraction(30_000, 1001), Fraction(60_000, 1001)) else "NDF"
    )


def seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


@pytest.mark.parametrize("fps", [fps for fps in RATES if fps.denominator == 1], ids=str)
def test_fcpxml_is_read_by_the_adapter_at_the_rates_that_it_knows(fps: Fraction, tmp_path: Path) -> None:
    timeline = read(exported(three_hours(fps), "fcpxml", tmp_path), fps)
    assert frames(timeline) == expected(fps)
    assert [clip.markers[0].name for clip in clips(timeline)] == ["Goal"] * 3


def test_fcpxml_is_valid_by_its_document_type(tmp_path: Path) -> None:
    halves = part("half 1.mp4", 600), part("half 2.mp4", 600, 600, rate=Fraction(50), sound=0)
    listed = exported(match([event(100), event(700, "save", player="A & B")], *halves), "fcpxml", tmp_path)
    document = etree.parse(listed)
    dtd = etree.DTD(io.StringIO(FCPXML_DTD))
    assert dtd.validate(document), dtd.error_log
    assert [asset.get("hasAudio") for asset in document.findall(".//asset")] == ["1", None]
    assert [clip.find("conform-rate") is not None for clip in document.findall(".//asset-clip")] == [False, True]
    assert document.docinfo.doctype == "<!DOCTYPE fcpxml>"


@pytest.mark.parametrize("name", NAMES)
def test_any_file_name_is_found_again(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    timeline = match([event(100)], part(path))
    addresses = [clips(read(exported(timeline, "otio", tmp_path), Fraction(25)))[0].media_reference.target_url]
    addresses.append(etree.parse(exported(timeline, "fcpxml", tmp_path)).find(".//media-rep").get("src"))
    addresses.append(etree.parse(exported(timeline, "premiere", tmp_path)).findtext(".//pathurl"))
    for address, host in zip(addresses, ("", "", "localhost"), strict=True):
        parsed = urlparse(address)
        assert (parsed.scheme, parsed.netloc, unquote(parsed.path)) == ("file", host, str(path))
        assert address.isascii()
        assert not set(address) & set(" \"'&<>")
    assert clips(read(exported(timeline, "edl", tmp_path), Fraction(25)))[0].name == name


def test_a_match_in_two_files_has_two_sources(tmp_path: Path) -> None:
    halves = part(tmp_path / "1.mp4", 3000), part(tmp_path / "2.mp4", 3000, 3000)
    timeline = match([event(100), event(3100), event(5000)], *halves, rolls=False)
    for name in ("otio", "premiere", "edl"):
        shown = read(exported(timeline, name, tmp_path), Fraction(25))
        assert frames(shown) == [(99 * 25, 50), (99 * 25, 50), (1999 * 25, 50)]
    lines = (tmp_path / "list.edl").read_text().splitlines()
    assert [line.split()[1] for line in lines if line[:1].isdigit()] == ["1", "2", "2"]
    document = etree.parse(exported(timeline, "premiere", tmp_path))
    assert len(document.findall(".//pathurl")) == 2
    used = [clip.find("file").get("id") for clip in document.findall(".//video/track/clipitem")]
    assert used == ["file-1", "file-2", "file-2"]


def test_an_event_travels_with_its_clip_in_otio(tmp_path: Path) -> None:
    timeline = match([event(100, team="ARS", player="Saka", score="1–0")])
    [clip] = clips(read(exported(timeline, "otio", tmp_path), Fraction(25)))
    told = clip.metadata["highlights"]["events"][0]
    assert {name: told[name] for name in ("name", "team", "player", "score", "confidence")} == {
        "name": "goal",
        "team": "ARS",
        "player": "Saka",
        "score": "1–0",
        "confidence": 0.9,
    }
    assert told["evidence"][0]["because"] == "a roar at 100"
    [marker] = clip.markers
    assert (marker.name, marker.marked_range.start_time.to_frames()) == ("Goal", 2500)


@pytest.mark.parametrize("sound", [0, 1, 2])
def test_sound_is_there_for_every_channel_and_linked(sound: int, tmp_path: Path) -> None:
    timeline = three_hours(Fraction(25), sound)
    document = etree.parse(exported(timeline, "premiere", tmp_path))
    items = {item.get("id"): item for item in document.iter("clipitem")}
    assert len(document.findall(".//audio/track")) == 2 * sound
    assert len(items) == 3 * (1 + 2 * sound)
    for item in items.values():
        linked = [link.findtext("linkclipref") for link in item.findall("link")]
        assert len(linked) == (1 + 2 * sound if sound else 0)
        assert all(items[name].findtext("start") == item.findtext("start") for name in linked)
    assert len(read(exported(timeline, "otio", tmp_path), Fraction(25)).audio_tracks()) == (1 if sound else 0)


def test_resolve_finds_the_size_and_rate_of_the_sequence(tmp_path: Path) -> None:
    document = etree.parse(exported(three_hours(Fraction(60_000, 1001)), "premiere", tmp_path))
    kind = document.find("sequence/media/video/format/samplecharacteristics")
    told = [kind.findtext(tag) for tag in ("width", "height", "rate/timebase", "rate/ntsc", "pixelaspectratio")]
    assert told == ["1280", "720", "60", "TRUE", "square"]


def test_the_edl_says_how_it_counts_and_where_the_film_begins(tmp_path: Path) -> None:
    dropping = exported(three_hours(Fraction(30_000, 1001)), "edl", tmp_path).read_text().splitlines()
    assert dropping[:2] == ["TITLE: match", "FCM: DROP FRAME"]
    assert dropping[3] == "001  MATCH    AA/V  C        00:00:01;00 00:00:03;00 01:00:00;00 01:00:02;00"
    plain = exported(three_hours(Fraction(24_000, 1001), sound=0), "edl", tmp_path).read_text().splitlines()
    assert plain[1] == "FCM: NON-DROP FRAME"
    assert plain[3] == "001  MATCH    V     C        00:00:01:00 00:00:03:00 01:00:00:00 01:00:02:00"


def test_an_edl_with_more_than_999_events_continues_and_reports_it(tmp_path: Path) -> None:
    timeline = match([event(10 + 4 * n) for n in range(1200)], part("match.mp4", 6000), rolls=False)
    target = tmp_path / "list.edl"
    [note] = [n for n in formats.export(timeline, formats.choice("edl", None, None, target), target, REEL) if "events" in n]
    assert note == "1200 events: older programs read only the first 999 of a list"
    assert len(frames(read(target, Fraction(25)))) == 1200


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film whose first frame is at ten o'clock."""
    folder = tmp_path_factory.mktemp("coded")
    drawn = draw_video(folder / "drawn.mp4", duration_s=4, rate=Fraction(30_000, 1001), sounds=(Sound(),))
    path = folder / "coded.mov"
    command = ["ffmpeg", "-v", "error", "-i", drawn, "-c", "copy", "-timecode", "10:00:00;00", path]
    subprocess.run(command, check=True)
    return path


@pytest.mark.parametrize(
    ("rate", "code", "frame"),
    [
        (Fraction(30), "10:00:00;00", 10 * 107_892),
        (Fraction(30), "10:00:00:00", 10 * 108_000),
        (Fraction(30_000, 1001), "10:00:00:00", 10 * 108_000),
        (Fraction(60), "01:00:00;00", 2 * 107_892),
        (Fraction(25), "10:00:00:00", 10 * 90_000),
    ],
)
def test_a_source_is_counted_and_labelled_as_its_own_time_code_track(
    rate: Fraction, code: str, frame: int, tmp_path: Path
) -> None:
    drawn = draw_video(tmp_path / "drawn.mp4", duration_s=4, rate=rate, sounds=(Sound(),))
    subprocess.run(["ffmpeg", "-v", "error", "-i", drawn, "-c", "copy", "-timecode", code, tmp_path / "coded.mov"], check=True)
    assert start_code(tmp_path / "coded.mov") == code
    timeline = match([event(2)], part(tmp_path / "coded.mov", 4, rate=rate), rolls=False)
    shown = exported(timeline, "edl", tmp_path).read_text().splitlines()
    assert shown[3].split()[4] == code[:6] + "01" + code[8:]
    assert shown[1] == ("FCM: DROP FRAME" if ";" in code else "FCM: NON-DROP FRAME")
    first = frame + round(rate)
    starts = {clip.source_range.start_time.value for clip in read(exported(timeline, "otio", tmp_path), rate).find_clips()}
    assert starts == {first}
    document = etree.parse(exported(timeline, "fcpxml", tmp_path))
    clip = document.find(".//asset-clip")
    assert seconds(clip.get("start")) * rate == first
    assert clip.get("tcFormat") == ("DF" if ";" in code else "NDF")
    premiere = etree.parse(exported(timeline, "premiere", tmp_path)).find(".//file/timecode")
    assert (premiere.findtext("string"), premiere.findtext("displayformat")) == (code, "DF" if ";" in code else "NDF")


def test_a_start_time_code_moves_the_source_and_not_the_film(coded: Path, tmp_path: Path) -> None:
    fps = Fraction(30_000, 1001)
    timeline = match([event(2)], part(coded, 4, rate=fps), rolls=False)
    first = 10 * 107_892 + 30
    edl = exported(timeline, "edl", tmp_path)
    assert edl.read_text().splitlines()[3].split()[4:] == ["10:00:01;00", "10:00:03;00", "01:00:00;00", "01:00:02;00"]
    for name in ("otio", "premiere", "edl"):
        assert frames(read(exported(timeline, name, tmp_path), fps)) == [(first, 60)], name
    document = etree.parse(exported(timeline, "fcpxml", tmp_path))
    asset, clip = document.find(".//asset"), document.find(".//asset-clip")
    assert (seconds(asset.get("start")) * fps, seconds(asset.get("duration")) * fps) == (first - 30, 120)
    assert (seconds(clip.get("start")) * fps, clip.get("offset")) == (first, "0s")
    assert etree.parse(exported(timeline, "premiere", tmp_path)).findtext(".//clipitem/in") == "30"


def test_a_variable_frame_rate_is_rounded_to_the_nearest_and_reported(tmp_path: Path) -> None:
    timeline = match([event(100)], part("phone.mp4", rate=Fraction(2983, 100)))
    target = tmp_path / "list.otio"
    notes = formats.export(timeline, formats.choice("otio", None, None, target), target, REEL)
    assert "phone.mp4: has 29.83 frames a second on average, counted as 29.97" in notes
    assert clips(read(target, Fraction(25)))[0].source_range.start_time.rate == pytest.approx(30_000 / 1001)


def test_no_clip_reaches_over_the_end_of_its_file(tmp_path: Path) -> None:
    timeline = match([event(9.5)], part("match.mp4", 10.01), rolls=False)
    [(first, count)] = frames(read(exported(timeline, "otio", tmp_path), Fraction(25)))
    assert (first, count, first + count) == (200, 50, 250)


def test_the_reel_as_cut_is_one_file_with_the_clips_end_to_end(tmp_path: Path) -> None:
    timeline = match([event(100), event(700)], rolls=False)
    shown = read(exported(timeline, "otio", tmp_path, "reel"), Fraction(25))
    assert frames(shown) == [(0, 50), (50, 50)]
    assert {Path(clip.media_reference.target_url).name for clip in clips(shown)} == {"no%20such%20reel.mp4"}


def test_control_characters_never_reach_the_file(tmp_path: Path) -> None:
    timeline = match([event(100, title="Go\x00al\x1b[31m\ud800 & <b>")], rolls=False)
    for name in ("otio", "fcpxml", "premiere", "edl"):
        text = exported(timeline, name, tmp_path).read_bytes().decode()
        assert not set(text) & set("\x00\x1b")
    assert clips(read(exported(timeline, "premiere", tmp_path), Fraction(25)))[0].name == "Goal[31m & <b>"


def test_a_list_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="nothing to show: the timeline has no clips"):
        exported(match([]), "otio", tmp_path)
