"""NB-IoT: a board or a software step on masts that stand, for wide cover of meters and sensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from sim.parameters import Quantity
from sim.radio.cells import Goal, cover
from sim.tables.plan import ASSETS, CANDIDATES, IOT, NEEDED, SERVICE, Proposal, Task
from sim.technologies.base import Days, Decibel, Plant, Share, Sigma, YuanPerSite, prices
from sim.technologies.radio import RadioNetwork
from sim.technologies.steps import TEST_PART, TEST_SHARE, acceptance, papers

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand


class NbIot(RadioNetwork):
    """NB-IoT on the masts of 2G and LTE: a board on the first, software on the second."""

    name: ClassVar[str] = "nbiot"
    use: ClassVar[str] = IOT
    skills: ClassVar[tuple[str, ...]] = ("radio",)
    reacts_to: ClassVar[tuple[str, ...]] = ("lte",)

    coupling_loss: Decibel
    """Greatest coupling loss of general coverage, between antenna connectors [dB]."""
    terminal_gain: Annotated[float, Field(), Quantity("dBi")]
    """Gain of the terminal's antenna [dBi]."""
    peak_rate: Annotated[float, Field(gt=0), Quantity("Mbps")]
    """Rate of one device [Mbit/s]."""
    board_price: YuanPerSite
    """Board and antennas at a standing 2G site [yuan/site]."""
    software_price: YuanPerSite
    """Software and licence at an LTE site [yuan/site]."""
    opex_per_site: Annotated[float, Field(ge=0), Quantity("yuan/site/yr")]
    """Running cost of a site [yuan/site/yr]."""
    lead_time: Days
    """Procurement and planning, median [days]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead time [ln]."""
    fitting_days: Days
    """Days of a crew for one site [days]."""
    host_growth: Share
    """Growth of the LTE sites after which hosts are chosen anew [share]."""

    def threshold_dbm(self) -> float:
        """Return the power of a resource element outdoors at which the coupling loss is the greatest [dBm].

        Coupling loss is the transmitter's power less what arrives at the terminal's connector, so that
        the gains of both antennas are in it and are not added to the greatest coupling loss again.

        References
        ----------
        3GPP TR 45.820, section 5.1 and annex D.
        """
        transmitted = self.carrier(self.coverage).power_per_resource_element_dbm(self.name)
        return transmitted - self.coupling_loss - self.terminal_gain

    def patience(self) -> float:
        """Return the growth of its hosts: a few new ones hardly change a choice among wide cells."""
        return self.host_growth

    def hosts(self, plant: Plant) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """Return the locations that can carry it, and which of them need no more than software."""
        lte = plant.site_locations.get("lte", np.empty(0, dtype=np.int32))
        gsm = plant.site_locations.get("gsm", np.empty(0, dtype=np.int32))
        rows = np.union1d(lte, gsm).astype(np.int32)
        return rows, np.isin(rows, lte)

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return the masts that cover most for their price, of those that 2G and LTE stand on."""
        hosts, soft = self.hosts(plant)
        price = np.where(soft, self.software_price, self.board_price)
        layer = self.layer()
        cells = cover(
            area,
            layer,
            hosts,
            self.wanted_dbm(area, layer),
            Goal(area.points["population"].to_numpy(dtype=np.float64), np.maximum(price, 1.0)),
        )
        rows = np.searchsorted(hosts, cells.locations)
        ids = np.array(
            [f"nbiot:{name}" for name in area.locations["location_id"].to_numpy()[cells.locations]],
            dtype=np.str_,
        )
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=ids,
                technology=self.name,
                use=self.use,
                zone=area.locations["zone"].to_numpy()[cells.locations],
                location=cells.locations,
                **prices({"active": price[rows]}, len(ids)),
                opex_fen_per_year=round(self.opex_per_site * 100),
                available_month=horizon.index(self.available_from),
                field_days=np.where(soft[rows], 0.0, self.fitting_days),
                build=np.where(soft[rows], "software", "board"),
                quantity=1,
                requires="",
            ),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=SERVICE.frame(
                project_id=ids[cells.cell],
                zone=area.points["zone"].to_numpy()[cells.point],
                point=cells.point,
                peak_mbps=self.peak_rate,
                capacity_mbps=self.peak_rate,
            ),
        )

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return papers, fitting and the test; software is loaded from the office."""
        is_software = candidate["build"] == "software"
        days = 1.0 if is_software else float(candidate["field_days"])
        work, skill = ("load", "software") if is_software else ("fit and integrate", "radio")
        return (
            *papers(self.lead_time, "nbiot lead time", self.lead_time_spread, 0.5),
            Task(work, days * (1.0 - TEST_PART), skill, 0.5 - TEST_SHARE, "nbiot field", 0.0),
            acceptance(days, "nbiot field", 0.0),
        )
