"""A choice as an integer program: rows, ways of paying, shared assets, keys that count once.

References
----------
G. Cornuejols, M. Fisher and G. Nemhauser, Location of bank accounts to optimize float, Management
Science 23, 1977: the form in which each key is given to at most one chosen row. Q. Huangfu and J. Hall,
Parallelizing the dual revised simplex method, Mathematical Programming Computation 10, 2018: the solver.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Problem, Solution, payments, spent_by_pot

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

_SCALE = 1 << 20
"""What money and worth are scaled to at most: the solver's tolerances of a millionth are then one part in a
million million of it."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """When the solver stops."""

    gap: float
    """Relative gap between choice and bound at which a choice is good enough."""
    nodes: int
    """Nodes of the search tree at which it gives up."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the solver chose."""

    way: dict[int, int]
    """Way of paying of each row."""
    payer: dict[int, int]
    """Way by which each asset is paid."""


class Program:
    """Rows of a problem as variables and constraints, built once; what the solver overlooked is added.

    Variables: ``x`` (row, way), ``p`` (asset, way), ``y`` (a row serves the keys of a group), ``d`` (what a
    matching pot pays beyond its share, where its cap at the whole price may or may not bind).
    """

    def __init__(
        self,
        problem: Problem,
        rows: Iterable[int],
        kept: AbstractSet[int],
        pot_prices: Sequence[float] | None = None,
    ) -> None:
        """``pot_prices`` are what money left in each pot is worth elsewhere, per fen; nothing if left out."""
        self.problem = problem
        self.price = [0.0] * len(problem.pots) if pot_prices is None else list(pot_prices)
        self.rows = sorted(rows)
        self.kept = kept
        self.worth: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self._entries: list[tuple[int, int, float]] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self.x: dict[int, dict[int, int]] = {}
        self.p: dict[int, dict[int, int]] = {}
        self.users: dict[int, list[int]] = {}
        self._money: list[list[tuple[int, float]]] = [[] for _ in problem.pots]
        self.capped = 0
        """How many rows a matching pot may or may not pay whole."""
        self._add_rows()
        self._add_assets()
        self._add_keys()
        self._add_caps()
        self._add_money()

    def _variable(self, worth: float = 0.0, upper: float = 1.0, whole: bool = True) -> int:
        self.worth.append(worth)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.worth) - 1

    def _require(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        number = len(self._low)
        self._entries += [(number, variable, factor) for variable, factor in terms]
        self._low.append(low)
        self._high.append(high)

    def _of(self, row: int, factor: float = 1.0) -> list[tuple[int, float]]:
        """Whether a row is chosen, as terms."""
        return [(variable, factor) for variable in self.x[row].values()]

    def _add_rows(self) -> None:
        problem = self.problem
        parent: list[int] = problem.links.parent.tolist()
        for row in self.rows:
            ways = [way for way, may in enumerate(problem.may[:, row].tolist()) if may]
            self.x[row] = {way: self._variable() for way in ways}
            low = 1.0 if row in self.kept else 0.0
            if len(ways) > 1 or low:
                self._require(self._of(row), low, 1.0)
        for row in self.rows:
            above = parent[row]
            if above >= 0 and above in self.x:
                self._require([*self._of(row), *self._of(above, -1.0)], -math.inf, 0.0)
            price, opex = int(problem.own_fen[row]), int(problem.opex_fen[row])
            for way, variable in self.x[row].items():
                self._pay(way, variable, price, problem.ways[way].matched(price, opex))

    def _pay(self, way: int, variable: int, price: float, matched: float) -> None:
        """Charge the pots of a way with a price."""
        one = self.problem.ways[way]
        self._money[one.pot].append((variable, price - matched))
        if matched:
            self._money[one.matching].append((variable, matched))

    def _add_assets(self) -> None:
        """An asset is bought once, by a way of one of those who can be the first to need it."""
        problem = self.problem
        for row in self.rows:
            for asset in problem.links.assets.of_row(row).tolist():
                if not problem.bought[asset]:
                    self.users.setdefault(asset, []).append(row)
        for asset in sorted(self.users):
            users = self.users[asset]
            first = self._first(users)
            ways = sorted({way for row in first for way in self.x[row]})
            fen = int(problem.asset_fen[asset])
            self.p[asset] = {way: self._variable() for way in ways}
            bought = [(variable, -1.0) for variable in self.p[asset].values()]
            for row in users:
                self._require([*self._of(row), *bought], -math.inf, 0.0)
            if len(ways) > 1:
                self._require([(variable, 1.0) for variable in self.p[asset].values()], 0.0, 1.0)
            for way, variable in self.p[asset].items():
                share = problem.ways[way].share if problem.ways[way].matching >= 0 else 0.0
                self._pay(way, variable, fen, share * fen)
                if len(ways) > 1 or share:
                    payers = [(self.x[row][way], -1.0) for row in first if way in self.x[row]]
                    self._require([(variable, 1.0), *payers], -math.inf, 0.0)

    def _first(self, users: list[int]) -> list[int]:
        """Rows that can be the first of those who need an asset: no other of them is always before."""
        among = set(users)
        kept = among & self.kept
        among = kept or among
        ancestors = self.problem.links.ancestors
        return [row for row in users if row in among and among.isdisjoint(ancestors.of_row(row).tolist())]

    def _add_keys(self) -> None:
        """A key counts once, at the best chosen; keys of the same rows in the same order go together."""
        values = self.problem.values
        by_key: dict[int, list[tuple[int, int]]] = {}
        for row in self.rows:
            here = slice(int(values.starts[row]), int(values.starts[row + 1]))
            for key, value in zip(values.key[here].tolist(), values.value[here].tolist(), strict=True):
                if value > 0:
                    by_key.setdefault(key, []).append((-value, row))
        groups: dict[tuple[int, ...], list[int]] = {}
        for key in sorted(by_key):
            serving = sorted(by_key[key])
            total = groups.setdefault(tuple(row for _, row in serving), [0] * len(serving))
            for place, (value, _) in enumerate(serving):
                total[place] -= value
        for rows, worth in groups.items():
            if len(rows) == 1:
                for variable in self.x[rows[0]].values():
                    self.worth[variable] += worth[0]
                continue
            serves = [self._variable(value, whole=False) for value in worth]
            self._require([(variable, 1.0) for variable in serves], 0.0, 1.0)
            for row, variable in zip(rows, serves, strict=True):
                self._require([(variable, 1.0), *self._of(row, -1.0)], -math.inf, 0.0)

    def _add_caps(self) -> None:
        """Where a matching pot pays a row whole but would not pay it whole with its assets.

        Then what it pays for the assets may exceed their share, by at most what its share of price and
        running cost exceeds the price; the solver may use less, which ``payments`` then show.
        """
        problem = self.problem
        for row in self.rows:
            assets = [asset for asset in problem.links.assets.of_row(row).tolist() if asset in self.p]
            price, opex = int(problem.own_fen[row]), int(problem.opex_fen[row])
            for number, chosen in self.x[row].items():
                way = problem.ways[number]
                over = way.share * (price + way.opex_years * opex) - price if way.matching >= 0 else 0.0
                if over <= 0:
                    continue
                bought = [
                    (self.p[a][number], int(problem.asset_fen[a]) * (way.share - 1.0) / over)
                    for a in assets
                    if number in self.p[a]
                ]
                if not bought:
                    continue
                self.capped += 1
                part = self._variable(whole=False)
                self._require([(part, 1.0), (chosen, -1.0)], -math.inf, 0.0)
                self._require([(part, 1.0), *bought], -math.inf, 0.0)
                self._money[way.pot].append((part, -over))
                self._money[way.matching].append((part, over))

    def _add_money(self) -> None:
        """No pot pays more than it holds; what is rounded row by row is left to ``verify``."""
        matched = any(way.matching >= 0 for way in self.problem.ways)
        slack = float(len(self.rows)) if matched else 0.0
        for terms, price in zip(self._money, self.price, strict=True):
            for variable, factor in terms:
                self.worth[variable] -= price * factor
        for terms, fen in zip(self._money, self.problem.funds.tolist(), strict=True):
            scale = _power(max([fen, *(abs(factor) for _, factor in terms)]))
            self._require([(k, factor / scale) for k, factor in terms], -math.inf, (fen + slack) / scale)

    def solve(self, limits: Limits) -> OptimizeResult:
        """Return what the solver says; amounts are in scaled worth (``worth_scale``)."""
        return self._milp(np.array(self.whole), {"mip_rel_gap": limits.gap, "node_limit": limits.nodes})

    def relaxed(self) -> float | None:
        """Return the optimum without whole numbers: no choice exceeds it [millionths]; none if it fails."""
        found = self._milp(np.zeros(len(self.worth)), {})
        return None if found.status != 0 else -float(found.fun) * self.worth_scale

    def _milp(self, whole: NDArray[Any], options: dict[str, float]) -> OptimizeResult:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        number, variable, factor = (np.array(column) for column in zip(*self._entries, strict=True))
        shape = (len(self._low), len(self.worth))
        matrix: Any = coo_array((factor.astype(np.float64), (number, variable)), shape=shape).tocsr()
        return milp(
            -np.array(self.worth) / self.worth_scale,
            integrality=whole,
            bounds=Bounds(np.zeros(shape[1]), np.array(self.upper)),
            constraints=LinearConstraint(matrix, np.array(self._low), np.array(self._high)),
            options=options,
        )

    @property
    def worth_scale(self) -> float:
        """By what worth is divided for the solver."""
        return _power(sum(abs(one) for one in self.worth))

    def read(self, values: NDArray[np.float64]) -> Chosen:
        """Return what the solver chose: the way of each row and of each asset."""
        way = {row: k for row in self.rows for k, variable in self.x[row].items() if values[variable] > _HALF}
        payer = {a: k for a, ways in self.p.items() for k, one in ways.items() if values[one] > _HALF}
        return Chosen(way, payer)

    def ordered(self, chosen: Chosen, turn: Sequence[int]) -> tuple[Solution, list[int]]:
        """Return a choice in an order in which everybody buys what he is to buy, and rows that find no place.

        The latter would each have to come before another. ``turn`` is the order that is kept where nothing
        speaks against it, by row; those committed to in advance come first.
        """
        links, bought, placed = self.problem.links, set[int](), set[int]()
        own = {row: [a for a in links.assets.of_row(row).tolist() if a in chosen.payer] for row in chosen.way}
        wait = sorted(chosen.way, key=lambda row: (row not in self.kept, turn[row], row))
        rows: list[int] = []

        def may_come(row: int) -> bool:
            above = int(links.parent[row])
            if above >= 0 and above not in placed:
                return False
            return all(a in bought or chosen.payer[a] == chosen.way[row] for a in own[row])

        while wait and (ready := next((row for row in wait if may_come(row)), -1)) >= 0:
            wait.remove(ready)
            rows.append(ready)
            placed.add(ready)
            bought.update(own[ready])
        return Solution(tuple(rows), tuple(chosen.way[row] for row in rows)), wait

    def forbid_overdraft(self, chosen: Chosen, solution: Solution) -> bool:
        """Forbid what overdraws a pot by amounts too small for the solver; return whether anything does."""
        paid = payments(self.problem, solution)
        spent = spent_by_pot(self.problem, paid)
        over = np.flatnonzero(spent > self.problem.funds).tolist()
        for pot in over:
            among = {
                k for k, way in enumerate(self.problem.ways) if pot in (way.pot, way.matching)
            }  # a price only grows with what is bought with it, so every larger choice overdraws as well
            terms = [self.x[row][way] for row, way in chosen.way.items() if way in among]
            terms += [self.p[asset][way] for asset, way in chosen.payer.items() if way in among]
            self._require([(variable, 1.0) for variable in terms], 0.0, len(terms) - 1.0)
        return bool(over)

    def forbid_order(self, chosen: Chosen, stuck: Sequence[int]) -> None:
        """Forbid that these rows are chosen like this with nobody else to buy first what they share."""
        links = self.problem.links
        assets = sorted({a for row in stuck for a in links.assets.of_row(row).tolist() if a in self.p})
        users = sorted({row for asset in assets for row in self.users[asset]} | set(stuck))
        terms, taken = list[tuple[int, float]](), 0
        for options, way in (
            *((self.x[row], chosen.way.get(row, -1)) for row in users),
            *((self.p[asset], chosen.payer.get(asset, -1)) for asset in assets),
        ):
            for k, variable in options.items():
                terms.append((variable, 1.0 if k == way else -1.0))
                taken += int(k == way)
        self._require(terms, -math.inf, taken - 1.0)


def _power(most: float) -> float:
    """Return the power of two by which to divide so that an amount comes to about ``_SCALE``, at least 1."""
    return max(1.0, 2.0 ** math.floor(math.log2(max(most, 1.0) / _SCALE)))
