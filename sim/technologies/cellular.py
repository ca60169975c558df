"""Cellular networks: sites where they cover most, and more on them where the busy hour asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator, model_validator

from sim.clock import month_number
from sim.parameters import Quantity
from sim.radio.cells import Cells, Goal, cover
from sim.tables.plan import (
    ASSETS,
    CAPACITY,
    CARRIER,
    MOBILE,
    NEEDED,
    SECOND_SITE,
    SECTORS,
    Proposal,
)
from sim.technologies.base import (
    WORKING_DAYS_PER_MONTH,
    Plant,
    Share,
    YuanPerSite,
    prices,
)
from sim.technologies.growth import Growth, Step, busy_load_mbps, grow
from sim.technologies.masts import MastSites

if TYPE_CHECKING:
    import pandas as pd

    from sim.access.routes import Routes
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Dbm = Annotated[float, Field(ge=-200, le=0), Quantity("dBm")]
Degree = Annotated[float, Field(gt=0), Quantity("degree")]


class Cellular(MastSites):
    """Macro sites of one network: what every generation has in common."""

    use: ClassVar[str] = MOBILE
    skills: ClassVar[tuple[str, ...]] = ("civil", "radio")

    build: bool
    """Whether sites and carriers may be funded; otherwise the network only stands [true or false]."""
    received_threshold: Dbm
    """Power of the reference or pilot signal at which a place counts as covered [dBm]."""
    road_weight: Annotated[float, Field(ge=0), Quantity("persons/km")]
    """Residents that a kilometre of road stands for when sites are placed [persons/km]."""
    least_people: Annotated[float, Field(ge=0), Quantity("persons")]
    """A site that would newly cover no more is not proposed [persons]."""
    spectral_efficiency: Annotated[float, Field(gt=0), Quantity("bit/s/Hz")]
    """Mean downlink spectral efficiency of a loaded cell [bit/s/Hz]."""
    usable_load: Share
    """Share of the capacity that may be used at the busy hour [share]."""

    def threshold_dbm(self) -> float:
        """Return the power of the reference or pilot signal that serves a terminal [dBm]."""
        return self.received_threshold

    # -- what could be built ------------------------------------------------------------------

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return sites that cover most for their price, and what is added to sites.

        A network that may not be built on proposes nothing.
        """
        if not self.build:
            return Proposal.together([])
        cells = self.cells(area, self.own_sites(plant), plant.routes)
        available = self.available_month(horizon)
        carries = self.carries_mbps(plant.sectors, len(area.locations))
        sites = self.sites(area, cells, plant, available, carries[cells.locations][cells.cell])
        # What stands is in the list, so that its load is known, but is never offered.
        stands = sites.candidates["location"].isin(self.own_sites(plant))
        month = sites.candidates["available_month"].mask(stands, horizon.months).astype(np.int32)
        listed = replace(sites, candidates=sites.candidates.assign(available_month=month))
        return Proposal.together([listed, *self.additions(area, cells, plant, demand, horizon)])

    def own_sites(self, plant: Plant) -> Rows:
        """Return the locations on which the network itself stood in month 0."""
        return plant.standing_sites.get(self.name, np.empty(0, dtype=np.int32))

    def additions(
        self, area: Area, cells: Cells, plant: Plant, demand: Demand, horizon: Horizon
    ) -> tuple[Proposal, ...]:
        """Return what is added to sites."""
        return ()

    def carries_mbps(self, sectors: pd.DataFrame | None, locations: int) -> Floats:
        """Return what a site carries at each location with all carriers of month 0, shape (L,) [Mbit/s].

        Where nothing stands, that of a new site.
        """
        total = np.zeros(locations)
        for name, there in self.standing_carriers(sectors, locations).items():
            total += there * self.carrier_mbps(name)
        return np.where(total > 0, total, self.carrier_mbps(self.coverage))

    def cells(self, area: Area, standing: Rows, routes: Routes | None = None) -> Cells:
        """Return the locations that cover most for their price: those of the network itself cost nothing."""
        layer = self.layer()
        price = self.site_yuan(area, routes)
        price[standing] = 1.0
        return cover(
            area,
            layer,
            np.arange(len(area.locations), dtype=np.int32),
            self.wanted_dbm(area, layer),
            Goal(self.point_weight(area), price, self.least_people),
        )

    def point_weight(self, area: Area) -> Floats:
        """Return what covering each point counts: its residents, and its road as residents, shape (P,)."""
        people = area.points["population"].to_numpy(dtype=np.float64)
        return people + area.points["length_m"].to_numpy(dtype=np.float64) / 1000.0 * self.road_weight

    def carrier_mbps(self, name: str) -> float:
        """Return the downlink capacity of one carrier on all sectors at the usable load [Mbit/s]."""
        carrier = self.carriers[name]
        megahertz = carrier.bandwidth * carrier.downlink_share
        return self.sectors * megahertz * self.spectral_efficiency * self.usable_load

    def unit_mbps(self) -> float:
        """Return the downlink capacity of one sector of a new site at the usable load [Mbit/s]."""
        return self.carrier_mbps(self.coverage) / self.sectors


class MobileData(Cellular):
    """A network whose sites grow with the traffic on them."""

    ready: ClassVar[str]
    """Share of mobile users that it serves where it covers them, by its name in ``Demand``."""

    overlay: str = ""
    """Lower carrier that a site gets where it covers more; empty for none [carrier]."""
    sector_gain: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Capacity of a site with twice the sectors over that before [ratio]."""
    most_sites: Annotated[int, Field(ge=1, le=10), Quantity("sites")]
    """Sites that a location may come to hold for load [sites]."""
    design_month: str
    """Month whose busy hour sites are dimensioned for, at the latest the last [YYYY-MM]."""
    carrier_price: Annotated[float, Field(ge=0), Quantity("yuan/carrier")]
    """One more carrier on all sectors [yuan/carrier]."""
    sectors_price: YuanPerSite
    """Antennas and radio units for twice the sectors [yuan/site]."""

    @field_validator("design_month")
    @classmethod
    def _is_design_month(cls, value: str) -> str:
        month_number(value)
        return value

    @model_validator(mode="after")
    def _overlay_exists(self) -> Self:
        if self.overlay:
            self.carrier(self.overlay, "overlay")
        if self.overlay == self.coverage:
            raise ValueError(f"overlay: {self.overlay!r} is the carrier of new sites already")
        return self

    def additions(
        self, area: Area, cells: Cells, plant: Plant, demand: Demand, horizon: Horizon
    ) -> tuple[Proposal, ...]:
        """Return growth by load, and the overlay where it covers more."""
        growth = self._growth(area, cells, plant, demand, horizon)
        return (growth, self._overlay(area, cells, plant, horizon)) if self.overlay else (growth,)

    def _steps(self, horizon: Horizon) -> tuple[Step, ...]:
        """Return what a site takes on as its load grows: carriers, twice the sectors, another site."""
        more = [name for name in self.carriers if name not in (self.coverage, self.overlay)]
        steps = [
            Step(name, CARRIER, self.carrier_mbps(name), horizon.index(self.carriers[name].available_from))
            for name in more
        ]
        whole = self.carrier_mbps(self.coverage) + sum(step.adds_mbps for step in steps)
        steps.append(Step("sectors", SECTORS, whole * (self.sector_gain - 1.0), 0))
        steps += [
            Step(f"site-{number}", SECOND_SITE, whole * self.sector_gain, 0)
            for number in range(2, self.most_sites + 1)
        ]
        return tuple(steps)

    def _growth(self, area: Area, cells: Cells, plant: Plant, demand: Demand, horizon: Horizon) -> Proposal:
        """Return what is added to sites for their load, each step after the one before."""
        sectors = plant.sectors
        month = min(max(horizon.index(self.design_month), 0), horizon.months - 1)
        traffic = demand.mobile_willing * (getattr(demand, self.ready) * demand.mobile_busy_mbps)[:, None]
        load_mbps = busy_load_mbps(
            area.points["population"].to_numpy(dtype=np.float64),
            demand.zone_kind[area.points["zone"].to_numpy()],
            cells.home_cell,
            len(cells.locations),
            traffic[: month + 1],
        )
        steps = self._steps(horizon)
        there = self.standing_carriers(sectors, len(area.locations))
        none = np.zeros(len(area.locations), dtype=bool)
        taken = np.stack([there.get(step.name, none)[cells.locations] for step in steps], axis=1)
        carries = self.carries_mbps(sectors, len(area.locations))[cells.locations]
        growth = grow(load_mbps, carries, steps, taken)
        return self._step_candidates(area, cells, plant, growth, steps)

    def _step_candidates(
        self, area: Area, cells: Cells, plant: Plant, growth: Growth, steps: tuple[Step, ...]
    ) -> Proposal:
        base = self.site_ids(area, cells.locations)
        names = np.array([step.name for step in steps])
        ids = np.array(
            [f"{site}+{name}" for site, name in zip(base[growth.cell], names[growth.step], strict=True)],
            dtype=np.str_,
        )
        standing = np.isin(cells.locations, self.own_sites(plant))[growth.cell]
        requires = np.where(growth.after >= 0, ids[growth.after] if len(ids) else "", base[growth.cell])
        requires = np.where((growth.after < 0) & standing, "", requires)
        build = np.array([step.build for step in steps])[growth.step]
        mast = np.sum(list(self.mast_yuan(area, plant.routes).values()), axis=0)[cells.locations[growth.cell]]
        another = build == SECOND_SITE
        active = np.select(
            [build == CARRIER, build == SECTORS],
            [self.carrier_price, self.sectors_price],
            self.base_station_price,
        )
        lead = int(self.equipment_lead_time / WORKING_DAYS_PER_MONTH)
        point = np.argsort(cells.home_cell, kind="stable").astype(np.int32)
        counts = np.bincount(cells.home_cell[cells.home_cell >= 0], minlength=len(cells.locations))
        first = np.cumsum(counts) - counts + int((cells.home_cell < 0).sum())
        owner = np.repeat(np.arange(len(ids)), counts[growth.cell])
        offset = np.arange(len(owner)) - np.repeat(
            np.cumsum(counts[growth.cell]) - counts[growth.cell], counts[growth.cell]
        )
        served = point[first[growth.cell][owner] + offset]
        adds = np.array([step.adds_mbps for step in steps])[growth.step]
        return Proposal(
            candidates=self.candidates(
                area,
                cells.locations[growth.cell],
                ids,
                **prices({"active": active, "tower": np.where(another, mast, 0.0)}, len(ids)),
                use=CAPACITY,
                opex_fen_per_year=np.rint(
                    self.rent.yuan(np.ones(len(ids), dtype=np.int64)) * another * 100.0
                ),
                available_month=growth.month - lead,
                build=build,
                requires=requires,
            ),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=self.service(area, ids[owner], served, adds[owner]),
        )

    def _overlay(self, area: Area, cells: Cells, plant: Plant, horizon: Horizon) -> Proposal:
        """Return the lower carrier on the sites where it covers what no site does on its own."""
        layer = self.layer(self.overlay)
        more = cover(
            area,
            layer,
            cells.locations,
            self.wanted_dbm(area, layer),
            Goal(
                weight=self.point_weight(area),
                price=np.ones(len(cells.locations)),
                least_gain=self.least_people,
                covered=cells.home_cell >= 0,
            ),
        )
        base = self.site_ids(area, more.locations)
        ids = np.array([f"{site}+{self.overlay}" for site in base], dtype=np.str_)
        standing = np.isin(more.locations, self.own_sites(plant))
        return Proposal(
            candidates=self.candidates(
                area,
                more.locations,
                ids,
                **prices({"active": self.carrier_price}, len(ids)),
                available_month=horizon.index(self.carriers[self.overlay].available_from),
                build=CARRIER,
                requires=np.where(standing, "", base),
            ),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=self.service(area, ids[more.cell], more.point, self.carrier_mbps(self.overlay)),
        )


class Gsm(Cellular):
    """GSM: voice everywhere, and the masts that later networks share."""

    name: ClassVar[str] = "gsm"


class Umts(MobileData):
    """UMTS: 3G on 2.1 GHz."""

    name: ClassVar[str] = "umts"
    ready: ClassVar[str] = "umts_ready"


class Lte(MobileData):
    """LTE: TD-LTE and FDD carriers on one network."""

    name: ClassVar[str] = "lte"
    ready: ClassVar[str] = "lte_ready"


class Nr(MobileData):
    """5G NR in the mid bands, on the sites of LTE first."""

    name: ClassVar[str] = "nr"
    ready: ClassVar[str] = "nr_ready"
    reacts_to: ClassVar[tuple[str, ...]] = ("lte",)

    host_growth: Share
    """Growth of the LTE sites after which sites are placed anew [share]."""

    def patience(self) -> float:
        """Return the growth of LTE: a few new masts hardly change where 5G goes."""
        return self.host_growth
