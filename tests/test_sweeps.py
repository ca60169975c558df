import pandas as pd
import pytest

from sim import sweeps
from sim.errors import ScenarioError
from sim.report.sweep import differences, write_sweep
from sim.scenario.sweep import Case
from sim.technologies.base import WORKING_DAYS_PER_MONTH as MONTH
from tests.conftest import ROOT
from tests.world import load

FILE = ROOT / "scenarios" / "yunnan-2017.yaml"
CASES = [
    Case("budget.scale=2", "budget.scale", (("budget.scale", "2"),)),
    Case("title=x", "title", (("title", "x"),)),
    Case("seed=-1", "seed", (("seed", "-1"),)),
]


class FakeRun:
    """What a sweep asks of a run; only the budget changes its results."""

    def __init__(self, loaded):
        scale = loaded.scenario.budget.scale
        self.horizon = loaded.scenario.clock
        last = self.horizon.months - 1
        self.states = (None, None)
        self.events = pd.DataFrame({"day": [0.0], "project_id": ["a"]})
        self.decisions = pd.DataFrame({"worth": [scale]})
        self.indicators = pd.DataFrame(
            {
                "month": [last, last, 0],
                "indicator": ["ftth_homes_passed"] * 3,
                "breakdown": ["all"] * 3,
                "value": [100.0 * scale, 300.0 * scale, 7.0],
            }
        )
        self.spending = pd.DataFrame({"spent_fen": [1000 * scale, 3000 * scale]})
        self.scorecard = pd.DataFrame(
            {
                "target_id": ["t1", "t2"],
                "verdict": ["met", "met" if scale > 1 else "missed"],
                "mean": ["1", ""],
                "margin": ["0.5", ""],
                "first_met": ["2014-03", ""],
            }
        )
        self.delays = pd.DataFrame(
            {"outcome": ["in service", "in service", "given up"], "lasted_days": [MONTH, 3 * MONTH, 500.0]}
        )


@pytest.fixture
def runs(monkeypatch):
    made = []

    def simulate(loaded):
        made.append(loaded.scenario.budget.scale)
        return FakeRun(loaded)

    monkeypatch.setattr(sweeps, "simulate", simulate)
    return made


def test_every_case_leaves_a_row_and_inputs_that_change_nothing_are_named(runs, tmp_path):
    said = []
    swept = sweeps.sweep(FILE, CASES, tmp_path, on_progress=lambda name, done: said.append((name, done)))
    table = swept.table.set_index("case")
    assert list(table.index) == ["base", "budget.scale=2", "title=x", "seed=-1"]
    assert table["met"].tolist()[:3] == [1, 2, 1]
    assert table["missed"].tolist()[:3] == [1, 0, 1]
    # money and homes are means over the two replications
    assert table["spent_yuan"].tolist()[:3] == [20, 40, 20]
    assert table["ftth_homes_passed"].tolist()[:3] == [200.0, 400.0, 200.0]
    assert table["homes_connected"].tolist()[:3] == ["", "", ""]
    assert table["months_to_service"].tolist()[:3] == [2.0, 2.0, 2.0]
    assert "seed" in table.loc["seed=-1", "error"]
    assert swept.inert == ["title"]
    assert [done for _, done in said] == [0.0, 0.25, 0.5, 0.75]
    assert swept.targets.loc[swept.targets["case"] == "budget.scale=2", "verdict"].tolist() == ["met", "met"]


def test_what_an_earlier_sweep_left_is_not_run_again(runs, tmp_path):
    first = sweeps.sweep(FILE, CASES[:1], tmp_path)
    assert runs == [1.0, 2.0]
    again = sweeps.sweep(FILE, CASES[:2], tmp_path)
    assert runs == [1.0, 2.0, 1.0]
    pd.testing.assert_frame_equal(first.table, again.table.head(2), check_dtype=False)
    assert again.inert == ["title"]


def test_an_interrupted_sweep_keeps_what_it_has(runs, tmp_path, monkeypatch):
    whole = sweeps.simulate

    def stop(loaded):
        if loaded.scenario.budget.scale == 2:
            raise KeyboardInterrupt
        return whole(loaded)

    monkeypatch.setattr(sweeps, "simulate", stop)
    with pytest.raises(KeyboardInterrupt):
        sweeps.sweep(FILE, CASES, tmp_path)
    assert (tmp_path / sweeps.TABLE).read_text(encoding="utf-8").count("\n") == 2


def test_an_error_of_the_base_ends_the_sweep(runs, tmp_path):
    with pytest.raises(ScenarioError, match="seed"):
        sweeps.sweep(FILE, CASES, tmp_path, changes=[("seed", "-1")])


def test_the_digest_of_results_changes_with_any_of_them(runs):
    run, other = FakeRun(load()), FakeRun(load())
    assert sweeps.result_digest(run) == sweeps.result_digest(other)
    other.events.loc[0, "day"] = 1e-9
    assert sweeps.result_digest(run) != sweeps.result_digest(other)


def test_the_figure_shows_differences_in_its_units_those_that_move_most_first(runs, tmp_path):
    swept = sweeps.sweep(FILE, CASES, tmp_path)
    found = differences(swept.table)
    assert found["case"].tolist() == ["budget.scale=2", "title=x"]
    assert found.loc[0, "met"] == 1.0
    assert found.loc[0, "spent_yuan"] == pytest.approx(20e-9)
    write_sweep(swept.table, tmp_path)
    assert (tmp_path / "sweep-differences.png").stat().st_size > 5_000
    # the rows that a later sweep goes on from are still there
    before = list(runs)
    sweeps.sweep(FILE, CASES, tmp_path)
    assert runs == before
