"""Pairs of site and point against every pair computed one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.radio.pairs import pairs_above
from tests.radio.small_network import PATTERN, network

SITES = network()
DRAW = np.random.default_rng(5)
X, Y = DRAW.uniform(0, 20_000, 400), DRAW.uniform(0, 20_000, 400)
WANTED = DRAW.uniform(-125, -105, 400)


def received(site: int, point: int) -> float:
    """Return the best sector's power from the formulas, one pair."""
    dx, dy = X[point] - SITES.x_m[site], Y[point] - SITES.y_m[site]
    distance = math.hypot(dx, dy)
    down = math.degrees(math.atan2(SITES.height_m[site] - SITES.terminal_height_m, distance))
    best = -math.inf
    for sector in range(SITES.first_sector[site], SITES.first_sector[site + 1]):
        gain = PATTERN.gain_db(
            math.degrees(math.atan2(dx, dy)) - SITES.azimuth_deg[sector], SITES.downtilt_deg[sector] - down
        )
        best = max(best, SITES.eirp_dbm[sector] + float(gain) - PATTERN.gain_dbi)
    return best - float(SITES.law.loss_db(site, distance))


class Hill:
    """A ridge that takes the same from every pair whose point lies east of it."""

    def loss_db(self, site, x_m, y_m):
        return np.where(x_m > 10_000, np.float32(12.0), np.float32(0.0))


@pytest.mark.parametrize("terrain", [None, Hill()])
def test_pairs_are_those_of_the_formulas(terrain):
    expected = {}
    for site in range(len(SITES)):
        for point in range(len(X)):
            distance = math.hypot(X[point] - SITES.x_m[site], Y[point] - SITES.y_m[site])
            power = received(site, point) - (12.0 if terrain is not None and X[point] > 10_000 else 0.0)
            if distance <= SITES.radius_m[site] and round(power, 2) >= round(WANTED[point], 2):
                expected[(site, point)] = power
    pairs = pairs_above(SITES, X, Y, WANTED, terrain)
    assert 200 < len(pairs) < 3000
    assert list(zip(pairs.site.tolist(), pairs.point.tolist(), strict=True)) == sorted(expected)
    power = [expected[key] for key in sorted(expected)]
    np.testing.assert_allclose(pairs.received_dbm, power, atol=0.006)


def test_blocks_change_nothing(monkeypatch):
    whole = pairs_above(SITES, X, Y, WANTED)
    monkeypatch.setattr("sim.radio.pairs._BLOCK", 3)
    parts = pairs_above(SITES, X, Y, WANTED)
    for name in ("site", "point", "received_dbm"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def test_nothing_reaches_nobody():
    assert len(pairs_above(network(count=0), X, Y, WANTED)) == 0
    assert len(pairs_above(SITES, X[:0], Y[:0], WANTED[:0])) == 0


def test_a_point_may_want_nothing_or_take_anything():
    wanted = WANTED.copy()
    wanted[:100], wanted[100:200] = np.inf, -np.inf
    pairs = pairs_above(SITES, X, Y, wanted)
    assert pairs.point.min() >= 100
    near = [
        (site, point)
        for site in range(len(SITES))
        for point in range(100, 200)
        if math.hypot(X[point] - SITES.x_m[site], Y[point] - SITES.y_m[site]) <= SITES.radius_m[site]
    ]
    mine = (pairs.point >= 100) & (pairs.point < 200)
    assert list(zip(pairs.site[mine].tolist(), pairs.point[mine].tolist(), strict=True)) == near
