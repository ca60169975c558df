"""What a scenario can say about how its radio networks are measured."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.options import Options
from sim.parameters import Quantity
from sim.radio.iot import IotLink

Decibel = Annotated[float, Field(ge=0), Quantity("dB")]
Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]


class IotOptions(Options):
    """Devices of NB-IoT and how they report."""

    downlink: IotLink
    """Base station to device."""
    uplink: IotLink
    """Device to base station."""
    report: Annotated[float, Field(gt=0), Quantity("bit")]
    """Bits of one report, headers included [bit]."""
    reports_per_day: Annotated[float, Field(gt=0), Quantity("reports/day")]
    """Reports of the mean device [reports/day]."""
    channels: Annotated[int, Field(ge=1), Quantity("channels/cell")]
    """Subcarriers of a cell that devices use singly [channels/cell]."""
    usable_share: Share
    """Share of the day for which they may be busy [share]."""
    deep_loss: Decibel
    """Loss into basements and meter boxes beyond that into a room [dB]."""


class RadioOptions(Options):
    """How the radio networks are measured month by month."""

    rasters: bool
    """Whether land is measured and maps are kept beside the points where people are [true or false]."""
    weak: Annotated[float, Field(), Quantity("dBm")]
    """Power outdoors below which a covered place counts as weak, held with the chance of cover [dBm]."""
    noise_figure: Decibel
    """Noise of a handset above thermal noise [dB]."""
    idle_activity: Share
    """Share of the time for which an idle cell sends: reference signals and broadcast [share]."""
    rates: tuple[float, ...]
    """Rates at the busy hour by which residents are counted [Mbit/s]."""
    edge: Share
    """Share of the residents whose rate the cell-edge rate does not exceed [share]."""
    settlement_homes: Annotated[int, Field(ge=1)]
    """Homes from which a settlement must have signal for its village to have it [homes]."""
    iot: IotOptions
    """Devices of NB-IoT."""

    @model_validator(mode="after")
    def _rising(self) -> RadioOptions:
        if any(rate <= 0 for rate in self.rates) or list(self.rates) != sorted(set(self.rates)):
            raise ValueError("rates must be above 0 and rise, for example 1, 4, 12")
        return self
