"""Money against what it could buy, so that a budget that binds nothing is visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.planning.projects import join, own_prices

if TYPE_CHECKING:
    from sim.planning.rolling import RollingPlan
    from sim.tables.plan import Proposal

BINDS = "binds: less than all candidates and connections cost"
BINDS_SOMEWHERE = "binds: a pot holds less than what it may pay for, and money does not move between pots"
BINDS_NOTHING = "binds nothing in the end, only its timing does"


def funding_of(plan: RollingPlan, events: pd.DataFrame) -> list[dict[str, object]]:
    """Return money released by pot beside the price of every candidate that would serve somebody.

    A candidate counts with the pots that may pay for it, so the pots' prices overlap; the last row is
    all pots together. Where standing plant serves everybody already, a candidate does not count.
    ``events`` is the log, which says what connecting new subscribers took from each pot.
    """
    setting, budget = plan.setting, plan.setting.budget
    proposal = join([versions[-1] for versions in plan.asked.values()])
    useful = proposal.candidates["project_id"].isin(_useful(plan.decisions)).to_numpy()
    technology = proposal.candidates["technology"].to_numpy(dtype=object)
    kinds = setting.area.zones["kind"].to_numpy(dtype=object)[proposal.candidates["zone"].to_numpy()]
    releases = budget.releases(setting.horizon).values()
    charged = events[events["event"] == "connected"].groupby("pot")["spent_fen"].sum()
    rows: list[dict[str, object]] = []
    total = 0
    for name, pot in budget.pots.items():
        released = sum(amounts.get(name, 0) for amounts in releases)
        total += released
        price = _price(proposal, useful & pot.may_pay(technology, kinds))
        rows.append(_row(name, released, price, int(charged.get(name, 0))))
    whole = _row("all", total, _price(proposal, useful), int(charged.sum()))
    if any(row["note"] == BINDS for row in rows):
        whole["note"] = BINDS_SOMEWHERE
    return [*rows, whole]


def _row(pot: str, released: int, price: int, connections: int) -> dict[str, object]:
    return {
        "pot": pot,
        "released_fen": released,
        "price_of_all_candidates_fen": price,
        "connections_fen": connections,
        "note": BINDS if released < price + connections else BINDS_NOTHING,
    }


def _useful(decisions: list[pd.DataFrame]) -> pd.Series:
    """Return the projects that would have served somebody when they were first considered."""
    if not decisions:
        return pd.Series(dtype=object)
    every = pd.concat([frame[["project_id", "homes", "road_km"]] for frame in decisions], ignore_index=True)
    first = every.drop_duplicates("project_id")
    return first.loc[(first["homes"] > 0) | (first["road_km"] > 0), "project_id"]


def _price(proposal: Proposal, chosen: NDArray[np.bool_]) -> int:
    """Return what these candidates together would cost, each shared asset once [fen]."""
    ids = proposal.candidates["project_id"][chosen]
    assets = proposal.needed["asset_id"][proposal.needed["project_id"].isin(ids)]
    shared = proposal.assets["asset_id"].isin(assets).to_numpy()
    return int(own_prices(proposal.candidates)[chosen].sum() + own_prices(proposal.assets)[shared].sum())
