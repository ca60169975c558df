"""Whose money it is: spending and running cost brought to the zones that they serve, fen by fen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.finance import Holdings
    from sim.tables.ground import Ground, Projects

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spread:
    """How things divide over destinations: those of ``k`` are ``to[starts[k]:starts[k + 1]]``."""

    starts: Ints
    """First row of each thing and the end, shape (K + 1,)."""
    to: Ints
    """Destination of each row."""
    share: Floats
    """Its part, above 0; those of a thing sum to 1."""

    @classmethod
    def of(cls, thing: Ints, to: Ints, weight: Floats, size: tuple[int, int]) -> Spread:
        """Return shares in proportion to weights; the same destination of a thing counts once.

        ``size`` is how many things and destinations there are.
        """
        things, destinations = size
        kept = weight > 0
        key, where = np.unique(thing[kept] * destinations + to[kept], return_inverse=True)
        together = np.bincount(where, weight[kept], len(key))
        thing = key // destinations
        total = np.bincount(thing, together, things)
        starts = np.concatenate(([0], np.cumsum(np.bincount(thing, minlength=things))))
        return cls(starts.astype(np.int64), key % destinations, together / total[thing])

    def rows(self, things: Ints) -> tuple[Ints, Ints]:
        """Return, for a list of things, the place in it and the row here of each of their destinations."""
        count = self.starts[things + 1] - self.starts[things]
        place = np.repeat(np.arange(len(things)), count)
        first = np.repeat(self.starts[things] - (np.cumsum(count) - count), count)
        return place, first + np.arange(len(place))

    def divide(self, things: Ints, amount_fen: Ints) -> tuple[Ints, Ints, Ints]:
        """Return place in the list, destination and whole part of each amount; its parts sum to it.

        A thing without destinations divides nothing: see that there is one.
        """
        place, row = self.rows(things)
        running = np.cumsum(self.share)
        before = np.concatenate(([0.0], running))[self.starts[things]][place]
        last = np.append(place[1:] != place[:-1], True) if len(place) else np.zeros(0, dtype=bool)
        upto = np.where(last, 1.0, np.clip(running[row] - before, 0.0, 1.0))
        due = np.rint(amount_fen[place] * upto).astype(np.int64)
        part = np.diff(due, prepend=0)
        first = np.concatenate(([True], last[:-1])) if len(place) else last
        part[first] = due[first]
        return place, self.to[row], part


def served_zones(projects: Projects, ground: Ground) -> Spread:
    """Return the zones that each project serves, by the people or homes it serves there.

    What serves nobody is its own zone's.
    """
    count, zones = len(projects.technology), ground.homes.shape[1]
    row, zone = (projects.pairs[name].to_numpy(dtype=np.int64) for name in ("row", "zone"))
    point = projects.pairs["point"].to_numpy(dtype=np.int64)
    homes = ground.homes.max(axis=0).astype(np.float64)
    people = ground.point_people.astype(np.float64)
    weight = homes[zone]
    at_points = point >= 0
    weight[at_points] = people[point[at_points]]
    alone = np.flatnonzero(np.bincount(row, weight, count) <= 0)
    return Spread.of(
        np.concatenate((row, alone)),
        np.concatenate((zone, projects.zone[alone].astype(np.int64))),
        np.concatenate((weight, np.ones(len(alone)))),
        (count, zones),
    )


def bearers(holdings: Holdings, serves: Spread, group: Ints, groups: int, zones: int) -> Spread:
    """Return which zones bear what was bought with each project, and in which group of technologies.

    Destinations are ``group * zones + zone``; ``group`` is that of each project. A project that bought
    nothing bears itself.
    """
    count = len(group)
    pair, where = np.unique(holdings.payer * count + holdings.holder, return_inverse=True)
    cost = np.bincount(where, holdings.cost_fen.astype(np.float64), len(pair))
    payer, holder = pair // count, pair % count
    idle = np.flatnonzero(np.bincount(payer, minlength=count) == 0)
    payer, holder = np.concatenate((payer, idle)), np.concatenate((holder, idle))
    cost = np.concatenate((cost, np.ones(len(idle))))
    place, row = serves.rows(holder)
    to = group[holder[place]] * zones + serves.to[row]
    return Spread.of(payer[place], to, cost[place] * serves.share[row], (count, groups * zones))


def by_growth(level: NDArray[np.floating], first: NDArray[np.floating]) -> Floats:
    """Return what is added in each month, never less than nothing, shape (M, Z); ``first`` is what stood."""
    before = np.concatenate((first[None], level[:-1]))
    return np.maximum(level.astype(np.float64) - before, 0.0)


def connection_parts(charges: pd.DataFrame, names: tuple[str, ...], added: Floats) -> tuple[Ints, Ints, Ints]:
    """Return charge, zone and fen of money paid for new lines, by the lines put in where and when.

    ``added`` are the lines put in, shape (M, T, Z); where none are seen all zones bear it alike.
    """
    months, _, zones = added.shape
    technology = np.array([names.index(name) for name in charges["project_id"]], dtype=np.int64)
    month = np.minimum(charges["month"].to_numpy(dtype=np.int64), months - 1)
    kind, where = np.unique(month * len(names) + technology, return_inverse=True)
    weight = added[kind // len(names), kind % len(names)]
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, 1.0)
    thing, zone = np.nonzero(weight)
    spread = Spread.of(thing, zone, weight[thing, zone], (len(kind), zones))
    return spread.divide(where, charges["spent_fen"].to_numpy(dtype=np.int64))
