"""What the money costs and earns in a picture: cash flow year by year, and where a subsidy is needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim import files
from sim.finance import MONTHS_PER_YEAR, discount_factors
from sim.report import style
from sim.tables.finance import FLOWS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.store import Run
    from sim.tables.finance import Finance

NAME = "finance"
YEAR, PREFECTURE, COUNTY = "year", "prefecture", "county"
COLUMNS = ["of", "name", "measure", "value"]
BALANCE = "worth so far"
_OUTLAYS = ("capex", "opex", "replacement")
_TINT = {
    "capex": "#0072B2",
    "opex": "#E69F00",
    "replacement": "#CC79A7",
    "revenue": "#009E73",
    "residual": "#A9D8C6",
}
_TOLD = {
    "capex": "building (capex)",
    "opex": "running (opex)",
    "replacement": "buying anew",
    "revenue": "revenue for the network",
    "residual": "what plant is worth at the end",
}
_SUMS = ("subsidy_fen", "npv_fen", "capex_pv_fen", "homes_newly_passed", "lines_added", "users_added")
_FEN_PER_MILLION_YUAN = 1e8
_MILLION_PER_BILLION = 1e3
_MOST_PREFECTURES = 24
Drawn = tuple[Callable[[], Figure], pd.DataFrame]
Rows = list[dict[str, Any]]


def finance_pictures(run: Run) -> dict[str, Drawn]:
    """Return the picture by file name, and the table beside it; none where no money moves."""
    found = run.states[0].finance
    if found is None or not any(flow.any() for flow in found.flows.values()):
        return {}
    table = finance_table(run, found)
    return {NAME: (lambda: draw_finance(table, run.horizon), table)}


def finance_table(run: Run, found: Finance) -> pd.DataFrame:
    """Return of what (year, prefecture or county), which one, measure and value.

    Money is in million yuan; by year it is cash and the discounted worth of all so far, by place the present
    value over the years evaluated. The rest are homes, lines and users.
    """
    counties = dict(zip(run.area.counties["county"], run.area.counties["name"], strict=True))
    zones = run.area.zones
    county = zones["county"].map(lambda code: f"{counties.get(code, '')} {code}".strip())
    prefecture = zones["prefecture"]
    together = run.finance.assign(
        county=(county + ", " + prefecture).to_numpy(), prefecture=prefecture.to_numpy()
    )
    rows = _by_year(found, run.horizon)
    for name in (PREFECTURE, COUNTY):
        sums = together.groupby(name, sort=True)[list(_SUMS)].sum()
        for measure in _SUMS:
            scale = _FEN_PER_MILLION_YUAN if measure.endswith("_fen") else 1.0
            told = measure.removesuffix("_fen")
            rows += [(name, str(at), told, value / scale) for at, value in sums[measure].items()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(value=table["value"].astype(float).round(6))


def _by_year(found: Finance, horizon: Horizon) -> list[tuple[str, str, str, float]]:
    """Return rows of cash flow by calendar year, and of the worth of all flows so far [million yuan]."""
    months = len(found.flows["capex"])
    year = (horizon.start + np.arange(months)) // MONTHS_PER_YEAR
    first, count = int(year[0]), int(year[-1] - year[0]) + 1
    rows = []
    net = np.zeros(months)
    for name in FLOWS:
        sign = -1.0 if name in _OUTLAYS else 1.0
        net += sign * found.flows[name]
        sums = np.bincount(year - first, sign * found.flows[name], count) / _FEN_PER_MILLION_YUAN
        rows += [(YEAR, str(first + at), name, float(value)) for at, value in enumerate(sums)]
    worth = np.bincount(year - first, net * discount_factors(found.rate, months), count)
    so_far = np.cumsum(worth) / _FEN_PER_MILLION_YUAN
    return rows + [(YEAR, str(first + at), BALANCE, float(value)) for at, value in enumerate(so_far)]


def draw_finance(table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw cash flow by year beside the subsidy that each prefecture needs."""
    figure = style.new_figure(10.6, 4.8)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
    _cash(left, table[table["of"] == YEAR], horizon)
    _subsidies(right, table[table["of"] == PREFECTURE])
    return figure


def _cash(axes: Axes, table: pd.DataFrame, horizon: Horizon) -> None:
    """Draw income above and outlay below nought, and the discounted worth so far as a line."""
    flows = table.pivot_table(index="name", columns="measure", values="value", sort=True)
    year = flows.index.astype(int).to_numpy()
    above, below = np.zeros(len(year)), np.zeros(len(year))
    scale, unit = _unit(flows.to_numpy())
    for name in FLOWS:
        value = flows[name].to_numpy() / scale
        if not value.any():
            continue
        under = name in _OUTLAYS
        base = below if under else above
        axes.bar(year, value, bottom=base, color=_TINT[name], width=0.8, label=_TOLD[name])
        if under:
            below = below + value
        else:
            above = above + value
    axes.plot(year, flows[BALANCE] / scale, color="black", lw=2.0, label="worth of all so far, discounted")
    axes.axhline(0.0, color=style.LINE, lw=0.8)
    last = (horizon.start + horizon.months - 1) // MONTHS_PER_YEAR
    axes.axvspan(last + 0.5, year[-1] + 0.5, color="black", alpha=0.05, lw=0)
    axes.set_xlim(year[0] - 0.6, year[-1] + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("year (grey: after the run, plant goes on as it is)")
    axes.set_ylabel(f"{unit} a year; the line: {unit}")
    axes.legend(fontsize=8, loc="best")
    style.title(axes, "Cash flow")


def _unit(million: NDArray[np.float64]) -> tuple[float, str]:
    """Return by what to divide millions of yuan for the picture, and the unit that is left."""
    large = np.abs(million).max(initial=0.0) >= _MILLION_PER_BILLION
    return (_MILLION_PER_BILLION, "billion yuan") if large else (1.0, "million yuan")


def _subsidies(axes: Axes, table: pd.DataFrame) -> None:
    """Draw the subsidy need of prefectures as bars, the largest above."""
    need = table[table["measure"] == "subsidy"].sort_values(["value", "name"], kind="stable")
    need = need.tail(_MOST_PREFECTURES)
    place = np.arange(len(need))
    scale, unit = _unit(need["value"].to_numpy())
    axes.barh(place, need["value"] / scale, color=_TINT["capex"], height=0.7)
    names = [style.plain(style.english(str(name))) for name in need["name"]]
    axes.set_yticks(place, names, fontsize=8)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"{unit} at the start")
    style.title(axes, "Subsidy need by prefecture")


def neediest(folder: Path, most: int = 10) -> Rows:
    """Return the counties that need most subsidy, of the table beside the picture in a folder."""
    by_name: dict[str, dict[str, float]] = {}
    for _, row in files.read_csv_rows(folder / f"{NAME}.csv", tuple(COLUMNS)):
        if row["of"] == COUNTY:
            by_name.setdefault(row["name"], {})[row["measure"]] = float(row["value"])
    order = sorted(by_name, key=lambda name: (-by_name[name]["subsidy"], name))
    return [_told(name, by_name[name]) for name in order[:most] if by_name[name]["subsidy"] > 0]


def _told(name: str, values: dict[str, float]) -> dict[str, Any]:
    county, _, prefecture = name.rpartition(", ")
    return {
        "county": county,
        "prefecture": style.english(prefecture),
        **{key: f"{values[key]:,.1f}" for key in ("subsidy", "npv", "capex_pv")},
        **{key: f"{values[key]:,.0f}" for key in ("homes_newly_passed", "lines_added", "users_added")},
    }
