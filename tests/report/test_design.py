"""Layers, tables and pictures of a design agree with it, and are the same each time."""

from __future__ import annotations

import json
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.access.calibrate import designed, fitted, stratified
from sim.access.design import METHODS
from sim.access.odn import design_tile
from sim.access.pattern import tile_of
from sim.designs import Calibration, Comparison, Opened
from sim.randomness import Streams
from sim.report import style
from sim.report.curves import check_table, curves_summary, draw_check, write_calibration
from sim.report.design import (
    BILL,
    COMPARED,
    GIS,
    HOMES,
    MAP,
    USES,
    bill_table,
    design_facts,
    design_summary,
    homes_table,
    layers,
    write_design,
)
from sim.report.design_map import draw_design
from tests.access.towns import PATTERN, land, shipped_odn

ODN = shipped_odn().model_copy(update={"bound_rounds": 0})
AREA = land(12, seed=5)
COPPER = np.arange(12) % 4 < 2
CRS = "EPSG:32648"


def opened(row, upstream_m=1000.0):
    tile = tile_of(AREA, row, PATTERN, COPPER, upstream_m)
    fits = {"route": SimpleNamespace(median_error=0.02, p90_error=0.09)}
    comparisons = (Comparison("route", "m", 1100.0, 1000.0), Comparison("poled route", "m", 0.0, 0.0))
    return Opened(
        scenario="made-up",
        zone_id=tile.name,
        name="Place",
        kind=str(AREA.zones["kind"][row]),
        county="530101",
        crs=CRS,
        modelled=True,
        options=ODN,
        tile=tile,
        design=design_tile(tile, ODN),
        comparisons=comparisons,
        fits=fits,
    )


CITY, VILLAGE = opened(0), opened(2)
FAR = opened(2, 29_500.0)


def text_of(content):
    console = Console(width=160, no_color=True)
    with console.capture() as captured:
        console.print(content)
    return captured.get()


@pytest.mark.parametrize("one", [CITY, VILLAGE], ids=["city", "village"])
def test_layers_hold_the_design(one):
    found = layers(one)
    assert list(found) == ["homes", "terminals", "cabinets", "routes", "streets", "entry"]
    assert all(layer.crs == CRS for layer in found.values())
    routes = found["routes"]
    assert routes["length_m"].sum() == pytest.approx(one.design.route_m, abs=0.1 * len(routes))
    assert set(routes["method"]) <= set(METHODS)
    assert set(routes["use"]) <= set(USES)
    assert found["homes"]["homes"].sum() == one.tile.home_count
    assert found["homes"]["served"].sum() == one.design.passed
    assert found["terminals"]["ports"].sum() == one.design.ports
    assert len(found["cabinets"]) == len(one.design.cabinets.fibres)
    assert len(found["streets"]) == len(one.tile.streets.edges)
    assert found["homes"]["least_margin_db"].min() >= 0


def test_a_margin_is_that_of_the_worst_home_of_a_building():
    layer, homes = layers(CITY)["homes"], homes_table(CITY)
    chosen = np.array(ODN.offered)[CITY.design.homes.optics]
    margin = np.array([homes[f"margin_{name}_db"][row] for row, name in enumerate(chosen)])
    worst = pd.Series(margin).groupby(homes["building"]).min()
    assert layer["least_margin_db"].to_numpy() == pytest.approx(worst.to_numpy(), abs=0.006)


def test_the_bill_adds_up():
    table = bill_table(VILLAGE)
    for stage, wanted in (("build", VILLAGE.design.yuan), ("connect", VILLAGE.design.connect_yuan)):
        own = table[table["stage"] == stage]
        assert own["yuan"].iloc[-1] == pytest.approx(wanted, abs=0.01)
        assert own["yuan"].iloc[:-1].sum() == pytest.approx(wanted, abs=0.01 * len(own))


def test_every_home_is_listed_with_its_budget_and_why_it_is_not_served():
    table = homes_table(FAR)
    assert len(table) == FAR.tile.home_count
    assert (~table["served"]).any()
    assert (table.loc[~table["served"], "reason"] != "").all()
    assert (table.loc[table["served"], "reason"] == "").all()
    assert {"x_m", "y_m", "fibre_m", "loss_up_db", "margin_B+_db"} <= set(table)


def test_the_folder_holds_everything_and_is_the_same_each_time(tmp_path):
    for name in ("a", "b"):
        write_design(VILLAGE, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted([GIS, BILL, HOMES, COMPARED, f"{MAP}.png", f"{MAP}.csv"])
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    routes = gpd.read_file(tmp_path / "a" / GIS, layer="routes")
    assert routes.geometry.length.sum() <= VILLAGE.design.route_m + 1.0


@pytest.mark.parametrize("one", [CITY, VILLAGE, FAR], ids=["city", "village", "far"])
def test_the_map_says_what_it_shows(one):
    with style.house_style():
        figure = draw_design(one)
        figure.canvas.draw()
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert f"access boxes: {len(one.design.boxes.ports):,}" in legend
    lost = one.tile.home_count - one.design.passed
    assert any("not served" in text for text in legend) == (lost > 0)
    assert figure.get_suptitle().startswith(f"{one.kind.capitalize()} {one.zone_id}")
    assert figure.axes[0].get_aspect() == 1.0


def test_the_summary_tells_what_matters(tmp_path):
    text = text_of(design_summary(FAR, tmp_path))
    assert f"{FAR.design.passed:,} of {FAR.tile.home_count:,} homes passed" in text
    assert "not served: " in text
    assert "+10.0%" in text
    assert "2.0%" in text
    assert "poled route" not in text
    facts = json.loads(json.dumps(design_facts(FAR, tmp_path)))
    assert facts["homes_passed"] + sum(facts["not_served"].values()) == facts["homes"]
    assert facts["curve_and_design"]["route"] == {"unit": "m", "curve": 1100.0, "design": 1000.0}


def test_curves_are_shown_against_the_designs_kept_from_the_fit(tmp_path):
    area = land(36, seed=9)
    rows = stratified(area, 24, Streams(1))
    sample = designed(area, rows, (PATTERN, ODN), np.ones(36, dtype=bool))
    calibration = Calibration(fitted([sample], ODN, 1), (sample,), ODN)
    table = check_table(calibration)
    assert len(table) == 12
    write_calibration(calibration, tmp_path / "t.csv", tmp_path / "figure")
    assert (tmp_path / "t.csv").exists()
    assert (tmp_path / "figure" / "curves.png").exists()
    with style.house_style():
        figure = draw_check(table)
        figure.canvas.draw()
    assert [len(axes.collections) for axes in figure.axes] == [3, 3]
    text = text_of(curves_summary(calibration.curves, tmp_path / "t.csv"))
    assert text.count("price of connecting") == 3
    write_calibration(calibration, tmp_path / "u.csv", None)
    assert (tmp_path / "u.csv").read_bytes() == (tmp_path / "t.csv").read_bytes()
