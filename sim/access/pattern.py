"""The homes and streets inside a zone where no survey has them: a tile drawn by rule from a seed.

A village is its settlements, each drawn by its street pattern (``sim.access.lanes``), joined to the
committee by tracks that swing about the straight way; its copper poles stand along the tracks and lanes
nearest to the committee. A zone of a city or town is a square of streets with blocks of flats
(``sim.access.blocks``). Everything a zone has is drawn from streams of its own identifier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.access.blocks import Quarter, Square, duct_starts, quarter
from sim.access.lanes import Patch, compact, neighbours, ribbon, scattered, wandering
from sim.access.settlements import COMPACT, PATTERNS, RIBBON, PatternOptions, Settlements, settlements_of
from sim.access.tile import Streets, Tile
from sim.randomness import Streams
from sim.tables.layers import CITY, VILLAGE

if TYPE_CHECKING:
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

_STEP_M = 60.0
"""A track is drawn as straight pieces of about this length; its metres do not depend on it."""


def tile_of(
    area: Area,
    zone_row: int,
    options: PatternOptions,
    copper: Flags,
    upstream_m: float | None = None,
) -> Tile:
    """Return the homes and streets of one zone, the same whatever becomes of other zones.

    Parameters
    ----------
    area
        Land: the zone's homes, kind, land and points, and the roads along which lanes lie.
    zone_row
        Row of the zone.
    options
        How homes and streets lie; draws are keyed by its seed and the zone's identifier.
    copper
        Whether copper broadband stands in each zone of the area, shape (zones,).
    upstream_m
        Fibre between line terminal and zone [m]; without it the route of the zones table.
    """
    # Node 0 is where the feeder enters: the committee, or the crossing in the middle of a town.
    row = area.zones.iloc[zone_row]
    there = settlements_of(area, np.array([zone_row]), options, copper)
    generator = Streams(options.seed).generator("access/tile", str(row["zone_id"]))
    if row["kind"] == VILLAGE:
        pieces = _village(area, there, options, generator)
    else:
        start = float(duct_starts(area, np.array([zone_row]), options)[0])
        square = Square(float(row["area_km2"]) * 1e6, bool(row["kind"] == CITY), start)
        found = quarter(square, there.homes, there.where_m - there.where_m[0], options, generator)
        pieces = _urban(found, there.where_m[0])
    node_m, edges, length_m, duct, poles, building_m, homes, floors = pieces
    return Tile(
        name=str(row["zone_id"]),
        building_m=building_m,
        homes=homes,
        floors=floors,
        streets=Streets(node_m, edges, length_m, duct, poles),
        entry_m=pieces[0][0].copy(),
        upstream_m=float(row["pop_route_m"]) if upstream_m is None else upstream_m,
        built_up=bool(row["kind"] != VILLAGE),
    )


_Pieces = tuple[Floats, Rows, Floats, Flags, Flags, Floats, Rows, Rows]


def _urban(found: Quarter, middle_m: Floats) -> _Pieces:
    node_m, edges = found.patch.node_m + middle_m, found.patch.edges
    length_m = np.hypot(*(node_m[edges[:, 0]] - node_m[edges[:, 1]]).T)
    none = np.zeros(len(edges), dtype=bool)
    building_m = found.patch.building_m + middle_m
    return node_m, edges, length_m, found.duct, none, building_m, found.homes, found.floors


def _village(
    area: Area, there: Settlements, options: PatternOptions, generator: np.random.Generator
) -> _Pieces:
    graph = _Graph()
    bearing = _road_bearings(area, there.where_m)
    phases = generator.uniform(size=len(there.homes))
    for number in range(len(there.homes)):
        patch = _patch(there, number, options, generator)
        turned = patch.turned(bearing[number], there.where_m[number])
        graph.add_patch(turned, poles=bool(there.poles[number]))
    for number in np.flatnonzero(there.parent >= 0).tolist():
        ends = (int(there.parent[number]), number)
        graph.add_track(ends, float(there.track_m[number]), phases[number], poles=bool(there.poles[number]))
    for ends in _extra_tracks(there, options):
        straight_m = float(np.hypot(*(there.where_m[ends[0]] - there.where_m[ends[1]])))
        graph.add_track(ends, straight_m * options.track_sinuosity, phases[ends[1]], poles=False)
    return graph.pieces()


def _patch(there: Settlements, number: int, options: PatternOptions, generator: np.random.Generator) -> Patch:
    """Return the lanes and homes of a settlement around the origin."""
    homes, plot_m2 = int(there.homes[number]), float(there.plot_m2[number])
    pattern = PATTERNS[there.pattern[number]]
    if homes == 0:
        return Patch(np.zeros((1, 2)), np.empty((0, 2), dtype=np.int64), np.empty((0, 2)))
    if pattern == RIBBON:
        return ribbon(homes, plot_m2, generator, options.lane_homes)
    return (compact if pattern == COMPACT else scattered)(homes, plot_m2, generator)


def _road_bearings(area: Area, where_m: Floats) -> Floats:
    """Return the direction of the road nearest to each point, anticlockwise from east, shape (n,) [rad]."""
    roads = area.roads[area.roads["kind"] == "road"]
    if len(roads) == 0:
        return np.zeros(len(where_m))
    start, end = (roads[[f"x{end}_m", f"y{end}_m"]].to_numpy(np.float64) for end in "01")
    along = end - start
    square = np.maximum((along**2).sum(axis=1), 1e-9)
    result = np.empty(len(where_m))
    for number, point in enumerate(where_m):
        share = np.clip(((point - start) * along).sum(axis=1) / square, 0.0, 1.0)
        away = ((start + share[:, None] * along - point) ** 2).sum(axis=1)
        nearest = along[int(np.argmin(np.round(away, 3)))]
        result[number] = np.arctan2(nearest[1], nearest[0])
    return result


def _extra_tracks(there: Settlements, options: PatternOptions) -> list[tuple[int, int]]:
    """Return the shortest ways between settlements beside those of the tree."""
    joined = np.flatnonzero(there.parent >= 0)
    if len(joined) < 2:
        return []
    pairs = neighbours(there.where_m)
    tree = np.sort(np.column_stack([there.parent[joined], joined]), axis=1)
    size = np.array([len(there.homes), 1])
    pairs = pairs[~np.isin(pairs @ size, tree @ size)]
    apart = np.hypot(*(there.where_m[pairs[:, 0]] - there.where_m[pairs[:, 1]]).T)
    order = np.argsort(np.round(apart, 3), kind="stable")[: round(options.extra_tracks * len(joined))]
    return [(int(pairs[at, 0]), int(pairs[at, 1])) for at in order]


class _Graph:
    """Collects patches and tracks; nodes are counted on from patch to patch."""

    def __init__(self) -> None:
        self._node_m: list[Floats] = []
        self._edges: list[Rows] = []
        self._length_m: list[Floats] = []
        self._poles: list[Flags] = []
        self._building_m: list[Floats] = []
        self._hub: list[int] = []
        self._hub_m: list[Floats] = []
        self._nodes = 0

    def add_patch(self, patch: Patch, *, poles: bool) -> None:
        self._hub.append(self._nodes)
        self._hub_m.append(patch.node_m[0])
        self._building_m.append(patch.building_m)
        length_m = np.hypot(*(patch.node_m[patch.edges[:, 0]] - patch.node_m[patch.edges[:, 1]]).T)
        self._add(patch.node_m, patch.edges + self._nodes, length_m, poles=poles)

    def add_track(self, ends: tuple[int, int], length_m: float, phase: float, *, poles: bool) -> None:
        """Join two settlements by a track of that length, drawn about as winding as it is long."""
        start_m, end_m = self._hub_m[ends[0]], self._hub_m[ends[1]]
        straight_m = max(float(np.hypot(*(end_m - start_m))), 1e-9)
        inner = wandering(start_m, end_m, length_m / straight_m, _STEP_M, phase)
        numbers = np.r_[self._hub[ends[0]], self._nodes + np.arange(len(inner)), self._hub[ends[1]]]
        drawn_m = np.hypot(*np.diff(np.vstack([start_m, inner, end_m]), axis=0).T)
        scale = length_m / max(float(drawn_m.sum()), 1e-9)
        self._add(inner, np.column_stack([numbers[:-1], numbers[1:]]), drawn_m * scale, poles=poles)

    def _add(self, node_m: Floats, edges: Rows, length_m: Floats, *, poles: bool) -> None:
        self._node_m.append(node_m)
        self._edges.append(edges.astype(np.int64))
        self._length_m.append(length_m)
        self._poles.append(np.full(len(edges), poles))
        self._nodes += len(node_m)

    def pieces(self) -> _Pieces:
        """Return nodes, edges, lengths, ducts, poles, buildings, homes and storeys as arrays."""
        edges, building_m = np.concatenate(self._edges), np.concatenate(self._building_m)
        one = np.ones(len(building_m), dtype=np.int64)
        return (
            np.concatenate(self._node_m), edges, np.concatenate(self._length_m),
            np.zeros(len(edges), dtype=bool), np.concatenate(self._poles), building_m, one, one,
        )  # fmt: skip
