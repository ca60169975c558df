"""Money against what it could buy, so that a budget that binds nothing is visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.planning.problem import Way
from sim.planning.projects import join, own_prices

if TYPE_CHECKING:
    from sim.planning.pots import Matching
    from sim.planning.rolling import RollingPlan
    from sim.tables.plan import Proposal

BINDS = "binds: less than all candidates and connections cost"
BINDS_SOMEWHERE = "binds: a pot holds less than what it may pay for, and money does not move between pots"
BINDS_NOTHING = "binds nothing in the end, only its timing does"


def funding_of(plan: RollingPlan, events: pd.DataFrame) -> list[dict[str, object]]:
    """Return money released by pot beside the price of every candidate that would serve somebody.

    A candidate counts with the pots that may pay for it, so the pots' prices overlap; the last row is
    all pots together. A pot that matches what others pay counts its part of what it may match. Where
    standing plant serves everybody already, a candidate does not count. Prices are those of the base
    year. ``events`` is the log, which says what was released, on milestones too, and what connecting new
    subscribers took from each pot.
    """
    budget = plan.setting.budget
    proposal = join([versions[-1] for versions in plan.asked.values()])
    useful = proposal.candidates["project_id"].isin(_useful(plan.decisions)).to_numpy()
    technology = proposal.candidates["technology"].to_numpy(dtype=object)
    zone = proposal.candidates["zone"].to_numpy()
    released = events[events["event"] == "released"].groupby("pot")["released_fen"].sum()
    charged = events[events["event"] == "connected"].groupby("pot")["spent_fen"].sum()
    open_to = {name: pot.may_pay(technology, zone, plan.places) for name, pot in budget.pots.items()}
    paid = np.any([open_to[name] for name in budget.payers], axis=0)
    rows: list[dict[str, object]] = []
    total = 0
    for name, pot in budget.pots.items():
        mine = int(released.get(name, 0))
        total += mine
        if pot.matching is None:
            price = _price(proposal, useful & open_to[name])
        else:
            price = _matched(proposal, useful & open_to[name] & paid, pot.matching)
        rows.append(_row(name, mine, price, int(charged.get(name, 0))))
    whole = _row("all", total, _price(proposal, useful), int(charged.sum()))
    if any(row["note"] == BINDS for row in rows):
        whole["note"] = BINDS_SOMEWHERE
    return [*rows, whole]


def _matched(proposal: Proposal, chosen: NDArray[np.bool_], rule: Matching) -> int:
    """Return what a pot would add to the price of these candidates together [fen]."""
    price = _price(proposal, chosen)
    opex = int(proposal.candidates["opex_fen_per_year"].to_numpy()[chosen].sum())
    return Way(0, 0, rule.share, rule.opex_years).matched(price, opex)


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
