"""The scorecard as bullet chart: value, threshold and spread of every judged target."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.report import style
from sim.tables.scorecard_file import as_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_END = 1.6
_COLUMNS = [
    "target_id", "statement", "due_month", "verdict", "comparator", "wanted", "mean", "p10", "p90", "unit",
]  # fmt: skip


def bullet_table(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Return the targets that have a threshold and were measured, in the scorecard's order."""
    chosen = scorecard[(scorecard["wanted"] != "") & (scorecard["mean"] != "")]
    table = chosen[_COLUMNS].reset_index(drop=True)
    for name in ("wanted", "mean", "p10", "p90"):
        table[name] = [as_number(text) for text in table[name]]
    return table


def plain_number(value: float, unit: str) -> str:
    """Return a number without its unit: shares in percent, large counts short."""
    if unit == "share":
        return f"{100 * value:.3g}"
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{value / size:,.4g} {word}"
    return f"{value:,.0f}" if abs(value) >= 1e3 else f"{value:.4g}"


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit as a reader wants it."""
    name = {"share": " %", "1": ""}.get(unit, f" {unit}")
    return plain_number(value, unit) + name


def draw_bullets(table: pd.DataFrame) -> Figure:
    """Draw each target on its own scale, on which the threshold stands at 100 %."""
    figure = style.new_figure(10.6, 1.5 + 0.44 * max(len(table), 1))
    axes = figure.subplots()
    if table.empty:
        axes.set_axis_off()
        axes.text(
            0.5, 0.5, "no target has a threshold that was measured", ha="center", transform=axes.transAxes
        )
        return figure
    for place, row in enumerate(table.to_dict("records")):
        _bullet(axes, place, row)
    axes.set_yticks(range(len(table)), [_name(row) for row in table.to_dict("records")], fontsize=7.5)
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.set_xlim(0, _END)
    axes.set_xticks([0, 0.5, 1, 1.5], ["0 %", "50 %", "threshold", "150 %"])
    axes.set_xlabel("value at the due month as a share of the threshold")
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    _legend(figure, table)
    return figure


def _name(row: dict[Any, Any]) -> str:
    lines = textwrap.wrap(style.plain(str(row["statement"])), 62) or [""]
    text = lines[0] if len(lines) == 1 else f"{lines[0]}\n{lines[1]}{' ...' if len(lines) > 2 else ''}"
    return style.plain(str(row["target_id"])) + "  " + text


def _bullet(axes: Axes, place: int, row: dict[Any, Any]) -> None:
    wanted = float(row["wanted"])
    scale = wanted if wanted > 0 else max(abs(float(row["mean"])), 1.0)
    start = 1.0 if wanted > 0 else 0.0
    value, low, high = (min(max(float(row[key]) / scale, 0.0), _END) for key in ("mean", "p10", "p90"))
    tint = style.VERDICT_COLOURS[row["verdict"]]
    axes.barh(place, _END, height=0.72, color="#F2F2F2", lw=0)
    axes.barh(place, value, height=0.34, color=tint, lw=0)
    if high > low:
        axes.plot([low, high], [place, place], color="black", lw=1.2, marker="|", ms=5)
    axes.plot([start, start], [place - 0.34, place + 0.34], color="black", lw=2.2)
    beyond = " »" if float(row["mean"]) / scale > _END else ""
    sign = {"<=": "at most ", ">": "more than "}.get(row["comparator"], "")
    value_text, wanted_text = (quantity(number, row["unit"]) for number in (float(row["mean"]), wanted))
    text = f"{value_text}{beyond} (wanted: {sign}{wanted_text}, {row['due_month']})"
    sign_style: dict[str, Any] = {"xytext": (5, 0), "fontsize": 11, "fontweight": "bold"}
    for what, place_style in (
        (style.VERDICT_SIGNS[row["verdict"]], sign_style),
        (text, {"xytext": (18, 0), "fontsize": 7.5}),
    ):
        axes.annotate(style.plain(what), (_END, place), textcoords="offset points", va="center", color=tint,
                      annotation_clip=False, parse_math=False, **place_style)  # fmt: skip


def _legend(figure: Figure, table: pd.DataFrame) -> None:
    present = [name for name in style.VERDICT_COLOURS if (table["verdict"] == name).any()]
    handles: list[Any] = [
        Patch(color=style.VERDICT_COLOURS[name], label=f"{style.VERDICT_SIGNS[name]} {name}")
        for name in present
    ]
    handles.append(Line2D([], [], color="black", lw=0, marker="|", ms=9, mew=2.2, label="threshold"))
    if (table["p90"] > table["p10"]).any():
        handles.append(Line2D([], [], color="black", lw=1.2, marker="|", ms=5, label="p10 to p90"))
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), fontsize=8)
