"""Why every project took as long as it did: the table of delays, folded from the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.indicators.lives import Lives
from sim.tables.plan import contract_of
from sim.tables.results import CAUSES, DELAYS, OUTCOMES

if TYPE_CHECKING:
    from sim.clock import Horizon

_REQUIRES = "requires "


def delays_of(
    events: pd.DataFrame, decisions: pd.DataFrame, zones: pd.DataFrame, horizon: Horizon
) -> pd.DataFrame:
    """Return the table of delays: a row for every project funded, of all replications.

    ``decisions`` tell in which zone a project stands, ``zones`` (``zone_id`` to ``kind``) in which county.
    """
    first = decisions.drop_duplicates("project_id")
    place = _Places(
        dict(zip(first["project_id"].tolist(), first["zone"].tolist(), strict=True)),
        zones["kind"].tolist(),
        zones["county"].tolist(),
    )
    numbers = np.unique(events["replication"].to_numpy()).tolist()
    parts = [
        _of_replication(Lives(events[events["replication"] == number], horizon), number, place)
        for number in numbers
    ]
    rows = [part for part in parts if len(part)]
    return pd.concat(rows, ignore_index=True) if rows else DELAYS.empty()


@dataclass(frozen=True)
class _Places:
    """Where projects stand."""

    zone: Mapping[str, int]
    kind: list[str]
    county: list[str]

    def contract(self, project: str, month: int) -> str:
        """Return the contract of a project funded in a month."""
        zone = self.zone.get(project, -1)
        if zone < 0:
            return ""
        return contract_of(project.partition(":")[0], self.kind[zone], self.county[zone], month)


def _of_replication(lives: Lives, replication: int, places: _Places) -> pd.DataFrame:
    """Return the delays of one replication."""
    names, lost = lives.names, lives.lost_by_project
    if not names:
        return DELAYS.empty()
    total = lost.sum(axis=1)
    most = np.argmax(np.round(lost, 9), axis=1)
    funded = lives.month_of("funded")
    active, given_up = lives.month_of("activated"), lives.month_of("cancelled")
    outcome = np.where(active >= 0, OUTCOMES[0], np.where(given_up >= 0, OUTCOMES[1], OUTCOMES[2]))
    return DELAYS.frame(
        replication=replication,
        project_id=names,
        technology=[name.partition(":")[0] for name in names],
        zone=[places.zone.get(name, -1) for name in names],
        contract=[places.contract(*each) for each in zip(names, funded.tolist(), strict=True)],
        funded_month=funded,
        ended_month=np.maximum(active, given_up),
        outcome=outcome,
        lasted_days=np.maximum(lives.ended - lives.funded, 0.0),
        lost_days=total,
        cause=np.where(total > 0, np.array(CAUSES, dtype=object)[most], ""),
        held_by=_held_by(lives, most),
        **{f"lost_{cause}_days": lost[:, row] for row, cause in enumerate(CAUSES)},
    )


def _held_by(lives: Lives, most: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return what the longest stretch lost to the critical cause waited for, shape (P,)."""
    held = lives.losses
    result = np.full(len(lives.names), "", dtype=object)
    rows = np.flatnonzero(held.cause == most[held.project])
    rows = rows[np.lexsort((rows, -np.round(held.days[rows], 9), held.project[rows]))]
    rows = rows[np.diff(held.project[rows], prepend=-1) > 0]
    told = lives.events[["cause", "crew", "task"]].iloc[held.event[rows]]
    for project, cause, crew, task in zip(held.project[rows].tolist(), *_columns(told), strict=True):
        result[project] = cause.removeprefix(_REQUIRES) if cause.startswith(_REQUIRES) else crew or task
    return result


def _columns(table: pd.DataFrame) -> tuple[list[str], ...]:
    return tuple(table[name].tolist() for name in table.columns)
