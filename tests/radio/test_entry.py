"""The way into buildings against published values of ITU-R P.2109 and TR 38.901."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import DataError, ValidityWarning
from sim.radio.entry import (
    CAR_LOSS_DB,
    CAR_SIGMA_DB,
    WALL_SIGMA_DB,
    building_entry_loss_db,
    indoor_loss_db,
    wall_loss_db,
)

BUILDINGS = np.array(["traditional", "efficient"])
WALLS = {"low": "low", "high": "high", "lowA": "low A"}


def columns(path):
    """Return the first five columns of a table whose header holds commas of its own."""
    return np.genfromtxt(path, delimiter=",", skip_header=1, usecols=range(5)).T


@pytest.mark.parametrize(
    ("name", "percent", "rows"),
    [("p2109_bel_formula.csv", 1.0, 64), ("p2109_building_entry_loss.csv", 100.0, 400)],
)
def test_building_entry_loss_as_published(vectors, name, percent, rows):
    ghz, share, kind, elevation, wanted = columns(vectors / name)
    assert len(ghz) == rows
    building = BUILDINGS[kind.astype(int) - 1]
    found = building_entry_loss_db(ghz * 1000, share / percent, building, elevation)
    assert found == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(
    ("mhz", "share", "building", "wanted_db"),
    [
        (700.0, 0.1, "traditional", 5.7192),
        (700.0, 0.5, "traditional", 14.1021),
        (700.0, 0.95, "traditional", 27.7953),
        (700.0, 0.5, "efficient", 31.5762),
        (4900.0, 0.9, "efficient", 50.9616),
        (800.0, 0.5, "traditional", 14.2),
        (800.0, 0.5, "efficient", 31.3),
    ],
)
def test_building_entry_losses_of_p2109(mhz, share, building, wanted_db):
    tolerance = 0.001 if mhz != 800.0 else 0.05
    assert building_entry_loss_db(mhz, share, building) == pytest.approx(wanted_db, abs=tolerance)


def test_steeper_paths_lose_more_either_way():
    """0.212 dB a degree on the median through the wall, which decides where much is lost."""
    flat, up, down = building_entry_loss_db(3500.0, 0.99, "efficient", [0.0, 30.0, -30.0])
    assert up == down
    assert up - flat == pytest.approx(0.212 * 30.0, abs=0.1)


def test_wall_losses_as_published(published):
    rows = published("tr38901_o2i_wall_loss.csv")
    assert len(rows) == 27
    for row in rows:
        wall = WALLS[row["model"]]
        found = wall_loss_db(float(row["f_GHz"]) * 1000, wall)
        assert found == pytest.approx(float(row["PL_tw_dB"]), abs=float(row["tol"]))
        assert WALL_SIGMA_DB[wall] == float(row["sigma_P_dB"])


@pytest.mark.parametrize(
    ("mhz", "wall", "wanted_db"),
    [
        (700.0, "low", 10.2367),
        (700.0, "high", 17.85914),
        (700.0, "low A", 6.4233),
        (4900.0, "high", 30.49227),
    ],
)
def test_wall_losses_of_table_7_4_3_2(mhz, wall, wanted_db):
    assert wall_loss_db(mhz, wall) == pytest.approx(wanted_db, abs=0.001)


def test_each_metre_indoors_costs_half_a_decibel():
    found = indoor_loss_db(2600.0, "low", [0.0, 10.0, 25.0])
    assert found - wall_loss_db(2600.0, "low") == pytest.approx([0.0, 5.0, 12.5])


def test_cars():
    assert (CAR_LOSS_DB["plain"], CAR_LOSS_DB["metallised"], CAR_SIGMA_DB) == (9.0, 20.0, 5.0)


def test_arrays_broadcast_and_agree_with_scalars():
    mhz = np.array([[800.0], [2600.0], [3500.0]])
    found = building_entry_loss_db(mhz, 0.7, BUILDINGS)
    assert found.shape == (3, 2)
    assert found[1, 1] == building_entry_loss_db(2600.0, 0.7, "efficient")
    walls = wall_loss_db(mhz, ["low", "high", "low A"])
    assert walls.shape == (3, 3)
    assert walls[2, 1] == wall_loss_db(3500.0, "high")
    assert indoor_loss_db(mhz, "low", np.zeros((3, 4))).shape == (3, 4)


@settings(deadline=None)
@given(st.floats(80.0, 100_000.0), st.sampled_from(list(BUILDINGS)))
def test_loss_rises_with_the_share_of_places(mhz, building):
    lost = building_entry_loss_db(mhz, np.linspace(0.001, 0.999, 200), building)
    assert (np.diff(lost) > 0.0).all()


@settings(deadline=None)
@given(st.floats(500.0, 100_000.0))
def test_coated_glass_and_concrete_lose_more_than_light_walls(mhz):
    low, high, light = wall_loss_db(mhz, ["low", "high", "low A"])
    assert light < low < high


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: building_entry_loss_db(800.0, 0.0), "probability: lies between 0 and 1"),
        (lambda: building_entry_loss_db(800.0, 1.0), "probability: lies between 0 and 1"),
        (lambda: building_entry_loss_db(800.0, 0.5, "igloo"), "building: is one of traditional, efficient"),
        (lambda: building_entry_loss_db(0.0), "frequency_mhz: is above 0"),
        (lambda: wall_loss_db(800.0, "paper"), "wall: is one of low, high, low A; given was paper"),
        (lambda: indoor_loss_db(800.0, "low", -1.0), "indoor_distance_m: is not negative"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_frequencies_outside_warn_and_still_answer():
    with pytest.warns(ValidityWarning, match="80 to 100000 MHz"):
        assert building_entry_loss_db(50.0) > 0.0
    with pytest.warns(ValidityWarning, match="500 to 100000 MHz"):
        assert wall_loss_db([450.0, 900.0]).shape == (2,)
