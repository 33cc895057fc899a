"""What comes back from another program: nothing where nothing was changed, and else exactly what was."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import json5
import opentimelineio as otio
import pytest
import srt
import webvtt
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from kloppy import sportscode
from lxml import etree

from highlights.cli.main import main
from highlights.cli.options import FormatName
from highlights.errors import FormatError
from highlights.export import edited, formats, timeline_json
from highlights.export.cut_list import Of
from highlights.export.edited import Outcome
from highlights.records import Clip, Event, Timeline
from highlights.spans import Span
from highlights.texts import LARGEST_BYTES
from tests.support.lists import RATES, REEL, event, exported, match, part

READ = [name for name, format_ in formats.FORMATS.items() if format_.read]
ALL_KINDS = [(name, of) for name in READ for of in formats.FORMATS[name].kinds]
GOAL, SAVE, CORNER = range(3)


def taken_over(timeline: Timeline, path: Path, name: str | None = None, of: Of | None = None) -> Outcome:
    return edited.read(timeline, path, REEL, name=name, of=of, part=None, sport=None)


def three() -> Timeline:
    """A goal, a save and a corner, each in a clip of its own."""
    return match([event(100, team="ARS"), event(400, "save", "Save"), event(700, "corner", "Corner")])


@given(data=st.data())
@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize(("name", "of"), ALL_KINDS)
def test_an_unedited_file_changes_nothing(name: str, of: Of, data: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = st.text(max_size=30)
    kinds = st.sampled_from(["goal", "save", "corner", "odd kind [1]@2"])
    seconds = st.integers(2_000, 10_700_000).map(lambda ms: ms / 1000)
    drawn = data.draw(st.lists(st.tuples(seconds, kinds, text, text, st.integers(1, 60_000)), min_size=1, max_size=6))
    events = [
        replace(event(at_s + 0.5, kind, title=title, player=player), span=Span(at_s, at_s + ms / 1000), title=title)
        for at_s, kind, title, player, ms in sorted(drawn)
    ]
    timeline = match(events, part("a b.mp4", 10_800, rate=data.draw(st.sampled_from(RATES))), rolls=False)
    chosen = formats.choice(name, of, None, Path("x"))
    folder = tmp_path_factory.mktemp("round")
    cuts, _ = formats.cut_list(timeline, chosen, REEL, folder)
    path = exported(timeline, name, folder, of)
    outcome = taken_over(timeline, path, name, of)
    assert outcome == Outcome(timeline)
    assert outcome.timeline is timeline
    rows = formats.FORMATS[name].read(formats.Edited.at(path), cuts)  # type: ignore[misc]
    assert len(rows) == len(cuts.entries)
    if name not in ("csv", "soccernet"):  # a table of the events themselves; instants
        for row, entry in zip(rows, cuts.entries, strict=True):
            first, count = cuts.frames(entry)
            assert abs(cuts.rate.frame_at(row.in_s) - first) <= 1  # by one where the file ends within a frame
            assert abs(cuts.rate.frame_at(row.out_s - row.in_s) - count) <= 1


@pytest.mark.parametrize("name", READ)
def test_the_format_of_a_file_is_detected_from_its_content(name: str, tmp_path: Path) -> None:
    path = exported(three(), name, tmp_path)
    assert formats.recognised(formats.Edited.at(path)) == name
    of = formats.FORMATS[name].kinds[0]
    assert taken_over(three(), path) == taken_over(three(), path, name, of)


@pytest.mark.parametrize("name", READ)
def test_a_file_saved_with_windows_line_endings_carries_no_changes(name: str, tmp_path: Path) -> None:
    path = exported(three(), name, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert taken_over(three(), path, name).changes == ()


def test_the_command_line_names_every_format_of_the_table() -> None:
    assert set(FormatName().choices) == set(formats.FORMATS)


@pytest.mark.parametrize("name", [name for name in READ if not formats.FORMATS[name].one_file])
def test_two_files_of_one_name_are_told_apart(name: str, tmp_path: Path) -> None:
    halves = part("first & 1/match.mp4", 3000), part("second/match.mp4", 3000, 3000.0)
    timeline = match([event(100), event(3100), event(3500, "save", "Save")], *halves)
    path = exported(timeline, name, tmp_path, "source")
    assert taken_over(timeline, path, name, "source") == Outcome(timeline)
    chosen = formats.choice(name, "source", None, path)
    rows = formats.FORMATS[name].read(formats.Edited.at(path), formats.cut_list(timeline, chosen, REEL, path)[0])  # type: ignore[misc]
    assert [row.medium for row in rows] == [0, 1, 1]


def edit_otio(path: Path) -> None:
    timeline = otio.adapters.read_from_file(str(path), "otio_json")
    goal, save, corner = timeline.video_tracks()[0]
    shown = goal.source_range
    goal.source_range = otio.opentime.TimeRange(shown.start_time + time(10), shown.duration - time(15))
    corner.name = "Corner by Rice"
    new = corner.clone()
    new.name, new.metadata["highlights"] = "Penalty", {}
    new.markers.clear()
    new.source_range = otio.opentime.TimeRange(time(50_000), time(250))
    timeline.video_tracks()[0].remove(save)
    timeline.video_tracks()[0].append(new)
    otio.adapters.write_to_file(timeline, str(path), "otio_json")


def time(frames: int) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frames, 25)


def edit_fcpxml(path: Path) -> None:
    document = etree.parse(path)
    goal, save, corner = document.findall(".//asset-clip")
    goal.set("start", f"{Fraction(goal.get('start')[:-1]) + Fraction(10, 25)}s")
    goal.set("duration", f"{Fraction(goal.get('duration')[:-1]) - Fraction(15, 25)}s")
    corner.set("name", "Corner by Rice")
    spine = save.getparent()
    spine.remove(save)
    etree.SubElement(spine, "asset-clip", ref="r0", name="Penalty", offset="0s", start="2000s", duration="10s")
    document.write(path, xml_declaration=True, encoding="UTF-8")


def edit_premiere(path: Path) -> None:
    document = etree.parse(path)
    goal, save, corner = document.findall(".//video/track/clipitem")
    goal.find("in").text = str(int(goal.findtext("in")) + 10)
    goal.find("out").text = str(int(goal.findtext("out")) - 5)
    corner.find("name").text = "Corner by Rice"
    new = etree.fromstring("<clipitem><name>Penalty</name><in>50000</in><out>50250</out><file id='file-1'/></clipitem>")
    save.getparent().replace(save, new)
    document.write(path, xml_declaration=True, encoding="UTF-8")


def edit_edl(path: Path) -> None:
    blocks = re.split(r"(?m)^(?=\d{3}  )", path.read_text())
    head, goal, _, corner = blocks
    first, rest = goal.split("\n", 1)
    in_, out = re.findall(r"\d\d:\d\d:\d\d:\d\d", first)[:2]
    goal = first.replace(in_, moved(in_, 10)).replace(out, moved(out, -5)) + "\n" + rest
    corner = re.sub(r"(?m)GREEN .*$", "GREEN Corner by Rice", corner)
    added = "004  MATCH    V     C        00:33:20:00 00:33:30:00 01:01:00:00 01:01:10:00\n* LOC: 01:01:00:00 RED Penalty\n"
    path.write_text(head + goal + corner + added)


def moved(code: str, frames: int) -> str:
    return otio.opentime.to_timecode(otio.opentime.from_timecode(code, 25) + time(frames), 25, False)


def edit_losslesscut(path: Path) -> None:
    project = json5.loads(path.read_text(encoding="utf-8"))
    goal, save, corner = project["cutSegments"]
    goal["start"] += 0.4
    goal["end"] -= 0.2
    corner["name"] = "Corner by Rice"
    save["selected"] = False
    project["cutSegments"].append({"start": 2000, "end": 2010, "name": "Penalty"})
    path.write_text(json5.dumps(project, indent=2, quote_keys=False, trailing_commas=True), encoding="utf-8")


def edit_table(path: Path) -> None:
    head, goal, _, corner = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    goal[0] = f"{float(goal[0]) + 0.4:.3f}"
    goal[1] = f"{float(goal[1]) - 0.2:.3f}"
    corner[2] = "Corner by Rice"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, goal, corner, ["2000", "2010", "Penalty"]])


def edit_sportscode(path: Path) -> None:
    document = etree.parse(path)
    goal, save, corner = document.findall(".//instance")
    goal.find("start").text = f"{float(goal.findtext('start')) + 0.4:.3f}"
    goal.find("end").text = f"{float(goal.findtext('end')) - 0.2:.3f}"
    corner.find("code").text = "Corner by Rice"
    new = etree.fromstring("<instance><ID>9</ID><start>2000</start><end>2010</end><code>Penalty</code></instance>")
    save.getparent().replace(save, new)
    document.write(path)


EDITS = {
    "otio": edit_otio,
    "fcpxml": edit_fcpxml,
    "premiere": edit_premiere,
    "edl": edit_edl,
    "losslesscut": edit_losslesscut,
    "losslesscut-csv": edit_table,
    "sportscode": edit_sportscode,
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_file_gives_the_edited_decisions(name: str, tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, name, tmp_path)
    EDITS[name](path)
    outcome = taken_over(timeline, path)
    goal, corner, penalty = outcome.timeline.events
    old = timeline.clips[GOAL].span
    assert goal == replace(timeline.events[GOAL], shown=Span(old.start_s + 0.4, old.end_s - 0.2))
    assert corner == replace(timeline.events[CORNER], title="Corner by Rice")
    assert (penalty.name, penalty.title, penalty.status, penalty.shown) == (
        "penalty_kick",
        "Penalty",
        "added",
        Span(2000, 2010),
    )
    [save] = outcome.timeline.near_misses
    assert (save.name, save.status) == ("save", "rejected")
    assert [clip.span for clip in outcome.timeline.clips] == [goal.shown, timeline.clips[CORNER].span, penalty.shown]
    assert len(outcome.changes) == 4
    assert outcome.unused == ()


def rewrite(path: Path, change: Any) -> None:
    """The timeline's table with its rows changed as a spreadsheet would save them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, rows[0], delimiter=";")
        table.writeheader()
        table.writerows(rows)


def test_a_table_saved_by_a_spreadsheet_program_keeps_every_word(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "csv", tmp_path)

    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        rows[GOAL] |= {"team": "CHE", "player": "'=Palmer", "start_s": "95,5", "status": "accepted"}
        rows[SAVE]["status"] = "rejected"
        rows[CORNER] |= {"name": "free_kick", "title": "Free kick"}
        return [*rows, dict.fromkeys(rows[0], "") | {"title": "Shot", "start_s": "2000", "end_s": "2003"}]

    rewrite(path, change)
    goal, corner, shot = taken_over(timeline, path).timeline.events
    assert (goal.team, goal.player, goal.status) == ("CHE", "=Palmer", "accepted")
    assert goal.shown == Span(95.5, timeline.clips[GOAL].span.end_s)
    assert corner == replace(timeline.events[CORNER], name="free_kick", title="Free kick")
    assert (shot.name, shot.status, shot.shown) == ("shot", "added", Span(2000, 2003))


def test_soccernets_labels_move_an_instant_and_add_one_with_the_rolls_of_its_kind(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "soccernet", tmp_path)
    told = json.loads(path.read_text())
    goal, _, corner = told["annotations"]
    goal["position"] = "103000"
    corner["label"] = "Offside"
    new = {"gameTime": "1 - 33:20", "label": "Red card", "position": "2000000", "team": "home", "visibility": "visible"}
    told["annotations"] = [goal, corner, new]
    path.write_text(json.dumps(told))
    events = taken_over(timeline, path).timeline.events
    old = timeline.clips[GOAL].span
    assert events[0].shown == Span(old.start_s + 3, old.end_s + 3)
    assert [e.name for e in events] == ["goal", "offside", "red_card"]
    assert (events[2].peak_s, events[2].shown) == (2000, Span(1988, 2006))


@pytest.mark.parametrize("name", ["webvtt", "srt"])
def test_edited_captions_give_times_and_titles(name: str, tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, name, tmp_path, "source")
    cues = path.read_text(encoding="utf-8").replace("00:01:31", "00:01:33").replace("Corner", "Corner by Rice").split("\n\n")
    path.write_text("\n\n".join(cue for cue in cues if "Save" not in cue), encoding="utf-8")
    outcome = taken_over(timeline, path, name, "source")
    assert [e.title for e in outcome.timeline.events] == ["Goal", "Corner by Rice"]
    assert outcome.timeline.events[0].shown == Span(93, timeline.clips[GOAL].span.end_s)


def test_a_trim_in_the_reel_is_a_trim_in_the_match(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "losslesscut", tmp_path, "reel")
    project = json.loads(path.read_text())
    project["cutSegments"][SAVE]["start"] += 2
    path.write_text(json.dumps(project))
    shown = taken_over(timeline, path, None, "reel").timeline.events[SAVE].shown
    old = timeline.clips[SAVE].span
    assert shown == Span(old.start_s + 2, old.end_s)


def test_without_our_marks_events_are_matched_by_names_and_times(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "fcpxml", tmp_path)
    edit_fcpxml(path)
    path.write_text(re.sub(r" ?\[[^\]]*@[^\]]*\]", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    events = taken_over(timeline, path).timeline.events
    assert [(e.title, e.shown is not None) for e in events] == [("Goal", True), ("Corner by Rice", False), ("Penalty", True)]


@pytest.mark.parametrize(
    ("name", "adapter"), [("otio", "otio_json"), ("premiere", "fcp_xml"), ("fcpxml", "fcpx_xml"), ("edl", "cmx_3600")]
)
def test_opening_and_saving_a_list_in_another_program_is_not_a_decision(name: str, adapter: str, tmp_path: Path) -> None:
    timeline = match([event(100), event(400, "save", "Save")], part(tmp_path / "a b.mp4"))
    opened = otio.adapters.read_from_file(str(exported(timeline, "otio", tmp_path)), "otio_json")
    for track in opened.audio_tracks() if name == "edl" else ():
        opened.tracks.remove(track)
    path = tmp_path / "saved"
    path.write_text(otio.adapters.write_to_string(opened, adapter), encoding="utf-8")
    assert taken_over(timeline, path) == Outcome(timeline)


def test_a_dissolve_in_an_edl_is_one_piece_without_its_empty_start(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "edl", tmp_path)
    cut = next(line for line in path.read_text().splitlines() if line.startswith("002"))
    in_ = cut.split()[4]
    faded = f"002  MATCH    V     C        {in_} {in_} 01:00:22:00 01:00:22:00\n{cut.replace(' C    ', ' D 012', 1)}"
    path.write_text(path.read_text().replace(cut, faded))
    assert taken_over(timeline, path) == Outcome(timeline)


def test_final_cut_saves_a_folder_and_others_save_utf_16(tmp_path: Path) -> None:
    timeline, folder = three(), tmp_path / "match.fcpxmld"
    folder.mkdir()
    text = exported(timeline, "fcpxml", tmp_path).rename(folder / "Info.fcpxml").read_text(encoding="utf-8")
    assert taken_over(timeline, folder) == Outcome(timeline)
    (tmp_path / "wide.xml").write_text(text.replace("UTF-8", "UTF-16"), encoding="utf-16")
    assert taken_over(timeline, tmp_path / "wide.xml") == Outcome(timeline)


def test_other_writers_of_codes_and_captions_are_understood(tmp_path: Path) -> None:
    timeline, saved = three(), tmp_path / "saved"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # kloppy leaves its copy of the file open
        sportscode.save(sportscode.load(str(exported(timeline, "sportscode", tmp_path))), str(saved))
    assert taken_over(timeline, saved) == Outcome(timeline)
    webvtt.read(str(exported(timeline, "webvtt", tmp_path, "source"))).save(str(saved) + ".vtt")
    assert taken_over(timeline, tmp_path / "saved.vtt", None, "source") == Outcome(timeline)
    saved.write_text(srt.compose(srt.parse(exported(timeline, "srt", tmp_path).read_text())))
    assert taken_over(timeline, saved) == Outcome(timeline)


@pytest.mark.parametrize(
    ("name", "pattern", "instead"),
    [
        ("edl", r"\* (LOC|COMMENT): .*\n", ""),
        ("otio", r'"name": "(Goal|Save|Corner)"', '"name": "match.mp4"'),
        ("premiere", r"<name>(Goal|Save|Corner)</name>", "<name>match</name>"),
        ("fcpxml", r' name="(Goal|Save|Corner)"', ' name=""'),
        ("sportscode", r"<label>.*?</label>", ""),
        ("losslesscut", r'"tags": \{[^}]*\},', ""),
    ],
)
def test_a_field_that_a_format_cannot_hold_is_not_a_decision(name: str, pattern: str, instead: str, tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, name, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert re.search(pattern, text)
    path.write_text(re.sub(pattern, instead, text), encoding="utf-8")
    assert taken_over(timeline, path) == Outcome(timeline)


def test_labels_of_sportscode_carry_team_player_and_verdict(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "sportscode", tmp_path)
    text = path.read_text(encoding="utf-8").replace("<text>ARS</text>", "<text>CHE</text>")
    head, save = text.split("<code>Save</code>", 1)
    path.write_text(
        head + "<code>Save</code>" + save.replace("<text>found</text>", "<text>Rejected</text>", 1), encoding="utf-8"
    )
    outcome = taken_over(timeline, path)
    assert outcome.timeline.events == (replace(timeline.events[GOAL], team="CHE"), timeline.events[CORNER])
    assert outcome.changes == ("1:40 Goal: team 'CHE'", "6:40 Save: rejected")


def test_a_clip_cut_in_two_is_the_event_and_an_added_one(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "otio", tmp_path)
    told = otio.adapters.read_from_file(str(path), "otio_json")
    goal = told.video_tracks()[0][0]
    shown, second = goal.source_range, goal.clone()
    goal.source_range = otio.opentime.TimeRange(shown.start_time, time(300))
    second.source_range = otio.opentime.TimeRange(shown.start_time + time(400), shown.duration - time(400))
    told.video_tracks()[0].insert(1, second)
    otio.adapters.write_to_file(told, str(path), "otio_json")
    events = taken_over(timeline, path).timeline.events
    old = timeline.clips[GOAL].span
    assert [(e.name, e.status, e.shown) for e in events[:2]] == [
        ("goal", "found", Span(old.start_s, old.start_s + 12)),
        ("goal", "added", Span(old.start_s + 16, old.end_s)),
    ]


def test_a_clip_that_shows_two_events_is_trimmed_for_both_and_renamed_for_neither(tmp_path: Path) -> None:
    timeline = match([event(100), event(112, "save", "Save")])
    path = exported(timeline, "losslesscut", tmp_path, "reel")
    project = json.loads(path.read_text())
    [segment] = project["cutSegments"]
    segment["name"], segment["end"] = "Chaos", segment["end"] - 2
    path.write_text(json.dumps(project))
    outcome = taken_over(timeline, path, None, "reel")
    assert [clip.span.end_s for clip in outcome.timeline.clips] == [timeline.clips[0].span.end_s - 2]
    assert [e.title for e in outcome.timeline.events] == ["Goal", "Save"]
    assert outcome.unused == ("segment 1: it shows several events, so its texts cannot be taken over",)


def test_a_rejected_event_that_is_listed_again_is_accepted(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "losslesscut", tmp_path)
    whole = path.read_text()
    edit_losslesscut(path)
    without = taken_over(timeline, path).timeline
    path.write_text(whole)
    again = taken_over(without, path).timeline
    assert [(e.name, e.status) for e in again.events][SAVE] == ("save", "accepted")


def test_clips_of_another_file_are_reported_and_skipped(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "otio", tmp_path)
    told = json.loads(path.read_text())
    stranger = json.loads(json.dumps(told["tracks"]["children"][0]["children"][0]))
    stranger["metadata"], stranger["markers"] = {}, []
    stranger["media_references"]["DEFAULT_MEDIA"]["target_url"] = "file:///holiday.mp4"
    told["tracks"]["children"][0]["children"].append(stranger)
    path.write_text(json.dumps(told))
    outcome = taken_over(timeline, path)
    assert outcome == Outcome(timeline, (), ("clip 4: names a file that does not belong to this match",))


@pytest.mark.parametrize("name", ["losslesscut", "sportscode", "otio"])
def test_a_replay_that_is_trimmed_or_removed_is_reported_and_rejects_nothing(name: str, tmp_path: Path) -> None:
    timeline = three()
    replay = Clip(Span(120, 130), (GOAL,), "Goal, replay", replay=True)
    timeline = replace(timeline, clips=(timeline.clips[GOAL], replay, *timeline.clips[SAVE:]))
    path = exported(timeline, name, tmp_path, "reel")
    assert taken_over(timeline, path, name, "reel") == Outcome(timeline)
    path.write_text(path.read_text(encoding="utf-8").replace("Goal, replay", "Again"), encoding="utf-8")
    outcome = taken_over(timeline, path, name, "reel")
    assert outcome.timeline is timeline
    assert [line.split(": ")[1] for line in outcome.unused] == ["it shows several events, so its texts cannot be taken over"]


def test_a_clip_without_an_event_changes_nothing(tmp_path: Path) -> None:
    timeline = replace(three(), clips=(*three().clips, Clip(Span(900, 910), (), "Sunset")))
    path = exported(timeline, "otio", tmp_path)
    assert taken_over(timeline, path) == Outcome(timeline)
    path.write_text(path.read_text(encoding="utf-8").replace("Sunset", "Dusk"), encoding="utf-8")
    assert taken_over(timeline, path).timeline is timeline


@pytest.mark.parametrize(("name", "of"), [("csv", None), ("html", None), ("srt", None), ("otio", "reel")])
def test_one_file_alone_is_refused_where_the_whole_match_is_written(name: str, of: Of | None, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is written for the whole match; leave out --part"):
        exported(three(), name, tmp_path, of, part=1)


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><{root}>&b;</{root}>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><{root}>&a;</{root}>'
XML = {"fcpxml": "fcpxml", "premiere": "xmeml", "sportscode": "file"}


@pytest.mark.parametrize(("name", "root"), XML.items())
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "line 1: defines entities, which are refused"),
        (OUTSIDE, "line 1: defines entities, which are refused"),
        ("<{root}>\n<a></{root}>", r"line 2: is not well-formed XML \(mismatched tag\)"),
        ("<{root}>" + "<a>" * 200, "line 1: is nested deeper than 100 elements"),
        ("<html/>", "is XML, but begins with"),
        ("", r"line 1: is not well-formed XML \(no element found\)"),
    ],
)
def test_hostile_xml_is_refused_with_its_line(name: str, root: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "edited.xml"
    path.write_text(text.format(root=root))
    with pytest.raises(FormatError, match=f"edited.xml: {said}"):
        taken_over(three(), path, name)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("otio", "{", "is not JSON"),
        ("otio", "[" * 100_000, "is not JSON"),
        ("otio", '{"OTIO_SCHEMA": "Clip.2"}', "is JSON, but not an OpenTimelineIO timeline"),
        ("losslesscut", "{cutSegments: [{start: 1e99, end: 2}]}", "segment 1: '1e.99' is not a time in seconds"),
        ("losslesscut", "{cutSegments: [{start: Infinity, end: 2}]}", "segment 1: 'Infinity' is not a time in seconds"),
        ("losslesscut", "{cutSegments: []}", "shows none of the 3 clips of this timeline: it is not an export of it"),
        ("losslesscut", "{cutSegments: [{start: 1, end: 2}]}", "shows none of the 3 clips of this timeline"),
        ("losslesscut", "{cutSegments: [\n`x`]}", "line 2: is not JSON5: unexpected '`x`]}'"),
        ("losslesscut", "{cutSegments: 3}", "is not a LosslessCut project: it has no list `cutSegments`"),
        ("losslesscut-csv", "Start,End,Name\n1,x,Goal\n", "line 2: 'x' is not a time in seconds"),
        ("csv", "name,title\ngoal,Goal\n", "the columns start_s and end_s are missing"),
        ("edl", "hello", "is not a CMX 3600 list"),
        (
            "edl",
            "TITLE: x\n001 AX V C 00:00:00:77 00:00:01:00 00:00:00:00 00:00:01:00\n",
            "line 2: '00:00:00:77' is not a time code",
        ),
        ("srt", "hello", "has no line such as"),
        ("soccernet", '{"annotations": [{"label": "Own goal"}]}', "annotation 1: 'Own goal' is not a SoccerNet class"),
        ("youtube", "0:00 Goal", "youtube cannot be imported"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(name: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "edited"
    path.write_text(text)
    with pytest.raises(FormatError, match=f"edited: {said}"):
        edited.read(three() if name != "youtube" else long(), path, REEL, name=name, of=None, part=None, sport=None)


@pytest.mark.parametrize(
    ("segment", "said"),
    [
        ({"start": 5, "end": 2}, "segment 4: a span needs 0 <= start < end, got 5.0 and 2.0"),
        ({"start": 9e5, "end": 9.1e5}, "segment 4: .*the recording ends at 3000 s"),
    ],
)
def test_an_added_clip_outside_the_recording_is_refused(segment: dict[str, float], said: str, tmp_path: Path) -> None:
    path = exported(three(), "losslesscut", tmp_path)
    project = json.loads(path.read_text())
    project["cutSegments"].append(segment)
    path.write_text(json.dumps(project))
    with pytest.raises(FormatError, match=f"list.llc: {said}"):
        taken_over(three(), path)


def long() -> Timeline:
    return match([event(100.0 * n) for n in range(1, 8)])


def test_a_binary_missing_or_too_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edited.otio"
    with pytest.raises(FormatError, match="cannot be read"):
        taken_over(three(), path)
    path.write_bytes(b"\x80\x81" * 10)
    with pytest.raises(FormatError, match="is not UTF-8 text"):
        taken_over(three(), path)
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(FormatError, match="too large for a list of clips"):
        taken_over(three(), path)


def test_json5_is_read_as_by_an_independent_library(tmp_path: Path) -> None:
    from highlights.export.losslesscut import _json5

    text = r"""// a project
    {version: 2, 'single': 'it\'s "q" \u00e9\x41 \
joined', "double": "a 'b' \\ \" /", nums: [+1, .5, 5., -0.25e2, 1E3,], /* c */ on: true, off: null, $a_1: [],}"""
    path = tmp_path / "x.llc"
    assert _json5(formats.Edited(path, text)) == json5.loads(text)


def named(events: tuple[Event, ...]) -> list[str]:
    return [e.name for e in events]


def test_the_commands_export_a_list_and_import_it(tmp_path: Path) -> None:
    timeline, listed = tmp_path / "timeline.json", tmp_path / "list.llc"
    timeline_json.write(three(), timeline)
    run = CliRunner()
    done = run.invoke(main, ["export", str(timeline), "--to", "losslesscut", "--out", str(listed)])
    assert (done.exit_code, done.stdout) == (0, f"{listed}\n")
    done = run.invoke(main, ["import", str(timeline), str(listed)])
    assert (done.exit_code, done.stdout) == (0, "no changes\n")
    edit_losslesscut(listed)
    done = run.invoke(main, ["import", str(timeline), str(listed), "--out", str(tmp_path / "new.json")])
    assert done.exit_code == 0, done.output
    assert "6:40 Save: rejected" in done.stdout.splitlines()
    assert named(timeline_json.read(tmp_path / "new.json").events) == ["goal", "corner", "penalty_kick"]
    assert named(timeline_json.read(timeline).events) == ["goal", "save", "corner"]
    listed.write_text("{")
    done = run.invoke(main, ["import", str(timeline), str(listed), "--from", "losslesscut"])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


def with_markers(path: Path, *markers: dict[str, object], without_end: int | None = None) -> None:
    """Add markers to a LosslessCut project; optionally make one of its segments a marker."""
    project = json.loads(path.read_text(encoding="utf-8"))
    project["cutSegments"] += markers
    if without_end is not None:
        del project["cutSegments"][without_end]["end"]
    path.write_text(json.dumps(project), encoding="utf-8")


def test_a_marker_is_the_instant_of_an_event(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "losslesscut", tmp_path)
    with_markers(path, {"start": 2000, "name": "Penalty"}, {"start": 2500.5, "end": None, "name": "Nice move"})
    outcome = taken_over(timeline, path)
    assert outcome.unused == ()
    added = outcome.timeline.events[3:]
    assert [(e.name, e.title, e.peak_s) for e in added] == [
        ("penalty_kick", "Penalty", 2000),
        ("nice_move", "Nice move", 2500.5),
    ]
    assert all(e.span.holds(e.peak_s) and e.span.length_s > 5 for e in added)
    assert outcome.timeline.events[:3] == timeline.events


def test_a_marker_at_an_event_that_is_there_is_reported(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "losslesscut", tmp_path)
    with_markers(path, {"start": 100.2, "name": "Goal"}, without_end=SAVE)
    outcome = taken_over(timeline, path)
    assert outcome.timeline is timeline
    assert outcome.unused == ("segment 2: has no end, so 'Save' stays as it was", "segment 4: marks 1:40 Goal, which is there")


def test_markers_of_a_table_are_instants(tmp_path: Path) -> None:
    timeline = three()
    path = exported(timeline, "losslesscut-csv", tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "2000,,Penalty\r\n", encoding="utf-8")
    assert [e.name for e in taken_over(timeline, path).timeline.events] == ["goal", "save", "corner", "penalty_kick"]


def as_excel_saves(path: Path, *, sep: bool = False) -> None:
    """Write a table again with semicolons, decimal commas, a byte order mark, capitals in its head, blanks, and empty cells."""
    head, *lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    rows = [[f"{name.capitalize()} " for name in head]]
    rows += [[re.sub(r"^(\d+)\.(\d+)$", r"\1,\2", cell) + " " for cell in line] for line in lines]
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([*([*row, "", ""] for row in rows), [""] * 5])
    path.write_text(("sep=;\r\n" if sep else "") + text.getvalue(), encoding="utf-8-sig", newline="")


@pytest.mark.parametrize("sep", [False, True], ids=["plain", "sep="])
@pytest.mark.parametrize("name", ["csv", "losslesscut-csv"])
def test_a_table_that_excel_saved_is_no_change(name: str, sep: bool, tmp_path: Path) -> None:
    timeline = match([event(100, team="ARS", player="Saka"), event(400, "save", "Save")])
    path = exported(timeline, name, tmp_path)
    as_excel_saves(path, sep=sep)
    assert taken_over(timeline, path) == Outcome(timeline)
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("Saka", "Rice"), encoding="utf-8-sig", newline="")
    assert taken_over(timeline, path).timeline.events[0].player == "Rice"


def test_decisions_and_times_written_in_excel_are_taken_over(tmp_path: Path) -> None:
    timeline = match([event(1100, team="ARS"), event(1400, "save", "Save")])
    path = exported(timeline, "csv", tmp_path)
    as_excel_saves(path)
    text = path.read_text(encoding="utf-8-sig").replace("found ", "Accepted ", 1).replace("1399,000", "1.398,5")
    path.write_text(text, encoding="utf-8-sig", newline="")
    goal, save = taken_over(timeline, path).timeline.events
    assert goal.status == "accepted"
    assert save.shown is not None
