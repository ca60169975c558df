"""Write the tables of "Forecasts against what came" in docs/validation.md from finished runs.

python docs/backtest.py reports/china-2020 reports/yunnan-2017 ...    # the nation first, then provinces
python docs/backtest.py --print reports/china-2020                    # print them, write nothing

Only what stands between the two marks of the page is replaced; what is written by hand around them stays.
`make backtest` makes the runs first.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

PAGE = ROOT / "docs" / "validation.md"
BEGIN = "<!-- Written by docs/backtest.py (make backtest) from here; do not edit. -->"
END = "<!-- Written by docs/backtest.py to here. -->"
SHORT = {"Yunnan": "YN", "Sichuan": "SC", "Shandong": "SD", "Hunan": "HN"}
REGION = {
    "Yunnan": "West China", "Sichuan": "West China", "Shandong": "East China", "Hunan": "Central China",
}  # fmt: skip
COSTS = {
    "yunnan-2017": "Yunnan", "sichuan-2020": "Sichuan", "hunan-2015": "Hunan", "shandong-2015": "Shandong",
}  # fmt: skip
Lines = list[str]
_THOUSANDS = 1e5  # thousand yuan in a hundred million


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with a few significant digits, a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:.{digits}g}"


def percent(value: float | None) -> str:
    """Return a share in per cent, a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{100 * value:.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Lines:
    """Return a Markdown table; columns beyond the second hold numbers."""
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
        "",
    ]


def words(indicator: str) -> str:
    """Return the name of an indicator for readers."""
    return indicator.replace("_", " ")


def nation_tables(found, run) -> Lines:
    """Return the errors of the nation by indicator, and those of the fitted series beside baselines."""
    from sim.backtest.judged import Errors

    whole = [point for point in found.points if point.row.place == found.place]
    rows = []
    for fitted in (False, True):
        part = [point for point in whole if point.fitted == fitted]
        for name, unit in dict.fromkeys((point.row.indicator, point.row.unit) for point in part):
            mine = [point for point in part if (point.row.indicator, point.row.unit) == (name, unit)]
            for definition in dict.fromkeys(point.definition for point in mine):
                errors = Errors.of([p for p in mine if p.definition == definition], found.naive)
                counted = f" ({definition})" if definition else ""
                rows.append((
                    f"{words(name)}, {unit}{counted}", "fitted" if fitted else "forecast",
                    str(errors.points), number(errors.bias), percent(errors.mape),
                    percent(errors.naive_mape), percent(errors.coverage_80), percent(errors.winkler),
                    percent(errors.naive_winkler),
                ))  # fmt: skip
    head = (
        "indicator", "", "points", "bias", "MAPE, %", "naive, %", "in 80 %, %", "Winkler, %", "naive, %",
    )  # fmt: skip
    until = str(run.facts.get("fitted_until", ""))
    lines = [f"### The nation, fitted to the end of {until}", ""]
    lines += _baselines(run.facts.get("errors") or [])
    lines += ["Every observation of the nation, as `rollout backtest` holds it against the run:", ""]
    return lines + table(head, rows)


def _baselines(errors: Sequence[dict]) -> Lines:
    """Return the errors of the fitted series beside those of naive curves."""
    if not errors:
        return []
    names = [key for key in errors[0] if key not in ("error", "indicator", "part", "points")]
    names.sort(key=lambda name: (name != "model", name))
    rows = [
        (words(str(row["indicator"])), str(row["part"]), str(row["points"]), str(row["error"]),
         *(number(row[name]) for name in names))
        for row in errors
    ]  # fmt: skip
    lines = ["The series that the scenario is judged by, beside curves that know less:", ""]
    return lines + table(("series", "", "points", "error", *names), rows)


def parts_table(held: Sequence[tuple[str, object]]) -> Lines:
    """Return every forecast of a province or region, run by run, and how they do together."""
    from sim.backtest.judged import Errors

    rows, points, naive = [], [], {}
    for name, found in held:
        mine = found.of_parts if found.place == "China" else found.of_whole
        for point in sorted(mine, key=lambda p: (p.row.place, p.row.indicator, p.month, p.row.line)):
            key = len(points) + 1
            moved = replace(point, row=replace(point.row, line=key))
            points.append(moved)
            if point.row.line in found.naive:
                naive[key] = found.naive[point.row.line]
            facts = point.facts()
            inside = "–"
            if facts["interval"]:
                inside = "yes" if facts["p10"] <= facts["observed"] <= facts["p90"] else "no"
            sign = {"lower": "≥ ", "upper": "≤ "}.get(facts["bound"], "")
            rows.append((
                point.row.place, f"{words(point.row.indicator)}, {point.row.unit}", facts["date"], name,
                f"{sign}{number(point.row.value)}", number(point.simulated),
                f"{number(facts['p10'])} to {number(facts['p90'])}" if facts["interval"] else "–",
                inside, f"{100 * point.error / point.row.value:+.0f}",
            ))  # fmt: skip
    errors = Errors.of(points, naive)
    said = (
        f"{errors.points} forecasts of provinces and regions, none of them fitted on: mean relative error\n"
        f"{percent(errors.mape)} %; {percent(errors.coverage_80)} % of {errors.intervals} intervals hold "
        f"what came (80 % are meant to). Over the {errors.naive_points}\nthat a naive forecast can speak to, "
        f"Winkler's score is {percent(errors.winkler_beside)} % of what was observed against "
        f"{percent(errors.naive_winkler)} % (less is better)."
    )
    head = (
        "place", "indicator", "month", "run", "observed", "forecast", "80 % interval", "in it", "error, %",
    )  # fmt: skip
    return ["### Provinces and regions", "", said, "", *table(head, rows)]


def beside_nation(runs: Sequence[tuple[str, object]], rows: Sequence[object]) -> Lines:
    """Return shares and rates of provincial runs beside those of the nation and the region at the time."""
    from sim.backtest.judged import backtest
    from sim.backtest.units import read_unit

    chosen: dict[tuple[str, str, str, float, str], dict[str, str]] = {}
    places = []
    for name, run in runs:
        province = str(run.facts["province"])
        places.append(f"{SHORT.get(province, province)} {name.rpartition('-')[2]}")
        alike = [
            replace(row, place=province, source=row.place)
            for row in rows
            if (row.place in ("China", REGION.get(province)) and read_unit(row.unit).dimension == "share")
            or (row.place in ("China", REGION.get(province)) and row.unit == "Mbps")
        ]
        for point in backtest(run, alike).points:
            key = (
                point.row.indicator, point.row.span.label, point.row.source, point.row.value, point.row.unit,
            )  # fmt: skip
            chosen.setdefault(key, {})[places[-1]] = number(point.simulated)
    ordered = sorted(chosen.items(), key=lambda item: (item[0][0], item[0][1], item[0][2], item[0][3]))
    shown = (
        (f"{words(name)}, {unit}", month, f"{place} {number(value)}", *(cells.get(p, "") for p in places))
        for (name, month, place, value, unit), cells in ordered
    )
    lines = [
        "### Provincial runs beside the nation",
        "",
        "No test: a province is not the nation. It shows where runs stand.",
        "",
    ]
    return lines + table(("indicator", "month", "observed", *places), shown)


def programme_table(runs: Sequence[tuple[str, object]], rows: Sequence[object], *, costs: bool) -> Lines:
    """Return money and months of villages in programmes beside those of the runs."""
    lines = ["### Village programmes", ""]
    money = {(row.place, row.as_of): row for row in rows if row.indicator.endswith("_total_investment")}
    villages = {
        (row.place, row.as_of): row for row in rows if row.indicator == "universal_service_villages_supported"
    }
    seen = []
    for key, row in sorted(money.items()):
        if key in villages and row.unit == "100M yuan":
            each = _THOUSANDS * row.value / villages[key].value
            seen.append((*key, f"{villages[key].value:,.0f}", f"{each:,.0f}"))
    lines += table(("programme", "as of", "villages", "thousand yuan a village"), seen)
    found = []
    for name, run in runs:
        price = _village_price(name) if costs and name in COSTS else ("–", "–")
        months = _village_months(run)
        found.append((name, *price, *months))
    head = (
        "run", "villages without fibre", "thousand yuan a village", "got fibre",
        "months from money to service, median", "nine in ten within",
    )  # fmt: skip
    return lines + table(head, found)


def _village_price(name: str) -> tuple[str, str]:
    """Return how many villages lack fibre in the first month, and what one costs."""
    from benchmarks.quality.village_costs import village_costs
    from sim.geo.area import read_area
    from sim.scenario.load import load_scenario

    loaded = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
    area, _ = read_area(loaded.scenario.province, loaded.scenario.geodata)
    cost = village_costs(loaded, area)
    return f"{cost.villages:,}", f"{cost.per_village / 1e3:,.0f}"


def _village_months(run) -> tuple[str, str, str]:
    """Return how many villages got fibre in the run, and how long a project took from money to service."""
    zones, delays = run.zones, run.delays
    village = (zones["kind"] == "village").to_numpy()
    mine = delays[(delays["technology"] == "ftth") & (delays["zone"] >= 0) & (delays["ended_month"] >= 0)]
    mine = mine[village[mine["zone"].to_numpy()]]
    if not len(mine):
        return "0", "–", "–"
    months = mine["ended_month"] - mine["funded_month"]
    return f"{len(mine):,}", f"{months.median():.0f}", f"{months.quantile(0.9):.0f}"


def section(folders: Sequence[Path], *, costs: bool) -> str:
    """Return all tables."""
    from sim.backtest.history import read_rows
    from sim.backtest.judged import backtest
    from sim.files import shipped
    from sim.store import open_run

    rows = read_rows(shipped("scenarios") / "library" / "history.csv")
    runs = [(folder.name, open_run(folder)) for folder in folders]
    held = [(name, backtest(run, rows)) for name, run in runs]
    lines: Lines = []
    for (_, run), (_, found) in zip(runs, held, strict=True):
        if found.place == "China":
            lines += nation_tables(found, run)
    lines += parts_table(held)
    provinces = [(name, run) for name, run in runs if run.facts["province"] != "China"]
    if provinces:
        lines += beside_nation(provinces, rows)
        lines += programme_table(provinces, rows, costs=costs)
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write the section, or print it."""
    parser = argparse.ArgumentParser(description="Forecasts against what came, from finished runs.")
    parser.add_argument("runs", nargs="+", type=Path, help="run folders, the nation first")
    parser.add_argument("--print", action="store_true", dest="only_print", help="print, write nothing")
    parser.add_argument("--no-costs", action="store_true", help="leave out what a village costs")
    asked = parser.parse_args()
    text = section(asked.runs, costs=not asked.no_costs)
    if asked.only_print:
        print(text)
        return
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE} lacks the marks between which the tables stand:\n{BEGIN}\n{END}")
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
