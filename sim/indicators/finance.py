"""Finance month by month: running cost, revenue, and what the whole run is worth, needs and must renew.

``sim.indicators.cash`` works the cash flows out; here stand the figures that are told of them. What holds for
all years evaluated together is told in the last month alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.finance import payback_years
from sim.indicators.base import (
    ALL,
    EACH_PREFECTURE,
    EACH_TECHNOLOGY,
    TOWN_AND_COUNTRY,
    Evidence,
    Indicator,
    Series,
)
from sim.tables.finance import Finance

Floats = NDArray[np.float64]
FEN_PER_YUAN = 100
_DISCOUNTED = "discounted"
_OUTLAYS = ("capex", "opex", "replacement")


def opex(evidence: Evidence) -> Series:
    """Return the running cost of plant in service by group and technology [yuan/month]."""
    found = evidence.state.finance
    if found is None:
        return {}
    groups = {group: evidence.total(found.opex_fen, group) / FEN_PER_YUAN for group in TOWN_AND_COUNTRY}
    return groups | {name: fen / FEN_PER_YUAN for name, fen in found.opex_by_technology.items()}


def revenue(evidence: Evidence) -> Series:
    """Return the revenue for the network that the run's money adds, by group [yuan/month]."""
    found = evidence.state.finance
    if found is None:
        return {}
    return {group: evidence.total(found.revenue_fen, group) / FEN_PER_YUAN for group in TOWN_AND_COUNTRY}


def _of_zones(evidence: Evidence, column: str) -> Series:
    """Return the sum of a column of the table by group and prefecture, told in the last month [yuan]."""
    found = evidence.state.finance
    if found is None:
        return {}
    yuan = found.table[column].to_numpy(dtype=np.float64)[None, :] / FEN_PER_YUAN
    result = {
        group: _at_the_end(evidence, float(evidence.total(yuan, group)[0])) for group in TOWN_AND_COUNTRY
    }
    sums = evidence.by_prefecture(yuan)[0]
    for name, value in zip(evidence.prefectures, sums, strict=True):
        result[name] = _at_the_end(evidence, float(value))
    return result


def _at_the_end(evidence: Evidence, value: float) -> Floats:
    """Return a series that is known in the last month only, shape (M,)."""
    series = np.full(evidence.months, np.nan)
    series[-1] = value
    return series


def npv(evidence: Evidence) -> Series:
    """Return the net present value of the run's money, by group and prefecture [yuan]."""
    return _of_zones(evidence, "npv_fen")


def subsidy(evidence: Evidence) -> Series:
    """Return the grants that would make every zone's money worth it, by group and prefecture [yuan]."""
    return _of_zones(evidence, "subsidy_fen")


def net_flow(found: Finance) -> Floats:
    """Return income less outlay over all zones by month evaluated, without what plant is worth at the end."""
    return np.asarray(found.flows["revenue"] - sum(found.flows[name] for name in _OUTLAYS))


def payback(evidence: Evidence) -> Series:
    """Return the years until the run's money is back, not-a-number where it never is [yr]."""
    found = evidence.state.finance
    if found is None:
        return {}
    flow = net_flow(found)
    result = {}
    for name, rate in ((ALL, 0.0), (_DISCOUNTED, found.rate)):
        years = float(payback_years(flow, rate))
        result[name] = _at_the_end(evidence, years if np.isfinite(years) else np.nan)
    return result


def replacement(evidence: Evidence) -> Series:
    """Return what is bought anew at the end of its life, in all and by year [yuan]."""
    found = evidence.state.finance
    if found is None:
        return {}
    due = found.flows["replacement"] / FEN_PER_YUAN
    year = (evidence.horizon.start + np.arange(len(due))) // 12
    result = {ALL: _at_the_end(evidence, float(due.sum()))}
    for one in np.unique(year[due > 0]):
        result[str(one)] = _at_the_end(evidence, float(due[year == one].sum()))
    return result


INDICATORS = (
    Indicator(
        "opex_per_month",
        "yuan/month",
        "running cost of plant in service, in all and by technology",
        opex,
        breakdowns=(*TOWN_AND_COUNTRY, EACH_TECHNOLOGY),
    ),
    Indicator(
        "added_revenue_per_month",
        "yuan/month",
        "revenue left for the network that the money adds",
        revenue,
        breakdowns=TOWN_AND_COUNTRY,
    ),
    Indicator(
        "npv",
        "yuan",
        "net present value of the money over the years evaluated",
        npv,
        breakdowns=(*TOWN_AND_COUNTRY, EACH_PREFECTURE),
    ),
    Indicator(
        "payback_years",
        "yr",
        "years until the money is back, at no rate and discounted",
        payback,
        breakdowns=(ALL, _DISCOUNTED),
    ),
    Indicator(
        "subsidy_need",
        "yuan",
        "grants at the start that make up for zones worth less than 0",
        subsidy,
        breakdowns=(*TOWN_AND_COUNTRY, EACH_PREFECTURE),
    ),
    Indicator(
        "replacement_due",
        "yuan",
        "plant bought anew at the end of its life, by year",
        replacement,
        breakdowns=(ALL, "each year"),
    ),
)
