"""``rollout score``: a saved run judged again, for people and for continuous integration."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.commands.words import print_json
from sim.terminal import show

MISSED_CODE = 5
"""Exit code where a target is missed and ``--strict`` was asked for."""
_EXAMPLES = """\b
Examples:
  rollout score reports/yunnan-2017
  rollout score reports/yunnan-2017 --strict --junit build/targets.xml
  rollout score reports/yunnan-2017 --targets my-targets.csv --json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--strict", is_flag=True, help="Leave with exit code 5 where a target is missed; write JUnit XML."
)
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path),
              help="Write the verdicts as JUnit XML. [with --strict: RUN/scorecard-junit.xml]")  # fmt: skip
@click.option("--targets", metavar="FILE", type=click.Path(path_type=Path),
              help="Judge by this table of targets, not by the one of the run.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def score(folder: Path, junit: Path | None, targets: Path | None, *, strict: bool, as_json: bool) -> None:
    """Judge the saved run in folder RUN and print its scorecard.

    Told of each target are clause, document and definition, the value with its range, margin, first month
    met, and of those that are missed or at risk what held them and what closing them costs. In JUnit XML a
    missed target is a failure, one that is not judged is skipped, one at risk passes with a note.
    """
    from sim.report.junit import NAME, write_junit
    from sim.report.score import judged_again, score_summary
    from sim.store import open_run

    judged = judged_again(open_run(folder), targets)
    path = junit or (folder / NAME if strict else None)
    if path is not None:
        write_junit(judged, path)
    if as_json:
        print_json(judged.facts())
    else:
        show(score_summary(judged))
    if strict and judged.missed:
        click.echo(f"error: {judged.missed} of {len(judged.scorecard)} targets are missed", err=True)
        sys.exit(MISSED_CODE)
