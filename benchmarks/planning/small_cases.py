"""Greedy and search against the best choice: 200 small problems with all that makes a choice hard."""

from __future__ import annotations

import time

from benchmarks.rows import Figures, Limit, Row, Size
from sim.planning.exact import exact
from sim.planning.guide import greedy
from sim.planning.linear import tightest_bound
from sim.planning.problem import verify, worth_of_solution
from sim.planning.search import SearchOptions, search
from sim.planning.solver import ExactOptions
from tests.planning.cases import SMALL_CASES, small_case

FEW_CASES = 10
SEARCH = SearchOptions(weighings=30_000, near=1000, good=4)
SOLVER = ExactOptions(gap=0.001, nodes=20_000, rounds=40, block=100, near=100)
WITHIN = 0.99
"""Share of what the best choice can be worth at most, in whole millionths, that a choice should reach."""


def small_cases(size: Size) -> Figures:
    """Return how near greedy choice and search come to the solver's bound, and whether rules were broken."""
    cases = FEW_CASES if size.small else SMALL_CASES
    near, near_greedy, broken, above, missed = 0, 0, 0, 0, []
    spent = {"search": 0.0, "exact": 0.0}
    for seed in range(cases):
        problem = small_case(seed)
        start = greedy(problem)
        before = time.process_time()
        found = search(problem, SEARCH, start)
        between = time.process_time()
        proven = exact(problem, SOLVER, start)
        spent["search"] += between - before
        spent["exact"] += time.process_time() - between
        limit = tightest_bound(problem).worth if proven.bound is None else proven.bound
        worth = worth_of_solution(problem, found)
        near += worth >= WITHIN * limit
        near_greedy += worth_of_solution(problem, start) >= WITHIN * limit
        broken += sum(bool(verify(problem, one)) for one in (start, found, proven.solution))
        above += worth > min(limit, tightest_bound(problem).worth)
        missed.append(1.0 - worth / limit if limit else 0.0)
    return {
        "problems": cases,
        "within_1_percent": 100.0 * near / cases,
        "greedy_within_1_percent": 100.0 * near_greedy / cases,
        "worst_missed_percent": 100.0 * max(missed),
        "mean_missed_percent": 100.0 * sum(missed) / cases,
        "rules_broken": broken,
        "above_bound": above,
        "search_s": spent["search"] / cases,
        "exact_s": spent["exact"] / cases,
    }


ROW = Row(
    "small-cases",
    "search within 1 % of what the best choice is worth at most, 200 problems of up to 40 candidates",
    small_cases,
    (
        Limit("within_1_percent", least=95.0),
        Limit("rules_broken", most=0),
        Limit("above_bound", most=0),
    ),
)
