"""What the money earns: only customers who are there by it, at what each pays for the network."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.indicators import two_zones
from tests.indicators.two_zones import earnings


def test_only_lines_beyond_those_without_the_money_count():
    assert earnings().added["fixed"].tolist() == [[0, 0], [0, 0], [20, 5], [20, 5]]


def test_a_user_who_had_2g_adds_the_data_part_and_one_who_had_nothing_all():
    assert earnings().new_part.tolist() == [0.5, 0.75]


def test_prices_are_in_fen_and_for_the_network_alone():
    price = earnings().price
    assert price["fixed"] == pytest.approx(np.full(16, 50 * 100 * 0.5))
    assert price["mobile"] == pytest.approx(np.full(16, 60 * 100 * 0.5))
    assert price["nr"] == pytest.approx(np.full(16, 60 * 100 * 0.5 * 0.1))
    assert price["iot"] == pytest.approx(np.full(16, 0.1 * 12 / 12 * 100 * 0.5))


def test_revenue_by_month_and_zone():
    revenue = earnings().revenue
    mobile = np.array([60 * 3_000 * 0.5, 20 * 3_000 * 0.75])
    assert revenue[0].tolist() == [0, 0]
    assert revenue[1] == pytest.approx(mobile)
    assert revenue[2] == pytest.approx(mobile + np.array([20, 5]) * 2_500)
    # in the last month NB-IoT covers half of zone 0: 150 residents
    assert revenue[3] == pytest.approx(mobile + np.array([20, 5]) * 2_500 + np.array([150 * 5, 0]))


def test_customers_stay_after_the_last_month():
    gains = earnings()
    every = gains.earned(slice(None), slice(None))
    assert every.shape == (16, 2)
    assert every[4:] == pytest.approx(np.tile(gains.revenue[3], (12, 1)))
    assert gains.total() == pytest.approx(every.sum(axis=1))
    assert gains.earned(slice(2, 9), slice(1, 2)) == pytest.approx(every[2:9, 1:])


def test_arpu_of_a_year_stands_in_its_middle():
    price = earnings(years_after=2.0, mobile_arpu={"2014": 59.0, "2015": 56.0}).price["mobile"] / 50
    middle = 59 - 3 * ((np.arange(28) + 0.5) / 12 - 0.5)
    assert price == pytest.approx(np.clip(middle, 56, 59))


def test_a_5g_user_pays_more():
    state, gains = two_zones.state(), earnings()
    state.technologies = ("ftth", "gsm", "lte", "nbiot", "nr")
    state.uses = ("fixed", "mobile", "mobile", "iot", "mobile")
    state.technology = state.technologies.index
    fifth = np.full((4, 1, 2), 7.0, dtype=np.float32)
    state.subscribers = np.concatenate((state.subscribers, fifth), axis=1)
    state.covered_share = np.concatenate((state.covered_share, np.zeros_like(fifth)), axis=1)
    without = tuple(np.concatenate((part, np.zeros_like(fifth)), axis=1) for part in gains.alone)
    more = replace(gains, state=state, alone=without)
    assert more.added["nr"].tolist() == [[7, 7]] * 4
    extra = 7 * (3_000 * np.array([0.5, 0.75]) + 300)
    assert more.revenue - gains.revenue == pytest.approx(np.tile(extra, (4, 1)))


def test_lines_that_move_to_new_plant_count_as_far_as_the_scenario_says():
    state, gains = two_zones.state(), earnings(moved_share=0.2)
    state.technologies, state.uses = ("ftth", "gsm", "lte", "dsl"), ("fixed", "mobile", "mobile", "fixed")
    state.technology = state.technologies.index
    alone = (gains.alone[0].copy(), gains.alone[1])
    alone[0][:, 3] = [15, 0]
    state.subscribers[2:, 3] = 0
    moved = replace(gains, state=state, alone=alone)
    # zone 0 gains 20 fibre lines, 15 of which copper would have had
    assert moved.added["fixed"][3].tolist() == [5, 5]
    assert moved.added["moved"][3].tolist() == [15, 0]
    assert moved.price["moved"][0] == pytest.approx(0.2 * 2_500)


def test_without_2g_in_the_run_users_are_held_to_have_had_it():
    state, gains = two_zones.state(), earnings()
    state.technologies = ("ftth", "umts", "lte", "nbiot")
    assert replace(gains, state=state).new_part.tolist() == [0.5, 0.5]


def test_a_tariff_cut_earns_less_on_lines_and_nothing_else():
    """From month 3 on lines of zone 1, a village, cost half of what was expected."""
    state, gains = two_zones.state(), earnings()
    index = np.ones((4, 3))
    index[3:, 2] = 0.5
    demand = SimpleNamespace(tariffs=SimpleNamespace(fixed_index=index), zone_kind=np.array([0, 2]))
    state.lines = SimpleNamespace(demand=demand)
    cheaper = replace(gains, state=state)
    assert cheaper.added["fixed"].tolist() == gains.added["fixed"].tolist()
    lost = gains.revenue - cheaper.revenue
    assert lost[:3] == pytest.approx(np.zeros((3, 2)))
    assert lost[3] == pytest.approx([0.0, 5 * gains.price["fixed"][3] / 2])
    assert gains.total() - cheaper.total() == pytest.approx(
        np.where(np.arange(len(gains.total())) >= 3, 5 * gains.price["fixed"] / 2, 0.0)
    )
    state.lines = SimpleNamespace(demand=SimpleNamespace(tariffs=None))
    assert replace(gains, state=state).revenue == pytest.approx(gains.revenue)
