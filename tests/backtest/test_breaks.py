"""Where published series change what they count."""

import pytest

from sim.backtest.breaks import breaks_of, definition_at, read_breaks, shipped_breaks
from sim.clock import month_number
from sim.errors import DataError


def test_the_lines_of_2015_and_2016_are_two_series():
    series = breaks_of(shipped_breaks(), "fixed_broadband_subscribers", "China")
    before, after = (definition_at(series, month_number(label)) for label in ("2015-12", "2016-01"))
    assert "three basic operators" in before
    assert after == "all operators"


def test_the_penetration_of_2015_is_on_the_later_base():
    series = breaks_of(shipped_breaks(), "fixed_broadband_household_penetration", "China")
    assert "52.6" in definition_at(series, month_number("2015-12"))
    assert "40" in definition_at(series, month_number("2015-11"))


def test_users_of_virtual_operators_leave_in_2017():
    for name in ("mobile_broadband_penetration_population", "mobile_broadband_subscribers_3g_4g"):
        series = breaks_of(shipped_breaks(), name, "China")
        assert definition_at(series, month_number("2017-06")).startswith("with ")
        assert definition_at(series, month_number("2017-09")).startswith("without ")


def test_other_series_never_change():
    assert definition_at(breaks_of(shipped_breaks(), "mobile_dou", "China"), 0) == ""


def test_a_bad_table_is_told(tmp_path):
    path = tmp_path / "breaks.csv"
    path.write_text("indicator,place,from,before,after,size,source\nx,*,2016,a,b,1,c\nx,*,2016-01,a,,1,c\n")
    with pytest.raises(DataError) as caught:
        read_breaks(path)
    assert [problem.line for problem in caught.value.problems] == [2, 3]
