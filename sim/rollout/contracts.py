"""Contracts: projects that are let together, as the villages of a county, and when all are in service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.plan import Work


@dataclass(frozen=True, slots=True)
class Contract:
    """How far a contract has come by the end of a log."""

    name: str
    projects: int
    in_service: int
    given_up: int
    awarded_day: float
    """Working day on which its first project was funded."""
    completed_day: float | None
    """Working day from which every project that was not given up serves; None while one does not."""


def contracts_of(events: pd.DataFrame, works: Iterable[Work]) -> tuple[Contract, ...]:
    """Return the contracts of a log, by name; projects without one are left out.

    ``works`` are the projects that may appear in ``events``, which are those of one replication.
    """
    days = {
        kind: dict(zip(rows["project_id"], rows["day"], strict=True))
        for kind in ("funded", "activated", "cancelled")
        for rows in (events[events["event"] == kind],)
    }
    members: dict[str, list[str]] = {}
    for work in works:
        if work.batch and work.project_id in days["funded"]:
            members.setdefault(work.batch, []).append(work.project_id)
    found = []
    for name in sorted(members):
        mine = members[name]
        serving = [days["activated"][one] for one in mine if one in days["activated"]]
        lost = sum(one in days["cancelled"] for one in mine)
        is_complete = bool(serving) and len(serving) + lost == len(mine)
        awarded = min(days["funded"][one] for one in mine)
        completed = float(max(serving)) if is_complete else None
        found.append(Contract(name, len(mine), len(serving), lost, float(awarded), completed))
    return tuple(found)
