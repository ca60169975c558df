"""What no plan can exceed: everything is built as early as it possibly can be, whatever it costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sim.indicators.registry import REGISTRY
from sim.indicators.scorecard import MISSED
from sim.planning.at_once import offered_by
from sim.planning.spendable import efforts_of, unspendable
from sim.plans.reach import Judge, Reached
from sim.prepare import crews_there
from sim.tables.plan import Task
from sim.tables.results import EVENTS

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon
    from sim.planning.rolling import RollingPlan
    from sim.prepare import Prepared

_GROWING = ("share", "lines/100 homes", "users/100 persons", "users", "cities")
_OF_WHAT_GROWS = ("cable_capability_share_ge_10Mbps", "cable_capability_share_ge_50Mbps", "ipv6_users_share")
"""Shares of a whole that projects add to: of two-way homes and of users."""
_LINES = "lines/100 homes"
_BETWEEN = 0.005
"""Share by which a plan may hold more lines for a month than everything does: a line just put in is held by
its home, one of long standing is given up now and then, so that who moves later is counted a little more."""
LUCKIEST = 3.0
"""Standard deviations by which every task is luckier than its median; one project in 700 is."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A target that no plan meets."""

    target_id: str
    statement: str
    wanted: str
    most: str
    """What everything together would reach by its month."""
    unit: str
    due_month: str

    def __str__(self) -> str:
        """Return the warning."""
        unit = f" {self.unit}" if self.unit not in ("", "share") else ""
        return (
            f"No plan can meet {self.target_id} ({self.statement}): with everything built as early as "
            f"licences and lead times allow, and all money and crews, {self.most}{unit} is reached by "
            f"{self.due_month} of {self.wanted}{unit} wanted."
        )


def everything(judge: Judge, *, lead_times: bool = True) -> Reached:
    """Return what would be reached if every candidate were in service as early as possible.

    A candidate may be funded from its licence on; with ``lead_times`` it serves after its tasks, each with
    crews at once and luckier than ``LUCKIEST`` standard deviations. Money is without limit.
    """
    months = earliest_service(judge) if lead_times else {}
    offered, horizon = judge.offered, judge.prepared.scenario.clock
    ids = offered.proposal.candidates["project_id"].to_numpy(dtype=object)
    active = [
        (months.get(name, offered.earliest.get(name, 0)), name)
        for name in ids.tolist()
        if name not in offered.never
    ]
    active = sorted(pair for pair in active if pair[0] < horizon.months)
    events = activated(active, horizon)
    indicators, scorecard = judge.verdicts(events)
    return Reached(indicators, scorecard, {name: month for month, name in active}, {})


def earliest_service(judge: Judge) -> dict[str, int]:
    """Return the first month in which each candidate could be in service, ``horizon.months`` for never.

    What requires another candidate is in service no earlier than that one.
    """
    offered, scenario = judge.offered, judge.prepared.scenario
    horizon, spread = scenario.clock, scenario.rollout.spread
    candidates = offered.proposal.candidates
    days: dict[tuple[str, str, float], float] = {}
    found: dict[str, int] = {}
    requires = dict(zip(candidates["project_id"], candidates["requires"], strict=True))
    for row in cast("list[dict[str, Any]]", candidates.to_dict("records")):
        name = str(row["technology"])
        key = (name, str(row["build"]), float(row["field_days"]))
        if key not in days:
            days[key] = shortest_days(offered.technologies[name].steps(row), spread)
        start = offered.earliest.get(str(row["project_id"]), 0)
        found[str(row["project_id"])] = _month_after(horizon, start, days[key])
    for name in requires:
        chain = [name]
        while (above := requires[chain[-1]]) in found:
            chain.append(above)
        found[name] = max(found[one] for one in chain)
    return found


def shortest_days(tasks: tuple[Task, ...], spread: float) -> float:
    """Return the working days of tasks that meet no delay and every luck."""
    return sum(task.days * exp(-LUCKIEST * task.sigma * spread) for task in tasks)


def _month_after(horizon: Horizon, start: int, days: float) -> int:
    if start >= horizon.months:
        return horizon.months
    day = horizon.first_day(start) + days
    return horizon.months if day >= horizon.end_day else int(horizon.month_of(day))


def activated(active: list[tuple[int, str]], horizon: Horizon) -> pd.DataFrame:
    """Return a log that says only what is in service from when."""
    count = len(active)
    month = np.array([month for month, _ in active], dtype=np.int32)
    values = {
        "event_id": np.arange(count), "replication": 0, "month": month,
        "day": np.array([horizon.first_day(int(m)) for m in month], dtype=np.float64),
        "project_id": np.array([name for _, name in active], dtype=object),
        "event": "activated",
    }  # fmt: skip
    blank = {"str": "", "float64": 0.0}
    rest = {c.name: blank.get(c.dtype, 0) for c in EVENTS.columns if c.name not in values}
    return EVENTS.frame(**values, **rest)


def grows(indicator: str, comparator: str) -> bool:
    """Return whether one more project never lowers an indicator that should be high.

    Shares of homes, persons, villages and kilometres served and counts of users grow with what is in
    service; means, ratios and shares of what is built need not, so that what everything reaches is no
    bound on them.
    """
    known = REGISTRY.get(indicator)
    if known is None or known.need is None or indicator in _OF_WHAT_GROWS:
        return False
    return known.unit in _GROWING and comparator in (">=", ">")


def most_of(value: float, unit: str) -> float:
    """Return what no plan exceeds where everything reaches a value in a unit."""
    return value * (1.0 + _BETWEEN) if unit == _LINES else value


def unreachable(most: Reached) -> tuple[Unreachable, ...]:
    """Return the targets that even everything misses although what serves them only adds up, in order."""
    missed = most.scorecard[most.scorecard["verdict"] == MISSED]
    rows = [row for row in missed.to_dict("records") if grows(row["indicator"], row["comparator"])]
    return tuple(
        Unreachable(
            row["target_id"], row["statement"], row["wanted"], row["mean"], row["unit"], row["due_month"],
        )
        for row in rows
        if most_of(float(row["mean"]), row["unit"]) < float(row["wanted"])
    )  # fmt: skip


def ceiling_of(prepared: Prepared, plan: RollingPlan) -> tuple[Judge, Reached] | None:
    """Return what all that the plan of a run was offered would reach; ``None`` without any offer."""
    if not plan.asked:
        return None
    judge = Judge(prepared, offered_by(plan))
    return judge, everything(judge)


def out_of_reach(most: Reached | None) -> tuple[str, ...]:
    """Return warnings of targets that no plan meets, by what everything offered would reach."""
    return () if most is None else tuple(str(one) for one in unreachable(most))


def beyond_crews(prepared: Prepared, plan: RollingPlan) -> tuple[str, ...]:
    """Return what the first proposals say of money that the crews there are cannot spend."""
    proposals = {name: versions[0] for name, versions in plan.asked.items()}
    efforts = efforts_of(proposals, plan.setting.technologies, prepared.area.zones)
    return unspendable(efforts, crews_there(prepared), prepared.budget, prepared.scenario.clock)
