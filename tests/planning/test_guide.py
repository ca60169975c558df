import pytest

from sim.planning.bound import bound_of
from sim.planning.greedy import greedy_by
from sim.planning.guide import greedy, guide_of
from sim.planning.problem import verify, worth_of_solution
from tests.planning import cases

MICRO = 1_000_000


@pytest.mark.parametrize(("share", "overlapping"), [(0.1, False), (0.3, True), (0.6, True)])
def test_where_coverages_overlap_and_lines_are_shared_little_is_missed(share, overlapping):
    problem = cases.large_case(4000, 0, share, overlapping)
    solution, bound = greedy(problem), bound_of(problem)
    assert verify(problem, solution) == []
    assert 1.0 - worth_of_solution(problem, solution) / bound.worth < 0.03


def test_the_same_problem_gives_the_same_bound_and_choice():
    one, two = cases.large_case(1500, 2), cases.large_case(1500, 2)
    assert bound_of(one).worth == bound_of(two).worth
    assert bound_of(one).pot_prices.tolist() == bound_of(two).pot_prices.tolist()
    assert greedy(one) == greedy(two)


def test_who_shares_a_trunk_is_tried_together():
    """Alone no village is worth the trunk; together they are worth more than all that fits beside it."""
    worth = [{k: 100 * MICRO} for k in range(10)] + [{10 + k: 80 * MICRO} for k in range(11)]
    problem = cases.problem(
        [10] * 10 + [100] * 11, worth, needs=[(k, 0) for k in range(10)], asset_fen=[1000], funds=[1100]
    )
    assert worth_of_solution(problem, greedy(problem)) == 1000 * MICRO
    guide = guide_of(problem, bound_of(problem))
    assert set(guide.order.tolist()) >= set(range(10))


@pytest.mark.parametrize("seed", range(8))
def test_the_guided_choice_is_never_worse_than_the_plain_one(seed):
    problem = cases.small_case(seed, 30)
    assert worth_of_solution(problem, greedy(problem)) >= worth_of_solution(problem, greedy_by(problem))


def test_dear_money_waits_for_cheap_money_to_buy_what_both_need():
    worth = [{0: 9 * MICRO}, {1: 8 * MICRO}, *({k: 5 * MICRO} for k in range(2, 12))]
    ways = (cases.Way(0), cases.Way(1))
    may = [[True] + [False] * 11, [False] + [True] * 11]
    problem = cases.problem(
        [10, 10, *[10] * 10],
        worth,
        needs=[(0, 0), (1, 0)],
        asset_fen=[30],
        funds=[500, 70],
        ways=ways,
        may=may,
    )
    guide = guide_of(problem, bound_of(problem))
    turn = guide.order.tolist()
    assert bound_of(problem).pot_prices[0] < bound_of(problem).pot_prices[1]
    assert 1 not in turn or turn.index(0) < turn.index(1)
