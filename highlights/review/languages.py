"""The languages of the pages: one table of words for each, `page/words/de.json`, which the page itself loads."""

from __future__ import annotations

from pathlib import Path

from fastapi.responses import HTMLResponse

WORDS = Path(__file__).with_name("page") / "words"
PLACE = "LANGUAGES"
"""Where a page names the languages it can be shown in."""


def languages() -> list[str]:
    """The languages that there are tables of, as `de`."""
    return sorted(table.stem for table in WORDS.glob("*.json"))


def in_all_languages(page: Path) -> HTMLResponse:
    """A page that knows which languages there are."""
    text = page.read_text("utf-8").replace(f'content="{PLACE}"', f'content="{" ".join(languages())}"')
    return HTMLResponse(text, headers={"cache-control": "no-cache"})
