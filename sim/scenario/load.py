"""From a scenario file to a checked scenario, with every mistake reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.clock import month_number
from sim.errors import DataError, Problem, ScenarioError
from sim.parameters import Lookup, MoneyRule, Parameter, read_money_rule, read_parameters
from sim.planning.checks import commitment_mistakes, pot_mistakes
from sim.rollout.checks import rollout_mistakes
from sim.scenario.compose import Composed, apply_overrides, apply_variant, compose, did_you_mean
from sim.scenario.consequences import consequences
from sim.scenario.document import Node
from sim.scenario.resolved import resolved_text, with_defaults
from sim.scenario.schema import PATH_KEYS, Scenario
from sim.scenario.switches import Switched, switch
from sim.scenario.walk import at, items, named_files, with_paths
from sim.scenario.wording import MISSING, explain, locate
from sim.technologies import TECHNOLOGIES, Technology

_ANY_MONTH = 10_000 * 12
Overrides = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class LoadedScenario:
    """A checked scenario with all that says where its values come from."""

    scenario: Scenario
    resolved: dict[str, Any]
    """The scenario as given, all layers merged: it can be loaded again."""
    origins: dict[str, str]
    """Where each value comes from, by dotted key: ``base.yaml:12``, ``--set``, ``variant tight: ...``"""
    lookup: Lookup
    """The parameter table; ``lookup.used`` tells the rows that the scenario uses."""
    variant: str
    library: Path
    """The folder with parameters, deflators and targets."""
    inputs: dict[str, Path]
    """The files that were read, by the name that outputs give them."""
    notices: tuple[Problem, ...] = ()
    """What is allowed but has consequences that a user should know."""

    @cached_property
    def resolved_yaml(self) -> str:
        """The resolved scenario as YAML with the origin of each value behind it."""
        return resolved_text(self.resolved, self.origins, self.lookup.used)

    @property
    def parameters_used(self) -> list[Parameter]:
        """The rows of the parameter table that the scenario uses, by name, with the values it gives them."""
        return rows_used(self.lookup)


def rows_used(lookup: Lookup) -> list[Parameter]:
    """Return the rows that were looked up, by name, with the values that the scenario gives them."""
    names = sorted({name.partition("@")[0] for name in lookup.used})
    return [_as_used(lookup.rows[name], lookup.overrides) for name in names]


def _as_used(row: Parameter, values: Mapping[str, float]) -> Parameter:
    """Return a row as the scenario uses it: its own value under ``parameters.values`` is named as such."""
    if row.name not in values:
        return row
    source = f"parameters.values of the scenario, in place of {row.value:g}; {row.source}"
    return replace(row, value=values[row.name], source=source)


@dataclass
class _Tables:
    """The parameter table with the scenario's own sheets, and the price indices."""

    rows: dict[str, Parameter]
    money: MoneyRule
    inputs: dict[str, Path]
    problems: list[Problem]


@dataclass(frozen=True)
class Kind:
    """A kind of scenario: what its files may say."""

    model: type[BaseModel]
    path_keys: tuple[str, ...]
    """Keys that name files or folders, relative to the file that they stand in."""
    known_by: str
    """Key of the month after which an outcome is future."""
    checks: Callable[[Any, Node], list[Problem]]
    """What is wrong with a scenario whose parts are all well."""
    name: str = ""
    """What the key ``model`` says; empty for a province."""


@dataclass(frozen=True)
class _Read:
    """What was read of a scenario of any kind."""

    scenario: Any
    tree: Node
    lookup: Lookup
    library: Path
    inputs: dict[str, Path]
    notices: tuple[Problem, ...]

    @property
    def origins(self) -> dict[str, str]:
        return {key: node.place.origin for key, node in self.tree.leaves().items()}


def load_scenario(path: str | Path, overrides: Overrides = (), variant: str = "") -> LoadedScenario:
    """Return the checked scenario of a file.

    ``overrides`` are pairs of a dotted key and a YAML value; later layers win: extended file, file,
    variant, overrides. The other variants of the file are checked too.

    Raises ``ScenarioError`` that carries every mistake found.
    """
    read = read_as(Kind(Scenario, PATH_KEYS, "horizon.first", _check_plan), path, overrides, variant)
    notices = (*read.notices, *consequences(read.scenario, read.tree, read.lookup))
    return LoadedScenario(
        read.scenario, read.tree.plain(), read.origins, read.lookup, variant, read.library, read.inputs,
        notices,
    )  # fmt: skip


def model_of(path: str | Path) -> str:
    """Return what kind of scenario a file is: ``nation``, or nothing for a province."""
    node = compose(Path(path)).tree.child("model")
    return str(node.value) if node else ""


def read_as(kind: Kind, path: str | Path, overrides: Overrides, variant: str) -> _Read:
    """Return a checked scenario of a kind; ``ScenarioError`` carries every mistake found."""
    path = Path(path)
    overrides = tuple(overrides)
    composed = compose(path)
    problems = list(composed.problems)
    tree, found = _layers(composed, variant, overrides, str(path))
    _refuse_other_kinds(tree, kind)
    problems += found
    tables = _read_tables(tree, composed.library)
    problems += tables.problems
    switched = _switched(tree, tables, kind)
    tree = switched.tree
    scenario, lookup, found = _check(tree, tables, kind)
    lookup.used.update(switched.used)
    problems += found
    known = {(problem.key, problem.message) for problem in problems}
    for other in composed.variants():
        if other != variant:
            changed, found = _layers(composed, other, overrides, str(path))
            found += _check(_switched(changed, tables, kind).tree, tables, kind)[2]
            problems += [problem for problem in found if (problem.key, problem.message) not in known]
    if any(problem.key == "extends" for problem in problems):
        problems = [problem for problem in problems if not problem.message.startswith(MISSING)]
    if problems or scenario is None:
        raise ScenarioError(_in_order(problems, composed))
    tree = with_defaults(tree, kind.model)
    inputs = {_input_name(file, composed): file for file in composed.files} | tables.inputs
    inputs |= named_files(tree, kind.path_keys)
    return _Read(scenario, tree, lookup, composed.library, inputs, tuple(switched.notices))


def _switched(tree: Node, tables: _Tables, kind: Kind) -> Switched:
    """Return the tree with its levers laid over it; only a province has levers."""
    return Switched(tree) if kind.name else switch(tree, _lookup(tree, tables, kind))


def _refuse_other_kinds(tree: Node, kind: Kind) -> None:
    """Say at once where a command takes another kind of scenario; ``ScenarioError``."""
    node = tree.child("model")
    if (str(node.value) if node else "") == kind.name:
        return
    place = (node or tree).place
    if kind.name:
        message = f"a scenario with `model: {kind.name}` is wanted; this one is of a province"
    else:
        message = "this scenario is of the nation: it can be run, validated, scored and back-tested; "
        message += "here the scenario of a province is wanted"
    raise ScenarioError((place.problem("model", message),))


def _layers(composed: Composed, variant: str, overrides: Overrides, shown: str) -> tuple[Node, list[Problem]]:
    tree, problems = apply_variant(composed, variant, shown) if variant else (composed.tree, [])
    tree, found = apply_overrides(tree, overrides)
    return tree, problems + found


def _in_order(problems: list[Problem], composed: Composed) -> tuple[Problem, ...]:
    """Put the problems in the order of the files and lines, each once."""
    files = {str(file): number for number, file in enumerate(composed.files)}
    unique = dict.fromkeys(problems)
    return tuple(
        sorted(unique, key=lambda p: (files.get(p.file, len(files)), p.line or 0, p.column or 0, p.key))
    )


def _input_name(file: Path, composed: Composed) -> str:
    main = composed.files[0].parent.resolve()
    near = file.resolve().is_relative_to(main)
    return file.resolve().relative_to(main).as_posix() if near else file.name


def _read_tables(tree: Node, library: Path) -> _Tables:
    """Read the library and the scenario's own sheets; a sheet's row replaces the one it is named after."""
    tables = _Tables({}, MoneyRule(0, {}, {}), {}, [])
    for name in ("parameters.csv", "deflators.csv"):
        tables.inputs[f"library/{name}"] = library / name
    try:
        tables.rows.update(read_parameters(library / "parameters.csv"))
        tables.money = read_money_rule(library / "deflators.csv", _price_year(tree) or 0)
    except DataError as error:
        raise ScenarioError(error.problems) from None
    for node in items(at(tree, "parameters.sheets")):
        if not isinstance(node.value, str):
            continue  # the schema says that text is wanted
        sheet = Path(node.place.source.folder) / node.value
        tables.inputs[node.value] = sheet
        try:
            tables.rows.update(read_parameters(sheet))
        except DataError as error:
            tables.problems.append(node.place.problem("parameters.sheets", "the price sheet has mistakes:"))
            tables.problems.extend(error.problems)
    _check_price_year(tree, tables)
    return tables


def _check_price_year(tree: Node, tables: _Tables) -> None:
    node, years = at(tree, "money.price_year"), tables.money.price_index
    year = _price_year(tree)
    if year in years or not years:
        return
    if node is not None and year is not None:
        message = f"there is no price index of {year}; allowed: {min(years)} to {max(years)}"
        tables.problems.append(node.place.problem("money.price_year", message))
    tables.money = MoneyRule(max(years), years, tables.money.yuan_per_unit)


def _price_year(tree: Node) -> int | None:
    node = at(tree, "money.price_year")
    return node.value if node and isinstance(node.value, int) and not isinstance(node.value, bool) else None


def _check(tree: Node, tables: _Tables, kind: Kind) -> tuple[Any, Lookup, list[Problem]]:
    """Validate a tree; return the scenario (None where it is wrong), the look-up and what is wrong."""
    lookup = _lookup(tree, tables, kind)
    problems = _check_names(tree, tables.rows)
    try:
        values = with_paths(tree, kind.path_keys)
        scenario = kind.model.model_validate(values, context={"lookup": lookup})
    except ValidationError as error:
        return None, lookup, problems + explain(error, tree, kind.model)
    return scenario, lookup, problems + kind.checks(scenario, tree)


def _lookup(tree: Node, tables: _Tables, kind: Kind) -> Lookup:
    """Return what answers the names of rows in a tree."""
    first = _first_month(tree, kind.known_by)
    return Lookup(tables.rows, tables.money, first, _numbers(tree), _late(tree))


def _check_plan(scenario: Scenario, tree: Node) -> list[Problem]:
    """Say which pots nobody may use, which commitments speak of nothing, and what nobody can build."""
    chosen, horizon = scenario.technologies.chosen(), scenario.clock
    found = (
        *pot_mistakes(scenario.budget, chosen, horizon),
        *commitment_mistakes(scenario.planning, chosen, horizon),
        *rollout_mistakes(scenario.rollout, _skills(chosen)),
    )
    problems = []
    for key, message in found:
        place, dotted = locate(tree, key.split("."))
        problems.append(place.problem(dotted, message))
    return problems


def _skills(chosen: Mapping[str, Technology]) -> dict[str, tuple[str, ...]]:
    """Return the skills that the technologies which are built need, by name."""
    return {name: one.skills for name, one in chosen.items() if getattr(one, "build", True)}


def _first_month(tree: Node, key: str) -> int:
    """Return the month that a key names; where it is no month, one so late that no row seems to leak."""
    node = at(tree, key)
    try:
        return month_number(str(node.value)) if node else _ANY_MONTH
    except ValueError:
        return _ANY_MONTH


def _numbers(tree: Node) -> dict[str, float]:
    node = at(tree, "parameters.values")
    entries = node.value.items() if node and isinstance(node.value, dict) else ()
    return {name: float(one.value) for name, one in entries if isinstance(one.value, int | float)}


def _late(tree: Node) -> frozenset[str]:
    return frozenset(node.value for node in items(at(tree, "policy_inputs")) if isinstance(node.value, str))


def _check_names(tree: Node, rows: Mapping[str, Parameter]) -> list[Problem]:
    """Say which names of rows, where only a name can stand, are none."""
    values = at(tree, "parameters.values")
    entries = values.value.items() if values and isinstance(values.value, dict) else ()
    named = [(f"parameters.values.{name}", name, node.key_place or node.place) for name, node in entries]
    for number, node in enumerate(items(at(tree, "policy_inputs"))):
        if isinstance(node.value, str):
            named.append((f"policy_inputs.{number}", node.value, node.place))
    return [
        place.problem(key, f"{name!r} is no row of the parameter table{did_you_mean(name, rows)}")
        for key, name, place in named
        if name not in rows
    ] + _check_pots(tree)


def _check_pots(tree: Node) -> list[Problem]:
    """Say which technologies that a pot names do not exist."""
    pots = at(tree, "budget.pots")
    entries = pots.value.items() if pots and isinstance(pots.value, dict) else ()
    allowed = ", ".join(TECHNOLOGIES)
    return [
        one.place.problem(
            f"budget.pots.{pot}.technologies",
            f"{one.value!r} is no technology; allowed: {allowed}{did_you_mean(str(one.value), TECHNOLOGIES)}",
        )
        for pot, node in entries
        for one in items(node.child("technologies"))
        if one.value not in TECHNOLOGIES
    ]
