"""Candidate cells: a grid over each county with the weight that homes give to standing there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.geo.layers import Sources
from sim.geo.options import SettleOptions
from sim.geo.roads import distance_to
from sim.geo.terrain import modelled_relief, roughness_raster, sample
from sim.randomness import Streams

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_LEAST_WEIGHT = 1e-6  # so that even a county under ice has cells to draw
_LEAST_SPACING_M = 60.0


@dataclass(frozen=True, eq=False)
class Cells:
    """Candidate cells of all counties, sorted by county."""

    x: Floats
    y: Floats
    county: Rows
    spacing: Floats
    """Side of the cell [m]."""
    weight: Floats
    height: Floats
    roughness: Floats
    starts: Rows
    """First cell of each county and, last, the number of cells, shape (counties + 1,)."""

    def of(self, county: int) -> slice:
        """Return the cells of a county."""
        return slice(int(self.starts[county]), int(self.starts[county + 1]))


def make_cells(sources: Sources, options: SettleOptions, streams: Streams) -> Cells:
    """Return the candidate cells of every county with their weights."""
    committees = np.bincount(sources.committees["county"], minlength=len(sources.census))
    grids = [
        _grid(polygon, max(int(n), 1), options)
        for polygon, n in zip(sources.counties.geometry, committees, strict=True)
    ]
    counts = np.array([len(x) for x, _, _ in grids])
    county = np.repeat(np.arange(len(grids)), counts)
    x, y = np.concatenate([g[0] for g in grids]), np.concatenate([g[1] for g in grids])
    height, roughness = _terrain(sources, (x, y, county), options, streams)
    weight = _weights(sources, (x, y), options) * _relief_weight(sources, county, height, roughness, options)
    return Cells(
        x=x,
        y=y,
        county=county,
        spacing=np.repeat([g[2] for g in grids], counts),
        weight=np.maximum(np.round(weight, 9), _LEAST_WEIGHT),
        height=height,
        roughness=roughness,
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )


def _grid(polygon: shapely.Geometry, committees: int, options: SettleOptions) -> tuple[Floats, Floats, float]:
    spacing = float(np.sqrt(polygon.area / (options.candidates_per_committee * committees)))
    spacing = float(np.clip(spacing, _LEAST_SPACING_M, options.grid_m))
    west, south, east, north = polygon.bounds
    xs = np.arange(west + spacing / 2, east, spacing)
    ys = np.arange(south + spacing / 2, north, spacing)
    x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
    shapely.prepare(polygon)
    inside = shapely.contains_xy(polygon, x, y)
    if not inside.any():
        point = polygon.representative_point()
        return np.array([point.x]), np.array([point.y]), spacing
    return np.round(x[inside], 3), np.round(y[inside], 3), spacing


def _terrain(
    sources: Sources, cells: tuple[Floats, Floats, Rows], options: SettleOptions, streams: Streams
) -> tuple[Floats, Floats]:
    x, y, county = cells
    if sources.height is None:
        height = modelled_relief(cells, sources.census, options, streams)
        return height, sources.census["elevation_std_m"].to_numpy()[county] * options.roughness_of_relief
    height = sample(sources.height, sources.projection, x, y)
    lost = height == (np.inf if sources.height.nodata is None else sources.height.nodata)
    roughness = sample(roughness_raster(sources.height, options.roughness_radius_m), sources.projection, x, y)
    return np.where(lost, 0.0, height), roughness


def _weights(sources: Sources, at: tuple[Floats, Floats], options: SettleOptions) -> Floats:
    x, y = at
    floor = options.remote_floor
    road = distance_to(sources.edges, x, y)
    weight = floor + (1 - floor) * np.exp(-road / options.road_scale_m)
    if len(sources.towns):
        towns = cKDTree(sources.towns[["x_m", "y_m"]].to_numpy())
        town = np.asarray(towns.query(np.column_stack([x, y]))[0])
        weight = weight * (floor + (1 - floor) * np.exp(-town / options.town_scale_m))
    if sources.land_cover is not None:
        table = np.ones(256)
        table[: len(options.land_cover.by_class())] = options.land_cover.by_class()
        lon, lat = sources.projection.to_degrees(x, y)
        weight = weight * table[sources.land_cover.sample(lon, lat)]
    return np.asarray(weight, dtype=np.float64)


def _relief_weight(
    sources: Sources, county: Rows, height: Floats, roughness: Floats, options: SettleOptions
) -> Floats:
    above = height - sources.census["elevation_m"].to_numpy()[county]
    steps = np.clip(above / options.height_scale_m, -1.0, 6.0) + roughness / options.roughness_scale_m
    return np.asarray(np.exp(-steps), dtype=np.float64)
