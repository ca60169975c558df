"""NB-IoT links against the arithmetic of TR 45.820."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from sim.radio.iot import (
    COVERAGE_CLASSES_DB,
    DOWNLINK_REPETITIONS,
    REACH_DB,
    UPLINK_REPETITIONS,
    IotLink,
    coupling_loss_db,
    coverage_class,
    devices_supported,
    mean_reports_per_day,
)

STAND_ALONE = IotLink(
    transmit_power=43,
    bandwidth=180,
    noise_figure=5,
    single_snr=5.0,
    block_bits=680,
    block_time=3,
    control_time=10,
)
IN_BAND = STAND_ALONE.model_copy(update={"transmit_power": 35.0})
UPLINK = IotLink(
    transmit_power=23,
    bandwidth=15,
    noise_figure=3,
    single_snr=5.0,
    block_bits=1000,
    block_time=80,
    repetitions_allowed=UPLINK_REPETITIONS,
)


def test_what_each_class_asks_of_the_receiver(published):
    """Noise, sensitivity and required SINR of every channel at 144, 154 and 164 dB."""
    given = published("nbiot_mcl.csv")
    assert len(given) >= 18
    assert {float(row["MCL_dB"]) for row in given} == set(COVERAGE_CLASSES_DB)
    for row in given:
        link = STAND_ALONE.model_copy(
            update={
                "transmit_power": float(row["Ptx_dBm"]),
                "bandwidth": float(row["BW_Hz"]) / 1000,
                "noise_figure": float(row["NF_dB"]),
                "single_snr": float(row["required_SINR_dB"]),
                "repetitions_allowed": (1,),
            }
        )
        loss, tolerance = float(row["MCL_dB"]), float(row["tol_dB"])
        assert link.noise_dbm == pytest.approx(float(row["effective_noise_dBm"]), abs=tolerance)
        assert link.snr_db(loss) == pytest.approx(float(row["required_SINR_dB"]), abs=tolerance)
        assert link.transmit_power - loss == pytest.approx(float(row["sensitivity_dBm"]), abs=tolerance)
        assert link.reach_db == pytest.approx(loss, abs=tolerance)
        assert link.repetitions(loss - tolerance) == 1
        assert link.repetitions(loss + tolerance) == 0


def test_required_sinr_by_hand():
    """43 - 164 + 116.447 = -4.553 dB stand-alone, 8 dB less in band, 23 - 164 + 129.239 = -11.761 dB up."""
    assert STAND_ALONE.snr_db(164.0) == pytest.approx(-4.553, abs=1e-3)
    assert IN_BAND.snr_db([144.0, 154.0, 164.0]) == pytest.approx([7.447, -2.553, -12.553], abs=1e-3)
    assert UPLINK.snr_db(164.0) == pytest.approx(-11.761, abs=1e-3)


def test_coupling_loss_counts_between_connectors():
    """A path of 140 dB, 20 into the house, 3 body, 2 feeder, less 15 + 0 dBi: 150 dB, robust coverage."""
    loss = coupling_loss_db([120.0, 140.0, 150.0, 160.0], losses_db=20.0 + 3.0 + 2.0, gains_dbi=15.0)
    assert loss.tolist() == [130.0, 150.0, 160.0, 170.0]
    assert coverage_class(loss).tolist() == [0, 1, 2, -1]


def test_classes_hold_at_their_very_edge():
    assert coverage_class([144.0, 144.01, 154.0, 164.0, 164.01, np.inf]).tolist() == [0, 1, 1, 2, -1, -1]
    assert coverage_class(150.0, (REACH_DB["lte"], REACH_DB["lte_m"])) == 1
    assert REACH_DB["nbiot"] - REACH_DB["gprs"] == 20.0


def test_a_repetition_for_every_three_decibels():
    """Each doubling bridges 3.01 dB; between the powers of two stand 192, 384, 768, 1536 only."""
    first = STAND_ALONE.transmit_power - STAND_ALONE.noise_dbm - STAND_ALONE.single_snr
    steps = 10 * np.log10(np.array(DOWNLINK_REPETITIONS))
    assert STAND_ALONE.repetitions(first + steps).tolist() == list(DOWNLINK_REPETITIONS)
    assert STAND_ALONE.repetitions(first + steps[:-1] + 0.01).tolist() == list(DOWNLINK_REPETITIONS[1:])
    assert STAND_ALONE.repetitions([first - 50.0, STAND_ALONE.reach_db + 0.01]).tolist() == [1, 0]
    assert math.log2(DOWNLINK_REPETITIONS[-1]) == 11


def test_classes_by_power():
    """At 164 dB 10 dB lack stand-alone (16 repetitions) and 18 dB in band (64)."""
    assert STAND_ALONE.repetitions(COVERAGE_CLASSES_DB).tolist() == [1, 1, 16]
    assert IN_BAND.repetitions(COVERAGE_CLASSES_DB).tolist() == [1, 8, 64]
    assert UPLINK.repetitions(COVERAGE_CLASSES_DB).tolist() == [1, 8, 64]


def test_rates_fall_with_repetitions():
    """680 bits in 10 + 3 ms are 52.3 kbit/s; with 16 repetitions in 58 ms 11.7; out of reach none."""
    found = STAND_ALONE.rate_kbps([144.0, 164.0, 250.0])
    assert found == pytest.approx([52.308, 11.724, 0.0], abs=1e-3)
    losses = np.linspace(120.0, 200.0, 161)
    assert np.all(np.diff(STAND_ALONE.rate_kbps(losses)) <= 0)
    assert np.all(IN_BAND.rate_kbps(losses) <= STAND_ALONE.rate_kbps(losses))
    assert UPLINK.rate_kbps(164.0) > 0.16  # TR 45.820 wants 160 bit/s at 164 dB


def test_messages_take_whole_blocks():
    assert UPLINK.airtime_ms(140.0, 1000) == 80.0
    assert UPLINK.airtime_ms([140.0, 164.0], 1001).tolist() == [160.0, 2 * 64 * 80.0]
    assert UPLINK.airtime_ms(200.0, 8.0) == math.inf


def test_traffic_of_devices():
    """0.4 x 1 + 0.4 x 12 + 0.15 x 24 + 0.05 x 48 = 11.2 reports a day."""
    assert mean_reports_per_day() == pytest.approx(11.2)


def test_devices_of_a_cell_by_hand():
    """12 subcarriers x 0.5 x 86,400 s / (11.2 x (0.8 x 0.08 + 0.15 x 0.64 + 0.05 x 5.12 s)) = 111,264."""
    airtime = UPLINK.airtime_ms(COVERAGE_CLASSES_DB, 1000) / 1000
    assert airtime.tolist() == [0.08, 0.64, 5.12]
    found = devices_supported(airtime, [0.8, 0.15, 0.05], 11.2, channels=12, usable_share=0.5)
    assert found == pytest.approx(12 * 0.5 * 86_400 / (11.2 * 0.416))
    # TR 45.820, annex E: 52,547 devices live in a sector of 1,732 m between sites.
    assert found > 52_547


def test_the_worst_class_costs_most():
    airtime = [0.08, 0.64, 5.12]
    near = devices_supported(airtime, [1.0, 0.0, 0.0], 11.2, channels=12, usable_share=0.5)
    far = devices_supported(airtime, [0.0, 0.0, 1.0], 11.2, channels=12, usable_share=0.5)
    assert near == pytest.approx(64 * far)
    beyond = devices_supported([0.08, 0.64, np.inf], [0.5, 0.5, 0.0], 11.2, channels=12, usable_share=0.5)
    assert math.isfinite(beyond)
    with pytest.raises(ValueError, match=r"sum to 0\.9, not to 1"):
        devices_supported(airtime, [0.5, 0.4, 0.0], 11.2, channels=12, usable_share=0.5)


def test_repetitions_that_do_not_rise_are_refused():
    for wrong in ((), (2, 1), (0, 1), (1, 1)):
        with pytest.raises(ValidationError, match="must rise from 1"):
            IotLink(**(STAND_ALONE.model_dump() | {"repetitions_allowed": wrong}))
