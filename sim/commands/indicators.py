"""``rollout indicators``: what is measured, by which definition, and which targets it judges."""

from __future__ import annotations

from difflib import get_close_matches

import click

from sim.commands.words import print_json
from sim.files import shipped
from sim.terminal import show

_EXAMPLES = """\b
Examples:
  rollout indicators
  rollout indicators mean_access_bandwidth_households
  rollout indicators --json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("name", metavar="[NAME]", default="")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def indicators(name: str, *, as_json: bool) -> None:
    """List every indicator with unit and definition, or tell all of the one called NAME.

    Told are the breakdowns, the technologies that count, what a planner builds to move it, and the targets
    of the shipped table that it judges.
    """
    from sim.indicators.catalogue import facts_of, judged_by
    from sim.indicators.registry import REGISTRY
    from sim.indicators.targets import read_targets
    from sim.report.indicators import indicator_detail, indicators_table

    if name and name not in REGISTRY:
        near = get_close_matches(name, REGISTRY, n=3, cutoff=0.4)
        cure = f"did you mean {' or '.join(near)}?" if near else "rollout indicators lists all"
        raise click.BadParameter(f"there is no indicator {name!r}; {cure}", param_hint="NAME")
    judged = judged_by(read_targets(shipped("scenarios") / "library" / "targets.csv"))
    every = [facts_of(REGISTRY[one], judged[one]) for one in ([name] if name else REGISTRY)]
    if as_json:
        print_json(every[0] if name else every)
    else:
        show(indicator_detail(every[0]) if name else indicators_table(every))
