"""Months, working days and the one conversion between them."""

import numpy as np
import pytest

from sim.clock import Horizon, month_label, month_number

YEAR = Horizon("2014-01", "2014-12")


@pytest.mark.parametrize("label", ["2014-01", "1999-12", "0001-01", "2033-07"])
def test_labels_and_numbers_are_one_thing(label):
    assert month_label(month_number(label)) == label


def test_numbers_count_months():
    assert month_number("2015-01") - month_number("2014-12") == 1
    assert month_number("2024-01") - month_number("2014-01") == 120


@pytest.mark.parametrize(
    "label", ["2014", "2014-13", "2014-00", "14-01", "2014-1", "2014/01", "", "2014-01-01"]
)
def test_what_is_no_month_is_named(label):
    with pytest.raises(ValueError, match=r"is not a month; write it as YYYY-MM"):
        month_number(label)


def test_a_horizon_holds_both_ends():
    assert YEAR.months == 12
    assert YEAR.labels()[0] == "2014-01"
    assert YEAR.labels()[-1] == "2014-12"
    assert Horizon("2014-05", "2014-05").months == 1


def test_indices_beyond_the_horizon_are_told():
    assert YEAR.index("2013-12") == -1
    assert YEAR.index("2014-03") == 2
    assert YEAR.index("2015-01") == YEAR.months


def test_calendar_months_and_years_run_on():
    horizon = Horizon("2014-11", "2015-03")
    assert [horizon.calendar_month(month) for month in range(5)] == [11, 12, 1, 2, 3]
    assert [horizon.year(month) for month in range(5)] == [2014, 2014, 2015, 2015, 2015]


def test_the_middle_of_a_month_in_years():
    middle = Horizon("2014-01", "2014-12").middle_years()
    assert middle[0] == pytest.approx(2014 + 0.5 / 12)
    assert np.diff(middle) == pytest.approx(1 / 12)


def test_working_days_are_mondays_to_fridays():
    """January 2014 began on a Wednesday and had 23 working days, February 20; the year had 261."""
    assert YEAR.first_day(0) == 0
    assert YEAR.first_day(1) == 23
    assert YEAR.first_day(2) == 43
    assert YEAR.end_day == YEAR.first_day(12) == 261


def test_days_find_their_month():
    for month in range(YEAR.months):
        first, after = YEAR.first_day(month), YEAR.first_day(month + 1)
        assert YEAR.month_of(first) == YEAR.month_of(after - 0.001) == month
    assert YEAR.months_of(np.array([0.0, 22.99, 23.0, 260.0, 261.0])).tolist() == [0, 0, 1, 11, 12]


def test_work_that_ends_late_still_has_a_month():
    twenty_years = YEAR.first_day(YEAR.months + 240)
    assert YEAR.month_of(twenty_years) == YEAR.months + 240


def test_dates_become_working_days():
    horizon = Horizon("2014-01", "2014-12")
    dates = np.array(["2013-12-31", "2014-01-01", "2014-01-04", "2014-01-06", "2014-02-01"], "datetime64[D]")
    assert horizon.days_of(dates).tolist() == [-1, 0, 3, 3, horizon.first_day(1)]
