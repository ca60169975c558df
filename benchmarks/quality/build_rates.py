"""Crews held against sourced build rates: the rollout runs where money does not bind.

    python -m benchmarks.quality.build_rates             # what the shipped figures give against the sources
    python -m benchmarks.quality.build_fit               # how they were found

A made-up prefecture of a few million residents is given more work of one or two kinds than its crews can do.
Days in the field are those that fibre proposes for sampled counties of Sichuan and Hunan and those of sites;
papers, seasons, holidays, travel and luck are the rollout's own. What comes into service in a month of two
full years after the papers is held against what was built, each by a million residents.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.quality.build_works import MILLIONS, Figures, Kind, base, kinds, works_of
from sim.clock import Horizon
from sim.geo.census import read_census
from sim.parameters import read_parameters
from sim.randomness import Streams
from sim.rollout.build import roll_out
from sim.tables.plan import NEW_SITE, Step, Work
from sim.technologies.base import WORKING_DAYS_PER_MONTH

NATION = 1339.724852
"""Residents of mainland China, census of 2010 [million] (National Bureau of Statistics, 2011)."""
GUIZHOU, GUIZHOU_BATCH = 34.75, 3_540
"""Residents of Guizhou, census of 2010 [million], and villages of its first batch."""
CHENZHOU, RONG = 4.58, 0.59
"""Residents of Chenzhou in Hunan and of Rong county in Sichuan, census of 2010 [million]."""
HOMES_2014 = (22e6 - 12e6) / 18.5
"""Homes passed a month in Sichuan from the end of 2013 to July 2015 (22 less 12 million; history table)."""
SITES_2013 = 200_000 / 12
"""Base stations a month of the TD-LTE programme of 2013 in the nation (row tdlte_site_capex_2013)."""
PILOT_COUNTIES = 21
"""Counties of the first batch of broadband villages in Hunan (history table, Shaoyang county)."""
VILLAGES_GUIZHOU = 8_900 / 23
"""Villages a month of three batches in Guizhou, January 2016 to December 2017 (history table)."""
WARM_UP, MEASURED = 18, 24
"""Months before and while completions are counted."""
SKILLS = ("civil", "radio", "fibre")
_SEED = 7


@dataclass(frozen=True)
class Rate:
    """A sourced rate, and which works stand for it."""

    name: str
    row: str
    wanted: float
    """By a month and a million residents."""
    unit: str
    kind: str
    beside: tuple[tuple[str, float], ...] = ()
    """Other kinds built at the same time, with their rates."""
    spread: float = 0.15
    """How far the reading of the source may be off, as the spread of a logarithm."""
    fitted: bool = True


def residents_of(province: str) -> float:
    """Return the residents of a province in the census of 2010 [million]."""
    return float(read_census(province)["population_2010"].sum()) / 1e6


def rates() -> tuple[Rate, ...]:
    """Return the sourced rates by a month and a million residents, and how each is read."""
    rows = read_parameters(Path("scenarios/library/parameters.csv"))
    nation, sichuan, hunan = NATION, residents_of("Sichuan"), residents_of("Hunan")

    def per_million(row: str, residents: float, times: float = 1.0) -> float:
        return rows[row].value * times / residents

    towers, homes = "china_tower_delivery_rate", "provincial_ftth_homes_rate_sichuan_2013"
    sites, village = "provincial_4g_site_rate_hunan_2014", "county_village_fibre_rate"
    chenzhou, tail = "prefecture_4g_site_rate_chenzhou_2019", "county_village_fibre_rate_late"
    older = per_million("provincial_3g_site_rate_hunan_2014", hunan)
    return (
        Rate("tower deliveries, nation 2015-16", towers, per_million(towers, nation), "sites", "tower",
             (("town", HOMES_2014 / sichuan),)),
        Rate("homes passed, Sichuan 2013", homes, per_million(homes, sichuan), "homes", "town",
             (("tower", SITES_2013 / nation),)),
        Rate("4G sites, Hunan 2014", sites, per_million(sites, hunan), "sites", "radio",
             (("radio too", older),)),
        Rate("villages, pilot counties of Hunan 2015", village, per_million(village, hunan, PILOT_COUNTIES),
             "villages", "village", spread=0.35),
        Rate("villages, Guizhou 2016-17", "", VILLAGES_GUIZHOU / GUIZHOU, "villages", "village", spread=0.35),
        Rate("villages, Rong county 2017 (tail)", tail, per_million(tail, RONG), "villages", "village",
             fitted=False),
        Rate("4G sites, Chenzhou 2019", chenzhou, per_million(chenzhou, CHENZHOU), "sites", "radio",
             fitted=False),
        Rate("4G sites, nation 2018", "national_4g_site_rate_2018",
             per_million("national_4g_site_rate_2018", nation), "sites", "radio", fitted=False),
    )  # fmt: skip


def built(
    works: Sequence[tuple[float, Work]], crews: Mapping[str, float], months: int, spread: float = 1.0
) -> dict[str, float]:
    """Return the day on which each project comes into service; all are funded on the first day."""
    scenario = base("sichuan-2020").scenario
    horizon = Horizon("2014-01", f"{2014 + (months - 1) // 12}-{(months - 1) % 12 + 1:02d}")
    order = sorted(works, key=lambda each: (each[0], each[1].project_id))
    ranked = tuple(replace(work, priority=rank) for rank, (_, work) in enumerate(order))

    def step(month: int, progress: Any, funds_fen: Any, release: bool) -> Step:
        return Step(works=ranked if month == 0 else ())

    budget = SimpleNamespace(
        lapsing=frozenset(),
        releases=lambda horizon: {0: {"all": 1}},
        earned=lambda month, done, horizon: {},
        ahead=lambda month, horizon: {},
    )
    options = scenario.rollout.model_copy(update={"spread": spread, "failures": {}, "shortages": {}})
    there = {("P", skill): round(number * MILLIONS) for skill, number in crews.items()}
    events = roll_out(step, budget, options, horizon, Streams(_SEED), there)
    done = events[events["event"] == "activated"]
    return dict(zip(done["project_id"].tolist(), done["day"].tolist(), strict=True))


def crews_of(figures: Figures) -> dict[str, float]:
    """Return crews by skill and a million residents."""
    return {skill: getattr(figures, skill) for skill in (*SKILLS, "install")}


def simulated(rate: Rate, figures: Figures, crews: Mapping[str, float] | None = None) -> float:
    """Return what is built by a month and a million residents where there is more to do than crews can."""
    months = WARM_UP + MEASURED
    draw = np.random.default_rng(_SEED)
    works: list[tuple[float, Work]] = []
    units: dict[str, float] = {}
    made = kinds(figures)
    for name, per_month in ((rate.kind, rate.wanted), *rate.beside):
        mine = works_of(made[name], 2.0 * per_month, months, draw)
        works += mine
        if name == rate.kind:
            units = _units(made[name], mine)
    done = built(works, crews or crews_of(figures), months)
    horizon = Horizon("2014-01", "2030-12")
    first, end = horizon.first_day(WARM_UP), horizon.first_day(months)
    total = sum(units[name] for name, day in done.items() if name in units and first <= day < end)
    return total / MEASURED / MILLIONS


def _units(kind: Kind, works: Sequence[tuple[float, Work]]) -> dict[str, float]:
    """Return what each work counts: the mean homes of its kind, or 1."""
    mean = float(np.mean(kind.units))
    return {work.project_id: mean for _, work in works}


def batch_months(figures: Figures, villages_per_million: float, complete: float = 0.95) -> float:
    """Return the months from contract until a share of the villages of all contracts is in service."""
    draw = np.random.default_rng(_SEED)
    months = 60
    works = works_of(kinds(figures)["village"], villages_per_million / months, months, draw)
    done = sorted(built(works, crews_of(figures), months).values())
    return _in_months(done[math.ceil(complete * len(works)) - 1])


def road_months(figures: Figures, sites: int = 100, elevation_m: float = 3800.0) -> tuple[float, float]:
    """Return the months from contract to service of the middle and the last site along plateau roads."""
    kind = kinds(figures)["tower"]
    draw = np.random.default_rng(_SEED)
    lte = kind.technology
    tasks = lte.tasks({"field_days": figures.fitting, "build": NEW_SITE, "civil_fen": 0})
    works = [
        (0.0, replace(work, tasks=tasks, elevation_m=elevation_m))
        for _, work in works_of(kind, sites / MILLIONS / 12, 12, draw)
    ]
    done = sorted(built(works, crews_of(figures), 60).values())
    return _in_months(done[len(done) // 2]), _in_months(done[-1])


def _in_months(day: float) -> float:
    return day / WORKING_DAYS_PER_MONTH


def say_rates(figures: Figures) -> None:
    """Print sourced rates and times beside simulated ones."""
    print("what | sourced | simulated | simulated/sourced | by a month and a million residents")
    for rate in rates():
        found = simulated(rate, figures)
        told = "fitted" if rate.fitted else "check"
        share = found / rate.wanted
        print(f"{rate.name} | {rate.wanted:,.1f} | {found:,.1f} | {share:.2f} | {rate.unit}, {told}")
    months = batch_months(figures, GUIZHOU_BATCH / GUIZHOU)
    print(f"village batch, contract to 95 % in service | 19 (12-24) | {months:.1f} | months")
    middle, last = road_months(figures)
    print(f"plateau roads, contract to service | 7 (7-19) | {middle:.1f} middle, {last:.1f} last | months")


def main() -> None:
    """Print sourced rates beside simulated ones."""
    argparse.ArgumentParser(description="Hold crews against sourced build rates.").parse_args()
    say_rates(Figures.shipped())


if __name__ == "__main__":
    main()
