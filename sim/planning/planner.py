"""The planner of a scenario: how candidates are weighed and by which method they are chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from sim.errors import PlanError
from sim.planning.base import Choice, Planner, Question
from sim.planning.commitments import CommitmentOptions
from sim.planning.decisions import choice_of
from sim.planning.exact import exact, proven_bound
from sim.planning.guide import greedy
from sim.planning.linear import tightest_bound
from sim.planning.problem import Problem, Solution, problem_of
from sim.planning.search import SearchOptions, search
from sim.planning.solver import ExactOptions
from sim.planning.target_first import by_targets
from sim.planning.weights import WorthOptions

Method = Callable[[Problem, "Planning"], Solution]


class Planning(WorthOptions, CommitmentOptions, Planner):
    """Choose by worth per money, ring-fenced pots first, until the money is used."""

    name: ClassVar[str] = "planning"

    method: Literal["greedy", "search", "exact", "target-first"] = "greedy"
    """How projects are chosen [name]."""
    search: SearchOptions | None = None
    """How long and how widely the method ``search`` searches; it needs them."""
    exact: ExactOptions | None = None
    """How far the method ``exact`` goes; it needs them."""

    @model_validator(mode="after")
    def _check_method(self) -> Self:
        if self.method in ("search", "exact") and getattr(self, self.method) is None:
            raise ValueError(f"the method {self.method} needs its options: add planning.{self.method}")
        return self

    def choose(self, question: Question) -> Choice:
        """Return the projects chosen, a row of decisions for every candidate, and how good the choice is."""
        problem = problem_of(question, self.weights)
        solution = METHODS[self.method](problem, self)
        bound, proven = tightest_bound(problem), proven_bound(problem)
        if proven is not None and proven < bound.worth:
            bound = replace(bound, worth=proven)
        return choice_of(question, problem, solution, bound)


def by_worth(problem: Problem, planning: Planning) -> Solution:
    """Return the greedy choice by all that candidates are worth."""
    del planning
    return greedy(problem)


def by_search(problem: Problem, planning: Planning) -> Solution:
    """Return the greedy choice improved by local search."""
    if planning.search is None:
        raise PlanError("the method search needs its options, planning.search")
    return search(problem, planning.search, greedy(problem))


def by_program(problem: Problem, planning: Planning) -> Solution:
    """Return the best choice within a gap where one program is enough, else one improved by several."""
    if planning.exact is None:
        raise PlanError("the method exact needs its options, planning.exact")
    return exact(problem, planning.exact, greedy(problem)).solution


def target_first(problem: Problem, planning: Planning) -> Solution:
    """Return the greedy choice by what open targets ask for alone; what serves none is not bought.

    A plan without construction meets the targets of a whole horizon at least cost instead.
    """
    del planning
    return greedy(by_targets(problem))


METHODS: Mapping[str, Method] = MappingProxyType(
    {"greedy": by_worth, "search": by_search, "exact": by_program, "target-first": target_first}
)
"""Every method by name."""
