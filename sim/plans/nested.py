"""Plans for growing budgets, each no worse than the one for less money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import ceil, floor, log2
from typing import TYPE_CHECKING

import numpy as np

from sim.planning.at_once import totals
from sim.planning.bound import Bound
from sim.planning.linear import tightest_bound
from sim.planning.planner import METHODS
from sim.planning.problem import (
    Problem,
    Solution,
    payments,
    problem_of,
    spent_by_pot,
    worth_of_solution,
)
from sim.planning.target_first import NOTHING, target_first
from sim.plans.chosen import kept, residual, together, works_of

if TYPE_CHECKING:
    from sim.planning.planner import Planning
    from sim.planning.pots import Budget
    from sim.plans.goals import Closings
    from sim.plans.reach import Reached
    from sim.tables.plan import Work

LOWEST = 0.25
"""Least money, as a part of the scenario's, whose plan the plans for more money are grown from."""
BOUND_ROUNDS = 100
"""Work spent on a bound, after which it hardly falls: a plan has the time that a release has not."""
A_FEN = 1
"""What an empty pot is taken to hold: it buys nothing, and what more would buy has a price."""
TARGET_FIRST = "target-first"
"""The method that meets targets at least cost."""
_ROUNDS, _ROUNDS_OF_GOALS = 2, 5
"""So often is a plan made, each time with what connections (and goals) proved to ask for."""


@dataclass(frozen=True, eq=False)
class Best:
    """The plan that is kept for one budget."""

    scale: float
    """Money against that of the scenario at ``budget.scale`` 1."""
    problem: Problem
    """What was chosen from, with the money that connections leave."""
    solution: Solution
    works: tuple[Work, ...]
    worth: int
    """Worth of the solution [millionths]."""
    reached: Reached
    grown: bool = False
    """Whether it was grown from the plan for less money, and is not the method's own answer."""

    @cached_property
    def bound(self) -> Bound:
        """The worth that no choice with this money exceeds, and the worth of a fen more in each pot.

        Without money that is the plan itself: it holds whatever is free.
        """
        bound = tightest_bound(self.problem, BOUND_ROUNDS)
        return bound if self.problem.funds.max(initial=0) > A_FEN else replace(bound, worth=self.worth)

    @property
    def capex_fen(self) -> int:
        """Price of everything that is built [fen]."""
        return sum(work.price_fen for work in self.works)

    @property
    def spent_fen(self) -> dict[str, int]:
        """What each pot pays for building [fen]."""
        spent = spent_by_pot(self.problem, payments(self.problem, self.solution))
        return dict(zip(self.problem.pots, spent.tolist(), strict=True))


class Nested:
    """Answers one question for any amount of money; ``budget`` is what a scale of 1 means."""

    def __init__(self, closings: Closings, planning: Planning, budget: Budget) -> None:
        self.closings, self.planning, self.budget = closings, planning, budget
        self.judge = closings.judge
        self.whole = closings.whole
        self.horizon = self.judge.prepared.scenario.clock
        self.problem = problem_of(self.whole.question, planning.weights)
        self.nothing = Best(0.0, self.problem, NOTHING, (), 0, closings.none)

    @property
    def least_cost(self) -> bool:
        """Whether targets are to be met at least cost, rather than the money used."""
        return self.planning.method == TARGET_FIRST

    def funds(self, scale: float) -> dict[str, int]:
        """Return the money of the whole horizon by pot [fen]."""
        return totals(self._budget(scale).releases(self.horizon))

    def best(self, scale: float, less: Best | None = None) -> Best:
        """Return the plan for an amount of money, which meets no fewer targets than one for less does.

        Two plans are compared: the method's own answer, and the plan for less money with whatever the
        method adds to it. The first is kept where it meets no fewer targets and is worth no less, so that
        neither falls with money; where targets are to be met at least cost, the one that meets more.
        """
        if less is None:
            return self._settled(scale, None, self.nothing.reached)
        grown = self._settled(scale, less, less.reached)
        own = self._settled(scale, None, grown.reached)
        if self.least_cost:
            return min(own, grown, key=lambda one: (-len(one.reached.met), one.capex_fen, one.grown))
        more = len(own.reached.met) - len(grown.reached.met)
        return own if own.worth >= grown.worth and more >= 0 else grown

    def _budget(self, scale: float) -> Budget:
        return self.budget.model_copy(update={"scale": self.budget.scale * scale})

    def _settled(self, scale: float, less: Best | None, like: Reached) -> Best:
        """Return a plan whose connections are paid; their price is first taken as that of a plan alike."""
        budget, funds = self._budget(scale), self.funds(scale)
        reserve: Mapping[str, int] = like.connections_fen
        short: dict[str, int] = {}
        for _ in range(_ROUNDS_OF_GOALS if self.least_cost else _ROUNDS):
            left = [max(funds.get(pot, 0) - reserve.get(pot, 0), A_FEN) for pot in self.problem.pots]
            problem = replace(self.problem, funds=np.array(left, dtype=np.int64))
            solution = self._chosen(problem, less or self.nothing, short)
            works = works_of(self.whole, problem, solution)
            reached = self.judge.reached(works, budget)
            plan = self._kept(Best(scale, problem, solution, works, 0, reached, less is not None))
            known = dict(short)
            if self.least_cost:
                for goal in self.closings.goals(plan, {}):
                    short[goal.name] = short.get(goal.name, 0) + goal.wanted
            all_funded = len(reached.funded) == len(works)
            if all_funded and _no_more(reached.connections_fen, reserve) and short == known:
                break
            reserve = reached.connections_fen
        return plan

    @staticmethod
    def _kept(plan: Best) -> Best:
        """Return a plan without what was not funded, and with all the money that it spends."""
        solution = kept(plan.problem, plan.solution, plan.reached.funded)
        spent = spent_by_pot(plan.problem, payments(plan.problem, solution))
        problem = replace(plan.problem, funds=np.maximum(plan.problem.funds, spent))
        works = tuple(work for work in plan.works if work.project_id in plan.reached.funded)
        worth = worth_of_solution(problem, solution)
        return replace(plan, problem=problem, solution=solution, works=works, worth=worth)

    def _chosen(self, problem: Problem, less: Best, short: Mapping[str, int]) -> Solution:
        if self.least_cost:
            goals = self.closings.goals(replace(less, problem=problem), short)
            return target_first(problem, goals, less.solution)
        method = METHODS[self.planning.method]
        if not less.solution.rows:
            return method(problem, self.planning)
        taken = frozenset(str(problem.ids[row]) for row in less.solution.rows)
        bought = frozenset(asset for work in less.works for asset, _ in work.buys)
        question = self.whole.question
        fresh = problem_of(
            replace(question, taken=question.taken | taken, bought=question.bought | bought),
            self.planning.weights,
        )
        rest = residual(problem, fresh, less.solution)
        return together(less.solution, method(rest, self.planning))


def _no_more(found: Mapping[str, int], expected: Mapping[str, int]) -> bool:
    """Return whether no pot pays more for connections than was expected."""
    return all(fen <= expected.get(pot, 0) for pot, fen in found.items())


def steps(scale: float) -> tuple[float, ...]:
    """Return the amounts of money from which the plan for an amount is grown, itself last.

    They are powers of two from a quarter up, of the scenario's money or of the amount where that is less,
    so that the plans for an amount and for twice as much share their steps: what the former meets is
    among what the latter is compared with.
    """
    if scale <= 0:
        return (scale,)
    lowest = min(LOWEST, 2.0 ** floor(log2(scale * LOWEST)))
    doubles = [lowest * 2.0**power for power in range(ceil(log2(scale / lowest)) + 1)]
    return (*(amount for amount in doubles if amount < scale * (1.0 - 1e-9)), scale)


@dataclass(frozen=True)
class Monotonicity:
    """Whether more money ever met fewer targets."""

    checked: tuple[float, ...]
    """Amounts of money, against that of the scenario."""
    met: tuple[int, ...]
    """Targets met with each."""
    explained_by: str
    """What explains a loss; empty where none is."""

    @property
    def holds(self) -> bool:
        """Whether targets met never fall."""
        return all(a <= b for a, b in pairwise(self.met))


def monotonicity(plans: Sequence[Best]) -> Monotonicity:
    """Return whether more money met no fewer targets along plans for growing budgets."""
    remarks = []
    for less, more in pairwise(plans):
        if len(more.reached.met) >= len(less.reached.met):
            continue
        for target in [name for name in less.reached.met if name not in more.reached.met]:
            remarks.append(_why_lost(target, less, more))
    return Monotonicity(
        tuple(plan.scale for plan in plans),
        tuple(len(plan.reached.met) for plan in plans),
        "; ".join(dict.fromkeys(remarks)),
    )


def _why_lost(target: str, less: Best, more: Best) -> str:
    """Return the constraint behind a target that more money misses."""
    row = more.reached.scorecard.set_index("target_id").loc[target]
    change = f"{target} is met at {less.scale:g} of the money and not at {more.scale:g}"
    late = [
        name
        for name, month in less.reached.funded.items()
        if more.reached.funded.get(name, month + 1) > month
    ]
    if late:
        pots = sorted({work.pot for work in less.works if work.project_id in late})
        return f"{change}: {len(late)} projects wait for {', '.join(pots)}, which pays connections first"
    return (
        f"{change}, although all that serves it is built no later: {row['indicator']} falls as more is "
        f"served ({row['mean']} against {row['wanted']})"
    )
