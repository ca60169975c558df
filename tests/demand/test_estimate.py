"""Take-up, rates and traffic: the formulas, and the rows that they start from recomputed from history."""

from __future__ import annotations

import csv
import math
from statistics import NormalDist

import numpy as np
import pytest
from pydantic import ValidationError

from sim.clock import Horizon, month_number
from sim.demand import (
    DemandOptions,
    NewHousingOptions,
    advance_subscribers,
    busy_hour_mbps,
    estimate_demand,
    logistic,
)
from sim.parameters import read_parameters
from tests.conftest import ROOT
from tests.world import load

HORIZON = Horizon("2014-01", "2017-12")
KINDS = np.array(["city", "town", "village"])
CITY, VILLAGE = 0, 2


@pytest.fixture(scope="module")
def options():
    return load().scenario.demand


@pytest.fixture(scope="module")
def table():
    return read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")


@pytest.fixture(scope="module")
def history():
    """Return the national series: indicator to month to value."""
    series: dict[str, dict[str, float]] = {}
    path = ROOT / "scenarios" / "library" / "history.csv"
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["place"] == "China":
                series.setdefault(row["indicator"], {})[row["as_of"]] = float(row["value"])
    return series


def demand(options, horizon=HORIZON, **changes):
    return estimate_demand(KINDS, options.model_copy(update=changes), horizon)


# ---- the curves


def test_lines_are_dimensioned_for_the_end_of_their_design_life(options):
    years = 6.0
    built = demand(options, design_years=years)
    later = demand(options, Horizon("2020-01", "2020-01"))
    assert built.fixed_design == pytest.approx(later.fixed_willing[0])
    assert demand(options, design_years=0.0).fixed_design == pytest.approx(built.fixed_willing[0])


def test_a_logistic_curve_passes_through_its_level_and_keeps_its_rate():
    years = np.linspace(-3, 12, 200)
    curve = logistic(0.3, 0.9, 0.5, years)
    assert logistic(0.3, 0.9, 0.5, np.zeros(1))[0] == pytest.approx(0.3)
    odds = np.log(curve / (0.9 - curve))
    assert np.diff(odds) / np.diff(years) == pytest.approx(0.5)
    assert curve.max() < 0.9
    assert logistic(0.3, 0.9, 0.5, np.array([1e3]))[0] == pytest.approx(0.9)


@pytest.mark.parametrize(("level", "wanted"), [(0.0, 0.0), (0.9, 0.9), (0.95, 0.95), (-0.1, 0.0)])
def test_a_level_at_an_end_of_the_curve_stays(level, wanted):
    assert logistic(level, 0.9, 0.5, np.arange(3.0)).tolist() == [wanted] * 3


def test_willingness_is_the_level_at_the_reference_month(options):
    there = Horizon(options.fixed_reference_month, options.fixed_reference_month)
    now = demand(options, there)
    assert now.fixed_willing[0, CITY] == pytest.approx(options.fixed_willing_urban)
    assert now.fixed_willing[0, VILLAGE] == pytest.approx(options.fixed_willing_rural)
    then = Horizon(options.mobile_reference_month, options.mobile_reference_month)
    assert demand(options, then).mobile_willing[0] == pytest.approx([options.mobile_willing] * 3)


def test_a_doubled_price_lowers_take_up_by_its_elasticity(options):
    before, after = demand(options), demand(options, fixed_price=options.fixed_price * 2)
    assert (after.fixed_willing < before.fixed_willing).all()
    assert after.fixed_willing / before.fixed_willing == pytest.approx(2**options.price_elasticity)
    assert (after.mobile_willing == before.mobile_willing).all()


def test_income_moves_willingness(options):
    poorer = demand(options, income_ratio_rural=0.684)
    ratio = poorer.fixed_willing[:, VILLAGE] / demand(options).fixed_willing[:, VILLAGE]
    assert ratio == pytest.approx(0.684**options.income_elasticity)
    assert (poorer.fixed_willing[:, CITY] == demand(options).fixed_willing[:, CITY]).all()


def test_shares_stay_shares_however_rich_or_late(options):
    late = Horizon("2014-01", "2060-12")
    for found in (demand(options, late), demand(options, late, income_ratio_urban=9.0, fixed_price=1.0)):
        for share in (found.fixed_willing, found.mobile_willing, found.lte_ready):
            assert (share >= 0).all()
            assert (share <= 1).all()
            assert (np.diff(share, axis=0) >= -1e-12).all()


def test_handsets_turn_over_from_the_launch(options):
    found = demand(options, Horizon("2013-06", "2016-12"))
    assert found.lte_ready[:6].tolist() == [0] * 6
    years = 1.0
    assert found.lte_ready[18] == pytest.approx(1 - math.exp(-years / options.handset_life_years))


# ---- rates and traffic


def test_tier_shares_sum_to_one_and_move_up(options):
    found = demand(options)
    assert found.tier_share.sum(axis=1) == pytest.approx(1.0, abs=1e-8)
    assert (found.tier_share >= 0).all()
    means = found.tier_share @ found.tiers_mbps
    assert (np.diff(means) > 0).all()


def test_a_wish_without_spread_is_one_tier(options):
    found = demand(options, wanted_rate_spread=0.0, wanted_rate=9.0, wanted_rate_growth_per_year=0.0)
    assert found.tiers_mbps[found.tier_share.argmax(axis=1)].tolist() == [8.0] * HORIZON.months
    assert found.tier_share.max(axis=1).tolist() == [1.0] * HORIZON.months


def test_subscribed_rate_is_capped_by_the_line(options):
    found = demand(options)
    lines = np.array([[4.0, 8.0, 100.0], [4.0, 1000.0, 0.0]])
    paid = found.subscribed_mbps(47, lines)
    assert paid.shape == lines.shape
    assert (paid <= lines + 1e-9).all()
    assert paid[0, 0] == paid[1, 0]
    assert paid[0, 0] < paid[0, 1] < paid[0, 2] <= paid[1, 1]
    assert paid[1, 1] == pytest.approx(float(found.tier_share[47] @ found.tiers_mbps))


def test_subscribed_rate_by_hand(options):
    found = demand(options, tiers=(2.0, 10.0, 50.0))
    object.__setattr__(found, "tier_share", np.array([[0.5, 0.3, 0.2]]))
    rates = found.subscribed_mbps(0, np.array([1.0, 4.0, 20.0, 100.0]))
    assert rates == pytest.approx([1.0, 0.5 * 2 + 0.5 * 4, 1 + 3 + 0.2 * 20, 1 + 3 + 10])


def test_busy_hour_in_closed_form():
    """45 GB a month, 8 % of the day in its busiest hour: 45 x 8000 / 30.4375 x 0.08 / 3600 = 0.263 Mbit/s."""
    assert busy_hour_mbps(np.array([45.0]), 0.08)[0] == pytest.approx(0.26283, abs=1e-5)
    assert busy_hour_mbps(np.array([0.0, 90.0]), 0.08).tolist() == pytest.approx([0.0, 0.52567], abs=1e-5)


def test_traffic_grows_by_its_rate_from_its_month(options):
    found = demand(options)
    assert found.fixed_busy_mbps[12:] / found.fixed_busy_mbps[:-12] == pytest.approx(
        1 + options.fixed_traffic_growth_per_year
    )
    assert found.mobile_busy_mbps[12:] / found.mobile_busy_mbps[:-12] == pytest.approx(
        1 + options.traffic_growth_per_year
    )
    there = demand(options, Horizon(options.mobile_reference_month, options.mobile_reference_month))
    wanted = busy_hour_mbps(np.array([options.mobile_traffic]), options.busy_hour_share)
    assert there.mobile_busy_mbps == pytest.approx(wanted)


@pytest.mark.parametrize("tiers", [(4.0, 2.0), (2.0, 2.0), (0.0, 4.0), ()])
def test_tiers_must_ascend(options, tiers):
    with pytest.raises(ValidationError, match="tiers"):
        DemandOptions.model_validate(options.model_dump() | {"tiers": tiers})


# ---- subscribers


def test_subscribers_stay_between_nothing_and_what_is_wanted():
    draw = np.random.default_rng(1)
    now, wanted = draw.uniform(0, 100, 500), draw.uniform(0, 100, 500)
    for catch_up in (0.0, 0.2, 1.0):
        for share in (0.0, 0.5, 1.0):
            later = advance_subscribers(now, wanted, catch_up, share)
            assert (later >= 0).all()
            assert (later <= wanted + 1e-9).all()
            assert (later[now <= wanted] >= now[now <= wanted] - 1e-9).all()
            assert later[now > wanted] == pytest.approx(wanted[now > wanted])


def test_subscribers_by_hand():
    found = advance_subscribers(np.array([0.0, 10.0, 50.0]), np.array([60.0, 40.0, 20.0]), 0.25, 0.5)
    assert found == pytest.approx([0.125 * 60, 10 + 0.125 * 30, 20])


# ---- the rows that willingness starts from, recomputed from the series


CENSUS_HOMES = {"2010-11": 401.517330e6, "2020-11": 494.157423e6}
"""Family households of the nation: censuses of 2010 and 2020 (National Bureau of Statistics)."""
CENSUS_PEOPLE = {"2010-11": 1_339.724852e6, "2020-11": 1_411.778724e6}


def between(census, month):
    first, last = (month_number(label) for label in census)
    share = (month_number(month) - first) / (last - first)
    low, high = census.values()
    return low + share * (high - low)


def logistic_rate(points, ceiling):
    """Return the least-squares rate of the logit over years through (month, share)."""
    years = np.array([month_number(month) / 12 for month in points])
    share = np.array(list(points.values()))
    return float(np.polyfit(years, np.log(share / (ceiling - share)), 1)[0])


def within(row, value, slack=0.0):
    assert row.low * (1 - slack) <= value <= row.high * (1 + slack), (row.name, value)


def test_lines_per_home_of_2013(history, table):
    rural = history["rural_fixed_broadband_subscribers"]["2013-04"] * 1e4
    urban = history["fixed_broadband_subscribers"]["2013-04"] * 1e4 - rural
    homes = between(CENSUS_HOMES, "2013-04")
    urban_share = 0.532
    urban_row, rural_row = table["fixed_per_urban_home_2013"], table["fixed_per_rural_home_2013"]
    assert urban / (homes * urban_share) == pytest.approx(urban_row.value, rel=0.01)
    assert rural / (homes * (1 - urban_share)) == pytest.approx(rural_row.value, rel=0.01)
    within(urban_row, urban / (homes * urban_share))
    within(rural_row, rural / (homes * (1 - urban_share)))


def test_growth_of_fixed_lines_2013(history, table):
    lines = history["fixed_broadband_subscribers"]
    months = ("2011-12", "2012-12", "2013-04", "2013-06", "2013-08")
    share = {month: lines[month] * 1e4 / between(CENSUS_HOMES, month) for month in months}
    found = logistic_rate(share, ceiling=0.9)
    within(table["fixed_growth_2013"], found)
    assert found == pytest.approx(table["fixed_growth_2013"].value, abs=0.05)


def test_mobile_broadband_of_2013(history, table):
    users = history["mobile_3g_subscribers"]
    months = ("2012-12", "2013-06", "2013-08")
    share = {month: users[month] * 1e4 / between(CENSUS_PEOPLE, month) for month in months}
    assert share["2013-08"] == pytest.approx(table["mobile_broadband_per_person_2013"].value, rel=0.01)
    within(table["mobile_broadband_per_person_2013"], share["2013-08"])
    found = logistic_rate(share, table["mobile_ceiling"].value)
    within(table["mobile_growth_2013"], found)
    assert found == pytest.approx(table["mobile_growth_2013"].value, abs=0.05)


def test_rate_wanted_in_2013(history, table):
    """70.1 % of lines had 4 Mbit/s or more: the median lies 0.527 spreads above."""
    above = history["share_fixed_broadband_ge_4Mbps"]["2013-04"] / 100
    median = 4 * math.exp(table["wanted_rate_spread"].value * NormalDist().inv_cdf(above))
    within(table["wanted_rate_2013"], median)
    assert median == pytest.approx(table["wanted_rate_2013"].value, rel=0.01)


def test_rate_wanted_in_2017(history, table):
    above = history["share_fixed_broadband_ge_50Mbps"]["2017-09"] / 100
    median = 50 * math.exp(table["wanted_rate_spread"].value * NormalDist().inv_cdf(above))
    within(table["wanted_rate_2017"], median)


def test_villages_with_broadband(history, table):
    found = history["admin_villages_with_broadband_share"]["2012-12"] / 100
    assert found == table["villages_with_broadband_2012"].value


def test_growth_of_fixed_lines_2017(history, table):
    homes = history["fixed_broadband_household_penetration"]
    share = {month: homes[month] / 100 for month in ("2015-12", "2016-06", "2016-12", "2017-03", "2017-09")}
    within(table["fixed_growth_2017"], logistic_rate(share, ceiling=0.93))


def test_mobile_broadband_of_2017(history, table):
    series = history["mobile_broadband_penetration_population"]
    assert series["2017-09"] / 100 == table["mobile_broadband_per_person_2017"].value
    share = {month: series[month] / 100 for month in ("2015-12", "2016-06", "2016-12", "2017-09")}
    within(table["mobile_growth_2017"], logistic_rate(share, table["mobile_ceiling"].value))


def test_traffic_of_2017(history, table):
    """88.9 (in 100 million GB, six months) over the users of June; 844.3 over the lines of June."""
    users = history["mobile_broadband_subscribers_3g_4g"]["2017-06"] * 1e4
    each = history["mobile_data_traffic"]["2017-06"] * 1e8 / 6 / users
    assert each == pytest.approx(table["mobile_traffic_2017"].value, rel=0.01)
    lines = history["fixed_broadband_subscribers"]["2017-06"] * 1e4
    line_gb = history["fixed_broadband_traffic"]["2017-06"] * 1e8 / 6 / lines
    assert busy_hour_mbps(np.array([line_gb]), 0.08)[0] == pytest.approx(
        table["fixed_busy_hour_2017"].value, rel=0.06
    )


# ---- new housing


def code(**changes):
    values = {"first_month": "2014-03", "kinds": ("city", "town"), "share": 0.9, "replaced_per_year": 0.012}
    return NewHousingOptions(**(values | changes))


def test_homes_are_built_where_zones_grow_and_where_they_are_replaced():
    """From March on: ten more homes a month, and one in a thousand of those that stand."""
    homes = np.array([[1000 + 10 * m, 500, 500 + 10 * m] for m in range(5)], dtype=np.int32)
    kind = np.array([0, 1, 2], dtype=np.int8)
    built = code().built(homes, kind, Horizon("2014-01", "2014-05"))
    assert built[:2].tolist() == [[0, 0, 0], [0, 0, 0]], "before the code"
    assert built[2:, 0] == pytest.approx([10 + 1.010, 10 + 1.020, 10 + 1.030])
    assert built[2:, 1] == pytest.approx([0.5] * 3)
    assert not built[:, 2].any(), "villages are not under the code"


def test_rounding_of_a_zones_homes_builds_nothing():
    homes = np.array([[100], [101], [100], [101], [102]], dtype=np.int32)
    none = code(replaced_per_year=0.0, first_month="2013-04")
    built = none.built(homes, np.zeros(1, dtype=np.int8), Horizon("2014-01", "2014-05"))
    assert built[:, 0].tolist() == [0, 1, 0, 0, 1], "month 0 stands; what comes back is not new"
