"""How far the fitted curves are from what they were fitted to, and from what came, beside naive forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.fitting.baselines import fixed_ceiling, last_growth, last_step
from sim.fitting.curves import Numbers
from sim.fitting.scores import mape, mean_absolute_error
from sim.fitting.series import Points
from sim.indicators.history import Observation
from sim.nation.national import Nation, Series
from sim.nation.observed import Observed

_PER_CENT = 100.0
_FIBRE = "ftth_share_of_fixed_subscribers"
_LAST = "2020-12"


@dataclass(frozen=True)
class Judged:
    """A quantity that the back-test holds the run to."""

    name: str
    observed: str
    unit: str
    """Unit of the errors; a quantity in per cent is judged in points, another by the mean relative error."""
    naive_ceiling: float


def judged(nation: Nation) -> tuple[Judged, ...]:
    """Return the quantities whose errors are printed beside those of naive forecasts.

    The naive ceiling is what anybody would take: the cards in use, a line for each home, all lines.
    """
    ends = nation.scenario.nation.ceilings
    return (
        Judged("users_lte", "mobile_4g_subscribers", "users", ends.cards),
        Judged(
            "fixed_broadband_household_penetration", "fixed_broadband_household_penetration", "points", 100.0
        ),
        Judged(_FIBRE, "share_ftth_o_of_fixed_broadband", "points", 100.0),
    )


def error_rows(nation: Nation, rows: Sequence[Observation], until: str) -> list[dict[str, Any]]:
    """Return for each quantity the errors of model and naive forecasts, in sample and after it.

    ``rows`` are all observations: those after ``until`` are only held against what was said without them.
    """
    known, whole = Observed.until(rows, until), Observed.until(rows, _LAST)
    table = []
    for one in judged(nation):
        seen, came = known.series(one.observed), whole.series(one.observed)
        later = Points(came.points[len(seen) :])
        if one.name == _FIBRE:
            seen = nation.fibre_shares  # the naive forecasts may read as much as the model
        model = _of(nation, one.name)
        for part, points in (("fitted", seen), ("forecast", later)):
            if len(points):
                table.append(_row(one, part, points, _forecasts(one, model, nation, seen, points)))
    return table


def _of(nation: Nation, name: str) -> Series:
    return {
        "users_lte": nation.lte,
        "fixed_broadband_household_penetration": nation.penetration,
        _FIBRE: nation.fibre_share,
    }[name]


def _forecasts(
    one: Judged, model: Series, nation: Nation, seen: Points, points: Points
) -> Mapping[str, Numbers]:
    """Return what model and naive forecasts say at points, by name."""
    factor = _PER_CENT if model.unit == "share" else 1.0
    said = np.isfinite(model.value)
    at = points.years
    found = {"model": np.interp(at, nation.years[said], model.value[said]) * factor}
    top = 100.0 if model.unit == "share" else np.inf
    return found | {
        "last year's growth": np.minimum(last_growth(seen, at), top),
        "last year's step": np.minimum(last_step(seen, at), top),
        "logistic, fixed ceiling": fixed_ceiling(seen, one.naive_ceiling)(at),
    }


def _row(one: Judged, part: str, points: Points, said: Mapping[str, Numbers]) -> dict[str, Any]:
    """Return the errors of every forecast, and the points themselves."""
    measure = mape if one.unit == "users" else mean_absolute_error
    factor = _PER_CENT if one.unit == "users" else 1.0
    return {
        "indicator": one.name,
        "part": part,
        "points": len(points),
        "error": "mean relative error [%]" if one.unit == "users" else "mean absolute error [points]",
        **{name: round(factor * measure(values, points.values), 4) for name, values in said.items()},
    }
