"""A choice over the whole horizon turned into works that a rollout can fund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Problem, Solution, best_of, payments, spent_by_pot
from sim.tables.plan import Work

if TYPE_CHECKING:
    from sim.planning.at_once import Whole


def works_of(whole: Whole, problem: Problem, solution: Solution) -> tuple[Work, ...]:
    """Return the projects of a solution as works without tasks, in its order: they serve once funded."""
    proposal, area = whole.question.proposal, whole.plan.setting.area
    technology, zone, requires, build = (
        proposal.candidates[name].to_numpy(dtype=object)
        for name in ("technology", "zone", "requires", "build")
    )
    places, elevation = whole.plan.places, area.zones["elevation_m"].to_numpy()
    assets = proposal.assets["asset_id"].to_numpy(dtype=object)
    chosen = {str(problem.ids[row]) for row in solution.rows}
    works = []
    for rank, paid in enumerate(payments(problem, solution), 1):
        row, way = paid.row, problem.ways[paid.way]
        at, needed = int(zone[row]), str(requires[row])
        works.append(
            Work(
                project_id=str(problem.ids[row]),
                technology=str(technology[row]),
                prefecture=str(places.prefecture[at]),
                zone=at,
                elevation_m=float(elevation[at]),
                price_fen=paid.price_fen,
                pot=problem.pots[way.pot],
                priority=rank,
                tasks=(),
                buys=tuple((str(assets[a]), int(problem.asset_fen[a])) for a in paid.assets),
                requires=needed if needed in chosen else "",
                matching=(problem.pots[way.matching], paid.matched_fen) if way.matching >= 0 else None,
                build=str(build[row]),
                kind=str(places.kind[at]),
            )
        )
    return tuple(works)


def kept(problem: Problem, solution: Solution, funded: Mapping[str, int]) -> Solution:
    """Return what of a solution was funded, in its order."""
    pairs = [
        (row, way)
        for row, way in zip(solution.rows, solution.ways, strict=True)
        if str(problem.ids[row]) in funded
    ]
    return Solution(tuple(row for row, _ in pairs), tuple(way for _, way in pairs))


def residual(problem: Problem, fresh: Problem, solution: Solution) -> Problem:
    """Return what is left to choose beside a solution, with the money that it leaves.

    ``fresh`` is the same question with the projects of the solution taken and its assets bought. The
    worth of a further set is a sum over keys of what its best adds to the best of the solution, so that
    it is again a sum of best values and any method can choose from it.
    """
    best = best_of(problem, solution.rows)
    values = fresh.values
    left = problem.funds - spent_by_pot(problem, payments(problem, solution))
    more = np.maximum(values.value - best[values.key], 0)
    return replace(fresh, values=replace(values, value=more), funds=np.maximum(left, 0))


def together(first: Solution, second: Solution) -> Solution:
    """Return two solutions as one, the first one first."""
    return Solution((*first.rows, *second.rows), (*first.ways, *second.ways))


def course(problem: Problem, solution: Solution) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return money [fen] and worth [millionths] after each project of a solution, in its order."""
    values, starts = problem.values, problem.values.starts.tolist()
    best = np.zeros(values.keys, dtype=np.int64)
    added = []
    for row in solution.rows:
        here = slice(starts[row], starts[row + 1])
        served = np.unique(values.key[here])
        before = best[served].sum()
        np.maximum.at(best, values.key[here], values.value[here])
        added.append(best[served].sum() - before)
    price = [paid.price_fen for paid in payments(problem, solution)]
    return np.cumsum(price, dtype=np.int64), np.cumsum(added, dtype=np.int64)
