"""Job A: a million cells and 3,000 sectors, by numpy and by compiled loops, and the bits of a map."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.jobs_coverage import JOBS, errors, sample, sector_pairs, some_points, uneven
from benchmarks.rows import Figures, Limit, Row, Size, has_numba, timed, without_numba
from sim.geo.grid import Grid
from sim.radio.coverage import Coverage, Points, coverage
from sim.radio.sites import Sites
from tests.radio.coverage_twin import grid_points, twin

SHARE = 50
"""Broadcasting is timed on one pixel in so many, and scaled."""
NEAR_M = 35.0
PLANES = ("best_dbm", "server", "second_dbm", "total_mw")


@dataclass(frozen=True, eq=False)
class Twin:
    """Plain broadcasting in double precision over a sample of a map's pixels."""

    rows: np.ndarray
    """The pixels, flat."""
    exact: Coverage
    figures: Figures
    """What broadcasting would take for all pixels."""

    @classmethod
    def of(cls, grid: Grid, sites: Sites, size: Size) -> Twin:
        """Broadcast, timed."""
        x_m, y_m = grid_points(grid)
        share = 10 if size.small else SHARE
        rows = np.sort(np.random.default_rng(0).choice(len(x_m), len(x_m) // share, replace=False))
        spent, exact = timed(lambda: twin(x_m[rows], y_m[rows], sites), size.times, "broadcasting")
        scaled = {name: value * len(x_m) / len(rows) for name, value in spent.items()}
        return cls(rows, exact, scaled)

    def times_faster(self, spent: Figures) -> Figures:
        """Return how many times longer broadcasting takes, by either clock."""
        return {
            "times_faster": self.figures["broadcasting_s"] / spent["s"],
            "times_faster_processor": self.figures["broadcasting_processor_s"] / spent["processor_s"],
        }


def near_errors(grid: Grid, sites: Sites, method: str) -> Figures:
    """Return errors at pixels within 35 m of a site: the map's own, and of 1 m around four sites."""
    x_m, y_m = grid_points(grid)
    row = np.floor((grid.north_m - sites.y_m) / grid.pixel_m).astype(int).clip(0, grid.rows - 1)
    column = np.floor((sites.x_m - grid.west_m) / grid.pixel_m).astype(int).clip(0, grid.columns - 1)
    pixel = row * grid.columns + column
    near = np.unique(pixel[np.hypot(x_m[pixel] - sites.x_m, y_m[pixel] - sites.y_m) <= NEAR_M])
    found = [errors(sample(coverage(grid, sites, method=method), near), twin(x_m[near], y_m[near], sites))]
    pixels = len(near)
    for site in np.linspace(0, len(sites) - 1, 4).astype(int):
        fine = Grid(sites.x_m[site] - 25.2, sites.y_m[site] + 25.4, 1.0, 50, 50)
        exact = twin(*grid_points(fine), sites)
        found.append(errors(sample(coverage(fine, sites, method=method), np.arange(2500)), exact))
        pixels += 2500
    return {
        "near_pixels": pixels,
        "near_best_db": max(each["best_db"] for each in found),
        "near_same_server": min(each["same_server"] for each in found),
    }


def rates(pairs: int, spent: Figures) -> Figures:
    """Return sector-pairs a second, by either clock."""
    return {
        "sector_pairs_per_s": pairs / spent["s"],
        "sector_pairs_per_processor_s": pairs / spent["processor_s"],
    }


def prefixed(name: str, figures: Figures) -> Figures:
    """Return figures under longer names."""
    return {f"{name}_{key}": value for key, value in figures.items()}


def job_a(size: Size) -> Figures:
    """Return speed and errors of job A by numpy on one core."""
    grid, sites = JOBS["small" if size.small else "a"].make()
    pairs = sector_pairs(grid, sites)
    # short runs: many of them, to find a moment without neighbours
    spent, cover = timed(lambda: coverage(grid, sites), 4 * size.times)
    plain = Twin.of(grid, sites, size)
    return {
        "sector_pairs": pairs,
        **spent,
        **rates(pairs, spent),
        **plain.figures,
        **plain.times_faster(spent),
        **errors(sample(cover, plain.rows), plain.exact),
        **near_errors(grid, sites, "numpy"),
    }


def interference_dbm(cover: Coverage) -> np.ndarray:
    """Return the power of all sectors but the best; minus infinity where there is no other."""
    best_mw = 10.0 ** (cover.best_dbm.astype(np.float64) / 10.0)
    other_mw = np.where(np.isfinite(cover.second_dbm), cover.total_mw.astype(np.float64) - best_mw, 0.0)
    return 10.0 * np.log10(np.maximum(other_mw, 1e-30))


def job_a_fast(size: Size) -> Figures:
    """Return speed and errors of job A by compiled loops on one core, pair by pair and in two levels."""
    grid, sites = JOBS["small" if size.small else "a"].make()
    pairs = sector_pairs(grid, sites)
    plain = Twin.of(grid, sites, size)
    figures: Figures = {"sector_pairs": pairs, **plain.figures}
    maps = {}
    for name, method in (("direct", "fast"), ("two_level", "two_level")):
        coverage(grid, sites, method=method)  # compiles
        spent, maps[name] = timed(lambda method=method: coverage(grid, sites, method=method), 7 * size.times)
        here = sample(maps[name], plain.rows)
        found = {
            **spent,
            **rates(pairs, spent),
            **plain.times_faster(spent),
            **errors(here, plain.exact),
            **near_errors(grid, sites, method),
            "interference_db": _apart_db(here, plain.exact),
        }
        figures |= prefixed(name, found)
    figures["two_level_interference_everywhere_db"] = _apart_db(maps["two_level"], maps["direct"])
    return figures


def _apart_db(one: Coverage, other: Coverage) -> float:
    alike = one.server.ravel() == other.server.ravel()
    apart = interference_dbm(one).ravel()[alike] - interference_dbm(other).ravel()[alike]
    return float(np.abs(apart).max())


def in_order(sites: Sites, rows: np.ndarray) -> tuple[Sites, np.ndarray]:
    """Return the sites in another order, or some of them, and the row that each sector had before."""
    counts = np.diff(sites.first_sector)
    sectors = np.concatenate([np.arange(counts[row]) + sites.first_sector[row] for row in rows])
    chosen = replace(
        sites,
        x_m=sites.x_m[rows],
        y_m=sites.y_m[rows],
        height_m=sites.height_m[rows],
        radius_m=sites.radius_m[rows],
        law=sites.law.take(rows),
        first_sector=np.concatenate([[0], np.cumsum(counts[rows])]),
        azimuth_deg=sites.azimuth_deg[sectors],
        downtilt_deg=sites.downtilt_deg[sectors],
        eirp_dbm=sites.eirp_dbm[sectors],
    )
    return chosen, sectors


def planes_apart(one: Coverage, other: Coverage) -> int:
    """Return how many planes of two maps differ in any bit."""
    return sum(getattr(one, name).tobytes() != getattr(other, name).tobytes() for name in PLANES)


Make = Callable[..., Coverage]


def _variants(receivers: Grid | Points, sites: Sites, method: str) -> Iterator[tuple[str, Coverage]]:
    """Give what must be one map: by strips of other heights, with two workers, from rows in another order."""
    if isinstance(receivers, Grid):
        for rows in (1, 37, 200) if method == "numpy" else ():
            yield "strips", coverage(receivers, sites, strip_rows=rows, method=method)
        yield "workers", coverage(receivers, sites, workers=2, method=method)
        yield "workers", coverage(receivers, sites, workers=3, strip_rows=50, method=method)
    random = np.random.default_rng(5)
    for _ in range(2):
        order, sectors = in_order(sites, random.permutation(len(sites)))
        cover = coverage(receivers, order, method=method)
        yield (
            "order",
            replace(cover, server=np.where(cover.server < 0, -1, sectors[cover.server]).astype("i4")),
        )


def bits(size: Size) -> Figures:
    """Return how many planes differ in any bit over strips, workers and the order of the rows."""
    grid, sites = JOBS["small" if size.small else "a-radius-half"].make()
    points = some_points(grid, 2_000 if size.small else 20_000)
    # at the same place with the same sectors: which of them serves must not follow from the row
    twice = Sites.stack([sites, in_order(sites, np.arange(0, len(sites), 7))[0]])
    cases = [("numpy", grid, sites), ("numpy", points, uneven(twice)), ("numpy", grid, uneven(sites))]
    if has_numba():
        cases += [("fast", grid, sites), ("two_level", grid, sites)]
    differing = dict.fromkeys(("strips_planes", "workers_planes", "order_planes"), 0)
    maps = 0
    for method, receivers, network in cases:
        first = coverage(receivers, network, method=method)
        for what, other in _variants(receivers, network, method):
            differing[f"{what}_planes"] += planes_apart(first, other)
            maps += 1
    return {"maps_compared": maps, **differing}


_RIGHT = (Limit("best_db", most=0.01), Limit("second_db", most=0.01), Limit("same_server", least=0.999))
_NEAR = (Limit("near_best_db", most=0.01), Limit("near_same_server", least=0.999))


def _of(name: str, limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    return tuple(replace(limit, figure=f"{name}_{limit.figure}") for limit in limits)


MAPS = (
    Row(
        "job-a",
        "a million cells of 100 m, 1,000 sites of three sectors, radius 15 km: numpy, one core",
        job_a,
        (
            Limit("sector_pairs_per_s", least=3e8, timed=True, processor="sector_pairs_per_processor_s"),
            Limit("times_faster", least=600, timed=True, processor="times_faster_processor"),
            *_RIGHT,
            *_NEAR,
        ),
    ),
    Row(
        "job-a-fast",
        "the same by compiled loops: pair by pair, and in two levels",
        job_a_fast,
        (
            Limit(
                "direct_sector_pairs_per_s",
                least=1.5e9,
                timed=True,
                processor="direct_sector_pairs_per_processor_s",
            ),
            Limit(
                "two_level_times_faster",
                least=10_000,
                timed=True,
                processor="two_level_times_faster_processor",
            ),
            *_of("direct", _RIGHT + _NEAR),
            *_of("two_level", _RIGHT + _NEAR),
            Limit("direct_interference_db", most=0.1),
            Limit("two_level_interference_db", most=0.1),
            Limit("two_level_interference_everywhere_db", most=0.1),
        ),
        without_numba,
    ),
    Row(
        "bits",
        "the same bits whatever the strips, the workers and the order of the rows",
        bits,
        tuple(Limit(f"{what}_planes", most=0) for what in ("strips", "workers", "order")),
    ),
)
