"""Path loss against published values and figures worked out by hand."""

from __future__ import annotations

import csv
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from sim.errors import ValidityWarning
from sim.radio.pathloss import (
    PATH_LOSS_MODELS,
    Cost231Hata,
    FreeSpace,
    OkumuraHata,
    Tr38901Rma,
    Tr38901Uma,
    Tr38901Umi,
)
from tests.conftest import ROOT

VECTORS = Path(os.environ.get("ROLLOUT_VECTORS") or ROOT.parent / "shared" / "vectors")
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the published test values are not beside the checkout (ROLLOUT_VECTORS)"
)

MODELS = {
    "free_space": FreeSpace(frequency_mhz=1880.0),
    "okumura_hata": OkumuraHata(frequency_mhz=900.0, base_height_m=30.0, environment="open"),
    "cost231_hata": Cost231Hata(frequency_mhz=1880.0, base_height_m=30.0, environment="suburban"),
    "tr38901_rma": Tr38901Rma(frequency_mhz=700.0, line_of_sight=True),
    "tr38901_uma": Tr38901Uma(frequency_mhz=2600.0),
    "tr38901_umi": Tr38901Umi(frequency_mhz=3500.0),
}


def rows(name):
    with (VECTORS / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@needs_vectors
def test_free_space_is_that_of_p525():
    given = rows("p525_free_space.csv")
    assert len(given) > 50
    for row in given:
        found = FreeSpace(frequency_mhz=float(row["f_MHz"])).loss_db(float(row["d_km"]) * 1000)
        assert found == pytest.approx(float(row["Lbf_exact_dB"]), abs=float(row["tol_dB"]))


@needs_vectors
def test_urban_hata_agrees_with_the_extended_hata_model_where_both_hold():
    """NTIA's extended Hata model is a fit of its own to Okumura's curves: 0.1 dB apart at 1500 MHz, 1.5 m."""
    given = [
        row
        for row in rows("ehata_flat.csv")
        if row["f_MHz"] == "1500" and float(row["d_km"]) <= 20 and list(row.values())[4:6] == ["24", "0.5"]
    ]
    assert given
    for row in given:
        model = OkumuraHata(
            frequency_mhz=1500.0,
            base_height_m=float(row["hb_m"]),
            terminal_height_m=float(row["hm_m"]),
            city="large",
        )
        assert model.loss_db(float(row["d_km"]) * 1000) == pytest.approx(float(row["PL_dB"]), abs=0.1)


def test_free_space_by_hand():
    """20 log10(4 pi d / lambda): 2400 MHz over 1 km is 100.05 dB, and 6 dB more for twice the distance."""
    model = FreeSpace(frequency_mhz=2400.0)
    assert model.loss_db(1000.0) == pytest.approx(100.05, abs=0.01)
    assert model.loss_db(2000.0) - model.loss_db(1000.0) == pytest.approx(6.0206, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "distance_m", "wanted_db"),
    [
        # 69.55 + 26.16 log 900 - 13.82 log 100 - a(2 m, large city: 1.045) + (44.9 - 6.55 log 100) log 4
        ({"base_height_m": 100.0, "terminal_height_m": 2.0, "city": "large"}, 4_000.0, 137.29),
        # 146.833 - 20.414 - 0.016 at 1 km; the suburban correction is -2 (log (900 / 28))^2 - 5.4 = -9.94
        ({"base_height_m": 30.0}, 1_000.0, 126.40),
        ({"base_height_m": 30.0, "environment": "suburban"}, 1_000.0, 116.46),
        # -4.78 (log 900)^2 + 18.33 log 900 - 40.94 = -28.51
        ({"base_height_m": 30.0, "environment": "open"}, 1_000.0, 97.89),
    ],
)
def test_okumura_hata_by_hand(values, distance_m, wanted_db):
    """Hata, IEEE Trans. Vehicular Technology 29(3), 1980, equations 13 to 19, at 900 MHz."""
    model = OkumuraHata(frequency_mhz=900.0, **values)
    assert model.loss_db(distance_m) == pytest.approx(wanted_db, abs=0.01)


def test_cost231_hata_by_hand():
    """COST 231 Final Report, equation 4.4.3, at 1800 MHz, 30 m, 1.5 m.

    46.3 + 33.9 log 1800 - 13.82 log 30 - 0.043 = 136.20 dB at 1 km, 35.22 dB a decade, 3 dB in a metropolis.
    """
    model = Cost231Hata(frequency_mhz=1800.0, base_height_m=30.0)
    assert model.loss_db(1_000.0) == pytest.approx(136.20, abs=0.01)
    assert model.loss_db(10_000.0) - model.loss_db(1_000.0) == pytest.approx(35.225, abs=0.001)
    metropolis = Cost231Hata(frequency_mhz=1800.0, base_height_m=30.0, terminal_height_m=1.5, city="large")
    terminal = 3.2 * np.log10(11.75 * 1.5) ** 2 - 4.97
    wanted = 46.3 + 33.9 * np.log10(1800) - 13.82 * np.log10(30) - terminal + 3.0
    assert metropolis.loss_db(1_000.0) == pytest.approx(wanted, abs=1e-9)


def test_hata_and_its_extension_meet_at_1500_mhz():
    """46.3 + 33.9 log f and 69.55 + 26.16 log f differ by 1.33 dB where one takes over from the other."""
    low = OkumuraHata(frequency_mhz=1500.0, base_height_m=30.0).loss_db(5_000.0)
    high = Cost231Hata(frequency_mhz=1500.0, base_height_m=30.0).loss_db(5_000.0)
    assert abs(low - high) < 1.4


@pytest.mark.parametrize("name", sorted(PATH_LOSS_MODELS))
class TestEveryModel:
    def test_range_inverts_loss(self, name):
        model = MODELS[name]
        low, high = model.valid_m
        distance = np.geomspace(low, high, 25)
        assert model.range_m(model.loss_db(distance)) == pytest.approx(distance, rel=1e-9)

    def test_loss_grows_with_distance_and_keeps_the_shape(self, name):
        model = MODELS[name]
        distance = np.geomspace(*model.valid_m, 12).reshape(3, 4)
        loss = model.loss_db(distance)
        assert loss.shape == (3, 4)
        assert (np.diff(loss.ravel()) > 0).all()

    def test_range_stays_within_what_is_published(self, name):
        assert MODELS[name].range_m(1000.0) == MODELS[name].valid_m[1]

    def test_nothing_is_said_inside_the_published_range(self, name):
        model = MODELS[name]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.loss_db(np.array(model.valid_m))

    def test_outside_it_warns_and_says_how_much(self, name):
        model = MODELS[name]
        beyond = np.array([model.valid_m[1], model.valid_m[1] * 2])
        with pytest.warns(ValidityWarning, match="50% of distances"):
            model.loss_db(beyond)

    def test_a_foreign_frequency_warns(self, name):
        model = MODELS[name].model_copy(update={"frequency_mhz": MODELS[name].valid_mhz[1] * 1.01})
        with pytest.warns(ValidityWarning, match="MHz lies outside"):
            model.loss_db(model.valid_m[1])


def test_higher_masts_and_lower_frequencies_reach_further():
    ranges = [
        OkumuraHata(frequency_mhz=mhz, base_height_m=metres).range_m(130.0)
        for mhz, metres in ((1400.0, 30.0), (900.0, 30.0), (900.0, 60.0))
    ]
    assert ranges == sorted(ranges)
