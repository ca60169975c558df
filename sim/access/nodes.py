"""The nodes behind access: points of presence, the nodes of counties, and the core of a province."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.tables.layers import URBAN_KINDS

if TYPE_CHECKING:
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Nodes:
    """The points of presence of an area that serve zones, and the nodes of its counties: N, C, Z zones."""

    place: Ints
    """Row of the place of each point of presence, ascending, shape (N,)."""
    of_zone: Ints
    """Point of presence of each zone, -1 without one, shape (Z,)."""
    county: Ints
    """County of each point of presence, shape (N,)."""
    urban: NDArray[np.bool_]
    """Whether each point of presence stands in a city or town, shape (N,)."""
    zone: Ints
    """Zone in which each point of presence stands, shape (N,)."""
    county_of_zone: Ints
    """County of each zone, shape (Z,)."""
    seat: Ints
    """Zone of each county's node, -1 for a county without zones, shape (C,)."""
    core: int
    """Zone of the province's core."""
    uplink_m: Floats
    """Straight distance of each point of presence from its county's node, shape (N,) [m]."""
    ring_m: Floats
    """Straight distance of each county's node from the core, shape (C,) [m]."""
    spur_m: Floats
    """Straight distance of each county's node from the next county's: its second path, shape (C,) [m]."""


def nodes_of(area: Area) -> Nodes:
    """Return the nodes of an area: a county's stands in its largest urban zone, the core in the area's.

    A county without an urban zone has its node in its most populous zone.
    """
    zones = area.zones
    of_place = zones["pop_place"].to_numpy().astype(np.int64)
    place = np.unique(of_place[of_place >= 0])
    of_zone = np.where(of_place >= 0, np.searchsorted(place, of_place), -1)
    zone = area.places["zone"].to_numpy()[place].astype(np.int64)
    urban = zones["kind"].isin(URBAN_KINDS).to_numpy()
    people = zones["population_2010"].to_numpy().astype(np.int64)
    county = area.county_rows
    # the first of each county in the order of county, urban before rural, people, row
    order = np.lexsort((np.arange(len(zones)), -people, ~urban, county))
    counties, first = np.unique(county[order], return_index=True)
    seat = np.full(len(area.counties), -1, dtype=np.int64)
    seat[counties] = order[first]
    core = int(np.lexsort((np.arange(len(zones)), -people, ~urban))[0])
    at = zones[["x_m", "y_m"]].to_numpy()
    where = area.places[["x_m", "y_m"]].to_numpy()[place]
    there = at[seat]
    return Nodes(
        place=place,
        of_zone=of_zone,
        county=county[zone],
        urban=urban[zone],
        zone=zone,
        county_of_zone=county,
        seat=seat,
        core=core,
        uplink_m=_distance_m(where, there[county[zone]]),
        ring_m=np.where(seat >= 0, _distance_m(there, at[core]), 0.0),
        spur_m=_nearest_other_m(there, seat >= 0),
    )


def _distance_m(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.hypot(*(one - other).T), dtype=np.float64)


def _nearest_other_m(at: Floats, there: NDArray[np.bool_]) -> Floats:
    """Return the distance of each point from the nearest other one, 0 for a point alone or not there."""
    result = np.zeros(len(at))
    rows = np.flatnonzero(there)
    if len(rows) > 1:
        apart = np.hypot(*np.moveaxis(at[rows][:, None] - at[rows][None, :], 2, 0))
        np.fill_diagonal(apart, np.inf)
        result[rows] = apart.min(axis=1)
    return result


def most_urban(area: Area, nodes: Nodes, count: Ints, share: float) -> NDArray[np.bool_]:
    """Return the counties with most urban residents that hold together no more than a share of the nodes."""
    people = np.where(area.urban, area.zones["population_2010"].to_numpy(np.int64), 0)
    urban = np.bincount(nodes.county_of_zone, people, len(nodes.seat))
    order = np.lexsort((np.arange(len(urban)), -urban))
    held = np.cumsum(count[order])
    chosen = np.zeros(len(urban), dtype=bool)
    chosen[order[held <= share * count.sum() * (1.0 + 1e-9)]] = True
    return chosen
