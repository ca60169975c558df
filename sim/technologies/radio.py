"""What every radio network of the scenario has in common: its carriers, antennas and margins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from sim.parameters import Quantity
from sim.radio.antenna import SectorPattern
from sim.radio.carriers import Carrier
from sim.radio.cells import reached
from sim.radio.link import shadow_margin_db
from sim.radio.network import Environments, Layer, Surroundings, kind_codes
from sim.radio.sites import Sites
from sim.tables.bands import bands_of
from sim.tables.layers import CITY, TOWN, VILLAGE, ZONE_KINDS
from sim.technologies.base import Decibel, Inside, Technology

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon
    from sim.geo.area import Area

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Degree = Annotated[float, Field(gt=0, le=360), Quantity("degree")]
Height = Annotated[float, Field(gt=0, le=1000), Quantity("m")]


class RadioNetwork(Technology, ABC):
    """A network of sectors: what it radiates and what counts as covered."""

    carriers: Annotated[dict[str, Carrier], Field(min_length=1)]
    """Carriers by name, in the order in which a site takes them on [carrier]."""
    coverage: str
    """Carrier of new sites; what they cover is planned on it [carrier]."""
    sectors: Annotated[int, Field(ge=1, le=6), Quantity("sectors/site")]
    """Sectors of a site [sectors/site]."""
    beamwidth: Degree
    """Horizontal beamwidth of a sector's antenna [degree]."""
    front_to_back: Decibel
    """Gain to the front over gain to the back [dB]."""
    vertical_beamwidth: Degree
    """Vertical beamwidth [degree]."""
    vertical_floor: Decibel
    """Most that elevation alone takes [dB]."""
    environments: Environments
    """Surroundings of terminals by kind of zone [urban, suburban or open]."""
    height_rural: Height
    """Antenna height in villages and at roads [m]."""
    height_urban: Height
    """Antenna height in cities and towns [m]."""
    terminal_height: Height
    """Height of the terminal [m]."""
    largest_radius: Annotated[float, Field(gt=0, le=200_000), Quantity("m")]
    """No site is looked at beyond it [m]."""
    terrain_pixel: Annotated[float, Field(ge=10, le=10_000), Quantity("m")]
    """Side of the pixels on which the loss over hills is kept [m]."""
    shadow_sigma: Decibel
    """Spread of shadowing [dB]."""
    edge_probability: Inside
    """Chance that the threshold holds at the edge [share]."""
    penetration_rural: Decibel
    """Building loss in villages, for cover indoors [dB]."""
    penetration_urban: Decibel
    """Building loss in cities and towns [dB]."""
    indoor_village: bool
    """Whether villages are planned for cover indoors; cities and towns always are [true or false]."""
    roughness_margin: Annotated[float, Field(ge=0), Quantity("dB/m")]
    """Loss for each metre of terrain roughness, where there is no height model [dB/m]."""
    roughness_limit: Decibel
    """The most that roughness may cost [dB]."""

    @model_validator(mode="after")
    def _carrier_exists(self) -> Self:
        self.carrier(self.coverage, "coverage")
        kinds = ", ".join(ZONE_KINDS)
        if set(self.environments) != set(ZONE_KINDS):
            raise ValueError(f"environments: give one for each of {kinds}")
        problems = [f"carriers.{name}: {text}" for name in self.carriers if (text := self._unfit(name))]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unfit(self, name: str) -> str:
        """Return why a carrier is none of this network's standard, empty where it is one."""
        carrier, allowed = self.carriers[name], bands_of(self.standard)
        if carrier.band not in allowed:
            return f"{self.standard} does not use {carrier.band}; it uses {', '.join(allowed)}"
        try:
            carrier.power_per_resource_element_dbm(self.standard)
        except ValueError as error:
            return str(error)
        return ""

    @property
    def standard(self) -> str:
        """Radio standard of its carriers: its own name, unless it lives on another network's sites."""
        return self.name

    def carrier(self, name: str, key: str = "") -> Carrier:
        """Return a carrier by name; ``ValueError`` with those there are."""
        if name not in self.carriers:
            known = ", ".join(self.carriers)
            raise ValueError(f"{key}: there is no carrier {name!r}; the carriers are {known}")
        return self.carriers[name]

    def available_month(self, horizon: Horizon) -> int:
        """Return the first month in which the technology and its carrier of new sites may both be used."""
        both = (self.available_from, self.carrier(self.coverage).available_from)
        return max(horizon.index(month) for month in both)

    @abstractmethod
    def threshold_dbm(self) -> float:
        """Return the power of the mapped signal that serves a terminal outdoors without any margin [dBm]."""

    def margin_db(self) -> float:
        """Return what shadowing asks for at the edge [dB]."""
        return shadow_margin_db(self.shadow_sigma, self.edge_probability)

    def layer(self, name: str = "") -> Layer:
        """Return a carrier as a radio layer, that of new sites unless one is named."""
        carrier = self.carrier(name or self.coverage)
        kinds = {}
        for kind in ZONE_KINDS:
            rural = kind == VILLAGE
            kinds[kind] = Surroundings(
                environment=self.environments[kind],
                height_m=self.height_rural if rural else self.height_urban,
                downtilt_deg=carrier.tilt_deg(urban=not rural),
                eirp_dbm=carrier.eirp_dbm(self.standard),
            )
        return Layer(
            name=f"{self.name}-{name or self.coverage}",
            frequency_mhz=carrier.frequency,
            pattern=SectorPattern(
                beamwidth_deg=self.beamwidth,
                front_to_back_db=self.front_to_back,
                vertical_beamwidth_deg=self.vertical_beamwidth,
                vertical_floor_db=self.vertical_floor,
                gain_dbi=carrier.gain,
            ),
            sectors=self.sectors,
            surroundings=kinds,
            floor_dbm=self.threshold_dbm() + self.margin_db(),
            largest_radius_m=self.largest_radius,
            terminal_height_m=self.terminal_height,
            power_dbm=carrier.power,
            pixel_m=self.terrain_pixel,
        )

    def entry_db(self, kinds: npt.NDArray[np.int8]) -> Floats:
        """Return the loss into buildings by the codes of kinds of zones, same shape [dB]."""
        loss = {CITY: self.penetration_urban, TOWN: self.penetration_urban, VILLAGE: self.penetration_rural}
        return np.array([loss[kind] for kind in ZONE_KINDS])[kinds]

    def planned_indoors(self, kinds: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
        """Return whether homes in zones of these kinds are planned for cover indoors, same shape."""
        return np.asarray(self.indoor_village | (kinds != ZONE_KINDS.index(VILLAGE)))

    def wanted_dbm(self, area: Area, layer: Layer) -> Floats:
        """Return the median power outdoors that makes each point covered, shape (P,) [dBm].

        Homes are planned indoors where the scenario says so, roads always outdoors. Without a height
        model hills count by the roughness of the zone.
        """
        points = area.points
        zone = points["zone"].to_numpy()
        kinds = kind_codes(area.zones["kind"].to_numpy())[zone]
        indoors = self.planned_indoors(kinds) & (points["length_m"].to_numpy() <= 0)
        wanted = self.threshold_dbm() + self.margin_db() + layer.receiver_db(kinds)
        wanted = wanted + np.where(indoors, self.entry_db(kinds), 0.0)
        if area.dem is None:
            rough = area.zones["roughness_m"].to_numpy(dtype=np.float64)[zone]
            wanted = wanted + np.minimum(self.roughness_margin * rough, self.roughness_limit)
        return np.asarray(wanted)

    def served_points(
        self, area: Area, locations: Rows, sectors: pd.DataFrame | None = None
    ) -> npt.NDArray[np.bool_]:
        """Return which points a standing network covers, shape (P,)."""
        covered = np.zeros(len(area.points), dtype=bool)
        for _, layer, sites, _ in self.standing_sites(area, locations, sectors):
            covered[reached(area, layer, sites, self.wanted_dbm(area, layer)).point] = True
        return covered

    def standing_sites(
        self, area: Area, locations: Rows, sectors: pd.DataFrame | None = None
    ) -> Iterator[tuple[str, Layer, Sites, Rows]]:
        """Give carriers of a standing network with their layers, sites and the locations of these.

        Locations whose sectors were read from a table radiate as it says, each on the carrier of its
        operator and band (that of new sites where there is none such); the others as new sites do.
        """
        own = np.empty(0, dtype=np.int32)
        if sectors is not None and len(sectors):
            mine = sectors[(sectors["technology"] == self.name) & sectors["from_table"]]
            own = np.unique(mine["location"].to_numpy())
            names = [self._carrier_of(*key) for key in zip(mine["operator"], mine["band"], strict=True)]
            for name, part in mine.groupby(np.array(names, dtype=object), sort=True):
                layer = self.layer(str(name))
                yield str(name), layer, layer.tabled(area, part), np.unique(part["location"].to_numpy())
        layer, rest = self.layer(), np.setdiff1d(locations, own)
        yield self.coverage, layer, layer.sites(area, rest), rest

    def standing_carriers(
        self, sectors: pd.DataFrame | None, locations: int
    ) -> dict[str, npt.NDArray[np.bool_]]:
        """Return where each carrier stood in month 0, by its name, shape (L,)."""
        found: dict[str, npt.NDArray[np.bool_]] = {}
        if sectors is not None:
            mine = sectors[sectors["technology"] == self.name]
            for (operator, band), part in mine.groupby(["operator", "band"], sort=True):
                name = self._carrier_of(str(operator), str(band))
                there = found.setdefault(name, np.zeros(locations, dtype=bool))
                there[part["location"].to_numpy()] = True
        return found

    def _carrier_of(self, operator: str, band: str) -> str:
        """Return the carrier of an operator in a band, else one in the band, else that of new sites."""
        for name, carrier in self.carriers.items():
            if carrier.band == band and carrier.operator == operator:
                return name
        return next((name for name, carrier in self.carriers.items() if carrier.band == band), self.coverage)
