"""Path loss against published values and figures worked out by hand."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from pydantic import ValidationError

from sim.errors import ValidityWarning
from sim.radio.law import LossLaw
from sim.radio.pathloss import (
    PATH_LOSS_MODELS,
    Cost231Hata,
    FreeSpace,
    OkumuraHata,
    Tr38901Rma,
    Tr38901Uma,
    Tr38901Umi,
)

MODELS = {
    "free_space": FreeSpace(frequency_mhz=1880.0),
    "okumura_hata": OkumuraHata(frequency_mhz=900.0, base_height_m=30.0, environment="open"),
    "cost231_hata": Cost231Hata(frequency_mhz=1880.0, base_height_m=30.0, environment="suburban"),
    "tr38901_rma": Tr38901Rma(frequency_mhz=700.0, line_of_sight=True),
    "tr38901_uma": Tr38901Uma(frequency_mhz=2600.0),
    "tr38901_umi": Tr38901Umi(frequency_mhz=3500.0),
}


def test_free_space_is_that_of_p525(published):
    """The exact figure within its tolerance; the recommendation's rounded constant lies 0.05 dB below."""
    rows = published("p525_free_space.csv")
    assert len(rows) == 54
    for row in rows:
        found = FreeSpace(frequency_mhz=float(row["f_MHz"])).loss_db(float(row["d_km"]) * 1000)
        assert found == pytest.approx(float(row["Lbf_exact_dB"]), abs=float(row["tol_dB"]))
        assert found == pytest.approx(float(row["Lbf_P525_eq4_rounded_32.4_dB"]), abs=0.05)


@pytest.mark.parametrize(
    ("mhz", "km", "wanted_db"),
    [(700.0, 0.1, 69.349744), (700.0, 10.0, 109.349744), (800.0, 0.1, 70.509583), (700.0, 100.0, 129.349744)],
)
def test_free_space_losses(mhz, km, wanted_db):
    """20 log10(4 pi d / lambda) with 299,792,458 m/s."""
    assert FreeSpace(frequency_mhz=mhz).loss_db(km * 1000) == pytest.approx(wanted_db, abs=1e-5)


def test_urban_hata_agrees_with_the_extended_hata_model_where_both_hold(published):
    """NTIA's extended Hata model is a fit of its own to Okumura's curves: 0.1 dB apart at 1500 MHz, 1.5 m."""
    given = [
        row
        for row in published("ehata_flat.csv")
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


def hata(mhz, km, heights, environment, city):
    """Hata's formulas and their extension, one distance at a time."""
    hb, hm = heights
    if mhz <= 1500.0:
        loss = 69.55 + 26.16 * math.log10(mhz)
    else:
        loss = 46.3 + 33.9 * math.log10(mhz) + (3.0 if city == "large" else 0.0)
    if city == "medium":
        gain = (1.1 * math.log10(mhz) - 0.7) * hm - (1.56 * math.log10(mhz) - 0.8)
    elif mhz <= 300.0:
        gain = 8.29 * math.log10(1.54 * hm) ** 2 - 1.1
    else:
        gain = 3.2 * math.log10(11.75 * hm) ** 2 - 4.97
    loss += -13.82 * math.log10(hb) - gain + (44.9 - 6.55 * math.log10(hb)) * math.log10(km)
    if environment == "suburban":
        loss -= 2.0 * math.log10(mhz / 28.0) ** 2 + 5.4
    elif environment == "open":
        loss -= 4.78 * math.log10(mhz) ** 2 - 18.33 * math.log10(mhz) + 40.94
    return loss


@pytest.mark.parametrize("environment", ["urban", "suburban", "open"])
@pytest.mark.parametrize("city", ["medium", "large"])
@pytest.mark.parametrize("mhz", [150.0, 300.0, 450.0, 900.0, 1500.0, 1501.0, 1880.0, 2000.0])
def test_hata_in_all_surroundings_and_cities(environment, city, mhz):
    kind = OkumuraHata if mhz <= 1500.0 else Cost231Hata
    distance = np.geomspace(1000.0, 20_000.0, 40)
    for hb, hm in itertools.product((30.0, 60.0, 200.0), (1.0, 1.5, 10.0)):
        model = kind(
            frequency_mhz=mhz, base_height_m=hb, terminal_height_m=hm, environment=environment, city=city
        )
        wanted = [hata(mhz, d / 1000.0, (hb, hm), environment, city) for d in distance]
        assert model.loss_db(distance) == pytest.approx(np.array(wanted), abs=1e-9)


@pytest.mark.parametrize("environment", ["urban", "suburban", "open"])
@pytest.mark.parametrize("mhz", [150.0, 900.0, 1880.0])
@pytest.mark.parametrize("base_m", [20.0, 40.0, 200.0])
def test_nearer_than_1_km_hata_never_falls_under_free_space(environment, mhz, base_m):
    """Nor, where the formula lies under free space at 1 km already, faster than it; and without a jump."""
    kind = OkumuraHata if mhz <= 1500.0 else Cost231Hata
    model = kind(frequency_mhz=mhz, base_height_m=base_m, environment=environment)
    free = FreeSpace(frequency_mhz=mhz)
    distance = np.geomspace(10.0, 1000.0, 200)
    loss, least = model.law().loss_db(0, distance), free.law().loss_db(0, distance)
    below = min(0.0, float(loss[-1] - least[-1]))
    assert (loss >= least + below - 1e-9).all()
    assert (np.diff(loss) > 0.0).all()
    intercept, slope = model.intercept_slope_db()
    near = intercept + slope * np.log10(distance / 1000.0)
    assert (loss >= near - 1e-9).all()
    assert loss[-1] == pytest.approx(intercept, abs=1e-9)


def test_a_large_city_has_its_published_terminal_gain():
    """3.2 (log 11.75 h)^2 - 4.97 is 0 dB at 1.5 m; without the 4.97 a metropolis would lose 5 dB less."""
    medium, large = (
        Cost231Hata(frequency_mhz=1800.0, base_height_m=30.0, city=c) for c in ("medium", "large")
    )
    assert large.loss_db(3000.0) - medium.loss_db(3000.0) == pytest.approx(3.0 + 0.0429 + 0.0009, abs=0.001)


@pytest.mark.parametrize("name", sorted(PATH_LOSS_MODELS))
class TestEveryModel:
    def test_its_law_is_its_loss(self, name):
        model = MODELS[name]
        distance = np.geomspace(*model.valid_m, 500)
        assert np.abs(model.law().loss_db(0, distance) - model.loss_db(distance)).max() < 1e-9

    def test_scalar_and_array_agree_and_nearer_than_a_metre_is_held(self, name):
        model = MODELS[name]
        middle = float(np.sqrt(np.prod(model.valid_m)))
        assert model.loss_db(middle).shape == ()
        assert model.loss_db([[middle, middle]]).tolist() == [[model.loss_db(middle).item()] * 2]
        assert model.loss_db(np.zeros(0)).shape == (0,)
        law = model.law()
        assert law.loss_db(0, 0.0) == law.loss_db(0, 1.0)

    def test_lower_frequencies_lose_less(self, name):
        model = MODELS[name]
        lower = model.model_copy(update={"frequency_mhz": model.frequency_mhz / 1.1})
        assert lower.law().loss_db(0, model.valid_m[1]) < model.law().loss_db(0, model.valid_m[1])

    def test_frozen_and_strict(self, name):
        values = MODELS[name].model_dump()
        for wrong in ({"frequency_mhz": 0.0}, {"frequency_mhz": float("nan")}, {"colour": "red"}):
            with pytest.raises(ValidationError):
                PATH_LOSS_MODELS[name](**(values | wrong))
        with pytest.raises(ValidationError):
            MODELS[name].frequency_mhz = 1.0

    def test_says_what_terrain_adds(self, name):
        """Free space knows neither ground nor clutter; what was fitted to measurements holds both."""
        assert PATH_LOSS_MODELS[name].terrain == ("full" if name == "free_space" else "excess")

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


def test_one_warning_speaks_for_a_whole_map():
    model = OkumuraHata(frequency_mhz=2600.0, base_height_m=20.0)
    with pytest.warns(ValidityWarning) as caught:
        model.warn_outside(np.array([500.0, 2000.0, 3000.0, 4000.0]))
    assert [str(one.message) for one in caught] == [
        "OkumuraHata: 25% of distances lie outside 1 to 20 km; 2600 MHz lies outside 150 to 1500 MHz; "
        "base height of 20 m lies outside 30 to 200 m"
    ]


def test_a_share_is_never_rounded_to_nothing():
    model = FreeSpace(frequency_mhz=900.0)
    assert model.outside(np.r_[np.full(999, 10.0), 0.5]) == (
        "under 1% of distances lie outside 0.001 to 10000 km",
    )


def test_laws_stack_and_are_taken_by_row():
    laws = LossLaw.stack([model.law() for model in MODELS.values()])
    order = np.array([5, 0, 3])
    taken = laws.take(order)
    distance = np.geomspace(10.0, 30_000.0, 50)
    names = list(MODELS)
    for row, name in enumerate(order):
        wanted = MODELS[names[name]].law()
        assert (taken.loss_db(row, distance) == wanted.loss_db(0, distance)).all()
        assert (taken.range_m(row, [90.0, 150.0]) == wanted.range_m(0, [90.0, 150.0])).all()
