"""What a box at each vertex of a tree could do: for a bound of the drops, and for better places."""

from __future__ import annotations

import numpy as np

from sim.access.clusters import Demand, within_reach
from sim.access.rooted import Floats, Rooted, Rows


class Sites:
    """The homes that each vertex could serve, in rows of one length, one column a home."""

    def __init__(self, tree: Rooted, demand: Demand, radius_m: float) -> None:
        arcs = within_reach(tree, demand, np.arange(len(tree)), radius_m)
        order = np.lexsort((arcs.drop_m, arcs.box))
        order = np.repeat(order, demand.homes[arcs.building[order]])
        row = arcs.box[order]
        many = np.bincount(row, minlength=len(tree))
        column = np.arange(len(order)) - (np.cumsum(many) - many)[row]
        shape = (len(tree), int(many.max(initial=0)))
        self.buildings = len(demand)
        self.building = np.full(shape, len(demand), dtype=np.int64)
        self.drop_m = np.full(shape, radius_m + 1.0)  # above any multiplier: serves nobody
        self.building[row, column], self.drop_m[row, column] = arcs.building[order], arcs.drop_m[order]

    def relaxed(self, price: Floats, capacity: int, boxes: int) -> tuple[float, Floats]:
        """Return the sum of the most negative values of vertices, and the homes of each building served."""
        reduced = self.drop_m - np.append(price, 0.0)[self.building]
        width = reduced.shape[1]
        least = np.partition(reduced, capacity - 1, axis=1)[:, :capacity] if width > capacity else reduced
        value = np.minimum(least, 0.0).sum(axis=1)
        chosen = np.argsort(value, kind="stable")[:boxes]
        chosen = chosen[value[chosen] < 0.0]
        mine, building = reduced[chosen], self.building[chosen]
        if width > capacity:
            first = np.argpartition(mine, capacity - 1, axis=1)[:, :capacity]
            mine, building = (np.take_along_axis(each, first, axis=1) for each in (mine, building))
        served = np.bincount(building[mine < 0.0], minlength=self.buildings)
        return float(value[chosen].sum()), served.astype(np.float64)

    def savings(self, now_m: Floats, capacity: int) -> Floats:
        """Return by how much a box more at each vertex shortens drops that are ``now_m``, shape (n,) [m]."""
        saved = self.drop_m - np.append(now_m, 0.0)[self.building]
        if saved.shape[1] > capacity:
            saved = np.partition(saved, capacity - 1, axis=1)[:, :capacity]
        result: Floats = -np.minimum(saved, 0.0).sum(axis=1)
        return result

    def savers(self, vertex: int, now_m: Floats) -> Rows:
        """Return the buildings that a box at a vertex is nearer to than ``now_m``, most saved first."""
        mine, first = np.unique(self.building[vertex], return_index=True)
        mine, first = mine[mine < self.buildings], first[mine < self.buildings]
        saved = now_m[mine] - self.drop_m[vertex, first]
        order = np.lexsort((mine, -saved))
        result: Rows = mine[order[saved[order] > 0.0]]
        return result
