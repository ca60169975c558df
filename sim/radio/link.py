"""Link budgets: how much path loss a service bears, and what a receiver makes of the power it gets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from types import MappingProxyType
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from sim.errors import DataError, Problem
from sim.options import Options
from sim.parameters import Quantity

Floats = NDArray[np.floating]
Decibel = Annotated[float, Field(ge=0), Quantity("dB")]
Gain = Annotated[float, Field(ge=-30, le=60), Quantity("dBi")]

THERMAL_NOISE_DBM_PER_HZ = -174.0
"""Noise density of a receiver at room temperature, as 3GPP rounds it."""
SUBCARRIERS_PER_RESOURCE_BLOCK = 12
RESOURCE_BLOCKS = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}
"""Resource blocks of an LTE carrier by bandwidth [MHz] (3GPP TS 36.101, table 5.6-1)."""
NR_BANDWIDTHS_MHZ = (5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100)
NR_RESOURCE_BLOCKS: Mapping[int, Mapping[int, int]] = MappingProxyType(
    {
        spacing: {mhz: count for mhz, count in zip(NR_BANDWIDTHS_MHZ, counts, strict=False) if count}
        for spacing, counts in {
            15: (25, 52, 79, 106, 133, 160, 216, 270),
            30: (11, 24, 38, 51, 65, 78, 106, 133, 162, 189, 217, 245, 273),
            60: (0, 11, 18, 24, 31, 38, 51, 65, 79, 93, 107, 121, 135),
        }.items()
    }
)
"""Resource blocks of an NR carrier below 6 GHz by subcarrier spacing [kHz] and bandwidth [MHz]
(3GPP TS 38.101-1, table 5.3.2-1)."""
_NEPER_PER_DB = math.log(10.0) / 10.0
_SMALLEST_SIGMA_DB = 1e-3


def resource_blocks(bandwidth_mhz: float) -> int:
    """Return the resource blocks of an LTE carrier; ``ValueError`` for a bandwidth LTE does not have."""
    if bandwidth_mhz not in RESOURCE_BLOCKS:
        allowed = ", ".join(f"{mhz:g}" for mhz in RESOURCE_BLOCKS)
        raise ValueError(f"LTE has no carrier of {bandwidth_mhz:g} MHz; it has {allowed}")
    return RESOURCE_BLOCKS[bandwidth_mhz]


def nr_resource_blocks(bandwidth_mhz: float, subcarrier_khz: float) -> int:
    """Return the resource blocks of an NR carrier below 6 GHz; ``ValueError`` for one NR does not have."""
    if subcarrier_khz not in NR_RESOURCE_BLOCKS:
        raise ValueError(f"NR below 6 GHz has no subcarriers of {subcarrier_khz:g} kHz; it has 15, 30, 60")
    blocks = NR_RESOURCE_BLOCKS[int(subcarrier_khz)]
    if bandwidth_mhz not in blocks:
        allowed = ", ".join(map(str, blocks))
        at = f"at {subcarrier_khz:g} kHz"
        raise ValueError(f"NR has no carrier of {bandwidth_mhz:g} MHz {at}; it has {allowed}")
    return blocks[int(bandwidth_mhz)]


def power_per_element_dbm(carrier_dbm: float, blocks: int) -> float:
    """Return the power of one resource element of a carrier whose power is spread evenly [dBm].

    References
    ----------
    3GPP TS 36.214, section 5.1.1 (RSRP is the power of one resource element).
    """
    return carrier_dbm - 10.0 * math.log10(SUBCARRIERS_PER_RESOURCE_BLOCK * blocks)


def eirp_per_element_dbm(carrier_dbm: float, blocks: int, gain_dbi: float, feeder_db: float) -> float:
    """Return the power of one resource element radiated on the boresight [dBm]."""
    return power_per_element_dbm(carrier_dbm, blocks) + gain_dbi - feeder_db


def thermal_noise_dbm(bandwidth_hz: float, noise_figure_db: float) -> float:
    """Return the noise of a receiver over a bandwidth [dBm].

    One resource element is 15 kHz of LTE, or the subcarrier spacing of NR.
    """
    return THERMAL_NOISE_DBM_PER_HZ + 10.0 * math.log10(bandwidth_hz) + noise_figure_db


class LinkBudget(Options):
    """What stands between a transmitter and the weakest signal that still serves.

    Path loss may be ``power + both gains - losses and margins - (noise + SINR)``.
    """

    transmit_power_dbm: Annotated[float, Field(), Quantity("dBm")]
    """Power at the transmitter's connector over the bandwidth below [dBm]."""
    transmit_gain_dbi: Gain = 0.0
    """Gain of the transmitting antenna [dBi]."""
    receive_gain_dbi: Gain = 0.0
    """Gain of the receiving antenna [dBi]."""
    feeder_loss_db: Decibel = 0.0
    """Loss of cables and combiners [dB]."""
    bandwidth_hz: Annotated[float, Field(gt=0), Quantity("Hz")]
    """Bandwidth that carries the power and lets in the noise [Hz]."""
    noise_figure_db: Decibel
    """Noise of the receiver above thermal noise [dB]."""
    required_sinr_db: Annotated[float, Field(), Quantity("dB")]
    """Signal over interference and noise at which the service works [dB]."""
    interference_margin_db: Decibel = 0.0
    """Rise of the noise by other cells [dB]."""
    body_loss_db: Decibel = 0.0
    """Loss by the user's body [dB]."""
    penetration_loss_db: Decibel = 0.0
    """Loss into the building or vehicle [dB]."""
    shadow_margin_db: Decibel = 0.0
    """Margin for shadowing at the wanted probability [dB]."""

    @property
    def noise_dbm(self) -> float:
        """Noise of the receiver [dBm]."""
        return thermal_noise_dbm(self.bandwidth_hz, self.noise_figure_db)

    @property
    def sensitivity_dbm(self) -> float:
        """Weakest signal that serves without interference [dBm]."""
        return self.noise_dbm + self.required_sinr_db

    @property
    def max_path_loss_db(self) -> float:
        """Largest median path loss that serves [dB]."""
        gains = self.transmit_gain_dbi + self.receive_gain_dbi - self.feeder_loss_db
        margins = self.interference_margin_db + self.shadow_margin_db
        losses = self.body_loss_db + self.penetration_loss_db
        return self.transmit_power_dbm + gains - margins - losses - self.sensitivity_dbm


def max_path_loss_rsrp_db(eirp_dbm: float, bandwidth_mhz: float, rsrp_dbm: float) -> float:
    """Return the loss at which the reference signal falls to a threshold [dB].

    The carrier's power is spread over all its resource elements: EIRP - 10 log10(12 N_RB) - RSRP.

    References
    ----------
    3GPP TS 36.214, section 5.1.1 (RSRP is the power of one resource element).
    """
    return power_per_element_dbm(eirp_dbm, resource_blocks(bandwidth_mhz)) - rsrp_dbm


def max_path_loss_coupling_db(coupling_loss_db: float, antenna_gain_dbi: float, losses_db: float) -> float:
    """Return the path loss that a coupling loss allows [dB].

    Coupling loss is counted between antenna connectors: path loss plus penetration, body and feeder
    less both antenna gains.

    References
    ----------
    3GPP TR 45.820, section 5.1 and annex D.
    """
    return coupling_loss_db + antenna_gain_dbi - losses_db


def shadow_margin_db(sigma_db: float, edge_probability: float) -> float:
    """Return the margin that holds the threshold at the cell edge with a probability [dB].

    A probability of 0 or 1, which no margin holds, is a ``DataError``.

    References
    ----------
    Jakes, Microwave Mobile Communications, 1974, section 2.5 (log-normal shadowing).
    """
    if not 0.0 < edge_probability < 1.0:
        message = f"is {edge_probability:g}, but must lie between 0 and 1, both excluded"
        raise DataError((Problem("link budget", "edge_probability", message),))
    return sigma_db * NormalDist().inv_cdf(edge_probability)


def edge_probability(margin_db: ArrayLike, sigma_db: ArrayLike) -> Floats:
    """Return the chance that a signal ``margin_db`` above its threshold in the median exceeds it."""
    from scipy.special import ndtr

    sigma = np.maximum(np.asarray(sigma_db, dtype=np.float64), _SMALLEST_SIGMA_DB)
    return np.asarray(ndtr(np.asarray(margin_db, dtype=np.float64) / sigma))


def area_probability(margin_db: ArrayLike, sigma_db: ArrayLike, exponent: ArrayLike) -> Floats:
    """Return the share of a round cell above a threshold that its edge exceeds by a margin in the median.

    The median falls with the distance to the power ``exponent``; the margin may be negative.

    References
    ----------
    Jakes, Microwave Mobile Communications, 1974, equation 2.5-15: with a = -margin / (sigma sqrt 2) and
    b = 10 n log10(e) / (sigma sqrt 2), half of 1 - erf(a) + exp((1 - 2ab) / b^2) (1 - erf((1 - ab) / b)).
    """
    from scipy.special import erfc, erfcx

    root = np.maximum(np.asarray(sigma_db, dtype=np.float64), _SMALLEST_SIGMA_DB) * math.sqrt(2.0)
    a = -np.asarray(margin_db, dtype=np.float64) / root
    b = np.asarray(exponent, dtype=np.float64) / (_NEPER_PER_DB * root)
    z = 1.0 / b - a
    # The exponential overflows where erfc vanishes: the scaled erfcx keeps their product there.
    near = np.exp(-(a**2)) * erfcx(np.maximum(z, 0.0))
    far = np.exp(np.minimum((1.0 - 2.0 * a * b) / b**2, 0.0)) * erfc(z)
    return np.asarray(0.5 * (erfc(a) + np.where(z >= 0.0, near, far)))


def noise_rise_db(load: ArrayLike) -> Floats:
    """Return how much an uplink's own load lifts its noise, infinite at full load [dB].

    References
    ----------
    Holma and Toskala, WCDMA for UMTS, 2000, equation 8.9.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(-10.0 * np.log10(1.0 - np.asarray(load, dtype=np.float64)))


def interference_margin_db(required_sinr_db: ArrayLike, edge_sir_db: ArrayLike) -> Floats:
    """Return how much other cells lift the noise where a wanted SINR is just held [dB].

    ``edge_sir_db`` is the signal over the other cells' power there. With I = S / SIR and
    S / (I + N) = SINR, (I + N) / N is 1 / (1 - SINR / SIR); infinite where no power reaches the SINR.
    """
    share = 10.0 ** ((np.asarray(required_sinr_db, dtype=np.float64) - np.asarray(edge_sir_db)) / 10.0)
    with np.errstate(divide="ignore"):
        return np.asarray(-10.0 * np.log10(np.maximum(1.0 - share, 0.0)))


def milliwatt(power_dbm: ArrayLike) -> Floats:
    """Return powers in milliwatts, same shape and precision; minus infinity is no power [mW]."""
    return np.asarray(np.exp(as_floats(power_dbm) * _NEPER_PER_DB))


def sinr_db(best_dbm: ArrayLike, total_mw: ArrayLike, noise_dbm: float, load: ArrayLike) -> Floats:
    """Return signal over interference and noise of the best server, broadcast shape [dB].

    ``total_mw`` is the sum over all cells at full power, the best included; all but the best interfere,
    each for the share ``load`` of the time (one figure or one a receiver). Powers and noise are of the
    same bandwidth. Where there is no signal the answer is minus infinity. Single-precision input gives
    single precision: interference more than 55 dB below the signal is then not told from none.
    """
    signal = milliwatt(best_dbm)
    total = np.asarray(total_mw, dtype=signal.dtype)
    other = np.maximum(total - signal, 0.0) * np.asarray(load, dtype=signal.dtype)
    noise = signal.dtype.type(10.0 ** (noise_dbm / 10.0))
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(signal / (other + noise)))


LOWEST_SINR_DB = -10.0
"""Below it a link carries nothing (3GPP TR 36.942, table A.2) [dB]."""
UPLINK = MappingProxyType({"attenuation": 0.4, "lowest_sinr_db": LOWEST_SINR_DB, "highest_bps_hz": 2.0})
"""Arguments of ``spectral_efficiency_bps_hz`` for the uplink (3GPP TR 36.942, table A.2)."""


def spectral_efficiency_bps_hz(
    sinr_db: ArrayLike,
    *,
    attenuation: float = 0.6,
    lowest_sinr_db: float = LOWEST_SINR_DB,
    highest_bps_hz: float = 4.4,
) -> Floats:
    """Return what a link carries, a share of Shannon's bound between two limits, same shape [bit/s/Hz].

    Nothing below the lowest SINR, no more than the highest rate. The defaults are the downlink's.

    References
    ----------
    3GPP TR 36.942, annex A.1, table A.2.
    """
    sinr = as_floats(sinr_db)
    bound = np.log1p(milliwatt(sinr)) * (attenuation / math.log(2.0))
    return np.where(sinr >= lowest_sinr_db, np.minimum(bound, highest_bps_hz), sinr.dtype.type(0.0))


def required_sinr_db(
    bps_hz: ArrayLike, *, attenuation: float = 0.6, lowest_sinr_db: float = LOWEST_SINR_DB
) -> Floats:
    """Return the SINR at which a link carries a rate: ``spectral_efficiency_bps_hz`` turned round [dB]."""
    power = np.expm1(np.asarray(bps_hz, dtype=np.float64) * (math.log(2.0) / attenuation))
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(10.0 * np.log10(power), lowest_sinr_db))


def as_floats(values: ArrayLike) -> Floats:
    """Return single precision as it is and everything else as double."""
    given = np.asarray(values)
    return given if given.dtype == np.float32 else given.astype(np.float64)
