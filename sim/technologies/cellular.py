"""LTE: sites that cover where people live, as many as coverage or the busy hour asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.parameters import Quantity
from sim.radio.cells import Cells, cover_points
from sim.radio.link import max_path_loss_rsrp_db, shadow_margin_db
from sim.radio.pathloss import Cost231Hata
from sim.tables.layers import CITY, TOWN, VILLAGE
from sim.tables.plan import ASSETS, CANDIDATES, MOBILE, NEEDED, SERVICE, Proposal, Task
from sim.technologies.base import (
    Days,
    Decibel,
    Mbps,
    Metres,
    Plant,
    Share,
    Sigma,
    Technology,
    YuanPerMetre,
    YuanPerSite,
    prices,
)

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Dbm = Annotated[float, Field(), Quantity("dBm")]
Megahertz = Annotated[float, Field(gt=0), Quantity("MHz")]


def backhaul_way_m(area: Area, locations: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the way from sites to the point of presence by the middle of their zone, same shape [m]."""
    zone = area.locations["zone"].to_numpy()[locations]
    aside = [
        area.locations[axis].to_numpy()[locations] - area.zones[axis].to_numpy()[zone]
        for axis in ("x_m", "y_m")
    ]
    return np.asarray(area.zones["pop_route_m"].to_numpy()[zone] + np.hypot(*aside))


class Lte(Technology):
    """LTE macro sites of one shared network."""

    name: ClassVar[str] = "lte"
    use: ClassVar[str] = MOBILE

    carrier: Megahertz
    """Carrier frequency of the coverage layer [MHz]."""
    bandwidth: Megahertz
    """Bandwidth of one carrier [MHz]."""
    downlink_share: Share
    """Share of the time or spectrum that is downlink [share]."""
    sectors: Annotated[float, Field(gt=0), Quantity("sectors/site")]
    """Sectors of a site [sectors/site]."""
    spectral_efficiency: Annotated[float, Field(gt=0), Quantity("bit/s/Hz")]
    """Mean downlink spectral efficiency of a loaded cell [bit/s/Hz]."""
    carriers_per_site: Annotated[float, Field(ge=1), Quantity("carriers/site")]
    """Carriers a site may hold before another site is built for load [carriers/site]."""
    usable_load: Share
    """Share of the capacity that may be used at the busy hour [share]."""
    edge_rate: Mbps
    """Rate of one user at the edge [Mbit/s]."""
    eirp_rural: Dbm
    """Radiated power of a rural site [dBm]."""
    eirp_urban: Dbm
    """Radiated power of an urban site [dBm]."""
    rsrp_threshold: Dbm
    """Reference signal at which a place counts as covered outdoors [dBm]."""
    penetration_rural: Decibel
    """Building loss in villages, for cover indoors [dB]."""
    penetration_urban: Decibel
    """Building loss in cities and towns [dB]."""
    indoor_village: bool
    """Whether villages are planned for cover indoors; cities and towns always are [true or false]."""
    shadow_sigma: Decibel
    """Spread of shadowing [dB]."""
    edge_probability: Share
    """Chance that the threshold holds at the edge [share]."""
    roughness_margin: Annotated[float, Field(ge=0), Quantity("dB/m")]
    """Loss for each metre of terrain roughness, where no terrain is computed [dB/m]."""
    roughness_limit: Decibel
    """The most that roughness may cost [dB]."""
    height_rural: Metres
    """Antenna height in villages [m]."""
    height_urban: Metres
    """Antenna height in cities and towns [m]."""
    design_month: str
    """Month whose busy hour sites are dimensioned for, at the latest the last [YYYY-MM]."""
    base_station_price: YuanPerSite
    """Base station with antennas, three sectors of one carrier, fitted [yuan/site]."""
    carrier_price: Annotated[float, Field(ge=0), Quantity("yuan/carrier")]
    """One more carrier on a site's three sectors [yuan/carrier]."""
    mast_price: YuanPerSite
    """New mast with foundation [yuan/site]."""
    rooftop_price: YuanPerSite
    """New rooftop site with its power [yuan/site]."""
    power_price: YuanPerSite
    """Mains connection and batteries of a new mast [yuan/site]."""
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

    def cell_range_m(self, kind: str, roughness_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the range of a site from its link budget, shape of ``roughness_m`` [m].

        COST 231-Hata (open in villages, suburban in towns and cities); below its published
        1 km the curve is extended, as operators do.
        """
        village = kind == VILLAGE
        environment = {VILLAGE: "open", TOWN: "suburban", CITY: "suburban"}[kind]
        model = Cost231Hata(
            frequency_mhz=self.carrier,
            base_height_m=self.height_rural if village else self.height_urban,
            environment=environment,
        )
        eirp = self.eirp_rural if village else self.eirp_urban
        indoors = self.indoor_village if village else True
        penetration = (self.penetration_rural if village else self.penetration_urban) if indoors else 0.0
        loss_db = max_path_loss_rsrp_db(eirp, self.bandwidth, self.rsrp_threshold)
        loss_db -= shadow_margin_db(self.shadow_sigma, self.edge_probability) + penetration
        rough_db = np.minimum(self.roughness_margin * roughness_m, self.roughness_limit)
        return model.range_m(loss_db - rough_db)

    def capacity_mbps(self) -> float:
        """Return the downlink capacity of one carrier on all sectors at the usable load [Mbit/s]."""
        return (
            self.sectors * self.bandwidth * self.downlink_share * self.spectral_efficiency * self.usable_load
        )

    def unit_mbps(self) -> float:
        """Return the downlink capacity of one sector at the usable load [Mbit/s]."""
        return self.capacity_mbps() / self.sectors

    def cells(self, area: Area) -> Cells:
        """Return the chosen locations and the points each covers: the same for every release."""
        zones, kinds = area.zones, area.zones["kind"].to_numpy()
        radius_m = np.zeros(len(zones))
        for kind in (CITY, TOWN, VILLAGE):
            rows = kinds == kind
            radius_m[rows] = self.cell_range_m(kind, zones["roughness_m"].to_numpy(dtype=np.float64)[rows])
        return cover_points(area, radius_m)

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return one candidate a location: a carrier for coverage, more of them where the busy hour asks.

        Carriers are added to a site first; beyond what it may hold, another site is built.
        """
        cells = self.cells(area)
        month = min(max(horizon.index(self.design_month), 0), horizon.months - 1)
        users = demand.mobile_willing[month][demand.zone_kind] * demand.lte_ready[month]
        points = area.points
        load = (
            points["population"].to_numpy()
            * users[points["zone"].to_numpy()]
            * demand.mobile_busy_mbps[month]
        )
        load_mbps = np.bincount(
            cells.home_cell[cells.home_cell >= 0], load[cells.home_cell >= 0], len(cells.locations)
        )
        carriers = np.maximum(1, np.ceil(load_mbps / self.capacity_mbps()))
        sites = np.ceil(carriers / self.carriers_per_site)
        standing = area.locations["standing"].to_numpy()[cells.locations]
        ids = np.array([f"lte:{name}" for name in area.locations["location_id"]])[cells.locations]
        zone = area.locations["zone"].to_numpy()[cells.locations]
        candidates = CANDIDATES.frame(
            project_id=ids,
            technology=self.name,
            use=self.use,
            zone=zone,
            location=cells.locations,
            **prices(self._prices(area, cells.locations, sites, carriers), len(ids)),
            opex_fen_per_year=np.rint(sites * self.opex_per_site * 100.0),
            available_month=horizon.index(self.available_from),
            field_days=sites * self.fitting_days,
            build=np.where(standing, "co-location", "new site"),
            quantity=sites,
            requires="",
        )
        return Proposal(
            candidates=candidates,
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=SERVICE.frame(
                project_id=ids[cells.cell],
                zone=points["zone"].to_numpy()[cells.point],
                point=cells.point,
                peak_mbps=self.edge_rate,
                capacity_mbps=(carriers * self.capacity_mbps())[cells.cell],
            ),
        )

    def _prices(
        self,
        area: Area,
        locations: NDArray[np.int32],
        sites: NDArray[np.float64],
        carriers: NDArray[np.float64],
    ) -> dict[str, NDArray[np.float64]]:
        """Return prices by item; the first site of a standing location uses what stands there."""
        rooftop = area.locations["kind"].to_numpy()[locations] == "rooftop"
        standing = area.locations["standing"].to_numpy()[locations]
        new = sites - standing
        way_m = np.minimum(backhaul_way_m(area, locations), self.backhaul_limit)
        return {
            "active": sites * self.base_station_price + (carriers - sites) * self.carrier_price,
            "tower": new * np.where(rooftop, self.rooftop_price, self.mast_price)
            + standing * self.co_location_price,
            "power": np.where(rooftop, 0.0, new * self.power_price),
            "backhaul": np.where(standing, 0.0, way_m * self.backhaul_new_share * self.backhaul_price),
        }

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return acquisition, the wait for equipment that outlasts it, mast or strengthening, and fitting."""
        standing = candidate["build"] == "co-location"
        lead = self.co_location_lead_time if standing else self.new_site_lead_time
        sigma = self.lead_time_spread
        days = float(candidate["field_days"])
        return (
            Task("acquisition and permit", lead, "", 0.0, "lte lead time", sigma),
            Task("delivery", max(self.equipment_lead_time - lead, 0.0), "", 0.3, "lte lead time", sigma),
            Task("mast and power", days, "civil", 0.4, "lte field", sigma / 2.0, outdoor=True),
            Task("fit and integrate", days, "radio", 0.3, "lte field", sigma / 2.0),
        )
