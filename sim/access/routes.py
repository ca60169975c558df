"""The feeder routes of a province: one tree from points of presence to all zones, dug once and shared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.access.balance import Bound, Rooted, balanced
from sim.access.exchange import improved
from sim.access.roadgraph import ROOT, RoadGraph, road_graph
from sim.access.route_notices import notices_of
from sim.access.segments import Paths, Segments, segments_of
from sim.access.steiner import mehlhorn
from sim.errors import DataError, Problem
from sim.tables.feeders import Feeders
from sim.tables.layers import URBAN_KINDS
from sim.tables.plan import ASSETS, ITEMS, NEEDED

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.route_options import RouteOptions
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

DUCT, POLES, NEW_POLES = "duct", "poles", "new poles"
"""Ways of laying most of a segment: in ducts, on poles that stand, on new poles."""
PREFIX = "route:"


@dataclass(frozen=True, eq=False)
class Routes:
    """S segments that connect Z zones with points of presence, each a physical thing bought once."""

    asset_id: NDArray[np.str_]
    """Identifier of each segment, shape (S,); it changes only where zones beside the segment do."""
    length_m: Floats
    """Length, shape (S,) [m]."""
    duct_m: Floats
    """Length in ducts of cities and towns, shape (S,) [m]."""
    poles: Flags
    """Whether the rest hangs on poles that stand: a village behind the segment has copper, shape (S,)."""
    fibres: Rows
    """Fibres in use by all zones behind the segment and spare ones, shape (S,)."""
    cable_fibres: Rows
    """Fibres of the cables laid for them, shape (S,)."""
    standing: Flags
    """Whether the segment is there in month 0: a zone behind it has fibre, shape (S,)."""
    passive_fen: Rows
    """Price of the cables, shape (S,) [fen]; also of what stands."""
    civil_fen: Rows
    """Price of hanging, poles, trench and duct, shape (S,) [fen]; also of what stands."""
    above: Rows
    """The segment that each goes on to, shape (S,); -1 at a point of presence."""
    paths: Paths
    """The segments of each zone, from the zone to its point of presence."""
    pop: Rows
    """Row of the point of presence (among the places) of each zone, shape (Z,)."""
    route_m: Floats
    """Way of each zone to its point of presence, shape (Z,) [m]."""
    corners: Rows
    """Where each segment's corners begin, shape (S + 1,)."""
    corner_m: Floats
    """Corners from the lower end of each segment to its upper end, shape (corners, 2) [m]."""
    country_factor: float
    """Way across country or along lanes over the straight distance."""
    life_years: float
    """Technical life [yr]."""
    notices: tuple[str, ...]
    """What was repaired, bridged or is out of reach, with counts and metres."""

    @property
    def price_fen(self) -> Rows:
        """Price of each segment, all items, shape (S,) [fen]."""
        return self.passive_fen + self.civil_fen

    @property
    def method(self) -> NDArray[np.str_]:
        """How most of each segment is laid, shape (S,): duct, poles or new poles."""
        return np.where(2.0 * self.duct_m > self.length_m, DUCT, np.where(self.poles, POLES, NEW_POLES))

    @cached_property
    def missing_m(self) -> Floats:
        """Way from each zone to where cable stands in month 0, shape (Z,) [m]."""
        return self.paths.total(np.where(self.standing, 0.0, self.length_m))

    @cached_property
    def share_fen(self) -> Floats:
        """Price of each zone's path to what stands, segments shared equally by all behind, (Z,) [fen]."""
        return self._shared(self.price_fen)

    @cached_property
    def share_m(self) -> Floats:
        """Metres of each zone's path to what stands, segments shared equally by all behind, (Z,) [m]."""
        return self._shared(self.length_m)

    def _shared(self, value: NDArray[np.number]) -> Floats:
        sharers = np.bincount(self.paths.segment, minlength=len(self.length_m))
        return self.paths.total(np.where(self.standing, 0.0, value / np.maximum(sharers, 1)))

    def assets(self) -> pd.DataFrame:
        """Return the segments to be built (contract ``ASSETS``)."""
        return self._assets

    @cached_property
    def _assets(self) -> pd.DataFrame:
        new = np.flatnonzero(~self.standing)
        priced = {"passive": self.passive_fen[new], "civil": self.civil_fen[new]}
        return ASSETS.frame(
            asset_id=self.asset_id[new],
            kind=np.full(len(new), "route"),
            **{f"{item}_fen": priced.get(item, np.zeros(len(new), dtype=np.int64)) for item in ITEMS},
            life_years=np.full(len(new), self.life_years),
        )

    def feeders(self) -> Feeders:
        """Return lengths and what hangs on each segment, as indicators see them."""
        return Feeders(self.length_m, self.paths.zone, self.paths.segment)

    def needed(self, project_ids: NDArray[np.str_], zones: Rows) -> pd.DataFrame:
        """Return which segments to be built each project needs, given its zone (contract ``NEEDED``)."""
        at = np.asarray(zones, dtype=np.int64)
        rows = self.paths.rows(at)
        owner = np.repeat(np.arange(len(at)), np.diff(self.paths.starts)[at])
        segment = self.paths.segment[rows]
        new = ~self.standing[segment]
        return NEEDED.frame(
            project_id=np.asarray(project_ids)[owner[new]], asset_id=self.asset_id[segment[new]]
        )


def plan_routes(
    area: Area,
    options: RouteOptions,
    standing: Flags,
    fibres: NDArray[np.number],
    copper: Flags | None = None,
) -> Routes:
    """Return the feeder routes of an area.

    The tree is a Steiner tree of all zones and points of presence on roads and on ways across country,
    changed so that no zone's way exceeds its bound (see ``balanced``). Cables are dimensioned for
    everybody behind them, so that nothing is dug twice.

    Parameters
    ----------
    area
        Zones, places of kind pop and major roads.
    options
        Reach, ways across country, cables and prices.
    standing
        Zones with fibre in month 0, shape (Z,): their routes stand.
    fibres
        Feeder fibres that each zone takes, shape (Z,); fractions count up.
    copper
        Zones with a copper network, shape (Z,): poles lead there; none by default.

    Raises
    ------
    DataError
        Where there is no zone or no usable point of presence, or an array does not fit the zones.
    """
    flags = np.zeros(len(area.zones), dtype=bool) if copper is None else copper
    _check(len(area.zones), {"standing": standing, "fibres": fibres, "copper": flags})
    graph = road_graph(area, options)
    terminals = np.unique(graph.zone_node)
    ends = np.union1d(terminals, [ROOT])
    tree = balanced(
        graph.network,
        improved(graph.network, mehlhorn(graph.network, ends), ends, options.rounds),
        terminals,
        ROOT,
        Bound(options.reach * 1000.0, options.detour),
        options.rounds,
    )
    segments = segments_of(graph, tree, area.zones["zone_id"].to_numpy(dtype=str))
    paths, count = segments.paths, len(segments.name)
    duct_m = segments.sums(_duct_m(area, graph, tree, options.town_reach))
    used = np.ceil(paths.behind(np.ceil(fibres), count) * (1.0 + options.spare_fibres))
    cables, size, metre = _cables(used, options)
    poles = paths.behind(flags, count) > 0
    trench = (1.0 - options.standing_ducts) * options.trench_price + cables * options.pulling_price
    aerial = np.where(poles, 0.0, options.pole_price) + cables * options.lashing_price
    civil = duct_m * trench + (segments.length_m - duct_m) * aerial
    corners, corner_m = _corners(area, graph, tree, segments)
    return Routes(
        asset_id=np.array([f"{PREFIX}{name}" for name in segments.name], dtype=np.str_),
        length_m=segments.length_m,
        duct_m=duct_m,
        poles=poles,
        fibres=used.astype(np.int64),
        cable_fibres=(cables * size).astype(np.int64),
        standing=paths.behind(standing, count) > 0,
        passive_fen=np.rint(segments.length_m * metre * 100.0).astype(np.int64),
        civil_fen=np.rint(civil * 100.0).astype(np.int64),
        above=segments.above,
        paths=paths,
        pop=_pops(graph, segments),
        route_m=paths.total(segments.length_m),
        corners=corners,
        corner_m=corner_m,
        country_factor=options.country_factor,
        life_years=options.life,
        notices=(*graph.notices, *notices_of(area, graph, tree, options.reach * 1000.0)),
    )


def _check(zones: int, given: dict[str, NDArray[np.generic]]) -> None:
    problems = [
        Problem("routes", name, f"has the shape {values.shape}; one value a zone is wanted, shape ({zones},)")
        for name, values in given.items()
        if values.shape != (zones,)
    ]
    fibres = np.asarray(given["fibres"], dtype=np.float64)
    if not problems and not (np.isfinite(fibres) & (fibres >= 0)).all():
        problems.append(Problem("routes", "fibres", "must be numbers, 0 or more"))
    if problems:
        raise DataError(tuple(problems))


def _pops(graph: RoadGraph, segments: Segments) -> Rows:
    """Return the point of presence of each zone, shape (Z,)."""
    pop = graph.zone_pop.copy()
    starts = segments.paths.starts
    away = np.flatnonzero(np.diff(starts) > 0)
    pop[away] = segments.pop[segments.paths.segment[starts[away]]]
    return pop


def _cables(fibres: Floats, options: RouteOptions) -> tuple[Floats, Floats, Floats]:
    """Return how many cables hold so many fibres, the size of each, and the price of all [yuan/m]."""
    sizes = np.array(sorted(options.cable_price), dtype=np.float64)
    price = np.array([options.cable_price[size] for size in sorted(options.cable_price)])
    count = np.maximum(np.ceil(fibres / sizes[-1]), 1.0)
    kind = np.searchsorted(sizes, np.ceil(fibres / count))
    return count, sizes[kind], count * price[kind]


def _duct_m(area: Area, graph: RoadGraph, tree: Rooted, reach_m: float) -> Floats:
    """Return how much of the edge above each node lies in a city or town, shape (N,) [m].

    An end within reach of the centre of such a zone counts for that reach, and half the edge at most.
    """
    result = np.zeros(len(tree.above))
    urban = np.isin(area.zones["kind"].to_numpy(dtype=str), URBAN_KINDS)
    if not urban.any():
        return result
    centres = area.zones[["x_m", "y_m"]].to_numpy(dtype=np.float64)[urban]
    near = cKDTree(centres).query(graph.node_m)[0] <= reach_m
    below = np.flatnonzero(tree.above >= 0)
    above = tree.above[below]
    edge_m = graph.network.length_m[graph.network.edge_between(below, above)]
    near_above = np.where(above == ROOT, near[below], near[above])  # the root has no place of its own
    result[below] = (near[below].astype(np.float64) + near_above) * np.minimum(edge_m / 2.0, reach_m)
    return result


def _corners(area: Area, graph: RoadGraph, tree: Rooted, segments: Segments) -> tuple[Rows, Floats]:
    """Return the corners of each segment from its lower to its upper end, one segment after the other."""
    inside = np.flatnonzero(segments.owner >= 0)
    order = inside[np.lexsort((-tree.way_m[inside], segments.owner[inside]))]
    owner = segments.owner[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(segments.name)) + 1)])
    corner_m = np.empty((int(starts[-1]), 2))
    corner_m[np.arange(len(order)) + owner] = graph.node_m[order]
    upper = tree.above[order[np.searchsorted(owner, np.arange(len(segments.name)), side="right") - 1]]
    place_m = area.places[["x_m", "y_m"]].to_numpy(dtype=np.float64)[segments.pop]
    corner_m[starts[1:] - 1] = np.where((upper == ROOT)[:, None], place_m, graph.node_m[upper])
    return starts, corner_m
