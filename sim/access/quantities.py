"""Quantities of designs by name, for one design or for all zones at once, and what they cost.

A design's bill says how each stretch of route was built, which depends on prices. The quantities here say
instead what stands along it (ducts, poles, nothing) and how much cable it bears; ``priced`` builds it in the
cheapest way, as the design does. So one set of quantities serves any prices, costs never fall when a price
rises, and the quantities of a design cost what its bill says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.bill import BUILD, CONNECT
from sim.access.design import DUCT, POLES, TileDesign
from sim.access.options import OdnOptions
from sim.errors import DataError, Problem

Floats = NDArray[np.float64]

BARE, DUCTED, POLED = "bare route", "ducted route", "poled route"
BARE_CABLE, DUCTED_CABLE, POLED_CABLE = "cable on bare route", "cable in ducts", "cable on poles"
ROUTES = (BARE, DUCTED, POLED)
"""Routes by what stood along them before [m]."""
_LAID = {
    "cable pulled through new duct": BARE_CABLE,
    "cable hung on new poles": BARE_CABLE,
    "cable pulled through existing duct": DUCTED_CABLE,
    "cable hung on existing poles": POLED_CABLE,
}
_WAYS = frozenset({"trench through soil", "trench through pavement", "duct", "new poles"})
HOMES, PORTS, LINE_PORTS = "homes passed", "drop", "line terminal port "
"""Homes passed, ports provided for homes, and the beginning of what ports of line terminals are called."""


@dataclass(frozen=True)
class Priced:
    """Price of one of something, where it is booked and when it is paid."""

    yuan: float
    item: str
    stage: str = BUILD


def quantities_of(design: TileDesign) -> dict[str, float]:
    """Return what a design is made of, by name."""
    ducted, poled = design.routes.metres(DUCT), design.routes.metres(POLES)
    found = {BARE: design.route_m - ducted - poled, DUCTED: ducted, POLED: poled}
    found |= {BARE_CABLE: 0.0, DUCTED_CABLE: 0.0, POLED_CABLE: 0.0, HOMES: float(design.passed)}
    for line in design.bill.lines:
        if line.what not in _WAYS:
            name = _LAID.get(line.what, line.what)
            found[name] = found.get(name, 0.0) + line.quantity
    return found


def catalogue(options: OdnOptions) -> dict[str, Priced]:
    """Return the price of everything that has one price, wherever it is used."""
    listed = {
        DUCTED_CABLE: Priced(options.pulling_price, "civil"),
        POLED_CABLE: Priced(options.lashing_price, "civil"),
        "splices": Priced(options.splice_price, "civil"),
        "riser": Priced(options.riser_price, "passive"),
        "floor box": Priced(options.floor_box_price, "passive"),
        "drop": Priced(options.drop_price, "civil", CONNECT),
        "drop cable": Priced(options.drop_cable_price, "passive", CONNECT),
        "attenuator": Priced(options.attenuator_price, "passive", CONNECT),
    }
    sizes = (
        ("cable of {} fibres", options.cable_price),
        ("splitter 1:{}", options.splitter_price),
        ("access box of {} ports", options.box_price),
        ("cabinet of {} fibres", options.cabinet_price),
    )
    for name, prices in sizes:
        listed |= {name.format(size): Priced(price, "passive") for size, price in prices.items()}
    ports = {name: Priced(options.optics[name].port_price, "active") for name in options.offered}
    return listed | {f"line terminal port {name}": price for name, price in ports.items()}


def priced(
    quantities: Mapping[str, Floats], options: OdnOptions, built_up: NDArray[np.bool_]
) -> dict[tuple[str, str], Floats]:
    """Return the price of quantities by stage (build or connect) and item, each of shape (Z,) [yuan].

    Parameters
    ----------
    quantities
        By name as of ``quantities_of``, each of shape (Z,).
    options
        Prices.
    built_up
        Whether poles may not be set and trenches go through pavement, shape (Z,).

    Raises
    ------
    DataError
        Where something has no price: the quantities are those of other options.
    """
    listed = catalogue(options)
    free = {HOMES, BARE, BARE_CABLE, DUCTED, POLED}
    unknown = sorted(set(quantities) - set(listed) - free)
    if unknown:
        message = "has no price; calibrate the curves for these options: rollout calibrate FILE"
        raise DataError(tuple(Problem("cost curves", name, message) for name in unknown))
    total = {(stage, item): np.zeros(built_up.shape) for stage, item in _BOOKS}
    for name, amount in quantities.items():
        if name in listed:
            price = listed[name]
            total[price.stage, price.item] += amount * price.yuan
    metres, laid = quantities[BARE], quantities[BARE_CABLE]
    civil, passive = _bare(metres, laid, options, built_up)
    total[BUILD, "civil"] += civil
    total[BUILD, "passive"] += passive
    return total


_BOOKS = ((BUILD, "active"), (BUILD, "passive"), (BUILD, "civil"), (CONNECT, "passive"), (CONNECT, "civil"))


def _bare(
    metres: Floats, laid: Floats, options: OdnOptions, built_up: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return work and material of routes where nothing stands, on poles or in the ground."""
    trench = np.where(built_up, options.paved_trench_price, options.trench_price)
    dug = metres * trench + laid * options.pulling_price
    duct = metres * options.duct_price
    hung = metres * options.pole_price + laid * options.lashing_price
    poles = ~built_up & options.new_poles & (hung < dug + duct)
    return np.where(poles, hung, dug), np.where(poles, 0.0, duct)


def build_yuan(total: Mapping[tuple[str, str], Floats], stage: str = BUILD) -> Floats:
    """Return the price of a stage over all items, shape (Z,) [yuan]."""
    return np.asarray(sum(yuan for (of_stage, _), yuan in total.items() if of_stage == stage))


def metres_of(quantities: Mapping[str, Floats]) -> Floats:
    """Return the length of all routes, whatever stands along them, shape (Z,) [m]."""
    return np.asarray(sum(quantities[name] for name in ROUTES), dtype=np.float64)
