"""What each name of the observations means in a run: which indicators, over which months, in what way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sim.indicators.base import ALL, RURAL, URBAN


class How(StrEnum):
    """How the months of an observation are taken together."""

    END = "at the end"
    MEAN = "mean of the months"
    SUM = "sum of the months"
    CHANGE = "change over the months"


@dataclass(frozen=True)
class Term:
    """An indicator and the group of the run that is meant."""

    indicator: str
    group: str = ALL


@dataclass(frozen=True)
class Meaning:
    """A number of the statistics as product of indicators over a product of others."""

    top: tuple[Term, ...]
    bottom: tuple[Term, ...] = ()
    how: How = How.END
    dimension: str = ""
    """What a product or quotient measures (``sim.backtest.units``); empty for a single indicator."""
    complement: bool = False
    """Whether the last term of the top counts as 1 less it (a share of those without)."""


def _one(indicator: str, group: str = ALL, how: How = How.END) -> Meaning:
    return Meaning((Term(indicator, group),), how=how)


def _over(top: str, bottom: str, group: str = ALL) -> Meaning:
    return Meaning((Term(top, group),), (Term(bottom),), dimension="share")


def _lines_at(mbps: str) -> Meaning:
    terms = (Term(f"subscribed_share_ge_{mbps}Mbps"), Term("fixed_subscribers"))
    return Meaning(terms, dimension="count")


_VILLAGES = Term("villages")
_ANY = Term("admin_villages_with_any_broadband_share")
_FIXED = Term("admin_villages_with_broadband_share")
_LTE, _CARDS, _BROADBAND = "users_lte", "mobile_subscribers", "users_3g_plus_4g"
_LINES, _FIBRE_LINES = "fixed_subscribers", "ftth_subscribers"

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "fixed_broadband_household_penetration": _one("fixed_broadband_household_penetration"),
        "fixed_broadband_household_users": Meaning(
            (Term("fixed_broadband_household_penetration"), Term("homes")), dimension="count"
        ),
        "fixed_broadband_subscribers": _one(_LINES),
        "rural_fixed_broadband_subscribers": _one(_LINES, RURAL),
        "rural_share_of_fixed_broadband": _over(_LINES, _LINES, RURAL),
        "ftth_o_subscribers": _one(_FIBRE_LINES),
        "ftth_subscribers": _one(_FIBRE_LINES),
        "share_ftth_o_of_fixed_broadband": _one("ftth_share_of_fixed_subscribers"),
        "share_ftth_of_fixed_broadband": _one("ftth_share_of_fixed_subscribers"),
        "fixed_avg_available_download_rate": _one("measured_mbps", how=How.MEAN),
        "average_access_bandwidth": _one("mean_access_bandwidth_households"),
        "fixed_broadband_traffic": Meaning(
            (Term("fixed_traffic_gb_per_line"), Term(_LINES)), how=How.SUM, dimension="volume"
        ),
        "mobile_2g_subscribers": _one("users_2g"),
        "mobile_3g_subscribers": _one("users_3g"),
        "mobile_4g_subscribers": _one(_LTE),
        "mobile_5g_subscribers": _one("users_5g"),
        "mobile_subscribers": _one(_CARDS),
        "mobile_penetration_per_100": _over(_CARDS, "residents"),
        "mobile_broadband_subscribers_3g_4g": _one(_BROADBAND),
        "mobile_broadband_penetration_population": _one("user_penetration_3g_4g"),
        "mobile_broadband_share_of_mobile": _over(_BROADBAND, _CARDS),
        "share_2g_of_mobile": _over("users_2g", _CARDS),
        "share_4g_of_mobile": _over(_LTE, _CARDS),
        "mobile_dou": _one("mobile_traffic_gb_per_user", how=How.MEAN),
        "mobile_data_traffic": Meaning(
            (Term("mobile_traffic_gb_per_user"), Term(_BROADBAND)), how=How.SUM, dimension="volume"
        ),
        "cellular_iot_users": _one("cellular_iot_connections"),
        "admin_villages_fibre_share": _one("village_fibre_share"),
        "admin_villages_all_optical": Meaning((Term("village_fibre_share"), _VILLAGES), dimension="count"),
        "admin_villages_4g_share": _one("village_4g_share"),
        "admin_villages_broadband_share": _one(_FIXED.indicator),
        "admin_villages_with_broadband_share": _one(_FIXED.indicator),
        "admin_villages_without_broadband": Meaning((_VILLAGES, _ANY), dimension="count", complement=True),
        "admin_villages_newly_with_broadband": Meaning(
            (_VILLAGES, _FIXED), how=How.CHANGE, dimension="count"
        ),
        "population_coverage_4g": _one("lte_population_coverage"),
        "population_covered_4g": Meaning(
            (Term("lte_population_coverage"), Term("residents")), dimension="count"
        ),
        "ftth_homes_passed": _one("ftth_homes_passed"),
        "ftth_homes_passed_share_households": _one("ftth_homes_passed_share"),
        "urban_fibre_coverage": _one("ftth_homes_passed_share", URBAN),
        "broadband_price_per_Mbps": _one("price_per_mbps"),
    }
)
"""The meaning of a name, where the run has no indicator of that very name."""

_STATIONS = (
    "definition differs: the statistics count the stations of every operator, indoor ones too; a run counts "
    "the sites of the networks that it has"
)
_INPUT = "an input of the geography, not a forecast"
_PROGRAMME = "a total of programmes; their cost and months are held against the sources by the benchmarks"
_CENSUS = (
    "definition differs: the agricultural census asks villages what they have; it counts fewer than operators"
)
_INVESTMENT = "definition differs: all telecommunications investment; a run spends on access networks"
APART: tuple[tuple[str, str], ...] = (
    (r"(mobile_)?base_stations_.*", _STATIONS),
    (r"population|urbanisation_rate|households?|household_size|rural_households", _INPUT),
    (r"villages_surveyed|admin_villages|cable_tv_households", _INPUT),
    (r"universal_service_.*|broadband_villages?_.*|road_4g_programme_km|village_access_.*", _PROGRAMME),
    (r"villages_with_.*", _CENSUS),
    (r"(telecom|mobile)_(fixed_asset_)?investment.*", _INVESTMENT),
    (
        r"average_access_bandwidth_ftth_users|rural_fibre_avg_download_rate|video_avg_download_rate",
        "definition differs: a part of the lines only",
    ),
    (
        r"mobile_4g_avg_download_rate",
        "definition differs: tests at all hours; a run tells rates at the busy hour",
    ),
    (
        r"mobile_internet_users|telephone_subscribers_total|mobile_5g_phones_in_network|iot_terminals",
        "definition differs: it counts other users than any indicator of a run",
    ),
    (r"(tower|towers|tenants)_.*", "towers of one company"),
    (r"optical_cable_.*", "definition differs: all cable in the country, long distance too"),
)
"""Names of which a run has no like, and why."""

_LINES_AT = re.compile(r"fixed_broadband_ge_(\d+)Mbps_subscribers")
_SHARE_AT = re.compile(r"share_fixed_broadband_ge_(\d+)Mbps")
_ONE_OPERATOR = re.compile(
    r"\bone operator\b|china_(?:telecom|mobile|unicom)|\(operator\)|^china tower$", re.I
)
# tests of rates and monthly averages are means over the months that they speak of
_RATE_UNIT = re.compile(r"Mbit/s|Mbps|/month$")


def meaning_of(indicator: str, unit: str, of_run: frozenset[str]) -> Meaning | str:
    """Return what an observed number means in a run, or why the run cannot speak to it.

    Parameters
    ----------
    indicator
        Name in the history, or name of an indicator of the run.
    unit
        Unit in which it was observed.
    of_run
        Names of the indicators that the run has; one of the very same name comes first.
    """
    if indicator in of_run:
        return _one(indicator, how=How.MEAN if _RATE_UNIT.search(unit) else How.END)
    if (at := _LINES_AT.fullmatch(indicator)) is not None:
        return _lines_at(at[1])
    if (at := _SHARE_AT.fullmatch(indicator)) is not None:
        return _one(f"subscribed_share_ge_{at[1]}Mbps")
    if indicator in MEANINGS:
        return MEANINGS[indicator]
    for pattern, reason in APART:
        if re.fullmatch(pattern, indicator):
            return reason
    return "no indicator measures it"


def names_of(indicator: str) -> tuple[str, ...]:
    """Return the names under which statistics tell what an indicator of a run measures, in all."""
    return tuple(name for name, meaning in MEANINGS.items() if meaning.top == (Term(indicator),)
                 and not meaning.bottom and not meaning.complement)  # fmt: skip


def of_one_operator(place: str, indicator: str, note: str) -> bool:
    """Return whether a number counts one operator or company only."""
    return any(_ONE_OPERATOR.search(text) is not None for text in (place, indicator, note))
