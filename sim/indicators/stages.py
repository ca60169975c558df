"""What projects are at: the phase of each stretch of their lives, read off the log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.indicators.lives import Flags, Floats, Ints, Lives
from sim.tables.plan import PHASES

Texts = NDArray[np.object_]
WAITING, PREPARING = "waiting", "preparing"
"""Standing still; and office work whose phase the log does not tell."""


@dataclass(frozen=True, eq=False)
class Stages:
    """Stretches of projects' lives, each with what went on: a phase, waiting, or preparing."""

    label: Texts
    """One of ``PHASES``, or waiting or preparing, shape (K,)."""
    start: Floats
    """First working day, shape (K,)."""
    end: Floats
    """Working day on which it is over, shape (K,)."""


def stages(lives: Lives) -> Stages:
    """Return what every project was at between two rows of the log.

    What goes on after a row is the task that the project's next row finishes; after the last row, the task
    that in other projects follows the one finished last.
    """
    kinds = ("funded", "started", "finished", "activated", "cancelled")
    turn = lives.in_turn(lives.waits | lives.is_(*kinds))
    project, start, end = lives.project[turn], lives.day[turn], lives.following(turn)
    phase, task = _phases(lives, turn)
    over = lives.is_("activated", "cancelled")[turn]
    stands, works = lives.waits[turn], lives.is_("started")[turn]
    last = np.append(project[1:] != project[:-1], True)
    nearest = _next_task(lives, turn, task, last)
    label = np.where(nearest >= 0, phase[np.maximum(nearest, 0)], PREPARING)
    label = np.where(works, phase[task], label)
    label = np.where(stands, WAITING, label)
    kept = ~over & (end > start)
    return Stages(label[kept], start[kept], end[kept])


def _phases(lives: Lives, turn: Ints) -> tuple[Texts, Ints]:
    """Return the phase of every task by its number, and the number of each row's task."""
    cause = lives.events["cause"].to_numpy(dtype=object)
    code, names = pd.factorize(lives.events["task"])
    phase = np.array([str(name) if name in PHASES else PREPARING for name in names], dtype=object)
    crewed = lives.events["crew"].ne("").to_numpy() & lives.is_("started")
    phase[np.unique(code[crewed])] = "build"
    told = np.flatnonzero(lives.is_("finished") & (lives.lost > 0))
    for row in told[np.unique(code[told], return_index=True)[1]].tolist():
        if cause[row] in PHASES:
            phase[code[row]] = cause[row]
    return phase, code[turn].astype(np.int64)


def _next_task(lives: Lives, turn: Ints, task: Ints, last: Flags) -> Ints:
    """Return the task that follows each row, -1 where neither the project nor another one tells."""
    done = lives.is_("finished", "funded")[turn]
    after = np.append(task[1:], -1)
    tells = done & ~last
    technology = _technology(lives)[lives.project[turn]]
    key = technology * (task.max(initial=0) + 1) + task
    known, first = np.unique(key[tells], return_index=True)
    usual = np.append(after[tells][first], -1)
    place = np.searchsorted(known, key)
    place = np.where((place < len(known)) & (np.append(known, -1)[place] == key), place, len(known))
    return np.where(tells, after, usual[place])


def _technology(lives: Lives) -> Ints:
    return pd.factorize(np.array([name.partition(":")[0] for name in lives.names], dtype=object))[0]
