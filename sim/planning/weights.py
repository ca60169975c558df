"""What a home, person or kilometre is worth to the planner: the weights, and the keys that set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity
from sim.tables.plan import CAPACITY, EGRESS, FIXED, IOT, MOBILE, PUBLIC, TELEVISION, TRANSPORT

MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Weights:
    """Worth of a home, person or kilometre newly served: beside targets, for them, by place and revenue."""

    base: Mapping[str, float]
    """Of a home or person by use, beside targets; nothing for a use left out."""
    late_share: float
    """What is left of a need's weight after its due month, 0..1."""
    road_km: float = 0.0
    """Of one kilometre of road or railway newly served by mobile, beside targets."""
    technology_share: Mapping[str, float] = field(default_factory=dict)
    """What a home or person counts less by technology or way of building, beside targets; else whole."""
    deadline_gain: float = 0.0
    """How much more than one with time to spare a need weighs in its due month, as a share of its weight."""
    deadline_months: float = 1.0
    """Months before the due month in which the weight of a need begins to rise."""
    shortfall_share: float = 0.0
    """How far the rate that a home has already takes from its claim to a wanted one, 0..1."""
    equity_village: float = 0.0
    """Share of base and targets that is added in villages."""
    equity_poor_county: float = 0.0
    """Share of base and targets that is added in poor counties."""
    revenue: Mapping[str, float] = field(default_factory=dict)
    """Of a home or person that comes to pay, by use; nothing for a use left out."""

    def urgency(self, months_left: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the factor on the weight of needs that fall due in so many months, same shape.

        1 with ``deadline_months`` or more to go, rising in a straight line to ``1 + deadline_gain`` in
        the due month; ``late_share`` once that has passed (negative months).
        """
        nearness = np.clip(1.0 - months_left / self.deadline_months, 0.0, 1.0)
        return np.where(months_left >= 0, 1.0 + self.deadline_gain * nearness, self.late_share)

    def equity(self, village: NDArray[np.bool_], poor: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the share of base and targets that is added in each zone, shape (Z,)."""
        return self.equity_village * village + self.equity_poor_county * poor


class WorthOptions(Options):
    """What a planner wants: the worth of homes, persons and roads newly served."""

    worth_home: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a home whose rate rises, beside what a target adds [1]."""
    worth_person_mobile: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person newly covered by mobile, beside what a target adds [1]."""
    worth_person_iot: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person at a point newly covered for things, beside what a target adds [1]."""
    worth_person_public: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person around a public place newly given wireless LAN, beside what a target adds [1]."""
    worth_home_transport: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a home whose traffic the transport network would not carry, once it is enlarged [1]."""
    worth_road_km: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a kilometre of road or railway newly covered by mobile, beside what a target adds [1]."""
    worth_person_capacity: Annotated[float, Field(ge=0), Quantity("1")]
    """Worth of a person in a cell that its busy hour outgrows, once the cell is enlarged [1]."""
    technology_shares: dict[str, Annotated[float, Field(ge=0, le=1), Quantity("share")]]
    """What a home or person counts of the worth above by technology or build; else whole [share]."""
    late_share: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """What is left of a target's weight once its due month has passed [share]."""
    deadline_gain: Annotated[float, Field(ge=0), Quantity("share")]
    """How much more a target weighs in its due month than with ``deadline_years`` or more to go [share]."""
    deadline_years: Annotated[float, Field(gt=0), Quantity("yr")]
    """Years before its due month from which a target weighs more month by month [yr]."""
    shortfall_share: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """How far the rate that a home has already takes from its claim to a wanted rate: 0 counts a home
    below it whole, 1 by the part of the rate that it still lacks [share]."""
    equity_village: Annotated[float, Field(ge=0), Quantity("share")]
    """Worth added in villages, as a share of what serving them is worth otherwise [share]."""
    equity_poor_county: Annotated[float, Field(ge=0), Quantity("share")]
    """Worth added in poor counties, as a share of what serving them is worth otherwise [share]."""
    revenue_weight: Annotated[float, Field(ge=0), Quantity("1/yuan")]
    """Worth of a yuan of yearly revenue from those newly served [1/yuan]."""
    arpu_fixed: Annotated[float, Field(ge=0), Quantity("yuan/month")]
    """Revenue of a fixed line [yuan/month]."""
    arpu_mobile: Annotated[float, Field(ge=0), Quantity("yuan/month")]
    """Revenue of a mobile user [yuan/month]."""

    @property
    def weights(self) -> Weights:
        """The worth of one home, person or kilometre."""
        base = {
            **dict.fromkeys((FIXED, TELEVISION), self.worth_home),
            **dict.fromkeys((TRANSPORT, EGRESS), self.worth_home_transport),
            MOBILE: self.worth_person_mobile,
            IOT: self.worth_person_iot,
            CAPACITY: self.worth_person_capacity,
            PUBLIC: self.worth_person_public,
        }
        per_yuan = MONTHS_PER_YEAR * self.revenue_weight
        lines = dict.fromkeys((FIXED, TELEVISION), per_yuan * self.arpu_fixed)
        return Weights(
            base=base,
            late_share=self.late_share,
            road_km=self.worth_road_km,
            technology_share=self.technology_shares,
            deadline_gain=self.deadline_gain,
            deadline_months=MONTHS_PER_YEAR * self.deadline_years,
            shortfall_share=self.shortfall_share,
            equity_village=self.equity_village,
            equity_poor_county=self.equity_poor_county,
            revenue={**lines, MOBILE: per_yuan * self.arpu_mobile},
        )
