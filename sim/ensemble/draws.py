"""Draws: what homes and people would do with other parameters of demand, all that was built held as it is.

Every parameter that demand names in the table and that has a range is drawn from it, paired by name: a draw
moves the same parameter alike in every scenario. The log of replication 0 is folded again for each draw,
over a sample of zones; what a draw of the sample is to its undrawn fold, a draw of the province is to the
run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.ensemble.parameters import demand_options, drawn_parameters, drawn_values
from sim.ensemble.sample import Folded, Sample, is_drawn
from sim.indicators.base import SHARE
from sim.indicators.registry import REGISTRY
from sim.tables.results import INDICATORS

if TYPE_CHECKING:
    import pandas as pd

    from sim.parameters import Parameter
    from sim.prepare import Prepared
    from sim.scenario.load import LoadedScenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """What draws give, and what was drawn."""

    draws: pd.DataFrame
    """Contract ``INDICATORS``; ``replication`` is the number of the draw."""
    facts: Mapping[str, Any]
    """What was drawn and how, for the run's folder."""

    @classmethod
    def none(cls) -> Ensemble:
        """Return an ensemble without draws."""
        return cls(INDICATORS.empty(), {})


def draw_demand(loaded: LoadedScenario, prepared: Prepared, folded: Folded) -> Ensemble:
    """Return what draws of the parameters of demand give, and what was drawn.

    Parameters
    ----------
    loaded
        The scenario; ``demand.draws`` says how many draws are made, none where it is 0.
    prepared
        What every replication starts from.
    folded
        Replication 0: what was built, and what was measured of it.
    """
    scenario = loaded.scenario
    rows, count = drawn_parameters(loaded), scenario.demand.draws
    if not count or not rows:
        return Ensemble.none()
    sample = Sample.of(prepared, folded)
    central = sample.measure(scenario.demand)
    run = _by_pair(folded.indicators, scenario.clock.months)
    values = drawn_values(rows, scenario.seed, count)
    found = []
    for draw, drawn in enumerate(values):
        moved = sample.measure(demand_options(loaded, drawn))
        found.append((draw, _of_province(moved, central, run)))
    return Ensemble(_table(found), _facts(rows, count, sample))


def _by_pair(indicators: pd.DataFrame, months: int) -> dict[tuple[str, str], Floats]:
    """Return the run's own values of what is drawn, each of shape (M,); those of places stay out."""
    mine = indicators[indicators["indicator"].map(is_drawn).to_numpy(dtype=bool)]
    found = {}
    for key, part in mine.groupby(["indicator", "breakdown"], sort=False):
        series = np.full(months, np.nan)
        series[part["month"].to_numpy()] = part["value"].to_numpy()
        found[str(key[0]), str(key[1])] = series
    return found


def _of_province(
    moved: Mapping[tuple[str, str], Floats],
    central: Mapping[tuple[str, str], Floats],
    run: Mapping[tuple[str, str], Floats],
) -> dict[tuple[str, str], Floats]:
    """Return draws of the province: the run's values, moved as the sample moves from its own undrawn fold."""
    found = {}
    for pair, mine in run.items():
        if pair not in moved or pair not in central:
            continue
        base = central[pair]
        ratio = np.divide(moved[pair], base, out=np.full_like(base, np.nan), where=base != 0.0)
        values = np.where(base == 0.0, mine + moved[pair], mine * ratio)
        if REGISTRY[pair[0]].unit == SHARE:
            values = np.clip(values, 0.0, 1.0)
        found[pair] = values
    return found


def _table(found: Sequence[tuple[int, Mapping[tuple[str, str], Floats]]]) -> pd.DataFrame:
    """Return draws as a table of indicators."""
    keys = [(draw, *pair) for draw, series in found for pair in series]
    if not keys:
        return INDICATORS.empty()
    values = np.concatenate([series for _, drawn in found for series in drawn.values()])
    months = len(values) // len(keys)
    known = ~np.isnan(values)
    draws, names, breakdowns = (np.array(column, dtype=object) for column in zip(*keys, strict=True))
    units = np.array([REGISTRY[str(name)].unit for name in names], dtype=object)
    return INDICATORS.frame(
        replication=np.repeat(draws.astype(np.int64), months)[known],
        month=np.tile(np.arange(months), len(keys))[known],
        indicator=np.repeat(names, months)[known],
        breakdown=np.repeat(breakdowns, months)[known],
        value=np.round(values[known], 9),
        unit=np.repeat(units, months)[known],
    )


def _facts(rows: Sequence[Parameter], count: int, sample: Sample) -> dict[str, Any]:
    return {
        "draws": count,
        "zones": len(sample.zones),
        "held": "everything that was built",
        "parameters": [
            {"name": row.name, "low": row.low, "value": row.value, "high": row.high, "unit": row.unit}
            for row in rows
        ],
    }
