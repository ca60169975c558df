"""How long one release takes, all of it, and how near to its bound the choice is."""

from __future__ import annotations

import numpy as np

from benchmarks.planning.questions import PLANNING, question
from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim.planning.base import Choice
from sim.planning.bound import bound_of
from sim.planning.decisions import choice_of
from sim.planning.guide import greedy
from sim.planning.problem import problem_of, verify

CANDIDATES, SMALL_CANDIDATES = 200_000, 3_000


def release(size: Size, shared: bool) -> Figures:
    """Return the time of a release, of each of its steps, and the gap of its choice."""
    asked = question(SMALL_CANDIDATES if size.small else CANDIDATES, shared)
    figures, choice = timed(lambda: PLANNING.choose(asked), size.times)
    arrays, problem = timed(lambda: problem_of(asked, PLANNING.weights), 1, "arrays")
    bounding, bound = timed(lambda: bound_of(problem), 1, "bound")
    choosing, solution = timed(lambda: greedy(problem), 1, "choose")
    telling, again = timed(lambda: choice_of(asked, problem, solution, bound), 1, "tell")
    same = again.decisions.equals(choice.decisions) and again.chosen == choice.chosen
    steps = {
        f"{name}_s": part[f"{name}_s"]
        for name, part in (("arrays", arrays), ("bound", bounding), ("choose", choosing), ("tell", telling))
    }
    return {
        **figures,
        **steps,
        "candidates": len(choice.decisions),
        "chosen": len(choice.chosen),
        "pots": len(problem.pots),
        "gap_percent": 100.0 * choice.gap,
        "rules_broken": len(verify(problem, solution)),
        "not_repeated": int(not same),
        "spent_percent": _spent_percent(choice),
    }


def _spent_percent(choice: Choice) -> float:
    """Return the share of all money that is spent, in percent."""
    assert choice.releases is not None
    return float(100.0 * choice.releases["spent_fen"][0] / np.maximum(choice.releases["funds_fen"][0], 1))


RIGHT = (Limit("rules_broken", most=0), Limit("not_repeated", most=0))
ROWS = (
    Row(
        "release",
        "one release over 200,000 candidates with precedence and 4 pots, from tables to tables",
        lambda size: release(size, shared=False),
        (
            Limit("s", most=2.0, timed=True, processor="processor_s"),
            Limit("gap_percent", most=2.0),
            *RIGHT,
        ),
    ),
    Row(
        "release-shared",
        "the same with 80,000 segments shared along lines and sites that overlap",
        lambda size: release(size, shared=True),
        (
            Limit("s", most=4.0, timed=True, processor="processor_s"),
            Limit("gap_percent", most=5.0),
            *RIGHT,
        ),
    ),
)
