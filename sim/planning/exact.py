"""The best choice there is, by integer programs, with a bound that no choice can pass.

One program where it can take all candidates (``solver.py``); a problem too large for one is improved block by
block (``blocks.py``).
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sim.planning.blocks import solve_blocks
from sim.planning.problem import Problem, Solution
from sim.planning.solver import ExactOptions, Proven, open_rows, solve_whole


def exact(problem: Problem, options: ExactOptions, start: Solution) -> Proven:
    """Return the best choice that the solver finds, never worth less than ``start``, and its bound."""
    if len(open_rows(problem)) <= options.block:
        proven = solve_whole(problem, options, start)
    else:
        proven = solve_blocks(problem, options, start)
    if proven.bound is not None:
        _BOUNDS[problem] = min(proven.bound, _BOUNDS.get(problem, proven.bound))
    return proven


_BOUNDS: WeakKeyDictionary[Problem, int] = WeakKeyDictionary()


def proven_bound(problem: Problem) -> int | None:
    """Return the lowest bound that ``exact`` has proven of a problem [millionths]; none where it has not."""
    return _BOUNDS.get(problem)
