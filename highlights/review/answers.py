"""Answers as JSON that any name of a file fits in."""

from __future__ import annotations

import json

from starlette.responses import JSONResponse


class Json(JSONResponse):
    """JSON in which bytes of a name that are not UTF-8 are `?`, as in a timeline."""

    def render(self, content: object) -> bytes:
        """The bytes."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
