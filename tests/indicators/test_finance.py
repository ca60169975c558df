"""Finance as indicators: by month what plant costs and earns, in the last month what it all is worth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sim.indicators import finance
from sim.indicators.base import Evidence
from sim.indicators.cash import finance_of
from sim.indicators.registry import compute_indicators
from tests.indicators import two_zones
from tests.indicators.two_zones import HORIZON, earnings, outlays


class Area:
    """Two zones of two prefectures, the first of them a city."""

    name = "Made up"
    zones = pd.DataFrame({"kind": ["city", "village"], "prefecture": ["A", "B"]})


@pytest.fixture
def found():
    return finance_of(outlays(rate=0.08), earnings(rate=0.08))


@pytest.fixture
def evidence(found, options):
    state = two_zones.state()
    state.finance = found
    return Evidence(state, Area(), HORIZON, options, two_zones.log())


def last(series):
    assert np.isnan(series[:-1]).all()
    return float(series[-1])


def test_running_cost_by_group_and_technology(evidence):
    result = finance.opex(evidence)
    assert result["all"].tolist() == [0, 50, 52, 52]
    assert result["urban"].tolist() == [0, 40, 40, 40]
    assert result["rural"].tolist() == [0, 10, 12, 12]
    assert result["ftth"].tolist() == [0, 10, 12, 12]
    assert result["lte"].tolist() == [0, 40, 40, 40]


def test_revenue_by_group_is_the_whole(evidence, found):
    result = finance.revenue(evidence)
    assert result["urban"] + result["rural"] == pytest.approx(result["all"])
    assert result["all"] * 100 == pytest.approx(found.flows["revenue"][:4])


@pytest.mark.parametrize(("measure", "column"), [(finance.npv, "npv_fen"), (finance.subsidy, "subsidy_fen")])
def test_worth_by_prefecture_sums_to_the_whole(evidence, found, measure, column):
    result = {name: last(series) for name, series in measure(evidence).items()}
    assert result["all"] * 100 == pytest.approx(found.table[column].sum())
    assert result["A"] + result["B"] == pytest.approx(result["all"])
    assert result["urban"] + result["rural"] == pytest.approx(result["all"])
    assert (result["A"], result["B"]) == (result["urban"], result["rural"])


def test_payback_of_the_run_and_none_where_it_never_comes(evidence, options):
    result = {name: last(series) for name, series in finance.payback(evidence).items()}
    assert 0 < result["all"] <= result["discounted"]
    evidence.state.finance = finance_of(outlays(network_share=0.0), earnings(network_share=0.0))
    assert np.isnan(finance.payback(evidence)["all"]).all()


def test_replacement_is_told_by_year(evidence):
    result = {name: last(series) for name, series in finance.replacement(evidence).items()}
    # base stations of 6,000 fen are renewed in August 2014 and February 2015
    assert result == {"all": 120.0, "2014": 60.0, "2015": 60.0}


def test_a_run_that_was_not_worked_out_tells_nothing(evidence):
    evidence.state.finance = None
    assert [indicator.measure(evidence) for indicator in finance.INDICATORS] == [{}] * 6


def test_the_registry_tells_of_money(state, events, area, horizon, options):
    zones = len(area.zones)
    table = pd.DataFrame({"npv_fen": np.full(zones, -300), "subsidy_fen": np.full(zones, 300)})
    none = np.zeros((4, zones))
    flows = {name: np.zeros(16) for name in ("capex", "opex", "replacement", "revenue", "residual")}
    flows["capex"][0] = 500.0
    money = replace(
        finance_of(outlays(), earnings()), table=table, opex_fen=none, revenue_fen=none, flows=flows
    )
    rows = compute_indicators(replace(state, finance=money), events, area, horizon, options)
    named = rows[rows["month"] == 3].set_index(["indicator", "breakdown"])["value"]
    assert named["npv", "all"] == -15
    assert named["subsidy_need", "昆明市"] == 9
    assert ("payback_years", "all") not in named


def test_the_cost_of_capital_takes_the_place_of_the_rate():
    capital = {"equity_share": 0.6, "cost_of_equity": 0.11, "cost_of_debt": 0.05, "tax": 0.25}
    given = two_zones.options(rate=0.5, inflation=0.03, capital=capital)
    assert given.nominal_rate == pytest.approx(0.081)
    assert given.real_rate == pytest.approx(1.081 / 1.03 - 1)


def test_lives_name_every_item_and_no_other():
    with pytest.raises(ValidationError, match=r"lives lacks .*civil.* and names mast, which is no item"):
        two_zones.options(lives={"active": 8.0, "mast": 20.0})
    with pytest.raises(ValidationError, match="pattern"):
        two_zones.options(fixed_arpu={"soon": 32.0})
