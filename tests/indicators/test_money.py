from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import money


def test_spending_adds_up_to_the_log(events):
    table = money.spending(events)
    for name in ("released_fen", "committed_fen", "spent_fen"):
        assert table[name].sum() == events[name].sum()
    row = table[(table["replication"] == 0) & (table["month"] == 2) & (table["technology"] == "ftth")].iloc[0]
    assert (row["spent_fen"], row["pot"]) == (1_000_000, "investment")
    assert set(table["technology"]) == {"", "ftth", "lte"}


def test_a_log_without_money_gives_an_empty_table(events):
    assert money.spending(events[events["event"] == "started"]).empty


def test_spent_grows_by_technology(evidence):
    result = money.spent(evidence)
    assert result["all"].tolist() == [0, 3_500, 15_500, 16_000]
    assert result["ftth"].tolist() == [0, 3_500, 13_500, 14_000]
    assert result["lte"].tolist() == [0, 0, 2_000, 2_000]


def test_cost_per_home_leaves_connections_out(evidence):
    result = money.cost_per_home_passed(evidence)["all"]
    assert result[2] == pytest.approx(13_500 / 135)
    assert result[3] == result[2]
    assert result[0] != result[0]  # unknown before the first home is passed


def test_present_value_discounts_from_the_middle_of_the_month(events):
    table = money.spending(events)
    expected = 350_000 / 1.1 ** (1.5 / 12) + 1_200_000 / 1.1 ** (2.5 / 12) + 50_000 / 1.1 ** (3.5 / 12)
    assert money.present_value_fen(table, 0.1) == pytest.approx(expected)
    assert money.present_value_fen(table, 0.0) == 1_600_000


def test_a_run_that_spends_nothing_has_spent_nothing(evidence):
    idle = replace(evidence, events=evidence.events.iloc[:0])
    assert money.spent(idle)["all"].tolist() == [0, 0, 0, 0]
    assert money.cost_per_home_passed(idle)["all"].tolist()[2:] == [0, 0]


def test_homes_added_where_fibre_stands_are_not_newly_passed(evidence):
    fibre = evidence.state.homes_passed[:, 1]
    fibre[:] = 0
    fibre[:, 0] = 50
    evidence.state.homes[2:, 0] = 120
    fibre[2:, 0] = 60
    assert np.isnan(money.cost_per_home_passed(evidence)["all"]).all()
    fibre[2:, 0] = 70
    assert money.cost_per_home_passed(evidence)["all"][2] == pytest.approx(13_500 / 10)
