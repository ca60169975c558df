"""What points receive month by month."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.radio.coverage import coverage
from sim.radio.pairs import pairs_above
from sim.radio.receivers import Points
from sim.radio.series import point_series
from tests.radio.small_network import network

MONTHS = 6


@pytest.fixture(scope="module")
def sites():
    return replace(network(count=40), radius_m=np.full(40, 9000.0))


@pytest.fixture(scope="module")
def points():
    draw = np.random.default_rng(2)
    return Points(draw.uniform(0, 20_000, 700), draw.uniform(0, 20_000, 700))


@pytest.fixture(scope="module")
def on_air():
    return np.random.default_rng(3).integers(-1, MONTHS + 2, 40)


def some(sites, rows):
    first = sites.first_sector[rows]
    sectors = (first[:, None] + np.arange(3)).ravel()
    return replace(
        sites,
        **{name: getattr(sites, name)[rows] for name in ("x_m", "y_m", "height_m", "radius_m")},
        **{name: getattr(sites, name)[sectors] for name in ("azimuth_deg", "downtilt_deg", "eirp_dbm")},
        law=sites.law.take(rows),
        first_sector=np.arange(len(rows) + 1) * 3,
    ), sectors


def test_each_month_is_the_map_of_the_sites_on_air(sites, points, on_air):
    found = point_series(sites, on_air, points, MONTHS)
    for month in range(MONTHS):
        now, sectors = some(sites, np.flatnonzero(on_air <= month))
        wanted = coverage(points, now)
        heard = wanted.server >= 0
        assert np.array_equal(found.server[month] >= 0, heard)
        np.testing.assert_allclose(found.best_dbm[month][heard], wanted.best_dbm[heard], atol=0.02)
        assert (found.server[month][heard] == sectors[wanted.server[heard]]).mean() > 0.995
        np.testing.assert_allclose(found.total_mw[month], wanted.total_mw, rtol=5e-3)


def test_a_point_that_a_plan_counts_is_covered_here(sites, points, on_air):
    wanted = np.full(len(points), -95.0)
    pairs = pairs_above(sites, points.x_m, points.y_m, wanted)
    first = np.full(len(points), MONTHS)
    np.minimum.at(first, pairs.point, np.maximum(on_air, 0)[pairs.site])
    found = point_series(sites, on_air, points, MONTHS)
    covered = np.round(found.best_dbm, 2) >= np.float32(-95.0)
    for month in range(MONTHS):
        assert np.array_equal(covered[month], first <= month)


def test_power_never_falls_while_a_network_grows(sites, points, on_air):
    found = point_series(sites, on_air, points, MONTHS)
    assert (found.best_dbm[1:] >= found.best_dbm[:-1]).all()
    assert (np.diff(found.total_mw, axis=0) >= 0).all()


def test_of_two_equal_sectors_the_first_serves(sites, points):
    one, _ = some(sites, np.array([4]))
    twice = type(one).stack([one, one])
    found = point_series(twice, np.array([0, 0]), points, 1)
    alone = point_series(one, np.array([0]), points, 1)
    assert np.array_equal(found.server, alone.server)


def test_what_is_too_weak_may_be_left_out_and_nothing_else(sites, points, on_air):
    whole = point_series(sites, on_air, points, MONTHS)
    silent = np.where(np.arange(len(points)) % 2 == 0, -110.0, -100.0)
    part = point_series(sites, on_air, points, MONTHS, silent_dbm=silent)
    loud = whole.best_dbm >= silent
    assert np.array_equal(part.best_dbm[loud], whole.best_dbm[loud])
    assert (part.total_mw <= whole.total_mw * (1 + 1e-6)).all()


class Hill:
    """Ten decibels west of a line."""

    def loss_db(self, site, x_m, y_m):
        return np.where(x_m < 10_000, 10.0, 0.0).astype(np.float32)


def test_hills_are_subtracted(sites, points, on_air):
    flat = point_series(sites, on_air, points, MONTHS)
    hilly = point_series(sites, on_air, points, MONTHS, terrain=Hill())
    heard = flat.server[-1] >= 0
    west = points.x_m < 10_000
    np.testing.assert_allclose(
        flat.best_dbm[-1][heard] - hilly.best_dbm[-1][heard], np.where(west, 10.0, 0.0)[heard], atol=1e-4
    )


def test_no_site_and_no_point_give_nothing(sites, points):
    never = np.full(40, MONTHS)
    assert (point_series(sites, never, points, MONTHS).server == -1).all()
    nowhere = Points(np.empty(0), np.empty(0))
    assert point_series(sites, never * 0, nowhere, MONTHS).best_dbm.shape == (MONTHS, 0)
