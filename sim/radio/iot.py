"""NB-IoT links: coupling loss and its classes, repetitions, rates, and devices in a cell."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from sim.options import Options
from sim.parameters import Quantity
from sim.radio.link import thermal_noise_dbm

Floats = NDArray[np.float64]
Decibel = Annotated[float, Field(ge=0), Quantity("dB")]
Milliseconds = Annotated[float, Field(ge=0), Quantity("ms")]

COVERAGE_CLASSES_DB = (144.0, 154.0, 164.0)
"""Largest coupling loss of normal, robust and extreme coverage (3GPP TR 45.820, section 5.1) [dB]."""
REACH_DB = {"gprs": 144.0, "lte": 144.0, "lte_m": 156.0, "nbiot": 164.0}
"""Largest coupling loss of each standard (TR 45.820, section 4.1; TR 36.888, rounded) [dB]."""
DOWNLINK_REPETITIONS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Repetitions that a downlink block may have (3GPP TS 36.213, table 16.4.1.3-2)."""
UPLINK_REPETITIONS = (1, 2, 4, 8, 16, 32, 64, 128)
"""Repetitions that an uplink block may have (3GPP TS 36.213, table 16.5.1.1-3)."""
REPORTS_PER_DAY = {1: 0.40, 12: 0.40, 24: 0.15, 48: 0.05}
"""Share of devices by their reports a day (3GPP TR 45.820, annex E.2.2: every day, two hours, hour, half)."""
_S_PER_DAY, _MS_PER_S, _BITS_PER_KBIT = 86_400.0, 1e3, 1e3


def coupling_loss_db(path_loss_db: ArrayLike, *, losses_db: ArrayLike, gains_dbi: ArrayLike) -> Floats:
    """Return the loss between the antenna connectors, broadcast shape [dB].

    ``losses_db`` sums penetration, body and feeder; ``gains_dbi`` sums both antennas. The result is
    compared with a class: gains are never added to the class itself.

    References
    ----------
    3GPP TR 45.820, section 5.1 and annex D.
    """
    loss = np.asarray(path_loss_db, dtype=np.float64) + np.asarray(losses_db) - np.asarray(gains_dbi)
    return np.asarray(loss)


def coverage_class(
    coupling_db: ArrayLike, classes_db: tuple[float, ...] = COVERAGE_CLASSES_DB
) -> NDArray[np.int8]:
    """Return the first class whose loss is not exceeded, 0 the best, -1 beyond the last, same shape."""
    found = np.searchsorted(np.asarray(classes_db), np.asarray(coupling_db, dtype=np.float64), side="left")
    return np.where(found == len(classes_db), -1, found).astype(np.int8)


class IotLink(Options):
    """One direction of a link that bridges what it lacks in signal by saying everything again."""

    transmit_power: Annotated[float, Field(), Quantity("dBm")]
    """Power over the bandwidth: a stand-alone carrier 43, in an LTE carrier 35, a device 23 [dBm]."""
    bandwidth: Annotated[float, Field(gt=0), Quantity("kHz")]
    """Bandwidth that carries the power [kHz]."""
    noise_figure: Decibel
    """Noise of the receiver above thermal noise [dB]."""
    single_snr: Annotated[float, Field(), Quantity("dB")]
    """Signal over noise at which one transmission is enough [dB]."""
    block_bits: Annotated[float, Field(gt=0), Quantity("bit")]
    """Bits of a block [bit]."""
    block_time: Annotated[float, Field(gt=0), Quantity("ms")]
    """Time of one transmission of a block [ms]."""
    control_time: Milliseconds = 0.0
    """Time of grant, gap and answer around a block, without its repetitions [ms]."""
    repetitions_allowed: tuple[int, ...] = DOWNLINK_REPETITIONS
    """Repetitions that the standard allows, rising [1]."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        allowed = self.repetitions_allowed
        if not allowed or allowed[0] < 1 or any(b <= a for a, b in pairwise(allowed)):
            raise ValueError("repetitions_allowed must rise from 1 or more, for example 1, 2, 4, 8")
        return self

    @property
    def noise_dbm(self) -> float:
        """Noise of the receiver [dBm]."""
        return thermal_noise_dbm(self.bandwidth * _MS_PER_S, self.noise_figure)

    @property
    def reach_db(self) -> float:
        """Largest coupling loss that the most repetitions bridge [dB]."""
        gain = 10.0 * np.log10(self.repetitions_allowed[-1])
        return float(self.transmit_power - self.noise_dbm - self.single_snr + gain)

    def snr_db(self, coupling_db: ArrayLike) -> Floats:
        """Return signal over noise of one transmission, same shape [dB]."""
        return np.asarray(self.transmit_power - np.asarray(coupling_db, dtype=np.float64) - self.noise_dbm)

    def repetitions(self, coupling_db: ArrayLike) -> NDArray[np.int64]:
        """Return the fewest allowed repetitions that serve, 0 where not even the most do, same shape.

        Receivers add what is repeated coherently: twice as many for each 3 dB that lack.
        """
        allowed = np.asarray(self.repetitions_allowed, dtype=np.int64)
        needed = 10.0 ** ((self.single_snr - self.snr_db(coupling_db)) / 10.0)
        # Losses that sit on a step in exact arithmetic stay on it.
        place = np.searchsorted(allowed, needed * (1.0 - 1e-9), side="left")
        return np.concatenate([allowed, [0]])[place]

    def airtime_ms(self, coupling_db: ArrayLike, bits: float) -> Floats:
        """Return the time that a message takes in whole blocks, infinite out of reach, same shape [ms]."""
        repetitions = self.repetitions(coupling_db)
        block = self.control_time + repetitions * self.block_time
        return np.where(repetitions > 0, np.ceil(bits / self.block_bits) * block, np.inf)

    def rate_kbps(self, coupling_db: ArrayLike) -> Floats:
        """Return the rate of one device that sends block after block, 0 out of reach, same shape [kbit/s]."""
        return np.asarray(self.block_bits / _BITS_PER_KBIT * _MS_PER_S / self.airtime_ms(coupling_db, 1.0))


def mean_reports_per_day() -> float:
    """Return the reports a day of the mean device of TR 45.820."""
    return sum(count * share for count, share in REPORTS_PER_DAY.items())


def devices_supported(
    airtime_s: ArrayLike,
    class_share: ArrayLike,
    reports_per_day: float,
    *,
    channels: float,
    usable_share: float,
) -> float:
    """Return how many devices a cell's channels carry at the wanted load.

    ``airtime_s`` is a report's time on one channel and ``class_share`` the share of the devices, by
    coverage class; a report takes one of ``channels`` (subcarriers used singly, or carriers), which may
    be busy for ``usable_share`` of the day.

    References
    ----------
    3GPP TR 45.820, annex E (traffic of devices that report on their own).
    """
    time, share = np.asarray(airtime_s, dtype=np.float64), np.asarray(class_share, dtype=np.float64)
    if not np.isclose(share.sum(), 1.0):
        raise ValueError(f"the shares of the coverage classes sum to {share.sum():g}, not to 1")
    mean = float((time[share > 0] * share[share > 0]).sum())
    return channels * usable_share * _S_PER_DAY / (reports_per_day * mean)
