"""Satellite fallback: paid terminals on a finite regional capacity, for villages out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from sim.parameters import Quantity
from sim.tables.layers import VILLAGE
from sim.tables.plan import ASSETS, CANDIDATES, FIXED, NEEDED, SERVICE, TERMINALS, Proposal, Task
from sim.technologies.base import Days, Mbps, Plant, Share, Sigma, Technology, YuanPerUnit, prices
from sim.technologies.steps import TEST_PART, TEST_SHARE, acceptance, papers

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand


class Satellite(Technology):
    """Broadband by a high-throughput satellite."""

    name: ClassVar[str] = "satellite"
    use: ClassVar[str] = FIXED
    per_home: ClassVar[bool] = True
    skills: ClassVar[tuple[str, ...]] = ("install",)
    reacts_to: ClassVar[tuple[str, ...]] = ("ftth", "satellite")

    regional_capacity: Mbps
    """Capacity of the beams over the province that households may use [Mbit/s]."""
    committed_rate: Mbps
    """Rate kept for each terminal at the busy hour [Mbit/s]."""
    peak_rate: Mbps
    """Rate of one terminal alone [Mbit/s]."""
    homes_share: Share
    """Share of a village's homes that terminals are offered to [share]."""
    terminal_price: YuanPerUnit
    """Terminal with dish, fitted [yuan/unit]."""
    opex_per_terminal: Annotated[float, Field(ge=0), Quantity("yuan/unit/yr")]
    """Capacity rent of one terminal [yuan/unit/yr]."""
    lead_time: Days
    """Procurement, median [days]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead time [ln]."""
    fitting_days: Days
    """Days of a crew for one terminal [days]."""

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return the most remote villages without a line, as many as the capacity left can serve."""
        zones = area.zones
        lines = sum(plant.homes_share.values(), np.zeros(len(zones)))
        homes = zones["homes_2020"].to_numpy()
        terminals = np.ceil(homes * self.homes_share).astype(np.int64)
        open_ = (zones["kind"].to_numpy() == VILLAGE) & (lines <= 0.0) & (terminals > 0)
        rows = np.flatnonzero(open_)
        rows = rows[np.lexsort((rows, -np.round(zones["pop_route_m"].to_numpy()[rows])))]
        left = int(self.regional_capacity // self.committed_rate) - plant.units.get(self.name, 0)
        rows = np.sort(rows[np.cumsum(terminals[rows]) <= left])
        if len(rows) == 0:
            return Proposal(CANDIDATES.empty(), ASSETS.empty(), NEEDED.empty(), SERVICE.empty())
        ids = np.array([f"satellite:{zone}" for zone in zones["zone_id"]])[rows]
        count = terminals[rows].astype(np.float64)
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=ids,
                technology=self.name,
                use=self.use,
                zone=rows,
                location=-1,
                **prices({"terminal": count * self.terminal_price}, len(rows)),
                opex_fen_per_year=np.rint(count * self.opex_per_terminal * 100.0),
                available_month=horizon.index(self.available_from),
                field_days=count * self.fitting_days,
                build=TERMINALS,
                quantity=count,
                requires="",
            ),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=SERVICE.frame(
                project_id=ids,
                zone=rows,
                point=-1,
                peak_mbps=self.peak_rate,
                capacity_mbps=self.committed_rate,
            ),
        )

    def unit_mbps(self) -> float:
        """Return the rate kept for one terminal [Mbit/s]."""
        return self.committed_rate

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return papers, fitting at the homes, and the test of the links."""
        days = float(candidate["field_days"])
        return (
            *papers(self.lead_time, "satellite lead time", self.lead_time_spread, 0.7),
            Task("fit", days * (1.0 - TEST_PART), "install", 0.3 - TEST_SHARE, "satellite field", 0.0),
            acceptance(days, "satellite field", 0.0),
        )
