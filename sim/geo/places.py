"""Places by rule: committees, schools, clinics, hotspots and the fibre points of presence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.geo.options import PlaceOptions, SettleOptions
from sim.geo.shares import largest_remainder
from sim.randomness import Streams
from sim.tables.layers import PLACES, VILLAGE

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

_STATION_REACH_M = 5_000.0
_PART_OF_RADIUS = 0.5  # how far from the middle of its zone a place stands


def places_table(
    zones: pd.DataFrame, townships: pd.DataFrame, edges: pd.DataFrame, options: PlaceOptions, streams: Streams
) -> tuple[pd.DataFrame, Rows]:
    """Return the places, and the row of the point of presence of each township.

    Every committee has its place, in the first of its zones; the other kinds are counted by residents
    for each county and stand in the zones by their residents; a county with a railway has a station, a
    prefecture an airport.
    """
    parts = [
        _at_zones("committee", np.flatnonzero(zones["part"].to_numpy() == 0), zones),
        *(_counted(kind, people, where, zones, streams) for kind, people, where in _rules(options)),
        _at_zones("station", _stations(zones, edges), zones),
        _at_zones("airport", _airports(zones), zones),
    ]
    before = sum(len(part) for part in parts)
    parts.append(_seats(zones, townships))
    frame = pd.concat(parts, ignore_index=True)
    table = PLACES.frame(**{name: frame[name].to_numpy() for name in PLACES.names})
    return table, before + np.arange(len(townships))


def _rules(options: PlaceOptions) -> tuple[tuple[str, float, str], ...]:
    return (
        ("school", options.people_per_school, "all"),
        ("clinic", options.people_per_clinic, "all"),
        ("hotspot", options.people_per_hotspot, "urban"),
        ("mall", options.people_per_mall, "urban"),
        ("park", options.people_per_park, "urban"),
        ("enterprise", options.people_per_enterprise, "urban"),
        ("scenic", options.people_per_scenic, "rural"),
    )


def _at_zones(kind: str, rows: Rows, zones: pd.DataFrame) -> pd.DataFrame:
    chosen = zones.iloc[rows]
    ids = (f"{kind}:" + chosen["zone_id"].astype(str)).to_numpy(dtype=str)
    return _frame(kind, ids, rows, chosen[["x_m", "y_m"]].to_numpy(), chosen["modelled"].to_numpy())


def _frame(
    kind: str, ids: NDArray[np.str_], rows: Rows, at: Floats, modelled: NDArray[np.bool_]
) -> pd.DataFrame:
    return pd.DataFrame(
        {"place_id": ids, "zone": rows, "kind": kind, "x_m": at[:, 0], "y_m": at[:, 1], "modelled": modelled}
    )


def _counted(
    kind: str, people_per_place: float, where: str, zones: pd.DataFrame, streams: Streams
) -> pd.DataFrame:
    """Return one place for so many residents of a county, at least one where there are any."""
    rural = (zones["kind"] == VILLAGE).to_numpy()
    people = zones["population_2020"].to_numpy() * {"all": 1, "urban": ~rural, "rural": rural}[where]
    county = zones["county_row"].to_numpy()
    residents = np.bincount(county, people)
    wanted = np.where(residents > 0, np.maximum(np.round(residents / people_per_place), 1), 0).astype(
        np.int64
    )
    counts = largest_remainder(wanted, county, people.astype(np.float64))
    rows = np.repeat(np.arange(len(zones)), counts)
    serial = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    draw = np.array(streams.generator(f"geo/place/{kind}").random((len(rows), 2)))
    radius = (
        np.sqrt(zones["area_km2"].to_numpy()[rows] / np.pi) * 1000.0 * _PART_OF_RADIUS * np.sqrt(draw[:, 0])
    )
    angle = 2 * np.pi * draw[:, 1]
    at = zones[["x_m", "y_m"]].to_numpy()[rows] + radius[:, None] * np.column_stack(
        [np.cos(angle), np.sin(angle)]
    )
    names = zones["zone_id"].to_numpy(dtype=object)[rows]
    ids = np.array([f"{kind}:{name}.{n}" for name, n in zip(names, serial, strict=True)], dtype=str)
    return _frame(kind, ids, rows, np.round(at, 1), np.ones(len(rows), dtype=bool))


def _stations(zones: pd.DataFrame, edges: pd.DataFrame) -> Rows:
    """Return for each county the zone with most people within reach of a railway node, if there is one."""
    rails = edges[edges["kind"] == "rail"]
    if rails.empty:
        return np.zeros(0, dtype=np.int64)
    nodes = cKDTree(rails[["x0_m", "y0_m"]].to_numpy())
    near = np.asarray(nodes.query(zones[["x_m", "y_m"]].to_numpy())[0]) < _STATION_REACH_M
    return _largest(zones, zones["county_row"].to_numpy(), np.flatnonzero(near))


def _airports(zones: pd.DataFrame) -> Rows:
    """Return for each prefecture its largest urban zone: where its airport's hall is counted."""
    prefecture = np.unique(zones["prefecture"].to_numpy(dtype=str), return_inverse=True)[1]
    return _largest(zones, prefecture, np.flatnonzero((zones["kind"] != VILLAGE).to_numpy()))


def _largest(zones: pd.DataFrame, group: NDArray[np.intp], rows: Rows) -> Rows:
    people = zones["population_2020"].to_numpy()[rows]
    order = rows[np.lexsort((rows, -people, group[rows]))]
    return np.sort(order[np.unique(group[order], return_index=True)[1]])


def _seats(zones: pd.DataFrame, townships: pd.DataFrame) -> pd.DataFrame:
    """Return the points of presence: one at each township seat, in the zone nearest to it."""
    zone_county, county = zones["county_row"].to_numpy(), townships["county"].to_numpy()
    at, seats = zones[["x_m", "y_m"]].to_numpy(), townships[["x_m", "y_m"]].to_numpy()
    rows = np.empty(len(townships), dtype=np.int64)
    for row in np.unique(county):
        here = np.flatnonzero(zone_county == row)
        mine = county == row
        rows[mine] = here[cKDTree(at[here]).query(seats[mine])[1]]
    serial = np.arange(len(county)) - np.searchsorted(county, county) + 1
    codes = zones["county"].to_numpy(dtype=object)[rows]
    ids = np.array([f"pop:{code}.{n:03d}" for code, n in zip(codes, serial, strict=True)], dtype=str)
    return _frame("pop", ids, rows, np.round(seats, 1), townships["modelled"].to_numpy(dtype=bool))


def nearest_pop(
    zones: pd.DataFrame, townships: pd.DataFrame, pops: Rows, options: SettleOptions
) -> tuple[Rows, Floats]:
    """Return the nearest point of presence of each zone's county and the length of the route to it [m].

    The route is the straight distance times ``route_factor``.
    """
    county = zones["county_row"].to_numpy()
    seats, seat_county = townships[["x_m", "y_m"]].to_numpy(), townships["county"].to_numpy()
    at = zones[["x_m", "y_m"]].to_numpy()
    place, distance = np.full(len(zones), -1, dtype=np.int64), np.zeros(len(zones))
    for row in np.unique(seat_county):
        here, mine = np.flatnonzero(seat_county == row), np.flatnonzero(county == row)
        length, index = cKDTree(seats[here]).query(at[mine])
        place[mine], distance[mine] = pops[here[index]], length
    return place, np.round(distance * options.route_factor, 1)
