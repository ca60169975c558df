"""Units bought cheapest first: against every choice of small problems, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.planning.cheapest import Brought, Stock, cheapest
from tests.planning.cases import problem, small_case
from tests.planning.test_cover import cheapest as least_of_all
from tests.planning.test_cover import goal, price_of, served

MICRO = 1_000_000


def stock_of(case):
    return Stock(case.id_rank, case.own_fen, np.where(case.bought, 0, case.asset_fen), case.links, ~case.shut)


def brought_of(one):
    return Brought(one.starts, one.key, one.amount)


def buy(case, rows, wanted):
    one = goal("t", wanted, rows)
    return cheapest(stock_of(case), brought_of(one), one.wanted)


def test_the_cheapest_way_to_each_unit_comes_first():
    rows = [{0: 10}, {1: 10}, {2: 10}]
    case = problem([300, 100, 200], [{0: 1}, {1: 1}, {2: 1}])
    assert buy(case, rows, 20).rows == (1, 2)
    assert buy(case, rows, 20).price_fen == 300
    assert buy(case, rows, 11).price_fen == 300
    assert buy(case, rows, 10).price_fen == 100


def test_nothing_is_bought_for_nothing_and_what_is_not_there_cannot_be():
    rows = [{0: 10}, {1: 10}]
    case = problem([300, 100], [{0: 1}, {1: 1}])
    assert (buy(case, rows, 0).price_fen, buy(case, rows, 0).rows) == (0, ())
    assert buy(case, rows, 21) is None
    assert buy(problem([300, 100], [{0: 1}, {1: 1}], shut=[False, True]), rows, 11) is None


def test_a_key_that_is_served_twice_counts_once():
    rows = [{0: 10}, {0: 12}, {1: 10}]
    case = problem([100, 130, 500], [{0: 1}, {0: 1}, {1: 1}])
    assert buy(case, rows, 10).rows == (0,)
    # the second adds two units to the first
    assert buy(case, rows, 12).rows == (0, 1)
    assert buy(case, rows, 22).price_fen == 730


def test_what_is_required_is_paid_too():
    rows = [{}, {0: 10}]
    case = problem([50, 100], [{}, {0: 1}], parent=[-1, 0])
    assert (buy(case, rows, 10).rows, buy(case, rows, 10).price_fen) == ((0, 1), 150)


def test_what_is_shared_is_paid_once_and_what_stands_not_at_all():
    rows = [{0: 10}, {1: 10}, {2: 10}]
    needs = [(0, 0), (1, 0)]
    case = problem([10, 10, 200], [{0: 1}, {1: 1}, {2: 1}], needs=needs, asset_fen=[300])
    # alone each costs more than the third; together they cost less than two of the others
    assert buy(case, rows, 20).price_fen == 320
    assert buy(case, rows, 10).price_fen == 200
    stands = problem([10, 10, 200], [{0: 1}, {1: 1}, {2: 1}], needs=needs, asset_fen=[300], bought=[True])
    assert buy(stands, rows, 20).price_fen == 20


def test_what_is_had_is_not_brought_again():
    one = goal("t", 1, [{0: 10, 1: 5}, {1: 8}])
    beside = brought_of(one).beside(np.array([10, 6]) * MICRO)
    assert (beside.value // MICRO).tolist() == [0, 0, 2]
    assert beside.best(np.array([0, 1]), 2).tolist() == [0, 2 * MICRO]


@pytest.mark.parametrize("seed", range(40))
def test_small_problems_cost_no_less_than_the_least_and_seldom_much_more(seed):
    case = small_case(seed, most=10)
    draw = np.random.default_rng(seed)
    rows = [
        {int(k): int(draw.integers(1, 9)) for k in draw.choice(6, size=draw.integers(0, 4), replace=False)}
        for _ in range(case.count)
    ]
    every = np.flatnonzero(~case.shut).tolist()
    most = served(goal("t", 0, rows), every) // MICRO
    if not most:
        return
    one = goal("t", max(1, most // 2), rows)
    found = cheapest(stock_of(case), brought_of(one), one.wanted)
    least = least_of_all(case, [one])
    assert found is not None
    assert found.price_fen == price_of(case, found.rows)
    assert served(one, found.rows) >= one.wanted
    assert not case.shut[list(found.rows)].any()
    assert least <= found.price_fen <= 4 * least + 1


def test_the_same_units_are_added_as_by_hand():
    draw = np.random.default_rng(9)
    rows = [
        {int(k): int(draw.integers(1, 50)) for k in draw.choice(20, size=5, replace=False)} for _ in range(30)
    ]
    brought = brought_of(goal("t", 1, rows))
    order = draw.permutation(30)[:17]
    best, wanted = {}, []
    for row in order.tolist():
        before = sum(best.values())
        for key, units in rows[row].items():
            best[key] = max(best.get(key, 0), units)
        wanted.append((sum(best.values()) - before) * MICRO)
    assert brought.added(order).tolist() == wanted
