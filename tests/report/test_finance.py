"""Cash flow and subsidy need in a picture, in the table beside it and on the page."""

from dataclasses import replace

import numpy as np
import pytest

from sim.finance import discount_factors
from sim.indicators.cash import finance_of
from sim.report import style
from sim.report.document import page, write_report
from sim.report.finance import COUNTY, NAME, PREFECTURE, YEAR, draw_finance, finance_pictures, neediest
from sim.store import SavedRun, save_run
from sim.tables.finance import FINANCE
from tests.indicators.two_zones import earnings, outlays
from tests.tiny import HORIZON, fill, make_run

ZONES, RATE = 60, 0.05


def found():
    """Return cash flows of two years and two after them."""
    months = HORIZON.months + 24
    flows = {name: np.zeros(months) for name in ("capex", "opex", "replacement", "revenue", "residual")}
    flows["capex"][:24] = 1e8
    flows["opex"][12:] = 2e7
    flows["revenue"][12:] = 5e7
    flows["replacement"][40] = 3e8
    flows["residual"][-1] = 1e9
    return replace(finance_of(outlays(), earnings()), rate=RATE, flows=flows)


def with_money(zones=ZONES):
    run = make_run(zones)
    npv = np.arange(zones) * 1e8 - zones / 2 * 1e8
    table = fill(
        FINANCE,
        zone=np.arange(zones),
        npv_fen=npv,
        subsidy_fen=np.maximum(-npv, 0),
        lines_added=2.0,
        homes_newly_passed=7,
    )
    states = tuple(replace(state, finance=found()) for state in run.states)
    return replace(run, states=states, finance=table)


@pytest.fixture(scope="module")
def drawn():
    return finance_pictures(with_money())[NAME]


def test_years_hold_the_sums_of_their_months(drawn):
    year = drawn[1][drawn[1]["of"] == YEAR].set_index(["name", "measure"])["value"]
    assert year["2014", "capex"] == -12
    assert year["2015", "capex"] == -12
    assert year["2016", "capex"] == 0
    assert year["2015", "opex"] == pytest.approx(-2.4)
    assert year["2017", "revenue"] == pytest.approx(6)
    assert year["2017", "replacement"] == -3
    assert year["2017", "residual"] == 10


def test_the_line_ends_at_the_discounted_worth(drawn):
    flows = found().flows
    net = flows["revenue"] + flows["residual"] - flows["capex"] - flows["opex"] - flows["replacement"]
    so_far = drawn[1][drawn[1]["measure"] == "worth so far"].set_index("name")["value"]
    assert so_far["2017"] == pytest.approx((net * discount_factors(RATE, 48)).sum() / 1e8, abs=1e-5)
    assert so_far.index.tolist() == ["2014", "2015", "2016", "2017"]


def test_places_hold_the_sums_of_their_zones(drawn):
    table, run = drawn[1], with_money()
    for name in (PREFECTURE, COUNTY):
        part = table[(table["of"] == name) & (table["measure"] == "subsidy")]
        assert part["value"].sum() == pytest.approx(run.finance["subsidy_fen"].sum() / 1e8)
    lines = table[(table["of"] == COUNTY) & (table["measure"] == "lines_added")]
    assert lines["value"].sum() == 2 * ZONES


def test_the_picture_draws_each_flow_and_each_prefecture(drawn):
    with style.house_style():
        figure = draw_finance(drawn[1], HORIZON)
    cash, need = figure.axes
    assert len(cash.containers) == 5
    assert len(need.patches) == 1
    assert "million yuan" in cash.get_ylabel()
    assert need.patches[0].get_width() == pytest.approx(465)
    with style.house_style():
        large = draw_finance(drawn[1].assign(value=drawn[1]["value"] * 10), HORIZON).axes[1]
    assert "billion yuan" in large.get_xlabel()
    assert large.patches[0].get_width() == pytest.approx(4.65)


def test_a_run_without_money_draws_nothing():
    run = make_run(6)
    assert finance_pictures(run) == {}
    idle = replace(found(), flows={name: np.zeros(48) for name in found().flows})
    assert finance_pictures(replace(run, states=(replace(run.states[0], finance=idle),))) == {}


def test_the_page_lists_the_counties_that_need_most(tmp_path):
    run = with_money()
    save_run(run, tmp_path / "run", lambda work: write_report(run, work))
    text = page(SavedRun(tmp_path / "run"))
    rows = neediest(tmp_path / "run" / "figures", most=1)
    assert len(rows) == 1
    assert rows[0]["subsidy"] in text
    assert "Counties that need most subsidy" in text
    saved = SavedRun(tmp_path / "run").finance
    assert saved["subsidy_fen"].tolist() == run.finance["subsidy_fen"].tolist()


def test_counties_without_need_are_not_listed(tmp_path):
    rows = [
        "of,name,measure,value",
        *(f"county,Wuhua 530101,{m},0" for m in ("subsidy", "npv", "capex_pv")),
    ]
    (tmp_path / f"{NAME}.csv").write_text("\n".join(rows) + "\n")
    assert neediest(tmp_path) == []
