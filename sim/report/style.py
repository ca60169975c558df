"""How every figure looks: one palette, one typeface, one way to save.

Figures are made with matplotlib's object interface, never with pyplot, so that nothing is held
between two of them; texts are never parsed as mathematics.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from sim import files
from sim.clock import Horizon

if TYPE_CHECKING:
    import pandas as pd

# Okabe and Ito's palette, which stays apart in every common kind of colour blindness.
PALETTE = {
    "dsl": "#737373",
    "ftth": "#0072B2",
    "cable": "#8C564B",
    "gsm": "#44AA99",
    "umts": "#E69F00",
    "lte": "#D55E00",
    "nr": "#7B3294",
    "nbiot": "#009E73",
    "fwa": "#56B4E9",
    "satellite": "#CC79A7",
    "wlan": "#B8A800",
    "transport": "#332288",
}
_OTHERS = ("#000000", "#999933", "#882255")
LABELS = {
    "dsl": "DSL", "ftth": "FTTH", "cable": "two-way cable", "gsm": "GSM (2G)", "umts": "UMTS (3G)",
    "lte": "LTE (4G)", "nr": "NR (5G)", "nbiot": "NB-IoT", "fwa": "fixed wireless", "satellite": "satellite",
    "wlan": "public WLAN", "transport": "transport",
}  # fmt: skip
VERDICT_COLOURS = {
    "met": "#00714F",
    "at risk": "#A66A00",
    "missed": "#B3261E",
    "trend": "#3B5B92",
    "not judged": "#6B6B6B",
}
VERDICT_SIGNS = {"met": "✓", "at risk": "!", "missed": "✗", "trend": "↗", "not judged": "–"}
GREY, LAND, LINE = "#595959", "#D9D9D9", "#8A8A8A"
_DPI = 130
_PNG = {"compress_level": 3}
"""Half the time of the usual level for a twentieth more bytes."""


def colour(technology: str) -> str:
    """Return the colour of a technology; the same in every figure of every run."""
    if technology in PALETTE:
        return PALETTE[technology]
    return _OTHERS[sum(technology.encode()) % len(_OTHERS)]


def label(technology: str) -> str:
    """Return the name of a technology as a reader knows it."""
    return LABELS.get(technology, technology)


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(
        FT2Font(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")).get_charmap()
    )


def drawable(text: str) -> bool:
    """Return whether the figures' typeface has every character of a text (it lacks Chinese)."""
    return all(ord(sign) in _glyphs() for sign in text)


def plain(text: str) -> str:
    """Return a text that can be drawn: control signs become blanks, unknown ones open squares."""
    kept = (sign if ord(sign) in _glyphs() else ("□" if sign.isprintable() else " ") for sign in text)
    return "".join(kept)


@cache
def _english() -> dict[str, str]:
    rows = files.read_csv_rows(files.shipped("geodata") / "prefectures.csv", ("name", "name_en"))
    return {row["name"]: row["name_en"] for _, row in rows}


def english(prefecture: str) -> str:
    """Return the name of a prefecture in Latin letters where it is known, else as it is."""
    return _english().get(prefecture, prefecture)


def english_crew(crew: str) -> str:
    """Return the name of a pool of crews, "<prefecture> <skill>", with its prefecture in Latin letters."""
    prefecture, _, skill = crew.rpartition(" ")
    return f"{english(prefecture)} {skill}" if prefecture else crew


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with the project's settings, whatever the machine's own matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcParams.update(
            {key: mpl.rcParamsDefault[key] for key in mpl.rcParamsDefault if not _foreign(key)}
        )
        mpl.rcParams.update(
            {
                "font.family": "DejaVu Sans",
                "font.size": 9.0,
                "axes.titlesize": 10.0,
                "axes.titleweight": "bold",
                "axes.titlelocation": "left",
                "axes.labelcolor": GREY,
                "axes.edgecolor": LINE,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "axes.axisbelow": True,
                "grid.color": "#E6E6E6",
                "xtick.color": GREY,
                "ytick.color": GREY,
                "legend.frameon": False,
                "text.parse_math": False,
                "text.usetex": False,
                "figure.facecolor": "white",
            }
        )
        yield


def _foreign(key: str) -> bool:
    """Settings that choose programs or folders rather than looks."""
    return key.startswith(
        ("backend", "interactive", "toolbar", "animation", "date.", "savefig.directory", "tk.")
    )


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of that size in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def title(axes: Axes, text: str) -> None:
    """Give a panel its title."""
    axes.set_title(plain(text), parse_math=False)


def month_axis(axes: Axes, horizon: Horizon) -> None:
    """Mark the months of an axis that counts them from 0 by the years they belong to."""
    year = [m for m in range(horizon.months) if horizon.calendar_month(m) == 1]
    axes.set_xlim(0, max(horizon.months - 1, 1))
    axes.set_xticks(year, [str(horizon.year(m)) for m in year])
    middles = [m for m in range(horizon.months) if horizon.calendar_month(m) == 7]
    axes.set_xticks(middles, minor=True)
    axes.set_xlabel("month (the mark stands at January)")


def end_label(axes: Axes, text: str, x: float, y: float, beyond: float = 4.0, **style: Any) -> None:
    """Write a text ``beyond`` points right of a point, outside the frame where need be."""
    axes.annotate(
        plain(text), (x, y), xytext=(beyond, 0), textcoords="offset points", va="center",
        annotation_clip=False, parse_math=False, **style,
    )  # fmt: skip


def spread(values: list[float], gap: float) -> list[float]:
    """Return the values moved apart to at least ``gap``, in their order, as little as need be."""
    order = np.argsort(values, kind="stable")
    moved = np.array(values, dtype=float)
    for _ in range(100):
        apart = np.diff(moved[order])
        close = np.flatnonzero(apart < gap - 1e-9)
        if not len(close):
            break
        for at in close:
            push = (gap - apart[at]) / 2
            moved[order[at]] -= push
            moved[order[at + 1]] += push
            apart = np.diff(moved[order])
    return [float(value) for value in moved]


def save(figure: Figure, table: pd.DataFrame, folder: Path, name: str) -> None:
    """Write a figure as PNG and what it shows as CSV of the same name."""
    buffer = io.BytesIO()
    figure.set_dpi(_DPI)
    engine = figure.get_layout_engine()
    if engine is not None:
        # savefig would draw everything once more only to lay it out; credits are wrapped by the first pass
        for _ in range(2 if figure.get_supxlabel() else 1):
            engine.execute(figure)
        figure.set_layout_engine(None)
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None}, pil_kwargs=_PNG)
    files.write_bytes(folder / f"{name}.png", buffer.getvalue())
    save_table(table, folder, name)


def save_table(table: pd.DataFrame, folder: Path, name: str) -> None:
    """Write a table as CSV of that name."""
    rows = table.astype(object).to_numpy().tolist()
    files.write_csv(folder / f"{name}.csv", [str(column) for column in table.columns], rows)
