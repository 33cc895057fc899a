"""`highlights profiles`: the event profiles."""

from __future__ import annotations

import json
from pathlib import Path

import click

from highlights.cli.group import Group
from highlights.cli.options import FILE


@click.group(cls=Group)
def profiles() -> None:
    """List, check and write event profiles."""


@profiles.command("list")
def profiles_list() -> None:
    """List the available profiles."""
    from highlights import profile
    from highlights.cli import show

    show.profiles(profile.names())


@profiles.command("show")
@click.argument("name")
def profiles_show(name: str) -> None:
    """Print the file of a profile."""
    from highlights import profile

    click.echo(profile.source_text(name), nl=False)


@profiles.command("check")
@click.argument("path", metavar="NAME_OR_FILE")
def profiles_check(path: str) -> None:
    """Report every fault of a profile, each with its line."""
    from highlights import profile

    checked = profile.load(path)
    click.echo(f"{path}: valid; {len(checked.events)} events: {', '.join(event.name for event in checked.events)}")


@profiles.command("new")
@click.argument("name")
@click.option("--from", "from_", default="soccer", show_default=True, help="Profile that the new one extends.")
@click.option("--to", default=".", type=FILE, help="File or folder to write.")
def profiles_new(name: str, from_: str, to: Path) -> None:
    """Write a small profile to start from."""
    from highlights import profile

    click.echo(str(profile.new(name, from_, to)))


@profiles.command("schema")
def profiles_schema() -> None:
    """Print the JSON Schema of profiles, for editors."""
    from highlights import profile

    click.echo(json.dumps(profile.json_schema(), indent=2))
