"""From county totals to zones: where the homes are.

A dasymetric rule: villages are drawn without replacement from candidate cells weighted by land
cover, relief and the distance to road and town; urban committees cluster round the seats of their
townships; large ones are split. Everything is drawn by county from named streams, so that a county
comes out the same whichever others are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.geo.cells import Cells, make_cells
from sim.geo.layers import Sources
from sim.geo.options import SettleOptions
from sim.geo.sizes import MEASURES, committee_sizes, split_urban
from sim.geo.townships import modelled_townships
from sim.randomness import Streams
from sim.tables.layers import CITY, TOWN, VILLAGE

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_MOST_BUILT_SHARE = 0.7  # of a county's land where villages need some of it too


@dataclass(frozen=True, eq=False)
class Settled:
    """Zones as placed, and the township seats."""

    zones: pd.DataFrame
    """All columns of the zones table but those of the point of presence; ``county_row``, and ``part``: which
    part of its committee a zone is, from 0."""
    townships: pd.DataFrame
    """Columns county (row), x_m, y_m, modelled."""


def settle(sources: Sources, options: SettleOptions, streams: Streams) -> Settled:
    """Return the zones of the area, sorted by county, urban ones first."""
    cells = make_cells(sources, options, streams)
    committees = sources.committees.reset_index(drop=True)
    committees = pd.concat(
        [committees, committee_sizes(sources.census, committees, options, streams)], axis=1
    )
    luck = _Luck.draw(sources, committees, cells, streams)
    townships, committees = _place_villages(sources, committees, cells, options, luck)
    committees = _place_urban(sources, committees, townships, options, luck)
    zones = _zones(sources, committees, cells, options, streams)
    return Settled(zones, townships)


@dataclass(frozen=True, eq=False)
class _Luck:
    """The uniform draws of a build, made county by county."""

    committee: Floats
    """Shape (committees, 2)."""
    cell: Floats
    """The order in which cells are taken, smallest first, shape (cells,)."""

    @classmethod
    def draw(cls, sources: Sources, committees: pd.DataFrame, cells: Cells, streams: Streams) -> _Luck:
        counts = np.bincount(committees["county"], minlength=len(sources.census))
        committee, cell = [], []
        for row, code in enumerate(sources.census["county"]):
            committee.append(streams.generator("geo/place", code).random((int(counts[row]), 2)))
            cell.append(streams.generator("geo/cell", code).random(len(cells.x[cells.of(row)])))
        # An exponential race: a cell of twice the weight is twice as likely to come first.
        race = -np.log(np.maximum(np.concatenate(cell), 1e-300)) / cells.weight
        return cls(np.concatenate(committee), np.round(race, 9))


def _place_villages(
    sources: Sources, committees: pd.DataFrame, cells: Cells, options: SettleOptions, luck: _Luck
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return township seats and the committees with every village placed."""
    rural = np.flatnonzero(~committees["urban"].to_numpy())
    county = committees["county"].to_numpy()
    position = committees[["x_m", "y_m"]].to_numpy(dtype=np.float64, copy=True)
    township = committees["township"].to_numpy(dtype=np.int64, copy=True)
    lost = rural[np.isnan(position[rural, 0])]
    if sources.townships is None:
        position[lost] = _drawn(cells, county[lost], cells.county, luck.cell, luck.committee[lost])
        seats, members = modelled_townships(sources, cells, (county[rural], position[rural]))
        township[rural] = members
        seats = seats.assign(modelled=True)
    else:
        seats = _known_seats(sources, cells, luck)
        near = _nearest_in_county(cells.x, cells.y, cells.county, seats)
        position[lost] = _drawn(cells, township[lost], near, luck.cell, luck.committee[lost])
        bare = lost[np.isnan(position[lost, 0])]
        position[bare] = _drawn(cells, county[bare], cells.county, luck.cell, luck.committee[bare])
    return seats, committees.assign(x_m=position[:, 0], y_m=position[:, 1], township=township)


def _drawn(cells: Cells, group: Rows, cell_group: Rows, race: Floats, luck: Floats) -> Floats:
    """Return a position in a cell of its group for each member, nan where the group has no cell.

    Cells are taken in the order of the race; they are used again only when all are taken.
    """
    groups = int(max(group.max(initial=0), cell_group.max(initial=0))) + 1
    order = np.lexsort((np.arange(len(race)), race, cell_group))
    counts = np.bincount(cell_group, minlength=groups)
    starts = np.cumsum(counts) - counts
    by_group = np.argsort(group, kind="stable")
    members = np.bincount(group, minlength=groups)
    rank = np.empty(len(group), dtype=np.int64)
    rank[by_group] = np.arange(len(group)) - np.repeat(np.cumsum(members) - members, members)
    some = counts[group] > 0
    place = np.minimum(starts[group] + rank % np.maximum(counts[group], 1), len(order) - 1)
    chosen = order[place]
    jitter = (luck - 0.5) * 0.9 * cells.spacing[chosen][:, None]
    position = np.column_stack([cells.x[chosen], cells.y[chosen]]) + jitter
    return np.where(some[:, None], position, np.nan)


def _known_seats(sources: Sources, cells: Cells, luck: _Luck) -> pd.DataFrame:
    """Return the source's township seats; one without a position is put where homes like to stand."""
    assert sources.townships is not None  # noqa: S101 - the caller has looked; this tells the type checker
    seats = sources.townships[["county", "x_m", "y_m"]].reset_index(drop=True)
    lost = np.flatnonzero(seats["x_m"].isna().to_numpy())
    middle = np.full((len(lost), 2), 0.5)
    drawn = _drawn(cells, seats["county"].to_numpy()[lost], cells.county, luck.cell, middle)
    position = seats[["x_m", "y_m"]].to_numpy(copy=True)
    position[lost] = drawn
    return seats.assign(x_m=position[:, 0], y_m=position[:, 1], modelled=np.isin(np.arange(len(seats)), lost))


def _nearest_in_county(x: Floats, y: Floats, county: Rows, seats: pd.DataFrame) -> Rows:
    """Return the row of the nearest seat of the same county, -1 where the county has none."""
    nearest = np.full(len(x), -1, dtype=np.int64)
    seat_county = seats["county"].to_numpy()
    points = seats[["x_m", "y_m"]].to_numpy()
    for row in np.unique(county):
        here = np.flatnonzero(seat_county == row)
        mine = np.flatnonzero(county == row)
        if len(here):
            nearest[mine] = here[cKDTree(points[here]).query(np.column_stack([x[mine], y[mine]]))[1]]
    return nearest


def _place_urban(
    sources: Sources, committees: pd.DataFrame, seats: pd.DataFrame, options: SettleOptions, luck: _Luck
) -> pd.DataFrame:
    """Return the committees with the urban ones placed in discs about their township seats."""
    urban = np.flatnonzero(committees["urban"].to_numpy())
    county = committees["county"].to_numpy()
    township = committees["township"].to_numpy(dtype=np.int64, copy=True)
    orphan = urban[township[urban] < 0]
    township[orphan] = _share_out(county[orphan], seats, options.seat_share)
    homes = committees["homes_2020"].to_numpy()
    by_town = np.bincount(township[urban], homes[urban], len(seats))
    radius = np.sqrt(by_town / options.urban_homes_per_km2 / np.pi) * 1000.0
    position = committees[["x_m", "y_m"]].to_numpy(copy=True)
    lost = urban[np.isnan(position[urban, 0])]
    reach = radius[township[lost]] * np.sqrt(luck.committee[lost, 0])
    angle = 2 * np.pi * luck.committee[lost, 1]
    centre = seats[["x_m", "y_m"]].to_numpy()[township[lost]]
    position[lost] = centre + reach[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    centre = seats[["x_m", "y_m"]].to_numpy()[np.maximum(township, 0)]
    modelled = sources.committees["x_m"].isna().to_numpy()
    position = _pull_inside(sources, county, position, centre, modelled)
    return committees.assign(x_m=position[:, 0], y_m=position[:, 1], township=township)


def _share_out(county: Rows, seats: pd.DataFrame, seat_share: float) -> Rows:
    """Return a township for each urban committee: the county seat's share first, the rest in turn."""
    seat_county = seats["county"].to_numpy()
    first = np.searchsorted(seat_county, county)
    towns = np.searchsorted(seat_county, county, side="right") - first
    counts = np.bincount(county, minlength=int(seat_county.max()) + 1)
    rank = np.arange(len(county)) - (np.cumsum(counts) - counts)[county]
    in_seat = np.ceil(counts[county] * seat_share)
    other = 1 + (rank - in_seat).astype(np.int64) % np.maximum(towns - 1, 1)
    return np.asarray(first + np.where((rank < in_seat) | (towns == 1), 0, other), dtype=np.int64)


def _pull_inside(
    sources: Sources, county: Rows, position: Floats, centre: Floats, movable: NDArray[np.bool_]
) -> Floats:
    """Return the positions; movable ones outside their county go towards their centre or to its border."""
    result = position.copy()
    for row, polygon in enumerate(sources.counties.geometry):
        mine = np.flatnonzero((county == row) & movable)
        shapely.prepare(polygon)
        for _ in range(6):
            mine = mine[~shapely.contains_xy(polygon, result[mine, 0], result[mine, 1])]
            result[mine] = (result[mine] + centre[mine]) / 2
        if len(mine):
            inner = polygon.buffer(-1.0)
            lines = shapely.shortest_line(polygon if inner.is_empty else inner, shapely.points(result[mine]))
            result[mine] = shapely.get_coordinates(lines)[::2]
    return np.asarray(np.round(result, 1))


def _zones(
    sources: Sources, committees: pd.DataFrame, cells: Cells, options: SettleOptions, streams: Streams
) -> pd.DataFrame:
    """Return the zones: committees, the large urban ones split about their place."""
    most = (
        options.homes_per_urban_zone
        if sources.split_urban
        else int(committees[list(MEASURES)].to_numpy().max())
    )
    committee, sizes = split_urban(committees, max(most, 1))
    parent = committees.iloc[committee].reset_index(drop=True)
    part = np.arange(len(committee)) - np.searchsorted(committee, committee)
    county = parent["county"].to_numpy()
    urban = parent["urban"].to_numpy()
    modelled = sources.committees["x_m"].isna().to_numpy()[committee] | (part > 0)
    middle = parent[["x_m", "y_m"]].to_numpy()
    position = middle + _part_offsets(committee, part, parent, options)
    position = _pull_inside(sources, county, position, middle, modelled)
    serial = np.arange(len(county)) - np.searchsorted(county, county) + 1
    codes, names = (sources.census[key].to_numpy(dtype=object) for key in ("county", "name"))
    area, height, roughness = _land(sources, (position, county, urban, sizes["homes_2020"]), cells, options)
    name = [
        f"{names[c]} {s}" if not n else f"{n} {p + 1}" if p else n
        for n, c, s, p in zip(parent["name"], county, serial, part, strict=True)
    ]
    return pd.DataFrame(
        {
            "zone_id": [f"{codes[c]}.{s:04d}" for c, s in zip(county, serial, strict=True)],
            "name": name,
            "county": codes[county],
            "prefecture": sources.census["prefecture"].to_numpy(dtype=object)[county],
            "kind": np.where(~urban, VILLAGE, np.where(parent["city"], CITY, TOWN)),
            **sizes,
            "area_km2": area,
            "elevation_m": height,
            "roughness_m": roughness,
            "x_m": np.round(position[:, 0], 1),
            "y_m": np.round(position[:, 1], 1),
            "modelled": modelled,
            "part": part,
            "county_row": county,
        }
    )


def _part_offsets(committee: Rows, part: Rows, parent: pd.DataFrame, options: SettleOptions) -> Floats:
    """Return the offset of each part of a split committee: a sunflower over its built-up land."""
    counts = np.bincount(committee)
    land = parent["homes_2020"].to_numpy() / options.urban_homes_per_km2
    radius = np.sqrt(land / np.pi) * 1000.0 * np.sqrt(part / counts[committee])
    angle = part * np.pi * (3 - np.sqrt(5))
    return np.asarray(radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))


def _land(
    sources: Sources,
    zones: tuple[Floats, Rows, NDArray[np.bool_], Rows],
    cells: Cells,
    options: SettleOptions,
) -> tuple[Floats, Floats, Floats]:
    """Return area [km2], height and roughness [m] of each zone; areas sum to the county's."""
    position, county, urban, homes = zones
    area, height, roughness = np.empty(len(county)), np.empty(len(county)), np.empty(len(county))
    starts = np.searchsorted(county, np.arange(len(sources.census) + 1))
    for row, land in enumerate(sources.counties.geometry.area.to_numpy() / 1e6):
        mine, part = slice(starts[row], starts[row + 1]), cells.of(row)
        grid = np.column_stack([cells.x[part], cells.y[part]])
        cell = part.start + cKDTree(grid).query(position[mine])[1]
        height[mine], roughness[mine] = cells.height[cell], cells.roughness[cell]
        town = urban[mine]
        built = homes[mine] / options.urban_homes_per_km2 * town
        if not town.all():
            built *= min(1.0, _MOST_BUILT_SHARE * land / max(built.sum(), 1e-9))
            villages = cKDTree(position[mine][~town])
            near = np.bincount(villages.query(grid)[1], minlength=int((~town).sum())) + 0.5
            built[~town] = (land - built.sum()) * near / near.sum()
        else:
            built = land * (built + 1e-9) / (built + 1e-9).sum()
        area[mine] = built
    return np.round(area, 6), np.round(height, 1), np.round(roughness, 1)
