"""The words of the pages: one table for each language, which has every word that the pages use and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from highlights.app import addresses
from highlights.review import app, languages
from tests.support.served import make_match, served

PAGES = (app.PAGE, addresses.PAGE)
STRING = re.compile(r'"([^"\n]*)"')
IN_HTML = re.compile(r'data-t(?:-label|-title|-placeholder)?="([^"]*)"')
COMPARED = re.compile(r'[!=]== "[^"]*"')
Entry = str | dict[str, str]


def table(language: str) -> dict[str, Entry]:
    read: dict[str, Entry] = json.loads((languages.WORDS / f"{language}.json").read_text("utf-8"))
    return read


def sources(suffix: str) -> str:
    return "\n".join(file.read_text("utf-8") for page in PAGES for file in sorted(page.glob(f"*{suffix}")))


def first_arguments(script: str) -> Iterator[str]:
    """What each call `t(…)` begins with, up to its first comma, so `cond ? "a" : "b"` too."""
    for call in re.finditer(r"(?<![\w.$])t\(", script):
        depth = 1
        for end in range(call.end(), len(script)):
            depth += (script[end] in "([{") - (script[end] in ")]}")
            if depth == 0 or (depth == 1 and script[end] == ","):
                yield script[call.end() : end]
                break


SCRIPTS = sources(".js")
ARGUMENTS = [COMPARED.sub("", one) for one in first_arguments(SCRIPTS)]
BEGINNINGS = {one[1 : one.index("${")] for one in ARGUMENTS if one.startswith("`")}
"""Of keys that end in the name of something: `status_` for `status_accepted`."""
CALLED = {key for one in ARGUMENTS if not one.startswith("`") for key in STRING.findall(one) if key} | set(
    IN_HTML.findall(sources(".html"))
)
LOOKED_UP = set(STRING.findall(SCRIPTS)) | set(re.findall(r"(\w+):", SCRIPTS))
"""Strings and names in tables of a script, which may be keys: `t(name)`."""


@pytest.mark.parametrize("language", languages.languages())
def test_a_table_has_every_word_of_the_pages_and_no_other(language: str) -> None:
    keys = set(table(language))
    assert CALLED - keys == set()
    assert "" not in BEGINNINGS
    assert {start for start in BEGINNINGS if not any(key.startswith(start) for key in keys)} == set()
    unused = {key for key in keys - CALLED - LOOKED_UP if not key.startswith(tuple(BEGINNINGS))}
    assert unused == set()


@pytest.mark.parametrize("language", languages.languages())
def test_a_table_has_the_keys_the_order_and_the_places_of_the_english_one(language: str) -> None:
    def places(entry: Entry) -> set[str]:
        return {name for text in forms(entry) for name in re.findall(r"\{(\w+)\}", text)}

    english, other = table("en"), table(language)
    assert list(english) == list(other)
    assert {key: places(entry) for key, entry in english.items()} == {key: places(entry) for key, entry in other.items()}
    assert {key for key, entry in other.items() if isinstance(entry, dict) and "other" not in entry} == set()
    assert {key for key, entry in other.items() if not all(text.strip() for text in forms(entry))} == set()


def forms(entry: Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


@pytest.mark.parametrize("page", PAGES, ids=["review", "home"])
def test_a_page_holds_no_words_but_those_of_the_tables(page: Path) -> None:
    body = (page / "index.html").read_text("utf-8").split("<body>")[1]
    texts = [text.strip() for text in re.findall(r">([^<]+)<", body)]
    assert [text for text in texts if re.search(r"[A-Za-z]{2}", text)] == (["Highlights"] if page == addresses.PAGE else [])
    assert re.findall(r' (?:aria-label|title|placeholder|alt)="[^"]+"', body) == []


def test_a_further_language_is_one_further_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("en", "de", "fr"):
        (tmp_path / f"{name}.json").write_text("{}")
    monkeypatch.setattr(languages, "WORDS", tmp_path)
    for page in PAGES:
        assert b'<meta name="languages" content="de en fr">' in languages.in_all_languages(page / "index.html").body


def test_a_review_started_alone_hands_out_its_tables(tmp_path: Path) -> None:
    make_match(tmp_path)
    with served(tmp_path) as page:
        assert b'content="de en"' in page.ask("GET", "/").body
        assert page.get("/words/de.json") == table("de")
        assert page.ask("GET", "/words/..%2fapp.py").status == 404
