"""Fixed lines of month 0 by rule: copper by its loops, fibre and cable by shares known then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.geo.loops import copper_lines
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.layers import CATV, CATV_DIGITAL, CITY, TOWN, VILLAGE

if TYPE_CHECKING:
    from sim.geo.area import Area
    from sim.geo.standing import StandingOptions

Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Ratio = Annotated[float, Field(ge=0), Quantity("ratio")]
Floats = NDArray[np.float64]


class CableStanding(Options):
    """Cable television of month 0, and how much of its plant is digital and carries both directions."""

    homes_city: Share
    """Share of homes in cities with cable television [share]."""
    homes_town: Share
    """Share of homes in towns with cable television [share]."""
    villages: Share
    """Share of administrative villages with cable television, nearest to a point of presence first
    [share]."""
    homes_village: Share
    """Share of the homes of such a village with cable television [share]."""
    digital: Share
    """Share of the homes with cable television whose television is digital [share]."""
    two_way: Share
    """Share of the homes with cable television whose plant carries both directions [share]."""
    town_ratio: Ratio
    """Share of two-way homes in towns over that in cities [ratio]."""
    capability: Annotated[float, Field(ge=0), Quantity("Mbps")]
    """Rate on offer over the two-way plant of month 0 [Mbit/s]."""
    take_up: Share
    """Share of the homes that two-way plant passes which have broadband over it [share]."""

    @model_validator(mode="after")
    def _two_way_is_digital(self) -> CableStanding:
        if self.two_way > self.digital:
            raise ValueError("two_way is above digital: plant that carries both directions is digital")
        return self


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of one technology in month 0."""

    technology: str
    share: Floats
    """Share of homes passed, shape (Z,)."""
    mbps: Floats
    """Rate on offer, shape (Z,) [Mbit/s]."""


def infer_lines(area: Area, options: StandingOptions) -> list[Lines]:
    """Return the fixed lines of month 0: deterministic ranks, shares known before the start."""
    zones = area.zones
    village = zones["kind"].to_numpy() == VILLAGE
    hard = 1.0 + zones["roughness_m"].to_numpy() / options.hard_ground
    near = nearest_first(zones["pop_route_m"].to_numpy() * hard, village)
    return [
        _copper(area, options, near),
        _fibre(area, options, near),
        *([] if options.cable is None else _cable(area, options.cable, near)),
    ]


def _copper(area: Area, options: StandingOptions, near: NDArray[np.int64]) -> Lines:
    """Copper in every town and the nearest villages: as fast as the median loop, up to what is sold."""
    village = area.zones["kind"].to_numpy() == VILLAGE
    borne, within = copper_lines(area, options.copper)
    plant = np.where(village, 0.0, 1.0)
    plant[near[: round(options.dsl_villages * village.sum())]] = options.dsl_village_homes
    sold = np.where(village, options.dsl_capability, options.dsl_capability_urban)
    return Lines("dsl", plant * within, np.minimum(borne, sold))


def _fibre(area: Area, options: StandingOptions, near: NDArray[np.int64]) -> Lines:
    zones = area.zones
    homes = zones["homes_2010"].to_numpy().astype(np.float64)
    share = first_homes(area, homes, options.ftth_homes * homes.sum(), options.ftth_town_ratio)
    villages = int((zones["kind"].to_numpy() == VILLAGE).sum())
    share[near[: round(options.ftth_villages * villages)]] = 1.0
    return Lines("ftth", share, np.full(len(zones), options.ftth_capability))


def _cable(area: Area, options: CableStanding, near: NDArray[np.int64]) -> list[Lines]:
    """Cable television, then what of it is digital (towns, then villages) and two-way (towns alone)."""
    zones = area.zones
    kinds = zones["kind"].to_numpy()
    village = kinds == VILLAGE
    share = np.select([kinds == CITY, kinds == TOWN], [options.homes_city, options.homes_town], 0.0)
    served = near[: round(options.villages * village.sum())]
    share[served] = options.homes_village
    homes = zones["homes_2010"].to_numpy().astype(np.float64) * share
    wanted = options.digital * homes.sum()
    digital = first_homes(area, homes, wanted, 1.0)
    digital[served] = _filled(homes[served], wanted - homes @ digital)
    both = first_homes(area, homes, options.two_way * homes.sum(), options.town_ratio)
    # What is two-way is digital, whatever the ratios of towns to cities are.
    digital = np.maximum(digital, both)
    none = np.zeros(len(zones))
    return [
        Lines("cable", share * both, np.full(len(zones), options.capability)),
        Lines(CATV, share, none),
        Lines(CATV_DIGITAL, share * digital, none),
    ]


def nearest_first(key: Floats, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the rows of ``mask`` by ascending key, ties by row."""
    rows = np.flatnonzero(mask)
    return rows[np.lexsort((rows, np.round(key[rows], 3)))]


def first_homes(area: Area, homes: Floats, wanted: float, town_ratio: float) -> Floats:
    """Return the share of the homes of each zone that come first, shape (Z,): none in villages.

    Cities and towns share ``wanted`` homes in the given ratio, their densest zones first.
    """
    zones = area.zones
    kinds = zones["kind"].to_numpy()
    people = zones["population_2010"].to_numpy().astype(np.float64)
    dense = people / np.maximum(zones["area_km2"].to_numpy(), 1e-6)
    in_city, in_town = homes[kinds == CITY].sum(), homes[kinds == TOWN].sum()
    city = min(wanted / max(in_city + town_ratio * in_town, 1.0), 1.0)
    town = min((wanted - city * in_city) / max(in_town, 1.0), 1.0)
    passed = np.zeros(len(homes))
    for kind, share in ((CITY, city), (TOWN, town)):
        rows = np.flatnonzero(kinds == kind)
        rows = rows[np.lexsort((rows, -np.round(dense[rows], 3)))]
        passed[rows] = _filled(homes[rows], share * homes[rows].sum())
    return passed


def _filled(homes: Floats, wanted: float) -> Floats:
    """Return the share of each entry's homes when ``wanted`` are taken from the first entries on."""
    left = wanted - np.cumsum(homes) + homes
    return np.clip(left / np.maximum(homes, 1.0), 0.0, 1.0)
