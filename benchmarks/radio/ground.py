"""Job B: the loss by terrain of one site over 100 x 100 km of mountains, swept and by exact profiles."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.jobs_terrain import LINK, PIXEL_M, Masts, error_db, job_b, mountains
from benchmarks.quality.bullington_twin import Ends
from benchmarks.quality.bullington_twin import delta_bullington_db as twin_db
from benchmarks.rows import Figures, Limit, Row, Size, timed, without_numba
from sim.geo.dem import Dem
from sim.radio.pathloss import FreeSpace
from sim.radio.terrain import delta_bullington_db
from sim.radio.windows import exact_db, sweep_windows

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("ROLLOUT_VECTORS") or ROOT.parent / "shared" / "vectors")
SMALL_PIXELS = 500
INLAND_M = 70_000.0
"""Up to here free space and diffraction are all that P.1812 says at half of the time, inland."""
SEA = 1


def sweep(size: Size, *, compiled: bool) -> Figures:
    """Return the time of the sweep and its error against a profile of its own for some pixels."""
    ground, masts = job_b(mountains(SMALL_PIXELS, PIXEL_M) if size.small else None)
    link = replace(LINK, compiled=compiled)
    sweep_windows(ground, ground.grid, masts, link)  # compiles, and warms up
    spent, windows = timed(lambda: sweep_windows(ground, ground.grid, masts, link), 3 * size.times)
    error = error_db(ground, ground.grid, masts, windows, 1000 if size.small else 10_000)
    return {
        "cells": windows.values.size,
        **spent,
        "rmse_db": float(np.sqrt((error**2).mean())),
        "bias_db": float(error.mean()),
    }


def exact(size: Size) -> Figures:
    """Return how far exact mode is from plain loops over the same profiles, and from published cases."""
    ground, masts = job_b(mountains(SMALL_PIXELS, PIXEL_M) if size.small else None)
    figures = exact_errors(ground, masts, 60 if size.small else 400)
    return figures | (published_errors() if VECTORS.is_dir() else {})


def exact_errors(dem: Dem, masts: Masts, paths: int) -> Figures:
    """Return the largest difference between exact mode and the twin over paths to random places."""
    x0, y0, base = (float(of[0]) for of in (masts.x_m, masts.y_m, masts.height_m))
    random = np.random.default_rng(4)
    side = dem.grid.columns * dem.grid.pixel_m
    x = dem.grid.west_m + random.uniform(0.01, 0.99, paths) * side
    y = dem.grid.north_m - random.uniform(0.01, 0.99, paths) * side
    found = exact_db(dem, (x0, y0, base), x, y, LINK)
    wanted = []
    for east, north in zip(x, y, strict=True):
        long = math.hypot(east - x0, north - y0)
        steps = math.ceil(long / dem.grid.pixel_m - 1e-6)
        along = np.append(np.arange(steps) * dem.grid.pixel_m, long)
        share = along / long
        height = dem.sample(x0 + (east - x0) * share, y0 + (north - y0) * share)
        ends = Ends(base, LINK.terminal_height_m)
        path = (along / 1000.0).tolist(), np.asarray(height, dtype=np.float64).tolist()
        loss = twin_db(*path, ends, LINK.frequency_mhz / 1000.0, LINK.earth_radius_m / 1000.0)
        wanted.append(max(loss, 0.0))
    return {"exact_paths": paths, "exact_db": float(np.abs(found - wanted).max())}


def published_errors() -> Figures:
    """Return the largest difference from P.1812 on its inland validation cases at half of the time."""
    cases = json.loads((VECTORS / "p1812_validation.json").read_text(encoding="utf-8"))["cases"]
    apart = []
    for case in cases:
        distance = np.array(case["d_km"]) * 1000.0
        if case["p"] != 50.0 or SEA in case["zone"] or distance[-1] >= INLAND_M:
            continue
        known = {name.split()[0]: value for name, value in case["intermediate"].items()}
        height = np.array(case["h_m"], dtype=float)
        height[1:-1] += np.array(case["R_m"], dtype=float)[1:-1]
        mhz = case["f_GHz"] * 1000.0
        loss = delta_bullington_db(
            distance,
            height,
            base_height_m=case["htg"],
            terminal_height_m=case["hrg"],
            frequency_mhz=mhz,
            effective_earth_radius_m=known["ae"] * 1000.0,
        )
        across = math.hypot(distance[-1], known["hts"] - known["hrs"])
        free = float(FreeSpace(frequency_mhz=mhz).loss_db(across))
        apart.append(free + float(loss) - case["py1812_Lb_dB"])
    return {"published_paths": len(apart), "published_db": float(np.abs(apart).max())}


def _swept(seconds: float) -> tuple[Limit, ...]:
    return Limit("s", most=seconds, timed=True, processor="processor_s"), Limit("rmse_db", most=1.2)


GROUND = (
    Row(
        "job-b",
        "diffraction over 100 x 100 km at 90 m from one site, swept: numpy, one core",
        lambda size: sweep(size, compiled=False),
        _swept(1.2),
    ),
    Row(
        "job-b-fast",
        "the same with the scan compiled",
        lambda size: sweep(size, compiled=True),
        _swept(0.3),
        without_numba,
    ),
    Row(
        "job-b-exact",
        "exact mode against plain loops over the same profiles, and against P.1812's inland cases",
        exact,
        (
            Limit("exact_db", most=0.1),
            *((Limit("published_db", most=0.1),) if VECTORS.is_dir() else ()),
        ),
    ),
)
