"""What targets still ask for beside a plan, and what closing them costs."""

from dataclasses import replace

from sim.planning.cover import cover
from sim.planning.problem import worth_of_rows
from tests.plans.worlds import opened, plan

TIGHT = (("budget.scale", "0.0001"),)
SMALL = {"zones": 24}


def test_a_target_met_costs_nothing_to_close():
    made = plan(*TIGHT, **SMALL)
    for name in made.best.reached.met:
        if name in made.closings:
            assert made.closings[name].cost_fen == 0


def test_a_target_that_everything_meets_can_be_closed_for_money():
    made = plan(*TIGHT, **SMALL)
    closings = made.opened.closings
    judged = dict(
        zip(made.best.reached.scorecard["target_id"], made.best.reached.scorecard["verdict"], strict=True)
    )
    open_ones = [
        name
        for name, closing in made.closings.items()
        if judged[name] == "missed" and name in closings.everything.met and name in closings.weighed
    ]
    assert open_ones
    assert all(made.closings[name].cost_fen is None or made.closings[name].cost_fen > 0 for name in open_ones)
    assert any(made.closings[name].cost_fen for name in open_ones)


def test_building_what_closes_a_target_meets_it_or_comes_nearer():
    made = plan(*TIGHT, **SMALL)
    closings, best = made.opened.closings, made.best
    target = next(
        one
        for one in made.opened.prepared.targets
        if one.target_id in made.closings and made.closings[one.target_id].cost_fen
    )
    goal = closings.goal(target, best)
    found = cover(best.problem, (goal,), closings.in_time(target, best))
    assert found.met
    both = (*closings.in_time(target, best), *found.rows)
    values = replace(best.problem, values=closings.weighed[target.target_id])
    gained = worth_of_rows(values, both) - worth_of_rows(values, closings.in_time(target, best))
    assert gained >= goal.wanted


def test_more_of_a_target_costs_no_less():
    made = plan(*TIGHT, **SMALL)
    assert all((one.per_point_fen or 0) >= 0 for one in made.closings.values())


def test_targets_that_nothing_moves_have_no_goal():
    closings = opened(**SMALL).closings
    nothing = opened(**SMALL).nested.nothing
    unmoved = [t for t in closings.judge.prepared.targets if t.target_id not in closings.weighed]
    assert unmoved
    assert all(closings.goal(target, nothing) is None for target in unmoved)
