"""The tables of what a planner decided, and how good its choices were."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sim.tables.base import Column, Table
from sim.tables.plan import PRICES

WORTH_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "base": "beside any target: homes whose rate rises, persons and roads newly covered",
        "targets": "for targets still open: homes, persons and kilometres, by nearness of the deadline",
        "equity": "added for villages and poor counties",
        "revenue": "added for the yearly revenue of those newly served",
    }
)
"""What the worth of a candidate is made of; the parts sum to it."""
SHORT_OF_MONEY = "over budget"
"""Words in the reason why a candidate of worth is left out for want of money."""

DECISIONS = Table(
    "decisions",
    "Every candidate considered at every release, and what became of it.",
    (
        Column("replication", "int32", "replication", ge=0),
        Column("release", "int32", "month of the budget release", "month", ge=0),
        Column("project_id", "str", "candidate"),
        Column("technology", "str", "technology"),
        Column("zone", "int32", "row of the zone", ge=0),
        Column("rank", "int32", "place in the order of worth per money, from 1", ge=1),
        Column("worth", "float64", "weighted homes, persons and kilometres of road newly served", ge=0),
        *(
            Column(f"worth_{part}", "float64", f"part of the worth that is {what}", ge=0)
            for part, what in WORTH_PARTS.items()
        ),
        Column("homes", "float64", "homes or persons newly served", ge=0),
        Column("road_km", "float64", "roads and railways newly served by mobile", "km", ge=0),
        *PRICES,
        Column("price_fen", "int64", "price with the assets not yet bought", "fen", ge=0),
        Column("pot", "str", "pot that pays, or empty"),
        Column("matching_pot", "str", "pot that adds a matching share, or empty"),
        Column("matching_fen", "int64", "what the matching pot pays of the price", "fen", ge=0),
        Column("chosen", "bool", "whether it is built"),
        Column("reason", "str", "why, or why not"),
    ),
    made_by="planning",
)

RELEASES = Table(
    "releases",
    "How good the choice of every budget release is: a row for all money and one for each pot with money.",
    (
        Column("replication", "int32", "replication", ge=0),
        Column("release", "int32", "month of the budget release", "month", ge=0),
        Column("operator", "str", "operator that chose; empty where the province is one network"),
        Column("pot", "str", "pot, empty for all money"),
        Column("candidates", "int64", "candidates that it may pay for", ge=0),
        Column("chosen", "int64", "projects that it pays for, alone or with another pot", ge=0),
        Column("worth", "float64", "what they are worth, those that it only matches left out", ge=0),
        Column("bound", "float64", "what no choice can exceed; empty for one pot", ge=0, nullable=True),
        Column("gap", "float64", "share of the bound that the choice may miss", ge=0, le=1, nullable=True),
        Column("funds_fen", "int64", "money that may be committed", "fen", ge=0),
        Column("spent_fen", "int64", "money committed", "fen", ge=0),
        Column(
            "worth_of_million", "float64", "worth of one more million yuan in it; empty for all",
            "1/Myuan", ge=0, nullable=True,
        ),
    ),
    made_by="planning",
    key=("replication", "release", "operator", "pot"),
)  # fmt: skip
