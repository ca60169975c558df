"""Modulation tables, peak rates and the rates of cells and people."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import ValidationError

from sim.radio.rates import (
    LTE_CQI,
    LTE_CQI_SINR_DB,
    NR_MCS,
    RATE_TABLES,
    Carrier,
    cell_means_mbps,
    efficiency_bps_symbol,
    fitted_sinr_db,
    peak_rate_mbps,
    weighted_quantiles,
)

BITS = {"QPSK": 2, "16QAM": 4, "64QAM": 6}
LTE_20 = Carrier(bandwidth=20, overhead=0.25)


@pytest.fixture(scope="module")
def given(vectors):
    return json.loads((vectors / "mcs_cqi_capacity.json").read_text(encoding="utf-8"))


def test_tables_of_38214(given):
    """Every row, and the rule that the efficiency is bits times code rate."""
    assert sorted(map(int, given["nr_pdsch"])) == sorted(NR_MCS)
    for index, rows in given["nr_pdsch"].items():
        ours = NR_MCS[int(index)]
        assert [(bits, code) for _, bits, code, _ in rows] == list(ours)
        efficiency = efficiency_bps_symbol(ours)
        assert np.abs(efficiency - [row[3] for row in rows]).max() <= 5e-4


def test_channel_quality_of_36213(given):
    rows = given["lte_cqi_64qam"]["rows"]
    assert [(BITS[name], code) for _, name, code, _, _ in rows] == list(LTE_CQI)
    assert np.abs(efficiency_bps_symbol(LTE_CQI) - [row[3] for row in rows]).max() <= 5e-4
    assert [row[4] for row in rows] == list(LTE_CQI_SINR_DB)


def test_some_rows_by_hand():
    """TS 38.214: index 0 and 28 of table 1, 27 of table 2, 0 of table 3; CQI 14 is 873/1024, not 973."""
    assert [len(NR_MCS[index]) for index in (1, 2, 3)] == [29, 28, 29]
    assert NR_MCS[1][0] == (2, 120.0)
    assert NR_MCS[1][28] == (6, 948.0)
    assert NR_MCS[2][27] == (8, 948.0)
    assert NR_MCS[3][0] == (2, 30.0)
    assert LTE_CQI[13] == (6, 873.0)
    assert efficiency_bps_symbol(LTE_CQI)[[0, 13, 14]] == pytest.approx([0.1523, 5.1152, 5.5547], abs=5e-5)


def test_peak_rates_of_38306(given):
    blocks = given["prb"]
    for case in given["nr_peak_rate_TS38306_4_1_2_Mbps"]:
        mhz, spacing = (text.rstrip("MHzk") for text in case["bw"].split("/"))
        assert blocks[f"NR_FR1_{spacing}kHz"][mhz] == case["prb"]
        found = peak_rate_mbps(case["prb"], float(spacing), case["layers"], case["Qm"], case["OH"])
        assert found == pytest.approx(case["Mbps"], abs=1e-3)


def test_peak_rate_by_hand():
    """4 x 8 x 948/1024 x 273 x 12 x 28,000 x 0.86 = 2,337.0 Mbit/s."""
    assert peak_rate_mbps(273, 30.0, 4, 8, 0.14) == pytest.approx(2337.0, abs=1e-3)
    assert peak_rate_mbps(273, 30.0, 4, 8, 0.14, scaling=0.75) == pytest.approx(0.75 * 2337.0, abs=1e-3)


def test_the_fit_turns_mogensen_round():
    """0.75 log2(1 + SNR / 1.25) at 0, 10 and 20 dB."""
    for sinr, efficiency in [(0.0, 0.6360), (10.0, 2.3774), (20.0, 4.7549)]:
        assert 0.75 * np.log2(1 + 10 ** (sinr / 10) / 1.25) == pytest.approx(efficiency, abs=1e-4)
        assert fitted_sinr_db(efficiency) == pytest.approx(sinr, abs=1e-3)


def test_the_fit_agrees_with_planners_thresholds():
    fitted = fitted_sinr_db(efficiency_bps_symbol(LTE_CQI))
    assert np.abs(fitted - LTE_CQI_SINR_DB).max() < 1.5


@pytest.mark.parametrize("name", sorted(RATE_TABLES))
def test_a_table_is_looked_up_by_sinr(name):
    table = RATE_TABLES[name]
    assert np.all(np.diff(table.sinr_db) > 0)
    assert np.all(np.diff(table.bps_symbol) > 0)
    assert np.array_equal(table.efficiency(table.sinr_db), table.bps_symbol)
    assert table.efficiency(table.sinr_db[0] - 1e-6) == 0.0
    assert table.efficiency([-np.inf, 60.0]).tolist() == [0.0, table.bps_symbol[-1]]
    assert np.isnan(table.efficiency(np.nan))


def test_one_layer_never_carries_more_than_its_best_row():
    """Above 22.7 dB a single stream stays at 5.55 bit/symbol, whatever the table of many streams holds."""
    carrier = Carrier(bandwidth=20, overhead=0.0, efficiency="lte_cqi")
    assert carrier.efficiency_bps_hz([22.7, 30.0, 50.0]) == pytest.approx([5.5547 * 14 / 15] * 3, abs=1e-4)
    assert carrier.efficiency_bps_hz([-6.6, 0.1])[0] > 0


def test_an_lte_cell_by_hand():
    """100 blocks x 12 x 14,000 symbols x 5.5547 x 2 layers x 0.75 = 140.0 Mbit/s, above 25.7 dB."""
    carrier = Carrier(bandwidth=20, layers=2, overhead=0.25, efficiency="lte_cqi")
    assert carrier.rate_mbps(26.0) == pytest.approx(139.978, abs=0.01)
    assert carrier.rate_mbps(-7.0) == 0.0
    assert LTE_20.rate_mbps(0.0) == pytest.approx(18.0 * 0.6 * 0.75)


def test_layers_share_the_power():
    """Weak users receive one stream; strong ones up to as many as there are."""
    one, four = LTE_20, LTE_20.model_copy(update={"layers": 4})
    sinr = np.linspace(-12.0, 50.0, 200)
    assert np.array_equal(four.rate_mbps(-9.5), one.rate_mbps(-9.5))
    assert np.all(four.rate_mbps(sinr) >= one.rate_mbps(sinr))
    assert np.all(np.diff(four.rate_mbps(sinr)) >= 0)
    assert four.rate_mbps(50.0) == pytest.approx(4 * one.rate_mbps(50.0))
    assert four.rate_mbps(20.0) < 4 * one.rate_mbps(20.0)


@pytest.mark.parametrize("efficiency", ["truncated_shannon", "lte_cqi"])
def test_single_precision_stays_single(efficiency):
    """A raster of a province is kept in single precision throughout."""
    carrier = Carrier(bandwidth=20, layers=2, overhead=0.25, efficiency=efficiency)
    sinr = np.linspace(-12.0, 40.0, 1000).astype(np.float32)
    assert carrier.rate_mbps(sinr).dtype == np.float32
    assert carrier.rate_mbps(sinr) == pytest.approx(carrier.rate_mbps(sinr.astype(np.float64)), rel=1e-5)


def test_the_share_of_time_and_each_carriers_own_bandwidth():
    half = Carrier(standard="nr", bandwidth=100, subcarrier_spacing=30, downlink_share=0.5, overhead=0.14)
    assert half.occupied_hz == 273 * 12 * 30e3
    full = half.model_copy(update={"downlink_share": 1.0})
    assert half.rate_mbps(10.0) == pytest.approx(0.5 * full.rate_mbps(10.0))
    assert full.rate_mbps(40.0) == pytest.approx(98.28 * 4.4 * 0.86)
    narrow = Carrier(bandwidth=10, overhead=0.25)
    both = narrow.rate_mbps(10.0) + LTE_20.rate_mbps(10.0)
    assert both == pytest.approx(1.5 * LTE_20.rate_mbps(10.0))


def test_the_fastest_row_of_nr_is_the_peak_rate_but_for_overhead():
    carrier = Carrier(
        standard="nr", bandwidth=100, subcarrier_spacing=30, layers=4, overhead=0.14, efficiency="nr_mcs_2"
    )
    assert carrier.rate_mbps(60.0) == pytest.approx(peak_rate_mbps(273, 30.0, 4, 8, 0.14))


def test_a_carrier_that_does_not_exist():
    with pytest.raises(ValueError, match="no carrier of 7 MHz"):
        Carrier(bandwidth=7, overhead=0.2).rate_mbps(0.0)
    with pytest.raises(ValidationError):
        Carrier(bandwidth=10, overhead=1.2)


def test_equal_time_and_equal_throughput():
    """Rates 10 and 40 with weights 3 and 1: arithmetic 17.5, harmonic 4 / (3/10 + 1/40) = 12.3."""
    server = np.array([0, 0, 0, 2, -1])
    rate = np.array([10.0, 40.0, 0.0, 5.0, 99.0])
    people = np.array([3.0, 1.0, 7.0, 2.0, 4.0])
    assert cell_means_mbps(server, rate, people, 3, "time") == pytest.approx([17.5, 0.0, 5.0])
    assert cell_means_mbps(server, rate, people, 3, "throughput") == pytest.approx(
        [12.3077, 0.0, 5.0], abs=1e-4
    )


def test_quantiles_by_people():
    values, people = [30.0, 10.0, 20.0], [50.0, 5.0, 45.0]
    assert weighted_quantiles(values, people, [0.05, 0.06, 0.5, 0.51, 1.0]).tolist() == [10, 20, 20, 30, 30]
    assert weighted_quantiles(values, [0, 0, 1], 0.05) == 20.0
    assert np.isnan(weighted_quantiles([], [], [0.5])).all()
    thousand = np.arange(1, 1001) / 10
    assert weighted_quantiles(thousand, np.full(1000, 0.1), [0.05, 0.5]) == pytest.approx([5.0, 50.0])
