"""A tiny finished run, made by hand: two counties, a few zones, two years."""

from dataclasses import make_dataclass
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
from shapely.geometry import box

from sim.clock import Horizon
from sim.parameters import Parameter
from sim.store import Run
from sim.tables.decisions import DECISIONS
from sim.tables.layers import ZONES
from sim.tables.plan import CANDIDATES, ITEMS
from sim.tables.results import EVENTS, INDICATORS, SCORECARD, SPENDING, MonthlyState

HORIZON = Horizon("2014-01", "2015-12")
TECHNOLOGIES = ("dsl", "ftth", "umts", "lte")
MONTHS = HORIZON.months


def fill(table, **values):
    """Return a frame of a contract; columns that the report does not look at hold nothing."""
    nothing = {"str": "", "bool": False}
    missing = {c.name: nothing.get(c.dtype, c.ge or 0) for c in table.columns if c.name not in values}
    return table.frame(**values, **missing)


def make_area(zones=6):
    """Return the layers that the report looks at."""
    west, east = box(0, 0, 50_000, 80_000), box(50_000, 0, 120_000, 80_000)
    place = np.random.default_rng(5)
    x, y = place.uniform(0, 120_000, zones), place.uniform(0, 80_000, zones)
    homes = place.integers(100, 900, zones).astype(np.int32)
    urban = np.arange(zones) % 3 == 0
    table = fill(
        ZONES,
        zone_id=[f"5301{1 + int(e > 50_000):02d}.{n}" for n, e in enumerate(x)],
        name=[f"Village {n}" for n in range(zones)],
        county=np.where(x > 50_000, "530102", "530101"),
        prefecture="Kunming",
        kind=np.where(urban, "town", "village"),
        homes_2010=homes,
        homes_2020=homes,
        population_2010=homes * 3,
        population_2020=homes * 3,
        area_km2=10.0,
        elevation_m=1900.0,
        roughness_m=50.0,
        pop_place=-1,
        pop_route_m=0.0,
        x_m=x,
        y_m=y,
        modelled=True,
    )
    counties = gpd.GeoDataFrame(
        {
            "county": ["530101", "530102"],
            "name": ["Wuhua", "Panlong"],
            "prefecture": "Kunming",
            "population_2010": 1,
            "population_2020": 1,
        },
        geometry=[west, east],
        crs="EPSG:32648",
    )
    layer = SimpleNamespace(
        name="roads",
        source="scgraph-data",
        licence="ODbL 1.0",
        attribution="© OpenStreetMap contributors",
        vintage="2024",
        modelled=False,
        sha256="ab" * 32,
        note="",
    )
    return SimpleNamespace(
        name="Yunnan",
        crs="EPSG:32648",
        counties=counties,
        zones=table,
        points=table[["x_m", "y_m"]],
        layers=(
            _note(vars(layer)),
            _note(vars(layer) | {"name": "zones", "modelled": True, "note": "placed by rule"}),
        ),
        urban=urban,
        prefectures=["Kunming"],
        homes=lambda horizon: np.tile(homes, (horizon.months, 1)),
        population=lambda horizon: np.tile(homes * 3, (horizon.months, 1)),
    )


def _note(values):
    return make_dataclass("LayerNote", values, frozen=True)(**values)


def make_state(area, lift=0):
    zones = len(area.zones)
    shape = (MONTHS, len(TECHNOLOGIES), zones)
    homes, population = area.homes(HORIZON), area.population(HORIZON)
    served = np.zeros(shape, dtype=np.float32)
    served[:, 0] = 0.5
    first = 13 + np.arange(zones) % 14 - lift  # the last ones come after the horizon
    for month in range(MONTHS):
        served[month, 1] = (first <= month) * 1.0
        served[month, 2] = 0.7
        served[month, 3] = (first <= month + 4) * 0.9
    passed = np.floor(served * homes[:, None, :]).astype(np.int32)
    subscribers = (passed * 0.25).astype(np.float32)
    rate = np.array([4.0, 50.0, 2.0, 12.0], dtype=np.float32)[None, :, None]
    return MonthlyState(
        technologies=TECHNOLOGIES,
        uses=("fixed", "fixed", "mobile", "mobile"),
        homes=homes,
        population=population,
        homes_passed=passed,
        homes_connected=subscribers * (np.arange(len(TECHNOLOGIES)) < 2)[None, :, None].astype(np.float32),
        covered_share=served,
        subscribers=subscribers,
        peak_mbps=(served > 0) * rate,
        subscribed_mbps=(served > 0) * rate * np.float32(0.5),
        busy_hour_mbps=(served > 0) * rate * np.float32(0.25),
        point_month={},
        site_month={},
        sites=np.zeros((MONTHS, len(TECHNOLOGIES)), dtype=np.int32),
    )


def _indicators():
    month = np.arange(MONTHS)
    rows = []
    for breakdown, scale in (("urban", 1.0), ("rural", 0.4), ("all", 0.7)):
        for indicator, unit, values in (
            ("access_capability_mbps", "Mbit/s", 6 + month * 1.2),
            ("mean_access_bandwidth_households", "Mbit/s", 4 + month * 0.5),
            ("busy_hour_mbps", "Mbit/s", 1 + month * 0.05),
            ("ftth_homes_passed_share", "share", month / 40),
        ):
            rows += [
                (0, m, indicator, breakdown, v * scale, unit) for m, v in zip(month, values, strict=True)
            ]
    return INDICATORS.frame(**dict(zip(INDICATORS.names, map(list, zip(*rows, strict=True)), strict=True)))


def _target(name, verdict, **values):
    return (
        dict.fromkeys(SCORECARD.names, "")
        | {
            "target_id": name,
            "statement": f"statement of {name}",
            "indicator": "mean_access_bandwidth_households",
            "breakdown": "urban",
            "comparator": ">=",
            "wanted": "20",
            "unit": "Mbit/s",
            "due_month": "2015-12",
            "mean": "15.5",
            "p10": "15.5",
            "p90": "15.5",
            "chance_met": "0",
            "margin": "-4.5",
            "at_start": False,
            "verdict": verdict,
            "reason": "because",
            "document": "Opinions on broadband",
            "clause": "II(4)",
            "interpreted": False,
        }
        | values
    )


def _scorecard():
    rows = [
        _target("YN-01", "met", wanted="10", margin="5.5", first_met="2015-01"),
        _target("YN-02", "missed", shortfall="1200 homes"),
        _target(
            "YN-03", "at risk", breakdown="rural", wanted="6", mean="6.2", p10="5.5", p90="7", margin="0.2"
        ),
        _target("YN-04", "trend", comparator="increase", wanted="", margin=""),
        _target("YN-05", "not judged", indicator="", comparator="report", wanted="", mean="", margin=""),
        _target(
            "YN-06",
            "met",
            indicator="ftth_homes_passed_share",
            unit="share",
            wanted="0.5",
            mean="0.58",
            p10="0.58",
            p90="0.58",
            interpreted=True,
            statement="<script>alert(1)</script> $\\frac{$ 昆明",
        ),
    ]
    return SCORECARD.frame(**{name: [row[name] for row in rows] for name in SCORECARD.names})


def _events():
    names = EVENTS.names
    row = {
        "replication": 0,
        "task": "",
        "crew": "",
        "released_fen": 0,
        "committed_fen": 0,
        "spent_fen": 0,
        "pot": "province",
        "quantity": 0,
        "share": 0.0,
        "cause": "",
        "lost_days": 0.0,
    }
    rows = [
        row | {"day": 0.0, "month": 0, "project_id": "", "event": "released", "released_fen": 10_000_000_000},
        row
        | {"day": 5.0, "month": 0, "project_id": "ftth:a", "event": "funded", "committed_fen": 4_000_000_000},
        row
        | {
            "day": 250.0,
            "month": 11,
            "project_id": "ftth:a",
            "event": "finished",
            "task": "trench",
            "crew": "Kunming/civil",
            "spent_fen": 4_000_000_000,
        },
        row | {"day": 250.0, "month": 11, "project_id": "ftth:a", "event": "activated"},
    ]
    return fill(EVENTS, event_id=range(len(rows)), **{n: [r[n] for r in rows] for n in names[1:]})


def _decisions(area):
    zones = len(area.zones)
    prices = {f"{item}_fen": 1_000_000 for item in ITEMS}
    return fill(
        DECISIONS,
        replication=0,
        release=0,
        project_id=[f"ftth:{zone}" for zone in area.zones["zone_id"]],
        technology="ftth",
        zone=np.arange(zones),
        rank=np.arange(1, zones + 1),
        worth=np.arange(zones, 0, -1.0),
        homes=200.0,
        price_fen=7_000_000,
        pot="province",
        chosen=np.arange(zones) < zones // 2,
        reason=["worth most" if n < zones // 2 else "funds do not suffice" for n in range(zones)],
        **prices,
    )


def _candidates(area):
    zones = len(area.zones)
    prices = {f"{item}_fen": 1_000_000 for item in ITEMS}
    return fill(
        CANDIDATES,
        project_id=[f"ftth:{zone}" for zone in area.zones["zone_id"]],
        technology="ftth",
        use="fixed",
        zone=np.arange(zones),
        location=-1,
        opex_fen_per_year=1000,
        available_month=0,
        quantity=1,
        requires="",
        **prices,
    )


def make_run(zones=6, replications=1, **changes):
    """Return a run made by hand; keyword arguments replace its fields."""
    area = make_area(zones)
    spending = fill(
        SPENDING,
        replication=0,
        month=[0, 0, 0, 11, 12, 12],
        pot="province",
        technology=["", "ftth", "lte", "ftth", "", "lte"],
        released_fen=[10_000_000_000, 0, 0, 0, 5_000_000_000, 0],
        committed_fen=[0, 4_000_000_000, 2_000_000_000, 0, 0, 3_000_000_000],
        spent_fen=[0, 0, 0, 4_000_000_000, 0, 2_500_000_000],
    )
    values = {
        "name": "yunnan-2017",
        "title": "Yunnan 2014 to 2017",
        "question": "Which targets fall within reach?",
        "variant": "",
        "province": "Yunnan",
        "seed": 7,
        "horizon": HORIZON,
        "resolved": {"name": "yunnan-2017", "seed": 7},
        "resolved_yaml": "name: yunnan-2017  # yunnan-2017.yaml:1\n",
        "inputs": {"scenarios/yunnan-2017.yaml": "cd" * 32},
        "area": area,
        "events": _events(),
        "decisions": _decisions(area),
        "candidates": _candidates(area),
        "states": tuple(make_state(area, lift) for lift in range(replications)),
        "indicators": _indicators(),
        "spending": spending,
        "scorecard": _scorecard(),
        "funding": [
            {"pot": "province", "released_fen": 15_000_000_000, "price_of_all_candidates_fen": 42_000_000_000}
        ],
        "parameters_used": [
            Parameter(
                "olt_price",
                900.0,
                "yuan/port",
                500.0,
                1500.0,
                "2015",
                "China",
                "assumption: between two tenders",
                "low (assumption)",
                "price",
            ),
            Parameter(
                "duct", 50.0, "yuan/m", None, None, "2015", "China", "http://example.org", "high", "price"
            ),
        ],
        "policy_inputs": ("roads_vintage",),
        "notes": ("A note.",),
        "invariants": ("Nothing is bought twice.",),
        "timings": {"geography": 1.5, "rollout": 2.5},
        "peak_memory_mb": 512.0,
    }
    return Run(**(values | changes))
