"""Indicators of coverage and use of mobile networks: residents, homes, users and sites."""

from __future__ import annotations

from functools import partial

import numpy as np

from sim.indicators.access import LINES
from sim.indicators.base import (
    ALL,
    EACH_PREFECTURE,
    GROUPS,
    SHARE,
    Evidence,
    Indicator,
    Series,
    divide,
    home_share,
    resident_share,
)
from sim.indicators.reach import monthly_share, on_air
from sim.indicators.villages import village_4g
from sim.tables.plan import MOBILE as MOBILE_USE

MOBILE = ("umts", "lte", "nr")
"""Mobile broadband: a user of 5G is one of 3G and 4G too, as the statistics count."""


def residents(evidence: Evidence) -> Series:
    """Return the residents by group."""
    return {group: evidence.residents[group] for group in GROUPS}


def lte_coverage(evidence: Evidence) -> Series:
    """Return the share of residents covered by LTE by group and prefecture."""
    return evidence.keep("LTE coverage", _lte_coverage)


def _lte_coverage(evidence: Evidence) -> Series:
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


INDICATORS = (
    Indicator("residents", "residents", "residents", residents, breakdowns=GROUPS),
    Indicator(
        "lte_population_coverage",
        SHARE,
        "residents covered by LTE",
        lte_coverage,
        ("lte",),
        of="residents",
        need=(MOBILE_USE, 0.0),
        breakdowns=(*GROUPS, EACH_PREFECTURE),
    ),
    Indicator(
        "umts_population_coverage",
        SHARE,
        "residents covered by 3G",
        umts_coverage,
        ("umts",),
        of="residents",
        breakdowns=GROUPS,
    ),
    Indicator(
        "mobile_broadband_population_coverage",
        SHARE,
        "residents covered by 3G or LTE",
        mobile_coverage,
        MOBILE,
        of="residents",
        need=(MOBILE_USE, 0.0),
        breakdowns=GROUPS,
    ),
    Indicator(
        "broadband_full_coverage_share",
        SHARE,
        "homes with fixed broadband or LTE, the better one in each zone",
        full_coverage,
        (*LINES, "lte"),
        of="homes",
        need=(MOBILE_USE, 0.0),
        breakdowns=GROUPS,
    ),
    Indicator(
        "lte_coverage_with_villages_share",
        SHARE,
        "the lesser of the shares of residents and of villages with 4G",
        lte_with_villages,
        ("lte",),
        of="residents",
        need=(MOBILE_USE, 0.0),
    ),
    Indicator(
        "lte_commercial_deployment_share",
        SHARE,
        "the lesser of the shares of counties on air and of residents covered by LTE",
        lte_deployment,
        ("lte",),
        of="residents",
        need=(MOBILE_USE, 0.0),
    ),
    Indicator(
        "lte_scale_use_prefectures_share",
        SHARE,
        "prefectures where LTE is launched and used at the stated scale",
        lte_scale_use,
        ("lte",),
        need=(MOBILE_USE, 0.0),
    ),
    Indicator("users_lte", "users", "LTE cards", users_lte, ("lte",), breakdowns=GROUPS),
    Indicator(
        "users_3g_plus_4g",
        "users",
        "cards on 3G and LTE",
        users_mobile,
        MOBILE,
        need=(MOBILE_USE, 0.0),
        breakdowns=GROUPS,
    ),
    Indicator(
        "user_penetration_3g_4g",
        "users/100 persons",
        "cards on 3G and LTE for 100 residents, never capped",
        user_penetration,
        MOBILE,
        of="residents",
        per=100,
        need=(MOBILE_USE, 0.0),
        breakdowns=GROUPS,
    ),
    Indicator("base_stations_lte", "sites", "LTE sites", partial(sites, technology="lte"), ("lte",)),
)
