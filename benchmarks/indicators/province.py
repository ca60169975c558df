"""Indicators and scorecard of a province of 14,000 zones over seven years, and the law of shared units.

Nothing is planned or built: every candidate that is proposed serves from a month drawn for it, so that all
technologies are there and every uplink fills up, which is the most that the bandwidth of homes can ask for.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from benchmarks.cases.base import ROOT
from benchmarks.cases.synthetic import region_of
from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim.geo.area import read_area
from sim.indicators.registry import compute_indicators
from sim.indicators.scorecard import score_targets
from sim.indicators.sharing import MANY, share_at_least
from sim.indicators.targets import read_targets
from sim.planning.at_once import offered_by
from sim.planning.rolling import RollingPlan
from sim.plans.ceiling import activated
from sim.plans.reach import Judge
from sim.prepare import Prepared, prepare, setting_of
from sim.rollout.state import monthly_state
from sim.scenario.load import load_scenario

ZONES, SMALL_ZONES = 14_000, 60
FIRST, LAST, SMALL_LAST = "2014-01", "2020-12", "2014-12"
RATES: NDArray[np.float64] = np.geomspace(0.05, 10_000.0, 260)


def prepared(size: Size) -> Prepared:
    """Return base.yaml on a made-up region, from month 0 on."""
    zones = SMALL_ZONES if size.small else ZONES
    changes = (
        ("name", "province"),
        ("province", "synthetic"),
        ("geodata.synthetic", json.dumps(region_of(zones))),
        ("horizon.first", FIRST),
        ("horizon.last", SMALL_LAST if size.small else LAST),
    )
    loaded = load_scenario(ROOT / "scenarios" / "base.yaml", changes)
    area, _ = read_area(loaded.scenario.province, loaded.scenario.geodata)
    return prepare(loaded, area)


def served(start: Prepared) -> tuple[Any, Any]:
    """Return log and state in which every candidate serves from a month drawn for it."""
    plan = RollingPlan(setting_of(start))
    plan.ask(plan.setting.technologies)
    offered, horizon = offered_by(plan), start.scenario.clock
    names = offered.proposal.candidates["project_id"].tolist()
    drawn = np.random.default_rng(1).integers(0, horizon.months, len(names)).tolist()
    pairs = [
        (max(month, offered.earliest.get(name, 0)), name) for month, name in zip(drawn, names, strict=True)
    ]
    events = activated(sorted(pair for pair in pairs if pair[0] < horizon.months), horizon)
    projects = Judge(start, offered).projects
    return events, monthly_state(events, projects, start.demand, start.ground)


def province(size: Size) -> Figures:
    """Return the time of all indicators and of the scorecard of all shipped targets."""
    start = prepared(size)
    events, state = served(start)
    horizon, options = start.scenario.clock, start.scenario.targets
    targets = read_targets(ROOT / "scenarios" / "library" / "targets.csv")

    def judge() -> tuple[int, int]:
        found = compute_indicators(state, events, start.area, horizon, options)
        return len(found), len(score_targets(found, targets, horizon, options))

    figures, (rows, judged) = timed(judge, size.times)
    return figures | {
        "zones": state.homes.shape[1],
        "months": state.homes.shape[0],
        "rows": rows,
        "targets_left_out": len(targets) - judged,
    }


def shares(size: Size) -> Figures:
    """Return how far the shares of units lie from plain sums over every number of active homes."""
    draw = np.random.default_rng(2)
    count = 200 if size.small else 4_000
    homes = np.exp(draw.uniform(0.0, np.log(MANY), count)).astype(np.int64)
    home = np.exp(draw.uniform(0.0, 4.0, count))
    unit = np.asarray(homes * np.exp(draw.uniform(-3.0, 2.0, count)), dtype=np.float64)
    figures, found = timed(lambda: share_at_least(homes, unit, home, 0.8, RATES), size.times)
    error = max(
        float(np.abs(found[k] - one_unit(int(homes[k]), unit[k], home[k], 0.8)).max()) for k in range(count)
    )
    return figures | {"units": count, "error": error}


def one_unit(homes: int, unit: float, home: float, busy: float) -> NDArray[np.float64]:
    """Return the shares of one unit from the formula as it is written."""
    number = np.arange(1.0, homes + 1.0)
    active = min(busy / home, 1.0 - 1e-6)
    weight = gammaln(homes + 1.0) - gammaln(number + 1.0) - gammaln(homes - number + 1.0)
    weight += number * (np.log(active) - np.log1p(-active)) + np.log(number)
    weight += np.cumsum(np.log(np.maximum(number * home / unit, 1.0)))
    law = np.exp(weight - weight.max())
    below = np.append(0.0, np.cumsum(law / law.sum()))
    return np.asarray(below[np.minimum(np.floor(unit / RATES + 1e-9), homes).astype(np.int64)])


PROVINCE = Row(
    "province",
    "indicators and scorecard of 14,000 zones and 84 months, every uplink full",
    province,
    (
        Limit("s", most=3.0, timed=True, processor="processor_s"),
        Limit("targets_left_out", most=0.0),
    ),
)
SHARES = Row(
    "shares",
    "the law of 4,000 shared units against plain sums",
    shares,
    (Limit("error", most=1e-11),),
)
