"""The charts of a run: each is a table first, then a figure drawn from that table alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from numpy.typing import NDArray

from sim.report import style
from sim.report.bullet import bullet_table, draw_bullets
from sim.report.verdicts import set_by_nation
from sim.rollout.state import FIXED_USE

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from sim.clock import Horizon
    from sim.store import Run
    from sim.tables.results import MonthlyState

PASSED, TAKEN, COVERED = "homes passed", "subscribers per home", "residents covered"
FEN_PER_BILLION_YUAN = 1e11
NATION_CARD = "scorecard-nation"
"""File name of the bullet chart of the nation's targets."""


def _spread_of(series: list[NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Mean and the tenth and ninetieth percentile over replications."""
    values = np.stack(series)
    low, high = np.percentile(values, (10, 90), axis=0)
    return {"mean": values.mean(axis=0).round(6), "p10": low.round(6), "p90": high.round(6)}


def rollout_table(states: tuple[MonthlyState, ...]) -> pd.DataFrame:
    """Return month, technology, measure, mean, p10 and p90 [share] of every technology."""
    parts = []
    for row, (name, use) in enumerate(zip(states[0].technologies, states[0].uses, strict=True)):
        measures = (PASSED, TAKEN) if use == FIXED_USE else (COVERED,)
        for measure in measures:
            values = _spread_of([_share(state, row, measure) for state in states])
            months = np.arange(len(values["mean"]))
            parts.append(pd.DataFrame({"month": months, "technology": name, "measure": measure, **values}))
    return pd.concat(parts, ignore_index=True)


def _share(state: MonthlyState, row: int, measure: str) -> NDArray[np.float64]:
    if measure == COVERED:
        people = state.population.astype(float)
        served = (state.covered_share[:, row] * people).sum(axis=1)
        return np.asarray(served / np.maximum(people.sum(axis=1), 1.0))
    counted = (state.homes_passed if measure == PASSED else state.subscribers)[:, row]
    return np.asarray(
        counted.sum(axis=1, dtype=float) / np.maximum(state.homes.sum(axis=1, dtype=float), 1.0)
    )


def draw_rollout(table: pd.DataFrame, horizon: Horizon) -> Figure:
    """Draw homes passed and residents covered by technology over the months."""
    fixed = bool((table["measure"] != COVERED).any())
    radio = bool((table["measure"] == COVERED).any())
    figure = style.new_figure(5.0 * (fixed + radio) + 0.6, 4.2)
    panels = list(np.atleast_1d(figure.subplots(1, fixed + radio, sharey=True)))
    if fixed:
        axes = panels.pop(0)
        style.title(axes, "Fixed lines")
        _curves(axes, table, horizon, (PASSED, TAKEN))
        axes.set_ylabel("share of homes [%]")
        axes.plot([], [], color=style.GREY, label="passed: a line can be ordered")
        axes.plot([], [], color=style.GREY, ls="--", label="subscribed")
        axes.legend(loc="upper left", fontsize=8)
    if radio:
        axes = panels.pop(0)
        style.title(axes, "Radio and satellite")
        _curves(axes, table, horizon, (COVERED,))
        axes.set_ylabel("share of residents at covered places [%]")
        axes.tick_params(labelleft=True)
    return figure


def _curves(axes: Axes, table: pd.DataFrame, horizon: Horizon, measures: tuple[str, ...]) -> None:
    ends: list[tuple[str, float]] = []
    chosen = table[table["measure"].isin(measures)]
    for (name, measure), part in chosen.groupby(["technology", "measure"], sort=False):
        line = "--" if measure == TAKEN else "-"
        tint = style.colour(str(name))
        width, dot = 1.4 if measure == TAKEN else 2.0, "o" if horizon.months == 1 else ""
        axes.plot(part["month"], part["mean"], color=tint, ls=line, lw=width, marker=dot)
        axes.fill_between(part["month"], part["p10"], part["p90"], color=tint, alpha=0.2, lw=0)
        if measure != TAKEN:
            ends.append((str(name), float(part["mean"].iloc[-1])))
    places = style.spread([value for _, value in ends], 0.045)
    for (name, value), place in zip(ends, places, strict=True):
        text = f"{style.label(name)} {value:.0%}"
        style.end_label(axes, text, horizon.months - 1, place, color=style.colour(name), fontsize=8)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    style.month_axis(axes, horizon)


def money_table(spending: pd.DataFrame, events: pd.DataFrame, replications: int, months: int) -> pd.DataFrame:
    """Return month, what, technology and the cumulated billion yuan, mean over replications.

    ``committed`` is what can no longer be spent otherwise: works ordered and subscribers connected,
    which are paid at once.
    """

    def cumulated(what: str, rows: pd.DataFrame, column: str, technology: str = "") -> pd.DataFrame:
        month = np.minimum(rows["month"].to_numpy(), months - 1)
        total = np.cumsum(np.bincount(month, weights=rows[column].to_numpy(dtype=float), minlength=months))
        billions = (total / replications / FEN_PER_BILLION_YUAN).round(6)
        cells = {"month": np.arange(months), "what": what, "technology": technology, "bn_yuan": billions}
        return pd.DataFrame(cells)

    committed = cumulated("committed", spending, "committed_fen")
    at_once = cumulated("committed", events[events["event"] == "connected"], "spent_fen")
    committed["bn_yuan"] += at_once["bn_yuan"]
    parts = [cumulated("released", spending, "released_fen"), committed]
    for name, rows in spending[spending["spent_fen"] > 0].groupby("technology", sort=True):
        parts.append(cumulated("spent", rows, "spent_fen", str(name)))
    return pd.concat(parts, ignore_index=True).round(6)


def draw_money(table: pd.DataFrame, horizon: Horizon, price_year: str, wanted: float) -> Figure:
    """Draw money released, committed and spent; ``wanted`` is the price of all candidates [bn yuan]."""
    figure = style.new_figure(8.8, 4.2)
    axes = figure.subplots()
    spent = table[table["what"] == "spent"]
    names = list(dict.fromkeys(spent["technology"]))
    if names:
        heights = [spent.loc[spent["technology"] == name, "bn_yuan"].to_numpy() for name in names]
        axes.stackplot(
            np.arange(horizon.months), *heights, colors=[style.colour(name) for name in names],
            labels=[f"spent on {style.label(name)}" for name in names], alpha=0.8, lw=0,
        )  # fmt: skip
    for what, tint, line, width in (("released", "#9A9A9A", "-", 3.2), ("committed", "black", "--", 1.4)):
        part = table[table["what"] == what]
        axes.step(part["month"], part["bn_yuan"], where="post", color=tint, ls=line, lw=width, label=what)
    top = float(table["bn_yuan"].max())
    if 0 < wanted <= 1.6 * top:
        axes.axhline(wanted, color=style.GREY, ls=":", lw=1.2)
    text = f"price of all that could be built: {wanted:,.1f} bn yuan"
    axes.text(0.01, 1.0, text, transform=axes.transAxes, va="bottom", fontsize=8, color=style.GREY)
    axes.set_ylim(0, max(1.08 * top, 1.04 * wanted if wanted <= 1.6 * top else 0.0, 1e-3))
    axes.set_ylabel(f"since the start [bn yuan{f' of {price_year}' if price_year else ''}]")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    style.month_axis(axes, horizon)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside right upper", fontsize=8)
    return figure


def price_of_all(run: Run) -> float:
    """Return the price of all candidates that the study states, else of the first release [bn yuan]."""
    told = [row["price_of_all_candidates_fen"] for row in run.funding if row["pot"] == "all"]
    if told:
        return float(told[0]) / FEN_PER_BILLION_YUAN
    prices = [name for name in run.candidates.columns if name.endswith("_fen")]
    return float(run.candidates[prices].to_numpy().sum()) / FEN_PER_BILLION_YUAN


def charts(run: Run) -> dict[str, tuple[Callable[[], Figure], pd.DataFrame]]:
    """Return every chart by file name: how it is drawn, and the table beside it."""
    rollout = rollout_table(run.states)
    money = money_table(run.spending, run.events, len(run.states), run.horizon.months)
    own, nation = bullets_of(run)
    year = str(run.resolved.get("money", {}).get("price_year", ""))
    pictures: dict[str, tuple[Callable[[], Figure], pd.DataFrame]] = {
        "rollout": (lambda: draw_rollout(rollout, run.horizon), rollout),
        "money": (lambda: draw_money(money, run.horizon, year, price_of_all(run)), money),
        "scorecard": (lambda: draw_bullets(own), own),
    }
    if len(nation):
        pictures[NATION_CARD] = (lambda: draw_bullets(nation), nation)
    return pictures


def bullets_of(run: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the measured targets of the province and of the nation; the first holds all if it has none."""
    of_nation = np.array(set_by_nation(run.scorecard, run.province), dtype=bool)
    if of_nation.all():
        of_nation[:] = False
    return bullet_table(run.scorecard[~of_nation]), bullet_table(run.scorecard[of_nation])
