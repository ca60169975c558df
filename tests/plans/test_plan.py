"""Plans without construction on made-up areas."""

import json

import pytest

from sim.planning.problem import verify
from sim.plans.answer import plan_facts
from sim.plans.nested import steps
from tests.plans.worlds import opened, plan

TIGHT = (("budget.scale", "0.0001"),)
SMALL = {"zones": 24}


def test_the_answer_keeps_its_contract():
    facts = json.loads(json.dumps(plan_facts(plan(*TIGHT, **SMALL))))
    assert {"worth", "bound", "gap", "capex", "targets", "pots", "monotonicity", "warnings"} <= set(facts)
    assert 0 < facts["worth"] <= facts["bound"]
    assert facts["gap"] == pytest.approx(1 - facts["worth"] / facts["bound"], abs=1e-6)
    assert facts["capex"] == pytest.approx(sum(one["capex"] for one in facts["technologies"].values()))
    for cells in facts["targets"].values():
        assert {"verdict", "value", "wanted", "margin", "first_met", "cost_to_close"} <= set(cells)
    for pot in facts["pots"].values():
        assert pot["committed"] + pot["connections"] <= pot["released"]
        assert pot["worth_per_million"] >= 0


def test_a_plan_keeps_the_rules_of_choice_and_the_money():
    best = plan(*TIGHT, **SMALL).best
    assert verify(best.problem, best.solution) == []
    assert set(best.reached.funded) == {work.project_id for work in best.works}


def test_no_money_plans_nothing():
    facts = plan_facts(plan(("budget.scale", "0"), **SMALL))
    assert (facts["worth"], facts["capex"], facts["projects"], facts["gap"]) == (0, 0, 0, 0)
    assert facts["monotonicity"]["holds"]


def test_double_money_meets_no_fewer_targets_and_is_worth_no_less():
    less, more = (plan_facts(plan(("budget.scale", scale), **SMALL)) for scale in ("0.0001", "0.0002"))
    assert more["targets_met"] >= less["targets_met"]
    assert more["worth"] >= less["worth"]
    assert more["pots"]["fixed"]["released"] == pytest.approx(2 * less["pots"]["fixed"]["released"], rel=1e-6)


def test_what_is_proposed_does_not_depend_on_the_money():
    few, many = (opened(("budget.scale", scale), **SMALL) for scale in ("0.0001", "0.0002"))
    assert few.nested.problem.ids.tolist() == many.nested.problem.ids.tolist()


def test_the_same_scenario_gives_the_same_plan():
    first = plan(*TIGHT, **SMALL)
    again = first.opened.nested.best(first.best.scale, first.steps[-2])
    assert again.solution == first.best.solution


def test_cheaper_projects_meet_no_fewer_targets():
    dear = plan(*TIGHT, **SMALL)
    problem, nested = dear.best.problem, dear.opened.nested
    # the same choice at lower prices leaves money, which only adds to it
    cheaper = nested.best(dear.best.scale * 1.25, dear.best)
    assert len(cheaper.reached.met) >= len(dear.best.reached.met)
    assert problem.own_fen.sum() > 0


def test_a_plan_for_targets_costs_less_and_stops():
    greedy = plan(("budget.scale", "0.01"), **SMALL)
    least = plan(("budget.scale", "0.01"), ("planning.method", "target-first"), **SMALL)
    assert least.best.capex_fen < greedy.best.capex_fen
    assert len(least.best.reached.met) >= len(least.opened.closings.none.met)
    assert verify(least.best.problem, least.best.solution) == []


@pytest.mark.parametrize("scale", [0.01, 0.25, 0.3, 1.0, 1.5, 2.0, 8.0])
def test_steps_grow_and_are_shared_by_doubles(scale):
    mine, double = steps(scale), steps(2 * scale)
    assert list(mine) == sorted(set(mine))
    assert mine[-1] == scale
    if scale in (0.25, 1.0, 2.0, 8.0):
        assert scale in double


def test_no_money_has_one_step():
    assert steps(0.0) == (0.0,)
