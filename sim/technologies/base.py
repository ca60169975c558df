"""The contract of a technology: what could be built here, and what work it takes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.clock import month_number
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.plan import ITEMS, Proposal, Task

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.routes import Routes
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

YuanPerUnit = Annotated[float, Field(ge=0), Quantity("yuan/unit")]
YuanPerSite = Annotated[float, Field(ge=0), Quantity("yuan/site")]
YuanPerHome = Annotated[float, Field(ge=0), Quantity("yuan/home")]
YuanPerMetre = Annotated[float, Field(ge=0), Quantity("yuan/m")]
Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Days = Annotated[float, Field(ge=0), Quantity("days")]
Months = Annotated[float, Field(ge=0), Quantity("months")]
KmPerDay = Annotated[float, Field(gt=0), Quantity("km/crew/day")]
Sigma = Annotated[float, Field(ge=0, le=3), Quantity("ln")]
Metres = Annotated[float, Field(gt=0), Quantity("m")]
Decibel = Annotated[float, Field(ge=0), Quantity("dB")]
Remaining = Annotated[float, Field(ge=0, le=10), Quantity("share")]
"""What remains of something under a rule: 1 leaves it as it is, more than 1 adds to it."""
Inside = Annotated[float, Field(gt=0, lt=1), Quantity("share")]
"""A probability that is neither never nor always: no margin would hold these."""
Mbps = Annotated[float, Field(gt=0), Quantity("Mbps")]

PERMIT_PHASE = "permit"
WORKING_DAYS_PER_MONTH = 5.0 / 7.0 * 365.25 / 12.0


@dataclass(frozen=True, eq=False)
class Plant:
    """What stands or is under way when a technology is asked for its candidates."""

    site_locations: Mapping[str, NDArray[np.int32]]
    """Rows of the locations that carry each technology (gsm, umts, lte, nbiot)."""
    homes_share: Mapping[str, NDArray[np.float64]]
    """Share of homes passed in each zone by each fixed technology, shape (Z,)."""
    units: Mapping[str, int]
    """Units in use of technologies with a finite regional capacity (satellite terminals)."""
    standing_sites: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    """Rows of the locations that carried each technology in month 0."""
    sectors: pd.DataFrame | None = None
    """Sectors of month 0 (contract ``SECTORS``); every site has the carrier of new sites without."""
    taken: frozenset[str] = frozenset()
    """Projects that stand or are under way."""
    behind: NDArray[np.object_] | None = None
    """Transport project that access in each zone requires, empty where what stands is enough, shape (Z,);
    ``None`` where transport is left out."""
    routes: Routes | None = None
    """Feeder routes of the area, shared by everything that is reached over them; ``None`` where a
    technology prices its own way."""

    def required(self, zones: NDArray[np.integer]) -> NDArray[np.object_]:
        """Return the transport project that access in each of these zones requires, empty without one."""
        if self.behind is None:
            return np.full(len(zones), "", dtype=object)
        return np.asarray(self.behind[zones], dtype=object)


class Technology(Options, ABC):
    """An access technology: its fields are parameters, its methods answer two questions."""

    name: ClassVar[str]
    use: ClassVar[str]
    reacts_to: ClassVar[tuple[str, ...]] = ()
    """Technologies whose new plant changes what this one could build."""
    per_home: ClassVar[bool] = False
    """Whether a unit of it serves one home (a terminal), so that a project serves as many as it has."""
    skills: ClassVar[tuple[str, ...]] = ()
    """Skills of the field crews that its works need."""

    available_from: str
    """First month in which building may be funded (licence, standard, satellite in orbit) [YYYY-MM]."""
    permits: dict[str, Remaining] = Field(default_factory=dict)
    """Part of the time of its permits that rules leave, by name of the rule; where there are several they
    multiply [share]."""

    @field_validator("available_from")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    @abstractmethod
    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return candidates, shared assets and service; every zone it could serve has one."""

    @abstractmethod
    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return the steps of building a candidate (a row of the candidates table), in order."""

    def steps(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return the tasks of a candidate, its permits as long as the rules in force leave them."""
        tasks = self.tasks(candidate)
        if not self.permits:
            return tasks
        part = math.prod(self.permits.values())
        return tuple(
            replace(task, days=task.days * part) if task.phase == PERMIT_PHASE else task for task in tasks
        )

    def patience(self) -> float:
        """Return the share by which that plant must have grown before the technology is asked again."""
        return 0.0

    def unit_mbps(self) -> float | None:
        """Return the rate of one shared unit (PON port, sector) [Mbit/s]; None where nothing is shared."""
        return None

    def connect_yuan(self) -> float:
        """Return the price of connecting one new subscriber [yuan], charged when it happens."""
        return 0.0


def fen(yuan: NDArray[np.float64] | float) -> NDArray[np.int64]:
    """Return money in fen, rounded to whole fen, same shape."""
    return np.rint(np.asarray(yuan, dtype=np.float64) * 100.0).astype(np.int64)


def prices(
    yuan_by_item: Mapping[str, NDArray[np.float64] | float], count: int
) -> dict[str, NDArray[np.int64]]:
    """Return the price columns of ``count`` candidates or assets [fen]; items not named cost nothing."""
    columns = {}
    for item in ITEMS:
        yuan = yuan_by_item.get(item, 0.0)
        columns[f"{item}_fen"] = np.broadcast_to(fen(yuan), (count,))
    return columns


def design_homes(zones: pd.DataFrame) -> NDArray[np.float64]:
    """Return the homes a network is dimensioned for: the larger of both censuses, shape (Z,)."""
    homes = np.maximum(zones["homes_2010"].to_numpy(), zones["homes_2020"].to_numpy())
    return np.asarray(homes, dtype=np.float64)
