"""A scenario planned without construction: what its money buys at best, and which targets that meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.geo.area import read_area
from sim.planning.at_once import Whole, ask_at_once
from sim.plans.ceiling import Unreachable, beyond_crews, everything, unreachable
from sim.plans.goals import Closing, Closings
from sim.plans.nested import Best, Monotonicity, Nested, monotonicity, steps
from sim.plans.reach import Judge, Reached
from sim.prepare import Prepared, prepare, setting_of, share_of_province

if TYPE_CHECKING:
    from sim.planning.bound import Bound
    from sim.scenario.load import LoadedScenario

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Opened:
    """A scenario ready to be planned with any amount of money."""

    loaded: LoadedScenario
    prepared: Prepared
    closings: Closings
    """What targets ask for, and what nothing and everything would reach."""
    nested: Nested

    @property
    def whole(self) -> Whole:
        """The one question of the horizon."""
        return self.closings.whole

    @property
    def scale(self) -> float:
        """The money of the scenario, ``budget.scale``."""
        return self.prepared.scenario.budget.scale


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan without construction, its bound and what its targets ask for."""

    opened: Opened
    best: Best
    bound: Bound
    steps: tuple[Best, ...]
    """Plans for less money that it was grown from, itself last."""
    monotonicity: Monotonicity
    closings: Mapping[str, Closing]
    """What it takes to meet each target beside the plan."""
    most: Reached
    """What everything that could be built would reach, after its shortest lead times."""
    unreachable: tuple[Unreachable, ...]
    """Targets that no plan meets."""
    warnings: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.opened.prepared.scenario.name

    @property
    def gap(self) -> float:
        """By what part of the bound the plan may fall short of the best possible, 0..1."""
        worth, bound = self.best.worth, self.bound.worth
        return max(0.0, 1.0 - worth / bound) if bound > 0 else 0.0


def plan_scenario(loaded: LoadedScenario, on_progress: Progress = lambda stage, done: None) -> Plan:
    """Return the plan of a scenario for all the money of its horizon.

    Raises ``SimError`` with what is wrong and its cure.
    """
    opened = open_scenario(loaded, lambda stage, done: on_progress(stage, 0.5 * done))
    return plan_opened(opened, lambda stage, done: on_progress(stage, 0.5 + 0.5 * done))


def plan_opened(opened: Opened, on_progress: Progress = lambda stage, done: None) -> Plan:
    """Return the plan of an opened scenario for all its money, grown from those for less."""
    amounts = steps(opened.scale)
    plans: list[Best] = []
    for number, scale in enumerate(amounts):
        on_progress(f"plan for {scale:g} of the money", 0.9 * number / len(amounts))
        plans.append(opened.nested.best(scale, plans[-1] if plans else None))
    on_progress("bounds and prices of targets", 0.9)
    return _concluded(opened, tuple(plans))


def _concluded(opened: Opened, plans: tuple[Best, ...]) -> Plan:
    """Return the last of the plans with its bound and what its targets ask for."""
    best, most = plans[-1], everything(opened.closings.judge)
    missed = unreachable(most)
    notices = [str(notice) for notice in opened.loaded.notices]
    notices += beyond_crews(opened.prepared, opened.closings.whole.plan)
    if opened.prepared.scenario.operators.each:
        notices.append("A plan without construction takes the province as one network, not its operators.")
    return Plan(
        opened=opened,
        best=best,
        bound=best.bound,
        steps=plans,
        monotonicity=monotonicity(plans),
        closings=opened.closings.closings(best),
        most=most,
        unreachable=missed,
        warnings=(*notices, *(str(one) for one in missed)),
    )


def open_scenario(loaded: LoadedScenario, on_progress: Progress = lambda stage, done: None) -> Opened:
    """Return a scenario with the one question of its whole horizon.

    What is proposed does not depend on ``budget.scale``, so that plans for different money choose from the
    same candidates.
    """
    scenario = loaded.scenario
    area, _ = read_area(
        scenario.province, scenario.geodata, lambda stage, done: on_progress(stage, 0.6 * done)
    )
    on_progress("standing network and demand", 0.6)
    prepared = prepare(loaded, area)
    on_progress("proposals", 0.8)
    budget = prepared.budget.model_copy(update={"scale": share_of_province(area, scenario)})
    whole = ask_at_once(replace(setting_of(prepared), budget=budget))
    judge = Judge(prepared, whole)
    on_progress("what nothing and everything would reach", 0.95)
    closings = Closings(whole, judge, judge.reached((), budget), everything(judge, lead_times=False))
    return Opened(loaded, prepared, closings, Nested(closings, scenario.planning, budget))
