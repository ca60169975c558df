"""The bound of a linear program: tighter than prices alone where few candidates share much.

The program of ``sim.planning.program`` without whole numbers. Its optimum is at least that of every choice,
and where money is short against the price of a shared route it lies well below the bound that a few
rounds of prices find. It takes a tenth of a second for thousands of candidates and minutes for tens of
thousands, of which the prices then prove as much: so it is asked for small problems only.

References
----------
L. Wolsey, Integer Programming, Wiley, 1998, chapter 2: bounds by relaxation.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sim.planning.bound import Bound, bound_of
from sim.planning.problem import Problem
from sim.planning.program import Program

FEW = 5_000
"""Candidates that may be chosen, up to which the linear program is solved."""
_SAFE = 1e-6
"""What its optimum is raised by, as a share, for the tolerances of the solver."""


def tightest_bound(problem: Problem, rounds: int | None = None) -> Bound:
    """Return the lower of both bounds on the worth of every choice, with the prices of ``bound_of``."""
    bound = bound_of(problem, rounds)
    linear = linear_bound(problem)
    return bound if linear is None or linear >= bound.worth else replace(bound, worth=linear)


def linear_bound(problem: Problem) -> int | None:
    """Return the bound of the linear program [millionths]; none for many candidates, or where it fails."""
    rows = np.flatnonzero(~problem.shut & problem.may.any(axis=0)).tolist()
    if not rows or not problem.pots or len(rows) > FEW:
        return None
    # what is committed to in advance need not be affordable, so it is left free here
    optimum = Program(problem, rows, frozenset()).relaxed()
    return None if optimum is None else math.ceil(optimum * (1.0 + _SAFE)) + 1
