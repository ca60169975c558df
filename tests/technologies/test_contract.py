"""What every technology keeps to; the registry is the list, so that a newcomer is tested at once."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.files import write_parquet
from sim.parameters import Quantity
from sim.tables.plan import (
    ASSETS,
    BEHIND_ACCESS,
    CANDIDATES,
    CAPACITY,
    FIXED,
    NEEDED,
    SERVICE,
    SKILLS,
    TELEVISION,
    TRANSPORT,
    USES,
)
from sim.technologies import TECHNOLOGIES
from tests.world import load, prepare, price_fen, world

TABLES = {"candidates": CANDIDATES, "assets": ASSETS, "needed": NEEDED, "service": SERVICE}
STRENGTH = ("Mbps", "Gbps", "dBm", "dBi")
"""Units of rates, powers and gains: more of them never serves fewer."""
TAKEN = {
    ("satellite", "committed_rate"),
    ("fwa", "committed_rate"),
    *((name, "received_threshold") for name in ("gsm", "umts", "lte", "nr")),
}
"""Fields in such units that state what one user takes or asks, not what the network gives."""
NAMES = sorted(TECHNOLOGIES)

every = pytest.mark.parametrize("name", NAMES)


def units(kind):
    """Return the unit of each field that is a quantity."""
    return {
        field: mark.unit
        for field, info in kind.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, Quantity)
    }


def price_fields(name):
    return [field for field, unit in units(TECHNOLOGIES[name]).items() if unit.startswith("yuan")]


def raised(technology, fields, factor=1.1):
    return technology.model_copy(update={field: getattr(technology, field) * factor for field in fields})


def cases():
    """Return areas with demands: as they are, and without a standing site but with much traffic.

    So every way of building occurs, for coverage and for load.
    """
    area, demand = world().area, world().prepared.demand
    half = np.full_like(demand.lte_ready, 0.5)
    busy = replace(
        demand,
        mobile_busy_mbps=demand.mobile_busy_mbps * 200,
        fixed_busy_mbps=demand.fixed_busy_mbps * 50,
        lte_ready=half,
        nr_ready=half,
    )
    bare = replace(area, locations=area.locations.assign(standing=False))
    masts = replace(area, locations=area.locations.assign(standing=False, kind="mast"))
    return (area, demand), (bare, busy), (masts, demand)


def money(technology, area, demand):
    """Return all that the technology asks: projects, assets, running cost and a connection [fen].

    By name, because dearer masts may stand elsewhere.
    """
    plant = world().plant_of_others(technology)
    proposal = technology.propose(area, demand, plant, world().loaded.scenario.clock)
    projects, assets = proposal.candidates, proposal.assets
    return {
        "projects": pd.Series(price_fen(projects), index=projects["project_id"].to_numpy()),
        "assets": pd.Series(price_fen(assets), index=assets["asset_id"].to_numpy()),
        "running": projects.set_index("project_id")["opex_fen_per_year"],
        "connection": pd.Series([round(technology.connect_yuan() * 100)]),
    }


def licensed(technology):
    """Return a technology whose every carrier may be used from the start."""
    if not hasattr(technology, "carriers"):
        return technology
    early = {
        name: c.model_copy(update={"available_from": "2001-01"}) for name, c in technology.carriers.items()
    }
    return technology.model_copy(update={"carriers": early})


def compare(before, after, part):
    """Return the amounts of what is there both before and after."""
    both = before[part].index.intersection(after[part].index)
    return before[part][both].to_numpy(), after[part][both].to_numpy()


def served(technology):
    service = world().propose(technology).service
    column = "point" if (service["point"] >= 0).any() else "zone"
    return set(service[column])


def test_the_world_has_every_technology():
    assert sorted(world().technologies) == NAMES, "scenarios/base.yaml must give every technology its rows"
    for name in NAMES:
        assert len(world().propose(name).candidates) > 0, f"nothing to test: {name} proposes nothing here"


@every
def test_it_says_what_it_is(name):
    kind = TECHNOLOGIES[name]
    assert kind.name == name
    assert kind.use in USES
    assert set(kind.reacts_to) <= set(TECHNOLOGIES)
    assert len((kind.__doc__ or "").strip()) > 10


@every
def test_every_field_is_described_with_its_unit(name):
    kind = TECHNOLOGIES[name]
    for field, info in kind.model_fields.items():
        said = re.search(r"\[([^\]]+)\]\.?$", (info.description or "").strip())
        assert said, f"{name}.{field}: the description must end with [unit]"
        unit = units(kind).get(field)
        if unit is not None:
            assert said[1].replace("bit/s", "bps") in (unit, unit.replace("bit/s", "bps")), f"{name}.{field}"


@every
def test_no_sourced_number_has_a_default(name):
    kind = TECHNOLOGIES[name]
    assert [field for field in units(kind) if not kind.model_fields[field].is_required()] == []


@every
def test_tables_keep_their_contracts(name):
    proposal = world().propose(name)
    for table, contract in TABLES.items():
        contract.check(getattr(proposal, table))


@every
def test_candidates_are_its_own_and_stand_in_the_area(name):
    area, candidates = world().area, world().propose(name).candidates
    assert candidates["project_id"].str.startswith(f"{name}:").all()
    assert (candidates["technology"] == name).all()
    own = TECHNOLOGIES[name].use
    beside = {TRANSPORT: BEHIND_ACCESS, FIXED: (TELEVISION,)}
    assert set(candidates["use"]) <= {own, CAPACITY, *beside.get(own, ())}
    assert (candidates["zone"] < area.n_zones).all()
    assert (candidates["location"] < len(area.locations)).all()
    placed = candidates[candidates["location"] >= 0]
    assert (area.locations["zone"].to_numpy()[placed["location"]] == placed["zone"]).all()
    month = world().loaded.scenario.clock.index(world().technologies[name].available_from)
    assert (candidates["available_month"] >= month).all()
    assert candidates["available_month"].min() == month
    assert set(candidates["requires"]) - set(candidates["project_id"]) <= {""}


@every
def test_service_names_only_own_candidates(name):
    area, proposal = world().area, world().propose(name)
    service = proposal.service
    assert set(service["project_id"]) <= set(proposal.candidates["project_id"])
    assert (proposal.service_owner >= 0).all()
    assert (service["zone"] < area.n_zones).all()
    assert (service["point"] < area.n_points).all()
    points = service[service["point"] >= 0]
    assert (area.points["zone"].to_numpy()[points["point"]] == points["zone"]).all()
    assert (service["peak_mbps"] > 0).all()
    assert (service["capacity_mbps"] > 0).all()


@every
def test_assets_are_needed_by_own_candidates(name):
    proposal = world().propose(name)
    assert set(proposal.needed["project_id"]) <= set(proposal.candidates["project_id"])
    assert set(proposal.needed["asset_id"]) == set(proposal.assets["asset_id"])


@every
def test_prices_follow_the_prices_given(name):
    technology = world().technologies[name]
    fields = price_fields(name)
    assert fields, "a technology without a price is free"
    for case in cases():
        before, after = money(technology, *case), money(raised(technology, fields), *case)
        for part, amounts in before.items():
            assert len(compare(before, after, part)[0]) == len(amounts), "every price rose alike"
            assert np.less_equal(*compare(before, after, part)).all(), part
        assert np.less(*compare(before, after, "projects")).all()
        assert after["projects"].sum() == pytest.approx(1.1 * before["projects"].sum(), rel=1e-6)


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in NAMES for field in price_fields(name)])
def test_every_price_matters(name, field):
    technology = licensed(world().technologies[name])
    dearer = raised(technology, [field])
    total = 0
    for case in cases():
        before, after = money(technology, *case), money(dearer, *case)
        pairs = [compare(before, after, part) for part in before]
        assert all((later >= sooner).all() for sooner, later in pairs)
        total += sum(int((later - sooner).sum()) for sooner, later in pairs)
    assert total > 0, f"{name}.{field} changes no price"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, field)
        for name in NAMES
        for field, unit in units(TECHNOLOGIES[name]).items()
        if unit in STRENGTH and (name, field) not in TAKEN
    ],
)
def test_a_stronger_network_never_serves_fewer(name, field):
    technology = world().technologies[name]
    unit, value = units(TECHNOLOGIES[name])[field], getattr(technology, field)
    before, rate = served(technology), technology.unit_mbps() or 0.0
    for step in (1, 3, 6):
        stronger = value + step if unit.startswith("dB") else value * (1 + step / 2)
        changed = technology.model_copy(update={field: stronger})
        assert len(served(changed)) >= len(before), f"{field} {value:g} to {stronger:g}"
        assert (changed.unit_mbps() or 0.0) >= rate


@every
def test_tasks_can_be_built(name):
    technology = world().technologies[name]
    for row in world().propose(name).candidates.to_dict("records"):
        tasks = technology.tasks(row)
        assert tasks
        assert sum(task.share for task in tasks) == pytest.approx(1.0, abs=1e-9)
        assert len({task.name for task in tasks}) == len(tasks)
        for task in tasks:
            assert task.days >= 0
            assert math.isfinite(task.days)
            assert task.skill in ("", *SKILLS)
            assert 0 <= task.share <= 1
            assert task.sigma >= 0
            assert task.stream or not task.sigma
        assert any(task.skill for task in tasks), "somebody must build it"


@every
def test_same_area_same_bytes(name, tmp_path):
    again = prepare(load())
    first = world().propose(name)
    second = world().propose(world().technologies[name], again.area)
    for table in TABLES:
        paths = [tmp_path / f"{table}.{turn}" for turn in (1, 2)]
        write_parquet(paths[0], getattr(first, table))
        write_parquet(paths[1], getattr(second, table))
        assert paths[0].read_bytes() == paths[1].read_bytes(), table


@every
def test_proposals_do_not_change_what_they_are_asked_about(name):
    area = world().area
    before = {part: getattr(area, part).copy() for part in ("zones", "points", "places", "locations")}
    world().propose(name)
    for part, frame in before.items():
        assert getattr(area, part).equals(frame), part
