"""Homes by income: the level known is the mean over the groups, and lines are more than homes."""

import numpy as np
import pytest

from sim.clock import Horizon
from sim.demand import estimate_demand
from sim.tables.demand import held_share
from tests.world import load

KINDS = np.array(["city", "town", "village"])
CITY, VILLAGE = 0, 2


@pytest.fixture(scope="module")
def options():
    return load().scenario.demand


def demand(options, horizon=None, **changes):
    months = Horizon("2014-01", "2017-12") if horizon is None else horizon
    return estimate_demand(KINDS, options.model_copy(update=changes), months)


def counted(found):
    """Return lines per home as statistics count them, were all homes passed, shape (M, K)."""
    return found.fixed_lines * (1.0 + found.second_lines)


@pytest.mark.parametrize("scenario", ["base", "sichuan-2020"])
@pytest.mark.parametrize("curve", ["logistic", "bass"])
def test_the_mean_over_groups_is_the_level_known(scenario, curve):
    """At its month, with the incomes and prices of the nation: the sourced lines per home."""
    options = load(scenario=scenario).scenario.demand
    there = Horizon(options.fixed_reference_month, options.fixed_reference_month)
    nation = {"income_ratio_urban": 1.0, "income_ratio_rural": 1.0, "fixed_curve": curve}
    found = demand(options, there, **nation)
    assert found.willing_by_income.mean(axis=2) == pytest.approx(found.fixed_willing)
    assert counted(found)[0] == pytest.approx(
        [options.fixed_willing_urban, options.fixed_willing_urban, options.fixed_willing_rural]
    )


def test_the_rich_take_lines_before_the_poor_until_all_have_them(options):
    found = demand(options, Horizon("2014-01", "2060-12")).willing_by_income
    assert (np.diff(found, axis=2) > 0).all()
    spread = found[:, CITY, -1] / found[:, CITY, 0]
    assert spread[0] > 2.0
    assert spread[-1] < 1.1


def test_homes_without_groups_are_one(options):
    groups = options.income_groups.model_copy(update={"urban": (1.0,), "rural": (1.0,)})
    one, five = demand(options, income_groups=groups), demand(options)
    assert one.willing_by_income.shape[2] == 1
    there = Horizon(options.fixed_reference_month, options.fixed_reference_month)
    assert demand(options, there, income_groups=groups).fixed_willing == pytest.approx(
        demand(options, there).fixed_willing
    )
    assert one.fixed_willing[-1] == pytest.approx(five.fixed_willing[-1], rel=0.05)


def test_a_dearer_line_is_wanted_by_fewer_by_its_elasticity_at_the_level(options):
    there = Horizon(options.fixed_reference_month, options.fixed_reference_month)
    groups = options.income_groups.model_copy(update={"urban": (1.0,), "rural": (1.0,)})
    before = demand(options, there, income_groups=groups)
    after = demand(options, there, income_groups=groups, fixed_price=options.fixed_price * 1.001)
    change = np.log(after.fixed_willing / before.fixed_willing) / np.log(1.001)
    assert change[0] == pytest.approx(options.price_elasticity, rel=2e-3)
    assert (after.mobile_willing == before.mobile_willing).all()


def test_a_price_cut_moves_take_up_from_its_month(options):
    cut = {"first_month": "2015-01", "factor": 0.7, "of": "line", "kinds": ("village",)}
    tariffs = options.tariffs.model_validate(options.tariffs.model_dump() | {"cuts": {"rural": cut}})
    before, after = demand(options), demand(options, tariffs=tariffs)
    assert (after.fixed_willing[:12] == before.fixed_willing[:12]).all()
    assert (after.fixed_willing[12:, VILLAGE] > before.fixed_willing[12:, VILLAGE]).all()
    assert (after.fixed_willing[:, CITY] == before.fixed_willing[:, CITY]).all()
    assert after.fixed_design[VILLAGE] > before.fixed_design[VILLAGE], "what is built must still suffice"


def test_income_moves_willingness_where_it_differs(options):
    poorer, same = demand(options, income_ratio_rural=0.684), demand(options)
    assert (poorer.fixed_willing[:, VILLAGE] < same.fixed_willing[:, VILLAGE]).all()
    assert (poorer.fixed_willing[:, CITY] == same.fixed_willing[:, CITY]).all()


def test_lines_exceed_homes_where_people_earn_more(options):
    """Above 100 lines for 100 homes in a rich province, below in a poor one; homes with one never."""
    late = Horizon("2060-01", "2060-01")
    rich, poor = (
        counted(demand(options, late, income_ratio_urban=ratio, income_ratio_rural=ratio))[0]
        for ratio in (1.6, 0.6)
    )
    assert rich[CITY] > 1.15
    assert rich[CITY] / poor[CITY] == pytest.approx((1 + 1.6 * 0.2) / (1 + 0.6 * 0.2), rel=0.01)
    assert demand(options, late, income_ratio_urban=1.6).fixed_willing.max() <= 1.0
    same = demand(options, late, second_lines_elasticity=0.0, income_ratio_urban=1.6)
    assert same.second_lines == pytest.approx([options.second_lines] * 3)


def test_who_is_between_two_lines_is_willing_too(options):
    churning, faithful = demand(options), demand(options, churn=0.0)
    held = held_share(1.0 / options.catch_up_time, options.churn)
    assert churning.held_share == held < 1.0 == faithful.held_share
    assert churning.fixed_lines == pytest.approx(faithful.fixed_lines)
