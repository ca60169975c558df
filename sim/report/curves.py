"""Cost curves on the terminal and as a figure: how far they are from the designs behind them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.access.calibrate import CONNECTING, METRES, PRICE, pooled
from sim.access.curves import write_curves
from sim.access.quantities import build_yuan, metres_of, priced
from sim.report import style
from sim.tables.layers import ZONE_KINDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.access.curves import Curves
    from sim.designs import Calibration

FIGURE = "curves"
_COLOURS = {"city": "#0072B2", "town": "#E69F00", "village": "#009E73"}
_PANELS = (("route_m", "route [km]", 1e3), ("yuan", "price to build [thousand yuan]", 1e3))


def write_calibration(calibration: Calibration, table: Path, figure: Path | None) -> None:
    """Write the table of the curves and, where a folder is given, curves against designs."""
    write_curves(table, calibration.curves)
    if figure is not None:
        found = check_table(calibration)
        with style.house_style():
            style.save(draw_check(found), found, figure, FIGURE)


def check_table(calibration: Calibration) -> pd.DataFrame:
    """Return metres and price of each zone that was kept from the fit, by curve and by design."""
    features, amounts, tested = pooled(calibration.samples)
    found = calibration.curves.quantities(features)
    columns = {
        "kind": features.kind, "homes": features.served.astype(int),
        "design_route_m": metres_of(amounts).round(1),
        "curve_route_m": metres_of(found).round(1),
        "design_yuan": build_yuan(priced(amounts, calibration.options, features.built_up)).round(0),
        "curve_yuan": build_yuan(priced(found, calibration.options, features.built_up)).round(0),
    }  # fmt: skip
    return pd.DataFrame(columns)[tested].reset_index(drop=True)


def draw_check(table: pd.DataFrame) -> Figure:
    """Draw metres and prices by curve over those by design, one mark a zone."""
    figure = style.new_figure(9.6, 5.0)
    figure.suptitle("Cost curves against full designs of zones kept from the fit", fontsize=11)
    for axes, (measure, label, unit) in zip(figure.subplots(1, len(_PANELS)), _PANELS, strict=True):
        shown = table[(table[f"design_{measure}"] > 0) & (table[f"curve_{measure}"] > 0)]
        for kind, colour in _COLOURS.items():
            own = shown[shown["kind"] == kind]
            axes.scatter(
                own[f"design_{measure}"] / unit, own[f"curve_{measure}"] / unit, s=9, color=colour, lw=0,
                alpha=0.7, label=f"{kind} ({len(own)})",
            )  # fmt: skip
        ends = shown[[f"design_{measure}", f"curve_{measure}"]].to_numpy() / unit
        low, high = (float(ends.min()), float(ends.max())) if len(ends) else (1.0, 10.0)
        axes.plot([low, high], [low, high], color=style.GREY, lw=0.9, zorder=0)
        axes.set(xscale="log", yscale="log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
            axis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(f"design: {label}")
        axes.set_ylabel(f"curve: {label}")
        style.title(axes, label.partition(" [")[0].capitalize())
        axes.legend(fontsize=7, loc="upper left")
    return figure


def curves_summary(curves: Curves, path: Path) -> Group:
    """Return the errors of the curves by kind of zone."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("kind", "measure"):
        table.add_column(name, no_wrap=True)
    for name in ("fitted", "tested", "median off", "9 of 10 within"):
        table.add_column(name, justify="right", no_wrap=True)
    for kind in ZONE_KINDS:
        for measure in (METRES, PRICE, CONNECTING):
            fit = curves.fits.get((kind, measure))
            if fit is not None:
                errors = (f"{fit.median_error:.1%}", f"{fit.p90_error:.1%}")
                table.add_row(kind, measure, str(fit.fitted), str(fit.tested), *errors)
    return Group(table, Text(f"wrote {path}", no_wrap=True))
