import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.clock import Horizon
from sim.planning import Budget, Pot
from sim.planning.pots import largest_remainder

YEARS = Horizon("2014-01", "2015-12")


def budget(**changes):
    values = {
        "annual_investment": 1_000_003.01,
        "province_share": 0.1,
        "access_share": 0.5,
        "connection_margin": 0.25,
        "pots": {"all": {}},
    }
    return Budget(**(values | changes))


def per_year(releases, horizon):
    total = {}
    for month, by_pot in releases.items():
        total[horizon.year(month)] = total.get(horizon.year(month), 0) + sum(by_pot.values())
    return total


def test_a_full_year_sums_to_the_fen():
    money = budget(pots={"a": {"share": 1 / 3}, "b": {"share": 1 / 3, "release_months": [2, 7, 11]}, "c": {}})
    assert money.annual_fen == 5_000_015
    assert per_year(money.releases(YEARS), YEARS) == {2014: 5_000_015, 2015: 5_000_015}


def test_release_months_and_amounts():
    money = budget(annual_investment=100.0, province_share=1.0, access_share=1.0)
    assert money.releases(YEARS) == {m: {"all": 2500} for m in (0, 3, 6, 9, 12, 15, 18, 21)}


def test_part_years_are_pro_rata_by_release_months():
    money = budget(annual_investment=100.0, province_share=1.0, access_share=1.0)
    part = Horizon("2014-02", "2014-09")
    assert money.releases(part) == {2: {"all": 2500}, 5: {"all": 2500}}


def test_a_pot_opens_and_closes():
    money = budget(pots={"all": {"first_month": "2014-07", "last_month": "2015-01"}})
    assert list(money.releases(YEARS)) == [6, 9, 12]


def test_zero_scale_releases_zero_and_negative_money_is_refused():
    nothing = budget(scale=0.0).releases(YEARS)
    assert nothing
    assert all(sum(pots.values()) == 0 for pots in nothing.values())
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        budget(annual_investment=-1.0)
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        budget(scale=-0.5)


def test_shares_beyond_one_and_two_rests_are_refused():
    with pytest.raises(ValidationError, match=r"sum to 1\.2, which is more than 1"):
        budget(pots={"a": {"share": 0.7}, "b": {"share": 0.5}})
    with pytest.raises(ValidationError, match="only one pot may take what the others leave"):
        budget(pots={"a": {}, "b": {}})
    with pytest.raises(ValidationError):
        budget(pots={})


def test_the_rest_and_the_order_of_pots():
    money = budget(pots={"z": {}, "fibre": {"share": 0.2, "technologies": ["ftth"]}, "a": {"share": 0.1}})
    assert money.shares == pytest.approx({"a": 0.1, "fibre": 0.2, "z": 0.7})
    assert money.order == ["fibre", "a", "z"]
    assert money.lapsing == frozenset()
    assert budget(pots={"a": {"carry_over": False}}).lapsing == {"a"}


def test_months_are_checked():
    with pytest.raises(ValidationError, match="twice"):
        Pot(release_months=(1, 1))
    with pytest.raises(ValidationError):
        Pot(release_months=(13,))
    with pytest.raises(ValidationError, match="not a month"):
        Pot(first_month="2014-13")


@given(st.integers(0, 10**15), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8))
def test_largest_remainder_is_exact_and_near(total, weights):
    scale = sum(weights) or 1.0
    shares = [w / scale for w in weights]
    parts = largest_remainder(total, shares)
    assert sum(parts) == round(sum(total * s for s in shares))
    assert all(abs(p - total * s) <= 1 for p, s in zip(parts, shares, strict=True))


def test_money_of_others_comes_on_top():
    """A tenth beside the whole: the operators' pots keep what they have without it."""
    pots = {"fixed": {}, "mobile": {"share": 0.2}}
    alone = budget(annual_investment=100.0, province_share=1.0, access_share=1.0, pots=pots)
    both = budget(
        annual_investment=100.0,
        province_share=1.0,
        access_share=1.0,
        pots=pots | {"cable": {"share": 0.1, "on_top": True, "technologies": ["cable"]}},
    )
    assert both.shares == {"cable": 0.1} | alone.shares == {"cable": 0.1, "fixed": 0.8, "mobile": 0.2}
    yearly = dict.fromkeys(both.pots, 0)
    for released in both.releases(Horizon("2014-01", "2014-12")).values():
        for name, fen in released.items():
            yearly[name] += fen
    assert yearly == {"fixed": 8000, "mobile": 2000, "cable": 1000}
    full = {"a": {"share": 0.6}, "b": {"share": 0.4}, "cable": {"share": 0.5, "on_top": True}}
    assert sum(budget(pots=full).shares.values()) == pytest.approx(1.5)


def test_money_of_others_needs_a_share_of_its_own():
    with pytest.raises(ValidationError, match="the pot cable comes on top of the budget"):
        budget(pots={"a": {"share": 0.5}, "cable": {"on_top": True}})
