"""Link budgets against published arithmetic."""

from __future__ import annotations

import pytest

from sim.radio.link import (
    RESOURCE_BLOCKS,
    max_path_loss_coupling_db,
    max_path_loss_rsrp_db,
    resource_blocks,
    shadow_margin_db,
)
from tests.radio.test_pathloss import needs_vectors, rows


@needs_vectors
def test_power_of_a_resource_element():
    """The loss to an RSRP of 0 dBm is the EIRP of one resource element."""
    mhz = {blocks: width for width, blocks in RESOURCE_BLOCKS.items()}
    known = [row for row in rows("rsrp_eirp_per_re.csv") if int(row["PRB"]) in mhz]
    assert len(known) >= 3
    for row in known:
        eirp = float(row["P_total_dBm"]) + float(row["ant_gain_dBi"]) - float(row["feeder_dB"])
        found = max_path_loss_rsrp_db(eirp, mhz[int(row["PRB"])], 0.0)
        assert found == pytest.approx(float(row["EIRP_per_RE_dBm"]), abs=float(row["tol"]))


@needs_vectors
def test_shadow_margins_of_jakes():
    given = rows("shadow_margin_jakes.csv")
    assert len(given) > 100
    for row in given:
        found = shadow_margin_db(float(row["sigma_dB"]), float(row["edge_prob"]))
        assert found == pytest.approx(float(row["margin_dB"]), abs=float(row["tol"]))


@needs_vectors
def test_coupling_loss_is_power_less_sensitivity():
    """TR 45.820: a coupling loss is transmitted power less sensitivity; with unit antennas it is the loss."""
    for row in rows("nbiot_mcl.csv"):
        coupling = float(row["Ptx_dBm"]) - float(row["effective_noise_dBm"]) - float(row["required_SINR_dB"])
        assert max_path_loss_coupling_db(coupling, 0.0, 0.0) == pytest.approx(float(row["MCL_dB"]), abs=0.01)


def test_gains_add_and_losses_take_from_a_coupling_loss():
    assert max_path_loss_coupling_db(164.0, 18.0 - 3.0, 3.0 + 20.0) == 156.0


def test_half_the_edge_needs_no_margin():
    assert shadow_margin_db(8.0, 0.5) == 0.0
    assert shadow_margin_db(8.0, 0.75) == pytest.approx(5.396, abs=0.001)


def test_resource_blocks_of_36101():
    assert [resource_blocks(mhz) for mhz in (1.4, 3.0, 5.0, 10.0, 15.0, 20.0)] == [6, 15, 25, 50, 75, 100]
    with pytest.raises(ValueError, match=r"no carrier of 7 MHz; it has 1\.4, 3, 5, 10, 15, 20"):
        resource_blocks(7.0)
