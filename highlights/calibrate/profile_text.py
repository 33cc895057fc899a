"""The learned values as a profile that extends the old one; beside each stands what it was, and how well it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from highlights.calibrate.calibration import Calibrated, Kind
from highlights.calibrate.examples import weight
from highlights.errors import HighlightsError, OutputError
from highlights.media.aside import write_aside
from highlights.profile import load


def write(calibrated: Calibrated, extended: str, target: Path) -> None:
    """Write the profile, which extends the one named `extended`, into the new file `target`.

    Raises:
        OutputError: the file exists already, or cannot be written.
        HighlightsError: nothing that was learned is better than the profile.
    """
    if target.exists():
        raise OutputError(target, "exists already: choose another name with --out, or remove it first")
    if not calibrated.changed:
        raise HighlightsError("no value that was learned is better than the profile's on other matches, so none is written")
    with write_aside(target) as aside:
        aside.write_text("\n".join(_lines(calibrated, extended)) + "\n", encoding="utf-8")
        load(str(aside))


def _lines(calibrated: Calibrated, extended: str) -> Iterator[str]:
    yield f"# Learned by `highlights calibrate` from {calibrated.matches} reviewed matches; give its path as --sport to use it."
    yield "# F1 and log loss are those of matches that the values were not learned from; a lower log loss is better."
    yield f"extends: {json.dumps(extended, ensure_ascii=False)}"
    yield ""
    yield "events:"
    for kind in calibrated.changed:
        yield from _kind(kind)


def _kind(kind: Kind) -> Iterator[str]:
    yield f"  - name: {kind.rule.name}"
    learned = kind.learned
    if learned and learned.better:
        yield f"    # {kind.yes} accepted or added, {kind.no} rejected, in {kind.matches} matches:"
        yield f"    # {learned.quality}"
        if learned.weights:
            yield "    signals:"
        for signal, value in learned.weights.items():
            yield f"      {signal}: {{ weight: {value:g} }}  # was {weight(kind.rule, signal):g}"
        yield f"    threshold: {learned.threshold:g}  # was {kind.rule.threshold:g}"
    if kind.rolls:
        pre_s, post_s = kind.rolls
        yield f"    # the median of {kind.trimmed} clips whose edges were set by hand"
        yield f"    pre_roll_s: {pre_s:g}  # was {kind.rule.pre_roll_s:g}"
        yield f"    post_roll_s: {post_s:g}  # was {kind.rule.post_roll_s:g}"
