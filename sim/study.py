"""The order of the stages: from a loaded scenario to everything a run leaves."""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.ensemble import Ensemble, Folded, draw_demand
from sim.files import digest_of, sha256
from sim.geo.area import read_area
from sim.indicators.cash import finance_of
from sim.indicators.construction import left_out_of
from sim.indicators.delays import delays_of
from sim.indicators.earnings import Earnings
from sim.indicators.economy import economy_of
from sim.indicators.money import spending
from sim.indicators.outlays import Outlays
from sim.indicators.registry import compute_indicators
from sim.indicators.scorecard import score_targets
from sim.notes import notes_of
from sim.planning.asked import projects_of
from sim.planning.funding import funding_of
from sim.planning.holdings import holdings_of, price_levels
from sim.planning.joint import JointPlan
from sim.planning.ledger import ledger_of
from sim.planning.projects import join
from sim.planning.rolling import RollingPlan
from sim.plans.ceiling import ceiling_of
from sim.plans.closing import Ran, RunClosing
from sim.prepare import Prepared, crews_there, prepare, setting_of
from sim.radio.months import RadioResult, measure_networks
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.invariants import check_state
from sim.rollout.on_air import Built, networks_on_air
from sim.rollout.state import monthly_state, without_money
from sim.store import Run
from sim.tables.decisions import DECISIONS, RELEASES
from sim.tables.finance import FINANCE

if TYPE_CHECKING:
    from sim.scenario.load import LoadedScenario
    from sim.tables.finance import Finance
    from sim.tables.ground import Projects
    from sim.tables.results import MonthlyState

log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]
INVARIANTS = (
    "No project is funded twice and no asset is bought twice.",
    "Money committed and spent never exceeds the money released, pot by pot, at every event.",
    "No project serves before it is activated, and none is activated before its last task.",
    "A project that requires another is never activated before it.",
    "Subscribers never exceed homes connected, nor these the homes passed, nor these the homes.",
    "The shares of those who use an asset sum to its price.",
)


@dataclass
class Stages:
    """Times the stages and tells the user how far the run is."""

    on_progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, done: float) -> Iterator[None]:
        """Time one stage; ``done`` is the share of the run finished when it begins."""
        if self.on_progress:
            self.on_progress(name, done)
        start = time.perf_counter()
        yield
        spent = time.perf_counter() - start
        self.seconds[name] = self.seconds.get(name, 0.0) + spent
        log.info("%s: %.2f s", name, spent)


@dataclass(frozen=True, eq=False)
class Outcome:
    """One replication."""

    events: pd.DataFrame
    decisions: pd.DataFrame
    state: MonthlyState
    plan: RollingPlan
    indicators: pd.DataFrame
    radio: RadioResult | None
    """The radio networks month by month; replication 0 alone has them."""
    projects: Projects
    """Everything that was proposed."""

    @property
    def releases(self) -> pd.DataFrame:
        """How good each choice was."""
        releases = self.plan.releases
        return pd.concat(releases, ignore_index=True) if releases else RELEASES.empty()

    def finance_table(self) -> pd.DataFrame:
        """Return what each zone costs and earns."""
        found = self.state.finance
        return FINANCE.empty() if found is None else found.table


def simulate(loaded: LoadedScenario, on_progress: Progress | None = None) -> Run:
    """Return the run of a scenario: every stage once, planning to state once a replication.

    Raises ``SimError`` (``DataError``, ``PlanError``, ``RolloutError``) with what is wrong and its cure.
    """
    stages = Stages(on_progress)
    with stages.stage("geography", 0.0):
        area, cached = read_area(
            loaded.scenario.province, loaded.scenario.geodata, on_progress=_part(on_progress, 0.0, 0.4)
        )
    with stages.stage("standing network and demand", 0.4):
        prepared = prepare(loaded, area)
    outcomes = []
    count = loaded.scenario.replications
    for replication in range(count):
        begin = 0.45 + 0.4 * replication / count
        outcomes.append(_replicate(prepared, replication, stages, begin, 0.4 / count))
    first = outcomes[0]
    with stages.stage("draws of demand", 0.86):
        ensemble = draw_demand(loaded, prepared, Folded(first.events, first.projects, first.indicators))
    with stages.stage("scorecard", 0.88):
        return _conclude(loaded, prepared, outcomes, ensemble, stages, cached)


def _part(on_progress: Progress | None, begin: float, width: float) -> Progress | None:
    """Return a callback that maps a stage's own progress into the run's."""
    if on_progress is None:
        return None
    return lambda name, done: on_progress(name, begin + width * done)


def _replicate(prepared: Prepared, replication: int, stages: Stages, begin: float, width: float) -> Outcome:
    """Return one replication: plan and build month by month, check, fold, measure."""
    scenario, horizon = prepared.scenario, prepared.scenario.clock
    plan = plan_of(prepared, replication)
    with stages.stage("proposals", begin):
        plan.check()
    with stages.stage("planning and building", begin + 0.1 * width):
        events = roll_out(
            plan,
            prepared.budget,
            scenario.rollout,
            horizon,
            Streams(scenario.seed, replication),
            crews_there(prepared),
        )
    with stages.stage("state", begin + 0.65 * width):
        projects = projects_of(plan)
        state = monthly_state(events, projects, prepared.demand, prepared.ground)
        check_state(state)
    with stages.stage("finance", begin + 0.68 * width):
        state = replace(state, finance=_finance(prepared, plan, projects, events, state))
    radio = None
    if replication == 0:
        with stages.stage("radio networks", begin + 0.7 * width):
            radio = measure_radio(prepared, Built(state, events, projects))
            state = replace(state, radio=radio.radio)
    decisions = pd.concat(plan.decisions, ignore_index=True) if plan.decisions else DECISIONS.empty()
    left_out = left_out_of(decisions, horizon.months)
    state = replace(state, left_out=left_out, feeders=prepared.routes.feeders())
    with stages.stage("indicators", begin + 0.8 * width):
        indicators = compute_indicators(state, events, prepared.area, horizon, scenario.targets, replication)
    return Outcome(
        events=events,
        decisions=decisions,
        state=state,
        plan=plan,
        indicators=indicators,
        radio=radio,
        projects=projects,
    )


def plan_of(prepared: Prepared, replication: int = 0) -> RollingPlan:
    """Return the plan of a replication: of the province as one network, or of its operators."""
    scenario, setting = prepared.scenario, setting_of(prepared, replication)
    if scenario.operators.each:
        return JointPlan(setting, operators=scenario.operators)
    return RollingPlan(setting)


def _finance(
    prepared: Prepared, plan: RollingPlan, projects: Projects, events: pd.DataFrame, state: MonthlyState
) -> Finance:
    """Return what the money of a replication costs and earns."""
    options = prepared.scenario.finance
    alone = without_money(events, projects, prepared.demand, prepared.ground)
    held = holdings_of(plan, events, projects)
    levels = price_levels(plan, prepared.scenario.clock.months + options.months_after)
    return finance_of(
        Outlays(events, state, projects, prepared.ground, held, options, levels),
        Earnings(state, alone, options, prepared.scenario.clock),
    )


def measure_radio(prepared: Prepared, built: Built) -> RadioResult:
    """Return what the radio networks of a replication give month by month."""
    networks = networks_on_air(
        prepared.area,
        prepared.scenario.technologies.chosen(),
        built,
        prepared.demand,
        prepared.standing.sectors,
        tuple(prepared.scenario.operators.each),
    )
    return measure_networks(prepared.area, networks, prepared.scenario.radio)


def ranges_of(loaded: LoadedScenario, section: str) -> dict[str, tuple[float, float]]:
    """Return low and high end of the rows of the parameter table that a section of a scenario names."""
    rows = {row.name: row for row in loaded.parameters_used}
    found = {}
    for key, name in loaded.resolved[section].items():
        row = rows.get(name) if isinstance(name, str) else None
        if row is not None and row.low is not None and row.high is not None:
            found[key] = (row.low, row.high)
    return found


def _conclude(
    loaded: LoadedScenario,
    prepared: Prepared,
    outcomes: list[Outcome],
    ensemble: Ensemble,
    stages: Stages,
    cached: bool,
) -> Run:
    """Return the run with its scorecard, its money and where everything came from."""
    scenario, horizon = loaded.scenario, loaded.scenario.clock
    indicators = pd.concat([outcome.indicators for outcome in outcomes], ignore_index=True)
    events = pd.concat([outcome.events for outcome in outcomes], ignore_index=True)
    decisions = pd.concat([outcome.decisions for outcome in outcomes], ignore_index=True)
    first = outcomes[0]
    delays = delays_of(events, decisions, prepared.area.zones, horizon)
    ceiling = ceiling_of(prepared, first.plan)
    closing = None
    if ceiling is not None:
        ran = Ran(first.indicators, first.decisions, delays[delays["replication"] == 0])
        closing = RunClosing(*ceiling, ran)
    return Run(
        **_head(loaded, prepared),
        events=events,
        decisions=decisions,
        releases=pd.concat([outcome.releases for outcome in outcomes], ignore_index=True),
        candidates=join([versions[0] for versions in first.plan.asked.values()]).candidates,
        states=tuple(outcome.state for outcome in outcomes),
        radio=first.radio or RadioResult.nothing(),
        routes=prepared.routes,
        assets=ledger_of(first.plan, first.events),
        indicators=indicators,
        spending=spending(events),
        delays=delays,
        finance=first.finance_table(),
        scorecard=score_targets(
            indicators, prepared.targets, horizon, scenario.targets, ensemble.draws, closing
        ),
        draws=ensemble.draws,
        drawn=ensemble.facts,
        economy=economy_of(
            indicators, scenario.province, horizon, scenario.economy, ranges_of(loaded, "economy")
        ),
        funding=funding_of(first.plan, first.events),
        notes=notes_of(loaded, prepared, first.plan, first.events, None if ceiling is None else ceiling[1]),
        invariants=INVARIANTS,
        timings=dict(stages.seconds),
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    )


def _head(loaded: LoadedScenario, prepared: Prepared) -> dict[str, Any]:
    """Return what a run says of its scenario, and the digests of what it read."""
    scenario = loaded.scenario
    inputs = {name: sha256(path) for name, path in loaded.inputs.items()}
    inputs["geography"] = digest_of([layer.sha256 for layer in prepared.area.layers])
    return {
        "name": scenario.name,
        "title": scenario.title,
        "question": scenario.question,
        "variant": loaded.variant,
        "province": scenario.province,
        "seed": scenario.seed,
        "horizon": scenario.clock,
        "resolved": loaded.resolved,
        "resolved_yaml": loaded.resolved_yaml,
        "inputs": inputs,
        "area": prepared.area,
        "parameters_used": loaded.parameters_used,
        "policy_inputs": scenario.policy_inputs,
    }
