"""The user's own network: tables that take the place of the rule for the technologies they name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.read import read_csv
from sim.geo.sites_table import OwnSites, read_sites
from sim.geo.standing import FIXED_STANDING, Standing, StandingOptions, site_range_m
from sim.geo.starting import sites_of
from sim.randomness import Streams
from sim.tables.layers import LOCATIONS, SECTORS, STANDING, VILLAGE

if TYPE_CHECKING:
    from sim.geo.area import Area

COVERAGE_COLUMNS = ("zone_id", "technology", "homes_share", "capability_mbps", "subscribers")
_FAR_M = 50_000.0
"""A site farther than this from every zone is taken for a mistake of the table."""
_DECIMALS = 4
"""Decimals of a degree to which two rows must agree to be one site: about 10 m."""


def own_network(area: Area, options: StandingOptions, inferred: Standing) -> tuple[Area, Standing]:
    """Return area and standing network with the user's tables in place of the rule.

    A technology that a table names is what the table says and nothing else. Raises ``DataError``
    with every bad row of the tables.
    """
    table, modelled = inferred.table, set(inferred.modelled)
    subscribers: dict[str, NDArray[np.float64]] = dict(inferred.subscribers)
    if options.coverage:
        own = read_coverage(options.coverage, area)
        named = set(own["technology"])
        modelled -= named
        kept = table[~table["technology"].isin(named)]
        table = STANDING.check(pd.concat([kept, own], ignore_index=True))
        for name, part in own.groupby("technology", sort=True):
            subscribers[str(name)] = np.zeros(len(area.zones))
            subscribers[str(name)][part["zone"]] = part["subscribers"]
    sites, covered = dict(inferred.site_locations), dict(inferred.covered_points)
    sectors, notices = inferred.sectors, dict(inferred.notices)
    if options.sites:
        area, own_sectors, said = _with_sites(area, options)
        on_air = sorted(set(own_sectors["technology"]))
        sectors = SECTORS.check(
            pd.concat([sectors[~sectors["technology"].isin(on_air)], own_sectors], ignore_index=True)
        )
        for name in on_air:
            sites[name] = sites_of(own_sectors, name)
            covered[name] = _points_in_range(area, sites[name], options)
            modelled.discard(name)
            notices.pop(name, None)
        notices[options.sites] = said
    return area, Standing(
        table=table,
        site_locations=sites,
        covered_points=covered,
        subscribers=subscribers,
        modelled=frozenset(modelled),
        sectors=sectors,
        notices=notices,
    )


def read_coverage(path: str, area: Area) -> pd.DataFrame:
    """Return the table of zone and technology as the contract ``STANDING`` wants it."""
    rows = read_csv(path, COVERAGE_COLUMNS)
    zone = pd.Index(area.zones["zone_id"]).get_indexer(pd.Index(rows["zone_id"].astype("str")))
    numbers = {key: pd.to_numeric(rows[key], errors="coerce") for key in COVERAGE_COLUMNS[2:]}
    share = numbers["homes_share"]
    problems = [
        *_unknown(path, rows, "zone_id", zone < 0, area.zones["zone_id"]),
        *_unknown(path, rows, "technology", ~rows["technology"].isin(FIXED_STANDING), FIXED_STANDING),
        *_bad(path, "homes_share", ~share.between(0.0, 1.0), share, "must be a share from 0 to 1"),
        *_bad(path, "zone_id", rows.duplicated(["zone_id", "technology"]), rows["zone_id"], "stands twice"),
    ]
    for key in COVERAGE_COLUMNS[3:]:
        problems += _bad(path, key, ~(numbers[key] >= 0.0), rows[key], "must be a number, 0 or more")
    if problems:
        raise DataError(tuple(problems))
    return STANDING.frame(
        zone=zone,
        technology=rows["technology"].to_numpy(),
        **{key: values.to_numpy() for key, values in numbers.items()},
    )


def _with_sites(area: Area, options: StandingOptions) -> tuple[Area, pd.DataFrame, str]:
    """Return the area with the user's sites among its locations, their sectors, and how they were read."""
    own = read_sites(options.sites)
    rows, zone = _placed(area, own)
    spot = [
        f"{lat:.{_DECIMALS}f},{lon:.{_DECIMALS}f}"
        for lat, lon in zip(rows["latitude"], rows["longitude"], strict=True)
    ]
    codes, spots = pd.factorize(np.array(spot, dtype=object))
    leader = pd.Series(codes).drop_duplicates().index.to_numpy()
    usual = area.locations.drop_duplicates("zone").set_index("zone")["height_m"]
    rows["height_m"] = rows["height_m"].fillna(pd.Series(usual.reindex(zone).to_numpy(), rows.index))
    added = LOCATIONS.frame(
        location_id=[f"own.{number:06d}" for number in range(1, len(spots) + 1)],
        zone=zone[leader],
        kind=np.where(area.zones["kind"].to_numpy()[zone[leader]] == VILLAGE, "mast", "rooftop"),
        standing=True,
        height_m=rows["height_m"].groupby(codes).max().to_numpy(),
        x_m=rows["x_m"].to_numpy()[leader],
        y_m=rows["y_m"].to_numpy()[leader],
        modelled=False,
    )
    locations = LOCATIONS.check(pd.concat([area.locations, added], ignore_index=True))
    rows["location"] = len(area.locations) + codes
    turn = np.floor(360.0 * Streams(options.seed).uniforms("standing/own", [str(name) for name in spots]))
    sectors = _own_sectors(rows, turn[codes], round(options.sectors), own)
    return replace(area, locations=locations), sectors, " ".join(own.findings.notices)


def _placed(area: Area, own: OwnSites) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the rows inside the area with their positions in metres, and the zone of each.

    Raises ``DataError`` with every mistake of the table, those found in its rows included.
    """
    from pyproj import Transformer

    rows, findings = own.rows, own.findings
    to_area = Transformer.from_crs("EPSG:4326", area.crs, always_xy=True)

    def place(longitude: pd.Series, latitude: pd.Series) -> tuple[NDArray[np.float64], Any, Any]:
        x_m, y_m = to_area.transform(longitude.fillna(0.0).to_numpy(), latitude.fillna(0.0).to_numpy())
        places = np.column_stack([x_m, y_m])
        known = np.isfinite(places).all(axis=1)
        zone, distance_m = _nearest_zone(area, np.where(known[:, None], places, 0.0))
        return places, zone, np.where(known, distance_m, np.inf)

    places, zone, distance_m = place(rows["longitude"], rows["latitude"])
    known = rows["latitude"].between(-90.0, 90.0) & rows["longitude"].between(-180.0, 180.0)
    far = (distance_m > _FAR_M) & known.to_numpy()
    if own.whole_country and far.any() and not far.all():
        findings.notices.append(f"{int(far.sum())} site(s) outside the area are left out.")
    elif far.any():
        _, _, exchanged_m = place(rows["latitude"], rows["longitude"])
        lines = rows["line"].to_numpy()
        for wrong, message in (
            (far & (exchanged_m <= _FAR_M), "lies in the area only with latitude and longitude exchanged"),
            (far & (exchanged_m > _FAR_M), "lies far outside the area"),
        ):
            given = rows["latitude"].to_numpy()[wrong]
            findings.report("latitude", lines[wrong], [f"'{value:g}' {message}" for value in given])
    findings.stop()
    inside = ~far
    found = rows[inside].assign(x_m=places[inside, 0], y_m=places[inside, 1]).reset_index(drop=True)
    return found, zone[inside]


def _own_sectors(
    rows: pd.DataFrame, turn_deg: NDArray[np.float64], sectors: int, own: OwnSites
) -> pd.DataFrame:
    """Return the sectors of the user's sites; a row without a direction has them evenly spread."""
    open_ = rows["azimuth_deg"].isna().to_numpy()
    times = np.where(open_, sectors, 1)
    row = np.repeat(np.arange(len(rows)), times)
    step = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    wide = rows.iloc[row].reset_index(drop=True)
    spread_deg = (turn_deg[row] + step * (360.0 / sectors)) % 360.0
    wide["azimuth_deg"] = np.where(open_[row], spread_deg, wide["azimuth_deg"].to_numpy())
    keys = ["location", "technology", "operator", "band", "azimuth_deg"]
    twice = wide.duplicated(keys).to_numpy()
    if twice.any() and not own.whole_country:
        lines = np.unique(wide["line"].to_numpy()[twice])
        message = "stands twice: the same site, technology, operator, band and direction"
        own.findings.report("technology", lines, [message] * len(lines))
        own.findings.stop()
    wide = wide[~twice].sort_values(keys, kind="stable")
    if open_.any() and not own.whole_country:
        own.findings.notices.append(
            f"{int(open_.sum())} row(s) say no direction: {sectors} sectors stand evenly spread."
        )
    return SECTORS.frame(
        **{name: wide[name].to_numpy() for name in SECTORS.names if name != "from_table"}, from_table=True
    )


def _nearest_zone(area: Area, places: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    from scipy.spatial import cKDTree

    distance, zone = cKDTree(area.zones[["x_m", "y_m"]].to_numpy()).query(places)
    return zone, distance


def _points_in_range(area: Area, locations: NDArray[np.int32], options: StandingOptions) -> NDArray[np.bool_]:
    """Return the points within the typical range of the nearest site, by the kind of the point's zone."""
    from scipy.spatial import cKDTree

    sites = area.locations[["x_m", "y_m"]].to_numpy()[locations]
    distance_m, _ = cKDTree(sites).query(area.points[["x_m", "y_m"]].to_numpy())
    kind = area.zones["kind"].to_numpy()[area.points["zone"].to_numpy()]
    return np.asarray(distance_m <= site_range_m(kind, options))


def _unknown(
    path: str, rows: pd.DataFrame, key: str, wrong: pd.Series | NDArray[np.bool_], known: Iterable[str]
) -> list[Problem]:
    words = list(known)
    problems = []
    for row in np.flatnonzero(np.asarray(wrong)):
        word = str(rows[key].iloc[row])
        near = difflib.get_close_matches(word, words, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(words[:4])} ..."
        problems.append(Problem(path, key, f"{word!r} is unknown{hint}", int(row) + 2))
    return problems


def _bad(path: str, key: str, wrong: pd.Series, given: Any, message: str) -> list[Problem]:
    cells = np.asarray(given)
    return [
        Problem(path, key, f"{str(cells[row])!r} {message}", int(row) + 2)
        for row in np.flatnonzero(wrong.to_numpy())
    ]
