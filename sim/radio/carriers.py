"""Carriers: what an operator may radiate in a band from which month, and with what power."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sim.clock import month_number
from sim.options import Options
from sim.parameters import Quantity
from sim.radio.link import SUBCARRIERS_PER_RESOURCE_BLOCK, nr_resource_blocks, resource_blocks
from sim.tables.bands import BANDS, GSM, LTE, NBIOT, NR, UMTS

Share = Annotated[float, Field(gt=0, le=1), Quantity("share")]
Degrees = Annotated[float, Field(ge=-20, le=90), Quantity("degree")]
Operator = Literal["china_mobile", "china_unicom", "china_telecom", "shared"]

_UNDIVIDED = frozenset({GSM, UMTS})
"""Technologies that measure a whole carrier or code, no resource element."""


class Carrier(Options):
    """One carrier of an operator, as every sector that holds it radiates it."""

    operator: Operator
    """Whose carrier it is, `shared` where operators build one network."""
    band: str
    """3GPP name of the band: B39, n78, GSM900."""
    available_from: str
    """First month in which the band may be used [YYYY-MM]."""
    frequency: Annotated[float, Field(gt=0), Quantity("MHz")]
    """Centre of the downlink [MHz]."""
    bandwidth: Annotated[float, Field(gt=0), Quantity("MHz")]
    """Width of the carrier, downlink [MHz]."""
    downlink_share: Share
    """Share of the time that is downlink, 1 where uplink has its own frequency [share]."""
    power: Annotated[float, Field(ge=-30, le=80), Quantity("dBm")]
    """Power of the carrier in one sector at the transmitter, all antenna ports together [dBm]."""
    gain: Annotated[float, Field(ge=-30, le=60), Quantity("dBi")]
    """Gain of the antenna on its boresight [dBi]."""
    feeder_loss: Annotated[float, Field(ge=0), Quantity("dB")]
    """Loss between transmitter and antenna [dB]."""
    tilt_rural: Degrees
    """Tilt of the boresight below the horizon in villages [degree]."""
    tilt_urban: Degrees
    """The same in cities and towns [degree]."""
    layers: Annotated[int, Field(ge=1, le=16), Quantity("layers")]
    """Streams that a terminal can receive at once [layers]."""
    overhead: Annotated[float, Field(ge=0, lt=1), Quantity("share")]
    """Share of the downlink that carries no user data: control, reference signals, broadcast [share]."""
    reference_share: Share = 1.0
    """Share of the power in the signal that coverage is judged by: the pilot of WCDMA; 1 where power is
    spread evenly [share]."""

    @field_validator("available_from")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    @field_validator("band")
    @classmethod
    def _is_band(cls, value: str) -> str:
        if value not in BANDS:
            raise ValueError(f"{value!r} is no band known here; known are {', '.join(BANDS)}")
        return value

    @model_validator(mode="after")
    def _fits_its_band(self) -> Carrier:
        low, high = BANDS[self.band].downlink_mhz
        half = self.bandwidth / 2.0
        if self.frequency - half < low or self.frequency + half > high:
            raise ValueError(
                f"a carrier of {self.bandwidth:g} MHz at {self.frequency:g} MHz leaves the downlink of "
                f"{self.band}, {low:g} to {high:g} MHz"
            )
        if not BANDS[self.band].tdd and self.downlink_share < 1.0:
            raise ValueError(f"{self.band} has a downlink of its own: its downlink_share is 1")
        return self

    def resource_blocks(self, technology: str) -> int:
        """Return the resource blocks of the carrier; ``ValueError`` where the technology has none such.

        NR has subcarriers of 30 kHz where uplink and downlink share the frequency and of 15 kHz elsewhere;
        stand-alone NB-IoT is one block.
        """
        if technology == LTE:
            return resource_blocks(self.bandwidth)
        if technology == NBIOT:
            return 1
        if technology != NR:
            raise ValueError(f"{technology} divides no carrier into resource blocks")
        spacing = 30 if BANDS[self.band].tdd else 15
        return nr_resource_blocks(self.bandwidth, spacing)

    def power_per_resource_element_dbm(self, technology: str) -> float:
        """Return the transmitted power of what coverage is judged by [dBm].

        A resource element of LTE, NR and NB-IoT, the pilot of 3G, the whole carrier of GSM.

        References
        ----------
        3GPP TS 36.214, section 5.1.1; TS 38.215, section 5.1.1; TS 25.215, section 5.1.1.
        """
        parts = 1
        if technology not in _UNDIVIDED:
            parts = SUBCARRIERS_PER_RESOURCE_BLOCK * self.resource_blocks(technology)
        return self.power + 10.0 * math.log10(self.reference_share / parts)

    def eirp_dbm(self, technology: str) -> float:
        """Return what is radiated on the boresight of the same signal [dBm]."""
        return self.power_per_resource_element_dbm(technology) - self.feeder_loss + self.gain

    def tilt_deg(self, *, urban: bool) -> float:
        """Return the tilt below the horizon by the surroundings [degree]."""
        return self.tilt_urban if urban else self.tilt_rural
