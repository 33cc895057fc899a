"""`highlights calibrate`: a profile that fits one's own matches."""

from __future__ import annotations

from pathlib import Path

import click

from highlights.cli.group import Command
from highlights.cli.options import FILE


@click.command(cls=Command)
@click.argument("reviewed", type=FILE)
@click.option("--profile", "name", default="soccer", show_default=True, help="The profile with which the matches were run.")
@click.option("--out", type=FILE, help="File to write; by default the profile's name with _calibrated.yaml, in this folder.")
def calibrate(reviewed: Path, name: str, out: Path | None) -> None:
    """Learn a profile's weights, thresholds and rolls from matches that you reviewed.

    REVIEWED is a folder with the results of reviewed matches. Events that you accepted or added happened, those that you
    rejected did not; clips that you trimmed tell the rolls. What is learned is checked on matches that it was not learned
    from, and written only where it is better there.
    """
    from highlights.calibrate import calibration, examples, profile_text
    from highlights.profile import load

    profile, target = load(name), out or Path(f"{Path(name).stem}_calibrated.yaml")
    learned = calibration.calibrate(examples.read(reviewed, profile.sport), profile)
    for kind in learned.kinds:
        click.echo(f"{kind.rule.name}: {kind.summary}")
    extended = str(Path(name).absolute()) if Path(name).suffix else name
    profile_text.write(learned, extended, target)
    click.echo(str(target))
