"""``rollout run`` and ``rollout validate`` on a scenario of the nation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.words import overrides_of, scenario_path
from sim.terminal import progress, show

if TYPE_CHECKING:
    from sim.scenario.nation import LoadedNation


def is_nation(file: str) -> bool:
    """Return whether a command line names a scenario of the nation; what cannot be read is none."""
    from sim.errors import SimError
    from sim.scenario.load import model_of
    from sim.scenario.nation import NATION

    try:
        return model_of(scenario_path(file)) == NATION
    except SimError:
        return False


def load(file: str, variant: str, changes: Sequence[str]) -> LoadedNation:
    """Return the scenario that a command line names, with its changes; ``ScenarioError``."""
    from sim.scenario.nation import load_nation

    return load_nation(scenario_path(file), overrides_of(changes), variant)


def run_nation(loaded: LoadedNation, out: Path | None, *, quiet: bool) -> None:
    """Run a scenario, write its folder and show what was fitted, how far off it is, and the verdicts."""
    from sim.nation.run import save_nation, simulate_nation
    from sim.report.nation import nation_summary, write_nation_report

    name = "-".join(part for part in (loaded.scenario.name, loaded.variant) if part)
    folder = out or Path("reports") / name
    with progress(shown=not quiet) as on_progress:
        run = simulate_nation(loaded, on_progress)
        on_progress("report", 0.9)
        save_nation(run, folder, extras=lambda work: write_nation_report(run, work))
    if not quiet:
        show(nation_summary(run, folder))


def in_short(loaded: LoadedNation) -> str:
    """Return what a checked scenario is, in a few lines."""
    scenario, used = loaded.scenario, loaded.parameters_used
    assumed = sum(row.is_assumption for row in used)
    return "\n".join(
        (
            f"ok: {scenario.name}: {scenario.title}",
            f"  the nation, {scenario.horizon.first} to {scenario.horizon.last} "
            f"({scenario.clock.months} months), fitted to observations until {scenario.nation.fitted_until}",
            f"  {len(used)} rows of the parameter table used, {assumed} of them assumptions",
        )
    )


def refuse_nation(facts: Mapping[str, Any], why: str) -> None:
    """Raise ``StoreError`` with the reason where a saved run is of the nation."""
    from sim.errors import StoreError

    if facts.get("model"):
        raise StoreError(why)
