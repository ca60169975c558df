"""Made-up questions of a province's size: fibre by zone, steps that require it, sites, shared lines."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.planning.base import Question
from sim.planning.places import Places
from sim.planning.planner import Planning
from sim.planning.pots import Budget
from sim.planning.projects import own_prices
from sim.planning.worth import Situation
from sim.tables.plan import ASSETS, CANDIDATES, ITEMS, NEEDED, NEEDS, SERVICE, Proposal

PLANNING = Planning(
    worth_home=0.1,
    worth_person_mobile=0.03,
    worth_person_iot=0.003,
    worth_person_public=0.0003,
    worth_home_transport=0.0003,
    worth_person_capacity=0.01,
    technology_shares={},
    worth_road_km=0.0,
    late_share=0.5,
    deadline_gain=0.0,
    deadline_years=2.0,
    shortfall_share=0.0,
    equity_village=0.0,
    equity_poor_county=0.0,
    revenue_weight=0.0,
    arpu_fixed=0.0,
    arpu_mobile=0.0,
)
"""Weights as those of the base scenario, beside targets; what is measured does not hang on them."""
POTS = {
    "mobile": {"share": 0.3, "technologies": ["lte", "nbiot"]},
    "villages": {"share": 0.2, "kinds": ["village"]},
    "fixed": {"share": 0.3, "technologies": ["ftth"]},
    "any": {},
}
FUNDED = 0.3
"""Money on hand as a share of what every candidate and asset costs."""
LINE = 8
"""Zones along one line, each of which needs every segment up to it."""
POINTS, REACH = 2, 4
"""Points of a zone, and points that a site serves; neighbours' overlap."""


def question(count: int, shared: bool, seed: int = 0) -> Question:
    """Return a release of ``count`` candidates: zones with fibre, sites, and steps at either.

    With ``shared``, zones along a line and their sites need the same segments, and sites serve points of
    their neighbours; without, every candidate serves homes or points of its own.
    """
    draw = np.random.default_rng(seed)
    zones, sites = count * 2 // 5, count * 3 // 10
    steps = count - zones - sites
    homes = np.minimum(draw.lognormal(5.0, 0.9, zones), 5000.0).astype(np.int32) + 2
    kinds = np.where(draw.random(zones) < 0.7, "village", "town").astype(object)
    at = draw.permutation(zones)[:sites]
    parent = draw.permutation(zones)[:steps]
    zone = np.concatenate((np.arange(zones), at, parent))
    site_of = np.full(zones, -1)
    site_of[at] = np.arange(sites)
    on_site = (site_of[parent] >= 0) & (draw.random(steps) < 0.5)
    parent = np.where(on_site, zones + site_of[parent], parent)
    names = [f"ftth:{z}" for z in range(zones)] + [f"lte:{z}" for z in at.tolist()]
    names += [f"nbiot:{n}" for n in range(steps)]
    price = np.concatenate(
        (homes * draw.uniform(6e4, 2e5, zones), draw.uniform(8e6, 6e7, sites), draw.uniform(3e5, 9e6, steps))
    ).astype(np.int64)
    candidates = CANDIDATES.frame(
        project_id=names,
        technology=["ftth"] * zones + ["lte"] * sites + ["nbiot"] * steps,
        use=["fixed"] * zones + ["mobile"] * sites + ["iot"] * steps,
        zone=zone,
        location=-1,
        **{f"{item}_fen": price if item == "civil" else 0 for item in ITEMS},
        opex_fen_per_year=price // 20,
        available_month=0,
        field_days=5.0,
        build="village",
        quantity=1,
        requires=[""] * (zones + sites) + [names[row] for row in parent.tolist()],
    )
    service = _service(names, zone, at, shared)
    assets, needed = _lines(names, at, zones if shared else 0, draw)
    proposal = Proposal(candidates, assets, needed, service)
    funds = FUNDED * float(price.sum() + own_prices(assets).sum())
    budget = Budget(
        annual_investment=1e9, province_share=1.0, access_share=1.0, connection_margin=0.0, pots=POTS
    )
    return Question(
        proposal=proposal,
        needs=NEEDS.empty(),
        situation=_situation(homes),
        places=Places.of_kinds(kinds),
        funds_fen={name: int(share * funds) for name, share in budget.shares.items()},
        budget=budget,
    )


def _service(names: list[str], zone: np.ndarray, at: np.ndarray, shared: bool) -> pd.DataFrame:
    """Return who is served: homes of a zone by fibre, points by sites, residents of a zone by steps.

    A step serves by another use than what it requires, so nothing of the two overlaps.
    """
    sites, reach = len(at), REACH if shared else POINTS
    zones = int(zone.max()) + 1
    steps = np.arange(zones + sites, len(names))
    point = ((at[:, None] * POINTS + np.arange(reach)) % (zones * POINTS)).ravel()
    owner = np.concatenate((np.arange(zones), np.repeat(np.arange(zones, zones + sites), reach), steps))
    nowhere = np.full(zones, -1)
    return SERVICE.frame(
        project_id=np.array(names, dtype=object)[owner],
        zone=np.concatenate((np.arange(zones), point // POINTS, zone[steps])),
        point=np.concatenate((nowhere, point, np.full(len(steps), -1))),
        peak_mbps=100.0,
        capacity_mbps=100.0,
    )


def _lines(
    names: list[str], at: np.ndarray, zones: int, draw: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the segments of the lines and who needs which; none without zones."""
    price = draw.uniform(5e6, 9e7, zones).astype(np.int64)
    assets = ASSETS.frame(
        asset_id=[f"segment:{z}" for z in range(zones)],
        kind="segment",
        life_years=20.0,
        **{f"{item}_fen": price if item == "civil" else np.zeros(zones) for item in ITEMS},
    )
    if not zones:
        return assets, NEEDED.empty()
    before = np.arange(zones) % LINE + 1
    by = np.repeat(np.arange(zones), before)
    segment = by // LINE * LINE + np.arange(len(by)) - np.repeat(np.cumsum(before) - before, before)
    who = np.concatenate((by, zones + np.arange(len(at))))
    array = np.array(names, dtype=object)
    ids = np.array([f"segment:{z}" for z in range(zones)], dtype=object)
    return assets, NEEDED.frame(project_id=array[who], asset_id=ids[np.concatenate((segment, at))])


def _situation(homes: np.ndarray) -> Situation:
    """Return a province where nothing stands."""
    zones = len(homes)
    zone_of_point = np.repeat(np.arange(zones, dtype=np.int32), POINTS)
    at_point = homes[zone_of_point] // POINTS
    return Situation(
        month=0,
        homes=homes,
        population=homes * 3,
        zone_of_point=zone_of_point,
        point_homes=at_point,
        point_people=at_point * 3,
        fixed_mbps=np.zeros(zones, dtype=np.float32),
        fixed_share=np.zeros(zones, dtype=np.float32),
        covered={"lte": np.zeros(zones * POINTS, dtype=bool)},
    )
