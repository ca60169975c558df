"""Indicators of the radio networks by place: 2G, where 5G is in service, and how masts are shared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import ALL, GROUPS, Evidence, Indicator, Series, divide, resident_share
from sim.indicators.reach import on_air
from sim.tables.bands import GSM, NR
from sim.tables.plan import IOT, MOBILE

Months = NDArray[np.int32]


def gsm_coverage(evidence: Evidence) -> Series:
    """Return the share of residents covered by 2G by group."""
    return resident_share(evidence, evidence.covered(GSM))


def _launched(evidence: Evidence, technology: str) -> NDArray[np.float64]:
    """Return in how many prefectures a site of the technology is on air by month, shape (M,)."""
    first = np.full(len(evidence.prefectures), evidence.months, dtype=np.int64)
    zone = evidence.area.locations["zone"].to_numpy(dtype=np.int64)
    np.minimum.at(first, evidence.prefecture[zone], on_air(evidence, technology))
    launched = first[None, :] <= np.arange(evidence.months)[:, None]
    return np.asarray(launched.sum(axis=1), dtype=np.float64)


def nr_launched(evidence: Evidence) -> Series:
    """Return in how many prefectures a 5G site is on air."""
    return {ALL: _launched(evidence, NR)}


def _since(evidence: Evidence) -> list[Months]:
    """Return by radio network the month from which each location carries it, each of shape (locations,)."""
    state = evidence.state
    uses = dict(zip(state.technologies, state.uses, strict=True))
    return [month for name, month in state.site_month.items() if uses.get(name) in (MOBILE, IOT)]


def _count(first: Months, months: int) -> NDArray[np.float64]:
    """Return how many of the first months have come, by month, shape (M,)."""
    return (
        np.bincount(first.astype(np.int64) + 1, minlength=months + 2)[: months + 1].cumsum()[1:].astype(float)
    )


def networks_per_mast(evidence: Evidence) -> Series:
    """Return the networks on air for each mast that carries any.

    With s(n, l) = 1 where location l carries network n, it is the sum of s over n and l, over the number
    of locations at which any s is 1.
    """
    since = _since(evidence)
    if not since:
        return {}
    tenancies = np.sum([_count(month, evidence.months) for month in since], axis=0)
    masts = _count(np.minimum.reduce(since), evidence.months)
    return {ALL: divide(tenancies, masts)}


INDICATORS = (
    Indicator(
        "gsm_population_coverage",
        "share",
        "residents covered by 2G",
        gsm_coverage,
        (GSM,),
        of="residents",
        breakdowns=GROUPS,
    ),
    Indicator(
        "nr_launched_prefectures",
        "prefectures",
        "prefectures with a 5G site on air",
        nr_launched,
        (NR,),
    ),
    Indicator(
        "networks_per_mast",
        "networks/mast",
        "2G, 3G, 4G, 5G and NB-IoT networks on air for each mast that carries any of them",
        networks_per_mast,
        (GSM, "umts", "lte", NR, "nbiot"),
    ),
)
