"""Works of a made-up prefecture, whose days in the field are those of real candidates.

Fibre proposes them for sampled counties of Sichuan and Hunan without any fibre; sites are those of LTE.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.access.routes import Routes, plan_routes
from sim.demand import estimate_demand
from sim.geo.area import Area, read_area
from sim.geo.standing_lines import infer_lines
from sim.parameters import read_parameters
from sim.scenario.load import load_scenario
from sim.tables.plan import CO_LOCATION, NEW_SITE, Work
from sim.technologies import Plant
from sim.technologies.ftth import Ftth

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.tables.demand import Demand
    from sim.technologies import Technology

SAMPLES = {
    "sichuan-2020": ("510104", "510129", "511321", "510321", "511902", "513322"),
    "hunan-2015": ("430102", "430121", "430523", "433123"),
}
"""Counties whose zones give the days in the field: districts, plains, hills and mountains."""
MILLIONS = 4.0
"""Residents of the made-up prefecture [million]."""
COUNTIES = 8
SIDE_M = 155_000.0
"""Side of its square: 4 million residents at the density of Sichuan [m]."""
NEW_MASTS = 0.3
"""Part of tower deliveries that are new masts; 70 % share one (China Tower, 2016)."""
SITES = ("tower", "radio", "radio too")
"""Kinds of work at sites: the mast alone, and two kinds of networks on masts that stand."""
_FLAT_M = 300.0


@dataclass(frozen=True)
class Figures:
    """What is fitted: crews by a million residents, paces [km/crew/day], days of a site, share of papers."""

    civil: float
    radio: float
    fibre: float
    install: float
    trench: float
    aerial: float
    fitting: float
    papers: float

    @classmethod
    def shipped(cls) -> Figures:
        """Return the figures of the parameter table."""
        row = {
            row.name: row.value for row in read_parameters(Path("scenarios/library/parameters.csv")).values()
        }
        return cls(*(row[name] for name in ROWS.values()))


ROWS = {
    "civil": "crews_civil_per_million",
    "radio": "crews_radio_per_million",
    "fibre": "crews_fibre_per_million",
    "install": "crews_install_per_million",
    "trench": "trench_rate_crew_soil",
    "aerial": "aerial_fibre_rate_crew",
    "fitting": "site_fitting_time",
    "papers": "batch_waiting_share",
}
"""Row of the parameter table of each figure."""
RANGES = {"trench": (0.15, 0.5), "aerial": (0.8, 3.0), "fitting": (2.0, 6.0), "papers": (0.35, 0.65)}
"""Ranges of the paces in the parameter table."""
CENTRES = {"trench": 0.3, "aerial": 1.5, "fitting": 3.0}
"""Their values before any fit."""


@dataclass(frozen=True)
class Kind:
    """One kind of work: its candidates' rows, technology, elevation, and what one of them is."""

    name: str
    technology: Technology
    rows: tuple[Mapping[str, Any], ...]
    units: tuple[float, ...]
    """Homes of each, or 1."""
    elevation_m: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Base:
    """What fibre proposes from in one province."""

    scenario: Scenario
    ftth: Ftth
    area: Area
    demand: Demand
    plant: Plant


@cache
def base(name: str) -> Base:
    """Return the sampled counties of a scenario as if no fibre stood in them."""
    counties = ", ".join(f'"{county}"' for county in SAMPLES[name])
    loaded = load_scenario(Path(f"scenarios/{name}.yaml"), [("geodata.counties", f"[{counties}]")])
    scenario = loaded.scenario
    area, _ = read_area(scenario.province, scenario.geodata)
    copper = next(line.share for line in infer_lines(area, scenario.standing) if line.technology == "dsl")
    demand = estimate_demand(area.zones["kind"].to_numpy(dtype=str), scenario.demand, scenario.clock)
    ftth = scenario.technologies.chosen()["ftth"]
    assert isinstance(ftth, Ftth)
    none = np.zeros(area.n_zones)
    routes: Routes = plan_routes(
        area, scenario.routes, none > 0, ftth.feeder_fibres(area, demand), copper > 0
    )
    return Base(scenario, ftth, area, demand, Plant({}, {"ftth": none, "dsl": copper}, {}, routes=routes))


@cache
def kinds(figures: Figures) -> Mapping[str, Kind]:
    """Return the kinds of work at these paces: homes in towns, villages, masts and networks on them."""
    lte = base("sichuan-2020").scenario.technologies.chosen()["lte"]
    lte = lte.model_copy(update={"fitting_days": figures.fitting})
    site = {"field_days": figures.fitting, "civil_fen": 0}
    sites = tuple(site | {"build": NEW_SITE if n < round(10 * NEW_MASTS) else CO_LOCATION} for n in range(10))
    one = (1.0,) * len(sites)
    made = {name: Kind(name, lte, sites, one, (_FLAT_M,) * len(sites)) for name in SITES}
    return made | {name: _fibre(name, figures) for name in ("town", "village")}


def _fibre(name: str, figures: Figures) -> Kind:
    """Return fibre to towns or villages of all samples."""
    found: list[tuple[Mapping[str, Any], float, float]] = []
    paced = {}
    for sample in SAMPLES:
        own = base(sample)
        paced[sample] = own.ftth.model_copy(
            update={
                "trench_pace": figures.trench,
                "aerial_pace": figures.aerial,
                "batch_waiting_share": figures.papers,
            }
        )
        table = paced[sample].propose(own.area, own.demand, own.plant, own.scenario.clock).candidates
        table = table[table["build"] == name]
        zones = own.area.zones.iloc[table["zone"].to_numpy()]
        rows = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
        homes, height = zones["homes_2010"].tolist(), zones["elevation_m"].tolist()
        found += [each for each in zip(rows, homes, height, strict=True) if each[1] > 0]
    units = tuple(float(homes) if name == "town" else 1.0 for _, homes, _ in found)
    return Kind(
        name, paced["sichuan-2020"], tuple(row for row, _, _ in found), units,
        tuple(float(height) for _, _, height in found),
    )  # fmt: skip


def works_of(
    kind: Kind, per_month: float, months: float, draw: np.random.Generator
) -> list[tuple[float, Work]]:
    """Return works of a kind with the month in which each is wanted at a rate, for the whole prefecture.

    ``per_month`` is by a million residents.
    """
    count = math.ceil(per_month * MILLIONS * months / float(np.mean(kind.units)))
    pick, county = draw.integers(0, len(kind.rows), count), draw.integers(0, COUNTIES, count)
    if kind.name == "village":  # one county after another, as contracts are let
        county = np.sort(county)
    side = math.ceil(math.sqrt(COUNTIES))
    place = (np.stack([county % side, county // side], axis=1) + draw.random((count, 2))) * SIDE_M / side
    without = {"tower": "radio"}.get(kind.name, "civil" if kind.name in SITES else "")
    tasks = [
        tuple(task for task in kind.technology.tasks(row) if not without or task.skill != without)
        for row in kind.rows
    ]
    return [
        (
            (n + 0.5) / count * months,
            Work(
                project_id=f"{kind.name}:{n}", technology=kind.technology.name, prefecture="P", zone=0,
                elevation_m=kind.elevation_m[pick[n]], price_fen=0, pot="all", priority=0,
                tasks=tasks[pick[n]], batch=f"{kind.name}:{county[n]}" if kind.name == "village" else "",
                x_m=float(place[n, 0]), y_m=float(place[n, 1]),
            ),
        )
        for n in range(count)
    ]  # fmt: skip
