"""A made-up area of five zones and four months, whose every indicator can be worked out by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.clock import Horizon
from sim.indicators.base import Evidence
from sim.indicators.options import TargetOptions
from sim.tables.results import EVENTS, MonthlyState
from sim.tables.transport import Carried, StandingTransport
from tests.indicators import small_lines

TECHNOLOGIES = ("dsl", "ftth", "umts", "lte", "nbiot", "satellite")
USES = ("fixed", "fixed", "mobile", "mobile", "iot", "satellite")
MONTHS, NEVER = 4, 4
FIXED_ROWS = np.array([use in ("fixed", "satellite") for use in USES], dtype=np.float32)[None, :, None]
HOMES = np.array([100, 50, 20, 20, 10])


def target_options(**values):
    given = {
        "table": "library/targets.csv",
        "nation": True,
        "leave_out": (),
        "chance_met": 0.8,
        "chance_missed": 0.2,
        "broadband_mbps": 4,
        "city_share": 0.8,
        "all_fibre_share": 0.95,
        "village_radio_share": 0.5,
        "village_site_radius": 5,
        "settlement_homes": 20,
        "launch_share": 0.5,
        "scale_use": 0.05,
        "persons_per_road_km": 100,
        "deep_radius": 1,
        "iptv_rate": 2.5,
        "triple_play_share": 0.5,
        "ipv6_terminals": 0.2,
        "ipv6_new_terminals": 0.8,
        "ipv6_gateway_life": 4,
        "ipv6_handset_life": 2,
        "household_rate": 30,
        "province_weight": 1,
        "nation_weight": 0.5,
    }
    return TargetOptions(**(given | values))


def _area():
    zones = pd.DataFrame(
        {
            "zone_id": [f"z{n}" for n in range(5)],
            "county": ["530101", "530101", "530101", "530302", "530302"],
            "prefecture": ["昆明市", "昆明市", "昆明市", "曲靖市", "曲靖市"],
            "kind": ["city", "town", "village", "village", "city"],
            "x_m": [0.0, 5_000.0, 20_000.0, 40_000.0, 60_000.0],
            "y_m": 0.0,
        }
    )
    points = pd.DataFrame(
        {
            # the village z2 has its committee at a hamlet of five homes and a settlement of thirty;
            # a road of class 2, one of class 4 beside the hamlet of z2, and a railway come last
            "zone": np.array([0, 1, 2, 2, 3, 4, 0, 2, 4], dtype=np.int32),
            "kind": ["building", "building", *["settlement"] * 3, "building", "road", "road", "rail"],
            "homes": np.array([100, 50, 5, 30, 20, 10, 0, 0, 0], dtype=np.int32),
            "population": np.array([300, 150, 15, 90, 60, 30, 0, 0, 0], dtype=np.int32),
            "length_m": [0.0] * 6 + [2_000.0, 1_000.0, 1_000.0],
            "road_class": [0] * 6 + [2, 4, 3],
            "x_m": [0.0, 5_000.0, 20_000.0, 22_000.0, 40_000.0, 60_000.0, 500.0, 20_000.0, 61_000.0],
            "y_m": 0.0,
        }
    )
    places = pd.DataFrame(
        {
            "zone": np.array([0, 4, 3], dtype=np.int32),
            "kind": ["station", "mall", "school"],
            "x_m": [500.0, 60_000.0, 40_000.0],
            "y_m": 0.0,
        }
    )
    locations = pd.DataFrame(
        {"zone": np.array([0, 2, 4], dtype=np.int32), "x_m": [0.0, 24_000.0, 60_000.0], "y_m": 0.0}
    )
    return SimpleNamespace(name="Yunnan", zones=zones, points=points, places=places, locations=locations)


def _by_zone(dtype, **rows):
    """Return an array (M, T, Z) from rows of five zones, the same in every month."""
    values = np.zeros((MONTHS, len(TECHNOLOGIES), 5), dtype=dtype)
    for name, row in rows.items():
        values[:, TECHNOLOGIES.index(name)] = row
    return values


def _state():
    passed = _by_zone(np.int32, dsl=[100, 50, 0, 10, 10], lte=[100, 0, 0, 0, 0])
    passed[2:, 1] = [80, 50, 5, 0, 0]
    subscribers = _by_zone(
        np.float32,
        dsl=[30, 10, 0, 2, 5],
        umts=[40, 20, 0, 0, 0],
        lte=[60, 0, 0, 0, 0],
        satellite=[0, 0, 1, 0, 0],
    )
    subscribers[3, 1] = [40, 10, 0, 0, 0]
    covered = _by_zone(np.float32, umts=[1, 1, 0, 0, 0], lte=[1, 0, 0.5, 0, 0], nbiot=[1, 0, 0, 0, 0])
    sites = np.zeros((MONTHS, len(TECHNOLOGIES)), dtype=np.int32)
    sites[:, 3] = [1, 1, 2, 2]
    return MonthlyState(
        technologies=TECHNOLOGIES,
        uses=USES,
        homes=np.tile(HOMES, (MONTHS, 1)).astype(np.int32),
        population=np.tile(3 * HOMES, (MONTHS, 1)).astype(np.int32),
        homes_passed=passed,
        homes_connected=np.maximum.accumulate(subscribers * FIXED_ROWS, axis=0),
        covered_share=covered,
        subscribers=subscribers,
        peak_mbps=_by_zone(np.float32, dsl=[8, 8, 0, 4, 8], ftth=100, lte=10, satellite=4),
        subscribed_mbps=_by_zone(np.float32, dsl=4, ftth=20),
        busy_hour_mbps=_by_zone(np.float32, dsl=2, ftth=10, lte=3),
        point_month={
            "umts": np.array([-1, -1, NEVER, NEVER, NEVER, NEVER, -1, NEVER, NEVER], dtype=np.int32),
            "lte": np.array([-1, NEVER, 1, 2, NEVER, NEVER, 3, 2, NEVER], dtype=np.int32),
            "nbiot": np.array([1, *[NEVER] * 8], dtype=np.int32),
        },
        site_month={
            "lte": np.array([-1, 2, NEVER], dtype=np.int32),
            "nbiot": np.array([0, NEVER, 3], dtype=np.int32),
        },
        sites=sites,
        lines=small_lines.lines(built=np.ones((MONTHS, 5), dtype=np.float32)),
    )


def log_of(*rows):
    """Return an event log from dictionaries; what they leave out is empty."""
    empty = {c.name: "" if c.dtype == "str" else 0 for c in EVENTS.columns}
    rows = [empty | {"event_id": n} | row for n, row in enumerate(rows)]
    return EVENTS.frame(**{name: [row[name] for row in rows] for name in EVENTS.names})


@pytest.fixture
def options():
    return target_options()


@pytest.fixture
def horizon():
    return Horizon("2014-01", "2014-04")


@pytest.fixture
def events():
    money = {"month": 2, "pot": "investment", "project_id": "ftth:z0"}
    return log_of(
        money | {"event": "released", "month": 0, "project_id": "", "released_fen": 10_000_000},
        money | {"event": "funded", "month": 0, "committed_fen": 1_350_000},
        money | {"event": "finished", "month": 1, "spent_fen": 350_000},
        money | {"event": "finished", "spent_fen": 1_000_000},
        money | {"event": "finished", "project_id": "lte:l1", "spent_fen": 200_000},
        money | {"event": "connected", "month": 3, "project_id": "ftth", "spent_fen": 50_000, "quantity": 50},
        money | {"event": "lapsed", "month": 3, "project_id": "", "released_fen": -100},
        money | {"event": "finished", "month": 1, "replication": 1, "spent_fen": 7},
    )


@pytest.fixture
def area():
    return _area()


@pytest.fixture
def state():
    return _state()


@pytest.fixture
def evidence(state, area, horizon, options, events):
    return Evidence(state, area, horizon, options, events[events["replication"] == 0])


NODE, COUNTY = np.array([0, 0, 1, 2, 2]), np.array([0, 0, 0, 1, 1])
COUNTY_OF_NODE = np.array([0, 0, 1])


@pytest.fixture
def behind(state, area, horizon, options, events):
    """The same area with the network behind access: three points of presence in two counties."""
    months = state.homes.shape[0]
    standing = StandingTransport(
        node=NODE,
        county=COUNTY,
        county_of_node=COUNTY_OF_NODE,
        uplink_mbps=np.array([1_000.0, 1_000.0, 1_000.0]),
        ring_mbps=np.array([2_000.0, 4_000.0]),
        egress_mbps=2_000_000.0,
        egress_share=0.5,
        usable_load=0.7,
        diverse=np.array([True, False]),
        ipv6=np.array([False, True]),
    )
    since = np.arange(months)[:, None] >= np.array([[2, 0]])
    carried = Carried(
        standing=standing,
        uplink_mbps=np.full((months, 3), 1_000, dtype=np.float32),
        uplink_load_mbps=np.tile(np.array([800, 100, 400], dtype=np.float32), (months, 1)),
        ring_mbps=np.tile(np.array([2_000, 500], dtype=np.float32), (months, 1)),
        ring_load_mbps=np.tile(np.array([900, 450], dtype=np.float32), (months, 1)),
        egress_gbps=np.linspace(2_000, 4_000, months),
        egress_load_gbps=np.linspace(1_000, 1_500, months),
        diverse=np.tile(np.array([True, False]), (months, 1)),
        ipv6=since,
    )
    return Evidence(replace(state, transport=carried), area, horizon, options, events)
