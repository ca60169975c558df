"""The shipped scenarios against their kept references: what moved must be meant to move.

A sample of counties is run; the references of whole provinces are kept for people, and for a check by
hand: ``make reference`` writes them all again.
"""

import os
from pathlib import Path

import pytest

from sim.files import sha256
from sim.nation.run import save_nation, simulate_nation
from sim.report.compare import compare_runs
from sim.scenario.load import load_scenario
from sim.scenario.nation import load_nation
from sim.store import TABLES, save_run
from sim.study import simulate

ROOT = Path(__file__).parents[2]
SHIPPED = ("shandong-2015", "yunnan-2017", "sichuan-2020", "hunan-2015", "hunan-2020")

pytestmark = pytest.mark.packages


def sample(name, folder):
    loaded = load_scenario(ROOT / "scenarios" / f"{name}.yaml", variant="sample")
    save_run(simulate(loaded), folder)
    return folder


@pytest.mark.parametrize("name", SHIPPED)
def test_a_sample_of_counties_gives_what_is_kept(name, tmp_path):
    found = compare_runs(sample(name, tmp_path / "run"), ROOT / "reports" / "reference" / f"{name}-sample")
    assert not found.differs, f"results moved; if they were meant to: make reference\n{found.text}"


def test_the_nation_gives_what_is_kept(tmp_path):
    run = simulate_nation(load_nation(ROOT / "scenarios" / "china-2020.yaml"))
    save_nation(run, tmp_path / "run")
    found = compare_runs(tmp_path / "run", ROOT / "reports" / "reference" / "china-2020")
    assert not found.differs, f"results moved; if they were meant to: make reference\n{found.text}"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_whole_province_is_kept_too(name):
    kept = {path.name for path in (ROOT / "reports" / "reference" / name).iterdir()}
    assert kept == {path.name for path in (ROOT / "reports" / "reference" / f"{name}-sample").iterdir()}
    assert "scorecard.csv" in kept


def test_cold_and_cached_geography_give_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "ROLLOUT_CACHE", str(tmp_path / "cache"))
    cold, warm = sample("hunan-2015", tmp_path / "cold"), sample("hunan-2015", tmp_path / "warm")
    assert (tmp_path / "cache").is_dir()
    for name in (*(f"{table}.parquet" for table in TABLES), "scorecard.csv", "scorecard.json", "run.json"):
        assert sha256(cold / name) == sha256(warm / name), name
