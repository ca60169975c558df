import pytest

from sim.errors import ScenarioError
from sim.scenario.sweep import axis_of, grid, one_at_a_time
from tests.world import load


def test_an_axis_is_a_key_and_yaml_values():
    assert axis_of("budget.scale=0.5,1,2") == ("budget.scale", ("0.5", "1", "2"))
    assert axis_of('geodata.counties=["530102"],["530129", "533323"]') == (
        "geodata.counties",
        ('["530102"]', '["530129", "533323"]'),
    )
    assert axis_of("standing.cable=null,false") == ("standing.cable", ("null", "false"))


@pytest.mark.parametrize("text", ["budget.scale", "=1,2", "budget.scale=", "budget.scale=[1,2"])
def test_an_axis_written_otherwise_is_refused_with_the_words_given(text):
    with pytest.raises(ScenarioError, match="is not KEY=VALUE") as caught:
        axis_of(text)
    assert repr(text) in str(caught.value)


def test_a_grid_holds_every_combination_once_the_last_key_fastest():
    cases = grid({"a": ("1", "2"), "b": ("x", "y", "z")})
    assert [case.name for case in cases] == [f"a={a}, b={b}" for a in "12" for b in "xyz"]
    assert cases[4].changes == (("a", "2"), ("b", "y"))
    assert {case.subject for case in cases} == {"a + b"}


def test_each_row_with_a_range_is_taken_to_both_of_its_ends():
    loaded = load()
    cases = one_at_a_time(loaded, ["rainy_season_*"])
    rows = {row.name: row for row in loaded.parameters_used}
    for case in cases:
        ((key, value),) = case.changes
        row = rows[case.subject]
        assert key == f"parameters.values.{row.name}"
        assert float(value) in (row.low, row.high)
        changed = load((key, value))
        assert changed.lookup.overrides[row.name] == float(value)
    assert {case.subject for case in cases} == {"rainy_season_productivity", "rainy_season_above"}
    assert len(cases) == 4


def test_patterns_that_fit_no_row_are_all_named():
    with pytest.raises(ScenarioError) as caught:
        one_at_a_time(load(), ["rainy_season_*", "no_such_row", "nor_*_this"])
    assert [problem.key for problem in caught.value.problems] == ["no_such_row", "nor_*_this"]
