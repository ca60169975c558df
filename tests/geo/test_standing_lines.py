"""Cable television and copper of month 0: shares known then, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from sim.geo.loops import copper_lines
from sim.geo.standing import infer_standing
from sim.geo.standing_lines import CableStanding, first_homes, infer_lines
from sim.tables.layers import CATV, CATV_DIGITAL
from tests.world import world


@pytest.fixture
def area():
    return world().area


@pytest.fixture
def options():
    return world().loaded.scenario.standing


def lines(area, options):
    return {line.technology: line for line in infer_lines(area, options)}


def homes(area):
    return area.zones["homes_2010"].to_numpy().astype(float)


def test_cable_television_stands_in_towns_and_the_nearest_villages(area, options):
    share, cable = lines(area, options)[CATV].share, options.cable
    kind, route = area.zones["kind"].to_numpy(), area.zones["pop_route_m"].to_numpy()
    assert (share[kind == "city"] == cable.homes_city).all()
    assert (share[kind == "town"] == cable.homes_town).all()
    village = np.flatnonzero(kind == "village")
    served = village[share[village] > 0]
    assert len(served) == round(cable.villages * len(village))
    assert (share[served] == cable.homes_village).all()
    assert route[served].max() <= route[np.setdiff1d(village, served)].min()


def test_digital_and_two_way_homes_are_the_shares_of_cable_homes(area, options):
    found = lines(area, options)
    every = found[CATV].share @ homes(area)
    assert found[CATV_DIGITAL].share @ homes(area) == pytest.approx(options.cable.digital * every)
    in_towns = (found[CATV].share * area.urban) @ homes(area)
    both = min(options.cable.two_way * every, in_towns)
    assert found["cable"].share @ homes(area) == pytest.approx(both)
    assert (found["cable"].share <= found[CATV_DIGITAL].share + 1e-12).all()
    assert (found[CATV_DIGITAL].share <= found[CATV].share + 1e-12).all()
    assert (found["cable"].share[~area.urban] == 0).all(), "two-way plant began in towns"


def test_a_small_two_way_share_is_met_exactly(area, options):
    cable = options.cable.model_copy(update={"two_way": 0.1})
    found = lines(area, options.model_copy(update={"cable": cable}))
    every = found[CATV].share @ homes(area)
    assert found["cable"].share @ homes(area) == pytest.approx(0.1 * every)


def test_towns_come_before_villages_with_digital_television(area, options):
    found = lines(area, options)
    town = area.urban & (found[CATV].share > 0)
    assert found[CATV_DIGITAL].share[town] == pytest.approx(found[CATV].share[town])


def test_the_densest_zones_come_first(area):
    count = homes(area)
    share = first_homes(area, count, 0.3 * count[area.urban].sum(), 1.0)
    dense = area.zones["population_2010"].to_numpy() / area.zones["area_km2"].to_numpy()
    assert share @ count == pytest.approx(0.3 * count[area.urban].sum())
    town = np.flatnonzero(area.zones["kind"].to_numpy() == "town")
    whole, none = town[share[town] == 1], town[share[town] == 0]
    assert dense[whole].min() >= dense[none].max()


def test_more_two_way_than_digital_is_refused(options):
    with pytest.raises(ValidationError, match="two_way is above digital"):
        CableStanding.model_validate(options.cable.model_dump() | {"two_way": 0.9})


def test_without_cable_none_stands(area, options):
    found = infer_standing(area, options.model_copy(update={"cable": None}))
    assert set(found.table["technology"]) == {"dsl", "ftth"}
    assert "cable" not in found.modelled


def test_copper_is_as_fast_as_its_loops_and_no_faster_than_what_is_sold(area, options):
    line = lines(area, options)["dsl"]
    borne, within = copper_lines(area, options.copper)
    village = ~area.urban
    assert (line.mbps[village] == np.minimum(borne, options.dsl_capability)[village]).all()
    assert (line.mbps[~village] == np.minimum(borne, options.dsl_capability_urban)[~village]).all()
    assert (line.share[~village] == within[~village]).all()
    served = village & (line.share > 0)
    assert line.share[served] == pytest.approx((options.dsl_village_homes * within)[served])
