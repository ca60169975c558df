"""What radio networks have on air from which month."""

from __future__ import annotations

import numpy as np

from tests.radio.test_months import built


def test_sites_come_on_air_in_the_month_of_the_fold():
    _, outcome, networks = built()
    for air in networks:
        first = air.carriers[0]
        month = outcome.state.site_month[air.name]
        assert np.array_equal(first.month, month[first.locations])
        assert (first.month < air.months).all()
        assert len(np.unique(first.locations)) == (month < air.months).sum()
        assert len(first.sites) == len(first.locations)


def test_an_overlay_stands_on_the_sites_of_its_network_and_comes_no_earlier():
    _, outcome, networks = built()
    for air in networks:
        for carrier in air.carriers[1:]:
            assert np.isin(carrier.locations, air.carriers[0].locations).all()
            assert (carrier.month >= outcome.state.site_month[air.name][carrier.locations]).all()


def test_traffic_is_that_of_the_subscribers():
    prepared, outcome, networks = built()
    air = next(air for air in networks if air.name == "lte")
    users = outcome.state.subscribers[:, outcome.state.technology("lte")]
    wanted = users * prepared.demand.mobile_busy_mbps[:, None]
    np.testing.assert_allclose(air.traffic_mbps, wanted, rtol=1e-6)


def test_what_is_added_lies_on_sites_and_adds_something():
    _, _, networks = built()
    air = next(air for air in networks if air.name == "lte")
    place, month, ratio = air.added
    assert (ratio > 0).all()
    assert (month < air.months).all()
    assert np.isin(place, air.carriers[0].locations).all()
