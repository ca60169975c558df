"""How much a forecast owes to the form that was chosen: neighbouring forms, each by the same yardsticks.

The error of the withheld end is what could be known when the form was chosen; that of the forecast could not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from sim.clock import month_label, month_number
from sim.fitting.curves import CURVES, Numbers
from sim.fitting.least_squares import fit_curve
from sim.fitting.scores import mape, mean_absolute_error
from sim.fitting.series import Point, Points, year_of
from sim.indicators.history import Observation
from sim.nation.national import Nation
from sim.nation.observed import Observed, lines_at

_LAST = "2020-12"
_PER_CENT = 100.0
_FORMS = ("bass", "logistic", "gompertz")
Forecast = Callable[[Points, Numbers], Numbers]


def form_rows(nation: Nation, rows: Sequence[Observation], until: str) -> list[dict[str, Any]]:
    """Return what every form would have said: its error within, at the withheld end, and after ``until``.

    Withheld is what was observed in the last eleven months up to ``until``. Not-a-number stands for a form
    that the points left cannot fix.
    """
    whole = Observed.until(rows, _LAST)
    table = []
    for quantity, observed, points, forms in _cases(nation):
        later = [p for p in whole.series(observed).points if month_number(p.month) > month_number(until)]
        came = Points(tuple(later))
        relative = quantity == "users_lte"
        for name, chosen, forecast in forms:
            table.append(
                {
                    "quantity": quantity,
                    "form": name,
                    "chosen": chosen,
                    "fitted": _error(forecast, points, points, relative=relative),
                    "withheld": _withheld(forecast, points, until, relative=relative),
                    "forecast": _error(forecast, points, came, relative=relative),
                    "error": "mean relative error [%]" if relative else "mean absolute error [points]",
                }
            )
    return table


def _error(forecast: Forecast, known: Points, against: Points, *, relative: bool) -> float | None:
    """Return the error of a forecast from known points against others, None where it cannot be made."""
    if not len(against):
        return None
    try:
        said = forecast(known, against.years)
    except ValueError:
        return None
    measure, factor = (mape, _PER_CENT) if relative else (mean_absolute_error, 1.0)
    return round(factor * measure(said, against.values), 4)


def _withheld(forecast: Forecast, points: Points, until: str, *, relative: bool) -> float | None:
    begin = month_label(month_number(until) - 10)
    before = points.before(begin)
    kept = Points(tuple(p for p, old in zip(points.points, before, strict=True) if old))
    rest = Points(tuple(p for p, old in zip(points.points, before, strict=True) if not old))
    return _error(forecast, kept, rest, relative=relative) if len(kept) else None


def _cases(
    nation: Nation,
) -> Iterator[tuple[str, str, Points, list[tuple[str, bool, Forecast]]]]:
    """Yield each quantity with the name of its observations, its points and its forms."""
    options, observed = nation.scenario.nation, nation.observed
    ends = options.ceilings
    launch = year_of(options.base.lte_launch)
    lte, name = options.curves.users_lte, "mobile_4g_subscribers"
    forms = [
        (f"{form}, {words}", form == lte and words == "cards in use", _under(form, top, launch))
        for words, top in (
            ("cards in use", ends.cards), ("cards of 2013", ends.cards_low), ("residents", ends.cards_high)
        )
        for form in _FORMS
    ]  # fmt: skip
    yield "users_lte", name, observed.series(name), forms
    name, chosen = "fixed_broadband_household_penetration", options.curves.household_penetration
    tops = (ends.lines_per_100_homes, ends.lines_per_100_homes_low, ends.lines_per_100_homes_high)
    forms = [
        (f"{form}, ceiling {top:g}", form == chosen and top == tops[0], _under(form, top, None))
        for top in (*tops, 115.0)
        for form in ("logistic", "gompertz")
    ]
    yield name, name, observed.series(name).since(options.base.penetration_since), forms
    forms = [("conversion of the other lines", True, _conversion(nation))]
    forms += [
        (f"{form} of the share", False, _under(form, _PER_CENT, None)) for form in ("logistic", "gompertz")
    ]
    yield "ftth_share_of_fixed_subscribers", "share_ftth_o_of_fixed_broadband", nation.fibre_shares, forms


def _under(form: str, ceiling: float, launch: float | None) -> Forecast:
    """Return the forecast of a curve under a ceiling."""

    def forecast(points: Points, years: Numbers) -> Numbers:
        held = {"ceiling": ceiling}
        if form == "bass" and launch is not None:
            held["launch"] = launch
        return fit_curve(CURVES[form], points, held)(years)

    return forecast


def _conversion(nation: Nation) -> Forecast:
    """Return the forecast of fibre shares by the conversion of other lines; lines are the nation's."""

    def forecast(points: Points, years: Numbers) -> Numbers:
        counts = nation.counted_lines
        others = [
            Point(p.month, (1.0 - p.value / _PER_CENT) * float(lines_at(counts, p.year)), p.year)
            for p in points.points
        ]
        held = {"origin": float(points.years[-1])}
        fit = fit_curve(CURVES["exponential"], Points.of(others), held, relative=True)
        last = counts.years[-1]
        total = np.where(
            years <= last + 1e-9, lines_at(counts, years), np.interp(years, nation.years, nation.lines.value)
        )
        return np.asarray(_PER_CENT * (1.0 - fit(years) / total))

    return forecast
