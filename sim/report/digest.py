"""What the report says in tables: money, decisions and parameters."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.report import style
from sim.store import SavedRun

FEN_PER_MILLION_YUAN = 1e8
FEN_PER_THOUSAND_YUAN = 1e5
_SUMS = ("committed_fen", "spent_fen")
Rows = list[dict[str, Any]]
_MOST = 4


def million(fen: float) -> str:
    """Return money in million yuan."""
    return f"{fen / FEN_PER_MILLION_YUAN:,.1f}"


def _records(table: pd.DataFrame) -> Rows:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def spending(run: SavedRun) -> Rows:
    """Return projects and money by technology in million yuan, the mean over replications."""
    candidates = {row["technology"]: row["candidates"] for row in run.facts["candidates"]}
    replications = max(int(run.facts["replications"]), 1)
    events = run.events[run.events["event"].isin(["funded", "activated", "connected"])]
    technology = events["project_id"].str.split(":").str[0]
    money = run.spending.groupby("technology")
    committed, spent = ({str(k): int(v) for k, v in money[name].sum().items()} for name in _SUMS)
    rows: Rows = []
    for name in sorted((set(technology) | set(candidates) | set(spent)) - {""}):
        own = events[technology == name]
        charges = own[own["event"] == "connected"]
        connections = float(charges["spent_fen"].sum())
        rows.append({
            "technology": style.label(name),
            "candidates": f"{candidates.get(name, 0):,}",
            "projects": int((own["event"] == "funded").sum()) // replications,
            "in_service": int((own["event"] == "activated").sum()) // replications,
            "committed": million(committed.get(name, 0) / replications),
            "paid": million((spent.get(name, 0) - connections) / replications),
            "connected": f"{int(charges['quantity'].sum()) // replications:,}",
            "connections": million(connections / replications),
        })  # fmt: skip
    return rows


def funding(facts: dict[str, Any]) -> Rows:
    """Return funds against the price of all that could be built, by pot, and whether they bind."""
    rows: Rows = []
    for row in facts["funding"]:
        released, wanted = float(row.get("released_fen", 0)), float(row.get("price_of_all_candidates_fen", 0))
        connections = float(row.get("connections_fen", 0))
        known = {"pot", "released_fen", "price_of_all_candidates_fen"}
        others = [(key, value) for key, value in row.items() if key not in known and value not in ("", None)]
        rows.append({
            "pot": row.get("pot", ""), "released": million(released), "wanted": million(wanted),
            "share": f"{released / wanted:.0%}" if wanted > 0 else "–",
            "binds": released < wanted + connections,
            "rest": "; ".join(_told(*other) for other in others),
        })  # fmt: skip
    for row in rows:
        # Money does not move between pots: what binds one binds the whole.
        row["binds"] = row["binds"] or (row["pot"] == "all" and any(other["binds"] for other in rows))
    return rows


def _told(key: str, value: Any) -> str:
    if key.endswith("_fen") and isinstance(value, int | float):
        return f"{key.removesuffix('_fen').replace('_', ' ')}: {million(float(value))} million yuan"
    return f"{key.replace('_', ' ')}: {value}"


def decisions(run: SavedRun) -> dict[str, Any]:
    """Return counts by technology and reason, and the best chosen and the best left out."""
    table = run.decisions[run.decisions["replication"] == 0]
    if table.empty:
        return {"reasons": [], "chosen": [], "rejected": [], "considered": 0, "releases": 0}
    keys = ["technology", "chosen", "reason"]
    counts = table.groupby(keys, sort=True).size().reset_index(name="considered")
    # one reason names the project waited for; the reader wants to know how many wait
    counts["reason"] = counts["reason"].str.replace(r"^waits for .*", "waits for another project", regex=True)
    counts = counts.groupby(keys, sort=True)["considered"].sum().reset_index()
    reasons = [
        {**row, "technology": style.label(row["technology"]), "count": f"{row['considered']:,}"}
        for row in _records(counts)
    ]
    left_out = table[~table["chosen"] & ~table["project_id"].isin(table.loc[table["chosen"], "project_id"])]
    left_out = left_out[left_out["worth"] > 0].drop_duplicates("project_id", keep="last")
    return {
        "considered": len(table),
        "releases": int(table["release"].nunique()),
        "reasons": reasons,
        "chosen": _top(table[table["chosen"]], run),
        "rejected": _top(left_out, run),
    }


def _top(table: pd.DataFrame, run: SavedRun) -> Rows:
    """Return the first few by release and rank, with where they stand."""
    best = table.sort_values(["release", "rank", "project_id"], kind="stable").groupby(
        "technology", sort=True
    )
    rows: Rows = []
    for row in _records(best.head(_MOST)):
        zone = run.zones.iloc[int(row["zone"])]
        rows.append({
            "project": row["project_id"], "technology": style.label(row["technology"]),
            "zone": f"{zone['name']}, {style.english(zone['prefecture'])}",
            "month": run.horizon.label(int(row["release"])),
            "rank": int(row["rank"]), "homes": f"{row['homes']:,.0f}",
            "price": f"{row['price_fen'] / FEN_PER_THOUSAND_YUAN:,.1f}",
            "reason": row["reason"],
        })  # fmt: skip
    return rows


def parameters(facts: dict[str, Any]) -> tuple[Rows, Rows]:
    """Return the assumptions and the other rows of low confidence, with their ranges."""
    assumed: Rows = []
    doubtful: Rows = []
    for row in facts["parameters"]:
        low, high = row["low"], row["high"]
        cells = {**row, "value": f"{row['value']:,.6g}",
                 "range": _range(low, high)}  # fmt: skip
        if row["assumption"]:
            assumed.append(cells)
        elif str(row["confidence"]).lower().startswith("low"):
            doubtful.append(cells)
    return assumed, doubtful


def _range(low: float | None, high: float | None) -> str:
    return "not given" if low is None or high is None else f"{low:,.6g} to {high:,.6g}"
