"""Made-up land for the tests of patterns and curves: zones with points, written out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.access.settlements import PatternOptions
from sim.geo.area import Area
from sim.geo.shares import largest_remainder
from sim.tables.layers import PLACES, POINTS, ROADS, ZONES
from tests.world import load

PATTERN = PatternOptions(
    village_plot=600,
    scattered_factor=4,
    most_settled=0.5,
    ribbon_share=0.25,
    lane_homes=60,
    scattered_share_plain=0.05,
    scattered_share_hills=0.4,
    hills_roughness=100,
    track_sinuosity=1.32,
    extra_tracks=0.2,
    copper_homes=0.6,
    block_city=150,
    block_town=120,
    setback=20,
    frontage=40,
    floors_city=6,
    floors_town=4,
    floors_tower=18,
    tower_share=0.15,
    homes_per_floor_city=6,
    homes_per_floor_town=4,
    duct_share_city=0.7,
    duct_share_town=0.5,
)


def land(zones=30, seed=3, scale=1.0) -> Area:
    """Return an area whose zones are a third city, town and village each; ``scale`` stretches distances."""
    draw = np.random.default_rng(seed)
    kind = np.array(["city", "town", "village"])[np.arange(zones) % 3]
    homes = np.round(np.exp(draw.normal(6.2, 0.5, zones))).astype(int)
    where = draw.uniform(0, 40_000, (zones, 2))
    land_km2 = np.where(kind == "village", homes / 40.0, homes / 3000.0) * scale**2
    counts = np.where(kind == "village", draw.integers(5, 13, zones), np.maximum(homes // 300, 2))
    zone = np.repeat(np.arange(zones), counts)
    reach = 700.0 * np.sqrt(land_km2 / np.pi)[zone] * np.sqrt(draw.uniform(size=len(zone)))
    angle = draw.uniform(0, 2 * np.pi, len(zone))
    reach[np.diff(zone, prepend=-1) > 0] = 0.0
    points = POINTS.frame(
        zone=zone,
        kind=np.where(kind[zone] == "village", "settlement", "building"),
        homes=largest_remainder(
            homes, zone, np.where(kind[zone] == "village", draw.lognormal(0, 0.6, len(zone)), 1.0)
        ),
        population=0,
        length_m=0.0,
        road_class=0,
        x_m=where[zone, 0] + reach * np.cos(angle),
        y_m=where[zone, 1] + reach * np.sin(angle),
    )
    table = ZONES.frame(
        zone_id=[f"530101.{number:04d}" for number in range(zones)],
        name=[f"Place {number}" for number in range(zones)],
        county="530101",
        prefecture="Kunming",
        kind=kind,
        homes_2010=homes - 5,
        homes_2020=homes,
        population_2010=homes * 3,
        population_2020=homes * 3,
        area_km2=land_km2,
        elevation_m=1900.0,
        roughness_m=draw.uniform(0, 200, zones),
        pop_place=-1,
        pop_route_m=draw.uniform(0, 9000, zones),
        x_m=where[:, 0],
        y_m=where[:, 1],
        modelled=True,
    )
    roads = ROADS.frame(
        from_node=[0],
        to_node=[1],
        kind="road",
        road_class=2,
        tunnel=False,
        length_m=50_000.0,
        county="530101",
        x0_m=0.0,
        y0_m=0.0,
        x1_m=40_000.0,
        y1_m=30_000.0,
    )
    empty = pd.DataFrame()
    return Area(
        "Made-up", "EPSG:32648", empty, table, points, PLACES.frame(**{n: [] for n in PLACES.names}),
        roads, empty, (),
    )  # fmt: skip


def shipped_odn():
    """Return rules and prices of the shipped base scenario."""
    return load(zones=60).scenario.technologies.ftth.odn
