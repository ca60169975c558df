"""Formulas of money over time: present value, annuities, payback, capital cost, prices by year, tower rent.

Rates are per year, flows per month; money of a month falls due in its middle. Currency and unit are the
caller's.

References
----------
.. [1] R. Brealey, S. Myers and F. Allen, "Principles of Corporate Finance", McGraw-Hill, chapters 2
       (present values, annuities), 5 (payback) and 19 (weighted cost of capital).
.. [2] T. P. Wright, "Factors affecting the cost of airplanes", J. Aeronautical Sciences 3 (4), 1936.
.. [3] I. Fisher, "The Theory of Interest", Macmillan 1930 (real and nominal rates).
.. [4] Commercial pricing agreements of China Tower with the three operators, 2016 and 2018 (20-F filings).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MONTHS_PER_YEAR = 12
_MIDDLE = 0.5


def discount_factors(rate: float, months: int) -> Floats:
    """Return what one unit in the middle of each month is worth at the start of month 0, shape (months,).

    ``v_m = (1 + r) ** -((m + 1/2) / 12)`` [1]_; ``rate`` above -1.
    """
    years = (np.arange(months) + _MIDDLE) / MONTHS_PER_YEAR
    return np.asarray((1.0 + rate) ** -years)


def present_value(flows: ArrayLike, rate: float) -> Floats:
    """Return the present value of monthly flows along their first axis, at the start of month 0.

    Incomes less outlays as flows give the net present value [1]_.
    """
    flows = np.asarray(flows, dtype=np.float64)
    return np.asarray(np.tensordot(discount_factors(rate, len(flows)), flows, axes=1))


def annuity_factor(rate: float, years: float) -> float:
    """Return the present value of one unit at the end of each of n years [1]_.

    ``(1 - (1 + r) ** -n) / r``, and n where nothing is discounted.
    """
    return years if rate == 0 else float((1.0 - (1.0 + rate) ** -years) / rate)


def capital_recovery_factor(rate: float, years: float) -> float:
    """Return the payment at each year's end that pays back one unit with interest: 1 / annuity factor."""
    return 1.0 / annuity_factor(rate, years)


def payback_years(flows: ArrayLike, rate: float = 0.0) -> Floats:
    """Return the years from the first outlay until the money is back for good, along the first axis.

    Without a rate it is the simple payback, with one the discounted [1]_. The balance is read linearly
    inside a month. It is 0 where the balance is never negative, infinite where it ends negative; where
    later outlays make it negative again, the last return counts.

    Parameters
    ----------
    flows
        Incomes less outlays by month, shape (N, ...).
    rate
        Yearly rate at which later money counts less.
    """
    flows = np.asarray(flows, dtype=np.float64)
    months = len(flows)
    columns = flows.reshape(months, -1)
    worth = columns * discount_factors(rate, months)[:, None] if rate else columns
    balance = np.cumsum(worth, axis=0)
    below = balance < 0
    first = np.argmax(columns < 0, axis=0)
    last = months - 1 - np.argmax(below[::-1], axis=0)
    each = np.arange(columns.shape[1])
    after = np.minimum(last + 1, months - 1)
    owed, gained = -balance[last, each], balance[after, each] - balance[last, each]
    part = np.divide(owed, gained, out=np.zeros_like(owed), where=gained > 0)
    years = (last + 1 + part - first) / MONTHS_PER_YEAR
    years = np.where(below[-1], np.inf, np.where(below.any(axis=0), years, 0.0))
    return np.asarray(years.reshape(flows.shape[1:]))


def weighted_capital_cost(
    equity_share: float, cost_of_equity: float, cost_of_debt: float, tax: float
) -> float:
    """Return the weighted average cost of capital, ``e k_e + (1 - e) k_d (1 - t)`` [1]_.

    Interest lowers the tax, so that debt counts after it. Shares 0..1, costs per year.
    """
    return equity_share * cost_of_equity + (1.0 - equity_share) * cost_of_debt * (1.0 - tax)


def real_rate(nominal: float, inflation: float) -> float:
    """Return the rate that counts in constant prices, ``(1 + i) / (1 + p) - 1`` [3]_."""
    return (1.0 + nominal) / (1.0 + inflation) - 1.0


def replacement_for_ever(price: float, life_years: float, rate: float, change: float = 0.0) -> float:
    """Return the present value of buying anew at the end of each life, without end.

    ``price q / (1 - q)`` with ``q = ((1 + g) / (1 + r)) ** L``: a perpetuity of period L whose price
    changes by g a year [1]_. Infinite where prices rise as fast as money is discounted.
    """
    if change >= rate:
        return float("inf")
    q = float(((1.0 + change) / (1.0 + rate)) ** life_years)
    return price * q / (1.0 - q)


def replacement_months(first: int, life_months: int, end: int) -> NDArray[np.int64]:
    """Return the months before ``end`` in which what serves from month ``first`` is bought anew."""
    return np.arange(first + life_months, end, life_months, dtype=np.int64)


def share_left(first: ArrayLike, life_months: ArrayLike, end: int) -> Floats:
    """Return the share of its life that plant has left at the end of month ``end`` - 1, 0..1, same shape.

    Plant serves from month ``first`` and is replaced whenever its life is over; its value falls linearly.
    """
    life = np.asarray(life_months, dtype=np.float64)
    age = np.maximum(end - np.asarray(first, dtype=np.float64), 0.0)
    used = np.where(age > 0, np.mod(age - 1.0, life) + 1.0, 0.0)
    return np.asarray(1.0 - used / life)


def learned_price(first_price: float, made: ArrayLike, first_made: float, learning: float) -> Floats:
    """Return a price after so many units were made, ``c_1 (x / x_1) ** log2(1 - l)``, same shape.

    Each doubling of what was ever made lowers it by the share ``learning`` [2]_.
    """
    exponent = float(np.log2(1.0 - learning))
    return np.asarray(first_price * (np.asarray(made, dtype=np.float64) / first_made) ** exponent)


def price_level(change_by_year: Mapping[int, float], base_year: int, years: Sequence[int]) -> Floats:
    """Return the price level of each year against the base year, shape (years,).

    ``change_by_year[y]`` is the relative change from year y - 1 to y; years that are not named change
    nothing. Before the base year the level is divided by the changes between.
    """
    level = np.ones(len(years))
    for place, year in enumerate(years):
        lower, upper = sorted((base_year, year))
        between = [1.0 + change_by_year.get(y, 0.0) for y in range(lower + 1, upper + 1)]
        product = float(np.prod(between))
        level[place] = product if year >= base_year else 1.0 / product
    return level


def by_year(points: Mapping[str, float], years: ArrayLike) -> Floats:
    """Return a series that is known in some years at any (decimal) year, same shape.

    Between two years it is read linearly, before the first and after the last it stays.
    """
    known = sorted((float(year), value) for year, value in points.items())
    place, value = zip(*known, strict=True)
    return np.asarray(np.interp(np.asarray(years, dtype=np.float64), place, value))


def sharing_discount(tenants: ArrayLike, two: float, three: float) -> Floats:
    """Return the discount on the rent of each of so many tenants of a mast, same shape.

    None alone, ``two`` where two share, ``three`` where three or more do [4]_.
    """
    count = np.asarray(tenants)
    return np.asarray(np.where(count >= 3, three, np.where(count == 2, two, 0.0)))


def cost_plus_rent(cost_per_year: float, markup: float, discount: ArrayLike = 0.0) -> Floats:
    """Return a tenant's yearly rent: the mast's yearly cost, a mark-up on it, less the discount [4]_."""
    return np.asarray(cost_per_year * (1.0 + markup) * (1.0 - np.asarray(discount, dtype=np.float64)))


def sole_rent(mean_rent: float, tenants_per_site: float, two: float) -> float:
    """Return what a sole tenant pays where the mean over all tenants is known [4]_.

    Of masts with one or two tenants, n on average, a share ``2 (n - 1) / n`` of the tenants share, so that
    ``mean = sole (1 - two 2 (n - 1) / n)``. ``tenants_per_site`` is held between 1 and 2.
    """
    tenants = min(max(tenants_per_site, 1.0), 2.0)
    return mean_rent / (1.0 - two * 2.0 * (tenants - 1.0) / tenants)


def subsidy_need(net_present_value: ArrayLike) -> Floats:
    """Return the grant at the start that makes a net present value nought, never negative, same shape."""
    return np.maximum(-np.asarray(net_present_value, dtype=np.float64), 0.0)
