"""Cost curves: what the design of every zone of a province would need, without designing each.

How to price them: ``features_of`` (``sim.access.features``) measures every zone of an area;
``Curves.quantities`` turns the features into the quantities of designs, each a sum of features with
coefficients of the zone's kind, fitted to full designs by ``sim.access.calibrate``; and
``sim.access.quantities.priced`` gives their price by stage (building, connecting) and item, at any prices and
in the cheapest way, as it does for the quantities of a single design::

    features = features_of(area, pattern, design, copper, upstream_m)
    amounts = read_curves(path).quantities(features)        # "drop" are the ports, "homes passed" the homes
    yuan = priced(amounts, design, features.built_up)       # {("build", "civil"): array over zones, ...}

Every coefficient is at least 0 and every feature grows at most in proportion to the distances inside a zone
while homes and pattern stay. So nothing is ever negative, and denser settlement never takes more of anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.access.features import Features, feature_names, features_of
from sim.errors import DataError, Problem
from sim.files import read_csv_rows, write_csv
from sim.tables.layers import ZONE_KINDS

__all__ = ["Curves", "Features", "Fit", "features_of", "read_curves", "write_curves"]

Floats = NDArray[np.float64]

COLUMNS = (
    "kind", "quantity", "feature", "coefficient", "fitted", "tested", "seed", "median_error", "p90_error"
)  # fmt: skip
NOTHING = ""
"""The feature of a row that only states errors (of the price, which has no coefficients of its own)."""


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
        """Return each quantity of the design of each zone, by name, each of shape (Z,); never negative.

        Raises ``DataError`` where zones are of a kind without curves.
        """
        self._check(features)
        names = self.names
        place = {name: column for column, name in enumerate(names)}
        result = np.zeros((len(features.kind), len(names)))
        for kind in ZONE_KINDS:
            rows = np.flatnonzero(features.kind == kind)
            columns = feature_names(kind)
            weights = np.zeros((len(columns), len(names)))
            for (of_kind, quantity), terms in self.coefficients.items():
                if of_kind == kind:
                    weights[:, place[quantity]] = [terms.get(name, 0.0) for name in columns]
            result[rows] = features.matrix(kind)[rows] @ weights
        return {name: result[:, column] for name, column in place.items()}

    def _check(self, features: Features) -> None:
        known = {kind for kind, _ in self.coefficients}
        missing = [kind for kind in ZONE_KINDS if kind not in known and (features.kind == kind).any()]
        if missing:
            message = "has no curves; calibrate on an area that has such zones: rollout calibrate FILE"
            raise DataError(tuple(Problem("cost curves", kind, message) for kind in missing))


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
    known = feature_names(kind)
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
