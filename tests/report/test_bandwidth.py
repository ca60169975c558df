"""Tests of the bandwidth of homes against the targets: three quantities, never mixed."""

import numpy as np
import pandas as pd
import pytest

from sim.clock import Horizon
from sim.report import style
from sim.report.bandwidth import (
    BUSY,
    MEASURED,
    NAME,
    bandwidth_pictures,
    bandwidth_table,
    bandwidth_targets,
    draw_bandwidth,
    mbps_of,
    target_lines,
)
from sim.tables.results import INDICATORS
from tests.tiny import HORIZON


def _more(tiny_run, indicator, values, breakdown="urban", unit="share"):
    rows = {
        "replication": 0, "month": np.arange(len(values)), "indicator": indicator, "breakdown": breakdown,
        "value": values, "unit": unit,
    }  # fmt: skip
    return pd.concat([tiny_run.indicators, INDICATORS.frame(**rows)], ignore_index=True)


def test_the_three_rates_and_the_two_kinds_of_home_stay_apart(tiny_run):
    table = bandwidth_table(tiny_run.indicators)
    assert set(table["breakdown"]) == {"urban", "rural"}
    assert table["indicator"].nunique() == 3
    last = table[(table["month"] == 23) & (table["breakdown"] == "urban")].set_index("indicator")["mean"]
    assert last["access_capability_mbps"] == pytest.approx(6 + 23 * 1.2)
    assert last["busy_hour_mbps"] == pytest.approx(1 + 23 * 0.05)


def test_a_measured_rate_takes_the_place_of_the_busy_hour(tiny_run):
    table = bandwidth_table(_more(tiny_run, MEASURED, np.full(24, 3.0), unit="Mbit/s"))
    assert MEASURED in set(table["indicator"])
    assert BUSY not in set(table["indicator"])


def test_targets_stand_at_their_month_in_the_panel_of_their_homes(tiny_run):
    lines = target_lines(tiny_run.scorecard, HORIZON)
    assert lines["target_id"].tolist() == ["YN-01", "YN-02", "YN-03", "YN-04"][:3]
    assert lines["month"].tolist() == [23, 23, 23]
    assert lines["panel"].tolist() == ["urban", "urban", "rural"]
    assert lines["wanted"].tolist() == [10.0, 20.0, 6.0]


def test_a_target_on_all_homes_stands_in_both_panels_and_one_beyond_the_run_in_none(tiny_run):
    card = tiny_run.scorecard.iloc[[0]]
    both = target_lines(card.assign(breakdown="all"), HORIZON)
    assert both["panel"].tolist() == ["urban", "rural"]
    assert target_lines(card.assign(breakdown="city"), HORIZON)["panel"].tolist() == ["urban"]
    assert target_lines(card.assign(due_month="2020-12"), HORIZON).empty
    assert target_lines(card.assign(verdict="not judged"), HORIZON).empty


def test_shares_of_homes_at_a_rate_are_capabilities_and_not_rates(tiny_run):
    card = tiny_run.scorecard
    odd = card.assign(indicator=["access_capability_share_ge_20Mbps", "subscribed_share_ge_8Mbps",
                                 "ftth_100Mbps_homes_share", "spent", "spent", "spent"])  # fmt: skip
    assert bandwidth_targets(odd)["target_id"].tolist() == ["YN-01", "YN-02", "YN-03"]
    assert [mbps_of(name) for name in odd["indicator"][:3]] == [20.0, 8.0, 100.0]


def test_the_figure_has_a_row_for_each_quantity_there_is(tiny_run):
    name = "access_capability_share_ge_20Mbps"
    more = _more(tiny_run, name, np.linspace(0.2, 0.9, 24))
    card = tiny_run.scorecard.copy()
    card.loc[0, ["indicator", "unit", "wanted"]] = [name, "share", "0.9"]
    with style.house_style():
        table, lines = bandwidth_table(more), target_lines(card, HORIZON)
        figure = draw_bandwidth(table, lines, HORIZON)
        figure.canvas.draw()
        assert len(figure.axes) == 4
        texts = [text.get_text() for text in figure.axes[2].texts]
        assert any("YN-01: 90 % at 20" in text for text in texts)
        assert "20: 90%" in texts
        assert len(draw_bandwidth(bandwidth_table(tiny_run.indicators), lines[:0], HORIZON).axes) == 2


def test_curves_that_end_together_share_a_label(tiny_run):
    more = _more(tiny_run, "access_capability_share_ge_20Mbps", np.full(24, 0.5))
    more = pd.concat([more, _more(tiny_run, "access_capability_share_ge_50Mbps", np.full(24, 0.497))])
    with style.house_style():
        figure = draw_bandwidth(bandwidth_table(more), target_lines(tiny_run.scorecard[:0], HORIZON), HORIZON)
    assert [text.get_text() for text in figure.axes[2].texts] == ["20 to 50: 50%"]


def test_draws_give_the_bands(tiny_run):
    draws = pd.concat([tiny_run.indicators.assign(replication=n) for n in range(5)], ignore_index=True)
    draws["value"] = draws["value"] * (0.8 + 0.1 * draws["replication"])
    table = bandwidth_table(tiny_run.indicators, draws)
    assert (table["p10"] < table["mean"]).all()
    assert (table["p90"] > table["mean"]).all()


def test_the_table_beside_the_figure_holds_the_targets(tiny_run):
    ((name, (draw, table)),) = bandwidth_pictures(tiny_run).items()
    assert name == NAME
    assert table["target_id"].tolist()[-3:] == ["YN-01", "YN-02", "YN-03"]
    with style.house_style():
        draw().canvas.draw()


def test_a_run_of_one_month_draws(tiny_run):
    short = Horizon("2014-01", "2014-01")
    table = bandwidth_table(tiny_run.indicators[tiny_run.indicators["month"] == 0])
    with style.house_style():
        draw_bandwidth(table, target_lines(tiny_run.scorecard, short), short).canvas.draw()
