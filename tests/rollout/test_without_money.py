"""What a run would be without its money: the same months, nothing built and nobody connected."""

import numpy as np

from tests import world


def test_a_run_without_money_costs_and_earns_nothing():
    run = world.simulate(world.load(("budget.scale", "0")))
    found = run.states[0].finance
    assert {name: float(flow.sum()) for name, flow in found.flows.items()} == dict.fromkeys(found.flows, 0.0)
    amounts = run.finance.filter(like="_fen").to_numpy()
    assert (amounts == 0).all()
    assert (run.finance["payback_years"] == 0).all()


def test_every_fen_spent_is_some_zones_and_sums_are_the_total():
    run = world.simulate(world.load())
    table, events = run.finance, run.events[run.events["replication"] == 0]
    spent = table[["capex_fixed_fen", "capex_mobile_fen", "capex_other_fen"]].to_numpy().sum()
    assert spent == events["spent_fen"].sum() > 0
    assert np.isclose(run.states[0].finance.flows["capex"].sum(), spent)
    last = run.indicators[run.indicators["month"] == run.horizon.months - 1]
    worth = last.set_index(["indicator", "breakdown"])["value"]
    assert np.isclose(worth["npv", "all"], table["npv_fen"].sum() / 100)
    assert np.isclose(worth["subsidy_need", "all"], table["subsidy_fen"].sum() / 100)
    assert (table["lines_added"] >= 0).all()
