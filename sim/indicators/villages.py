"""Indicators of administrative and natural villages: fibre, broadband and 4G by the official rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.geo.points import on_road
from sim.indicators.access import LINES
from sim.indicators.base import ALL, SHARE, Evidence, Indicator, Series, divide
from sim.indicators.reach import monthly_share, village_point_month, village_site_month
from sim.tables.plan import FIXED, MOBILE

WITH_SATELLITE = "with satellite"


def villages(evidence: Evidence) -> Series:
    """Return how many administrative villages there are."""
    return {ALL: np.full(evidence.months, float(evidence.village.sum()))}


def _village_share(evidence: Evidence, served: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of administrative villages served, of served zones of shape (M, Z)."""
    count = served[:, evidence.village].sum(axis=1).astype(np.float64)
    return divide(count, np.full(evidence.months, float(evidence.village.sum())))


def village_fibre(evidence: Evidence) -> Series:
    """Return the share of administrative villages with homes passed by fibre."""
    return {ALL: _village_share(evidence, evidence.passed("ftth") > 0)}


def village_fixed(evidence: Evidence) -> Series:
    """Return the share of administrative villages with fixed broadband."""
    return {ALL: _village_share(evidence, evidence.capable(evidence.options.broadband_mbps) > 0)}


def village_any(evidence: Evidence) -> Series:
    """Return the share of administrative villages with fixed or LTE broadband, and with satellite too."""
    served = evidence.capable(evidence.options.broadband_mbps) > 0
    served = served | (evidence.covered("lte") >= evidence.options.village_radio_share)
    terminals = evidence.users(*(evidence.state.technologies[row] for row in evidence.satellites))
    return {
        ALL: _village_share(evidence, served),
        WITH_SATELLITE: _village_share(evidence, served | (terminals > 0)),
    }


def _rule_months(evidence: Evidence) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return by zone the months from which the site rule and the point rule hold."""
    return (
        evidence.keep("site rule", village_site_month),
        evidence.keep("point rule", village_point_month),
    )


def _rule_share(evidence: Evidence, first: NDArray[np.int32]) -> Series:
    return {ALL: monthly_share(first, evidence.village.astype(np.float64), evidence.months)}


def village_4g_site_rule(evidence: Evidence) -> Series:
    """Return the share of villages with an LTE site near the committee."""
    return _rule_share(evidence, _rule_months(evidence)[0])


def village_4g_point_rule(evidence: Evidence) -> Series:
    """Return the share of villages with signal at committee, school, clinic and larger settlements."""
    return _rule_share(evidence, _rule_months(evidence)[1])


def village_4g(evidence: Evidence) -> Series:
    """Return the share of villages with 4G by either half of the official rule."""
    return _rule_share(evidence, np.minimum(*_rule_months(evidence)))


def village_broadband_and_4g(evidence: Evidence) -> Series:
    """Return the share of villages with fixed broadband and 4G."""
    has_4g = np.minimum(*_rule_months(evidence))[None, :] <= np.arange(evidence.months)[:, None]
    fixed = evidence.capable(evidence.options.broadband_mbps) > 0
    return {ALL: _village_share(evidence, fixed & has_4g)}


def natural_villages(evidence: Evidence) -> Series:
    """Return the share of rural settlements with fibre and LTE, the lesser of the two in each zone."""
    points, months, zones = evidence.area.points, evidence.months, len(evidence.area.zones)
    served = evidence.state.point_month.get("lte")
    zone = points["zone"].to_numpy(dtype=np.int64)
    rural = evidence.village[zone] & ~on_road(points)
    if served is None or not rural.any():
        return {ALL: np.full(months, np.nan if not rural.any() else 0.0)}
    zone, first = zone[rural], served[rural].astype(np.int64)
    count = np.bincount(zone, minlength=zones)
    reached = np.bincount((first + 1) * zones + zone, minlength=(months + 2) * zones)
    with_lte = reached.reshape(months + 2, zones).cumsum(axis=0)[1 : months + 1]
    fibre_share = divide(evidence.passed("ftth").astype(float), evidence.state.homes.astype(float))
    both = np.minimum(with_lte, np.nan_to_num(fibre_share) * count)
    return {ALL: both.sum(axis=1) / count.sum()}


INDICATORS = (
    Indicator("villages", "villages", "administrative villages", villages),
    Indicator(
        "village_fibre_share",
        SHARE,
        "administrative villages with homes passed by fibre",
        village_fibre,
        ("ftth",),
        of="villages",
        need=(FIXED, 100.0),
    ),
    Indicator(
        "admin_villages_with_broadband_share",
        SHARE,
        "administrative villages with fixed broadband",
        village_fixed,
        LINES,
        of="villages",
        need=(FIXED, 4.0),
    ),
    Indicator(
        "admin_villages_with_any_broadband_share",
        SHARE,
        "administrative villages with fixed or LTE broadband; with satellite apart",
        village_any,
        (*LINES, "lte", "satellite"),
        of="villages",
        need=(FIXED, 4.0),
        breakdowns=(ALL, WITH_SATELLITE),
    ),
    Indicator(
        "village_4g_share",
        SHARE,
        "administrative villages with 4G by either half of the official rule",
        village_4g,
        ("lte",),
        of="villages",
        need=(MOBILE, 0.0),
    ),
    Indicator(
        "village_4g_share_site_rule",
        SHARE,
        "administrative villages with an LTE site near the committee",
        village_4g_site_rule,
        ("lte",),
        of="villages",
    ),
    Indicator(
        "village_4g_share_point_rule",
        SHARE,
        "administrative villages with signal at committee, school, clinic and larger settlements",
        village_4g_point_rule,
        ("lte",),
        of="villages",
    ),
    Indicator(
        "village_broadband_and_4g_share",
        SHARE,
        "administrative villages with fixed broadband and 4G",
        village_broadband_and_4g,
        (*LINES, "lte"),
        of="villages",
        need=(MOBILE, 0.0),
    ),
    Indicator(
        "natural_village_fibre_4g_share",
        SHARE,
        "rural settlements with fibre and LTE",
        natural_villages,
        ("ftth", "lte"),
        need=(FIXED, 100.0),
    ),
)
