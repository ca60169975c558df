"""One site more, one fewer, one turned: what a change of a full map costs, and that the map stays right."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.jobs_coverage import JOBS
from benchmarks.radio.maps import in_order
from benchmarks.rows import Figures, Limit, Row, Size
from sim.radio.coverage import Coverage, coverage
from sim.radio.live import LiveCoverage
from sim.radio.sites import Sites

CHANGED = 30
"""Sites that are changed one after the other; the median counts."""


def spent_ms(work: Callable[[], object]) -> tuple[float, float]:
    """Return the time of a call by the clock and by the processor [ms]."""
    start, before = time.perf_counter(), time.process_time()
    work()
    return 1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - before)


def overlapping(sites: Sites, row: int) -> int:
    """Return how many other sites reach into a site's radius."""
    apart = np.hypot(sites.x_m - sites.x_m[row], sites.y_m - sites.y_m[row])
    return int(np.sum(apart < sites.radius_m + sites.radius_m[row])) - 1


def turned(sites: Sites, row: int) -> Sites:
    """Return the sites with the sectors of one turned, tilted and made stronger."""
    mine = np.arange(sites.sectors) // 3 == row
    return replace(
        sites,
        azimuth_deg=sites.azimuth_deg + 20.0 * mine,
        downtilt_deg=sites.downtilt_deg + 1.0 * mine,
        eirp_dbm=sites.eirp_dbm + 0.5 * mine,
    )


def changes(size: Size) -> Figures:
    """Return the time of each kind of change on a full map, and how the map differs from one made afresh."""
    grid, sites = JOBS["small" if size.small else "a"].make()
    side, radius = grid.columns * grid.pixel_m, float(sites.radius_m[0])
    middle = np.maximum(np.abs(sites.x_m - side / 2), np.abs(sites.y_m - side / 2))
    rows = np.flatnonzero(middle < side / 2 - radius)[: 5 if size.small else CHANGED].tolist()
    live = LiveCoverage(grid, sites, active=np.ones(len(sites), dtype=bool))
    best: dict[str, list[tuple[float, float]]] = {}
    for _ in range(size.times):
        spent: dict[str, list[tuple[float, float]]] = {"removed": [], "added": [], "retuned": []}
        for row in rows:
            others = overlapping(live.sites, row)
            for kind, share, work in (
                ("removed", others, lambda row=row: live.remove([row])),
                ("added", 1, lambda row=row: live.add([row])),
                ("retuned", others, lambda row=row: live.retune(turned(live.sites, row), [row])),
            ):
                wall, processor = spent_ms(work)
                spent[kind].append((wall / share, processor / share))
        for kind, pairs in spent.items():
            best.setdefault(kind, []).append(
                tuple(statistics.median(each) for each in zip(*pairs, strict=True))
            )
    live.remove(rows[::2])
    figures: Figures = {"sites_changed": len(rows)}
    figures["overlapping_sites"] = statistics.median(overlapping(sites, row) for row in rows)
    for kind, pairs in best.items():
        each = "_ms" if kind == "added" else "_ms_per_overlapping_site"
        figures[f"{kind}{each}"] = min(wall for wall, _ in pairs)
        figures[f"{kind}_processor{each}"] = min(processor for _, processor in pairs)
    return figures | differences(live, grid)


def differences(live: LiveCoverage, grid: object) -> Figures:
    """Return how a live map differs from one made afresh, after rounding to a hundredth of a decibel."""
    part, sectors = in_order(live.sites, np.flatnonzero(live.active))
    fresh, now = coverage(grid, part), live.coverage()
    server = np.where(fresh.server < 0, -1, sectors[fresh.server])
    return {
        "servers_differ": int((now.server != server).sum()),
        "best_differ": _hundredths(now.best_dbm, fresh.best_dbm),
        "second_differ": _hundredths(now.second_dbm, fresh.second_dbm),
        "total_db": _total_db(now, fresh),
    }


def _hundredths(one: np.ndarray, other: np.ndarray) -> int:
    return int((np.round(one, 2) != np.round(other, 2)).sum())


def _total_db(one: Coverage, other: Coverage) -> float:
    heard = other.total_mw > 0.0
    if not np.array_equal(one.total_mw > 0.0, heard):
        return float("nan")
    return float(np.abs(10.0 * np.log10(one.total_mw[heard] / other.total_mw[heard])).max(initial=0.0))


CHANGES = Row(
    "changes",
    "one site of job A added, removed or retuned: numpy, one core",
    changes,
    (
        Limit("added_ms", most=1.0, timed=True, processor="added_processor_ms"),
        *(
            Limit(
                f"{kind}_ms_per_overlapping_site",
                most=1.0,
                timed=True,
                processor=f"{kind}_processor_ms_per_overlapping_site",
            )
            for kind in ("removed", "retuned")
        ),
        Limit("servers_differ", most=0),
        Limit("best_differ", most=0),
        Limit("second_differ", most=0),
        # the order of a sum differs: half of a hundredth is what rounding hides
        Limit("total_db", most=0.005),
    ),
)
