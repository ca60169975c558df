"""Public wireless LAN: access points by ground and reach, one project a zone, people by the nearest point."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from pydantic import ValidationError

from sim.geo.points import on_road
from sim.radio.link import shadow_margin_db
from tests.world import price_fen, run, world


@pytest.fixture
def wlan():
    return world().technologies["wlan"]


def public(wlan):
    places = world().area.places
    return places[places["kind"].isin(wlan.extents)]


def test_the_reach_is_that_of_a_street_canyon_without_sight(wlan):
    """TR 38.901, table 7.4.1-1: 35.3 log d + 22.4 + 21.3 log f - 0.3 (h - 1.5), f in GHz."""
    margin = shadow_margin_db(7.82, wlan.edge_probability)
    budget = 20.0 + 75.0 - margin
    for kind, wall in (("park", 0.0), ("mall", wlan.wall_loss)):
        slant = 10.0 ** ((budget - wall - 22.4 - 21.3 * math.log10(2.437)) / 35.3)
        assert wlan.range_m(kind) == pytest.approx(math.sqrt(slant**2 - 1.5**2), rel=1e-9)
    assert 20 < wlan.range_m("mall") < wlan.range_m("park") < 80


def test_squares_in_the_circles_fill_the_ground(wlan):
    side = math.sqrt(2.0) * wlan.range_m("park")
    fitted = wlan.model_copy(update={"extents": {"park": 9 * side**2 * 0.999, "mall": 1.0}})
    assert fitted.access_points("park") == 9
    assert fitted.access_points("mall") == 1
    more = wlan.model_copy(update={"extents": {"park": 9 * side**2 * 1.001}, "indoors": ()})
    assert more.access_points("park") == 10


def test_what_weakens_the_signal_needs_more_access_points(wlan):
    of_mall = wlan.access_points("mall")
    for change in ({"frequency": 5200.0}, {"wall_loss": 14.0}, {"received_threshold": -65.0}):
        assert wlan.model_copy(update=change).access_points("mall") > of_mall, change
    assert wlan.model_copy(update={"indoors": ()}).access_points("mall") < of_mall


def test_one_project_for_all_public_places_of_a_zone(wlan):
    frame, places = world().propose("wlan").candidates, public(wlan)
    assert frame["zone"].tolist() == sorted(set(places["zone"]))
    assert (frame["location"] == -1).all()
    for row in frame.to_dict("records"):
        kinds = places.loc[places["zone"] == row["zone"], "kind"]
        count = sum(wlan.access_points(kind) for kind in kinds)
        assert row["quantity"] == count
        assert row["field_days"] == pytest.approx(count * wlan.fitting_days)
        yuan = count * wlan.access_point_price + len(kinds) * (wlan.controller_price + wlan.backhaul_price)
        assert price_fen(frame[frame["project_id"] == row["project_id"]])[0] == pytest.approx(
            yuan * 100, abs=1
        )
        assert row["opex_fen_per_year"] == pytest.approx(count * wlan.opex_per_access_point * 100, abs=1)


def test_the_nearest_home_point_of_the_zone_is_served(wlan):
    area, service = world().area, world().propose("wlan").service
    points = area.points[~on_road(area.points)]
    expected = {}
    for place in public(wlan).to_dict("records"):
        own = points[points["zone"] == place["zone"]]
        nearest = int(np.hypot(own["x_m"] - place["x_m"], own["y_m"] - place["y_m"]).idxmin())
        expected[nearest] = expected.get(nearest, 0) + 1
    assert sorted(service["point"]) == sorted(expected)
    lines = np.array([expected[point] for point in service["point"]])
    assert service["capacity_mbps"].to_numpy() == pytest.approx(lines * wlan.place_rate)
    assert (service["peak_mbps"] == np.float32(wlan.peak_rate)).all()


def test_kinds_left_out_get_none(wlan):
    parks = wlan.model_copy(update={"extents": {"park": 20_000.0}, "indoors": ()})
    places = public(wlan)
    frame = world().propose(parks).candidates
    assert frame["zone"].tolist() == sorted(set(places.loc[places["kind"] == "park", "zone"]))
    assert frame["quantity"].sum() == (places["kind"] == "park").sum() * parks.access_points("park")


def test_an_area_without_public_places_asks_for_nothing(wlan):
    from dataclasses import replace

    area = world().area
    schools = replace(area, places=area.places[area.places["kind"] == "school"].reset_index(drop=True))
    proposal = world().propose(wlan, schools)
    assert len(proposal.candidates) == len(proposal.service) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"indoors": ["mall"], "extents": {"park": 100.0}}, "extents has no mall"),
        ({"received_threshold": 20.0}, "reaches nobody"),
        ({"extents": {}}, "extents"),
    ],
)
def test_what_cannot_be_is_refused(wlan, change, said):
    given = json.loads(wlan.model_dump_json()) | change
    with pytest.raises(ValidationError, match=said):
        type(wlan).model_validate(given)


def test_the_owner_agrees_before_access_points_are_fitted(wlan):
    row = world().propose("wlan").candidates.to_dict("records")[0]
    *papers, fit, test = wlan.tasks(row)
    assert sum(task.days for task in papers) == pytest.approx(wlan.lead_time)
    assert {task.skill for task in papers} == {""}
    assert fit.skill == "install"
    assert fit.days + test.days == pytest.approx(row["field_days"])


def test_a_run_counts_what_it_builds():
    """Access points in service are those of the projects chosen, and a place is served with its zone."""
    done = run()
    last = done.horizon.months - 1
    table = done.indicators[done.indicators["month"] == last].set_index(["indicator", "breakdown"])["value"]
    chosen = set(done.decisions.loc[done.decisions["chosen"], "project_id"])
    active = set(done.events.loc[done.events["event"] == "activated", "project_id"])
    frame = done.candidates[done.candidates["technology"] == "wlan"]
    built = frame[frame["project_id"].isin(active)]
    assert set(built["project_id"]) <= chosen
    assert table["public_wlan_access_points", "all"] == built["quantity"].sum() > 0
    assert table["public_wlan_places_share", "all"] > 0
    first = done.indicators[done.indicators["month"] == 0].set_index(["indicator", "breakdown"])["value"]
    assert first["public_wlan_places_share", "all"] == first["public_wlan_access_points", "all"] == 0
