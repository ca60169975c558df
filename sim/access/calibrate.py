"""Cost curves fitted to full designs of a seeded sample of zones, and held against zones left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from sim.access.bill import CONNECT
from sim.access.curves import Curves, Fit
from sim.access.features import Features, feature_names, features_of
from sim.access.odn import design_tile
from sim.access.pattern import tile_of
from sim.access.quantities import HOMES, ROUTES, build_yuan, metres_of, priced, quantities_of
from sim.randomness import Streams
from sim.tables.layers import ZONE_KINDS

if TYPE_CHECKING:
    from sim.access.options import OdnOptions
    from sim.access.settlements import PatternOptions
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

PRICE, CONNECTING, METRES = "price", "price of connecting", "route"
"""What the errors are stated of beside the single quantities: yuan to build and to connect, and metres."""
PORTS = (0.3, 1.0)
"""Range of ports for each home that sampled designs are spread over: demand asks for more or fewer."""
_QUANTILES = (0.5, 0.9)
"""The errors that are stated: half of the zones are nearer, and nine in ten."""
_TESTED_EACH = 2
"""Every second zone of the sample, by size, is kept from the fit to test it."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Designs of some zones beside their features."""

    area: str
    """Name of the area."""
    rows: Rows
    """Rows of the zones, shape (n,)."""
    features: Features
    """Their features."""
    quantities: Mapping[str, Floats]
    """What their designs are made of, by name, each of shape (n,)."""


def stratified(area: Area, count: int, streams: Streams) -> Rows:
    """Return rows of about ``count`` zones: as many of each kind, evenly from its smallest to its largest.

    Zones of a kind are ordered by homes and cut into as many groups as are wanted; one of each group is
    drawn. A kind with fewer zones than wanted gives all that have homes.
    """
    homes = area.zones[["homes_2010", "homes_2020"]].to_numpy().max(axis=1)
    kind = area.zones["kind"].to_numpy(dtype=str)
    found = []
    for name in ZONE_KINDS:
        mine = np.flatnonzero((kind == name) & (homes > 0))
        mine = mine[np.argsort(homes[mine], kind="stable")]
        wanted = min(-(-count // len(ZONE_KINDS)), len(mine))
        draw = streams.generator("access/sample", name).uniform(size=wanted)
        edges = np.arange(wanted + 1) * len(mine) // max(wanted, 1)
        found.append(mine[edges[:-1] + (draw * np.diff(edges)).astype(np.int64)])
    return np.unique(np.concatenate(found))


def designed(
    area: Area,
    rows: Rows,
    options: tuple[PatternOptions, OdnOptions],
    copper: Flags,
    on_progress: Callable[[str, float], None] = lambda stage, done: None,
) -> Sample:
    """Return the full designs of some zones, as quantities, beside their features.

    Each has ports for another share of its homes, within ``PORTS``, so that the curves hold for all of them.
    """
    pattern, design = options
    names = area.zones["zone_id"].to_numpy(dtype=str)[rows]
    ports = np.full(len(area.zones), design.ports_per_home)
    ports[rows] = PORTS[0] + (PORTS[1] - PORTS[0]) * Streams(pattern.seed).uniforms(
        "access/ports", names.tolist()
    )
    features = features_of(area, pattern, design, copper, ports_per_home=ports).at(rows)
    bills: list[dict[str, float]] = []
    for number, row in enumerate(rows.tolist()):
        on_progress(f"designing {area.name}", number / len(rows))
        own = design.model_copy(update={"ports_per_home": float(ports[row]), "bound_rounds": 0})
        bills.append(quantities_of(design_tile(tile_of(area, row, pattern, copper), own)))
    found = sorted({name for bill in bills for name in bill})
    amounts = {name: np.array([bill.get(name, 0.0) for bill in bills]) for name in found}
    return Sample(area.name, rows, features, amounts)


def fitted(samples: Sequence[Sample], design: OdnOptions, seed: int) -> Curves:
    """Return curves from samples, every second zone of which is only tested, and their errors.

    Coefficients are the non-negative ones of least squares of errors over the tile's own measure: its
    metres for routes, the homes for the rest, so that small tiles count as much as large ones.

    References
    ----------
    Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23 (non-negative least squares).
    """
    features, amounts, tested = pooled(samples)
    yuan = build_yuan(priced(amounts, design, features.built_up))
    coefficients: dict[tuple[str, str], dict[str, float]] = {}
    for of_kind in ZONE_KINDS:
        rows = np.flatnonzero((features.kind == of_kind) & ~tested & (yuan > 0) & (amounts[HOMES] > 0))
        if len(rows) == 0:
            continue
        matrix = features.matrix(of_kind)[rows]
        for name in amounts:
            scale = np.maximum(metres_of(amounts)[rows], 1.0) if name in ROUTES else yuan[rows]
            terms = _least_squares(matrix / scale[:, None], amounts[name][rows] / scale)
            used = {
                feature: float(f"{value:.6g}")
                for feature, value in zip(feature_names(of_kind), terms, strict=True)
                if value > 0
            }
            coefficients[of_kind, name] = used
    curves = Curves(coefficients)
    return Curves(coefficients, errors(curves, features, amounts, design, (tested, seed)))


def pooled(samples: Sequence[Sample]) -> tuple[Features, dict[str, Floats], Flags]:
    """Return features and quantities of all samples together, and which zones are kept from the fit."""
    names = sorted({name for sample in samples for name in sample.quantities})
    kind = np.concatenate([sample.features.kind for sample in samples])
    values = {
        name: np.concatenate([sample.features.values[name] for sample in samples])
        for name in samples[0].features.values
    }
    features = Features(kind, values)
    amounts = {
        name: np.concatenate([sample.quantities.get(name, np.zeros(len(sample.rows))) for sample in samples])
        for name in names
    }
    return features, amounts, _tested(samples)


def _tested(samples: Sequence[Sample]) -> Flags:
    """Return which zones are kept from the fit: of each sample and kind every second one by homes."""
    result = []
    for sample in samples:
        flags = np.zeros(len(sample.rows), dtype=bool)
        for name in ZONE_KINDS:
            mine = np.flatnonzero(sample.features.kind == name)
            order = mine[np.argsort(sample.features.values["served"][mine], kind="stable")]
            flags[order[1::_TESTED_EACH]] = True
        result.append(flags)
    return np.concatenate(result)


def _least_squares(matrix: Floats, wanted: Floats) -> Floats:
    """Return the non-negative coefficients of least squares, columns brought to one size first."""
    size = np.sqrt((matrix**2).sum(axis=0))
    some = size > 0
    result = np.zeros(matrix.shape[1])
    if some.any() and (wanted > 0).any():
        result[some] = nnls(matrix[:, some] / size[some], wanted)[0] / size[some]
    return result


def errors(
    curves: Curves,
    features: Features,
    amounts: Mapping[str, Floats],
    design: OdnOptions,
    test: tuple[Flags, int],
) -> dict[tuple[str, str], Fit]:
    """Return how far curves are from the designs of tested zones, by kind and quantity.

    ``test`` says which zones are tested, shape (n,), and the seed of their choice.
    """
    tested, seed = test
    found = curves.quantities(features)
    built_up = features.built_up
    pairs = {name: (found[name], amounts[name]) for name in curves.names}
    for label, stage in ((PRICE, "build"), (CONNECTING, CONNECT)):
        pairs[label] = (
            build_yuan(priced(found, design, built_up), stage),
            build_yuan(priced(amounts, design, built_up), stage),
        )
    pairs[METRES] = (metres_of(found), metres_of(amounts))
    result = {}
    for kind in ZONE_KINDS:
        mine = features.kind == kind
        for name, (curve, full) in pairs.items():
            rows = mine & tested & (full > 0) & (amounts[HOMES] > 0)
            if not mine.any():
                continue
            off = np.abs(curve[rows] / full[rows] - 1.0) if rows.any() else np.zeros(1)
            middle, most = (float(np.quantile(off, share)) for share in _QUANTILES)
            result[kind, name] = Fit(int((mine & ~tested).sum()), int(rows.sum()), seed, middle, most)
    return result
