"""One way of building the network of a tile, worked out in full: split, boxes, cabinets, fibres, budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.access.optics import SERVED, Budget, budget
from sim.access.options import OdnOptions, stages_of
from sim.access.placing import Placed
from sim.access.rooted import Floats, Rows
from sim.access.tiletree import TileTree


@dataclass(frozen=True, eq=False)
class Plan:
    """A split, the boxes and cabinets that it needs, and what each home and stretch of route gets of it."""

    split: str
    ground: TileTree
    boxes: Placed
    fibres: Rows
    """Fibres between cabinet and each box, shape (p,)."""
    box_cabinet: Rows
    """Cabinet of each box, shape (p,)."""
    cabinet: Rows
    """Vertex of each cabinet, shape (c,)."""
    splitters: Rows
    """First splitters in each cabinet, shape (c,)."""
    feeder: Floats
    """Fibres towards cabinets along the edge above each vertex, shape (n,)."""
    distribution: Floats
    """Fibres between cabinets and boxes along it, shape (n,)."""
    drops: Floats
    """Homes whose drop lies along it, shape (n,)."""
    home: Rows
    """Homes designed for, rows of all homes, shape (h,)."""
    port: Rows
    """Port of the line terminal of each, shape (h,)."""
    fibre_m: Floats
    """Fibre between line terminal and each, shape (h,) [m]."""
    budget: Budget

    @property
    def served(self) -> int:
        """Homes served."""
        return int((self.budget.reason == SERVED).sum())

    @property
    def cabinet_fibres(self) -> Rows:
        """Fibres that leave each cabinet, shape (c,)."""
        return np.bincount(self.box_cabinet, weights=self.fibres, minlength=len(self.cabinet)).astype(
            np.int64
        )

    @property
    def second(self) -> int:
        """Outputs of the splitter in each box; 0 where the cabinet splits alone."""
        stages = stages_of(self.split)
        return stages[1] if len(stages) > 1 else 0


def fibres_of(boxes: Placed, split: str) -> Rows:
    """Return the fibres between cabinet and each box: one to a splitter, else one for each port."""
    return np.minimum(boxes.ports, 1) if len(stages_of(split)) > 1 else boxes.ports


def planned(
    ground: TileTree,
    boxes: Placed,
    split: str,
    fed: tuple[Rows, Rows],
    options: OdnOptions,
    upstream_m: float,
) -> Plan:
    """Return the plan of a split with boxes that are ``fed``.

    ``fed`` is the cabinet of each box, shape (p,), and the vertex of each cabinet, shape (c,). Fibres are
    numbered along the walk through the tree, and each splitter takes the next ones of its cabinet.
    """
    tree, stages = ground.tree, stages_of(split)
    fibres, (group, cabinet) = fibres_of(boxes, split), fed
    order = np.lexsort((np.arange(len(group)), boxes.vertex, group))
    start = np.empty(len(group), dtype=np.int64)
    start[order] = np.cumsum(fibres[order]) - fibres[order]
    total = np.bincount(group, weights=fibres, minlength=len(cabinet)).astype(np.int64)
    start -= (np.cumsum(total) - total)[group]
    splitters = -(-total // stages[0])
    first_port = np.cumsum(splitters) - splitters
    home = np.flatnonzero(boxes.home_box >= 0)
    box = boxes.home_box[home]
    fibre = start[box] + boxes.home_rank[home] * fibres[box] // np.maximum(boxes.homes[box], 1)
    port = first_port[group[box]] + fibre // stages[0]
    along = tree.depth_m[cabinet][group] + tree.distance_m(cabinet[group], boxes.vertex)
    fibre_m = upstream_m + along[box] + boxes.drop_m[home]
    demand, grouping = boxes.demand, boxes.grouping
    return Plan(
        split,
        ground,
        boxes,
        fibres,
        group,
        cabinet,
        splitters,
        feeder=tree.carried(cabinet, np.zeros_like(cabinet), splitters.astype(float)),
        distribution=tree.carried(boxes.vertex, cabinet[group], fibres.astype(float)),
        drops=tree.carried(demand.vertex, grouping.vertex[grouping.box], demand.homes.astype(float)),
        home=home,
        port=port,
        fibre_m=fibre_m,
        budget=budget(options, split, fibre_m, port, int(splitters.sum())),
    )
