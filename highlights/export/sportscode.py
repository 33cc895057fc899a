"""Sportscode XML edit list (`.xml`): Hudl Sportscode, Nacsport, Wyscout, Metrica, LongoMatch Pro.

Instances with labels, and a coloured row for each code. Hudl's parser does not accept XML entities, an XML declaration or
indentation, so `&` and angle brackets are spelled out.

Source: Hudl's manual of Sportscode, "XML Edit List"; files that kloppy writes and reads.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from highlights.export.cut_list import CutList, Entry
from highlights.export.naming import marks_in, one_line
from highlights.export.row import LONGEST_WORDS, Edited, EditedRow, placed
from highlights.export.xml_text import child, text_of

COLOURS = (
    (0xE6, 0x19, 0x4B),
    (0x3C, 0xB4, 0x4B),
    (0x43, 0x63, 0xD8),
    (0xF5, 0x82, 0x31),
    (0x91, 0x1E, 0xB4),
    (0x42, 0xD4, 0xF4),
    (0xF0, 0x32, 0xE6),
    (0xBF, 0xEF, 0x45),
)
"""Easy to tell apart; 8 bits a channel, the format has 16."""
GROUPS = {"Team": "team", "Player": "player", "Score": "score", "Status": "status"}
"""Label groups, and the event's text in each."""
MARKS = "Event"


def text(cuts: CutList) -> str:
    """The list as instances."""
    root = Element("file")
    instances = child(root, "ALL_INSTANCES")
    for number, entry in enumerate(cuts.entries, 1):
        _instance(instances, cuts, entry, number)
    rows_ = child(root, "ROWS")
    for number, code in enumerate(dict.fromkeys(_code(entry) for entry in cuts.entries)):
        row = child(rows_, "row")
        child(row, "code", code)
        for tag, level in zip("RGB", COLOURS[number % len(COLOURS)], strict=True):
            child(row, tag, level * 0x101)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _instance(instances: Element, cuts: CutList, entry: Entry, number: int) -> None:
    made = child(instances, "instance")
    child(made, "ID", number)
    for tag, time_s in zip(("start", "end"), cuts.clock_s(entry), strict=True):
        child(made, tag, f"{float(time_s):.3f}")
    child(made, "code", _code(entry))
    labels = [(group, getattr(cuts.events[n], name)) for n in entry.events for group, name in GROUPS.items()]
    for group, words in [*dict.fromkeys(labels), *((MARKS, f"[{mark}]") for mark in cuts.marks_of(entry))]:
        if _spelled(words):
            label = child(made, "label")
            child(label, "group", group)
            child(label, "text", _spelled(words))


def _code(entry: Entry) -> str:
    return _spelled(entry.title) or "Clip"


def _spelled(words: str) -> str:
    """The text without characters that XML would write as entities.

    >>> _spelled("Brighton & Hove <U21>")
    'Brighton and Hove (U21)'
    """
    return one_line(words.replace("&", " and ").replace("<", "(").replace(">", ")"))


def rows(edited: Edited, cuts: CutList) -> list[EditedRow]:
    """The instances, without rejected ones.

    Raises:
        FormatError: the file is not an edit list, or an instance is invalid.
    """
    root = edited.xml("file")
    found = [instance for instances in root.iter("ALL_INSTANCES") for instance in instances.iter("instance")]
    listed = (_row(edited, cuts, instance, f"instance {number}") for number, instance in enumerate(found, 1))
    return [row for row in listed if row.words.get("status", "").lower() != "rejected"]


def _row(edited: Edited, cuts: CutList, instance: Element, place: str) -> EditedRow:
    start_s, end_s = (edited.seconds(text_of(instance, tag), place) for tag in ("start", "end"))
    labels = [(text_of(label, "group"), text_of(label, "text")) for label in instance.iter("label")]
    words = {"title": text_of(instance, "code")[:LONGEST_WORDS]}
    for group, name in GROUPS.items() if labels else ():  # some programs drop all labels; that is not a change
        words[name] = next((text for own, text in labels if own == group), "")[:LONGEST_WORDS]
    medium = placed(cuts, start_s)
    begins_s = cuts.media[medium].start_s
    marks = marks_in(" ".join(text for group, text in labels if group == MARKS))
    return EditedRow(place, medium, start_s - begins_s, end_s - begins_s, marks, words)
