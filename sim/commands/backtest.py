"""``rollout backtest``: a saved run held against what came."""

from __future__ import annotations

from pathlib import Path

import click

from sim.commands.words import print_json
from sim.files import shipped
from sim.terminal import show

_EXAMPLES = """\b
Examples:
  rollout backtest reports/sichuan-2020
  rollout backtest reports/china-2020 --out reports/backtest-china
  rollout backtest reports/sichuan-2020 my-observations.csv --json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("history", metavar="[HISTORY.csv]", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print points, errors and skipped rows as JSON.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of tables and figures. [reports/backtest-NAME]"
)
def backtest(folder: Path, history: Path | None, *, as_json: bool, out: Path | None) -> None:
    """Hold the saved run in folder RUN against observations: error by indicator and date, and intervals.

    HISTORY.csv has the columns province, year, indicator, value, unit, source, as_of, note, or those of the
    shipped table, which is read where none is named. Every row becomes a point or is listed with the reason
    why the run cannot speak to it. Observations that the run could know count as fitted, not as forecast.
    """
    from sim.backtest.history import read_rows
    from sim.backtest.judged import backtest as held
    from sim.report.backtest import backtest_summary, write_backtest
    from sim.store import open_run

    run = open_run(folder)
    rows = read_rows(history or shipped("scenarios") / "library" / "history.csv")
    found = held(run, rows)
    target = out or (None if as_json else Path("reports") / f"backtest-{folder.resolve().name}")
    if target is not None:
        write_backtest(found, run, target)
    if as_json:
        print_json(found.facts())
    else:
        show(backtest_summary(found, target))
