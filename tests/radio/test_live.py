"""A live map equals one made afresh, whatever happened to its network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.jobs_coverage import JOBS, some_points, uneven
from sim.errors import DataError
from sim.geo.grid import Grid
from sim.radio.coverage import Coverage, coverage
from sim.radio.live import LiveCoverage
from sim.radio.sites import Sites

NAMES = ("best_dbm", "server", "second_dbm", "total_mw")


@pytest.fixture(scope="module")
def small() -> tuple[Grid, Sites]:
    return JOBS["small"].make()


@pytest.fixture(params=["raster", "points"])
def receivers(request, small):
    return small[0] if request.param == "raster" else some_points(small[0], 2000)


def only(sites: Sites, rows: np.ndarray) -> tuple[Sites, np.ndarray]:
    """Return some sites alone and the row that each of their sectors has in the whole table."""
    spans = [np.arange(sites.first_sector[row], sites.first_sector[row + 1]) for row in rows]
    sectors = np.concatenate(spans)
    return replace(
        sites,
        x_m=sites.x_m[rows],
        y_m=sites.y_m[rows],
        height_m=sites.height_m[rows],
        radius_m=sites.radius_m[rows],
        law=sites.law.take(rows),
        first_sector=np.concatenate([[0], np.cumsum([len(span) for span in spans])]),
        azimuth_deg=sites.azimuth_deg[sectors],
        downtilt_deg=sites.downtilt_deg[sectors],
        eirp_dbm=sites.eirp_dbm[sectors],
    ), sectors


def assert_afresh(live: LiveCoverage, receivers, sites: Sites) -> None:
    """The map to a hundredth of a dB, and the same servers."""
    part, sectors = only(sites, np.flatnonzero(live.active))
    fresh, now = coverage(receivers, part), live.coverage()
    server = np.where(fresh.server < 0, -1, sectors[fresh.server])
    assert np.array_equal(now.server, server)
    for name in ("best_dbm", "second_dbm"):
        assert np.array_equal(np.round(getattr(now, name), 2), np.round(getattr(fresh, name), 2)), name
    heard = fresh.total_mw > 0.0
    assert np.array_equal(now.total_mw > 0.0, heard)
    apart = 10.0 * np.log10(now.total_mw[heard] / fresh.total_mw[heard])
    assert np.abs(apart).max(initial=0.0) < 0.001


@pytest.mark.parametrize("make", [lambda sites: sites, uneven])
def test_sites_come_and_go(receivers, small, make):
    sites = make(small[1])
    live = LiveCoverage(receivers, sites, active=np.arange(40) % 2 == 0)
    assert_afresh(live, receivers, sites)
    live.add([7, 3, 1, 2])
    assert_afresh(live, receivers, sites)
    live.remove([0, 7, 38, 39])
    assert_afresh(live, receivers, sites)
    live.add(range(40))
    assert_afresh(live, receivers, sites)


def test_nothing_active_is_heard_nowhere(receivers, small):
    live = LiveCoverage(receivers, small[1])
    assert (live.coverage().server == -1).all()
    live.add([4])
    live.remove([4])
    now = live.coverage()
    assert (now.server == -1).all()
    assert (now.total_mw == 0.0).all()
    assert (now.best_dbm == -np.inf).all()


def test_sites_are_retuned(receivers, small):
    sites = small[1]
    live = LiveCoverage(receivers, sites, active=np.arange(40) < 30)
    turned = replace(
        sites,
        x_m=sites.x_m + np.where(np.arange(40) == 2, 700.0, 0.0),
        azimuth_deg=sites.azimuth_deg + np.where(np.arange(120) // 3 == 5, 40.0, 0.0),
        downtilt_deg=sites.downtilt_deg + np.where(np.arange(120) == 6, 3.0, 0.0),
    )
    live.retune(turned, [2, 5])
    assert_afresh(live, receivers, turned)
    live.add([35])
    assert_afresh(live, receivers, turned)


def test_only_what_is_touched_changes(small):
    grid, sites = small
    live = LiveCoverage(grid, sites, active=np.arange(40) != 11)
    before = live.coverage()
    rows, columns = live.add([11])
    after = live.coverage()
    outside = np.ones(grid.shape, dtype=bool)
    outside[rows, columns] = False
    reach = grid.window(sites.x_m[11], sites.y_m[11], sites.radius_m[11])
    assert columns == reach[1]
    for name in NAMES:
        assert np.array_equal(getattr(before, name)[outside], getattr(after, name)[outside])
    assert (before.total_mw != after.total_mw).any()
    part = live.coverage((rows, columns))
    for name in NAMES:
        assert np.array_equal(getattr(part, name), getattr(after, name)[rows, columns])


def test_points_touched_are_those_in_reach(small):
    grid, sites = small
    points = some_points(grid, 2000)
    live = LiveCoverage(points, sites)
    touched = live.add([11])
    away = np.hypot(points.x_m - sites.x_m[11], points.y_m - sites.y_m[11])
    assert np.array_equal(touched, np.flatnonzero(away <= sites.radius_m[11]))
    part = live.coverage(touched)
    assert isinstance(part, Coverage)
    assert np.isfinite(part.best_dbm).all()


def test_a_gain_is_what_adding_would_bring(receivers, small):
    sites = small[1]
    live = LiveCoverage(receivers, sites, active=np.arange(40) < 20)
    before = live.coverage()
    weight = np.random.default_rng(0).random(before.best_dbm.shape)
    gains = []
    for row in (25, 31, 39):
        gain = live.gain_if_added(row, -95.0, weight)
        gains.append(gain)
        now = live.coverage()
        for name in NAMES:
            assert np.array_equal(getattr(before, name), getattr(now, name))
        live.add([row])
        reached = np.round(live.coverage().best_dbm, 2) >= -95.0
        lifted = reached & ~(np.round(before.best_dbm, 2) >= -95.0)
        assert gain == pytest.approx(weight[lifted].sum(), rel=1e-3)
        assert live.gain_if_added(row, -95.0, weight) == 0.0
        live.remove([row])
    assert max(gains) > 0.0


def test_equal_sites_keep_their_order_whenever_they_come(small):
    grid, sites = small
    twins = replace(
        sites,
        x_m=np.repeat(sites.x_m[:20], 2),
        y_m=np.repeat(sites.y_m[:20], 2),
        height_m=np.repeat(sites.height_m[:20], 2),
        law=sites.law.take(np.repeat(np.arange(20), 2)),
        azimuth_deg=np.repeat(sites.azimuth_deg[:60].reshape(20, 3), 2, axis=0).ravel(),
        downtilt_deg=np.repeat(sites.downtilt_deg[:60].reshape(20, 3), 2, axis=0).ravel(),
        eirp_dbm=np.repeat(sites.eirp_dbm[:60].reshape(20, 3), 2, axis=0).ravel(),
    )
    live = LiveCoverage(grid, twins)
    for row in np.random.default_rng(0).permutation(40):
        live.add([row])
    assert_afresh(live, grid, twins)


def test_wrong_rows_and_tables_are_named(small):
    grid, sites = small
    live = LiveCoverage(grid, sites)
    with pytest.raises(DataError, match="there are 40 sites"):
        live.add([40])
    fewer, _ = only(sites, np.arange(39))
    with pytest.raises(DataError, match="keep all sectors"):
        live.retune(fewer, [0])
