"""Budget against what it reaches: plans for growing money, and which of them no other one beats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.planning.worth import MICRO
from sim.plans.answer import monotonicity_facts, yuan
from sim.plans.nested import Monotonicity, monotonicity
from sim.plans.plan import Progress, open_scenario

if TYPE_CHECKING:
    from sim.plans.nested import Best
    from sim.plans.plan import Opened
    from sim.scenario.load import LoadedScenario


@dataclass(frozen=True, slots=True)
class Point:
    """One budget and what its plan reaches."""

    budget_scale: float
    money_yuan: float
    """Money released over the horizon [yuan]."""
    capex_yuan: float
    """Price of everything built [yuan]."""
    connections_yuan: float
    """Connecting subscribers [yuan]."""
    projects: int
    targets_met: int
    targets_judged: int
    worth: float
    bound: float
    homes: float
    """Homes and persons newly served, by the uses of the projects."""
    efficient: bool
    """Whether no plan of the table meets as many targets, with as much worth, for less money."""


@dataclass(frozen=True, eq=False)
class Frontier:
    """The points traced so far, by growing money."""

    name: str
    title: str
    points: tuple[Point, ...]
    targets: dict[str, tuple[float, ...]]
    """Budgets at which each target is met, by target; all that are judged."""
    monotonicity: Monotonicity

    def facts(self) -> dict[str, Any]:
        """Return the frontier as plain values."""
        return {
            "scenario": self.name,
            "points": [{name: getattr(point, name) for name in Point.__slots__} for point in self.points],
            "targets": {name: list(scales) for name, scales in self.targets.items()},
            "monotonicity": monotonicity_facts(self.monotonicity),
        }


def trace_frontier(
    loaded: LoadedScenario,
    amounts: Sequence[float],
    on_progress: Progress = lambda stage, done: None,
    on_point: Callable[[Frontier], None] = lambda frontier: None,
) -> Frontier:
    """Return the frontier of a scenario over values of ``budget.scale``.

    Each plan is grown from the one before. ``on_point`` is told of the frontier after every plan, so that
    what is known can be kept. Raises ``ValueError`` without amounts.
    """
    if not amounts:
        raise ValueError("a frontier needs at least one budget")
    opened = open_scenario(loaded, lambda stage, done: on_progress(stage, 0.4 * done))
    plans: list[Best] = []
    for number, scale in enumerate(sorted(set(amounts))):
        on_progress(f"plan for {scale:g} of the money", 0.4 + 0.6 * number / len(amounts))
        plans.append(opened.nested.best(scale, plans[-1] if plans else None))
        frontier = _frontier(opened, plans)
        on_point(frontier)
    return frontier


def doubling(scale: float, points: int) -> tuple[float, ...]:
    """Return so many amounts, each twice the one before, a quarter of ``scale`` (else of 1) first."""
    first = (scale or 1.0) / 4.0
    return tuple(first * 2.0**power for power in range(points))


def efficient(money: Sequence[float], *goods: Sequence[float]) -> list[bool]:
    """Return which points no other one beats: less or equal money for at least as much of every good.

    Of points that are equal in all, the first counts.
    """
    rows = list(zip(money, *goods, strict=True))
    found = []
    for at, mine in enumerate(rows):
        beaten = any(
            other[0] <= mine[0]
            and all(a >= b for a, b in zip(other[1:], mine[1:], strict=True))
            and (other != mine or place < at)
            for place, other in enumerate(rows)
            if place != at
        )
        found.append(not beaten)
    return found


def _frontier(opened: Opened, plans: Sequence[Best]) -> Frontier:
    spent = [_money(plan) for plan in plans]
    met = [len(plan.reached.met) for plan in plans]
    best = efficient(spent, met, [plan.worth for plan in plans])
    scorecard = plans[0].reached.scorecard
    judged = scorecard.loc[scorecard["chance_met"] != "", "target_id"].tolist()
    points = [
        Point(
            budget_scale=plan.scale,
            money_yuan=yuan(sum(opened.nested.funds(plan.scale).values())),
            capex_yuan=yuan(plan.capex_fen),
            connections_yuan=yuan(sum(plan.reached.connections_fen.values())),
            projects=len(plan.works),
            targets_met=len(plan.reached.met),
            targets_judged=len(judged),
            worth=plan.worth / MICRO,
            bound=plan.bound.worth / MICRO,
            homes=newly_served(plan),
            efficient=good,
        )
        for plan, good in zip(plans, best, strict=True)
    ]
    scenario = opened.prepared.scenario
    return Frontier(
        name=scenario.name,
        title=scenario.title,
        points=tuple(points),
        targets={name: tuple(p.scale for p in plans if name in p.reached.met) for name in judged},
        monotonicity=monotonicity(plans),
    )


def _money(plan: Best) -> int:
    """Return what building and connecting cost [fen]."""
    return plan.capex_fen + sum(plan.reached.connections_fen.values())


def newly_served(plan: Best) -> float:
    """Return the homes and persons that a plan newly serves, each use and place once."""
    values, rows = plan.problem.values, np.zeros(plan.problem.count, dtype=bool)
    rows[list(plan.solution.rows)] = True
    mine = np.repeat(rows, np.diff(values.starts)) & ~values.road
    gained = np.zeros(values.keys, dtype=np.int64)
    np.maximum.at(gained, values.key[mine], values.gained[mine])
    return float(gained.sum()) / MICRO
