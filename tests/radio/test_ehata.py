"""Extended Hata against published figures and its own anchors."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import DataError, ValidityWarning
from sim.radio.ehata import ExtendedHata

ENVIRONMENTS = {"22": "suburban", "24": "urban"}
"""By class of the National Land Cover Database."""
# MHz, km, base m, environment, dB: the reference program of NTIA (extended Hata, release 8238223), flat
# ground, terminal at 1.5 m, median.
PUBLISHED = [
    (1500, 2, 30, "suburban", 131.3158),
    (1500, 2, 30, "urban", 142.8158),
    (1500, 2, 50, "urban", 139.3124),
    (2600, 20, 30, "suburban", 172.9309),
    (2600, 20, 50, "urban", 180.8509),
    (2600, 20, 100, "urban", 174.1254),
    (3000, 2, 100, "suburban", 130.4292),
    (3000, 5, 50, "urban", 162.6221),
    (3000, 10, 100, "suburban", 152.6565),
    (3000, 20, 30, "urban", 188.9657),
]


def model(**changes):
    return ExtendedHata(**{"frequency_mhz": 2000.0, "base_height_m": 50.0} | changes)


@pytest.mark.parametrize(("mhz", "km", "base", "environment", "wanted"), PUBLISHED)
def test_published_figures(mhz, km, base, environment, wanted):
    link = model(frequency_mhz=mhz, base_height_m=base, environment=environment)
    assert link.loss_db(1000.0 * km) == pytest.approx(wanted, abs=0.01)


def test_every_published_row(published):
    rows = published("ehata_flat.csv")
    for row in rows:
        link = ExtendedHata(
            frequency_mhz=float(row["f_MHz"]),
            base_height_m=float(row["hb_m"]),
            terminal_height_m=float(row["hm_m"]),
            environment=ENVIRONMENTS[row["NLCD_env(22 suburban-class,24 urban)"]],
        )
        loss = link.loss_db(1000.0 * float(row["d_km"]), float(row["reliability"]))
        assert loss == pytest.approx(float(row["PL_dB"]), abs=0.01)
    assert len(rows) == 120


def test_anchor_of_okumura_at_one_kilometre():
    link = model(frequency_mhz=3000.0, base_height_m=200.0, terminal_height_m=3.0)
    ray_km = np.hypot(1.0, 0.197)
    free_space_db = 20.0 * np.log10(4e3 * np.pi * ray_km * 3e9 / 299_792_458.0)
    assert link.loss_db(1000.0) - free_space_db == pytest.approx(25.85, abs=1e-9)


@pytest.mark.parametrize("base", [30.0, 60.0, 200.0])
def test_the_break_point_joins_both_laws(base):
    link = model(base_height_m=base)
    end = link.break_point_m
    assert 1_000.0 < end < 100_000.0
    below, above = link.loss_db(np.array([end * (1.0 - 1e-9), end * (1.0 + 1e-9)]))
    # The near law holds the rise of its reference ray, 200 m down to 3 m over 1 km, the far law its own.
    rise_db = 20.0 * np.log10(np.hypot(1.0, 0.197))
    assert above - below == pytest.approx(-rise_db, abs=0.001)


def test_array_in_array_out_and_rising_with_distance():
    distance = np.geomspace(1_000.0, 100_000.0, 60).reshape(6, 10)
    loss = model().loss_db(distance)
    assert loss.shape == distance.shape
    rising = np.diff(loss.ravel()) > 0
    assert rising.all()


def test_open_ground_loses_less_than_suburbs_than_cities():
    rural, suburban, urban = (
        float(model(environment=word).loss_db(5e3)) for word in ("rural", "suburban", "urban")
    )
    assert rural < suburban < urban


def test_reliability_adds_the_spread_of_locations():
    link = model(environment="suburban")
    assert link.location_sigma_db == pytest.approx(9.5)
    assert link.loss_db(5e3, 0.9) - link.loss_db(5e3) == pytest.approx(1.2815516 * 9.5)


def test_heights_outside_the_curves_are_held():
    assert model(base_height_m=10.0).loss_db(5e3) == model(base_height_m=30.0).loss_db(5e3)


def test_outside_its_range_it_warns_and_answers():
    with pytest.warns(ValidityWarning, match="50% of distances"):
        assert np.isfinite(model().loss_db([0.0, 5e3])).all()
    with pytest.warns(ValidityWarning, match="900 MHz"):
        assert np.isfinite(model(frequency_mhz=900.0).loss_db(5e3))


def test_all_mistakes_at_once():
    with pytest.raises(DataError) as caught:
        model(frequency_mhz=0.0, base_height_m=float("nan"), environment="lunar")
    assert [problem.key for problem in caught.value.problems] == [
        "frequency_mhz",
        "base_height_m",
        "environment",
    ]
    with pytest.raises(DataError, match="reliability"):
        model().loss_db(5e3, 1.0)
