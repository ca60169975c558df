"""The thresholds of the parameter table against what operators and regulators published."""

from __future__ import annotations

import re

import pytest

from sim.parameters import read_parameters
from sim.radio.iot import COVERAGE_CLASSES_DB, REACH_DB, UPLINK_REPETITIONS, IotLink, mean_reports_per_day
from sim.radio.rates import fitted_sinr_db
from tests.conftest import ROOT

# Published object (how it begins), metric, place of the figure in the value, our row.
NAMED = [
    ("outdoor roads", "RSRP", 0, "lte_rsrp_threshold"),
    ("indoor hotspot", "RSRP", 0, "lte_rsrp_indoor_hotspot"),
    ("urban outdoor edge user", "DL", 0, "lte_trial_edge_rate"),
    ("weak-coverage sample", "RSRP", 0, "lte_rsrp_weak"),
    ("mean access rate", "rate", 0, "signal_upgrade_downlink"),
    ("mean access rate", "rate", 1, "signal_upgrade_uplink"),
    ("3G / 4G LTE", "DL/UL", 0, "fcc_3g_downlink"),
    ("3G / 4G LTE", "DL/UL", 2, "fcc_lte_downlink"),
    ("3G / 4G LTE", "DL/UL", 3, "fcc_lte_uplink"),
    ("3G / 4G LTE", "DL/UL", 4, "fcc_nr_downlink_low"),
    ("3G / 4G LTE", "DL/UL", 6, "fcc_nr_downlink_high"),
    ("indoor 2 Mbit/s", "DL", 0, "ofcom_indoor_rate"),
    ("extreme rural edge", "rate", 0, "nr_extreme_rural_downlink"),
    ("edge rate DL / UL", "rate", 0, "nr_edge_rate"),
    ("maximum coupling loss", "MCL", 0, "nbiot_coupling_loss_extreme"),
]
# Published object, our row of a share, where the per cent stand.
SHARES = [
    ("outdoor roads", "probability/notes", 0, "lte_road_samples_covered"),
    ("covered share of main urban", "value", 0, "lte_urban_area_covered"),
    ("rail/road/metro", "value", 0, "signal_upgrade_line_share"),
    ("mean access rate", "probability/notes", 0, "signal_upgrade_rate_samples"),
    ("3G / 4G LTE", "probability/notes", 0, "fcc_edge_probability"),
    ("3G / 4G LTE", "probability/notes", 1, "fcc_cell_load"),
]


@pytest.fixture(scope="module")
def parameters():
    return read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")


@pytest.fixture(scope="module")
def thresholds(published):
    return published("coverage_thresholds.csv")


def numbers(text):
    return [float(found) for found in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", text)]


def the(thresholds, start):
    (row,) = (row for row in thresholds if row["object"].startswith(start))
    return row


@pytest.mark.parametrize(("start", "metric", "place", "name"), NAMED)
def test_a_threshold_is_the_published_one(thresholds, parameters, start, metric, place, name):
    row = the(thresholds, start)
    assert row["metric"] == metric
    assert numbers(row["value"])[place] == parameters[name].value


@pytest.mark.parametrize(("start", "column", "place", "name"), SHARES)
def test_a_share_is_the_published_one(thresholds, parameters, start, column, place, name):
    assert numbers(the(thresholds, start)[column])[place] == pytest.approx(100 * parameters[name].value)


def test_the_village_rule(thresholds, parameters):
    """A site within 5 km, or signal at committee, school, clinic and settlements of 20 homes."""
    text = the(thresholds, "administrative village")["value"]
    assert f"within {parameters['village_4g_coverage_definition_radius'].value:g} km" in text
    assert f">={parameters['village_4g_rule_homes'].value:g} households" in text


def test_figures_of_a_5g_budget_lie_in_our_ranges(thresholds, parameters):
    """Body 3, shadowing 8.3 at 95 %, building 20, interference 4, cable 3, noise figure 7 dB."""
    body, shadow, building, _, cable, _ = numbers(the(thresholds, "body / shadow")["value"])
    assert abs(parameters["ue_body_loss"].value - body) <= 1
    assert shadow < parameters["shadow_sigma"].value * 1.645
    assert parameters["indoor_penetration_loss_urban"].value == building
    assert parameters["feeder_loss_remote_radio"].high == cable


def test_thresholds_by_hand(parameters):
    """Trial of 2012: -110 dBm on 98 % of roads, -105 dBm in hotspots; TR 45.820: 144, 154, 164 dB."""
    assert parameters["lte_rsrp_threshold"].value == -110
    assert parameters["lte_road_samples_covered"].value == 0.98
    assert parameters["lte_rsrp_indoor_hotspot"].value == -105
    names = ("general", "robust", "extreme")
    assert tuple(parameters[f"nbiot_coupling_loss_{name}"].value for name in names) == COVERAGE_CLASSES_DB
    assert parameters["lte_m_coupling_loss"].value == REACH_DB["lte_m"]
    assert parameters["nbiot_reports_per_day"].value == pytest.approx(mean_reports_per_day())


def test_what_nobody_published_says_so(parameters):
    for name in ("acceptance_sinr", "acceptance_area_share"):
        assert parameters[name].is_assumption


def test_nbiot_of_the_parameter_table_reaches_its_classes(parameters):
    """Extreme coverage within the allowed repetitions both ways, at more than the 160 bit/s wanted."""
    value = {name: row.value for name, row in parameters.items() if name.startswith("nbiot_")}
    assert fitted_sinr_db(680 / 456) == pytest.approx(value["nbiot_downlink_single_snr"], abs=0.05)
    assert fitted_sinr_db(1000 / 960) == pytest.approx(value["nbiot_uplink_single_snr"], abs=0.05)
    uplink = IotLink(
        transmit_power=value["nbiot_device_power"],
        bandwidth=15,
        noise_figure=value["nbiot_base_noise_figure"],
        single_snr=value["nbiot_uplink_single_snr"],
        block_bits=value["nbiot_uplink_block"],
        block_time=value["nbiot_uplink_block_time"],
        repetitions_allowed=UPLINK_REPETITIONS,
    )
    assert uplink.repetitions(COVERAGE_CLASSES_DB).tolist() == [1, 4, 32]
    assert uplink.rate_kbps(164.0) > 0.16
    for power in ("nbiot_power", "nbiot_power_in_band"):
        downlink = IotLink(
            transmit_power=value[power],
            bandwidth=180,
            noise_figure=value["nbiot_device_noise_figure"],
            single_snr=value["nbiot_downlink_single_snr"],
            block_bits=value["nbiot_downlink_block"],
            block_time=value["nbiot_downlink_block_time"],
        )
        assert downlink.reach_db > 164.0
        assert downlink.rate_kbps(164.0) > 0.16
