"""Fixed wireless and public wireless LAN, measured by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import wireless
from sim.indicators.base import Evidence
from sim.indicators.registry import REGISTRY


@pytest.fixture
def with_wireless(evidence):
    """Return evidence with fixed wireless in two zones and wireless LAN at two points.

    The station lies 500 m from the building of z0, the mall on that of z4; a school is no public place.
    """
    state = evidence.state
    one = np.zeros((4, 1, 5))

    def grown(name, rows):
        return np.concatenate([getattr(state, name), rows.astype(getattr(state, name).dtype)], axis=1)

    passed, users = np.zeros((4, 2, 5)), np.zeros((4, 2, 5))
    passed[2:, 0, 2:4] = [6, 4]
    users[3, 0, 2:4] = [5, 1]
    sites = np.zeros((4, 2))
    sites[:, 1] = [0, 3, 3, 23]
    both = np.concatenate([one, one], axis=1)
    wider = replace(
        state,
        technologies=(*state.technologies, "fwa", "wlan"),
        uses=(*state.uses, "fixed", "public"),
        homes_passed=grown("homes_passed", passed),
        subscribers=grown("subscribers", users),
        sites=grown("sites", sites),
        **{
            name: grown(name, both)
            for name in ("covered_share", "peak_mbps", "subscribed_mbps", "busy_hour_mbps")
        },
        point_month=state.point_month | {"wlan": np.array([1, 0, 4, 4, 4, 3, 4, 4, 4], dtype=np.int32)},
    )
    return Evidence(wider, evidence.area, evidence.horizon, evidence.options, evidence.events)


def test_homes_and_lines_of_fixed_wireless(with_wireless):
    homes = wireless.fwa_homes(with_wireless)
    assert homes["all"].tolist() == homes["rural"].tolist() == [0, 0, 10, 10]
    assert homes["urban"].tolist() == [0, 0, 0, 0]
    assert wireless.fwa_subscribers(with_wireless)["all"].tolist() == [0, 0, 0, 6]


def test_a_place_is_served_with_the_nearest_point_of_its_zone(with_wireless):
    share = wireless.places_with_wlan(with_wireless)
    assert share["all"].tolist() == share["venues"].tolist() == share["urban"].tolist() == [0, 0.5, 0.5, 1]
    assert share["station"].tolist() == [0, 1, 1, 1]
    assert share["mall"].tolist() == [0, 0, 0, 1]
    assert np.isnan(share["park"]).all()
    count = wireless.public_places(with_wireless)
    assert {name: values[0] for name, values in count.items() if values[0]} == {
        "all": 2, "urban": 2, "venues": 2, "station": 1, "mall": 1,
    }  # fmt: skip


def test_access_points_are_counted_from_month_0(with_wireless):
    assert wireless.access_points(with_wireless)["all"].tolist() == [0, 3, 3, 23]


def test_without_the_technologies_everything_is_nothing(evidence):
    assert wireless.fwa_homes(evidence)["all"].tolist() == [0, 0, 0, 0]
    assert wireless.places_with_wlan(evidence)["all"].tolist() == [0, 0, 0, 0]
    assert wireless.access_points(evidence)["all"].tolist() == [0, 0, 0, 0]


def test_the_registry_has_them():
    assert {indicator.name for indicator in wireless.INDICATORS} <= set(REGISTRY)
    assert REGISTRY["public_wlan_places_share"].need == ("public", 0.0)
