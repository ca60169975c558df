"""TR 38.901 against a scalar transcription of its tables, published probabilities and link budgets."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ValidityWarning
from sim.radio.pathloss import Tr38901Rma, Tr38901Uma, Tr38901Umi

KINDS = {"RMa": Tr38901Rma, "UMa": Tr38901Uma, "UMi": Tr38901Umi}


def rma(d2, ghz, heights, street, los):
    """Table 7.4.1-1, RMa, one distance at a time; heights of base, terminal and buildings."""
    hb, ht, h = heights
    d3 = math.sqrt(d2**2 + (hb - ht) ** 2)
    bend = 2 * math.pi * hb * ht * ghz * 1e9 / 3e8

    def first(d):
        return (
            20 * math.log10(40 * math.pi * d * ghz / 3)
            + min(0.03 * h**1.72, 10) * math.log10(d)
            - min(0.044 * h**1.72, 14.77)
            + 0.002 * math.log10(h) * d
        )

    seen = first(d3) if d2 <= bend else first(bend) + 40 * math.log10(d3 / bend)
    if los:
        return seen
    hidden = (
        161.04
        - 7.1 * math.log10(street)
        + 7.5 * math.log10(h)
        - (24.37 - 3.7 * (h / hb) ** 2) * math.log10(hb)
        + (43.42 - 3.1 * math.log10(hb)) * (math.log10(d3) - 3)
        + 20 * math.log10(ghz)
        - (3.2 * math.log10(11.75 * ht) ** 2 - 4.97)
    )
    return max(seen, hidden)


def urban(kind, d2, ghz, heights, los):
    """Table 7.4.1-1, UMa and UMi - Street Canyon, one distance at a time, with an environment of 1 m."""
    hb, ht = heights
    d3 = math.sqrt(d2**2 + (hb - ht) ** 2)
    bend = 4 * (hb - 1) * (ht - 1) * ghz * 1e9 / 3e8
    if kind == "UMa":
        seen = 28.0 + 22 * math.log10(d3) + 20 * math.log10(ghz)
        if d2 > bend:
            seen = 28.0 + 40 * math.log10(d3) + 20 * math.log10(ghz)
            seen -= 9 * math.log10(bend**2 + (hb - ht) ** 2)
        hidden = 13.54 + 39.08 * math.log10(d3) + 20 * math.log10(ghz) - 0.6 * (ht - 1.5)
    else:
        seen = 32.4 + 21 * math.log10(d3) + 20 * math.log10(ghz)
        if d2 > bend:
            seen = 32.4 + 40 * math.log10(d3) + 20 * math.log10(ghz)
            seen -= 9.5 * math.log10(bend**2 + (hb - ht) ** 2)
        hidden = 35.3 * math.log10(d3) + 22.4 + 21.3 * math.log10(ghz) - 0.3 * (ht - 1.5)
    return seen if los else max(seen, hidden)


@pytest.mark.parametrize("los", [True, False])
@pytest.mark.parametrize("ghz", [0.5, 0.7, 0.9, 2.6, 3.5, 4.9, 30.0])
@pytest.mark.parametrize(("hb", "ht"), [(10.0, 1.0), (35.0, 1.5), (50.0, 3.0), (150.0, 10.0), (150.0, 1.0)])
@pytest.mark.parametrize(("w", "h"), [(20.0, 5.0), (5.0, 50.0), (50.0, 20.0)])
def test_rural_macro_is_the_published_table(ghz, los, hb, ht, w, h):
    """Within 0.01 dB, but for the jump of the published form on the metres before its breakpoint."""
    model = Tr38901Rma(
        frequency_mhz=ghz * 1000,
        base_height_m=hb,
        terminal_height_m=ht,
        street_width_m=w,
        building_height_m=h,
        line_of_sight=los,
    )
    bend = model.breakpoint_m()
    distance = np.concatenate([np.geomspace(*model.valid_m, 300), np.linspace(0.98, 1.0, 50) * bend])
    distance = distance[(distance >= model.valid_m[0]) & (distance <= model.valid_m[1])]
    wanted = np.array([rma(d, ghz, (hb, ht, h), w, los) for d in distance])
    error = np.abs(model.loss_db(distance) - wanted)
    turning = (distance <= bend) & (np.hypot(distance, hb - ht) > bend)
    assert error[~turning].max() < 1e-9
    assert error[turning].max(initial=0.0) <= 0.04
    if ghz * ht >= 0.7 * 1.5:
        assert error.max() <= 0.01


@pytest.mark.parametrize("kind", ["UMa", "UMi"])
@pytest.mark.parametrize("los", [True, False])
@pytest.mark.parametrize("ghz", [0.5, 0.9, 2.1, 3.5, 28.0, 100.0])
@pytest.mark.parametrize(("hb", "ht"), [(25.0, 1.5), (10.0, 1.5), (40.0, 5.0), (25.0, 22.5), (10.0, 22.5)])
def test_urban_cells_are_the_published_table(kind, los, ghz, hb, ht):
    model = KINDS[kind](frequency_mhz=ghz * 1000, base_height_m=hb, terminal_height_m=ht, line_of_sight=los)
    distance = np.geomspace(10.0, 5000.0, 400)
    wanted = [urban(kind, d, ghz, (hb, ht), los) for d in distance]
    assert model.loss_db(distance) == pytest.approx(np.array(wanted), abs=1e-9)


@pytest.mark.parametrize(
    ("model", "distance_m", "wanted_db"),
    [
        # d3 = 501.121 m: 20 log(40 pi 501.121 0.7 / 3) = 83.3426, + 0.47791 log d3 - 0.70094 + 0.0013979 d3
        (Tr38901Rma(frequency_mhz=700.0, line_of_sight=True), 500.0, 84.6325),
        # 28 + 22 log d3 + 20 log 3.5 with d3 = sqrt(200^2 + 23.5^2) = 201.376 m
        (Tr38901Uma(frequency_mhz=3500.0, line_of_sight=True), 200.0, 89.5695),
        # 13.54 + 39.08 log 201.376 + 20 log 3.5
        (Tr38901Uma(frequency_mhz=3500.0), 200.0, 114.4626),
        # 22.4 + 35.3 log sqrt(100^2 + 8.5^2) + 21.3 log 3.5
        (Tr38901Umi(frequency_mhz=3500.0), 100.0, 104.6439),
        # 32.4 + 21 log 100.361 + 20 log 3.5
        (Tr38901Umi(frequency_mhz=3500.0, line_of_sight=True), 100.0, 85.3143),
    ],
)
def test_losses_worked_out_by_hand(model, distance_m, wanted_db):
    assert model.loss_db(distance_m) == pytest.approx(wanted_db, abs=0.01)


def test_rural_macro_without_line_of_sight_squares_the_ratio_and_not_its_product_with_the_factor():
    """3.7 (h/hBS)^2 with h 20 m, hBS 35 m is 1.208; (3.7 h/hBS)^2 were 4.470 and 5.04 dB more."""
    model = Tr38901Rma(frequency_mhz=800.0, building_height_m=20.0)
    # 161.04 - 9.2373 + 9.7577 - (24.37 - 1.2082) 1.54407 + (43.42 - 4.78661) log d3 - 1.9382 + 0.0009
    d3 = math.hypot(2000.0, 33.5)
    by_hand = 161.04 - 9.23731 + 9.75772 - 35.76342 + 38.63339 * (math.log10(d3) - 3.0) - 1.93820 + 0.00092
    assert model.loss_db(2000.0) == pytest.approx(by_hand, abs=0.01)


def test_breakpoint_takes_heights_over_the_environment():
    """4 (25 - 1)(1.5 - 1) 3.5e9 / 3e8 = 560 m, not 4 (25 - 1.5) ...; the rural one takes plain heights."""
    assert Tr38901Uma(frequency_mhz=3500.0).breakpoint_m() == pytest.approx(560.0)
    assert Tr38901Umi(frequency_mhz=3500.0).breakpoint_m() == pytest.approx(210.0)
    assert Tr38901Rma(frequency_mhz=700.0).breakpoint_m() == pytest.approx(769.69, abs=0.01)


def test_line_of_sight_probabilities_as_published(published):
    rows = published("tr38901_los_probability.csv")
    assert len(rows) == 50
    for row in rows:
        model = KINDS[row["scenario"]](frequency_mhz=2000.0, terminal_height_m=float(row["hUT_m"]))
        found = model.los_probability(float(row["d2Dout_m"]))
        assert found == pytest.approx(float(row["P_LOS"]), abs=float(row["tol"]))


@pytest.mark.parametrize(
    ("kind", "height_m", "distance_m", "wanted"),
    [
        ("RMa", 1.5, 500.0, 0.61262639),
        ("UMi", 1.5, 500.0, 0.0360009),
        ("UMa", 1.5, 500.0, 0.03634458),
        ("UMa", 22.5, 500.0, 0.22392905),
        ("UMa", 15.0, 200.0, 0.15823734),
        ("UMa", 22.5, 5.0, 1.0),
    ],
)
def test_line_of_sight_probabilities_of_table_7_4_2_1(kind, height_m, distance_m, wanted):
    model = KINDS[kind](frequency_mhz=2000.0, terminal_height_m=height_m)
    assert model.los_probability(distance_m) == pytest.approx(wanted, abs=1e-6)


def test_radii_of_published_link_budgets(vectors):
    """Every budget's loss inverts to its radius, beyond the 5 km of the table where the case says so."""
    given = json.loads((vectors / "link_budget_cases.json").read_text(encoding="utf-8"))
    assert len(given["cases"]) == 7
    for case in given["cases"]:
        model = Tr38901Rma(frequency_mhz=case["f"] * 1000, base_height_m=case["hb"])
        radius = model.range_m(case["MAPL_dB"], extrapolate=True)
        tolerance = given["tolerance"]["radius_pct"] / 100
        assert radius == pytest.approx(case["RMa_NLOS_radius_m"], rel=tolerance)
        assert model.range_m(case["MAPL_dB"]) == min(radius, 5000.0)


def test_radius_of_a_published_link_budget():
    """148.0111 dB at 800 MHz from 40 m reach 6,735 m; 125.937 dB at 3.5 GHz from 25 m reach 619 m."""
    far = Tr38901Rma(frequency_mhz=800.0, base_height_m=40.0).range_m(148.0111, extrapolate=True)
    assert far == pytest.approx(6735.06, rel=1e-4)
    assert Tr38901Rma(frequency_mhz=3500.0, base_height_m=25.0).range_m(125.937) == pytest.approx(
        619.02, rel=1e-4
    )


def test_shadow_sigmas_of_table_7_4_1_1():
    seen = Tr38901Rma(frequency_mhz=700.0, line_of_sight=True)
    assert seen.shadow_sigma_db([100.0, 700.0, 800.0]).tolist() == [4.0, 4.0, 6.0]
    assert Tr38901Rma(frequency_mhz=700.0).shadow_sigma_db([100.0, 800.0]).tolist() == [8.0, 8.0]
    for kind, hidden in ((Tr38901Uma, 6.0), (Tr38901Umi, 7.82)):
        assert kind(frequency_mhz=3500.0).shadow_sigma_db(100.0) == hidden
        assert kind(frequency_mhz=3500.0, line_of_sight=True).shadow_sigma_db(1000.0) == 4.0


def test_a_terminal_no_higher_than_the_environment_still_has_an_answer():
    model = Tr38901Uma(frequency_mhz=3500.0, terminal_height_m=1.0, line_of_sight=True)
    with pytest.warns(ValidityWarning, match=r"terminal height of 1 m lies outside 1\.5 to 22\.5 m"):
        assert np.isfinite(model.loss_db([10.0, 5000.0])).all()


def test_one_warning_names_everything_outside():
    model = Tr38901Rma(frequency_mhz=450.0, base_height_m=200.0, building_height_m=2.0)
    with pytest.warns(ValidityWarning) as caught:
        model.loss_db([100.0, 200.0, 6000.0, 7000.0])
    assert len(caught) == 1
    text = str(caught[0].message)
    assert "50% of distances lie outside 0.01 to 5 km" in text
    assert "450 MHz lies outside 500 to 30000 MHz" in text
    assert "base height of 200 m lies outside 10 to 150 m" in text
    assert "building height of 2 m lies outside 5 to 50 m" in text


@st.composite
def models(draw):
    kind = draw(st.sampled_from(sorted(KINDS)))
    values = {
        "frequency_mhz": draw(st.floats(500.0, 30_000.0)),
        "base_height_m": draw(st.floats(10.0, 150.0)),
        "terminal_height_m": draw(st.floats(1.5, 10.0)),
    }
    if kind == "RMa":
        values["street_width_m"] = draw(st.floats(5.0, 50.0))
        values["building_height_m"] = draw(st.floats(5.0, 50.0))
    return KINDS[kind], values


@settings(max_examples=150, deadline=None)
@given(models())
def test_loss_rises_without_a_jump_and_is_never_less_without_line_of_sight(made):
    kind, values = made
    seen, hidden = (kind(**values, line_of_sight=los) for los in (True, False))
    distance = np.geomspace(10.0, 5000.0, 2000)
    for model in (seen, hidden):
        loss = model.loss_db(distance)
        assert (np.diff(loss) > 0).all()
        bend = model.breakpoint_m()
        around = model.law().loss_db(0, np.array([bend * (1 - 1e-9), bend * (1 + 1e-9)]))
        assert around[1] - around[0] < 1e-5
    assert (hidden.loss_db(distance) >= seen.loss_db(distance)).all()


@settings(max_examples=150, deadline=None)
@given(models(), st.booleans())
def test_range_inverts_loss_on_every_slope(made, los):
    kind, values = made
    model = kind(**values, line_of_sight=los)
    distance = np.geomspace(10.0, 100_000.0, 60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = model.loss_db(distance)
    # At the foot of a high mast a metre on the ground hardly moves the distance between the antennas.
    assert model.range_m(loss, extrapolate=True) == pytest.approx(distance, rel=1e-6)


def test_a_loss_below_that_at_the_foot_of_the_mast_has_no_range():
    assert Tr38901Uma(frequency_mhz=3500.0).range_m([0.0, 60.0]).tolist() == [0.0, 0.0]
