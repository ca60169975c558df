"""Which parameters of demand are drawn, and the values they have in each draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.demand import DemandOptions
from sim.fitting.forecast import Span
from sim.randomness import Streams

if TYPE_CHECKING:
    from sim.parameters import Parameter
    from sim.scenario.load import LoadedScenario

Floats = NDArray[np.float64]
STREAM = "demand parameter"


def drawn_parameters(loaded: LoadedScenario) -> list[Parameter]:
    """Return the rows that demand names and that have a range, by name.

    A row named with ``@low`` or ``@high``, or with a value of the scenario's own, is taken as given.
    """
    lookup = loaded.lookup
    named = {text for text in _texts(loaded.resolved.get("demand")) if text in lookup.rows}
    rows = (lookup.rows[name] for name in sorted(named - set(lookup.overrides)))
    return [row for row in rows if row.is_ranged]


def _texts(value: Any) -> Iterator[str]:
    """Yield every text below a section."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def places(seed: int, name: str, draws: int) -> Floats:
    """Return where in its range a parameter stands in each draw, one in each n-th part of it, shape (n,).

    References
    ----------
    McKay, Beckman and Conover, A comparison of three methods for selecting values of input variables in the
    analysis of output from a computer code, Technometrics 21 (1979): Latin hypercube sampling.
    """
    streams = Streams(seed)
    numbers = [f"{name} {draw}" for draw in range(draws)]
    order = np.argsort(streams.uniforms(f"{STREAM} order", numbers), kind="stable")
    rank = np.empty(draws)
    rank[order] = np.arange(draws)
    return np.asarray((rank + streams.uniforms(STREAM, numbers)) / max(draws, 1))


def drawn_values(rows: Sequence[Parameter], seed: int, draws: int) -> list[dict[str, float]]:
    """Return the values of the rows in each draw: half below the value, half above, evenly to the edges."""
    values: list[dict[str, float]] = [{} for _ in range(draws)]
    for row in rows:
        if row.low is None or row.high is None:
            continue
        span = Span(row.value, row.low, row.high)
        for draw, place in enumerate(places(seed, row.name, draws)):
            values[draw][row.name] = span.at(float(place))
    return values


def demand_options(loaded: LoadedScenario, values: Mapping[str, float]) -> DemandOptions:
    """Return what the scenario says of demand, with other values for some rows of the table."""
    lookup = replace(loaded.lookup, overrides={**loaded.lookup.overrides, **values}, used={})
    return DemandOptions.model_validate(loaded.resolved["demand"], context={"lookup": lookup})
