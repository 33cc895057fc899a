"""What all commands have in common: the options for the log, errors as one line, and the help by sections."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

import click

from highlights import __version__, logs
from highlights.cli.options import FILE
from highlights.errors import HighlightsError

LOG = logging.getLogger(__name__)

LOG_OPTIONS: list[click.Parameter] = [
    click.Option(["-v", "--verbose"], is_flag=True, help="Print what happens to stderr."),
    click.Option(["--log-file"], type=FILE, metavar="FILE", help="Append what happens to FILE, in detail."),
]


class Command(click.Command):
    """A command that also takes `--verbose` and `--log-file`."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += LOG_OPTIONS

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, with the log set up first."""
        logs.set_up(verbose=ctx.params.pop("verbose"), file=ctx.params.pop("log_file"))
        if LOG.isEnabledFor(logging.INFO):
            LOG.info("%s", logs.environment(__version__, sys.argv[1:]))
        return super().invoke(ctx)


class Group(click.Group):
    """Reports our errors as one line with exit code 1, never as a traceback, and groups the commands in its help."""

    command_class = Command

    def __init__(self, *arguments: Any, sections: Mapping[str, Sequence[str]] | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.sections = sections
        """The names of the commands under each title of the help; None puts all under one title."""

    def main(self, *arguments: Any, **settings: Any) -> Any:
        """Run the command line, on streams that can always be written; a help text that cannot be printed is an error."""
        _prepare_streams()
        try:
            return super().main(*arguments, **settings)
        except OSError as error:
            _report_unprinted(error)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and report its errors."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except HighlightsError as error:
            LOG.debug("failed", exc_info=True)
            lines = str(error).splitlines() or [type(error).__name__]
            click.echo("\n".join(f"Error: {line}" for line in lines), err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("Stopped; earlier results are unchanged.", err=True)
            ctx.exit(128 + signal.SIGINT)
        except OSError as error:
            LOG.debug("failed", exc_info=True)
            _report_unprinted(error)
            ctx.exit(1)
        except UnicodeEncodeError as error:
            LOG.debug("failed", exc_info=True)
            name = error.object.encode("ascii", "backslashreplace").decode()
            problem = f"cannot be written as {error.encoding}; rename the file, or set LC_ALL=C.UTF-8"
            click.echo(f"Error: {name}: {problem}", err=True)
            ctx.exit(1)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:
            LOG.debug("failed unexpectedly", exc_info=True)  # for the log file; Python prints the traceback itself
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, by section."""
        sections = self.sections or {"Commands": tuple(self.commands)}
        width = max(map(len, self.commands))
        for title, names in sections.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", self.commands[name].get_short_help_str(90)) for name in names])


def _prepare_streams() -> None:
    """Replace characters that a stream cannot hold, and give closed streams a place to write to."""
    while (free := os.open(os.devnull, os.O_RDWR)) <= 2:  # else the next file opened would be taken for stdout
        continue
    os.close(free)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115  # open until the process ends
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _report_unprinted(error: OSError) -> None:
    """Report that stdout cannot be written, in one line; Python must not try again when it exits."""
    with suppress(OSError):  # it has no file, as in tests
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # a reader that has seen enough, as `| head`, needs no message
        return
    with suppress(OSError):
        click.echo(f"Error: {error.filename or 'the output cannot be printed'}: {error.strerror}", err=True)
