"""The ledger of shared things: what was bought once, and who shares it."""

from __future__ import annotations

from sim.tables.base import Column, Table

ASSET_LEDGER = Table(
    "assets bought",
    "Shared things bought in replication 0, a row for each technology that uses one (`assets.csv`).",
    (
        Column("asset_id", "str", "asset"),
        Column("kind", "str", "what it is: route, mast, olt room ..."),
        Column("month", "int32", "month in which it was bought", "month", ge=0),
        Column("bought_with", "str", "project that paid for it"),
        Column("price_fen", "int64", "its price, paid once", "fen", ge=0),
        Column("technology", "str", "technology whose projects use it"),
        Column("projects", "int32", "funded projects of that technology that use it", ge=1),
        Column("in_service", "int32", "of these, those in service by the end", ge=0),
        Column(
            "share_fen", "int64", "the technology's part: equal shares of all projects that use it", "fen"
        ),
    ),
    made_by="planning",
    key=("asset_id", "technology"),
)
