"""axe-core: whether a page can be used with a keyboard, a screen reader and poor eyes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SERIOUS = ("serious", "critical")


def check_accessible(page: Page, part: str | None = None, rules: Sequence[str] = ()) -> None:
    """No serious finding of axe-core: on the whole page or in the `part` that a selector names, by all `rules` or by these."""
    from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS, Axe

    axe = Axe("0") if page.evaluate("'axe' in window") else Axe()  # half a megabyte, once for each page
    found = axe.run(page, part, DEFAULT_OPTIONS | ({"runOnly": list(rules)} if rules else {})).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found if one["impact"] in SERIOUS] == []
