"""The graph that feeder routes run on: major roads, ways to them, and ways from village to village."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError, cKDTree

from sim.access.steiner import MOST_NAMED, Network
from sim.errors import DataError, Problem
from sim.geo.roads import county_of

if TYPE_CHECKING:
    from sim.access.route_options import RouteOptions
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

GRAIN_M = 0.125
"""Lengths are whole eighths of a metre: their sums are exact, so that which of two ways is shorter does
not depend on the order of adding."""
_ROUNDED = 0.01
"""A road may be given shorter than the straight line by this share: sources round lengths."""
ROOT = 0
"""Node of all points of presence taken together."""


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """N nodes and E edges, node 0 standing for all points of presence, and Z zones on the nodes."""

    network: Network
    """The edges with their lengths, each at least one grain."""
    node_m: Floats
    """Position of each node, shape (N, 2) [m]; that of the root means nothing."""
    country: Flags
    """Whether an edge crosses open country or follows lanes rather than a major road, shape (E,)."""
    pop: Rows
    """Row of the point of presence (among the places) that an edge at the root leads to, else -1, (E,)."""
    zone_node: Rows
    """Node of each zone, shape (Z,); the root where a zone has a point of presence at its centre."""
    zone_pop: Rows
    """Row of the place at a zone's own centre, -1 without one, shape (Z,)."""
    piece: Rows
    """Connected piece of the road network that each node lies on or nearest to, shape (N,); -1 at the root
    and where there is no road."""
    notices: tuple[str, ...]
    """What was repaired in the tables, with counts and metres."""


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges between numbered nodes, several of which may join the same two."""

    nodes: Rows
    grains: Rows
    country: Flags


def road_graph(area: Area, options: RouteOptions) -> RoadGraph:
    """Return the graph of an area's zones, points of presence and major roads.

    A zone or point of presence joins the nearest road at its nearest point, and its neighbours (the
    edges of the Delaunay triangulation), both over the straight distance times ``country_factor``.
    Major roads are taken with their own length. What lies at one place is one node.

    Raises ``DataError`` where there is no zone, no usable point of presence, or a position is no number.
    """
    factor = options.country_factor
    centres, pops, notices = _terminals(area, options.reach * 1000.0)
    joined_m = np.concatenate([centres, area.places[["x_m", "y_m"]].to_numpy(dtype=np.float64)[pops]])
    place_m, node_of = _distinct(joined_m)
    roads, road_m, more = _roads(area)
    notices += more
    feet, foot_m = _feet(place_m, roads, road_m)
    node_m = np.concatenate([place_m, road_m, foot_m])
    parts = [
        _between(place_m, factor),
        _to_feet(place_m, foot_m, len(place_m) + len(road_m), factor),
        _split(roads, feet, len(place_m), len(road_m)),
    ]
    piece = _pieces(roads, len(road_m), feet, len(place_m))
    graph = _contracted(node_m, parts, node_of[: len(centres)], (pops, node_of[len(centres) :]), piece)
    return replace(graph, notices=tuple(notices))


def _terminals(area: Area, reach_m: float) -> tuple[Floats, Rows, list[str]]:
    """Return the positions of the zones and the rows of usable points of presence.

    One in no county that reaches no zone either is taken for a mistake of its position.
    """
    centres = area.zones[["x_m", "y_m"]].to_numpy(dtype=np.float64)
    pops = np.flatnonzero((area.places["kind"] == "pop").to_numpy())
    at = area.places[["x_m", "y_m"]].to_numpy(dtype=np.float64)[pops]
    problems = []
    if not len(centres):
        problems.append(Problem("zones", "", "there is none; routes need at least one zone"))
    for table, key, places in (("zones", "zone_id", centres), ("places", "place_id", at)):
        rows = np.flatnonzero(~np.isfinite(places).all(axis=1))
        names = area.zones[key] if table == "zones" else area.places[key].iloc[pops]
        problems += [
            Problem(table, str(names.iloc[row]), "has no position (x_m, y_m)") for row in rows[:MOST_NAMED]
        ]
    if problems:
        raise DataError(tuple(problems))
    polygons = area.counties.geometry.to_numpy()
    outside = county_of(at[:, 0], at[:, 1], polygons) < 0
    outside &= cKDTree(centres).query(at)[0] > reach_m
    notices = []
    if outside.any():
        notices.append(f"{int(outside.sum())} point(s) of presence outside the area are left out.")
    if outside.all():
        lies = "every one lies outside the area" if len(pops) else "there is none"
        message = f"{lies}; routes start from a place of kind pop inside one of the counties"
        raise DataError((Problem("places", "kind", message),))
    return centres, pops[~outside], notices


def _distinct(at: Floats) -> tuple[Floats, Rows]:
    """Return the different positions and the number of each one's."""
    grains = np.rint(at / GRAIN_M).astype(np.int64)
    _, first, number = np.unique(grains, axis=0, return_index=True, return_inverse=True)
    return at[first], number.reshape(-1)


def _roads(area: Area) -> tuple[_Edges, Floats, list[str]]:
    """Return the major roads with nodes numbered from 0, the nodes' positions, and what was repaired."""
    table = area.roads[(area.roads["kind"] == "road").to_numpy()]
    nodes, inverse = np.unique(table[["from_node", "to_node"]].to_numpy(), return_inverse=True)
    ends = inverse.reshape(-1, 2).astype(np.int64)
    places = table[["x0_m", "y0_m", "x1_m", "y1_m"]].to_numpy(dtype=np.float64).reshape(-1, 2)
    node_m = np.zeros((len(nodes), 2))
    node_m[ends.reshape(-1)[::-1]] = places[::-1]  # of several positions of a node the first counts
    straight_m = np.hypot(*(node_m[ends[:, 1]] - node_m[ends[:, 0]]).T)
    length_m = table["length_m"].to_numpy(dtype=np.float64)
    nothing = (ends[:, 0] == ends[:, 1]) | ((length_m <= 0) & (straight_m < GRAIN_M))
    short = ~nothing & (length_m < straight_m * (1.0 - _ROUNDED))
    notices = []
    if nothing.any():
        notices.append(f"{int(nothing.sum())} road edge(s) without length are left out.")
    if short.any():
        added = (straight_m - length_m)[short].sum()
        notices.append(
            f"{int(short.sum())} road edge(s) were shorter than the straight line between their ends: "
            f"{added:,.0f} m added."
        )
    grains = np.maximum(np.rint(np.maximum(length_m, straight_m) / GRAIN_M), 1).astype(np.int64)
    kept = ~nothing
    return _Edges(ends[kept], grains[kept], np.zeros(int(kept.sum()), dtype=bool)), node_m, notices


@dataclass(frozen=True, eq=False)
class _Feet:
    """Where places meet the roads: F places, each with one foot."""

    edge: Rows
    """Road edge on which each foot lies, shape (F,)."""
    share: Floats
    """How far along it, 0 to 1, shape (F,)."""


def _feet(place_m: Floats, roads: _Edges, road_m: Floats) -> tuple[_Feet, Floats]:
    """Return the point of the nearest road nearest to each place; none without roads."""
    if not len(roads.nodes):
        return _Feet(np.empty(0, dtype=np.int64), np.empty(0)), np.empty((0, 2))
    start, end = road_m[roads.nodes[:, 0]], road_m[roads.nodes[:, 1]]
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    place, edge = shapely.STRtree(lines).query_nearest(shapely.points(place_m), all_matches=True)
    edge = edge[np.lexsort((edge, place))][np.unique(np.sort(place), return_index=True)[1]].astype(np.int64)
    along = end[edge] - start[edge]
    squared = np.maximum((along**2).sum(axis=1), GRAIN_M**2)
    share = np.clip(((place_m - start[edge]) * along).sum(axis=1) / squared, 0.0, 1.0)
    return _Feet(edge, share), start[edge] + share[:, None] * along


def _between(place_m: Floats, factor: float) -> _Edges:
    """Return the ways between neighbouring places."""
    pairs = neighbours(place_m)
    return _across(place_m[pairs[:, 0]], place_m[pairs[:, 1]], pairs, factor)


def neighbours(place_m: Floats) -> Rows:
    """Return pairs of neighbours among different places, shape (pairs, 2), the smaller first.

    They are the edges of the Delaunay triangulation, which hold a shortest spanning tree; places on one
    line follow one another.
    """
    count = len(place_m)
    sides = np.empty((0, 2), dtype=np.int64)
    with suppress(QhullError):  # it finds no triangle in places on one line
        if count > 2:
            corners = Delaunay(place_m - place_m.mean(axis=0)).simplices
            sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    missing = np.setdiff1d(np.arange(count), sides)
    if len(missing) == count:  # all on one line
        order = np.lexsort((place_m[:, 1], place_m[:, 0]))
        sides = np.column_stack([order[:-1], order[1:]])
    elif len(missing):  # too close to another for the triangulation to tell them apart
        others = np.setdiff1d(np.arange(count), missing)
        near = others[cKDTree(place_m[others]).query(place_m[missing])[1]]
        sides = np.concatenate([sides, np.column_stack([missing, near])])
    return np.unique(np.sort(sides, axis=1), axis=0).reshape(-1, 2)


def _to_feet(place_m: Floats, foot_m: Floats, offset: int, factor: float) -> _Edges:
    """Return the ways from places to their feet on the roads."""
    count = len(foot_m)
    pairs = np.column_stack([np.arange(count), offset + np.arange(count)])
    return _across(place_m[:count], foot_m, pairs, factor)


def _across(one_m: Floats, other_m: Floats, pairs: Rows, factor: float) -> _Edges:
    straight_m = np.hypot(*(other_m - one_m).T)
    grains = np.maximum(np.rint(straight_m * factor / GRAIN_M), 1).astype(np.int64)
    return _Edges(pairs, grains, np.ones(len(pairs), dtype=bool))


def _split(roads: _Edges, feet: _Feet, places: int, road_nodes: int) -> _Edges:
    """Return the roads cut at the feet; their pieces sum to the road's length, each at least one grain."""
    count, edges = len(feet.edge), np.arange(len(roads.nodes))
    edge = np.concatenate([edges, feet.edge, edges])
    share = np.concatenate([np.zeros(len(edges)), feet.share, np.ones(len(edges))])
    turn = np.repeat([0, 1, 2], [len(edges), count, len(edges)])
    node = np.concatenate(
        [places + roads.nodes[:, 0], places + road_nodes + np.arange(count), places + roads.nodes[:, 1]]
    )
    order = np.lexsort((node, turn, share, edge))
    edge, share, node = edge[order], share[order], node[order]
    same = edge[1:] == edge[:-1]
    at = np.rint(share * roads.grains[edge]).astype(np.int64)
    grains = np.maximum((at[1:] - at[:-1])[same], 1)
    pairs = np.column_stack([node[:-1][same], node[1:][same]])
    return _Edges(pairs, grains, np.zeros(len(pairs), dtype=bool))


def _pieces(roads: _Edges, road_nodes: int, feet: _Feet, places: int) -> Rows:
    """Return the connected piece of the road network of each place, road node and foot; -1 without roads."""
    if not len(roads.nodes):
        return np.full(places + road_nodes, -1, dtype=np.int64)
    ends = (np.ones(len(roads.nodes)), (roads.nodes[:, 0], roads.nodes[:, 1]))
    piece = connected_components(csr_array(ends, shape=(road_nodes, road_nodes)), directed=False)[1]
    foot = piece[roads.nodes[feet.edge, 0]]
    return np.concatenate([foot, piece, foot]).astype(np.int64)


def _contracted(
    node_m: Floats, parts: list[_Edges], zone_place: Rows, pops: tuple[Rows, Rows], piece: Rows
) -> RoadGraph:
    """Return the graph with all points of presence as one node and one edge between any two nodes."""
    rows, pop_place = pops
    pop_at = np.full(len(node_m), -1, dtype=np.int64)
    pop_at[pop_place[::-1]] = rows[::-1]  # of several at one place the first serves
    number = np.where(pop_at >= 0, ROOT, np.cumsum(pop_at < 0))
    nodes = np.concatenate([part.nodes for part in parts])
    grains = np.concatenate([part.grains for part in parts])
    country = np.concatenate([part.country for part in parts])
    pop = np.maximum(pop_at[nodes[:, 0]], pop_at[nodes[:, 1]])
    ends = np.sort(number[nodes], axis=1)
    order = np.lexsort((pop, country, grains, ends[:, 1], ends[:, 0]))
    ends, pop = ends[order], pop[order]
    first = np.ones(len(ends), dtype=bool)
    first[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    first &= ends[:, 0] != ends[:, 1]
    kept_m = np.concatenate([[[0.0, 0.0]], node_m[pop_at < 0]])
    return RoadGraph(
        network=Network(len(kept_m), ends[first], grains[order][first] * GRAIN_M),
        node_m=kept_m,
        country=country[order][first],
        pop=pop[first],
        zone_node=number[zone_place],
        zone_pop=pop_at[zone_place],
        piece=np.concatenate([[-1], piece[pop_at < 0]]),
        notices=(),
    )
