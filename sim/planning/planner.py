"""The planner of a scenario: how candidates are weighed and by which method they are chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from sim.planning.base import Choice, Planner, Question
from sim.planning.commitments import CommitmentOptions
from sim.planning.decisions import choice_of
from sim.planning.guide import greedy
from sim.planning.linear import tightest_bound
from sim.planning.problem import Problem, Solution, problem_of
from sim.planning.target_first import by_targets
from sim.planning.weights import WorthOptions

Method = Callable[[Problem, "Planning"], Solution]


class Planning(WorthOptions, CommitmentOptions, Planner):
    """Choose by worth per money, ring-fenced pots first, until the money is used."""

    name: ClassVar[str] = "planning"

    method: Literal["greedy", "target-first"] = "greedy"
    """How projects are chosen [name]."""

    def choose(self, question: Question) -> Choice:
        """Return the projects chosen, a row of decisions for every candidate, and how good the choice is."""
        problem = problem_of(question, self.weights)
        solution = METHODS[self.method](problem, self)
        return choice_of(question, problem, solution, tightest_bound(problem))


def by_worth(problem: Problem, planning: Planning) -> Solution:
    """Return the greedy choice by all that candidates are worth."""
    del planning
    return greedy(problem)


def target_first(problem: Problem, planning: Planning) -> Solution:
    """Return the greedy choice by what open targets ask for alone; what serves none is not bought.

    A plan without construction meets the targets of a whole horizon at least cost instead.
    """
    del planning
    return greedy(by_targets(problem))


METHODS: Mapping[str, Method] = MappingProxyType({"greedy": by_worth, "target-first": target_first})
"""Every method by name."""
