"""XML written and read: only valid characters are written; entities, external references and deep nesting are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat

from highlights.export.naming import printed

DEEPEST = 100
"""Deepest nesting of elements; editing programs write about twenty levels."""


class XmlError(ValueError):
    """Text that is not well-formed XML, or is refused; `line` says where."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


def child(parent: Element, tag: str, text: object = None, /, **attributes: object) -> Element:
    """A new last child, with text and attributes reduced to what XML can hold."""
    made = SubElement(parent, tag, {name: printed(str(value)) for name, value in attributes.items()})
    if text is not None:
        made.text = printed(str(text))
    return made


def document(root: Element, doctype: str = "") -> str:
    """The text of a whole document, indented."""
    ElementTree.indent(root, "  ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}{ElementTree.tostring(root, encoding="unicode")}\n'


def parsed(text: str) -> Element:
    """The root element of a document.

    Raises:
        XmlError: it is not well-formed, defines entities, or is nested too deeply.
    """
    builder, depth = ElementTree.TreeBuilder(), 0
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def refuse(*_: object) -> NoReturn:
        raise XmlError("defines entities, which are refused; save it without them", parser.CurrentLineNumber)

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise XmlError(f"is nested deeper than {DEEPEST} elements", parser.CurrentLineNumber)
        builder.start(tag, dict(attributes))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise XmlError(f"is not well-formed XML ({expat.ErrorString(error.code)})", error.lineno) from error
    return builder.close()


def text_of(element: Element, path: str) -> str:
    """The text of the first element at a path below, stripped; empty if there is none."""
    return (element.findtext(path) or "").strip()
