"""Cells on an area: what they serve, which are chosen, and what a table of sectors changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.radio.cells import STRONGEST, Goal, cells_of, cover, reached, serve
from sim.radio.network import hill_mhz
from sim.radio.pairs import Pairs
from sim.tables.layers import SECTORS, VILLAGE
from tests.world import world


@pytest.fixture
def lte():
    return world().technologies["lte"]


def every():
    return np.arange(len(world().area.locations), dtype=np.int32)


def test_a_point_keeps_its_strongest_cells_and_lives_in_the_first():
    power = np.array([-90, -80, -85, -100, -95, -70, -99, -60, -80], dtype=np.float32)
    pairs = Pairs(np.arange(9, dtype=np.int32), np.array([0] * 8 + [1], dtype=np.int32), power)
    cells = cells_of(np.arange(100, 109), pairs, 3)
    assert cells.home_cell.tolist() == [7, 8, -1]
    assert STRONGEST == 6
    assert cells.cell.tolist() == [0, 1, 2, 4, 5, 7, 8], "the two weakest of eight are left out"


def test_of_equals_the_first_is_home():
    pairs = Pairs(np.array([2, 5], np.int32), np.zeros(2, np.int32), np.full(2, -80, np.float32))
    assert cells_of(np.arange(6), pairs, 1).home_cell.tolist() == [2]


def test_a_cover_serves_what_all_would(lte):
    area, layer = world().area, lte.layer()
    wanted = lte.wanted_dbm(area, layer)
    goal = Goal(np.ones(len(area.points)), np.ones(len(every())))
    some, all_ = cover(area, layer, every(), wanted, goal), serve(area, layer, every(), wanted)
    assert ((some.home_cell >= 0) == (all_.home_cell >= 0)).all()
    assert len(some.locations) < len(every()) / 2
    assert (np.diff(some.locations) > 0).all()
    half = replace(goal, covered=np.arange(len(area.points)) % 2 == 0)
    assert len(cover(area, layer, every(), wanted, half).locations) <= len(some.locations)


def test_stronger_sites_reach_no_less(lte):
    area, layer = world().area, lte.layer()
    wanted = lte.wanted_dbm(area, layer)
    before, after = (reached(area, layer, layer.sites(area, every()), wanted - gain) for gain in (0.0, 3.0))
    first = set(zip(before.site.tolist(), before.point.tolist(), strict=True))
    assert first < set(zip(after.site.tolist(), after.point.tolist(), strict=True))


def table(location, **columns):
    """Return a site of three sectors as a table gives it."""
    usual = {
        "location": location, "technology": "lte", "band": "B39", "operator": "china_mobile",
        "azimuth_deg": [0.0, 120.0, 240.0], "downtilt_deg": np.nan, "height_m": 30.0, "power_dbm": np.nan,
        "from_table": True,
    }  # fmt: skip
    return SECTORS.frame(**{k: np.broadcast_to(v, 3) for k, v in (usual | columns).items()})


def test_a_table_of_sectors_is_what_radiates(lte):
    area, layer = world().area, lte.layer()
    village = int(np.flatnonzero(area.zones["kind"].to_numpy() == VILLAGE)[0])
    plain = layer.tabled(area, table(village))
    assert plain.azimuth_deg.tolist() == [0, 120, 240]
    usual = layer.sites(area, np.array([village]))
    assert plain.eirp_dbm == pytest.approx(usual.eirp_dbm)
    assert plain.downtilt_deg == pytest.approx(usual.downtilt_deg)
    assert plain.law.loss_db(0, 3000.0) == pytest.approx(usual.law.loss_db(0, 3000.0))
    own = layer.tabled(area, table(village, height_m=60.0, power_dbm=layer.power_dbm - 3.0, downtilt_deg=7.0))
    assert own.eirp_dbm == pytest.approx(usual.eirp_dbm - 3.0)
    assert set(own.downtilt_deg) == {7.0}
    assert own.law.loss_db(0, 3000.0) < usual.law.loss_db(0, 3000.0), "a higher antenna loses less"


def test_a_network_of_a_table_covers_where_it_points(lte):
    area = world().area
    village = int(np.flatnonzero(area.zones["kind"].to_numpy() == VILLAGE)[0])
    x, y = (area.locations[axis].to_numpy()[village] for axis in ("x_m", "y_m"))
    north = lte.served_points(area, np.array([village]), table(village, azimuth_deg=0.0))
    south = lte.served_points(area, np.array([village]), table(village, azimuth_deg=180.0))
    up = area.points["y_m"].to_numpy() - y
    assert up[north].mean() > 0 > up[south].mean()
    assert (north != south).any()
    assert np.hypot(area.points["x_m"].to_numpy() - x, up)[north].max() <= lte.largest_radius


def test_hills_are_computed_at_thirds_of_an_octave():
    assert hill_mhz(1000.0) == 1000.0
    for mhz in (700.0, 879.0, 1890.0, 2600.0, 3450.0):
        assert abs(10 * np.log10(hill_mhz(mhz) / mhz)) <= 10 * np.log10(2.0) / 6 + 1e-3
    assert hill_mhz(1890.0) == hill_mhz(2145.0), "neighbouring bands share their windows"


def test_a_layer_says_what_of_its_circle_lies_outside_the_published_range(lte):
    """COST 231 is published from 1 km on: of a village's circle the inner kilometre lies outside."""
    layer = lte.layer()
    radius = layer.radii_m[2]
    assert f"village {(1000.0 / radius) ** 2:.1%} (Cost231Hata, published for 1000 to 20000 m)" in (
        layer.outside_range()
    )
    assert "city" in layer.outside_range()
