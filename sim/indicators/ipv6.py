"""Indicators of IPv6 among users: behind nodes that speak it, with terminals that know it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import TOWN_AND_COUNTRY, Evidence, Indicator, Series, divide
from sim.tables.plan import FIXED, IPV6, MOBILE

_MONTHS_PER_YEAR = 12.0
_OLD = ("gsm", "umts")
"""Networks whose terminals are left out: the documents speak of fixed lines and 4G."""


def knowing_share(months: int, at_start: float, of_new: float, life_years: float) -> NDArray[np.float64]:
    """Return the share of terminals that know IPv6 by month, shape (M,).

    Terminals are replaced at the rate 1/life, by ones of which the share ``of_new`` knows it:
    s(t) = n - (n - s0) exp(-t/life), with t the time since the start.
    """
    years = np.arange(months) / _MONTHS_PER_YEAR
    return np.asarray(of_new - (of_new - at_start) * np.exp(-years / life_years), dtype=np.float64)


def users_share(evidence: Evidence) -> Series:
    """Return the share of users of fixed lines and of 4G and later with IPv6, by group.

    A user counts as ready by the share of terminals of the kind that know it, where the nodes of the
    zone's county speak it.
    """
    carried = evidence.state.transport
    if carried is None:
        return {}
    return _share_of_users(evidence, carried.ipv6[:, carried.standing.county])


def terminals_share(evidence: Evidence) -> Series:
    """Return the share of users of fixed lines and of 4G and later whose terminal knows IPv6, by group."""
    return _share_of_users(evidence, None)


def _share_of_users(evidence: Evidence, node: NDArray[np.bool_] | None) -> Series:
    """Return the share of users whose terminal knows IPv6 and whose ``node`` speaks it, shape (M, Z)."""
    state, options = evidence.state, evidence.options
    with_ipv6 = {group: np.zeros(evidence.months) for group in TOWN_AND_COUNTRY}
    users = {group: np.zeros(evidence.months) for group in TOWN_AND_COUNTRY}
    for use, life in ((FIXED, options.ipv6_gateway_life), (MOBILE, options.ipv6_handset_life)):
        names = [n for n, u in zip(state.technologies, state.uses, strict=True) if u == use and n not in _OLD]
        mine = evidence.users(*names)
        behind = mine if node is None else mine * node
        knows = knowing_share(evidence.months, options.ipv6_terminals, options.ipv6_new_terminals, life)
        for group in TOWN_AND_COUNTRY:
            users[group] += evidence.total(mine, group)
            with_ipv6[group] += knows * evidence.total(behind, group)
    return {group: divide(with_ipv6[group], users[group]) for group in TOWN_AND_COUNTRY}


_USED_ON = ("dsl", "ftth", "cable", "fwa", "lte", "nr")
INDICATORS = (
    Indicator(
        "ipv6_terminals_share",
        "share",
        "users of fixed lines and of 4G and later with a terminal that knows IPv6, whatever nodes speak",
        terminals_share,
        _USED_ON,
        breakdowns=TOWN_AND_COUNTRY,
    ),
    Indicator(
        "ipv6_users_share",
        "share",
        "users of fixed lines and of 4G and later behind nodes that speak IPv6, with a terminal that "
        "knows it",
        users_share,
        (*_USED_ON, "transport"),
        need=(IPV6, 0.0),
        breakdowns=TOWN_AND_COUNTRY,
    ),
)
