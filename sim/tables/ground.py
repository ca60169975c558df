"""What a fold must know beside the log: the land, month 0, and everything that was proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.tables.layers import RIDES_ON
from sim.tables.transport import StandingTransport

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class NewHousing:
    """Homes that the building code wants with fibre: M months, Z zones."""

    built: NDArray[np.float32]
    """Homes built in each month under the code, replacements included, shape (M, Z)."""
    share: float
    """Share of them that is built as the code wants, 0..1."""
    mbps: float
    """Rate on offer in such a home [Mbit/s]."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What the fold must know of the land and of month 0: Z zones, P points, M months."""

    homes: NDArray[np.int32]
    """Homes, shape (M, Z)."""
    population: NDArray[np.int32]
    """Residents, shape (M, Z)."""
    point_zone: NDArray[np.int32]
    """Zone of each point, shape (P,)."""
    point_people: NDArray[np.int32]
    """Residents of each point, shape (P,)."""
    location_count: int
    """Rows of the locations table."""
    standing_share: Mapping[str, NDArray[np.float64]]
    """Share of homes passed in month 0 by fixed technology, shape (Z,)."""
    standing_mbps: Mapping[str, NDArray[np.float64]]
    """Rate on offer over it, shape (Z,)."""
    standing_subscribers: Mapping[str, NDArray[np.float64]]
    """Subscribers in month 0 by fixed technology, shape (Z,)."""
    standing_points: Mapping[str, NDArray[np.bool_]]
    """Points covered in month 0 by radio technology, shape (P,)."""
    standing_sites: Mapping[str, NDArray[np.int32]]
    """Locations that carry each radio technology in month 0."""
    standing_sectors: pd.DataFrame | None = None
    """Sectors of month 0 (contract ``SECTORS``)."""
    transport: StandingTransport | None = None
    """The network behind access in month 0; ``None`` where a run leaves it out."""
    presence: NDArray[np.int32] | None = None
    """Point of presence of each zone, -1 without one, shape (Z,); every zone its own where left out."""
    new_housing: NewHousing | None = None
    """Homes that come with fibre; none without."""

    within_reach: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Share of homes that a technology reaches at all, shape (Z,); every home of those not named."""

    def reach(self, technology: str) -> NDArray[np.float64]:
        """Return the share of each zone's homes that a technology can ever pass, shape (Z,).

        Those within its reach and, where it rides on plant of month 0, those that this plant passes.
        """
        import numpy as np

        if technology in self.within_reach:
            return self.within_reach[technology]
        every = np.ones(self.homes.shape[1])
        plant = RIDES_ON.get(technology)
        return every if plant is None else self.standing_share.get(plant, every)


@dataclass(frozen=True, eq=False)
class Projects:
    """Everything that was proposed over all releases, as plain arrays for folding."""

    technologies: Mapping[str, str]
    """Use of each technology that the state shows, in order."""
    project_rows: Mapping[str, int]
    """Row of each project in the arrays below."""
    technology: NDArray[np.str_]
    """Technology of each project."""
    zone: NDArray[np.int32]
    """Zone of each project."""
    location: NDArray[np.int32]
    """Location of each project, -1 without one."""
    quantity: NDArray[np.int32]
    """Units (PON ports, sites, terminals) of each project."""
    sites: NDArray[np.int32]
    """Radio sites that each project puts in service; 0 for what is added to a site."""
    per_home: frozenset[str]
    """Fixed technologies whose units are homes: a project serves as many as it has units."""
    unit_mbps: Mapping[str, float]
    """Rate of one shared unit by technology: a PON port, a sector, a terminal's committed rate."""
    pairs: pd.DataFrame
    """The service table with ``row`` (project row) in place of the identifier."""
    opex_fen: NDArray[np.int64] | None = None
    """Yearly running cost of each project; none where it is not asked for [fen/yr]."""
    one_by_one: tuple[str, ...] = ("ftth", "cable")
    """Fixed technologies whose lines are put in one by one as homes come forward; others serve at once."""
