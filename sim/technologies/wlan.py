"""Public wireless LAN: access points in stations, malls, parks and other places open to everybody."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from sim.parameters import Quantity
from sim.radio.link import shadow_margin_db
from sim.radio.selection import choose_model
from sim.tables.plan import ASSETS, CANDIDATES, NEEDED, PUBLIC, SERVICE, Proposal, Task
from sim.technologies.base import (
    Days,
    Decibel,
    Inside,
    Mbps,
    Metres,
    Plant,
    Sigma,
    Technology,
    YuanPerUnit,
    prices,
)
from sim.technologies.steps import TEST_PART, TEST_SHARE, acceptance, papers

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Kind = Literal["hotspot", "station", "airport", "mall", "park", "scenic"]
YuanPerPlace = Annotated[float, Field(ge=0), Quantity("yuan/place")]
Dbm = Annotated[float, Field(ge=-200, le=80), Quantity("dBm")]


class Wlan(Technology):
    """Wireless LAN in public places: enough access points for the ground where people stay."""

    name: ClassVar[str] = "wlan"
    use: ClassVar[str] = PUBLIC
    skills: ClassVar[tuple[str, ...]] = ("install",)

    extents: Annotated[dict[Kind, Annotated[float, Field(gt=0), Quantity("m2/place")]], Field(min_length=1)]
    """Ground to cover at a place of each kind; kinds left out get none [m2/place]."""
    indoors: tuple[Kind, ...]
    """Kinds of places under a roof, where a wall stands in the way [kinds]."""
    frequency: Annotated[float, Field(gt=0), Quantity("MHz")]
    """Frequency of an access point [MHz]."""
    radiated_power: Dbm
    """Power that an access point radiates (EIRP), which the regulator bounds [dBm]."""
    received_threshold: Dbm
    """Power at which a place counts as covered [dBm]."""
    shadow_sigma: Decibel
    """Spread of shadowing [dB]."""
    edge_probability: Inside
    """Chance that the threshold holds at the edge [share]."""
    wall_loss: Decibel
    """Loss of the wall between access point and user under a roof [dB]."""
    antenna_height: Metres
    """Height of an access point [m]."""
    terminal_height: Metres
    """Height of the terminal [m]."""
    peak_rate: Mbps
    """Rate of one user alone [Mbit/s]."""
    place_rate: Mbps
    """Rate of the line that all users of a place share [Mbit/s]."""
    access_point_price: YuanPerUnit
    """Access point with its cable and power, fitted [yuan/unit]."""
    controller_price: YuanPerPlace
    """Switch and share of the controller at a place [yuan/place]."""
    backhaul_price: YuanPerPlace
    """Line to a place [yuan/place]."""
    opex_per_access_point: Annotated[float, Field(ge=0), Quantity("yuan/unit/yr")]
    """Running cost of an access point with its part of the line [yuan/unit/yr]."""
    lead_time: Days
    """Agreement with the owner of the place and procurement, median [days]."""
    lead_time_spread: Sigma
    """Spread of the logarithm of the lead time [ln]."""
    fitting_days: Days
    """Days of a crew for one access point [days]."""

    @model_validator(mode="after")
    def _every_kind_is_covered(self) -> Self:
        unknown = [kind for kind in self.indoors if kind not in self.extents]
        if unknown:
            raise ValueError(f"indoors: extents has no {', '.join(unknown)}")
        deaf = [kind for kind in self.extents if self.range_m(kind) <= 0.0]
        if deaf:
            kinds = ", ".join(deaf)
            raise ValueError(f"received_threshold: an access point reaches nobody at places of kind {kinds}")
        return self

    def range_m(self, kind: Kind) -> float:
        """Return how far an access point covers at places of a kind [m].

        The path loss is that of the table of models for antennas below the roofs (3GPP TR 38.901, UMi
        without line of sight at 2.4 and 5 GHz), carried on to shorter distances than its 10 m.
        """
        model = choose_model(
            self.frequency,
            "urban",
            base_height_m=self.antenna_height,
            terminal_height_m=self.terminal_height,
        )
        margin = shadow_margin_db(self.shadow_sigma, self.edge_probability)
        loss = self.radiated_power - self.received_threshold - margin
        return float(model.range_m(loss - self.wall_loss * (kind in self.indoors)))

    def access_points(self, kind: Kind) -> int:
        """Return the access points of a place of a kind: squares inscribed in their circles fill its ground.

        Every place has one at least.
        """
        return max(math.ceil(self.extents[kind] / (2.0 * self.range_m(kind) ** 2)), 1)

    def propose(self, area: Area, demand: Demand, plant: Plant, horizon: Horizon) -> Proposal:
        """Return one candidate for each zone with public places: all of them together.

        A place stands for the people of the nearest settlement or building of its zone.
        """
        from sim.geo.points import nearest_home_point

        places = area.places[area.places["kind"].isin(self.extents)]
        point = nearest_home_point(area.points, places)
        places, point = places[point >= 0], point[point >= 0]
        by_kind = {kind: self.access_points(kind) for kind in self.extents}
        zones, row = np.unique(places["zone"].to_numpy(), return_inverse=True)
        units = np.array([by_kind[kind] for kind in places["kind"]], dtype=np.float64)
        count = np.bincount(row, units, minlength=len(zones))
        lines = np.bincount(row, minlength=len(zones)).astype(np.float64)
        names = area.zones["zone_id"].to_numpy(dtype=str)[zones]
        ids = np.array([f"wlan:{name}" for name in names], dtype=np.str_)
        served, first = np.unique(point, return_index=True)
        price = {
            "active": count * self.access_point_price + lines * self.controller_price,
            "backhaul": lines * self.backhaul_price,
        }
        return Proposal(
            candidates=CANDIDATES.frame(
                project_id=ids,
                technology=self.name,
                use=self.use,
                zone=zones,
                location=-1,
                **prices(price, len(ids)),
                opex_fen_per_year=np.rint(count * self.opex_per_access_point * 100.0),
                available_month=horizon.index(self.available_from),
                field_days=count * self.fitting_days,
                build="public place",
                quantity=count,
                requires="",
            ),
            assets=ASSETS.empty(),
            needed=NEEDED.empty(),
            service=SERVICE.frame(
                project_id=ids[row[first]],
                zone=zones[row[first]],
                point=served,
                peak_mbps=self.peak_rate,
                capacity_mbps=self.place_rate * self._places_at(point, served),
            ),
        )

    @staticmethod
    def _places_at(point: npt.NDArray[np.int32], served: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """Return how many places stand for each of the points served."""
        return np.bincount(np.searchsorted(served, point), minlength=len(served))

    def tasks(self, candidate: Mapping[str, Any]) -> tuple[Task, ...]:
        """Return papers, the owner's consent among them, fitting, and the test."""
        days, sigma = float(candidate["field_days"]), self.lead_time_spread
        fitting = days * (1.0 - TEST_PART)
        return (
            *papers(self.lead_time, "wlan lead time", sigma, 0.6),
            Task("fit and connect", fitting, "install", 0.4 - TEST_SHARE, "wlan field", sigma / 2.0),
            acceptance(days, "wlan field", sigma / 2.0),
        )
