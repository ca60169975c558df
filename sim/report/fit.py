"""The picture and the words of one fitted series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.fitting.series import year_of
from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.nation.single import Single

NAME = "fit"
_LINE, _SEEN, _CAME = "#0072B2", "#000000", "#D55E00"
_SHARES = np.linspace(0.0, 1.0, 200)


def write_fit(single: Single, folder: Path) -> None:
    """Write the picture, what it shows, and all numbers of a fit into a folder."""
    with style.house_style():
        figure = style.new_figure(7.0, 4.2)
        axes = figure.subplots()
        table = _mix(axes, single) if single.fit.points.inputs.ndim == 2 else _series(axes, single)
        axes.set_xlabel("end of the month, in years")
        style.title(axes, f"{single.wish.place}: {single.wish.indicator.replace('_', ' ')}")
        axes.legend(fontsize=7)
        style.save(figure, table, folder, NAME)
    files.write_json(folder / f"{NAME}.json", single.facts())


def _series(axes: Axes, single: Single) -> pd.DataFrame:
    """Draw a series with its fit, its forecast and the interval, and return what is shown."""
    points = single.fit.points
    last = year_of(single.months[-1])
    years = points.years.min() + _SHARES * (last - points.years.min())
    axes.plot(years, single.fit(years), color=_LINE, lw=1.4, label=f"{single.fit.curve.name}, fitted")
    at = [year_of(month) for month in single.months]
    axes.fill_between(at, single.low, single.high, color=_LINE, alpha=0.18, lw=0, label="80 % interval")
    axes.plot(points.years, points.values, "o", ms=4, color=_SEEN, label="fitted to")
    if len(single.later):
        axes.plot(single.later.years, single.later.values, "s", ms=4, color=_CAME, label="came after")
    return pd.DataFrame(single.facts()["forecast"])


def _mix(axes: Axes, single: Single) -> pd.DataFrame:
    """Draw the share of lines from each rate on, and return what is shown."""
    points = single.fit.points.points + single.later.points
    last = max(point.year for point in points)
    years = min(point.year for point in points) + _SHARES * (last + 1.0 - min(point.year for point in points))
    rows = []
    for number, rate in enumerate(sorted({point.rate for point in points})):
        colour = f"C{number}"
        values = single.fit(np.column_stack([years, np.full(len(years), rate)]))
        axes.plot(years, values, color=colour, lw=1.2, label=f"{rate:g} Mbit/s or more")
        for group, marker in ((single.fit.points.points, "o"), (single.later.points, "s")):
            mine = [point for point in group if point.rate == rate]
            axes.plot([p.year for p in mine], [p.value for p in mine], marker, ms=4, color=colour)
        rows.append(pd.DataFrame({"mbps": rate, "year": years, "share": values}))
    return pd.concat(rows, ignore_index=True)


def fit_summary(facts: dict[str, Any], folder: Path | None) -> Group:
    """Return what a terminal shows of a fit."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("parameter", "value", "standard error"):
        table.add_column(name, justify="left" if name == "parameter" else "right")
    for row in facts["parameters"]:
        error = "held" if row["held"] else f"{row['standard_error']:.3g}"
        table.add_row(Text(row["name"]), Text(f"{row['value']:.6g}"), Text(error))
    fitted, came = facts["fitted"], facts["came"]
    head = f"{facts['place']}, {facts['indicator']}: {facts['curve']}"
    near = facts["mean_relative_error"]
    words = [
        f"fitted to {len(fitted)} observations, {fitted[0]['month']} to {fitted[-1]['month']}: "
        f"root mean squared error {facts['rmse']:.4g}, mean relative error {near:.1%}",
        _came(came),
    ]
    if facts["forecast"]:
        ends = facts["forecast"][11::12]
        words += [
            f"forecast {row['month']}: {row['value']:.4g} (80 %: {row['p10']:.4g} to {row['p90']:.4g})"
            for row in ends
        ]
    parts: list[Any] = [Text(head, style="bold"), table, *(Text(word) for word in words)]
    if folder is not None:
        parts.append(Text(f"picture: {folder / f'{NAME}.png'}", no_wrap=True))
    return Group(*parts)


def _came(came: dict[str, Any]) -> str:
    if not came["points"]:
        return "no observation came after"
    text = f"{came['points']} observations came after and were not fitted: mean relative error "
    text += f"{came['mean_relative_error']:.1%}"
    return text + (f", {came['coverage_80']:.0%} within the interval" if "coverage_80" in came else "")
