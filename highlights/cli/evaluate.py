"""`highlights evaluate`: results against truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from highlights.cli.group import Command
from highlights.cli.options import FILE, RECORDING, Seconds

if TYPE_CHECKING:
    pass


@click.command(cls=Command)
@click.argument("results", nargs=-1, required=True, type=FILE, metavar="RESULT...")
@click.option(
    "--truth",
    type=FILE,
    help="What a person marked: a file, or a folder with one for each match; by default beside the recording.",
)
@click.option(
    "--tolerance", default=5.0, show_default=True, type=Seconds(), help="Largest time error of a found event in seconds."
)
@click.option("--against", type=FILE, help="Another result, or the JSON of an evaluation: says what got better or worse.")
@click.option("--page", type=FILE, help="Also write an HTML page with a picture of every miss and false alarm.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@RECORDING
def evaluate(
    results: tuple[Path, ...],
    truth: Path | None,
    tolerance: float,
    against: Path | None,
    page: Path | None,
    as_json: bool,
    given: tuple[str, ...],
) -> None:
    """Compare results with what really happened, by the metrics of the field.

    \b
    highlights evaluate final/ --truth final.truth.csv
    highlights evaluate results/ --truth truths/ --page mistakes.html

    RESULT is a folder of a run, a folder of many, a timeline, SoccerNet's predictions (results_spotting.json, or a folder of
    them), or a result file of TimeLens-Bench.
    """
    from highlights.cli import show_evaluation
    from highlights.evaluation import comparison, data
    from highlights.evaluation import page as pages
    from highlights.evaluation.evaluation import evaluate as judge
    from highlights.evaluation.inputs import gathered

    found = judge(gathered(results, truth, given), tolerance)
    told = data.as_data(found)
    compared = comparison.compared(told, _before(against, truth, tolerance)) if against else None
    show_evaluation.evaluation(found, told, compared, as_json=as_json)
    if page is not None:
        pages.write(found, page, compared)
        click.echo(str(page), err=as_json)


def _before(against: Path, truth: Path | None, tolerance: float) -> dict[str, Any]:
    """The other evaluation: as it was printed, or made now with the same truth."""
    from highlights.evaluation import comparison, data
    from highlights.evaluation.evaluation import evaluate as judge
    from highlights.evaluation.inputs import gathered

    if against.is_file() and (read := comparison.read_data(against)) is not None:
        return read
    return data.as_data(judge(gathered([against], truth), tolerance))
