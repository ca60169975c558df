"""How a new mast is connected: fibre along the feeder routes of its zone, or microwave beyond them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.tables.plan import ASSETS, NEEDED

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.routes import Routes
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """When fibre, when microwave, and what a site pays on its own."""

    limit_m: float
    """Longest way built in fibre, from where cable stands in month 0 [m]."""
    yuan_per_m: float
    """Cable from the centre of the zone to the site, all-in [yuan/m]."""
    hop_m: float
    """Longest microwave hop [m]."""
    yuan_per_hop: float
    """Microwave hop, both ends [yuan]."""
    hop_mbps: float
    """Capacity of a hop [Mbit/s]."""


@dataclass(frozen=True, eq=False)
class Backhaul:
    """How each of L locations would be connected."""

    fibre: Flags
    """Whether by fibre, shape (L,)."""
    own_yuan: Floats
    """What the site pays alone: its cable beyond the zone's route, or its hops, shape (L,) [yuan]."""
    shared_yuan: Floats
    """Its equal part of the routes that its zone shares with others, shape (L,) [yuan]; 0 by microwave."""
    most_mbps: Floats
    """What it carries at most, shape (L,) [Mbit/s]; infinite over fibre."""


def backhaul(area: Area, routes: Routes, rule: Rule) -> Backhaul:
    """Return how each location would be connected.

    By fibre where the way from standing cable to the site, along the route of its zone and from the
    zone's centre on, is no longer than the limit; else by as many microwave hops as the straight line to
    the zone's point of presence takes, one at least.
    """
    zone = area.locations["zone"].to_numpy()
    at, centre = (frame[["x_m", "y_m"]].to_numpy(dtype=np.float64) for frame in (area.locations, area.zones))
    spur_m = np.hypot(*(at - centre[zone]).T) * routes.country_factor
    fibre = routes.missing_m[zone] + spur_m <= rule.limit_m
    pop_m = area.places[["x_m", "y_m"]].to_numpy(dtype=np.float64)[routes.pop[zone]]
    hops = np.maximum(np.ceil(np.hypot(*(at - pop_m).T) / rule.hop_m), 1.0)
    return Backhaul(
        fibre=fibre,
        own_yuan=np.where(fibre, spur_m * rule.yuan_per_m, hops * rule.yuan_per_hop),
        shared_yuan=np.where(fibre, routes.share_fen[zone] / 100.0, 0.0),
        most_mbps=np.where(fibre, np.inf, rule.hop_mbps),
    )


def along_routes(routes: Routes, ids: NDArray[np.str_], zones: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the segments that sites in these zones need: the assets, and which site needs which."""
    import pandas as pd

    if not len(ids):
        return ASSETS.empty(), NEEDED.empty()
    needed = routes.needed(ids, zones.astype(np.int64))
    assets = routes.assets()
    named = pd.Index(needed["asset_id"].unique())
    return assets[assets["asset_id"].isin(named)].reset_index(drop=True), needed
