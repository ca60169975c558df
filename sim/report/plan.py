"""A plan without construction on the terminal, as tables and as a figure of worth against money."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim import files
from sim.indicators.money import FEN_PER_YUAN
from sim.planning.decisions import choice_of
from sim.planning.worth import MICRO
from sim.plans.answer import plan_facts
from sim.plans.chosen import course
from sim.report import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.plans.plan import Plan

PLAN, DECISIONS, TARGETS, FIGURE = "plan.json", "decisions.csv", "targets.csv", "worth"
_STYLES = {"met": "green", "at risk": "yellow", "missed": "red", "trend": "cyan", "not judged": "dim"}
_YUAN_PER_MILLION = 1e6


def write_plan(plan: Plan, folder: Path) -> None:
    """Write the plan, its decisions, its targets and the figure of worth against money into a folder."""
    facts = plan_facts(plan)
    files.write_json(folder / PLAN, facts)
    best = plan.best
    choice = choice_of(plan.opened.whole.question, best.problem, best.solution, best.bound)
    _write_table(folder / DECISIONS, choice.decisions)
    _write_table(folder / TARGETS, targets_table(facts))
    table = worth_table(plan)
    with style.house_style():
        style.save(draw_worth(plan, table), table, folder, FIGURE)


def _write_table(path: Path, table: pd.DataFrame) -> None:
    rows = table.astype(object).where(table.notna(), "").to_numpy().tolist()
    files.write_csv(path, list(table.columns), rows)


def targets_table(facts: dict[str, Any]) -> pd.DataFrame:
    """Return a row for each target with its verdict and what closing it costs."""
    rows = [{"target_id": name, **cells} for name, cells in facts["targets"].items()]
    return pd.DataFrame(rows)


def worth_table(plan: Plan) -> pd.DataFrame:
    """Return money and worth after each project, in the order in which the plan builds them."""
    best = plan.best
    money, worth = course(best.problem, best.solution)
    return pd.DataFrame(
        {
            "project_id": [work.project_id for work in best.works],
            "technology": [work.technology for work in best.works],
            "money_yuan": money / FEN_PER_YUAN,
            "worth": worth / MICRO,
        }
    )


def draw_worth(plan: Plan, table: pd.DataFrame) -> Figure:
    """Draw worth against money in the order of building, below the bound that no plan exceeds."""
    figure = style.new_figure(9.6, 5.4)
    axes = figure.subplots()
    money = table["money_yuan"].to_numpy(dtype=float) / _YUAN_PER_MILLION
    worth = table["worth"].to_numpy(dtype=float) / 1e3
    axes.step([0.0, *money], [0.0, *worth], where="post", color=style.LINE, lw=0.9, zorder=1)
    for name in dict.fromkeys(table["technology"]):
        own = (table["technology"] == name).to_numpy()
        colour = style.colour(str(name))
        label = f"{style.label(str(name))} ({int(own.sum()):,})"
        axes.scatter(money[own], worth[own], s=9, lw=0, color=colour, label=label, zorder=2)
    bound = plan.bound.worth / MICRO / 1e3
    axes.axhline(bound, color=style.GREY, lw=1.0, ls="--")
    axes.annotate(
        f"no plan is worth more (gap {plan.gap:.2%})", (0.01, bound), xycoords=("axes fraction", "data"),
        xytext=(0, 3), textcoords="offset points", color=style.GREY, fontsize=8,
    )  # fmt: skip
    axes.set_xlabel("price of the projects so far [million yuan]")
    axes.set_ylabel("worth [thousand homes and persons, weighted]")
    axes.set_xlim(left=0.0)
    axes.set_ylim(0.0, max(bound, 1e-9) * 1.08)
    style.title(axes, f"What money buys, in the order of building: {plan.name}")
    if len(table):
        axes.legend(fontsize=8, loc="lower right")
    return figure


def plan_summary(plan: Plan, folder: Path | None) -> Group:
    """Return worth, bound, pots and the targets with what closing each miss costs."""
    facts = plan_facts(plan)
    title = Text(f"{plan.opened.prepared.scenario.title}: plan without construction", style="bold")
    met, judged = facts["targets_met"], sum(c["verdict"] != "not judged" for c in facts["targets"].values())
    lines = [
        f"{facts['projects']:,} of {facts['candidates']:,} candidates for {_million(facts['capex'])} million "
        f"yuan, {_million(facts['connections'])} more for connecting subscribers",
        f"worth {facts['worth']:,.0f}; no plan is worth more than {facts['bound']:,.0f} "
        f"(gap {facts['gap']:.2%})",
        f"{met} of {judged} targets met",
    ]
    held = plan.monotonicity
    if not held.holds:
        lines.append(f"more money meets fewer targets: {held.explained_by}")
    parts: list[Any] = [title, *(Text(line) for line in lines), _targets(facts), _pots(facts)]
    parts += [Text(f"note: {warning}", style="dim") for warning in plan.warnings]
    if folder is not None:
        parts.append(Text(f"written: {folder / PLAN}", no_wrap=True))
    return Group(*parts)


def _million(yuan: float) -> str:
    return f"{yuan / _YUAN_PER_MILLION:,.1f}"


def _targets(facts: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("target", no_wrap=True)
    table.add_column("indicator")
    for name in ("due", "wanted", "reached", "with all", "to close [M yuan]", "a point [M yuan]"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for name, cells in facts["targets"].items():
        verdict = cells["verdict"]
        if verdict == "not judged":
            continue
        numbers = [_short(cells[key]) for key in ("wanted", "value", "with_everything")]
        costs = [_cost(cells[key], verdict) for key in ("cost_to_close", "yuan_per_point")]
        table.add_row(
            Text(name), Text(f"{cells['indicator']} {cells['breakdown']}"), Text(cells["due"]),
            *(Text(cell) for cell in (*numbers, *costs)), Text(verdict, style=_STYLES.get(verdict, "")),
        )  # fmt: skip
    return table


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"


def _cost(yuan: float | None, verdict: str) -> str:
    if yuan is None:
        return "" if verdict in ("met", "trend") else "?"
    return _million(yuan)


def _pots(facts: dict[str, Any]) -> Table:
    title = Text("money in million yuan")
    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left")
    table.add_column("pot", no_wrap=True)
    for name in ("released", "projects", "connections", "worth of one more million"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, cells in facts["pots"].items():
        amounts = [_million(cells[key]) for key in ("released", "committed", "connections")]
        table.add_row(Text(name), *map(Text, amounts), Text(f"{cells['worth_per_million']:,.1f}"))
    return table
