"""The jobs that coverage kernels are measured on, and the count of the work in them.

``python -m benchmarks.jobs_coverage [job ...]`` measures them, job A against plain broadcasting too.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from sim.geo.grid import Grid
from sim.radio.antenna import SectorPattern
from sim.radio.coverage import Coverage, Points, coverage
from sim.radio.law import PIECES, LossLaw
from sim.radio.live import LiveCoverage
from sim.radio.sites import Sites
from tests.radio.coverage_twin import grid_points, twin

PATTERN = SectorPattern(
    beamwidth_deg=65.0,
    front_to_back_db=30.0,
    vertical_beamwidth_deg=10.0,
    vertical_floor_db=20.0,
    gain_dbi=15.0,
)
DECADE = 1.0 / (2.0 * np.log(10.0))
"""A loss per decade of distance as a slope over ln(d2)."""


def one_law(*pieces: tuple[float, float], rise_m: float = 0.0, linear: tuple[float, float] = (0.0, 0.0)):
    """Return a law of pieces (dB at 1 m, dB per decade); ``linear`` is dB per metre and where it ends."""
    intercept, slope = np.full((1, PIECES), -np.inf), np.zeros((1, PIECES))
    for number, (at_1_m, per_decade) in enumerate(pieces):
        intercept[0, number], slope[0, number] = at_1_m, per_decade * DECADE
    return LossLaw(intercept, slope, np.array([linear[0]]), np.array([linear[1]]), np.array([rise_m]))


def bent(at_1_m: float, per_decade: float, bend_m: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return two pieces that meet where the slope turns to 40 dB per decade."""
    return (at_1_m, per_decade), (at_1_m - (40.0 - per_decade) * np.log10(bend_m), 40.0)


KINDS = (
    one_law((20.8, 35.2)),  # like Okumura-Hata: one piece over the ground
    one_law(*bent(26.0, 22.0, 280.0), rise_m=28.5),  # like the urban macro cell in sight
    one_law(
        *bent(30.5, 20.9, 880.0), (14.0, 38.6), rise_m=33.5, linear=(0.0014, 880.0)
    ),  # rural, out of sight
)


def job(
    cells: int = 1000, count: int = 1000, *, radius_m: float = 15_000.0, seed: int = 1, pixel_m: float = 100.0
) -> tuple[Grid, Sites]:
    """Return a square of cells and sites of three alike sectors each, spread evenly over it.

    A third each follows each kind of law; heights, tilts, powers and the first bearing vary.
    """
    random = np.random.default_rng(seed)
    side_m = cells * pixel_m
    return Grid(0.0, side_m, pixel_m, cells, cells), Sites(
        x_m=random.uniform(0.0, side_m, count),
        y_m=random.uniform(0.0, side_m, count),
        height_m=random.uniform(25.0, 45.0, count),
        radius_m=np.full(count, radius_m),
        law=LossLaw.stack(KINDS).take(random.integers(0, len(KINDS), count)),
        first_sector=np.arange(count + 1) * 3,
        azimuth_deg=(random.uniform(0.0, 120.0, count)[:, None] + np.array([0.0, 120.0, 240.0])).ravel(),
        downtilt_deg=np.repeat(random.uniform(1.0, 8.0, count), 3),
        eirp_dbm=np.repeat(random.uniform(28.0, 34.0, count), 3),
        pattern=PATTERN,
    )


def uneven(sites: Sites, seed: int = 2) -> Sites:
    """Return the sites with every sector's bearing, tilt and power its own."""
    random = np.random.default_rng(seed)
    return replace(
        sites,
        azimuth_deg=random.uniform(-360.0, 720.0, sites.sectors),
        downtilt_deg=random.uniform(0.0, 9.0, sites.sectors),
        eirp_dbm=random.uniform(20.0, 34.0, sites.sectors),
    )


def some_points(grid: Grid, count: int = 60_000, seed: int = 3) -> Points:
    """Return points in clusters, as settlements lie."""
    random = np.random.default_rng(seed)
    side_m = grid.columns * grid.pixel_m
    middle = random.uniform(0.0, side_m, (max(count // 30, 1), 2))[
        random.integers(0, max(count // 30, 1), count)
    ]
    x_m, y_m = np.clip(middle + random.normal(0.0, 1500.0, (count, 2)), 0.0, side_m).T
    return Points(x_m, grid.north_m - side_m + y_m)


def sector_pairs(receivers: Grid | Points, sites: Sites) -> int:
    """Return how many pairs of a receiver and a sector lie within the radius: the work of a job."""
    sectors = np.diff(sites.first_sector)
    if isinstance(receivers, Points):
        away = (
            (receivers.x_m - x) ** 2 + (receivers.y_m - y) ** 2 <= r**2
            for x, y, r in zip(sites.x_m, sites.y_m, sites.radius_m, strict=True)
        )
        return sum(int(near.sum()) * int(count) for near, count in zip(away, sectors, strict=True))
    left, down = receivers.eastings_m() - receivers.west_m, receivers.northings_m()
    total = 0
    for site, count in enumerate(sectors):
        rows, _ = receivers.window(sites.x_m[site], sites.y_m[site], sites.radius_m[site])
        half = np.sqrt(np.maximum(sites.radius_m[site] ** 2 - (down[rows] - sites.y_m[site]) ** 2, 0.0))
        x = sites.x_m[site] - receivers.west_m
        total += int(count) * int(
            (np.searchsorted(left, x + half, side="right") - np.searchsorted(left, x - half)).sum()
        )
    return total


@dataclass(frozen=True)
class CoverageJob:
    """A named job."""

    cells: int
    sites: int
    radius_m: float = 15_000.0

    def make(self) -> tuple[Grid, Sites]:
        """Return the grid and the sites."""
        return job(self.cells, self.sites, radius_m=self.radius_m)


JOBS: Mapping[str, CoverageJob] = MappingProxyType(
    {
        "small": CoverageJob(200, 40, 6_000.0),
        "a": CoverageJob(1_000, 1_000),
        "a-cells-4": CoverageJob(2_000, 4_000),
        "a-sites-4": CoverageJob(1_000, 4_000),
        "a-radius-half": CoverageJob(1_000, 1_000, 7_500.0),
        "province": CoverageJob(4_243, 10_000),
        "province-sites-10": CoverageJob(4_243, 100_000),
    }
)
"""Job A is a million cells of 100 m and 1,000 sites of 15 km; a province has 18 million cells."""


def measure(name: str, *, method: str = "numpy", workers: int = 1, times: int = 3) -> dict[str, float]:
    """Return the work of a job, the shortest of some runs [s] and the peak of memory so far [MB].

    ``processor_s`` is this process's own time: on a busy machine the better of the two.
    """
    grid, sites = JOBS[name].make()
    pairs, seconds, busy = sector_pairs(grid, sites), [], []
    for _ in range(times):
        start, before = time.perf_counter(), time.process_time()
        coverage(grid, sites, method=method, workers=workers)
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "pixels": grid.rows * grid.columns,
        "sites": len(sites),
        "sector_pairs": pairs,
        "seconds": min(seconds),
        "processor_s": min(busy),
        "sector_pairs_per_s": pairs / min(seconds),
        "peak_mb": round(peak),
    }


def sample(cover: Coverage, rows: np.ndarray) -> Coverage:
    """Return some receivers of a map."""
    planes = (cover.best_dbm, cover.server, cover.second_dbm, cover.total_mw)
    return Coverage(*(plane.ravel()[rows] for plane in planes))


def errors(cover: Coverage, exact: Coverage) -> dict[str, float]:
    """Return the largest differences [dB] and the share of receivers with the same server."""
    heard, again = exact.server >= 0, np.isfinite(exact.second_dbm)
    return {
        "best_db": float(np.abs(cover.best_dbm[heard] - exact.best_dbm[heard]).max()),
        "second_db": float(np.abs(cover.second_dbm[again] - exact.second_dbm[again]).max()),
        "total_db": float(np.abs(10.0 * np.log10(cover.total_mw[heard] / exact.total_mw[heard])).max()),
        "same_server": float(np.mean(cover.server == exact.server)),
    }


def against_broadcasting(name: str = "a", *, share: int = 50, method: str = "numpy") -> dict[str, float]:
    """Return errors of a job and how often faster it is than broadcasting, timed on a share of the pixels."""
    grid, sites = JOBS[name].make()
    x_m, y_m = grid_points(grid)
    rows = np.sort(np.random.default_rng(0).choice(len(x_m), len(x_m) // share, replace=False))
    start = time.perf_counter()
    exact = twin(x_m[rows], y_m[rows], sites)
    plain_s = (time.perf_counter() - start) * len(x_m) / len(rows)
    found = measure(name, method=method)
    return {
        **errors(sample(coverage(grid, sites, method=method), rows), exact),
        "broadcasting_s": plain_s,
        "seconds": found["seconds"],
        "times_faster": plain_s / found["seconds"],
    }


def changes(name: str = "a", count: int = 30) -> dict[str, float]:
    """Return the median time of adding and removing a site in a full map, and of asking what it brings."""
    grid, sites = JOBS[name].make()
    radius, side = sites.radius_m[0], grid.columns * grid.pixel_m
    inside = (np.abs(sites.x_m - side / 2) < side / 2 - radius) & (
        np.abs(sites.y_m - side / 2) < side / 2 - radius
    )
    chosen = np.flatnonzero(inside)[:count].tolist()
    live = LiveCoverage(grid, sites, active=np.ones(len(sites), dtype=bool))
    weight = np.ones(grid.shape, dtype=np.float32)
    seconds: dict[str, list[float]] = {"remove_per_site": [], "gain": [], "add": []}
    for row in chosen:
        apart = np.hypot(sites.x_m - sites.x_m[row], sites.y_m - sites.y_m[row])
        for kind, work in (
            ("remove_per_site", lambda row=row: live.remove([row])),
            ("gain", lambda row=row: live.gain_if_added(row, -100.0, weight)),
            ("add", lambda row=row: live.add([row])),
        ):
            start = time.perf_counter()
            work()
            spent = time.perf_counter() - start
            seconds[kind].append(spent / max(np.sum(apart < 2 * radius) - 1, 1) if kind[0] == "r" else spent)
    return {f"{kind}_ms": 1e3 * float(np.median(spent)) for kind, spent in seconds.items()}


if __name__ == "__main__":
    for job_name in sys.argv[1:] or ["a"]:
        figures = measure(job_name, workers=2 if job_name.startswith("province") else 1)
        if job_name == "a":
            figures = {**figures, **changes(), "broadcasting": against_broadcasting()}
        print(job_name, json.dumps(figures))
