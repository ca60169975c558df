"""``rollout fit``: a curve through a series of observations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.words import print_json
from sim.files import shipped
from sim.terminal import clean_stops, set_up_logging, show

if TYPE_CHECKING:
    from sim.indicators.history import Observation

_EXAMPLES = """\b
Examples:
  rollout fit mobile_4g_subscribers --curve bass --ceiling 1.306e9 --launch 2013-12 --until 2016-12
  rollout fit fixed_broadband_household_penetration --ceiling 130 --until 2016-12 --json
  rollout fit fixed_broadband_subscribers --ceiling 6e8 --break 2016-02
  rollout fit speed_mix --until 2016-12 --out reports/speed-mix
"""


@click.command(epilog=_EXAMPLES)
@click.argument("indicator", metavar="INDICATOR")
@click.option("--place", default="China", show_default=True, help="Place of the observations.")
@click.option("--until", default="", metavar="YYYY-MM", help="Last month that is fitted. [all]")
@click.option(
    "--curve", type=click.Choice(["bass", "logistic", "gompertz", "exponential"]), default="logistic",
    show_default=True, help="Family of the curve.",
)  # fmt: skip
@click.option("--ceiling", type=float, help="Where growth ends; without it the ceiling is estimated too.")
@click.option("--launch", default="", metavar="YYYY-MM", help="Month of the launch, for bass. [estimated]")
@click.option("--break", "break_month", default="", metavar="YYYY-MM",
              help="First month of another definition; the level before it is estimated apart.")  # fmt: skip
@click.option("--history", type=click.Path(path_type=Path), help="Observations. [library/history.csv]")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for a picture and all numbers.")
def fit(indicator: str, history: Path | None, *, as_json: bool, out: Path | None, **words: Any) -> None:
    """Fit a curve to the observations of INDICATOR and say what it forecasts.

    INDICATOR is a name of the table of observations or of an indicator of runs, or speed_mix for the shares
    of lines by the rate that they pay for. Told are the parameters with their standard errors, the error in
    the sample, the forecast with its 80 % interval, and the error against what came after the last month
    that was fitted.
    """
    from sim.backtest.history import observation_of, read_rows
    from sim.clock import month_number
    from sim.nation.single import Wish, fit_series
    from sim.report.fit import fit_summary, write_fit

    set_up_logging(verbose=False)
    for option in ("until", "launch", "break_month"):
        try:
            if words[option]:
                month_number(words[option])
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint=f"--{option.partition('_')[0]}") from None
    if words["ceiling"] is not None and words["ceiling"] <= 0.0:
        raise click.BadParameter("a ceiling is above 0", param_hint="--ceiling")
    path = history or shipped("scenarios") / "library" / "history.csv"
    with clean_stops():
        rows = tuple(one for row in read_rows(path) if (one := observation_of(row)) is not None)
        single = fit_series(Wish(_told_as(indicator, rows, words["place"]), path, rows, **words))
        if out is not None:
            write_fit(single, out)
    if as_json:
        print_json(single.facts())
    else:
        show(fit_summary(single.facts(), out))


def _told_as(indicator: str, rows: Sequence[Observation], place: str) -> str:
    """Return the name under which a place's observations tell an indicator; the name itself else."""
    from sim.backtest.meanings import names_of

    told = {row.indicator for row in rows if row.place == place}
    return next((name for name in (indicator, *names_of(indicator)) if name in told), indicator)
