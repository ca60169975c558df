"""How fast projects are carried through their lives, and how that grows with the orders that queue.

Measured is a whole ``roll_out``: draws, calendar, crews, money, the log made into its table, and every
invariant checked on it. Only the plan is made beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim.clock import Horizon
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.rollout.options import (
    FIELD_SKILLS,
    Calendar,
    Crews,
    Failure,
    RolloutOptions,
    Season,
    Travel,
)
from sim.tables.plan import Progress, Step, Task, Work

HORIZON = Horizon("2014-01", "2017-12")
PREFECTURES = tuple(f"prefecture {number:02d}" for number in range(16))
OPTIONS = RolloutOptions(
    crews=Crews(fibre=1, civil=1, radio=1, install=1),
    seasons={
        "rain": Season(months=(5, 6, 7, 8, 9, 10), productivity=0.6, above_m=600.0),
        "winter": Season(months=(11, 12, 1, 2, 3), productivity=0.3, above_m=1500.0),
    },
    calendar=Calendar(country="CN", pause_before=10, pause_after=15),
    travel=Travel(speed=40.0, route_factor=1.3, hours=8.0),
    failures={"permit refused": Failure(chance=0.02)},
)


@dataclass(frozen=True)
class Purse:
    """A budget of two pots, released once."""

    lapsing: frozenset[str] = frozenset()

    def releases(self, horizon: Horizon) -> Mapping[int, Mapping[str, int]]:
        """Return the money released by month and pot [fen]."""
        return {0: {"own": 10**15, "fund": 10**15}}

    def earned(self, month: int, done: Mapping[str, int], horizon: Horizon) -> Mapping[str, int]:
        """Return what milestones have released: nothing [fen]."""
        return {}

    def ahead(self, month: int, horizon: Horizon) -> Mapping[str, int]:
        """Return what may be committed in advance: nothing [fen]."""
        return {}


class Orders:
    """A plan that orders the same number of works in each of its first months."""

    def __init__(self, works: list[Work], months: int) -> None:
        self.parts = [tuple(works[month::months]) for month in range(months)]

    def __call__(self, month: int, progress: Progress, funds_fen: Mapping[str, int], release: bool) -> Step:
        return Step(works=self.parts[month] if month < len(self.parts) else ())


def villages(count: int) -> list[Work]:
    """Return works of five tasks in contracts of about a hundred, a fifth of them matched by a fund."""
    random = np.random.default_rng(1)
    x_m, y_m = random.uniform(0.0, 200_000.0, (2, count)).tolist()
    days = random.uniform(2.0, 12.0, count).round(2).tolist()
    papers = [
        Task(name, length, "", share, "papers", 0.33, phase=name, of_batch=True)
        for name, length, share in (("survey", 20.0, 0.0), ("permit", 30.0, 0.0), ("procure", 20.0, 0.3))
    ]
    test = Task("splice and test", 1.0, "install", 0.2, "field", 0.16, phase="test")
    return [
        Work(
            project_id=f"ftth:z{number:06d}",
            technology="ftth",
            prefecture=PREFECTURES[number % len(PREFECTURES)],
            zone=number,
            elevation_m=float(number % 2_000),
            price_fen=10_000_000 + number,
            pot="own",
            priority=number,
            tasks=(*papers, Task("cable", days[number], "fibre", 0.5, "field", 0.16, True), test),
            matching=("fund", 3_000_000) if number % 5 == 0 else None,
            batch=f"contract {number % max(1, count // 100)}",
            x_m=x_m[number],
            y_m=y_m[number],
            build="village",
            kind="village",
        )
        for number in range(count)
    ]


def rolled_out(works: list[Work], months: int, crews: int) -> pd.DataFrame:
    """Return the log of these works, ordered over some months, with so many crews of a skill in all."""
    each = max(1, crews // len(PREFECTURES))
    pools = {(name, skill): each for name in PREFECTURES for skill in FIELD_SKILLS}
    return roll_out(Orders(works, months), Purse(), OPTIONS, HORIZON, Streams(1), pools)


def events(size: Size) -> Figures:
    """Return events a second of 40,000 projects ordered over two years for crews busy two days of three."""
    works = villages(1_000 if size.small else 40_000)
    figures, log = timed(lambda: rolled_out(works, 24, len(works) // 50), size.times)
    done = (log["event"] == "activated").mean() * len(log)
    return figures | {
        "events": len(log),
        "share_done": done / len(works),
        "events_per_s": len(log) / figures["s"],
        "events_per_processor_s": len(log) / figures["processor_s"],
    }


def queue(size: Size) -> Figures:
    """Return how much longer ten times as many orders take that queue at once for as many crews a head.

    Ten times the work, some more for the heaps and for memory beyond the caches; a queue that is sorted
    or walked at every request would take a hundred times as long.
    """
    few, many = (100, 1_000) if size.small else (10_000, 100_000)
    figures: Figures = {}
    for count in (few, many):
        works = villages(count)
        one, log = timed(partial(rolled_out, works, 1, count // 60), size.times, f"orders_{count}")
        figures |= one | {f"events_{count}": len(log)}
    for clock in ("s", "processor_s"):
        name = "times_longer" if clock == "s" else "times_longer_processor"
        figures[name] = figures[f"orders_{many}_{clock}"] / figures[f"orders_{few}_{clock}"]
    return figures


EVENTS = Row(
    "events",
    "40,000 projects through survey, permit, procurement, building and test in four years",
    events,
    (
        Limit("events_per_s", least=300_000.0, timed=True, processor="events_per_processor_s"),
        Limit("share_done", least=0.9),
    ),
)
QUEUE = Row(
    "queue",
    "100,000 work orders that queue at once, against 10,000",
    queue,
    (Limit("times_longer", most=18.0, timed=True, processor="times_longer_processor"),),
)
