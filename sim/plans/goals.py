"""What targets still ask for, in the units in which candidates are weighed, and what closing them costs.

What a candidate brings toward a target is weighed as the planner weighs it, for that target alone. How
far one unit of this moves the indicator is measured, not assumed: on the plan, or on everything that
could be built where the plan brings the target nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.indicators.needs import open_needs
from sim.indicators.scorecard import MET
from sim.indicators.targets import Target
from sim.planning.cover import UNLIMITED, Covered, Goal, Ints, cover
from sim.planning.problem import Problem, best_of, hanging
from sim.planning.worth import Values, Weights, value_rows

if TYPE_CHECKING:
    import pandas as pd

    from sim.planning.at_once import Whole
    from sim.plans.nested import Best
    from sim.plans.reach import Judge, Reached
    from sim.scenario.schema import Scenario

POINT = 0.01
"""A percentage point, as a share."""
_UNITS = {"share": POINT, "lines/100 homes": 1.0, "users/100 persons": 1.0}
"""A percentage point of what a target is stated in."""
ALONE = Weights(base={}, late_share=1.0)
"""A target weighed with nothing beside it."""


def needs_of_one(target: Target, scenario: Scenario) -> pd.DataFrame:
    """Return the table of needs of a target alone, each unit counting as one whenever it is served.

    Empty where the target falls due outside the horizon or no candidate is weighed by it.
    """
    options = scenario.targets.model_copy(
        update={"province_weight": 1.0, "nation_weight": 1.0, "persons_per_road_km": 1.0}
    )
    needs = open_needs((target,), scenario.clock, options)
    return needs.assign(weight=np.float32(1.0), enough=np.float32(1.0), due_month=np.int32(0))


@dataclass(frozen=True, slots=True)
class Closing:
    """What it takes to meet a target beside a plan."""

    cost_fen: int | None
    """Least extra money by its due month found that meets it, 0 where it is met; none where nothing left
    meets it [fen]."""
    per_point_fen: int | None
    """Price of one more percentage point from there; none where nothing left adds it [fen]."""


class Closings:
    """Works out goals from a judge's measurements: nothing built, and everything built."""

    def __init__(self, whole: Whole, judge: Judge, none: Reached, everything: Reached) -> None:
        self.whole, self.judge, self.none, self.everything = whole, judge, none, everything
        self._kept: dict[str, tuple[Ints, Ints, Ints]] = {}

    @cached_property
    def weighed(self) -> dict[str, Values]:
        """What candidates bring toward each target that some candidate moves, by target."""
        prepared, question = self.judge.prepared, self.whole.question
        found: dict[str, Values] = {}
        kept: dict[str, Values] = {}
        for target in prepared.targets:
            if target.comparator not in (">=", ">"):
                continue
            needs = needs_of_one(target, prepared.scenario)
            if needs.empty:
                continue
            key = needs.to_csv()
            if key not in kept:
                kept[key] = value_rows(question.proposal, needs, question.situation, question.kinds, ALONE)
            if len(kept[key].value):
                found[target.target_id] = kept[key]
        return found

    def goal(self, target: Target, plan: Best, more: float = 0.0) -> Goal | None:
        """Return what a target still asks for beside a plan, with so much more of its own unit.

        None where no candidate is known to move it, or it is not measured.
        """
        values = self.weighed.get(target.target_id)
        reached = self.reached(target, plan.reached)
        per_unit = self._per_unit(target, plan, values) if values is not None else 0.0
        if values is None or reached is None or per_unit <= 0 or target.wanted is None:
            return None
        # a verdict that turns inside the band of the reading is not met: the strictest reading counts
        missing = max(0.0, target.band[1] - reached) + more
        most = self._left(target, plan, values, missing + reached)
        wanted = min(int(np.ceil(missing / per_unit)), most)
        starts, key, amount = self._entries(target.target_id)
        return Goal(target.target_id, wanted, starts, key, amount, most)

    def _entries(self, name: str) -> tuple[Ints, Ints, Ints]:
        """Return where the entries of each candidate start, and key and amount of those that bring any."""
        if name not in self._kept:
            values = self.weighed[name]
            owner = np.repeat(np.arange(len(values.starts) - 1), np.diff(values.starts))
            some = values.value > 0
            counts = np.bincount(owner[some], minlength=len(values.starts) - 1)
            starts = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))
            self._kept[name] = starts, values.key[some], values.value[some]
        return self._kept[name]

    def _left(self, target: Target, plan: Best, values: Values, wanted: float) -> int:
        """Return all that is left to bring where it is known to be enough, else without limit.

        What the last units move an indicator by may be more than what the first do.
        """
        most = self.reached(target, self.everything)
        if most is None or round(most - wanted, 9) < 0:
            return UNLIMITED
        problem = replace(self._available(target, plan), values=values)
        every = np.flatnonzero(~problem.shut)
        own = best_of(problem, self.in_time(target, plan))
        return int(np.maximum(best_of(problem, every) - own, 0).sum())

    def reached(self, target: Target, reached: Reached) -> float | None:
        """Return the value of a target in its due month; none where it is not measured."""
        due = self.judge.prepared.scenario.clock.index(target.due_month)
        return reached.value(target.indicator, target.breakdown, due)

    def _per_unit(self, target: Target, plan: Best, values: Values) -> float:
        """Return how much a millionth of what candidates bring moves the indicator."""
        start = self.reached(target, self.none)
        problem = plan.problem
        every = np.flatnonzero(~problem.shut)
        for reached, rows in (
            (plan.reached, np.array(self.in_time(target, plan), dtype=np.int64)),
            (self.everything, every),
        ):
            value = self.reached(target, reached)
            if start is None or value is None or not len(rows) or round(value - start, 9) <= 0:
                continue
            brought = int(best_of(replace(problem, values=values), rows).sum())
            if brought > 0:
                return (value - start) / brought
        return 0.0

    def closing(self, target: Target, plan: Best) -> Closing:
        """Return the least extra money that meets a target beside a plan, and what a point more costs."""
        verdicts = dict(
            zip(plan.reached.scorecard["target_id"], plan.reached.scorecard["verdict"], strict=True)
        )
        met = verdicts.get(target.target_id) == MET
        goal = self.goal(target, plan)
        if goal is None:
            return Closing(0 if met else None, None)
        found = self._cover(target, plan, goal)
        cost = 0 if met else (found.price_fen if found.met else None)
        point = _UNITS.get(target.unit)
        if point is None or not found.met:
            return Closing(cost, None)
        more = self.goal(target, plan, point)
        further = self._cover(target, plan, more) if more is not None else None
        if further is None or not further.met:
            return Closing(cost, None)
        return Closing(cost, max(0, further.price_fen - found.price_fen))

    def in_time(self, target: Target, plan: Best) -> tuple[int, ...]:
        """Return the projects of a plan that are funded by the due month of a target, in their order.

        What the plan pays for later can be had in time for money in time.
        """
        due, funded = self.judge.prepared.scenario.clock.index(target.due_month), plan.reached.funded
        ids = plan.problem.ids
        return tuple(row for row in plan.solution.rows if funded[str(ids[row])] <= due)

    def _cover(self, target: Target, plan: Best, goal: Goal) -> Covered:
        return cover(self._available(target, plan), (goal,), self.in_time(target, plan))

    def _available(self, target: Target, plan: Best) -> Problem:
        """Return what may be built by the due month of a target."""
        due, earliest = self.judge.prepared.scenario.clock.index(target.due_month), self.whole.earliest
        late = np.array([earliest.get(str(name), 0) > due for name in plan.problem.ids], dtype=bool)
        if not late.any():
            return plan.problem
        closed = plan.problem.shut | late
        return replace(plan.problem, shut=closed | hanging(plan.problem.links, closed))

    def goals(self, plan: Best, short: Mapping[str, int]) -> tuple[Goal, ...]:
        """Return the goals of all targets beside a plan, by due month, those that nothing meets left out.

        ``short`` adds units to what a target is reckoned to ask for, where that has proved too little.
        """
        horizon, found = self.judge.prepared.scenario.clock, []
        for target in self.judge.prepared.targets:
            goal = self.goal(target, plan) if self._is_open(target, plan) else None
            if goal is not None:
                more = min(goal.wanted + short.get(goal.name, 0), goal.most)
                found.append((horizon.index(target.due_month), goal.name, replace(goal, wanted=more)))
        return tuple(goal for _, _, goal in sorted(found, key=lambda one: one[:2]))

    def _is_open(self, target: Target, plan: Best) -> bool:
        """Return whether a target is judged, missed by a plan, and met where everything is built."""
        missed = target.target_id not in plan.reached.met
        return missed and target.target_id in self.everything.met

    def closings(self, plan: Best) -> Mapping[str, Closing]:
        """Return the closing of every target that wants at least something and is judged."""
        judged = plan.reached.scorecard
        names = set(judged.loc[judged["chance_met"] != "", "target_id"])
        return {
            target.target_id: self.closing(target, plan)
            for target in self.judge.prepared.targets
            if target.target_id in names and target.comparator in (">=", ">")
        }
