"""Cash flows by zone: the table by hand, sums that are the total, and how worth answers rates and prices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.finance import discount_factors, payback_years
from sim.indicators.cash import finance_of
from sim.tables.finance import FLOWS, Holdings
from tests.indicators import two_zones
from tests.indicators.two_zones import earnings, outlays

WHOLE = ("capex", "opex", "replacement", "revenue", "residual")


def finance(**changes):
    return finance_of(outlays(**changes), earnings(**changes))


def test_the_table_by_hand():
    table = finance(radio_life=5.0).table
    row = table.iloc[0]
    capex = 7_000 + 7_000 + 800 + 6_000 + 2_000
    opex = 15 * 4_000
    revenue = 15 * 60 * 1_500 + 14 * 20 * 2_500 + 13 * 150 * 5
    residual = round(
        10_000 * (1 - 15 / 120) + 4_000 * (1 - 15 / 240)
        + 0.75 * (6_000 * (1 - 15 / 60) + 2_000 * (1 - 15 / 240))
    )  # fmt: skip
    assert (row["capex_fixed_fen"], row["capex_mobile_fen"], row["capex_other_fen"]) == (14_800, 6_000, 2_000)
    assert [row[f"{name}_pv_fen"] for name in WHOLE] == [capex, opex, 0, revenue, residual]
    assert row["npv_fen"] == revenue + residual - capex - opex
    assert row["subsidy_fen"] == 0
    # month 0 takes 9,000; month 1 takes 17,000 and brings 90,000
    assert row["payback_years"] == pytest.approx((1 + 9_000 / (90_000 - 13_000 - 4_000)) / 12)
    assert (row["homes_newly_passed"], row["lines_added"], row["users_added"]) == (90, 20, 60)
    assert table["homes_newly_passed"].tolist() == [90, 50]


def test_worth_is_the_discounted_sum_of_the_flows():
    found = finance(rate=0.08, inflation=0.02)
    assert found.rate == pytest.approx(1.08 / 1.02 - 1)
    factor = discount_factors(found.rate, 16)
    for name in ("capex", "opex", "replacement", "revenue"):
        assert found.table[f"{name}_pv_fen"].sum() == pytest.approx(factor @ found.flows[name], abs=2)
    last = found.flows["residual"].sum() * (1 + found.rate) ** (-16 / 12)
    assert found.table["residual_pv_fen"].sum() == pytest.approx(last, abs=2)


def test_sums_over_zones_are_the_total_to_the_fen():
    table = finance(rate=0.08).table
    total = {name: int(table[f"{name}_pv_fen"].sum()) for name in WHOLE}
    outlay = total["capex"] + total["opex"] + total["replacement"]
    assert table["npv_fen"].sum() == total["revenue"] + total["residual"] - outlay
    assert (table["subsidy_fen"] == np.maximum(-table["npv_fen"], 0)).all()
    spent = table[["capex_fixed_fen", "capex_mobile_fen", "capex_other_fen"]].to_numpy().sum()
    assert spent == two_zones.log()["spent_fen"].sum()


def test_flows_cover_every_month_evaluated():
    found = finance()
    assert tuple(found.flows) == FLOWS
    assert {len(flow) for flow in found.flows.values()} == {16}
    assert found.flows["opex"].tolist() == [0, 5_000] + [5_200] * 14
    assert found.flows["replacement"].sum() == 12_000


def test_payback_is_that_of_the_flows_of_the_zone():
    costs, gains = outlays(rate=0.05, network_share=0.01), earnings(rate=0.05, network_share=0.01)
    table = finance_of(costs, gains).table
    net = gains.earned(slice(None), slice(None))
    net[:4] -= costs.opex + costs.capex.sum(axis=0)
    net[4:] -= costs.opex[-1]
    month, zone, fen = costs.replacements
    np.subtract.at(net, (month, zone), fen)
    assert table["payback_years"].to_numpy() == pytest.approx(payback_years(net))
    assert table["discounted_payback_years"].to_numpy() == pytest.approx(payback_years(net, 0.05))
    assert np.isinf(table["payback_years"]).all()


def test_without_years_after_the_run_alone_counts():
    found = finance(years_after=0.0, residual_value=False)
    assert {len(flow) for flow in found.flows.values()} == {4}
    assert found.table["opex_pv_fen"].sum() == 5_000 + 5_200 + 5_200


def scaled(factor):
    held = two_zones.holdings()
    cost = np.rint(held.cost_fen * factor).astype(np.int64)
    return Holdings(held.payer, held.holder, held.item, cost, held.life_years)


def dearer(factor):
    events = two_zones.log()
    return events.assign(spent_fen=np.rint(events["spent_fen"] * factor).astype(np.int64))


@settings(max_examples=30, deadline=None)
@given(st.floats(1.0, 5.0), st.floats(0.0, 0.3), st.floats(0.0, 1.0))
def test_dearer_plant_is_never_worth_more_and_needs_no_less_subsidy(factor, rate, network_share):
    given_options = {"rate": rate, "network_share": network_share, "residual_value": False}
    base = finance_of(outlays(**given_options), earnings(**given_options)).table
    dear = finance_of(
        outlays(dearer(factor), scaled(factor), **given_options), earnings(**given_options)
    ).table
    assert (dear["npv_fen"] <= base["npv_fen"] + 1).all()
    assert (dear["subsidy_fen"] >= base["subsidy_fen"] - 1).all()
    assert (base["subsidy_fen"] >= 0).all()
    assert (dear["payback_years"] >= base["payback_years"] - 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 0.3), st.floats(0.0, 0.3))
def test_conventional_flows_are_worth_no_more_at_a_higher_rate(rate, more):
    """Outlays first, then income above running cost: the reverse would gain by waiting."""
    given_options = {"radio_life": 5.0, "residual_value": False}
    low = finance_of(outlays(rate=rate, **given_options), earnings(rate=rate, **given_options)).table
    high = finance_of(
        outlays(rate=min(rate + more, 0.9), **given_options),
        earnings(rate=min(rate + more, 0.9), **given_options),
    ).table
    assert (high["npv_fen"] <= low["npv_fen"] + 2).all()
