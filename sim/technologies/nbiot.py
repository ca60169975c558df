"""NB-IoT: a step on sites that stand, for wide cover of meters and sensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.geo.points import on_road
from sim.parameters import Quantity
from sim.radio.cells import cover_points
from sim.radio.link import max_path_loss_coupling_db, shadow_margin_db
from sim.radio.pathloss import OkumuraHata
from sim.tables.layers import VILLAGE
from sim.tables.plan import ASSETS, CANDIDATES, IOT, NEEDED, SERVICE, Proposal, Task
from sim.technologies.base import (
    Days,
    Decibel,
    Metres,
    Plant,
    Share,
    Sigma,
    Technology,
    YuanPerSite,
    prices,
)

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Dbi = Annotated[float, Field(), Quantity("dBi")]


class NbIot(Technology):
    """NB-IoT as a board on standing 2G or LTE sites at 800-900 MHz."""

    name: ClassVar[str] = "nbiot"
    use: ClassVar[str] = IOT
    reacts_to: ClassVar[tuple[str, ...]] = ("lte",)

    carrier: Annotated[float, Field(gt=0), Quantity("MHz")]
    """Carrier frequency [MHz]."""
    coupling_loss: Decibel
    """Greatest coupling loss of general coverage, between antenna connectors [dB]."""
    antenna_gain: Dbi
    """Gain of the site's antenna [dBi]."""
    terminal_gain: Dbi
    """Gain of the terminal's antenna [dBi]."""
    feeder_loss: Decibel
    """Loss of the feeder [dB]."""
    penetration_urban: Decibel
    """Loss into buildings in cities and towns [dB]."""
    penetration_rural: Decibel
    """Loss into buildings in villages [dB]."""
    shadow_sigma: Decibel
    """Spread of shadowing [dB]."""
    edge_probability: Share
    """Chance that the coupling loss holds at the edge [share]."""
    roughness_margin: Annotated[float, Field(ge=0), Quantity("dB/m")]
    """Loss for each metre of terrain roughness, where no terrain is computed [dB/m]."""
    roughness_limit: Decibel
    """The most that roughness may cost [dB]."""
    height: Metres
    """Antenna height [m]."""
    peak_rate: Annotated[float, Field(gt=0), Quantity("Mbps")]
    """Rate of one device [Mbit/s]."""
    board_price: YuanPerSite
    """Board and software at a standing site [yuan/site]."""
    opex_per_site: Annotated[float, Field(ge=0), Quantity("yuan/site/yr")]
    """Running cost of a site [yuan/site/yr]."""
    lead_time: Days
    """Procurement and planning, median [days]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead time [ln]."""
    fitting_days: Days
    """Days of a crew for one site [days]."""
    host_growth: Share
    """Growth of the LTE sites after which the grid of hosts is drawn anew [share]."""

    def cell_range_m(
        self, village: NDArray[np.bool_], roughness_m: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the range of general coverage, indoors, shape of ``roughness_m`` [m]."""
        margin_db = shadow_margin_db(self.shadow_sigma, self.edge_probability)
        rough_db = np.minimum(self.roughness_margin * roughness_m, self.roughness_limit)
        ranges = []
        for environment, penetration in (
            ("open", self.penetration_rural),
            ("suburban", self.penetration_urban),
        ):
            model = OkumuraHata(
                frequency_mhz=self.carrier,
                base_height_m=self.height,
                environment=environment,
            )
            losses_db = self.feeder_loss + penetration + margin_db
            loss_db = max_path_loss_coupling_db(
                self.coupling_loss, self.antenna_gain + self.terminal_gain, losses_db
            )
            ranges.append(model.range_m(loss_db - rough_db))
        return np.where(village, ranges[0], ranges[1])

    def patience(self) -> float:
        """Return the growth of its hosts: a few new ones hardly change a grid of wide cells."""
        return self.host_growth

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return one candidate a host site that the grid keeps; hosts are standing or under way."""
        zones = area.zones
        village = zones["kind"].to_numpy() == VILLAGE
        radius_m = self.cell_range_m(village, zones["roughness_m"].to_numpy(dtype=np.float64))
        nothing = np.empty(0, dtype=np.int32)
        hosts = np.concatenate([plant.site_locations.get(name, nothing) for name in ("gsm", "lte")])
        cells = cover_points(area, radius_m, hosts, ~on_road(area.points))
        ids = np.array([f"nbiot:{name}" for name in area.locations["location_id"]], dtype=str)[
            cells.locations
        ]
        count = len(ids)
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=ids,
                technology=self.name,
                use=self.use,
                zone=area.locations["zone"].to_numpy()[cells.locations],
                location=cells.locations,
                **prices({"active": self.board_price}, count),
                opex_fen_per_year=np.full(count, round(self.opex_per_site * 100)),
                available_month=np.full(count, horizon.index(self.available_from)),
                field_days=np.full(count, self.fitting_days),
                build=np.full(count, "board"),
                quantity=np.ones(count),
                requires=np.full(count, ""),
            )
            if count
            else CANDIDATES.empty(),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=SERVICE.frame(
                project_id=ids[cells.cell],
                zone=area.points["zone"].to_numpy()[cells.point],
                point=cells.point,
                peak_mbps=np.full(len(cells.point), self.peak_rate),
                capacity_mbps=np.full(len(cells.point), self.peak_rate),
            )
            if count
            else SERVICE.empty(),
        )

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return procurement and fitting."""
        return (
            Task("plan and procure", self.lead_time, "", 0.5, "nbiot lead time", self.lead_time_spread),
            Task("fit and integrate", float(candidate["field_days"]), "radio", 0.5, "nbiot field", 0.0),
        )
