"""Indicators of fixed access: homes passed, capability, rates and take-up."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import (
    ALL,
    CAPITAL,
    CITIES,
    EACH_PREFECTURE,
    GROUPS,
    OTHER_CITIES,
    SATELLITE,
    Evidence,
    Indicator,
    Series,
    divide,
    home_share,
)
from sim.tables.plan import FIXED

LINES = ("dsl", "ftth", "cable", "fwa")
"""Technologies of fixed broadband lines; satellite stands apart."""
CAPABILITY_MBPS = (4, 12, 20, 50, 100)


def as_counted(evidence: Evidence, homes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return lines as statistics count them for homes with one: with those of shops and offices, (M, Z)."""
    if evidence.state.lines is None:
        return homes.astype(np.float64)
    return np.asarray(homes * evidence.state.lines.demand.lines_per_home, dtype=np.float64)


def _fixed_users(evidence: Evidence) -> NDArray[np.float64]:
    users = evidence.users(*(evidence.state.technologies[row] for row in evidence.fixed))
    return as_counted(evidence, users)


def homes(evidence: Evidence) -> Series:
    """Return the homes by group."""
    return {group: evidence.homes[group] for group in GROUPS}


def penetration(evidence: Evidence) -> Series:
    """Return fixed lines as statistics count them for 100 homes, never capped, by group and prefecture."""
    users = _fixed_users(evidence)
    result = {g: 100 * divide(evidence.total(users, g), evidence.homes[g]) for g in GROUPS}
    lines, stock = evidence.by_prefecture(users), evidence.by_prefecture(evidence.state.homes)
    for row, name in enumerate(evidence.prefectures):
        result[name] = 100 * divide(lines[:, row], stock[:, row])
    return result


def fixed_subscribers(evidence: Evidence) -> Series:
    """Return the fixed broadband lines as statistics count them, by group."""
    users = _fixed_users(evidence)
    return {group: evidence.total(users, group) for group in GROUPS}


def ftth_subscribers(evidence: Evidence) -> Series:
    """Return the FTTH lines as statistics count them, by group."""
    users = as_counted(evidence, evidence.users("ftth"))
    return {group: evidence.total(users, group) for group in GROUPS}


def ftth_share(evidence: Evidence) -> Series:
    """Return the FTTH share of fixed subscribers by group."""
    fibre, lines = ftth_subscribers(evidence), fixed_subscribers(evidence)
    return {group: divide(fibre[group], lines[group]) for group in GROUPS}


def capability_share(evidence: Evidence, mbps: float) -> Series:
    """Return the share of homes that can order a rate; homes with a satellite terminal apart."""
    result = home_share(evidence, evidence.capable(mbps))
    terminals = np.zeros(evidence.state.homes.shape, dtype=np.float32)
    for row in evidence.satellites:
        enough = evidence.state.peak_mbps[:, row] >= mbps
        terminals = terminals + np.where(enough, evidence.state.subscribers[:, row], 0)
    result["satellite"] = divide(evidence.total(terminals), evidence.homes[ALL])
    return result


def cities_100(evidence: Evidence) -> Series:
    """Return how many prefectures offer 100 Mbit/s to the stated share of their urban homes."""
    urban = evidence.masks["urban"]
    able = evidence.by_prefecture(evidence.capable(100), urban)
    stock = evidence.by_prefecture(evidence.state.homes, urban)
    offers = (stock > 0) & (able >= evidence.options.city_share * stock)
    return {ALL: offers.sum(axis=1).astype(np.float64)}


def all_fibre_cities(evidence: Evidence) -> Series:
    """Return the share of prefectures where fibre passes the stated share of city homes."""
    city = evidence.masks[CITIES]
    fibre = evidence.by_prefecture(evidence.passed("ftth"), city)
    stock = evidence.by_prefecture(evidence.state.homes, city)
    served = (stock > 0) & (fibre >= evidence.options.all_fibre_share * stock)
    return {ALL: divide(served.sum(axis=1).astype(float), (stock > 0).sum(axis=1).astype(float))}


def mean_capability(evidence: Evidence) -> Series:
    """Return the mean over homes of the best rate that can be ordered, 0 where none can be."""
    if not evidence.fixed:
        return {g: np.zeros(evidence.months) for g in GROUPS}
    rows, rate_homes = list(evidence.fixed), np.empty(evidence.state.homes.shape)
    # month by month, as one month fits into the nearest memory of a processor
    for month in range(evidence.months):
        peak, passed = evidence.state.peak_mbps[month, rows], evidence.state.homes_passed[month, rows]
        order = np.argsort(-peak, axis=0, kind="stable")
        peak = np.take_along_axis(peak, order, axis=0)
        # the best technology serves the first homes, the next best those beyond
        reached = np.maximum.accumulate(np.take_along_axis(passed, order, axis=0), axis=0)
        gained = np.diff(reached, axis=0, prepend=np.int32(0))
        rate_homes[month] = (peak * gained).sum(axis=0, dtype=np.float64)
    return {g: divide(evidence.total(rate_homes, g), evidence.homes[g]) for g in GROUPS}


def _mean_rate(
    evidence: Evidence, rates: NDArray[np.float32], rows: tuple[int, ...], group: str
) -> NDArray[np.float64]:
    top, bottom = np.zeros(evidence.months), np.zeros(evidence.months)
    for row in rows:
        users = evidence.state.subscribers[:, row]
        top += evidence.total(users * rates[:, row], group)
        bottom += evidence.total(users, group)
    return divide(top, bottom)


def mean_subscribed(evidence: Evidence) -> Series:
    """Return the mean rate paid for on fixed lines, by group, in the capital and in other cities."""
    rates, rows = evidence.state.subscribed_mbps, evidence.fixed
    return {g: _mean_rate(evidence, rates, rows, g) for g in (*GROUPS, CAPITAL, OTHER_CITIES)}


def busy_hour(evidence: Evidence) -> Series:
    """Return the mean rate of a fixed subscriber at the busy hour by group, and that of LTE users."""
    rates = evidence.state.busy_hour_mbps
    result = {g: _mean_rate(evidence, rates, evidence.fixed, g) for g in GROUPS}
    result["lte"] = _mean_rate(evidence, rates, evidence.rows("lte"), ALL)
    return result


def ftth_homes(evidence: Evidence) -> Series:
    """Return the homes passed by fibre by group."""
    passed = evidence.passed("ftth")
    return {group: evidence.total(passed, group) for group in GROUPS}


def ftth_homes_share(evidence: Evidence) -> Series:
    """Return the share of homes passed by fibre by group and prefecture."""
    passed = evidence.passed("ftth")
    result = home_share(evidence, passed)
    fibre, stock = evidence.by_prefecture(passed), evidence.by_prefecture(evidence.state.homes)
    for row, name in enumerate(evidence.prefectures):
        result[name] = divide(fibre[:, row], stock[:, row])
    return result


def ftth_100_share(evidence: Evidence) -> Series:
    """Return the share of homes that fibre offers 100 Mbit/s by group."""
    able = np.zeros_like(evidence.state.homes)
    for row in evidence.rows("ftth"):
        enough = evidence.state.peak_mbps[:, row] >= 100
        able = np.where(enough, evidence.state.homes_passed[:, row], 0)
    return home_share(evidence, able)


def satellite_homes(evidence: Evidence) -> Series:
    """Return the homes with a satellite terminal by group."""
    users = evidence.users(*(evidence.state.technologies[row] for row in evidence.satellites))
    return {group: evidence.total(users, group) for group in GROUPS}


def _capability(mbps: int) -> Indicator:
    return Indicator(
        f"access_capability_share_ge_{mbps}Mbps",
        "share",
        f"homes that can order {mbps} Mbit/s on a fixed line; satellite apart",
        partial(capability_share, mbps=float(mbps)),
        LINES,
        of="homes",
        need=(FIXED, float(mbps)),
        breakdowns=(*GROUPS, SATELLITE),
    )


INDICATORS = (
    Indicator("homes", "homes", "homes", homes, breakdowns=GROUPS),
    Indicator(
        "fixed_broadband_household_penetration",
        "lines/100 homes",
        "fixed lines, those of shops and offices too, for 100 homes; never capped, without satellite",
        penetration,
        LINES,
        of="homes",
        per=100,
        need=(FIXED, 4.0),
        breakdowns=(*GROUPS, EACH_PREFECTURE),
    ),
    Indicator(
        "fixed_subscribers",
        "lines",
        "fixed broadband lines, those of shops and offices too",
        fixed_subscribers,
        LINES,
        breakdowns=GROUPS,
    ),
    Indicator("ftth_subscribers", "lines", "FTTH lines", ftth_subscribers, ("ftth",), breakdowns=GROUPS),
    Indicator(
        "ftth_share_of_fixed_subscribers",
        "share",
        "FTTH among fixed lines",
        ftth_share,
        ("ftth",),
        breakdowns=GROUPS,
    ),
    *(_capability(mbps) for mbps in CAPABILITY_MBPS),
    Indicator(
        "access_capability_100Mbps_cities",
        "cities",
        "prefectures that offer 100 Mbit/s to the stated share of urban homes",
        cities_100,
        LINES,
        need=(FIXED, 100.0),
    ),
    Indicator(
        "access_capability_mbps",
        "Mbit/s",
        "mean over homes of the best rate on offer",
        mean_capability,
        LINES,
        breakdowns=GROUPS,
    ),
    Indicator(
        "mean_access_bandwidth_households",
        "Mbit/s",
        "mean rate paid for on fixed lines",
        mean_subscribed,
        LINES,
        need=(FIXED, 20.0),
        breakdowns=(*GROUPS, CAPITAL, OTHER_CITIES),
    ),
    Indicator(
        "busy_hour_mbps",
        "Mbit/s",
        "mean rate of a subscriber at the busy hour; LTE apart",
        busy_hour,
        (*LINES, "lte"),
        breakdowns=(*GROUPS, "lte"),
    ),
    Indicator(
        "ftth_homes_passed", "homes", "homes passed by fibre", ftth_homes, ("ftth",), breakdowns=GROUPS
    ),
    Indicator(
        "ftth_homes_passed_share",
        "share",
        "homes passed by fibre",
        ftth_homes_share,
        ("ftth",),
        of="homes",
        need=(FIXED, 100.0),
        breakdowns=(*GROUPS, EACH_PREFECTURE),
    ),
    Indicator(
        "ftth_100Mbps_homes_share",
        "share",
        "homes that fibre offers 100 Mbit/s",
        ftth_100_share,
        ("ftth",),
        of="homes",
        need=(FIXED, 100.0),
        breakdowns=GROUPS,
    ),
    Indicator(
        "all_fibre_cities_share",
        "share",
        "prefectures where fibre passes the stated share of city homes",
        all_fibre_cities,
        ("ftth",),
        need=(FIXED, 100.0),
    ),
    Indicator(
        "satellite_homes",
        "homes",
        "homes with a satellite terminal",
        satellite_homes,
        ("satellite",),
        breakdowns=GROUPS,
    ),
)
