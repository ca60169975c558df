"""The passive optical network of a tile: routes, boxes, cabinets, budgets and bill, chosen by price."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.bill import Bill, smallest_fitting
from sim.access.bound import drop_bound_m
from sim.access.design import Boxes, Cabinets, Compared, Homes, Quality, Routes, TileDesign
from sim.access.optics import SERVED, loss_db
from sim.access.options import OdnOptions, stages_of
from sim.access.placing import Placed, Residents, cabinets, homes_a_box, placed, residents
from sim.access.plans import Plan, fibres_of, planned
from sim.access.pricing import Built, bill_of, built, total_yuan
from sim.access.rooted import Rows
from sim.access.streets import Ground, grounded
from sim.access.tile import Tile
from sim.access.tiletree import STEP, TileTree, nearest_tree, shortest_tree

_Drawing = Callable[[Ground, NDArray[np.bool_], float], TileTree]
HALF_FEN = 0.005
"""Prices that differ by less are a tie [yuan]."""


@dataclass(frozen=True, eq=False)
class _Worked:
    """A plan with its bill."""

    plan: Plan
    way: Built
    bill: Bill

    @property
    def yuan(self) -> float:
        return total_yuan(self.bill)


def design_tile(tile: Tile, options: OdnOptions) -> TileDesign:
    """Return the passive optical network of a tile.

    Routes come first: the tree of least length that joins every building to the entry, so that drops,
    distribution and feeder share every trench. Then every split is worked out with every box and cabinet
    it can have, and the cheapest of those that serve most homes is taken. Where homes stay out of reach,
    the tree of shortest ways is tried too, and what only leads to homes that cannot be served is left out.
    Neither routes nor groups look at prices, so that no price that rises makes the network cheaper.

    Raises ``DataError`` with all mistakes of a tile that cannot be mended; what was mended is listed.
    """
    least = min(homes_a_box(size, options.ports_per_home) for size in options.box_price)
    shared = tile.homes >= min(options.homes_of_shared_building, least + 1)
    ground = grounded(tile, shared, options.longest_lead_in)
    who = residents(tile, shared, options.storey_height)
    wanted = tile.homes > 0
    case = _Case(tile, options, ground, who)
    worked = case.worked(shortest_tree, wanted)
    if not worked:
        return case.empty()
    lost = case.lost(worked)
    if lost.any():
        other = case.worked(nearest_tree, wanted)
        make = nearest_tree if _most(other) > _most(worked) else shortest_tree
        worked = other if make is nearest_tree else worked
        lost = case.lost(worked)
        kept = wanted & ~lost
        again = case.worked(make, kept) if lost.any() and kept.any() else []
        if again:
            return case.result(again, _best(worked).plan)
    return case.result(worked)


def _most(worked: Sequence[_Worked]) -> int:
    return max(one.plan.served for one in worked)


def _best(worked: Sequence[_Worked]) -> _Worked:
    """Return the cheapest of the plans that serve most homes, the first at a tie."""
    most = _most(worked)
    return min((one for one in worked if one.plan.served == most), key=lambda one: one.yuan)


@dataclass(frozen=True, eq=False)
class _Case:
    """A tile to design."""

    tile: Tile
    options: OdnOptions
    ground: Ground
    who: Residents

    def worked(self, make: _Drawing, wanted: NDArray[np.bool_]) -> list[_Worked]:
        """Return every way of serving the buildings wanted along the routes that ``make`` draws."""
        if not wanted.any():
            return []
        routes = make(self.ground, wanted, STEP * self.options.longest_drop)
        result = []
        for plan in self._plans(routes, wanted):
            way = built(plan, self.options, self.tile.built_up)
            result.append(_Worked(plan, way, bill_of(plan, way, self.options, self.tile, self.who)))
        return result

    def _plans(self, routes: TileTree, wanted: NDArray[np.bool_]) -> Iterator[Plan]:
        boxes: dict[int, Placed] = {}
        fed: dict[tuple[int, int, bool], tuple[Rows, Rows]] = {}
        for split in self.options.splits:
            stages = stages_of(split)
            for size in stages[1:] or sorted(self.options.box_price):
                if size not in boxes:
                    boxes[size] = placed(routes, self.who, wanted, size, self.options)
                fibres = fibres_of(boxes[size], split)
                for most in sorted(self.options.cabinet_price):
                    key = size, most, len(stages) > 1
                    if key not in fed:
                        fed[key] = cabinets(routes, boxes[size].vertex, fibres, most)
                    yield planned(routes, boxes[size], split, fed[key], self.options, self.tile.upstream_m)
                    if fibres.sum() <= most:
                        break

    def lost(self, worked: Sequence[_Worked]) -> NDArray[np.bool_]:
        """Return the buildings, shape (B,), without a home that the first of the best plans serves."""
        most = _most(worked)
        plan = next(one.plan for one in worked if one.plan.served == most)
        served = np.zeros(len(self.tile.homes), dtype=bool)
        served[self.who.building[plan.home[plan.budget.reason == SERVED]]] = True
        return (self.tile.homes > 0) & ~served

    def result(self, worked: Sequence[_Worked], first: Plan | None = None) -> TileDesign:
        """Return the best of the plans as a design; homes that it leaves out are those of ``first``."""
        best = _best(worked)
        plan = best.plan
        return TileDesign(
            name=self.tile.name,
            split=plan.split,
            homes=self._homes(plan, first),
            boxes=_boxes(plan),
            cabinets=_cabinets(plan, self.options),
            routes=_routes(best),
            bill=best.bill,
            port_optics=plan.budget.port_optics,
            repairs=self.ground.repairs,
            compared=_compared(worked, best),
            quality=self._quality(plan),
        )

    def _homes(self, plan: Plan, first: Plan | None) -> Homes:
        count, names = len(self.who.building), tuple(self.options.optics)
        optics, reason = np.zeros(count, dtype=np.int8), np.zeros(count, dtype=np.int8)
        near, box, port = np.zeros(count, dtype=bool), np.full(count, -1), np.full(count, -1)
        drop, fibre = np.zeros(count), np.zeros(count)
        margin = {name: np.zeros(count) for name in names}
        up, down = np.zeros(count), np.zeros(count)
        for one in (first, plan) if first is not None else (plan,):
            home, found = one.home, one.budget
            reason[home], optics[home], near[home] = found.reason, found.optics, found.too_near
            fibre[home], drop[home] = one.fibre_m, one.boxes.drop_m[home]
            for name in names:
                margin[name][home] = found.margin_db[name]
            for row, name in enumerate(self.options.offered):
                mine = found.optics == row
                up[home[mine]], down[home[mine]] = loss_db(
                    self.options, one.split, one.fibre_m[mine], self.options.optics[name]
                )
        served = plan.home[plan.budget.reason == SERVED]
        box[served] = plan.boxes.home_box[served]
        port[served] = plan.port[plan.budget.reason == SERVED]
        return Homes(
            self.who.building, self.who.floor, reason, box, port, fibre, drop, optics, up, down, margin, near
        )

    def _quality(self, plan: Plan) -> Quality:
        boxes = plan.boxes
        total = boxes.grouping.total_m(boxes.demand)
        bound = drop_bound_m(
            plan.ground.tree,
            boxes.demand,
            boxes.grouping,
            (homes_a_box(boxes.size, self.options.ports_per_home), self.options.longest_drop),
            self.options.bound_rounds,
        )
        return Quality(total, bound)

    def empty(self) -> TileDesign:
        """Return the design of a tile without homes."""
        none, metres, places = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 2))
        codes, flags = np.zeros(0, dtype=np.int8), np.zeros(0, dtype=bool)
        margin = dict.fromkeys(self.options.optics, metres)
        return TileDesign(
            name=self.tile.name,
            split="",
            homes=Homes(none, none, codes, none, none, metres, metres, codes, metres, metres, margin, flags),
            boxes=Boxes(places, none, none, none, 0),
            cabinets=Cabinets(places, none, none, none),
            routes=Routes(places, places, metres, codes, none, none, none),
            bill=Bill(()),
            port_optics=codes,
            repairs=self.ground.repairs,
            compared=(),
            quality=Quality(0.0, 0.0),
        )


def _boxes(plan: Plan) -> Boxes:
    boxes = plan.boxes
    point = plan.ground.point_m[boxes.vertex]
    return Boxes(point, boxes.ports, boxes.homes, plan.box_cabinet, boxes.size)


def _cabinets(plan: Plan, options: OdnOptions) -> Cabinets:
    fibres = plan.cabinet_fibres
    sizes = smallest_fitting(fibres, options.cabinet_price)
    return Cabinets(plan.ground.point_m[plan.cabinet], fibres, plan.splitters, sizes)


def _routes(worked: _Worked) -> Routes:
    plan, tree = worked.plan, worked.plan.ground.tree
    point = plan.ground.point_m
    loads = [load[1:].astype(np.int64) for load in (plan.feeder, plan.distribution, plan.drops)]
    return Routes(point[tree.parent[1:]], point[1:], tree.length_m[1:], worked.way.method[1:], *loads)


def _compared(worked: Sequence[_Worked], best: _Worked) -> tuple[Compared, ...]:
    return tuple(
        Compared(
            one.plan.split,
            one.plan.boxes.size,
            len(one.plan.cabinet),
            one.plan.served,
            float(one.yuan),
            chosen=one is best,
            tie=one is not best
            and one.plan.served == best.plan.served
            and bool(abs(one.yuan - best.yuan) < HALF_FEN),
        )
        for one in worked
    )
