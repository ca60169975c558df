"""Feeder routes of a province: planned and priced village by village, with what is dug shared."""

from __future__ import annotations

import numpy as np

from benchmarks.radio.maps import prefixed
from benchmarks.radio.networks import load, prepared_of, without_bundle
from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim import study
from sim.access.marginal import cheapest_first, marginal_prices
from sim.access.routes import Routes, plan_routes
from sim.technologies.base import design_homes

HOMES_PER_FIBRE = 64.0
"""Homes behind one feeder fibre; how many there are hardly changes the time."""
SAMPLED = 500
"""Zones whose price is computed again by walking their paths."""


def planned(prepared: study.Prepared) -> Routes:
    """Return the routes of a prepared scenario."""
    zones = prepared.area.zones
    share = {name: prepared.ground.standing_share.get(name, np.zeros(len(zones))) for name in ("ftth", "dsl")}
    return plan_routes(
        prepared.area,
        prepared.scenario.routes,
        share["ftth"] > 0,
        np.ceil(design_homes(zones) / HOMES_PER_FIBRE),
        share["dsl"] > 0,
    )


def routes(size: Size) -> Figures:
    """Return how long it takes to plan all routes and to price every zone by what is dug before it."""
    prepared = prepared_of(load(size))
    homes = design_homes(prepared.area.zones)

    def work() -> tuple[Routes, np.ndarray, np.ndarray]:
        found = planned(prepared)
        order = cheapest_first(found, homes)
        return found, order, marginal_prices(found, order)

    spent, (found, order, price) = timed(work, size.times)
    ids = prepared.area.zones["zone_id"].to_numpy(dtype=str)
    again, _ = timed(lambda: found.needed(ids, np.arange(len(ids))), size.times)
    new = ~found.standing
    return {
        **spent,
        **prefixed("needed", again),
        "zones": len(price),
        "segments": len(found.length_m),
        "km": found.length_m.sum() / 1000.0,
        "missing_fen": float(abs(price.sum() - found.price_fen[new].sum())),
        "wrong_prices": float(wrong_prices(found, order, price)),
        "beyond_reach": float((found.route_m > prepared.scenario.routes.reach * 1000.0).sum()),
    }


def wrong_prices(found: Routes, order: np.ndarray, price: np.ndarray) -> int:
    """Return how many of the first zones in the order are priced otherwise than by walking their paths."""
    dug, wrong = set(np.flatnonzero(found.standing).tolist()), 0
    for zone in order[:SAMPLED].tolist():
        path = [segment for segment in found.paths.of(zone).tolist() if segment not in dug]
        wrong += int(found.price_fen[path].sum()) != price[zone]
        dug.update(path)
    return wrong


ROUTES = Row(
    "routes",
    "all zones of Yunnan connected by feeder routes and priced with what is dug shared: one core",
    routes,
    (
        Limit("s", most=5.0, timed=True, processor="processor_s"),
        Limit("missing_fen", most=0.0),
        Limit("wrong_prices", most=0.0),
    ),
    lacking=without_bundle,
)
