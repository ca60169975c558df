"""Homes with a line, by income, and the rate that a test shows on their lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.indicators.access import LINES
from sim.indicators.base import GROUPS, RURAL, URBAN, Evidence, Indicator, Series, divide, home_share
from sim.tables.layers import URBAN_KINDS, ZONE_KINDS

Floats = NDArray[np.float64]


def _homes_with_line(evidence: Evidence) -> NDArray[np.float32]:
    return evidence.users(*(evidence.state.technologies[row] for row in evidence.fixed))


def cover(evidence: Evidence) -> Series:
    """Return the share of homes with a fixed line, at most all of them, by group."""
    return home_share(evidence, _homes_with_line(evidence))


def take_up_by_income(evidence: Evidence) -> Series:
    """Return the share of homes with a line by group of income, the poorest first, urban and rural.

    Homes of all groups live side by side in a zone, so that those that want a line are held up alike.
    """
    lines = evidence.state.lines
    if lines is None or lines.demand.willing_by_income is None:
        return {}
    demand, result = lines.demand, {}
    wanted = lines.demand.willing_by_income
    mean = wanted.mean(axis=2)
    users, homes = _homes_with_line(evidence), evidence.state.homes
    for group in (URBAN, RURAL):
        kinds = [place for place, kind in enumerate(ZONE_KINDS) if (kind in URBAN_KINDS) == (group == URBAN)]
        held, stock = np.zeros((evidence.months, wanted.shape[2])), np.zeros(evidence.months)
        for kind in kinds:
            here = demand.zone_kind == kind
            taken = users[:, here].sum(axis=1, dtype=np.float64)
            part = np.divide(taken, mean[:, kind], out=np.zeros_like(taken), where=mean[:, kind] > 0)
            held += part[:, None] * wanted[:, kind]
            stock += homes[:, here].sum(axis=1, dtype=np.float64)
        for place in range(wanted.shape[2]):
            result[f"{group} {place + 1}"] = divide(held[:, place], stock)
    return result


def measured(evidence: Evidence) -> Series:
    """Return the mean download rate that a test shows on fixed lines at any hour, by group.

    What gets through of the rate paid for, or, where that is less, what the load of a mean hour leaves of the
    unit that the line shares (processor sharing, as at the busy hour).
    """
    state = evidence.state
    if state.lines is None:
        return {}
    top, bottom = np.zeros(state.homes.shape), np.zeros(state.homes.shape)
    for row in evidence.fixed:
        users = state.subscribers[:, row].astype(np.float64)
        top += users * np.minimum(
            state.subscribed_mbps[:, row] * state.lines.demand.delivered_share, _left(evidence, row)
        )
        bottom += users
    return {g: divide(evidence.total(top, g), evidence.total(bottom, g)) for g in GROUPS}


def _left(evidence: Evidence, row: int) -> Floats:
    """Return what the mean hour leaves to one more user of a technology's shared units, (M, Z) [Mbit/s]."""
    state, name = evidence.state, evidence.state.technologies[row]
    lines = state.lines
    if lines is None or name not in lines.units:
        return np.full(state.homes.shape, np.inf)
    units, rate = lines.units[name].astype(np.float64), lines.unit_mbps[name].astype(np.float64)
    traffic = lines.demand.fixed_busy_mbps[:, None] * lines.demand.mean_over_busy
    load = np.divide(state.subscribers[:, row] * traffic, units, out=np.zeros_like(units), where=units > 0)
    return np.where((units > 0) & (rate > 0), np.maximum(rate - load, 0.0), np.inf)


INDICATORS = (
    Indicator(
        "homes_with_fixed_line_share",
        "share",
        "homes with a fixed line: their first, without those of shops and offices",
        cover,
        LINES,
        of="homes",
        breakdowns=GROUPS,
    ),
    Indicator(
        "take_up_by_income",
        "share",
        "homes with a fixed line by fifths of income, the poorest first",
        take_up_by_income,
        LINES,
        breakdowns=("each fifth of income",),
    ),
    Indicator(
        "measured_mbps",
        "Mbit/s",
        "mean download rate that a test shows on fixed lines over the hours of a day",
        measured,
        LINES,
        breakdowns=GROUPS,
    ),
)
