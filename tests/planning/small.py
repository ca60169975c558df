"""Small worlds for the tests of planning."""

import numpy as np

from sim.planning import Budget, Planning, Question, Situation
from sim.planning.places import Places
from sim.tables.plan import ASSETS, CANDIDATES, ITEMS, NEEDED, NEEDS, SERVICE, Proposal

GREEDY = Planning(
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


def candidates(rows):
    """Rows of dicts: id and whatever differs from a free FTTH candidate in zone 0."""
    default = {
        "technology": "ftth",
        "use": "fixed",
        "zone": 0,
        "location": -1,
        "opex_fen_per_year": 0,
        "available_month": 0,
        "quantity": 1,
        "requires": "",
    }
    table = {"project_id": [row["id"] for row in rows]}
    for name in CANDIDATES.names[1:]:
        fallback = "village" if name == "build" else 0
        table[name] = [row.get(name, default.get(name, fallback)) for row in rows]
    return CANDIDATES.frame(**table)


def proposal(rows, assets=(), needed=(), service=None):
    """``assets``: (id, fen); ``needed``: (project, asset); ``service``: (project, zone, point, mbps)."""
    if service is None:
        service = [(row["id"], row.get("zone", 0), -1, 100.0) for row in rows]
    prices = {f"{item}_fen": [fen if item == "passive" else 0 for _, fen in assets] for item in ITEMS}
    asset_frame = ASSETS.frame(
        asset_id=[a for a, _ in assets], kind=["x"] * len(assets), life_years=[20.0] * len(assets), **prices
    )
    return Proposal(
        candidates(rows),
        asset_frame,
        NEEDED.frame(project_id=[p for p, _ in needed], asset_id=[a for _, a in needed]),
        SERVICE.frame(
            project_id=[s[0] for s in service],
            zone=[s[1] for s in service],
            point=[s[2] for s in service],
            peak_mbps=[s[3] for s in service],
            capacity_mbps=[s[3] for s in service],
        ),
    )


def situation(homes, points_per_zone=2, month=0, **changes):
    """Zones with these homes, three residents a home, shared evenly over their points."""
    homes = np.asarray(homes, dtype=np.int32)
    zones = len(homes)
    zone_of_point = np.repeat(np.arange(zones, dtype=np.int32), points_per_zone)
    at_point = homes[zone_of_point] // points_per_zone
    values = {
        "month": month,
        "homes": homes,
        "population": homes * 3,
        "zone_of_point": zone_of_point,
        "point_homes": at_point,
        "point_people": at_point * 3,
        "fixed_mbps": np.zeros(zones, dtype=np.float32),
        "fixed_share": np.zeros(zones, dtype=np.float32),
        "covered": {"lte": np.zeros(len(zone_of_point), dtype=bool)},
    }
    return Situation(**(values | changes))


def needs(*rows):
    """Rows of (use, kind, wanted_mbps, due_month, weight; the share that is enough, else 1; what counts)."""
    full = [(*row, *(1.0, "")[len(row) - 5 :]) for row in rows]
    columns = list(zip(*full, strict=True)) if rows else [[]] * len(NEEDS.names)
    return NEEDS.frame(**dict(zip(NEEDS.names, [list(c) for c in columns], strict=True)))


def budget(**pots):
    return Budget(
        annual_investment=1e9,
        province_share=1.0,
        access_share=1.0,
        connection_margin=0.0,
        pots=pots or {"all": {}},
    )


def question(asked, homes, funds, **changes):
    now = changes.pop("situation", None) or situation(homes)
    if "kinds" in changes:
        changes["places"] = Places.of_kinds(np.asarray(changes.pop("kinds"), dtype=object))
    values = {
        "proposal": asked,
        "needs": needs(),
        "situation": now,
        "places": Places.of_kinds(np.full(len(homes), "village", dtype=object)),
        "funds_fen": funds if isinstance(funds, dict) else {"all": funds},
        "budget": budget(),
    }
    return Question(**(values | changes))


def reasons(choice):
    frame = choice.decisions
    return dict(zip(frame["project_id"], frame["reason"], strict=True))
