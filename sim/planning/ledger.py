"""Who shares what: every asset that was bought, who paid for it, and whose it is by equal shares."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import PlanError
from sim.tables.ledger import ASSET_LEDGER
from sim.tables.plan import Proposal, Work

if TYPE_CHECKING:
    from sim.planning.rolling import RollingPlan

Rows = NDArray[np.int64]


def ledger_of(plan: RollingPlan, events: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger of a replication (contract ``ASSET_LEDGER``)."""
    return shared_assets(
        events, plan.works, (proposal for versions in plan.asked.values() for proposal in versions)
    )


def shared_assets(
    events: pd.DataFrame, works: Mapping[str, Work], proposals: Iterable[Proposal]
) -> pd.DataFrame:
    """Return every asset bought and how its price divides among the technologies that use it.

    An asset is used by each funded project that needs it, whichever paid. Each user bears an equal
    share; what does not divide evenly goes fen by fen along the names of the technologies, so that the
    shares sum to the price. A project given up uses nothing, unless nobody else does: what was bought
    with it stays bought. Rows are in the order of buying, then by technology.

    Parameters
    ----------
    events
        The log of one replication.
    works
        The works it funded, by project.
    proposals
        Everything that was proposed, which says what an asset is and who needs it.

    Raises
    ------
    PlanError
        Where an asset was bought that nobody who was funded needs, or the shares do not sum up.
    """
    bought = events[events["event"] == "bought"]
    if bought.empty:
        return ASSET_LEDGER.empty()
    assets = pd.Index(_objects(bought["task"]))
    funded = pd.Index(_objects(events.loc[events["event"] == "funded", "project_id"]))
    given_up = frozenset(_objects(events.loc[events["event"] == "cancelled", "project_id"]))
    kind, asset, project = users_of(proposals, assets, funded, given_up)
    active = pd.Index(_objects(events.loc[events["event"] == "activated", "project_id"]))
    technologies, number = np.unique([works[name].technology for name in funded], return_inverse=True)
    users = pd.DataFrame(
        {"asset": asset, "technology": number[project], "in_service": funded.isin(active)[project]}
    )
    rows = users.groupby(["asset", "technology"], sort=True)["in_service"].agg(["size", "sum"]).reset_index()
    asset, projects = (rows[name].to_numpy(dtype=np.int64) for name in ("asset", "size"))
    payer = _objects(bought["project_id"])
    price = np.array([_paid(works[name], what) for name, what in zip(payer, assets, strict=True)])
    _refuse_unused(assets, asset)
    share = _shares(price, asset, projects)
    if share.sum() != price.sum():
        raise PlanError(f"shares of {share.sum()} fen are not the {price.sum()} fen paid for assets")
    return ASSET_LEDGER.frame(
        asset_id=assets[asset],
        kind=kind[asset],
        month=bought["month"].to_numpy()[asset],
        bought_with=payer[asset],
        price_fen=price[asset],
        technology=technologies[rows["technology"]],
        projects=projects,
        in_service=rows["sum"].to_numpy(),
        share_fen=share,
    )


def _objects(column: pd.Series) -> NDArray[np.object_]:
    """Return a column of texts as plain objects, which are looked up faster."""
    return column.to_numpy(dtype=object)


def users_of(
    proposals: Iterable[Proposal],
    assets: pd.Index,
    funded: pd.Index,
    given_up: Collection[str] = (),
) -> tuple[NDArray[np.object_], Rows, Rows]:
    """Return the kind of each asset bought, and pairs of an asset and a funded project that needs it.

    Assets and projects are numbered as in ``assets`` and ``funded``; pairs ascend by asset, then project.
    Projects given up are left out where an asset has another user.
    """
    kind = np.full(len(assets), "", dtype=object)
    keys = [np.empty(0, dtype=np.int64)]
    for proposal in proposals:
        known = assets.get_indexer(pd.Index(_objects(proposal.assets["asset_id"])))
        kind[known[known >= 0]] = _objects(proposal.assets["kind"])[known >= 0]
        asset = assets.get_indexer(pd.Index(_objects(proposal.needed["asset_id"]))).astype(np.int64)
        project = funded.get_indexer(pd.Index(_objects(proposal.needed["project_id"])))
        wanted = (asset >= 0) & (project >= 0)
        keys.append(asset[wanted] * len(funded) + project[wanted])
    key = np.unique(np.concatenate(keys))
    asset, project = key // len(funded), key % len(funded)
    stays = ~funded.isin(list(given_up))[project]
    used = np.bincount(asset[stays], minlength=len(assets)) > 0
    kept = stays | ~used[asset]
    return kind, asset[kept], project[kept]


def _paid(work: Work, asset_id: str) -> int:
    return next(price for name, price in work.buys if name == asset_id)


def _refuse_unused(assets: pd.Index, used: Rows) -> None:
    unused = np.setdiff1d(np.arange(len(assets)), used)
    if len(unused):
        raise PlanError(f"the asset {assets[unused[0]]!r} was bought, but no funded project needs it")


def _shares(price: Rows, asset: Rows, projects: Rows) -> Rows:
    """Return whole shares in proportion to the projects; those of an asset sum to its price.

    ``asset`` ascends; a share is the difference of what is due to all technologies up to and before it.
    """
    first = np.append(True, asset[1:] != asset[:-1])
    count = np.cumsum(projects)
    before: Rows = np.maximum.accumulate(np.where(first, count - projects, 0))
    upto = (count - before).astype(np.int64)
    total: Rows = np.zeros(len(price), dtype=np.int64)
    np.add.at(total, asset, projects)
    due = price[asset] * upto // total[asset] - price[asset] * (upto - projects) // total[asset]
    return due.astype(np.int64)
