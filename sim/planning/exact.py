"""The best choice there is, by an integer program, with a bound that no choice can pass.

The solver counts in floating point and is given limits of gap and nodes, never of time. What it returns is
put in order and counted again in whole fen; what would overdraw a pot or has no order is forbidden, and the
solver asked again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity
from sim.planning.problem import Problem, Solution, worth_of_solution
from sim.planning.program import Limits, Program

_ROUNDING = 1e-9
"""What a bound is raised by, as a share, for the solver's own rounding."""


class ExactOptions(Options):
    """How far the solver goes."""

    gap: Annotated[float, Field(ge=0, lt=1), Quantity("share")]
    """Gap between choice and bound at which a choice is good enough [share]."""
    nodes: Annotated[int, Field(ge=1), Quantity("1")]
    """Nodes of the search tree after which the solver gives up [1]."""
    rounds: Annotated[int, Field(ge=1), Quantity("1")]
    """How often the solver is asked again where its choice breaks a rule in whole fen [1]."""
    block: Annotated[int, Field(ge=1), Quantity("1")]
    """Candidates that the solver is given at once; more are chosen block by block [1]."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A choice and what is proven of it."""

    solution: Solution
    bound: int | None
    """No choice with the same rows committed to in advance is worth more [millionths]; none is known without."""
    reason: str
    """Why the choice may not be the best within the gap; empty where it is."""


def kept_rows(problem: Problem, start: Solution) -> frozenset[int]:
    """Return the rows of a choice that are committed to in advance, with all that they require."""
    chosen = set(start.rows)
    kept = [row for row in problem.forced.tolist() if row in chosen]
    above = [one for row in kept for one in problem.links.ancestors.of_row(row).tolist() if one in chosen]
    return frozenset((*kept, *above))


def open_rows(problem: Problem) -> list[int]:
    """Return the rows that may be chosen and paid."""
    may = (~problem.shut & problem.may.any(axis=0)).tolist()
    return [row for row, one in enumerate(may) if one]


def solve_whole(problem: Problem, options: ExactOptions, start: Solution) -> Proven:
    """Return the best choice among all rows in one program; never worth less than ``start``."""
    rows = open_rows(problem)
    if not rows or not problem.pots:
        return Proven(start, worth_of_solution(problem, start), "")
    program = Program(problem, rows, kept_rows(problem, start))
    turn = _turns(problem, start)
    best, bound, reason = start, math.inf, "the solver's choices broke a rule in whole fen in every round"
    most = worth_of_solution(problem, start)
    for _ in range(options.rounds):
        found = program.solve(Limits(options.gap, options.nodes))
        proven = getattr(found, "mip_dual_bound", None)
        if proven is not None and math.isfinite(proven) and (not program.capped or math.isinf(bound)):
            bound = min(bound, -proven * program.worth_scale * (1.0 + _ROUNDING))
        if found.x is None:
            reason = _reason(found.status, options)
            break
        chosen = program.read(found.x)
        solution, stuck = program.ordered(chosen, turn)
        if stuck:
            program.forbid_order(chosen, stuck)
            continue
        if program.forbid_overdraft(chosen, solution):
            continue
        worth = worth_of_solution(problem, solution)
        if worth > most:
            best, most = solution, worth
        reason = "" if found.status == 0 else _reason(found.status, options)
        break
    return Proven(best, None if math.isinf(bound) else max(most, math.floor(bound)), reason)


def _turns(problem: Problem, start: Solution) -> list[int]:
    """Return the order that is kept where nothing speaks against it: that of a choice, then by name."""
    turn = (problem.id_rank + len(start.rows)).tolist()
    for place, row in enumerate(start.rows):
        turn[row] = place
    return turn


def _reason(status: int, options: ExactOptions) -> str:
    """Return why the solver stopped, in words."""
    return {
        1: f"the solver stopped after {options.nodes} nodes",
        2: "the solver found no choice that keeps what is committed to in advance",
        3: "the solver found no bound",
    }.get(status, "the solver met numbers that it cannot handle")


def exact(problem: Problem, options: ExactOptions, start: Solution) -> Proven:
    """Return the best choice that the solver finds from ``start``, and its bound."""
    return solve_whole(problem, options, start)
