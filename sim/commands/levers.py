"""``rollout levers``: what each instrument of policy is worth to a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict, Unpack

import click

from sim.commands.words import change_option, folder_of, load, print_json, scenario_path
from sim.terminal import clean_stops, progress, set_up_logging, show

_EXAMPLES = """\b
Examples:
  rollout levers yunnan-2017 --variant sample
  rollout levers yunnan-2017 --variant sample --only sharing --only land_use_planning
  rollout levers sichuan-2020 --variant sample --range
  rollout levers hunan-2015 --variant sample --high --set budget.scale=0.5
"""


class How(TypedDict):
    """What else a user may ask for."""

    edge: Literal["low", "high"] | None
    ranged: bool
    out: Path | None
    as_json: bool


@click.command(epilog=_EXAMPLES)
@click.argument("file", metavar="FILE")
@click.option("--variant", default="", metavar="NAME", help="A variant that the file names.")
@change_option
@click.option("--only", multiple=True, metavar="NAME", help="A lever to try; may be repeated. [all]")
@click.option("--low", "edge", flag_value="low", help="Every size at the low end of its range.")
@click.option("--high", "edge", flag_value="high", help="Every size at the high end of its range.")
@click.option("--range", "ranged", is_flag=True, help="Also run each lever at both ends of its sizes.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the results. [reports/levers-NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def levers(
    file: str, variant: str, changes: tuple[str, ...], only: tuple[str, ...], **how: Unpack[How]
) -> None:
    """Run the scenario in FILE with each policy lever off and on, and say what each is worth.

    Off and on differ by the lever alone: the other levers stay as the scenario has them, and every project
    meets the same luck. Two more runs have all of them off and on, so that what they do to one another shows.
    Runs are kept as they come; a call that is repeated makes only those that are missing.
    """
    edge, as_json = how["edge"], how["as_json"]
    if edge and how["ranged"]:
        raise click.UsageError("--range tries both ends by itself; leave out --low and --high")
    set_up_logging(verbose=False)
    from sim.lever_runs import Asked, ends_of, lever_runs, named
    from sim.report.levers import levers_summary, write_levers

    loaded = load(file, variant, changes)
    chosen = named(loaded, only)
    fixed = [(key.strip(), value) for key, _, value in (change.partition("=") for change in changes)]
    if edge:
        fixed += ends_of(chosen, edge, loaded.lookup.rows)
        loaded = load(file, variant, [f"{key}={value}" for key, value in fixed])
        chosen = named(loaded, only)
    folder = how["out"] or folder_of(loaded, variant, "levers")
    asked = Asked(tuple(fixed), variant, how["ranged"])
    with clean_stops(), progress(shown=not as_json) as on_progress:
        made = lever_runs(scenario_path(file), loaded, chosen, folder, asked, on_progress)
        write_levers(made.table, made.targets, folder, loaded.scenario.title)
    if as_json:
        print_json(
            {
                "levers": made.table.to_dict("records"),
                "targets": made.targets.to_dict("records"),
                "folder": str(folder),
            }
        )
    else:
        show(levers_summary(made.table, folder))
