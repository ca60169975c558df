"""Indicators of NB-IoT: residents, key places deep indoors, and sites."""

from __future__ import annotations

from functools import partial

import numpy as np

from sim.indicators.base import ALL, GROUPS, SHARE, Evidence, Indicator, Series, resident_share
from sim.indicators.coverage import sites
from sim.indicators.reach import first_month_within, monthly_share, on_air, positions
from sim.tables.plan import IOT

KEY_PLACES = ("station", "airport", "mall", "park", "scenic", "enterprise")


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


INDICATORS = (
    Indicator(
        "key_places", "places", "stations, airports, malls, parks, scenic areas, enterprises", key_places
    ),
    Indicator(
        "nb_iot_general_coverage",
        SHARE,
        "residents at points with NB-IoT",
        nb_iot_general,
        ("nbiot",),
        of="residents",
        need=(IOT, 0.0),
        breakdowns=GROUPS,
    ),
    Indicator(
        "nb_iot_deep_coverage",
        SHARE,
        "key places within the deep-indoor radius of an NB-IoT site",
        nb_iot_deep,
        ("nbiot",),
        of="key_places",
    ),
    Indicator(
        "nb_iot_base_stations", "sites", "NB-IoT sites", partial(sites, technology="nbiot"), ("nbiot",)
    ),
)
