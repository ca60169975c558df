"""Coverage by plain broadcasting in double precision: every receiver against every sector, nothing saved."""

from __future__ import annotations

import numpy as np

from sim.radio.coverage import Coverage
from sim.radio.law import NEAREST_M, PIECES

BLOCK = 5000
"""Receivers at once, as one would take them: with 3,000 sectors an intermediate result fills 120 MB."""


def grid_points(grid):
    """Return easting and northing of every pixel's middle, row by row."""
    x_m, y_m = np.meshgrid(grid.eastings_m(), grid.northings_m())
    return x_m.ravel(), y_m.ravel()


def sector_dbm(x_m, y_m, sites):
    """Return the power of every sector at every receiver, shape (receivers, sectors) [dBm]."""
    site = np.repeat(np.arange(len(sites)), np.diff(sites.first_sector))
    dx, dy = x_m[:, None] - sites.x_m[site], y_m[:, None] - sites.y_m[site]
    ground = np.sqrt(dx**2 + dy**2)
    squared = np.maximum(ground, NEAREST_M) ** 2 + sites.law.rise_m[site] ** 2
    log = np.log(squared)
    pieces = [sites.law.intercept_db[site, k] + sites.law.slope_db[site, k] * log for k in range(PIECES)]
    linear = sites.law.linear_db_per_m[site] * np.minimum(np.sqrt(squared), sites.law.linear_end_m[site])
    loss = np.maximum(np.maximum(pieces[0], pieces[1]) + linear, pieces[2])
    azimuth = np.degrees(np.arctan2(dx, dy)) - sites.azimuth_deg
    elevation = -np.degrees(np.arctan2(sites.height_m[site] - sites.terminal_height_m, ground))
    power = sites.eirp_dbm + sites.pattern.relative_db(azimuth, elevation + sites.downtilt_deg) - loss
    return np.where(ground <= sites.radius_m[site], power, -np.inf)


def twin(x_m, y_m, sites, extra_db=None):
    """Return the coverage of receivers; ``extra_db`` are further losses, shape (receivers, sites)."""
    best, second = np.full(len(x_m), -np.inf), np.full(len(x_m), -np.inf)
    server, total = np.full(len(x_m), -1), np.zeros(len(x_m))
    site = np.repeat(np.arange(len(sites)), np.diff(sites.first_sector))
    for start in range(0, len(x_m) if sites.sectors else 0, BLOCK):
        block = slice(start, start + BLOCK)
        power = sector_dbm(x_m[block], y_m[block], sites)
        if extra_db is not None:
            power = power - extra_db[block][:, site]
        first = power.argmax(axis=1)
        rows = np.arange(len(power))
        best[block] = power[rows, first]
        server[block] = np.where(np.isfinite(best[block]), first, -1)
        total[block] = (10.0 ** (power / 10.0)).sum(axis=1)
        power[rows, first] = -np.inf
        second[block] = power.max(axis=1)
    return Coverage(best, server, second, total)
