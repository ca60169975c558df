"""Least squares of a curve with held parameters, and the covariance of what is estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.fitting.curves import Curve, Numbers
from sim.fitting.series import Points

LEVEL = "level_before"
"""Parameter that lifts the points before a break of definition: what they show over what the curve says."""
_SMALLEST = 1e-9

_MOST_CALLS = 4000


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted curve."""

    curve: Curve
    values: Mapping[str, float]
    """Every parameter of the curve, held or estimated, and the level before a break where there is one."""
    free: tuple[str, ...]
    """The parameters that were estimated, in the order of ``covariance``."""
    covariance: Numbers
    """Shape (free, free)."""
    error: float
    """Residual standard error, in the unit of the points or, for relative errors, as a share."""
    relative: bool
    degrees: int
    """Points over estimated parameters, at least 1."""
    points: Points
    break_month: str = ""

    @property
    def theta(self) -> Numbers:
        """Parameters of the curve in its order, shape (k,)."""
        return np.array([self.values[name] for name in self.curve.parameters])

    def __call__(self, inputs: Numbers) -> Numbers:
        """Return the curve at times (and rates), in the definition after any break, shape (n,)."""
        return self.curve.value(inputs, self.theta)

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard error of each estimated parameter."""
        return dict(zip(self.free, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    @cached_property
    def residuals(self) -> Numbers:
        """Observed less fitted, shape (n,)."""
        model = self(self.points.inputs)
        if self.break_month:
            model = model * np.where(self.points.before(self.break_month), self.values[LEVEL], 1.0)
        return self.points.values - model

    def pooled(self, others: Sequence[Fit]) -> Fit:
        """Return the fit with the residual error that it shares with others of its kind.

        Few points say little of how large errors are; series of one nature say it together, each weighted
        by its degrees of freedom.

        References
        ----------
        Snedecor and Cochran, Statistical Methods, Iowa State University Press 1989, section 6.7.
        """
        fits = (self, *others)
        degrees = sum(one.degrees for one in fits)
        variance = sum(one.degrees * one.error**2 for one in fits) / degrees
        if not self.error:
            return self
        covariance = self.covariance * (variance / self.error**2)
        return replace(self, covariance=covariance, error=float(np.sqrt(variance)), degrees=degrees)

    @property
    def rmse(self) -> float:
        """Root of the mean squared residual, in the unit of the points."""
        return float(np.sqrt(np.mean(self.residuals**2)))


def fit_curve(
    curve: Curve,
    points: Points,
    held: Mapping[str, float],
    *,
    relative: bool = False,
    break_month: str = "",
) -> Fit:
    """Return the least-squares fit of a curve to points.

    Parameters
    ----------
    curve
        The family.
    points
        What was observed; not-a-number is refused.
    held
        Parameters that are not estimated, by name.
    relative
        Whether errors are a share of the value rather than of one size.
    break_month
        Month YYYY-MM from which the definition is another: the level before it is estimated as a factor of
        its own. To fit one side alone, give only its points.

    Raises
    ------
    ValueError
        Where there are fewer points than parameters to estimate, or no fit is found.

    References
    ----------
    Seber and Wild, Nonlinear Regression, Wiley 1989, section 2.1: covariance s^2 (J'J)^-1.
    """
    from scipy.optimize import least_squares

    names = [*curve.parameters, LEVEL] if break_month else list(curve.parameters)
    free = tuple(name for name in names if name not in held)
    if len(points) < len(free):
        raise ValueError(f"{len(points)} point(s) cannot fix {len(free)} parameter(s): {', '.join(free)}")
    problem = _Problem(curve, points, free, dict(held), relative, break_month)
    low, high = problem.bounds()
    begin = np.clip(problem.begin(), low, high)
    found = least_squares(
        problem.errors, begin, jac=problem.jacobian, bounds=(low, high), x_scale="jac", max_nfev=_MOST_CALLS,
        xtol=1e-12, ftol=1e-12, gtol=1e-12,
    )  # fmt: skip
    if not np.isfinite(found.x).all() or not found.success:
        raise ValueError(f"no fit was found: {found.message}")
    degrees = max(len(points) - len(free), 1)
    variance = 2.0 * float(found.cost) / degrees
    covariance = variance * _inverse_of_squares(found.jac)
    values = {**held, **dict(zip(free, found.x.tolist(), strict=True))}
    return Fit(
        curve, values, free, np.asarray(covariance), float(np.sqrt(variance)), relative, degrees, points,
        break_month,
    )  # fmt: skip


def _inverse_of_squares(jacobian: Numbers) -> Numbers:
    """Return (J'J)^-1, worked out with columns of length 1: users and years differ by ten orders of size."""
    lengths = np.linalg.norm(jacobian, axis=0)
    lengths = np.where(lengths > 0.0, lengths, 1.0)
    unit = jacobian / lengths
    return np.asarray(np.linalg.pinv(unit.T @ unit) / np.outer(lengths, lengths))


@dataclass(frozen=True)
class _Problem:
    """What the solver asks for."""

    curve: Curve
    points: Points
    free: tuple[str, ...]
    held: dict[str, float]
    relative: bool
    break_month: str

    def _named(self, x: Numbers) -> dict[str, float]:
        return {**self.held, **dict(zip(self.free, x.tolist(), strict=True))}

    def _theta(self, x: Numbers) -> Numbers:
        named = self._named(x)
        return np.array([named[name] for name in self.curve.parameters])

    def _weights(self) -> Numbers:
        values = self.points.values
        return 1.0 / np.abs(values) if self.relative else np.ones(len(values))

    def _lift(self, x: Numbers) -> Numbers:
        if not self.break_month:
            return np.ones(len(self.points))
        return np.where(self.points.before(self.break_month), self._named(x)[LEVEL], 1.0)

    def errors(self, x: Numbers) -> Numbers:
        """Return weighted fitted less observed, shape (n,)."""
        model = self.curve.value(self.points.inputs, self._theta(x)) * self._lift(x)
        return (model - self.points.values) * self._weights()

    def jacobian(self, x: Numbers) -> Numbers:
        """Return the derivatives of the errors, shape (n, free)."""
        theta, inputs = self._theta(x), self.points.inputs
        columns = dict(zip(self.curve.parameters, self.curve.gradient(inputs, theta).T, strict=True))
        columns = {name: column * self._lift(x) for name, column in columns.items()}
        if self.break_month:
            before = self.points.before(self.break_month)
            columns[LEVEL] = np.where(before, self.curve.value(inputs, theta), 0.0)
        return np.column_stack([columns[name] for name in self.free]) * self._weights()[:, None]

    def bounds(self) -> tuple[Numbers, Numbers]:
        """Return the least and greatest value of each estimated parameter."""
        positive = self.curve.positive | {LEVEL}
        low = np.array([_SMALLEST if name in positive else -np.inf for name in self.free])
        return low, np.full(len(self.free), np.inf)

    def begin(self) -> Numbers:
        """Return where the search begins: by the curve, and by the middle of what was observed."""
        years, values = self.points.years, self.points.values
        half = self.held.get("ceiling", 2.0 * float(np.max(values))) / 2.0
        middle = float(years[np.argmin(np.abs(values - half))])
        guess = {
            "ceiling": 2.0 * half,
            "midpoint": middle,
            "launch": float(years.min()) - 1.0,
            "level": float(values[-1]),
            "origin": float(years.min()) - 1.0,
            LEVEL: 1.0,
            **self.curve.begin,
        }
        return np.array([guess[name] for name in self.free])
