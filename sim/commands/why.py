"""``rollout why``: the life of a project and what held it up."""

from __future__ import annotations

from pathlib import Path

import click

from sim.commands.nation import refuse_nation

_EXAMPLES = """\b
Examples:
  rollout why reports/yunnan-2017
  rollout why reports/yunnan-2017 530102.0322
  rollout why reports/yunnan-2017 ftth:530102.0322
"""


@click.command(epilog=_EXAMPLES)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("what", metavar="[PROJECT|ZONE]", default="")
def why(folder: Path, what: str) -> None:
    """Say why projects of the saved run in folder RUN took as long as they did.

    PROJECT is told event by event; ZONE (identifier or name) means every project funded there. Without
    either, the ten latest projects and contracts are listed with their causes.
    """
    from sim.report.why import why as told
    from sim.store import open_run

    run = open_run(folder)
    refuse_nation(run.facts, "a run of the nation builds nothing, so that nothing in it is late")
    click.echo(told(run, what))
