"""What commands share: the words that name a scenario and change it, and output as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.files import shipped

if TYPE_CHECKING:
    from sim.scenario.load import LoadedScenario

change_option = click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE",
    help="Change one value: a dotted key and a YAML value; may be repeated.",
)  # fmt: skip


def scenario_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every command about a scenario takes."""
    command = change_option(command)
    command = click.option("--variant", default="", metavar="NAME", help="A variant that the file names.")(
        command
    )
    return click.argument("file", metavar="FILE")(command)


def load(file: str, variant: str, changes: Sequence[str]) -> LoadedScenario:
    """Return the scenario that a command line names, with its changes.

    Raises ``click.BadParameter`` for a change that is not KEY=VALUE, and ``ScenarioError``.
    """
    from sim.scenario.load import load_scenario

    return load_scenario(scenario_path(file), overrides_of(changes), variant)


def overrides_of(changes: Sequence[str]) -> list[tuple[str, str]]:
    """Return changes as pairs of key and value; ``click.BadParameter`` for one that is not KEY=VALUE."""
    overrides = []
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise click.BadParameter(f"{change!r} is not KEY=VALUE", param_hint="--set")
        overrides.append((key.strip(), value))
    return overrides


def scenario_path(file: str) -> Path:
    """Return the path of a scenario; a bare name may be that of a shipped one."""
    path = Path(file)
    named = shipped("scenarios") / f"{path.name}.yaml"
    if named.is_relative_to(Path.cwd()):
        named = named.relative_to(Path.cwd())
    return named if not path.exists() and path.name == file and named.is_file() else path


def folder_of(loaded: LoadedScenario, variant: str, before: str = "") -> Path:
    """Return the folder of results where none is asked for; ``before`` says what they are of."""
    return Path("reports") / "-".join(part for part in (before, loaded.scenario.name, variant) if part)


def print_json(value: object) -> None:
    """Print a value as JSON on standard output; nothing else goes there."""
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))
