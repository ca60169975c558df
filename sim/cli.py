"""The command ``rollout``: words become calls, errors become one line each and an exit code.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once. This is the
only module that prints or sets up logging.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.errors import SimError, ValidityWarning
from sim.files import shipped, write_text
from sim.version import __version__

if TYPE_CHECKING:
    from sim.scenario.load import LoadedScenario

INTERRUPTED, TERMINATED, INTERNAL = 130, 143, 70
_PLAIN_WIDTH = 140
_ASK_AGAIN_S = 2.0
_RUN_EXAMPLES = """\b
Examples:
  rollout run scenarios/yunnan-2017.yaml
  rollout run scenarios/yunnan-2017.yaml --variant tight --out reports/cheap
  rollout run scenarios/hunan-2020.yaml --set budget.scale=1.5 --set seed=7
"""
_GROUP_EXAMPLES = """\b
Examples:
  rollout run scenarios/yunnan-2017.yaml        simulate, judge, write reports/yunnan-2017/
  rollout validate my-scenario.yaml             find every mistake of a scenario at once
  rollout compare reports/a reports/b           what differs between two runs
\b
Exit codes: 0 well, 1 differs, 2 wrong scenario or words, 3 wrong data, 4 no plan or no
folder, 5 an invariant was broken, 130 interrupted.
"""


@click.group(epilog=_GROUP_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rollout-planner")
def rollout() -> None:
    """Plan and simulate a broadband rollout and judge it against documented targets."""


def _scenario_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every command about a scenario takes."""
    command = click.option(
        "--set", "changes", multiple=True, metavar="KEY=VALUE",
        help="Change one value: a dotted key and a YAML value; may be repeated.",
    )(command)  # fmt: skip
    command = click.option("--variant", default="", metavar="NAME", help="A variant that the file names.")(
        command
    )
    return click.argument("file", metavar="FILE")(command)


@rollout.command(epilog=_RUN_EXAMPLES)
@_scenario_options
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the results. [reports/NAME]")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--verbose", is_flag=True, help="Tell what each stage does, on stderr.")
def run(
    file: str, variant: str, changes: tuple[str, ...], out: Path | None, *, quiet: bool, verbose: bool
) -> None:
    """Simulate the scenario in FILE and write its report.

    FILE is a scenario file or the name of a shipped scenario.
    """
    _set_up_logging(verbose=verbose)
    with _clean_stops():
        _run(_load(file, variant, changes), variant, out, quiet=quiet)


def _run(loaded: LoadedScenario, variant: str, out: Path | None, *, quiet: bool) -> None:
    """Run a scenario, write its folder and show the summary, which ends with the scenario's notices."""
    folder = out or Path("reports") / "-".join(part for part in (loaded.scenario.name, variant) if part)
    from sim.report.document import write_report
    from sim.store import save_run
    from sim.study import simulate

    with _progress(shown=not quiet) as on_progress:
        result = simulate(loaded, on_progress)
        on_progress("report", 0.9)
        save_run(result, folder, extras=lambda work: write_report(result, work))
    if not quiet:
        from rich.console import Console

        from sim.report.summary import summary

        width = None if sys.stdout.isatty() else _PLAIN_WIDTH
        Console(width=width, highlight=False, emoji=False).print(summary(result, folder))


@contextmanager
def _clean_stops() -> Iterator[None]:
    """Let SIGINT and SIGTERM unwind the run, so that temporary folders go.

    A library may swallow the exception while it is loaded, so it is raised again after a while.
    """
    asked: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if number in (signal.SIGINT, signal.SIGTERM):
            asked.append(number)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, _ASK_AGAIN_S)
        raise KeyboardInterrupt if asked[-1] == signal.SIGINT else SystemExit(TERMINATED)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler)


@rollout.command()
@_scenario_options
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def validate(file: str, variant: str, changes: tuple[str, ...], *, as_json: bool) -> None:
    """Check the scenario in FILE and say every mistake; nothing is written."""
    from sim.errors import ScenarioError

    try:
        loaded = _load(file, variant, changes)
    except ScenarioError as error:
        if not as_json:
            raise
        _print_json({"ok": False, "problems": [vars(problem) for problem in error.problems]})
        sys.exit(error.exit_code)
    if as_json:
        _print_json({"ok": True, "notices": [vars(notice) for notice in loaded.notices]})
        return
    _print_notices(loaded)
    click.echo(_in_short(loaded))


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
    with _progress(shown=not quiet) as on_progress:
        area, was_cached = read_area(scenario.province, scenario.geodata, on_progress)
    if quiet:
        return
    click.echo(f"{area.name}: {len(area.counties)} counties, {area.n_zones} zones, {area.n_points} points"
               f"{' (from the cache)' if was_cached else ''}")  # fmt: skip
    for layer in area.layers:
        click.echo(f"  {layer.name}: {layer.source}{' (modelled)' if layer.modelled else ''}")


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

    write_report(open_run(folder), folder)
    click.echo(f"wrote {folder / 'report.html'}")


def _load(file: str, variant: str, changes: Sequence[str]) -> LoadedScenario:
    from sim.scenario.load import load_scenario

    overrides = []
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise click.BadParameter(f"{change!r} is not KEY=VALUE", param_hint="--set")
        overrides.append((key.strip(), value))
    return load_scenario(_scenario_path(file), overrides, variant)


def _scenario_path(file: str) -> Path:
    """Return the path of a scenario; a bare name may be that of a shipped one."""
    path = Path(file)
    named = shipped("scenarios") / f"{path.name}.yaml"
    if named.is_relative_to(Path.cwd()):
        named = named.relative_to(Path.cwd())
    return named if not path.exists() and path.name == file and named.is_file() else path


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


def _print_notices(loaded: LoadedScenario) -> None:
    for notice in loaded.notices:
        click.echo(f"note: {notice}", err=True)


def _print_json(value: object) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))


def _set_up_logging(*, verbose: bool) -> None:
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("rasterio").setLevel(logging.ERROR)  # it warns of drivers that are off on purpose


@contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[[str, float], None]]:
    """Give a callback that draws a bar where stderr is a terminal, and else does nothing."""
    if not (shown and sys.stderr.isatty()):
        yield lambda stage, done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda stage, done: progress.update(task, description=stage, completed=done)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Say warnings raised on purpose in one line; those of libraries are no business of a user."""
    if issubclass(category, ValidityWarning):
        click.echo(f"note: {message}", err=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; a user never sees a traceback."""
    warnings.showwarning = _show_warning
    try:
        code = rollout.main(args=arguments, prog_name="rollout", standalone_mode=False)
    except BaseException as error:
        if os.environ.get("ROLLOUT_TRACEBACK"):
            raise
        code = _tell(error)
    sys.exit(code)


def _tell(error: BaseException) -> int:
    """Say an error on stderr, one line for each problem, and return the exit code."""
    code = INTERNAL
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 1
    elif isinstance(error, click.ClickException):
        error.show()
        code = error.exit_code
    elif isinstance(error, SimError):
        code = error.exit_code
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
    elif isinstance(error, KeyboardInterrupt | click.Abort):
        code = INTERRUPTED
        click.echo("interrupted; no unfinished results were left", err=True)
    elif isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; no error
        code = 0
    else:
        click.echo(f"error: a defect of the program: {type(error).__name__}: {error}", err=True)
        click.echo("set ROLLOUT_TRACEBACK=1 to see where it is", err=True)
    return code
