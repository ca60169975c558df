"""The radio network of month 0 where no table tells: which locations carry which operator's band.

Base stations are counted as the ministry counts them: one operator's band at one location. Their number
follows from the residents; the densest zones that hold the known share of residents have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.geo.shares import largest_remainder
from sim.options import Options
from sim.parameters import Quantity
from sim.randomness import Streams
from sim.tables.bands import BANDS, bands_of
from sim.tables.layers import SECTORS, VILLAGE

if TYPE_CHECKING:
    import pandas as pd

    from sim.geo.area import Area
    from sim.geo.standing import StandingOptions

STARTING = ("gsm", "umts", "lte")
"""Technologies whose network of month 0 is inferred."""
Rows = NDArray[np.int64]
_ROAD_STEP_M = 2000.0
"""Roads are handed to locations in pieces no longer than this."""


class StandingLayer(Options):
    """One operator's band in the network of month 0."""

    technology: Literal["gsm", "umts", "lte"]
    """Technology of the layer."""
    operator: Literal["china_mobile", "china_unicom", "china_telecom", "shared"]
    """Whose base stations they are."""
    band: str
    """3GPP name of the band."""
    share: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Share of the technology's base stations that belong to this layer; shares that do not sum to 1 are
    taken in proportion [share]."""
    purpose: Literal["coverage", "capacity"]
    """`coverage` spreads its sites over the land first, `capacity` stands where most people are."""

    @field_validator("band")
    @classmethod
    def _is_band(cls, value: str) -> str:
        if value not in BANDS:
            raise ValueError(f"{value!r} is no band known here; known are {', '.join(BANDS)}")
        return value

    def problem(self) -> str:
        """Return what is wrong with technology and band together, empty where they fit."""
        allowed = bands_of(self.technology)
        if self.band in allowed:
            return ""
        return f"{self.technology} does not use {self.band}; it uses {', '.join(allowed)}"


@dataclass(frozen=True, eq=False)
class _Ground:
    """What the rule looks at, by location."""

    zone: Rows
    urban: NDArray[np.bool_]
    weight: NDArray[np.float64]
    """People and road that a site there serves, with the luck of the place."""
    cell: Rows
    """Square of the spacing grid in which each location lies."""
    rotation_deg: NDArray[np.float64]


def infer_sectors(
    area: Area, options: StandingOptions, covered: dict[str, NDArray[np.bool_]]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the sectors that stand by rule and what a reader should know of each technology's.

    ``covered`` holds for each technology the zones that have it, shape (Z,). The number of base stations of
    each layer is met exactly, unless there are fewer locations: a location holds a layer once.
    """
    ground = _ground(area, options)
    people = area.zones["population_2010"].to_numpy().astype(np.float64)
    parts: list[tuple[StandingLayer, Rows]] = []
    notices: dict[str, str] = {}
    for technology in STARTING:
        layers = [layer for layer in options.layers.values() if layer.technology == technology]
        count = round(options.base_stations(technology) * people.sum() / 10_000.0)
        if count == 0 or not layers or not covered[technology].any():
            continue
        split = _by_layer_and_land(count, layers, people, covered[technology], area.urban, options)
        placed = 0
        for layer, (in_villages, in_towns) in zip(layers, split, strict=True):
            chosen = [
                _chosen(ground, covered[technology] & (area.urban == urban), wanted, layer.purpose)
                for urban, wanted in ((False, int(in_villages)), (True, int(in_towns)))
            ]
            rows = np.sort(np.concatenate(chosen))
            placed += len(rows)
            parts.append((layer, rows))
        notices[technology] = _notice(technology, count, placed)
    return _sectors(area, ground, parts, round(options.sectors)), notices


def sites_of(sectors: pd.DataFrame, technology: str) -> NDArray[np.int32]:
    """Return the rows of the locations that carry a technology, ascending."""
    rows = sectors["location"].to_numpy()[(sectors["technology"] == technology).to_numpy()]
    return np.unique(rows).astype(np.int32)


def _notice(technology: str, count: int, placed: int) -> str:
    text = f"Standing {technology} is modelled: {count} base stations by the national number a resident"
    if placed == count:
        return f"{text}, each at a location."
    return f"{text}; {placed} stand at locations, the other {count - placed} share them."


def _by_layer_and_land(
    count: int,
    layers: list[StandingLayer],
    people: NDArray[np.float64],
    covered: NDArray[np.bool_],
    urban: NDArray[np.bool_],
    options: StandingOptions,
) -> NDArray[np.int64]:
    """Return the base stations of each layer in villages and in cities and towns, shape (layers, 2)."""
    shares = np.array([layer.share for layer in layers])
    counts = largest_remainder(np.array([count]), np.zeros(len(layers), dtype=np.int64), shares)
    served = people * covered
    land = np.array([served[~urban].sum(), served[urban].sum() * options.urban_density_ratio])
    group = np.repeat(np.arange(len(layers)), 2)
    split = largest_remainder(counts, group, np.tile(land, len(layers)))
    return np.asarray(split.reshape(-1, 2), dtype=np.int64)


def _ground(area: Area, options: StandingOptions) -> _Ground:
    """Return people, roads, luck, spacing square and rotation of every location."""
    locations, zones = area.locations, area.zones
    zone = locations["zone"].to_numpy(dtype=np.int64)
    first = ~locations["zone"].duplicated().to_numpy()
    people = np.where(first, zones["population_2010"].to_numpy(dtype=np.float64)[zone], 0.0)
    road_km = _road_m(area) / 1000.0
    luck, turn = _draws(area, zone, options.seed)
    urban = area.urban[zone]
    reach_m = np.where(
        zones["kind"].to_numpy()[zone] == VILLAGE, options.site_range_village, options.site_range_town
    )
    side_m = 1000.0 * reach_m / np.sqrt(2.0)
    column, row = (np.floor(locations[name].to_numpy() / side_m).astype(np.int64) for name in ("x_m", "y_m"))
    _, cell = np.unique(np.column_stack([urban, column, row]), axis=0, return_inverse=True)
    weight = (people + options.road_weight * road_km) * np.exp(options.spread * luck)
    return _Ground(zone, urban, np.round(weight, 6), cell.ravel(), np.floor(360.0 * turn))


def _draws(area: Area, zone: Rows, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a normal and a uniform of each location, drawn county by county."""
    streams = Streams(seed)
    county = area.county_rows[zone]
    luck, turn = np.empty(len(zone)), np.empty(len(zone))
    order = np.argsort(county, kind="stable")
    bounds = np.searchsorted(county[order], np.arange(len(area.counties) + 1))
    for code, begin, end in zip(area.counties["county"], bounds[:-1], bounds[1:], strict=True):
        generator = streams.generator("standing/site", str(code))
        mine = order[begin:end]
        luck[mine] = generator.standard_normal(len(mine))
        turn[mine] = generator.random(len(mine))
    return luck, turn


def _road_m(area: Area) -> NDArray[np.float64]:
    """Return the metres of major road whose nearest location each is, shape (locations,)."""
    from scipy.spatial import cKDTree

    roads = area.roads[(area.roads["kind"] == "road").to_numpy()]
    total = np.zeros(len(area.locations))
    if len(roads) == 0 or len(total) == 0:
        return total
    length = roads["length_m"].to_numpy()
    pieces = np.maximum(np.ceil(length / _ROAD_STEP_M), 1.0).astype(np.int64)
    edge = np.repeat(np.arange(len(roads)), pieces)
    start = np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = (np.arange(len(edge)) - start + 0.5) / pieces[edge]
    ends = roads[["x0_m", "y0_m", "x1_m", "y1_m"]].to_numpy()[edge]
    middle = ends[:, :2] + along[:, None] * (ends[:, 2:] - ends[:, :2])
    _, nearest = cKDTree(area.locations[["x_m", "y_m"]].to_numpy()).query(middle)
    return total + np.bincount(nearest, (length / pieces)[edge], len(total))


def _chosen(ground: _Ground, zones: NDArray[np.bool_], count: int, purpose: str) -> Rows:
    """Return the locations of a layer in these zones, at most ``count``.

    Capacity takes the heaviest. Coverage takes the heaviest of each square first, the square that holds
    most before the others, so that no site stands beside another while land is without.
    """
    rows = np.flatnonzero(zones[ground.zone])
    weight = ground.weight[rows]
    rows = rows[np.lexsort((rows, -weight))]
    if purpose == "capacity" or count >= len(rows):
        return rows[:count]
    cell, weight = ground.cell[rows], ground.weight[rows]
    _, leaders, of = np.unique(cell, return_index=True, return_inverse=True)
    held = np.bincount(of.ravel(), weight)
    leaders = leaders[np.lexsort((rows[leaders], -np.round(held, 6)))]
    rest = np.setdiff1d(np.arange(len(rows)), leaders)
    return np.asarray(rows[np.concatenate([leaders, rest])[:count]], dtype=np.int64)


def _sectors(
    area: Area, ground: _Ground, parts: list[tuple[StandingLayer, Rows]], sectors: int
) -> pd.DataFrame:
    """Return a row for each sector of each layer; the sectors of a site share its rotation."""
    rows = [np.repeat(found, sectors) for _, found in parts]
    location = np.concatenate([*rows, np.empty(0, dtype=np.int64)])
    turn = np.concatenate(
        [*(np.tile(np.arange(sectors), len(found)) for _, found in parts), np.empty(0, dtype=np.int64)]
    )
    words = {
        name: np.repeat([getattr(layer, name) for layer, _ in parts], [len(found) for found in rows])
        for name in ("technology", "band", "operator")
    }
    return SECTORS.frame(
        location=location,
        **words,
        azimuth_deg=(ground.rotation_deg[location] + turn * (360.0 / sectors)) % 360.0,
        downtilt_deg=np.full(len(location), np.nan),
        height_m=area.locations["height_m"].to_numpy()[location],
        power_dbm=np.full(len(location), np.nan),
        from_table=np.zeros(len(location), dtype=bool),
    )
