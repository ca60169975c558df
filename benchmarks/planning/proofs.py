"""Whether the bound bounds: against every choice there is, on small problems."""

from __future__ import annotations

import numpy as np

from benchmarks.rows import Figures, Limit, Row, Size
from sim.planning.bound import bound_of
from sim.planning.guide import greedy
from sim.planning.problem import verify, worth_of_solution
from sim.planning.worth import MICRO
from tests.planning.cases import small_case
from tests.planning.every_choice import best_choice

CASES, SMALL_CASES, MOST = 120, 12, 11
"""Problems, and candidates of each."""


def proofs(size: Size) -> Figures:
    """Return how often a bound is below the best of all choices, and how far above it lies."""
    below, broken, above, missed = 0, 0, [], []
    for seed in range(SMALL_CASES if size.small else CASES):
        problem = small_case(seed, MOST)
        best, limit, solution = best_choice(problem), bound_of(problem).worth, greedy(problem)
        below += limit < best
        broken += bool(verify(problem, solution)) or worth_of_solution(problem, solution) > best
        if best > MICRO:
            above.append(limit / best - 1.0)
            missed.append(1.0 - worth_of_solution(problem, solution) / best)
    return {
        "problems": len(above),
        "bounds_below_optimum": below,
        "choices_wrong": broken,
        "median_bound_above_percent": 100.0 * float(np.median(above)),
        "mean_missed_percent": 100.0 * float(np.mean(missed)),
        "median_missed_percent": 100.0 * float(np.median(missed)),
    }


ROWS = (
    Row(
        "proofs",
        "bounds against the best of every choice there is, with all that makes a choice hard",
        proofs,
        (Limit("bounds_below_optimum", most=0), Limit("choices_wrong", most=0)),
    ),
)
