"""As many targets as the money meets, at nearly least cost (``sim.planning.cover``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from sim.planning.cover import Cover, Goal, covered, greedy_covers, needed
from sim.planning.problem import Problem, Solution, payments, spent_by_pot
from sim.tables.decisions import WORTH_PARTS

NOTHING = Solution((), ())
_TARGETS = "targets"


def target_first(problem: Problem, goals: Sequence[Goal], first: Solution = NOTHING) -> Solution:
    """Return projects that meet as many goals as the pots can pay for, at nearly least cost.

    Goals are tried in the order given; one for which the money does not reach, beside those before it, is
    left out. ``first`` is built in any case, and goals ask for what is wanted beside it.
    """
    kept: list[Goal] = []
    rows: list[int] = []
    for goal in goals:
        covers = [
            found
            for found in greedy_covers(problem, (*kept, goal), first.rows, rows)
            if covered(problem, (goal,), first.rows, found).met and pay(problem, found, first) is not None
        ]
        if covers:
            state = Cover(problem, (), first.rows)
            rows = min(covers, key=state.price)
            kept.append(goal)
    lean = pay(problem, needed(problem, kept, first.rows, rows), first)
    whole = pay(problem, rows, first)
    return lean or whole or first


def pay(problem: Problem, rows: Iterable[int], first: Solution = NOTHING) -> Solution | None:
    """Return candidates beside a solution, each paid in the first way that reaches; none where none does."""
    chosen, ways = list(first.rows), list(first.ways)
    left: list[int] = (problem.funds - spent_by_pot(problem, payments(problem, first))).tolist()
    bought = set(np.flatnonzero(problem.bought).tolist())
    for row in chosen:
        bought.update(problem.links.assets.of_row(row).tolist())
    for row in rows:
        new = [asset for asset in problem.links.assets.of_row(row).tolist() if asset not in bought]
        price = int(problem.own_fen[row]) + sum(int(problem.asset_fen[asset]) for asset in new)
        way = _way(problem, row, price, left)
        if way < 0:
            return None
        bought.update(new)
        chosen.append(row)
        ways.append(way)
    return Solution(tuple(chosen), tuple(ways))


def _way(problem: Problem, row: int, price: int, left: list[int]) -> int:
    """Return the first way that pays a price, which is taken from ``left``; -1 where none does."""
    for number in np.flatnonzero(problem.may[:, row]).tolist():
        way = problem.ways[number]
        part = way.matched(price, int(problem.opex_fen[row]))
        if left[way.pot] >= price - part and (part == 0 or left[way.matching] >= part):
            left[way.pot] -= price - part
            if part:
                left[way.matching] -= part
            return number
    return -1


def by_targets(problem: Problem) -> Problem:
    """Return a release in which nothing is worth anything but what open targets ask for."""
    values = problem.values
    return replace(problem, values=replace(values, value=values.parts[list(WORTH_PARTS).index(_TARGETS)]))
