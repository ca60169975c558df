"""Options of the shipped base scenario, and what holds of every area wherever its layers come from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import yaml
from scipy.spatial import cKDTree

from sim.clock import Horizon
from sim.geo.options import GeodataOptions
from sim.geo.points import by_roadside, on_road
from sim.parameters import Lookup, MoneyRule, read_parameters
from sim.tables.layers import LOCATIONS, PLACES, POINTS, ROADS, ZONES

ROOT = Path(__file__).resolve().parents[2]
SYNTHETIC = {
    "zones": 60, "counties": 3, "prefectures": 2, "urban_share": 0.3, "homes_per_zone": 300,
    "people_per_home": 3.2, "committees_per_township": 8, "zones_per_km2": 0.2, "elevation_std_m": 120,
}  # fmt: skip
MEASURES = ["homes_2010", "homes_2020", "population_2010", "population_2020"]


def options_with(**changes: Any) -> GeodataOptions:
    """Return the geodata options of the base scenario with these changes."""
    base = yaml.safe_load((ROOT / "scenarios" / "base.yaml").read_text(encoding="utf-8"))["geodata"]
    rows = read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")
    lookup = Lookup(rows, MoneyRule(2015, {}, {}), 2014 * 12)
    return GeodataOptions.model_validate(base | changes, context={"lookup": lookup})


def check_area(area, census):
    """Assert the contracts between the layers of an area and its county figures."""
    zones, points = area.zones, area.points
    tables = (
        (ZONES, zones),
        (POINTS, points),
        (PLACES, area.places),
        (ROADS, area.roads),
        (LOCATIONS, area.locations),
    )
    for table, frame in tables:
        table.check(frame)
    sums = zones.groupby("county")[MEASURES].sum()
    wanted = census.set_index("county")[MEASURES]
    assert sums.index.tolist() == wanted.index.tolist() == area.counties["county"].tolist()
    assert (sums.to_numpy() == wanted.to_numpy()).all()
    codes = area.counties["county"].to_numpy(dtype=object)
    assert (codes[area.county_rows] == zones["county"].to_numpy()).all()
    _check_points(area)
    pops = area.places.iloc[zones["pop_place"]]
    assert (pops["kind"] == "pop").all()
    assert (zones["county"].to_numpy()[pops["zone"]] == zones["county"].to_numpy()).all()
    _check_roads(area)
    assert not area.locations["standing"].any()
    land = zones.groupby("county")["area_km2"].sum().to_numpy()
    assert np.allclose(land, area.counties.geometry.area / 1e6, rtol=1e-3)
    polygon = area.counties.geometry.to_numpy()[area.county_rows]
    at = shapely.points(zones["x_m"], zones["y_m"])
    assert shapely.intersects(polygon, at)[zones["modelled"]].mean() > 0.99


def _check_points(area):
    samples = on_road(area.points)
    assert (np.diff(samples.astype(int)) >= 0).all(), "samples come after all homes"
    rows = area.points["zone"].to_numpy()[~samples]
    assert (np.diff(rows) >= 0).all()
    for column in ("homes", "population"):
        amount = area.points[column].to_numpy()
        assert (np.bincount(rows, amount[~samples], area.n_zones) == area.zones[f"{column}_2020"]).all()
        assert not amount[samples].any()
    counts = np.bincount(rows, minlength=area.n_zones)
    assert (counts[~area.urban] >= 5).all()
    assert (counts[area.urban] >= 2).all()


def _check_roads(area):
    """Assert that samples stand for the roads and that sites along them keep their distance."""
    samples = area.points[on_road(area.points)]
    assert (samples["length_m"].between(1, 1000.001)).all()
    assert (samples["road_class"] >= 1).all()
    assert not area.points[["length_m", "road_class"]][~on_road(area.points)].to_numpy().any()
    open_air = area.roads[~area.roads["tunnel"]]
    # the table keeps an edge whole by its middle, samples end at the border
    assert samples["length_m"].sum() == pytest.approx(open_air["length_m"].sum(), rel=0.15)
    along = by_roadside(area.locations)
    assert (np.diff(along.astype(int)) >= 0).all(), "sites by the roadside come last"
    assert area.locations["zone"][~along].tolist() == list(range(area.n_zones))
    county = area.county_rows[area.locations["zone"].to_numpy()]
    at, road = area.locations[["x_m", "y_m"]].to_numpy(), samples[["x_m", "y_m"]].to_numpy()
    zones = area.zones[["x_m", "y_m"]].to_numpy()
    for row in np.unique(county):
        own, here = at[(county == row) & ~along], at[(county == row) & along]
        mine = road[area.county_rows[samples["zone"].to_numpy()] == row]
        if len(here) > 1:
            assert cKDTree(here).query(here, 2)[0][:, 1].min() > 2800
        if len(here):
            assert cKDTree(own).query(here)[0].min() > 1400
            near = (cKDTree(own).query(mine)[0] <= 1400) | (cKDTree(here).query(mine)[0] <= 2800)
            assert near.all(), "every stretch has a possible site near it"
        if len(mine):
            nearest = cKDTree(zones[area.county_rows == row]).query(mine)[1]
            found = np.flatnonzero(area.county_rows == row)[nearest]
            assert found.tolist() == samples["zone"][area.county_rows[samples["zone"]] == row].tolist()


def check_months(area):
    """Assert exact county sums in every month and paths without a step back."""
    horizon = Horizon("2009-06", "2021-06")
    share = np.clip((horizon.middle_years() - 2010 - 10 / 12) / 10, 0, 1)
    for what in ("homes", "population"):
        months = getattr(area, what)(horizon).astype(np.int64)
        first, last = (area.zones[f"{what}_{year}"].to_numpy(dtype=np.int64) for year in (2010, 2020))
        assert (months[0] == first).all()
        assert (months[-1] == last).all()
        steps = np.diff(months, axis=0)
        assert ((steps >= 0) | (first > last)).all()
        assert ((steps <= 0) | (first < last)).all()
        for row in range(len(area.counties)):
            mine = area.county_rows == row
            straight = first[mine].sum() + share * (last[mine].sum() - first[mine].sum())
            assert (np.abs(months[:, mine].sum(axis=1) - straight) < 0.501).all()
