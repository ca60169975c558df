"""The user's own network: tables in place of the rule, every bad row reported."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer

from sim.errors import DataError
from sim.geo.network import own_network, read_coverage
from sim.geo.standing import FIXED_STANDING, infer_standing
from tests.world import world

COVERAGE = "zone_id,technology,homes_share,capability_mbps,subscribers\n"
SITES = "latitude,longitude,technology,height_m\n"


@pytest.fixture
def area():
    return world().area


def own(area, tmp_path, coverage="", sites=""):
    """Return area and standing network with these tables."""
    options = world().loaded.scenario.standing
    names = {}
    for key, head, text in (("coverage", COVERAGE, coverage), ("sites", SITES, sites)):
        if text:
            path = tmp_path / f"{key}.csv"
            path.write_text(head + text, encoding="utf-8")
            names[key] = str(path)
    options = options.model_copy(update=names)
    return own_network(area, options, infer_standing(area, options))


def degrees(area, *zones):
    """Return latitude and longitude of the centres of zones."""
    back = Transformer.from_crs(area.crs, "EPSG:4326", always_xy=True)
    lon, lat = back.transform(
        area.zones["x_m"].to_numpy()[list(zones)], area.zones["y_m"].to_numpy()[list(zones)]
    )
    return list(zip(lat, lon, strict=True))


def test_without_tables_the_rule_stays(area, tmp_path):
    same, found = own(area, tmp_path)
    assert same is area
    assert found.modelled == {*FIXED_STANDING, "gsm", "umts", "lte"}


def test_a_technology_named_is_what_the_table_says_and_nothing_else(area, tmp_path):
    first, second = area.zones["zone_id"][:2]
    text = f"{first},ftth,0.5,50,7\n{second},ftth,1,100,0\n"
    _, found = own(area, tmp_path, coverage=text)
    fibre = found.table[found.table["technology"] == "ftth"]
    assert fibre["zone"].tolist() == [0, 1]
    assert fibre["homes_share"].tolist() == [0.5, 1.0]
    assert fibre["capability_mbps"].tolist() == [50.0, 100.0]
    assert found.subscribers["ftth"][:3].tolist() == [7.0, 0.0, 0.0]
    assert (found.table["technology"] == "dsl").sum() > 10, "copper is still by rule"
    assert found.modelled == {*FIXED_STANDING, "gsm", "umts", "lte"} - {"ftth"}


def test_every_bad_row_of_the_coverage_is_reported(area, tmp_path):
    zone, other = area.zones["zone_id"][:2]
    path = tmp_path / "coverage.csv"
    path.write_text(
        COVERAGE
        + f"{zone[:-1]}x,dsl,0.5,4,0\n{zone},fttx,0.5,4,0\n{zone},dsl,1.5,4,0\n{zone},ftth,0.5,-4,none\n"
        + f"{other},dsl,1,4,0\n{other},dsl,1,4,0\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        read_coverage(str(path), area)
    said = {(problem.line, problem.key): problem.message for problem in caught.value.problems}
    assert "is unknown; did you mean" in said[2, "zone_id"]
    assert "'fttx' is unknown; did you mean ftth?" in said[3, "technology"]
    assert "must be a share from 0 to 1" in said[4, "homes_share"]
    assert "must be a number, 0 or more" in said[5, "capability_mbps"]
    assert "must be a number, 0 or more" in said[5, "subscribers"]
    assert "stands twice" in said[7, "zone_id"]
    assert {line for line, _ in said} == {2, 3, 4, 5, 7}
    assert all(problem.file == str(path) for problem in caught.value.problems)


def test_own_sites_stand_among_the_locations_and_cover_what_is_near(area, tmp_path):
    (lat, lon), (lat_2, lon_2) = degrees(area, 0, 40)
    text = f"{lat},{lon},lte,35\n{lat_2},{lon_2},umts,40\n{lat_2},{lon_2},lte,30\n"
    wider, found = own(area, tmp_path, sites=text)
    count = len(area.locations)
    assert len(wider.locations) == count + 2, "two rows of one place are one location"
    assert wider.locations["zone"].tolist()[-2:] == [0, 40]
    assert wider.locations["location_id"].tolist()[-2:] == ["own.000001", "own.000002"]
    assert wider.locations["height_m"].tolist()[-2:] == [35, 40], "the highest antenna of a site"
    assert not wider.locations["modelled"].to_numpy()[-2:].any()
    assert wider.locations["standing"].to_numpy()[-2:].all()
    assert found.site_locations["lte"].tolist() == [count, count + 1]
    assert found.site_locations["umts"].tolist() == [count + 1]
    assert found.modelled == {*FIXED_STANDING, "gsm"}
    ranges = world().loaded.scenario.standing
    km = {
        "city": ranges.site_range_city,
        "town": ranges.site_range_town,
        "village": ranges.site_range_village,
    }
    points, sites = area.points, wider.locations.iloc[[count, count + 1]]
    kinds = area.zones["kind"].to_numpy()[points["zone"]]
    wanted = [
        min(np.hypot(sites["x_m"] - x, sites["y_m"] - y)) <= 1000 * km[kind]
        for x, y, kind in zip(points["x_m"], points["y_m"], kinds, strict=True)
    ]
    assert found.covered_points["lte"].tolist() == wanted
    assert any(wanted)


def test_every_bad_site_is_reported(area, tmp_path):
    ((lat, lon),) = degrees(area, 0)
    rows = f"95,{lon},lte,30\n{lat},east,lte,30\n{lat},{lon},6g,30\n{lat},{lon},lte,0\n{lat},{lon},lte,30\n"
    with pytest.raises(DataError) as caught:
        own(area, tmp_path, sites=rows)
    found = {(problem.line, problem.key) for problem in caught.value.problems}
    assert found == {(2, "latitude"), (3, "longitude"), (4, "technology"), (5, "height_m")}


def test_a_site_far_away_is_a_mistake(area, tmp_path):
    ((lat, lon),) = degrees(area, 0)
    with pytest.raises(DataError, match="lies far outside the area"):
        own(area, tmp_path, sites=f"{lat},{lon},lte,30\n{lat + 10},{lon},lte,30\n")


def test_a_table_without_its_columns_is_refused(area, tmp_path):
    path = tmp_path / "coverage.csv"
    path.write_text("zone,technology\n", encoding="utf-8")
    with pytest.raises(DataError, match="zone_id"):
        read_coverage(str(path), area)
