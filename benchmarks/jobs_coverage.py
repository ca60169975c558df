"""The jobs that coverage kernels are measured on, and the count of the work in them."""

from __future__ import annotations

import numpy as np

from sim.geo.grid import Grid
from sim.radio.antenna import SectorPattern
from sim.radio.law import PIECES, LossLaw
from sim.radio.sites import Sites

PATTERN = SectorPattern(
    beamwidth_deg=65.0,
    front_to_back_db=30.0,
    vertical_beamwidth_deg=10.0,
    vertical_floor_db=20.0,
    gain_dbi=15.0,
)
RADIUS_M = 15_000.0


def affine(intercept_db: float, per_decade_db: float, rise_m: float = 0.0) -> LossLaw:
    """Return a law of one piece: loss at 1 m and per decade of distance."""
    intercept = np.full((1, PIECES), -np.inf)
    slope = np.zeros((1, PIECES))
    intercept[0, 0], slope[0, 0] = intercept_db, per_decade_db / (2.0 * np.log(10.0))
    return LossLaw(intercept, slope, np.zeros(1), np.zeros(1), np.array([rise_m]))


def laws() -> list[LossLaw]:
    """Return the kinds of law met in practice: one piece, two crossing, three with a linear term."""
    hata = affine(126.4 - 3 * 35.2, 35.2)
    los = affine(28.0 + 20 * np.log10(0.8), 22.0, 28.5)
    los.intercept_db[0, 1] = los.intercept_db[0, 0] - 18.0 * np.log10(280.0)
    los.slope_db[0, 1] = 40.0 / (2.0 * np.log(10.0))
    rural = affine(30.5, 20.9, 33.5)
    rural.intercept_db[0, 1], rural.slope_db[0, 1] = rural.intercept_db[0, 0] - 18.0 * np.log10(880.0), 40.0 / (2 * np.log(10.0))
    rural.intercept_db[0, 2], rural.slope_db[0, 2] = 18.0, 38.6 / (2 * np.log(10.0))
    rural.linear_db_per_m[0], rural.linear_end_m[0] = 0.003, 880.0
    return [hata, los, rural]


def job(cells: int = 1000, count: int = 1000, *, pixel_m: float = 100.0, seed: int = 1, radius_m: float = RADIUS_M) -> tuple[Grid, Sites]:
    """Return a square of cells with tri-sector sites of three kinds of law spread over it."""
    random = np.random.default_rng(seed)
    grid = Grid(0.0, cells * pixel_m, pixel_m, cells, cells)
    side = cells * pixel_m
    kinds = laws()
    kind = random.integers(0, len(kinds), count)
    return grid, Sites(
        x_m=random.uniform(0, side, count),
        y_m=random.uniform(0, side, count),
        height_m=random.uniform(25.0, 45.0, count),
        radius_m=np.full(count, radius_m),
        law=LossLaw.stack(kinds).take(kind),
        first_sector=np.arange(count + 1) * 3,
        azimuth_deg=(random.uniform(0, 120, count)[:, None] + np.array([0.0, 120.0, 240.0])).ravel(),
        downtilt_deg=np.repeat(random.uniform(1.0, 8.0, count), 3),
        eirp_dbm=np.repeat(random.uniform(28.0, 34.0, count), 3),
        pattern=PATTERN,
    )
