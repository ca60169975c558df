"""Which points each site reaches: sparse pairs of site and point with their received power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.radio.law import NEAREST_M
from sim.radio.sites import Sites

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
_BLOCK = 1024
"""Sites taken at once: bounds memory, changes no result."""
_ANY_DBM = 400.0
"""A want beyond this is for anything, or for nothing."""
_LEVEL_DB = 4.0
"""Points whose wants lie this close are searched together: bounds work, changes no result."""


class PointTerrain(Protocol):
    """Diffraction that hills add between sites and points."""

    def loss_db(self, site: NDArray[np.int64], x_m: Floats, y_m: Floats) -> NDArray[np.float32]:
        """Return the loss between each site (row) and its point, shape (pairs,) [dB]."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Site and point of each pair, by site and point; the power is the site's best sector's."""

    site: NDArray[np.int32]
    point: NDArray[np.int32]
    received_dbm: NDArray[np.float32]
    """Median power outdoors, before losses at the receiver [dBm]."""

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.site)


def pairs_above(
    sites: Sites, x_m: Floats, y_m: Floats, wanted_dbm: Floats, terrain: PointTerrain | None = None
) -> Pairs:
    """Return the pairs whose median power reaches what each point wants, within the sites' radii.

    ``x_m``, ``y_m`` and ``wanted_dbm`` have the shape (P,). Powers are compared to a hundredth of a dB,
    so that the answer is the same on every machine.
    """
    from scipy.spatial import cKDTree

    found: list[Pairs] = []
    # Points that want alike together: what wants much is searched near the sites alone.
    level = np.floor(np.clip(wanted_dbm, -_ANY_DBM, _ANY_DBM) / _LEVEL_DB).astype(np.int64)
    for wanted in np.unique(level[wanted_dbm < np.inf]) if len(sites) else ():
        points = np.flatnonzero((level == wanted) & (wanted_dbm < np.inf))
        tree = cKDTree(np.column_stack([x_m[points], y_m[points]]))
        reach_m = reach_of_sites_m(sites, float(wanted_dbm[points].min()))
        # Sites of like reach together: a block is searched with its largest.
        order = np.argsort(reach_m, kind="stable")
        for start in range(0, len(order), _BLOCK):
            rows = np.sort(order[start : start + _BLOCK])
            found.append(_block(sites, rows, reach_m[rows], (tree, points), wanted_dbm, terrain))
    if not found:
        empty = np.empty(0, dtype=np.int32)
        return Pairs(empty, empty, np.empty(0, dtype=np.float32))
    site, point, power = (
        np.concatenate([getattr(part, name) for part in found]) for name in ("site", "point", "received_dbm")
    )
    by_site = np.lexsort((point, site))
    return Pairs(site[by_site], point[by_site], power[by_site])


def reach_of_sites_m(sites: Sites, wanted_dbm: float) -> Floats:
    """Return how far each site reaches at most, on the boresight over flat ground, shape (N,) [m]."""
    law, strongest = sites.law, sites.strongest_dbm
    alike = np.column_stack(
        [law.intercept_db, law.slope_db, law.linear_db_per_m, law.linear_end_m, law.rise_m, strongest]
    )
    first, kind = np.unique(alike, axis=0, return_index=True, return_inverse=True)[1:]
    bears = strongest[first] - wanted_dbm + 0.02
    reach = [float(law.range_m(int(row), loss)) for row, loss in zip(first, bears, strict=True)]
    return np.minimum(np.array(reach)[kind.ravel()] + NEAREST_M, sites.radius_m)


def _block(
    sites: Sites,
    rows: NDArray[np.int64],
    reach_m: Floats,
    receivers: tuple[cKDTree, NDArray[np.int64]],
    wanted_dbm: Floats,
    terrain: PointTerrain | None,
) -> Pairs:
    """Return the pairs of some sites with some points (a tree of them and their rows)."""
    from scipy.spatial import cKDTree

    tree, points = receivers
    here = cKDTree(np.column_stack([sites.x_m[rows], sites.y_m[rows]]))
    near = here.sparse_distance_matrix(tree, float(reach_m.max()), output_type="ndarray")
    near = near[near["v"] <= reach_m[near["i"]]]
    site, point = rows[near["i"]], near["j"]
    power = -loss_of_pairs_db(sites, site, near["v"])
    kept = power + sites.strongest_dbm[site] >= wanted_dbm[points[point]] - 0.01
    site, point, power = site[kept], point[kept], power[kept]
    x_m, y_m, point = tree.data[point, 0], tree.data[point, 1], points[point]
    power = power + best_sector_dbm(sites, site, x_m - sites.x_m[site], y_m - sites.y_m[site])
    if terrain is not None:
        kept = power >= wanted_dbm[point] - 0.01
        site, point, power = site[kept], point[kept], power[kept]
        power = power - terrain.loss_db(site, x_m[kept], y_m[kept])
    power = np.round(power, 2)
    kept = power >= np.round(wanted_dbm[point], 2)
    return Pairs(site[kept].astype(np.int32), point[kept].astype(np.int32), power[kept].astype(np.float32))


def loss_of_pairs_db(sites: Sites, site: NDArray[np.int64], distance_m: Floats) -> Floats:
    """Return the median path loss of pairs from the sites' laws, shape (pairs,) [dB]."""
    law = sites.law
    squared = np.maximum(distance_m, NEAREST_M) ** 2 + law.rise_m[site] ** 2
    log = np.log(squared)
    used: NDArray[np.bool_] = np.asarray(np.isfinite(law.intercept_db).any(axis=0))
    pieces = [
        law.intercept_db[site, piece] + law.slope_db[site, piece] * log for piece in np.flatnonzero(used)
    ]
    linear = law.linear_db_per_m[site] * np.minimum(np.sqrt(squared), law.linear_end_m[site])
    # The linear term belongs to the first two pieces.
    near = np.maximum.reduce(pieces[: int(used[:-1].sum())]) + linear
    loss = np.maximum(near, pieces[-1]) if used[-1] else near
    return np.asarray(loss)


def best_sector_dbm(sites: Sites, site: NDArray[np.int64], dx_m: Floats, dy_m: Floats) -> Floats:
    """Return what the best sector of each pair's site radiates towards its point, shape (pairs,) [dBm]."""
    azimuth = np.degrees(np.arctan2(dx_m, dy_m))
    ground = np.maximum(np.hypot(dx_m, dy_m), NEAREST_M)
    depression = np.degrees(np.arctan2(sites.height_m[site] - sites.terminal_height_m, ground))
    best = np.full(len(site), -np.inf)
    first, count = sites.first_sector[site], np.diff(sites.first_sector)[site]
    for number in range(int(count.max(initial=0))):
        has = number < count
        sector = np.where(has, first + number, 0)
        gain = sites.pattern.relative_db(
            azimuth - sites.azimuth_deg[sector], sites.downtilt_deg[sector] - depression
        )
        np.maximum(best, np.where(has, sites.eirp_dbm[sector] + gain, -np.inf), out=best)
    return best
