"""Prices that move: closed forms, and proposals at the prices of their release."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.clock import Horizon
from sim.planning.price_paths import ItemPath, PricePaths
from sim.tables.plan import ITEMS
from tests.planning.small import proposal

YEARS = Horizon("2014-01", "2017-12")
SHRINKING = PricePaths(items={"active": {"per_year": -0.1}, "opex": {"per_year": 0.05}})


def test_a_rate_compounds_from_the_base_year():
    assert [SHRINKING.factor("active", year, YEARS) for year in (2014, 2015, 2016, 2017)] == pytest.approx(
        [1.0, 0.9, 0.81, 0.729]
    )
    assert SHRINKING.factor("civil", 2017, YEARS) == 1.0


def test_general_inflation_moves_every_item():
    paths = PricePaths(inflation=0.02, items={"active": {"per_year": -0.1}})
    assert paths.factor("passive", 2016, YEARS) == pytest.approx(1.02**2)
    assert paths.factor("active", 2016, YEARS) == pytest.approx((1.02 * 0.9) ** 2)


def test_the_base_year_can_be_another():
    paths = PricePaths(base_year=2012, items={"active": {"per_year": -0.1}})
    assert paths.factor("active", 2014, YEARS) == pytest.approx(0.81)
    assert paths.factor("active", 2011, YEARS) == pytest.approx(1 / 0.9)


@given(st.floats(0, 0.9), st.floats(0, 3))
def test_learning_leaves_its_share_of_the_price_at_every_doubling(learning, growth):
    """After the years in which the number made doubles once, 1 - learning of the price is left."""
    path = ItemPath(learning=learning, volume_growth=growth)
    doublings = log2(1 + growth)
    assert (1 + path.rate) == pytest.approx((1 - learning) ** doublings)
    twice = ItemPath(learning=learning, volume_growth=1.0)
    assert twice.factor(2015, 2014) == pytest.approx(1 - learning)


def test_an_index_is_read_by_one_rate_between_its_years_and_by_the_path_beyond():
    path = ItemPath(index={2014: 200.0, 2016: 50.0}, per_year=-0.1)
    assert path.factor(2014, 2014) == 1.0
    assert path.factor(2015, 2014) == pytest.approx(0.5)
    assert path.factor(2016, 2014) == pytest.approx(0.25)
    assert path.factor(2018, 2014) == pytest.approx(0.25 * 0.81)
    assert path.factor(2013, 2014) == pytest.approx(1 / 0.9)
    assert path.factor(2016, 2015) == pytest.approx(0.5), "the scale of the index is free"


def test_two_ways_at_once_are_refused():
    with pytest.raises(ValidationError, match="not both"):
        ItemPath(per_year=0.1, learning=0.1)
    with pytest.raises(ValidationError, match="moves no price without learning"):
        ItemPath(volume_growth=0.1)
    with pytest.raises(ValidationError):
        ItemPath(per_year=-1.0)
    with pytest.raises(ValidationError):
        PricePaths(items={"lunch": {"per_year": 0.1}})


ASKED = proposal(
    [{"id": "ftth:a", "active_fen": 1001, "civil_fen": 500, "opex_fen_per_year": 100}],
    assets=[("route", 300)],
    needed=[("ftth:a", "route")],
)


def test_a_proposal_takes_the_prices_of_its_year():
    moved = SHRINKING.at(ASKED, 12, YEARS)
    row = moved.candidates.iloc[0]
    assert (row["active_fen"], row["civil_fen"], row["opex_fen_per_year"]) == (901, 500, 105)
    assert moved.assets["passive_fen"].tolist() == [300]
    assert SHRINKING.at(ASKED, 23, YEARS).candidates.equals(moved.candidates), "one level a year"
    assert moved.service is ASKED.service
    assert ASKED.candidates["active_fen"].tolist() == [1001], "what was proposed stays as it was"
    assert moved.candidates.dtypes.equals(ASKED.candidates.dtypes)


def test_assets_move_with_their_items():
    cheaper = PricePaths(items={"passive": {"per_year": -0.5}})
    assert cheaper.at(ASKED, 12, YEARS).assets["passive_fen"].tolist() == [150]


def test_where_nothing_moves_the_very_same_proposal_comes_back():
    assert SHRINKING.at(ASKED, 11, YEARS) is ASKED
    assert PricePaths().at(ASKED, 40, YEARS) is ASKED


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.integers(0, 47))
def test_every_item_follows_its_own_factor(first, second, month):
    paths = PricePaths(items={"active": {"per_year": first}, "civil": {"per_year": second}})
    row = paths.at(ASKED, month, YEARS).candidates.iloc[0]
    for item in ITEMS:
        before = ASKED.candidates.iloc[0][f"{item}_fen"]
        assert row[f"{item}_fen"] == round(before * paths.factor(item, YEARS.year(month), YEARS))
