"""One release as plain arrays: what every planning method chooses from, and how a choice is written.

N candidates, Q pots, W ways of paying, A shared assets, K keys (homes, points, roads). Rows number
candidates. A method is a function from a ``Problem`` to a ``Solution``; nothing else of the world
reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.planning.projects import UNKNOWN_PARENT, Links, link, own_prices
from sim.planning.worth import Values, Weights, value_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import pandas as pd

    from sim.planning.base import Question


@dataclass(frozen=True, slots=True)
class Way:
    """One way of paying: a pot alone, or a pot whose part another one matches by a share."""

    pot: int
    """Pot that bears the price, or what the matching pot leaves of it."""
    matching: int = -1
    """Pot that adds its share; -1 without one."""
    share: float = 0.0
    """Share of price and ``opex_years`` of running cost that the matching pot pays, 0..1."""
    opex_years: float = 0.0
    """Years of running cost that count toward the matching share [yr]."""

    def matched(self, price_fen: int, opex_fen: int) -> int:
        """Return what the matching pot pays of a price, never more than the price [fen]."""
        if self.matching < 0:
            return 0
        return min(price_fen, round(self.share * (price_fen + self.opex_years * opex_fen)))


@dataclass(frozen=True, eq=False)
class Problem:
    """What may be chosen at one release, and with which money."""

    ids: NDArray[np.object_]
    """Identifier of each candidate, shape (N,)."""
    id_rank: NDArray[np.int64]
    """Place of each identifier in alphabetical order: ties go to the lower, shape (N,)."""
    own_fen: NDArray[np.int64]
    """Own price without shared assets, shape (N,) [fen]."""
    opex_fen: NDArray[np.int64]
    """Yearly running cost, shape (N,) [fen/yr]."""
    shut: NDArray[np.bool_]
    """Candidates that cannot be chosen: taken, too early, barred, or hanging on such a one, shape (N,)."""
    links: Links
    """Precedence and shared assets; of ``parent`` only rows that are not shut matter."""
    asset_fen: NDArray[np.int64]
    """Price of each asset, shape (A,) [fen]."""
    bought: NDArray[np.bool_]
    """Assets that stand or were bought before, shape (A,)."""
    values: Values
    """What each candidate is worth, key by key; a set is worth the sum over keys of its best."""
    pots: tuple[str, ...]
    """Pots with money, in the order in which they are used."""
    funds: NDArray[np.int64]
    """Money that may be committed, shape (Q,) [fen]."""
    ways: tuple[Way, ...]
    """Ways of paying, in the order in which they are tried."""
    may: NDArray[np.bool_]
    """Whether each way may pay for each candidate, shape (W, N)."""
    forced: NDArray[np.int64]
    """Rows that are committed to in advance: chosen before all others as far as the money reaches."""

    @property
    def count(self) -> int:
        """How many candidates there are."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Solution:
    """A choice: candidates in order, the required before what requires them, each with its way of paying.

    An asset not bought before is bought with the first candidate of the order that needs it itself.
    """

    rows: tuple[int, ...]
    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """What one chosen project costs and who pays."""

    row: int
    way: int
    assets: tuple[int, ...]
    """Assets bought with it, in row order."""
    price_fen: int
    """Own price and the assets bought with it."""
    matched_fen: int
    """Part of the price that the matching pot pays."""


def problem_of(question: Question, weights: Weights) -> Problem:
    """Return the release as arrays.

    Raises ``PlanError`` for a circle of requirements, or a name that nothing proposes.
    """
    proposal, candidates = question.proposal, question.proposal.candidates
    ids = candidates["project_id"].to_numpy(dtype=object)
    id_rank = np.empty(len(ids), dtype=np.int64)
    id_rank[np.argsort(ids, kind="stable")] = np.arange(len(ids))
    links = link(proposal, question.taken)
    pots = tuple(name for name in question.budget.order if question.funds_fen.get(name, 0) > 0)
    may = may_pay(question, pots)
    closed = closed_rows(question) | ~may.any(axis=0)
    shut = closed | hanging(links, closed)
    place = {name: row for row, name in enumerate(ids.tolist())} if question.forced else {}
    forced = [place[name] for name in question.forced if name in place and not shut[place[name]]]
    return Problem(
        ids=ids,
        id_rank=id_rank,
        own_fen=own_prices(candidates).sum(axis=1),
        opex_fen=candidates["opex_fen_per_year"].to_numpy(dtype=np.int64),
        shut=shut,
        links=links,
        asset_fen=own_prices(proposal.assets).sum(axis=1),
        bought=named(proposal.assets["asset_id"], question.bought),
        values=value_rows(
            proposal, question.needs, question.situation, question.kinds, weights, ~gone_rows(question)
        ),
        pots=pots,
        funds=np.array([question.funds_fen[name] for name in pots], dtype=np.int64),
        ways=question.budget.ways(pots),
        may=may,
        forced=np.array(forced, dtype=np.int64),
    )


def may_pay(question: Question, pots: Sequence[str]) -> NDArray[np.bool_]:
    """Return whether each way of paying with these pots may pay for each candidate, shape (W, N)."""
    candidates = question.proposal.candidates
    return question.budget.may_pay(
        pots,
        candidates["technology"].to_numpy(dtype=object),
        candidates["zone"].to_numpy(),
        question.places,
    )


def named(names: pd.Series[str], among: Collection[str]) -> NDArray[np.bool_]:
    """Return which of the names are among others."""
    if not among:
        return np.zeros(len(names), dtype=bool)
    return np.fromiter((name in among for name in names), dtype=bool, count=len(names))


def gone_rows(question: Question) -> NDArray[np.bool_]:
    """Return the candidates that are taken or given up: nothing is left to weigh of them, shape (N,)."""
    ids = question.proposal.candidates["project_id"]
    return named(ids, question.taken) | named(ids, question.barred)


def closed_rows(question: Question) -> NDArray[np.bool_]:
    """Return the candidates that are taken, given up, barred now or not yet available, shape (N,)."""
    candidates = question.proposal.candidates
    closed = candidates["available_month"].to_numpy() > question.situation.month
    for among in (question.taken, question.barred, question.shut):
        closed = closed | named(candidates["project_id"], among)
    return np.asarray(closed)


def hanging(links: Links, closed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the candidates that require, through any chain, what is unknown or closed, shape (N,)."""
    count = len(closed)
    unknown = links.parent == UNKNOWN_PARENT
    left = np.repeat(np.arange(count), np.diff(links.ancestors.starts))
    over = (closed | unknown)[links.ancestors.to]
    return np.asarray(unknown | (np.bincount(left, over, minlength=count) > 0))


def best_of(problem: Problem, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the best value that any of these rows gives each key, shape (K,) [millionths]."""
    best = np.zeros(problem.values.keys, dtype=np.int64)
    edges = edges_of(problem.values.starts, np.asarray(rows, dtype=np.int64))
    np.maximum.at(best, problem.values.key[edges], problem.values.value[edges])
    return best


def worth_of_rows(problem: Problem, rows: Sequence[int] | NDArray[np.int64]) -> int:
    """Return what a set of candidates is worth together [millionths]."""
    return int(best_of(problem, rows).sum())


def worth_of_solution(problem: Problem, solution: Solution) -> int:
    """Return what a choice is worth [millionths]."""
    return worth_of_rows(problem, solution.rows)


def edges_of(starts: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of the entries of these rows of a sparse table, row by row."""
    first = starts[rows]
    sizes = starts[rows + 1] - first
    return np.asarray(np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum()))


@dataclass(frozen=True, eq=False)
class Bill:
    """What a choice of n projects costs and who pays, in its order."""

    rows: NDArray[np.int64]
    """Row of each project, shape (n,)."""
    ways: NDArray[np.int64]
    """Way of paying, shape (n,)."""
    price_fen: NDArray[np.int64]
    """Own price and the assets bought with it, shape (n,) [fen]."""
    matched_fen: NDArray[np.int64]
    """Part of the price that the matching pot pays, shape (n,) [fen]."""
    buyer: NDArray[np.int64]
    """Place in the order of whoever buys each asset that is bought, in order, shape (b,)."""
    asset: NDArray[np.int64]
    """That asset, shape (b,)."""


def bill_of(problem: Problem, solution: Solution) -> Bill:
    """Return what a choice costs; an asset is bought by the first of the order that needs it itself."""
    rows = np.array(solution.rows, dtype=np.int64)
    ways = np.array(solution.ways, dtype=np.int64)
    starts = np.array(problem.links.assets.starts, dtype=np.int64)
    edges = edges_of(starts, rows)
    buyer = np.repeat(np.arange(len(rows)), starts[rows + 1] - starts[rows])
    needed = problem.links.assets.to[edges]
    new = np.flatnonzero(~problem.bought[needed])
    first = np.full(len(problem.asset_fen), len(needed), dtype=np.int64)
    np.minimum.at(first, needed[new], new)
    new = new[first[needed[new]] == new]
    buyer, asset = buyer[new], needed[new]
    price = problem.own_fen[rows]
    np.add.at(price, buyer, problem.asset_fen[asset])
    matched = np.zeros(len(rows), dtype=np.int64)
    for number, way in enumerate(problem.ways):
        if way.matching >= 0:
            mine = ways == number
            part = way.share * (price[mine] + way.opex_years * problem.opex_fen[rows[mine]])
            matched[mine] = np.minimum(price[mine], np.rint(part).astype(np.int64))
    return Bill(rows, ways, price, matched, buyer, asset)


def payments(problem: Problem, solution: Solution) -> list[Payment]:
    """Return what each project of a choice costs, in its order, and which assets are bought with it."""
    bill = bill_of(problem, solution)
    assets: dict[int, list[int]] = {}
    for buyer, asset in zip(bill.buyer.tolist(), bill.asset.tolist(), strict=True):
        assets.setdefault(buyer, []).append(asset)
    columns = (bill.rows, bill.ways, bill.price_fen, bill.matched_fen)
    return [
        Payment(row, way, tuple(assets.get(place, ())), price, matched)
        for place, (row, way, price, matched) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    ]


def spent_of(problem: Problem, bill: Bill) -> NDArray[np.int64]:
    """Return what each pot pays of a bill, shape (Q,) [fen]."""
    spent = np.zeros(len(problem.pots), dtype=np.int64)
    for number, way in enumerate(problem.ways):
        mine = bill.ways == number
        spent[way.pot] += (bill.price_fen - bill.matched_fen)[mine].sum()
        if way.matching >= 0:
            spent[way.matching] += bill.matched_fen[mine].sum()
    return spent


def spent_by_pot(problem: Problem, paid: Iterable[Payment]) -> NDArray[np.int64]:
    """Return what each pot pays, shape (Q,) [fen]."""
    spent = [0] * len(problem.pots)
    for one in paid:
        way = problem.ways[one.way]
        spent[way.pot] += one.price_fen - one.matched_fen
        if way.matching >= 0:
            spent[way.matching] += one.matched_fen
    return np.array(spent, dtype=np.int64)


def verify(problem: Problem, solution: Solution) -> list[str]:
    """Return everything in which a choice breaks the rules, in words; nothing where it keeps them.

    A candidate is chosen once and only if it is not shut, after what it requires, paid in a way that
    may pay for it, and no pot pays more than it has.
    """
    if len(solution.rows) != len(solution.ways):
        return [f"{len(solution.rows)} projects are chosen with {len(solution.ways)} ways of paying"]
    wrong = []
    seen: set[int] = set()
    for row, way in zip(solution.rows, solution.ways, strict=True):
        name, parent = str(problem.ids[row]), int(problem.links.parent[row])
        if row in seen:
            wrong.append(f"{name} is chosen twice")
        if problem.shut[row]:
            wrong.append(f"{name} cannot be chosen")
        if parent >= 0 and parent not in seen:
            wrong.append(f"{name} is chosen before {problem.ids[parent]}, which it requires")
        if not problem.may[way, row]:
            wrong.append(f"{problem.pots[problem.ways[way].pot]} may not pay for {name}")
        seen.add(row)
    spent = spent_of(problem, bill_of(problem, solution))
    for name, fen, most in zip(problem.pots, spent.tolist(), problem.funds.tolist(), strict=True):
        if fen > most:
            wrong.append(f"the pot {name} pays {fen} fen of {most}")
    return wrong


def ratio(
    worth: NDArray[np.integer] | NDArray[np.floating], cost: NDArray[np.integer] | NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return worth per money; integers divided once, so every machine gives the same number."""
    free = np.where(worth > 0, np.inf, 0.0)
    return np.asarray(np.divide(worth, cost, out=free, where=cost > 0))
