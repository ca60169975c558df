"""How long trees take to find, and how far they are from the shortest."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from benchmarks.__main__ import ROOT
from benchmarks.quality.steiner_exact import (
    Instance,
    grid,
    instances,
    most_prize,
    optimum,
    random_graph,
    roads,
)
from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim.access.prize import prize_collecting_tree
from sim.access.steinlib import read_stp
from sim.access.tree import spanning_connection, steiner_tree

SEEDS = 12
SMALL_SEEDS = 2
PRIZE_SEEDS = 6
PUBLISHED = {
    "b01": 82, "b02": 83, "b03": 138, "b04": 59, "b05": 61, "b06": 122, "b07": 111, "b08": 104, "b09": 220,
    "b10": 86, "b11": 88, "b12": 174, "b13": 165, "b14": 235, "b15": 318, "b16": 127, "b17": 131, "b18": 218,
}  # fmt: skip
"""Optima of the sparse graphs with random lengths of Beasley, Networks 19 (1989) 1-16."""


def folder() -> Path:
    """Return where published files are looked for: ``ROLLOUT_STEINLIB``, else beside the checkout."""
    return Path(os.environ.get("ROLLOUT_STEINLIB") or ROOT.parent / "steinlib")


def published() -> list[Path]:
    """Return the published files whose optimum is known."""
    return sorted(path for path in folder().glob("*.stp") if path.stem.lower() in PUBLISHED)


def nothing_published(size: Size) -> str:
    """Return why published problems cannot be measured here."""
    return "" if published() else f"there is no b01.stp ... in {folder()} (or in ROLLOUT_STEINLIB)"


def steiner(size: Size) -> Figures:
    """Return time and length of the tree over 500 nodes of a grid of 70 x 70 with random lengths."""
    made = grid(20, 60, 0) if size.small else grid(70, 500, 0)
    first = steiner_tree(made.graph, made.terminals, passes=0)
    figures, tree = timed(lambda: steiner_tree(made.graph, made.terminals), size.times)
    mehlhorn, _ = timed(lambda: steiner_tree(made.graph, made.terminals, passes=0), size.times, "mehlhorn")
    return figures | mehlhorn | {"share_of_mehlhorn": tree.length_m / first.length_m}


def province(size: Size) -> Figures:
    """Return time and length over 20,000 nodes of a grid of 102,400, by rounds of local search."""
    made = grid(40, 300, 0) if size.small else grid(320, 20_000, 0)
    first, none = timed(lambda: steiner_tree(made.graph, made.terminals, passes=0), size.times, "mehlhorn")
    figures, tree = timed(lambda: steiner_tree(made.graph, made.terminals, passes=3), 1, "three_rounds")
    return first | figures | {"share_of_mehlhorn": tree.length_m / none.length_m}


def spanning(size: Size) -> Figures:
    """Return the time to connect 2,000 points to 20 roots, and the length against all pairs of places."""
    random = np.random.default_rng(0)
    points, standing = random.random((2_000, 2)) * 100_000.0, random.random((20, 2)) * 100_000.0
    figures, tree = timed(lambda: spanning_connection(points, standing), size.times)
    count = len(points)
    every = np.zeros((count + 1, count + 1))
    every[:count, :count] = cdist(points, points)
    every[count, :count] = cdist(points, standing).min(axis=1)
    return figures | {"share_of_optimum": tree.length_m / float(minimum_spanning_tree(every).sum())}


def gaps(found: Iterable[float]) -> Figures:
    """Return count, mean and worst of shares above an optimum, in percent."""
    percent = 100.0 * np.array(list(found))
    return {
        "instances": len(percent),
        "mean_gap_percent": float(percent.mean()),
        "worst_gap_percent": float(percent.max()),
        "optimal_percent": 100.0 * float(np.mean(percent < 1e-6)),
    }


def steiner_gap(size: Size) -> Figures:
    """Return the distance from exact optima of instances of eight kinds."""
    return gaps(
        steiner_tree(made.graph, made.terminals).length_m / optimum(made) - 1.0
        for made in instances(range(SMALL_SEEDS if size.small else SEEDS))
    )


def prize_gap(size: Size) -> Figures:
    """Return what trees under a budget collect less than the most that they could."""
    return gaps(
        1.0 - prize_collecting_tree(made.graph, [root], prizes, budget_m).prize / best
        for made, root, prizes, budget_m, best in prize_questions(size)
        if best > 0
    )


def prize_questions(size: Size) -> Iterable[tuple[Instance, int, np.ndarray, float, float]]:
    """Give instances with root, prizes, budget and the most prize that the budget can collect."""
    for seed in range(1 if size.small else PRIZE_SEEDS):
        kinds = (grid(8, 12, seed), random_graph(50, 12, seed), roads(60, 15, seed))
        for made in kinds[:2] if size.small else kinds:
            random = np.random.default_rng([4, seed])
            prizes = np.zeros(made.graph.shape[0])
            prizes[made.terminals] = random.integers(10, 100, len(made.terminals))
            root = int(random.integers(len(prizes)))
            whole_m = steiner_tree(made.graph, np.append(made.terminals, root)).length_m
            for share in (0.2, 0.4, 0.6, 0.8):
                budget_m = share * whole_m
                yield made, root, prizes, budget_m, most_prize(made, root, prizes, budget_m)


def published_gap(size: Size) -> Figures:
    """Return the distance from published optima, and how many of these are not the exact ones found here."""
    paths = published()[: 2 if size.small else None]
    read = [Instance(path.stem.lower(), *read_stp(path)) for path in paths]
    doubtful = sum(abs(optimum(made) - PUBLISHED[made.name]) > 1e-6 for made in read)
    shares = (steiner_tree(made.graph, made.terminals).length_m / PUBLISHED[made.name] - 1.0 for made in read)
    return gaps(shares) | {"optima_not_confirmed": doubtful}


NEAR = (Limit("mean_gap_percent", most=1.0), Limit("worst_gap_percent", most=4.0))

ROWS = (
    Row(
        "steiner",
        "Steiner tree, 70 x 70 grid with random lengths, 500 terminals",
        steiner,
        (
            Limit("s", most=0.5, timed=True, processor="processor_s"),
            Limit("share_of_mehlhorn", most=0.9999),
        ),
    ),
    Row(
        "spanning",
        "minimum spanning connection of 2,000 points to 20 roots",
        spanning,
        (
            Limit("s", most=0.1, timed=True, processor="processor_s"),
            Limit("share_of_optimum", least=1 - 1e-12, most=1 + 1e-12),
        ),
    ),
    Row(
        "steiner-province",
        "Steiner tree, 320 x 320 grid with random lengths, 20,000 terminals",
        province,
        (
            Limit("mehlhorn_s", most=1.0, timed=True, processor="mehlhorn_processor_s"),
            Limit("share_of_mehlhorn", most=0.9999),
        ),
    ),
    Row("steiner-gap", "distance from exact optima, made instances", steiner_gap, NEAR),
    Row("steiner-published", "distance from published optima", published_gap, NEAR, nothing_published),
    Row(
        "prize-gap",
        "prize missed under a budget, against exact optima",
        prize_gap,
        (Limit("mean_gap_percent", most=1.0),),
    ),
)
