"""Indicators over the months as every chart shows them: the mean, and how far it may be off."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from sim.store import Run

KEYS = ["indicator", "breakdown", "unit", "month"]
COLUMNS = ["month", "indicator", "breakdown", "unit", "mean", "p10", "p90"]


def monthly(
    indicators: pd.DataFrame, draws: pd.DataFrame | None, names: Collection[str] = ()
) -> pd.DataFrame:
    """Return month, indicator, breakdown, unit, mean, p10 and p90 of the indicators named; of all without.

    The mean is that over replications. The range is that over draws of the uncertain inputs where the pair
    of indicator and breakdown was drawn, else over replications. Ranges that do not hold the mean are
    widened to it: draws move the inputs, the mean belongs to the run.
    """
    table = _spread(_chosen(indicators, names))
    if draws is not None and len(draws):
        drawn = _spread(_chosen(draws, names))
        drawn = drawn.reindex(table.index)
        for name in ("p10", "p90"):
            table[name] = drawn[name].fillna(table[name])
    table["p10"] = table[["p10", "mean"]].min(axis=1)
    table["p90"] = table[["p90", "mean"]].max(axis=1)
    return table.round(6).reset_index()[COLUMNS]


def monthly_of(run: Run, names: Collection[str] = ()) -> pd.DataFrame:
    """Return the same of a run."""
    return monthly(run.indicators, run.draws, names)


def _chosen(table: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    return table[table["indicator"].isin(list(names))] if names else table


def _spread(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean, p10 and p90 over replications or draws, by key."""
    grouped = table.groupby(KEYS, sort=True)["value"]
    mean = grouped.mean()
    number = table["replication"].to_numpy()
    if not len(number) or (number == number[0]).all():
        return pd.DataFrame({"mean": mean, "p10": mean, "p90": mean})
    return pd.DataFrame({"mean": mean, "p10": grouped.quantile(0.1), "p90": grouped.quantile(0.9)})
