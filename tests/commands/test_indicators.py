"""``rollout indicators`` as a user calls it."""

import json

import pytest
from click.testing import CliRunner

from sim.cli import rollout
from sim.indicators.registry import REGISTRY


@pytest.fixture
def call():
    return lambda *words: CliRunner().invoke(rollout, ["indicators", *words])


def test_every_indicator_is_listed_with_its_definition(call):
    done = call()
    assert done.exit_code == 0, done.output
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
    assert set(REGISTRY) <= set(listed)
    assert f"{len(REGISTRY)} indicators" in done.stdout


def test_json_holds_all_of_them_and_nothing_else(call):
    facts = json.loads(call("--json").stdout)
    assert [one["name"] for one in facts] == list(REGISTRY)
    assert all(one["definition"] and one["unit"] and one["breakdowns"] for one in facts)


def test_one_is_told_with_the_targets_that_it_judges(call):
    facts = json.loads(call("mean_access_bandwidth_households", "--json").stdout)
    assert {"YN-02", "YN-03"} <= {target["target_id"] for target in facts["targets"]}
    assert facts["need"] == {"use": "fixed", "mbps": 20.0}
    said = call("mean_access_bandwidth_households").stdout
    assert "YN-02" in said
    assert "urban" in said
    assert "dsl, ftth, cable, fwa" in said


def test_one_that_judges_nothing_says_so(call):
    assert "judges no target" in call("days_lost").stdout


def test_an_unknown_name_is_refused_with_those_near_it(call):
    done = call("road_length_share")
    assert done.exit_code == 2
    assert "road_length_coverage_share" in done.output
    assert "lists all" in call("?").output
