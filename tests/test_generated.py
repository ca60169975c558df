"""Generated scenarios: whatever money, crews, weather and luck, what must hold at every event holds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from sim.planning.asked import projects_of
from sim.planning.pots import Budget
from sim.planning.rolling import RollingPlan, Setting
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.invariants import check_state
from sim.rollout.options import FIELD_SKILLS, Crews, RolloutOptions
from sim.rollout.state import monthly_state
from sim.tables.base import Table
from tests.world import world

EXAMPLES = 500
LAST = ("2014-05", "2014-12", "2015-06")
TECHNOLOGIES = ("ftth", "cable", "lte", "satellite", "transport")
KINDS = ("city", "town", "village")


@cache
def small(last=LAST[0]):
    """Return the world of the generated scenarios that end in a month."""
    return world(("horizon.last", last), zones=12)


@pytest.fixture(scope="module", autouse=True)
def _proposed_once():
    """What technologies that react to nothing propose depends on the land alone: they are asked once."""
    with pytest.MonkeyPatch.context() as patch:
        for technology in small().technologies.values():
            if technology.name in TECHNOLOGIES and not technology.reacts_to:
                patch.setattr(type(technology), "propose", _kept(type(technology).propose))
        # contracts have tests of their own; here they would be checked ten thousand times
        patch.setattr(Table, "check", lambda table, frame: frame)
        yield


def _kept(propose):
    known = {}

    def once(self, area, demand, plant, horizon):
        key = (self.name, horizon)
        if key not in known:
            known[key] = propose(self, area, demand, plant, horizon)
        return known[key]

    return once


shares = st.sampled_from([0.0, 0.1, 0.4])
months = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True).map(tuple)
some = st.lists(st.sampled_from(TECHNOLOGIES), max_size=3, unique=True).map(tuple)
kinds = st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple)


@st.composite
def pots(draw):
    """One to four pots; only the first may take what is left, so that any shares fit."""
    found = {"rest": {}}
    for number in range(draw(st.integers(0, 3))):
        pot = {
            "share": draw(st.sampled_from([0.05, 0.2, 0.3])),
            "on_top": draw(st.booleans()),
            "technologies": draw(some),
            "kinds": draw(kinds),
        }
        if draw(st.integers(0, 2)) == 0:
            pot["matching"] = {"share": draw(st.sampled_from([0.2, 0.3, 1.0])), "opex_years": 6.0}
        elif draw(st.integers(0, 3)) == 0:
            stone = {"technology": "ftth", "projects": draw(st.integers(1, 6)), "share": 0.5}
            pot["milestones"] = [stone]
        found[f"p{number}"] = pot
    for pot in found.values():
        pot["release_months"] = draw(months)
        pot["carry_over"] = draw(st.booleans())
        pot["advance_months"] = draw(st.sampled_from([0, 0, 3, 12]))
    return found


@st.composite
def building(draw):
    """Crews from hardly any to many, seasons, rests, ways, shortages, failures, hiring and lending."""
    crews = {skill: draw(st.sampled_from([20.0, 200.0, 5000.0])) for skill in FIELD_SKILLS}
    options = {"crews": Crews(**crews), "seasons": {}, "spread": draw(st.sampled_from([0.0, 1.0, 2.0]))}
    if draw(st.booleans()):
        season = {"months": draw(months), "productivity": draw(st.sampled_from([0.0, 0.3, 1.0]))}
        options["seasons"] = {"rain": season | {"above_m": draw(st.sampled_from([-100.0, 100.0]))}}
    if draw(st.booleans()):
        options["calendar"] = {"country": "CN", "pause_before": 7.0, "pause_after": 10.0}
    if draw(st.booleans()):
        options["travel"] = {"speed": 30.0, "route_factor": 1.4, "hours": 8.0}
    if draw(st.booleans()):
        window = {"first_month": "2014-03", "last_month": "2014-09"}
        options["shortages"] = {"cable": window | {"most_per_month": draw(st.integers(0, 3))}}
    if draw(st.booleans()):
        options["failures"] = {"permit refused": {"chance": draw(st.sampled_from([0.05, 0.5, 1.0]))}}
        options["refund"] = draw(st.sampled_from(["return", "lapse"]))
    if draw(st.booleans()):
        options["hire"] = {"queue_days": 5.0, "lead_time": 10.0, "factor": 3.0}
    if draw(st.booleans()):
        options["lend"] = {"queue_days": 3.0, "mobilisation": 5.0}
    return RolloutOptions.model_validate(options)


def plan_of(budget, last):
    made, prepared = small(last), small(last).prepared
    return RollingPlan(
        Setting(
            area=prepared.area,
            demand=prepared.demand,
            ground=prepared.ground,
            needs=prepared.needs,
            technologies={name: made.technologies[name] for name in TECHNOLOGIES},
            planner=made.loaded.scenario.planning,
            budget=budget,
            horizon=made.loaded.scenario.clock,
            routes=prepared.routes,
            places=prepared.places,
        )
    )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    money=pots(),
    scale=st.sampled_from([0.0, 0.05, 1.0, 20.0]),
    options=building(),
    last=st.sampled_from(LAST),
    seed=st.integers(0, 2**32),
)
def test_invariants_hold_at_every_event_and_in_every_month(money, scale, options, last, seed):
    given_budget = small().loaded.scenario.budget.model_dump() | {"pots": money, "scale": scale}
    budget = Budget.model_validate(given_budget)
    plan = plan_of(budget, last)
    plan.check()
    people = small().area.zones.groupby("prefecture", sort=True)["population_2010"].sum()
    crews = {
        (str(name), skill): max(1, round(getattr(options.crews, skill) * int(count) / 1e6))
        for name, count in people.items()
        for skill in FIELD_SKILLS
    }
    # the log is held to its invariants as it comes out; a broken one raises
    events = roll_out(plan, budget, options, plan.setting.horizon, Streams(seed), crews)
    projects = projects_of(plan)
    state = monthly_state(events, projects, plan.setting.demand, plan.setting.ground)
    check_state(state)
    happened = set(events["event"])
    for kind in ("activated", "cancelled", "matched", "paid", "lapsed", "crews"):
        if kind in happened:
            event(kind)
    if scale == 0.0:
        assert not happened & {"funded", "bought", "connected", "activated"} or not events["spent_fen"].any()
        assert events["committed_fen"].sum() == 0
    assert events["spent_fen"].sum() <= events["released_fen"].sum()
    active = events.loc[events["event"] == "activated", "project_id"]
    assert np.isin(active, events.loc[events["event"] == "funded", "project_id"]).all()
    assert not set(active) & set(events.loc[events["event"] == "cancelled", "project_id"])
