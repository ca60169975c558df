"""Methods by name: what a scenario asks for is what chooses, and needs its options."""

import pytest
from pydantic import ValidationError

from sim.planning.planner import METHODS, Planning
from sim.planning.search import SearchOptions
from sim.planning.solver import ExactOptions
from tests.planning.small import GREEDY, proposal, question

OPTIONS = {
    "search": SearchOptions(weighings=2000, near=100, good=3),
    "exact": ExactOptions(gap=0.0, nodes=1000, rounds=5, block=100, near=100),
}


def asked():
    """The best for its money leaves no money for the best pair."""
    rows = [
        {"id": name, "zone": k, "civil_fen": fen}
        for k, (name, fen) in enumerate(zip("abc", (60, 50, 50), strict=True))
    ]
    return question(proposal(rows), [70, 50, 50], 100)


@pytest.mark.parametrize("method", ["search", "exact"])
def test_better_methods_find_the_pair(method):
    planner = GREEDY.model_copy(update={"method": method, **OPTIONS})
    choice = planner.choose(asked())
    assert sorted(one.project_id for one in choice.chosen) == ["b", "c"]
    assert choice.worth == pytest.approx(10.0)
    assert choice.worth <= choice.bound
    if method == "exact":
        assert choice.bound == pytest.approx(10.0)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_keeps_the_money(method):
    choice = GREEDY.model_copy(update={"method": method, **OPTIONS}).choose(asked())
    assert sum(one.price_fen for one in choice.chosen) <= 100
    assert len(choice.decisions) == 3


@pytest.mark.parametrize("method", ["search", "exact"])
def test_a_method_without_its_options_is_refused_by_name(method):
    with pytest.raises(ValidationError, match=f"add planning.{method}"):
        Planning(**{**GREEDY.model_dump(), "method": method})
