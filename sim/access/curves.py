"""Cost curves: what the design of every zone of a province would need, without designing each.

``features_of`` measures zones (homes, settlements, metres of track and lane by what stands along them);
``Curves.quantities`` turns the features into the quantities of a design, each a sum of features with
coefficients of the zone's kind, fitted by ``sim.access.calibrate`` to full designs. The quantities bear the
names of a design's bill (``sim.access.bill``), as arrays over zones instead of single numbers, so that the
pricing of the bill prices them too: whatever a price does to a design it does to its curve.

Every coefficient is at least 0 and every feature grows at most in proportion to the distances inside a zone
while homes and pattern stay. So nothing is ever negative, and denser settlement never takes more of anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.access.blocks import homes_in_building, streets_each_way
from sim.access.lanes import compact_lanes
from sim.access.settlements import (
    COMPACT,
    PATTERNS,
    RIBBON,
    SCATTERED,
    PatternOptions,
    Settlements,
    settlements_of,
)
from sim.errors import DataError, Problem
from sim.files import read_csv_rows, write_csv
from sim.tables.layers import CITY, VILLAGE, ZONE_KINDS

if TYPE_CHECKING:
    from sim.geo.area import Area
    from sim.randomness import Streams

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

COLUMNS = (
    "kind", "quantity", "feature", "coefficient", "fitted", "tested", "seed", "median_error", "p90_error"
)  # fmt: skip
NOTHING = ""
"""The feature of a row that only states errors (of the price, which has no coefficients of its own)."""
VILLAGE_FEATURES = (
    "zone", "homes", "settlements", "fronts_m", "poled_lanes_m", "bare_lanes_m", "poled_paths_m",
    "bare_paths_m", "poled_tracks_m", "bare_tracks_m", "ways_m", "home_ways_m",
)  # fmt: skip
URBAN_FEATURES = (
    "zone", "homes", "buildings", "floors", "ducted_tree_m", "bare_tree_m", "ducted_streets_m",
    "bare_streets_m", "home_sides_m", "setbacks_m",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Features:
    """What a curve looks at, for Z zones; features of the other kinds are 0."""

    kind: NDArray[np.str_]
    """City, town or village, shape (Z,)."""
    values: Mapping[str, Floats]
    """Features by name, each of shape (Z,)."""

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """Return the names of the features of a kind of zone, in order."""
        return VILLAGE_FEATURES if kind == VILLAGE else URBAN_FEATURES

    def matrix(self, kind: str) -> Floats:
        """Return the features of a kind as columns, for every zone, shape (Z, features)."""
        return np.column_stack([self.values[name] for name in self.of_kind(kind)])


@dataclass(frozen=True)
class Fit:
    """How well a curve meets designs that it was not fitted to."""

    fitted: int
    """Zones whose designs made the coefficients."""
    tested: int
    """Other zones whose designs the curve was held against."""
    seed: int
    """Seed of the choice of zones."""
    median_error: float
    """Median of |curve / design - 1|."""
    p90_error: float
    """Its ninetieth percentile."""


@dataclass(frozen=True)
class Curves:
    """Coefficients by kind of zone, quantity and feature, and how well they fit."""

    coefficients: Mapping[tuple[str, str], Mapping[str, float]]
    """By kind and quantity, then by feature; each at least 0."""
    fits: Mapping[tuple[str, str], Fit] = field(default_factory=dict)
    """By kind and quantity, with the quantity ``price`` besides."""

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities, in order."""
        return tuple(sorted({quantity for _, quantity in self.coefficients}))

    def quantities(self, features: Features) -> dict[str, Floats]:
        """Return each quantity of the design of each zone, by name, each of shape (Z,); never negative."""
        names = self.names
        place = {name: column for column, name in enumerate(names)}
        result = np.zeros((len(features.kind), len(names)))
        for kind in ZONE_KINDS:
            rows = np.flatnonzero(features.kind == kind)
            columns = features.of_kind(kind)
            weights = np.zeros((len(columns), len(names)))
            for (of_kind, quantity), terms in self.coefficients.items():
                if of_kind == kind:
                    weights[:, place[quantity]] = [terms.get(name, 0.0) for name in columns]
            result[rows] = features.matrix(kind)[rows] @ weights
        return {name: result[:, column] for name, column in place.items()}


def features_of(
    area: Area, options: PatternOptions, streams: Streams, copper: Flags, rows: Rows | None = None
) -> Features:
    """Return the features of zones of an area, those of ``rows`` or all.

    Parameters
    ----------
    area, options, streams, copper
        As of ``sim.access.pattern.tile_of``, whose tiles the features describe.
    rows
        Rows of the zones, shape (Z,); a zone's features are the same whichever others are asked for.
    """
    rows = np.arange(len(area.zones)) if rows is None else rows
    there = settlements_of(area, rows, options, streams, copper)
    kind = area.zones["kind"].to_numpy(dtype=str)[rows]
    count = len(rows)
    homes = _summed(there.zone, there.homes.astype(np.float64), count)
    values = {"zone": (homes > 0).astype(np.float64), "homes": homes}
    values |= _village_features(there, options, count)
    values |= _urban_features(area, rows, kind, homes, options)
    return Features(kind, values)


def _summed(zone: Rows, values: Floats, count: int) -> Floats:
    """Return the sums of values by zone, shape (count,)."""
    return np.asarray(np.bincount(zone, values, count), dtype=np.float64)


def _village_features(there: Settlements, options: PatternOptions, count: int) -> dict[str, Floats]:
    def summed(values: Floats, where: Flags | None = None) -> Floats:
        return _summed(there.zone, values if where is None else values * where, count)

    front_m = np.sqrt(there.plot_m2)
    is_ribbon, is_compact, is_scattered = (
        there.pattern == PATTERNS.index(name) for name in (RIBBON, COMPACT, SCATTERED)
    )
    lanes = np.where(is_compact, compact_lanes(there.homes), -(-there.homes // options.lane_homes))
    along_m = (there.homes / 2.0 + 2.0 * np.maximum(lanes - 1, 0)) * front_m
    lanes_m = along_m * (is_ribbon | is_compact)
    paths_m = there.homes * front_m * is_scattered
    ways_m = _ways(there)
    return {
        "settlements": summed((there.homes > 0).astype(np.float64)),
        "fronts_m": summed(np.asarray(there.homes * front_m, dtype=np.float64)),
        "poled_lanes_m": summed(lanes_m, there.poles),
        "bare_lanes_m": summed(lanes_m, ~there.poles),
        "poled_paths_m": summed(paths_m, there.poles),
        "bare_paths_m": summed(paths_m, ~there.poles),
        "poled_tracks_m": summed(there.track_m, there.poles),
        "bare_tracks_m": summed(there.track_m, ~there.poles),
        "ways_m": summed(ways_m),
        "home_ways_m": summed(ways_m * there.homes),
    }


def _ways(there: Settlements) -> Floats:
    """Return the way of each settlement along the tracks to the first of its zone, shape (S,) [m]."""
    way_m, above = there.track_m.copy(), there.parent.copy()
    while (above >= 0).any():  # each round doubles the hops that are summed
        on = above >= 0
        way_m, above = (
            way_m + np.where(on, way_m[above], 0.0),
            np.where(on, above[above], -1),
        )
    return way_m


def _urban_features(
    area: Area, rows: Rows, kind: NDArray[np.str_], homes: Floats, options: PatternOptions
) -> dict[str, Floats]:
    land_m2 = area.zones["area_km2"].to_numpy(np.float64)[rows] * 1e6
    city, urban = kind == CITY, kind != VILLAGE
    walk_up, tower = homes_in_building(options, city=True)
    low = homes_in_building(options, city=False)[0]
    in_city = walk_up + options.tower_share * (tower - walk_up)
    floors_city = options.floors_city + options.tower_share * (options.floors_tower - options.floors_city)
    buildings = np.where(urban, homes / np.where(city, in_city, low), 0.0)
    side_m = np.sqrt(land_m2)
    block_m = np.where(city, options.block_city, options.block_town)
    streets_m = np.where(urban, 2.0 * streets_each_way(land_m2, block_m) * side_m, 0.0)
    tree_m = np.sqrt(buildings * land_m2)
    ducted = np.where(city, options.duct_share_city, options.duct_share_town)
    return {
        "buildings": buildings,
        "floors": buildings * np.where(city, floors_city, options.floors_town),
        "ducted_tree_m": tree_m * ducted,
        "bare_tree_m": tree_m * (1.0 - ducted),
        "ducted_streets_m": streets_m * ducted,
        "bare_streets_m": streets_m * (1.0 - ducted),
        "home_sides_m": np.where(urban, homes * side_m, 0.0),
        "setbacks_m": buildings * options.setback,
    }


def read_curves(path: Path) -> Curves:
    """Return the curves of a table; every bad row is reported at once as a ``DataError``."""
    coefficients: dict[tuple[str, str], dict[str, float]] = {}
    fits: dict[tuple[str, str], Fit] = {}
    problems: list[Problem] = []
    for line, row in read_csv_rows(path, COLUMNS):
        try:
            key, feature, coefficient = _checked(row)
            if feature in coefficients.get(key, {}):
                raise ValueError(f"{feature} of {key[0]} {key[1]} stands twice")
            if feature != NOTHING:
                coefficients.setdefault(key, {})[feature] = coefficient
            fits[key] = Fit(
                int(row["fitted"]), int(row["tested"]), int(row["seed"]),
                float(row["median_error"]), float(row["p90_error"]),
            )  # fmt: skip
        except ValueError as error:
            problems.append(Problem(str(path), row["quantity"], str(error), line))
    if problems:
        raise DataError(tuple(problems))
    return Curves(coefficients, fits)


def _checked(row: Mapping[str, str]) -> tuple[tuple[str, str], str, float]:
    """Return kind and quantity, feature and coefficient of a row; ``ValueError`` where it has none."""
    kind, feature = row["kind"], row["feature"]
    if kind not in ZONE_KINDS:
        raise ValueError(f"{kind!r} is no kind of zone; allowed: {', '.join(ZONE_KINDS)}")
    known = VILLAGE_FEATURES if kind == VILLAGE else URBAN_FEATURES
    if feature not in (*known, NOTHING):
        raise ValueError(f"{feature!r} is no feature of a {kind}; allowed: {', '.join(known)}")
    coefficient = float(row["coefficient"]) if feature != NOTHING else 0.0
    if not (np.isfinite(coefficient) and coefficient >= 0):
        raise ValueError(f"coefficient {coefficient:g} of {feature} is below 0")
    return (kind, row["quantity"]), feature, coefficient


def write_curves(path: Path, curves: Curves) -> None:
    """Write the table of some curves, in an order of its own."""
    rows: list[list[object]] = []
    for (kind, quantity), fit in sorted(curves.fits.items()):
        terms = curves.coefficients.get((kind, quantity), {}) or {NOTHING: 0.0}
        for feature, coefficient in terms.items():
            shown = f"{coefficient:.6g}" if feature != NOTHING else ""
            errors = (round(fit.median_error, 4), round(fit.p90_error, 4))
            rows.append([kind, quantity, feature, shown, fit.fitted, fit.tested, fit.seed, *errors])
    write_csv(path, list(COLUMNS), rows)
