"""The map of feeder routes: a row and a line for every segment, and the month of those that were bought."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sim.report.maps import outlines_of
from sim.report.routes import lines_of, route_pictures, route_table
from sim.tables.ledger import ASSET_LEDGER
from tests.world import world


@pytest.fixture(scope="module")
def routes():
    return world().prepared.routes


def ledger(routes, month=7):
    name = routes.asset_id[~routes.standing][0]
    return name, ASSET_LEDGER.frame(
        asset_id=[name, name], kind="route", month=month, bought_with="ftth:a", price_fen=500,
        technology=["ftth", "lte"], projects=[2, 1], in_service=[1, 1], share_fen=[300, 200],
    )  # fmt: skip


def test_every_segment_has_a_row_and_its_line(routes):
    table = route_table(routes, ASSET_LEDGER.empty())
    assert table["asset_id"].tolist() == routes.asset_id.tolist()
    lines = lines_of(routes)
    straight = shapely.length(lines)
    assert (straight <= routes.length_m + 1.0).all(), "a way is no shorter than its drawn corners"
    assert (shapely.get_num_points(lines) == np.diff(routes.corners)).all()
    assert (table["month_bought"] == -1).all()
    assert table["standing"].tolist() == routes.standing.tolist()


def test_what_was_bought_has_its_month_and_users(routes):
    name, assets = ledger(routes)
    row = route_table(routes, assets).set_index("asset_id").loc[name]
    assert (row["month_bought"], row["projects"]) == (7, 3)
    assert row["price_yuan"] == routes.price_fen[routes.asset_id == name][0] / 100.0


def test_without_routes_there_is_no_map():
    class Run:
        routes = None

    assert route_pictures(Run, outlines_of(world().area.counties)) == {}
