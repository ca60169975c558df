"""Who pays for what: another split of the same projects between pots that leaves none overdrawn."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from sim.planning.draft import Draft

Parts = tuple[tuple[int, int], ...]
"""Pots and what each of them would pay [fen]."""
_TRIED_AS_ONE = 8
"""Assignments tried that are about as much work as one change weighed."""
_MOST = 100
"""Chosen rows up to which pots are split anew; with more, what one row leaves over hardly counts."""
_Item = tuple[int, int]
"""A row and -1, or -1 and an asset that several rows could buy."""


def repack(draft: Draft, kept: AbstractSet[int], nodes: int) -> bool:
    """Split the chosen rows anew so that no pot is overdrawn; return whether a split was found.

    Rows of few ways come first, then the dearest, each from the pot that it fills most. An asset that
    several could buy is paid like one of them. Nothing changes where nothing is found within ``nodes``
    assignments.
    """
    if len(draft.left) < 2 or sum(draft.left) < 0 or len(draft.way) > _MOST:
        return False
    return _Split(draft, kept).run(nodes)


class _Split:
    """The chosen rows and what they need, as items that are given to ways of paying."""

    def __init__(self, draft: Draft, kept: AbstractSet[int]) -> None:
        self.draft, self.kept = draft, kept
        self.left: list[int] = draft.problem.funds.tolist()
        rows = sorted(draft.way, key=lambda row: (-draft.price[row] / len(draft.ways(row)), draft.rank[row]))
        place = {row: k for k, row in enumerate(rows)}
        self.buyers: dict[int, list[int]] = {}
        alone = dict.fromkeys(rows, 0)
        after: dict[int, list[int]] = {}
        for asset in draft.assets_in_use():
            buyers = self._buyers(asset)
            if len(buyers) == 1:
                alone[buyers[0]] += draft.asset_fen[asset]
            else:
                self.buyers[asset] = buyers
                after.setdefault(max(place[row] for row in buyers), []).append(asset)
        self.items: list[_Item] = []
        for k, row in enumerate(rows):
            self.items.append((row, -1))
            self.items += [(-1, asset) for asset in after.get(k, ())]
        self.charges = {
            row: {way: _parts(draft, row, way, draft.own[row] + alone[row]) for way in draft.ways(row)}
            for row in rows
        }
        self.way: dict[int, int] = {}
        self.bought_by: dict[int, int] = {}

    def _buyers(self, asset: int) -> list[int]:
        """Rows that could be the first to need an asset."""
        draft = self.draft
        users = draft.users(asset)
        among = {row for row in users if row in self.kept} or set(users)
        found = []
        for row in users:
            above = draft.parent[row]
            while above >= 0 and above not in among:
                above = draft.parent[above]
            if row in among and above < 0:
                found.append(row)
        return found

    def _options(self, item: _Item) -> list[tuple[int, Parts]]:
        """Ways that could pay for an item, the one that leaves least money in its pots last."""
        row, asset = item
        if row >= 0:
            ways = self.charges[row]
        else:
            fen = self.draft.asset_fen[asset]
            ways = {
                way: _parts(self.draft, -1, way, fen)
                for way in sorted({self.way[one] for one in self.buyers[asset]})
            }
        fits = [
            (sum(self.left[pot] - fen for pot, fen in parts), way, parts)
            for way, parts in ways.items()
            if all(self.left[pot] >= fen for pot, fen in parts)
        ]
        return [(way, parts) for _, way, parts in sorted(fits, reverse=True)]

    def run(self, nodes: int) -> bool:
        """Give every item a way, depth first, and put the draft in an order in which it is paid like that."""
        trail: list[list[tuple[int, Parts]]] = []
        taken: list[Parts] = []
        tried = 0
        while len(taken) < len(self.items):
            if len(trail) == len(taken):
                trail.append(self._options(self.items[len(taken)]))
            if trail[-1] and tried < nodes:
                tried += 1
                way, parts = trail[-1].pop()
                self._set(self.items[len(taken)], way)
                self._pay(parts, 1)
                taken.append(parts)
                continue
            trail.pop()
            if not taken or tried >= nodes:
                break
            self._pay(taken.pop(), -1)
        self.draft.weighed += 1 + tried // _TRIED_AS_ONE
        return len(taken) == len(self.items) and self._arrange()

    def _set(self, item: _Item, way: int) -> None:
        if item[0] >= 0:
            self.way[item[0]] = way
        else:
            self.bought_by[item[1]] = way

    def _pay(self, parts: Parts, sign: int) -> None:
        for pot, fen in parts:
            self.left[pot] -= sign * fen

    def _arrange(self) -> bool:
        """Put the draft in an order in which every asset is bought as found, where there is one."""
        draft = self.draft
        wait = sorted(self.way, key=lambda row: (row not in self.kept, draft.turn[row]))
        rows: list[int] = []
        placed, bought = set[int](), set[int]()
        while wait:
            ready = next((row for row in wait if self._may_come(row, placed, bought)), -1)
            if ready < 0:
                return False
            wait.remove(ready)
            rows.append(ready)
            placed.add(ready)
            bought.update(draft.assets(ready))
        mark = draft.mark()
        draft.rearrange(rows, [self.way[row] for row in rows], self.kept)
        if not draft.feasible():
            draft.undo(mark)
            return False
        return True

    def _may_come(self, row: int, placed: set[int], bought: set[int]) -> bool:
        above = self.draft.parent[row]
        if above >= 0 and above not in placed:
            return False
        return all(
            a in bought or self.bought_by.get(a, self.way[row]) == self.way[row]
            for a in self.draft.assets(row)
        )


def _parts(draft: Draft, row: int, number: int, price: int) -> Parts:
    """What each pot of a way would pay of a price; ``row`` is -1 for an asset alone."""
    way = draft.problem.ways[number]
    part = way.matched(price, draft.opex[row] if row >= 0 else 0)
    if part:
        return (way.pot, price - part), (way.matching, part)
    return ((way.pot, price),)
