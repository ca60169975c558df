"""Diffraction over a profile: against published terms, and where each formula must be exactly zero."""

import json

import numpy as np
import pytest

from sim.errors import DataError
from sim.radio.diffraction import Ground, edge_parameter, knife_edge_db, smooth_earth_db, spherical_earth_db
from sim.radio.pathloss import FreeSpace
from sim.radio.terrain import Path, delta_bullington_db, diffraction_terms

TRUE_RADIUS_M = 6_371_000.0
SEA = 1


@pytest.fixture(scope="module")
def cases(vectors):
    """The validation cases of P.1812, with their profiles."""
    return json.loads((vectors / "p1812_validation.json").read_text())["cases"]


def terms(case, radius_m):
    """The loss by diffraction of a case, and the terms of it: Bullington, over the smooth Earth, spherical.

    A path partly over sea takes the residue series of sea and land by their shares.
    """
    distance = np.array(case["d_km"]) * 1000.0
    sea = (np.array(case["zone"]) == SEA).astype(float)
    share = float((np.diff(distance) * (sea[1:] + sea[:-1]) / 2).sum() / distance[-1])
    path = Path.of(distance, case["h_m"], case["htg"], case["hrg"])
    vertical = case["pol"] == 2
    found = [
        diffraction_terms(
            path, case["f_GHz"] * 1000.0, radius_m, ground=ground, clutter_m=np.array(case["R_m"], float)
        )
        for ground in (Ground(vertical=vertical), Ground(80.0, 5.0, vertical))
    ]
    spherical = (1.0 - share) * found[0].spherical_db + share * found[1].spherical_db
    actual, smooth = found[0].bullington_db, found[0].smooth_bullington_db
    return float(actual + max(spherical - smooth, 0.0)), actual, smooth, spherical, found[0]


def test_all_cases_of_p1812_agree_on_every_term(cases):
    """Bullington's and the spherical terms are published for the radius exceeded for little of the time."""
    assert len(cases) == 63
    for case in cases:
        known = {name.split()[0]: value for name, value in case["intermediate"].items()}
        loss, actual, smooth, spherical, found = terms(case, 3.0 * TRUE_RADIUS_M)
        pairs = {"Ldb": loss, "Lbulla": actual, "Lbulls": smooth, "Ldsph": spherical}
        pairs["Ld50"] = terms(case, known["ae"] * 1000.0)[0]
        for name, value in pairs.items():
            assert value == pytest.approx(known[name], abs=0.002), (case["case"], name)
        assert found.base_over_smooth_m == pytest.approx(known["hts"] - known["hstd"], abs=1e-3)
        assert found.terminal_over_smooth_m == pytest.approx(known["hrs"] - known["hsrd"], abs=1e-3)


def test_free_space_and_delta_bullington_are_p1812_at_half_of_the_time(cases):
    """On inland paths shorter than 70 km."""
    checked = 0
    for case in cases:
        inland = SEA not in case["zone"] and case["d_km"][-1] < 70.0
        if not inland or case["p"] != 50.0:
            continue
        known = {name.split()[0]: value for name, value in case["intermediate"].items()}
        loss = terms(case, known["ae"] * 1000.0)[0]
        across = np.hypot(case["d_km"][-1], (known["hts"] - known["hrs"]) / 1000.0) * 1000.0
        free = float(FreeSpace(frequency_mhz=case["f_GHz"] * 1000.0).loss_db(across))
        assert free + loss == pytest.approx(case["py1812_Lb_dB"], abs=0.1), case["case"]
        checked += 1
    assert checked >= 4


PUBLISHED_EDGE = {-3.0: 0.0, -0.78: 0.0, -0.7: 0.536124, -0.5: 1.95925, 0.0: 6.032852, 1.0: 13.925729,
                  2.4: 20.539266, 10.0: 32.855375}  # fmt: skip
"""ITU-R P.526-15, equation 31, evaluated independently."""


def test_a_knife_edge_is_as_published():
    nu = np.array(list(PUBLISHED_EDGE))
    np.testing.assert_allclose(knife_edge_db(nu), list(PUBLISHED_EDGE.values()), atol=1e-4)


def test_every_published_knife_edge(published):
    rows = published("p526_knife_edge.csv")
    assert len(rows) == 15
    for row in rows:
        known = float(next(value for name, value in row.items() if name.startswith("J_nu_dB")))
        assert float(knife_edge_db(float(row["nu"]))) == pytest.approx(known, abs=float(row["tol_dB"]))


def test_every_published_single_edge(published):
    rows = published("p526_single_edge_geometry.csv")
    assert len(rows) == 7
    for row in rows:
        ends = float(row["d1_km"]) * 1000.0, float(row["d2_km"]) * 1000.0
        nu = edge_parameter(float(row["h_m"]), *ends, 0.3 / float(row["f_GHz"]))
        assert float(nu) == pytest.approx(float(row["nu"]), rel=2e-3)
        assert float(knife_edge_db(nu)) == pytest.approx(float(row["J_dB"]), abs=float(row["tol_dB"]))


def test_float32_stays_float32():
    assert knife_edge_db(np.float32([0.0, 1.0])).dtype == np.float32
    d = np.float32([1000.0, 30_000.0])
    single = smooth_earth_db(d, (np.float32(30.0), np.float32(1.5)), 900.0)
    double = smooth_earth_db(d.astype(float), (30.0, 1.5), 900.0)
    assert all(loss.dtype == np.float32 for loss in single)
    np.testing.assert_allclose(single, double, atol=1e-3)


def test_smooth_earth_by_bullington_is_what_a_fine_profile_gives():
    distance = np.array([5_000.0, 20_000.0, 60_000.0])
    known = []
    for length in distance:
        along = np.linspace(0.0, length, 4001)
        known.append(diffraction_terms(Path.of(along, 0 * along, 30.0, 1.5), 900.0).smooth_bullington_db)
    np.testing.assert_allclose(smooth_earth_db(distance, (30.0, 1.5), 900.0)[1], known, atol=1e-3)


def test_loss_over_a_smooth_earth_grows_with_distance_and_falls_with_height():
    distance = np.geomspace(500.0, 100_000.0, 200)
    low, high = (spherical_earth_db(distance, (height, 1.5), 900.0) for height in (20.0, 60.0))
    assert (np.diff(low) >= -1e-9).all()
    assert (high <= low + 1e-9).all()
    assert low[0] == 0.0
    assert low[-1] > 60.0


def profile(ridge_m=0.0, points=101, length_m=20_000.0):
    distance = np.linspace(0.0, length_m, points)
    height = np.zeros(points)
    height[points // 2] = ridge_m
    return distance, height


def loss(distance, height, **changes):
    heights = {"base_height_m": 30.0, "terminal_height_m": 1.5, "frequency_mhz": 900.0} | changes
    return delta_bullington_db(distance, height, effective_earth_radius_m=8.5e6, **heights)


def test_a_batch_is_its_paths_one_by_one():
    rng = np.random.default_rng(4)
    distance = np.linspace(0.0, 12_000.0, 60)
    heights = rng.normal(0.0, 40.0, (20, 60)).cumsum(axis=1)
    base = rng.uniform(10.0, 50.0, 20)
    together = loss(distance, heights, base_height_m=base)
    single = [loss(distance, row, base_height_m=own) for row, own in zip(heights, base, strict=True)]
    np.testing.assert_array_equal(together, single)


def test_a_ridge_costs_more_the_higher_it_is_and_the_higher_the_frequency():
    by_height = [float(loss(*profile(ridge))) for ridge in (0.0, 50.0, 100.0, 200.0, 400.0)]
    assert by_height == sorted(by_height)
    assert by_height[-1] > by_height[0] + 15.0
    assert float(loss(*profile(200.0), frequency_mhz=2600.0)) > float(loss(*profile(200.0)))


def test_reciprocity():
    distance, height = profile()
    height[20], height[70] = 90.0, 60.0
    there = loss(distance, height, base_height_m=30.0, terminal_height_m=3.0)
    back = loss(distance, height[::-1], base_height_m=3.0, terminal_height_m=30.0)
    assert float(there) == pytest.approx(float(back), abs=1e-9)


def test_a_path_of_two_points_has_no_obstacle():
    assert float(loss([0.0, 100.0], [5.0, 5.0])) == 0.0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"base_height_m": 0.0}, "base_height_m"),
        ({"terminal_height_m": -1.5}, "terminal_height_m"),
        ({"frequency_mhz": 0.0}, "frequency_mhz"),
        ({"frequency_mhz": float("nan")}, "frequency_mhz"),
    ],
)
def test_what_no_formula_holds_for_is_named(changes, named):
    with pytest.raises(DataError, match=named):
        loss(*profile(), **changes)


def test_a_gap_in_the_profile_is_named():
    distance, height = profile()
    height[3] = np.nan
    with pytest.raises(DataError, match="fill gaps"):
        loss(distance, height)


def test_distances_must_ascend():
    distance, height = profile()
    with pytest.raises(DataError, match="must ascend"):
        loss(distance[::-1], height)
