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
    MOBILE,
    NEEDED,
    NEW_SITE,
    SECOND_SITE,
    SERVICE,
    Proposal,
    Task,
)
from sim.technologies.backhaul import Backhaul, Rule, along_routes, backhaul
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
from sim.technologies.rent import TowerRent, tenants_at
from sim.technologies.steps import SURVEY_PART, TEST_PART, TEST_SHARE, acceptance

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.routes import Routes
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
    """Longest way built in fibre, from where cable stands; microwave beyond it [m]."""
    microwave_hop: Annotated[float, Field(gt=0), Quantity("km")]
    """Longest microwave hop [km]."""
    microwave_price: Annotated[float, Field(ge=0), Quantity("yuan/hop")]
    """Microwave hop, both ends with antennas [yuan/hop]."""
    microwave_rate: Mbps
    """Capacity of a microwave hop, which bounds what the site carries [Mbit/s]."""
    rent: TowerRent
    """Rent of a site's place on its mast."""
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

    def mast_yuan(self, area: Area, routes: Routes | None = None) -> dict[str, Floats]:
        """Return by item what a mast or roof costs at each location on its own, shape (L,) [yuan].

        Without routes the way to the point of presence is priced by the share of it that is new.
        """
        rooftop = area.locations["kind"].to_numpy() == "rooftop"
        if routes is None:
            way_m = np.minimum(backhaul_way_m(area), self.backhaul_limit)
            backhaul_yuan = way_m * self.backhaul_new_share * self.backhaul_price
        else:
            backhaul_yuan = self.backhaul(area, routes).own_yuan
        return {
            "tower": np.where(rooftop, self.rooftop_price, self.mast_price),
            "power": np.where(rooftop, 0.0, self.power_price),
            "backhaul": backhaul_yuan,
        }

    def backhaul(self, area: Area, routes: Routes) -> Backhaul:
        """Return how a new site at each location would be connected."""
        return backhaul(
            area,
            routes,
            Rule(
                limit_m=self.backhaul_limit,
                yuan_per_m=self.backhaul_price,
                hop_m=self.microwave_hop * 1000.0,
                yuan_per_hop=self.microwave_price,
                hop_mbps=self.microwave_rate,
            ),
        )

    def site_yuan(self, area: Area, routes: Routes | None = None) -> Floats:
        """Return what a first site costs at each location, its own equipment included, shape (L,) [yuan].

        Routes that its zone shares with others count by its equal part of them.
        """
        new = np.sum(list(self.mast_yuan(area, routes).values()), axis=0)
        if routes is not None:
            new = new + self.backhaul(area, routes).shared_yuan
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

        It requires the uplink behind its zone where what stands there is too small. A new mast also needs
        the routes to its zone, or has microwave, which bounds what it carries. The more networks stand
        on the mast, the less rent each pays. ``mbps`` is the capacity of each pair.
        """
        ids = self.site_ids(area, cells.locations)
        standing = area.locations["standing"].to_numpy(dtype=bool)[cells.locations]
        zones = area.locations["zone"].to_numpy()[cells.locations]
        routes, shared_ways = plant.routes, (ASSETS.empty(), NEEDED.empty())
        if routes is not None:
            link = self.backhaul(area, routes)
            by_fibre = ~standing & link.fibre[cells.locations]
            shared_ways = along_routes(routes, ids[by_fibre], zones[by_fibre])
            most = np.where(standing, np.inf, link.most_mbps[cells.locations])
            mbps = np.minimum(mbps, most[cells.cell])
        rent = self.rent.yuan(tenants_at(area, plant, cells.locations, self.name))
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
                requires=plant.required(zones) if self.use == MOBILE else "",
            ),
            assets=_both(self._masts(area, routes, new, masts), shared_ways[0]),
            needed=_both(NEEDED.frame(project_id=ids[~standing], asset_id=masts), shared_ways[1]),
            service=self.service(area, ids[cells.cell], cells.point, mbps),
        )

    def _masts(self, area: Area, routes: Routes | None, new: Rows, masts: Names) -> pd.DataFrame:
        """Return the new masts themselves, each bought once for all networks."""
        price = {item: yuan[new] for item, yuan in self.mast_yuan(area, routes).items()}
        return ASSETS.frame(asset_id=masts, kind="mast", **prices(price, len(new)), life_years=self.mast_life)

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return survey, acquisition, the wait for equipment that outlasts both, mast, fitting, and the test.

        What is added to a site that works needs its equipment alone.
        """
        sigma, days = self.lead_time_spread, float(candidate["field_days"])
        stream = f"{self.name} lead time"
        field, half = f"{self.name} field", sigma / 2.0
        fitting = days * (1.0 - TEST_PART)
        fit = Task("fit and integrate", fitting, "radio", 0.3 - TEST_SHARE, field, half)
        test = acceptance(days, field, half)
        if candidate["build"] not in (NEW_SITE, CO_LOCATION, SECOND_SITE):
            wait = self.equipment_lead_time
            return (Task("delivery", wait, "", 0.7, stream, sigma, phase="procure"), fit, test)
        standing = candidate["build"] == CO_LOCATION
        lead = self.co_location_lead_time if standing else self.new_site_lead_time
        survey, wait = lead * SURVEY_PART, max(self.equipment_lead_time - lead, 0.0)
        return (
            Task("survey", survey, "", 0.0, stream, sigma, phase="survey"),
            Task("acquisition and permit", lead - survey, "", 0.0, stream, sigma, phase="permit"),
            Task("delivery", wait, "", 0.3, stream, sigma, phase="procure"),
            Task("mast and power", days, "civil", 0.4, field, half, outdoor=True),
            fit,
            test,
        )


def _both(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of two tables of one contract."""
    import pandas as pd

    return (
        pd.concat([one, other], ignore_index=True) if len(one) and len(other) else one if len(one) else other
    )


def backhaul_way_m(area: Area) -> Floats:
    """Return the way from each location to the point of presence through its zone, shape (L,) [m]."""
    zone = area.locations["zone"].to_numpy()
    aside = [area.locations[axis].to_numpy() - area.zones[axis].to_numpy()[zone] for axis in ("x_m", "y_m")]
    return np.asarray(area.zones["pop_route_m"].to_numpy()[zone] + np.hypot(*aside))
