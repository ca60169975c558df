"""Township seats where no source has them: the county seat, known towns, and middles of villages."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.geo.cells import Cells
from sim.geo.layers import Sources
from sim.geo.roads import county_of

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_ROUNDS = 4


def modelled_townships(
    sources: Sources, cells: Cells, villages: tuple[Rows, Floats]
) -> tuple[pd.DataFrame, Rows]:
    """Return modelled seats (county, x_m, y_m; each county's first is its seat) and each village's one.

    Parameters
    ----------
    sources, cells
        The area and its candidate cells; the census says how many townships a county has.
    villages
        County row of each village, sorted, and its position, shape (villages, 2).
    """
    county_of_village, position = villages
    starts = np.searchsorted(county_of_village, np.arange(len(sources.census) + 1))
    towns = sources.towns[["x_m", "y_m"]].to_numpy()
    polygons = np.asarray(sources.counties.geometry.array, dtype=object)
    town_county = county_of(towns[:, 0], towns[:, 1], polygons)
    seats, members, found = [], [], 0
    for row in range(len(sources.census)):
        here = position[starts[row] : starts[row + 1]]
        wanted = max(1, int(sources.census["townships"].iloc[row]))
        known = towns[town_county == row][:wanted]
        if not len(known):
            part = cells.of(row)
            best = part.start + int(np.argmax(cells.weight[part]))
            known = np.array([[cells.x[best], cells.y[best]]])
        if len(here) < wanted:  # a city's districts have more subdistricts than villages
            best = cells.of(row).start + np.argsort(-cells.weight[cells.of(row)], kind="stable")[: 4 * wanted]
            known = _farthest(np.column_stack([cells.x[best], cells.y[best]]), known, wanted)
        centres, member = _cluster(here, known, wanted)
        seats.append(pd.DataFrame({"county": row, "x_m": centres[:, 0], "y_m": centres[:, 1]}))
        members.append(member + found)
        found += len(centres)
    return pd.concat(seats, ignore_index=True), np.concatenate(members)


def _cluster(points: Floats, known: Floats, wanted: int) -> tuple[Floats, Rows]:
    """Return centres (the known ones first, as they are) and the centre of each point."""
    centres = known[:wanted]
    if not len(points):
        return centres, np.zeros(0, dtype=np.int64)
    centres = _farthest(points, centres, wanted)
    for _ in range(_ROUNDS):
        member = np.argmin(_distance(points, centres), axis=1)
        centres = _recentre(points, member, centres, len(known[:wanted]))
    return centres, np.argmin(_distance(points, centres), axis=1).astype(np.int64)


def _farthest(points: Floats, centres: Floats, wanted: int) -> Floats:
    """Return the centres and then the points farthest from all before, until there are enough."""
    nearest = _distance(points, centres).min(axis=1)
    while len(centres) < wanted and nearest.max() > 0:
        centres = np.vstack([centres, points[int(np.argmax(nearest))]])
        nearest = np.minimum(nearest, _distance(points, centres[-1:])[:, 0])
    return centres


def _recentre(points: Floats, member: Rows, centres: Floats, fixed: int) -> Floats:
    """Return the centres moved to the point nearest the middle of their members."""
    counts = np.maximum(np.bincount(member, minlength=len(centres)), 1)
    middle = np.column_stack([np.bincount(member, points[:, i], len(centres)) / counts for i in (0, 1)])
    nearest = points[np.argmin(_distance(points, middle), axis=0)]
    moved = (np.arange(len(centres)) >= fixed) & (np.bincount(member, minlength=len(centres)) > 0)
    return np.where(moved[:, None], nearest, centres)


def _distance(points: Floats, centres: Floats) -> Floats:
    return np.asarray(np.hypot(*(points[:, None, i] - centres[None, :, i] for i in (0, 1))))
