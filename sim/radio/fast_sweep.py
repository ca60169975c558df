"""The scan of the sweep, compiled: the same arithmetic as ``sim.radio.sweep``, several times as fast.

Needs the extra ``fast``; nothing imports this module unless it is asked for.
"""

from __future__ import annotations

import numpy as np

from sim.radio.diffraction import Floats
from sim.radio.fast_math import compiled, wide_vectors
from sim.radio.sweep import BLOCK_STEPS, NEAR_STEPS, NONE, Horizons, Link, steepest_from_base

_LANES = 64
"""Lanes worked on at once: their running maxima stay in the nearest cache."""
_NONE, _ONE = np.float32(NONE), np.float32(1.0)


def fast_horizons(ground: Floats, base_m: Floats, link: Link, step_m: float) -> Horizons:
    """Return what ``sim.radio.sweep.horizons`` returns, compiled."""
    steps, lanes = ground.shape
    d = np.arange(steps, dtype=np.float32) * np.float32(step_m)
    flat = ground - base_m.astype(np.float32)
    bulge = np.float32(0.5 / link.earth_radius_m)
    curved = flat - (d * d * bulge)[:, None]
    found = np.full((4, steps, lanes), NONE, dtype=np.float32)
    slope = np.full_like(curved, NONE)
    for first in range(0, lanes, _LANES):
        part = slice(first, first + _LANES)
        tile = np.ascontiguousarray(curved[:, part])
        _scan(tile, d, (bulge, np.float32(link.terminal_height_m)), slope[:, part], found[:, :, part])
    return Horizons(ground, slope, steepest_from_base(flat, d[:, None]), *found)


@compiled
def _scan(
    tile: Floats, d: Floats, fixed: tuple[np.float32, np.float32], slope: Floats, found: Floats
) -> None:
    """Fill the base's horizon, shape (steps, lanes), and ``found``, shape (4, steps, lanes)."""
    wide_vectors()
    bulge, terminal_m = fixed
    steps, lanes = tile.shape
    peak, peak_at = _peaks(tile, d)
    line, seen, horizon_at = (
        np.empty(lanes, np.float32),
        np.empty(lanes, np.float32),
        np.ones(lanes, np.float32),
    )
    best = np.empty((4, lanes), np.float32)
    for step in range(2, steps):
        _advance(tile[step - 1], d[step - 1], slope[step - 1], slope[step], horizon_at)
        for lane in range(lanes):
            line[lane] = (tile[step, lane] + terminal_m) / d[step]
            seen[lane] = slope[step, lane] * horizon_at[lane]
        best[:] = _NONE
        for before in range(max(step - NEAR_STEPS, 1), step):
            _even(tile[before], line, (d[before], d[step], bulge), best)
        for number in range((step - NEAR_STEPS - 2) // BLOCK_STEPS + 1):
            _uneven(peak[number], peak_at[number], line, (d[step], bulge), best)
        if step >= NEAR_STEPS + 2:
            _uneven(seen, horizon_at, line, (d[step], bulge), best)
        for kind in range(4):
            for lane in range(lanes):
                found[kind, step, lane] = best[kind, lane]


@compiled
def _peaks(tile: Floats, d: Floats) -> tuple[Floats, Floats]:
    """Return the highest point of each block of steps, the first of equals, and its distance."""
    steps, lanes = tile.shape
    peak = np.full(((steps + BLOCK_STEPS - 1) // BLOCK_STEPS, lanes), _NONE, np.float32)
    peak_at = np.full(peak.shape, d[1], np.float32)
    for step in range(1, steps):
        number = (step - 1) // BLOCK_STEPS
        for lane in range(lanes):
            higher = tile[step, lane] > peak[number, lane]
            peak_at[number, lane] = d[step] if higher else peak_at[number, lane]
            peak[number, lane] = tile[step, lane] if higher else peak[number, lane]
    return peak, peak_at


@compiled
def _advance(height: Floats, before: np.float32, known: Floats, slope: Floats, horizon_at: Floats) -> None:
    """Let the base's horizon take in one step more."""
    for lane in range(len(height)):
        rise = height[lane] / before
        horizon_at[lane] = before if rise > known[lane] else horizon_at[lane]
        slope[lane] = max(rise, known[lane])


@compiled
def _even(y: Floats, line: Floats, where: tuple[np.float32, np.float32, np.float32], best: Floats) -> None:
    """Let all lanes see the obstacle of one step."""
    at, d, bulge = where
    left = d - at
    back = _ONE / left
    weight, lower, lowest = np.sqrt(d * back / at), bulge * at, bulge * at * left
    for lane in range(len(y)):
        over = y[lane] - line[lane] * at
        slope = over * back
        best[0, lane] = max(best[0, lane], slope)
        best[1, lane] = max(best[1, lane], slope - lower)
        best[2, lane] = max(best[2, lane], over - lowest)
        best[3, lane] = max(best[3, lane], over * weight)


@compiled
def _uneven(y: Floats, at: Floats, line: Floats, where: tuple[np.float32, np.float32], best: Floats) -> None:
    """Let each lane see an obstacle at a distance of its own."""
    d, bulge = where
    for lane in range(len(y)):
        left = d - at[lane]
        back = _ONE / left
        over = y[lane] - line[lane] * at[lane]
        slope = over * back
        best[0, lane] = max(best[0, lane], slope)
        best[1, lane] = max(best[1, lane], slope - bulge * at[lane])
        best[2, lane] = max(best[2, lane], over - bulge * at[lane] * left)
        best[3, lane] = max(best[3, lane], over * np.sqrt(d * back / at[lane]))
