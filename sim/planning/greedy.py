"""The greedy rule: the best worth per money first, re-weighed whenever a choice changes it.

Scores are taken lazily: a candidate's score can only fall as others take the homes it would
serve, so the one on top is weighed again and either still leads or goes back into the queue. A
score can rise only where an asset or a requirement was bought meanwhile; those are queued anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.parameters import Quantity
from sim.planning.base import Choice, Chosen, Planner, Question
from sim.planning.projects import PRICES, UNKNOWN_PARENT, link, own_prices
from sim.planning.queue import CHOSEN, OPEN, OVER_BUDGET, SHUT, Queue
from sim.planning.worth import MICRO, Weights, per_candidate, value_rows
from sim.tables.plan import CAPACITY, DECISIONS, EGRESS, FIXED, IOT, MOBILE, PUBLIC, TELEVISION, TRANSPORT


class Greedy(Planner):
    """Choose by worth per money, ring-fenced pots first, until the money is used."""

    name: ClassVar[str] = "greedy"

    worth_home: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a home whose rate rises, beside what a target adds [1]."""
    worth_person_mobile: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person newly covered by mobile, beside what a target adds [1]."""
    worth_person_iot: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person at a point newly covered for things, beside what a target adds [1]."""
    worth_person_public: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person around a public place newly given wireless LAN, beside what a target adds [1]."""
    worth_home_transport: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a home whose traffic the transport network would not carry, once it is enlarged [1]."""
    worth_road_km: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a kilometre of road or railway newly covered by mobile, beside what a target adds [1]."""
    worth_person_capacity: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person in a cell that its busy hour outgrows, once the cell is enlarged [1]."""
    technology_shares: dict[str, Annotated[float, Field(ge=0, le=1), Quantity("share")]]
    """What a home or person counts of the worth above by technology or build; else whole [share]."""
    late_share: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """What is left of a target's weight once its due month has passed [share]."""

    @property
    def weights(self) -> Weights:
        """The worth of one home, person or kilometre."""
        base = {
            **dict.fromkeys((FIXED, TELEVISION), self.worth_home),
            **dict.fromkeys((TRANSPORT, EGRESS), self.worth_home_transport),
            MOBILE: self.worth_person_mobile,
            IOT: self.worth_person_iot,
            CAPACITY: self.worth_person_capacity,
            PUBLIC: self.worth_person_public,
        }
        return Weights(base, self.late_share, self.worth_road_km, self.technology_shares)

    def choose(self, question: Question) -> Choice:
        """Return the projects chosen and a row of decisions for every candidate."""
        selection = _Selection(question, self.weights)
        selection.run()
        return selection.choice()


class _Selection:
    """One release of choosing."""

    def __init__(self, question: Question, weights: Weights) -> None:
        proposal, candidates = question.proposal, question.proposal.candidates
        self.question = question
        self.count = len(candidates)
        self.ids = candidates["project_id"].to_numpy(dtype=object)
        self.technology = candidates["technology"].to_numpy(dtype=object)
        self.requires = candidates["requires"].to_numpy(dtype=object)
        self.id_rank = np.empty(self.count, dtype=np.int64)
        self.id_rank[np.argsort(self.ids, kind="stable")] = np.arange(self.count)
        self.links = link(proposal, question.taken)
        self.values = value_rows(proposal, question.needs, question.situation, question.kinds, weights)
        self.starts: list[int] = self.values.starts.tolist()
        self.best = np.zeros(self.values.keys, dtype=np.int64)
        self.best_gained = np.zeros(self.values.keys, dtype=np.int64)
        self.own = own_prices(candidates)
        self.own_fen: list[int] = self.own.sum(axis=1).tolist()
        self.asset_prices = own_prices(proposal.assets)
        self.asset_fen: list[int] = self.asset_prices.sum(axis=1).tolist()
        self.asset_ids = proposal.assets["asset_id"].to_numpy(dtype=object)
        self.bought = np.array([name in question.bought for name in self.asset_ids], dtype=bool)
        self.pots = [name for name in question.budget.order if question.funds_fen.get(name, 0) > 0]
        self.funds = [question.funds_fen[name] for name in self.pots]
        self.rows: list[int] = []
        self.spending: dict[int, Chosen] = {}
        self.price_rows: dict[int, NDArray[np.int64]] = {}
        self.gains_at_choice: dict[int, tuple[int, int, int]] = {}
        self._close_what_cannot_be()

    def _close_what_cannot_be(self) -> None:
        """Shut candidates that are taken, early, without money of their kind, or hang on such a one."""
        candidates = self.question.proposal.candidates
        zone = candidates["zone"].to_numpy()
        kinds = self.question.kinds[zone]
        may = [self.question.budget.pots[name].may_pay(self.technology, kinds) for name in self.pots]
        self.may_pay = np.array(may, dtype=bool).reshape(len(self.pots), self.count)
        bits = (1 << np.arange(len(self.pots), dtype=np.int64)) @ self.may_pay.astype(np.int64)
        self.group: list[int] = bits.tolist()
        self.limit: dict[int, int] = {}
        every = [pot.may_pay(self.technology, kinds) for pot in self.question.budget.pots.values()]
        self.taken = np.array([name in self.question.taken for name in self.ids], dtype=bool)
        self.early = candidates["available_month"].to_numpy() > self.question.situation.month
        self.no_pot = ~np.any(np.array(every, dtype=bool).reshape(-1, self.count), axis=0)
        shut = self.taken | self.early | self.no_pot | (self.links.parent == UNKNOWN_PARENT)
        left = np.repeat(np.arange(self.count), np.diff(self.links.ancestors.starts))
        self.waits = np.bincount(left, shut[self.links.ancestors.to], minlength=self.count) > 0
        self.waits |= self.links.parent == UNKNOWN_PARENT
        self.state: list[int] = np.where(shut | self.waits, SHUT, OPEN).tolist()
        self.score = self._scores()

    def _marginal(self) -> NDArray[np.int64]:
        """Worth that each candidate alone adds to what is chosen so far."""
        values = self.values
        return per_candidate(np.maximum(values.value - self.best[values.key], 0), values.starts)

    def _scores(self) -> NDArray[np.float64]:
        """Worth per money of each candidate with whatever it still requires."""
        worth, price = self._marginal(), np.array(self.own_fen, dtype=np.int64)
        chosen = np.zeros(self.count, dtype=bool)
        chosen[self.rows] = True
        over = self.links.ancestors.to
        left = np.repeat(np.arange(self.count), np.diff(self.links.ancestors.starts))
        left, over = left[~chosen[over]], over[~chosen[over]]
        bundle_worth, bundle_price = worth.copy(), price.copy()
        np.add.at(bundle_worth, left, worth[over])
        np.add.at(bundle_price, left, price[over])
        unbought = ~self.bought[self.links.right]
        asset_fen = np.array(self.asset_fen, dtype=np.int64)[self.links.right[unbought]]
        np.add.at(bundle_price, self.links.left[unbought], asset_fen)
        return _ratio(bundle_worth, bundle_price)

    def run(self) -> None:
        """Choose until nothing that is worth anything can be paid."""
        initial = self.score.copy()
        rows = np.flatnonzero((np.array(self.state) == OPEN) & (initial > 0))
        order = rows[np.lexsort((self.id_rank[rows], -initial[rows]))]
        own = np.array(self.own_fen, dtype=np.int64)[order]
        cheapest: list[int] = np.minimum.accumulate(own[::-1])[::-1].tolist()
        queue = Queue(order, initial, self.id_rank)
        while (row := queue.next(self.score, self.state)) >= 0:
            if self.own_fen[row] > self._limit(self.group[row]):
                self.state[row] = OVER_BUDGET
                if not queue.heap and cheapest[queue.position - 1] > max(self.funds, default=0):
                    break
                continue
            bundle = self._bundle(row)
            score = self._weigh(bundle)
            if score != self.score[row]:
                self.score[row] = score
                if score > 0:
                    queue.push(score, row)
                continue
            paid = self._pay(bundle)
            if not paid:
                self.state[row] = OVER_BUDGET
                continue
            for changed in self._take(bundle, paid, score):
                queue.push(float(self.score[changed]), changed)

    def _limit(self, group: int) -> int:
        """Money in the fullest pot that may pay for a group of candidates."""
        if group not in self.limit:
            self.limit[group] = max(
                (self.funds[k] for k in range(len(self.pots)) if group >> k & 1), default=-1
            )
        return self.limit[group]

    def _bundle(self, row: int) -> list[int]:
        """A candidate and whatever it still requires, the required first."""
        rows = [row]
        while (above := int(self.links.parent[rows[-1]])) >= 0 and self.state[above] != CHOSEN:
            rows.append(above)
        return rows[::-1]

    def _weigh(self, bundle: list[int]) -> float:
        """Worth per money of a bundle as things stand now."""
        worth = self._adds(bundle[0]) if len(bundle) == 1 else self._add_together(bundle)
        price = sum(self.own_fen[row] for row in bundle)
        for asset in self.links.bundle.of_row(bundle[-1]).tolist():
            if not self.bought[asset]:
                price += self.asset_fen[asset]
        return worth / price if price else (float("inf") if worth else 0.0)

    def _adds(self, row: int) -> int:
        """Worth that one candidate adds."""
        rows = slice(self.starts[row], self.starts[row + 1])
        return int(np.maximum(self.values.value[rows] - self.best[self.values.key[rows]], 0).sum())

    def _add_together(self, bundle: list[int]) -> int:
        """Worth that several candidates add: what two of them serve counts once, at the better one."""
        rows = np.concatenate([np.arange(self.starts[row], self.starts[row + 1]) for row in bundle])
        key = self.values.key[rows]
        gain = np.maximum(self.values.value[rows] - self.best[key], 0)
        order = np.lexsort((gain, key))
        best = np.diff(key[order], append=-1) != 0
        return int(gain[order][best].sum())

    def _pay(self, bundle: list[int]) -> list[tuple[int, int, list[int]]]:
        """Pot, price and assets of each project of a bundle; empty where the money does not reach."""
        funds, seen, paid = list(self.funds), set[int](), []
        for row in bundle:
            assets = [
                a for a in self.links.assets.of_row(row).tolist() if not self.bought[a] and a not in seen
            ]
            price = self.own_fen[row] + sum(self.asset_fen[a] for a in assets)
            pot = next((k for k in range(len(funds)) if self.group[row] >> k & 1 and funds[k] >= price), -1)
            if pot < 0:
                return []
            funds[pot] -= price
            seen.update(assets)
            paid.append((pot, price, assets))
        return paid

    def _take(self, bundle: list[int], paid: list[tuple[int, int, list[int]]], score: float) -> list[int]:
        """Book a bundle; return the candidates whose score rose with it, in row order."""
        changed: set[int] = set()
        for row, (pot, price, assets) in zip(bundle, paid, strict=True):
            rows = slice(self.starts[row], self.starts[row + 1])
            key = self.values.key[rows]
            newly = np.maximum(self.values.gained[rows] - self.best_gained[key], 0)
            road = int(newly[self.values.road[rows]].sum())
            self.gains_at_choice[row] = (self._adds(row), int(newly.sum()) - road, road)
            self.best[key] = np.maximum(self.best[key], self.values.value[rows])
            self.best_gained[key] = np.maximum(self.best_gained[key], self.values.gained[rows])
            self.price_rows[row] = self.own[row] + self.asset_prices[assets].sum(axis=0)
            self.bought[assets] = True
            self.funds[pot] -= price
            self.state[row], self.score[row] = CHOSEN, score
            self.rows.append(row)
            buys = tuple(sorted((str(self.asset_ids[a]), self.asset_fen[a]) for a in assets))
            self.spending[row] = Chosen(row, str(self.ids[row]), self.pots[pot], price, buys, 0)
            changed.update(self.links.descendants.of_row(row).tolist())
            for asset in assets:
                changed.update(self.links.sharers.of_row(asset).tolist())
        self.limit.clear()
        risen = [row for row in sorted(changed) if self.state[row] in (OPEN, OVER_BUDGET)]
        for row in risen:
            self.state[row] = OPEN
            self.score[row] = self._weigh(self._bundle(row))
        return [row for row in risen if self.score[row] > 0]

    def choice(self) -> Choice:
        """Return the decisions, best first, and the chosen projects in the order of choice.

        What requires another project may score higher once that is chosen, but is funded after it.
        """
        values, candidates = self.values, self.question.proposal.candidates
        worth = self._marginal()
        newly = np.maximum(values.gained - self.best_gained[values.key], 0)
        road = per_candidate(newly * values.road, values.starts)
        homes = per_candidate(newly, values.starts) - road
        price = self._open_prices()
        score = self._scores()
        for row, (was_worth, was_homes, was_road) in self.gains_at_choice.items():
            worth[row], homes[row], road[row], score[row] = was_worth, was_homes, was_road, self.score[row]
            price[row] = self.price_rows[row]
        turn = np.full(self.count, self.count, dtype=np.int64)
        turn[self.rows] = np.arange(len(self.rows))
        order = np.lexsort((self.id_rank, turn, -score))
        rank = np.empty(self.count, dtype=np.int32)
        rank[order] = np.arange(1, self.count + 1)
        pot, reason = self._reasons(worth)
        chosen = turn < self.count
        frame = DECISIONS.frame(
            replication=self.question.replication,
            release=self.question.situation.month,
            project_id=self.ids[order],
            technology=self.technology[order],
            zone=candidates["zone"].to_numpy()[order],
            rank=rank[order],
            worth=worth[order] / MICRO,
            homes=homes[order] / MICRO,
            road_km=road[order] / MICRO,
            **{name: price[order, k] for k, name in enumerate(PRICES)},
            price_fen=price[order].sum(axis=1),
            pot=pot[order],
            chosen=chosen[order],
            reason=reason[order],
        )
        return Choice(frame, tuple(self._ranked(row, int(rank[row])) for row in self.rows))

    def _ranked(self, row: int, rank: int) -> Chosen:
        return replace(self.spending[row], rank=rank, requires=str(self.requires[row]))

    def _open_prices(self) -> NDArray[np.int64]:
        """Price of each candidate by item with its assets not yet bought."""
        price = self.own.copy()
        owner = np.repeat(np.arange(self.count), np.diff(self.links.assets.starts))
        unbought = ~self.bought[self.links.assets.to]
        np.add.at(price, owner[unbought], self.asset_prices[self.links.assets.to[unbought]])
        return price

    def _reasons(self, worth: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Pot that pays, and why or why not; the first reason that holds."""
        pot = np.full(self.count, "", dtype=object)
        reason = np.full(self.count, "over budget", dtype=object)
        reason[worth == 0] = "nothing newly served"
        reason[self.no_pot] = "no pot may pay"
        for row in np.flatnonzero(self.waits).tolist():
            reason[row] = f"waits for {self.requires[row]}"
        reason[self.early] = "not yet available"
        reason[self.taken] = "already under way"
        for row, one in self.spending.items():
            pot[row], reason[row] = one.pot, "chosen"
        return pot, reason


def _ratio(worth: NDArray[np.int64], price: NDArray[np.int64]) -> NDArray[np.float64]:
    """Worth per fen; integers divided once, so every machine gives the same number."""
    free = np.where(worth > 0, np.inf, 0.0)
    return np.divide(worth, price, out=free, where=price > 0)
