"""What a lever is worth: the run with it less the run without it, and nothing where nothing differs."""

import io
import json

import pandas as pd
import pytest

from sim import lever_runs, sweeps
from sim.errors import ScenarioError
from sim.lever_runs import ALL_OFF, ALL_ON, INTERACTION, SUM, TOGETHER, Asked, ends_of, named, pairs_of
from sim.levers import LEVERS
from sim.levers.base import ON
from sim.report.levers import levers_summary, page, write_levers
from sim.scenario.load import load_scenario
from sim.scenario.sweep import BASE
from tests.conftest import ROOT

FILE = ROOT / "scenarios" / "yunnan-2017.yaml"
ONLY = ("land_use_planning", "tariff_reduction", "licence_dates")


class FakeRun:
    """What is asked of a run: planning passes homes, tariffs connect them, both together do more."""

    def __init__(self, loaded):
        scenario = loaded.scenario
        planning = 1.0 - scenario.technologies.ftth.permits.get("land_use_planning", 1.0)
        cuts = scenario.demand.tariffs.cuts
        tariffs = 1.0 - cuts["tariff_reduction_lines"].factor if cuts else 0.0
        self.horizon = scenario.clock
        self.states = (None,)
        values = {
            "ftth_homes_passed": 1000 + 100 * planning + 1000 * planning * tariffs,
            "homes_connected": 500 + 100 * tariffs,
            "mean_access_bandwidth_households": 20.0,
            "lte_population_coverage": 0.9,
        }
        self.indicators = pd.DataFrame(
            {
                "month": self.horizon.months - 1,
                "indicator": list(values),
                "breakdown": "all",
                "value": list(values.values()),
            }
        )
        self.events = pd.DataFrame({"day": [planning], "project_id": ["a"]})
        self.decisions = pd.DataFrame({"worth": [tariffs]})
        self.spending = pd.DataFrame({"spent_fen": [100_000.0]})
        self.delays = pd.DataFrame({"outcome": ["in service"], "lasted_days": [100.0 * (1.0 - planning)]})
        self.scorecard = pd.DataFrame(
            {
                "target_id": ["t1", "t2"],
                "verdict": ["met", "met" if tariffs else "missed"],
                "mean": ["1", str(tariffs)],
                "margin": ["0.5", str(tariffs - 0.1)],
                "first_met": ["2014-03", "2016-01" if tariffs else ""],
            }
        )


@pytest.fixture
def runs(monkeypatch):
    made = []

    def simulate(loaded):
        made.append({name for name, lever in loaded.scenario.levers.stated().items() if lever.state == ON})
        return FakeRun(loaded)

    monkeypatch.setattr(sweeps, "simulate", simulate)
    return made


@pytest.fixture(scope="module")
def loaded():
    return load_scenario(FILE)


def worth(folder, loaded, **asked):
    levers = named(loaded, ONLY)
    made = lever_runs.lever_runs(FILE, loaded, levers, folder, Asked(**asked))
    return made, made.table.set_index("lever")


def test_a_lever_is_worth_the_run_with_it_less_the_run_without(runs, loaded, tmp_path):
    made, table = worth(tmp_path, loaded)
    assert list(table.index) == [
        "tariff_reduction",
        "land_use_planning",
        "licence_dates",
        TOGETHER,
        SUM,
        INTERACTION,
    ]
    assert table.loc["land_use_planning", "ftth_homes_passed"] == pytest.approx(40.0)
    assert table.loc["land_use_planning", "months_to_service"] < 0
    assert table.loc["land_use_planning", "met"] == 0
    assert table.loc["tariff_reduction", "homes_connected"] == pytest.approx(20.0)
    assert table.loc["tariff_reduction", "met"] == 1
    assert table.loc["tariff_reduction", "flips"] == "t2 missed -> met"
    # the base, which is all of them off as well, each alone, and all together
    assert len(runs) == 5
    assert {frozenset(one & set(ONLY)) for one in runs} == {
        frozenset(),
        *(frozenset([name]) for name in ONLY),
        frozenset(ONLY),
    }
    # what does not change between runs stays as the scenario has it
    assert all({"sharing", "fibre_in_new_housing"} <= one for one in runs)
    assert made.targets[["lever", "target_id", "first_met_off", "first_met_on"]].to_numpy().tolist() == [
        ["tariff_reduction", "t2", "", "2016-01"],
        [TOGETHER, "t2", "", "2016-01"],
    ]


def test_a_lever_that_changes_no_result_is_worth_exactly_nothing_and_is_called_inert(runs, loaded, tmp_path):
    _, table = worth(tmp_path, loaded)
    assert table.loc["licence_dates", "inert"] == "yes"
    assert table.loc["tariff_reduction", "inert"] == "no"
    for measure in lever_runs.MEASURES:
        assert table.loc["licence_dates", measure] == 0


def test_what_levers_do_to_one_another_is_all_of_them_less_the_sum(runs, loaded, tmp_path):
    _, table = worth(tmp_path, loaded)
    passed = table["ftth_homes_passed"]
    assert passed[SUM] == pytest.approx(40.0)
    assert passed[TOGETHER] == pytest.approx(40.0 + 1000 * 0.4 * 0.2)
    assert passed[INTERACTION] == pytest.approx(passed[TOGETHER] - passed[SUM])
    assert table.loc[INTERACTION, "homes_connected"] == 0


def test_sizes_at_both_ends_give_a_range(runs, loaded, tmp_path):
    _, table = worth(tmp_path, loaded, ranged=True)
    row = table.loc["land_use_planning"]
    assert row["ftth_homes_passed_low"] == pytest.approx(10.0)
    assert row["ftth_homes_passed_high"] == pytest.approx(64.0)
    assert row["ftth_homes_passed_low"] <= row["ftth_homes_passed"] <= row["ftth_homes_passed_high"]
    assert len(runs) == 5 + 2 * len(ONLY)


def test_a_lever_that_holds_is_judged_by_switching_it_off(loaded):
    levers = named(loaded, ["sharing"])
    cases, pairs = pairs_of(levers, loaded.lookup.rows, ranged=True)
    plain = pairs[0]
    assert (plain.off, plain.on) == ("sharing off", BASE)
    assert dict(next(case for case in cases if case.name == "sharing off").changes) == {
        "levers.sharing.state": "off"
    }
    low = next(pair for pair in pairs if pair.edge == "low")
    changes = {case.name: dict(case.changes) for case in cases}
    assert changes[low.off] == {
        "levers.sharing.state": "off",
        "levers.sharing.own_ducts": "feeder_own_ducts@low",
        "levers.sharing.joining_price_alone": "co_location_price_alone@low",
        "levers.sharing.joining_time_alone": "collocation_lead_time_alone@low",
    }
    assert changes[low.on]["levers.sharing.standing_ducts"] == "feeder_standing_ducts@low"
    assert {ALL_ON, ALL_OFF} <= changes.keys()


def test_every_case_of_every_lever_is_a_good_scenario(loaded):
    cases, _ = pairs_of(named(loaded, ()), loaded.lookup.rows, ranged=True)
    for case in cases:
        load_scenario(FILE, case.changes)
    low = ends_of(named(loaded, ()), "low", loaded.lookup.rows)
    assert load_scenario(FILE, low).scenario.levers.sharing.own_ducts == "feeder_own_ducts@low"
    assert load_scenario(FILE, low).scenario.routes.standing_ducts == 0.1


def test_a_call_that_is_repeated_runs_nothing_again(runs, loaded, tmp_path):
    _, first = worth(tmp_path, loaded)
    count = len(runs)
    _, again = worth(tmp_path, loaded)
    assert len(runs) == count
    pd.testing.assert_frame_equal(first, again, check_dtype=False)


def test_a_lever_that_cannot_be_run_leaves_the_others(runs, loaded, tmp_path, monkeypatch):
    whole = sweeps.simulate

    def failing(one):
        if one.scenario.levers.land_use_planning.state == ON:
            raise ScenarioError(())
        return whole(one)

    monkeypatch.setattr(sweeps, "simulate", failing)
    monkeypatch.setattr(ScenarioError, "__str__", lambda self: "no way")
    _, table = worth(tmp_path, loaded)
    assert table.loc["land_use_planning", "note"] == "cannot be run: no way"
    assert table.loc["tariff_reduction", "homes_connected"] == pytest.approx(20.0)
    assert table.loc[SUM, "homes_connected"] == ""


def test_names_that_are_no_lever_are_refused_together(loaded):
    with pytest.raises(ScenarioError) as caught:
        named(loaded, ["shring", "sharing", "tarif"])
    assert [problem.key for problem in caught.value.problems] == ["shring", "tarif"]
    assert "did you mean 'sharing'?" in str(caught.value)
    none = load_scenario(FILE, [("levers.sharing", "null")])
    with pytest.raises(ScenarioError, match="does not say how large"):
        named(none, ["sharing"])


def test_results_are_a_table_a_figure_and_a_page(runs, loaded, tmp_path):
    made, _ = worth(tmp_path, loaded, ranged=True)
    write_levers(made.table, made.targets, tmp_path, "Yunnan | <b>2017</b>")
    assert {"levers.csv", "levers-targets.csv", "levers.png", "levers.md", "sweep.csv"} <= {
        path.name for path in tmp_path.iterdir()
    }
    text = (tmp_path / "levers.md").read_text(encoding="utf-8")
    assert "Yunnan \\| &lt;b&gt;2017&lt;/b&gt;" in text or "Yunnan \\|" in text
    assert "inert: no result differs" in text
    assert LEVERS["land_use_planning"].mechanism in text
    assert "| tariff reduction | t2 | missed | met |" in text
    empty = page(made.table, made.targets.iloc[:0], "x")
    assert "No instrument moves any target." in empty


def test_the_terminal_names_flips_ranges_and_what_is_inert(runs, loaded, tmp_path):
    from rich.console import Console

    made, _ = worth(tmp_path, loaded, ranged=True)
    console = Console(width=240, record=True, file=io.StringIO())
    console.print(levers_summary(made.table, tmp_path))
    text = console.export_text()
    assert "t2 missed -> met" in text
    assert "0.0 (0.0 to +0.1)" in " ".join(text.split())
    assert "licence dates: inert: no result differs" in text


def test_the_command_prints_rows_as_json(runs, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from sim.commands.levers import levers

    said = CliRunner().invoke(
        levers, [str(FILE), "--only", "land_use_planning", "--high", "--out", str(tmp_path), "--json"]
    )
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert found["levers"][0]["lever"] == "land_use_planning"
    assert found["levers"][0]["ftth_homes_passed"] == pytest.approx(10.0)
    refused = CliRunner().invoke(levers, [str(FILE), "--low", "--range"])
    assert refused.exit_code == 2
    assert "leave out --low and --high" in refused.output
