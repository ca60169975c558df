"""A raster on which a network grows: every site is painted once, in the month from which it radiates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.geo.grid import Grid
from sim.radio.masts import OCTAVES_PER_DB, Mast, Masts
from sim.radio.raster import STRIP_ROWS, Raster, Task
from sim.radio.receivers import Coverage, Terrain
from sim.radio.sites import Sites


def grow_raster(
    grid: Grid,
    sites: Sites,
    on_air: NDArray[np.integer],
    needed_dbm: NDArray[np.float32],
    months: int,
    terrain: Terrain | None = None,
) -> tuple[Coverage, NDArray[np.int16]]:
    """Return the map of the last month, and the month from which each pixel receives what it needs.

    Parameters
    ----------
    grid
        The raster.
    sites
        All sites that ever radiate.
    on_air
        Month from which each does, before 0 from the start; those of month ``months`` or later never do.
    needed_dbm
        Power wanted at each pixel for each of K questions, shape (K, rows, columns).
    months
        How many months there are.
    terrain
        Losses over terrain by the rows of ``sites``.

    Returns
    -------
    tuple
        The map, and months of shape (K, rows, columns): -1 from the start, ``months`` never.
    """
    out = Coverage.empty(grid.shape)
    first = np.full(needed_dbm.shape, months, dtype=np.int16)
    masts = Masts(sites)
    if not sites.sectors:
        return out, first
    raster = Raster(Task(grid, sites, terrain, STRIP_ROWS), masts)
    everywhere = slice(0, grid.columns)
    into = raster.new_strip()
    known: dict[int, Mast] = {}
    for strip in range(raster.strips):
        into.clear(everywhere)
        rows = raster.rows(strip)
        height = rows.stop - rows.start
        needed = np.swapaxes(needed_dbm[:, rows] * np.float32(OCTAVES_PER_DB), 1, 2)
        reached = np.full(needed.shape, months, dtype=np.int16)
        best = into.planes[0].reshape(grid.columns, raster.strip_rows)
        reaching = raster.reaching(strip)
        known = {row: known.get(row) or masts.mast(row) for row in reaching.tolist()}
        since = np.maximum(on_air[reaching], -1)
        for month in np.unique(since[since < months]).tolist():
            columns = [grid.columns, 0]
            for row in reaching[since == month].tolist():
                mast = known[row]
                raster.paint(into, strip, mast, everywhere)
                span = raster.columns(mast, strip)
                columns = [min(columns[0], span.start), max(columns[1], span.stop)]
            part = slice(columns[0], columns[1])
            new = best[part, :height] >= needed[:, part]
            new &= reached[:, part] == months
            np.copyto(reached[:, part], np.int16(month), where=new)
        first[:, rows] = np.swapaxes(reached, 1, 2)
        out.fill(rows, raster.planes(into, strip), masts.owner)
    return out, first
