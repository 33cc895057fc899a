"""The review page in German: nothing is left in English but kinds and reasons; and both languages for everyone's eyes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from highlights.review.languages import WORDS
from tests.support.axe import check_accessible
from tests.support.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DIALOGS = {
    "cut": "#open-cut",
    "export": "#open-export",
    "keys": "#open-keys",
    "report": "#open-report",
    "profile": "#open-profile",
    "graphic": "#open-graphic",
    "roster": "#open-roster",
    "tag-keys": "#tag-open-keys",
}
TEXTS = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [document.title];
    while (walk.nextNode()) texts.push(walk.currentNode.data);
    for (const name of ["aria-label", "title", "placeholder", "alt"])
        for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name));
    return [...new Set(texts.map(text => text.trim()).filter(Boolean))];
}"""


@contextmanager
def opened(browser: Browser, review: Served, locale: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale=locale, reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(review.link)
    page.wait_for_selector("html[data-ready]")
    yield page
    context.close()
    assert errors == []


def opened_dialogs(page: Page) -> Iterator[str]:
    """Opens each dialog in turn."""
    for name, button in DIALOGS.items():
        page.click(button)
        page.wait_for_selector(f"#{name}[open]")
        yield f"#{name}"
        page.keyboard.press("Escape")
        page.wait_for_selector(f"#{name}", state="hidden")


def only_english(kinds: list[str]) -> re.Pattern[str]:
    """What a German page must not say: English words that are no German ones, and no kinds of events either."""

    def texts(language: str) -> set[str]:
        entries = json.loads((WORDS / f"{language}.json").read_text("utf-8")).values()
        return {text for entry in entries for text in ([entry] if isinstance(entry, str) else entry.values())}

    patterns = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in texts("en") - texts("de") - set(kinds)]
    return re.compile("|".join(pattern for pattern in patterns if re.search(r"[A-Za-z]{2}", pattern)), re.DOTALL)


def test_the_page_speaks_german_to_the_last_dialog(browser: Browser, review: Served) -> None:
    english = only_english([kind["title"] for kind in review.get("/api/state")["kinds"]])
    seen: set[str] = set()
    with opened(browser, review, "de-AT") as page:
        page.locator("#tally").get_by_text("3 Ereignisse · 3 zu prüfen · Film 0:55").wait_for()
        seen |= set(page.evaluate(TEXTS))
        page.keyboard.press("v")
        page.get_by_role("option").filter(has_text="Grenzfall").click()
        page.get_by_role("button", name="Ablehnen", exact=True).click()
        page.locator(".mark.rejected[title=abgelehnt]").wait_for(state="attached")
        assert page.get_by_label("In", exact=True).last.input_value() == "0:33,000"
        assert page.locator("#undo").get_attribute("title") == "Rückgängig: Goal ablehnen (Strg+Z)"
        page.locator("#inspector [name=out_s]").fill("0:44,5")
        page.keyboard.press("Enter")
        page.get_by_text("11,50 s").wait_for()
        seen |= set(page.evaluate(TEXTS))
        page.keyboard.press("b")
        page.keyboard.press("6")
        page.keyboard.press("+")
        page.locator("#tag-last").get_by_text("erfolgreich").wait_for()
        page.locator("#tally").get_by_text("4 Ereignisse").wait_for()
        for _ in opened_dialogs(page):
            seen |= set(page.evaluate(TEXTS))
        assert page.locator("html").get_attribute("lang") == "de"
    assert {"Kader", "Film machen", "Grenzfälle", "Corner taggen", "Strg", "Untertitel (SRT) (.srt)"} <= seen
    assert [text for text in sorted(seen) if english.fullmatch(text)] == []


def test_another_language_is_chosen_on_the_page_and_kept(browser: Browser, review: Served) -> None:
    with opened(browser, review, "fr-FR") as page:  # of which there is no table
        page.keyboard.press("?")
        page.get_by_label("Language").select_option("Deutsch")
        page.get_by_role("button", name="Film machen").wait_for()
        page.reload()
        page.get_by_role("button", name="Film machen").wait_for()


def test_no_text_is_shown_before_it_is_in_the_language_of_the_page(browser: Browser, review: Served) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.route("**/words/de.json", lambda route: None)  # it is still to come
    page.goto(review.link)
    page.wait_for_selector("#toasts", state="attached")
    assert page.locator("#open-cut").is_hidden()
    assert [text for text in page.evaluate(TEXTS) if re.search("[A-Za-z]{2}", text)] == []
    context.close()


@pytest.mark.parametrize("locale", [pytest.param("en-GB", marks=pytest.mark.long), "de-DE"])
def test_axe_finds_nothing_serious_in_light_and_dark_with_any_dialog_open(
    browser: Browser, review: Served, locale: str
) -> None:
    def check(part: str | None = None) -> None:
        page.emulate_media(color_scheme="light")
        check_accessible(page, part)
        page.emulate_media(color_scheme="dark")
        check_accessible(page, part, ["color-contrast"])  # all else is the same in the dark

    with opened(browser, review, locale) as page:
        check()
        page.keyboard.press("ArrowDown")
        page.wait_for_selector("#inspector [name=title]")
        check("#inspector")
        page.keyboard.press("b")
        page.keyboard.press("6")
        page.wait_for_selector("#tag-last")
        check("#tagging")
        for dialog in opened_dialogs(page):
            check(dialog)
