"""Tests of the map of bandwidth: means by county that agree with a count by hand."""

import numpy as np
import pytest

from sim.report import style
from sim.report.maps import outlines_of
from sim.report.rate_map import NAME, due_month, rate_pictures, rate_table
from tests.tiny import HORIZON, make_run


def _by_hand(run, month, county):
    """Rates of a county: home by home for what can be ordered, line by line for the others."""
    state, zones = run.states[0], run.area.zones
    rates, paid, got, lines = [], 0.0, 0.0, 0.0
    for zone in np.flatnonzero(zones["county"].to_numpy() == county):
        best = np.zeros(state.homes[month, zone])
        for row in (0, 1):
            served = int(state.homes_passed[month, row, zone])
            best[:served] = np.maximum(best[:served], state.peak_mbps[month, row, zone])
            users = float(state.subscribers[month, row, zone])
            lines += users
            paid += users * float(state.subscribed_mbps[month, row, zone])
            got += users * float(state.busy_hour_mbps[month, row, zone])
        rates.append(best)
    return np.concatenate(rates).mean(), paid / lines, got / lines


def test_means_by_county_are_those_of_their_homes_and_lines():
    run = make_run(60)
    for month in (3, 18):
        table = rate_table(run.area, run.states[0], month).set_index("county")
        for county in ("530101", "530102"):
            wanted = _by_hand(run, month, county)
            found = table.loc[county, ["can_order_mbps", "pays_for_mbps", "gets_mbps"]].tolist()
            assert found == pytest.approx(wanted, rel=1e-4)


def test_the_map_is_of_the_last_due_month(tiny_run):
    card = tiny_run.scorecard
    assert due_month(card, HORIZON) == 23
    assert due_month(card.assign(due_month="2014-12"), HORIZON) == 11
    assert due_month(card.assign(due_month="2020-12"), HORIZON) == 23
    assert due_month(card[:0], HORIZON) == 23


def test_a_county_without_lines_has_no_rate_and_draws():
    run = make_run(30)
    state = run.states[0]
    east = run.area.zones["county"].to_numpy() == "530102"
    state.subscribers[:, :, east] = 0
    ((name, (draw, table)),) = rate_pictures(run, outlines_of(run.area.counties)).items()
    assert name == NAME
    assert np.isnan(table.set_index("county").loc["530102", "pays_for_mbps"])
    assert table.set_index("county").loc["530102", "can_order_mbps"] > 0
    with style.house_style():
        draw().canvas.draw()
