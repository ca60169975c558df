"""What a plan costs: each stretch of route built in its cheapest way, and everything counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.bill import CONNECT, Bill, Cables, Line, cabled, smallest_fitting
from sim.access.design import DUCT, METHODS, NEW_POLES, POLES, TRENCH
from sim.access.options import OdnOptions, stages_of
from sim.access.placing import Residents
from sim.access.plans import Plan
from sim.access.rooted import Rows
from sim.access.tile import Tile


@dataclass(frozen=True, eq=False)
class Built:
    """How each stretch of route is built, shape (n,), and the cables on it."""

    method: NDArray[np.int8]
    feeder: Cables
    distribution: Cables

    @property
    def cables(self) -> Rows:
        """Cables on each stretch, shape (n,)."""
        return self.feeder.cables + self.distribution.cables


def built(plan: Plan, options: OdnOptions, built_up: bool) -> Built:
    """Return the cheapest way of building each stretch of route.

    What stands costs only the work of pulling or hanging the cables. Poles are set on land that is not built
    up, where that is allowed; everything else is dug.
    """
    length = plan.ground.tree.length_m
    feeder = cabled(plan.feeder, length, options.cable_price, options.spare_fibres)
    distribution = cabled(plan.distribution, length, options.cable_price, options.spare_fibres)
    cables = feeder.cables + distribution.cables
    pulled, hung = cables * options.pulling_price, cables * options.lashing_price
    ways = np.empty((len(METHODS), len(length)))
    ways[DUCT] = np.where(plan.ground.duct, pulled, np.inf)
    ways[POLES] = np.where(plan.ground.poles, hung, np.inf)
    ways[NEW_POLES] = hung + options.pole_price if options.new_poles and not built_up else np.inf
    trench = options.paved_trench_price if built_up else options.trench_price
    ways[TRENCH] = trench + options.duct_price + pulled
    return Built(ways.argmin(axis=0).astype(np.int8), feeder, distribution)


def splices(plan: Plan, drum_m: float) -> float:
    """Return the splices of a plan: both ends of every fibre, branches of cables, and ends of drums."""
    tree = plan.ground.tree
    ends = 2.0 * float(plan.splitters.sum() + plan.fibres.sum())
    for load in (plan.feeder, plan.distribution):
        largest = np.zeros(len(tree))
        np.maximum.at(largest, tree.parent, load)
        total = np.bincount(tree.parent, weights=load, minlength=len(tree))
        ends += float((total - largest).sum())
        ends += float(np.floor((load * tree.length_m).sum() / drum_m))
    return ends


def bill_of(plan: Plan, way: Built, options: OdnOptions, tile: Tile, who: Residents) -> Bill:
    """Return the bill of quantities of a plan."""
    lines = [
        *_routes(plan, way, options, tile.built_up),
        *_nodes(plan, options),
        *_inside(plan, options, tile, who),
    ]
    return Bill(tuple(line for line in lines if line.quantity > 0.0))


def _routes(plan: Plan, way: Built, options: OdnOptions, built_up: bool) -> list[Line]:
    length = plan.ground.tree.length_m
    metres = np.bincount(way.method, weights=length, minlength=len(METHODS))
    laid = np.bincount(way.method, weights=length * way.cables, minlength=len(METHODS))
    land, trench = "soil", options.trench_price
    if built_up:
        land, trench = "pavement", options.paved_trench_price
    lines = [
        Line(
            f"trench through {land}",
            "m",
            metres[TRENCH],
            trench,
            "civil",
        ),
        Line("duct", "m", metres[TRENCH], options.duct_price, "passive"),
        Line("new poles", "m", metres[NEW_POLES], options.pole_price, "civil"),
        Line("cable pulled through new duct", "m", laid[TRENCH], options.pulling_price, "civil"),
        Line("cable pulled through existing duct", "m", laid[DUCT], options.pulling_price, "civil"),
        Line("cable hung on new poles", "m", laid[NEW_POLES], options.lashing_price, "civil"),
        Line("cable hung on existing poles", "m", laid[POLES], options.lashing_price, "civil"),
    ]
    for size, price in sorted(options.cable_price.items()):
        total = way.feeder.metres.get(size, 0.0) + way.distribution.metres.get(size, 0.0)
        lines.append(Line(f"cable of {size} fibres", "m", total, price, "passive"))
    count = splices(plan, options.drum_length)
    lines.append(Line("splices", "unit", count, options.splice_price, "civil"))
    return lines


def _nodes(plan: Plan, options: OdnOptions) -> list[Line]:
    lines = []
    for row, name in enumerate(options.offered):
        ports = float((plan.budget.port_optics == row).sum())
        price = options.optics[name].port_price
        lines.append(Line(f"line terminal port {name}", "unit", ports, price, "active"))
    first = stages_of(plan.split)[0]
    number = {first: float(plan.splitters.sum())}
    if plan.second:
        number[plan.second] = number.get(plan.second, 0.0) + len(plan.boxes.vertex)
    for ratio, count in sorted(number.items()):
        lines.append(Line(f"splitter 1:{ratio}", "unit", count, options.splitter_price[ratio], "passive"))
    size, count = plan.boxes.size, float(len(plan.boxes.vertex))
    lines.append(Line(f"access box of {size} ports", "unit", count, options.box_price[size], "passive"))
    sizes, counts = np.unique(
        smallest_fitting(plan.cabinet_fibres, options.cabinet_price), return_counts=True
    )
    for cabinet, many in zip(sizes.tolist(), counts.tolist(), strict=True):
        price = options.cabinet_price[cabinet]
        lines.append(Line(f"cabinet of {cabinet} fibres", "unit", float(many), price, "passive"))
    return lines


def _inside(plan: Plan, options: OdnOptions, tile: Tile, who: Residents) -> list[Line]:
    shared = np.unique(who.building[plan.home][who.shared[plan.home]])
    storeys = float(tile.floors[shared].sum())
    height = float((tile.floors[shared] * options.storey_height).sum())
    boxes = plan.boxes
    share = boxes.ports / np.maximum(boxes.homes, 1)
    each = share[boxes.home_box[plan.home]]
    cable = float((boxes.drop_m[plan.home] * each).sum())
    near = float(np.ceil((each * plan.budget.too_near).sum()))
    return [
        Line("riser", "m", height, options.riser_price, "passive"),
        Line("floor box", "unit", storeys, options.floor_box_price, "passive"),
        Line("drop", "unit", float(boxes.ports.sum()), options.drop_price, "civil", CONNECT),
        Line("drop cable", "m", cable, options.drop_cable_price, "passive", CONNECT),
        Line("attenuator", "unit", near, options.attenuator_price, "passive", CONNECT),
    ]


def total_yuan(bill: Bill) -> float:
    """Return the price of building and of connecting every port, by which plans are compared [yuan]."""
    return bill.yuan() + bill.yuan(CONNECT)
