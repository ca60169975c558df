"""Everything that was ever proposed, as plain arrays for the fold of the log."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.lines import PREFERENCE
from sim.planning.subscribers import one_by_one
from sim.tables.ground import Projects
from sim.tables.plan import ADDED_TO_SITES, FIXED, MOBILE, TRANSPORT

if TYPE_CHECKING:
    from sim.planning.rolling import RollingPlan


SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "dsl": "fixed",
        "ftth": "fixed",
        "umts": "mobile",
        "lte": "mobile",
        "nbiot": "iot",
        "satellite": "satellite",
    }
)
"""Technologies that the state always shows, with their use; copper only stands, satellite stands apart."""


def projects_of(plan: RollingPlan) -> Projects:
    """Return everything that was proposed over all releases, each project once (its latest form)."""
    proposals = [proposal for versions in plan.asked.values() for proposal in versions]
    rows: dict[str, int] = {}
    for proposal in proposals:
        for project_id in proposal.candidates["project_id"]:
            rows.setdefault(project_id, len(rows))
    # The row of each candidate among all projects, and whether no later proposal replaces it.
    own_rows = [proposal.candidates["project_id"].map(rows).to_numpy(np.int64) for proposal in proposals]
    latest = np.zeros(len(rows), dtype=np.int64)
    for number, own in enumerate(own_rows):
        latest[own] = number
    kept, pairs = [], []
    for number, (proposal, own) in enumerate(zip(proposals, own_rows, strict=True)):
        mine = latest[own] == number
        kept.append(proposal.candidates[mine].assign(row=own[mine]))
        owner, service = proposal.service_owner, proposal.service
        part = pd.DataFrame(
            {name: service[name].to_numpy() for name in ("zone", "point", "peak_mbps", "capacity_mbps")}
        )
        pairs.append(part.assign(row=own[owner])[mine[owner]])
    table = pd.concat(kept, ignore_index=True).sort_values("row", kind="stable")
    chosen = plan.setting.technologies
    added = table["build"].isin(ADDED_TO_SITES).to_numpy(dtype=bool)
    units = {name: technology.unit_mbps() for name, technology in chosen.items()}
    return Projects(
        technologies=_shown(plan),
        project_rows=rows,
        technology=table["technology"].to_numpy(dtype=object),
        zone=table["zone"].to_numpy(),
        location=table["location"].to_numpy(),
        quantity=table["quantity"].to_numpy(),
        sites=np.where(added, 0, table["quantity"].to_numpy()),
        per_home=frozenset(name for name, technology in chosen.items() if technology.per_home),
        unit_mbps={name: unit for name, unit in units.items() if unit is not None},
        pairs=pd.concat(pairs, ignore_index=True),
        opex_fen=table["opex_fen_per_year"].to_numpy(),
        one_by_one=one_by_one(chosen, plan.setting.ground.standing_share),
    )


def _shown(plan: RollingPlan) -> dict[str, str]:
    """Return the technologies of the state with their use: the usual ones, then what stands or is chosen.

    Transport has no users of its own and stands apart.
    """
    shown = dict(SHOWN)
    for name in plan.setting.ground.standing_sites:
        shown.setdefault(name, MOBILE)
    for name in PREFERENCE:
        if name in plan.setting.ground.standing_share:
            shown.setdefault(name, FIXED)
    for name, technology in plan.setting.technologies.items():
        if technology.use != TRANSPORT:
            shown.setdefault(name, technology.use)
    return shown
