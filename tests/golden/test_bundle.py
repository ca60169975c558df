"""All four provinces from a real bundle: places with coordinates, heights and roads that a source has."""

from pathlib import Path

import pytest

from sim.scenario.load import load_scenario
from sim.study import simulate

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.bundle


@pytest.mark.parametrize("name", ["yunnan-2017", "sichuan-2020", "shandong-2015", "hunan-2020"])
def test_a_sample_from_the_bundle_is_judged(name, bundle):
    scenario = ROOT / "scenarios" / f"{name}.yaml"
    run = simulate(load_scenario(scenario, (("geodata.bundle", str(bundle)),), variant="sample"))
    zones = run.area.zones
    assert (~zones["modelled"]).any(), "no zone stands where the bundle puts it"
    assert zones["elevation_m"].nunique() > 10
    verdicts = run.scorecard["verdict"].value_counts()
    assert verdicts["not judged"] < len(run.scorecard)
    spent = run.spending[["committed_fen", "spent_fen"]].sum()
    assert 0 < spent["spent_fen"] <= run.spending["released_fen"].sum()
    built = set(run.events.loc[run.events["event"] == "activated", "project_id"].str.partition(":")[0])
    assert {"ftth", "lte"} <= built
