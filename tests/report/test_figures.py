"""Tests of the charts: their tables are right and they draw without a warning."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.clock import Horizon
from sim.report import style
from sim.report.bullet import bullet_table, draw_bullets, plain_number, quantity
from sim.report.figures import (
    charts,
    draw_money,
    draw_rollout,
    money_table,
    price_of_all,
    rollout_table,
)
from tests.tiny import HORIZON, make_run


def test_rollout_shares_are_those_of_the_state(tiny_run):
    state = tiny_run.states[0]
    table = rollout_table(tiny_run.states).set_index(["technology", "measure", "month"])["mean"]
    wanted = state.homes_passed[20, 1].sum() / state.homes[20].sum()
    assert table["ftth", "homes passed", 20] == pytest.approx(wanted, abs=1e-6)
    covered = (state.covered_share[20, 3] * state.population[20]).sum() / state.population[20].sum()
    assert table["lte", "residents covered", 20] == pytest.approx(covered, abs=1e-6)
    assert ("dsl", "residents covered", 0) not in table.index


def test_rollout_spread_covers_the_replications():
    run = make_run(30, replications=3)
    table = rollout_table(run.states)
    assert (table["p10"] <= table["mean"] + 1e-6).all()
    assert (table["p90"] > table["p10"]).any()


def test_money_is_cumulated_and_connections_count_as_committed(tiny_run):
    connected = tiny_run.events.iloc[[0]].assign(
        event="connected", project_id="lte", released_fen=0, spent_fen=100_000_000_000, month=5
    )
    events = pd.concat([tiny_run.events, connected])
    table = money_table(tiny_run.spending, events, 1, 24)
    table = table.set_index(["what", "technology", "month"])["bn_yuan"]
    assert table["released", "", 0] == pytest.approx(0.1)
    assert table["released", "", 23] == pytest.approx(0.15)
    assert table["committed", "", 4] == pytest.approx(0.06)
    assert table["committed", "", 5] == pytest.approx(1.06)
    assert table["spent", "ftth", 10] == 0
    assert table["spent", "ftth", 23] == pytest.approx(0.04)
    assert table["spent", "lte", 23] == pytest.approx(0.025)


def test_the_price_of_all_is_what_the_study_says_else_the_candidates():
    told = [
        {"pot": "one", "price_of_all_candidates_fen": 1},
        {"pot": "all", "price_of_all_candidates_fen": 42 * 10**9},
    ]
    assert price_of_all(make_run(funding=told)) == pytest.approx(0.42)
    assert price_of_all(make_run(60, funding=[])) == pytest.approx(60 * 7 * 1_000_000 / 1e11)


def test_bullets_are_the_measured_targets_with_a_threshold(tiny_run):
    table = bullet_table(tiny_run.scorecard)
    assert table["target_id"].tolist() == ["YN-01", "YN-02", "YN-03", "YN-06"]
    assert table["mean"].tolist() == [15.5, 15.5, 6.2, 0.58]


def test_a_scorecard_without_thresholds_draws_too(tiny_run):
    with style.house_style():
        assert isinstance(draw_bullets(bullet_table(tiny_run.scorecard.iloc[3:5])), Figure)


def test_numbers_read_as_a_reader_wants_them():
    assert quantity(0.9234, "share") == "92.3 %"
    assert quantity(1.1e9, "persons") == "1.1 billion persons"
    assert quantity(14_000, "villages") == "14,000 villages"
    assert quantity(3.0, "1") == "3"
    assert plain_number(2.5e6, "lines") == "2.5 million"


def test_every_chart_draws_and_has_a_table(tiny_run):
    with style.house_style():
        for name, (draw, table) in charts(tiny_run).items():
            figure = draw()
            figure.canvas.draw()
            assert len(table), name
            for axes in figure.axes:
                if axes.get_ylabel():
                    assert "[" in axes.get_ylabel(), f"{name}: {axes.get_ylabel()} says no unit"


def test_one_technology_one_colour_in_every_run():
    assert len({style.colour(name) for name in style.PALETTE}) == len(style.PALETTE)
    assert style.colour("cable") == style.colour("cable")


def test_a_run_without_radio_and_without_money_draws(tiny_run):
    table = rollout_table(tiny_run.states)
    with style.house_style():
        fixed = draw_rollout(table[table["technology"] == "dsl"], HORIZON)
        assert len(fixed.axes) == 1
        money = money_table(tiny_run.spending.iloc[:0], tiny_run.events.iloc[:0], 1, 24)
        draw_money(money, HORIZON, "2015", 0.0).canvas.draw()


def test_a_horizon_of_one_month_draws(tiny_run):
    short = Horizon("2014-01", "2014-01")
    table = rollout_table(tiny_run.states)
    with style.house_style():
        draw_rollout(table[table["month"] == 0], short).canvas.draw()


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "$\\frac{$", "昆明市", "\ud800", "a\x00b\nc", "_^{}"]
)
def test_any_name_can_be_drawn(text):
    with style.house_style():
        figure = style.new_figure(2, 2)
        axes = figure.subplots()
        style.title(axes, text)
        axes.set_xlabel(style.plain(text))
        style.end_label(axes, text, 0, 0)
        figure.canvas.draw()
    assert "\x00" not in style.plain(text)


def test_a_foreign_matplotlibrc_changes_nothing(tiny_run, tmp_path):
    import matplotlib as mpl

    def picture(folder):
        with style.house_style():
            draw, table = charts(tiny_run)["money"]
            style.save(draw(), table, folder, "money")
        return (folder / "money.png").read_bytes()

    first = picture(tmp_path / "a")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "text.parse_math": True}):
        assert picture(tmp_path / "b") == first


def test_labels_are_moved_apart_in_their_order():
    moved = style.spread([0.5, 0.51, 0.9, 0.505], 0.05)
    assert np.argsort(moved).tolist() == np.argsort([0.5, 0.51, 0.9, 0.505], kind="stable").tolist()
    assert np.diff(sorted(moved)).min() >= 0.05 - 1e-6
