"""Fibre to the home over a passive optical network (GPON)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.access.odn import largest_split, tree_length_m
from sim.parameters import Quantity
from sim.tables.layers import VILLAGE
from sim.tables.plan import ASSETS, CANDIDATES, FIXED, NEEDED, SERVICE, Proposal, Task
from sim.technologies.base import (
    WORKING_DAYS_PER_MONTH,
    Decibel,
    KmPerDay,
    Mbps,
    Months,
    Plant,
    Share,
    Sigma,
    Technology,
    YuanPerHome,
    YuanPerMetre,
    YuanPerUnit,
    design_homes,
    prices,
)

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

SquareMetres = Annotated[float, Field(gt=0), Quantity("m2/home")]
SPLICING_SHARE = 0.2
"""Days of splicing and testing for a day of laying cable, and a day at least."""


class Ftth(Technology):
    """GPON from the township's point of presence to every home of a zone."""

    name: ClassVar[str] = "ftth"
    use: ClassVar[str] = FIXED

    capability: Mbps
    """Best rate on offer over the line [Mbit/s]."""
    pon_rate: Annotated[float, Field(gt=0), Quantity("Gbps")]
    """Downstream rate of one PON port, shared by its homes [Gbit/s]."""
    pon_efficiency: Share
    """Share of the line rate left after framing and forward error correction [share]."""
    optical_budget: Decibel
    """Loss between central office and home that the optics bear [dB]."""
    optical_budget_long: Decibel
    """The same of the better optics used where the first do not reach [dB]."""
    splitter_loss_32: Decibel
    """Loss of a 1:32 splitter [dB]."""
    splitter_loss_64: Decibel
    """Loss of a 1:64 splitter [dB]."""
    fibre_loss: Annotated[float, Field(gt=0), Quantity("dB/km")]
    """Loss of the fibre at 1310 nm [dB/km]."""
    connector_loss: Decibel
    """Connectors, splices and margin [dB]."""
    olt_port_price: YuanPerUnit
    """Optical line terminal, per PON port with its share of cards and uplink [yuan/unit]."""
    olt_room_price: YuanPerUnit
    """Frame, power and fitting at a point of presence, once for all its zones [yuan/unit]."""
    room_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Technical life of that equipment [yr]."""
    splitter_price: YuanPerUnit
    """Splitter with its closure, per PON [yuan/unit]."""
    cabinet_price: YuanPerUnit
    """Distribution cabinet [yuan/unit]."""
    homes_per_cabinet: Annotated[float, Field(gt=0), Quantity("homes/unit")]
    """Homes one cabinet serves [homes/unit]."""
    aerial_price: YuanPerMetre
    """Aerial cable all-in, villages and feeders outside cities [yuan/m]."""
    duct_price: YuanPerMetre
    """Duct with cable all-in, cities and towns [yuan/m]."""
    building_price: YuanPerHome
    """Riser and floor boxes inside a building, per home [yuan/home]."""
    civil_share: Share
    """Share of the metre price that is digging, poles and labour [share]."""
    new_route_share: Share
    """Share of the feeder route that no neighbour has built already [share]."""
    village_plot: SquareMetres
    """Land per home inside a settlement [m2/home]."""
    town_plot: SquareMetres
    """Ground per home in a built-up area: storeys share it [m2/home]."""
    drop_price: YuanPerHome
    """Drop cable to a new subscriber, work included [yuan/home]."""
    terminal_price: YuanPerUnit
    """Optical network terminal at a new subscriber [yuan/unit]."""
    opex_share: Annotated[float, Field(ge=0, le=1), Quantity("1/yr")]
    """Yearly running cost as a share of the price [1/yr]."""
    village_lead_time: Months
    """Contract to service of a village batch, median [months]."""
    town_lead_time: Months
    """Contract to service in cities and towns, median [months]."""
    waiting_share: Share
    """Least share of the lead time that is design, permits and procurement; they also fill what field
    work leaves of it [share]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the waiting times [ln]."""
    aerial_pace: KmPerDay
    """Aerial cable that one crew builds in a day [km/crew/day]."""
    trench_pace: KmPerDay
    """Trench that one crew digs in a day [km/crew/day]."""

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return one candidate a zone, and one equipment room a point of presence."""
        zones = area.zones
        homes = design_homes(zones)
        village = zones["kind"].to_numpy() == VILLAGE
        split = self.split_ratio(zones["pop_route_m"].to_numpy())
        rows = np.flatnonzero((homes > 0) & (split > 0))
        feeder_m, tree_m = self.cable_m(area, homes, village)
        ports = np.ceil(homes / np.maximum(split, 1))
        ids = np.array([f"ftth:{zone}" for zone in zones["zone_id"]])[rows]
        cost = self._prices(homes, ports, feeder_m, tree_m, village)
        total = np.sum(list(cost.values()), axis=0)
        field_days = np.where(
            village,
            (feeder_m + tree_m) / 1000.0 / self.aerial_pace,
            (feeder_m + tree_m) / 1000.0 / self.trench_pace,
        )
        candidates = CANDIDATES.frame(
            project_id=ids,
            technology=self.name,
            use=self.use,
            zone=rows,
            location=-1,
            **prices({item: yuan[rows] for item, yuan in cost.items()}, len(rows)),
            opex_fen_per_year=np.rint(total[rows] * 100.0 * self.opex_share),
            available_month=horizon.index(self.available_from),
            field_days=np.round(field_days[rows], 2),
            build=np.where(village, "village", "town")[rows],
            quantity=np.maximum(ports[rows], 1),
            requires="",
        )
        rooms = zones["pop_place"].to_numpy()[rows]
        used = np.unique(rooms[rooms >= 0])
        names = np.array([f"olt:{place}" for place in area.places["place_id"]])
        return Proposal(
            candidates=candidates,
            assets=ASSETS.frame(
                asset_id=names[used],
                kind="olt room",
                **prices({"active": self.olt_room_price}, len(used)),
                life_years=self.room_life,
            ),
            needed=NEEDED.frame(project_id=ids[rooms >= 0], asset_id=names[rooms[rooms >= 0]]),
            service=SERVICE.frame(
                project_id=ids, zone=rows, point=-1, peak_mbps=self.capability, capacity_mbps=self.unit_mbps()
            ),
        )

    def split_ratio(self, distance_m: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the split that the optical budget allows at a distance, same shape; 0 beyond reach."""
        near, far = (
            largest_split(
                distance_m,
                (32, 64),
                (self.splitter_loss_32, self.splitter_loss_64),
                budget_db=budget_db,
                fibre_db_per_km=self.fibre_loss,
                other_db=self.connector_loss,
            )
            for budget_db in (self.optical_budget, self.optical_budget_long)
        )
        return np.where(near > 0, near, far)

    def cable_m(
        self, area: Area, homes: NDArray[np.float64], village: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return new feeder and distribution cable of each zone, both of shape (Z,) [m].

        The tree is a spanning tree over the settlements of a village (one over the land, one over the
        plots of each settlement) and over the plots alone in a built-up zone.
        """
        from sim.geo.points import on_road

        zones = area.zones
        drops = area.points["zone"].to_numpy()[~on_road(area.points)]
        settlements = np.bincount(drops, minlength=len(zones)).astype(np.float64)
        between = np.where(village, tree_length_m(settlements, zones["area_km2"].to_numpy() * 1e6), 0.0)
        plot = np.where(village, self.village_plot, self.town_plot)
        within = tree_length_m(homes, homes * plot)
        return zones["pop_route_m"].to_numpy() * self.new_route_share, between + within

    def _prices(
        self,
        homes: NDArray[np.float64],
        ports: NDArray[np.float64],
        feeder_m: NDArray[np.float64],
        tree_m: NDArray[np.float64],
        village: NDArray[np.bool_],
    ) -> dict[str, NDArray[np.float64]]:
        metre = np.where(village, self.aerial_price, self.duct_price)
        cable = (feeder_m + tree_m) * metre + np.where(village, 0.0, homes * self.building_price)
        cabinets = np.ceil(homes / self.homes_per_cabinet) * self.cabinet_price
        return {
            "active": ports * self.olt_port_price,
            "passive": ports * self.splitter_price + cabinets + cable * (1.0 - self.civil_share),
            "civil": cable * self.civil_share,
        }

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return design, permit, procurement, building and hand-over.

        A batch's waiting times share one draw: what delays a village delays all its papers. Where no
        crew is short, waiting and field work together have the lead time as their median.
        """
        village = candidate["build"] == "village"
        lead = (self.village_lead_time if village else self.town_lead_time) * WORKING_DAYS_PER_MONTH
        days, sigma = float(candidate["field_days"]), self.lead_time_spread
        splicing = max(days * SPLICING_SHARE, 1.0)
        waiting = max(lead * self.waiting_share, lead - days - splicing)
        skill = "fibre" if village else "civil"
        return (
            Task("design", waiting * 0.3, "", 0.0, "ftth lead time", sigma),
            Task("permit", waiting * 0.4, "", 0.0, "ftth lead time", sigma),
            Task("procurement", waiting * 0.3, "", 0.3, "ftth lead time", sigma),
            Task("cable", days, skill, 0.5, "ftth field", sigma / 2.0, outdoor=True),
            Task("splice and test", splicing, "install", 0.2, "ftth field", sigma / 2.0),
        )

    def unit_mbps(self) -> float:
        """Return the downstream rate of one PON port [Mbit/s]."""
        return self.pon_rate * 1000.0 * self.pon_efficiency

    def connect_yuan(self) -> float:
        """Return drop and terminal of one new subscriber [yuan]."""
        return self.drop_price + self.terminal_price
