"""A choice as one integer program, solved and counted again in whole fen.

The solver counts in floating point and is given limits of gap and nodes, never of time. What it returns is
put in order and counted again; what would overdraw a pot or has no order is forbidden, and the solver asked
again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity
from sim.planning.draft import kept_rows
from sim.planning.problem import Problem, Solution, payments, spent_by_pot, worth_of_solution
from sim.planning.program import Limits, Program

_ROUNDING = 1e-9
"""What a bound is raised by, as a share, for the solver's own rounding."""


_STOPPED, _INFEASIBLE, _UNBOUNDED = 1, 2, 3
_STATUS = {
    _INFEASIBLE: "the solver found no choice that keeps what is committed to in advance",
    _UNBOUNDED: "the solver found no bound",
}
"""What the solver's states mean that are neither an optimum nor a limit."""


class ExactOptions(Options):
    """How far the solver goes."""

    gap: Annotated[float, Field(ge=0, lt=1), Quantity("share")]
    """Gap between choice and bound at which a choice is good enough [share]."""
    nodes: Annotated[int, Field(ge=1), Quantity("1")]
    """Nodes of its search tree after which the solver gives up [1]."""
    rounds: Annotated[int, Field(ge=1), Quantity("1")]
    """How often the solver is asked where its choice breaks a rule in whole fen [1]."""
    block: Annotated[int, Field(ge=1), Quantity("1")]
    """Candidates that the solver is given at once; more are chosen block by block [1]."""
    near: Annotated[int, Field(ge=1), Quantity("1")]
    """Candidates that blocks are made of: those nearest to the margin between worth its money and not [1]."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A choice and what is proven of it."""

    solution: Solution
    bound: int | None
    """What no choice that keeps the same commitments exceeds [millionths]; none where none was found."""
    reason: str
    """Why the choice may not be the best within the gap; empty where it is."""


def open_rows(problem: Problem) -> list[int]:
    """Return the rows that may be chosen and paid."""
    if not len(problem.ways):
        return []
    may = (~problem.shut & problem.may.any(axis=0)).tolist()
    return [row for row, one in enumerate(may) if one]


def solve_whole(
    problem: Problem, options: ExactOptions, start: Solution, pot_prices: Sequence[float] | None = None
) -> Proven:
    """Return the best choice among all rows in one program.

    With ``pot_prices`` what is left in each pot counts as well, at so much a fen; so does it in the bound.
    """
    rows = open_rows(problem)
    if not rows:
        return Proven(start, worth_of_solution(problem, start), "")
    program = Program(problem, rows, kept_rows(problem, start), pot_prices)
    if not program.worth or not any(program.worth):
        return Proven(start, worth_of_solution(problem, start), "")
    turn = _turns(problem, start)
    best, most = start, _merit(problem, start, program.price)
    bound, reason = math.inf, "the solver's choices broke a rule in whole fen in every round"
    for _ in range(options.rounds):
        found = program.solve(Limits(options.gap, options.nodes))
        proven = getattr(found, "mip_dual_bound", None)
        if proven is not None and math.isfinite(proven) and (not program.capped or math.isinf(bound)):
            bound = min(bound, _raised(-proven * program.worth_scale))
        reason = "" if found.status == 0 else _reason(found.status, found.get("mip_node_count"), options)
        if found.x is None:
            break
        chosen = program.read(found.x)
        solution, stuck = program.ordered(chosen, turn)
        if stuck:
            program.forbid_order(chosen, stuck)
        elif not program.forbid_overdraft(chosen, solution):
            merit = _merit(problem, solution, program.price)
            best, most = max((best, most), (solution, merit), key=lambda one: one[1])
            break
        reason = "the solver's choices broke a rule in whole fen in every round"
    return Proven(best, None if math.isinf(bound) else max(math.ceil(most), math.floor(bound)), reason)


def _merit(problem: Problem, solution: Solution, price: Sequence[float]) -> float:
    """Return the worth of a choice less what its money is worth elsewhere [millionths]."""
    worth = worth_of_solution(problem, solution)
    if not any(price):
        return worth
    spent: list[int] = spent_by_pot(problem, payments(problem, solution)).tolist()
    return worth - sum(one * fen for one, fen in zip(price, spent, strict=True))


def _raised(bound: float) -> float:
    return bound + _ROUNDING * abs(bound)


def _turns(problem: Problem, start: Solution) -> list[int]:
    """Return the order that is kept where nothing speaks against it: that of a choice, then by name."""
    turn: list[int] = (problem.id_rank + len(start.rows)).tolist()
    for place, row in enumerate(start.rows):
        turn[row] = place
    return turn


def _reason(status: int, nodes: int | None, options: ExactOptions) -> str:
    """Return why the solver stopped, in words; its own status differs between versions."""
    if status == _STOPPED or (nodes is not None and nodes >= options.nodes):
        return f"the solver stopped after {options.nodes} nodes"
    return _STATUS.get(status, "the solver met numbers that it cannot handle")
