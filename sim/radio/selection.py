"""Which path-loss model answers for a site: one documented table over band, surroundings and reach.

One site is one model at every distance, so that no ring is seen on a map where two models meet. Where
two rows of the table meet (at 1.5 and 2 GHz, at an antenna of 15 m), the medians of the two differ by at
most ``SEAM_DB`` for antennas of 20 to 50 m between 0.1 and 5 km.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError, Problem
from sim.radio.clutter import STATISTICAL_NEAREST_M, statistical_clutter_db
from sim.radio.hata import City, Environment
from sim.radio.pathloss import PATH_LOSS_MODELS, FreeSpace, PathLossModel

SEAM_DB = 9.0
"""The most by which neighbouring rows differ where they meet [dB]."""
ALL: tuple[Environment, ...] = ("urban", "suburban", "open")
_BUILT: tuple[Environment, ...] = ("urban", "suburban")


@dataclass(frozen=True)
class Choice:
    """One row: the first row whose every condition holds is taken."""

    model: str
    """Key of ``PATH_LOSS_MODELS``."""
    environments: tuple[Environment, ...]
    mhz: tuple[float, float]
    """From and to, both included: where two rows share an end, the first has it [MHz]."""
    below_m: float = np.inf
    """Base antennas lower than this [m]."""
    reach_m: float = np.inf
    """Farthest reach that the row is taken for [m]."""
    line_of_sight: bool | None = None
    """For the models that ask."""
    reason: str = ""
    """Why this model, and what happens outside its published range."""

    def holds(self, mhz: float, environment: Environment, base_m: float, reach_m: float) -> bool:
        """Return whether every condition holds."""
        return (
            environment in self.environments
            and self.mhz[0] <= mhz <= self.mhz[1]
            and base_m < self.below_m
            and reach_m <= self.reach_m
        )


MODEL_CHOICE: tuple[Choice, ...] = (
    Choice(
        "okumura_hata",
        ALL,
        (150.0, 1500.0),
        reach_m=20_000.0,
        reason="Fitted to measurements in these bands over 1 to 20 km. Nearer than 1 km its line goes on, "
        "never under free space.",
    ),
    Choice(
        "cost231_hata",
        ALL,
        (1500.0, 2000.0),
        reach_m=20_000.0,
        reason="Hata's formula carried on to 2 GHz; nearer than 1 km as there.",
    ),
    Choice(
        "tr38901_umi",
        ("urban",),
        (2000.0, 100_000.0),
        below_m=15.0,
        reach_m=20_000.0,
        line_of_sight=False,
        reason="An antenna under 15 m stands among the roofs. Beyond 5 km the line goes on: what a city's "
        "site sends so far only interferes.",
    ),
    Choice(
        "tr38901_uma",
        ("urban",),
        (2000.0, 100_000.0),
        reach_m=20_000.0,
        line_of_sight=False,
        reason="The urban model above 2 GHz; within 6 dB of COST 231 at 2 GHz between 1 and 5 km. Beyond "
        "5 km the line goes on: free space with median clutter would lose 20 to 24 dB less there.",
    ),
    Choice(
        "tr38901_rma",
        ("suburban",),
        (2000.0, 30_000.0),
        reach_m=20_000.0,
        line_of_sight=False,
        reason="Towns and villages with houses of 5 m along streets of 20 m; within 6 dB of COST 231's "
        "suburban loss at 2 GHz, where the urban model would lie 9 to 18 dB above it. Beyond 5 km the line "
        "goes on.",
    ),
    Choice(
        "tr38901_rma",
        ("open",),
        (2000.0, 30_000.0),
        reach_m=10_000.0,
        line_of_sight=True,
        reason="Open country is what stands in nobody's way: line of sight with its ground reflection, "
        "within 9 dB of COST 231's open loss at 2 GHz, where the same model without line of sight would "
        "lie 17 to 26 dB above it. Terrain is added by diffraction. At 10 km free space with all of the "
        "smooth earth's diffraction takes over up to 14 dB lower.",
    ),
    Choice(
        "free_space",
        ALL,
        (1.0, 300_000.0),
        reason="No empirical model is valid: open country above 2 GHz beyond 10 km (2.3 and 2.6 GHz TD-LTE, "
        "say), every band beyond 20 km, below 150 MHz, above 30 GHz outside cities. Free space with all of "
        "the terrain's diffraction, that of the smooth earth included, and statistical clutter at the "
        "receiver in urban and suburban surroundings.",
    ),
)
"""The table, first row first."""


def choose(
    frequency_mhz: float, environment: Environment, base_height_m: float, reach_m: float = 0.0
) -> Choice:
    """Return the row of the table that answers; ``DataError`` where none does."""
    problems = [
        Problem("path loss", name, f"is {value:g}, but must be above 0")
        for name, value in (("frequency_mhz", frequency_mhz), ("base_height_m", base_height_m))
        if not 0.0 < value < np.inf
    ]
    if not 0.0 <= reach_m < np.inf:
        problems.append(Problem("path loss", "reach_m", f"is {reach_m:g}, but must be 0 or more"))
    if environment not in ALL:
        problems.append(
            Problem("path loss", "environment", f"is {environment!r}, not one of {', '.join(ALL)}")
        )
    if problems:
        raise DataError(tuple(problems))
    for row in MODEL_CHOICE:
        if row.holds(frequency_mhz, environment, base_height_m, reach_m):
            return row
    low, high = FreeSpace.valid_mhz
    message = f"is {frequency_mhz:g}: outside every model ({low:g} to {high:g} MHz)"
    raise DataError((Problem("path loss", "frequency_mhz", message),))


def choose_model(
    frequency_mhz: float,
    environment: Environment,
    base_height_m: float,
    terminal_height_m: float = 1.5,
    *,
    reach_m: float = 0.0,
    city: City = "medium",
) -> PathLossModel:
    """Return the model that the table gives for a site, its parameters filled in.

    Parameters
    ----------
    frequency_mhz
        Carrier frequency; outside every model it is a ``DataError``.
    environment
        Surroundings of the terminals.
    base_height_m, terminal_height_m
        Antennas above ground.
    reach_m
        Farthest distance at which the site is to serve (not merely to interfere); 0 asks for no more than
        the model's own range.
    city
        Size of the city, for urban surroundings and the models that know it.
    """
    row = choose(frequency_mhz, environment, base_height_m, reach_m)
    model = PATH_LOSS_MODELS[row.model]
    if not terminal_height_m > 0.0:
        problem = Problem("path loss", "terminal_height_m", f"is {terminal_height_m:g}, but must be above 0")
        raise DataError((problem,))
    values = {
        "frequency_mhz": frequency_mhz,
        "base_height_m": base_height_m,
        "terminal_height_m": terminal_height_m,
        "environment": environment,
        "city": city if environment == "urban" else "medium",
        "line_of_sight": row.line_of_sight,
    }
    return model.model_validate({name: value for name, value in values.items() if name in model.model_fields})


def receiver_clutter_db(
    model: PathLossModel, environment: Environment, distance_m: ArrayLike, probability: float = 0.5
) -> NDArray[np.float64]:
    """Return the clutter loss that the chosen model leaves to the receiver, same shape as the distance [dB].

    Zero for models that hold their clutter and in open country; nearer than 250 m as at 250 m.
    """
    distance = np.asarray(distance_m, dtype=np.float64)
    if model.terrain == "excess" or environment not in _BUILT:
        return np.zeros(distance.shape)
    return statistical_clutter_db(
        model.frequency_mhz, np.maximum(distance, STATISTICAL_NEAREST_M), probability
    )
