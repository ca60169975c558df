"""The coverage kernel against plain broadcasting, and what must not change its bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.jobs_coverage import JOBS, one_law, sector_pairs, some_points, uneven
from sim.errors import DataError
from sim.geo.grid import Grid
from sim.radio.antenna import MeasuredPattern, SectorPattern
from sim.radio.coverage import Coverage, Points, coverage
from sim.radio.law import LossLaw
from sim.radio.sites import Sites
from tests.radio.coverage_twin import grid_points, sector_dbm, twin

NAMES = ("best_dbm", "server", "second_dbm", "total_mw")


@pytest.fixture(scope="module")
def small() -> tuple[Grid, Sites]:
    return JOBS["small"].make()


def one_site(**changes) -> Sites:
    """Return one site with one round sector at the origin, over a law of 35 dB per decade."""
    site = Sites(
        x_m=np.zeros(1),
        y_m=np.zeros(1),
        height_m=np.array([30.0]),
        radius_m=np.array([5000.0]),
        law=one_law((20.0, 35.0)),
        first_sector=np.array([0, 1]),
        azimuth_deg=np.zeros(1),
        downtilt_deg=np.zeros(1),
        eirp_dbm=np.array([30.0]),
        pattern=SectorPattern(
            beamwidth_deg=360.0,
            front_to_back_db=0.0,
            vertical_beamwidth_deg=360.0,
            vertical_floor_db=0.0,
            gain_dbi=0.0,
        ),
    )
    return replace(site, **changes)


def with_sectors(sites: Sites, count: int) -> Sites:
    """Return the sites with another number of evenly spread sectors."""
    first = sites.azimuth_deg[::3]
    return replace(
        sites,
        first_sector=np.arange(len(sites) + 1) * count,
        azimuth_deg=(first[:, None] + np.arange(count) * 360.0 / count).ravel(),
        downtilt_deg=np.repeat(sites.downtilt_deg[::3], count),
        eirp_dbm=np.repeat(sites.eirp_dbm[::3], count),
    )


def shuffled(sites: Sites, seed: int = 0) -> tuple[Sites, np.ndarray]:
    """Return the sites in another order, and each new sector's row before."""
    order = np.random.default_rng(seed).permutation(len(sites))
    counts = np.diff(sites.first_sector)
    sectors = np.concatenate(
        [np.arange(sites.first_sector[row], sites.first_sector[row + 1])[::-1] for row in order]
    )
    return replace(
        sites,
        x_m=sites.x_m[order],
        y_m=sites.y_m[order],
        height_m=sites.height_m[order],
        radius_m=sites.radius_m[order],
        law=sites.law.take(order),
        first_sector=np.concatenate([[0], np.cumsum(counts[order])]),
        azimuth_deg=sites.azimuth_deg[sectors],
        downtilt_deg=sites.downtilt_deg[sectors],
        eirp_dbm=sites.eirp_dbm[sectors],
    ), sectors


def flat(cover: Coverage) -> Coverage:
    return Coverage(*(getattr(cover, name).ravel() for name in NAMES))


def assert_same_bits(one: Coverage, other: Coverage) -> None:
    for name in NAMES:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


def assert_near(cover: Coverage, exact: Coverage, *, within_db: float = 0.01) -> None:
    """Best, second and sum to a hundredth of a dB, servers on 99.9 % of the receivers."""
    cover = flat(cover)
    heard = np.isfinite(exact.best_dbm)
    again = np.isfinite(exact.second_dbm)
    assert np.array_equal(np.isfinite(cover.best_dbm), heard)
    assert np.array_equal(np.isfinite(cover.second_dbm), again)
    assert np.abs(cover.best_dbm[heard] - exact.best_dbm[heard]).max() <= within_db
    assert np.abs(cover.second_dbm[again] - exact.second_dbm[again]).max(initial=0.0) <= within_db
    assert np.abs(10.0 * np.log10(cover.total_mw[heard] / exact.total_mw[heard])).max() <= within_db
    assert (cover.server == exact.server).mean() >= 0.999
    assert (cover.server[~heard] == -1).all()
    assert (cover.total_mw[~heard] == 0.0).all()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_sites_of_any_number_of_sectors_are_right(small, count):
    grid, sites = small
    sites = with_sectors(sites, count)
    assert_near(coverage(grid, sites), twin(*grid_points(grid), sites))


def test_sectors_of_their_own_are_right(small):
    grid, sites = small
    sites = uneven(sites)
    assert_near(coverage(grid, sites), twin(*grid_points(grid), sites))


@pytest.mark.parametrize(
    ("beamwidth", "back", "vertical", "floor"),
    [
        (65.0, 20.0, 360.0, 0.0),
        (360.0, 20.0, 7.0, 20.0),
        (65.0, 0.0, 10.0, 20.0),
        (120.0, 60.0, 4.0, 12.0),
        (20.0, 25.0, 360.0, 20.0),
    ],
)
def test_any_pattern_is_right(small, beamwidth, back, vertical, floor):
    grid, sites = small
    pattern = SectorPattern(
        beamwidth_deg=beamwidth,
        front_to_back_db=back,
        vertical_beamwidth_deg=vertical,
        vertical_floor_db=floor,
        gain_dbi=15.0,
    )
    for table in (replace(sites, pattern=pattern), replace(uneven(sites), pattern=pattern)):
        exact = twin(*grid_points(grid), table)
        cover = coverage(grid, table)
        if beamwidth < 360.0 and back > 0.0:
            assert_near(cover, exact)
        else:  # equal sectors: any of them serves
            heard = np.isfinite(exact.best_dbm)
            assert np.abs(cover.best_dbm.ravel()[heard] - exact.best_dbm[heard]).max() <= 0.01


def test_a_measured_pattern_is_read_between_its_degrees(small):
    grid, sites = small
    degree = np.arange(360.0)
    aside = np.abs(degree - 360.0 * np.rint(degree / 360.0))
    pattern = MeasuredPattern(
        **sites.pattern.model_dump(),
        horizontal_db=tuple(25.0 * np.sin(np.radians(aside / 2.0)) ** 2),
        vertical_db=tuple(np.minimum(0.02 * aside**2 + 0.1 * aside * (degree < 180.0), 22.0)),
        electrical_tilt_deg=0.0,
    )
    sites = replace(sites, pattern=pattern)
    exact = twin(*grid_points(grid), sites)
    assert_near(coverage(grid, sites), exact)
    x_m, y_m = grid_points(grid)
    assert_near(coverage(Points(x_m[::7], y_m[::7]), sites), twin(x_m[::7], y_m[::7], sites))


def test_powers_within_35_m_of_a_site_are_right(small):
    _, sites = small
    for site in range(3):
        x, y = sites.x_m[site], sites.y_m[site]
        grid = Grid(x - 35.3, y + 35.1, 1.0, 70, 70)
        assert_near(coverage(grid, sites), twin(*grid_points(grid), sites))
        x_m, y_m = grid_points(grid)
        assert_near(coverage(Points(x_m, y_m), sites), twin(x_m, y_m, sites))


def test_a_pixel_right_at_a_site_looks_north_and_straight_down(small):
    _, sites = small
    sites = replace(sites, x_m=np.rint(sites.x_m), y_m=np.rint(sites.y_m))
    grid = Grid(sites.x_m[0] - 1.5, sites.y_m[0] + 1.5, 1.0, 3, 3)
    assert_near(coverage(grid, sites), twin(*grid_points(grid), sites))


def test_coordinates_far_from_the_origin_lose_nothing(small):
    grid, sites = small
    away = replace(sites, x_m=sites.x_m + 500_000.0, y_m=sites.y_m + 4_000_000.0)
    far = replace(grid, west_m=grid.west_m + 500_000.0, north_m=grid.north_m + 4_000_000.0)
    assert_near(coverage(far, away), twin(*grid_points(grid), sites), within_db=0.002)


def test_a_high_antenna_is_exact_everywhere(small):
    grid, sites = small
    sites = replace(sites, height_m=sites.height_m * 8.0)
    assert_near(coverage(grid, sites), twin(*grid_points(grid), sites))


def test_points_hear_what_pixels_hear(small):
    grid, sites = small
    points = some_points(grid, 3000)
    assert_near(coverage(points, sites), twin(points.x_m, points.y_m, sites))
    mixed = uneven(with_sectors(sites, 2))
    assert_near(coverage(points, mixed), twin(points.x_m, points.y_m, mixed))


def test_points_do_not_depend_on_their_company(small):
    grid, sites = small
    points = some_points(grid, 600)
    whole = coverage(points, sites)
    for rows in (np.array([5]), np.arange(599, -1, -1), np.arange(0, 600, 7)):
        part = coverage(points.take(rows), sites)
        assert_same_bits(part, Coverage(*(getattr(whole, name)[rows] for name in NAMES)))


@pytest.mark.parametrize("rows", [1, 7, 16, 200, 1000])
def test_the_size_of_strips_changes_no_bit(small, rows):
    grid, sites = small
    assert_same_bits(coverage(grid, sites), coverage(grid, sites, strip_rows=rows))
    sites = uneven(sites)
    assert_same_bits(coverage(grid, sites), coverage(grid, sites, strip_rows=rows))


def test_two_workers_change_no_bit(small):
    grid, sites = small
    assert_same_bits(coverage(grid, sites), coverage(grid, sites, workers=2))


@pytest.mark.parametrize("make", [lambda sites: sites, uneven, lambda sites: with_sectors(sites, 2)])
def test_the_order_of_rows_changes_no_bit(small, make):
    grid, sites = small
    sites = make(sites)
    other, before = shuffled(sites)
    first, again = coverage(grid, sites), coverage(grid, other)
    renamed = np.where(again.server < 0, -1, before[again.server]).astype(np.int32)
    assert_same_bits(first, replace(again, server=renamed))


def test_sites_that_stand_together_keep_their_order(small):
    grid, sites = small
    together = replace(sites, x_m=np.full(40, sites.x_m[0]), y_m=np.full(40, sites.y_m[0]))
    other, before = shuffled(together)
    first, again = coverage(grid, together), coverage(grid, other)
    renamed = np.where(again.server < 0, -1, before[again.server]).astype(np.int32)
    assert_same_bits(first, replace(again, server=renamed))


def test_the_radius_is_a_circle():
    grid = Grid(-6000.0, 6000.0, 100.0, 120, 120)
    cover = coverage(grid, one_site())
    x_m, y_m = grid_points(grid)
    inside = np.hypot(x_m, y_m).reshape(grid.shape) <= 5000.0
    assert np.array_equal(np.isfinite(cover.best_dbm), inside)
    assert np.array_equal(cover.server, np.where(inside, 0, -1))


def test_total_sums_milliwatts():
    """Two equal sectors give 3.01 dB more than one, not the sum of 10 to the dBm."""
    twice = replace(
        one_site(),
        first_sector=np.array([0, 2]),
        azimuth_deg=np.zeros(2),
        downtilt_deg=np.zeros(2),
        eirp_dbm=np.full(2, 30.0),
    )
    grid = Grid(0.0, 100.0, 100.0, 1, 20)
    once, both = coverage(grid, one_site()), coverage(grid, twice)
    assert 10.0 * np.log10(both.total_mw / once.total_mw) == pytest.approx(3.0103, abs=1e-3)
    assert both.second_dbm == pytest.approx(once.best_dbm, abs=1e-4)
    assert 10.0 * np.log10(once.total_mw) == pytest.approx(once.best_dbm, abs=1e-3)


def test_free_space_at_900_mhz_is_91_5_db_over_1_km():
    """ITU-R P.525: 32.4 + 20 log f(MHz) + 20 log d(km) = 91.5 dB."""
    site = one_site(law=one_law((32.4 + 20.0 * np.log10(900.0) - 60.0, 20.0)))
    heard = coverage(Points(np.array([1000.0]), np.zeros(1)), site)
    assert heard.best_dbm[0] == pytest.approx(30.0 - 91.485, abs=0.01)


def test_bearings_count_clockwise_from_north_and_any_turn_is_taken():
    pattern = SectorPattern(
        beamwidth_deg=65.0,
        front_to_back_db=20.0,
        vertical_beamwidth_deg=360.0,
        vertical_floor_db=0.0,
        gain_dbi=15.0,
    )
    east = Points(np.array([2000.0, -2000.0, 0.0]), np.array([0.0, 0.0, 2000.0]))
    powers = [
        coverage(east, one_site(pattern=pattern, azimuth_deg=np.array([azimuth]))).best_dbm
        for azimuth in (90.0, 450.0, -270.0, 810.0)
    ]
    assert powers[0][0] - powers[0][1] == pytest.approx(20.0, abs=1e-3)
    assert powers[0][0] - powers[0][2] == pytest.approx(20.0, abs=1e-3)
    for power in powers[1:]:
        assert power == pytest.approx(powers[0], abs=1e-4)


class Hills:
    """A wall in the west: 20 dB more for pixels and points with an easting below 0."""

    def __init__(self, grid: Grid, sites: Sites) -> None:
        self.grid, self.sites = grid, sites

    def window(self, site):
        rows, columns = self.grid.window(
            self.sites.x_m[site], self.sites.y_m[site], self.sites.radius_m[site]
        )
        behind = self.grid.eastings_m()[columns] < 0.0
        return rows, columns, np.broadcast_to(np.where(behind, 40, 0), (rows.stop - rows.start, len(behind)))

    def loss_db(self, site, x_m, y_m):
        return np.where(np.asarray(x_m) < 0.0, 20.0, 0.0)


def test_terrain_takes_half_decibels():
    grid, site = Grid(-6000.0, 6000.0, 100.0, 120, 120), one_site()
    hills = Hills(grid, site)
    flat_map, hilly = coverage(grid, site), coverage(grid, site, terrain=hills)
    heard = np.isfinite(flat_map.best_dbm)
    west = heard & (np.arange(120) < 60)
    lost = flat_map.best_dbm[west] - hilly.best_dbm[west]
    assert lost == pytest.approx(20.0, abs=1e-3)
    assert np.array_equal(flat_map.best_dbm[:, 60:], hilly.best_dbm[:, 60:])
    x_m, y_m = grid_points(grid)
    there = coverage(Points(x_m, y_m), site, terrain=hills)
    assert there.best_dbm[heard.ravel()] == pytest.approx(hilly.best_dbm[heard], abs=2e-3)


def test_terrain_keeps_its_bits_over_strips_and_workers(small):
    grid, sites = small
    shifted = replace(grid, west_m=grid.west_m - 8000.0), replace(sites, x_m=sites.x_m - 8000.0)
    hills = Hills(*shifted)
    first = coverage(*shifted, terrain=hills)
    assert_same_bits(first, coverage(*shifted, terrain=hills, strip_rows=13))
    assert_same_bits(first, coverage(*shifted, terrain=hills, workers=2))


def test_a_window_smaller_than_the_radius_is_refused():
    grid, site = Grid(-6000.0, 6000.0, 100.0, 120, 120), one_site()

    class Narrow(Hills):
        def window(self, site):
            rows, columns, loss = super().window(site)
            return rows, slice(columns.start + 1, columns.stop), loss[:, 1:]

    with pytest.raises(DataError, match="smaller than its radius"):
        coverage(grid, site, terrain=Narrow(grid, site))


def test_no_sites_and_no_sectors_are_heard_nowhere():
    grid, site = Grid(0.0, 100.0, 100.0, 1, 5), one_site()
    nothing = np.zeros(0)
    none = replace(
        site,
        x_m=nothing,
        y_m=nothing,
        height_m=nothing,
        radius_m=nothing,
        law=site.law.take(np.zeros(0, dtype=np.int64)),
        first_sector=np.zeros(1, dtype=np.int64),
        azimuth_deg=nothing,
        downtilt_deg=nothing,
        eirp_dbm=nothing,
    )
    bare = replace(
        site, first_sector=np.array([0, 0]), azimuth_deg=nothing, downtilt_deg=nothing, eirp_dbm=nothing
    )
    for sites in (none, bare):
        for receivers in (grid, Points(np.zeros(5), np.zeros(5)), Points(nothing, nothing)):
            cover = coverage(receivers, sites)
            assert (cover.server == -1).all()
            assert (cover.best_dbm == -np.inf).all()
            assert (cover.second_dbm == -np.inf).all()
            assert (cover.total_mw == 0.0).all()


def test_sites_off_the_grid_paint_nothing():
    cover = coverage(Grid(50_000.0, 0.0, 100.0, 10, 10), one_site())
    assert (cover.server == -1).all()


def test_a_site_without_sectors_among_others(small):
    grid, sites = small
    first = sites.first_sector.copy()
    first[1:-1] = np.minimum(first[1:-1], 3)[0]
    kept = replace(
        sites,
        first_sector=np.concatenate([[0], np.full(39, 3), [6]]),
        azimuth_deg=sites.azimuth_deg[:6],
        downtilt_deg=sites.downtilt_deg[:6],
        eirp_dbm=sites.eirp_dbm[:6],
    )
    assert_near(coverage(grid, kept), twin(*grid_points(grid), kept))
    points = some_points(grid, 500)
    assert_near(coverage(points, kept), twin(points.x_m, points.y_m, kept))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("height_m", np.array([0.0]), r"height_m\[0\]: must be above 0 m"),
        ("height_m", np.array([-3.0]), "above 0 m"),
        ("x_m", np.array([np.nan]), "no position"),
        ("radius_m", np.array([0.0]), "radius_m"),
        ("azimuth_deg", np.array([np.inf]), "no angle"),
        ("eirp_dbm", np.array([np.nan]), "no power"),
        ("first_sector", np.array([0, 2]), "first_sector"),
        ("downtilt_deg", np.zeros(2), "downtilt_deg"),
    ],
)
def test_wrong_figures_are_named(name, value, text):
    with pytest.raises(DataError, match=text):
        coverage(Grid(0.0, 100.0, 100.0, 1, 5), one_site(**{name: value}))


def test_all_mistakes_are_named_at_once():
    wrong = one_site(height_m=np.zeros(1), x_m=np.array([np.nan]), eirp_dbm=np.array([np.inf]))
    with pytest.raises(DataError) as caught:
        coverage(Grid(0.0, 100.0, 100.0, 1, 5), wrong)
    assert len(caught.value.problems) == 3
    with pytest.raises(DataError) as caught:
        coverage(Grid(0.0, 100.0, 0.0, 1, 5), one_site(), workers=0, strip_rows=0, method="magic")
    assert len(caught.value.problems) == 4


def test_points_without_a_place_are_refused():
    with pytest.raises(DataError, match="no position"):
        Points(np.array([0.0, np.nan]), np.zeros(2))
    with pytest.raises(DataError, match="one northing"):
        Points(np.zeros(3), np.zeros(2))


def test_the_count_of_pairs_is_that_of_the_twin(small):
    grid, sites = small
    x_m, y_m = grid_points(grid)
    assert sector_pairs(grid, sites) == int(np.isfinite(sector_dbm(x_m, y_m, sites)).sum())
    points = some_points(grid, 500)
    assert sector_pairs(points, sites) == int(np.isfinite(sector_dbm(points.x_m, points.y_m, sites)).sum())


def test_a_law_that_stays_slanted_is_exact(small):
    """A linear term that goes on to the radius leaves no straight piece."""
    grid, sites = small
    law = one_law((30.0, 20.0), (5.0, 30.0), (8.0, 28.0), rise_m=30.0, linear=(0.002, 1e6))
    sites = replace(sites, law=LossLaw.stack([law] * len(sites)))
    assert_near(coverage(grid, sites), twin(*grid_points(grid), sites))
