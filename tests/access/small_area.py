"""Small made-up areas for the tests of feeder routes."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from sim.access.route_options import RouteOptions

OPTIONS = RouteOptions(
    reach=20.0,
    detour=1.5,
    rounds=2,
    country_factor=1.4,
    town_reach=500.0,
    spare_fibres=0.25,
    cable_price={12: 2.0, 24: 3.0, 48: 5.0},
    lashing_price=4.0,
    pole_price=12.0,
    pulling_price=3.0,
    trench_price=90.0,
    standing_ducts=0.25,
    life=20.0,
)
ROAD_COLUMNS = ("from_node", "to_node", "x0_m", "y0_m", "x1_m", "y1_m", "length_m")


def options(**changes):
    """Return options that differ from the usual ones."""
    return RouteOptions(**(OPTIONS.model_dump() | changes))


def area(zones, pops, roads=(), kinds=None, counties=None, county=None):
    """Return what ``plan_routes`` looks at.

    ``zones`` are positions [m]; ``pops`` are (zone row, x, y); ``roads`` are (from node, to node) with
    positions and, where it is not the straight line, the length; one large county unless told otherwise.
    """
    at = np.asarray(zones, dtype=float).reshape(-1, 2)
    codes = np.array(["530101"] * len(at) if county is None else county, dtype=object)
    shapes = counties or {"530101": box(-1e6, -1e6, 1e6, 1e6)}
    return SimpleNamespace(
        name="made-up",
        zones=pd.DataFrame(
            {
                "zone_id": [f"{code}.{row:04d}" for row, code in enumerate(codes)],
                "county": codes,
                "kind": ["village"] * len(at) if kinds is None else kinds,
                "x_m": at[:, 0],
                "y_m": at[:, 1],
            }
        ),
        places=pd.DataFrame(
            {
                "place_id": [f"pop:{row}" for row in range(len(pops))],
                "zone": [pop[0] for pop in pops],
                "kind": "pop",
                "x_m": [float(pop[1]) for pop in pops],
                "y_m": [float(pop[2]) for pop in pops],
            }
        ),
        roads=roads_table(roads),
        counties=gpd.GeoDataFrame({"county": list(shapes)}, geometry=list(shapes.values()), crs="EPSG:32648"),
    )


def roads_table(roads, county="530101"):
    """Return rows of (from node, to node, x0, y0, x1, y1[, length])."""
    rows = [row if len(row) == 7 else (*row, np.hypot(row[4] - row[2], row[5] - row[3])) for row in roads]
    table = pd.DataFrame(rows, columns=list(ROAD_COLUMNS))
    return table.assign(kind="road", county=county)


def scattered(seed, zones=40, pops=3, roads=True, extent_m=20_000.0):
    """Return a random area with a ring road and a cross road."""
    luck = np.random.default_rng(seed)
    at = luck.uniform(0.0, extent_m, (zones, 2))
    homes = luck.integers(0, zones, pops)
    near = luck.uniform(-2_000.0, 2_000.0, (pops, 2))
    half, low, high = extent_m / 2, extent_m * 0.2, extent_m * 0.8
    corner = [(low, low), (half, low), (high, low), (high, high), (half, high), (low, high)]
    ends = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (1, 4)]
    lines = [
        (a, b, *corner[a], *corner[b], 1.1 * np.hypot(*np.subtract(corner[a], corner[b]))) for a, b in ends
    ]
    kinds = np.where(luck.random(zones) < 0.3, "town", "village")
    return area(
        at,
        [(int(z), *(at[z] + off)) for z, off in zip(homes, near, strict=True)],
        lines if roads else (),
        kinds=list(kinds),
    )
