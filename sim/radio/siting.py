"""Where new sites are best: greedy choice by marginal coverage, with local updates."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.radio.pairs import Pairs

GRAIN = 1000
"""Weights are compared as integers of a thousandth, so that sums do not depend on their order."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Sites in the order in which they were chosen."""

    sites: NDArray[np.int32]
    gain: NDArray[np.float64]
    """Weight that each newly covered when it was chosen, same shape."""


def choose_sites(
    pairs: Pairs,
    weight: NDArray[np.float64],
    price: NDArray[np.float64],
    *,
    covered: NDArray[np.bool_] | None = None,
    least_gain: float = 0.0,
) -> Choice:
    """Return the sites that cover most weight for their price, best first, until none adds enough.

    ``weight`` has the shape (points,), ``price`` (sites,) and is above 0; points that are ``covered``
    already count for nothing. A site is chosen while it newly covers more than ``least_gain``. Covering is
    monotone and submodular, so the greedy choice is within 1 - 1/e of the best cover of its price. When
    a site is chosen only the sites that share points with it change their gain.

    References
    ----------
    Nemhauser, Wolsey and Fisher, Mathematical Programming 14, 1978 (the bound); Minoux, 1978 (lazy
    evaluation).
    """
    sites = len(price)
    grains = np.rint(weight * GRAIN).astype(np.int64)
    open_ = np.ones(len(weight), dtype=bool) if covered is None else ~covered
    of_site, of_point = _both_ways(pairs, sites, len(weight))
    gain = np.bincount(pairs.site, weights=np.where(open_, grains, 0)[pairs.point], minlength=sites).astype(
        np.int64
    )
    threshold = round(least_gain * GRAIN)
    heap = [(-gain[site] / price[site], site) for site in range(sites) if gain[site] > threshold]
    heapq.heapify(heap)
    chosen, gains = [], []
    while heap:
        rank, site = heapq.heappop(heap)
        if gain[site] <= threshold:
            continue
        if -gain[site] / price[site] != rank:  # what it adds has shrunk since it was ranked
            heapq.heappush(heap, (-gain[site] / price[site], site))
            continue
        chosen.append(site)
        gains.append(gain[site] / GRAIN)
        points = of_site.row(site)
        new = points[open_[points]]
        open_[new] = False
        sharing = of_point.rows(new)
        np.subtract.at(gain, sharing, np.repeat(grains[new], of_point.lengths(new)))
    return Choice(np.array(chosen, dtype=np.int32), np.array(gains, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class _Lists:
    """Numbers in rows of different lengths."""

    start: NDArray[np.int64]
    values: NDArray[np.int32]

    def row(self, number: int) -> NDArray[np.int32]:
        return self.values[self.start[number] : self.start[number + 1]]

    def lengths(self, rows: NDArray[np.int32]) -> NDArray[np.int64]:
        return self.start[rows + 1] - self.start[rows]

    def rows(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the values of several rows, one after the other."""
        lengths = self.lengths(rows)
        ends = np.cumsum(lengths)
        offset = np.repeat(self.start[rows] - (ends - lengths), lengths)
        found: NDArray[np.int32] = self.values[np.arange(int(lengths.sum())) + offset]
        return found


def _both_ways(pairs: Pairs, sites: int, points: int) -> tuple[_Lists, _Lists]:
    """Return the points of each site and the sites of each point; ``pairs`` is sorted by site."""
    by_point = np.argsort(pairs.point, kind="stable")
    site_start = np.concatenate([[0], np.cumsum(np.bincount(pairs.site, minlength=sites))])
    point_start = np.concatenate([[0], np.cumsum(np.bincount(pairs.point, minlength=points))])
    return _Lists(site_start, pairs.point), _Lists(point_start, pairs.site[by_point])
