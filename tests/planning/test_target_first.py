"""As many targets as the money meets."""

import numpy as np
import pytest

from sim.planning.cover import cover
from sim.planning.problem import Way, verify
from sim.planning.target_first import NOTHING, by_targets, pay, target_first
from tests.planning.cases import problem, small_case
from tests.planning.test_cover import drawn_goals, goal, served


@pytest.mark.parametrize("seed", range(12))
def test_goals_are_met_within_the_money_of_the_pots(seed):
    random = np.random.default_rng([seed, 815])
    case = small_case(seed)
    goals = drawn_goals(case, random, 3)
    solution = target_first(case, goals)
    assert verify(case, solution) == []
    kept = [one for one in goals if served(one, solution.rows) >= one.wanted]
    free = problem(case.own_fen, case.values, funds=[10**15], parent=case.links.parent, shut=case.shut)
    assert len(kept) <= len([one for one in goals if cover(free, [one]).met])


def test_a_goal_beyond_the_money_is_left_out_and_the_next_one_met():
    rows_dear, rows_cheap = [{0: 10}, {}], [{}, {1: 10}]
    case = problem([1000, 10], [{0: 1}, {1: 1}], funds=[100])
    solution = target_first(case, [goal("dear", 10, rows_dear), goal("cheap", 10, rows_cheap)])
    assert solution.rows == (1,)


def test_paying_takes_the_first_way_that_reaches():
    money = {"funds": [100, 100], "ways": (Way(0), Way(1)), "may": [[1, 1, 1], [1, 1, 0]]}
    case = problem([60, 60, 60], [{0: 1}, {1: 1}, {2: 1}], **money)
    assert pay(case, [0, 1]).ways == (0, 1)
    assert pay(case, [0, 1, 2]) is None
    assert pay(case, [1], pay(case, [0])).rows == (0, 1)
    assert pay(case, [], NOTHING) == NOTHING


def test_by_targets_weighs_what_targets_ask_for_alone():
    case = problem([1, 1], [{0: 7}, {1: 9}])
    assert by_targets(case).values.value.sum() == 0
