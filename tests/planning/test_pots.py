import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.clock import Horizon
from sim.geo.census import read_census
from sim.planning import Budget, Pot
from sim.planning.places import Places, read_poor_counties
from sim.planning.pots import largest_remainder, poor_counties
from sim.planning.problem import Way
from sim.tables.plan import Work
from tests.conftest import ROOT

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


# ---- places, milestones, advances, matching


PLACES = Places(
    kind=np.array(["city", "town", "village", "village"], dtype=object),
    county=np.array(["530102", "530128", "530128", "533323"], dtype=object),
    prefecture=np.array(["Kunming", "Kunming", "Kunming", "Nujiang"], dtype=object),
    zone_id=np.array(["530102.1", "530128.1", "530128.2", "533323.1"], dtype=object),
    poor=np.array([False, True, True, True]),
)
FTTH = np.array(["ftth"] * 4, dtype=object)
EVERYWHERE = np.arange(4)


@pytest.mark.parametrize(
    ("rules", "reached"),
    [
        ({}, [1, 1, 1, 1]),
        ({"kinds": ["village"]}, [0, 0, 1, 1]),
        ({"poor": True}, [0, 1, 1, 1]),
        ({"places": ["Kunming"]}, [1, 1, 1, 0]),
        ({"places": ["530128"]}, [0, 1, 1, 0]),
        ({"places": ["530128.2", "Nujiang"]}, [0, 0, 1, 1]),
        ({"places": ["Kunming"], "poor": True, "kinds": ["village"]}, [0, 0, 1, 0]),
        ({"technologies": ["lte"]}, [0, 0, 0, 0]),
        ({"technologies": ["lte", "ftth"], "poor": True}, [0, 1, 1, 1]),
    ],
)
def test_a_pot_pays_where_all_its_rules_allow(rules, reached):
    assert Pot(**rules).may_pay(FTTH, EVERYWHERE, PLACES).astype(int).tolist() == reached


def test_the_more_rules_the_earlier_a_pot_is_used():
    money = budget(
        pots={
            "a": {},
            "b": {"share": 0.1, "places": ["Kunming"]},
            "c": {"share": 0.1, "poor": True, "kinds": ["village"]},
        }
    )
    assert money.order == ["c", "b", "a"]


FUND = {"share": 0.3, "opex_years": 6}
MATCHED = {
    "own": {},
    "villages": {"share": 0.1, "kinds": ["village"]},
    "fund": {"yearly": 1000.0, "kinds": ["village"], "technologies": ["ftth"], "matching": FUND},
}


def test_matched_ways_come_first_and_a_matching_pot_never_pays_alone():
    money = budget(pots=MATCHED)
    assert money.order == ["fund", "villages", "own"]
    assert money.payers == ["villages", "own"]
    pots = tuple(money.order)
    assert money.ways(pots) == (Way(1, 0, 0.3, 6.0), Way(2, 0, 0.3, 6.0), Way(1), Way(2))
    assert money.ways(("own", "fund")) == (Way(0, 1, 0.3, 6.0), Way(0))
    assert money.ways(("fund",)) == ()
    may = money.may_pay(pots, FTTH, EVERYWHERE, PLACES)
    assert may.astype(int).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]]
    nobody = money.may_pay((), FTTH, EVERYWHERE, PLACES)
    assert nobody.shape == (0, 4)


@given(st.integers(0, 10**12), st.integers(0, 10**11), st.floats(0, 1), st.floats(0, 20))
def test_a_match_is_its_share_of_price_and_running_cost_but_no_more_than_the_price(price, opex, share, years):
    matched = Way(0, 1, share, years).matched(price, opex)
    assert matched == min(price, round(share * (price + years * opex)))
    assert 0 <= matched <= price
    assert Way(0).matched(price, opex) == 0


def test_the_rule_of_2018_in_numbers():
    """A site of 500,000 yuan that costs 30,000 a year: 30 % of 680,000 yuan, or of 800,000 at the border."""
    site, opex = 50_000_000, 3_000_000
    assert Way(0, 1, 0.3, 6.0).matched(site, opex) == 20_400_000
    assert Way(0, 1, 0.3, 10.0).matched(site, opex) == 24_000_000


def test_a_yearly_sum_stands_beside_the_shares_and_scales_with_all_money():
    money = budget(scale=2.0, pots=MATCHED)
    assert money.yearly_fen["fund"] == 200_000
    assert money.yearly_fen["own"] + money.yearly_fen["villages"] == money.annual_fen
    with pytest.raises(ValidationError, match="yearly sum of its own, so it takes no share"):
        Pot(yearly=1.0, share=0.5)


def test_one_pot_at_least_must_pay():
    with pytest.raises(ValidationError, match="none is left that pays"):
        budget(pots={"fund": {"matching": FUND}})


STONES = [
    {"technology": "ftth", "kind": "village", "projects": 2, "share": 0.5},
    {"technology": "lte", "build": "new site", "projects": 1, "share": 0.25},
]


def test_milestones_release_money_once_so_many_projects_serve():
    pot = {"release_months": [], "milestones": STONES, "last_month": "2014-06"}
    money = budget(annual_investment=100.0, province_share=1.0, access_share=1.0, pots={"all": pot})
    assert money.releases(YEARS) == {}
    work = Work("ftth:a", "ftth", "", 0, 0.0, 1, "all", 1, (), build="village", kind="village")
    assert work.labels == ("ftth", "ftth/village", "ftth@village", "ftth/village@village")
    done = dict.fromkeys(work.labels, 1)
    assert money.earned(3, done, YEARS) == {}
    done = dict.fromkeys(work.labels, 2)
    assert money.earned(3, done, YEARS) == {"all": 5000}
    assert money.earned(3, done | {"lte": 4, "lte/new site": 1}, YEARS) == {"all": 7500}
    assert money.earned(6, done, YEARS) == {}, "the pot has closed"


def test_a_pot_without_releases_is_refused():
    with pytest.raises(ValidationError, match="releases no money"):
        Pot(release_months=())
    with pytest.raises(ValidationError, match="before it opens"):
        Pot(first_month="2015-02", last_month="2015-01")


def test_an_advance_is_what_the_months_after_release():
    money = budget(
        annual_investment=400.0,
        province_share=1.0,
        access_share=1.0,
        pots={"a": {"share": 0.5, "advance_months": 6}, "b": {}},
    )
    assert money.ahead(0, YEARS) == {"a": 10_000}  # April and July
    assert money.ahead(1, YEARS) == {"a": 10_000}
    assert money.ahead(15, YEARS) == {"a": 10_000}
    assert money.ahead(18, YEARS) == {"a": 5_000}, "nothing beyond the horizon"
    assert money.ahead(21, YEARS) == {}


def test_poor_counties_come_from_the_list():
    codes = read_poor_counties(ROOT / "scenarios" / "library" / "poor_counties.csv")
    by_province = [sum(code.startswith(start) for code in codes) for start in ("53", "51", "43", "37")]
    assert by_province == [73, 36, 20, 0]
    for province in ("Yunnan", "Sichuan", "Hunan"):
        known = set(read_census(province)["county"])
        start = {"Yunnan": "53", "Sichuan": "51", "Hunan": "43"}[province]
        assert {code for code in codes if code.startswith(start)} <= known
    assert poor_counties(budget()) == frozenset()
