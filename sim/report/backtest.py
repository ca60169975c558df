"""A back-test on the terminal, as tables and as a figure for each indicator and place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.backtest.judged import Backtest, Series
    from sim.backtest.points import Point
    from sim.store import SavedRun

_SEEN, _RUN, _FITTED = "#000000", "#0072B2", "#E69F00"
_MONTHS = 12


def write_backtest(found: Backtest, run: SavedRun, folder: Path) -> None:
    """Write points, skipped rows and errors as tables, and a figure for each indicator and place."""
    facts = found.facts()
    files.write_json(folder / "backtest.json", facts)
    for name in ("points", "skipped", "indicators"):
        table = pd.DataFrame(facts[name])
        rows = table.astype(object).where(table.notna(), "").to_numpy().tolist() if len(table) else []
        files.write_csv(folder / f"{name}.csv", [str(column) for column in table.columns], rows)
    with style.house_style():
        for series in found.series():
            figure, shown = draw_series(found, series, run)
            style.save(figure, shown, folder / "figures", _file_name(series))


def _file_name(series: Series) -> str:
    parts = (series.place, series.indicator, series.unit.replace("%", "percent"))
    return "-".join(re.sub(r"[^A-Za-z0-9]+", "_", part).strip("_").lower() for part in parts)


def draw_series(found: Backtest, series: Series, run: SavedRun) -> tuple[Figure, pd.DataFrame]:
    """Draw what was observed beside what the run has, and return the figure and what it shows.

    Lines of what was observed end where the definition changes; points that are bounds are hollow.
    """
    figure = style.new_figure(8.0, 4.2)
    axes = figure.subplots()
    horizon = found.horizon
    _draw_run(axes, series, run)
    for definition in series.definitions:
        part = [point for point in series.points if point.definition == definition]
        at = [point.month - horizon.start for point in part]
        axes.plot(at, [point.row.value for point in part], color=_SEEN, lw=0.8, ls=":", zorder=3)
    for point in series.points:
        _draw_point(axes, point, point.month - horizon.start)
    for one in series.breaks:
        at_break = one.since - horizon.start
        if 0 < at_break < horizon.months:
            axes.axvline(at_break - 0.5, color=style.GREY, lw=0.9, ls="--")
            axes.annotate(
                f"counted from here: {one.after}", (at_break, 0.02), xycoords=("data", "axes fraction"),
                fontsize=7, color=style.GREY, rotation=90, va="bottom",
            )  # fmt: skip
    until = found.known_until - horizon.start
    if 0 <= until < horizon.months - 1:
        axes.axvspan(0, until + 0.5, color=_FITTED, alpha=0.10, lw=0, label="fitted")
        axes.axvline(until + 0.5, color=_FITTED, lw=1.0)
    style.month_axis(axes, horizon)
    axes.set_ylabel(style.plain(f"{series.indicator} [{series.unit}]"), parse_math=False)
    axes.legend(fontsize=7, loc="best")
    style.title(axes, f"{series.place}: {series.indicator.replace('_', ' ')}")
    shown = pd.DataFrame([point.facts() for point in series.points]).drop(columns=["source"])
    return figure, shown


def _draw_run(axes: Axes, series: Series, run: SavedRun) -> None:
    """Draw the run's own months, apart before and after a break; where it has no such series, its points."""
    first = series.points[0]
    table, draws = run.indicators, run.draws
    scale = _scale(first, run)
    if scale is None:
        axes.plot(
            [p.month - run.horizon.start for p in series.points], [p.simulated for p in series.points],
            "s", ms=4, color=_RUN, label="run", zorder=4,
        )  # fmt: skip
        return
    key = (first.run_indicator, first.breakdown)
    mean = _monthly(table, key).mean()
    edges = [one.since - run.horizon.start for one in series.breaks]
    part = np.searchsorted(edges, mean.index.to_numpy(), side="right")
    for number in np.unique(part):
        label = "run" if number == part[0] else None
        mine = mean[part == number]
        axes.plot(mine.index, mine * scale, color=_RUN, lw=1.3, label=label, zorder=2)
    spread = _monthly(draws, key)
    if not spread.ngroups:
        spread = _monthly(table, key)
    low, high = spread.quantile(0.1), spread.quantile(0.9)
    if not (high > low).any():
        return
    part = np.searchsorted(edges, low.index.to_numpy(), side="right")
    for number in np.unique(part):
        label = "80 % interval" if number == part[0] else None
        a, b = low[part == number], high[part == number]
        axes.fill_between(a.index, a * scale, b * scale, color=_RUN, alpha=0.18, lw=0, label=label)


def _monthly(table: pd.DataFrame, key: tuple[str, str]) -> Any:
    mine = table[(table["indicator"] == key[0]) & (table["breakdown"] == key[1])]
    return mine.groupby("month", sort=True)["value"]


def _scale(point: Point, run: SavedRun) -> float | None:
    """Return the factor from the run's unit to that observed; none where the point is no single month's."""
    from sim.backtest.units import factor_between

    mine = run.indicators[run.indicators["indicator"] == point.run_indicator]
    factor = factor_between(str(mine["unit"].iloc[0]), point.row.unit)
    at = mine[(mine["breakdown"] == point.breakdown) & (mine["month"] == point.month - run.horizon.start)]
    if factor is None or not len(at):
        return None
    same = np.isclose(at["value"].mean() * factor, point.simulated, rtol=0.25)
    return factor if same else None


def _draw_point(axes: Axes, point: Point, at: int) -> None:
    bound = point.facts()["bound"]
    marker = {"lower": "^", "upper": "v"}.get(bound, "o")
    colour = _FITTED if point.fitted else _SEEN
    axes.plot(at, point.row.value, marker, ms=5, mfc="white" if bound else colour, mec=colour, zorder=5)
    axes.plot([at, at], [point.row.value, point.simulated], color=style.GREY, lw=0.7, zorder=1)


def backtest_summary(found: Backtest, folder: Path | None) -> Group:
    """Return errors by indicator, how many rows were skipped and why, and where the tables lie."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("indicator", "left"), ("unit", "left"), ("", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]  # a word that rich knows
    for name in ("points", "bias", "MAPE", "naive", "in 80 %", "Winkler", "naive"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found.rows:
        what = "fitted" if row["fitted"] else "forecast"
        if row["definition"]:
            what += f" ({row['definition']})"
        cells = [row["indicator"], row["unit"], what, str(row["points"]), _signed(row["bias"])]
        table.add_row(*map(Text, [*cells, *_shares(row)]))
    total = found.errors.facts()
    cells = ["all forecasts", "", "", str(total["points"]), "", *_shares(total)]
    table.add_row(*(Text(cell, style="bold") for cell in cells))
    parts: list[Any] = [Text(f"{found.title}: against what came", style="bold"), table]
    parts += [Text(f"{count:4d} rows skipped: {reason}", style="dim") for reason, count in _reasons(found)]
    if folder is not None:
        parts.append(Text(f"wrote {folder}", no_wrap=True))
    return Group(*parts)


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+,.4g}"


def _shares(row: dict[str, Any]) -> list[str]:
    names = ("mape", "naive_mape", "coverage_80", "winkler", "naive_winkler")
    return ["" if row[name] is None else f"{row[name]:.1%}" for name in names]


def _reasons(found: Backtest) -> Sequence[tuple[str, int]]:
    """Return the reasons for which rows were skipped, what differs from row to row left out, most first."""
    counts: dict[str, int] = {}
    for one in found.skipped:
        reason = re.sub(r"^(it speaks of ).*?(;)", r"\1another place\2", one.reason)
        reason = re.sub(r"^\d{4}-\d{2} lies", "it lies", reason)
        reason = re.sub(r" \('.*'\)$", "", reason)
        counts[reason] = counts.get(reason, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
