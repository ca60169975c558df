"""What stands in month 0: inferred by rule from shares known then, or read from the user's tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.geo.loops import CopperOptions
from sim.geo.standing_lines import CableStanding, infer_lines
from sim.geo.starting import STARTING, StandingLayer, infer_sectors, sites_of
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.bands import RADIO_TECHNOLOGIES
from sim.tables.layers import CATV, CATV_DIGITAL, STANDING, TOWN, VILLAGE

if TYPE_CHECKING:
    import pandas as pd

    from sim.geo.area import Area

Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Mbps = Annotated[float, Field(ge=0), Quantity("Mbps")]
Kilometres = Annotated[float, Field(gt=0), Quantity("km")]
BaseStations = Annotated[float, Field(ge=0), Quantity("base stations/10k persons")]

FIXED_STANDING = ("dsl", "ftth", "cable", CATV, CATV_DIGITAL)
"""Fixed plant of the standing table; the last two are cable television, which carries no broadband."""
RADIO_STANDING = RADIO_TECHNOLOGIES


class StandingOptions(Options):
    """The network of month 0: shares for the rule, or tables of your own that replace it."""

    dsl_villages: Share
    """Share of administrative villages with copper broadband, those in reach by the shortest route first
    [share]."""
    hard_ground: Annotated[float, Field(gt=0), Quantity("m")]
    """Roughness of the land at which a metre of route counts twice in that order [m]."""
    dsl_village_homes: Share
    """Share of the homes of such a village with a copper pair [share]."""
    dsl_capability: Mbps
    """Best rate sold over copper in a village, whose remote unit has a narrow uplink [Mbit/s]."""
    dsl_capability_urban: Mbps
    """Best rate sold over copper or building LAN in cities and towns [Mbit/s]."""
    copper: CopperOptions
    """What a copper pair bears by its length."""
    ftth_homes: Share
    """Share of the province's homes passed by FTTH, all in cities and towns [share]."""
    ftth_town_ratio: Annotated[float, Field(ge=0), Quantity("ratio")]
    """Share of homes passed in towns over that in cities [ratio]."""
    ftth_villages: Share
    """Share of administrative villages with FTTH, in the same order [share]."""
    ftth_capability: Mbps
    """Rate on offer over standing FTTH [Mbit/s]."""
    ftth_subscribers: Share
    """Share of fixed subscribers on FTTH where it stands [share]."""
    cable: CableStanding | None = None
    """Cable television and its two-way plant; left out: none."""
    gsm_population: Share
    """Share of residents in zones that have 2G, densest zones first [share]."""
    umts_population: Share
    """Share of residents covered by 3G, densest zones first [share]."""
    lte_population: Share
    """Share of residents covered by LTE, densest zones first [share]."""
    gsm_base_stations: BaseStations
    """2G base stations of all operators per 10,000 residents [base stations/10k persons]."""
    umts_base_stations: BaseStations
    """3G base stations likewise [base stations/10k persons]."""
    lte_base_stations: BaseStations
    """LTE base stations likewise [base stations/10k persons]."""
    urban_density_ratio: Annotated[float, Field(gt=0), Quantity("ratio")]
    """Base stations a resident in cities and towns over those in villages [ratio]."""
    road_weight: Annotated[float, Field(ge=0), Quantity("persons/km")]
    """Residents that a kilometre of major road counts for when sites are placed [persons/km]."""
    spread: Annotated[float, Field(ge=0, le=3), Quantity("log spread")]
    """Spread of the logarithm of the luck with which places were chosen [log spread]."""
    sectors: Annotated[float, Field(ge=1, le=6), Quantity("sectors/site")]
    """Sectors of a standing site [sectors/site]."""
    seed: Annotated[int, Field(ge=0)]
    """Seed of the luck of places and of the directions of sectors; not the seed of the run [1]."""
    layers: dict[str, StandingLayer]
    """Operators' bands in the network of month 0."""
    site_range_city: Kilometres
    """Typical range of one of your own sites in a city [km]."""
    site_range_town: Kilometres
    """The same in a town [km]."""
    site_range_village: Kilometres
    """The same in open country [km]."""
    coverage: str = ""
    """CSV of your own network: zone_id, technology, homes_share, capability_mbps, subscribers; it
    replaces the rule for the technologies it names (path beside the scenario)."""
    sites: str = ""
    """CSV of your own sites or cells (your own columns, or those of OpenCelliD or CloudRF); it replaces
    the rule for the technologies it names (path beside the scenario)."""

    @model_validator(mode="after")
    def _adds_up(self) -> StandingOptions:
        for name, layer in self.layers.items():
            if problem := layer.problem():
                raise ValueError(f"layers.{name}: {problem}")
        for technology in STARTING:
            if self.base_stations(technology) == 0:
                if self.population(technology) > 0:
                    raise ValueError(f"{technology}_population needs {technology}_base_stations above 0")
                continue
            total = sum(layer.share for layer in self.layers.values() if layer.technology == technology)
            if total == 0:
                raise ValueError(f"{technology}_base_stations needs a layer of {technology} with a share")
        return self

    def population(self, technology: str) -> float:
        """Return the share of residents in zones that have a technology."""
        return {"gsm": self.gsm_population, "umts": self.umts_population, "lte": self.lte_population}[
            technology
        ]

    def base_stations(self, technology: str) -> float:
        """Return the base stations of a technology per 10,000 residents."""
        found = {
            "gsm": self.gsm_base_stations,
            "umts": self.umts_base_stations,
            "lte": self.lte_base_stations,
        }
        return found[technology]


@dataclass(frozen=True, eq=False)
class Standing:
    """The network of month 0."""

    table: pd.DataFrame
    """By zone and technology (contract ``STANDING``)."""
    site_locations: Mapping[str, NDArray[np.int32]]
    """Rows of the locations that carry each radio technology, ascending."""
    covered_points: Mapping[str, NDArray[np.bool_]]
    """Points that each radio technology reaches, shape (P,)."""
    subscribers: Mapping[str, NDArray[np.float64]]
    """Subscribers of month 0 by technology where a table says so, shape (Z,); demand gives the others."""
    modelled: frozenset[str]
    """Technologies whose plant is inferred rather than read."""
    sectors: pd.DataFrame
    """The radio network by location, technology, band and sector (contract ``SECTORS``)."""
    notices: Mapping[str, str]
    """What a reader should know of where the network came from, by technology or table."""


def infer_standing(area: Area, options: StandingOptions) -> Standing:
    """Return the network of month 0 by rule: deterministic ranks, shares known before the start."""
    zones = area.zones
    people = zones["population_2010"].to_numpy().astype(np.float64)
    dense = people / np.maximum(zones["area_km2"].to_numpy(), 1e-6)
    lines = infer_lines(area, options)
    rows = [np.flatnonzero(line.share > 0) for line in lines]
    covered = {name: _first_people(dense, people, options.population(name)) for name in STARTING}
    sectors, notices = infer_sectors(area, options, covered)
    return Standing(
        table=STANDING.frame(
            zone=np.concatenate(rows),
            technology=np.repeat([line.technology for line in lines], [len(row) for row in rows]),
            homes_share=np.concatenate([line.share[row] for line, row in zip(lines, rows, strict=True)]),
            capability_mbps=np.concatenate([line.mbps[row] for line, row in zip(lines, rows, strict=True)]),
            subscribers=0.0,
        ),
        site_locations={name: sites_of(sectors, name) for name in STARTING},
        covered_points={name: covered[name][area.points["zone"].to_numpy()] for name in ("umts", "lte")},
        subscribers={},
        modelled=frozenset((*(line.technology for line in lines), *STARTING)),
        sectors=sectors,
        notices=notices,
    )


def _first_people(dense: NDArray[np.float64], people: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Return the densest zones that together hold the share of the people."""
    order = np.lexsort((np.arange(len(people)), -np.round(dense, 3)))
    before = np.concatenate([[0.0], np.cumsum(people[order])[:-1]])
    covered = np.zeros(len(people), dtype=bool)
    covered[order] = before < share * people.sum()
    return covered


def site_range_m(kind: NDArray[np.str_], options: StandingOptions) -> NDArray[np.float64]:
    """Return the typical range of a site by the kind of the zone that receives it, same shape [m]."""
    ranges = [options.site_range_village, options.site_range_town]
    range_km = np.select([kind == VILLAGE, kind == TOWN], ranges, options.site_range_city)
    return np.asarray(range_km * 1000.0, dtype=np.float64)
