"""The radio networks of a run in pictures."""

from __future__ import annotations

import numpy as np
import pytest

from sim.report import style
from sim.report.maps import outlines_of
from sim.report.radio import NAMES, classes_table, first_table, radio_pictures
from tests import world


@pytest.fixture(scope="module")
def run():
    return world.run(zones=150)


@pytest.fixture(scope="module")
def pictures(run):
    return radio_pictures(run, outlines_of(run.area.counties))


def test_every_picture_is_drawn_and_has_its_table(pictures):
    assert set(pictures) == set(NAMES)
    with style.house_style():
        for draw, table in pictures.values():
            assert len(table)
            assert len(draw().axes) >= 1


def test_maps_show_the_raster_where_it_lies(run, pictures):
    with style.house_style():
        figure = pictures["map-radio-rsrp"][0]()
    grid = run.radio.maps["lte"].grid
    image = figure.axes[0].images[0]
    west, east, south, north = image.get_extent()
    assert (west, north) == (grid.west_m, grid.north_m)
    assert east == pytest.approx(grid.west_m + grid.columns * grid.pixel_m)
    assert south == pytest.approx(grid.north_m - grid.rows * grid.pixel_m)


def test_tables_hold_all_the_land_that_is_drawn(run):
    maps = {"lte": run.radio.maps["lte"]}
    covered = (maps["lte"].first_month != -2).sum() * 0.25
    assert first_table(maps, run.horizon)["km2"].sum() == pytest.approx(covered)
    plane = maps["lte"].rsrp_dbm
    classes = classes_table({"lte": (maps["lte"], plane)}, (-110, -100, -60), "dBm")
    assert classes["km2"].sum() == pytest.approx(np.isfinite(plane).sum() * 0.25)


def test_a_run_without_radio_networks_has_no_pictures(tiny_run):
    assert radio_pictures(tiny_run, outlines_of(tiny_run.area.counties)) == {}
