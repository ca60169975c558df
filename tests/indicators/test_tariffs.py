"""What a megabit, a gigabyte and the entry package cost, counted by hand on the made-up area."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators.tariffs import entry_price_income_share, price_per_gb, price_per_mbps


def test_a_megabit_costs_what_all_pay_over_all_rates_paid_for(evidence):
    """45 urban lines at 40 yuan and 2 rural ones at 30, each of 4 Mbit/s; fibre of 20 joins in month 3."""
    found = price_per_mbps(evidence)
    assert found["urban"][0] == pytest.approx(40 / 4)
    assert found["rural"] == pytest.approx([30 / 4] * 4)
    assert found["all"][0] == pytest.approx((45 * 40 + 2 * 30) / (47 * 4))
    assert found["urban"][3] == pytest.approx((45 + 50) * 40 / (45 * 4 + 50 * 20))


def test_faster_lines_at_the_same_price_make_a_megabit_cheaper(evidence, state):
    faster = replace(evidence, state=replace(state, subscribed_mbps=2 * state.subscribed_mbps))
    for group, price in price_per_mbps(faster).items():
        assert price == pytest.approx(price_per_mbps(evidence)[group] / 2)


def test_the_price_of_data_is_that_of_the_scenario(evidence):
    assert price_per_gb(evidence)["all"].tolist() == [100, 90, 80, 70]


def test_the_entry_package_is_weighed_against_the_income_of_a_resident(evidence):
    """12 x 20 of 24,000 yuan in town, 12 x 15 of 6,000 in the country; 480 and 120 residents."""
    found = entry_price_income_share(evidence)
    assert found["urban"] == pytest.approx([0.01] * 4)
    assert found["rural"] == pytest.approx([0.03] * 4)
    together = (480 * 240 + 120 * 180) / (480 * 24_000 + 120 * 6_000)
    assert found["all"] == pytest.approx([together] * 4)


def test_where_nobody_subscribes_a_megabit_has_no_price(evidence, state):
    nobody = replace(evidence, state=replace(state, subscribers=np.zeros_like(state.subscribers)))
    assert all(np.isnan(price).all() for price in price_per_mbps(nobody).values())


def test_without_lines_or_tariffs_there_is_nothing_to_tell(evidence, state):
    without = replace(state.lines, demand=replace(state.lines.demand, tariffs=None))
    for lines in (None, without):
        bare = replace(evidence, state=replace(state, lines=lines))
        assert price_per_mbps(bare) == price_per_gb(bare) == entry_price_income_share(bare) == {}
