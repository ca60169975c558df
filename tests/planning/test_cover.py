"""Least cost that meets goals, held against every choice there is."""

from itertools import combinations

import numpy as np
import pytest

from sim.planning.cover import Cover, Goal, cover
from tests.planning.cases import problem, small_case

MICRO = 1_000_000


def goal(name, wanted, rows):
    """A goal from {key: units} by candidate, in whole units."""
    owner = np.array([k for k, row in enumerate(rows) for _ in row], dtype=np.int64)
    key = np.array([one for row in rows for one in row], dtype=np.int64)
    units = np.array([units * MICRO for row in rows for units in row.values()], dtype=np.int64)
    return Goal.of(name, wanted * MICRO, owner, (key, units), len(rows))


def price_of(case, rows):
    assets = {a for row in rows for a in case.links.assets.of_row(row).tolist()} - set(
        np.flatnonzero(case.bought).tolist()
    )
    return int(case.own_fen[list(rows)].sum() + sum(case.asset_fen[a] for a in assets))


def served(one, rows):
    best = {}
    for row in rows:
        for key, amount in one.entries(row):
            best[key] = max(amount, best.get(key, 0))
    return sum(best.values())


def cheapest(case, goals):
    """The least price of a closed set that meets all goals, by trying every set."""
    rows = np.flatnonzero(~case.shut).tolist()
    parent = case.links.parent
    least = None
    for size in range(len(rows) + 1):
        for some in combinations(rows, size):
            inside = set(some)
            if any(int(parent[row]) >= 0 and int(parent[row]) not in inside for row in some):
                continue
            if all(served(one, some) >= one.wanted for one in goals):
                price = price_of(case, some)
                least = price if least is None else min(least, price)
    return least


def test_the_cheapest_way_to_each_unit_comes_first():
    rows = [{0: 10}, {1: 10}, {2: 10}]
    case = problem([300, 100, 200], [{0: 1}, {1: 1}, {2: 1}])
    found = cover(case, [goal("t", 20, rows)])
    assert (found.rows, found.price_fen, found.open) == ((1, 2), 300, (0,))


def test_what_is_chosen_already_counts_and_is_not_paid_again():
    rows = [{0: 10}, {0: 8, 1: 4}, {1: 4}]
    case = problem([100, 90, 50], [{0: 1}, {0: 1}, {1: 1}], needs=[(1, 0), (2, 0)], asset_fen=[1000])
    asked = goal("t", 4, rows)
    alone = cover(case, [goal("t", 14, rows)])
    assert alone.price_fen == 1150
    beside = cover(case, [asked], chosen=(1,))
    # of what the second serves, the first adds two; the third adds nothing new
    assert beside.open == (2 * MICRO,)
    assert not beside.met


def test_a_shared_asset_is_paid_once():
    rows = [{0: 5}, {1: 5}, {2: 10}]
    case = problem([10, 10, 600], [{0: 1}, {1: 1}, {2: 1}], needs=[(0, 0), (1, 0)], asset_fen=[400])
    found = cover(case, [goal("t", 10, rows)])
    assert (set(found.rows), found.price_fen) == ({0, 1}, 420)


def test_what_is_required_comes_first_and_stays():
    rows = [{0: 1}, {1: 50}]
    case = problem([10, 10], [{0: 1}, {1: 1}], parent=[-1, 0])
    found = cover(case, [goal("t", 50, rows)])
    assert found.rows == (0, 1)


def test_a_needless_choice_is_left_out_again():
    # the first looks best, but the two others are needed anyway and serve all of it
    rows = [{0: 6, 1: 6}, {0: 6, 2: 4}, {1: 6, 3: 4}]
    case = problem([10, 9, 9], [{0: 1}, {0: 1}, {1: 1}])
    found = cover(case, [goal("t", 20, rows)])
    assert sorted(found.rows) == [1, 2]


def test_what_cannot_be_met_stays_open():
    case = problem([10, 20], [{0: 1}, {1: 1}], shut=[False, True])
    found = cover(case, [goal("t", 12, [{0: 5}, {1: 50}])])
    assert (found.rows, found.open, found.met) == ((0,), (7 * MICRO,), False)


def drawn_goals(case, random, count):
    """Goals over the keys of a case, each wanting a share of what all candidates serve of it."""
    goals = []
    for number in range(count):
        some = random.random(case.values.keys) < 0.7
        keep = some[case.values.key]
        owner = np.repeat(np.arange(case.count), np.diff(case.values.starts))[keep]
        one = Goal.of(f"t{number}", 0, owner, (case.values.key[keep], case.values.value[keep]), case.count)
        total = served(one, np.flatnonzero(~case.shut).tolist())
        wanted = int(total * random.uniform(0.2, 0.9))
        goals.append(Goal(one.name, wanted, one.starts, one.key, one.amount))
    return goals


@pytest.mark.parametrize("seed", range(25))
def test_small_covers_cost_little_more_than_the_cheapest(seed):
    random = np.random.default_rng([seed, 90210])
    case = small_case(seed, most=11)
    goals = drawn_goals(case, random, int(random.integers(1, 4)))
    found, least = cover(case, goals), cheapest(case, goals)
    assert found.met == (least is not None)
    assert all(served(one, found.rows) >= one.wanted for one in goals)
    assert found.price_fen == price_of(case, found.rows)
    assert least <= found.price_fen <= 1.2 * least


def test_covers_of_small_cases_are_near_the_cheapest_on_the_whole():
    over = []
    for seed in range(25):
        random = np.random.default_rng([seed, 90210])
        case = small_case(seed, most=11)
        goals = drawn_goals(case, random, int(random.integers(1, 4)))
        over.append(cover(case, goals).price_fen / max(cheapest(case, goals), 1))
    assert np.median(over) <= 1.02
    assert np.mean(over) <= 1.06


@pytest.mark.parametrize("seed", range(12))
def test_a_cover_has_nothing_to_spare(seed):
    random = np.random.default_rng([seed, 4711])
    case = small_case(seed)
    goals = drawn_goals(case, random, 2)
    found = cover(case, goals)
    parent = case.links.parent
    for row in found.rows:
        rest = [other for other in found.rows if other != row]
        required = any(int(parent[other]) == row for other in rest)
        assert required or any(served(one, rest) < one.wanted for one in goals)


def test_a_cover_counts_what_is_missing():
    rows = [{0: 3}, {0: 5}]
    state = Cover(problem([1, 1], [{0: 1}, {0: 1}]), [goal("t", 6, rows)])
    state.take(0)
    assert state.missing == [3 * MICRO]
    assert state.gain([1]) == pytest.approx(2 / 6)
