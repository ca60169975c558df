"""Indicators of connected things: NB-IoT and other connections over mobile networks, by use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.geo.points import on_road
from sim.indicators.base import ALL, EACH, SHARE, Evidence, Indicator, Series, divide
from sim.indicators.reach import on_air, positions
from sim.tables.demand import NBIOT, Things
from sim.tables.layers import ZONE_KINDS

if TYPE_CHECKING:
    from sim.tables.demand import Demand

HANDSET_NETWORKS = ("gsm", "umts", "lte", "nr")
"""What carries things that do not use NB-IoT."""
EACH_USE = f"{EACH}use"
_M_PER_KM = 1000.0

Floats = NDArray[np.float64]


def deep_month(evidence: Evidence) -> NDArray[np.int32]:
    """Return the month from which each point has NB-IoT deep indoors, shape (points,).

    It is served there and a site on air stands within the deep-indoor radius; -1 means from the start and
    the number of months never.
    """
    months, served = evidence.months, evidence.state.point_month.get(NBIOT)
    first = np.full(len(evidence.area.points), months, dtype=np.int32)
    air = on_air(evidence, NBIOT)
    sites = np.flatnonzero(air < months)
    if served is None or len(sites) == 0:
        return first
    points = np.flatnonzero((served < months) & ~on_road(evidence.area.points))
    if len(points) == 0:
        return first
    radius_m = np.nextafter(_M_PER_KM * evidence.options.deep_radius, np.inf)
    near = cKDTree(positions(evidence.area.points)[points]).query_ball_point(
        positions(evidence.area.locations)[sites], radius_m
    )
    found = np.concatenate([np.asarray(rows, dtype=np.int64) for rows in near])
    np.minimum.at(first, points[found], np.repeat(air[sites], [len(rows) for rows in near]))
    return np.maximum(first, served).astype(np.int32)


def deep_share(evidence: Evidence) -> Floats:
    """Return the share of each zone's residents at points with NB-IoT deep indoors, shape (M, Z)."""
    points, months, zones = evidence.area.points, evidence.months, len(evidence.kinds)
    people = np.where(on_road(points), 0.0, points["population"].to_numpy(dtype=np.float64))
    zone = points["zone"].to_numpy(dtype=np.int64)
    slot = np.maximum(deep_month(evidence), 0).astype(np.int64) * zones + zone
    come = np.bincount(slot, people, (months + 1) * zones).reshape(months + 1, zones)[:months]
    residents = np.bincount(zone, people, zones)
    share = np.cumsum(come, axis=0) / np.maximum(residents, 1.0)
    return np.asarray(np.minimum(share, 1.0))


def connected(evidence: Evidence) -> tuple[Things, Floats, Floats] | None:
    """Return the things and those connected by use: all of them and those deep indoors, shapes (M, U).

    A thing is connected when its owner wants it and its network reaches it: general cover where it stands
    outdoors or in rooms, deep cover where it stands deep indoors.
    """
    demand = None if evidence.state.lines is None else evidence.state.lines.demand
    if demand is None or demand.things is None:
        return None
    things = demand.things
    none = np.zeros((evidence.months, len(ZONE_KINDS)))
    general = {
        NBIOT: _reached(evidence, demand, evidence.covered(NBIOT)),
        "cellular": _reached(evidence, demand, evidence.covered(*HANDSET_NETWORKS)),
    }
    deep = {NBIOT: _reached(evidence, demand, deep_share(evidence)), "cellular": (none, none)}
    above = _wanted(things, general) * (1.0 - things.deep_share)
    below = _wanted(things, deep) * things.deep_share
    return things, above + below, below


def _reached(evidence: Evidence, demand: Demand, share: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Return homes and residents within a cover of shape (M, Z) by kind of zone, both of shape (M, K)."""
    kinds = np.eye(len(ZONE_KINDS))[demand.zone_kind]
    return (evidence.state.homes * share) @ kinds, (evidence.state.population * share) @ kinds


def _wanted(things: Things, reached: Mapping[str, tuple[Floats, Floats]]) -> Floats:
    """Return the things wanted within the cover of their network, shape (M, U)."""
    potential = [
        reached[network][0] @ things.per_home[use] + reached[network][1] @ things.per_resident[use]
        for use, network in enumerate(things.networks)
    ]
    return np.array(potential).reshape(things.adopted.T.shape).T * things.adopted


def _kept(evidence: Evidence) -> tuple[Things, Floats, Floats] | None:
    return evidence.keep("connected things", connected)


def _series(found: tuple[Things, Floats, Floats] | None, networks: tuple[str, ...]) -> Series:
    if found is None:
        return {}
    things, every, _ = found
    rows = [row for row, network in enumerate(things.networks) if network in networks]
    return {ALL: every[:, rows].sum(axis=1)} | {things.uses[row]: every[:, row] for row in rows}


def nb_iot_connections(evidence: Evidence) -> Series:
    """Return the things connected over NB-IoT, by use."""
    return _series(_kept(evidence), (NBIOT,))


def cellular_iot_connections(evidence: Evidence) -> Series:
    """Return the things connected over any mobile network, by use."""
    return _series(_kept(evidence), (NBIOT, "cellular"))


def deep_indoor_share(evidence: Evidence) -> Series:
    """Return the share of NB-IoT connections that stand deep indoors, by use."""
    found = _kept(evidence)
    if found is None:
        return {}
    things, every, deep = found
    rows = [row for row, network in enumerate(things.networks) if network == NBIOT]
    result = {ALL: divide(deep[:, rows].sum(axis=1), every[:, rows].sum(axis=1))}
    return result | {things.uses[row]: divide(deep[:, row], every[:, row]) for row in rows}


INDICATORS = (
    Indicator(
        "nb_iot_connections",
        "connections",
        "things connected over NB-IoT, by use",
        nb_iot_connections,
        (NBIOT,),
        breakdowns=(ALL, EACH_USE),
    ),
    Indicator(
        "cellular_iot_connections",
        "connections",
        "things connected over any mobile network, NB-IoT with them, by use",
        cellular_iot_connections,
        (NBIOT, *HANDSET_NETWORKS),
        breakdowns=(ALL, EACH_USE),
    ),
    Indicator(
        "iot_deep_indoor_share",
        SHARE,
        "NB-IoT connections that stand deep indoors, by use",
        deep_indoor_share,
        (NBIOT,),
        breakdowns=(ALL, EACH_USE),
    ),
)
