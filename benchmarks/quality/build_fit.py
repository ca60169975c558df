"""Crews and paces fitted to the sourced build rates of ``benchmarks.quality.build_rates``.

    python -m benchmarks.quality.build_fit

Crews are fitted at the paces of the parameter table, with paces free, and with all paces at either end of
their ranges, which gives the range of crews.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from benchmarks.quality.build_rates import (
    GUIZHOU,
    GUIZHOU_BATCH,
    SKILLS,
    Rate,
    batch_months,
    crews_of,
    rates,
    say_rates,
    simulated,
)
from benchmarks.quality.build_works import CENTRES, RANGES, ROWS, Figures, kinds

PACES = ("trench", "aerial", "fitting")
BATCH_MONTHS = 19.0
"""Months from award to provincial completion of a village batch (12 to 24)."""
_WORKING_MONTH = 21.7
Floats = NDArray[np.float64]


def fit(start: Figures, free_paces: bool = False, rounds: int = 4) -> Figures:
    """Return crews, and paces where they are free, that meet the sourced rates best.

    Below saturation by more work than crews can do, a rate is in proportion to crews over days; how much of
    a crew's time is lost on the way, in seasons, holidays and queues is taken from a simulation, and the
    fit of the proportion repeated until both agree. Paces are held to their values before by the spread of
    their ranges: rates alone tell crews and paces apart only where kinds of work share crews.
    """
    wanted = [rate for rate in rates() if rate.fitted]
    now = start
    for _ in range(rounds):
        plenty = crews_of(now) | {"install": 200.0}
        lost = {rate.name: simulated(rate, now, plenty) / _proportion(rate, now) for rate in wanted}
        now = _solve(now, wanted, lost, (*SKILLS, *PACES) if free_paces else SKILLS)
    return now


def _solve(
    now: Figures, wanted: Sequence[Rate], lost: Mapping[str, float], names: tuple[str, ...]
) -> Figures:
    """Return the figures of these names that bring the proportions nearest to the sourced rates."""

    def at(logs: Floats) -> Figures:
        return replace(now, **{name: float(math.exp(log)) for name, log in zip(names, logs, strict=True)})

    def residuals(logs: Floats) -> list[float]:
        figures = at(logs)
        off = [
            math.log(_proportion(rate, figures) * lost[rate.name] / rate.wanted) / rate.spread
            for rate in wanted
        ]
        for name in (name for name in PACES if name in names):
            spread = math.log(RANGES[name][1] / RANGES[name][0]) / 4.0
            off.append(math.log(getattr(figures, name) / CENTRES[name]) / spread)
        return off

    first = np.log([getattr(now, name) for name in names])
    low = [math.log(RANGES[name][0]) if name in RANGES else -3.0 for name in names]
    high = [math.log(RANGES[name][1]) if name in RANGES else 5.0 for name in names]
    return at(least_squares(residuals, np.clip(first, low, high), bounds=(low, high)).x)


def _proportion(rate: Rate, figures: Figures) -> float:
    """Return how many units with what is built beside them the scarcest crews have days for in a month."""
    made, need = days_by_kind(figures), dict.fromkeys(SKILLS, 0.0)
    for name, per_month in ((rate.kind, rate.wanted), *rate.beside):
        for skill in SKILLS:
            need[skill] += made[name].get(skill, 0.0) * per_month / rate.wanted
    have = {skill: float(getattr(figures, skill)) for skill in SKILLS}
    return min(_WORKING_MONTH * have[skill] / need[skill] for skill in SKILLS if need[skill] > 0)


@cache
def _lengths() -> dict[tuple[str, str], float]:
    """Return the mean crew-days of a unit of each kind at a pace of one: days are a sum over paces."""
    one = replace(Figures.shipped(), trench=1.0, aerial=1.0)
    fast = replace(one, trench=1e9)
    found = {}
    for build in ("town", "village"):
        both, air = (
            float(np.mean([row["field_days"] for row in kinds(figures)[build].rows]))
            for figures in (one, fast)
        )
        mean = float(np.mean(kinds(one)[build].units))
        found[build, "trench"], found[build, "aerial"] = (both - air) / mean, air / mean
    return found


def days_by_kind(figures: Figures) -> dict[str, dict[str, float]]:
    """Return the mean crew-days by skill of one unit (home, village, site) of each kind."""
    length = _lengths()

    def laying(build: str) -> float:
        return length[build, "trench"] / figures.trench + length[build, "aerial"] / figures.aerial

    radio = {"radio": 0.8 * figures.fitting}
    return {
        "tower": {"civil": figures.fitting},
        "radio": radio,
        "radio too": radio,
        "town": {"civil": laying("town")},
        "village": {"fibre": laying("village")},
    }


def with_papers(figures: Figures) -> Figures:
    """Return the share of papers with which Guizhou's first batch takes nineteen months, within its range."""
    low, high = RANGES["papers"]

    def late(share: float) -> float:
        return batch_months(replace(figures, papers=share), GUIZHOU_BATCH / GUIZHOU) - BATCH_MONTHS

    if late(low) >= 0:
        return replace(figures, papers=low)
    if late(high) <= 0:
        return replace(figures, papers=high)
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (low, middle) if late(middle) > 0 else (middle, high)
    return replace(figures, papers=round((low + high) / 2, 3))


def with_install(figures: Figures) -> Figures:
    """Return the fewest fitting crews that hold up neither towns nor villages built at the same time."""
    town, village = (
        next(rate for rate in rates() if rate.kind == kind and rate.fitted) for kind in ("town", "village")
    )
    both = (
        replace(town, beside=(("village", village.wanted),)),
        replace(village, beside=(("town", town.wanted),)),
    )

    def found(number: float) -> list[float]:
        return [simulated(rate, figures, crews_of(figures) | {"install": number}) for rate in both]

    best = found(200.0)
    low, high = 0.5, 40.0
    for _ in range(7):
        middle = math.sqrt(low * high)
        short = any(now < 0.99 * most for now, most in zip(found(middle), best, strict=True))
        low, high = (middle, high) if short else (low, middle)
    return replace(figures, install=high)


def say_fit(shipped: Figures) -> None:
    """Print crews fitted at the paces of the table, with paces free, and at both ends of their ranges."""
    slow = {"trench": RANGES["trench"][0], "aerial": RANGES["aerial"][0], "fitting": RANGES["fitting"][1]}
    quick = {"trench": RANGES["trench"][1], "aerial": RANGES["aerial"][1], "fitting": RANGES["fitting"][0]}
    fits = {
        "at the paces of the table": with_install(with_papers(fit(shipped))),
        "paces free": fit(shipped, free_paces=True),
        "slowest paces": with_install(fit(replace(shipped, **slow))),
        "quickest paces": with_install(fit(replace(shipped, **quick))),
    }
    for name, figures in fits.items():
        told = ", ".join(f"{row} {getattr(figures, field):.3g}" for field, row in ROWS.items())
        print(f"fitted, {name}: {told}")


if __name__ == "__main__":
    say_fit(Figures.shipped())
    say_rates(Figures.shipped())
