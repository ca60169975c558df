"""The one door: what it lets in and what it turns away."""

import os

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sim.errors import DataError
from sim.geo.read import (
    check_file,
    check_geometry,
    read_geojson_geometry,
    read_json,
    read_raster,
    read_table,
    read_vector,
)

VRT = (
    b'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand><SourceFilename>/etc/passwd</SourceFilename>'
)
BOUNDS = (100.0, 24.0, 101.0, 25.0)


def write_tif(path, *, crs="EPSG:4326", shape=(20, 20), west=100.0, sparse=False):
    import rasterio
    from affine import Affine

    size = 1.0 / 20
    profile = {
        "driver": "GTiff",
        "width": shape[1],
        "height": shape[0],
        "count": 1,
        "dtype": "int16",
        "crs": crs,
    }
    if sparse:
        profile |= {
            "tiled": True,
            "blockxsize": 4096,
            "blockysize": 4096,
            "SPARSE_OK": "TRUE",
            "BIGTIFF": "YES",
        }
    with rasterio.open(path, "w", transform=Affine(size, 0, west, 0, -size, 25.0), **profile) as out:
        if not sparse:
            out.write(np.arange(shape[0] * shape[1], dtype=np.int16).reshape(1, *shape))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "http://127.0.0.1/a.gpkg",
        "/vsicurl/http://127.0.0.1/a.tif",
        "/vsizip/a.zip/b.tif",
        "/VSIMEM/x.tif",
        "a\0b.tif",
    ],
)
def test_names_that_are_no_plain_files_are_refused(name):
    with pytest.raises(DataError, match="not a plain file name"):
        check_file(name)


def test_only_regular_files_inside_the_root_are_opened(tmp_path):
    inside = tmp_path / "bundle"
    inside.mkdir()
    with pytest.raises(DataError, match="no such file"):
        check_file(inside / "absent.tif")
    with pytest.raises(DataError, match="not a regular file"):
        check_file(inside)
    os.mkfifo(inside / "pipe.gpkg")
    with pytest.raises(DataError, match="not a regular file"):
        check_file(inside / "pipe.gpkg")
    (tmp_path / "secret.json").write_text("{}")
    (inside / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(DataError, match="leads out of"):
        check_file(inside / "link.json", inside)
    assert check_file(inside / "link.json").name == "secret.json"


@pytest.mark.parametrize("name", ["dem.tif", "villages.gpkg", "table.parquet", "x.geojson"])
def test_a_file_that_follows_into_another_is_refused_by_its_first_bytes(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(VRT)
    with pytest.raises(DataError, match="content is of another format"):
        check_file(path)


def test_drivers_that_fetch_are_gone_from_both_libraries(tmp_path):
    import pyogrio
    import rasterio
    from rasterio.drivers import raster_driver_extensions

    write_tif(tmp_path / "a.tif")
    assert not {"OGR_VRT", "VRT", "WFS", "HTTP", "GTI", "OAPIF"} & set(pyogrio.list_drivers())
    assert "vrt" not in raster_driver_extensions()
    with rasterio.Env() as env:
        assert not {"VRT", "WMS", "WCS", "HTTP"} & set(env.drivers())


def test_a_raster_is_cut_to_the_bounds_and_sampled(tmp_path):
    path = write_tif(tmp_path / "a.tif")
    raster = read_raster(path, (100.2, 24.4, 100.5, 24.8))
    assert raster.cells.shape == (8, 6)
    assert (raster.west, raster.north) == (pytest.approx(100.2), pytest.approx(24.8))
    whole = read_raster(path, BOUNDS)
    at = np.array([100.26, 100.49]), np.array([24.77, 24.41])
    assert raster.sample(*at).tolist() == whole.sample(*at).tolist() == [4 * 20 + 5, 11 * 20 + 9]


def test_a_raster_is_refused_from_its_header(tmp_path):
    huge = write_tif(tmp_path / "huge.tif", shape=(200_000, 200_000), sparse=True)
    with pytest.raises(DataError, match="200000 x 200000 x 1 cells by its header"):
        read_raster(huge, BOUNDS)
    with pytest.raises(DataError, match="not in EPSG:4326; warp it"):
        read_raster(write_tif(tmp_path / "metres.tif", crs="EPSG:32647"), BOUNDS)
    with pytest.raises(DataError, match="does not cover the study area"):
        read_raster(write_tif(tmp_path / "far.tif", west=10.0), BOUNDS)
    (tmp_path / "cut.tif").write_bytes(b"II*\x00" + b"\x08\x00\x00\x00")
    with pytest.raises(DataError, match="cannot be read as GeoTIFF"):
        read_raster(tmp_path / "cut.tif", BOUNDS)
    (tmp_path / "a.img").write_bytes(b"x")
    with pytest.raises(DataError, match="is no GeoTIFF"):
        read_raster(tmp_path / "a.img", BOUNDS)


def write_gpkg(path, geometries, crs="EPSG:4326"):
    gpd.GeoDataFrame({"a": range(len(geometries))}, geometry=geometries, crs=crs).to_file(path, driver="GPKG")
    return path


def test_a_geopackage_comes_in_wgs84(tmp_path):
    path = write_gpkg(tmp_path / "m.gpkg", [shapely.Point(500_000, 2_700_000)], crs="EPSG:32647")
    frame = read_vector(path)
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.x[0] == pytest.approx(99.0)


def test_a_geopackage_without_crs_or_with_swapped_axes_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="crs"):
        path = write_gpkg(tmp_path / "none.gpkg", [shapely.Point(100, 25)], crs=None)
    with pytest.raises(DataError, match="no coordinate system"):
        read_vector(path)
    path = write_gpkg(tmp_path / "swapped.gpkg", [shapely.Point(25, 100), shapely.Point(100, 25)])
    with pytest.raises(DataError, match=r"feature 0: lies outside .* axes swapped"):
        read_vector(path)
    with pytest.raises(DataError, match="is no GeoPackage"):
        read_vector(write_tif(tmp_path / "a.tif"))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (shapely.Point(), "is empty"),
        (None, "is empty"),
        (shapely.Point(float("nan"), 25), "is empty|not a finite number"),
        (shapely.Point(float("inf"), 25), "not a finite number"),
        (shapely.Point(1e308, 25), "lies outside"),
        (shapely.Point(100, 120), "lies outside"),
        (shapely.LineString([(100, 25), (101, 25)]), "is not a Point"),
    ],
)
def test_a_bad_geometry_is_named_by_its_feature(bad, message):
    with pytest.raises(DataError, match=rf"f: feature 1: .*({message})"):
        check_geometry("f", [shapely.Point(100, 25), bad], ("Point",), degrees=True)


def test_many_bad_features_are_counted_not_listed():
    with pytest.raises(DataError, match="and 95 more features") as error:
        check_geometry("f", [shapely.Point(0, 99)] * 100, (), degrees=True)
    assert len(error.value.problems) == 6


def test_json_and_tables(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf{")
    with pytest.raises(DataError):
        read_json(tmp_path / "a.json")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(DataError, match="is not valid JSON"):
        read_json(tmp_path / "deep.json")
    (tmp_path / "g.geojson").write_text('{"type": "Point", "coordinates": [100, 25]}')
    with pytest.raises(DataError, match="is not a Polygon or MultiPolygon"):
        read_geojson_geometry(tmp_path / "g.geojson")
    (tmp_path / "ring.geojson").write_text('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}')
    with pytest.raises(DataError, match="is not a GeoJSON geometry"):
        read_geojson_geometry(tmp_path / "ring.geojson")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"lacks the column\(s\) b"):
        read_table(tmp_path / "t.parquet", ("a", "b"))
    (tmp_path / "t2.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read_table(tmp_path / "t2.parquet", ("a",))
