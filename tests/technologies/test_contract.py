"""What every technology keeps to; the registry is the list, so that a newcomer is tested at once."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from inspect import isclass
from types import NoneType
from typing import get_args, get_origin

import numpy as np
import pandas as pd
import pytest

from sim.files import write_parquet
from sim.options import Options
from sim.parameters import Quantity
from sim.rollout.options import FIELD_SKILLS
from sim.tables.plan import (
    ASSETS,
    BEHIND_ACCESS,
    CANDIDATES,
    CAPACITY,
    FIXED,
    NEEDED,
    PHASES,
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
OF_A_DESIGN = {("ftth", f"odn.{field}") for field in ("drop_price", "drop_cable_price", "attenuator_price")}
"""What connects one home in the design of a single zone; runs charge drop and terminal by home."""
NAMES = sorted(TECHNOLOGIES)

every = pytest.mark.parametrize("name", NAMES)


def optional(annotation):
    """Return what a field holds besides ``None``."""
    return next((part for part in get_args(annotation) if part is not NoneType), annotation)


def inner(info):
    """Return the options that a field holds and whether it names several of them, else ``None``."""
    if get_origin(info.annotation) is dict:
        value = get_args(info.annotation)[1]
        return (value, True) if isclass(value) and issubclass(value, Options) else None
    kind = info.annotation if isclass(info.annotation) else optional(info.annotation)
    return (kind, False) if isclass(kind) and issubclass(kind, Options) else None


def fields_of(kind, entries=False, prefix=""):
    """Return every field by its path, also in options that a field holds.

    With ``entries`` those of mappings are followed too; ``*`` stands for all of them.
    """
    found = {}
    for name, info in kind.model_fields.items():
        below, several = inner(info) or (None, False)
        if below is None or (several and not entries):
            found[prefix + name] = info
        else:
            found |= fields_of(below, entries, f"{prefix}{name}.{'*.' if several else ''}")
    return found


def quantity(info):
    """Return the unit of a field that is a quantity or a mapping to quantities, else ``None``."""
    marks = list(info.metadata)
    if get_origin(info.annotation) is dict:
        marks += getattr(get_args(info.annotation)[1], "__metadata__", ())
    return next((mark.unit for mark in marks if isinstance(mark, Quantity)), None)


def units(kind):
    """Return the unit of each field that is a quantity, by its path."""
    found = fields_of(kind, entries=True)
    return {path: unit for path, info in found.items() if (unit := quantity(info)) is not None}


def price_fields(name):
    found = [field for field, unit in units(TECHNOLOGIES[name]).items() if unit.startswith("yuan")]
    return [field for field in found if (name, field) not in OF_A_DESIGN]


def changed(options, path, change):
    """Return options with every number at a path changed."""
    name, _, rest = path.partition(".")
    value = options[name] if isinstance(options, dict) else getattr(options, name)
    if rest.startswith("*."):
        new = {key: changed(entry, rest[2:], change) for key, entry in value.items()}
    elif rest:
        new = changed(value, rest, change)
    elif isinstance(value, dict):
        new = {key: change(number) for key, number in value.items()}
    else:
        new = change(value)
    return options.model_copy(update={name: new})


def raised(technology, fields, factor=1.1):
    for field in fields:
        technology = changed(technology, field, lambda value: value * factor)
    return technology


def variants(technology, routed):
    """Return the technology, and one that must take its other way: microwave, trenches in the country."""
    found = [technology]
    if hasattr(technology, "backhaul_limit") and routed:
        found.append(technology.model_copy(update={"backhaul_limit": -1.0}))
    if hasattr(technology, "odn"):
        found.append(changed(technology, "odn.new_poles", lambda _: False))
    return found


def cases():
    """Return areas with demands: with some and more traffic, and without a standing site but with much.

    So every way of building occurs, for coverage and for load. The third of each says whether feeder
    routes are planned.
    """
    area, demand = world().area, world().prepared.demand
    half = np.full_like(demand.lte_ready, 0.5)
    busy = replace(
        demand,
        mobile_busy_mbps=demand.mobile_busy_mbps * 200,
        fixed_busy_mbps=demand.fixed_busy_mbps * 150,
        lte_ready=half,
        nr_ready=half,
    )
    bare = replace(area, locations=area.locations.assign(standing=False))
    masts = replace(area, locations=area.locations.assign(standing=False, kind="mast"))
    some, more = (
        replace(
            demand,
            fixed_busy_mbps=demand.fixed_busy_mbps * load,
            mobile_busy_mbps=demand.mobile_busy_mbps * load,
        )
        for load in (3, 15)
    )
    asked = (area, some), (bare, busy), (masts, more)
    return [(*case, routed) for case in asked for routed in (True, False)]


def money(technology, area, demand, routed, factor=1.0):
    """Return all that the technology asks: projects, assets, running cost and a connection [fen].

    By name, because dearer masts may stand elsewhere. ``factor`` is that of the price of feeder routes.
    """
    plant = world().plant_of_others(technology)
    routes = plant.routes if routed else None
    if routes is not None and factor != 1.0:
        more = {part: np.rint(getattr(routes, part) * factor) for part in ("passive_fen", "civil_fen")}
        routes = replace(routes, **{part: fen.astype(np.int64) for part, fen in more.items()})
    plant = replace(plant, routes=routes)
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
    for field, info in fields_of(kind).items():
        said = re.search(r"\[([^\]]+)\]\.?$", (info.description or "").strip())
        assert said, f"{name}.{field}: the description must end with [unit]"
        unit = units(kind).get(field)
        if unit is not None:
            assert said[1].replace("bit/s", "bps") in (unit, unit.replace("bit/s", "bps")), f"{name}.{field}"


@every
def test_no_sourced_number_has_a_default(name):
    kind = TECHNOLOGIES[name]
    found = {path: info for path, info in fields_of(kind).items() if quantity(info)}
    given = {path: info for path, info in found.items() if not info.is_required()}
    assert [path for path, info in given.items() if info.get_default(call_default_factory=True) != {}] == []


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
        before, after = money(technology, *case), money(raised(technology, fields), *case, 1.1)
        for part, amounts in before.items():
            assert len(compare(before, after, part)[0]) == len(amounts), "every price rose alike"
            assert np.less_equal(*compare(before, after, part)).all(), part
        assert np.less(*compare(before, after, "projects")).all()
        assert after["projects"].sum() == pytest.approx(1.1 * before["projects"].sum(), rel=1e-6)


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in NAMES for field in price_fields(name)])
def test_every_price_matters(name, field):
    total, licence = 0, licensed(world().technologies[name])
    asked = [(technology, case) for case in cases() for technology in variants(licence, case[-1])]
    for technology, case in asked:
        if total:
            break
        before, after = money(technology, *case), money(raised(technology, [field]), *case)
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
    unit = units(TECHNOLOGIES[name])[field]
    before, rate = served(technology), technology.unit_mbps() or 0.0
    for step in (1, 3, 6):
        more, factor = (step, 1.0) if unit.startswith("dB") else (0.0, 1 + step / 2)
        stronger = changed(technology, field, lambda value, a=factor, b=more: value * a + b)
        assert len(served(stronger)) >= len(before), f"{field} {unit} by {step}"
        assert (stronger.unit_mbps() or 0.0) >= rate


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
            assert task.phase in PHASES
        phases = [PHASES.index(task.phase) for task in tasks]
        assert phases == sorted(phases), "phases follow one another"
        assert PHASES[phases[-1]] == "test"
        assert "procure" in {task.phase for task in tasks}
        assert any(task.skill for task in tasks), "somebody must build it"
        assert {task.skill for task in tasks} & set(FIELD_SKILLS) <= set(technology.skills)


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
