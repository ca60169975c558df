"""``rollout sweep``: many runs of one scenario, and which inputs change nothing."""

from __future__ import annotations

from pathlib import Path

import click

from sim.commands.words import change_option, folder_of, load, print_json, scenario_path
from sim.terminal import clean_stops, progress, set_up_logging, show

_EXAMPLES = """\b
Examples:
  rollout sweep yunnan-2017 --variant sample --vary budget.scale=0.5,1,2
  rollout sweep yunnan-2017 --variant sample --vary seed=1,2,3 --vary rollout.spread=0,1
  rollout sweep yunnan-2017 --variant sample --vary "crews_*" --vary rainy_season_productivity
"""


@click.command(epilog=_EXAMPLES)
@click.argument("file", metavar="FILE")
@click.option("--variant", default="", metavar="NAME", help="A variant that the file names.")
@change_option
@click.option(
    "--vary", multiple=True, required=True, metavar="KEY=V1,V2,... | ROW",
    help="Values of a dotted key (several keys give every combination), or rows of the parameter table, with "
    "* and ?, each taken alone to both ends of its range.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the results. [reports/sweep-NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def sweep(
    file: str, variant: str, changes: tuple[str, ...], vary: tuple[str, ...], *,
    out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Run the scenario in FILE many times, hold every run against the base, and name inert inputs.

    Each run is as long as that of `rollout run`: a variant with few counties answers sooner. Rows are
    written as they come, and a sweep that is called again does not repeat those it has. An input is inert
    when no run in which it changes differs from the base in any decision, event, month, yuan or verdict.
    """
    set_up_logging(verbose=False)
    loaded = load(file, variant, changes)
    from sim.report.sweep import sweep_summary, write_sweep
    from sim.scenario.sweep import axis_of, grid, one_at_a_time
    from sim.sweeps import sweep as swept

    axes, rows = [text for text in vary if "=" in text], [text for text in vary if "=" not in text]
    cases = grid(dict(axis_of(text) for text in axes)) if axes else []
    cases += one_at_a_time(loaded, rows) if rows else []
    folder = out or folder_of(loaded, variant, "sweep")
    fixed = [(key.strip(), value) for key, _, value in (change.partition("=") for change in changes)]
    with clean_stops(), progress(shown=not as_json) as on_progress:
        made = swept(scenario_path(file), cases, folder, fixed, variant, on_progress)
        write_sweep(made.table, folder)
    if as_json:
        print_json({"cases": made.table.to_dict("records"), "inert": made.inert, "folder": str(folder)})
    else:
        show(sweep_summary(made.table, made.inert, folder))
