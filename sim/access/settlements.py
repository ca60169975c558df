"""Where the homes of zones stand and how their settlements hang together, for many zones at once.

Both the full tile of one zone (``sim.access.pattern``) and the features that the cost curves of all zones
look at (``sim.access.curves``) start from here, so that they speak of the same settlements, the same street
patterns and the same tracks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.geo.shares import largest_remainder
from sim.options import Options
from sim.parameters import Quantity
from sim.randomness import Streams
from sim.tables.layers import VILLAGE

if TYPE_CHECKING:
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Metres = Annotated[float, Field(gt=0), Quantity("m")]
Ratio = Annotated[float, Field(ge=1), Quantity("ratio")]

RIBBON, COMPACT, SCATTERED, BLOCKS = "ribbon", "compact", "scattered", "blocks"
PATTERNS = (RIBBON, COMPACT, SCATTERED, BLOCKS)
"""Street patterns; a settlement holds its place in this tuple. ``blocks`` is that of cities and towns."""
_GOLDEN = 0.6180339887498949
_BLOCKS = PATTERNS.index(BLOCKS)


class PatternOptions(Options):
    """How homes and streets lie inside a zone, where no survey of them exists."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Seed of the draws of homes and streets [1]"""
    village_plot: Annotated[float, Field(gt=0), Quantity("m2/home")]
    """Land per home inside a settlement, its part of the lanes included [m2/home]."""
    scattered_factor: Ratio
    """Land per home of scattered farmsteads over that of other settlements [ratio]."""
    most_settled: Annotated[float, Field(gt=0, le=1), Quantity("share")]
    """Most of the land of a village that its settlements take up; their plots shrink to it [share]."""
    ribbon_share: Share
    """Share of settlements whose homes line long lanes [share]."""
    lane_homes: Annotated[int, Field(ge=2), Quantity("homes")]
    """Most homes on one such lane; a settlement with more has lanes side by side [homes]."""
    scattered_share_plain: Share
    """Share of settlements of scattered farmsteads on flat land [share]."""
    scattered_share_hills: Share
    """The same in hills; the share grows with the roughness in between [share]."""
    hills_roughness: Metres
    """Roughness of the land from which it counts as hills [m]."""
    track_sinuosity: Ratio
    """Length of a track between settlements over the straight distance [ratio]."""
    extra_tracks: Share
    """Tracks beyond those that join the settlements, over those [share]."""
    copper_homes: Share
    """Share of the homes of a village with copper that its poles reach, nearest first [share]."""
    block_city: Metres
    """Distance between parallel streets of a city [m]."""
    block_town: Metres
    """Distance between parallel streets of a town [m]."""
    setback: Metres
    """Distance of a block of flats from the middle of its street [m]."""
    frontage: Metres
    """Length of street that a block of flats takes up on one side [m]."""
    floors_city: Annotated[int, Field(ge=1), Quantity("floors")]
    """Storeys of walk-up blocks in cities [floors]."""
    floors_town: Annotated[int, Field(ge=1), Quantity("floors")]
    """Storeys of buildings in towns [floors]."""
    floors_tower: Annotated[int, Field(ge=1), Quantity("floors")]
    """Storeys of towers [floors]."""
    tower_share: Share
    """Share of the buildings of a city that are towers [share]."""
    homes_per_floor_city: Annotated[float, Field(gt=0), Quantity("homes")]
    """Homes on a floor of a building in a city, all stairwells [homes]."""
    homes_per_floor_town: Annotated[float, Field(gt=0), Quantity("homes")]
    """Homes on a floor of a building in a town [homes]."""
    duct_share_city: Share
    """Share of the streets of a city that have a duct with room [share]."""
    duct_share_town: Share
    """The same in towns [share]."""

    @model_validator(mode="after")
    def _shares_fit(self) -> PatternOptions:
        worst = max(self.scattered_share_plain, self.scattered_share_hills)
        if self.ribbon_share + worst > 1.0 + 1e-9:
            raise ValueError(
                f"ribbon_share {self.ribbon_share:g} and a share of scattered settlements of {worst:g} "
                "make more than all settlements"
            )
        return self


@dataclass(frozen=True, eq=False)
class Settlements:
    """The S settlements of Z zones, zone by zone; the first of a zone is its committee or centre."""

    first: Rows
    """Where each zone's begin, shape (Z + 1,)."""
    zone: Rows
    """Zone of each, counted among the zones asked for, shape (S,)."""
    homes: Rows
    """Homes a network is dimensioned for, shape (S,); they sum to the zone's."""
    where_m: Floats
    """Position, shape (S, 2) [m]."""
    pattern: Rows
    """Place in ``PATTERNS``, shape (S,)."""
    parent: Rows
    """Settlement of the same zone one hop nearer to the first, shape (S,); -1 at the first."""
    plot_m2: Floats
    """Land per home inside it; in cities and towns all land of the zone per home, shape (S,) [m2]."""
    track_m: Floats
    """Track to the parent, shape (S,); 0 at the first and inside cities and towns [m]."""
    poles: Flags
    """Whether the poles of the copper plant reach it, shape (S,)."""


def zone_homes(area: Area) -> Rows:
    """Return the homes a network is dimensioned for: the larger of both censuses, shape (Z,)."""
    both = area.zones[["homes_2010", "homes_2020"]].to_numpy(dtype=np.int64)
    return np.asarray(both.max(axis=1), dtype=np.int64)


def settlements_of(area: Area, rows: Rows, options: PatternOptions, copper: Flags) -> Settlements:
    """Return the settlements of some zones of an area, each the same whichever others are asked for.

    Parameters
    ----------
    area
        Its points of kind settlement and building stand for natural villages and neighbourhoods.
    rows
        Rows of the zones asked for, shape (Z,).
    copper
        Whether copper broadband stands in each zone *of the area*: its poles can bear a cable.
    """
    zone, homes, where_m = _home_points(area, rows)
    first = np.searchsorted(zone, np.arange(len(rows) + 1)).astype(np.int64)
    village = area.zones["kind"].to_numpy()[rows] == VILLAGE
    parent, straight_m, path_m = _joined(first, where_m)
    track_m = np.where(village[zone], straight_m * options.track_sinuosity, 0.0)
    pattern = np.where(village[zone], _patterns(area, rows, zone, first, options), _BLOCKS)
    near = _nearest_first(zone, path_m, homes)
    limit = zone_homes(area)[rows] * options.copper_homes
    poles = copper[rows][zone] & village[zone] & (near < limit[zone])
    plot_m2 = _plots(area, rows, zone, homes, pattern, options)
    return Settlements(first, zone, homes, where_m, pattern.astype(np.int64), parent, plot_m2, track_m, poles)


def _home_points(area: Area, rows: Rows) -> tuple[Rows, Rows, Floats]:
    """Return zone, homes and position of the settlements; a zone without points has one at its middle.

    Settlements without homes are left out, but for the first of each zone.
    """
    points, zones = area.points, area.zones
    kind = points["kind"].to_numpy()
    of_zone = points["zone"].to_numpy(dtype=np.int64)
    wanted = np.full(len(zones), -1, dtype=np.int64)
    wanted[rows] = np.arange(len(rows))
    kept = np.flatnonzero(((kind == "settlement") | (kind == "building")) & (wanted[of_zone] >= 0))
    bare = np.setdiff1d(np.arange(len(rows)), wanted[of_zone[kept]])
    zone = np.concatenate([wanted[of_zone[kept]], bare])
    own, middles = points[["x_m", "y_m"]].to_numpy(np.float64), zones[["x_m", "y_m"]].to_numpy(np.float64)
    where = np.concatenate([own[kept], middles[rows[bare]]])
    weight = np.concatenate([points["homes"].to_numpy(np.float64)[kept], np.ones(len(bare))])
    order = np.argsort(zone, kind="stable")
    zone, where, weight = zone[order], where[order], weight[order]
    homes = largest_remainder(zone_homes(area)[rows], zone, weight)
    leads = np.diff(zone, prepend=-1) > 0
    stays = leads | (homes > 0)
    return zone[stays], homes[stays], where[stays]


def _patterns(area: Area, rows: Rows, zone: Rows, first: Rows, options: PatternOptions) -> Rows:
    """Return ribbon, compact or scattered for each settlement of a village.

    One draw a zone, then steps of the golden ratio: the settlements of a zone are shared out about as the
    shares say, and so are those of many zones.
    """
    start = Streams(options.seed).uniforms(
        "access/pattern", area.zones["zone_id"].to_numpy(dtype=str)[rows].tolist()
    )
    draw = (start[zone] + (np.arange(len(zone)) - first[zone]) * _GOLDEN) % 1.0
    rough = np.minimum(area.zones["roughness_m"].to_numpy(np.float64)[rows] / options.hills_roughness, 1.0)
    plain, hills = options.scattered_share_plain, options.scattered_share_hills
    scattered = plain + (hills - plain) * rough[zone]
    chosen = np.where(draw < options.ribbon_share, PATTERNS.index(RIBBON), PATTERNS.index(COMPACT))
    return np.where(draw >= 1.0 - scattered, PATTERNS.index(SCATTERED), chosen).astype(np.int64)


def _plots(area: Area, rows: Rows, zone: Rows, homes: Rows, pattern: Rows, options: PatternOptions) -> Floats:
    """Return the land per home of each settlement [m2], shrunk where the zone has too little."""
    land_m2 = area.zones["area_km2"].to_numpy(np.float64)[rows] * 1e6
    wide = np.where(pattern == PATTERNS.index(SCATTERED), options.scattered_factor, 1.0)
    wanted_m2 = np.bincount(zone, homes * wide, len(rows)) * options.village_plot
    fits = np.minimum(options.most_settled * land_m2 / np.maximum(wanted_m2, 1.0), 1.0)
    own_m2 = land_m2 / np.maximum(np.bincount(zone, homes, len(rows)), 1.0)
    return np.where(pattern == _BLOCKS, own_m2[zone], options.village_plot * wide * fits[zone])


def _joined(first: Rows, where_m: Floats) -> tuple[Rows, Floats, Floats]:
    """Return for each settlement its parent in the zone's spanning tree, the way to it and to the first.

    Prim's algorithm from the first settlement, step by step for all zones of the same size at once.
    """
    counts = np.diff(first)
    parent = np.full(len(where_m), -1, dtype=np.int64)
    hop_m, path_m = np.zeros(len(where_m)), np.zeros(len(where_m))
    for count in np.unique(counts[counts > 1]):
        begin = first[:-1][counts == count]
        members = begin[:, None] + np.arange(count)
        above, hop, path = _prim(where_m[members])
        parent[members[:, 1:]] = begin[:, None] + above[:, 1:]
        hop_m[members], path_m[members] = hop, path
    return parent, hop_m, path_m


def _prim(where_m: Floats) -> tuple[Rows, Floats, Floats]:
    """Return parents, lengths of the edges to them and ways to the first point; all of shape (Z, n)."""
    zones, count, _ = where_m.shape
    line = np.arange(zones)
    nearest = np.linalg.norm(where_m - where_m[:, :1], axis=2)
    above = np.zeros((zones, count), dtype=np.int64)
    done = np.zeros((zones, count), dtype=bool)
    hop, path = np.zeros((zones, count)), np.zeros((zones, count))
    done[:, 0] = True
    for _ in range(count - 1):
        new = np.argmin(np.where(done, np.inf, nearest), axis=1)
        hop[line, new] = nearest[line, new]
        path[line, new] = path[line, above[line, new]] + hop[line, new]
        done[line, new] = True
        away = np.linalg.norm(where_m - where_m[line, new][:, None], axis=2)
        closer = ~done & (away < nearest)
        nearest = np.where(closer, away, nearest)
        above = np.where(closer, new[:, None], above)
    return above, hop, path


def _nearest_first(zone: Rows, path_m: Floats, homes: Rows) -> Rows:
    """Return the homes of the zone that lie nearer to its first settlement along the tracks, shape (S,)."""
    order = np.lexsort((np.arange(len(zone)), np.round(path_m, 3), zone))
    before = np.cumsum(homes[order]) - homes[order]
    starts = np.diff(zone[order], prepend=-1) > 0
    base = np.maximum.accumulate(np.where(starts, before, 0))
    result = np.empty(len(zone), dtype=np.int64)
    result[order] = before - base
    return result
