"""Heights on the area's own grid: where they come from, how gaps are filled, how they are kept."""

import hashlib

import numpy as np
import pytest
import rasterio
from rasterio import Affine
from rasterio.warp import reproject, transform_bounds

from sim.errors import DataError
from sim.files import write_cog
from sim.geo.area import read_area
from sim.geo.dem import Dem, dem_of, fill_gaps, load_dem
from sim.geo.grid import Grid
from sim.geo.layers import Projection, projected_crs
from sim.geo.sources import read_sources
from tests.geo.checks import SYNTHETIC, options_with

CRS = projected_crs("synthetic")
GRID = Grid(-5000.0, 4000.0, 100.0, 80, 100)


def slope_dem(grid=GRID):
    """A plane: 1 m up for 10 m east, 2 m up for 100 m north."""
    x, y = np.meshgrid(grid.eastings_m(), grid.northings_m())
    return Dem(grid, (1000.0 + 0.1 * x + 0.02 * y).astype(np.float32), CRS)


def test_a_plane_is_sampled_exactly():
    x, y = np.array([0.0, 123.0, -4000.0, 3210.0]), np.array([0.0, 77.0, 3900.0, -3500.0])
    np.testing.assert_allclose(slope_dem().sample(x, y), 1000.0 + 0.1 * x + 0.02 * y, atol=1e-3)


def test_beyond_the_raster_its_edge_goes_on():
    dem = slope_dem()
    assert dem.sample(1e6, 0.0) == pytest.approx(dem.sample(4950.0, 0.0))
    assert not dem.covers(1e6, 0.0)
    assert not dem.covers(np.nan, 0.0)
    np.testing.assert_array_equal(dem.covers([0.0, 5001.0, -5001.0], [0.0, 0.0, 0.0]), [True, False, False])


def test_profiles_run_from_end_to_end():
    dem = slope_dem()
    distance, height = dem.profile((0.0, 0.0), (np.array([3000.0, 0.0]), np.array([0.0, -3000.0])), 7)
    assert distance.shape == height.shape == (2, 7)
    np.testing.assert_allclose(distance[1], np.linspace(0.0, 3000.0, 7))
    np.testing.assert_allclose(height[:, -1], [1300.0, 940.0], atol=1e-3)


def test_the_digest_follows_heights_and_place():
    dem = slope_dem()
    other = dem.heights_m.copy()
    other[3, 4] += 1.0
    moved = Grid(GRID.west_m + 100.0, GRID.north_m, GRID.pixel_m, GRID.rows, GRID.columns)
    digests = {dem.digest, Dem(GRID, other, CRS).digest, Dem(moved, dem.heights_m, CRS).digest}
    assert len(digests) == 3
    assert slope_dem().digest == dem.digest


@pytest.mark.parametrize("wrong", ["shape", "gap"])
def test_wrong_heights_are_refused(wrong):
    heights = slope_dem().heights_m.copy()
    if wrong == "gap":
        heights[5, 5] = np.nan
    with pytest.raises(DataError, match="fill_gaps" if wrong == "gap" else "shape"):
        Dem(GRID, heights if wrong == "gap" else heights[1:], CRS)


def test_a_gap_by_the_sea_is_sea_and_one_in_the_hills_is_as_high_as_the_nearest():
    heights = np.full((20, 30), 800.0)
    heights[5:8, 5:8] = np.nan
    heights[8, 5:8] = 750.0
    heights[:, 24] = 2.0
    heights[:, 25:] = np.nan
    filled = fill_gaps(heights)
    assert (filled[:, 25:] == 0.0).all()
    assert set(np.unique(filled[5:8, 5:8])) == {750.0, 800.0}
    assert filled[7, 6] == 750.0
    assert filled.dtype == np.float32


def test_nothing_known_at_all_is_refused():
    with pytest.raises(DataError, match="no height at all"):
        fill_gaps(np.full((4, 4), np.nan))


def test_kept_heights_come_back(tmp_path):
    dem = slope_dem()
    dem.write_to(tmp_path / "dem.tif")
    assert load_dem(tmp_path / "dem.tif", CRS).digest == dem.digest


# ---- rasters out


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_a_raster_is_written_as_a_cloud_optimised_geotiff(tmp_path, dtype):
    grid = Grid(1000.0, 90_000.0, 50.0, 700, 900)
    values = (np.arange(700 * 900).reshape(700, 900) % 200).astype(dtype)
    hashes = set()
    for name in ("one.tif", "two.tif"):
        write_cog(tmp_path / name, values, grid, CRS, nodata=255)
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1
    with rasterio.open(tmp_path / "one.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.overviews(1)
        assert raster.transform == Affine(50.0, 0.0, 1000.0, 0.0, -50.0, 90_000.0)
        assert raster.crs == rasterio.crs.CRS.from_user_input(CRS)
        assert raster.nodata == 255
        np.testing.assert_array_equal(raster.read(1), values)


def test_bands_are_kept_apart(tmp_path):
    bands = np.stack([np.zeros((30, 40)), np.ones((30, 40))]).astype(np.float32)
    write_cog(tmp_path / "bands.tif", bands, Grid(0.0, 0.0, 10.0, 30, 40), CRS)
    with rasterio.open(tmp_path / "bands.tif") as raster:
        assert raster.count == 2
        assert raster.read(2).min() == 1.0


# ---- a user's own heights


def own_file(path, shape=(400, 400), crs="EPSG:4326", nodata=-32767):
    """Heights that rise 1000 m for each degree of longitude, around the made-up region."""
    lon, lat = Projection(CRS).to_degrees(np.array([-20_000.0]), np.array([-20_000.0]))
    step = 1.0 / 400
    transform = Affine(step, 0.0, float(lon[0]), 0.0, -step, float(lat[0]) + shape[0] * step)
    cells = np.broadcast_to(1000.0 * (np.arange(shape[1]) + 0.5) * step, shape).astype(np.int16).copy()
    cells[150:160, 150:160] = nodata
    profile = {"driver": "GTiff", "width": shape[1], "height": shape[0], "count": 1, "dtype": "int16"}
    with rasterio.open(path, "w", crs=crs, transform=transform, nodata=nodata, **profile) as raster:
        raster.write(cells[None])
    return path


def synthetic(dem):
    return options_with(synthetic=SYNTHETIC, dem=str(dem))


def test_a_user_s_own_heights_are_brought_into_the_area_s_metres(tmp_path):
    options = synthetic(own_file(tmp_path / "own.tif"))
    area, cached = read_area("synthetic", options)
    assert not cached
    dem = area.dem
    assert dem is not None
    assert dem.crs == area.crs
    assert dem.grid.pixel_m == 140.0
    assert dem.covers(area.zones["x_m"], area.zones["y_m"]).all()
    lon, _ = Projection(CRS).to_degrees(area.zones["x_m"].to_numpy(), area.zones["y_m"].to_numpy())
    west, _ = Projection(CRS).to_degrees(np.array([-20_000.0]), np.array([-20_000.0]))
    np.testing.assert_allclose(dem.sample(area.zones["x_m"], area.zones["y_m"]), 1000 * (lon - west), atol=9)
    again, cached = read_area("synthetic", options)
    assert cached
    assert again.dem.digest == dem.digest


def test_another_coordinate_system_is_the_same_ground(tmp_path):
    own = own_file(tmp_path / "own.tif")
    with rasterio.open(own) as source:
        west, south, east, north = transform_bounds(source.crs, "EPSG:32648", *source.bounds)
        columns, rows = int((east - west) / 250.0), int((north - south) / 250.0)
        profile = source.profile | {
            "crs": "EPSG:32648", "transform": Affine(250.0, 0.0, west, 0.0, -250.0, north),
            "width": columns, "height": rows, "dtype": "float32",
        }  # fmt: skip
        with rasterio.open(tmp_path / "utm.tif", "w", **profile) as out:
            reproject(
                rasterio.band(source, 1), rasterio.band(out, 1), resampling=rasterio.enums.Resampling.bilinear
            )
    sources = read_sources("synthetic", synthetic(own))
    first, second = (dem_of(sources, str(tmp_path / name)) for name in ("own.tif", "utm.tif"))
    x, y = np.meshgrid(np.linspace(1000, 15_000, 9), np.linspace(1000, 15_000, 9))
    np.testing.assert_allclose(first.sample(x, y), second.sample(x, y), atol=3.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"shape": (80, 80)}, "does not cover"), ({"crs": None}, "no coordinate system")],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, changes, message):
    with pytest.raises(DataError, match=message):
        read_area("synthetic", synthetic(own_file(tmp_path / "own.tif", **changes)))


def test_an_area_without_heights_has_none():
    area, _ = read_area("synthetic", options_with(synthetic=SYNTHETIC))
    assert area.dem is None


@pytest.mark.bundle
@pytest.mark.parametrize(("province", "lowest", "highest"), [("Yunnan", 0, 6700), ("Shandong", -20, 1500)])
def test_a_bundle_gives_its_own_heights(bundle, province, lowest, highest):
    sources = read_sources(province, options_with(bundle=str(bundle)))
    dem = dem_of(sources)
    assert dem.grid.pixel_m == 460.0
    assert lowest <= dem.heights_m.min() < dem.heights_m.max() <= highest
    assert dem.covers(sources.towns["x_m"], sources.towns["y_m"]).mean() > 0.5
