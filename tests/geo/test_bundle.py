"""A bundle of real layers: read as it is, and what is said where one is incomplete."""

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from sim.errors import DataError
from sim.geo.area import read_area
from sim.geo.bundle import FILES, HEIGHT, SETTLEMENTS, TOWNS, VILLAGES, find_folder
from sim.geo.census import PROVINCES, read_census
from tests.geo.checks import check_area, check_months, options_with

COUNTIES = {
    "Yunnan": ("530102", "533401"),
    "Sichuan": ("510104", "513437"),
    "Shandong": ("370116",),
    "Hunan": ("430102",),
}


def test_every_missing_file_is_listed(tmp_path):
    (tmp_path / "yunnan").mkdir()
    with pytest.raises(DataError) as error:
        find_folder(str(tmp_path), "Yunnan")
    assert len(error.value.problems) == len(FILES)
    with pytest.raises(DataError, match="is not a folder"):
        find_folder(str(tmp_path / "nowhere"), "Yunnan")


@pytest.mark.bundle
@pytest.mark.parametrize("province", PROVINCES)
def test_counties_of_each_province(bundle, province):
    codes = COUNTIES[province]
    area, _ = read_area(province, options_with(bundle=str(bundle), counties=list(codes)))
    check_area(area, read_census(province, codes))
    check_months(area)
    assert area.zones["name"].str.len().min() > 0
    assert not area.zones["modelled"].all()
    assert {"© OpenStreetMap", "(c) OpenStreetMap"} & {note.attribution[:17] for note in area.layers}


@pytest.mark.bundle
@pytest.mark.slow
@pytest.mark.parametrize("province", PROVINCES)
def test_whole_provinces(bundle, province):
    area, _ = read_area(province, options_with(bundle=str(bundle / province.lower())))
    census = read_census(province)
    check_area(area, census)
    committees = area.places[area.places["kind"] == "committee"]
    assert len(committees) == census["committees"].sum()
    assert (area.places["kind"] == "pop").sum() == census["townships"].sum()


@pytest.mark.bundle
def test_known_villages_stand_where_the_source_puts_them(bundle):
    area, _ = read_area("Yunnan", options_with(bundle=str(bundle), counties=["530102"]))
    source = pd.read_parquet(bundle / "yunnan" / VILLAGES).query("adcode == '530102'").dropna(subset=["lon"])
    at = gpd.GeoSeries(gpd.points_from_xy(source["lon"], source["lat"]), crs="EPSG:4326").to_crs(area.crs)
    sourced = area.zones[~area.zones["modelled"]]
    assert len(sourced) == len(source)
    assert np.allclose(np.sort(sourced["x_m"]), np.sort(at.x), atol=0.1)


@pytest.mark.bundle
@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (VILLAGES, lambda frame: frame[frame["adcode"] != "530102"], "has no committee of county 530102"),
        (VILLAGES, lambda frame: pd.concat([frame, frame.iloc[:1]]), "530102001011 twice; remove one"),
        (VILLAGES, lambda frame: frame.rename(columns={"lon": "lat", "lat": "lon"}), "outside longitude"),
        (SETTLEMENTS, lambda frame: frame.drop(columns=["is_partition"]), "lacks the column"),
    ],
)
def test_a_broken_table_is_named(bundle, tmp_path, name, change, message):
    folder = tmp_path / "yunnan"
    shutil.copytree(bundle / "yunnan", folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    change(pd.read_parquet(folder / name)).to_parquet(folder / name)
    with pytest.raises(DataError, match=message):
        read_area("Yunnan", options_with(bundle=str(tmp_path), counties=["530102"]))


@pytest.mark.bundle
def test_a_link_out_of_the_bundle_is_refused(bundle, tmp_path):
    folder = tmp_path / "yunnan"
    shutil.copytree(bundle / "yunnan", folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    for name in (HEIGHT, TOWNS):
        (folder / name).unlink()
        (folder / name).symlink_to(bundle / "yunnan" / name)
    with pytest.raises(DataError, match="leads out of"):
        read_area("Yunnan", options_with(bundle=str(tmp_path), counties=["530102"]))
