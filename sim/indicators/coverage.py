"""Indicators of coverage: residents, villages, roads, users and sites."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.geo.points import on_road
from sim.indicators.base import ALL, GROUPS, Evidence, Series, divide, home_share, resident_share
from sim.indicators.reach import (
    first_month_within,
    monthly_share,
    on_air,
    positions,
    road_length,
    signal_month,
    village_point_month,
    village_site_month,
)

MOBILE = ("umts", "lte", "nr")
"""Mobile broadband: a user of 5G is one of 3G and 4G too, as the statistics count."""
KEY_PLACES = ("station", "airport", "mall", "park", "scenic", "enterprise")


def residents(evidence: Evidence) -> Series:
    """Return the residents by group."""
    return {group: evidence.residents[group] for group in GROUPS}


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
        "with satellite": _village_share(evidence, served | (terminals > 0)),
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


def lte_coverage(evidence: Evidence) -> Series:
    """Return the share of residents covered by LTE by group and prefecture."""
    share = evidence.covered("lte")
    result = resident_share(evidence, share)
    people = evidence.by_prefecture(evidence.state.population)
    covered = evidence.by_prefecture(share * evidence.state.population)
    for row, name in enumerate(evidence.prefectures):
        result[name] = divide(covered[:, row], people[:, row])
    return result


def umts_coverage(evidence: Evidence) -> Series:
    """Return the share of residents covered by 3G by group."""
    return resident_share(evidence, evidence.covered("umts"))


def mobile_coverage(evidence: Evidence) -> Series:
    """Return the share of residents covered by 3G or LTE by group, the better one in each zone."""
    return resident_share(evidence, evidence.covered(*MOBILE))


def full_coverage(evidence: Evidence) -> Series:
    """Return the share of homes with fixed broadband or LTE by group, the better one in each zone."""
    fixed = evidence.capable(evidence.options.broadband_mbps)
    return home_share(evidence, np.maximum(fixed, evidence.passed("lte")))


def lte_with_villages(evidence: Evidence) -> Series:
    """Return the lesser of the shares of residents and of villages with 4G."""
    return {ALL: np.fmin(lte_coverage(evidence)[ALL], village_4g(evidence)[ALL])}


def lte_deployment(evidence: Evidence) -> Series:
    """Return the lesser of the share of counties with LTE on air and the share of residents covered."""
    counties = evidence.area.zones["county"].to_numpy(dtype=object)
    names = sorted(set(counties))
    code = np.searchsorted(np.array(names, dtype=object), counties)
    first = np.full(len(names), evidence.months, dtype=np.int32)
    zone = evidence.area.locations["zone"].to_numpy(dtype=np.int64)
    np.minimum.at(first, code[zone], on_air(evidence, "lte"))
    launched = monthly_share(first, np.ones(len(names)), evidence.months)
    return {ALL: np.minimum(launched, lte_coverage(evidence)[ALL])}


def lte_scale_use(evidence: Evidence) -> Series:
    """Return the share of prefectures where LTE is launched and used at the stated scale."""
    urban, people = evidence.masks["urban"], evidence.state.population
    covered = evidence.by_prefecture(evidence.covered("lte") * people, urban)
    urban_people = evidence.by_prefecture(people, urban)
    launched = (urban_people > 0) & (covered >= evidence.options.launch_share * urban_people)
    users, everyone = evidence.by_prefecture(evidence.users("lte")), evidence.by_prefecture(people)
    used = launched & (users >= evidence.options.scale_use * everyone)
    return {ALL: used.sum(axis=1) / len(evidence.prefectures)}


def road_coverage(evidence: Evidence) -> Series:
    """Return the share of the length of roads and railways with signal of 3G or LTE, by kind and class."""
    covered = road_length(evidence, signal_month(evidence, *MOBILE))
    whole = road_length(evidence, None)
    return {group: divide(covered[group], whole[group]) for group in whole}


def road_km(evidence: Evidence) -> Series:
    """Return the kilometres of major roads and railways outside tunnels, by kind and class."""
    return {group: length / 1000.0 for group, length in road_length(evidence, None).items()}


def nb_iot_general(evidence: Evidence) -> Series:
    """Return the share of residents at points with NB-IoT by group."""
    return resident_share(evidence, evidence.covered("nbiot"))


def nb_iot_deep(evidence: Evidence) -> Series:
    """Return the share of key places within the deep-indoor radius of an NB-IoT site."""
    key = evidence.area.places["kind"].isin(KEY_PLACES).to_numpy(dtype=bool)
    where, sites = positions(evidence.area.places, key), positions(evidence.area.locations)
    radius_m = 1000 * evidence.options.deep_radius
    first = first_month_within(where, sites, on_air(evidence, "nbiot"), evidence.months, radius_m)
    return {ALL: monthly_share(first, np.ones(len(first)), evidence.months)}


def key_places(evidence: Evidence) -> Series:
    """Return how many key places there are."""
    return {ALL: np.full(evidence.months, float(evidence.area.places["kind"].isin(KEY_PLACES).sum()))}


def users_lte(evidence: Evidence) -> Series:
    """Return the LTE users by group."""
    users = evidence.users("lte")
    return {group: evidence.total(users, group) for group in GROUPS}


def users_mobile(evidence: Evidence) -> Series:
    """Return the users of 3G and LTE by group."""
    users = evidence.users(*MOBILE)
    return {group: evidence.total(users, group) for group in GROUPS}


def user_penetration(evidence: Evidence) -> Series:
    """Return users of 3G and LTE for 100 residents, never capped, by group."""
    users = users_mobile(evidence)
    return {group: 100 * divide(users[group], evidence.residents[group]) for group in GROUPS}


def sites(evidence: Evidence, technology: str) -> Series:
    """Return the sites of a technology in service."""
    count = np.zeros(evidence.months)
    for row in evidence.rows(technology):
        count = evidence.state.sites[:, row].astype(np.float64)
    return {ALL: count}
