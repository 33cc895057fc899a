"""`timeline.csv`: one row per event, for a spreadsheet.

RFC 4180 (commas, CRLF), UTF-8 with a byte order mark: without it Excel garbles team names in most scripts, and other readers
skip it (Python: `encoding="utf-8-sig"`).
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from highlights.media.aside import write_aside
from highlights.records import Event, Moment, Timeline

COLUMNS = (
    *("name", "title", "start_s", "end_s", "peak_s", "start", "game_clock", "period", "score", "team", "player", "status"),
    *("description", "confidence", "why"),
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write(timeline: Timeline, target: Path) -> None:
    """Make `target` the table of the timeline's events.

    Raises:
        OutputError: `target` cannot be written.
    """
    table = io.StringIO(newline="")
    rows = csv.writer(table, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows(_row(event) for event in timeline.events)
    with write_aside(target) as aside:
        aside.write_bytes(table.getvalue().encode("utf-8-sig"))


def _row(event: Event) -> list[str]:
    """The cells of one event, in the order of `COLUMNS`."""
    computed = {
        "start_s": f"{event.span.start_s:.3f}",
        "end_s": f"{event.span.end_s:.3f}",
        "peak_s": f"{event.peak_s:.3f}",
        "start": clock(event.span.start_s),
        "confidence": f"{event.confidence:.3f}",
        "why": inert("; ".join(map(_claim, event.evidence))),
    }
    return [computed[name] if name in computed else inert(getattr(event, name)) for name in COLUMNS]


def _claim(moment: Moment) -> str:
    """Signal, weight and reason of one claim."""
    return f"{moment.signal.replace('_', ' ')} {moment.weight:+.1f}: {moment.because}"


def inert(text: str) -> str:
    """The text escaped so that a spreadsheet never evaluates it: a name read off the picture can begin like a formula.

    Source: OWASP, "CSV Injection".
    """
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def clock(time_s: float) -> str:
    """Seconds as `h:mm:ss.mmm`.

    >>> clock(3723.5)
    '1:02:03.500'
    """
    milliseconds = round(time_s * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
