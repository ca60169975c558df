"""Who shares what: every asset that was bought, who paid for it, and whose it is by equal shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    shares sum to the price. Rows are in the order of buying, then by asset and technology.

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
    assets = pd.Index(bought["task"])
    kind, used = _named(proposals, assets, set(events.loc[events["event"] == "funded", "project_id"]))
    active = set(events.loc[events["event"] == "activated", "project_id"])
    users = used.assign(
        asset=assets.get_indexer(pd.Index(used["asset_id"])),
        technology=[works[name].technology for name in used["project_id"]],
        in_service=used["project_id"].isin(active),
    )
    rows = (
        users.groupby(["asset", "technology"], sort=True)
        .agg(projects=("in_service", "size"), in_service=("in_service", "sum"))
        .reset_index()
    )
    asset = rows["asset"].to_numpy(dtype=np.int64)
    price = np.array([_paid(works, *pair) for pair in bought[["project_id", "task"]].to_numpy()])
    _refuse_unused(assets, asset)
    share = _shares(price, asset, rows["projects"].to_numpy(dtype=np.int64))
    if share.sum() != price.sum():
        raise PlanError(f"shares of {share.sum()} fen are not the {price.sum()} fen paid for assets")
    order = np.lexsort(
        (rows["technology"], bought["task"].to_numpy()[asset], bought["event_id"].to_numpy()[asset])
    )
    rows, asset = rows.iloc[order], asset[order]
    return ASSET_LEDGER.frame(
        asset_id=bought["task"].to_numpy()[asset],
        kind=kind.reindex(assets).to_numpy()[asset],
        month=bought["month"].to_numpy()[asset],
        bought_with=bought["project_id"].to_numpy()[asset],
        price_fen=price[asset],
        technology=rows["technology"].to_numpy(),
        projects=rows["projects"].to_numpy(),
        in_service=rows["in_service"].to_numpy(),
        share_fen=share[order],
    )


def _named(
    proposals: Iterable[Proposal], assets: pd.Index, funded: set[str]
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the kind of each asset bought, and who of the funded projects needs which."""
    kinds, needs = [], []
    for proposal in proposals:
        known = proposal.assets["asset_id"].isin(assets)
        kinds.append(proposal.assets.loc[known, ["asset_id", "kind"]])
        wanted = proposal.needed["asset_id"].isin(assets) & proposal.needed["project_id"].isin(funded)
        needs.append(proposal.needed[wanted])
    kind = pd.concat(kinds).drop_duplicates("asset_id").set_index("asset_id")["kind"]
    return kind, pd.concat(needs).drop_duplicates(ignore_index=True)


def _paid(works: Mapping[str, Work], project_id: str, asset_id: str) -> int:
    return dict(works[project_id].buys)[asset_id]


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
    shares: Rows = price[asset] * upto // total[asset] - price[asset] * (upto - projects) // total[asset]
    return shares
