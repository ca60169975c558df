"""Things that are connected over mobile networks: how many there could be, and how many are wanted when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from sim.clock import Horizon, month_number
from sim.demand.curves import bass, years_since
from sim.demand.units import Share
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.demand import NBIOT, Things
from sim.tables.layers import ZONE_KINDS

Rate = Annotated[float, Field(ge=0, le=5), Quantity("1/yr")]
Positive = Annotated[float, Field(gt=0, le=5), Quantity("1/yr")]


class UseCase(Options):
    """One use of connected things; its potential is the sum of what homes and what residents have."""

    network: Literal["nbiot", "cellular"]
    """What carries it: NB-IoT, or the networks that serve handsets [name]."""
    first_month: str
    """Month in which adoption begins [YYYY-MM]."""
    per_home: Annotated[float, Field(ge=0), Quantity("connections/home")] = 0.0
    """Things that a home could have connected [connections/home]."""
    per_resident: Annotated[float, Field(ge=0), Quantity("connections/person")] = 0.0
    """Things that there could be for each resident [connections/person]."""
    kinds: tuple[Literal["city", "town", "village"], ...] = ("city", "town", "village")
    """Kinds of zones that have them [names]."""
    innovation: Positive
    """Part of the rest that adopts of itself in a year [1/yr]."""
    imitation: Rate
    """Part of the rest that adopts in a year because others have, once all have [1/yr]."""
    deep_share: Share = 0.0
    """Share of the things that stand deep indoors: cellars, shafts, meter boxes [share]."""

    @field_validator("first_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    @model_validator(mode="after")
    def _has_things_within_reach(self) -> Self:
        if self.per_home == 0.0 and self.per_resident == 0.0:
            raise ValueError("a use needs things: give per_home or per_resident above 0")
        if self.deep_share > 0.0 and self.network != NBIOT:
            raise ValueError("deep indoors only NB-IoT is reckoned with: set deep_share to 0 or the network")
        return self


class ThingsOptions(Options):
    """Which things are connected."""

    uses: Mapping[str, UseCase]
    """Uses by name."""

    @field_validator("uses")
    @classmethod
    def _names_apart(cls, value: Mapping[str, UseCase]) -> Mapping[str, UseCase]:
        if "all" in value:
            raise ValueError("'all' is the sum of the uses; call the use something else")
        return value


def estimate_things(options: ThingsOptions, horizon: Horizon) -> Things:
    """Return how many things there could be of each use, and the share of them that is wanted by month."""
    uses = options.uses
    held = np.array([[kind in use.kinds for kind in ZONE_KINDS] for use in uses.values()], dtype=np.float64)
    held = held.reshape(len(uses), len(ZONE_KINDS))
    curves = [
        bass(use.innovation, use.imitation, years_since(use.first_month, horizon)) for use in uses.values()
    ]
    return Things(
        uses=tuple(uses),
        networks=tuple(use.network for use in uses.values()),
        per_home=held * np.array([use.per_home for use in uses.values()])[:, None],
        per_resident=held * np.array([use.per_resident for use in uses.values()])[:, None],
        adopted=np.array(curves).reshape(len(uses), horizon.months).T,
        deep_share=np.array([use.deep_share for use in uses.values()]),
    )
