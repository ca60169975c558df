"""One series fitted by one curve, for those who want to see a fit by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.clock import month_label, month_number
from sim.errors import DataError, Problem
from sim.fitting.curves import CURVES, Numbers
from sim.fitting.forecast import Span, draw_values, interval
from sim.fitting.least_squares import Fit, fit_curve
from sim.fitting.scores import coverage, mape, mean_absolute_error
from sim.fitting.series import Point, Points, year_of
from sim.indicators.history import Observation
from sim.nation.observed import Observed
from sim.randomness import Streams

SPEED_MIX = "speed_mix"
"""Name that stands for the shares of lines by the rate that they pay for."""
_END = "2099-12"
_FORTHCOMING = 48
_DRAWS = 400
_LINES = "fixed_broadband_subscribers"


@dataclass(frozen=True)
class Wish:
    """What is to be fitted."""

    indicator: str
    history: Path
    """File of the observations, as mistakes name it."""
    rows: tuple[Observation, ...]
    """What it holds."""
    place: str = "China"
    until: str = ""
    """Last month that is fitted; empty for all."""
    curve: str = "logistic"
    ceiling: float | None = None
    launch: str = ""
    """Month before the first adopters, for Bass; empty to estimate it."""
    break_month: str = ""
    """Month of a change of definition; the level before it is estimated as a factor."""
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Single:
    """A fitted series with what came after."""

    wish: Wish
    fit: Fit
    later: Points
    """Observations after the last month that was fitted."""
    months: tuple[str, ...]
    """Months of the forecast."""
    central: Numbers
    """Shape (months,)."""
    low: Numbers
    high: Numbers

    def facts(self) -> dict[str, Any]:
        """Return what was fitted and what is forecast, as plain values."""
        errors, fit = self.fit.standard_errors, self.fit
        return {
            "indicator": self.wish.indicator,
            "place": self.wish.place,
            "curve": fit.curve.name,
            "until": self.wish.until or fit.points.points[-1].month,
            "parameters": [
                {"name": name, "value": value, "standard_error": errors.get(name), "held": name not in errors}
                for name, value in fit.values.items()
            ],
            "rmse": fit.rmse,
            "mean_relative_error": mape(fit.points.values - fit.residuals, fit.points.values),
            "fitted": [_point(p, v) for p, v in zip(fit.points.points, fit(fit.points.inputs), strict=True)],
            "forecast": [
                {"month": month, "value": value, "p10": low, "p90": high}
                for month, value, low, high in zip(
                    self.months, self.central.tolist(), self.low.tolist(), self.high.tolist(), strict=True
                )
            ],
            "came": self.came(),
        }

    def came(self) -> dict[str, Any]:
        """Return the errors against what came after, without which the curve was fitted."""
        if not len(self.later):
            return {"points": 0}
        said = self.fit(self.later.inputs)
        result: dict[str, Any] = {
            "points": len(self.later),
            "mean_absolute_error": mean_absolute_error(said, self.later.values),
            "mean_relative_error": mape(said, self.later.values),
        }
        if self.later.inputs.ndim == 1 and self.months:
            at = np.array([year_of(month) for month in self.months])
            low, high = (np.interp(self.later.years, at, edge) for edge in (self.low, self.high))
            result["coverage_80"] = coverage(low, high, self.later.values)
        return result


def _point(point: Point, fitted: float) -> dict[str, Any]:
    return {
        "month": point.month, "mbps": point.rate or None, "observed": point.value, "fitted": float(fitted),
        "known_from": point.known_from,
    }  # fmt: skip


def fit_series(wish: Wish) -> Single:
    """Return one fitted series of the observations.

    Raises ``DataError`` where the history lacks the series, or too few points stand before the last month.
    """
    whole = Observed.until(wish.rows, _END, wish.place)
    points = _points(whole, wish)
    until = wish.until or points.points[-1].month
    known = points.until(until)
    later = Points(tuple(point for point in points.points if month_number(point.month) > month_number(until)))
    try:
        fit = _refit(wish, known, wish.ceiling)
    except ValueError as error:
        problem = Problem(str(wish.history), wish.indicator, f"cannot be fitted until {until}: {error}")
        raise DataError((problem,)) from None
    months = _forecast_months(until, later)
    if wish.indicator == SPEED_MIX:
        return Single(wish, fit, later, (), np.empty(0), np.empty(0), np.empty(0))
    at = np.array([year_of(month) for month in months])
    top = wish.ceiling or 0.0
    drawn = draw_values(
        lambda _: fit, Span(top, top, top), at, Streams(wish.seed), f"fit {wish.indicator}", _DRAWS
    )
    return Single(wish, fit, later, months, fit(at), *interval(drawn))


def _points(observed: Observed, wish: Wish) -> Points:
    if wish.indicator == SPEED_MIX:
        return observed.ladder(observed.series(_LINES), 0.0)
    return observed.series(wish.indicator)


def _refit(wish: Wish, points: Points, ceiling: float | None) -> Fit:
    """Return the fit of the curve that is wished, with what is held."""
    if wish.indicator == SPEED_MIX:
        return fit_curve(CURVES["ladder"], points, {})
    held: dict[str, float] = {}
    if ceiling is not None and wish.curve != "exponential":
        held["ceiling"] = ceiling
    if wish.curve == "bass" and wish.launch:
        held["launch"] = year_of(wish.launch)
    if wish.curve == "exponential":
        held["origin"] = float(points.years[-1])
    return fit_curve(
        CURVES[wish.curve], points, held, relative=wish.curve == "exponential", break_month=wish.break_month
    )


def _forecast_months(until: str, later: Points) -> tuple[str, ...]:
    """Return the months from the first after the fit to the last observed, at least four years."""
    first = month_number(until) + 1
    last = max([first + _FORTHCOMING - 1, *(month_number(point.month) for point in later.points)])
    return tuple(month_label(month) for month in range(first, last + 1))
