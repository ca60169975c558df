"""Every indicator by name, and the one function that measures them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sim.indicators import (
    access,
    cable,
    construction,
    coverage,
    finance,
    household,
    ipv6,
    money,
    networks,
    radio,
    resilience,
    sharing_rate,
    tariffs,
    transport,
    triple_play,
    wireless,
)  # fmt: skip
from sim.indicators.access import LINES
from sim.indicators.base import Evidence, Indicator, Series
from sim.indicators.composite import COMPOSITE
from sim.indicators.options import TargetOptions
from sim.tables.plan import FIXED, IOT, MOBILE
from sim.tables.results import INDICATORS

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.results import MonthlyState

_SHARE = "share"


def _count(name: str, unit: str, description: str, measure: Callable[[Evidence], Series]) -> Indicator:
    return Indicator(name, unit, description, measure)


def _share(
    name: str,
    description: str,
    measure: Callable[[Evidence], Series],
    counts: tuple[str, ...],
    of: str = "",
    need: tuple[str, float] | None = None,
) -> Indicator:
    return Indicator(name, _SHARE, description, measure, counts, of=of, need=need)


def _nothing(evidence: Evidence) -> Series:
    """Return nothing: what the scorecard works out from the targets shows in no state."""
    return {}


_ALL = (
    _count("homes", "homes", "homes", access.homes),
    _count("residents", "residents", "residents", coverage.residents),
    _count("villages", "villages", "administrative villages", coverage.villages),
    _count("road_km", "km", "major roads and railways outside tunnels, by kind and class", coverage.road_km),
    _count(
        "key_places",
        "places",
        "stations, airports, malls, parks, scenic areas, enterprises",
        coverage.key_places,
    ),
    *access.INDICATORS,
    _share(
        "village_fibre_share",
        "administrative villages with homes passed by fibre",
        coverage.village_fibre,
        ("ftth",),
        of="villages",
        need=(FIXED, 100.0),
    ),
    _share(
        "admin_villages_with_broadband_share",
        "administrative villages with fixed broadband",
        coverage.village_fixed,
        LINES,
        of="villages",
        need=(FIXED, 4.0),
    ),
    _share(
        "admin_villages_with_any_broadband_share",
        "administrative villages with fixed or LTE broadband; with satellite apart",
        coverage.village_any,
        (*LINES, "lte", "satellite"),
        of="villages",
        need=(FIXED, 4.0),
    ),
    _share(
        "village_4g_share",
        "administrative villages with 4G by either half of the official rule",
        coverage.village_4g,
        ("lte",),
        of="villages",
        need=(MOBILE, 0.0),
    ),
    _share(
        "village_4g_share_site_rule",
        "administrative villages with an LTE site near the committee",
        coverage.village_4g_site_rule,
        ("lte",),
        of="villages",
    ),
    _share(
        "village_4g_share_point_rule",
        "administrative villages with signal at committee, school, clinic and larger settlements",
        coverage.village_4g_point_rule,
        ("lte",),
        of="villages",
    ),
    _share(
        "village_broadband_and_4g_share",
        "administrative villages with fixed broadband and 4G",
        coverage.village_broadband_and_4g,
        (*LINES, "lte"),
        of="villages",
        need=(MOBILE, 0.0),
    ),
    _share(
        "natural_village_fibre_4g_share",
        "rural settlements with fibre and LTE",
        coverage.natural_villages,
        ("ftth", "lte"),
        need=(FIXED, 100.0),
    ),
    _share(
        "lte_population_coverage",
        "residents covered by LTE",
        coverage.lte_coverage,
        ("lte",),
        of="residents",
        need=(MOBILE, 0.0),
    ),
    _share(
        "umts_population_coverage",
        "residents covered by 3G",
        coverage.umts_coverage,
        ("umts",),
        of="residents",
    ),
    _share(
        "mobile_broadband_population_coverage",
        "residents covered by 3G or LTE",
        coverage.mobile_coverage,
        coverage.MOBILE,
        of="residents",
        need=(MOBILE, 0.0),
    ),
    _share(
        "broadband_full_coverage_share",
        "homes with fixed broadband or LTE, the better one in each zone",
        coverage.full_coverage,
        (*LINES, "lte"),
        of="homes",
        need=(MOBILE, 0.0),
    ),
    _share(
        "lte_coverage_with_villages_share",
        "the lesser of the shares of residents and of villages with 4G",
        coverage.lte_with_villages,
        ("lte",),
        of="residents",
        need=(MOBILE, 0.0),
    ),
    _share(
        "lte_commercial_deployment_share",
        "the lesser of the shares of counties on air and of residents covered by LTE",
        coverage.lte_deployment,
        ("lte",),
        of="residents",
        need=(MOBILE, 0.0),
    ),
    _share(
        "lte_scale_use_prefectures_share",
        "prefectures where LTE is launched and used at the stated scale",
        coverage.lte_scale_use,
        ("lte",),
        need=(MOBILE, 0.0),
    ),
    _share(
        "road_length_coverage_share",
        "length of major roads and railways outside tunnels with signal of 3G or LTE, by kind and class",
        coverage.road_coverage,
        coverage.MOBILE,
        of="road_km",
        need=(MOBILE, 0.0),
    ),
    _share(
        "nb_iot_general_coverage",
        "residents at points with NB-IoT",
        coverage.nb_iot_general,
        ("nbiot",),
        of="residents",
        need=(IOT, 0.0),
    ),
    _share(
        "nb_iot_deep_coverage",
        "key places within the deep-indoor radius of an NB-IoT site",
        coverage.nb_iot_deep,
        ("nbiot",),
        of="key_places",
    ),
    Indicator("users_lte", "users", "LTE users", coverage.users_lte, ("lte",)),
    Indicator(
        "users_3g_plus_4g",
        "users",
        "users of 3G and LTE",
        coverage.users_mobile,
        coverage.MOBILE,
        need=(MOBILE, 0.0),
    ),
    Indicator(
        "user_penetration_3g_4g",
        "users/100 persons",
        "users of 3G and LTE for 100 residents, never capped",
        coverage.user_penetration,
        coverage.MOBILE,
        of="residents",
        per=100,
        need=(MOBILE, 0.0),
    ),
    Indicator("base_stations_lte", "sites", "LTE sites", partial(coverage.sites, technology="lte"), ("lte",)),
    Indicator(
        "nb_iot_base_stations",
        "sites",
        "NB-IoT sites",
        partial(coverage.sites, technology="nbiot"),
        ("nbiot",),
    ),
    *cable.INDICATORS,
    *wireless.INDICATORS,
    *radio.INDICATORS,
    *household.INDICATORS,
    *transport.INDICATORS,
    *tariffs.INDICATORS,
    *resilience.INDICATORS,
    *ipv6.INDICATORS,
    *triple_play.INDICATORS,
    *networks.INDICATORS,
    *sharing_rate.INDICATORS,
    Indicator(
        COMPOSITE,
        "share",
        "targets named in the breakdown that hold, in each replication or draw; the scorecard measures it",
        _nothing,
    ),
    *construction.INDICATORS,
    *finance.INDICATORS,
    _count("spent", "yuan", "money spent so far, in all and by technology", money.spent),
    Indicator(
        "ftth_cost_per_home_passed",
        "yuan/home",
        "fibre spending without connections per home newly passed",
        money.cost_per_home_passed,
        ("ftth",),
    ),
)
REGISTRY: Mapping[str, Indicator] = MappingProxyType({indicator.name: indicator for indicator in _ALL})


def compute_indicators(
    state: MonthlyState,
    events: pd.DataFrame,
    area: Area,
    horizon: Horizon,
    options: TargetOptions,
    replication: int = 0,
) -> pd.DataFrame:
    """Return the table of indicators of one replication; what cannot be measured is left out."""
    own = events[events["replication"] == replication]
    evidence = Evidence(state, area, horizon, options, own)
    names, breakdowns, units, values = [], [], [], []
    for indicator in REGISTRY.values():
        for breakdown, series in indicator.measure(evidence).items():
            names.append(indicator.name)
            breakdowns.append(breakdown)
            units.append(indicator.unit)
            # rounding keeps the last bits of a sum, which differ between processors, out of the file
            values.append(np.round(series, 9))
    months = evidence.months
    table = np.concatenate(values)
    known = ~np.isnan(table)
    return INDICATORS.frame(
        replication=np.full(int(known.sum()), replication),
        month=np.tile(np.arange(months), len(values))[known],
        indicator=np.repeat(np.array(names, dtype=object), months)[known],
        breakdown=np.repeat(np.array(breakdowns, dtype=object), months)[known],
        value=table[known],
        unit=np.repeat(np.array(units, dtype=object), months)[known],
    )
