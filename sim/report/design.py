"""The design of one zone as a planner hands it over: GIS layers, bill of quantities, homes, map, summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.access.bill import BUILD, CONNECT
from sim.access.design import METHODS
from sim.report import style
from sim.report.design_map import draw_design

if TYPE_CHECKING:
    import geopandas as gpd

    from sim.designs import Opened

GIS, BILL, HOMES, MAP, COMPARED = "design.gpkg", "bill.csv", "homes.csv", "map", "curve.csv"
USES = ("feeder", "distribution", "drops only")
"""What a stretch of route bears, its first use in this order."""


def write_design(opened: Opened, folder: Path) -> None:
    """Write the layers, tables and the map of a design into a folder, over those that are there."""
    files.write_geopackage(folder / GIS, layers(opened))
    _write_table(folder / BILL, bill_table(opened))
    _write_table(folder / HOMES, homes_table(opened))
    _write_table(folder / COMPARED, compared_table(opened))
    with style.house_style():
        style.save(draw_design(opened), routes_table(opened), folder, MAP)


def _write_table(path: Path, table: pd.DataFrame) -> None:
    files.write_csv(path, list(table.columns), table.astype(object).to_numpy().tolist())


def bill_table(opened: Opened) -> pd.DataFrame:
    """Return the bill of quantities, a row for each thing, with the sum of each stage at its end."""
    lines = opened.design.bill.lines
    rows = []
    for stage in (BUILD, CONNECT):
        own = [line for line in lines if line.stage == stage]
        rows += [
            (
                stage,
                line.what,
                round(line.quantity, 2),
                line.unit,
                round(line.price, 4),
                round(line.yuan, 2),
                line.item,
            )
            for line in own
        ]
        rows.append(
            (
                stage,
                "all",
                1,
                "",
                round(sum(line.yuan for line in own), 2),
                round(sum(line.yuan for line in own), 2),
                "",
            )
        )
    columns = ["stage", "what", "quantity", "unit", "yuan_each", "yuan", "item"]
    return pd.DataFrame(rows, columns=columns)


def homes_table(opened: Opened) -> pd.DataFrame:
    """Return every home with its position, box, fibre and optical budget, and why it is not served."""
    table = opened.design.homes_table()
    where = opened.tile.building_m[table["building"].to_numpy()]
    table.insert(0, "home", np.arange(len(table)))
    table.insert(2, "x_m", np.round(where[:, 0], 1))
    table.insert(3, "y_m", np.round(where[:, 1], 1))
    for name in table.columns:
        if table[name].dtype.kind == "f":
            table[name] = table[name].round(3)
    return table


def compared_table(opened: Opened) -> pd.DataFrame:
    """Return what curve and design say of the zone, and how far curves of its kind are off in general."""
    rows = []
    for one in opened.comparisons:
        fit = opened.fits.get(one.measure)
        errors = (round(fit.median_error, 4), round(fit.p90_error, 4)) if fit else ("", "")
        rows.append(
            (one.measure, one.unit, round(one.curve, 1), round(one.design, 1), round(one.off, 4), *errors)
        )
    columns = [
        "measure",
        "unit",
        "curve",
        "design",
        "curve_over_design_less_one",
        "median_error",
        "p90_error",
    ]
    return pd.DataFrame(rows, columns=columns)


def use_of(opened: Opened) -> NDArray[np.int64]:
    """Return the first use of each stretch of route, a place in ``USES``."""
    routes = opened.design.routes
    return np.select([routes.feeder > 0, routes.distribution > 0], [0, 1], 2).astype(np.int64)


def routes_table(opened: Opened) -> pd.DataFrame:
    """Return the stretches of route: ends, length, how they are built and what they bear."""
    routes = opened.design.routes
    return pd.DataFrame(
        {
            "route": np.arange(len(routes.length_m)),
            "method": np.array(METHODS, dtype=object)[routes.method],
            "use": np.array(USES, dtype=object)[use_of(opened)],
            "length_m": np.round(routes.length_m, 2),
            "feeder_fibres": routes.feeder,
            "distribution_fibres": routes.distribution,
            "drops": routes.drops,
            "x0_m": np.round(routes.from_m[:, 0], 2),
            "y0_m": np.round(routes.from_m[:, 1], 2),
            "x1_m": np.round(routes.to_m[:, 0], 2),
            "y1_m": np.round(routes.to_m[:, 1], 2),
        }
    )


def layers(opened: Opened) -> dict[str, gpd.GeoDataFrame]:
    """Return the GIS layers by name, in the coordinate system of the area."""
    design, tile = opened.design, opened.tile
    streets, routes = tile.streets, design.routes
    named: dict[str, tuple[dict[str, Any], Any]] = {
        "homes": _homes_layer(opened),
        "terminals": (
            {
                "box": np.arange(len(design.boxes.ports)),
                "ports": design.boxes.ports,
                "homes": design.boxes.homes,
                "cabinet": design.boxes.cabinet,
            },
            shapely.points(design.boxes.point_m),
        ),
        "cabinets": (
            {
                "cabinet": np.arange(len(design.cabinets.fibres)),
                "fibres": design.cabinets.fibres,
                "splitters": design.cabinets.splitters,
                "size": design.cabinets.size,
            },
            shapely.points(design.cabinets.point_m),
        ),
        "routes": (
            _columns(routes_table(opened).drop(columns=["x0_m", "y0_m", "x1_m", "y1_m"])),
            shapely.linestrings(np.stack([routes.from_m, routes.to_m], axis=1)),
        ),
        "streets": (
            {"length_m": streets.length_m, "duct": streets.duct, "poles": streets.poles},
            shapely.linestrings(streets.node_m[streets.edges]),
        ),
        "entry": ({"upstream_m": [tile.upstream_m]}, [shapely.Point(*tile.entry_m)]),
    }
    import geopandas as gpd

    return {
        name: gpd.GeoDataFrame(columns, geometry=list(shapes), crs=opened.crs)
        for name, (columns, shapes) in named.items()
    }


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): table[name].to_numpy() for name in table.columns}


def _homes_layer(opened: Opened) -> tuple[dict[str, Any], Any]:
    """Return the buildings with their homes, those served, the least margin and the reasons of the rest."""
    homes, tile = opened.design.homes, opened.tile
    count = len(tile.homes)
    served = np.bincount(homes.building, homes.served, count).astype(np.int64)
    worst = np.full(count, np.nan)
    chosen = np.array(opened.options.offered)[homes.optics]
    margin = np.select(
        [chosen == name for name in opened.options.offered],
        [homes.margin_db[name] for name in opened.options.offered],
        np.nan,
    )
    order = np.lexsort((-margin, homes.building))
    worst[homes.building[order]] = margin[order]
    table = opened.design.homes_table()
    reasons = table.groupby("building")["reason"].max().reindex(range(count), fill_value="")
    columns = {
        "building": np.arange(count), "homes": tile.homes, "floors": tile.floors, "served": served,
        "least_margin_db": np.round(worst, 2), "reason": reasons.to_numpy(dtype=object),
    }  # fmt: skip
    return columns, shapely.points(tile.building_m)


def design_facts(opened: Opened, folder: Path) -> dict[str, Any]:
    """Return the summary of a design as what JSON can hold."""
    design = opened.design
    compared = {
        one.measure: {"unit": one.unit, "curve": round(one.curve, 1), "design": round(one.design, 1)}
        for one in opened.comparisons
    }
    return {
        "scenario": opened.scenario,
        "zone": opened.zone_id,
        "name": opened.name,
        "kind": opened.kind,
        "homes": opened.tile.home_count,
        "homes_passed": design.passed,
        "not_served": design.homes.reasons(),
        "split": design.split,
        "ports": design.ports,
        "line_terminal_ports": design.line_ports,
        "access_boxes": len(design.boxes.ports),
        "cabinets": len(design.cabinets.fibres),
        "upstream_m": round(opened.tile.upstream_m, 1),
        "route_m": round(design.route_m, 1),
        "dug_m": round(design.dug_m, 1),
        "yuan": round(design.yuan, 2),
        "connect_yuan": round(design.connect_yuan, 2),
        "curve_and_design": compared,
        "repairs": [str(repair) for repair in design.repairs],
        "folder": str(folder),
    }


def design_summary(opened: Opened, folder: Path) -> Group:
    """Return what the terminal says of a design: what it takes, how far the curve is off, where it lies."""
    design, homes = opened.design, max(opened.design.passed, 1)
    title = f"{opened.kind} {opened.zone_id} {opened.name} ({opened.scenario})"
    facts = [
        f"{design.passed:,} of {opened.tile.home_count:,} homes passed, {design.ports:,} ports, "
        f"split {design.split.replace('x', ' x ')}, {design.line_ports} ports of the line terminal "
        f"{opened.tile.upstream_m / 1000:.1f} km away",
        f"{design.route_m / 1000:.2f} km of routes, {design.dug_m / 1000:.2f} km dug; "
        f"{len(design.boxes.ports)} access boxes, {len(design.cabinets.fibres)} cabinets",
        f"{design.yuan:,.0f} yuan to build ({design.yuan / homes:,.0f} a home passed), "
        f"{design.connect_yuan:,.0f} yuan to connect every port",
    ]
    parts: list[Any] = [Text(title, style="bold"), *(Text(fact) for fact in facts)]
    parts += [
        Text(f"not served: {count:,}: {why}", style="yellow") for why, count in design.homes.reasons().items()
    ]
    parts.append(_comparison(opened))
    parts += [Text(f"repaired: {repair}", style="dim") for repair in design.repairs]
    parts.append(Text(f"layers, bill, homes and map: {folder}", no_wrap=True))
    return Group(*parts)


def _comparison(opened: Opened) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("curve against design", no_wrap=True)
    for name in ("curve", "design", "off", "median off", "9 of 10 within"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in opened.comparisons:
        if not one.curve and not one.design:
            continue
        fit = opened.fits.get(one.measure)
        errors = (f"{fit.median_error:.1%}", f"{fit.p90_error:.1%}") if fit else ("", "")
        table.add_row(
            f"{one.measure} [{one.unit}]".replace("[", "\\["),
            f"{one.curve:,.0f}",
            f"{one.design:,.0f}",
            f"{one.off:+.1%}",
            *errors,
        )
    return table
