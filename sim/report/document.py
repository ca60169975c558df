"""The report of one run: a single page that opens offline and asks nothing of anybody.

The page is made from the run folder alone, so that it can be made again from any saved run.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import jinja2

from sim import files
from sim.errors import StoreError
from sim.report import digest, style
from sim.report.bandwidth import bandwidth_pictures, judged, rates_told
from sim.report.construction import NAME as CONSTRUCTION
from sim.report.construction import construction_pictures
from sim.report.demand import PANELS as DEMAND
from sim.report.demand import demand_pictures
from sim.report.figures import NATION_CARD, charts
from sim.report.finance import NAME as FINANCE
from sim.report.finance import finance_pictures, neediest
from sim.report.household import NAME as HOUSEHOLD
from sim.report.household import household_pictures
from sim.report.maps import maps, outlines_of
from sim.report.outlook import outlooks
from sim.report.quality import NAME as QUALITY
from sim.report.quality import quality_pictures, quality_words
from sim.report.radio import NAMES, radio_pictures
from sim.report.rate_map import NAME as RATE_MAP
from sim.report.rate_map import rate_pictures
from sim.report.routes import NAME as ROUTES
from sim.report.routes import route_pictures
from sim.report.starting import starting_values
from sim.report.subjects import FILE as INDICATORS
from sim.report.subjects import by_subject, year_ends
from sim.report.verdicts import by_document, targets, unjudged, verdicts
from sim.report.why import latest
from sim.store import Run, SavedRun, seal
from sim.version import __version__

FIGURES = "figures"
PAGE = "report.html"


def write_report(run: Run | SavedRun, folder: Path) -> None:
    """Write the figures and the page of a run into its folder.

    A run that was opened from its folder has its figures already: then the page alone is written
    again, and the manifest with it.
    """
    if isinstance(run, Run):
        write_figures(run, folder / FIGURES)
        run = SavedRun.of(run, folder)
        files.write_text(folder / PAGE, page(run))
        return
    files.write_text(folder / PAGE, page(run))
    seal(folder, {key: value for key, value in run.manifest.items() if key != "outputs"})


def write_figures(run: Run, folder: Path) -> None:
    """Write every figure as PNG and its data as CSV."""
    with style.house_style():
        outlines = outlines_of(run.area.counties)
        pictures = charts(run) | bandwidth_pictures(run) | demand_pictures(run)
        pictures |= maps(run, outlines) | rate_pictures(run, outlines) | route_pictures(run, outlines)
        pictures |= household_pictures(run) | radio_pictures(run, outlines) | construction_pictures(run)
        pictures |= finance_pictures(run) | quality_pictures(run)
        for name, (draw, table) in pictures.items():
            style.save(draw(), table, folder, name)
    style.save_table(year_ends(run), folder, INDICATORS)


def page(run: SavedRun) -> str:
    """Return the report as HTML; everything that a user's files name is escaped."""
    facts = run.facts
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("report.html.j2").render(
        facts=facts,
        version=__version__,
        **_judged(run),
        **_measured(run),
        **_money(run),
        **_origins(facts),
        **_drawn(run),
        decisions=digest.decisions(run),
        latest=_latest(run),
        figure=lambda name: _inlined(run.folder, name),
    )
    return text.encode("utf-8", "replace").decode()


def _judged(run: SavedRun) -> dict[str, Any]:
    """Return the verdicts, and the goals on the economy that have none."""
    rows = targets(run.scorecard, run.facts["province"])
    told, untold = outlooks(run.economy)
    return {
        "verdicts": verdicts(run.scorecard),
        "targets": rows,
        "documents": by_document(rows),
        "unjudged": unjudged(rows),
        "rate_targets": judged(rows),
        "outlooks": told,
        "no_outlook": untold,
    }


def _measured(run: SavedRun) -> dict[str, Any]:
    """Return what homes have, and every indicator at the ends of years."""
    months, subjects = by_subject(run)
    return {
        "rates": rates_told(run),
        "months": months,
        "subjects": subjects,
        "indicators": (run.folder / FIGURES / f"{INDICATORS}.csv").is_file(),
    }


def _money(run: SavedRun) -> dict[str, Any]:
    """Return funds and spending."""
    rows = digest.funding(run.facts)
    return {
        "funding": rows,
        "binding": [row for row in rows if row["pot"] == "all"] or rows,
        "spending": digest.spending(run),
        "price_year": run.facts["price_year"],
    }


def _origins(facts: dict[str, Any]) -> dict[str, Any]:
    """Return where the figures that went in came from."""
    assumed, doubtful = digest.parameters(facts)
    owners = (layer["attribution"] for layer in facts["layers"] if layer["attribution"])
    return {
        "starting": starting_values(facts),
        "assumed": assumed,
        "doubtful": doubtful,
        "modelled": [layer["name"] for layer in facts["layers"] if layer["modelled"]],
        "attributions": "; ".join(dict.fromkeys(owners)),
    }


def _drawn(run: SavedRun) -> dict[str, Any]:
    """Return which figures there are: a run draws what it measured."""
    drawn = {path.stem for path in (run.folder / FIGURES).glob("*.png")}
    return {
        "nation_card": NATION_CARD if NATION_CARD in drawn else "",
        "demand": [name for name in DEMAND if name in drawn],
        "construction": CONSTRUCTION in drawn,
        "quality": quality_words(run) if QUALITY in drawn else {},
        "neediest": neediest(run.folder / FIGURES) if FINANCE in drawn else None,
        "household": HOUSEHOLD in drawn,
        "rate_map": RATE_MAP in drawn,
        "routes": ROUTES in drawn,
        "radio": [name for name in NAMES if name in drawn],
    }


def _latest(run: SavedRun) -> list[dict[str, Any]]:
    """Return the projects that lost most days; none where the run was made before they were kept."""
    kept = "delays" in vars(run) or (run.folder / "delays.parquet").is_file()
    return latest(run.delays, run.zones, run.horizon) if kept else []


def _inlined(folder: Path, name: str) -> str:
    """Return a figure as a data address, so that the page needs no other file."""
    path = folder / FIGURES / f"{name}.png"
    if not path.is_file():
        raise StoreError(f"{path} is missing; run the scenario again")
    limit = 1 << 26
    data = base64.b64encode(files.read_bytes(path, limit)).decode("ascii")
    return f"data:image/png;base64,{data}"
