"""The phases of a run, each with what it needs and how its work is counted.

A ``Bench`` runs a phase's forerunners once and keeps their results, so that each phase is timed alone on
the very input that a run would give it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.cases.base import Case
from sim import study
from sim.clock import Horizon
from sim.geo.area import Area, read_area
from sim.geo.build import build_layers
from sim.geo.sources import read_sources
from sim.indicators import compute_indicators
from sim.planning.base import Choice, Planner, Question
from sim.planning.projects import join
from sim.planning.rolling import RollingPlan, Setting
from sim.radio.months import NEVER, RadioResult, measure_networks
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.on_air import Built, networks_on_air
from sim.rollout.options import crews_of
from sim.rollout.state import monthly_state
from sim.scenario.load import LoadedScenario
from sim.store import Run, save_run
from sim.tables.plan import Progress, Step
from sim.tables.results import MonthlyState

Work = dict[str, int]
"""Exact counts of what was done: they do not depend on the machine."""


class Listener:
    """A planner that remembers the questions it was asked and answers as the scenario's planner does."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.questions: list[Question] = []

    def choose(self, question: Question) -> Choice:
        """Return the planner's choice."""
        # the plan goes on to change the arrays that it asked with
        self.questions.append(replace(question, situation=deepcopy(question.situation)))
        return self.planner.choose(question)


class Recorder:
    """A plan step that remembers its answers, so that the rollout can be run again without planning."""

    def __init__(self, plan: RollingPlan) -> None:
        self.plan = plan
        self.steps: dict[int, Step] = {}

    def __call__(
        self, month: int, activated: Mapping[str, int], funds: Mapping[str, int], release: bool
    ) -> Step:
        self.steps[month] = self.plan(month, activated, funds, release)
        return self.steps[month]

    def replay(self, month: int, *_: Any) -> Step:
        """Return the answer remembered for a month."""
        return self.steps[month]


class Bench:
    """One case, with the results of each phase made on first need."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._folder = tempfile.TemporaryDirectory(prefix="rollout-bench-")

    @cached_property
    def loaded(self) -> LoadedScenario:
        return self.case.load()

    @property
    def horizon(self) -> Horizon:
        return self.loaded.scenario.clock

    @cached_property
    def prepared(self) -> study.Prepared:
        scenario = self.loaded.scenario
        area, _ = read_area(scenario.province, scenario.geodata)
        return study.prepare(self.loaded, area)

    @property
    def area(self) -> Area:
        return self.prepared.area

    def new_plan(self, planner: Any = None) -> RollingPlan:
        """Return a plan that has not been asked anything."""
        scenario = self.loaded.scenario
        return RollingPlan(
            Setting(
                area=self.area,
                demand=self.prepared.demand,
                ground=self.prepared.ground,
                needs=self.prepared.needs,
                technologies=scenario.technologies.chosen(),
                planner=planner or scenario.planning,
                budget=scenario.budget,
                horizon=self.horizon,
                routes=self.prepared.routes,
            )
        )

    @cached_property
    def question(self) -> Question:
        """What the planner is asked at the first release."""
        listener = Listener(self.loaded.scenario.planning)
        releases = self.loaded.scenario.budget.releases(self.horizon)
        month = min(releases)
        self.new_plan(listener)(month, Progress({}, {}), releases[month], True)
        return listener.questions[0]

    def crews(self) -> dict[tuple[str, str], int]:
        """Return the crews of the case."""
        people = self.area.zones.groupby("prefecture", sort=True)["population_2010"].sum()
        return crews_of(
            self.loaded.scenario.rollout, {str(name): int(count) for name, count in people.items()}
        )

    def build(self, step: Any) -> Any:
        """Return the events of a rollout that asks this plan step."""
        scenario = self.loaded.scenario
        return roll_out(
            step, scenario.budget, scenario.rollout, self.horizon, Streams(scenario.seed, 0), self.crews()
        )

    @cached_property
    def recorded(self) -> tuple[Recorder, Any]:
        """The whole rollout with planning: its answers month by month, and its events."""
        recorder = Recorder(self.new_plan())
        return recorder, self.build(recorder)

    @cached_property
    def state(self) -> MonthlyState:
        recorder, events = self.recorded
        return monthly_state(
            events, study.projects_of(recorder.plan), self.prepared.demand, self.prepared.ground
        )

    @cached_property
    def run(self) -> Run:
        return study.simulate(self.loaded)

    @property
    def folder(self) -> Path:
        """A folder that goes away with the bench."""
        return Path(self._folder.name) / "run"


@dataclass(frozen=True)
class Phase:
    """One stage to time."""

    name: str
    prepare: Callable[[Bench], Callable[[], Any]]
    """Return the call to time; what it needs is made before."""
    count: Callable[[Bench, Any], Work]
    """Count the work from the result of the call."""


def _area(bench: Bench) -> Callable[[], Any]:
    scenario = bench.loaded.scenario

    def build() -> Any:
        sources = read_sources(scenario.province, scenario.geodata)
        return build_layers(sources, scenario.geodata, lambda stage, share: None)

    return build


def _propose(bench: Bench) -> Callable[[], Any]:
    def ask() -> RollingPlan:
        plan = bench.new_plan()
        plan.ask(plan.setting.technologies)
        return plan

    assert bench.prepared
    return ask


def _count_proposals(bench: Bench, plan: RollingPlan) -> Work:
    proposal = join(plan.proposals.values())
    return {
        "candidates": len(proposal.candidates),
        "assets": len(proposal.assets),
        "service_rows": len(proposal.service),
    }


def _plan(bench: Bench) -> Callable[[], Any]:
    question, planner = bench.question, bench.loaded.scenario.planning
    return lambda: planner.choose(question)


def _count_choice(bench: Bench, choice: Choice) -> Work:
    return {"considered": len(choice.decisions), "chosen": len(choice.chosen)}


def _roll_out(bench: Bench) -> Callable[[], Any]:
    recorder, _ = bench.recorded
    return lambda: bench.build(recorder.replay)


def _count_events(bench: Bench, events: Any) -> Work:
    kinds = events["event"].value_counts()
    wanted = ("funded", "started", "delayed", "finished", "activated")
    return {"events": len(events), **{kind: int(kinds.get(kind, 0)) for kind in wanted}}


def _fold(bench: Bench) -> Callable[[], Any]:
    recorder, events = bench.recorded
    projects = study.projects_of(recorder.plan)
    prepared = bench.prepared
    return lambda: monthly_state(events, projects, prepared.demand, prepared.ground)


def _count_state(bench: Bench, state: MonthlyState) -> Work:
    return {
        "cells": state.homes_passed.size,
        "homes_passed_at_end": int(state.homes_passed[-1].sum(dtype="int64")),
    }


def _radio(bench: Bench) -> Callable[[], Any]:
    recorder, events = bench.recorded
    prepared, scenario = bench.prepared, bench.loaded.scenario
    built = Built(bench.state, events, study.projects_of(recorder.plan))
    chosen, sectors = scenario.technologies.chosen(), prepared.standing.sectors

    def follow() -> RadioResult:
        networks = networks_on_air(bench.area, chosen, built, prepared.demand, sectors)
        return measure_networks(bench.area, networks, scenario.radio)

    return follow


def _count_radio(bench: Bench, found: RadioResult) -> Work:
    return {
        "rows": len(found.radio),
        "cells_on_air": len(found.cells),
        "pixels_covered": sum(int((maps.first_month != NEVER).sum()) for maps in found.maps.values()),
    }


def _indicators(bench: Bench) -> Callable[[], Any]:
    _, events = bench.recorded
    state, options = bench.state, bench.loaded.scenario.targets
    return lambda: compute_indicators(state, events, bench.area, bench.horizon, options, 0)


def _simulate(bench: Bench) -> Callable[[], Any]:
    assert bench.prepared  # geography is in the cache
    return lambda: study.simulate(bench.loaded)


def _save(bench: Bench) -> Callable[[], Any]:
    run = bench.run
    return lambda: save_run(run, bench.folder)


def _count_bytes(bench: Bench, _: Any) -> Work:
    tables = [path for path in bench.folder.iterdir() if path.suffix == ".parquet"]
    return {"tables": len(tables), "table_bytes": sum(path.stat().st_size for path in tables)}


_ALL = (
    Phase(
        "area",
        _area,
        lambda bench, layers: {name: len(layers[name]) for name in ("zones", "points", "places")},
    ),
    Phase("propose", _propose, _count_proposals),
    Phase("plan", _plan, _count_choice),
    Phase("rollout", _roll_out, _count_events),
    Phase("state", _fold, _count_state),
    Phase("radio", _radio, _count_radio),
    Phase("indicators", _indicators, lambda bench, frame: {"rows": len(frame)}),
    Phase(
        "simulate", _simulate, lambda bench, run: {"events": len(run.events), "decisions": len(run.decisions)}
    ),
    Phase("save", _save, _count_bytes),
)
PHASES: Mapping[str, Phase] = MappingProxyType({phase.name: phase for phase in _ALL})
"""Every phase by name, in the order of a run; ``simulate`` is all of them but ``area`` and ``save``."""


def measure(bench: Bench, phase: Phase) -> dict[str, Any]:
    """Return the seconds of each repeat of a phase (least first) and its work, which must not vary."""
    call = phase.prepare(bench)
    seconds, works = [], []
    for _ in range(bench.case.repeats):
        start = time.perf_counter()
        result = call()
        seconds.append(round(time.perf_counter() - start, 6))
        works.append(phase.count(bench, result))
    if any(work != works[0] for work in works):
        raise RuntimeError(f"{bench.case.name}: {phase.name} did not do the same work twice: {works}")
    return {"seconds": sorted(seconds), "work": works[0]}
