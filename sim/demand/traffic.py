"""How much lines and mobile users send and receive, and what of it falls into the busy hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.clock import Horizon
from sim.demand.curves import years_since
from sim.demand.tariffs import data_index
from sim.options import Options
from sim.parameters import Quantity

if TYPE_CHECKING:
    from sim.demand.options import DemandOptions

_BITS_PER_BYTE = 8.0
_MBIT_PER_GBIT = 1000.0
_SECONDS_PER_HOUR = 3600.0
_DAYS_PER_MONTH = 365.25 / 12.0

Floats = NDArray[np.float64]


class TrafficScale(Options):
    """A scenario of growth: how far traffic departs from what was expected at the start."""

    factor: Annotated[float, Field(ge=0), Quantity("ratio")] = 1.0
    """Traffic over that expected, in every month [ratio]."""
    extra_growth_per_year: Annotated[float, Field(ge=-0.9, le=5), Quantity("1/yr")] = 0.0
    """Growth a year beside that expected, from the first month on [1/yr]."""


def fixed_busy_mbps(options: DemandOptions, horizon: Horizon) -> Floats:
    """Return the mean traffic of a fixed line at the busy hour, shape (M,) [Mbit/s]."""
    growth = 1.0 + options.fixed_traffic_growth_per_year
    expected = options.fixed_busy_hour * growth ** years_since(options.fixed_reference_month, horizon)
    return expected * _departure(options.traffic_scale, horizon)


def mobile_gb(options: DemandOptions, horizon: Horizon) -> Floats:
    """Return the monthly traffic of a user of mobile broadband, shape (M,) [GB].

    Growth was forecast with the fall of prices in it, so that only cuts beyond it move traffic.
    """
    growth = 1.0 + options.traffic_growth_per_year
    expected = options.mobile_traffic * growth ** years_since(options.mobile_reference_month, horizon)
    cheaper = data_index(options.tariffs, horizon) ** options.tariffs.data_price_elasticity
    return expected * _departure(options.traffic_scale, horizon) * cheaper


def _departure(scale: TrafficScale, horizon: Horizon) -> Floats:
    return scale.factor * (1.0 + scale.extra_growth_per_year) ** years_since(horizon.first, horizon)


def busy_hour_mbps(gigabytes_per_month: Floats, busy_hour_share: float) -> Floats:
    """Return the mean rate at the busy hour of a monthly traffic, same shape [Mbit/s]."""
    megabits_per_day = gigabytes_per_month * _BITS_PER_BYTE * _MBIT_PER_GBIT / _DAYS_PER_MONTH
    return megabits_per_day * busy_hour_share / _SECONDS_PER_HOUR


def monthly_gb(mbps: Floats, busy_hour_share: float) -> Floats:
    """Return the monthly traffic whose busy hour has a mean rate, same shape [GB]."""
    megabits_per_day = mbps * _SECONDS_PER_HOUR / busy_hour_share
    return megabits_per_day * _DAYS_PER_MONTH / (_BITS_PER_BYTE * _MBIT_PER_GBIT)
