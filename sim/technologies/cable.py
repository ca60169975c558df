"""Cable: the coaxial plant of cable television made digital and two-way, for broadband over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.access.coax import fits_in_reach, segments_by_point, segments_for_traffic
from sim.parameters import Quantity
from sim.tables.layers import CATV, CATV_DIGITAL, VILLAGE
from sim.tables.plan import ASSETS, CANDIDATES, CAPACITY, FIXED, NEEDED, SERVICE, TELEVISION, Proposal, Task
from sim.technologies.base import (
    WORKING_DAYS_PER_MONTH,
    Days,
    KmPerDay,
    Mbps,
    Metres,
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
from sim.technologies.steps import TEST_PART, TEST_SHARE, acceptance, papers

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
HomesPerUnit = Annotated[float, Field(gt=0), Quantity("homes/unit")]
EOC, DOCSIS, LAN = "EoC", "DOCSIS", "LAN"
WAYS = (EOC, DOCSIS, LAN)
ROUNDING = 1e-9
M_PER_KM, MONTHS_PER_YEAR, FEN_PER_YUAN = 1000.0, 12, 100.0
SPLIT = "split"
"""What follows the name of a way where boxes are added to plant of that way."""


@dataclass(frozen=True, eq=False)
class Plans:
    """What a conversion of each zone would be, in the cheapest way: Z zones."""

    homes: Floats
    """Homes with cable television that it is dimensioned for, shape (Z,)."""
    way: NDArray[np.int64]
    """Row of the way in ``WAYS``, shape (Z,)."""
    units: Floats
    """Segments, nodes or switches built with it, shape (Z,)."""
    yuan: Floats
    """What they cost, with what homes need of that way, shape (Z,)."""
    later: Floats
    """Units that the busy hour asks for by the end of the horizon, shape (Z,)."""
    month: NDArray[np.int64]
    """First month in which it does, shape (Z,)."""


class Cable(Technology):
    """Two-way digital cable: Ethernet over coax, DOCSIS over fibre and coax, or building LAN, by price."""

    name: ClassVar[str] = "cable"
    use: ClassVar[str] = FIXED
    skills: ClassVar[tuple[str, ...]] = ("install",)

    take_up: Share
    """Share of the homes passed that the boxes are dimensioned for as subscribers [share]."""
    kept_rate_urban: Mbps
    """Rate that an active home in a city or town has at the busy hour for which it is built [Mbit/s]."""
    kept_rate_rural: Mbps
    """The same in a village [Mbit/s]."""
    design_years: Annotated[float, Field(ge=0), Quantity("yr")]
    """Years of traffic that a conversion is built for; later boxes are projects of their own [yr]."""
    peak_rate: Mbps
    """Rate on offer: one user alone, over the modem's port [Mbit/s]."""
    eoc_rate: Mbps
    """Rate that the homes of an Ethernet-over-coax segment share [Mbit/s]."""
    eoc_homes: HomesPerUnit
    """Homes of such a segment at most [homes/unit]."""
    eoc_price: YuanPerUnit
    """Head end of a segment at the optical node, with its part of the PON [yuan/unit]."""
    docsis_rate: Mbps
    """Rate that the homes of a DOCSIS node share over its bonded channels [Mbit/s]."""
    docsis_homes: HomesPerUnit
    """Homes of such a node at most [homes/unit]."""
    docsis_price: YuanPerUnit
    """Cable modem termination system and optics of a node [yuan/unit]."""
    return_price: YuanPerHome
    """Return path of the amplifiers between node and homes [yuan/home]."""
    lan_rate: Mbps
    """Uplink that the ports of a building's switch share [Mbit/s]."""
    lan_homes: HomesPerUnit
    """Ports of a switch [homes/unit]."""
    lan_price: YuanPerUnit
    """Switch with its optical network unit [yuan/unit]."""
    lan_wiring_price: YuanPerHome
    """Twisted pair from the switch into a home passed [yuan/home]."""
    lan_reach: Metres
    """Longest twisted pair: where homes stand thinner, no switch finds its homes [m]."""
    box_price: YuanPerHome
    """Set-top box for a home whose television is still analogue [yuan/home]."""
    feeder_price: YuanPerMetre
    """Fibre to a village's optical node where no shared routes are planned [yuan/m]."""
    new_feeder_share: Share
    """Share of villages with cable television that it reaches without fibre, the farthest ones [share]."""
    modem_price: YuanPerUnit
    """Modem of a new subscriber [yuan/unit]."""
    fitting_price: YuanPerUnit
    """Visit to a new subscriber [yuan/unit]."""
    opex_share: Annotated[float, Field(ge=0, le=1), Quantity("1/yr")]
    """Yearly running cost as a share of the price [1/yr]."""
    lead_time: Months
    """Order to start of work, median [months]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead time [ln]."""
    fitting_days: Days
    """Days of a crew for one segment, node or switch [days]."""
    box_days: Days
    """Days of a crew for one set-top box [days]."""
    feeder_pace: KmPerDay
    """Feeder that one crew builds in a day [km/crew/day]."""

    @model_validator(mode="after")
    def _something_is_kept(self) -> Cable:
        most = max(self.eoc_rate, self.docsis_rate)
        for field in ("kept_rate_urban", "kept_rate_rural"):
            if getattr(self, field) >= most:
                raise ValueError(f"{field}: no segment that shares at most {most:g} Mbit/s keeps that")
        return self

    def unit_rates(self) -> tuple[float, float, float]:
        """Return the rate that a unit of each way shares, in the order of ``WAYS`` [Mbit/s]."""
        return self.eoc_rate, self.docsis_rate, self.lan_rate

    def unit_mbps(self) -> float:
        """Return the rate of the commonest shared unit, an EoC segment [Mbit/s]."""
        return self.eoc_rate

    def connect_yuan(self) -> float:
        """Return modem and visit of one new subscriber [yuan]."""
        return self.modem_price + self.fitting_price

    # -- dimensioning ----------------------------------------------------------------------------

    def units_by_reach(self, area: Area, share: Floats) -> Floats:
        """Return the units of each way that homes and reach ask for, shape (ways, Z); infinite where none.

        A segment and a switch serve homes of one settlement or building, a node those of a whole zone.
        """
        homes = design_homes(area.zones)
        zone = area.points["zone"].to_numpy()
        at_point = area.points["homes"].to_numpy(dtype=np.float64) * share[zone]
        eoc, lan = (
            segments_by_point(at_point, zone, most, area.n_zones) for most in (self.eoc_homes, self.lan_homes)
        )
        docsis = np.ceil(homes * share / self.docsis_homes - ROUNDING)
        density = homes / np.maximum(area.zones["area_km2"].to_numpy(), ROUNDING)
        lan = np.where(fits_in_reach(density, self.lan_homes, self.lan_reach), lan, np.inf)
        return np.asarray(np.maximum(np.stack([eoc, docsis, lan]), 1.0), dtype=np.float64)

    def units_by_traffic(self, area: Area, homes: Floats, busy_mbps: float) -> Floats:
        """Return the units of each way that keep the stated rate at the busy hour, shape (ways, Z)."""
        village = area.zones["kind"].to_numpy() == VILLAGE
        kept = np.where(village, self.kept_rate_rural, self.kept_rate_urban)
        return np.stack(
            [segments_for_traffic(homes * self.take_up, rate, kept, busy_mbps) for rate in self.unit_rates()]
        )

    def equipment_yuan(self, units: Floats, homes: Floats) -> Floats:
        """Return what each way costs with these units, shape (ways, Z) [yuan]."""
        unit = np.array([self.eoc_price, self.docsis_price, self.lan_price])
        home = np.array([0.0, self.return_price, self.lan_wiring_price])
        return np.asarray(units * unit[:, None] + homes * home[:, None], dtype=np.float64)

    def plan(self, area: Area, demand: Demand, share: Floats, horizon: Horizon) -> Plans:
        """Return the cheapest conversion of every zone; of equal prices the first way."""
        busy = demand.fixed_busy_mbps
        start = max(horizon.index(self.available_from), 0)
        design = min(start + round(self.design_years * MONTHS_PER_YEAR), len(busy) - 1)
        homes = design_homes(area.zones) * share
        reach = self.units_by_reach(area, share)
        every = np.maximum(reach, self.units_by_traffic(area, homes, float(busy[design])))
        yuan = self.equipment_yuan(every, homes)
        way, row = np.argmin(yuan, axis=0), np.arange(len(homes))
        units = every[way, row]
        later, month = units.copy(), np.full(len(homes), len(busy))
        for number in range(design + 1, len(busy)):
            wanted = self.units_by_traffic(area, homes, float(busy[number]))[way, row]
            month = np.where((wanted > units) & (month == len(busy)), number, month)
            later = np.maximum(later, wanted)
        return Plans(homes, way, units, yuan[way, row], later, month)

    # -- what could be built ---------------------------------------------------------------------

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return the conversion of each zone with cable television, and the boxes that traffic adds to it.

        Without cable television in the standing table there is nothing to convert.
        """
        share = plant.homes_share.get(CATV, np.zeros(area.n_zones))
        plans = self.plan(area, demand, share, horizon)
        rows = np.flatnonzero(plans.homes > 0)
        if len(rows) == 0:
            return Proposal.together([])
        digital = np.minimum(plant.homes_share.get(CATV_DIGITAL, np.zeros(area.n_zones)), share)
        analogue = plans.homes * (1.0 - digital / np.maximum(share, ROUNDING))
        first = self._conversions(area, plans, rows, analogue, plant, horizon)
        more = np.flatnonzero((plans.later > plans.units) & (plans.homes > 0))
        return Proposal.together([first, self._splits(area, plans, more)])

    def without_fibre(self, area: Area, served: Flags) -> Flags:
        """Return the served villages whose television does not come by fibre yet, shape (Z,)."""
        far = area.zones["pop_route_m"].to_numpy()
        rows = np.flatnonzero(served & (area.zones["kind"].to_numpy() == VILLAGE))
        rows = rows[np.lexsort((rows, -np.round(far[rows], 3)))]
        dark = np.zeros(area.n_zones, dtype=bool)
        dark[rows[: round(self.new_feeder_share * len(rows))]] = True
        return dark

    def _conversions(
        self, area: Area, plans: Plans, rows: Ints, analogue: Floats, plant: Plant, horizon: Horizon
    ) -> Proposal:
        """Return the conversions of zones, with the set-top boxes of their analogue homes."""
        dark = self.without_fibre(area, plans.homes > 0)
        metres = np.where(dark & (plant.routes is None), area.zones["pop_route_m"].to_numpy(), 0.0)
        cost = {
            "active": plans.yuan[rows],
            "backhaul": (metres * self.feeder_price)[rows],
            "terminal": (analogue * self.box_price)[rows],
        }
        days = plans.units * self.fitting_days + analogue * self.box_days
        days = days + metres / M_PER_KM / self.feeder_pace
        ids = np.array([f"cable:{zone}" for zone in area.zones["zone_id"]], dtype=np.str_)[rows]
        total = np.sum(list(cost.values()), axis=0)
        assets, needed = _feeders(plant, ids[dark[rows]], rows[dark[rows]])
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=ids,
                technology=self.name,
                use=TELEVISION,
                zone=rows,
                location=-1,
                **prices(cost, len(rows)),
                opex_fen_per_year=np.rint(total * FEN_PER_YUAN * self.opex_share),
                available_month=horizon.index(self.available_from),
                field_days=np.round(days[rows], 2),
                build=np.array(WAYS)[plans.way[rows]],
                quantity=plans.units[rows],
                requires="",
            ),
            assets=assets,
            needed=needed,
            service=self._service(ids, rows, plans),
        )

    def _splits(self, area: Area, plans: Plans, rows: Ints) -> Proposal:
        """Return the boxes added where the busy hour outgrows a conversion, which each of them requires.

        Their ``quantity`` is what the zone has with them: segments are split, so that all lines move.
        """
        zones = area.zones["zone_id"].to_numpy(dtype=str)[rows]
        unit = np.array([self.eoc_price, self.docsis_price, self.lan_price])[plans.way[rows]]
        added = (plans.later - plans.units)[rows]
        ids = np.array([f"cable:{zone}+" for zone in zones], dtype=np.str_)
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=ids,
                technology=self.name,
                use=CAPACITY,
                zone=rows,
                location=-1,
                **prices({"active": added * unit}, len(rows)),
                opex_fen_per_year=np.rint(added * unit * FEN_PER_YUAN * self.opex_share),
                available_month=plans.month[rows],
                field_days=np.round(added * self.fitting_days, 2),
                build=[f"{WAYS[way]} {SPLIT}" for way in plans.way[rows]],
                quantity=plans.later[rows],
                requires=np.array([f"cable:{zone}" for zone in zones], dtype=np.str_),
            ),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=self._service(ids, rows, plans),
        )

    def _service(self, ids: NDArray[np.str_], rows: Ints, plans: Plans) -> pd.DataFrame:
        """Return what projects of zones serve."""
        return SERVICE.frame(
            project_id=ids,
            zone=rows,
            point=-1,
            peak_mbps=np.minimum(self.peak_rate, np.array(self.unit_rates())[plans.way[rows]]),
            capacity_mbps=np.array(self.unit_rates())[plans.way[rows]],
        )

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return papers, fitting of boxes at nodes and in homes, and the test of the turned network."""
        lead, sigma = self.lead_time * WORKING_DAYS_PER_MONTH, self.lead_time_spread
        days = float(candidate["field_days"])
        fitting = days * (1.0 - TEST_PART)
        return (
            *papers(lead, "cable lead time", sigma, 0.4),
            Task("fit and switch over", fitting, "install", 0.6 - TEST_SHARE, "cable field", sigma / 2.0),
            acceptance(days, "cable field", sigma / 2.0),
        )


def _feeders(plant: Plant, ids: NDArray[np.str_], zones: Ints) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the shared routes that projects of these zones need, and which needs which."""
    if plant.routes is None:
        return ASSETS.empty(), NEEDED.empty()
    needed = plant.routes.needed(ids, zones)
    assets = plant.routes.assets()
    used = assets["asset_id"].isin(needed["asset_id"])
    return assets[used].reset_index(drop=True), needed
