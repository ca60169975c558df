"""Which parameters are drawn, and where in their ranges."""

import numpy as np
import pytest

from sim.ensemble.parameters import demand_options, drawn_parameters, drawn_values, places
from sim.parameters import Parameter
from tests.world import load


def _row(name, low, value, high):
    return Parameter(name, value, "share", low, high, "2013", "", "somebody", "high")


def test_only_rows_of_demand_with_a_range_are_drawn():
    loaded = load()
    rows = {row.name for row in drawn_parameters(loaded)}
    assert {"fixed_per_urban_home_2013", "income_elasticity", "wanted_rate_growth"} <= rows
    assert "rainy_season_productivity" not in rows
    assert all(loaded.lookup.rows[name].low < loaded.lookup.rows[name].high for name in rows)


@pytest.mark.parametrize(
    "change",
    [
        ("demand.income_elasticity", "0.4"),
        ("demand.income_elasticity", "income_elasticity@high"),
        ("parameters.values.income_elasticity", "0.4"),
    ],
)
def test_what_the_scenario_says_itself_is_taken_as_given(change):
    assert "income_elasticity" not in {row.name for row in drawn_parameters(load(change))}


def test_each_part_of_a_range_is_drawn_once():
    place = places(7, "x", 20)
    assert sorted(np.floor(place * 20)) == list(range(20))
    assert place.min() > 0.0
    assert place.max() < 1.0


def test_draws_are_paired_by_name():
    one = drawn_values([_row("a", 0.0, 1.0, 2.0)], 7, 8)
    two = drawn_values([_row("b", 0.0, 1.0, 2.0), _row("a", 0.0, 1.0, 2.0)], 7, 8)
    assert [draw["a"] for draw in one] == [draw["a"] for draw in two]
    assert [draw["b"] for draw in two] != [draw["a"] for draw in two]
    assert drawn_values([_row("a", 0.0, 1.0, 2.0)], 8, 8) != one


def test_half_of_the_draws_lie_on_each_side_of_the_value():
    values = np.array([draw["a"] for draw in drawn_values([_row("a", 0.0, 1.0, 9.0)], 3, 40)])
    assert (values < 1.0).sum() == 20
    assert values.min() >= 0.0
    assert values.max() <= 9.0
    # evenly over each half: means in their middles
    assert values[values < 1.0].mean() == pytest.approx(0.5, abs=0.03)
    assert values[values > 1.0].mean() == pytest.approx(5.0, abs=0.2)


def test_options_of_a_draw_differ_in_what_was_drawn_alone():
    loaded = load()
    moved = demand_options(loaded, {"income_elasticity": 0.123})
    assert moved.income_elasticity == 0.123
    assert moved.model_copy(update={"income_elasticity": loaded.scenario.demand.income_elasticity}) == (
        loaded.scenario.demand
    )
    assert demand_options(loaded, {}) == loaded.scenario.demand
    assert loaded.lookup.overrides == {}
