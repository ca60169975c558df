"""How the time of a map grows with its cells, its sites and their radius."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from benchmarks.jobs_coverage import job, sector_pairs
from benchmarks.rows import Figures, Limit, Row, Size, has_numba, timed
from sim.geo.grid import Grid
from sim.radio.coverage import coverage

SIDE_M = 100_000.0
CELLS, SITES, RADIUS_M = 1000, 1000, 15_000.0
"""Job A: cells on a side, sites and their radius."""


@dataclass(frozen=True)
class Sweep:
    """One size that varies while the others stay those of job A."""

    label: str
    values: tuple[float, ...]
    steepest: float
    """Slope over which time must not grow on logarithmic axes."""


SWEEPS: Mapping[str, Sweep] = MappingProxyType(
    {
        "cells": Sweep("cells", tuple(float(side**2) for side in (250, 500, 1000, 2000)), 1.1),
        "sites": Sweep("sites", (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0), 1.1),
        "radius": Sweep("radius [m]", (1875.0, 3750.0, 7500.0, 15_000.0, 30_000.0), 2.1),
    }
)
SMALL = MappingProxyType({"cells": 2, "sites": 3, "radius": 3})
"""How many of the values a small version takes."""


@dataclass(frozen=True)
class Sample:
    """One map that was timed."""

    sweep: str
    value: float
    method: str
    sector_pairs: int
    s: float
    processor_s: float


def made(sweep: str, value: float) -> tuple[Grid, object]:
    """Return grid and sites of job A with one size changed; cells change at the same area."""
    cells = round(value**0.5) if sweep == "cells" else CELLS
    count = int(value) if sweep == "sites" else SITES
    radius_m = value if sweep == "radius" else RADIUS_M
    return job(cells, count, radius_m=radius_m, pixel_m=SIDE_M / cells)


def samples(size: Size) -> list[Sample]:
    """Return the timed maps of all sweeps and methods."""
    methods = ("numpy", "fast", "two_level") if has_numba() and not size.small else ("numpy",)
    for method in methods:
        coverage(*job(20, 3), method=method)  # compiles
    found = []
    for name, sweep in SWEEPS.items():
        for value in sweep.values[: SMALL[name]] if size.small else sweep.values:
            grid, sites = made(name, value)
            pairs = sector_pairs(grid, sites)
            for method in methods:
                spent, _ = timed(
                    lambda grid=grid, sites=sites, method=method: coverage(grid, sites, method=method),
                    size.times,
                )
                found.append(Sample(name, value, method, pairs, spent["s"], spent["processor_s"]))
    return found


def slope(found: list[Sample], sweep: str, method: str) -> float:
    """Return the slope of processor time over a sweep's value on logarithmic axes, by least squares."""
    mine = [each for each in found if each.sweep == sweep and each.method == method]
    x = np.log([each.value for each in mine])
    return float(np.polyfit(x, np.log([each.processor_s for each in mine]), 1)[0])


def growth(size: Size) -> Figures:
    """Return the slopes of all sweeps, and the speed of each method at its largest map."""
    return figures_of(samples(size))


def figures_of(found: list[Sample]) -> Figures:
    """Return slopes, and the seconds and pairs of the largest map of each sweep."""
    figures: Figures = {"maps": len(found)}
    for method in dict.fromkeys(each.method for each in found):
        for sweep in SWEEPS:
            figures[f"{method}_slope_{sweep}"] = slope(found, sweep, method)
            largest = max((e for e in found if (e.sweep, e.method) == (sweep, method)), key=lambda e: e.value)
            figures[f"{method}_largest_{sweep}_s"] = largest.s
            figures[f"{method}_largest_{sweep}_pairs_per_s"] = largest.sector_pairs / largest.s
    return figures


def write_table(found: list[Sample], path: Path) -> None:
    """Write what was timed as a table."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("sweep", "value", "method", "sector_pairs", "s", "processor_s"))
        for each in found:
            row = (each.sweep, f"{each.value:g}", each.method, each.sector_pairs)
            writer.writerow((*row, f"{each.s:.6f}", f"{each.processor_s:.6f}"))


COLOURS = MappingProxyType({"numpy": "#1f5fa8", "fast": "#c8641b", "two_level": "#3a7d44"})
NAMES = MappingProxyType(
    {"numpy": "numpy", "fast": "compiled, all pairs", "two_level": "compiled, two levels"}
)


def draw(found: list[Sample], path: Path, note: str) -> None:
    """Draw time over cells, sites, radius and sector-pairs on logarithmic axes."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "growth"
    figure = Figure(figsize=(11.0, 7.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 2).ravel()
    for axis, (name, sweep) in zip(axes, SWEEPS.items(), strict=False):
        _panel(axis, [each for each in found if each.sweep == name], sweep.label, name)
    _pairs_panel(axes[3], found)
    figure.suptitle(f"Processor time of one map; the other sizes are those of job A. {note}", fontsize=10)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _panel(axis: object, mine: list[Sample], label: str, name: str) -> None:
    for method in dict.fromkeys(each.method for each in mine):
        points = sorted((each.value, each.processor_s) for each in mine if each.method == method)
        x, y = np.array(points).T
        steep = slope(mine, name, method)
        axis.loglog(x, y, "o-", color=COLOURS[method], label=f"{NAMES[method]}, slope {steep:.2f}")
    values = sorted({each.value for each in mine})
    axis.set_xticks(values, [_short(value) for value in values])
    axis.minorticks_off()
    _dress(axis, label)


def _short(value: float) -> str:
    return f"{value / 1e6:.3g}e6" if value >= 1e5 else f"{value:g}"


def _pairs_panel(axis: object, found: list[Sample]) -> None:
    marks = dict(zip(SWEEPS, "os^", strict=True))
    for method in dict.fromkeys(each.method for each in found):
        for sweep, mark in marks.items():
            mine = [each for each in found if (each.method, each.sweep) == (method, sweep)]
            axis.loglog(
                [each.sector_pairs for each in mine],
                [each.processor_s for each in mine],
                mark,
                color=COLOURS[method],
                label=sweep if method == "numpy" else None,
                fillstyle="none",
            )
    ends = np.array([min(e.sector_pairs for e in found), max(e.sector_pairs for e in found)], dtype=float)
    for rate, style in ((3e8, "--"), (1.5e9, ":")):
        axis.loglog(ends, ends / rate, style, color="0.45", linewidth=1, label=f"{rate:g} sector-pairs/s")
    _dress(axis, "sector-pairs within the radius (all maps)", "lower right")


def _dress(axis: object, label: str, legend: str = "upper left") -> None:
    axis.set_xlabel(label)
    axis.set_ylabel("processor time [s]")
    axis.grid(which="major", color="0.88")
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8, loc=legend)


GROWTH = Row(
    "growth",
    "time over cells, sites and radius: slopes on logarithmic axes",
    growth,
    tuple(Limit(f"numpy_slope_{name}", most=sweep.steepest, timed=True) for name, sweep in SWEEPS.items()),
)
