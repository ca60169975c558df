"""The command ``rollout``: words become calls, errors become one line each and an exit code.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once. Only this module,
``sim.commands`` and ``sim.terminal`` print or set up logging.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands import nation
from sim.commands.backtest import backtest
from sim.commands.fit import fit
from sim.commands.indicators import indicators
from sim.commands.levers import levers
from sim.commands.plan import frontier, plan
from sim.commands.score import score
from sim.commands.sweep import sweep
from sim.commands.why import why
from sim.commands.words import change_option, folder_of, load, print_json, scenario_options
from sim.files import shipped, write_text
from sim.terminal import clean_stops, progress, set_up_logging, show, show_warning, tell
from sim.version import __version__

if TYPE_CHECKING:
    from sim.scenario.load import LoadedScenario

_RUN_EXAMPLES = """\b
Examples:
  rollout run scenarios/yunnan-2017.yaml
  rollout run scenarios/yunnan-2017.yaml --variant tight --out reports/cheap
  rollout run scenarios/hunan-2020.yaml --set budget.scale=1.5 --set seed=7
"""
_DESIGN_EXAMPLES = """\b
Examples:
  rollout design scenarios/yunnan-2017.yaml 530102.0322
  rollout design scenarios/yunnan-2017.yaml 530102.0322 --out reports/a-village
  rollout design yunnan-2017 530102.0008 --set technologies.ftth.port_reserve=0.5
"""
_CALIBRATE_EXAMPLES = """\b
Examples:
  rollout calibrate scenarios/yunnan-2017.yaml --sample 120 --out my-curves.csv
  rollout calibrate scenarios/{yunnan-2017,sichuan-2020}.yaml --sample 600 --seed 7
"""
_GROUP_EXAMPLES = """\b
Examples:
  rollout run scenarios/yunnan-2017.yaml        simulate, judge, write reports/yunnan-2017/
  rollout validate my-scenario.yaml             find every mistake of a scenario at once
  rollout compare reports/a reports/b           what differs between two runs
  rollout design yunnan-2017 530102.0322        the fibre network of one zone, street by street
  rollout plan yunnan-2017                      the best use of its money, before construction
  rollout frontier yunnan-2017                  what more and less money reaches
  rollout levers yunnan-2017 --variant sample   what each policy instrument is worth
  rollout why reports/yunnan-2017               which projects were late, and why
  rollout backtest reports/china-2020           how far off it was, against what came
  rollout score reports/yunnan-2017 --strict    hold the run to its targets
\b
Exit codes: 0 well, 1 differs, 2 wrong scenario or words, 3 wrong data, 4 no plan or no
folder, 5 an invariant was broken or (score --strict) a target is missed, 130 interrupted.
"""


@click.group(epilog=_GROUP_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rollout-planner")
def rollout() -> None:
    """Plan and simulate a broadband rollout and judge it against documented targets."""


@rollout.command(epilog=_RUN_EXAMPLES)
@scenario_options
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the results. [reports/NAME]")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--verbose", is_flag=True, help="Tell what each stage does, on stderr.")
def run(
    file: str, variant: str, changes: tuple[str, ...], out: Path | None, *, quiet: bool, verbose: bool
) -> None:
    """Simulate the scenario in FILE and write its report.

    FILE is a scenario file or the name of a shipped scenario.
    """
    set_up_logging(verbose=verbose)
    with clean_stops():
        if nation.is_nation(file):
            nation.run_nation(nation.load(file, variant, changes), out, quiet=quiet)
            return
        _run(load(file, variant, changes), variant, out, quiet=quiet)


def _run(loaded: LoadedScenario, variant: str, out: Path | None, *, quiet: bool) -> None:
    """Run a scenario, write its folder and show the summary, which ends with the scenario's notices."""
    folder = out or folder_of(loaded, variant)
    from sim.report.document import write_report
    from sim.store import save_run
    from sim.study import simulate

    with progress(shown=not quiet) as on_progress:
        result = simulate(loaded, on_progress)
        on_progress("report", 0.9)
        save_run(result, folder, extras=lambda work: write_report(result, work))
    if not quiet:
        from sim.report.summary import summary

        show(summary(result, folder))


@rollout.command()
@scenario_options
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def validate(file: str, variant: str, changes: tuple[str, ...], *, as_json: bool) -> None:
    """Check the scenario in FILE and say every mistake; nothing is written."""
    from sim.errors import ScenarioError

    try:
        if nation.is_nation(file):
            loaded_nation = nation.load(file, variant, changes)
            notices, short = loaded_nation.notices, nation.in_short(loaded_nation)
        else:
            loaded = load(file, variant, changes)
            notices, short = loaded.notices, _in_short(loaded)
    except ScenarioError as error:
        if not as_json:
            raise
        print_json({"ok": False, "problems": [vars(problem) for problem in error.problems]})
        sys.exit(error.exit_code)
    if as_json:
        print_json({"ok": True, "notices": [vars(notice) for notice in notices]})
        return
    for notice in notices:
        click.echo(f"note: {notice}", err=True)
    click.echo(short)


@rollout.command()
@click.option(
    "--out", type=click.Path(path_type=Path), help="The file to write. [scenarios/scenario.schema.json]"
)
@click.option("--docs", type=click.Path(path_type=Path), help="Also write the reference page of all keys.")
def schema(out: Path | None, docs: Path | None) -> None:
    """Write the JSON Schema of scenario files, for editors."""
    from sim.scenario.reference import reference_page, schema_text

    folder = Path("scenarios")
    target = out or (folder if folder.is_dir() else Path()) / "scenario.schema.json"
    write_text(target, schema_text())
    click.echo(f"wrote {target}")
    if docs is not None:
        write_text(docs, reference_page())
        click.echo(f"wrote {docs}")


@rollout.group()
def geodata() -> None:
    """Make the layers of a province ready for use."""


@geodata.command("build", epilog="\b\nExample:\n  rollout geodata build Yunnan\n")
@click.argument("province")
@click.option("--bundle", metavar="PATH", help="Folder of a data bundle whose files replace modelled layers.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def geodata_build(province: str, bundle: str | None, *, quiet: bool) -> None:
    """Build the layers of PROVINCE into the cache; a run does so by itself on first need."""
    import json

    from sim.geo.area import read_area
    from sim.scenario.load import load_scenario

    changes = [("province", json.dumps(province))]
    changes += [("geodata.bundle", json.dumps(bundle))] if bundle else []
    scenario = load_scenario(shipped("scenarios") / "base.yaml", changes).scenario
    with progress(shown=not quiet) as on_progress:
        area, was_cached = read_area(scenario.province, scenario.geodata, on_progress)
    if quiet:
        return
    click.echo(f"{area.name}: {len(area.counties)} counties, {area.n_zones} zones, {area.n_points} points"
               f"{' (from the cache)' if was_cached else ''}")  # fmt: skip
    for layer in area.layers:
        click.echo(f"  {layer.name}: {layer.source}{' (modelled)' if layer.modelled else ''}")


@rollout.command(epilog=_DESIGN_EXAMPLES)
@scenario_options
@click.argument("zone", metavar="ZONE")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the results. [reports/design-ZONE]")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def design(
    file: str, variant: str, changes: tuple[str, ...], zone: str, out: Path | None, *, as_json: bool
) -> None:
    """Design the fibre network of one ZONE of the scenario in FILE, street by street.

    ZONE is the identifier or the name of a zone. Written are GIS layers, a bill of quantities, the optical
    budget of every home and a map.
    """
    set_up_logging(verbose=False)
    loaded = load(file, variant, changes)
    from sim.designs import open_zone
    from sim.report.design import design_facts, design_summary, write_design

    with clean_stops(), progress(shown=not as_json) as on_progress:
        opened = open_zone(loaded, zone, on_progress)
        folder = out or Path("reports") / f"design-{opened.zone_id}"
        on_progress("map and layers", 0.95)
        write_design(opened, folder)
    if as_json:
        print_json(design_facts(opened, folder))
    else:
        show(design_summary(opened, folder))


@rollout.command(epilog=_CALIBRATE_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@change_option
@click.option("--sample", type=click.IntRange(12), default=300, show_default=True, help="Zones of each FILE.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Chooses the zones.")
@click.option("--out", type=click.Path(path_type=Path), help="The table to write. [access_curves.csv]")
@click.option("--figure", type=click.Path(path_type=Path), help="Folder for a figure of curves and designs.")
def calibrate(
    files: tuple[str, ...], changes: tuple[str, ...], sample: int, seed: int, *,
    out: Path | None, figure: Path | None,
) -> None:  # fmt: skip
    """Fit the cost curves of fibre to full designs of sampled zones, and say how far they are off.

    The samples of several scenarios are pooled. Half of the designs are kept from the fit; the errors are
    those of these zones. A scenario names its table under technologies.ftth.curves.
    """
    set_up_logging(verbose=False)
    loaded = [load(file, "", changes) for file in files]
    from sim.designs import calibrated
    from sim.report.curves import curves_summary, write_calibration

    target = out or Path("access_curves.csv")
    with clean_stops(), progress(shown=True) as on_progress:
        calibration = calibrated(loaded, sample, seed, on_progress)
        write_calibration(calibration, target, figure)
    show(curves_summary(calibration.curves, target))


@rollout.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--md", is_flag=True, help="Print Markdown, for comments of a code review.")
def compare(a: Path, b: Path, *, md: bool) -> None:
    """Say what differs between the runs in folders A and B; exit 0 where nothing does, else 1.

    Either may be a reference folder (reports/reference/NAME).
    """
    from sim.report.compare import compare_runs

    comparison = compare_runs(a, b)
    click.echo(comparison.markdown if md else comparison.text)
    sys.exit(1 if comparison.differs else 0)


@rollout.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("folder", metavar="REFERENCE", type=click.Path(path_type=Path))
def keep(run_folder: Path, folder: Path) -> None:
    """Keep scorecard, indicators and spending by year of folder RUN in folder REFERENCE.

    A later run is held against it with: rollout compare RUN REFERENCE.
    """
    from sim.report.compare import write_reference

    write_reference(run_folder, folder)
    click.echo(f"wrote {folder}")


@rollout.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Write the report of the saved run in folder RUN again."""
    from sim.report.document import write_report
    from sim.store import open_run

    opened = open_run(folder)
    nation.refuse_nation(
        opened.facts, "the page of a run of the nation comes with it; run the scenario again"
    )
    write_report(opened, folder)
    click.echo(f"wrote {folder / 'report.html'}")


rollout.add_command(backtest)
rollout.add_command(fit)
rollout.add_command(indicators)
rollout.add_command(plan)
rollout.add_command(frontier)
rollout.add_command(why)
rollout.add_command(score)
rollout.add_command(sweep)
rollout.add_command(levers)


def _in_short(loaded: LoadedScenario) -> str:
    scenario = loaded.scenario
    used = loaded.parameters_used
    assumed = sum(row.is_assumption for row in used)
    variants = ", ".join(scenario.variants) or "none"
    horizon, months = scenario.horizon, scenario.clock.months
    lines = (
        f"ok: {scenario.name}: {scenario.title}",
        f"  {scenario.province}, {horizon.first} to {horizon.last} ({months} months), "
        f"{scenario.replications} replication(s), seed {scenario.seed}",
        f"  technologies: {', '.join(scenario.technologies.chosen()) or 'none'}; variants: {variants}",
        f"  {len(used)} rows of the parameter table used, {assumed} of them assumptions",
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; a user never sees a traceback."""
    warnings.showwarning = show_warning
    try:
        code = rollout.main(args=arguments, prog_name="rollout", standalone_mode=False)
    except BaseException as error:
        if os.environ.get("ROLLOUT_TRACEBACK"):
            raise
        code = tell(error)
    sys.exit(code)
