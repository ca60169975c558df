from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.planning.problem import (
    Solution,
    Way,
    best_of,
    bill_of,
    payments,
    problem_of,
    ratio,
    spent_by_pot,
    spent_of,
    verify,
    worth_of_rows,
)
from tests.planning import cases
from tests.planning.small import GREEDY, budget, proposal, question


def asked():
    """Two villages on one duct, an upgrade of the first, one that nobody may pay."""
    return cases.problem(
        [10, 20, 5, 7],
        [{0: 100, 1: 50}, {1: 80}, {0: 120}, {2: 1}],
        parent=[-1, -1, 0, -1],
        needs=[(0, 0), (1, 0), (1, 1)],
        asset_fen=[100, 3],
        bought=[False, True],
        funds=[500, 60],
        ways=(Way(0, 1, 0.5, 2.0), Way(0)),
        may=np.array([[True, True, False, False], [True, True, True, False]]),
        opex=[4, 0, 0, 0],
    )


def test_a_set_is_worth_the_best_that_it_gives_each_key():
    problem = asked()
    assert best_of(problem, [0, 1]).tolist() == [100, 80, 0]
    assert worth_of_rows(problem, [0, 1, 2]) == 200
    assert worth_of_rows(problem, []) == 0


def test_the_first_who_needs_an_asset_buys_it_and_a_matching_pot_pays_its_share():
    problem = asked()
    bill = bill_of(problem, Solution((1, 0, 2), (0, 0, 1)))
    assert bill.price_fen.tolist() == [120, 10, 5]
    assert bill.matched_fen.tolist() == [60, 9, 0], "half of 120; half of 10 and two years of 4"
    assert bill.asset.tolist() == [0]
    assert bill.buyer.tolist() == [0]
    assert spent_of(problem, bill).tolist() == [66, 69]
    assert verify(problem, Solution((1, 0, 2), (0, 0, 1))) == ["the pot pot1 pays 69 fen of 60"]
    assert verify(problem, Solution((1, 0, 2), (0, 1, 1))) == []


def test_everything_wrong_with_a_choice_is_told():
    problem = replace(asked(), shut=np.array([False, True, False, False]))
    wrong = verify(problem, Solution((2, 0, 0, 1, 3), (0, 1, 1, 1, 1)))
    assert wrong == [
        "p000002 is chosen before p000000, which it requires",
        "pot0 may not pay for p000002",
        "p000000 is chosen twice",
        "p000001 cannot be chosen",
        "pot0 may not pay for p000003",
    ]
    assert verify(problem, Solution((0,), ())) == ["1 projects are chosen with 0 ways of paying"]


@given(st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_bills_agree_with_counting_one_by_one(seed, random):
    problem = cases.small_case(seed, 20)
    rows = list(range(problem.count))
    random.shuffle(rows)
    ways = [random.randrange(len(problem.ways)) for _ in rows]
    bought = set(np.flatnonzero(problem.bought).tolist())
    one_by_one = payments(problem, Solution(tuple(rows), tuple(ways)))
    for paid, row in zip(one_by_one, rows, strict=True):
        new = [a for a in problem.links.assets.of_row(row).tolist() if a not in bought]
        bought.update(new)
        price = int(problem.own_fen[row]) + sum(int(problem.asset_fen[a]) for a in new)
        assert (paid.assets, paid.price_fen) == (tuple(new), price)
        assert paid.matched_fen == problem.ways[paid.way].matched(price, int(problem.opex_fen[row]))
    bill = bill_of(problem, Solution(tuple(rows), tuple(ways)))
    assert spent_of(problem, bill).tolist() == spent_by_pot(problem, one_by_one).tolist()


def test_a_question_becomes_arrays():
    rows = [
        {"id": "b", "civil_fen": 5, "opex_fen_per_year": 2},
        {"id": "a", "available_month": 3},
        {"id": "c", "requires": "a"},
        {"id": "d", "zone": 1, "requires": "gone"},
        {"id": "e", "zone": 1},
    ]
    pots = budget(all={"kinds": ["village"]}, none={"share": 0.1})
    kinds = np.array(["village", "village"], dtype=object)
    one = question(
        proposal(rows, [("duct", 9)], [("b", "duct")]),
        [10, 10],
        {"all": 100, "none": 0},
        budget=pots,
        kinds=kinds,
        taken={"gone"},
        barred={"e"},
        forced=("b", "a", "unheard of"),
        bought={"duct"},
    )
    problem = problem_of(one, GREEDY.weights)
    assert problem.pots == ("all",)
    assert problem.funds.tolist() == [100]
    assert problem.id_rank.tolist() == [1, 0, 2, 3, 4]
    assert problem.shut.tolist() == [False, True, True, False, True]
    assert problem.forced.tolist() == [0]
    assert problem.bought.tolist() == [True]
    assert (problem.own_fen[0], problem.opex_fen[0]) == (5, 2)


def test_worth_that_costs_nothing_comes_first():
    assert ratio(np.array([0, 5, 6]), np.array([0, 0, 3])).tolist() == pytest.approx([0.0, np.inf, 2.0])
