"""The rolling plan: who is connected first, what is asked again, what is set aside."""

from __future__ import annotations

import numpy as np
import pytest

from sim.planning.rolling import RollingPlan, Setting
from sim.tables.plan import Progress
from tests.world import run, world

NOTHING = Progress({}, {})


@pytest.fixture
def setting():
    now = world()
    scenario = now.loaded.scenario
    return Setting(
        area=now.area,
        demand=now.prepared.demand,
        ground=now.prepared.ground,
        needs=now.prepared.needs,
        technologies=now.loaded.scenario.technologies.chosen(),
        planner=scenario.planning,
        budget=scenario.budget,
        horizon=scenario.clock,
    )


@pytest.fixture
def ftth():
    return world().technologies["ftth"]


def plenty(setting):
    return dict.fromkeys(setting.budget.pots, 10**13)


def spent_by_pot(step):
    spent: dict[str, int] = {}
    for charge in step.charges:
        spent[charge.pot] = spent.get(charge.pot, 0) + charge.amount_fen
    for work in step.works:
        spent[work.pot] = spent.get(work.pot, 0) + work.price_fen
    return spent


# ---- the plan


def test_a_month_without_release_only_connects(setting):
    plan = RollingPlan(setting)
    step = plan(1, NOTHING, plenty(setting), False)
    assert step.works == ()
    assert step.charges
    assert plan.decisions == []


def test_a_release_spends_no_more_than_each_pot_holds(setting):
    releases = setting.budget.releases(setting.horizon)
    plan = RollingPlan(setting)
    month = min(releases)
    step = plan(month, NOTHING, releases[month], True)
    for pot, spent in spent_by_pot(step).items():
        assert 0 < spent <= releases[month][pot]
    assert step.works, "the first release must build something"


def test_what_was_chosen_is_not_offered_again(setting):
    plan = RollingPlan(setting)
    first = plan(0, NOTHING, plenty(setting), True)
    second = plan(3, NOTHING, plenty(setting), True)
    names = [work.project_id for work in (*first.works, *second.works)]
    assert len(names) == len(set(names))
    bought = [asset for work in (*first.works, *second.works) for asset, _ in work.buys]
    assert len(bought) == len(set(bought))


def test_every_candidate_considered_leaves_a_row(setting):
    plan = RollingPlan(setting)
    step = plan(0, NOTHING, plenty(setting), True)
    (decisions,) = plan.decisions
    assert set(decisions.loc[decisions["chosen"], "project_id"]) == {work.project_id for work in step.works}
    assert (decisions["reason"] != "").all()
    offered = {name for proposal in plan.proposals.values() for name in proposal.candidates["project_id"]}
    assert set(decisions["project_id"]) <= offered


def test_nothing_unlicensed_is_considered(setting):
    plan = RollingPlan(setting)
    plan(0, NOTHING, plenty(setting), True)
    (decisions,) = plan.decisions
    assert set(decisions["technology"]) <= {"cable", "ftth", "lte", "transport", "wlan"}


def test_new_lte_sites_make_nbiot_ask_again(setting):
    plan = RollingPlan(setting)
    plan.ask(setting.technologies)
    hosts = set(plan.proposals["nbiot"].candidates["project_id"])
    step = plan(0, NOTHING, plenty(setting), True)
    assert any(work.technology == "lte" for work in step.works)
    licensed = setting.horizon.index("2017-07")
    plan(licensed, NOTHING, plenty(setting), True)
    assert len(plan.asked["nbiot"]) == 2
    assert len(plan.asked["lte"]) == 1
    assert set(plan.proposals["nbiot"].candidates["project_id"]) != hosts


def test_a_zone_is_passed_from_the_month_after_its_activation(setting):
    plan, same = RollingPlan(setting), RollingPlan(setting)
    works = plan(0, NOTHING, plenty(setting), True).works
    same(0, NOTHING, plenty(setting), True)
    first = next(work for work in works if work.technology == "ftth")
    activated = Progress({first.project_id: 1}, {})
    assert plan(1, activated, plenty(setting), False) == same(1, NOTHING, plenty(setting), False)
    opened = sum(charge.quantity for charge in plan(2, activated, plenty(setting), False).charges)
    closed = sum(charge.quantity for charge in same(2, NOTHING, plenty(setting), False).charges)
    assert opened > closed


def test_works_carry_what_the_rollout_needs(setting):
    plan = RollingPlan(setting)
    zones = setting.area.zones
    for work in plan(0, NOTHING, plenty(setting), True).works:
        assert work.prefecture == zones["prefecture"][work.zone]
        assert work.tasks
        assert work.price_fen > 0
        assert work.pot in setting.budget.pots


def test_connections_have_first_call_on_funds():
    """In every month of a run the charges come before the first work that is funded."""
    events = run().events
    for _, month in events.groupby("month"):
        kinds = month["event"].to_numpy()
        connected = np.flatnonzero(kinds == "connected")
        funded = np.flatnonzero(kinds == "funded")
        if len(connected) and len(funded):
            assert connected.max() < funded.min()
