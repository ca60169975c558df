"""Options of the design with the figures of the parameter table, and tiles to try them on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.access.options import OdnOptions
from sim.access.tile import Streets, Tile
from sim.parameters import Lookup, read_money_rule, read_parameters

ROOT = Path(__file__).resolve().parents[2]
FIELDS = yaml.safe_load((ROOT / "scenarios" / "base.yaml").read_text())["technologies"]["ftth"]["odn"]
"""The section ``technologies.ftth.odn`` of the base of all scenarios: rows by field."""


@pytest.fixture(scope="session")
def options(root: Path) -> OdnOptions:
    """Options with the figures of the parameter table in money of 2015."""
    library = root / "scenarios" / "library"
    rows, money = (
        read_parameters(library / "parameters.csv"),
        read_money_rule(library / "deflators.csv", 2015),
    )
    lookup = Lookup(rows, money, first_month=2017 * 12)
    return OdnOptions.model_validate(FIELDS, context={"lookup": lookup})


def street_grid(columns: int, rows: int, block_m: float) -> Streets:
    """Streets of a regular grid, without plant."""
    number = np.arange(columns * rows).reshape(rows, columns)
    y, x = np.divmod(np.arange(columns * rows), columns)
    edges = np.concatenate(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    bare = np.zeros(len(edges), dtype=bool)
    node_m = np.column_stack([x, y]) * block_m
    return Streets(node_m, edges, np.full(len(edges), block_m), bare, bare)


def town(buildings: int, homes: int = 1, floors: int = 1, seed: int = 0, **grid: float) -> Tile:
    """A town with buildings beside the streets of a grid, fed at a corner."""
    shape = {"columns": 12, "rows": 10, "block_m": 60.0} | grid
    streets = street_grid(int(shape["columns"]), int(shape["rows"]), shape["block_m"])
    draw = np.random.default_rng(seed)
    edge, share = draw.integers(0, len(streets.edges), buildings), draw.uniform(0.0, 1.0, buildings)
    ends = streets.node_m[streets.edges[edge]]
    along = ends[:, 1] - ends[:, 0]
    off = draw.uniform(4.0, 15.0, buildings) * draw.choice([-1.0, 1.0], buildings)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    places = ends[:, 0] + share[:, None] * along + off[:, None] * across
    return Tile(
        name=f"town of {buildings}",
        building_m=places,
        homes=np.full(buildings, homes),
        floors=np.full(buildings, floors),
        streets=streets,
        entry_m=streets.node_m[0].astype(float),
        upstream_m=5000.0,
    )


def village(buildings: int = 400, seed: int = 0, **changes: object) -> Tile:
    """Hamlets along lanes: houses scattered about the nodes of a random tree of lanes."""
    draw = np.random.default_rng(seed)
    hamlets = 12
    nodes = np.cumsum(draw.normal(0.0, 130.0, (hamlets * 4, 2)), axis=0)
    edges = np.column_stack([np.arange(len(nodes) - 1), np.arange(1, len(nodes))])
    extra = draw.integers(0, len(nodes), (10, 2))
    edges = np.concatenate([edges, extra[extra[:, 0] != extra[:, 1]]])
    length = np.hypot(*(nodes[edges[:, 0]] - nodes[edges[:, 1]]).T) * 1.1
    bare = np.zeros(len(edges), dtype=bool)
    centre = nodes[draw.integers(0, len(nodes), hamlets)]
    places = centre[draw.integers(0, hamlets, buildings)] + draw.normal(0.0, 45.0, (buildings, 2))
    tile = {
        "name": "village",
        "building_m": places,
        "homes": np.ones(buildings, dtype=np.int64),
        "floors": np.full(buildings, 2),
        "streets": Streets(nodes, edges, length, bare, bare),
        "entry_m": nodes[0],
        "upstream_m": 6000.0,
    }
    return Tile(**(tile | changes))
