"""Connected things counted by hand on the made-up area, and deep cover against a search by brute force."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.indicators.base import Evidence
from sim.indicators.things import (
    cellular_iot_connections,
    deep_indoor_share,
    deep_month,
    deep_share,
    nb_iot_connections,
)


def test_meters_need_general_cover_in_the_open_and_deep_cover_below_ground(evidence):
    """100 homes of zone 0 want 50 meters, 20 of them deep indoors, which the site reaches from month 1."""
    found = nb_iot_connections(evidence)
    assert found["meters"] == pytest.approx([30, 50, 50, 50])
    assert found["all"] == pytest.approx(found["meters"])
    assert "trackers" not in found
    assert deep_indoor_share(evidence)["all"] == pytest.approx([0, 0.4, 0.4, 0.4])


def test_other_things_use_whatever_serves_handsets(evidence):
    """Zones 0 and 1 are covered and half of zone 2: 480 residents with a tracker for ten, a fifth wanted."""
    found = cellular_iot_connections(evidence)
    assert found["trackers"] == pytest.approx([9.6] * 4)
    assert found["all"] == pytest.approx(found["meters"] + found["trackers"])


def test_connections_never_exceed_what_is_wanted_and_follow_adoption(evidence, state):
    demand = state.lines.demand
    twice = replace(demand, things=replace(demand.things, adopted=2 * demand.things.adopted))
    more = replace(evidence, state=replace(state, lines=replace(state.lines, demand=twice)))
    assert nb_iot_connections(more)["all"] == pytest.approx(2 * nb_iot_connections(evidence)["all"])
    covered = np.ones_like(state.covered_share)
    everywhere = replace(evidence, state=replace(state, covered_share=covered))
    wanted = (100 + 50 + 10) * 0.5
    assert (nb_iot_connections(everywhere)["all"] <= wanted).all()
    assert cellular_iot_connections(everywhere)["trackers"] == pytest.approx([600 * 0.1 * 0.2] * 4)


def test_without_lines_or_things_there_is_nothing_to_tell(evidence, state):
    without = replace(state.lines, demand=replace(state.lines.demand, things=None))
    for lines in (None, without):
        bare = replace(evidence, state=replace(state, lines=lines))
        assert nb_iot_connections(bare) == cellular_iot_connections(bare) == deep_indoor_share(bare) == {}


def test_without_a_network_nothing_is_connected(evidence, state):
    bare = replace(state, covered_share=np.zeros_like(state.covered_share), point_month={}, site_month={})
    found = cellular_iot_connections(replace(evidence, state=bare))
    assert not any(series.any() for series in found.values())
    assert np.isnan(deep_indoor_share(replace(evidence, state=bare))["all"]).all()


@pytest.mark.parametrize("seed", range(5))
def test_deep_cover_is_what_a_search_of_every_pair_finds(options, seed):
    draw = np.random.default_rng(seed)
    count, sites, months, zones = 60, 12, 6, 7
    points = pd.DataFrame(
        {
            "zone": draw.integers(0, zones, count).astype(np.int32),
            "kind": np.where(draw.random(count) < 0.2, "road", "settlement"),
            "population": draw.integers(0, 90, count).astype(np.int32),
            "x_m": draw.uniform(0, 4000, count),
            "y_m": draw.uniform(0, 4000, count),
        }
    )
    locations = pd.DataFrame({"x_m": draw.uniform(0, 4000, sites), "y_m": draw.uniform(0, 4000, sites)})
    air = draw.integers(-1, months + 1, sites).astype(np.int32)
    served = draw.integers(-1, months + 1, count).astype(np.int32)
    area = SimpleNamespace(
        zones=pd.DataFrame({"kind": ["city"] * zones}), points=points, locations=locations, name="made up"
    )
    state = SimpleNamespace(
        homes=np.zeros((months, zones)), point_month={"nbiot": served}, site_month={"nbiot": air}
    )
    evidence = Evidence(state, area, None, options, None)
    expected = np.full(count, months)
    for row in np.flatnonzero(points["kind"] != "road"):
        apart = np.hypot(locations["x_m"] - points["x_m"][row], locations["y_m"] - points["y_m"][row])
        near = air[(apart <= 1000 * options.deep_radius).to_numpy()]
        expected[row] = max(min(near, default=months), served[row])
    found = deep_month(evidence)
    assert found.tolist() == np.minimum(expected, months).tolist()
    share = deep_share(evidence)
    people = np.where(points["kind"] == "road", 0, points["population"])
    for month in range(months):
        for zone in range(zones):
            own = (points["zone"] == zone).to_numpy()
            reached = people[own & (found <= month)].sum()
            assert share[month, zone] == pytest.approx(reached / max(people[own].sum(), 1))
