import numpy as np
import pandas as pd
import pytest
import shapely

from sim.geo.points import by_roadside, on_road
from sim.geo.roads import nearest_in_county, road_samples, roadside
from tests.geo.checks import SYNTHETIC, options_with
from tests.geo.test_area import read

COUNTIES = np.array([shapely.box(0, 0, 10_000, 10_000), shapely.box(10_000, 0, 20_000, 10_000)], dtype=object)


def edges(*rows):
    """Rows of (x0, x1, length_km or nan for straight, kind, class, tunnel) along y = 5 km."""
    x0, x1, length, kind, road_class, tunnel = zip(*rows, strict=True)
    straight = np.abs(np.array(x1, dtype=float) - x0) / 1000
    frame = {"x0_m": x0, "x1_m": x1, "kind": kind, "road_class": road_class, "tunnel": tunnel}
    frame["length_km"] = np.where(np.isnan(length), straight, length)
    return pd.DataFrame(frame).assign(y0_m=5_000.0, y1_m=5_000.0)


def test_a_sample_stands_in_the_middle_of_each_equal_piece():
    found = road_samples(edges((1_000, 3_500, np.nan, "road", 2, False)), COUNTIES, 1_000)
    assert found["x_m"].tolist() == pytest.approx([1_416.7, 2_250.0, 3_083.3])
    assert found["length_m"].tolist() == pytest.approx([2_500 / 3] * 3, abs=0.001)
    assert found["road_class"].tolist() == [2, 2, 2]
    whole = road_samples(edges((1_000, 4_000, np.nan, "road", 3, False)), COUNTIES, 1_000)
    assert whole["length_m"].tolist() == [1_000, 1_000, 1_000]


def test_bends_count_with_the_length_of_the_road_not_of_the_straight_line():
    found = road_samples(edges((1_000, 3_000, 3.0, "road", 3, False)), COUNTIES, 1_000)
    assert found["length_m"].sum() == 3_000
    assert len(found) == 3


def test_tunnels_and_what_lies_outside_the_counties_are_left_out():
    rows = [
        (1_000, 2_000, np.nan, "road", 3, True),
        (18_000, 24_000, np.nan, "rail", 3, False),
        (-3_000, 2_000, np.nan, "road", 1, False),
    ]
    found = road_samples(edges(*rows), COUNTIES, 1_000)
    assert found["kind"].tolist() == ["road", "road", "rail", "rail"]
    assert found["county"].tolist() == [0, 0, 1, 1]
    assert found["x_m"].tolist() == [500, 1_500, 18_500, 19_500]


def test_the_nearest_zone_is_sought_in_the_county_of_the_sample():
    at, zones = np.array([[9_900.0, 0.0], [10_100.0, 0.0]]), np.array([[10_000.0, 0.0], [0.0, 0.0]])
    zone, distance = nearest_in_county(at, np.array([0, 1]), zones, np.array([1, 0]))
    assert zone.tolist() == [1, 0]
    assert distance.tolist() == [9_900, 100]
    alone, far = nearest_in_county(at, np.array([0, 2]), zones, np.array([0, 0]))
    assert alone.tolist() == [0, -1]
    assert np.isinf(far[1])


def test_sites_by_the_roadside_keep_their_spacing_and_stand_clear_of_a_zones_own():
    samples = road_samples(edges((0, 10_000, np.nan, "road", 3, False)), COUNTIES, 1_000)
    zones = pd.DataFrame({"x_m": [5_000.0], "y_m": [6_000.0], "county_row": [0]})
    chosen = samples["x_m"].to_numpy()[roadside(samples, zones, 2_800.0)]
    assert chosen.tolist() == [500, 3_500, 6_500, 9_500]
    # 4.5 and 5.5 km lie 1.1 km from the zone; with a wider spacing 3.5 and 6.5 km are too close to it too
    wide = samples["x_m"].to_numpy()[roadside(samples, zones, 4_000.0)]
    assert wide.tolist() == [500, 7_500]


def test_a_region_without_roads_has_neither_samples_nor_roadside_sites():
    area, _ = read(zones=10, counties=1)
    assert on_road(area.points).sum() > 0, "one short road leads out of its town"
    none = road_samples(edges((1_000, 2_000, np.nan, "road", 3, True)), COUNTIES, 1_000)
    assert len(none) == 0
    zones = pd.DataFrame({"x_m": [5_000.0], "y_m": [6_000.0], "county_row": [0]})
    assert len(roadside(none, zones, 2_800.0)) == 0


def test_a_shorter_step_gives_more_samples_of_the_same_roads():
    roads = options_with(synthetic=SYNTHETIC).roads
    from sim.geo.area import read_area

    coarse, _ = read()
    fine, _ = read_area(
        "synthetic", options_with(synthetic=SYNTHETIC, roads={"sample_m": 250, "mast_spacing_m": 5000})
    )
    assert roads.sample_m == 1000
    assert on_road(fine.points).sum() > 3 * on_road(coarse.points).sum()
    lengths = [area.points["length_m"].sum() for area in (fine, coarse)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.02)
    assert by_roadside(fine.locations).sum() < by_roadside(coarse.locations).sum()
    homes = [area.points[~on_road(area.points)] for area in (fine, coarse)]
    pd.testing.assert_frame_equal(*homes)
