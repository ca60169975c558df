"""Link budgets: how much path loss a service bears, and what a carrier carries."""

from __future__ import annotations

import math
from statistics import NormalDist

SUBCARRIERS_PER_RESOURCE_BLOCK = 12
RESOURCE_BLOCKS = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}
"""Resource blocks of an LTE carrier by bandwidth [MHz] (3GPP TS 36.101, table 5.6-1)."""


def resource_blocks(bandwidth_mhz: float) -> int:
    """Return the resource blocks of an LTE carrier; ``ValueError`` for a bandwidth LTE does not have."""
    if bandwidth_mhz not in RESOURCE_BLOCKS:
        allowed = ", ".join(f"{mhz:g}" for mhz in RESOURCE_BLOCKS)
        raise ValueError(f"LTE has no carrier of {bandwidth_mhz:g} MHz; it has {allowed}")
    return RESOURCE_BLOCKS[bandwidth_mhz]


def shadow_margin_db(sigma_db: float, edge_probability: float) -> float:
    """Return the margin that holds the threshold at the cell edge with a probability [dB].

    References
    ----------
    Jakes, Microwave Mobile Communications, 1974, section 2.5 (log-normal shadowing).
    """
    return sigma_db * NormalDist().inv_cdf(edge_probability)


def max_path_loss_rsrp_db(eirp_dbm: float, bandwidth_mhz: float, rsrp_dbm: float) -> float:
    """Return the loss at which the reference signal falls to a threshold [dB].

    The carrier's power is spread over all its resource elements: EIRP - 10 log10(12 N_RB) - RSRP.

    References
    ----------
    3GPP TS 36.214, section 5.1.1 (RSRP is the power of one resource element).
    """
    elements = SUBCARRIERS_PER_RESOURCE_BLOCK * resource_blocks(bandwidth_mhz)
    return eirp_dbm - 10.0 * math.log10(elements) - rsrp_dbm


def max_path_loss_coupling_db(coupling_loss_db: float, antenna_gain_dbi: float, losses_db: float) -> float:
    """Return the path loss that a coupling loss allows [dB].

    Coupling loss is counted between antenna connectors: path loss plus penetration, body and feeder
    less both antenna gains.

    References
    ----------
    3GPP TR 45.820, section 5.1 and annex D.
    """
    return coupling_loss_db + antenna_gain_dbi - losses_db
