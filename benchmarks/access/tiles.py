"""How long the design of a tile takes, whether every home is in it, and its drops against their bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.radio.networks import load
from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim.access.odn import design_tile
from sim.access.options import OdnOptions
from sim.access.tile import Streets, Tile

BLOCK_M = 60.0
"""Between streets of the grid."""
BESIDE_M = (4.0, 15.0)
"""How far buildings stand from their street."""
UPSTREAM_M = 5000.0
"""Fibre between the line terminal and the corner where the tile is entered."""


def options() -> OdnOptions:
    """Return the options of the base scenario."""
    ftth = load(Size(small=True)).scenario.technologies.ftth
    assert ftth is not None
    return ftth.odn


def tile(homes: int, columns: int, rows: int, seed: int = 0) -> Tile:
    """Return single homes beside the streets of a grid."""
    number = np.arange(columns * rows).reshape(rows, columns)
    y, x = np.divmod(np.arange(columns * rows), columns)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    edges = np.concatenate([across, np.column_stack([number[:-1].ravel(), number[1:].ravel()])])
    node_m = np.column_stack([x, y]) * BLOCK_M
    draw = np.random.default_rng(seed)
    edge, share = draw.integers(0, len(edges), homes), draw.uniform(0.0, 1.0, homes)
    off = draw.uniform(*BESIDE_M, homes) * draw.choice([-1.0, 1.0], homes)
    start, along = node_m[edges[edge, 0]], node_m[edges[edge, 1]] - node_m[edges[edge, 0]]
    square = np.column_stack([-along[:, 1], along[:, 0]]) / BLOCK_M
    one, bare = np.ones(homes, dtype=np.int64), np.zeros(len(edges), dtype=bool)
    streets = Streets(node_m, edges, np.full(len(edges), BLOCK_M), bare, bare)
    places = start + share[:, None] * along + off[:, None] * square
    return Tile(f"town of {homes}", places, one, one, streets, node_m[0], UPSTREAM_M)


def designed(given: Tile, size: Size) -> Figures:
    """Return time, homes without an entry, and drops over their lower bound."""
    rules = options()
    figures, found = timed(lambda: design_tile(given, rules), size.times)
    counted = np.bincount(found.homes.building, minlength=len(given.homes))
    told = found.passed + sum(found.homes.reasons().values())
    return figures | {
        "homes": given.home_count,
        "homes_missing": int(np.abs(counted - given.homes).sum()) + given.home_count - told,
        "homes_served": found.passed,
        "drops_over_bound": found.quality.ratio,
        "yuan_per_home": (found.yuan + found.connect_yuan) / given.home_count,
    }


def town(size: Size) -> Figures:
    """Return the figures of 5,000 homes on a grid of 1,520 street corners."""
    return designed(tile(500, 12, 12) if size.small else tile(5000, 40, 38), size)


def paved(size: Size) -> Figures:
    """Return those of a town under pavement, where some streets have ducts."""
    given = tile(300, 10, 10, seed=1) if size.small else tile(2000, 25, 24, seed=1)
    duct = np.random.default_rng(1).uniform(size=len(given.streets.edges)) < 0.5
    return designed(replace(given, built_up=True, streets=replace(given.streets, duct=duct)), size)


WHOLE = (Limit("homes_missing", most=0), Limit("drops_over_bound", least=1.0, most=1.1))
ROWS = (
    Row(
        "tile",
        "tile of 5,000 homes on a grid of streets designed, every home accounted for",
        town,
        (Limit("s", most=3.0, timed=True, processor="processor_s"), *WHOLE),
    ),
    Row("tile-paved", "tile of 2,000 homes with ducts in half of its streets", paved, WHOLE),
)
