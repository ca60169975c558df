"""Planning: which candidates are built with the money on hand."""

from sim.planning.base import Choice, Chosen, Planner, Question
from sim.planning.planner import Planning
from sim.planning.pots import Budget, Pot
from sim.planning.worth import Situation, Weights, worth_of

__all__ = [
    "Budget",
    "Choice",
    "Chosen",
    "Planner",
    "Planning",
    "Pot",
    "Question",
    "Situation",
    "Weights",
    "worth_of",
]
