"""What the cost curves look at: homes, settlements and metres of zones, without a design of any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.access.blocks import duct_starts, has_duct, homes_in_building, streets_each_way
from sim.access.lanes import compact_lanes
from sim.access.optics import ROUNDING_DB, fixed_loss_db
from sim.access.options import OdnOptions, stages_of
from sim.access.settlements import (
    BLOCKS,
    COMPACT,
    PATTERNS,
    RIBBON,
    SCATTERED,
    PatternOptions,
    Settlements,
    settlements_of,
)
from sim.tables.layers import CITY, VILLAGE

if TYPE_CHECKING:
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

_SHARED = ("zone", "served", "ports", "cheap_lines", "dear_lines")
VILLAGE_FEATURES = (
    *_SHARED, "direct_ports", "direct_ways_m", "settlements", "fronts_m", "port_fronts_m", "poled_lanes_m",
    "bare_lanes_m", "poled_paths_m", "bare_paths_m", "poled_tracks_m", "bare_tracks_m", "ways_m",
    "port_ways_m",
)  # fmt: skip
URBAN_FEATURES = (
    *_SHARED, "buildings", "floors", "ducted_tree_m", "bare_tree_m", "ducted_streets_m", "bare_streets_m",
    "ducted_sides_m", "bare_sides_m", "port_sides_m", "setbacks_m",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Features:
    """What curves look at, for Z zones; the features of other kinds of zone are 0."""

    kind: NDArray[np.str_]
    """City, town or village, shape (Z,)."""
    values: Mapping[str, Floats]
    """Features by name, each of shape (Z,)."""

    def matrix(self, kind: str) -> Floats:
        """Return the features of a kind as columns, for every zone, shape (Z, features)."""
        return np.column_stack([self.values[name] for name in feature_names(kind)])

    @property
    def built_up(self) -> Flags:
        """Which zones have no room for poles and pavement over every trench, shape (Z,)."""
        return np.asarray(self.kind != VILLAGE)

    @property
    def served(self) -> Floats:
        """Homes within reach of the optics, shape (Z,)."""
        return self.values["served"]

    def at(self, rows: Rows) -> Features:
        """Return those of some zones."""
        return Features(self.kind[rows], {name: values[rows] for name, values in self.values.items()})


def feature_names(kind: str) -> tuple[str, ...]:
    """Return the names of the features of a kind of zone, in order."""
    return VILLAGE_FEATURES if kind == VILLAGE else URBAN_FEATURES


def features_of(
    area: Area,
    pattern: PatternOptions,
    design: OdnOptions,
    copper: Flags,
    upstream_m: Floats | None = None,
    ports_per_home: Floats | None = None,
) -> Features:
    """Return the features of every zone of an area, each the same whatever becomes of the others.

    Parameters
    ----------
    area, pattern, copper
        As of ``sim.access.pattern.tile_of``, whose tiles the features describe.
    design
        Rules of the design: ports for each home, and how far each split and class of optics reaches.
    upstream_m
        Fibre between line terminal and zone, shape (Z,) [m]; without it the route of the zones table.
    ports_per_home
        Ports for each home passed, shape (Z,); without it the design's.
    """
    rows = np.arange(len(area.zones))
    there = settlements_of(area, rows, pattern, copper)
    kind = area.zones["kind"].to_numpy(dtype=str)
    upstream_m = area.zones["pop_route_m"].to_numpy(np.float64) if upstream_m is None else upstream_m
    fibre_m = upstream_m[there.zone] + ways(there)
    reached = fibre_m <= farthest_m(design)
    if ports_per_home is None:
        ports_per_home = np.full(len(rows), design.ports_per_home)
    ports = np.asarray(there.homes * ports_per_home[there.zone], dtype=np.float64)
    values = _optics_features(there, design, fibre_m, (ports, reached), len(rows))
    values |= _village_features(there, pattern, ports, reached, len(rows))
    values["centres"] = _summed(there.zone, (there.homes > 0).astype(np.float64), len(rows))
    values |= _urban_features(area, kind, values, pattern)
    return Features(kind, values)


def _summed(zone: Rows, values: Floats, count: int) -> Floats:
    """Return the sums of values by zone, shape (count,)."""
    return np.asarray(np.bincount(zone, values, count), dtype=np.float64)


def farthest_m(design: OdnOptions) -> float:
    """Return the length of fibre beyond which no split and no class of optics serves a home [m]."""
    return min(float(_reaches(design).any_m.max()), design.longest_reach * 1000.0)


def _optics_features(
    there: Settlements, design: OdnOptions, fibre_m: Floats, wanted: tuple[Floats, Flags], count: int
) -> dict[str, Floats]:
    """Return homes within reach, ports and what feeds them.

    ``wanted`` holds the ports of each settlement and whether it is within reach. A zone takes the largest
    split that reaches the farthest of its settlements within reach with any class of optics; ports beyond
    the reach of the cheapest class are dear.
    """
    reach, (ports, reached) = _reaches(design), wanted
    farthest = np.zeros(count)
    np.maximum.at(farthest, there.zone, fibre_m * reached)
    row = np.argmax(reach.any_m[None, :] >= farthest[:, None], axis=1)[there.zone]
    served = (there.homes * reached).astype(np.float64)
    ports = ports * reached
    lines = ports / reach.ratio[row]
    dear = fibre_m > reach.cheap_m[row]
    homes = _summed(there.zone, served, count)
    direct = ports * reach.direct[row]
    return {
        "zone": (homes > 0).astype(np.float64),
        "served": homes,
        "ports": _summed(there.zone, ports, count),
        "cheap_lines": _summed(there.zone, lines * ~dear, count),
        "dear_lines": _summed(there.zone, lines * dear, count),
        "direct_ports": _summed(there.zone, direct, count),
        "direct_ways_m": _summed(there.zone, direct * ways(there), count),
    }


@dataclass(frozen=True, eq=False)
class _Reaches:
    """The splits of a design in the order in which they are wanted, shape (splits,) each."""

    ratio: Floats
    """Homes behind one port."""
    direct: Flags
    """Whether there is one stage only, and so a fibre from each home to the cabinet."""
    cheap_m: Floats
    """Fibre within the budget of the cheapest class [m]."""
    any_m: Floats
    """Fibre within the budget of some class [m]."""


def _reaches(design: OdnOptions) -> _Reaches:
    """Return how far each split reaches: the largest first, of equal ones first those with two stages.

    These lose more and cost less. Splices of drums are spread over the length.
    """
    classes = [design.optics[name] for name in design.offered]
    cheapest = min(range(len(classes)), key=lambda row: classes[row].port_price)
    rows = []
    for split in design.splits:
        reach_m = []
        for optics in classes:
            left_db = optics.budget - fixed_loss_db(design, split) + ROUNDING_DB
            per_km = max(optics.fibre_loss_up, optics.fibre_loss_down)
            per_km += design.splice_loss * 1000.0 / design.drum_length
            reach_m.append(left_db / per_km * 1000.0)
        stages = stages_of(split)
        rows.append((float(np.prod(stages)), len(stages) == 1, reach_m[cheapest], max(reach_m)))
    rows.sort(key=lambda row: (-row[0], row[-1]))
    ratio, direct, cheap_m, any_m = (np.array(column) for column in zip(*rows, strict=True))
    return _Reaches(ratio, direct, cheap_m, any_m)


def _village_features(
    there: Settlements, options: PatternOptions, ports: Floats, reached: Flags, count: int
) -> dict[str, Floats]:
    counted = reached & (there.pattern != PATTERNS.index(BLOCKS))

    def summed(values: Floats, where: Flags | bool = True) -> Floats:
        return _summed(there.zone, values * (counted & where), count)

    homes = there.homes.astype(np.float64)
    front_m = np.sqrt(there.plot_m2)
    is_compact, is_scattered = (there.pattern == PATTERNS.index(name) for name in (COMPACT, SCATTERED))
    lanes = np.where(is_compact, compact_lanes(there.homes), -(-there.homes // options.lane_homes))
    along_m = (homes / 2.0 + 2.0 * np.maximum(lanes - 1, 0)) * front_m
    lanes_m = along_m * (is_compact | (there.pattern == PATTERNS.index(RIBBON)))
    paths_m = homes * front_m * is_scattered
    ways_m = ways(there)
    return {
        "settlements": summed((homes > 0).astype(np.float64)),
        "fronts_m": summed(homes * front_m),
        "port_fronts_m": summed(ports * front_m),
        "poled_lanes_m": summed(lanes_m, there.poles),
        "bare_lanes_m": summed(lanes_m, ~there.poles),
        "poled_paths_m": summed(paths_m, there.poles),
        "bare_paths_m": summed(paths_m, ~there.poles),
        "poled_tracks_m": summed(there.track_m, there.poles),
        "bare_tracks_m": summed(there.track_m, ~there.poles),
        "ways_m": summed(ways_m),
        "port_ways_m": summed(ways_m * ports),
    }


def ways(there: Settlements) -> Floats:
    """Return the way of each settlement along the tracks to the first of its zone, shape (S,) [m]."""
    way_m, above = there.track_m.copy(), there.parent.copy()
    while (above >= 0).any():  # each round doubles the hops that are summed
        on = above >= 0
        way_m, above = way_m + np.where(on, way_m[above], 0.0), np.where(on, above[above], -1)
    return way_m


def ducted_share(area: Area, rows: Rows, each_way: Floats, options: PatternOptions) -> Floats:
    """Return the share of the streets of some zones that have ducts, 0 for all others, shape (Z,)."""
    city = area.zones["kind"].to_numpy()[rows] == CITY
    share = np.where(city, options.duct_share_city, options.duct_share_town)
    streets = (2.0 * each_way[rows]).astype(np.int64)
    number = np.arange(int(streets.max(initial=1)))
    there = has_duct(duct_starts(area, rows, options)[:, None], number[None, :], share[:, None])
    result = np.zeros(len(area.zones))
    result[rows] = (there & (number < streets[:, None])).sum(axis=1) / streets
    return result


def _urban_features(
    area: Area,
    kind: NDArray[np.str_],
    optics: Mapping[str, Floats],
    options: PatternOptions,
) -> dict[str, Floats]:
    land_m2 = area.zones["area_km2"].to_numpy(np.float64) * 1e6
    city, urban = kind == CITY, (kind != VILLAGE) & (optics["served"] > 0)
    walk_up, tower = homes_in_building(options, city=True)
    low = homes_in_building(options, city=False)[0]
    in_city = walk_up + options.tower_share * (tower - walk_up)
    floors_city = options.floors_city + options.tower_share * (options.floors_tower - options.floors_city)
    # Each neighbourhood rounds its buildings up: half a building more on average.
    buildings = optics["served"] / np.where(city, in_city, low) + optics["centres"] / 2.0
    buildings = np.where(urban, buildings, 0.0)
    side_m = np.sqrt(land_m2)
    block_m = np.where(city, options.block_city, options.block_town)
    each_way = streets_each_way(land_m2, block_m)
    streets_m = np.where(urban, 2.0 * each_way * side_m, 0.0)
    tree_m = np.sqrt(buildings * land_m2)
    ducted = ducted_share(area, np.flatnonzero(urban), each_way, options)
    return {
        "buildings": buildings,
        "floors": buildings * np.where(city, floors_city, options.floors_town),
        "ducted_tree_m": tree_m * ducted,
        "bare_tree_m": tree_m * (1.0 - ducted),
        "ducted_streets_m": streets_m * ducted,
        "bare_streets_m": streets_m * (1.0 - ducted),
        "port_sides_m": np.where(urban, optics["ports"] * side_m, 0.0),
        "ducted_sides_m": np.where(urban, side_m, 0.0) * ducted,
        "bare_sides_m": np.where(urban, side_m, 0.0) * (1.0 - ducted),
        "setbacks_m": buildings * options.setback,
    }
