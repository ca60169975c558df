"""Who holds what: own items whole, shared assets in equal parts, the price of every work to the fen."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import Horizon
from sim.planning.holdings import holdings, price_levels, split
from sim.planning.ledger import shared_assets
from sim.planning.price_paths import PricePaths
from tests.planning.test_ledger import ASKED, EVENTS_OF_ALL, MAST, WORKS, log

ROWS = {"ftth:a": 0, "ftth:b": 1, "ftth:never": 2, "lte:x": 3}
TECHNOLOGY = np.array(["ftth", "ftth", "ftth", "lte"])


def held(events=EVENTS_OF_ALL):
    return holdings(events, WORKS, [ASKED, MAST], ROWS)


def cost(found, of):
    return dict(enumerate(np.bincount(of, found.cost_fen, len(ROWS)).astype(int).tolist()))


def test_what_a_project_paid_for_sums_to_the_price_of_its_work():
    found = held()
    assert cost(found, found.payer) == {0: 200, 1: 107, 2: 0, 3: 80}


def test_a_project_holds_its_own_items_and_equal_parts_of_what_it_shares():
    found = held()
    # the route of 100 fen is shared by three: 33, 33 and 34
    assert cost(found, found.holder) == {0: 100 + 33, 1: 100 + 7 + 33, 2: 0, 3: 30 + 50 + 34}
    shared = found.payer != found.holder
    assert sorted(found.cost_fen[shared].tolist()) == [33, 34]


def test_holdings_and_the_ledger_give_each_technology_the_same():
    found, ledger = held(), shared_assets(EVENTS_OF_ALL, WORKS, [ASKED, MAST])
    own = {0: 100, 1: 100, 2: 0, 3: 30}
    for name in ("ftth", "lte"):
        rows = [row for row in ROWS.values() if TECHNOLOGY[row] == name]
        shared = sum(cost(found, found.holder)[row] - own[row] for row in rows)
        assert shared == ledger.loc[ledger["technology"] == name, "share_fen"].sum()


def test_assets_say_how_long_they_live_and_own_items_do_not():
    found = held()
    lives = ASKED.assets.set_index("asset_id")["life_years"]
    assert np.isnan(found.life_years).sum() == 3
    assert set(found.life_years[~np.isnan(found.life_years)]) == set(lives)


def test_who_gave_up_holds_no_part_of_what_others_use():
    rows = [(row.month, row.project_id, row.event, row.task) for row in EVENTS_OF_ALL.itertuples()]
    found = held(log(*rows, (10, "ftth:b", "cancelled")))
    assert cost(found, found.holder) == {0: 100 + 50, 1: 100 + 7, 2: 0, 3: 30 + 50 + 50}
    assert cost(found, found.payer) == {0: 200, 1: 107, 2: 0, 3: 80}


def test_nothing_funded_holds_nothing():
    found = held(EVENTS_OF_ALL.iloc[:0])
    assert len(found.cost_fen) == 0


def test_a_total_splits_by_weight_and_sums():
    parts = split(np.array([10, 7, 5]), np.array([[1, 1, 1], [0, 2, 0], [0, 0, 0]]))
    assert parts.tolist() == [[3, 4, 3], [0, 7, 0], [5, 0, 0]]


@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**10), st.integers(0, 10**10)), min_size=1)
)
def test_splits_are_whole_and_never_negative(rows):
    total = np.array([row[0] for row in rows])
    parts = split(total, np.array([row[1:] for row in rows]))
    assert (parts.sum(axis=1) == total).all()
    assert parts.min() >= 0


def test_price_levels_keep_general_and_own_moves_apart():
    paths = PricePaths(base_year=2013, inflation=0.1, items={"active": {"per_year": -0.2}})
    plan = SimpleNamespace(setting=SimpleNamespace(price_paths=paths, horizon=Horizon("2014-01", "2014-06")))
    levels = price_levels(plan, 18)
    assert levels.general == pytest.approx([1.1] * 12 + [1.21] * 6)
    assert levels.items["active"] == pytest.approx([0.8] * 12 + [0.64] * 6)
    assert levels.items["opex"] == pytest.approx(np.ones(18))


def test_a_project_that_nobody_numbered_is_an_error():
    with pytest.raises(KeyError):
        holdings(EVENTS_OF_ALL, WORKS, [ASKED, MAST], {})
