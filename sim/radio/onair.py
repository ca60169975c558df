"""What a radio network has on air from which month: the input of its measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.radio import rates
from sim.radio.carriers import Carrier
from sim.radio.network import Layer
from sim.radio.sites import Sites
from sim.tables.bands import BANDS, LTE, NR

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
RATED = (LTE, NR)
"""Technologies whose rates follow from SINR by the standards' tables; earlier ones are judged by cover."""
_NR_TDD_KHZ = 30.0


class Network(Protocol):
    """What is asked of a radio technology here."""

    @property
    def carriers(self) -> Mapping[str, Carrier]:
        """Carriers by name."""

    @property
    def terminal_height(self) -> float:
        """Height of the terminal [m]."""

    @property
    def roughness_margin(self) -> float:
        """Loss for each metre of roughness, where there is no height model [dB/m]."""

    @property
    def roughness_limit(self) -> float:
        """The most that roughness may cost [dB]."""

    def layer(self, name: str = "") -> Layer:
        """Return a carrier as a radio layer."""

    def threshold_dbm(self) -> float:
        """Return the power that serves a terminal outdoors without any margin [dBm]."""

    def margin_db(self) -> float:
        """Return what shadowing asks for at the edge [dB]."""

    def entry_db(self, kinds: NDArray[np.int8]) -> Floats:
        """Return the loss into buildings by kinds of zones [dB]."""

    def planned_indoors(self, kinds: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Return whether homes in zones of these kinds are planned for cover indoors."""


@dataclass(frozen=True, eq=False)
class CarrierOnAir:
    """The sites of one carrier that ever radiate."""

    name: str
    layer: Layer
    sites: Sites
    locations: Rows
    """Rows of the locations table, shape (N,)."""
    month: Rows
    """Month from which each radiates, -1 from the start, shape (N,)."""


@dataclass(frozen=True, eq=False)
class NetworkOnAir:
    """One technology of a run."""

    name: str
    network: Network
    carriers: tuple[CarrierOnAir, ...]
    """Carriers that are mapped: that of new sites, and an overlay."""
    added: tuple[Rows, Rows, Floats]
    """Location, month, and what is added there to a site's capacity, 1 being that of the first carrier."""
    traffic_mbps: Floats
    """Busy-hour traffic of its users by month and zone, shape (M, Z) [Mbit/s]."""

    @property
    def months(self) -> int:
        """How many months there are."""
        return len(self.traffic_mbps)

    def capacity(self, locations: Rows, month: int) -> Floats:
        """Return the capacity of the sites on these locations in a month, 1 being the first carrier alone."""
        place, since, ratio = self.added
        on = since <= month
        total = np.ones(int(max(locations.max(initial=0), place.max(initial=0))) + 1)
        np.add.at(total, place[on], ratio[on])
        return np.asarray(total[locations])


def rate_carrier(technology: str, carrier: Carrier) -> rates.Carrier:
    """Return what a carrier's rates follow from."""
    wide = technology == NR and BANDS[carrier.band].tdd
    return rates.Carrier(
        standard="nr" if technology == NR else "lte",
        bandwidth=carrier.bandwidth,
        subcarrier_spacing=_NR_TDD_KHZ if wide else 15.0,
        layers=int(carrier.layers),
        downlink_share=carrier.downlink_share,
        overhead=carrier.overhead,
    )
