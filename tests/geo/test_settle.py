"""Where homes are put: by land, road, town and height, never at random."""

import dataclasses

import numpy as np
import pandas as pd
import shapely

from sim.geo import synthetic
from sim.geo.cells import make_cells
from sim.geo.read import Raster
from sim.geo.roads import county_of, distance_to
from sim.geo.settle import settle
from sim.geo.sizes import split_urban
from sim.geo.terrain import roughness_raster
from sim.randomness import Streams
from tests.geo.checks import SYNTHETIC, options_with

STREAMS = Streams(1)


def region(**changes):
    return synthetic.read_sources(options_with(synthetic=SYNTHETIC | {"zones": 600} | changes).synthetic, 1)


def test_villages_keep_near_roads_and_towns():
    options = options_with().settle
    sources = region(zones_per_km2=0.05)
    zones = settle(sources, options, STREAMS).zones
    villages = zones[zones["kind"] == "village"]
    cells = make_cells(sources, options, STREAMS)
    near = distance_to(sources.edges, villages["x_m"].to_numpy(), villages["y_m"].to_numpy()).mean()
    assert near < 0.8 * distance_to(sources.edges, cells.x, cells.y).mean()
    assert villages["elevation_m"].mean() < cells.height.mean()


def test_villages_shun_water():
    sources = region()
    lon, lat = sources.projection.to_degrees(*(np.array(v) for v in ([0.0, 60e3], [0.0, 60e3])))
    cells = np.full((50, 50), 12, dtype=np.uint8)
    cells[:, ::2] = 0
    step = (lon[1] - lon[0]) / 50
    cover = Raster(cells, lon[0], lat[1], step, (lat[1] - lat[0]) / 50, 255)
    zones = settle(dataclasses.replace(sources, land_cover=cover), options_with().settle, STREAMS).zones
    villages = zones[zones["kind"] == "village"]
    class_ = cover.sample(
        *sources.projection.to_degrees(villages["x_m"].to_numpy(), villages["y_m"].to_numpy())
    )
    assert (class_ == 12).mean() > 0.75


def test_no_two_villages_share_a_place():
    zones = settle(region(), options_with().settle, STREAMS).zones
    villages = zones[zones["kind"] == "village"]
    assert len(villages[["x_m", "y_m"]].drop_duplicates()) == len(villages)


def test_urban_committees_are_split_evenly_in_both_years():
    committees = pd.DataFrame(
        {
            "urban": [True, True, False],
            "homes_2010": [4_000, 900, 5_000],
            "homes_2020": [3_100, 1_501, 4_000],
            "population_2010": [9_000, 2_000, 9_000],
            "population_2020": [9_001, 3_000, 9_000],
        }
    )
    committee, sizes = split_urban(committees, 1_500)
    assert committee.tolist() == [0, 0, 0, 1, 1, 2]
    assert sizes["homes_2020"].tolist() == [1034, 1033, 1033, 751, 750, 4000]
    assert sizes["homes_2010"].tolist() == [1334, 1333, 1333, 450, 450, 5000]


def test_roughness_is_the_spread_of_heights_around():
    heights = np.zeros((60, 60))
    heights[:, 30:] = 200.0
    rough = roughness_raster(Raster(heights, 100.0, 25.5, 1 / 120, 1 / 120, None), 2_000)
    assert rough.cells[30, 5] == 0.0
    assert 95 < rough.cells[30, 30] <= 100.0


def test_positions_find_their_polygon_and_their_road():
    polygons = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    rows = county_of(np.array([5.0, 10.0, 15.0, 30.0]), np.array([5.0, 5.0, 5.0, 5.0]), polygons)
    assert rows.tolist() == [0, 0, 1, -1]
    edge = pd.DataFrame({"x0_m": [0.0], "y0_m": [0.0], "x1_m": [10_000.0], "y1_m": [0.0]})
    far = distance_to(edge, np.array([5_000.0, 0.0]), np.array([300.0, -40.0]))
    assert np.allclose(far, [300.0, 40.0], atol=1.0)
