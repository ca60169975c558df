"""One carrier of a network on the area's locations: what its sites radiate and how far they are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.radio.antenna import SectorPattern
from sim.radio.law import LossLaw
from sim.radio.pathloss import Environment, PathLossModel
from sim.radio.selection import choose_model
from sim.radio.sites import Sites
from sim.tables.layers import ZONE_KINDS

if TYPE_CHECKING:
    import pandas as pd

    from sim.geo.area import Area
    from sim.radio.windows import TerrainWindows

Floats = NDArray[np.float64]
Environments = dict[str, Environment]
"""Surroundings of terminals in each kind of zone."""
GOLDEN_DEG = 360.0 * (3.0 - 5.0**0.5) / 2.0
"""Turn between the first sectors of one location and the next: no direction is favoured."""
_REFERENCE_M = 2000.0
"""Distance at which surroundings are compared."""
_SAME_DB = 1e-6
_WHOLE = 0.9995
"""A circle of which as much lies inside a range lies inside it."""


@dataclass(frozen=True)
class Surroundings:
    """What sites look like in one kind of zone."""

    environment: Environment
    """Surroundings of the terminals."""
    height_m: float
    """Antenna above ground where the location does not say [m]."""
    downtilt_deg: float
    """Below the horizon [degree]."""
    eirp_dbm: float
    """Radiated on the boresight, in the unit that is mapped (one resource element for RSRP) [dBm]."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One carrier of one technology: everything but the places of its sites."""

    name: str
    frequency_mhz: float
    pattern: SectorPattern
    sectors: int
    """Sectors of a site, evenly around it."""
    surroundings: Mapping[str, Surroundings]
    """By kind of zone."""
    floor_dbm: float
    """Weakest median power outdoors that matters; the radius of a site follows from it [dBm]."""
    largest_radius_m: float
    """No site is looked at beyond it [m]."""
    terminal_height_m: float
    power_dbm: float
    """Power of the carrier in a sector, which a table of sites may replace [dBm]."""
    pixel_m: float
    """Side of the pixels on which the loss over hills is kept [m]."""

    @cached_property
    def models(self) -> dict[str, PathLossModel]:
        """The path-loss model of sites in each kind of zone."""
        return {kind: self._model(kind, self.surroundings[kind].environment) for kind in ZONE_KINDS}

    def _model(self, kind: str, environment: Environment) -> PathLossModel:
        return choose_model(
            self.frequency_mhz,
            environment,
            base_height_m=self.surroundings[kind].height_m,
            terminal_height_m=self.terminal_height_m,
        )

    @cached_property
    def corrections_db(self) -> dict[str, float]:
        """How much weaker terminals in each kind of zone receive than where the laws are drawn for [dB].

        Where surroundings shift a model's loss by a constant (Hata's family) all laws are those of
        urban surroundings, and the shift, 0 or less, belongs to the terminal; then a mast in the open does
        not reach into the town as if the town were open. Elsewhere the site's own surroundings rule.
        """
        return {kind: self._shift_db(kind) if self._shifts(kind) else 0.0 for kind in ZONE_KINDS}

    def _shift_db(self, kind: str, distance_m: float = _REFERENCE_M) -> float:
        own, urban = self.models[kind], self._model(kind, "urban")
        return float(own.law().loss_db(0, distance_m) - urban.law().loss_db(0, distance_m))

    def _shifts(self, kind: str) -> bool:
        near, far = self._shift_db(kind), self._shift_db(kind, 4.0 * _REFERENCE_M)
        return abs(near - far) < _SAME_DB

    @cached_property
    def laws(self) -> LossLaw:
        """The law of sites in each kind of zone, in the order of ``ZONE_KINDS``."""
        chosen = [
            self._model(kind, "urban") if self._shifts(kind) else self.models[kind] for kind in ZONE_KINDS
        ]
        return LossLaw.stack([model.law() for model in chosen])

    def outside_range(self) -> str:
        """Return which part of a site's circle lies outside its model's published range; empty where none.

        By kind of zone, as a share of the circle's area.
        """
        said = []
        for radius, kind in zip(self.radii_m.tolist(), ZONE_KINDS, strict=True):
            model = self.models[kind]
            low, high = model.valid_m
            inside = max(min(high, radius) ** 2 - min(low, radius) ** 2, 0.0) / radius**2
            if inside < _WHOLE:
                name = type(model).__name__
                said.append(f"{kind} {1 - inside:.1%} ({name}, published for {low:g} to {high:g} m)")
        return ", ".join(said)

    @cached_property
    def radii_m(self) -> Floats:
        """How far the sites of each kind of zone are looked at, over flat land, in that order [m]."""
        lightest = min(self.corrections_db.values())
        distance = np.geomspace(50.0, self.largest_radius_m, 400)
        radii = []
        for row, kind in enumerate(ZONE_KINDS):
            power = self.surroundings[kind].eirp_dbm - self.laws.loss_db(row, distance) - lightest
            reached = distance[power >= self.floor_dbm]
            radii.append(float(reached[-1]) if len(reached) else float(distance[0]))
        return np.array(radii)

    def sites(self, area: Area, locations: NDArray[np.integer]) -> Sites:
        """Return the sites on these rows of the locations table, their sectors evenly around them."""
        kind_of_zone = kind_codes(area.zones["kind"].to_numpy())
        kind = kind_of_zone[area.locations["zone"].to_numpy()[locations]]
        by_kind = [self.surroundings[name] for name in ZONE_KINDS]
        count = len(locations)
        turn = np.arange(self.sectors) * 360.0 / self.sectors
        azimuth = (np.asarray(locations)[:, None] * GOLDEN_DEG + turn) % 360.0
        per_sector = np.repeat(kind, self.sectors)
        return Sites(
            x_m=area.locations["x_m"].to_numpy()[locations],
            y_m=area.locations["y_m"].to_numpy()[locations],
            height_m=np.array([place.height_m for place in by_kind])[kind],
            radius_m=self.radii_m[kind],
            law=self.laws.take(kind),
            first_sector=np.arange(count + 1, dtype=np.int64) * self.sectors,
            azimuth_deg=azimuth.ravel(),
            downtilt_deg=np.array([place.downtilt_deg for place in by_kind])[per_sector],
            eirp_dbm=np.array([place.eirp_dbm for place in by_kind])[per_sector],
            pattern=self.pattern,
            terminal_height_m=self.terminal_height_m,
        )

    def terrain(self, area: Area, sites: Sites) -> TerrainWindows | None:
        """Return what hills add between these sites and points; ``None`` where there is no height model.

        The empirical models hold the loss of quasi-smooth ground already: of the diffraction over hills
        only what exceeds that over smooth ground is added to them.
        """
        from sim.radio.sweep import Link
        from sim.radio.terrain_cache import terrain_windows

        if area.dem is None or not len(sites):
            return None
        whole = all(model.terrain == "full" for model in self.models.values())
        link = Link(hill_mhz(self.frequency_mhz), self.terminal_height_m, "full" if whole else "excess")
        return terrain_windows(area.dem, area.grid(self.pixel_m), sites, link)

    def tabled(self, area: Area, sectors: pd.DataFrame) -> Sites:
        """Return sites as rows of ``SECTORS`` say: heights, azimuths, tilts and powers where given.

        A location is one site, its first row giving the height; power replaces that of the carrier.
        """
        ordered = sectors.sort_values("location", kind="stable")
        rows = ordered["location"].to_numpy()
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        plain = self.sites(area, rows[first])
        kind = kind_codes(area.zones["kind"].to_numpy())[area.locations["zone"].to_numpy()[rows]]
        by_kind = [self.surroundings[name] for name in ZONE_KINDS]
        height = ordered["height_m"].to_numpy(dtype=np.float64)[first]
        tilt = ordered["downtilt_deg"].to_numpy(dtype=np.float64)
        usual = np.array([place.downtilt_deg for place in by_kind])[kind]
        power = ordered["power_dbm"].to_numpy(dtype=np.float64)
        eirp = np.array([place.eirp_dbm for place in by_kind])[kind]
        return replace(
            plain,
            height_m=height,
            law=self._laws_at(kind[first], height),
            first_sector=np.append(first, len(rows)).astype(np.int64),
            azimuth_deg=ordered["azimuth_deg"].to_numpy(dtype=np.float64),
            downtilt_deg=np.where(np.isnan(tilt), usual, tilt),
            eirp_dbm=np.where(np.isnan(power), eirp, eirp + power - self.power_dbm),
        )

    def _laws_at(self, kind: NDArray[np.int8], height_m: Floats) -> LossLaw:
        """Return the law of sites of these kinds of zones at these heights."""
        pairs, row = np.unique(np.column_stack([kind, height_m]), axis=0, return_inverse=True)
        laws = []
        for code, height in pairs:
            name = ZONE_KINDS[int(code)]
            place = replace(self.surroundings[name], height_m=float(height))
            layer = replace(self, surroundings={**self.surroundings, name: place})
            laws.append(layer.laws.take(np.array([int(code)])))
        return LossLaw.stack(laws).take(row.ravel())

    def receiver_db(self, kinds: NDArray[np.int8]) -> Floats:
        """Return the loss of each terminal's surroundings from the codes of their kinds [dB]."""
        return np.array([self.corrections_db[kind] for kind in ZONE_KINDS])[kinds]


def hill_mhz(frequency_mhz: float) -> float:
    """Return the frequency at which hills are computed: the nearest third of an octave from 1 GHz.

    Loss over an edge grows by 10 dB a decade of frequency, so this is 0.5 dB off at most, and the
    bands of one network share their windows.
    """
    return float(np.round(1000.0 * 2.0 ** (np.round(3.0 * np.log2(frequency_mhz / 1000.0)) / 3.0), 3))


def kind_codes(kinds: NDArray[np.object_]) -> NDArray[np.int8]:
    """Return the place of each kind of zone in ``ZONE_KINDS``."""
    codes = np.zeros(len(kinds), dtype=np.int8)
    for code, name in enumerate(ZONE_KINDS):
        codes[kinds == name] = code
    return codes
