"""What stands in month 0 by rule: ranks and shares worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.spatial import cKDTree

from sim.geo.standing import FIXED_STANDING, RADIO_STANDING, StandingOptions, infer_standing
from sim.geo.starting import _draws, _ground
from sim.tables.layers import SECTORS, STANDING
from tests.world import world


@pytest.fixture
def area():
    return world().area


@pytest.fixture
def options():
    return world().loaded.scenario.standing


def infer(area, options, **changes):
    return infer_standing(area, options.model_copy(update=changes))


def shares(area, found, technology):
    part = found.table[found.table["technology"] == technology]
    share = np.zeros(area.n_zones)
    share[part["zone"]] = part["homes_share"]
    return share


def test_the_table_keeps_its_contract(area, options):
    found = infer(area, options)
    STANDING.check(found.table)
    assert set(found.table["technology"]) <= set(FIXED_STANDING)
    assert set(found.site_locations) <= set(RADIO_STANDING)
    assert found.modelled == {*FIXED_STANDING, "gsm", "umts", "lte"}
    assert not found.subscribers


def test_copper_stands_in_every_town_and_in_the_villages_nearest_to_a_point_of_presence(area, options):
    share = shares(area, infer(area, options), "dsl")
    villages = np.flatnonzero(~area.urban)
    assert (share[area.urban] == 1).all()
    served = villages[share[villages] > 0]
    assert len(served) == round(options.dsl_villages * len(villages))
    assert share[served] == pytest.approx(options.dsl_village_homes)
    route = area.zones["pop_route_m"].to_numpy()
    missed = np.setdiff1d(villages, served)
    assert route[served].max() <= route[missed].min()


def test_fibre_passes_its_share_of_homes_cities_first(area, options):
    found = infer(area, options, ftth_villages=0.0)
    share = shares(area, found, "ftth")
    homes = area.zones["homes_2010"].to_numpy()
    urban_share = homes[area.urban].sum() / homes.sum()
    wanted = min(options.ftth_homes, urban_share)
    assert (share * homes).sum() / homes.sum() == pytest.approx(wanted, abs=1e-6)
    kinds = area.zones["kind"].to_numpy()
    if (share[kinds == "town"] > 0).any():
        assert (share[kinds == "city"] == 1).all()
    assert ((share > 0) & (share < 1)).sum() <= 1, "one zone is passed in part"


def test_villages_with_fibre_are_counted(area, options):
    share = shares(area, infer(area, options, ftth_villages=0.2), "ftth")
    assert (share[~area.urban] == 1).sum() == round(0.2 * (~area.urban).sum())


def test_3g_covers_the_densest_zones_until_its_share_of_people(area, options):
    found = infer(area, options, umts_population=0.5)
    people = area.zones["population_2010"].to_numpy()
    covered = np.zeros(area.n_zones, dtype=bool)
    covered[area.points["zone"].to_numpy()[found.covered_points["umts"]]] = True
    total = people[covered].sum() / people.sum()
    assert 0.5 <= total < 0.5 + people.max() / people.sum()
    dense = people / area.zones["area_km2"].to_numpy()
    assert dense[covered].min() >= dense[~covered].max() - 1e-3
    sites = area.locations["zone"].to_numpy()[found.site_locations["umts"]]
    assert set(sites) <= set(np.flatnonzero(covered)), "no site where the technology is not"


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nothing_and_all(area, options, share):
    changes = {f"{name}_population": share for name in ("gsm", "umts", "lte")}
    changes |= {f"{name}_base_stations": 1e6 for name in ("gsm", "umts", "lte")}
    found = infer(area, options, ftth_homes=share, **changes)
    for name in ("umts", "lte"):
        assert found.covered_points[name].mean() == share
    for name in ("gsm", "umts", "lte"):
        assert len(found.site_locations[name]) == share * len(area.locations), "a location holds a layer once"


def layers_of(found, technology):
    """Return the locations of each operator and band."""
    part = found.sectors[found.sectors["technology"] == technology]
    return {key: np.unique(rows["location"]) for key, rows in part.groupby(["operator", "band"], sort=True)}


def test_base_stations_are_counted_exactly_layer_by_layer(area, options):
    found = infer(area, options, gsm_base_stations=4.0)
    people = area.zones["population_2010"].sum()
    wanted = round(4.0 * people / 10_000)
    layers = layers_of(found, "gsm")
    assert sum(map(len, layers.values())) == wanted
    for layer in options.layers.values():
        if layer.technology == "gsm":
            count = len(layers.get((layer.operator, layer.band), ()))
            assert count == pytest.approx(layer.share * wanted, abs=1)
    assert f"{wanted} base stations" in found.notices["gsm"]
    assert "each at a location" in found.notices["gsm"]


def test_base_stations_beyond_the_locations_share_them_and_it_is_said(area, options):
    found = infer(area, options, gsm_base_stations=1e6, gsm_population=1.0)
    assert all(len(rows) == len(area.locations) for rows in layers_of(found, "gsm").values())
    assert "share them" in found.notices["gsm"]


def test_every_site_has_its_sectors_evenly_turned_by_its_own_rotation(area, options):
    found = infer(area, options)
    SECTORS.check(found.sectors)
    assert found.sectors["downtilt_deg"].isna().all()
    assert not found.sectors["from_table"].any()
    first = {}
    for (location, _, _, _), rows in found.sectors.groupby(["location", "technology", "operator", "band"]):
        azimuth = np.sort(rows["azimuth_deg"].to_numpy())
        assert np.diff(azimuth) == pytest.approx([120.0, 120.0])
        assert first.setdefault(location, azimuth[0]) == azimuth[0], "one rotation for all layers of a site"
    assert len(set(first.values())) > 10
    other = infer(area, options, seed=2)
    assert (other.sectors["azimuth_deg"].to_numpy() != found.sectors["azimuth_deg"].to_numpy()).any()


def test_coverage_spreads_before_it_stacks_and_capacity_goes_where_people_are(area, options):
    layer = options.layers["gsm900_cmcc"].model_copy(update={"share": 1.0})
    sites = {}
    for purpose in ("coverage", "capacity"):
        layers = {"one": layer.model_copy(update={"purpose": purpose})}
        found = infer(area, options, layers=layers, gsm_base_stations=1.5, spread=0.0, gsm_population=1.0)
        sites[purpose] = found.site_locations["gsm"]
    assert len(sites["coverage"]) == len(sites["capacity"])
    people = area.zones["population_2010"].to_numpy()[area.locations["zone"].to_numpy()]
    assert people[sites["capacity"]].sum() > people[sites["coverage"]].sum()
    xy = area.locations[["x_m", "y_m"]].to_numpy()
    near = {
        name: np.hypot(*(xy[rows][:, None] - xy[rows][None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(rows))
        for name, rows in sites.items()
    }
    assert near["coverage"].min(axis=1).mean() > near["capacity"].min(axis=1).mean()


def test_roads_draw_sites(area, options):
    layer = options.layers["gsm900_cmcc"].model_copy(update={"share": 1.0, "purpose": "capacity"})
    chosen = [
        infer(area, options, layers={"one": layer}, gsm_base_stations=1.5, spread=0.0, road_weight=weight)
        for weight in (0.0, 1e6)
    ]
    assert set(chosen[0].site_locations["gsm"]) != set(chosen[1].site_locations["gsm"])


def test_towns_have_more_base_stations_a_resident(area, options):
    zone = area.locations["zone"].to_numpy()
    shares = []
    for ratio in (1.0, 3.0):
        found = infer(area, options, gsm_base_stations=3.0, urban_density_ratio=ratio)
        rows = np.concatenate(list(layers_of(found, "gsm").values()))
        shares.append(area.urban[zone[rows]].mean())
    assert shares[1] > shares[0]


def test_2g_reaches_nearly_everybody():
    """Plausibility on the made-up region with the shipped rows: 99 % of residents within 8 km of a site."""
    large = world(zones=400)
    found = infer_standing(large.area, large.loaded.scenario.standing)
    points = large.area.points
    sites = large.area.locations[["x_m", "y_m"]].to_numpy()[found.site_locations["gsm"]]
    distance, _ = cKDTree(sites).query(points[["x_m", "y_m"]].to_numpy())
    people = points["population"].to_numpy()
    assert (people * (distance < 8000)).sum() >= 0.99 * people.sum()


def test_a_county_has_the_same_luck_whichever_others_are_asked_for(area, options):
    ground = _ground(area, options)
    county = area.county_rows[area.locations["zone"].to_numpy()]
    keep = county == county[0]
    codes = area.counties["county"].to_numpy()[[county[0]]]
    part = SimpleNamespace(
        locations=area.locations[keep],
        counties=area.counties[area.counties["county"].isin(codes)],
        county_rows=np.zeros(area.n_zones, dtype=np.int64),
    )
    luck, turn = _draws(part, area.locations["zone"].to_numpy()[keep], options.seed)
    assert np.floor(360 * turn).tolist() == ground.rotation_deg[keep].tolist()
    assert len(luck) == keep.sum()


def given(options, **changes):
    return StandingOptions.model_validate(options.model_dump() | changes)


def test_layers_have_shares_and_fit_their_technology(options):
    layers = {name: layer.model_dump() for name, layer in options.layers.items()}
    assert given(options).layers == options.layers
    none = {name: layer | {"share": 0.0} for name, layer in layers.items() if layer["technology"] == "umts"}
    with pytest.raises(ValidationError, match="umts_base_stations needs a layer of umts with a share"):
        given(options, layers=layers | none)
    with pytest.raises(ValidationError, match="gsm does not use B39; it uses GSM900, GSM1800"):
        given(options, layers=layers | {"gsm900_cmcc": layers["gsm900_cmcc"] | {"band": "B39"}})
    with pytest.raises(ValidationError, match="'B99' is no band known here"):
        given(options, layers=layers | {"gsm900_cmcc": layers["gsm900_cmcc"] | {"band": "B99"}})
    with pytest.raises(ValidationError, match="lte_population needs lte_base_stations above 0"):
        given(options, lte_population=0.5, lte_base_stations=0.0)


def test_the_rule_is_repeatable(area, options):
    one, other = infer(area, options), infer(area, options)
    assert one.table.equals(other.table)
    assert one.sectors.equals(other.sectors)
    assert all((one.site_locations[name] == other.site_locations[name]).all() for name in one.site_locations)
