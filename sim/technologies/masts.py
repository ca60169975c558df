"""Radio equipment on masts: what a site costs, and what the sites of one network share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from sim.parameters import Quantity
from sim.radio.cells import Cells
from sim.tables.plan import (
    ASSETS,
    CANDIDATES,
    CO_LOCATION,
    NEEDED,
    NEW_SITE,
    SECOND_SITE,
    SERVICE,
    Proposal,
    Task,
)
from sim.technologies.base import (
    Days,
    Mbps,
    Metres,
    Plant,
    Share,
    Sigma,
    YuanPerMetre,
    YuanPerSite,
    prices,
)
from sim.technologies.radio import RadioNetwork

if TYPE_CHECKING:
    import pandas as pd

    from sim.geo.area import Area

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Names = npt.NDArray[np.str_]


class MastSites(RadioNetwork):
    """Equipment on masts and roofs, new or standing; masts are bought once for all networks."""

    edge_rate: Mbps
    """Rate of one user at the edge [Mbit/s]."""
    base_station_price: YuanPerSite
    """Base station with antennas, all sectors of one carrier, fitted [yuan/site]."""
    mast_price: YuanPerSite
    """New mast with foundation [yuan/site]."""
    rooftop_price: YuanPerSite
    """New rooftop site with its power [yuan/site]."""
    power_price: YuanPerSite
    """Mains connection and batteries of a new mast [yuan/site]."""
    mast_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Technical life of a mast [yr]."""
    co_location_price: YuanPerSite
    """Strengthening and power at a site that stands already [yuan/site]."""
    backhaul_price: YuanPerMetre
    """Fibre to the site, all-in [yuan/m]."""
    backhaul_new_share: Share
    """Share of the way to the point of presence that needs new cable [share]."""
    backhaul_limit: Metres
    """Longest way built in fibre; beyond it the price of this length stands for microwave [m]."""
    opex_per_site: Annotated[float, Field(ge=0), Quantity("yuan/tenant/yr")]
    """Tower rent and energy of a site [yuan/tenant/yr]."""
    sharing_discount: Share
    """Discount on the rent where another network stands on the mast [share]."""
    new_site_lead_time: Days
    """Site acquisition, foundation and power of a new site, median [days]."""
    co_location_lead_time: Days
    """The same at a standing site, median [days]."""
    equipment_lead_time: Days
    """Tender and delivery of radio equipment, median; it runs beside site acquisition [days]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead times [ln]."""
    fitting_days: Days
    """Days of a radio crew for one site [days]."""

    def mast_yuan(self, area: Area) -> dict[str, Floats]:
        """Return by item what a mast or roof costs at each location, shape (L,) [yuan]."""
        rooftop = area.locations["kind"].to_numpy() == "rooftop"
        way_m = np.minimum(backhaul_way_m(area), self.backhaul_limit)
        return {
            "tower": np.where(rooftop, self.rooftop_price, self.mast_price),
            "power": np.where(rooftop, 0.0, self.power_price),
            "backhaul": way_m * self.backhaul_new_share * self.backhaul_price,
        }

    def site_yuan(self, area: Area) -> Floats:
        """Return what a first site costs at each location, its own equipment included, shape (L,) [yuan]."""
        new = np.sum(list(self.mast_yuan(area).values()), axis=0)
        standing = area.locations["standing"].to_numpy(dtype=bool)
        return np.where(standing, self.co_location_price, new) + self.base_station_price

    def site_ids(self, area: Area, locations: Rows) -> Names:
        """Return the project of a site at each location."""
        names = area.locations["location_id"].to_numpy(dtype=str)[locations]
        return np.array([f"{self.name}:{name}" for name in names], dtype=np.str_)

    def candidates(self, area: Area, locations: Rows, ids: Names, **columns: Any) -> pd.DataFrame:
        """Return rows of the candidates table at these locations; ``columns`` replace what a site has."""
        usual = {
            "use": self.use,
            "opex_fen_per_year": 0,
            "field_days": self.fitting_days,
            "quantity": 1,
            "requires": "",
        }
        return CANDIDATES.frame(
            project_id=ids,
            technology=self.name,
            zone=area.locations["zone"].to_numpy()[locations],
            location=locations,
            **usual | columns,
        )

    def service(self, area: Area, ids: Names, point: Rows, mbps: float | Floats) -> pd.DataFrame:
        """Return rows of the service table: each project (one a row) serves its point."""
        return SERVICE.frame(
            project_id=ids,
            zone=area.points["zone"].to_numpy()[point],
            point=point,
            peak_mbps=self.edge_rate,
            capacity_mbps=mbps,
        )

    def sites(self, area: Area, cells: Cells, plant: Plant, available_month: int, mbps: Floats) -> Proposal:
        """Return one candidate for each cell's location, with the mast it needs where none stands.

        Where another network stands on the mast the rent is shared. ``mbps`` is the capacity of each pair.
        """
        ids = self.site_ids(area, cells.locations)
        standing = area.locations["standing"].to_numpy(dtype=bool)[cells.locations]
        others = [rows for name, rows in plant.site_locations.items() if name != self.name]
        shared = np.isin(cells.locations, np.concatenate(others) if others else [])
        rent = self.opex_per_site * (1.0 - self.sharing_discount * shared)
        price = {
            "active": np.full(len(ids), self.base_station_price),
            "tower": standing * self.co_location_price,
        }
        new = cells.locations[~standing]
        masts = np.array([f"mast:{name}" for name in area.locations["location_id"].to_numpy()[new]])
        return Proposal(
            candidates=self.candidates(
                area,
                cells.locations,
                ids,
                **prices(price, len(ids)),
                opex_fen_per_year=np.rint(rent * 100.0),
                available_month=available_month,
                build=np.where(standing, CO_LOCATION, NEW_SITE),
            ),
            assets=ASSETS.frame(
                asset_id=masts,
                kind="mast",
                **prices({item: yuan[new] for item, yuan in self.mast_yuan(area).items()}, len(new)),
                life_years=self.mast_life,
            ),
            needed=NEEDED.frame(project_id=ids[~standing], asset_id=masts),
            service=self.service(area, ids[cells.cell], cells.point, mbps),
        )

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return acquisition, the wait for equipment that outlasts it, mast or strengthening, and fitting.

        What is added to a site that works needs its equipment alone.
        """
        sigma, days = self.lead_time_spread, float(candidate["field_days"])
        stream = f"{self.name} lead time"
        fit = Task("fit and integrate", days, "radio", 0.3, f"{self.name} field", sigma / 2.0)
        if candidate["build"] not in (NEW_SITE, CO_LOCATION, SECOND_SITE):
            return (Task("delivery", self.equipment_lead_time, "", 0.7, stream, sigma), fit)
        standing = candidate["build"] == CO_LOCATION
        lead = self.co_location_lead_time if standing else self.new_site_lead_time
        return (
            Task("acquisition and permit", lead, "", 0.0, stream, sigma),
            Task("delivery", max(self.equipment_lead_time - lead, 0.0), "", 0.3, stream, sigma),
            Task("mast and power", days, "civil", 0.4, f"{self.name} field", sigma / 2.0, outdoor=True),
            fit,
        )


def backhaul_way_m(area: Area) -> Floats:
    """Return the way from each location to the point of presence through its zone, shape (L,) [m]."""
    zone = area.locations["zone"].to_numpy()
    aside = [area.locations[axis].to_numpy() - area.zones[axis].to_numpy()[zone] for axis in ("x_m", "y_m")]
    return np.asarray(area.zones["pop_route_m"].to_numpy()[zone] + np.hypot(*aside))
