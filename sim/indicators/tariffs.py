"""Indicators of tariffs: prices of rate and traffic, and the part of an income that the entry package takes.

Prices and incomes are inputs of a scenario; the rates that lines are paid for come out of the run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.indicators.access import LINES
from sim.indicators.base import ALL, SHARE, TOWN_AND_COUNTRY, Evidence, Indicator, Series, divide
from sim.tables.demand import Demand, Tariffs

_MONTHS_PER_YEAR = 12


def _demand(evidence: Evidence) -> tuple[Demand, Tariffs] | None:
    demand = None if evidence.state.lines is None else evidence.state.lines.demand
    return None if demand is None or demand.tariffs is None else (demand, demand.tariffs)


def price_per_mbps(evidence: Evidence) -> Series:
    """Return what subscribers pay in a month over the rates that they pay for, by group."""
    found = _demand(evidence)
    if found is None:
        return {}
    price = found[1].fixed_yuan[:, found[0].zone_kind]
    lines: NDArray[np.float64] = np.zeros(evidence.state.homes.shape)
    mbps = np.zeros_like(lines)
    for row in evidence.fixed:
        users = evidence.state.subscribers[:, row]
        lines += users
        mbps += users * evidence.state.subscribed_mbps[:, row]
    paid = lines * price
    return {
        group: divide(evidence.total(paid, group), evidence.total(mbps, group)) for group in TOWN_AND_COUNTRY
    }


def price_per_gb(evidence: Evidence) -> Series:
    """Return the price of mobile data."""
    found = _demand(evidence)
    return {} if found is None else {ALL: found[1].per_gb_yuan}


def entry_price_income_share(evidence: Evidence) -> Series:
    """Return a year of the entry package over a resident's disposable income, by group.

    Prices and incomes of a group are means over its residents.

    References
    ----------
    ITU, Measuring the Information Society: price of an entry-level package over income a head.
    """
    found = _demand(evidence)
    if found is None:
        return {}
    kind, people = found[0].zone_kind, evidence.state.population
    price = people * found[1].entry_yuan[:, kind] * _MONTHS_PER_YEAR
    income = people * found[1].income_yuan[:, kind]
    return {
        group: divide(evidence.total(price, group), evidence.total(income, group))
        for group in TOWN_AND_COUNTRY
    }


INDICATORS = (
    Indicator(
        "price_per_mbps",
        "yuan/Mbit/s/month",
        "what fixed lines cost in a month over the rates paid for, at constant prices",
        price_per_mbps,
        LINES,
        breakdowns=TOWN_AND_COUNTRY,
    ),
    Indicator("price_per_gb", "yuan/GB", "price of mobile data, at constant prices", price_per_gb),
    Indicator(
        "entry_price_income_share",
        SHARE,
        "a year of the cheapest fixed package over a resident's disposable income",
        entry_price_income_share,
        LINES,
        breakdowns=TOWN_AND_COUNTRY,
    ),
)
