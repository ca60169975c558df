"""The small report of a run of the nation: what was fitted, how far off it is, verdicts, one figure."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np
import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.report import style
from sim.report.summary import VERDICT_STYLES
from sim.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.nation.national import Fitted
    from sim.nation.run import NationRun

PAGE, FIGURE = "report.html", "nation"
SHOWN = (
    ("users_lte", 1e6, "4G users [million]"),
    ("fixed_broadband_household_penetration", 1.0, "fixed lines for 100 homes"),
    ("ftth_share_of_fixed_subscribers", 0.01, "fibre among fixed lines [%]"),
    ("subscribed_share_ge_100Mbps", 0.01, "lines of 100 Mbit/s or more [%]"),
    ("user_penetration_3g_4g", 1.0, "3G and 4G users for 100 residents"),
    ("mobile_traffic_gb_per_user", 1.0, "data of a mobile user [GB/month]"),
)
"""Indicators of the figure with the unit that they are shown in and their title."""
_FORECASTS = ("model", "last year's growth", "last year's step", "logistic, fixed ceiling")


def write_nation_report(run: NationRun, folder: Path) -> None:
    """Write the figure and the page of a run into its folder."""
    with style.house_style():
        figure, table = _figure(run)
        style.save(figure, table, folder / "figures", FIGURE)
    files.write_text(folder / PAGE, _page(run, folder))


def _figure(run: NationRun) -> tuple[Any, pd.DataFrame]:
    """Return the figure of the main quantities, forecast with its range, and what is shown."""
    figure = style.new_figure(9.0, 8.0)
    axes = figure.subplots(3, 2).ravel()
    shown = []
    for axis, (indicator, unit, name) in zip(axes, SHOWN, strict=True):
        shown.append(_panel(axis, run, indicator, unit))
        style.title(axis, name)
    return figure, pd.concat(shown, ignore_index=True)


def _panel(axes: Axes, run: NationRun, indicator: str, unit: float) -> pd.DataFrame:
    """Draw one quantity of the nation and return what is shown."""
    mean = _national(run.indicators, indicator).set_index("month")["value"] / unit
    drawn = _national(run.draws, indicator).groupby("month")["value"]
    low, high = drawn.quantile(0.1) / unit, drawn.quantile(0.9) / unit
    axes.plot(mean.index, mean, color="#0072B2", lw=1.4)
    axes.fill_between(low.index, low, high, color="#0072B2", alpha=0.18, lw=0)
    _mark_fitted(axes, run, indicator, unit)
    until = run.horizon.index(run.scenario.nation.fitted_until)
    if 0 <= until < run.horizon.months:
        axes.axvspan(0, until + 0.5, color=style.GREY, alpha=0.08, lw=0)
    style.month_axis(axes, run.horizon)
    return pd.DataFrame(
        {
            "indicator": indicator,
            "month": [run.horizon.label(int(month)) for month in mean.index],
            "value": np.round(mean.to_numpy(), 6),
            "p10": np.round(low.reindex(mean.index).to_numpy(), 6),
            "p90": np.round(high.reindex(mean.index).to_numpy(), 6),
        }
    )


def _mark_fitted(axes: Axes, run: NationRun, indicator: str, unit: float) -> None:
    """Mark the observations to which the curve of a quantity was fitted."""
    points = [point for one in run.fits if one.name == indicator for point in one.fit.points.points]
    months = [run.horizon.index(point.month) for point in points]
    axes.plot(months, [point.value / unit for point in points], "o", ms=3.5, color="#333333", mfc="white")


def _national(table: pd.DataFrame, indicator: str) -> pd.DataFrame:
    return table[(table["indicator"] == indicator) & (table["breakdown"] == "all")]


def _page(run: NationRun, folder: Path) -> str:
    """Return the page; everything that a file names is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    picture = base64.b64encode(files.read_bytes(folder / "figures" / f"{FIGURE}.png", 1 << 26)).decode(
        "ascii"
    )
    return environment.get_template("nation.html.j2").render(
        facts=run.facts(),
        version=__version__,
        picture=picture,
        fits=[fit_row(one) for one in run.fits],
        forecasts=_FORECASTS,
        cards=run.scorecard.to_dict("records"),
        counts=_counts(run),
    )


def fit_row(one: Fitted) -> dict[str, str]:
    """Return a fit as texts: parameters with standard errors, what it was fitted to, its error."""
    fit, errors = one.fit, one.fit.standard_errors
    shown = [
        f"{name} {value:.6g}" + (f" ± {errors[name]:.2g}" if name in errors else " (held)")
        for name, value in fit.values.items()  # noqa: PD011 - a mapping, no frame
    ]
    months = sorted({point.month for point in fit.points.points})
    return {
        "quantity": one.name,
        "curve": fit.curve.name,
        "about": one.about,
        "parameters": ", ".join(shown),
        "ceiling": f"{one.ceiling.low:g} to {one.ceiling.high:g}" if one.ceiling else "",
        "points": f"{len(fit.points)} of {months[0]} to {months[-1]}",
        "rmse": f"{fit.rmse:.4g} {one.unit}",
    }


def _counts(run: NationRun) -> str:
    found = run.scorecard["verdict"].value_counts()
    return ", ".join(f"{int(found[name])} {name}" for name in VERDICT_STYLES if name in found)


def nation_summary(run: NationRun, folder: Path) -> Group:
    """Return what a terminal shows: fits, errors beside naive forecasts, verdicts, where the report lies."""
    title = f"{run.scenario.title} ({run.horizon.first} to {run.horizon.last})"
    until = run.scenario.nation.fitted_until
    parts: list[Any] = [
        Text(title, style="bold"),
        Text(f"fitted to observations until {until}; the rest is forecast"),
    ]
    parts += [Text(), fits_table([fit_row(one) for one in run.fits]), Text(), errors_table(run.errors)]
    parts += [Text(), Text(f"targets: {_counts(run)}", style="bold")]
    parts += [Text(f"note: {note}", style="dim") for note in run.facts()["notes"]]
    parts.append(Text(f"report: {folder / PAGE}", no_wrap=True))
    return Group(*parts)


def fits_table(rows: list[dict[str, str]]) -> Table:
    """Return the fits as a table of a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("quantity", "curve", "parameters", "points", "rmse"):
        table.add_column(name)
    for row in rows:
        table.add_row(*(Text(row[name]) for name in ("quantity", "curve", "parameters", "points", "rmse")))
    return table


def errors_table(rows: list[dict[str, Any]]) -> Table:
    """Return the errors of model and naive forecasts as a table of a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("quantity")
    table.add_column("part")
    table.add_column("error")
    for name in _FORECASTS:
        table.add_column(name, justify="right")
    for row in rows:
        head = (
            Text(str(row["indicator"])),
            Text(f"{row['part']} ({row['points']} points)"),
            Text(str(row["error"])),
        )
        table.add_row(*head, *(Text(f"{row[name]:.2f}") for name in _FORECASTS))
    return table
