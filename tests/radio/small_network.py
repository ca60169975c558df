"""A seeded network of a few sites for the tests of the engine."""

from __future__ import annotations

import numpy as np

from sim.radio.antenna import SectorPattern
from sim.radio.law import LossLaw
from sim.radio.sites import Sites

PATTERN = SectorPattern(
    beamwidth_deg=65, front_to_back_db=25, vertical_beamwidth_deg=10, vertical_floor_db=20, gain_dbi=17
)


def law(count: int, intercept_db: float = 12.0, per_decade_db: float = 35.0) -> LossLaw:
    """Return one law over the ground distance, the same for all."""
    slope = per_decade_db / 2.0 / np.log(10.0)
    empty = np.full(count, -np.inf)
    return LossLaw(
        np.column_stack([np.full(count, intercept_db), empty, empty]),
        np.column_stack([np.full(count, slope), np.zeros(count), np.zeros(count)]),
        np.zeros(count),
        np.zeros(count),
        np.zeros(count),
    )


def network(count: int = 20, sectors: int = 3, side_m: float = 20_000.0, seed: int = 1) -> Sites:
    """Return sites strewn over a square."""
    draw = np.random.default_rng(seed)
    spread = np.arange(sectors) * 360.0 / sectors
    azimuth = (draw.uniform(0, 360, (count, 1)) + spread).ravel()
    return Sites(
        x_m=draw.uniform(0, side_m, count),
        y_m=draw.uniform(0, side_m, count),
        height_m=draw.uniform(20, 50, count),
        radius_m=draw.uniform(2000, 8000, count),
        law=law(count),
        first_sector=np.arange(count + 1) * sectors,
        azimuth_deg=azimuth,
        downtilt_deg=np.full(count * sectors, 3.0),
        eirp_dbm=draw.uniform(28, 34, count * sectors),
        pattern=PATTERN,
    )
