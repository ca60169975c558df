"""The Irregular Terrain Model against published figures, and what must hold of any path."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sim.errors import DataError, ValidityWarning
from sim.radio.itm import CLIMATES, SITING, VARIABILITY, IrregularTerrain, Shares

pytest.importorskip("itmlogic", reason="the extra `validation` is not installed")

# Report figures stand to a tenth of a dB: h_tx, h_rx, delta_h, mode, km, siting, MHz, polarization, climate,
# shares of time, location and situation, dB (NTIA's reference program, area.csv).
PUBLISHED = [
    (10, 1, 0, 0, 16, (0, 0), 230, 0, 5, (0.87, 0.50, 0.50), 152.5),
    (3, 1.5, 10, 1, 10, (1, 0), 450, 0, 5, (0.40, 0.28, 0.25), 133.0),
    (15, 3, 5, 2, 100, (2, 1), 980, 1, 4, (0.92, 0.53, 0.97), 224.1),
    (3, 5, 20, 3, 75, (0, 1), 3100, 1, 2, (0.50, 0.80, 0.43), 205.1),
    (1.5, 10, 45, 0, 25, (1, 2), 8900, 1, 1, (0.70, 0.99, 0.26), 156.0),
]
KEYS = ("h_tx__meter", "h_rx__meter", "f__mhz", "pol", "climate", "mdvar", "epsilon", "sigma", "N_0")


def link_of(values):
    """Return the link of a published case, by the reference program's names."""
    h_tx, h_rx, mhz, polarization, climate, mode, epsilon, sigma, refractivity = (
        float(values[key]) for key in KEYS
    )
    return IrregularTerrain(
        frequency_mhz=mhz,
        base_height_m=h_tx,
        terminal_height_m=h_rx,
        polarization="vertical" if polarization else "horizontal",
        permittivity=epsilon,
        conductivity_s_per_m=sigma,
        refractivity=refractivity,
        climate=CLIMATES[int(climate) - 1],
        variability=VARIABILITY[int(mode) % 10],
        location_variability=int(mode) % 20 < 10,
        situation_variability=int(mode) < 20,
    )


def shares_of(values):
    return Shares(*(float(values[key]) / 100.0 for key in ("time", "location", "situation")))


def link(**changes):
    return IrregularTerrain(
        **{"frequency_mhz": 900.0, "base_height_m": 40.0, "terminal_height_m": 3.0} | changes
    )


def ridge(path_m=20_000.0, points=201, top_m=0.0):
    distance = np.linspace(0.0, path_m, points)
    return distance, 100.0 + top_m * np.exp(-(((distance - path_m / 2) / 1_500.0) ** 2))


@pytest.mark.parametrize("case", PUBLISHED)
def test_area_figures(case):
    h_tx, h_rx, roughness, mode, km, siting, mhz, polarization, climate, shares, wanted = case
    given = (h_tx, h_rx, mhz, polarization, climate, mode, 15.0, 0.008, 301.0)
    loss = link_of(dict(zip(KEYS, given, strict=True))).area_loss_db(
        1000.0 * km, roughness, tuple(SITING[code] for code in siting), Shares(*shares)
    )
    assert abs(loss - wanted) <= 0.05 + 0.01


def test_every_area_row(published):
    rows = published("itm_area.csv")
    for row in rows:
        siting = tuple(SITING[int(row[f"{end}_siting_criteria"])] for end in ("tx", "rx"))
        loss = link_of(row).area_loss_db(
            1000.0 * float(row["d__km"]), float(row["delta_h__meter"]), siting, shares_of(row)
        )
        assert abs(loss - float(row["A__db"])) <= 0.05 + 0.01, "figures are rounded to a tenth of a dB"
    assert len(rows) == 5


@pytest.mark.filterwarnings("ignore::sim.errors.ValidityWarning")
def test_every_profile(vectors):
    published = json.loads((vectors / "itm_p2p.json").read_text(encoding="utf-8"))
    for case in published["cases"]:
        steps, step_m, *height = published["profiles"][case["profile_index"]]
        distance = np.arange(int(steps) + 1) * step_m
        loss = link_of(case["inputs"]).profile_loss_db(distance, height, shares_of(case["inputs"]))
        assert loss == pytest.approx(case["A_ntia_build_dB"], abs=0.01)
    assert len(published["cases"]) == 5


def test_flat_ground_far_inside_the_horizon_is_near_free_space():
    distance, height = ridge(path_m=2_000.0, points=41)
    loss = link(base_height_m=100.0, terminal_height_m=100.0).profile_loss_db(distance, height)
    free_space_db = 32.45 + 20.0 * np.log10(900.0 * 2.0)
    assert abs(loss - free_space_db) < 6.1, "two rays in phase at best double the field"


def test_a_ridge_costs_and_a_higher_one_more():
    losses = [link().profile_loss_db(*ridge(top_m=top)) for top in (0.0, 100.0, 200.0, 400.0)]
    assert np.all(np.diff(losses) > 3.0)


@pytest.mark.parametrize("seed", range(40))
def test_either_end_may_send(seed):
    """Reciprocity on rolling ground: each end takes the height of the ground under it."""
    random = np.random.default_rng(seed)
    distance = np.linspace(0.0, 8_000.0, 101)
    height = 300.0 + np.cumsum(random.normal(0.0, 6.0, 101))
    there = link(base_height_m=60.0, terminal_height_m=20.0).profile_loss_db(distance, height)
    back = link(base_height_m=20.0, terminal_height_m=60.0).profile_loss_db(distance, height[::-1])
    assert there == pytest.approx(back, abs=1e-6)


def test_shares_raise_the_loss():
    distance, height = ridge(top_m=150.0)
    broadcast = link(variability="broadcast")
    losses = [broadcast.profile_loss_db(distance, height, Shares(time, 0.5, 0.5)) for time in (0.1, 0.5, 0.9)]
    assert np.all(np.diff(losses) > 0.0)


def test_rougher_ground_costs_more_in_the_area_mode():
    distance = np.array([[5e3, 1e4], [2e4, 4e4]])
    smooth, rough = (link().area_loss_db(distance, roughness) for roughness in (10.0, 150.0))
    assert smooth.shape == distance.shape
    assert np.all(rough[1] > smooth[1])


def test_outside_its_range_it_warns_and_answers():
    with pytest.warns(ValidityWarning, match="path"):
        assert np.isfinite(link().profile_loss_db(*ridge(path_m=500.0)))
    with pytest.warns(ValidityWarning, match="frequency"):
        assert np.isfinite(link(frequency_mhz=26_000.0).area_loss_db(5e3, 90.0))


def test_all_mistakes_at_once():
    with pytest.raises(DataError) as caught:
        link(frequency_mhz=-1.0, terminal_height_m=0.0, climate="polar")
    assert [problem.key for problem in caught.value.problems] == [
        "frequency_mhz",
        "terminal_height_m",
        "climate",
    ]


@pytest.mark.parametrize(
    ("distance", "height", "said"),
    [
        ([0.0, 1e3], [1.0, 1.0], "shape"),
        ([0.0, 1e3, 3e3], [1.0, 1.0, 1.0], "equal steps"),
        ([0.0, 1e3, 2e3], [1.0, float("nan"), 1.0], "not a number"),
        ([1e3, 2e3, 3e3], [1.0, 1.0, 1.0], "equal steps"),
    ],
)
def test_a_profile_that_is_none_is_refused(distance, height, said):
    with pytest.raises(DataError, match=said):
        link().profile_loss_db(distance, height)


def test_an_area_that_is_none_is_refused():
    with pytest.raises(DataError, match="roughness"):
        link().area_loss_db(5e3, -1.0)
    with pytest.raises(DataError, match="siting"):
        link().area_loss_db(5e3, 10.0, ("random", "lucky"))
    with pytest.raises(DataError, match="positive"):
        link().area_loss_db([5e3, 0.0], 10.0)
    with pytest.raises(DataError, match="shares"):
        link().area_loss_db(5e3, 10.0, shares=Shares(time=1.0))
