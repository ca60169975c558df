"""Which path-loss model answers for a site: the table, its seams and what it does where none is valid."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import DataError, ValidityWarning
from sim.radio.clutter import statistical_clutter_db
from sim.radio.pathloss import (
    PATH_LOSS_MODELS,
    Cost231Hata,
    FreeSpace,
    OkumuraHata,
    Tr38901Rma,
    Tr38901Uma,
    Tr38901Umi,
)
from sim.radio.selection import ALL, MODEL_CHOICE, SEAM_DB, choose, choose_model, receiver_clutter_db
from sim.radio.terrain import delta_bullington_db

SEAM_M = np.geomspace(100.0, 5000.0, 60)
SERVED_M = np.geomspace(1000.0, 5000.0, 30)


@pytest.mark.parametrize(
    ("mhz", "environment", "wanted"),
    [
        (450.0, "open", OkumuraHata(frequency_mhz=450.0, base_height_m=40.0, environment="open")),
        (900.0, "urban", OkumuraHata(frequency_mhz=900.0, base_height_m=40.0, environment="urban")),
        (1880.0, "suburban", Cost231Hata(frequency_mhz=1880.0, base_height_m=40.0, environment="suburban")),
        (2600.0, "urban", Tr38901Uma(frequency_mhz=2600.0, base_height_m=40.0)),
        (2600.0, "suburban", Tr38901Rma(frequency_mhz=2600.0, base_height_m=40.0)),
        (3500.0, "open", Tr38901Rma(frequency_mhz=3500.0, base_height_m=40.0, line_of_sight=True)),
        (26_000.0, "urban", Tr38901Uma(frequency_mhz=26_000.0, base_height_m=40.0)),
        (60_000.0, "suburban", FreeSpace(frequency_mhz=60_000.0)),
        (49.0, "urban", FreeSpace(frequency_mhz=49.0)),
    ],
)
def test_bands_of_a_40_m_mast(mhz, environment, wanted):
    assert choose_model(mhz, environment, 40.0) == wanted


def test_every_parameter_arrives():
    model = choose_model(1800.0, "urban", 25.0, 3.0, city="large")
    assert model == Cost231Hata(frequency_mhz=1800.0, base_height_m=25.0, terminal_height_m=3.0, city="large")


def test_the_size_of_a_city_is_a_matter_of_its_streets():
    assert choose_model(1800.0, "open", 25.0, city="large") == choose_model(1800.0, "open", 25.0)


def test_low_antennas_in_cities_stand_among_the_roofs():
    assert isinstance(choose_model(3500.0, "urban", 10.0), Tr38901Umi)
    assert isinstance(choose_model(3500.0, "urban", 15.0), Tr38901Uma)


def test_a_shared_edge_of_two_bands_belongs_to_the_first():
    assert choose(1500.0, "urban", 30.0).model == "okumura_hata"
    assert choose(2000.0, "urban", 30.0).model == "cost231_hata"
    assert choose(150.0, "urban", 30.0).model == "okumura_hata"


@pytest.mark.parametrize("mhz", [2300.0, 2600.0])
def test_open_country_above_2_ghz_beyond_10_km_is_left_to_free_space_and_terrain(mhz):
    near, far = (choose_model(mhz, "open", 40.0, reach_m=reach) for reach in (10_000.0, 10_001.0))
    assert (near.terrain, far.terrain) == ("excess", "full")
    assert isinstance(far, FreeSpace)
    assert receiver_clutter_db(far, "open", [500.0, 12_000.0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("mhz", [2300.0, 2600.0, 3500.0])
@pytest.mark.parametrize("base_m", [20.0, 35.0, 50.0])
def test_in_open_country_the_two_meet_within_14_db_at_10_km(mhz, base_m):
    """Over smooth earth: free space and all of its diffraction against line of sight with its ground."""
    near, far = (choose_model(mhz, "open", base_m, reach_m=reach) for reach in (10_000.0, 10_001.0))
    distance = np.linspace(0.0, 10_000.0, 101)
    bulge_db = delta_bullington_db(
        distance,
        np.zeros(101),
        base_height_m=base_m,
        terminal_height_m=1.5,
        frequency_mhz=mhz,
        effective_earth_radius_m=8.5e6,
    )
    step = far.loss_db(10_000.0) + bulge_db - near.loss_db(10_000.0)
    assert -14.0 <= step <= 0.0


@pytest.mark.parametrize("mhz", [2300.0, 2600.0, 3500.0])
def test_free_space_with_clutter_would_say_too_little_of_a_city(mhz):
    """Why the urban models go on beyond 5 km: the other choice would lose 20 to 24 dB less there."""
    free = FreeSpace(frequency_mhz=mhz)
    other = free.loss_db(5_000.0) + receiver_clutter_db(free, "urban", 5_000.0)
    assert 20.0 < choose_model(mhz, "urban", 30.0).loss_db(5_000.0) - other < 24.0


def test_cities_keep_their_model_beyond_its_range_and_say_so():
    model = choose_model(2600.0, "urban", 30.0, reach_m=15_000.0)
    with pytest.warns(ValidityWarning, match="50% of distances lie outside"):
        loss = model.loss_db([5_000.0, 15_000.0])
    assert loss[1] - loss[0] == pytest.approx(39.08 * np.log10(3.0), abs=0.01)


@pytest.mark.parametrize("environment", ALL)
@pytest.mark.parametrize("mhz", [100.0, 900.0, 1800.0, 2600.0])
def test_beyond_20_km_nothing_empirical_is_left(mhz, environment):
    assert isinstance(choose_model(mhz, environment, 50.0, reach_m=35_000.0), FreeSpace)


def test_clutter_is_added_where_the_model_has_none():
    free = FreeSpace(frequency_mhz=2600.0)
    distance = np.array([[100.0, 250.0], [1000.0, 30_000.0]])
    found = receiver_clutter_db(free, "suburban", distance)
    assert found.shape == (2, 2)
    assert found[0, 0] == found[0, 1] == statistical_clutter_db(2600.0, 250.0)
    assert found[1, 1] == statistical_clutter_db(2600.0, 30_000.0)
    assert not receiver_clutter_db(Tr38901Uma(frequency_mhz=2600.0), "urban", distance).any()
    assert (
        receiver_clutter_db(free, "urban", distance, 0.9) > receiver_clutter_db(free, "urban", distance)
    ).all()


@pytest.mark.parametrize("base_m", [20.0, 25.0, 30.0, 40.0, 50.0])
@pytest.mark.parametrize("environment", ALL)
@pytest.mark.parametrize("city", ["medium", "large"])
@pytest.mark.parametrize("edge_mhz", [1500.0, 2000.0])
def test_neighbouring_bands_meet_within_the_stated_step(base_m, environment, city, edge_mhz):
    low, high = (choose_model(mhz, environment, base_m, city=city) for mhz in (edge_mhz, edge_mhz + 1e-6))
    assert type(low) is not type(high)
    step = high.law().loss_db(0, SEAM_M) - low.law().loss_db(0, SEAM_M)
    assert np.abs(step).max() <= SEAM_DB


@pytest.mark.parametrize("mhz", [2100.0, 2600.0, 3500.0, 4900.0])
def test_antennas_about_15_m_meet_within_the_stated_step(mhz):
    low, high = (choose_model(mhz, "urban", base_m) for base_m in (15.0 - 1e-9, 15.0))
    step = high.law().loss_db(0, SEAM_M) - low.law().loss_db(0, SEAM_M)
    assert np.abs(step).max() <= SEAM_DB


@pytest.mark.parametrize(("environment", "most_db"), [("urban", 6.0), ("suburban", 6.0), ("open", 9.0)])
def test_the_steps_that_the_table_states_at_2_ghz(environment, most_db):
    for base_m in (20.0, 30.0, 50.0):
        low, high = (choose_model(mhz, environment, base_m) for mhz in (2000.0, 2000.1))
        step = high.law().loss_db(0, SERVED_M) - low.law().loss_db(0, SERVED_M)
        assert np.abs(step).max() <= most_db


@pytest.mark.parametrize("mhz", [900.0, 1800.0, 2600.0, 3500.0])
def test_denser_surroundings_lose_more(mhz):
    open_db, suburban_db, urban_db = (
        choose_model(mhz, environment, 30.0).law().loss_db(0, np.geomspace(200.0, 5000.0, 40))
        for environment in ("open", "suburban", "urban")
    )
    assert (open_db < suburban_db).all()
    assert (suburban_db < urban_db).all()


@settings(deadline=None)
@given(
    st.floats(1.0, 300_000.0),
    st.sampled_from(ALL),
    st.floats(1.0, 300.0),
    st.floats(0.5, 30.0),
    st.floats(0.0, 100_000.0),
)
def test_every_site_has_a_model_that_rises_with_distance(mhz, environment, base_m, terminal_m, reach_m):
    model = choose_model(mhz, environment, base_m, terminal_m, reach_m=reach_m)
    loss = model.law().loss_db(0, np.geomspace(10.0, 100_000.0, 300))
    assert np.isfinite(loss).all()
    assert (np.diff(loss) > 0.0).all()


def test_nothing_is_said_of_a_row_inside_its_own_range():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for row in MODEL_CHOICE:
            for environment in row.environments:
                mhz = float(np.sqrt(np.prod(np.clip(row.mhz, 150.0, 100_000.0))))
                base_m = 10.0 if np.isfinite(row.below_m) else 35.0
                model = choose_model(mhz, environment, base_m)
                model.loss_db(np.array(model.valid_m))


def test_the_table_gives_reasons_and_known_models():
    for row in MODEL_CHOICE:
        assert row.model in PATH_LOSS_MODELS
        assert row.reason.endswith(".")
        assert row.mhz[0] < row.mhz[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.5, "urban", 30.0), r"frequency_mhz: is 0\.5: outside every model \(1 to 300000 MHz\)"),
        ((0.0, "urban", 0.0), "base_height_m: is 0, but must be above 0"),
        ((float("nan"), "urban", 30.0), "frequency_mhz: is nan"),
        ((900.0, "jungle", 30.0), "environment: is 'jungle', not one of urban, suburban, open"),
        ((900.0, "urban", 30.0, 0.0), "terminal_height_m: is 0"),
        ((900.0, "urban", 30.0, float("nan")), "terminal_height_m: is nan"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(DataError, match=message):
        choose_model(*arguments)


def test_all_mistakes_at_once():
    with pytest.raises(DataError) as caught:
        choose_model(-1.0, "jungle", 0.0)
    assert [problem.key for problem in caught.value.problems] == [
        "frequency_mhz",
        "base_height_m",
        "environment",
    ]
