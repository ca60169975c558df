"""The planner of a scenario: how candidates are weighed and by which method they are chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from sim.planning.base import Choice, Planner, Question
from sim.planning.commitments import CommitmentOptions
from sim.planning.decisions import chosen_of
from sim.planning.greedy import greedy_by
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
        """Return the projects chosen and a row of decisions for every candidate."""
        problem = problem_of(question, self.weights)
        solution = METHODS[self.method](problem, self)
        return Choice(*chosen_of(question, problem, solution))


def greedy(problem: Problem, planning: Planning) -> Solution:
    """Return the greedy choice: the best worth per money first, ring-fenced pots first."""
    del planning
    return greedy_by(problem)


def target_first(problem: Problem, planning: Planning) -> Solution:
    """Return the greedy choice by what open targets ask for alone; what serves none is not bought.

    A plan without construction meets the targets of a whole horizon at least cost instead.
    """
    del planning
    return greedy_by(by_targets(problem))


METHODS: Mapping[str, Method] = MappingProxyType({"greedy": greedy, "target-first": target_first})
"""Every method by name."""
