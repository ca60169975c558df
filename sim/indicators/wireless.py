"""Indicators of fixed wireless access and of wireless LAN in public places."""

from __future__ import annotations

import numpy as np

from sim.geo.points import nearest_home_point
from sim.indicators import coverage
from sim.indicators.base import ALL, GROUPS, URBAN, Evidence, Indicator, Series
from sim.indicators.reach import monthly_share
from sim.tables.layers import URBAN_KINDS
from sim.tables.plan import PUBLIC

PUBLIC_PLACES = ("hotspot", "station", "airport", "mall", "park", "scenic")
VENUES = "venues"
"""Breakdown: public places without the hotspots of neighbourhoods."""
BREAKDOWNS = (ALL, URBAN, VENUES, *PUBLIC_PLACES)
FWA, WLAN = "fwa", "wlan"


def fwa_homes(evidence: Evidence) -> Series:
    """Return the homes with or on offer of a fixed wireless terminal by group."""
    passed = evidence.passed(FWA)
    return {group: evidence.total(passed, group) for group in GROUPS}


def fwa_subscribers(evidence: Evidence) -> Series:
    """Return the subscribers of fixed wireless by group."""
    users = evidence.users(FWA)
    return {group: evidence.total(users, group) for group in GROUPS}


def _places(evidence: Evidence) -> dict[str, np.ndarray]:
    """Return which places are public by group and kind, shape (places,)."""
    places = evidence.area.places
    kind = places["kind"].to_numpy(dtype=object)
    public = np.isin(kind, PUBLIC_PLACES)
    urban = np.isin(evidence.kinds[places["zone"].to_numpy()], URBAN_KINDS)
    groups = {ALL: public, URBAN: public & urban, VENUES: public & (kind != "hotspot")}
    return groups | {name: kind == name for name in PUBLIC_PLACES}


def public_places(evidence: Evidence) -> Series:
    """Return how many public places there are, by group and kind."""
    return {name: np.full(evidence.months, float(rows.sum())) for name, rows in _places(evidence).items()}


def _place_month(evidence: Evidence) -> np.ndarray:
    """Return the month from which each place has wireless LAN, shape (places,).

    The project of its zone serves it through the nearest settlement or building of the zone.
    """
    area, never = evidence.area, evidence.months
    served = evidence.state.point_month.get(WLAN)
    if served is None:
        return np.full(len(area.places), never, dtype=np.int32)
    point = nearest_home_point(area.points, area.places)
    return np.where(point >= 0, served[point], never).astype(np.int32)


def places_with_wlan(evidence: Evidence) -> Series:
    """Return the share of public places with wireless LAN, by group and kind."""
    month = evidence.keep("wireless LAN of places", _place_month)
    return {
        name: monthly_share(month[rows], np.ones(int(rows.sum())), evidence.months)
        for name, rows in _places(evidence).items()
    }


def access_points(evidence: Evidence) -> Series:
    """Return the access points in public places, those of month 0 left out."""
    return coverage.sites(evidence, WLAN)


INDICATORS = (
    Indicator(
        "fwa_homes_passed",
        "homes",
        "homes that fixed wireless has a terminal for",
        fwa_homes,
        (FWA,),
        breakdowns=GROUPS,
    ),
    Indicator(
        "fwa_subscribers",
        "lines",
        "subscribers of fixed wireless",
        fwa_subscribers,
        (FWA,),
        breakdowns=GROUPS,
    ),
    Indicator(
        "public_places",
        "places",
        "hotspots, stations, airports, malls, parks and scenic areas, by kind; venues: without hotspots",
        public_places,
        breakdowns=BREAKDOWNS,
    ),
    Indicator(
        "public_wlan_places_share",
        "share",
        "public places with wireless LAN, by kind; venues: without hotspots",
        places_with_wlan,
        (WLAN,),
        of="public_places",
        need=(PUBLIC, 0.0),
        breakdowns=BREAKDOWNS,
    ),
    Indicator(
        "public_wlan_access_points",
        "access points",
        "access points built in public places since month 0",
        access_points,
        (WLAN,),
    ),
)
