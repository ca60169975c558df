"""Link budgets against published arithmetic."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sim.radio.link import (
    NR_RESOURCE_BLOCKS,
    RESOURCE_BLOCKS,
    UPLINK,
    LinkBudget,
    area_probability,
    edge_probability,
    eirp_per_element_dbm,
    interference_margin_db,
    max_path_loss_coupling_db,
    max_path_loss_rsrp_db,
    milliwatt,
    noise_rise_db,
    nr_resource_blocks,
    power_per_element_dbm,
    required_sinr_db,
    resource_blocks,
    shadow_margin_db,
    sinr_db,
    spectral_efficiency_bps_hz,
    thermal_noise_dbm,
)


def test_power_of_a_resource_element(published):
    """Carrier power less 10 log10(12 N_RB); the radiated power adds the gain and takes the feeder."""
    given = published("rsrp_eirp_per_re.csv")
    assert len(given) >= 6
    mhz = {blocks: width for width, blocks in RESOURCE_BLOCKS.items()}
    for row in given:
        carrier, blocks, tolerance = float(row["P_total_dBm"]), int(row["PRB"]), float(row["tol"])
        gain, feeder = float(row["ant_gain_dBi"]), float(row["feeder_dB"])
        assert power_per_element_dbm(carrier, blocks) == pytest.approx(
            float(row["P_per_RE_dBm"]), abs=tolerance
        )
        wanted = pytest.approx(float(row["EIRP_per_RE_dBm"]), abs=tolerance)
        assert eirp_per_element_dbm(carrier, blocks, gain, feeder) == wanted
        if blocks in mhz:
            assert max_path_loss_rsrp_db(carrier + gain - feeder, mhz[blocks], 0.0) == wanted


def test_power_of_a_resource_element_by_hand():
    """46 dBm over 10 MHz is 18.2 dBm an element, over 20 MHz 15.2 dBm."""
    assert power_per_element_dbm(46.0, 50) == pytest.approx(18.2185, abs=1e-4)
    assert power_per_element_dbm(46.0, 100) == pytest.approx(15.2082, abs=1e-4)
    assert power_per_element_dbm(53.0, 273) == pytest.approx(17.8466, abs=1e-4)


def test_thermal_noise(published):
    given = published("thermal_noise.csv")
    assert len(given) >= 11
    for row in given:
        found = thermal_noise_dbm(float(row["bandwidth_Hz"]), float(row["NF_dB"]))
        assert found == pytest.approx(float(row["noise_dBm(-174 dBm/Hz)"]), abs=float(row["tol"]))


def test_thermal_noise_by_hand():
    """-174 dBm/Hz + 10 log10(15000) = -132.24 dBm; + 7 dB."""
    assert thermal_noise_dbm(15_000.0, 7.0) == pytest.approx(-125.2391, abs=1e-4)
    assert thermal_noise_dbm(180_000.0, 5.0) == pytest.approx(-116.4473, abs=1e-4)


def test_budgets_of_seven_services(vectors):
    given = json.loads((vectors / "link_budget_cases.json").read_text(encoding="utf-8"))
    assert len(given["cases"]) == 7
    for case in given["cases"]:
        budget = LinkBudget(
            transmit_power_dbm=case["Ptx"],
            transmit_gain_dbi=case["Gtx"],
            receive_gain_dbi=case["Grx"],
            feeder_loss_db=case["Lcable"],
            bandwidth_hz=case["bw_Hz"],
            noise_figure_db=case["NF"],
            required_sinr_db=case["SINR"],
            interference_margin_db=case["IM"],
            body_loss_db=case["body"],
            penetration_loss_db=case["BPL"],
            shadow_margin_db=case["SFM"],
        )
        tolerance = given["tolerance"]["MAPL_dB"]
        assert budget.noise_dbm == pytest.approx(case["noise_dBm"], abs=tolerance), case["name"]
        assert budget.sensitivity_dbm == pytest.approx(case["sens_dBm"], abs=tolerance), case["name"]
        assert budget.max_path_loss_db == pytest.approx(case["MAPL_dB"], abs=tolerance), case["name"]


def test_a_budget_by_hand():
    """46 + 17 - 0.5 - 3 - 14 - 8.7 - (-97.4576 - 5) = 139.2576 dB."""
    budget = LinkBudget(
        transmit_power_dbm=46.0,
        transmit_gain_dbi=17.0,
        feeder_loss_db=0.5,
        bandwidth_hz=9e6,
        noise_figure_db=7.0,
        required_sinr_db=-5.0,
        interference_margin_db=3.0,
        penetration_loss_db=14.0,
        shadow_margin_db=8.7,
    )
    assert budget.max_path_loss_db == pytest.approx(139.2576, abs=1e-4)


def test_shadow_margins_of_jakes(published):
    """Edge probability, margin and area probability of every published row."""
    given = published("shadow_margin_jakes.csv")
    assert len(given) > 100
    column = {name: np.array([float(row[name]) for row in given]) for name in given[0]}
    for sigma, edge, margin in zip(column["sigma_dB"], column["edge_prob"], column["margin_dB"], strict=True):
        assert shadow_margin_db(sigma, edge) == pytest.approx(margin, abs=1e-3)
    found = area_probability(column["margin_dB"], column["sigma_dB"], column["n"])
    assert np.all(np.abs(found - column["area_prob"]) <= column["tol"])
    assert np.abs(found - column["area_prob"]).max() < 2e-5
    assert np.allclose(
        edge_probability(column["margin_dB"], column["sigma_dB"]), column["edge_prob"], atol=1e-4
    )


@pytest.mark.parametrize(
    ("edge", "margin", "area"), [(0.5, 0.0, 0.7559), (0.75, 5.396, 0.8992), (0.85, 8.291, 0.9448)]
)
def test_area_from_edge(edge, margin, area):
    """Sigma 8 dB, exponent 3.522: the classical chart of Jakes."""
    assert shadow_margin_db(8.0, edge) == pytest.approx(margin, abs=1e-3)
    assert area_probability(margin, 8.0, 3.522) == pytest.approx(area, abs=1e-3)


def test_area_probability_is_the_mean_over_the_disc():
    """The closed form against the integral of the edge probability over rings of equal area."""
    ring = np.sqrt((np.arange(400_000) + 0.5) / 400_000)
    for margin, sigma, exponent in [(5.0, 8.0, 3.5), (-12.0, 6.0, 2.0), (30.0, 4.0, 4.0), (0.0, 20.0, 2.0)]:
        mean = edge_probability(margin - 10 * exponent * np.log10(ring), sigma).mean()
        assert area_probability(margin, sigma, exponent) == pytest.approx(mean, abs=1e-5)


def test_area_probability_at_its_ends():
    """Without shadowing the covered disc ends where the median meets the threshold."""
    margins = np.array([-400.0, -20.0, 0.0, 20.0, 400.0])
    found = area_probability(margins, 0.0, 3.5)
    assert np.allclose(found, [0.0, 10 ** (2 * -20 / 35), 1.0, 1.0, 1.0], atol=1e-4)
    everywhere = area_probability(np.linspace(-300, 300, 601), 8.0, 3.5)
    assert np.all(np.isfinite(everywhere))
    assert np.all(np.diff(everywhere) >= 0)
    assert everywhere[0] == pytest.approx(0.0, abs=1e-9)
    assert everywhere[-1] == 1.0


def test_half_the_edge_needs_no_margin():
    assert shadow_margin_db(8.0, 0.5) == 0.0
    assert shadow_margin_db(8.0, 0.75) == pytest.approx(5.396, abs=0.001)


def test_coupling_loss_is_power_less_sensitivity(published):
    """TR 45.820: a coupling loss is transmitted power less sensitivity; with unit antennas it is the loss."""
    for row in published("nbiot_mcl.csv"):
        coupling = float(row["Ptx_dBm"]) - float(row["effective_noise_dBm"]) - float(row["required_SINR_dB"])
        assert max_path_loss_coupling_db(coupling, 0.0, 0.0) == pytest.approx(float(row["MCL_dB"]), abs=0.01)


def test_gains_add_and_losses_take_from_a_coupling_loss():
    assert max_path_loss_coupling_db(164.0, 18.0 - 3.0, 3.0 + 20.0) == 156.0


def test_resource_blocks_of_36101():
    assert [resource_blocks(mhz) for mhz in (1.4, 3.0, 5.0, 10.0, 15.0, 20.0)] == [6, 15, 25, 50, 75, 100]
    with pytest.raises(ValueError, match=r"no carrier of 7 MHz; it has 1\.4, 3, 5, 10, 15, 20"):
        resource_blocks(7.0)


def test_resource_blocks_of_38101(vectors):
    given = json.loads((vectors / "mcs_cqi_capacity.json").read_text(encoding="utf-8"))["prb"]
    for name, blocks in given.items():
        if name == "LTE":
            assert {float(mhz): count for mhz, count in blocks.items()} == RESOURCE_BLOCKS
        elif name != "source":
            spacing = int(name.removeprefix("NR_FR1_").removesuffix("kHz"))
            assert {mhz: nr_resource_blocks(float(mhz), spacing) for mhz in blocks} == blocks


def test_resource_blocks_fit_the_carrier():
    """No carrier is wider than its channel, and each fills at least four fifths of one of 10 MHz or more."""
    for spacing, blocks in NR_RESOURCE_BLOCKS.items():
        for mhz, count in blocks.items():
            used = count * 12 * spacing / 1000 / mhz
            assert used < 1
            assert mhz < 15 or used > 0.8, (spacing, mhz)
    assert nr_resource_blocks(100, 30) == 273


@pytest.mark.parametrize(
    ("mhz", "spacing", "message"),
    [(7.0, 30, r"no carrier of 7 MHz at 30 kHz; it has 5, 10"), (20.0, 45, r"no subcarriers of 45 kHz")],
)
def test_carriers_that_nr_does_not_have(mhz, spacing, message):
    with pytest.raises(ValueError, match=message):
        nr_resource_blocks(mhz, spacing)


def test_powers_add_in_milliwatts():
    """Two equal interferers 10 dB down, no noise: 6.99 dB, not the 9.70 of summed 10**dBm; three 5.23 dB."""
    best = -80.0
    for count, wanted in [(1, 10.0), (2, 6.9897), (3, 5.2288)]:
        total = 1e-8 + count * 1e-9
        assert sinr_db(best, total, -200.0, 1.0) == pytest.approx(wanted, abs=1e-3)
    assert sinr_db(best, 1e-8 + 1e-9, -90.0, 1.0) == pytest.approx(6.9897, abs=1e-3)


def test_half_the_load_is_three_decibels_where_interference_rules():
    full, half = sinr_db(-80.0, 3e-8, -150.0, np.array([1.0, 0.5]))
    assert half - full == pytest.approx(3.0103, abs=1e-3)
    assert sinr_db(-80.0, 3e-8, -95.0, 0.0) == pytest.approx(15.0)


def test_no_signal_is_minus_infinity():
    found = sinr_db(np.array([-np.inf, -90.0], dtype=np.float32), np.array([0.0, 1e-9]), -120.0, 1.0)
    assert found.dtype == np.float32
    assert found[0] == -np.inf
    assert found[1] == pytest.approx(30.0, abs=0.01)
    assert spectral_efficiency_bps_hz(found)[0] == 0.0
    assert spectral_efficiency_bps_hz(found).dtype == np.float32


def test_single_precision_keeps_a_hundredth_of_a_decibel():
    generator = np.random.default_rng(1)
    powers = generator.uniform(-140.0, -60.0, (5000, 6))
    total = milliwatt(powers).sum(axis=1)
    best = powers.max(axis=1)
    exact = sinr_db(best, total, -125.0, 0.5)
    single = sinr_db(best.astype(np.float32), total.astype(np.float32), -125.0, 0.5)
    low = exact < 25.0
    assert low.sum() > 3000
    assert np.abs(single - exact)[low].max() < 0.01


def test_truncated_shannon(published):
    given = published("tr36942_throughput.csv")
    assert len(given) >= 20
    columns = list(given[0])
    sinr = np.array([float(row["SINR_dB"]) for row in given])
    for column, arguments in [(columns[1], {}), (columns[2], UPLINK)]:
        wanted = np.array([float(row[column]) for row in given])
        assert np.abs(spectral_efficiency_bps_hz(sinr, **arguments) - wanted).max() <= 1e-4


def test_truncated_shannon_by_hand():
    """TR 36.942, table A.2: 0.6 log2(1 + SINR), nothing below -10 dB, at most 4.4 bit/s/Hz."""
    found = spectral_efficiency_bps_hz([-10.001, -10.0, 0.0, 10.0, 30.0])
    assert np.allclose(found, [0.0, 0.0825, 0.6, 2.0757, 4.4], atol=1e-4)
    assert np.allclose(spectral_efficiency_bps_hz([0.0, 30.0], **UPLINK), [0.4, 2.0])
    assert spectral_efficiency_bps_hz(0.0).shape == ()


def test_required_sinr_turns_the_efficiency_round():
    wanted = np.linspace(-9.0, 21.0, 31)
    assert np.allclose(required_sinr_db(spectral_efficiency_bps_hz(wanted)), wanted)
    assert required_sinr_db(0.0) == -10.0


def test_interference_margins():
    """Half the noise is interference: 3 dB; at the limiting ratio no power suffices."""
    assert interference_margin_db(-3.0, 0.0103) == pytest.approx(3.0, abs=0.02)
    assert interference_margin_db(-5.0, 60.0) == pytest.approx(0.0, abs=1e-5)
    assert interference_margin_db(3.0, 0.0) == np.inf
    assert noise_rise_db(0.5) == pytest.approx(3.0103, abs=1e-4)
    assert np.allclose(noise_rise_db([0.0, 0.75, 1.0]), [0.0, 6.0206, np.inf])
