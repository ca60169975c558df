"""Integer programs: the best of every choice on tiny problems, and bounds that hold."""

import numpy as np
import pytest

from sim.planning.blocks import blocks_of, solve_blocks
from sim.planning.bound import bound_of
from sim.planning.draft import kept_rows
from sim.planning.exact import exact, proven_bound
from sim.planning.guide import greedy
from sim.planning.problem import Solution, Way, payments, spent_by_pot, verify, worth_of_solution
from sim.planning.program import Limits, Program
from sim.planning.solver import ExactOptions, open_rows, solve_whole
from tests.planning.cases import large_case, problem, small_case
from tests.planning.every_choice import best_choice

OPTIONS = ExactOptions(gap=0.0, nodes=50_000, rounds=50, block=200, near=200)
NOTHING = Solution((), ())


@pytest.mark.parametrize("seed", [seed for seed in range(44) if seed % 4])
def test_the_program_finds_the_best_of_every_choice(seed):
    asked = small_case(seed, 11)
    proven = exact(asked, OPTIONS, greedy(asked))
    assert proven.reason == ""
    assert verify(asked, proven.solution) == []
    best = best_choice(asked)
    assert worth_of_solution(asked, proven.solution) == best
    assert best <= proven.bound <= best * (1 + 1e-6) + 1
    assert proven_bound(asked) == proven.bound


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_what_is_committed_to_in_advance_stays(seed):
    asked = small_case(seed, 20)
    start = greedy(asked)
    proven = exact(asked, OPTIONS, start)
    assert kept_rows(asked, start) <= set(proven.solution.rows)
    assert verify(asked, proven.solution) == []
    assert worth_of_solution(asked, start) <= worth_of_solution(asked, proven.solution) <= proven.bound


def test_amounts_of_a_hundred_thousand_million_yuan_are_kept_to_the_fen():
    """The best pair costs one fen more than there is: too little for the solver to see."""
    funds = 10**13
    asked = problem([funds // 2, funds // 2 + 1, funds // 3], [{0: 50}, {1: 51}, {2: 30}], funds=[funds])
    proven = exact(asked, OPTIONS, NOTHING)
    assert sorted(proven.solution.rows) == [1, 2]
    assert worth_of_solution(asked, proven.solution) == 81
    one_more = problem(
        [funds // 2, funds // 2 + 1, funds // 3], [{0: 50}, {1: 51}, {2: 30}], funds=[funds + 1]
    )
    assert worth_of_solution(one_more, exact(one_more, OPTIONS, NOTHING).solution) == 101


def test_a_matching_pot_that_pays_a_row_whole_does_not_pay_its_asset_whole():
    """30 % of a price of 10 and six years of 100 a year are more than 10; of 1010 they are 483."""
    asked = problem([10, 400], [{0: 50}, {1: 40}], opex=[100, 0], asset_fen=[1000], needs=[(0, 0)],
                    funds=[527, 483], ways=[Way(0, 1, 0.3, 6.0), Way(0)],
                    may=[[True, False], [False, True]])  # fmt: skip
    proven = exact(asked, OPTIONS, NOTHING)
    assert proven.solution.rows == (0,)
    assert payments(asked, proven.solution)[0].matched_fen == 483
    assert spent_by_pot(asked, payments(asked, proven.solution)).tolist() == [527, 483]
    poorer = problem([10, 400], [{0: 50}, {1: 40}], opex=[100, 0], asset_fen=[1000], needs=[(0, 0)],
                     funds=[526, 483], ways=[Way(0, 1, 0.3, 6.0), Way(0)],
                     may=[[True, False], [False, True]])  # fmt: skip
    assert exact(poorer, OPTIONS, NOTHING).solution.rows == (1,)


def test_orders_that_cannot_be_are_forbidden():
    """Each would have to buy what the other needs before it comes: only one of both can be had."""
    ways, may = [Way(0), Way(1)], [[True, False], [False, True]]
    asked = problem([10, 10], [{0: 5}, {1: 4}], asset_fen=[30, 50], needs=[(0, 0), (0, 1), (1, 0), (1, 1)],
                    funds=[60, 40], ways=ways, may=may)  # fmt: skip
    assert best_choice(asked) == 0
    proven = exact(asked, OPTIONS, NOTHING)
    assert proven.solution == NOTHING
    assert proven.bound == 0
    program = Program(asked, [0, 1], frozenset())
    first = program.solve(Limits(0.0, 1000))
    solution, stuck = program.ordered(program.read(first.x), [0, 1])
    assert stuck == [0, 1]
    assert solution == NOTHING


def test_limits_are_told_and_the_start_is_kept():
    asked = small_case(115)
    start = greedy(asked)
    proven = solve_whole(asked, OPTIONS.model_copy(update={"nodes": 1}), start)
    assert proven.reason == "the solver stopped after 1 nodes"
    assert worth_of_solution(asked, start) <= worth_of_solution(asked, proven.solution) <= proven.bound


def test_nothing_found_by_the_solver_is_no_failure(monkeypatch):
    from scipy.optimize import OptimizeResult

    found = OptimizeResult(status=4, x=None, mip_dual_bound=None, mip_node_count=None)
    monkeypatch.setattr(Program, "solve", lambda self, limits: found)
    asked = small_case(5)
    start = greedy(asked)
    proven = exact(asked, OPTIONS, start)
    assert proven.solution == start
    assert proven.bound is None
    assert proven.reason == "the solver met numbers that it cannot handle"


def test_no_candidates_and_no_worth():
    nobody = problem([5], [{0: 9}], funds=[100], shut=[True])
    assert open_rows(nobody) == []
    assert exact(nobody, OPTIONS, NOTHING).solution == NOTHING
    useless = problem([5], [{}], funds=[100])
    assert exact(useless, OPTIONS, NOTHING).solution == NOTHING


def test_blocks_improve_a_choice_too_large_for_one_program():
    asked = large_case(600)
    start = greedy(asked)
    options = ExactOptions(gap=0.005, nodes=50, rounds=5, block=60, near=180)
    proven = exact(asked, options, start)
    assert "block by block" in proven.reason
    assert verify(asked, proven.solution) == []
    before, after = (worth_of_solution(asked, one) for one in (start, proven.solution))
    assert before < after <= proven.bound == bound_of(asked).worth
    assert solve_blocks(asked, options, start) == proven


def test_blocks_keep_families_whole_and_name_nobody_twice():
    asked = large_case(400, seed=3)
    blocks = list(blocks_of(asked, list(range(0, 400, 3)), 50))
    rows = np.concatenate(blocks)
    assert len(np.unique(rows)) == len(rows)
    assert max(len(block) for block in blocks) <= 50
    for block in blocks:
        parents = asked.links.parent[block]
        assert set(parents[parents >= 0].tolist()) <= set(block.tolist())


@pytest.mark.parametrize("seed", range(12))
def test_blocks_of_any_problem_keep_every_rule(seed):
    asked = small_case(seed)
    start = greedy(asked)
    options = ExactOptions(gap=0.001, nodes=500, rounds=5, block=8, near=30)
    proven = exact(asked, options, start)
    assert verify(asked, proven.solution) == []
    assert worth_of_solution(asked, start) <= worth_of_solution(asked, proven.solution) <= proven.bound
    assert kept_rows(asked, start) <= set(proven.solution.rows)
