"""The order of the stages: from a loaded scenario to everything a run leaves."""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.demand import estimate_demand
from sim.files import digest_of, sha256
from sim.geo.area import Area, read_area
from sim.geo.census import read_census
from sim.geo.network import own_network
from sim.geo.standing import Standing, infer_standing
from sim.indicators.money import present_value_fen, spending
from sim.indicators.needs import open_needs
from sim.indicators.registry import compute_indicators
from sim.indicators.scorecard import score_targets
from sim.indicators.targets import read_targets, targets_of
from sim.planning.asked import projects_of
from sim.planning.funding import funding_of
from sim.planning.projects import join
from sim.planning.rolling import RollingPlan, Setting
from sim.radio.months import RadioResult, measure_networks
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.invariants import check_state
from sim.rollout.on_air import Built, networks_on_air
from sim.rollout.options import crews_of
from sim.rollout.state import monthly_state
from sim.store import Run
from sim.tables.ground import Ground
from sim.technologies.radio import RadioNetwork

if TYPE_CHECKING:
    from sim.indicators.targets import Target
    from sim.planning.base import Budget
    from sim.scenario.load import LoadedScenario
    from sim.scenario.schema import Scenario
    from sim.tables.demand import Demand
    from sim.tables.results import MonthlyState
    from sim.technologies import Technology

log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]
INVARIANTS = (
    "No project is funded twice and no asset is bought twice.",
    "Money committed and spent never exceeds the money released, pot by pot, at every event.",
    "No project serves before it is activated, and none is activated before its last task.",
    "A project that requires another is never activated before it.",
    "Homes passed never exceed homes.",
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
class Prepared:
    """Everything that is the same in every replication."""

    scenario: Scenario
    budget: Budget
    area: Area
    standing: Standing
    demand: Demand
    ground: Ground
    targets: tuple[Target, ...]
    needs: pd.DataFrame


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
    with stages.stage("scorecard", 0.88):
        return _conclude(loaded, prepared, outcomes, stages, cached)


def _part(on_progress: Progress | None, begin: float, width: float) -> Progress | None:
    """Return a callback that maps a stage's own progress into the run's."""
    if on_progress is None:
        return None
    return lambda name, done: on_progress(name, begin + width * done)


def prepare(loaded: LoadedScenario, area: Area) -> Prepared:
    """Return what every replication starts from: standing network, demand, needs, land."""
    scenario, horizon = loaded.scenario, loaded.scenario.clock
    area, standing = own_network(area, scenario.standing, infer_standing(area, scenario.standing))
    hosts = area.locations["standing"].to_numpy().copy()
    for rows in standing.site_locations.values():
        hosts[rows] = True
    area = replace(area, locations=area.locations.assign(standing=hosts))
    computed = _covered(area, standing, scenario.technologies.chosen())
    standing = replace(standing, covered_points={**standing.covered_points, **computed})
    demand = estimate_demand(area.zones["kind"].to_numpy(dtype=str), scenario.demand, horizon)
    ground = ground_of(area, standing, demand, scenario)
    every = read_targets(Path(scenario.targets.table))
    targets = targets_of(every, scenario.province, scenario.targets)
    return Prepared(
        scenario=scenario,
        budget=budget_of(area, scenario),
        area=area,
        standing=standing,
        demand=demand,
        ground=ground,
        targets=targets,
        needs=open_needs(targets, horizon, scenario.targets),
    )


def _covered(
    area: Area, standing: Standing, technologies: Mapping[str, Technology]
) -> dict[str, NDArray[np.bool_]]:
    """Return the points that each radio network of month 0 covers, computed as those of new sites are."""
    return {
        name: technology.served_points(area, standing.site_locations[name], standing.sectors)
        for name, technology in technologies.items()
        if isinstance(technology, RadioNetwork) and name in standing.site_locations
    }


def share_of_province(area: Area, scenario: Scenario) -> float:
    """Return the part of the province's residents of 2010 that lives in the area; 1 without a choice."""
    if not scenario.geodata.counties:
        return 1.0
    province = int(read_census(scenario.province)["population_2010"].sum())
    return int(area.zones["population_2010"].sum()) / province


def budget_of(area: Area, scenario: Scenario) -> Budget:
    """Return the money of the area: a choice of counties has the province's by residents."""
    scale = scenario.budget.scale * share_of_province(area, scenario)
    return scenario.budget.model_copy(update={"scale": scale})


def ground_of(area: Area, standing: Standing, demand: Demand, scenario: Scenario) -> Ground:
    """Return the land and month 0 as arrays."""
    horizon = scenario.clock
    homes, population = area.homes(horizon), area.population(horizon)
    zones = len(area.zones)
    share, mbps = {}, {}
    for name, part in standing.table.groupby("technology", sort=True):
        share[str(name)], mbps[str(name)] = np.zeros(zones), np.zeros(zones)
        share[str(name)][part["zone"]] = part["homes_share"]
        mbps[str(name)][part["zone"]] = part["capability_mbps"]
    point_zone = area.points["zone"].to_numpy()
    return Ground(
        homes=homes,
        population=population,
        point_zone=point_zone,
        point_people=area.points["population"].to_numpy(),
        location_count=len(area.locations),
        standing_share=share,
        standing_mbps=mbps,
        standing_subscribers=_standing_subscribers(
            share, homes[0], demand, scenario.standing.ftth_subscribers
        )
        | dict(standing.subscribers),
        standing_points=standing.covered_points,
        standing_sites=standing.site_locations,
    )


def _standing_subscribers(
    share: Mapping[str, NDArray[np.float64]], homes: NDArray[np.int32], demand: Demand, on_fibre: float
) -> dict[str, NDArray[np.float64]]:
    """Return subscribers of month 0: the willing among the homes passed, split between fibre and copper."""
    none = np.zeros(len(homes))
    fibre, copper = share.get("ftth", none), share.get("dsl", none)
    willing = demand.fixed_willing[0][demand.zone_kind] * homes
    total = np.minimum(willing, np.maximum(fibre, copper) * homes)
    mine = np.minimum(total * on_fibre, fibre * homes)
    return {"ftth": mine, "dsl": total - mine}


def _replicate(prepared: Prepared, replication: int, stages: Stages, begin: float, width: float) -> Outcome:
    """Return one replication: plan and build month by month, check, fold, measure."""
    scenario, horizon = prepared.scenario, prepared.scenario.clock
    plan = RollingPlan(
        Setting(
            area=prepared.area,
            demand=prepared.demand,
            ground=prepared.ground,
            needs=prepared.needs,
            technologies=_licensed(scenario),
            planner=scenario.planning,
            budget=prepared.budget,
            horizon=horizon,
            replication=replication,
        )
    )
    zones = prepared.area.zones
    people = zones.groupby("prefecture", sort=True)["population_2010"].sum()
    with stages.stage("proposals", begin):
        plan.ask(plan.setting.technologies)
    with stages.stage("planning and building", begin + 0.1 * width):
        events = roll_out(
            plan,
            prepared.budget,
            scenario.rollout,
            horizon,
            Streams(scenario.seed, replication),
            crews_of(scenario.rollout, {str(name): int(count) for name, count in people.items()}),
        )
    with stages.stage("state", begin + 0.65 * width):
        state = monthly_state(
            events,
            projects_of(plan),
            prepared.demand,
            prepared.ground,
        )
        check_state(state)
    radio = None
    if replication == 0:
        with stages.stage("radio networks", begin + 0.7 * width):
            radio = measure_radio(prepared, Built(state, events, projects_of(plan)))
            state = replace(state, radio=radio.radio)
    with stages.stage("indicators", begin + 0.8 * width):
        indicators = compute_indicators(state, events, prepared.area, horizon, scenario.targets, replication)
    decisions = pd.concat(plan.decisions, ignore_index=True) if plan.decisions else _no_decisions()
    return Outcome(
        events=events, decisions=decisions, state=state, plan=plan, indicators=indicators, radio=radio
    )


def measure_radio(prepared: Prepared, built: Built) -> RadioResult:
    """Return what the radio networks of a replication give month by month."""
    networks = networks_on_air(
        prepared.area,
        prepared.scenario.technologies.chosen(),
        built,
        prepared.demand,
        prepared.standing.sectors,
    )
    return measure_networks(prepared.area, networks, prepared.scenario.radio)


def _licensed(scenario: Scenario) -> dict[str, Technology]:
    """Return the technologies that may be funded before the horizon ends."""
    return {
        name: technology
        for name, technology in scenario.technologies.chosen().items()
        if scenario.clock.index(technology.available_from) < scenario.clock.months
    }


def _no_decisions() -> pd.DataFrame:
    from sim.tables.plan import DECISIONS

    return DECISIONS.empty()


def _conclude(
    loaded: LoadedScenario, prepared: Prepared, outcomes: list[Outcome], stages: Stages, cached: bool
) -> Run:
    """Return the run with its scorecard, its money and where everything came from."""
    scenario, horizon = loaded.scenario, loaded.scenario.clock
    indicators = pd.concat([outcome.indicators for outcome in outcomes], ignore_index=True)
    events = pd.concat([outcome.events for outcome in outcomes], ignore_index=True)
    first = outcomes[0]
    inputs = {name: sha256(path) for name, path in loaded.inputs.items()}
    inputs["geography"] = digest_of([layer.sha256 for layer in prepared.area.layers])
    return Run(
        name=scenario.name,
        title=scenario.title,
        question=scenario.question,
        variant=loaded.variant,
        province=scenario.province,
        seed=scenario.seed,
        horizon=horizon,
        resolved=loaded.resolved,
        resolved_yaml=loaded.resolved_yaml,
        inputs=inputs,
        area=prepared.area,
        events=events,
        decisions=pd.concat([outcome.decisions for outcome in outcomes], ignore_index=True),
        candidates=join([versions[0] for versions in first.plan.asked.values()]).candidates,
        states=tuple(outcome.state for outcome in outcomes),
        radio=first.radio or RadioResult.nothing(),
        indicators=indicators,
        spending=spending(events),
        scorecard=score_targets(indicators, prepared.targets, horizon, scenario.targets),
        funding=funding_of(first.plan, first.events),
        parameters_used=loaded.parameters_used,
        policy_inputs=scenario.policy_inputs,
        notes=notes_of(loaded, prepared, first.events),
        invariants=INVARIANTS,
        timings=dict(stages.seconds),
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    )


def notes_of(loaded: LoadedScenario, prepared: Prepared, events: pd.DataFrame) -> tuple[str, ...]:
    """Return what a reader of the results should know."""
    notes = [str(notice) for notice in loaded.notices]
    notes.extend(prepared.standing.notices.values())
    if prepared.scenario.geodata.counties:
        share = share_of_province(prepared.area, prepared.scenario)
        notes.append(f"The counties chosen hold {share:.1%} of the province's residents and of its budget.")
    money = prepared.scenario.money
    worth = present_value_fen(spending(events), money.discount_rate) / 1e11
    notes.append(
        f"Money spent is worth {worth:.3f} bn yuan at the start, at {money.discount_rate:.1%} a year "
        f"(prices of {money.price_year})."
    )
    return tuple(notes)
