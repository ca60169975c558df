"""Indicators of the radio networks, as they were measured month by month."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from sim.indicators.base import ALL, RURAL, URBAN, Evidence, Indicator, Series
from sim.tables import radio as words
from sim.tables.bands import GSM, LTE, NBIOT, NR, UMTS
from sim.tables.layers import ROAD_GROUPS

_NAMES = {GSM: "2G", UMTS: "3G", LTE: "4G", NR: "5G", NBIOT: "NB-IoT"}
_SHARE, _RATE = "share", "Mbit/s"
_STREET, _ROOM = words.OUTDOOR, words.INDOOR
_LAST_CLASS = "164 dB"


def measured(evidence: Evidence, technology: str, measure: str, groups: Mapping[str, str]) -> Series:
    """Return a measure by group, from the breakdown that stands for each; none where it was not measured.

    Replications but the first have no measured radio networks: there the answer is empty.
    """
    table = evidence.state.radio
    if table is None:
        return {}
    rows = table[(table["technology"] == technology) & (table["measure"] == measure)]
    found: Series = {}
    for group, breakdown in groups.items():
        part = rows[rows["breakdown"] == breakdown]
        if len(part):
            found[group] = np.full(evidence.months, np.nan)
            found[group][part["month"].to_numpy()] = part["value"].to_numpy()
    return found


def _by_homes(where: str) -> dict[str, str]:
    return {ALL: where, URBAN: f"urban {where}", RURAL: f"rural {where}"}


def _one(
    technology: str, name: str, description: str, unit: str, measure: str, groups: Mapping[str, str]
) -> Indicator:
    return Indicator(
        f"{technology}_{name}",
        unit,
        description,
        partial(measured, technology=technology, measure=measure, groups=groups),
        (technology,),
        breakdowns=tuple(groups),
    )


def _cover(technology: str) -> tuple[Indicator, ...]:
    """Return the indicators of cover that every radio network has."""
    signal = f"with signal of {_NAMES[technology]}"
    roads = {ALL if name == "road" else name: f"{name} {_STREET}" for name in ROAD_GROUPS}
    village = (
        f"administrative villages {signal} at committee, schools, clinics and larger settlements, measured"
    )
    rows = (
        (
            "outdoor_population_share",
            f"residents {signal} in the street",
            words.POPULATION,
            _by_homes(_STREET),
        ),
        ("indoor_population_share", f"residents {signal} in rooms", words.POPULATION, _by_homes(_ROOM)),
        ("area_share", f"land {signal}", words.AREA, {ALL: _STREET}),
        ("road_share", f"length of major roads and of railways {signal}", words.ROADS, roads),
        ("village_measured_share", village, words.VILLAGES, {ALL: words.MEASURED_RULE}),
    )
    return tuple(
        _one(technology, name, text, _SHARE, measure, groups) for name, text, measure, groups in rows
    )


def _rates(technology: str) -> tuple[Indicator, ...]:
    """Return the indicators of networks whose rates are modelled."""
    short, hour, whole = _NAMES[technology], {ALL: words.BUSY_HOUR}, {ALL: ""}
    edge = (
        f"rate of a {short} user at the busy hour that all but the worst twentieth of covered residents get"
    )
    over = f"{short} cells that cannot carry their traffic among those that serve residents"
    rows = (
        ("edge_rate_mbps", edge, _RATE, words.EDGE_RATE, hour),
        ("busy_hour_rate_mbps", f"median rate of a {short} user at the busy hour among covered residents",
         _RATE, words.MEDIAN_RATE, hour),
        ("median_sinr_db", f"median signal over interference and noise of {short} at the busy hour", "dB",
         words.SINR, whole),
        ("cell_load", f"mean load at the busy hour of {short} cells that serve residents", _SHARE,
         words.MEAN_LOAD, whole),
        ("overloaded_cells_share", over, _SHARE, words.OVERLOADED, whole),
    )  # fmt: skip
    return tuple(_one(technology, *row) for row in rows)


def _deep() -> tuple[Indicator, ...]:
    """Return how far NB-IoT reaches by its last class of coupling loss."""
    rows = tuple(
        (f"reach_{where}_share", f"residents within {_LAST_CLASS} of coupling loss {text}", _SHARE,
         words.COUPLING, {ALL: f"{_LAST_CLASS} {where}"})
        for where, text in (
            (_STREET, "in the street"), (_ROOM, "in rooms"), (words.DEEP, "in basements and meter boxes"),
        )
    )  # fmt: skip
    devices = "devices in rooms that the uplink of a cell carries"
    return (
        *(_one(NBIOT, *row) for row in rows),
        _one(NBIOT, "connections_per_cell", devices, "devices/cell", words.CONNECTIONS, {ALL: _ROOM}),
    )


INDICATORS = (
    *(indicator for technology in _NAMES for indicator in _cover(technology)),
    *(indicator for technology in (LTE, NR) for indicator in _rates(technology)),
    *_deep(),
)
"""All of them, in the order of the technologies."""
