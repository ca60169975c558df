"""What a scenario may say but should not say unawares: stated, never refused."""

from __future__ import annotations

from collections.abc import Iterator

from sim.clock import month_number
from sim.errors import Problem
from sim.parameters import Lookup
from sim.scenario.document import Node
from sim.scenario.schema import Scenario
from sim.scenario.wording import locate

_MOST_GROWTH = 100.0
"""Growth of traffic over a horizon that is worth a remark: a rate read off a few years was carried on."""


def consequences(scenario: Scenario, tree: Node, lookup: Lookup) -> tuple[Problem, ...]:
    """Return what follows from unusual values, each at its place, named as outputs name it."""
    found = (
        *_technologies(scenario), *_money(scenario), *_late_inputs(scenario, lookup),
        *_unused_values(scenario, lookup), *_traffic(scenario),
    )  # fmt: skip
    problems = []
    for key, message in found:
        place, dotted = locate(tree, key.split("."))
        problems.append(Problem(place.source.origin, dotted, message, place.line, place.column))
    return tuple(problems)


def _technologies(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for name, technology in scenario.technologies.chosen().items():
        if month_number(technology.available_from) > month_number(scenario.horizon.last):
            yield (
                f"technologies.{name}.available_from",
                f"{name} is available from {technology.available_from}, after the last month "
                f"{scenario.horizon.last}: none of it is built",
            )


def _money(scenario: Scenario) -> Iterator[tuple[str, str]]:
    budget = scenario.budget
    if not any(budget.yearly_fen.values()):
        key = "scale" if budget.scale == 0 else "annual_investment"
        yield f"budget.{key}", "there is no money: nothing is built, only the standing network serves"
    elif not budget.releases(scenario.clock):
        yield "budget.pots", "no pot releases money within the horizon: nothing is built"


def _traffic(scenario: Scenario) -> Iterator[tuple[str, str]]:
    extra = 1.0 + scenario.demand.traffic_scale.extra_growth_per_year
    for key in ("traffic_growth_per_year", "fixed_traffic_growth_per_year"):
        rate = (1.0 + getattr(scenario.demand, key)) * extra - 1.0
        growth = (1.0 + rate) ** (scenario.clock.months / 12.0)
        if growth > _MOST_GROWTH:
            yield (
                f"demand.{key}",
                f"traffic grows {growth:,.0f}-fold from the first month to the last, at {rate:.0%} a year "
                "all the time: links and cells follow it; give a rate for the whole horizon",
            )


def _late_inputs(scenario: Scenario, lookup: Lookup) -> Iterator[tuple[str, str]]:
    first = month_number(scenario.horizon.first)
    used = {name.partition("@")[0] for name in lookup.used}
    for number, name in enumerate(scenario.policy_inputs):
        row = lookup.rows[name]
        if name not in used:
            yield f"policy_inputs.{number}", f"row {name!r} is declared as an input but no key uses it"
        elif row.known_from and month_number(row.known_from) > first:
            yield (
                f"policy_inputs.{number}",
                f"row {name!r} was known only from {row.known_from}; it is used as a declared input",
            )


def _unused_values(scenario: Scenario, lookup: Lookup) -> Iterator[tuple[str, str]]:
    used = {name.partition("@")[0] for name in lookup.used}
    for name, value in scenario.parameters.values.items():
        row = lookup.rows[name]
        if name not in used:
            yield f"parameters.values.{name}", f"row {name!r} gets a value but no key uses it"
        elif row.low is not None and row.high is not None and not row.low <= value <= row.high:
            yield (
                f"parameters.values.{name}",
                f"{value:g} {row.unit} lies outside the range {row.low:g} to {row.high:g} of its source",
            )
