"""Options of the design with the figures of the parameter table, and tiles to try them on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.access.options import OdnOptions
from sim.access.tile import Streets, Tile
from sim.parameters import Lookup, read_money_rule, read_parameters

CLASSES = {
    "B+": ("gpon_bplus", "1310nm", "1490nm", "olt_port_price"),
    "C+": ("gpon_cplus", "1310nm", "1490nm", "olt_port_price_cplus"),
    "N1": ("xgspon_n1", "1270nm", "1577nm", "olt_port_price_xgspon_n1"),
    "N2": ("xgspon_n2", "1270nm", "1577nm", "olt_port_price_xgspon_n2"),
}
FIELDS = {
    "splits": ["8x8", "4x16", "32", "64"],
    "ports_per_home": "odn_ports_per_home",
    "longest_drop": "odn_longest_drop",
    "longest_lead_in": "odn_longest_lead_in",
    "homes_of_shared_building": 6,
    "storey_height": "odn_storey_height",
    "spare_fibres": "odn_spare_fibres",
    "bound_rounds": 60,
    "splitter_loss": {ratio: f"splitter_loss_1x{ratio}" for ratio in (4, 8, 16, 32, 64)},
    "connector_loss": "pon_connector_loss",
    "connectors": "pon_connectors",
    "splice_loss": "pon_splice_loss",
    "splices": "pon_splices",
    "drum_length": "cable_drum_length",
    "ageing_margin": "pon_ageing_margin",
    "longest_reach": "gpon_logical_reach",
    "differential_reach": "gpon_differential_reach",
    "optics": {
        name: {
            "budget": f"pon_budget_{kind}",
            "least_loss": f"pon_least_loss_{kind}",
            "fibre_loss_up": f"fibre_loss_{up}",
            "fibre_loss_down": f"fibre_loss_{down}",
            "port_price": price,
        }
        for name, (kind, up, down, price) in CLASSES.items()
    },
    "offered": ["B+", "C+"],
    "new_poles": True,
    "trench_price": "odn_trench_price_soil",
    "paved_trench_price": "odn_trench_price_paved",
    "duct_price": "odn_duct_price",
    "pole_price": "pole_line_price",
    "pulling_price": "pulling_price",
    "lashing_price": "lashing_price",
    "cable_price": {size: f"cable_price_{size}" for size in (4, 12, 24, 48, 96, 144, 288)},
    "splice_price": "odn_splice_price",
    "splitter_price": {ratio: f"odn_splitter_price_{ratio}" for ratio in (4, 8, 16, 32, 64)},
    "box_price": {8: "odn_box_price_8", 16: "odn_box_price_16"},
    "cabinet_price": {
        72: "odn_cabinet_price_72",
        144: "odn_cabinet_price_144",
        288: "distribution_cabinet_price",
        576: "odn_cabinet_price_576",
    },
    "attenuator_price": "odn_attenuator_price",
    "riser_price": "odn_riser_price",
    "floor_box_price": "odn_floor_box_price",
    "drop_price": "odn_drop_work_price",
    "drop_cable_price": "odn_drop_cable_price",
}
"""The section ``technologies.ftth.odn`` of a scenario."""


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
    nodes = np.cumsum(draw.normal(0.0, 250.0, (hamlets * 4, 2)), axis=0)
    edges = np.column_stack([np.arange(len(nodes) - 1), np.arange(1, len(nodes))])
    extra = draw.integers(0, len(nodes), (10, 2))
    edges = np.concatenate([edges, extra[extra[:, 0] != extra[:, 1]]])
    length = np.hypot(*(nodes[edges[:, 0]] - nodes[edges[:, 1]]).T) * 1.1
    bare = np.zeros(len(edges), dtype=bool)
    centre = nodes[draw.integers(0, len(nodes), hamlets)]
    places = centre[draw.integers(0, hamlets, buildings)] + draw.normal(0.0, 80.0, (buildings, 2))
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
