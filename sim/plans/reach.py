"""What a fixed set of projects reaches: funded as money is released, in service at once, then judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.indicators.registry import compute_indicators
from sim.indicators.scorecard import MET, score_targets
from sim.planning.asked import projects_of
from sim.planning.connections import Purse
from sim.planning.fixed import FixedPlan
from sim.planning.subscribers import Subscribers
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.state import monthly_state

if TYPE_CHECKING:
    import pandas as pd

    from sim.planning.at_once import Offered
    from sim.planning.pots import Budget
    from sim.prepare import Prepared
    from sim.tables.ground import Projects
    from sim.tables.plan import Work


@dataclass(frozen=True, eq=False)
class Figures:
    """Measured values, found by indicator, breakdown and month."""

    indicators: pd.DataFrame

    def value(self, indicator: str, breakdown: str, month: int) -> float | None:
        """Return one measured value; none where it is not measured."""
        return self._values.get((indicator, breakdown, month))

    @cached_property
    def _values(self) -> dict[tuple[str, str, int], float]:
        table = self.indicators
        keys = zip(table["indicator"], table["breakdown"], table["month"].tolist(), strict=True)
        return dict(zip(keys, table["value"].tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Reached(Figures):
    """What became of a fixed plan."""

    scorecard: pd.DataFrame
    funded: Mapping[str, int]
    """Month in which each project was funded; those never funded are left out."""
    connections_fen: Mapping[str, int]
    """What connecting new subscribers took from each pot [fen]."""

    @property
    def met(self) -> tuple[str, ...]:
        """The targets met, in their order."""
        return tuple(self.scorecard.loc[self.scorecard["verdict"] == MET, "target_id"])


class Judge:
    """Judges fixed plans of one scenario: each costs one rollout without construction and one fold."""

    def __init__(self, prepared: Prepared, offered: Offered) -> None:
        self.prepared, self.offered = prepared, offered
        self.judged = 0
        """Plans judged so far."""

    @cached_property
    def projects(self) -> Projects:
        """Everything that was ever proposed."""
        return projects_of(self.offered.plan)

    def reached(self, works: Sequence[Work], budget: Budget) -> Reached:
        """Return what works reach with a budget, in their order, where nothing takes time to build."""
        scenario, ground, demand = self.prepared.scenario, self.prepared.ground, self.prepared.demand
        horizon, technologies = scenario.clock, self.offered.technologies
        purse = Purse(budget, horizon, self.offered.plan.places)
        subscribers = Subscribers(ground, demand, technologies, purse)
        subscribers.expect(works, {work.project_id: self.offered.units[work.project_id] for work in works})
        plan = FixedPlan(tuple(works), subscribers, self.offered.earliest, budget.lapsing)
        events = roll_out(plan, budget, scenario.rollout, horizon, Streams(scenario.seed, 0), {})
        self.judged += 1
        charged = events[events["event"] == "connected"].groupby("pot", sort=True)["spent_fen"].sum()
        indicators, scorecard = self.verdicts(events)
        return Reached(
            funded=dict(plan.funded),
            connections_fen={str(pot): int(fen) for pot, fen in charged.items()},
            indicators=indicators,
            scorecard=scorecard,
        )

    def verdicts(self, events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return indicators and scorecard of a log in which projects that were offered are activated."""
        prepared = self.prepared
        scenario, horizon = prepared.scenario, prepared.scenario.clock
        state = monthly_state(events, self.projects, prepared.demand, prepared.ground)
        indicators = compute_indicators(state, events, prepared.area, horizon, scenario.targets)
        return indicators, score_targets(indicators, prepared.targets, horizon, scenario.targets)
