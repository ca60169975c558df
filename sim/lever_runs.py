"""What each instrument of policy is worth: a scenario with it and without it, all else and all luck equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from sim import files
from sim.errors import Problem, ScenarioError
from sim.levers import LEVERS, Lever
from sim.levers.base import OFF, ON, STATE, State
from sim.parameters import Parameter
from sim.scenario.compose import did_you_mean
from sim.scenario.sweep import BASE, Case
from sim.sweeps import Sweep, sweep

if TYPE_CHECKING:
    from sim.scenario.load import LoadedScenario

Edge = Literal["", "low", "high"]
Progress = Callable[[str, float], None]
Changes = tuple[tuple[str, str], ...]
Rows = Mapping[str, Parameter]
TABLE, TARGETS = "levers.csv", "levers-targets.csv"
ALL_ON, ALL_OFF, TOGETHER, SUM, INTERACTION = "all on", "all off", "together", "sum", "interaction"
MEASURES: Final = {
    "met": "targets",
    "ftth_homes_passed": "homes",
    "homes_connected": "homes",
    "mean_access_bandwidth_households": "Mbit/s",
    "lte_population_coverage": "share",
    "spent_yuan": "yuan",
    "months_to_service": "months",
}
"""What a lever moves, with its unit; values are those of the last month."""
_EDGES: tuple[Edge, ...] = ("low", "high")
_STATES: tuple[State, ...] = (OFF, ON)
COLUMNS = (
    "lever", "holds", *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
    "flips", "inert", "note",
)  # fmt: skip
TARGET_COLUMNS = (
    "lever", "target_id", "verdict_off", "verdict_on", "mean_off", "mean_on", "margin_off", "margin_on",
    "first_met_off", "first_met_on",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pair:
    """Two runs that differ by a lever alone."""

    lever: str
    off: str
    """Case without it."""
    on: str
    """Case with it."""
    edge: Edge = ""


@dataclass(frozen=True, eq=False)
class LeverRuns:
    """What the levers of a scenario are worth."""

    table: pd.DataFrame
    """One row a lever, then all together, the sum of the single ones and what they do to one another;
    columns ``COLUMNS``: differences of the run with the lever to the run without."""
    targets: pd.DataFrame
    """Targets that a lever moves, one row a lever and target; columns ``TARGET_COLUMNS``."""
    runs: Sweep


def named(loaded: LoadedScenario, only: Sequence[str]) -> dict[str, Lever]:
    """Return the levers of a scenario that are asked for, all of them where none is named.

    Raises ``ScenarioError`` for names that are no lever of it, and where it states none.
    """
    stated = loaded.scenario.levers.stated()
    unknown = [name for name in only if name not in stated]
    if unknown or not stated:
        raise ScenarioError(tuple(_unknown(name, stated) for name in unknown) or (_none(),))
    return {name: lever for name, lever in stated.items() if not only or name in only}


def _unknown(name: str, stated: Mapping[str, Lever]) -> Problem:
    if name in LEVERS:
        said = f"the scenario does not say how large it would be: give it under levers.{name}"
        return Problem("--only", name, said)
    return Problem("--only", name, f"there is no such lever; known: {', '.join(stated)}{_near(name)}")


def _near(name: str) -> str:
    return did_you_mean(name, LEVERS)


def _none() -> Problem:
    return Problem("levers", "", "the scenario states no lever; base.yaml states all of them")


def pairs_of(levers: Mapping[str, Lever], rows: Rows, *, ranged: bool) -> tuple[list[Case], list[Pair]]:
    """Return the cases to run beside the base, and which two of them each lever is judged by.

    ``rows`` is the parameter table. ``ranged`` adds a pair with all sizes at the low and one with all at the
    high end of their rows.
    """
    cases: dict[str, Case] = {}
    pairs = []
    for name, lever in levers.items():
        for edge in ("", *_EDGES) if ranged else ("",):
            ends = {state: _at_edge(lever, state, edge, rows) for state in _STATES}
            sides = {state: _case(lever, state, edge, ends[state]) for state in _STATES}
            if edge and not any(ends.values()):
                continue  # none of its sizes has an end
            cases |= {case.name: case for case in sides.values() if case.name != BASE}
            pairs.append(Pair(name, sides[OFF].name, sides[ON].name, edge))
    for name, state in ((ALL_ON, ON), (ALL_OFF, OFF)):
        changes = tuple((f"levers.{one}.{STATE}", state) for one in levers)
        cases[name] = Case(name, TOGETHER, changes)
    return list(cases.values()), [*pairs, Pair(TOGETHER, ALL_OFF, ALL_ON)]


def _case(lever: Lever, state: State, edge: Edge, ends: Changes) -> Case:
    """Return the scenario with a lever in a state, its sizes at an end; the base where nothing changes."""
    if state == lever.state and not ends:
        return Case(BASE, BASE)
    name = f"{lever.name} {state}" + (f", sizes {edge}" if ends else "")
    changes = ((f"levers.{lever.name}.{STATE}", state), *ends)
    return Case(name, lever.name, changes)


def _at_edge(lever: Lever, state: State, edge: Edge, rows: Rows) -> Changes:
    """Return the changes that take the sizes of a state to an end; what has none is left."""
    named = ((size, lever.row(size)) for size in lever.sizes(state) if edge)
    return tuple(
        (f"levers.{lever.name}.{size}", f"{row}@{edge}")
        for size, row in named
        if row and getattr(rows[row], edge) is not None
    )


def ends_of(levers: Mapping[str, Lever], edge: Edge, rows: Rows) -> Changes:
    """Return the changes that take every size of some levers to one end of its row."""
    return tuple(
        change
        for lever in levers.values()
        for state in _STATES
        for change in _at_edge(lever, state, edge, rows)
    )


def lever_runs(
    file: Path,
    loaded: LoadedScenario,
    levers: Mapping[str, Lever],
    folder: Path,
    asked: Asked,
    on_progress: Progress | None = None,
) -> LeverRuns:
    """Return what the levers of a scenario are worth, and write it into a folder.

    ``loaded`` is the scenario of ``file`` with what was asked for. Runs that an earlier call left in the
    folder for the same scenario and version are not made again.
    """
    cases, pairs = pairs_of(levers, loaded.lookup.rows, ranged=asked.ranged)
    runs = sweep(file, cases, folder, asked.changes, asked.variant, on_progress)
    made = LeverRuns(_worth(runs, pairs, levers, loaded), _moved(runs, pairs), runs)
    for name, table in ((TABLE, made.table), (TARGETS, made.targets)):
        files.write_csv(folder / name, list(table.columns), table.astype(object).to_numpy().tolist())
    return made


@dataclass(frozen=True)
class Asked:
    """How the runs are asked for."""

    changes: Changes = ()
    """Changes that hold in all of them."""
    variant: str = ""
    ranged: bool = False
    """Whether every lever is also tried with its sizes at both ends."""


def _worth(
    runs: Sweep, pairs: Sequence[Pair], levers: Mapping[str, Lever], loaded: LoadedScenario
) -> pd.DataFrame:
    """Return the differences of all pairs, and those of all levers together."""
    found = {str(row["case"]): row for row in runs.table.to_dict("records")}
    targets = {str(name): part for name, part in runs.targets.groupby("case", sort=False)}
    rows = []
    for name in [*levers, TOGETHER]:
        mine = [pair for pair in pairs if pair.lever == name]
        row = _row(name, found, mine)
        if name in levers:
            row["holds"] = levers[name].state
            row["note"] = row["note"] or levers[name].cannot_bite(loaded.resolved)
        row["flips"] = "; ".join(_flips(targets, mine[0]))
        rows.append(row)
    rows += _sums(rows)
    blank = dict.fromkeys(COLUMNS, "")
    return pd.DataFrame([blank | row for row in rows], columns=list(COLUMNS), dtype=object)


def _row(name: str, found: Mapping[str, Mapping[Any, Any]], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return the row of a lever: the difference of its pair, and the least and largest of its pairs."""
    row: dict[str, Any] = {"lever": name, "holds": "", "inert": "", "note": ""}
    main = pairs[0]
    errors = [str(found[case]["error"]) for case in (main.off, main.on) if found[case]["error"]]
    if errors:
        return row | {"note": f"cannot be run: {errors[0]}"}
    row["inert"] = "yes" if found[main.off]["result"] == found[main.on]["result"] else "no"
    for measure in MEASURES:
        each = [_difference(found, pair, measure) for pair in pairs]
        known = [value for value in each if value is not None]
        if each[0] is None:
            continue
        row[measure] = each[0]
        if len(pairs) > 1:
            row |= {f"{measure}_low": min(known), f"{measure}_high": max(known)}
    return row


def _difference(found: Mapping[str, Mapping[Any, Any]], pair: Pair, measure: str) -> float | None:
    off, on = found[pair.off], found[pair.on]
    if off["error"] or on["error"] or off[measure] == "" or on[measure] == "":
        return None
    return round(float(on[measure]) - float(off[measure]), 6)


def _sums(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the sum of the single levers, and what all of them together are worth beyond it."""
    single = [row for row in rows if row["lever"] != TOGETHER]
    together = next(row for row in rows if row["lever"] == TOGETHER)
    whole = [name for name in MEASURES if all(name in row for row in single)]
    added = {name: round(sum(row[name] for row in single), 6) for name in whole}
    yield {"lever": SUM} | added
    yield {"lever": INTERACTION} | {
        name: round(together[name] - added[name], 6) for name in whole if name in together
    }


def _flips(targets: Mapping[str, pd.DataFrame], pair: Pair) -> Iterator[str]:
    """Yield the targets whose verdict a lever changes, with both verdicts."""
    for row in _compared(targets, pair):
        if row["verdict_off"] != row["verdict_on"]:
            yield f"{row['target_id']} {row['verdict_off']} -> {row['verdict_on']}"


def _moved(runs: Sweep, pairs: Sequence[Pair]) -> pd.DataFrame:
    """Return the targets that each lever moves at all."""
    targets = {str(name): part for name, part in runs.targets.groupby("case", sort=False)}
    rows = [
        {"lever": pair.lever} | row
        for pair in pairs
        if not pair.edge
        for row in _compared(targets, pair)
        if any(row[f"{what}_off"] != row[f"{what}_on"] for what in ("verdict", "mean", "first_met"))
    ]
    return pd.DataFrame(rows, columns=list(TARGET_COLUMNS))


def _compared(targets: Mapping[str, pd.DataFrame], pair: Pair) -> Iterable[dict[str, Any]]:
    """Yield what both runs of a pair say of each target."""
    if pair.off not in targets or pair.on not in targets:
        return
    off, on = (targets[case].set_index("target_id") for case in (pair.off, pair.on))
    for name in off.index:
        row: dict[str, Any] = {"target_id": name}
        for what in ("verdict", "mean", "margin", "first_met"):
            row |= {f"{what}_off": off.loc[name, what], f"{what}_on": on.loc[name, what]}
        yield row
