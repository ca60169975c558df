"""The picture of building and the table beside it."""

import numpy as np
import pandas as pd
import pytest

from sim.report import style
from sim.report.construction import NAME, construction_pictures, construction_table, draw_construction
from tests.tiny import HORIZON, make_run

MONTHS = np.arange(HORIZON.months)


def measured(replications=2):
    """Return indicators of a run in which crews bind in the first year and money in the second."""
    series = {
        ("days_lost", "all"): 900.0, ("days_lost", "crew"): 600.0, ("days_lost", "season"): 300.0,
        ("projects_under_way", "all"): 90.0, ("projects_under_way", "build"): 60.0,
        ("projects_under_way", "waiting"): 30.0, ("projects_late", "all"): 20.0,
        ("projects_late", "ftth"): 20.0, ("crews_idle_share", "all"): 0.5,
        ("crews_idle_share", "fibre"): 0.2, ("money_uncommitted", "all"): 3e9,
        ("money_uncommitted", "province"): 3e9, ("money_committed_unspent", "province"): 1e9,
        ("binding_constraint", "crews"): MONTHS < 12, ("binding_constraint", "money"): MONTHS >= 12,
        ("homes", "all"): 5.0,
    }  # fmt: skip
    rows = [
        (replication, month, indicator, breakdown, (1 + replication) * value)
        for replication in range(replications)
        for (indicator, breakdown), given in series.items()
        for month, value in zip(MONTHS, np.broadcast_to(given, len(MONTHS)).astype(float), strict=True)
    ]
    return pd.DataFrame(rows, columns=["replication", "month", "indicator", "breakdown", "value"])


def test_the_table_holds_means_and_spread_of_what_is_drawn_alone():
    table = construction_table(measured())
    assert "homes" not in set(table["indicator"])
    first = table.set_index(["month", "indicator", "breakdown"]).loc[(0, "days_lost", "crew")]
    assert first["mean"] == pytest.approx(900.0), "600 and 1200"
    assert first["p10"] == pytest.approx(660.0)


def test_causes_are_stacked_and_months_coloured_by_what_binds():
    with style.house_style():
        figure = draw_construction(construction_table(measured(1)), HORIZON)
    strip, lost, under_way, idle, money = figure.axes
    assert [text.get_text() for text in strip.get_legend().get_texts()] == ["money", "crews"]
    colours = [patch.get_facecolor() for patch in strip.patches]
    assert len(colours) == HORIZON.months
    assert len(set(colours[:12])) == len(set(colours[12:])) == 1
    assert colours[0] != colours[12]
    assert [text.get_text() for text in lost.get_legend().get_texts()] == ["the season", "waiting for a crew"]
    assert lost.get_ylim()[1] > 900, "working days, both causes together"
    assert lost.get_ylabel() == "days lost [working days]"
    assert [text.get_text() for text in under_way.texts] == ["late by a month or more"]
    assert [text.get_text() for text in idle.texts] == ["fibre 20%"]
    assert money.lines[0].get_ydata().tolist() == [3.0] * HORIZON.months
    assert money.lines[1].get_ydata().tolist() == [1.0] * HORIZON.months


def test_large_numbers_are_drawn_in_thousands_and_billions():
    many = measured(1)
    many["value"] *= 100.0
    with style.house_style():
        figure = draw_construction(construction_table(many), HORIZON)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels[1:3] == ["days lost [thousand working days]", "projects [thousand]"]
    assert labels[4] == "waiting at the month's end [bn yuan]"
    small = measured(1)
    small.loc[small["indicator"].str.startswith("money"), "value"] /= 1000.0
    with style.house_style():
        figure = draw_construction(construction_table(small), HORIZON)
    assert figure.axes[4].get_ylabel() == "waiting at the month's end [million yuan]"


def test_a_run_that_builds_nothing_has_no_picture():
    nothing = measured(1)
    nothing.loc[nothing["indicator"] == "projects_under_way", "value"] = 0.0
    assert construction_pictures(make_run(indicators=nothing)) == {}
    assert set(construction_pictures(make_run(indicators=measured(1)))) == {NAME}
