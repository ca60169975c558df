"""The indicators of a run of the nation, under the names that every run uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.indicators.ipv6 import knowing_share
from sim.nation.national import Nation, Series
from sim.nation.provincial import Parts, Spread
from sim.tables.results import INDICATORS

Numbers = NDArray[np.float64]
ALL = "all"
RATES = (4, 8, 20, 50, 100)
_PER_CENT = 100.0
_DIGITS = 7


@dataclass(frozen=True)
class Row:
    """One indicator of one place."""

    indicator: str
    breakdown: str
    series: Series


def national_rows(nation: Nation) -> Iterator[Row]:
    """Yield the indicators of the nation as a whole."""
    draws = nation.scenario.nation.draws
    for name, one in _national(nation).items():
        yield Row(name, ALL, one)
    for name, value, unit in (
        ("residents", nation.residents, "residents"),
        ("homes", nation.homes, "homes"),
        ("base_stations_lte", _sites(nation), "sites"),
        ("egress_capacity_tbps", _links(nation), "Tbit/s"),
        ("ipv6_terminals_share", _terminals(nation), "share"),
    ):
        yield Row(name, ALL, Series(value, np.tile(value, (draws, 1)), unit))


def _national(nation: Nation) -> dict[str, Series]:
    people, lte, lines = nation.residents, nation.lte, nation.lines
    both = _times(nation.mobile_penetration, people, "users", _PER_CENT)
    found = {
        "mobile_subscribers": nation.cards,
        "users_lte": lte,
        "user_penetration_3g_4g": nation.mobile_penetration,
        "users_3g_plus_4g": both,
        "users_3g": _less(both, lte),
        "users_2g": _less(nation.cards, both),
        "fixed_broadband_household_penetration": nation.penetration,
        "fixed_subscribers": lines,
        "ftth_share_of_fixed_subscribers": nation.fibre_share,
        "ftth_subscribers": Series(
            lines.value * nation.fibre_share.value, lines.draws * nation.fibre_share.draws, "lines"
        ),
        "mean_access_bandwidth_households": nation.mean_rate,
        "measured_mbps": nation.measured,
        "mobile_traffic_gb_per_user": nation.mobile_traffic,
        "admin_villages_with_broadband_share": nation.villages,
        "price_per_mbps": _price(nation),
    }
    shares = {f"subscribed_share_ge_{rate}Mbps": nation.subscribed_share(rate) for rate in RATES}
    return found | shares


def _times(one: Series, weights: Numbers, unit: str, per: float = 1.0) -> Series:
    return Series(one.value * weights / per, one.draws * weights / per, unit)


def _less(whole: Series, part: Series) -> Series:
    return Series(whole.value - part.value, whole.draws - part.draws, "users").within(0.0, np.inf)


def _price(nation: Nation) -> Series:
    price, rate = nation.scenario.nation.base.line_price, nation.mean_rate
    return Series(price / rate.value, price / rate.draws, "yuan/Mbit/s/month")


def _sites(nation: Nation) -> Numbers:
    """Return the sites of 4G: as many are added each month as on average until the end of 2015."""
    from sim.fitting.series import year_of

    base = nation.scenario.nation.base
    launch, counted = year_of(base.lte_launch), 2016.0
    return np.asarray(base.lte_sites_2015 * np.maximum(nation.years - launch, 0.0) / (counted - launch))


def _links(nation: Nation) -> Numbers:
    """Return the international links, at the yearly rate between two counts [Tbit/s]."""
    from sim.nation.national import between

    base = nation.scenario.nation.base
    ends = (2013.0, base.international_gbps_2012 / 1e3), (2016.0, base.international_gbps_2015 / 1e3)
    return between(nation.years, *ends)


def _terminals(nation: Nation) -> Numbers:
    """Return the share of users of lines and of 4G whose terminal knows IPv6, as terminals are replaced."""
    base, months = nation.scenario.nation.base, len(nation.years)
    lives = (base.ipv6_gateway_life, base.ipv6_handset_life)
    knows = [knowing_share(months, base.ipv6_terminals, base.ipv6_new_terminals, life) for life in lives]
    users = [nation.lines.value, nation.lte.value]
    return np.asarray(sum(k * u for k, u in zip(knows, users, strict=True)) / sum(users))


def provincial_rows(parts: Parts) -> Iterator[Row]:
    """Yield the indicators of every province and region."""
    for name, one, weights in _provincial(parts):
        for at, province in enumerate(parts.provinces.names):
            yield Row(name, province, Series(one.value[at], one.draws[:, at], one.unit))
        for region, series in parts.regions(one, weights).items():
            yield Row(name, region, series)


def _provincial(parts: Parts) -> Iterator[tuple[str, Spread, Numbers | None]]:
    """Yield each quantity of the provinces with the weights of a mean, or none where it is a total."""
    nation, people, homes = parts.nation, parts.residents, parts.homes
    yield "residents", _certain(parts, people, "residents"), None
    yield "homes", _certain(parts, homes, "homes"), None
    for name, rate, total in (
        ("mobile_subscribers", nation.cards, nation.residents),
        ("users_lte", nation.lte, nation.residents),
    ):
        per_head = Series(rate.value / total, rate.draws / total, rate.unit)
        yield name, parts.times(parts.take_up("mobile", per_head, people), people, rate.unit), None
    both = parts.take_up("mobile", nation.mobile_penetration, people)
    yield "user_penetration_3g_4g", both, people
    yield "users_3g_plus_4g", parts.times(both, people, "users", _PER_CENT), None
    fixed = parts.take_up("fixed", nation.penetration, homes)
    lines = parts.times(
        parts.take_up("fixed", _times(nation.lines, 1.0 / nation.homes, "lines"), homes), homes, "lines"
    )
    yield "fixed_broadband_household_penetration", fixed, homes
    yield "fixed_subscribers", lines, None
    fibre = parts.share("fibre", nation.fibre_share)
    fibre_lines = Spread(fibre.value * lines.value, fibre.draws * lines.draws, "lines")
    yield "ftth_share_of_fixed_subscribers", fibre, lines.value
    yield "ftth_subscribers", fibre_lines, None
    for rate_mbps in RATES:
        share = parts.share("rates", nation.subscribed_share(rate_mbps))
        yield f"subscribed_share_ge_{rate_mbps}Mbps", share, lines.value
    yield "measured_mbps", parts.level("rates", nation.measured), lines.value
    yield "mobile_traffic_gb_per_user", parts.level("traffic", nation.mobile_traffic), people


def _certain(parts: Parts, value: Numbers, unit: str) -> Spread:
    draws = parts.nation.scenario.nation.draws
    return Spread(value, np.broadcast_to(value, (draws, *value.shape)), unit)


def indicator_table(rows: list[Row]) -> pd.DataFrame:
    """Return the indicators as a table (contract ``INDICATORS``); what is unsaid is left out."""
    frames = [_frame(row, row.series.value[None, :]) for row in rows]
    return INDICATORS.check(pd.concat(frames, ignore_index=True))


def draws_table(rows: list[Row]) -> pd.DataFrame:
    """Return the draws as a table of the same columns, ``replication`` being the number of the draw.

    What no draw moves is left out.
    """
    drawn = [row for row in rows if np.ptp(row.series.draws, axis=0).any()]
    return pd.concat([_frame(row, row.series.draws) for row in drawn], ignore_index=True)


def _frame(row: Row, values: Numbers) -> pd.DataFrame:
    """Return values of shape (D, M) as rows; numbers keep seven digits, beyond which machines differ."""
    said = np.isfinite(values)
    draw, month = np.nonzero(said)
    kept = values[said]
    return pd.DataFrame(
        {
            "replication": draw.astype(np.int32),
            "month": month.astype(np.int32),
            "indicator": pd.array(np.full(len(kept), row.indicator), dtype="str"),
            "breakdown": pd.array(np.full(len(kept), row.breakdown), dtype="str"),
            "value": rounded(kept),
            "unit": pd.array(np.full(len(kept), row.series.unit), dtype="str"),
        }
    )


def rounded(values: Numbers) -> Numbers:
    """Return numbers to seven significant digits."""
    size = np.where(values == 0.0, 1.0, np.abs(values))
    scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(size)))
    return np.asarray(np.round(values * scale) / scale)
