"""The compiled loops against the same sums in double precision, and their bits against themselves."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled loops need numba (extra fast)")

from sim.geo.grid import Grid
from sim.radio import fast_math
from sim.radio.antenna import PATTERNS, MeasuredPattern
from sim.radio.fast import fast_coverage
from sim.radio.fast_math import compiled
from sim.radio.law import LossLaw
from tests.conftest import ROOT
from tests.radio.small_network import network

GRID = Grid(-1_000.0, 21_000.0, 100.0, 215, 227)
"""Neither side is a multiple of a tile's."""


def plain(grid, sites, terrain=None):
    """Return best power, its sector, second power and sum: every pixel with every sector, in float64."""
    x, y = grid.eastings_m()[None], grid.northings_m()[:, None]
    best, second = np.full(grid.shape, -np.inf), np.full(grid.shape, -np.inf)
    server, total = np.full(grid.shape, -1), np.zeros(grid.shape)
    for i in range(len(sites)):
        dx, dy = x - sites.x_m[i], y - sites.y_m[i]
        distance = np.hypot(dx, dy)
        loss = sites.law.loss_db(i, distance)
        if terrain is not None:
            rows, columns, half_db = terrain.window(i)
            loss[rows, columns] += 0.5 * half_db
        bearing = np.degrees(np.arctan2(dx, dy))
        elevation = -np.degrees(np.arctan2(sites.height_m[i] - sites.terminal_height_m, distance))
        for s in range(sites.first_sector[i], sites.first_sector[i + 1]):
            off = bearing - sites.azimuth_deg[s], elevation + sites.downtilt_deg[s]
            power = sites.eirp_dbm[s] + sites.pattern.relative_db(*off) - loss
            power[distance > sites.radius_m[i]] = -np.inf
            second = np.maximum(second, np.minimum(best, power))
            server = np.where(power > best, s, server)
            best = np.maximum(best, power)
            total += 10.0 ** (power / 10.0)
    return best, server, second, total


def regular(sites):
    """Return sites whose sectors are alike."""
    many = int(sites.first_sector[1])
    return replace(sites, eirp_dbm=np.repeat(sites.eirp_dbm[::many], many))


def rural(sites):
    """Return sites with two slopes that cross, a linear term and a third piece."""
    count, decade = len(sites), 1.0 / (2.0 * np.log(10.0))
    return replace(
        sites,
        law=LossLaw(
            np.tile([30.5, 30.5 - 18.0 * np.log10(880.0), 18.0], (count, 1)),
            np.tile(np.array([20.9, 40.0, 38.6]) * decade, (count, 1)),
            np.full(count, 0.003),
            np.full(count, 880.0),
            np.full(count, 33.5),
        ),
    )


class Hills:
    """Windows of seeded losses."""

    def __init__(self, grid, sites):
        draw = np.random.default_rng(7)
        self.windows = []
        for x, y, radius in zip(sites.x_m, sites.y_m, sites.radius_m, strict=True):
            rows, columns = grid.window(x, y, radius)
            shape = rows.stop - rows.start, columns.stop - columns.start
            self.windows.append((rows, columns, draw.integers(0, 120, shape).astype(np.uint8)))

    def window(self, site):
        return self.windows[site]


CASES = {
    "uneven powers": network(),
    "regular": regular(network()),
    "one sector": network(sectors=1),
    "two alike": regular(network(sectors=2)),
    "six alike, not all at the cap": regular(network(sectors=6)),
    "rural": rural(regular(network(seed=2))),
    "without elevation": replace(regular(network(seed=3)), pattern=PATTERNS["tr36942"]),
}


def assert_same(found, wanted, db=0.01, servers=0.999):
    best, server, second, total = found
    heard = np.isfinite(wanted[0])
    assert (np.isfinite(best) == heard).mean() > 0.9999
    both = heard & np.isfinite(best) & np.isfinite(second) & np.isfinite(wanted[2])
    assert both.sum() > 1000
    assert np.abs(best[both] - wanted[0][both]).max() < db
    assert np.abs(second[both] - wanted[2][both]).max() < db
    assert np.abs(10.0 * np.log10(total[both] / wanted[3][both])).max() < db
    assert (server == wanted[1]).mean() > servers
    assert (server[~np.isfinite(best)] == -1).all()


@pytest.mark.parametrize("name", CASES)
def test_every_pixel_is_that_of_the_plain_sums(name):
    assert_same(fast_coverage(GRID, CASES[name]), plain(GRID, CASES[name]))


def test_losses_over_terrain_are_taken_from_each_sites_window():
    sites = CASES["regular"]
    hills = Hills(GRID, sites)
    assert_same(fast_coverage(GRID, sites, terrain=hills), plain(GRID, sites, hills))


def test_a_measured_pattern_is_read_between_whole_degrees():
    around = np.minimum(np.arange(360), 360 - np.arange(360))
    measured = MeasuredPattern(
        **PATTERNS["tr36814"].model_dump(),
        horizontal_db=tuple(np.minimum(around**2 / 400.0, 28.0) + 0.3 * np.sin(np.arange(360)) ** 2),
        vertical_db=tuple(np.minimum(around**2 / 9.0, 22.0)),
        electrical_tilt_deg=2.0,
    )
    sites = replace(regular(network()), pattern=measured)
    assert_same(fast_coverage(GRID, sites), plain(GRID, sites))
    assert_same(fast_coverage(GRID, sites, two_level=True), plain(GRID, sites), db=0.1)


def test_without_numba_the_error_says_what_to_install():
    script = (
        "import sys; sys.modules['numba'] = None\n"
        "from sim.errors import DataError\n"
        "try:\n    import sim.radio.fast\n"
        "except DataError as error:\n    assert 'rollout-planner[fast]' in str(error); sys.exit(7)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 7


def shuffled(sites, seed=5):
    """Return the same sites in another order, and the row of each new sector before."""
    order = np.random.default_rng(seed).permutation(len(sites))
    count = np.diff(sites.first_sector)
    rows = np.concatenate(
        [np.arange(a, a + n) for a, n in zip(sites.first_sector[order], count[order], strict=True)]
    )
    return replace(
        sites,
        **{name: getattr(sites, name)[order] for name in ("x_m", "y_m", "height_m", "radius_m")},
        law=sites.law.take(order),
        first_sector=np.concatenate([[0], np.cumsum(count[order])]),
        **{name: getattr(sites, name)[rows] for name in ("azimuth_deg", "downtilt_deg", "eirp_dbm")},
    ), rows


def interference_db(best_dbm, total_mw):
    """Return the power of all but the best [dBm], NaN where there is none to speak of."""
    best = 10.0 ** (np.asarray(best_dbm, np.float64) / 10.0)
    rest = np.asarray(total_mw, np.float64) - best
    # single precision has no more digits of the sum
    return np.where(rest > 1e-3 * best, 10.0 * np.log10(np.maximum(rest, 1e-30)), np.nan)


@pytest.mark.parametrize("name", CASES)
def test_two_levels_have_the_servers_of_all_pairs_and_nearly_their_interference(name):
    sites = CASES[name]
    found, wanted = fast_coverage(GRID, sites, two_level=True), plain(GRID, sites)
    assert_same(found, wanted, db=0.1)
    both = np.isfinite(wanted[0]) & np.isfinite(found[0])
    assert np.abs(found[0][both] - wanted[0][both]).max() < 0.01
    off = interference_db(found[0][both], found[3][both]) - interference_db(wanted[0][both], wanted[3][both])
    assert np.abs(off[np.isfinite(off)]).max() < 0.1


def test_two_levels_with_terrain_compute_every_pair():
    sites = CASES["regular"]
    hills = Hills(GRID, sites)
    both = (fast_coverage(GRID, sites, terrain=hills, two_level=two_level) for two_level in (False, True))
    for one, other in zip(*both, strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("two_level", [False, True])
@pytest.mark.parametrize("name", ["regular", "uneven powers"])
def test_threads_and_the_order_of_rows_change_no_bit(name, two_level):
    sites = CASES[name]
    once = fast_coverage(GRID, sites, two_level=two_level)
    mixed, rows = shuffled(sites)
    for again, names in (
        (fast_coverage(GRID, sites, two_level=two_level, threads=2), np.arange(sites.sectors)),
        (fast_coverage(GRID, mixed, two_level=two_level), rows),
    ):
        for index in (0, 2, 3):
            assert again[index].tobytes() == once[index].tobytes()
        assert np.array_equal(np.append(names, -1)[again[1]], once[1])


def test_a_network_without_sites_or_sectors_is_silent():
    none = network(sectors=3)
    empty = replace(
        none,
        first_sector=np.zeros(len(none) + 1, np.int64),
        **{name: np.zeros(0) for name in ("azimuth_deg", "downtilt_deg", "eirp_dbm")},
    )
    best, server, second, total = fast_coverage(GRID, empty)
    assert np.isneginf(best).all()
    assert np.isneginf(second).all()
    assert (server == -1).all()
    assert not total.any()


def test_beyond_the_radius_nothing_is_received():
    best, server, _, total = fast_coverage(GRID, CASES["regular"])
    x, y = GRID.eastings_m()[None], GRID.northings_m()[:, None]
    sites = CASES["regular"]
    inside = np.zeros(GRID.shape, bool)
    for i in range(len(sites)):
        inside |= np.hypot(x - sites.x_m[i], y - sites.y_m[i]) <= sites.radius_m[i]
    assert 0.01 < (~inside).mean() < 0.95
    assert np.array_equal(np.isfinite(best), inside)
    assert np.array_equal(server >= 0, inside)
    assert np.array_equal(total > 0, inside)


@compiled
def _each(kind, values, others, out):
    for k in range(len(values)):
        if kind == 0:
            out[k] = fast_math.log2(values[k])
        elif kind == 1:
            out[k] = fast_math.exp2(values[k])
        elif kind == 2:
            out[k] = fast_math.turns(values[k], others[k])
        else:
            out[k] = fast_math.wrapped(values[k])


def evaluated(kind, values, others=None):
    values = np.asarray(values, np.float32)
    others = values if others is None else np.asarray(others, np.float32)
    out = np.empty_like(values)
    _each(kind, values, others, out)
    return values.astype(np.float64), others.astype(np.float64), out


def test_the_logarithm_is_as_near_as_it_says():
    x, _, found = evaluated(0, np.logspace(-6, 12, 200_001))
    assert np.abs(found - np.log2(x)).max() < 3e-6 + 2.0**-19


def test_the_power_of_two_is_as_near_as_it_says():
    x, _, found = evaluated(1, np.linspace(-120, 120, 200_001))
    assert np.abs(found / np.exp2(x) - 1.0).max() < 3e-6
    assert evaluated(1, [-1e4])[2][0] == pytest.approx(2.0**-120, rel=1e-4)


def test_directions_are_as_near_as_they_say_in_every_quarter():
    around = np.linspace(-np.pi, np.pi, 100_001)[1:]
    east, north, found = evaluated(2, 5e3 * np.sin(around), 5e3 * np.cos(around))
    off = found - np.arctan2(east, north) / (2.0 * np.pi)
    assert np.abs(off - np.rint(off)).max() < 2e-6
    assert evaluated(2, [0.0, 0.0, 0.0], [0.0, 3.0, -3.0])[2].tolist() == [0.0, 0.0, 0.5]


def test_angles_are_wrapped_to_half_a_turn():
    x, _, found = evaluated(3, np.linspace(-2.9, 2.9, 10_001))
    assert np.abs(found - (x - np.rint(x))).max() < 1e-6
