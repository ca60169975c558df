"""The user's own network: tables that take the place of the rule for the technologies they name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.geo.read import read_csv
from sim.geo.standing import FIXED_STANDING, RADIO_STANDING, Standing, StandingOptions
from sim.tables.layers import LOCATIONS, STANDING, TOWN, VILLAGE

if TYPE_CHECKING:
    from sim.geo.area import Area

COVERAGE_COLUMNS = ("zone_id", "technology", "homes_share", "capability_mbps", "subscribers")
SITE_COLUMNS = ("latitude", "longitude", "technology", "height_m")
_FAR_M = 50_000.0
"""A site farther than this from every zone is taken for a mistake of the table."""


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
    if options.sites:
        area, rows = _with_sites(area, options)
        for name, locations in rows.items():
            sites[name] = locations
            covered[name] = _points_in_range(area, locations, options)
            modelled.discard(name)
    return area, Standing(
        table=table,
        site_locations=sites,
        covered_points=covered,
        subscribers=subscribers,
        modelled=frozenset(modelled),
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


def _with_sites(area: Area, options: StandingOptions) -> tuple[Area, Mapping[str, NDArray[np.int32]]]:
    """Return the area with the user's sites among its locations, and their rows by technology."""
    from pyproj import Transformer

    path = options.sites
    rows = read_csv(path, SITE_COLUMNS)
    numbers = {
        key: pd.to_numeric(rows[key], errors="coerce") for key in ("latitude", "longitude", "height_m")
    }
    problems = [
        *_unknown(path, rows, "technology", ~rows["technology"].isin(RADIO_STANDING), RADIO_STANDING),
        *_bad(
            path, "latitude", ~numbers["latitude"].between(-90, 90), rows["latitude"], "must be degrees north"
        ),
        *_bad(
            path,
            "longitude",
            ~numbers["longitude"].between(-180, 180),
            rows["longitude"],
            "must be degrees east",
        ),
        *_bad(path, "height_m", ~(numbers["height_m"] > 0), rows["height_m"], "must be metres above 0"),
    ]
    if problems:
        raise DataError(tuple(problems))
    to_area = Transformer.from_crs("EPSG:4326", area.crs, always_xy=True)
    x_m, y_m = to_area.transform(numbers["longitude"].to_numpy(), numbers["latitude"].to_numpy())
    zone, distance_m = _nearest_zone(area, np.column_stack([x_m, y_m]))
    far = _bad(
        path, "latitude", pd.Series(distance_m > _FAR_M), rows["latitude"], "lies far outside the area"
    )
    if far:
        raise DataError(tuple(far))
    first = len(area.locations)
    added = LOCATIONS.frame(
        location_id=[f"own.{number:06d}" for number in range(1, len(rows) + 1)],
        zone=zone,
        kind=np.where(area.zones["kind"].to_numpy()[zone] == VILLAGE, "mast", "rooftop"),
        standing=True,
        height_m=numbers["height_m"].to_numpy(),
        x_m=x_m,
        y_m=y_m,
        modelled=False,
    )
    locations = LOCATIONS.check(pd.concat([area.locations, added], ignore_index=True))
    names = rows["technology"].to_numpy()
    found = {
        str(name): (first + np.flatnonzero(names == name)).astype(np.int32) for name in sorted(set(names))
    }
    return replace(area, locations=locations), found


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
    ranges = [options.site_range_village, options.site_range_town]
    range_km = np.select([kind == VILLAGE, kind == TOWN], ranges, options.site_range_city)
    return np.asarray(distance_m <= range_km * 1000.0)


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
