"""Indicators of cable: television homes, what of them is digital and two-way, rates and subscribers."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import GROUPS, Evidence, Indicator, Series, divide
from sim.tables.layers import CATV, CATV_DIGITAL, URBAN_KINDS
from sim.tables.plan import TELEVISION

CABLE = "cable"
CAPABILITY_MBPS = (10, 50)
PREFECTURE_CITIES, COUNTY_TOWNS = "prefecture cities", "county towns"
"""Breakdowns: built-up zones of districts, and those of counties and county-level cities."""
BREAKDOWNS = (*GROUPS, PREFECTURE_CITIES, COUNTY_TOWNS)
_SAME = 1e-6
_LAST_DISTRICT = 20
"""County codes of the standard GB/T 2260 that end in 01 to 20 are districts of a prefecture city."""

Floats = NDArray[np.float64]


def _standing(evidence: Evidence, name: str) -> Floats:
    """Return a share of the standing table, shape (Z,); 0 where nothing of the name stands."""
    zones = evidence.state.homes.shape[1]
    return evidence.state.standing_share.get(name, np.zeros(zones)).astype(np.float64)


def cable_homes(evidence: Evidence) -> Floats:
    """Return the homes with cable television, shape (M, Z): the share of month 0 of all homes."""
    return np.asarray(_standing(evidence, CATV)[None, :] * evidence.state.homes)


def _two_way_share(evidence: Evidence) -> Floats:
    """Return the share of all homes that two-way plant passes, shape (M, Z)."""
    share = np.zeros(evidence.state.homes.shape)
    for row in evidence.rows(CABLE):
        share = evidence.state.covered_share[:, row].astype(np.float64)
    return share


def two_way_homes(evidence: Evidence) -> Floats:
    """Return the cable homes whose plant carries both directions, shape (M, Z)."""
    return np.asarray(np.minimum(_two_way_share(evidence) * evidence.state.homes, cable_homes(evidence)))


def digital_homes(evidence: Evidence) -> Floats:
    """Return the cable homes with digital television, shape (M, Z).

    A conversion to two-way plant brings set-top boxes to all of them; before it those of month 0 count.
    """
    at_start = np.minimum(_standing(evidence, CATV_DIGITAL), _standing(evidence, CATV))
    built = _two_way_share(evidence) > _standing(evidence, CABLE)[None, :] + _SAME
    return np.asarray(np.where(built, cable_homes(evidence), at_start[None, :] * evidence.state.homes))


def able_homes(evidence: Evidence, mbps: float) -> Floats:
    """Return the two-way homes that can have a rate at the busy hour, shape (M, Z).

    The rate must be on offer, and what a shared segment leaves to an active home, C - load b of its
    subscribers' mean traffic b (processor sharing), must reach it.
    """
    able = np.zeros(evidence.state.homes.shape, dtype=bool)
    lines = evidence.state.lines
    for row in evidence.rows(CABLE):
        able = evidence.state.peak_mbps[:, row] >= mbps
        if lines is not None and CABLE in lines.units:
            units, rate = lines.units[CABLE], lines.unit_mbps[CABLE]
            users = evidence.state.subscribers[:, row]
            load = np.divide(users, units, out=np.zeros(users.shape, dtype=np.float64), where=units > 0)
            left = rate - load * lines.demand.fixed_busy_mbps[:, None]
            able &= (units <= 0) | (left >= mbps - _SAME)
    return np.asarray(np.where(able, two_way_homes(evidence), 0.0))


# -- what is measured ----------------------------------------------------------------------------


def _groups(evidence: Evidence) -> dict[str, NDArray[np.bool_] | None]:
    """Return the zones of each breakdown; ``None`` for all."""
    code = evidence.area.zones["county"].astype(str).str[-2:].to_numpy(dtype=object)
    district = np.array([text.isdigit() and 0 < int(text) <= _LAST_DISTRICT for text in code], dtype=bool)
    urban = np.isin(evidence.kinds, URBAN_KINDS)
    own = {PREFECTURE_CITIES: urban & district, COUNTY_TOWNS: urban & ~district}
    return {group: evidence.masks[group] for group in GROUPS} | own


def _sums(evidence: Evidence, homes: Floats) -> Series:
    """Return the homes, shape (M, Z), by breakdown."""
    return {
        name: np.asarray((homes if mask is None else homes[:, mask]).sum(axis=1))
        for name, mask in _groups(evidence).items()
    }


def _share(evidence: Evidence, homes: Floats, of: Floats) -> Series:
    top, bottom = _sums(evidence, homes), _sums(evidence, of)
    return {name: divide(top[name], bottom[name]) for name in top}


def tv_homes(evidence: Evidence) -> Series:
    """Return the homes with cable television by group."""
    return _sums(evidence, cable_homes(evidence))


def homes_passed(evidence: Evidence) -> Series:
    """Return the cable homes with two-way plant by group."""
    return _sums(evidence, two_way_homes(evidence))


def two_way_share(evidence: Evidence) -> Series:
    """Return the share of cable homes with two-way plant by group."""
    return _share(evidence, two_way_homes(evidence), cable_homes(evidence))


def digital_share(evidence: Evidence) -> Series:
    """Return the share of cable homes with digital television by group."""
    return _share(evidence, digital_homes(evidence), cable_homes(evidence))


def capability_share(evidence: Evidence, mbps: float) -> Series:
    """Return the share of two-way cable homes that can have a rate at the busy hour, by group.

    It is 0 where there are cable homes and none of them is two-way yet.
    """
    able, both = _sums(evidence, able_homes(evidence, mbps)), _sums(evidence, two_way_homes(evidence))
    every = _sums(evidence, cable_homes(evidence))
    return {
        name: np.where(both[name] > 0, divide(able[name], both[name]), divide(able[name], every[name]))
        for name in able
    }


def subscribers(evidence: Evidence) -> Series:
    """Return the broadband subscribers on cable by group."""
    return _sums(evidence, evidence.users(CABLE).astype(np.float64))


INDICATORS = (
    Indicator("cable_homes", "homes", "homes with cable television", tv_homes, breakdowns=BREAKDOWNS),
    Indicator(
        "cable_homes_passed",
        "homes",
        "cable homes whose plant is two-way",
        homes_passed,
        (CABLE,),
        breakdowns=BREAKDOWNS,
    ),
    Indicator(
        "cable_two_way_share",
        "share",
        "cable homes whose plant is two-way; built-up zones of districts and of counties apart",
        two_way_share,
        (CABLE,),
        of="cable_homes",
        need=(TELEVISION, 10.0),
        breakdowns=BREAKDOWNS,
    ),
    Indicator(
        "cable_digital_share",
        "share",
        "cable homes with digital television",
        digital_share,
        (CABLE,),
        of="cable_homes",
        need=(TELEVISION, 10.0),
        breakdowns=BREAKDOWNS,
    ),
    Indicator(
        "cable_platform_share",
        "share",
        "cable homes with digital television, the least that a joined national platform needs",
        digital_share,
        (CABLE,),
        of="cable_homes",
        breakdowns=BREAKDOWNS,
    ),
    *(
        Indicator(
            f"cable_capability_share_ge_{mbps}Mbps",
            "share",
            f"two-way cable homes that can have {mbps} Mbit/s at the busy hour",
            partial(capability_share, mbps=float(mbps)),
            (CABLE,),
            of="cable_homes_passed",
            need=(TELEVISION, float(mbps)),
            breakdowns=BREAKDOWNS,
        )
        for mbps in CAPABILITY_MBPS
    ),
    Indicator(
        "cable_broadband_subscribers",
        "lines",
        "broadband lines over cable",
        subscribers,
        (CABLE,),
        breakdowns=BREAKDOWNS,
    ),
)
