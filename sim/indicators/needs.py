"""Open targets broken down to what a planner can serve: homes, persons and roads of a kind, at a rate."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.errors import DataError, Problem
from sim.indicators.access import LINES
from sim.indicators.base import ALL, CAPITAL, CITIES, OTHER_CITIES, RURAL, URBAN
from sim.indicators.options import TargetOptions
from sim.indicators.reach import CORRIDORS
from sim.indicators.registry import REGISTRY
from sim.indicators.targets import THRESHOLDS, TRENDS, Target
from sim.tables.layers import CITY, ROAD_KINDS, URBAN_KINDS, VILLAGE, ZONE_KINDS
from sim.tables.plan import FIXED, MOBILE, NEEDS

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon

_KINDS = {
    URBAN: URBAN_KINDS,
    RURAL: (VILLAGE,),
    CITIES: (CITY,),
    CAPITAL: (CITY,),
    OTHER_CITIES: (CITY,),
}


_ROAD_KINDS = {ALL: ROAD_KINDS, CORRIDORS: ("road 1", "rail")}
_ROADS = "road_length_coverage_share"
_ANY_VILLAGE = "admin_villages_with_any_broadband_share"
_EITHER = (_ANY_VILLAGE, "broadband_full_coverage_share")
"""Indicators that fixed lines of the broadband rate meet, or radio."""
_SATELLITE = "satellite"


def kinds_of(target: Target) -> tuple[str, ...]:
    """Return the kinds of zones, or the groups of roads and railways, that a target speaks of."""
    if target.indicator == _ROADS:
        return _ROAD_KINDS.get(target.breakdown, (target.breakdown,))
    if "village" in target.indicator and "lte_coverage" not in target.indicator:
        return (VILLAGE,)
    if target.indicator in ("access_capability_100Mbps_cities", "all_fibre_cities_share"):
        return URBAN_KINDS
    return _KINDS.get(target.breakdown, ZONE_KINDS)


def _use_and_rate(target: Target, need: tuple[str, float], options: TargetOptions) -> tuple[str, float]:
    """Return the use and rate wanted: the rate of the target itself where it states one."""
    if target.indicator in _EITHER:
        return FIXED, options.broadband_mbps
    if target.unit == "Mbit/s" and target.wanted is not None:
        return need[0], target.wanted
    return need


def counts_of(target: Target, use: str) -> str:
    """Return what meets a target by its indicator, as the table of needs states it.

    ``fixed`` stands for all lines but satellite, as the indicators of lines take every technology of
    fixed use. Radio meets a need of lines only where the indicator takes either, satellite only in the
    breakdown that says so. Of other uses everything counts.
    """
    measured = REGISTRY[target.indicator].counts
    if use == MOBILE:
        return ";".join(name for name in measured if name not in LINES)
    if use != FIXED:
        return ""
    names = [FIXED] if set(LINES) <= set(measured) else [name for name in measured if name in LINES]
    if target.indicator in _EITHER:
        names += [name for name in measured if name not in (*LINES, _SATELLITE)]
    if _SATELLITE in measured and _SATELLITE in target.breakdown:
        names.append(_SATELLITE)
    return ";".join(names)


def _enough(target: Target, options: TargetOptions) -> float:
    """Return the share from which a need is met.

    Of the length of roads that which the target wants by its strictest reading, of a village's residents
    that from which radio is its broadband; all for others.
    """
    if target.indicator == _ANY_VILLAGE:
        return options.village_radio_share
    if target.indicator != _ROADS or target.wanted is None:
        return 1.0
    return min(target.band[1], 1.0)


def _refuse_unknown(targets: Sequence[Target]) -> None:
    """Raise ``DataError`` with every target that names an indicator which does not exist."""
    problems = []
    for target in targets:
        if target.indicator and target.indicator not in REGISTRY:
            near = get_close_matches(target.indicator, REGISTRY, n=1, cutoff=0.4)
            cure = f"did you mean {near[0]}?" if near else "rollout indicators lists them"
            message = f"there is no indicator {target.indicator}; {cure}"
            problems.append(Problem("targets", target.target_id, message))
    if problems:
        raise DataError(tuple(problems))


def open_needs(targets: Sequence[Target], horizon: Horizon, options: TargetOptions) -> pd.DataFrame:
    """Return the table of needs of the targets that fall due inside the horizon.

    Equal needs are added up, so that what two documents want weighs more than what one wants. A kilometre
    of road weighs as many persons as the options say, until the wanted share of the length has signal.
    ``DataError`` names every target whose indicator does not exist.
    """
    _refuse_unknown(targets)
    weights: dict[tuple[str, str, float, int, float, str], float] = {}
    for target in targets:
        due = horizon.index(target.due_month)
        if not 0 <= due < horizon.months or not target.indicator:
            continue
        need = REGISTRY[target.indicator].need
        if need is None or target.comparator not in (*THRESHOLDS, *TRENDS):
            continue
        weight = options.nation_weight if target.of_nation else options.province_weight
        weight *= options.persons_per_road_km if target.indicator == _ROADS else 1.0
        use, rate = _use_and_rate(target, need, options)
        for kind in kinds_of(target):
            key = (use, kind, rate, due, _enough(target, options), counts_of(target, use))
            weights[key] = weights.get(key, 0.0) + weight
    rows = sorted(weights.items())
    return NEEDS.frame(
        use=[key[0] for key, _ in rows],
        kind=[key[1] for key, _ in rows],
        wanted_mbps=[key[2] for key, _ in rows],
        due_month=[key[3] for key, _ in rows],
        weight=[weight for _, weight in rows],
        enough=[key[4] for key, _ in rows],
        counts=[key[5] for key, _ in rows],
    )
