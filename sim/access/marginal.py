"""What a zone's route costs once others are dug: connecting one lowers the price of the next."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from sim.access.routes import Routes

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def marginal_prices(routes: Routes, order: Rows) -> Rows:
    """Return what each zone adds when zones are connected in this order, shape (Z,) [fen].

    A segment is paid by the first zone whose path it lies on, what stands by nobody; zones that are not
    in ``order`` add nothing. Over all zones the prices sum to that of every segment to be built.
    """
    paths, zones = routes.paths, len(routes.route_m)
    turn = np.full(zones, len(order), dtype=np.int64)
    turn[order] = np.arange(len(order))
    first = np.full(len(routes.length_m), len(order), dtype=np.int64)
    np.minimum.at(first, paths.segment, turn[paths.zone])
    paid = np.flatnonzero((first < len(order)) & ~routes.standing)
    result = np.zeros(zones, dtype=np.int64)
    np.add.at(result, np.asarray(order)[first[paid]], routes.price_fen[paid])
    return result


def cheapest_first(routes: Routes, weight: Floats | None = None) -> Rows:
    """Return all zones in the greedy order: the least price for its weight next, given what is dug by then.

    ``weight`` (homes, say; 1 for each zone by default) has the shape (Z,); zones without weight come
    last, in their order. Ties go to the first zone. When a path is dug the price of everything that
    branches from it falls, by the part of its own path that is dug now.
    """
    zones, paths = len(routes.route_m), routes.paths
    worth = np.ones(zones) if weight is None else np.asarray(weight, dtype=np.float64)
    missing = np.where(routes.standing, 0, routes.price_fen)
    price = np.rint(paths.total(missing)).astype(np.int64)
    order = np.argsort(paths.segment, kind="stable")
    behind, starts = paths.zone[order], np.searchsorted(paths.segment[order], np.arange(len(missing) + 1))
    heavy = np.flatnonzero(worth > 0)
    key = np.full(zones, np.inf)
    key[heavy] = price[heavy] / worth[heavy]
    heap = list(zip(key[heavy].tolist(), heavy.tolist(), strict=True))
    heapq.heapify(heap)
    result = []
    while heap:
        ratio, zone = heapq.heappop(heap)
        if ratio != key[zone]:
            continue  # chosen already, or cheaper since it was queued
        result.append(zone)
        dug = [segment for segment in paths.of(zone).tolist() if missing[segment]]
        for segment in dug:
            price[behind[starts[segment] : starts[segment + 1]]] -= missing[segment]
            missing[segment] = 0
        key[zone] = np.nan
        if dug:  # the last of a path is the one that most lie behind
            near = behind[starts[dug[-1]] : starts[dug[-1] + 1]]
            near = near[key[near] < np.inf]
            key[near] = price[near] / worth[near]
            for entry in zip(key[near].tolist(), near.tolist(), strict=True):
                heapq.heappush(heap, entry)
    return np.concatenate([np.array(result, dtype=np.int64), np.flatnonzero(worth <= 0)])
