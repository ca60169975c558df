"""What has to be said of feeder routes: pieces of road bridged, counties without roads, long ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.access.balance import Rooted
from sim.access.roadgraph import ROOT, RoadGraph

if TYPE_CHECKING:
    from sim.geo.area import Area

Rows = NDArray[np.int64]


def notices_of(area: Area, graph: RoadGraph, tree: Rooted, reach_m: float) -> tuple[str, ...]:
    """Return what was bridged or is out of reach, a line each, with counts and metres."""
    found = (
        _bridges(graph, tree),
        _without_roads(area, graph, tree),
        _without_pops(area, graph, tree),
        _beyond(graph, tree, reach_m),
    )
    return tuple(line for line in found if line)


def _bridges(graph: RoadGraph, tree: Rooted) -> str:
    """Return how the routes of zones on pieces of road that meet no point of presence leave them."""
    zones = len(graph.zone_node)
    below = np.flatnonzero(tree.above >= 0)
    above = tree.above[below]
    edge = graph.network.edge_between(below, above)
    if (graph.piece < 0).all():
        length_m = graph.network.length_m[edge].sum()
        return f"There is no major road: {zones} zone(s) are reached over {length_m:,.0f} m across country."
    own = graph.piece[below]
    served = np.unique(own[above == ROOT])
    mine = graph.piece[graph.zone_node]
    lost = (graph.zone_node != ROOT) & ~np.isin(mine, served)
    if not lost.any():
        return ""
    crossing = ~np.isin(own, served) & graph.country[edge] & (graph.piece[above] != own)
    return (
        f"{len(np.unique(mine[lost]))} piece(s) of road with {int(lost.sum())} zone(s) meet no point of "
        f"presence: routes bridge {graph.network.length_m[edge[crossing]].sum():,.0f} m across country."
    )


def _without_roads(area: Area, graph: RoadGraph, tree: Rooted) -> str:
    county = area.zones["county"].to_numpy(dtype=str)
    roads = area.roads[(area.roads["kind"] == "road").to_numpy()]["county"].to_numpy(dtype=str)
    without = ~np.isin(county, roads)
    if not len(roads) or not without.any():
        return ""
    nodes = np.unique(graph.zone_node[without])
    nodes = nodes[tree.above[nodes] >= 0]
    edge = graph.network.edge_between(nodes, tree.above[nodes])
    length_m = graph.network.length_m[edge][graph.country[edge]].sum()
    return (
        f"{len(np.unique(county[without]))} county(ies) with {int(without.sum())} zone(s) have no major "
        f"road: neighbours and roads beyond the border serve them, {length_m:,.0f} m across country."
    )


def _without_pops(area: Area, graph: RoadGraph, tree: Rooted) -> str:
    pop_zone = area.places["zone"].to_numpy()[(area.places["kind"] == "pop").to_numpy()]
    county = area.zones["county"].to_numpy(dtype=str)
    without = ~np.isin(county, county[pop_zone])
    if not without.any():
        return ""
    way_m = tree.way_m[graph.zone_node[without]]
    return (
        f"{len(np.unique(county[without]))} county(ies) with {int(without.sum())} zone(s) have no point of "
        f"presence: another county's serves them, over {way_m.mean():,.0f} m on average."
    )


def _beyond(graph: RoadGraph, tree: Rooted, reach_m: float) -> str:
    way_m = tree.way_m[graph.zone_node]
    beyond = way_m > reach_m
    if not beyond.any():
        return ""
    return (
        f"{int(beyond.sum())} zone(s) lie beyond the reach of {reach_m:,.0f} m by every way; the longest "
        f"way is {way_m.max():,.0f} m."
    )
