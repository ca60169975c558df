"""New homes that come with fibre: the building code and what is built under it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.clock import Horizon, month_number
from sim.demand.units import Share
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.ground import NewHousing
from sim.tables.layers import ZONE_KINDS


class NewHousingOptions(Options):
    """The building code by which new homes come with fibre, at the builder's cost."""

    first_month: str
    """First month in which new homes must come with fibre [YYYY-MM]."""
    kinds: tuple[Literal["city", "town", "village"], ...]
    """Kinds of zones in which the code holds [names]."""
    share: Share
    """Share of new homes that is built as the code wants [share]."""
    replaced_per_year: Annotated[float, Field(ge=0, le=1), Quantity("1/yr")]
    """Homes pulled down and built anew in a year, of those that stand [1/yr]."""

    @field_validator("first_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    def built(
        self, homes: NDArray[np.int32], zone_kind: NDArray[np.int8], horizon: Horizon
    ) -> NDArray[np.float32]:
        """Return the homes built under the code in each month of the horizon, shape (M, Z).

        ``homes`` has shape (M, Z) and ``zone_kind`` the rows of ``ZONE_KINDS``, shape (Z,). What is built
        is what a zone has gained over the most homes it had before (so that rounding builds nothing), and
        what replaces homes pulled down. Month 0 builds nothing: its homes are those that stand.
        """
        most = np.maximum.accumulate(homes, axis=0).astype(np.float64)
        built = np.diff(most, axis=0, prepend=most[:1])
        built[1:] += homes[:-1] * (self.replaced_per_year / 12.0)
        built[: max(horizon.index(self.first_month), 0)] = 0.0
        held = np.isin(zone_kind, [ZONE_KINDS.index(kind) for kind in self.kinds])
        return np.where(held[None, :], built, 0.0).astype(np.float32)

    def housing(
        self, homes: NDArray[np.int32], zone_kind: NDArray[np.int8], horizon: Horizon, mbps: float
    ) -> NewHousing:
        """Return the new homes of an area, on whose fibre a rate is on offer [Mbit/s]."""
        return NewHousing(built=self.built(homes, zone_kind, horizon), share=self.share, mbps=mbps)
