"""Take-up, rates and traffic: the formulas, and the rows that they start from recomputed from history."""

from __future__ import annotations

import csv
import math
from statistics import NormalDist

import numpy as np
import pytest

from sim.clock import Horizon, month_number
from sim.demand import (
    NewHousingOptions,
    busy_hour_mbps,
    estimate_demand,
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
    assert built.fixed_design == pytest.approx(later.fixed_lines[0])
    assert demand(options, design_years=0.0).fixed_design == pytest.approx(built.fixed_lines[0])


def test_shares_stay_shares_however_rich_or_late(options):
    late = Horizon("2014-01", "2060-12")
    for found in (demand(options, late), demand(options, late, income_ratio_urban=9.0, fixed_price=1.0)):
        persons = (found.mobile_willing / found.cards_per_person, found.mobile_cards / found.cards_per_person)
        for share in (found.fixed_willing, found.willing_by_income, *persons, found.lte_ready):
            assert (share >= 0).all()
            assert (share <= 1).all()
            assert (np.diff(share, axis=0) >= -1e-12).all()


# ---- rates and traffic


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
    with_line = {month: lines / (1 + table["second_lines"].value) for month, lines in share.items()}
    found = logistic_rate(with_line, ceiling=0.9)
    within(table["fixed_growth_2013"], found)
    assert found == pytest.approx(table["fixed_growth_2013"].value, abs=0.05)


def test_mobile_broadband_of_2013(history, table):
    users = history["mobile_3g_subscribers"]
    months = ("2012-12", "2013-06", "2013-08")
    share = {month: users[month] * 1e4 / between(CENSUS_PEOPLE, month) for month in months}
    assert share["2013-08"] == pytest.approx(table["mobile_broadband_per_person_2013"].value, rel=0.01)
    within(table["mobile_broadband_per_person_2013"], share["2013-08"])
    found = logistic_rate(persons(share, table), table["mobile_ceiling"].value)
    within(table["mobile_growth_2013"], found)
    assert found == pytest.approx(table["mobile_growth_2013"].value, abs=0.05)


def persons(cards, table):
    """Return persons per resident of cards per resident, by month."""
    return {month: share / table["cards_per_person"].value for month, share in cards.items()}


@pytest.mark.parametrize(
    ("months", "level", "growth"),
    [
        (("2012-12", "2013-06"), "mobile_cards_2013", "mobile_cards_growth_2013"),
        (("2013-12", "2015-12"), "mobile_cards_2015", "mobile_cards_growth_2015"),
    ],
)
def test_cards_of_all_generations(history, table, months, level, growth):
    cards = dict(history["mobile_subscribers"]) | {"2012-12": 111_000.0}
    share = {month: cards[month] * 1e4 / between(CENSUS_PEOPLE, month) for month in months}
    assert share[months[1]] == pytest.approx(table[level].value, abs=0.002)
    found = logistic_rate(persons(share, table), table["mobile_ceiling"].value)
    within(table[growth], found)
    assert found == pytest.approx(table[growth].value, abs=0.02)


def test_lines_beyond_the_first_in_the_timetable_of_the_strategy(table):
    """Guo Fa [2013] 31: lines, and homes with one, of 2013, 2015 and 2020."""
    goals = (("2013-12", 210e6, 0.40), ("2015-12", 270e6, 0.50), ("2020-12", 400e6, 0.70))
    for month, lines, share in goals:
        within(table["second_lines"], lines / (share * between(CENSUS_HOMES, month)) - 1.0)


def test_handsets_of_2012(table):
    """466 M sold, 3G 68.5 % of those of December and 41.5 % a year before; 1112 and 986 M cards."""
    in_use, before = (cards / table["cards_per_person"].value for cards in (1112.0, 986.0))
    assert in_use / (466 - (in_use - before)) == pytest.approx(table["handset_life"].value, abs=0.05)
    third = 3400.8 / 4966.9
    year_before = (3400.8 / 1.888) / (4966.9 / 1.145)
    assert 1.0 / (third - year_before) == pytest.approx(table["handset_ramp"].value, abs=0.05)
    assert 4.0 / third == pytest.approx(table["handset_ramp"].high, abs=0.1), "from the licences on"
    begun = 2011 + 11.5 / 12 - year_before * table["handset_ramp"].value
    assert begun == pytest.approx(2010 + 5.5 / 12, abs=0.1), "June 2010"


def test_cards_of_a_person_in_2012(table):
    urban, rural = 2.126 / 2.86, 1.978 / 3.88
    telephones = 0.526 * urban + 0.474 * rural
    assert 1112 / 1354 / telephones == pytest.approx(table["cards_per_person"].value, abs=0.01)


def test_groups_of_income(table):
    """Deciles of towns by their weight and persons a home; yearbooks of 2012 and 2008."""
    lowest, highest = (
        ((6876.09, 3.30, 9.91), (10672.02, 3.20, 10.0)),
        ((35579.24, 2.57, 10.01), (58841.87, 2.53, 9.88)),
    )
    ends = [sum(i * n * w for i, n, w in part) / sum(n * w for _, n, w in part) for part in (lowest, highest)]
    urban = [ends[0], 14498.26, 19544.94, 26419.99, ends[1]]
    rural = [1346.89, 2581.75, 3658.83, 5129.78, 9790.68]
    for place in range(5):
        assert urban[place] / 21809.78 == pytest.approx(
            table[f"income_group_urban_{place + 1}"].value, abs=6e-4
        )
        assert rural[place] / 4140.36 == pytest.approx(
            table[f"income_group_rural_{place + 1}"].value, abs=6e-4
        )


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
    with_line = {month: lines / (1 + table["second_lines"].value) for month, lines in share.items()}
    found = logistic_rate(with_line, ceiling=0.93)
    within(table["fixed_growth_2017"], found)
    assert found == pytest.approx(table["fixed_growth_2017"].value, abs=0.02)


def test_mobile_broadband_of_2017(history, table):
    series = history["mobile_broadband_penetration_population"]
    assert series["2017-09"] / 100 == table["mobile_broadband_per_person_2017"].value
    share = {month: series[month] / 100 for month in ("2015-12", "2016-06", "2016-12", "2017-09")}
    found = logistic_rate(persons(share, table), table["mobile_ceiling"].value)
    within(table["mobile_growth_2017"], found)
    assert found == pytest.approx(table["mobile_growth_2017"].value, abs=0.02)


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
