"""Figures, tables and words of a back-test."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from sim.backtest.history import read_rows
from sim.backtest.judged import backtest
from sim.cli import rollout
from sim.errors import DataError
from sim.report.backtest import backtest_summary, draw_series, write_backtest
from sim.report.style import house_style
from tests.backtest.tables import saved, seen, write_history
from tests.tiny import MONTHS

LINES = "fixed_broadband_subscribers"
CARDS = "share_4g_of_mobile"
ROWS = (
    seen(LINES, 5, "10k subs", "2014-06"),
    seen(LINES, 6, "10k subs", "2015-06", note="over 6"),
    seen(CARDS, 15, "%", "2015-06"),
    seen(LINES, 5, "10k subs", "2014-06", "Hunan"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backtest")
    series = {
        ("fixed_subscribers", "all", "lines"): 50_000.0 + 1000 * np.arange(MONTHS),
        ("users_lte", "all", "users"): np.full(MONTHS, 20.0),
        ("mobile_subscribers", "all", "users"): np.full(MONTHS, 100.0),
    }
    drawn = {("fixed_subscribers", "all", "lines"): [np.full(MONTHS, 4e4), np.full(MONTHS, 9e4)]}
    run = saved(folder, series, drawn)
    return run, write_history(folder, *ROWS)


def test_a_folder_holds_tables_and_a_figure_for_each_series(made, tmp_path):
    run, history = made
    found = backtest(run, read_rows(history))
    write_backtest(found, run, tmp_path)
    with (tmp_path / "points.csv").open() as stream:
        points = list(csv.DictReader(stream))
    assert [row["observed"] for row in points] == ["5.0", "6.0", "15.0"]
    with (tmp_path / "skipped.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) == 1
    assert json.loads((tmp_path / "backtest.json").read_text()) == json.loads(json.dumps(found.facts()))
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {
        f"yunnan-{name}.{end}" for name in (f"{LINES}-10k_subs", f"{CARDS}-percent") for end in ("png", "csv")
    }


def test_a_figure_shows_run_interval_bounds_and_the_break(made):
    run, history = made
    found = backtest(run, read_rows(history))
    series = next(one for one in found.series() if one.indicator == LINES)
    with house_style():
        figure, shown = draw_series(found, series, run)
    (axes,) = figure.axes
    labels = axes.get_legend_handles_labels()[1]
    assert {"run", "80 % interval"} <= set(labels)
    assert len(axes.collections) >= 1
    markers = [line.get_marker() for line in axes.lines]
    assert "^" in markers  # "over 6" is a lower bound
    assert "o" in markers
    assert list(shown["observed"]) == [5.0, 6.0]
    assert "source" not in shown


def test_months_that_were_fitted_are_set_apart(made):
    run, history = made
    run.facts["fitted_until"] = "2014-12"
    try:
        found = backtest(run, read_rows(history))
        with house_style():
            figure, _ = draw_series(found, found.series()[0], run)
    finally:
        del run.facts["fitted_until"]
    assert "fitted" in figure.axes[0].get_legend_handles_labels()[1]


def test_the_summary_tells_errors_and_reasons(made):
    run, history = made
    found = backtest(run, read_rows(history))
    console = Console(width=200)
    with console.capture() as said:
        console.print(backtest_summary(found, None))
    text = said.get()
    assert "all forecasts" in text
    assert "1 rows skipped: it speaks of another place; the run is of Yunnan" in text
    assert "three basic operators" in text


def test_json_and_nothing_else_is_printed(made):
    run, history = made
    said = CliRunner().invoke(rollout, ["backtest", str(run.folder), str(history), "--json"])
    assert said.exit_code == 0
    facts = json.loads(said.output)
    assert {"points", "mape", "coverage_80", "skipped"} <= set(facts)
    wanted = {"province", "indicator", "date", "observed", "simulated", "p10", "p90", "error"}
    assert all(wanted <= set(point) for point in facts["points"])
    assert len(facts["points"]) + len(facts["skipped"]) == len(ROWS)


def test_the_shipped_history_is_read_where_none_is_named(made, tmp_path):
    run, _ = made
    words = ["backtest", str(run.folder), "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(rollout, words)
    assert said.exit_code == 0
    assert "rows skipped" in said.output
    assert (tmp_path / "out" / "backtest.json").is_file()


def test_a_bad_history_is_refused(made, tmp_path):
    run, _ = made
    path = write_history(tmp_path, seen(LINES, "much", "10k subs", "2014-06"))
    with pytest.raises(DataError, match=r"history\.csv:2"):
        CliRunner().invoke(rollout, ["backtest", str(run.folder), str(path)], catch_exceptions=False)
