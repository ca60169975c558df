"""One bench a case for the whole session, so that forerunners are computed once."""

from __future__ import annotations

import pytest

from benchmarks.cases import CASES
from benchmarks.registry import Bench

_BENCHES: dict[str, Bench] = {}


@pytest.fixture
def bench(request) -> Bench:
    """The bench of the case named by the parameter."""
    name = request.param
    if name not in _BENCHES:
        _BENCHES[name] = Bench(CASES[name])
    return _BENCHES[name]
