"""A choice told to others: a row of decisions for every candidate, and what is to be built."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.planning.base import Choice, Chosen
from sim.planning.commitments import COMMITTED
from sim.planning.problem import (
    Problem,
    Solution,
    bill_of,
    closed_rows,
    hanging,
    may_pay,
    named,
    ratio,
    spent_of,
    worth_of_solution,
)
from sim.planning.projects import PRICES, own_prices
from sim.planning.worth import MICRO, per_candidate
from sim.tables.decisions import DECISIONS, RELEASES, WORTH_PARTS

if TYPE_CHECKING:
    import pandas as pd

    from sim.planning.base import Question
    from sim.planning.bound import Bound


FEN_PER_MILLION_YUAN = 100_000_000


def choice_of(question: Question, problem: Problem, solution: Solution, bound: Bound) -> Choice:
    """Return a choice with a row for every candidate, best first, and what is chosen in its order.

    Candidates are ranked by worth per money: the chosen by what they added when their turn came, with what
    was chosen for their sake just before; the others by what they would add now, with all that they
    still require. What requires another project may rank above it, but is funded after it.
    """
    told = _Told(question, problem, solution)
    frame, rank = told.frame()
    worth, limit = worth_of_solution(problem, solution) / MICRO, bound.worth / MICRO
    prices = (bound.pot_prices * FEN_PER_MILLION_YUAN / MICRO).tolist()
    choice = Choice(frame, told.chosen_ones(rank), worth, limit, dict(zip(problem.pots, prices, strict=True)))
    return replace(choice, releases=_releases(told, choice))


def _releases(told: _Told, choice: Choice) -> pd.DataFrame:
    """Return the rows of a release: all money, then each pot."""
    problem, pots = told.problem, told.problem.pots
    pays, matches = (
        np.array([getattr(way, which) for way in problem.ways], dtype=np.int64)[told.bill.ways]
        for which in ("pot", "matching")
    )
    worth = told.worth[told.rows] / MICRO
    may = [
        problem.may[[k in (way.pot, way.matching) for way in problem.ways]].any(axis=0).sum()
        for k in range(len(pots))
    ]
    spent = spent_of(problem, told.bill)
    nothing = [np.nan] * len(pots)
    return RELEASES.frame(
        replication=told.question.replication,
        release=told.question.situation.month,
        operator=told.question.operator,
        pot=["", *pots],
        candidates=[problem.count, *may],
        chosen=[len(told.rows), *(int(((pays == k) | (matches == k)).sum()) for k in range(len(pots)))],
        worth=[choice.worth, *(float(worth[pays == k].sum()) for k in range(len(pots)))],
        bound=[choice.bound, *nothing],
        gap=[choice.gap, *nothing],
        funds_fen=[int(problem.funds.sum()), *problem.funds.tolist()],
        spent_fen=[int(spent.sum()), *spent.tolist()],
        worth_of_million=[np.nan, *(choice.pot_prices[name] for name in pots)],
    )


class _Told:
    """What a choice added and left, candidate by candidate."""

    def __init__(self, question: Question, problem: Problem, solution: Solution) -> None:
        self.question, self.problem = question, problem
        self.bill = bill_of(problem, solution)
        self.rows = self.bill.rows
        self.turn = np.full(problem.count, problem.count, dtype=np.int64)
        self.turn[self.rows] = np.arange(len(self.rows))
        self.chosen = self.turn < problem.count
        values = problem.values
        self.owner = np.repeat(np.arange(problem.count), np.diff(values.starts))
        self.gain = self._added(values.value)
        self.worth = per_candidate(self.gain, values.starts)
        self.bought = problem.bought.copy()
        self.bought[self.bill.asset] = True

    def chosen_ones(self, rank: NDArray[np.int32]) -> tuple[Chosen, ...]:
        """Return what is to be built, in the order of the choice."""
        bill, problem, proposal = self.bill, self.problem, self.question.proposal
        asset_ids = proposal.assets["asset_id"].to_numpy(dtype=object)[bill.asset].tolist()
        buys: dict[int, list[tuple[str, int]]] = {}
        bought = zip(bill.buyer.tolist(), asset_ids, problem.asset_fen[bill.asset].tolist(), strict=True)
        for buyer, name, fen in bought:
            buys.setdefault(buyer, []).append((str(name), fen))
        pot, matching = self._payers()
        columns = zip(
            self.rows.tolist(),
            problem.ids[self.rows].tolist(),
            pot[self.rows].tolist(),
            bill.price_fen.tolist(),
            rank[self.rows].tolist(),
            proposal.candidates["requires"].to_numpy(dtype=object)[self.rows].tolist(),
            matching[self.rows].tolist(),
            bill.matched_fen.tolist(),
            strict=True,
        )
        return tuple(
            Chosen(
                row=row,
                project_id=name,
                pot=payer,
                price_fen=fen,
                buys=tuple(sorted(buys[place])) if place in buys else (),
                rank=turn,
                requires=required,
                matching=(adds, part) if part else None,
            )
            for place, (row, name, payer, fen, turn, required, adds, part) in enumerate(columns)
        )

    def _added(self, value: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what each entry adds at its key: of the chosen to what came before, of others to all."""
        key, turn = self.problem.values.key, self.turn[self.owner]
        order = np.lexsort((turn, key))
        place = np.empty(len(value), dtype=np.int64)
        place[np.argsort(value[order], kind="stable")] = np.arange(1, len(value) + 1)
        # a running maximum key by key: the number of the key is carried above the place of the value
        of_key = np.cumsum(np.diff(key[order], prepend=key[order][:1]) != 0) * (len(value) + 1)
        place[~self.chosen[self.owner[order]]] = 0
        top = np.maximum.accumulate(of_key + place)
        before = np.concatenate((np.zeros(1, dtype=np.int64), top))[:-1] - of_key
        by_place = np.concatenate((np.zeros(1, dtype=np.int64), np.sort(value)))
        had = np.empty(len(value), dtype=np.int64)
        had[order] = by_place[np.maximum(before, 0)]
        return np.asarray(np.maximum(value - had, 0))

    def prices(self) -> NDArray[np.int64]:
        """Return the price of each candidate by item, with what is bought with it or not yet bought."""
        proposal, links = self.question.proposal, self.problem.links
        price, of_asset = own_prices(proposal.candidates).copy(), own_prices(proposal.assets)
        owner = np.repeat(np.arange(self.problem.count), np.diff(links.assets.starts))
        mine = ~self.bought[links.assets.to] & ~self.chosen[owner]
        np.add.at(price, owner[mine], of_asset[links.assets.to[mine]])
        np.add.at(price, self.rows[self.bill.buyer], of_asset[self.bill.asset])
        return price

    def scores(self, price: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return worth per money: of the chosen in their turn, of the others with all they still require."""
        links, count = self.problem.links, self.problem.count
        worth, cost = self.worth.copy(), price.copy()
        left = np.repeat(np.arange(count), np.diff(links.ancestors.starts))
        open_pair = ~self.chosen[left] & ~self.chosen[links.ancestors.to]
        left, over = left[open_pair], links.ancestors.to[open_pair]
        np.add.at(worth, left, self.worth[over])
        bundle = self.problem.own_fen.copy()
        np.add.at(bundle, left, self.problem.own_fen[over])
        unbought = ~self.bought[links.right]
        np.add.at(bundle, links.left[unbought], self.problem.asset_fen[links.right[unbought]])
        cost = np.where(self.chosen, price, bundle)
        score = ratio(worth, cost)
        self._raise_required(score, worth, cost)
        return score

    def _raise_required(
        self, score: NDArray[np.float64], worth: NDArray[np.int64], cost: NDArray[np.int64]
    ) -> None:
        """Score what was chosen for the sake of the next in turn together with it."""
        follows = np.flatnonzero(self.problem.links.parent[self.rows[1:]] == self.rows[:-1]) + 1
        for turn in follows[::-1].tolist():
            row, above = self.rows[turn], self.rows[turn - 1]
            if score[row] > score[above]:
                worth[above] += worth[row]
                cost[above] += cost[row]
                score[above] = ratio(worth[above : above + 1], cost[above : above + 1])[0]
        for turn in follows.tolist():
            row, above = self.rows[turn], self.rows[turn - 1]
            score[row] = min(score[row], score[above])

    def frame(self) -> tuple[pd.DataFrame, NDArray[np.int32]]:
        """Return the table and the rank of each candidate, shape (N,)."""
        problem, candidates, values = self.problem, self.question.proposal.candidates, self.problem.values
        by_item = self.prices()
        price = by_item.sum(axis=1)
        order = np.lexsort((problem.id_rank, self.turn, -self.scores(price)))
        rank = np.empty(problem.count, dtype=np.int32)
        rank[order] = np.arange(1, problem.count + 1)
        newly = self._added(values.gained)
        road = per_candidate(np.where(values.road, newly, 0), values.starts)
        homes = per_candidate(newly, values.starts) - road
        pot, matching_pot = self._payers()
        matching_fen = np.zeros(problem.count, dtype=np.int64)
        matching_fen[self.rows] = self.bill.matched_fen
        frame = DECISIONS.frame(
            replication=self.question.replication,
            release=self.question.situation.month,
            project_id=problem.ids[order],
            technology=candidates["technology"].to_numpy(dtype=object)[order],
            zone=candidates["zone"].to_numpy()[order],
            rank=rank[order],
            worth=self.worth[order] / MICRO,
            **{f"worth_{name}": part[order] for name, part in self._parts().items()},
            homes=homes[order] / MICRO,
            road_km=road[order] / MICRO,
            **{name: by_item[order, k] for k, name in enumerate(PRICES)},
            price_fen=price[order],
            pot=pot[order],
            matching_pot=matching_pot[order],
            matching_fen=matching_fen[order],
            chosen=self.chosen[order],
            reason=self._reasons()[order],
        )
        return frame, rank

    def _parts(self) -> dict[str, NDArray[np.float64]]:
        """Return the parts of each candidate's worth; what others take of a key it loses in proportion."""
        values = self.problem.values
        share = np.divide(self.gain, values.value, out=np.zeros(len(self.gain)), where=values.value > 0)
        starts = values.starts
        result = {}
        for name, part in zip(WORTH_PARTS, values.parts, strict=True):
            total = np.concatenate((np.zeros(1), np.cumsum(part * share)))
            result[name] = np.maximum(total[starts[1:]] - total[starts[:-1]], 0.0) / MICRO
        return result

    def _payers(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Return who pays for each candidate and who matches, shape (N,)."""
        pot, matching = (np.full(self.problem.count, "", dtype=object) for _ in range(2))
        names = np.array([*self.problem.pots, ""], dtype=object)
        pays, matches = (
            np.array([getattr(way, which) for way in self.problem.ways], dtype=np.int64)[self.bill.ways]
            for which in ("pot", "matching")
        )
        pot[self.rows] = names[pays]
        matching[self.rows] = np.where(self.bill.matched_fen > 0, names[matches], "")
        return pot, matching

    def _reasons(self) -> NDArray[np.object_]:
        """Return why each candidate is chosen or not; the first reason that holds."""
        question, problem = self.question, self.problem
        candidates = question.proposal.candidates
        closed = closed_rows(question)
        # nobody may pay: no pot at all, with or without money
        nobody = ~problem.may.any(axis=0)
        if len(problem.pots) < len(question.budget.order):
            nobody = ~may_pay(question, question.budget.order).any(axis=0)
        reason = np.full(problem.count, "over budget", dtype=object)
        reason[self.worth == 0] = "nothing newly served"
        reason[nobody] = "no pot may pay"
        requires = candidates["requires"].to_numpy(dtype=object)
        for row in np.flatnonzero(hanging(problem.links, closed | nobody)).tolist():
            reason[row] = f"waits for {requires[row]}"
        names = candidates["project_id"]
        for row in np.flatnonzero(named(names, question.shut)).tolist():
            reason[row] = question.shut[str(problem.ids[row])]
        reason[candidates["available_month"].to_numpy() > question.situation.month] = "not yet available"
        reason[named(names, question.barred)] = "given up"
        reason[named(names, question.taken)] = "already under way"
        forced = named(names, frozenset(question.forced))
        reason[forced & (reason == "over budget")] = f"{COMMITTED}, over budget"
        reason[self.chosen] = "chosen"
        reason[self.chosen & forced] = COMMITTED
        return reason
