"""A choice while it is being changed: rows go in and out, and worth and money are known after every step.

All amounts are integers, every step can be taken back, and money may be overdrawn between two steps.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from sim.planning.problem import Problem, Solution
from sim.planning.projects import Pairs

_MIDDLE = 1 << 40
"""Turn of the first row; what is moved to the front gets a lower one, what has to stay one lower still."""


class Draft:
    """A set of chosen rows with a way of paying and a place in the order for each."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.own: list[int] = problem.own_fen.tolist()
        self.opex: list[int] = problem.opex_fen.tolist()
        self.asset_fen: list[int] = problem.asset_fen.tolist()
        self.parent: list[int] = problem.links.parent.tolist()
        self.bought: list[bool] = problem.bought.tolist()
        self.rank: list[int] = problem.id_rank.tolist()
        self.left: list[int] = problem.funds.tolist()
        self.way: dict[int, int] = {}
        self.turn: dict[int, int] = {}
        self.price: dict[int, int] = {}
        self.worth = 0
        self.weighed = 0
        """How many changes were weighed so far: what a work limit counts."""
        self._users: dict[int, dict[int, None]] = {}
        self._payer: dict[int, int] = {}
        self._cover: dict[int, dict[int, int]] = {}
        self._best: dict[int, int] = {}
        self._next, self._front = _MIDDLE, _MIDDLE
        self._steps: list[tuple[int, int, int]] = []
        self._keys: dict[int, list[tuple[int, int]]] = {}
        self._assets: dict[int, list[int]] = {}
        self._ways: dict[int, list[int]] = {}

    def keys(self, row: int) -> list[tuple[int, int]]:
        """Return the keys that a row serves, and what each is worth there in millionths."""
        found = self._keys.get(row)
        if found is None:
            values = self.problem.values
            here = slice(int(values.starts[row]), int(values.starts[row + 1]))
            pairs = zip(values.key[here].tolist(), values.value[here].tolist(), strict=True)
            found = [(key, value) for key, value in pairs if value > 0]
            self._keys[row] = found
        return found

    def assets(self, row: int) -> list[int]:
        """Return the assets that a row needs itself and that do not stand."""
        found = self._assets.get(row)
        if found is None:
            own: Pairs = self.problem.links.assets
            found = [a for a in own.of_row(row).tolist() if not self.bought[a]]
            self._assets[row] = found
        return found

    def ways(self, row: int) -> list[int]:
        """Return the ways that may pay for a row, in the order in which they are tried."""
        found = self._ways.get(row)
        if found is None:
            found = [k for k, may in enumerate(self.problem.may[:, row].tolist()) if may]
            self._ways[row] = found
        return found

    def bundle(self, row: int) -> list[int]:
        """Return a row and whatever it requires that is not chosen, the required first."""
        rows = [row]
        while (above := self.parent[rows[-1]]) >= 0 and above not in self.way:
            rows.append(above)
        return rows[::-1]

    def above(self, row: int) -> list[int]:
        """Return the chosen rows that hang on a chosen row, itself last: the order in which they may go."""
        over = [one for one in self.problem.links.descendants.of_row(row).tolist() if one in self.way]
        return [*sorted(over, key=self.turn.__getitem__, reverse=True), row]

    def open_price(self, row: int) -> int:
        """Return what a row would cost now: its own price and the assets nobody has bought."""
        payer = self._payer
        return self.own[row] + sum(self.asset_fen[a] for a in self.assets(row) if a not in payer)

    def gain(self, rows: list[int]) -> tuple[int, int]:
        """Return the worth that rows not chosen would add together in millionths, and their price."""
        self.weighed += 1
        best, payer = self._best, self._payer
        if len(rows) == 1:
            worth = 0
            for key, value in self.keys(rows[0]):
                more = value - best.get(key, 0)
                if more > 0:
                    worth += more
            return worth, self.open_price(rows[0])
        reached, price, seen = dict[int, int](), 0, set[int]()
        for row in rows:
            price += self.own[row]
            for key, value in self.keys(row):
                reached[key] = max(value, reached.get(key, 0))
            for a in self.assets(row):
                if a not in payer and a not in seen:
                    seen.add(a)
                    price += self.asset_fen[a]
        return sum(max(0, value - best.get(key, 0)) for key, value in reached.items()), price

    def _charge(self, row: int, sign: int) -> None:
        """Take the price of a row from its pots, or give it back."""
        way, price = self.problem.ways[self.way[row]], self.price[row]
        part = way.matched(price, self.opex[row])
        self.left[way.pot] -= sign * (price - part)
        if part:
            self.left[way.matching] -= sign * part

    def reaches(self, row: int, number: int, price: int) -> bool:
        """Return whether the pots of a way hold a price."""
        way = self.problem.ways[number]
        part = way.matched(price, self.opex[row])
        if way.matching < 0 or part == 0:
            return self.left[way.pot] >= price - part
        return self.left[way.pot] >= price - part and self.left[way.matching] >= part

    def _put(self, row: int, way: int, turn: int) -> None:
        self.way[row], self.turn[row], self.price[row] = way, turn, self.own[row]
        for a in self.assets(row):
            users = self._users.setdefault(a, {})
            payer = self._payer.get(a, -1)
            if payer >= 0 and self.turn[payer] > turn:
                self._reprice(payer, -self.asset_fen[a])
                payer = -1
            if payer < 0:
                self._payer[a] = row
                self.price[row] += self.asset_fen[a]
            users[row] = None
        self._charge(row, 1)
        best = self._best
        for key, value in self.keys(row):
            self._cover.setdefault(key, {})[row] = value
            was = best.get(key, 0)
            if value > was:
                best[key] = value
                self.worth += value - was

    def _take(self, row: int) -> None:
        self._charge(row, -1)
        for a in self.assets(row):
            users = self._users[a]
            del users[row]
            if self._payer[a] == row:
                if users:
                    heir = min(users, key=self.turn.__getitem__)
                    self._payer[a] = heir
                    self._reprice(heir, self.asset_fen[a])
                else:
                    del self._payer[a]
        for key, value in self.keys(row):
            cover = self._cover[key]
            del cover[row]
            if value == self._best[key]:
                now = max(cover.values(), default=0)
                self._best[key] = now
                self.worth -= value - now
        del self.way[row], self.turn[row], self.price[row]

    def _reprice(self, row: int, by: int) -> None:
        self._charge(row, -1)
        self.price[row] += by
        self._charge(row, 1)

    def add(self, row: int, way: int) -> None:
        """Choose a row, last in the order; what it requires must be chosen."""
        self._put(row, way, self._next)
        self._next += 1
        self._steps.append((row, -1, 0))

    def drop(self, row: int) -> None:
        """Leave out a chosen row on which no chosen row hangs."""
        self._steps.append((row, self.way[row], self.turn[row]))
        self._take(row)

    def pay_by(self, row: int, way: int) -> None:
        """Change the way in which a chosen row is paid; its place in the order stays."""
        turn = self.turn[row]
        self.drop(row)
        self._put(row, way, turn)
        self._steps.append((row, -1, 0))

    def touches(self, row: int, pot: int) -> bool:
        """Return whether a pot pays for a chosen row, in whole or in part."""
        way = self.problem.ways[self.way[row]]
        return pot in (way.pot, way.matching)

    def rearrange(self, rows: list[int], ways: list[int], kept: AbstractSet[int]) -> None:
        """Put the chosen rows in an order, ``kept`` before all that may ever come, each paid by a way."""
        for row in rows:
            self.drop(row)
        for place, (row, way) in enumerate(zip(rows, ways, strict=True)):
            turn = place
            if row not in kept:
                turn = self._next
                self._next += 1
            self._put(row, way, turn)
            self._steps.append((row, -1, 0))

    def heirs(self, row: int) -> list[int]:
        """Return the chosen rows that could buy an asset that a row has bought."""
        if len(self.left) == 1:
            return []
        return sorted(
            {one for a in self.assets(row) if self._payer[a] == row for one in self._users[a]} - {row}
        )

    def freed_by_paying(self, row: int, number: int) -> list[int]:
        """Return what each pot would get back if a chosen row were paid by another way; negative: pay."""
        self.weighed += 1
        freed = [0] * len(self.left)
        price, opex = self.price[row], self.opex[row]
        for sign, way in ((1, self.problem.ways[self.way[row]]), (-1, self.problem.ways[number])):
            part = way.matched(price, opex)
            freed[way.pot] += sign * (price - part)
            if part:
                freed[way.matching] += sign * part
        return freed

    def freed_by_dropping(self, rows: list[int]) -> tuple[list[int], int]:
        """Return what each pot would get back without chosen rows (``above``), and the worth that is lost."""
        self.weighed += 1
        row = rows[0]
        if len(rows) > 1 or any(
            self._payer[a] == row and len(self._users[a]) > 1 for a in self.assets(row)
        ):  # somebody else would have to pay for an asset
            mark, worth, left = self.mark(), self.worth, list(self.left)
            for one in rows:
                self.drop(one)
            freed, loss = [new - old for new, old in zip(self.left, left, strict=True)], worth - self.worth
            self.undo(mark)
            return freed, loss
        freed, way = [0] * len(self.left), self.problem.ways[self.way[row]]
        part = way.matched(self.price[row], self.opex[row])
        freed[way.pot] += self.price[row] - part
        if part:
            freed[way.matching] += part
        loss = 0
        for key, value in self.keys(row):
            if value == self._best[key]:
                others = [other for one, other in self._cover[key].items() if one != row]
                loss += value - max(others, default=0)
        return freed, loss

    def to_front(self, row: int) -> None:
        """Put a chosen row, after what it requires, before all others: it then buys what it needs itself."""
        chain = [row]
        while (above := self.parent[chain[-1]]) >= 0 and above in self.way:
            chain.append(above)
        for one in chain:
            way = self.way[one]
            self._front -= 1
            self.drop(one)
            self._put(one, way, self._front)
            self._steps.append((one, -1, 0))

    def mark(self) -> int:
        """Return where the draft stands, for ``undo``."""
        return len(self._steps)

    def undo(self, mark: int) -> None:
        """Take back every step since a mark."""
        while len(self._steps) > mark:
            row, way, turn = self._steps.pop()
            if way < 0:
                self._take(row)
            else:
                self._put(row, way, turn)

    def feasible(self) -> bool:
        """Return whether no pot is overdrawn."""
        return min(self.left, default=0) >= 0

    def assets_in_use(self) -> list[int]:
        """Return the assets that somebody pays for, in row order."""
        return sorted(self._payer)

    def users(self, asset: int) -> list[int]:
        """Return the chosen rows that need an asset themselves."""
        return sorted(self._users.get(asset, ()))

    def put_all(self, solution: Solution, kept: AbstractSet[int] = frozenset()) -> None:
        """Choose everything of a solution in its order, ``kept`` before all that may ever come."""
        for place, (row, way) in enumerate(zip(solution.rows, solution.ways, strict=True)):
            if row in kept:
                self._put(row, way, place)
            else:
                self.add(row, way)

    def restore(self, solution: Solution, kept: AbstractSet[int] = frozenset()) -> None:
        """Turn into a solution, whatever is chosen now; what was before is forgotten."""
        for row in sorted(self.way, key=self.turn.__getitem__, reverse=True):
            self._take(row)
        self._steps.clear()
        self.put_all(solution, kept)
        self._steps.clear()

    def solution(self) -> Solution:
        """Return the choice in its order."""
        rows = sorted(self.way, key=self.turn.__getitem__)
        return Solution(tuple(rows), tuple(self.way[row] for row in rows))


def kept_rows(problem: Problem, start: Solution) -> frozenset[int]:
    """Return the rows of a choice that are committed to in advance, with all that they require."""
    chosen = set(start.rows)
    kept = [row for row in problem.forced.tolist() if row in chosen]
    above = [one for row in kept for one in problem.links.ancestors.of_row(row).tolist() if one in chosen]
    return frozenset((*kept, *above))
