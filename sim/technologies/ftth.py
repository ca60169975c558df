"""Fibre to the home over a passive optical network: GPON, and 10G PON on it later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.access.options import OdnOptions, stages_of
from sim.access.settlements import PatternOptions
from sim.clock import month_number
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.layers import VILLAGE
from sim.tables.plan import ASSETS, CANDIDATES, FIXED, NEEDED, SERVICE, Proposal, Task
from sim.technologies.base import (
    WORKING_DAYS_PER_MONTH,
    Days,
    KmPerDay,
    Mbps,
    Months,
    Plant,
    Share,
    Sigma,
    Technology,
    YuanPerHome,
    YuanPerUnit,
    design_homes,
    prices,
)
from sim.technologies.steps import TEST_PART, TEST_SHARE, acceptance, papers

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.features import Features
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Gbps = Annotated[float, Field(gt=0), Quantity("Gbps")]
TEN_GIGABIT = "10g"
"""Way of building that puts ports of 10G PON in the place of those of GPON."""
SPLICING_SHARE = 0.2
"""Days of splicing and testing for a day of laying cable, and a day at least."""
_MBPS_PER_GBPS = 1e3


class TenGigabit(Options):
    """XGS-PON on the fibres of GPON: new ports, the same splitters and cables."""

    available_from: str
    """First month in which it may be funded [YYYY-MM]."""
    kinds: Annotated[tuple[Literal["city", "town", "village"], ...], Field(min_length=1)]
    """Kinds of zones that it is offered to [kinds]."""
    optics: str
    """Class of optics of its ports, one of those of the network's design [class]."""
    capability: Mbps
    """Best rate on offer over it [Mbit/s]."""
    pon_rate: Gbps
    """Downstream rate of one port, shared by its homes [Gbit/s]."""
    lead_time: Days
    """Order and delivery of cards, median [days]."""
    fitting_days: Days
    """Days of a crew for one zone [days]."""

    @field_validator("available_from")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value


@dataclass(frozen=True, eq=False)
class Network:
    """What the optical network of every zone takes, shape (Z,) each."""

    served: Floats
    """Homes within reach of the optics."""
    line_ports: Floats
    """Ports of the line terminal, which is also the fibres of the feeder."""
    home_ports: Floats
    """Ports provided for homes."""
    bare_m: Floats
    """Route along which nothing stood before [m]."""
    plant_m: Floats
    """Route in ducts and on poles that stand [m]."""
    yuan: Mapping[str, Floats]
    """Price of passing the homes by item, none of it for connecting any [yuan]."""


class Ftth(Technology):
    """Fibre from the point of presence to every home of a zone, priced by the curves of full designs."""

    name: ClassVar[str] = "ftth"
    use: ClassVar[str] = FIXED
    skills: ClassVar[tuple[str, ...]] = ("fibre", "civil", "install")

    capability: Mbps
    """Best rate on offer over the line [Mbit/s]."""
    pon_rate: Gbps
    """Downstream rate of one PON port, shared by its homes [Gbit/s]."""
    pon_efficiency: Share
    """Share of the line rate left after framing and forward error correction [share]."""
    port_reserve: Annotated[float, Field(ge=0), Quantity("share")]
    """Ports provided over the subscribers expected at the end of the design life [share]."""
    curves: str
    """Table of the cost curves, relative to the file that names it [path]."""
    tiles: PatternOptions
    """How homes and streets lie inside zones."""
    odn: OdnOptions
    """Rules, optics and prices of the optical distribution network; its ``ports_per_home`` is that of a
    single design, while zones of a run follow demand."""
    ten_gigabit: TenGigabit | None
    """10G PON; null: never."""
    olt_room_price: YuanPerUnit
    """Frame, power and fitting at a point of presence, once for all its zones [yuan/unit]."""
    room_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Technical life of that equipment [yr]."""
    drop_price: YuanPerHome
    """Drop cable to a new subscriber, work included [yuan/home]."""
    terminal_price: YuanPerUnit
    """Optical network terminal at a new subscriber [yuan/unit]."""
    opex_share: Annotated[float, Field(ge=0, le=1), Quantity("1/yr")]
    """Yearly running cost as a share of the price [1/yr]."""
    village_lead_time: Months
    """Contract to service of the last village of a batch, median [months]."""
    batch_waiting_share: Share
    """Part of a village batch's lead time that its survey, permits and procurement take; in the rest crews
    build its villages [share]."""
    town_lead_time: Months
    """Contract to service in cities and towns, median [months]."""
    waiting_share: Share
    """Least share of the lead time in towns that is survey, permits and procurement; they also fill what
    field work leaves of it [share]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the waiting times [ln]."""
    aerial_pace: KmPerDay
    """Cable that one crew hangs on poles or draws into ducts in a day [km/crew/day]."""
    trench_pace: KmPerDay
    """Trench that one crew digs in a day [km/crew/day]."""

    # -- what a zone takes -----------------------------------------------------------------------

    def ports_per_home(self, demand: Demand) -> Floats:
        """Return the ports provided for each home of each zone, shape (Z,): expected lines and a reserve."""
        return np.minimum(demand.fixed_design[demand.zone_kind] * (1.0 + self.port_reserve), 1.0)

    def feeder_fibres(self, area: Area, demand: Demand) -> Floats:
        """Return the fibres that lead to each zone with all its homes passed, shape (Z,): one a port.

        Ports of the line terminal are shared by as many homes as the largest split has outputs.
        """
        most = max(math.prod(stages_of(split)) for split in self.odn.splits)
        return np.ceil(design_homes(area.zones) * self.ports_per_home(demand) / most)

    def features(self, area: Area, demand: Demand, copper: NDArray[np.bool_], upstream_m: Floats) -> Features:
        """Return what the curves look at; ``copper`` and ``upstream_m`` are of shape (Z,)."""
        from sim.access.features import features_of

        return features_of(
            area,
            self.tiles,
            self.odn,
            copper,
            upstream_m=upstream_m,
            ports_per_home=self.ports_per_home(demand),
        )

    def network(self, features: Features) -> Network:
        """Return what the network of every zone takes, by the curves."""
        from sim.access.bill import BUILD
        from sim.access.curves import read_curves
        from sim.access.quantities import BARE, DUCTED, LINE_PORTS, POLED, PORTS, priced

        found = read_curves(Path(self.curves)).quantities(features)
        total = priced(found, self.odn, features.built_up)
        lines = sum(
            (found[name] for name in found if name.startswith(LINE_PORTS)), np.zeros(len(features.kind))
        )
        return Network(
            served=features.served,
            line_ports=lines,
            home_ports=found[PORTS],
            bare_m=found[BARE],
            plant_m=found[DUCTED] + found[POLED],
            yuan={item: yuan for (stage, item), yuan in total.items() if stage == BUILD},
        )

    def _laying_days(self, network: Network, built_up: NDArray[np.bool_], feeder_m: Floats) -> Floats:
        """Return the days of a crew for the routes of each zone with its part of the feeder, shape (Z,)."""
        slow_m, quick_m = network.bare_m + feeder_m, network.plant_m
        pace = np.where(built_up, self.trench_pace, self.aerial_pace)
        return np.asarray((slow_m / pace + quick_m / self.aerial_pace) / 1000.0)

    # -- what could be built ---------------------------------------------------------------------

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return one candidate a zone for the homes without fibre, its shared routes and rooms, and 10G.

        A candidate needs the feeder segments on the way to its point of presence and the equipment room
        there, each bought once by the first that needs it; and it requires the uplink behind them where
        what stands there is too small.
        """
        zones, routes = area.zones, plant.routes
        upstream_m = zones["pop_route_m"].to_numpy() if routes is None else routes.route_m
        none = np.zeros(area.n_zones)
        features = self.features(area, demand, plant.homes_share.get("dsl", none) > 0, upstream_m)
        network = self.network(features)
        open_ = 1.0 - plant.homes_share.get(self.name, none)
        rows = np.flatnonzero((network.served > 0) & (open_ > 0))
        ids = self._ids(area, rows)
        cost = {item: (yuan * open_)[rows] for item, yuan in network.yuan.items()}
        total = np.sum(list(cost.values()), axis=0)
        feeder_m, feeder_yuan = none, none
        if routes is not None:
            feeder_m, feeder_yuan = routes.share_m, routes.share_fen / 100.0
        days = self._laying_days(network, features.built_up, feeder_m)
        village = features.kind == VILLAGE
        candidates = CANDIDATES.frame(
            project_id=ids,
            technology=self.name,
            use=self.use,
            zone=rows,
            location=-1,
            **prices(cost, len(rows)),
            opex_fen_per_year=np.rint((total + feeder_yuan[rows]) * 100.0 * self.opex_share),
            available_month=horizon.index(self.available_from),
            field_days=np.round((days * open_)[rows], 2),
            build=np.where(village, "village", "town")[rows],
            # ports of the whole zone: those that stand already share in its load
            quantity=np.maximum(np.ceil(network.line_ports[rows]), 1),
            requires=plant.required(rows),
        )
        service = SERVICE.frame(
            project_id=ids, zone=rows, point=-1, peak_mbps=self.capability, capacity_mbps=self.unit_mbps()
        )
        first = Proposal(candidates, *self._shared(area, plant, ids, rows), service)
        return Proposal.together([first, self._ten_gigabit(area, plant, network, horizon)])

    def _ids(self, area: Area, rows: Rows) -> NDArray[np.str_]:
        names = area.zones["zone_id"].to_numpy(dtype=str)[rows]
        return np.array([f"{self.name}:{name}" for name in names], dtype=np.str_)

    def _shared(
        self, area: Area, plant: Plant, ids: NDArray[np.str_], rows: Rows
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return equipment rooms and feeder segments as assets, and which candidate needs which."""
        import pandas as pd

        routes = plant.routes
        presence = (area.zones["pop_place"].to_numpy() if routes is None else routes.pop)[rows]
        used = np.unique(presence[presence >= 0])
        names = np.array([f"olt:{place}" for place in area.places["place_id"]], dtype=np.str_)
        rooms = ASSETS.frame(
            asset_id=names[used],
            kind="olt room",
            **prices({"active": self.olt_room_price}, len(used)),
            life_years=self.room_life,
        )
        housed = NEEDED.frame(project_id=ids[presence >= 0], asset_id=names[presence[presence >= 0]])
        if routes is None:
            return rooms, housed
        segments, needed = routes.assets(), routes.needed(ids, rows)
        segments = segments[segments["asset_id"].isin(needed["asset_id"])]
        return pd.concat([rooms, segments], ignore_index=True), pd.concat([housed, needed], ignore_index=True)

    def _ten_gigabit(self, area: Area, plant: Plant, network: Network, horizon: Horizon) -> Proposal:
        """Return a candidate for each zone that 10G PON is offered to; it requires fibre to the zone."""
        later = self.ten_gigabit
        if later is None or horizon.index(later.available_from) >= horizon.months:
            return Proposal.together([])
        offered = np.isin(area.zones["kind"].to_numpy(dtype=str), later.kinds)
        rows = np.flatnonzero(offered & (network.served > 0))
        ports = np.maximum(np.ceil(network.line_ports[rows]), 1)
        whole = plant.homes_share.get(self.name, np.zeros(area.n_zones))[rows] >= 1.0
        below = self._ids(area, rows)
        ids = np.array([f"{name}:{TEN_GIGABIT}" for name in below], dtype=np.str_)
        price = ports * self.odn.optics[later.optics].port_price
        candidates = CANDIDATES.frame(
            project_id=ids,
            technology=self.name,
            use=self.use,
            zone=rows,
            location=-1,
            **prices({"active": price}, len(rows)),
            opex_fen_per_year=np.rint(price * 100.0 * self.opex_share),
            available_month=horizon.index(later.available_from),
            field_days=later.fitting_days,
            build=TEN_GIGABIT,
            quantity=ports,
            requires=np.where(whole, "", below),
        )
        service = SERVICE.frame(
            project_id=ids,
            zone=rows,
            point=-1,
            peak_mbps=later.capability,
            capacity_mbps=later.pon_rate * _MBPS_PER_GBPS * self.pon_efficiency,
        )
        return Proposal(candidates, ASSETS.empty(), NEEDED.empty(), service)

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return survey, permit, procurement, building and hand-over; of 10G no survey and permit.

        The papers of the villages of one contract are the same papers: they take as long and share one
        draw; then crews take its villages one after another, so that the contract is complete after its
        lead time rather than each village. In towns waiting and field work together have the lead time
        as their median where no crew is short.
        """
        days, sigma = float(candidate["field_days"]), self.lead_time_spread
        stream, field = "ftth lead time", "ftth field"
        if candidate["build"] == TEN_GIGABIT and self.ten_gigabit is not None:
            fitting = days * (1.0 - TEST_PART)
            return (
                Task("delivery", self.ten_gigabit.lead_time, "", 0.7, stream, sigma, phase="procure"),
                Task("fit and switch over", fitting, "install", 0.3 - TEST_SHARE, field, sigma / 2.0),
                acceptance(days, field, sigma / 2.0),
            )
        village = candidate["build"] == "village"
        splicing = max(days * SPLICING_SHARE, 1.0)
        if village:
            waiting = self.village_lead_time * WORKING_DAYS_PER_MONTH * self.batch_waiting_share
        else:
            lead = self.town_lead_time * WORKING_DAYS_PER_MONTH
            waiting = max(lead * self.waiting_share, lead - days - splicing)
        skill = "fibre" if village else "civil"
        return (
            *papers(waiting, stream, sigma, 0.3, of_batch=village),
            Task("cable", days, skill, 0.5, field, sigma / 2.0, outdoor=True),
            Task("splice and test", splicing, "install", 0.2, field, sigma / 2.0, phase="test"),
        )

    def unit_mbps(self) -> float:
        """Return the downstream rate of one PON port [Mbit/s]."""
        return self.pon_rate * _MBPS_PER_GBPS * self.pon_efficiency

    def connect_yuan(self) -> float:
        """Return drop and terminal of one new subscriber [yuan]."""
        return self.drop_price + self.terminal_price
