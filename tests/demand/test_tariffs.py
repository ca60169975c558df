"""Prices and incomes by closed forms, and the rows they start from worked out again from their sources."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.clock import Horizon
from sim.demand import estimate_demand
from sim.demand.tariffs import TariffCut, TariffOptions, estimate_tariffs, line_index
from sim.parameters import read_parameters
from sim.tables.layers import ZONE_KINDS
from tests.conftest import ROOT
from tests.world import load

HORIZON = Horizon("2014-01", "2017-12")
CITY, VILLAGE = ZONE_KINDS.index("city"), ZONE_KINDS.index("village")


@pytest.fixture(scope="module")
def options():
    return load().scenario.demand


@pytest.fixture(scope="module")
def rows():
    return read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")


def with_tariffs(options, **changes):
    return options.model_copy(update={"tariffs": options.tariffs.model_copy(update=changes)})


def cut(**values):
    return TariffCut.model_validate({"first_month": "2016-01", "factor": 0.8} | values)


# ---- the path of prices


def test_a_line_costs_its_level_times_the_yearly_change(options):
    """Three years and nine months lie between April 2013 and January 2017."""
    found = estimate_tariffs(with_tariffs(options, line_change_per_year=-0.1), HORIZON)
    after = HORIZON.index("2017-01")
    assert found.fixed_yuan[after] == pytest.approx(options.fixed_price * 0.9**3.75)
    assert found.entry_yuan == pytest.approx(options.tariffs.entry_share * found.fixed_yuan)


def test_prices_that_change_as_expected_move_nothing(options):
    assert estimate_tariffs(options, HORIZON).fixed_index == pytest.approx(np.ones((48, 3)))


def test_what_departs_from_the_expected_is_the_index(options):
    changed = with_tariffs(options, line_change_per_year=-0.2, expected_change_per_year=-0.1)
    years = np.array([0.0, 1.0, 2.5])
    index = line_index(changed.tariffs, changed.fixed_reference_month, years)
    assert index == pytest.approx(np.repeat((0.8 / 0.9) ** years[:, None], 3, axis=1))


def test_a_rural_package_lowers_prices_of_villages_from_its_month_on(options):
    package = with_tariffs(options, cuts={"package": cut(kinds=["village"])})
    before, after = HORIZON.index("2015-12"), HORIZON.index("2016-01")
    base, found = estimate_tariffs(options, HORIZON), estimate_tariffs(package, HORIZON)
    assert found.fixed_index[before] == pytest.approx(np.ones(3))
    assert found.fixed_index[after, VILLAGE] == pytest.approx(0.8)
    assert found.fixed_index[after, CITY] == pytest.approx(1.0)
    assert found.entry_yuan[after:, VILLAGE] == pytest.approx(0.8 * base.entry_yuan[after:, VILLAGE])
    assert (found.per_gb_yuan == base.per_gb_yuan).all()


@pytest.mark.parametrize("first", ["2009-01", "2014-01", "2014-02", "2017-12", "2018-01"])
def test_a_cut_begins_in_its_month_wherever_that_lies(options, first):
    found = estimate_tariffs(with_tariffs(options, cuts={"one": cut(first_month=first)}), HORIZON)
    begun = np.arange(48) >= HORIZON.index(first)
    assert found.fixed_index[:, CITY] == pytest.approx(np.where(begun, 0.8, 1.0))


def test_cuts_multiply_and_those_of_data_leave_lines_alone(options):
    cuts = {"a": cut(factor=0.5), "b": cut(), "c": cut(of="data", factor=0.25)}
    base, found = (estimate_tariffs(one, HORIZON) for one in (options, with_tariffs(options, cuts=cuts)))
    assert found.fixed_index[-1] == pytest.approx([0.4] * 3)
    assert found.per_gb_yuan[-1] == pytest.approx(base.per_gb_yuan[-1] / 4)
    assert found.per_gb_yuan[0] == base.per_gb_yuan[0]


def test_a_gigabyte_costs_its_level_times_the_yearly_change(options):
    found = estimate_tariffs(with_tariffs(options, data_price=100.0, data_change_per_year=-0.5), HORIZON)
    assert found.per_gb_yuan[HORIZON.index("2015-04")] == pytest.approx(25.0)


def test_incomes_are_those_of_the_nation_times_the_ratio_of_the_province(options):
    given = with_tariffs(options, income_urban=20_000.0, income_rural=8_000.0, income_growth_per_year=0.1)
    given = given.model_copy(update={"income_ratio_urban": 0.9, "income_ratio_rural": 0.5})
    found = estimate_tariffs(given, HORIZON).income_yuan[HORIZON.index("2014-07")]
    assert found[CITY] == pytest.approx(20_000 * 0.9 * 1.1**2)
    assert found[VILLAGE] == pytest.approx(8_000 * 0.5 * 1.1**2)


def test_cheaper_lines_are_wanted_by_more_and_never_by_fewer(options):
    kinds = np.array(["city", "village"])
    base = estimate_demand(kinds, options, HORIZON).fixed_willing
    package = with_tariffs(options, cuts={"package": cut(kinds=["village"], factor=0.5)})
    found = estimate_demand(kinds, package, HORIZON).fixed_willing
    assert (found >= base).all()
    assert (found[HORIZON.index("2016-01") :, VILLAGE] > base[HORIZON.index("2016-01") :, VILLAGE]).all()
    assert (found[:, CITY] == base[:, CITY]).all()


@pytest.mark.parametrize(
    "wrong",
    [{"first_month": "2016-13"}, {"factor": 0}, {"kinds": ["farm"]}, {"of": "voice"}, {"price": 1}],
)
def test_a_cut_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        cut(**wrong)


def test_months_of_prices_and_incomes_are_months(options):
    given = options.tariffs.model_dump()
    for key in ("data_reference_month", "income_reference_month"):
        with pytest.raises(ValidationError, match="is not a month"):
            TariffOptions.model_validate(given | {key: "2013"})


# ---- the rows, from their sources


def test_the_price_of_a_line_in_2013_is_revenue_over_lines(rows):
    lines = (90.12e6 + 95.82e6) / 2
    assert rows["fixed_line_price_2013"].value == pytest.approx(35.2e9 / 6 / lines, abs=0.5)


def test_the_price_of_a_line_fell_as_lines_outgrew_revenue(rows):
    end_2011, end_2012, middle_2013 = 76.81, 90.12, 95.82
    year_before = (end_2011 + (end_2011 + end_2012) / 2) / 2
    nominal = 1.055 / ((end_2012 + middle_2013) / 2 / year_before)
    real = nominal / 1.024 - 1
    assert rows["line_price_change_2013"].value == pytest.approx(real, abs=0.005)


def test_the_price_of_data_in_2013_is_revenue_over_traffic(rows):
    users = (69.05e6 + 87.33e6) / 2
    assert rows["data_price_2013"].value == pytest.approx(9.8e9 / (users * 6 * 0.168), abs=1)


def test_the_price_of_data_fell_as_traffic_outgrew_revenue(rows):
    users, before = (69.05 + 87.33) / 2, (36.29 + (36.29 + 69.05) / 2) / 2
    nominal = 2 / (users / before * 1.51)
    assert rows["data_price_change_2013"].value == pytest.approx(nominal / 1.024 - 1, abs=0.06)


def test_the_price_of_data_in_2015_is_a_part_of_revenue_over_traffic(rows):
    share, arpu = rows["mobile_data_share_of_arpu"].value, rows["mobile_arpu_2015"].value
    assert rows["data_price_2015"].value == pytest.approx(share * arpu / 0.339, rel=0.01)


def test_every_price_was_known_before_the_scenarios_that_use_it(rows):
    for name in (
        "fixed_line_price_2013",
        "line_price_change_2013",
        "data_price_2013",
        "national_income_rural_2012",
    ):
        assert rows[name].known_from <= "2014-01"
    for name in ("data_price_2015", "data_price_change_2016", "national_income_rural_2016"):
        assert rows[name].known_from <= "2018-01"
