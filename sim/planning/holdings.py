"""Who holds what of all that was bought: own items whole, shared assets by the ledger's equal shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.planning.ledger import users_of
from sim.planning.projects import own_prices
from sim.tables.finance import OPEX, Holdings, PriceLevels
from sim.tables.plan import ITEMS

if TYPE_CHECKING:
    from sim.planning.rolling import RollingPlan
    from sim.tables.ground import Projects
    from sim.tables.plan import Proposal, Work

Ints = NDArray[np.int64]
Values = Callable[[pd.DataFrame], NDArray[Any]]


def holdings_of(plan: RollingPlan, events: pd.DataFrame, projects: Projects) -> Holdings:
    """Return what each funded project of a replication holds."""
    proposals = [proposal for versions in plan.asked.values() for proposal in versions]
    return holdings(events, plan.works, proposals, projects.project_rows)


def price_levels(plan: RollingPlan, months: int) -> PriceLevels:
    """Return how prices move by the scenario's price paths over so many months."""
    paths, horizon = plan.setting.price_paths, plan.setting.horizon
    years = [horizon.year(month) for month in range(months)]
    base = horizon.year(0) if paths.base_year is None else paths.base_year
    general = np.array([(1.0 + paths.inflation) ** (year - base) for year in years])
    known = {
        (item, year): paths.factor(item, year, horizon) for item in (*ITEMS, OPEX) for year in set(years)
    }
    items = {item: np.array([known[item, year] for year in years]) / general for item in (*ITEMS, OPEX)}
    return PriceLevels(general, items)


def holdings(
    events: pd.DataFrame,
    works: Mapping[str, Work],
    proposals: Sequence[Proposal],
    rows: Mapping[str, int],
) -> Holdings:
    """Return own items and shares of assets of every funded project; those of a payer sum to its price.

    Parameters
    ----------
    events
        The log of one replication.
    works
        The works it funded, by project.
    proposals
        Everything that was proposed, which says what a price is made of and who needs an asset.
    rows
        Row by which each project is numbered.
    """
    funded = pd.Index(events.loc[events["event"] == "funded", "project_id"].to_numpy(dtype=object))
    bought = events[events["event"] == "bought"]
    number = np.array([rows[name] for name in funded], dtype=np.int64)
    own = np.array(
        [works[name].price_fen - sum(price for _, price in works[name].buys) for name in funded],
        dtype=np.int64,
    )
    parts = split(own, _items([proposal.candidates for proposal in proposals], "project_id", funded))
    mine = _rows(number, number, parts, np.full(len(funded), np.nan))
    assets = pd.Index(bought["task"].to_numpy(dtype=object))
    if not len(assets):
        return mine
    given_up = frozenset(events.loc[events["event"] == "cancelled", "project_id"])
    _, asset, user = users_of(proposals, assets, funded, given_up)
    price = {name: fen for work in works.values() for name, fen in work.buys}
    each = np.array([price[name] for name in assets], dtype=np.int64)
    share = _equal(each, asset)
    tables = [proposal.assets for proposal in proposals]
    life = _latest(tables, "asset_id", assets, lambda table: table[["life_years"]].to_numpy(dtype=np.float64))
    payer = np.array([rows[name] for name in bought["project_id"]], dtype=np.int64)
    parts = split(share, _items(tables, "asset_id", assets)[asset])
    theirs = _rows(payer[asset], number[user], parts, life[asset, 0])
    return Holdings(
        *(
            np.concatenate((getattr(mine, name), getattr(theirs, name)))
            for name in ("payer", "holder", "item", "cost_fen", "life_years")
        )
    )


def split(total: Ints, weight: Ints) -> Ints:
    """Return whole parts of each total in proportion to its row of weights, which sum to it, shape (N, K).

    A row without weight goes to the first part.
    """
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, np.arange(weight.shape[1]) == 0)
    upto = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    due = np.rint(total[:, None] * upto).astype(np.int64)
    return np.asarray(np.diff(due, axis=1, prepend=0), dtype=np.int64)


def _equal(price: Ints, asset: Ints) -> Ints:
    """Return equal whole shares of each asset's price, one a user; ``asset`` ascends."""
    count = np.bincount(asset, minlength=len(price))
    place = np.arange(len(asset)) - (np.cumsum(count) - count)[asset]
    users, whole = count[asset], price[asset]
    return np.asarray(whole * (place + 1) // users - whole * place // users, dtype=np.int64)


def _items(tables: Sequence[pd.DataFrame], key: str, names: pd.Index) -> Ints:
    """Return the price by item of each named row, shape (names, items) [fen]."""
    return _latest(tables, key, names, own_prices).astype(np.int64)


def _latest(tables: Sequence[pd.DataFrame], key: str, names: pd.Index, values: Values) -> NDArray[np.float64]:
    """Return what the last table that knows each name says of it, shape (names, columns)."""
    found: NDArray[np.float64] | None = None
    for table in tables:
        at = names.get_indexer(pd.Index(table[key].to_numpy(dtype=object)))
        some = values(table)
        if found is None:
            found = np.zeros((len(names), some.shape[1]))
        found[at[at >= 0]] = some[at >= 0]
    return np.zeros((len(names), 1)) if found is None else found


def _rows(payer: Ints, holder: Ints, parts: Ints, life_years: NDArray[np.float64]) -> Holdings:
    """Return a row for each part that costs something."""
    row, item = np.nonzero(parts)
    return Holdings(payer[row], holder[row], item.astype(np.int64), parts[row, item], life_years[row])
