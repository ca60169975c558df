"""The fold into what the network behind access carries, against walking through the log."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.rollout.carried import carry, zone_traffic_mbps
from sim.tables.transport import StandingTransport

MONTHS, ZONES = 6, 5


def standing(**changes):
    values = {
        "node": np.array([0, 0, 1, -1, 2]),
        "county": np.array([0, 0, 0, 1, 1]),
        "county_of_node": np.array([0, 0, 1]),
        "uplink_mbps": np.array([1_000.0, 2_000.0, 500.0]),
        "ring_mbps": np.array([4_000.0, 1_000.0]),
        "egress_mbps": 3_000.0,
        "egress_share": 0.5,
        "usable_load": 0.7,
        "diverse": np.array([True, False]),
        "ipv6": np.array([False, False]),
    }
    return StandingTransport(**(values | changes))


PROJECTS = (
    # identifier, month, zones, capacity
    ("transport:up.pop:1.001", 2, (0, 1), 10_000.0),
    ("transport:up.pop:1.001.2", 4, (0, 1), 20_000.0),
    ("ftth:z0", 1, (0,), 1_000.0),
    ("transport:ring.2", 3, (3, 4), 9_000.0),
    ("transport:egress.1", 1, (0, 1, 2, 3, 4), 8_000.0),
    ("transport:ipv6.1", 5, (0, 1, 2), 1.0),
    ("transport:up.pop:2.001", MONTHS, (4,), 50_000.0),
    ("transport:backup.pop:1.002", 2, (2,), 400.0),
)


def projects():
    rows = [(row, zone, mbps) for row, (_, _, zones, mbps) in enumerate(PROJECTS) for zone in zones]
    pairs = pd.DataFrame(rows, columns=["row", "zone", "capacity_mbps"])
    return SimpleNamespace(project_rows={name: row for row, (name, *_) in enumerate(PROJECTS)}, pairs=pairs)


def traffic():
    return np.random.default_rng(1).uniform(0, 900, (MONTHS, ZONES))


def carried(**changes):
    active = np.array([month for _, month, *_ in PROJECTS], dtype=np.int32)
    return carry(projects(), active, standing(**changes), traffic())


def test_capacity_is_that_of_what_is_in_service():
    found = carried()
    up = [[1_000, 2_000, 500]] * 2 + [[10_000, 2_000, 500]] * 2 + [[20_000, 2_000, 500]] * 2
    assert found.uplink_mbps.tolist() == up
    assert found.ring_mbps.tolist() == [[4_000, 1_000]] * 3 + [[4_000, 9_000]] * 3
    assert found.egress_gbps.tolist() == [3.0, *[8.0] * 5]
    assert found.ipv6.tolist() == [[False, False]] * 5 + [[True, False]]
    assert found.backup.tolist() == [[False] * 3] * 2 + [[False, True, False]] * 4
    assert found.diverse.tolist() == [[True, False]] * 3 + [[True, True]] * 3


def test_loads_are_sums_over_the_zones_behind():
    found, mbps = carried(), traffic()
    nodes = np.column_stack((mbps[:, 0] + mbps[:, 1], mbps[:, 2], mbps[:, 4]))
    assert found.uplink_load_mbps == pytest.approx(nodes, rel=1e-6)
    counties = np.column_stack((mbps[:, :3].sum(axis=1), mbps[:, 3:].sum(axis=1)))
    assert found.ring_load_mbps == pytest.approx(counties, rel=1e-6)
    assert found.egress_load_gbps == pytest.approx(mbps.sum(axis=1) * 0.5 / 1_000)


def test_the_fuller_of_uplink_and_ring_counts():
    found = carried()
    use = found.utilisation()
    for month in range(MONTHS):
        for node, county in enumerate([0, 0, 1]):
            wanted = max(
                found.uplink_load_mbps[month, node] / found.uplink_mbps[month, node],
                found.ring_load_mbps[month, county] / found.ring_mbps[month, county],
            )
            assert use[month, node] == pytest.approx(wanted, rel=1e-6)
    assert found.uplink_load_mbps / found.node_mbps() == pytest.approx(use, rel=1e-5)


def test_a_zone_gets_what_its_way_to_the_core_can_carry():
    found = carried()
    zones, nodes = found.zone_mbps(), found.node_mbps()
    assert zones.shape == (MONTHS, ZONES)
    assert zones[:, 3].tolist() == [0.0] * MONTHS, "it has no point of presence"
    assert zones[:, [0, 1, 2, 4]] == pytest.approx(nodes[:, [0, 0, 1, 2]], rel=1e-6)
    assert (nodes <= found.uplink_mbps).all()


def test_a_choice_of_counties_stands_for_its_part_of_the_province():
    whole, part = carried(), carried(part=0.25)
    assert part.egress_gbps == pytest.approx(4 * whole.egress_gbps)
    assert part.egress_load_gbps == pytest.approx(4 * whole.egress_load_gbps)
    assert (part.uplink_mbps == whole.uplink_mbps).all()


def test_a_log_without_transport_leaves_what_stands():
    none = SimpleNamespace(
        project_rows={}, pairs=pd.DataFrame({"row": [], "zone": [], "capacity_mbps": []}).astype("int64")
    )
    found = carry(none, np.zeros(0, dtype=np.int32), standing(), traffic())
    assert (found.uplink_mbps == standing().uplink_mbps).all()
    assert not found.ipv6.any()
    assert not found.backup.any()


def test_traffic_is_that_of_lines_and_of_users_of_mobile_broadband():
    subscribers = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    demand = SimpleNamespace(fixed_busy_mbps=np.array([0.5, 1.0]), mobile_busy_mbps=np.array([0.25, 0.75]))
    found = zone_traffic_mbps(subscribers, ("fixed", "satellite", "mobile", "iot"), demand)
    wanted = subscribers[:, 0] * [[0.5], [1.0]] + subscribers[:, 2] * [[0.25], [0.75]]
    assert found == pytest.approx(wanted)
