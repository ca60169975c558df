from math import inf, isinf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import Horizon
from sim.rollout.disruptions import Climate, productive_days, rest_days
from sim.rollout.options import Calendar, Crews, RolloutOptions, Season

YEARS = Horizon("2014-01", "2015-12")
RAIN = Season(months=(5, 6, 7, 8, 9, 10), productivity=0.5, above_m=600.0)
WINTER = Season(months=(11, 12, 1, 2, 3), productivity=0.0, above_m=3500.0)
OPTIONS = RolloutOptions(
    crews=Crews(fibre=1, civil=1, radio=1, install=1), seasons={"rain": RAIN, "winter": WINTER}
)


def test_closed_form_across_the_edge_of_a_season():
    curve = productive_days([RAIN], YEARS)
    may = YEARS.first_day(4)
    assert curve.finish(may - 4.0, 10.0) == pytest.approx(may + 12.0)
    assert curve.finish(may, 3.0) == pytest.approx(may + 6.0)
    november = YEARS.first_day(10)
    assert curve.finish(november - 4.0, 3.0) == pytest.approx(november + 1.0)
    assert curve.finish(0.0, 5.0) == pytest.approx(5.0)


def test_no_work_is_done_in_a_closed_season():
    curve = productive_days([WINTER], YEARS)
    april = YEARS.first_day(3)
    assert curve.finish(0.0, 2.0) == pytest.approx(april + 2.0)
    november = YEARS.first_day(10)
    next_april = YEARS.first_day(15)
    assert curve.finish(november - 1.0, 2.0) == pytest.approx(next_april + 1.0)


def test_work_that_can_never_be_done_never_ends():
    never = productive_days([Season(months=tuple(range(1, 13)), productivity=0.0, above_m=0.0)], YEARS)
    assert isinf(never.finish(0.0, 1.0))
    assert never.finish(3.0, 0.0) == 3.0
    assert productive_days([RAIN], YEARS).finish(0.0, 1e9) == inf


def test_height_decides_which_seasons_are_felt():
    climate = Climate(OPTIONS, YEARS)
    assert climate.curve_at(100.0) is None
    assert climate.curve_at(700.0) is climate.curve_at(3499.0)
    both = climate.curve_at(4000.0)
    assert both is not None
    assert both.finish(0.0, 1.0) > 60
    assert climate.curve_at(700.0).finish(0.0, 1.0) == pytest.approx(1.0)


@given(st.floats(0, 900), st.floats(0, 200), st.floats(0, 200))
def test_work_done_in_two_parts_takes_as_long_as_in_one(start, one, two):
    curve = productive_days([RAIN], YEARS)
    end = curve.finish(curve.finish(start, one), two)
    assert end == pytest.approx(curve.finish(start, one + two), abs=1e-6)
    assert start + one - 1e-9 <= curve.finish(start, one) <= start + 2 * one + 1e-6


def test_a_year_loses_its_eleven_statutory_days():
    """Three of the Spring Festival and of the National Day, one of each of the five others."""
    rest = rest_days(Calendar(country="CN"), Horizon("2014-01", "2016-12"))
    first = Horizon("2014-01", "2016-12").first_day
    assert [int(rest[first(12 * year) : first(12 * year + 12)].sum()) for year in range(3)] == [11, 12, 11]
    assert not rest_days(Calendar(), YEARS).any()


def test_the_pause_of_crews_surrounds_the_lunar_new_year():
    rest = rest_days(Calendar(pause_before=10, pause_after=15), YEARS)
    away = np.flatnonzero(rest[: YEARS.first_day(12)])
    first, last = np.array(["2014-01-21", "2014-02-15"], dtype="datetime64[D]")
    assert away[0] == YEARS.days_of(np.array([first]))[0]
    assert away[-1] == YEARS.days_of(np.array([last]))[0] - 1
    assert (np.diff(away) == 1).all()


def test_rest_days_stop_all_field_work():
    rest = np.zeros(int(YEARS.month_days[-1]), dtype=bool)
    rest[5:15] = True
    curve = productive_days([], YEARS, rest)
    assert curve.finish(0.0, 5.0) == 5.0
    assert curve.finish(0.0, 6.0) == pytest.approx(16.0)
    assert curve.finish(7.0, 1.0) == pytest.approx(16.0)
    assert productive_days([RAIN], YEARS, rest).finish(0.0, 6.0) == pytest.approx(16.0)
