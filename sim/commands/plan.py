"""``rollout plan`` and ``rollout frontier``: what money buys at best, before anything is built."""

from __future__ import annotations

from pathlib import Path

import click

from sim.commands.words import folder_of, load, print_json, scenario_options
from sim.terminal import clean_stops, progress, set_up_logging, show

_PLAN_EXAMPLES = """\b
Examples:
  rollout plan yunnan-2017 --variant sample
  rollout plan scenarios/hunan-2020.yaml --set budget.scale=2 --json
  rollout plan yunnan-2017 --set planning.method=target-first --out reports/cheapest
"""
_FRONTIER_EXAMPLES = """\b
Examples:
  rollout frontier yunnan-2017 --variant sample
  rollout frontier yunnan-2017 --variant sample --budgets 0.25,0.5,1,2
  rollout frontier scenarios/hunan-2020.yaml --points 8
"""
_LEAST_POINTS, _POINTS = 2, 5


@click.command(epilog=_PLAN_EXAMPLES)
@scenario_options
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the results. [reports/plan-NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON and write nothing.")
def plan(file: str, variant: str, changes: tuple[str, ...], *, out: Path | None, as_json: bool) -> None:
    """Plan the scenario in FILE without construction: the best use of its money.

    Everything that may be funded within the horizon is weighed at once. Told are worth, the bound that no
    plan exceeds, the targets met if all were in service as soon as it is paid, what closing each miss
    costs, and what one more million yuan buys in each pot. With --json nothing is written to disk unless
    --out is given.
    """
    set_up_logging(verbose=False)
    loaded = load(file, variant, changes)
    from sim.plans.answer import plan_facts
    from sim.plans.plan import plan_scenario
    from sim.report.plan import plan_summary, write_plan

    folder = out or (None if as_json else folder_of(loaded, variant, "plan"))
    with clean_stops(), progress(shown=not as_json) as on_progress:
        made = plan_scenario(loaded, on_progress)
        if folder is not None:
            write_plan(made, folder)
    if as_json:
        print_json(plan_facts(made))
    else:
        show(plan_summary(made, folder))


def _budgets(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[float, ...]:
    """Return amounts of money from ``0.25,0.5,1``."""
    if text is None:
        return ()
    try:
        amounts = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no list of numbers such as 0.25,0.5,1,2") from None
    if not all(0 <= amount < float("inf") for amount in amounts):
        raise click.BadParameter("a budget is a number from 0 up")
    return amounts


@click.command(epilog=_FRONTIER_EXAMPLES)
@scenario_options
@click.option("--budgets", callback=_budgets, metavar="S1,S2,...",
              help="Values of budget.scale to plan for. [0.25,0.5,1,2,4 times that of FILE]")  # fmt: skip
@click.option("--points", type=click.IntRange(_LEAST_POINTS), default=_POINTS, show_default=True,
              help="Without --budgets: so many, each twice the one before.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the results. [reports/frontier-NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print the points as JSON.")
def frontier(  # noqa: PLR0913 - one parameter for each option
    file: str, variant: str, changes: tuple[str, ...], budgets: tuple[float, ...], points: int, *,
    out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Trace how many targets of the scenario in FILE more and more money meets, and draw the front.

    Plans are made as by `rollout plan`, each grown from the one for less money. The table is written after
    every plan, so that nothing is lost when the command is stopped.
    """
    set_up_logging(verbose=False)
    loaded = load(file, variant, changes)
    from sim.plans.frontier import doubling, trace_frontier
    from sim.report.frontier import frontier_summary, write_frontier, write_points

    folder = out or folder_of(loaded, variant, "frontier")
    amounts = budgets or doubling(loaded.scenario.budget.scale, points)
    with clean_stops(), progress(shown=not as_json) as on_progress:
        traced = trace_frontier(loaded, amounts, on_progress, lambda part: write_points(part, folder))
        write_frontier(traced, folder)
    if as_json:
        print_json(traced.facts() | {"folder": str(folder)})
    else:
        show(frontier_summary(traced, folder))
