"""Tests of the pictures of demand: a panel for what was measured, none for what was not."""

import numpy as np
import pandas as pd
import pytest

from sim.report import style
from sim.report.demand import PANELS, demand_pictures, demand_table, draw_demand
from sim.tables.results import INDICATORS
from tests.tiny import HORIZON, MONTHS, make_run


def _rows(indicator, breakdown, values, unit="users"):
    return INDICATORS.frame(
        replication=np.zeros(MONTHS, dtype=int), month=np.arange(MONTHS), indicator=[indicator] * MONTHS,
        breakdown=[breakdown] * MONTHS, value=np.broadcast_to(values, MONTHS).astype(float),
        unit=[unit] * MONTHS,
    )  # fmt: skip


@pytest.fixture
def run():
    month = np.arange(MONTHS)
    parts = [_rows("take_up_by_income", f"{g} {n}", 0.1 * n + month / 100, "share")
             for g in ("urban", "rural") for n in range(1, 6)]  # fmt: skip
    parts += [_rows(name, "all", 1000.0) for name in ("users_2g", "users_3g", "users_lte")]
    parts += [_rows("nb_iot_connections", "all", 20 * month)]
    parts += [_rows("cellular_iot_connections", use, count) for use, count in
              (("all", 90 * month), ("smart_meters", 60 * month), ("parking", 30 * month))]  # fmt: skip
    parts += [
        _rows("fixed_traffic_gb_per_line", "all", 10.0 + month, "GB/line/month"),
        _rows("mobile_traffic_gb_per_user", "all", 0.1 + month / 100, "GB/user/month"),
        _rows("price_per_mbps", "all", 6 - month / 10, "yuan"),
        _rows("price_per_gb", "all", 60.0 - month, "yuan"),
        *(
            _rows("entry_price_income_share", g, share, "share")
            for g, share in (("all", 0.03), ("urban", 0.02))
        ),
    ]
    base = make_run()
    return make_run(indicators=pd.concat([base.indicators, *parts], ignore_index=True))


def test_every_panel_has_its_series(run):
    table = demand_table(run)
    held = {panel: list(dict.fromkeys(part["series"])) for panel, part in table.groupby("panel", sort=False)}
    assert held["urban take-up"] == ["1", "2", "3", "4", "5"]
    assert held["lines"] == ["dsl", "ftth"]
    assert held["users"] == ["2G", "3G", "4G"]
    uses = ["smart meters", "parking", "of these over NB-IoT"]
    assert held["things"] == uses, "the most numerous first, the sum left out"
    assert held["traffic"] == ["fixed line", "mobile user"]
    assert held["entry"] == ["urban"], "urban and rural where they are known, else all"


def test_lines_are_the_subscribers_of_the_state(run):
    table = demand_table(run).set_index(["panel", "series", "month"])["mean"]
    assert table["lines", "ftth", 20] == pytest.approx(run.states[0].subscribers[20, 1].sum(), abs=1e-3)
    assert ("lines", "lte", 20) not in table.index


def test_the_figures_draw_with_units_and_titles(run):
    with style.house_style():
        pictures = demand_pictures(run)
        assert list(pictures) == list(PANELS)
        for name, (draw, table) in pictures.items():
            figure = draw()
            figure.canvas.draw()
            assert set(table["panel"]) == set(PANELS[name])
            shown = [axes for axes in figure.axes if axes.axison]
            assert len(shown) == 4
            assert all("[" in axes.get_ylabel() for axes in shown), name


def test_a_run_that_measured_none_of_it_has_no_pictures(tiny_run):
    assert demand_pictures(tiny_run) == {}


def test_a_part_is_drawn_without_the_rest(run):
    table = demand_table(run)
    with style.house_style():
        figure = draw_demand(
            "demand", table[table["panel"].isin(["urban take-up", "lines", "users"])], HORIZON
        )
        figure.canvas.draw()
    assert sum(axes.axison for axes in figure.axes) == 3


def test_users_of_one_generation_alone_are_no_migration():
    base = make_run()
    run = make_run(indicators=pd.concat([base.indicators, _rows("users_lte", "all", 5.0)]))
    assert "users" not in set(demand_table(run)["panel"])


def test_nothing_connected_yet_leaves_the_panel_out(run):
    table = run.indicators
    none = table.assign(value=np.where(table["indicator"] == "cellular_iot_connections", 0.0, table["value"]))
    assert "things" not in set(demand_table(make_run(indicators=none))["panel"])
