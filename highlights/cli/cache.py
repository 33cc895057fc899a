"""`highlights cache`: what is cached."""

from __future__ import annotations

import click

from highlights.cli.group import Group


@click.group(cls=Group)
def cache() -> None:
    """List or clear the cache of analyses and models' answers."""


@cache.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def cache_list(as_json: bool) -> None:
    """List what is cached, by recording."""
    from highlights.cache.store import Store
    from highlights.cli import show

    store = Store()
    show.cache_entries(store.listed(), store.path, as_json=as_json)
    if store.problem:
        click.echo(f"Note: {store.path}: {store.problem}", err=True)


@cache.command("clear")
def cache_clear() -> None:
    """Delete the cache; results in your folders stay."""
    from highlights.cache.store import Store

    click.echo(f"{Store().clear() / 1e6:.2f} MB freed")
