"""What not even everything built would reach."""

from dataclasses import replace

import numpy as np
import pytest

from sim.plans.ceiling import (
    LUCKIEST,
    earliest_service,
    everything,
    grows,
    most_of,
    shortest_days,
    unreachable,
)
from sim.plans.reach import Judge
from sim.tables.plan import Task
from tests.plans.worlds import opened, plan

SMALL = {"zones": 24}


def test_no_plan_exceeds_what_everything_reaches():
    made = plan(("budget.scale", "0.01"), **SMALL)
    most = made.opened.closings.everything.scorecard.set_index("target_id")
    for row in made.best.reached.scorecard.to_dict("records"):
        if row["mean"] and grows(row["indicator"], row["comparator"]):
            top = most_of(float(most.loc[row["target_id"], "mean"]), row["unit"])
            assert float(row["mean"]) <= top + 1e-6


def test_a_target_beyond_everything_is_named_with_its_figures():
    judge = opened(**SMALL).closings.judge
    first = next(
        target
        for target in judge.prepared.targets
        if target.indicator == "village_fibre_share" and target.due_month >= "2017-12"
    )
    # due before anything can be built: no plan can meet it
    early = replace(first, due_month=judge.prepared.scenario.clock.first)
    strict = Judge(replace(judge.prepared, targets=(early,)), judge.offered)
    found = unreachable(everything(strict))
    assert [one.target_id for one in found] == [first.target_id]
    assert found[0].wanted in str(found[0])
    assert found[0].most in str(found[0])
    assert first.target_id in str(found[0])


def test_what_is_met_is_not_named():
    most = plan(("budget.scale", "0.01"), **SMALL).most
    assert not {one.target_id for one in unreachable(most)} & set(most.met)


def test_a_step_is_in_service_no_earlier_than_what_it_requires():
    judge = opened(**SMALL).closings.judge
    month = earliest_service(judge)
    candidates = judge.offered.proposal.candidates
    for name, above in zip(candidates["project_id"], candidates["requires"], strict=True):
        if above in month:
            assert month[name] >= month[above]
        assert month[name] >= judge.offered.earliest.get(name, 0)


def test_lead_times_are_the_luckiest():
    tasks = (Task("permit", 40.0, sigma=0.5), Task("build", 10.0))
    assert shortest_days(tasks, 1.0) == pytest.approx(40 * np.exp(-LUCKIEST * 0.5) + 10)
    assert shortest_days(tasks, 0.0) == 50


@pytest.mark.parametrize(
    ("indicator", "comparator", "bound"),
    [
        ("village_fibre_share", ">=", True),
        ("mean_access_bandwidth_households", ">=", False),
        ("village_fibre_share", "increase", False),
        ("", ">=", False),
    ],
)
def test_only_what_adds_up_is_a_bound(indicator, comparator, bound):
    assert grows(indicator, comparator) is bound
