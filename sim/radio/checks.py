"""What is wrong with a table of sites: every mistake by its column and first row."""

from __future__ import annotations

import numpy as np

from sim.errors import DataError, Problem
from sim.radio.law import PIECES
from sim.radio.sites import Sites

HIGHEST_M = 50_000.0
"""No antenna stands higher; balloons do not reach it."""
STRONGEST_DBM = 200.0
"""Beyond it, either way, a figure is a slip of the pen; sums of more would leave single precision."""


def check_sites(sites: Sites) -> None:
    """Raise ``DataError`` that names every wrong column."""
    problems = [*_lengths(sites)] or [*_figures(sites)]
    if problems:
        raise DataError(tuple(problems))


def _lengths(sites: Sites) -> list[Problem]:
    """Return what is wrong with the shapes of the tables."""
    problems = []
    for name in ("y_m", "height_m", "radius_m"):
        if len(getattr(sites, name)) != len(sites):
            problems.append(Problem("sites", name, f"needs one figure for each of {len(sites)} sites"))
    if sites.law.intercept_db.shape != (len(sites), PIECES):
        problems.append(Problem("sites", "law", f"needs one row for each of {len(sites)} sites"))
    for name in ("downtilt_deg", "eirp_dbm"):
        if len(getattr(sites, name)) != sites.sectors:
            problems.append(Problem("sites", name, f"needs one figure for each of {sites.sectors} sectors"))
    first = sites.first_sector
    if (
        len(first) != len(sites) + 1
        or first[0] != 0
        or first[-1] != sites.sectors
        or (np.diff(first) < 0).any()
    ):
        message = f"must rise from 0 to the {sites.sectors} sectors, one figure more than sites"
        problems.append(Problem("sites", "first_sector", message))
    return problems


def _figures(sites: Sites) -> list[Problem]:
    """Return what is wrong with the figures, the first row of each kind."""
    height, radius, terminal = sites.height_m, sites.radius_m, sites.terminal_height_m
    law = sites.law
    finite_law = np.isfinite(law.slope_db).all(axis=1) & ~np.isnan(law.intercept_db).any(axis=1)
    finite_law &= (law.intercept_db < np.inf).all(axis=1) & np.isfinite(law.intercept_db).any(axis=1)
    finite_law &= np.isfinite(law.linear_db_per_m) & ~np.isnan(law.linear_end_m) & np.isfinite(law.rise_m)
    checks = (
        ("x_m", np.isfinite(sites.x_m), "is no position"),
        ("y_m", np.isfinite(sites.y_m), "is no position"),
        ("height_m", (height > 0.0) & (height <= HIGHEST_M), f"must be above 0 m, at most {HIGHEST_M:g}"),
        ("radius_m", np.isfinite(radius) & (radius > 0.0), "must be above 0 m and no infinity"),
        ("law", finite_law, "is no path loss"),
        ("azimuth_deg", np.isfinite(sites.azimuth_deg), "is no angle"),
        ("downtilt_deg", np.abs(sites.downtilt_deg) <= 90.0, "is no angle of -90 to 90 degrees"),
        ("eirp_dbm", np.abs(sites.eirp_dbm) <= STRONGEST_DBM, f"is no power within {STRONGEST_DBM:g} dBm"),
        ("terminal_height_m", np.atleast_1d(terminal > 0.0), "must be above 0 m"),
    )
    problems = []
    for name, good, message in checks:
        wrong = np.flatnonzero(~good)
        if len(wrong):
            more = f" (and {len(wrong) - 1} more rows)" if len(wrong) > 1 else ""
            problems.append(Problem("sites", f"{name}[{wrong[0]}]", message + more))
    return problems
