"""Names of radio technologies, operators and bands: the words that tables and scenarios share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

GSM, UMTS, LTE, NR, NBIOT = "gsm", "umts", "lte", "nr", "nbiot"
RADIO_TECHNOLOGIES = (GSM, UMTS, LTE, NR, NBIOT)
"""``umts`` stands for the third generation as a whole: WCDMA, TD-SCDMA and CDMA2000."""
SHARED = "shared"
OPERATORS = ("china_mobile", "china_unicom", "china_telecom", SHARED)


@dataclass(frozen=True)
class Band:
    """The edges of a band; uplink and downlink are the same where time is shared (TDD)."""

    downlink_mhz: tuple[float, float]
    uplink_mhz: tuple[float, float]
    technologies: tuple[str, ...]

    @property
    def tdd(self) -> bool:
        """Whether uplink and downlink share the frequency in time."""
        return self.downlink_mhz == self.uplink_mhz

    def holds(self, frequency_mhz: float) -> bool:
        """Return whether a frequency lies in the downlink or the uplink of the band."""
        return any(low <= frequency_mhz <= high for low, high in (self.downlink_mhz, self.uplink_mhz))

    def distance_mhz(self, frequency_mhz: float) -> float:
        """Return how far a frequency lies outside the downlink [MHz]."""
        low, high = self.downlink_mhz
        return max(low - frequency_mhz, frequency_mhz - high, 0.0)


def _paired(downlink: tuple[float, float], uplink: tuple[float, float], *technologies: str) -> Band:
    return Band(downlink, uplink, technologies)


def _shared_in_time(edges: tuple[float, float], *technologies: str) -> Band:
    return Band(edges, edges, technologies)


BANDS: Mapping[str, Band] = MappingProxyType(
    {
        "GSM900": _paired((925.0, 960.0), (880.0, 915.0), GSM),
        "GSM1800": _paired((1805.0, 1880.0), (1710.0, 1785.0), GSM),
        "BC0": _paired((869.0, 894.0), (824.0, 849.0), UMTS),
        "B1": _paired((2110.0, 2170.0), (1920.0, 1980.0), UMTS, LTE),
        "B3": _paired((1805.0, 1880.0), (1710.0, 1785.0), LTE, NBIOT),
        "B5": _paired((869.0, 894.0), (824.0, 849.0), LTE, NBIOT),
        "B8": _paired((925.0, 960.0), (880.0, 915.0), UMTS, LTE, NBIOT),
        "B34": _shared_in_time((2010.0, 2025.0), UMTS, LTE),
        "B39": _shared_in_time((1880.0, 1920.0), UMTS, LTE),
        "B40": _shared_in_time((2300.0, 2400.0), LTE),
        "B41": _shared_in_time((2496.0, 2690.0), LTE),
        "n1": _paired((2110.0, 2170.0), (1920.0, 1980.0), NR),
        "n3": _paired((1805.0, 1880.0), (1710.0, 1785.0), NR),
        "n28": _paired((758.0, 803.0), (703.0, 748.0), NR),
        "n41": _shared_in_time((2496.0, 2690.0), NR),
        "n78": _shared_in_time((3300.0, 3800.0), NR),
        "n79": _shared_in_time((4400.0, 5000.0), NR),
    }
)
"""Bands in use in China by 3GPP name, edges in MHz.

References
----------
3GPP TS 36.101, table 5.5-1 (B); TS 38.101-1, table 5.2-1 (n); TS 45.005, section 2 (GSM); 3GPP2 C.S0057,
band class 0 (BC0).
"""


def bands_of(technology: str) -> tuple[str, ...]:
    """Return the names of the bands that a technology may use, in the order of ``BANDS``."""
    return tuple(name for name, band in BANDS.items() if technology in band.technologies)


def band_at(technology: str, frequency_mhz: float) -> str:
    """Return the first band of a technology that holds a frequency, empty where none does."""
    return next((name for name in bands_of(technology) if BANDS[name].holds(frequency_mhz)), "")


def nearest_band(technology: str, frequency_mhz: float) -> str:
    """Return the band of a technology whose downlink lies nearest to a frequency."""
    return min(bands_of(technology), key=lambda name: BANDS[name].distance_mhz(frequency_mhz))
