"""The polar sweep and its windows: against a profile for each pixel, and what must not change a byte."""

import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest

from sim.errors import DataError
from sim.geo.dem import Dem
from sim.geo.grid import Grid
from sim.radio.sweep import NEAR_STEPS, Link, Polar, horizons, loss_db
from sim.radio.terrain import delta_bullington_db
from sim.radio.terrain_cache import terrain_windows
from sim.radio.windows import LINEAR_FACTOR, exact_db, exact_windows, sweep_windows
from tests.radio.ground import flat, hills, sites_at

LINK = Link(900.0, 1.5)
needs_numba = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="not installed: numba (extra fast)"
)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ROLLOUT_CACHE", str(tmp_path))


def swept(ground, step_m, scan=horizons):
    base = np.full(ground.shape[1], 30.0, dtype=np.float32)
    return loss_db(scan(ground, base, LINK, step_m), base, LINK, step_m)


def profiles(steps, step_m, lanes=12, seed=2, std_m=100.0):
    dem = hills(256, step_m, std_m, seed)
    ground = dem.heights_m[:steps, :lanes]
    return np.ascontiguousarray(ground - ground[0])


def one_by_one(ground, step_m):
    found = np.zeros_like(ground)
    for step in range(1, len(ground)):
        found[step] = delta_bullington_db(
            np.arange(step + 1) * step_m,
            ground[: step + 1].T,
            base_height_m=30.0,
            terminal_height_m=1.5,
            frequency_mhz=900.0,
        )
    return found


@pytest.mark.parametrize("step_m", [90.0, 460.0])
def test_a_short_ray_is_the_exact_formula_at_every_step(step_m):
    ground = profiles(NEAR_STEPS + 2, step_m)
    np.testing.assert_allclose(swept(ground, step_m), one_by_one(ground, step_m), atol=0.01)


def test_a_long_ray_stays_near_the_exact_formula():
    ground = profiles(220, 90.0)
    error = swept(ground, 90.0) - one_by_one(ground, 90.0)
    assert np.sqrt((error**2).mean()) < 0.5


def pixels(dem, site, radius_m):
    rows, columns = dem.grid.window(site[0], site[1], radius_m)
    x, y = np.meshgrid(dem.grid.eastings_m()[columns], dem.grid.northings_m()[rows])
    return x, y, np.hypot(x - site[0], y - site[1])


@pytest.mark.parametrize("mode", ["full", "excess"])
def test_a_window_is_near_a_profile_for_each_pixel(mode):
    dem, link = hills(roughness=2.3), replace(LINK, mode=mode)
    sites = sites_at((1000.0, -500.0), radius_m=6000.0)
    rows, columns, window = sweep_windows(dem, dem.grid, sites, link).window(0)
    x, y, distance = pixels(dem, (1000.0, -500.0), 6000.0)
    exact = exact_db(dem, (1000.0, -500.0, 30.0), x.ravel(), y.ravel(), link).reshape(x.shape)
    error = (window / 2.0 - exact)[distance <= 6000.0]
    assert window.shape == (rows.stop - rows.start, columns.stop - columns.start) == x.shape
    assert np.sqrt((error**2).mean()) < 1.2
    assert abs(error.mean()) < 0.3


def test_excess_is_what_the_terrain_adds_to_flat_ground():
    dem = flat()
    sites = sites_at((0.0, 0.0), radius_m=4000.0)
    assert sweep_windows(dem, dem.grid, sites, replace(LINK, mode="excess")).values.max() == 0
    assert sweep_windows(dem, dem.grid, sites, LINK).values.max() > 0


def ridge(at_m=1000.0, height_m=300.0):
    """Flat ground with a wall that runs north and south, east of the site."""
    dem = flat(120)
    heights = dem.heights_m.copy()
    heights[:, np.abs(dem.grid.eastings_m() - at_m) < 100.0] += height_m
    return Dem(dem.grid, heights, dem.crs)


def test_a_ridge_throws_a_shadow_on_its_far_side_only():
    dem = ridge()
    windows = terrain_windows(dem, dem.grid, sites_at((0.0, 0.0)), replace(LINK, mode="excess"))
    behind, before, other = windows.loss_db(
        np.zeros(3, dtype=int), np.array([2000.0, 600.0, -2000.0]), np.zeros(3)
    )
    assert behind > 25.0
    assert before < 1.0
    assert other < 1.0


def test_no_stripes_around_a_site_on_round_hills():
    """Where the ground is the same all around, so is the loss."""
    dem = flat(160)
    x, y = np.meshgrid(dem.grid.eastings_m(), dem.grid.northings_m())
    heights = (120.0 * np.cos(np.hypot(x, y) / 700.0)).astype(np.float32)
    dem = Dem(dem.grid, heights, dem.crs)
    window = sweep_windows(dem, dem.grid, sites_at((0.0, 0.0)), LINK).window(0)[2].astype(float) / 2.0
    for turned in (window[::-1], window[:, ::-1], window.T):
        assert np.abs(window - turned).max() <= 1.0


def test_a_window_does_not_depend_on_the_sites_beside_it():
    dem = hills()
    places = [(0.0, 0.0), (2000.0, 1500.0), (-3000.0, 700.0), (8900.0, -8900.0), (150.0, 40.0)]
    together = sweep_windows(dem, dem.grid, sites_at(*places, radius_m=2500.0), LINK)
    for number, place in enumerate(places):
        alone = sweep_windows(dem, dem.grid, sites_at(place, radius_m=2500.0), LINK)
        np.testing.assert_array_equal(alone.values, together.window(number)[2].ravel())


def test_a_window_is_cut_at_the_edge_of_the_raster():
    dem = hills()
    cut = sweep_windows(dem, dem.grid, sites_at((8900.0, -8900.0), radius_m=2000.0), LINK)
    assert cut.window(0)[2].shape == (23, 23)
    inside = Grid(0.0, 0.0, 90.0, 20, 20)
    away = sweep_windows(dem, inside, sites_at((-8000.0, 0.0), radius_m=2000.0), LINK)
    assert away.window(0)[2].size == 0
    assert away.loss_db(np.array([0]), np.array([-8000.0]), np.array([0.0]))[0] == 0.0


def test_points_take_the_loss_of_their_pixel():
    dem = hills()
    windows = sweep_windows(dem, dem.grid, sites_at((0.0, 0.0), (2000.0, 0.0)), LINK)
    rows, columns, values = windows.window(1)
    x, y = np.meshgrid(dem.grid.eastings_m()[columns] + 40.0, dem.grid.northings_m()[rows] - 40.0)
    found = windows.loss_db(np.ones(x.size, dtype=int), x.ravel(), y.ravel())
    np.testing.assert_array_equal(found, values.ravel() / 2.0)
    assert found.dtype == np.float32


def test_bytes_are_half_decibels_of_power():
    np.testing.assert_allclose(10.0 * np.log10(LINEAR_FACTOR), -np.arange(256) / 2.0, rtol=1e-5)


def test_exact_windows_hold_the_exact_loss():
    dem = hills(60)
    sites = sites_at((0.0, 0.0), radius_m=1500.0)
    windows = exact_windows(dem, dem.grid, sites, LINK)
    x, y, _ = pixels(dem, (0.0, 0.0), 1500.0)
    exact = exact_db(dem, (0.0, 0.0, 30.0), x.ravel(), y.ravel(), LINK)
    np.testing.assert_allclose(windows.values / 2.0, np.minimum(exact, 127.5), atol=0.251)
    cached = terrain_windows(dem, dem.grid, sites, LINK, method="exact")
    np.testing.assert_array_equal(cached.values, windows.values)


def test_only_new_sites_are_swept(monkeypatch):
    dem, swept_sites = hills(), []

    def counted(dem, grid, masts, link):
        swept_sites.append(len(masts.x_m))
        return sweep_windows(dem, grid, masts, link)

    monkeypatch.setattr("sim.radio.terrain_cache.sweep_windows", counted)
    first = [(0.0, 0.0), (1000.0, 500.0), (1000.0, 500.0)]
    terrain_windows(dem, dem.grid, sites_at(*first), LINK)
    again = terrain_windows(dem, dem.grid, sites_at(*first), LINK)
    more = terrain_windows(dem, dem.grid, sites_at((-700.0, 0.0), *first[::-1]), LINK)
    all_known = terrain_windows(dem, dem.grid, sites_at((-700.0, 0.0), *first[::-1]), LINK)
    assert swept_sites == [2, 1]
    fresh = terrain_windows(dem, dem.grid, sites_at((-700.0, 0.0), *first[::-1]), LINK, cache=False)
    for windows in (more, all_known):
        np.testing.assert_array_equal(windows.values, fresh.values)
        np.testing.assert_array_equal(windows.first, fresh.first)
    np.testing.assert_array_equal(again.window(0)[2], more.window(3)[2])


@pytest.mark.parametrize(
    "changes", [{"frequency_mhz": 1800.0}, {"terminal_height_m": 2.0}, {"mode": "excess"}]
)
def test_another_link_is_another_window(changes):
    dem, sites = hills(60), sites_at((0.0, 0.0), radius_m=2000.0)
    before = terrain_windows(dem, dem.grid, sites, LINK).values
    after = terrain_windows(dem, dem.grid, sites, replace(LINK, **changes)).values
    assert (before != after).any()


def test_a_broken_file_of_the_cache_is_computed_again(tmp_path):
    dem, sites = hills(60), sites_at((0.0, 0.0), radius_m=2000.0)
    before = terrain_windows(dem, dem.grid, sites, LINK).values
    (kept,) = tmp_path.rglob("*.values")
    kept.write_bytes(kept.read_bytes()[:100])
    np.testing.assert_array_equal(terrain_windows(dem, dem.grid, sites, LINK).values, before)


def test_no_site_gives_no_window():
    dem = hills(60)
    windows = terrain_windows(dem, dem.grid, sites_at(), LINK)
    assert len(windows) == 0
    assert windows.values.size == 0


def test_every_wrong_site_is_named():
    dem = hills(60)
    sites = sites_at((0.0, 0.0), (1e6, 0.0), (np.nan, 0.0), height_m=0.0)
    with pytest.raises(DataError) as caught:
        terrain_windows(dem, dem.grid, sites, replace(LINK, frequency_mhz=-1.0))
    text = str(caught.value)
    for named in ("site 1", "site 2", "base_height_m", "frequency_mhz", "outside the height model"):
        assert named in text


def test_rays_and_steps_reach_the_radius():
    polar = Polar.around(15_000.0, 460.0, 750.0)
    assert (polar.steps - 1) * polar.step_m == pytest.approx(15_000.0)
    assert polar.step_m <= 460.0
    assert 2.0 * np.pi * 15_000.0 / polar.rays <= 750.0


@needs_numba
@pytest.mark.parametrize("steps", [4, NEAR_STEPS + 1, NEAR_STEPS + 2, NEAR_STEPS + 3, 200])
def test_the_compiled_scan_is_the_same(steps):
    from sim.radio.fast_sweep import fast_horizons

    ground = profiles(steps, 90.0, lanes=70)
    np.testing.assert_allclose(swept(ground, 90.0, fast_horizons), swept(ground, 90.0), atol=0.05)


@needs_numba
def test_windows_by_the_compiled_scan_are_the_same():
    dem, sites = hills(), sites_at((0.0, 0.0), (2000.0, 1500.0))
    plain, compiled = (
        sweep_windows(dem, dem.grid, sites, replace(LINK, compiled=flag)).values.astype(int)
        for flag in (False, True)
    )
    assert np.abs(plain - compiled).max() <= 1
    assert (plain != compiled).mean() < 1e-3


def test_without_numba_the_compiled_scan_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sim.radio.fast_sweep", None)
    dem = hills(60)
    with pytest.raises(DataError, match="extra fast"):
        sweep_windows(dem, dem.grid, sites_at((0.0, 0.0)), replace(LINK, compiled=True))
