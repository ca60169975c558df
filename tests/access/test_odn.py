"""The design of a tile: every home accounted for, prices and plant move it one way, trenches are dug once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.sparse import coo_array

from sim.access.bill import CONNECT
from sim.access.design import DUCT, POLES
from sim.access.odn import design_tile
from sim.access.optics import REASONS
from sim.access.options import OdnOptions, stages_of
from sim.access.tile import Streets, Tile
from sim.tables.plan import ITEMS
from tests.access.conftest import FIELDS, town, village


def tiles():
    """Tiles of several patterns: scattered, dense, shared buildings, buildings of a few homes."""
    mixed = town(150, seed=4)
    homes = np.random.default_rng(1).choice([1, 1, 1, 2, 4, 24], 150)
    return [
        village(150, seed=1),
        town(200, seed=2),
        town(30, homes=18, floors=6, seed=3, columns=5, rows=4),
        replace(mixed, homes=homes, floors=np.where(homes > 4, 6, 1), built_up=True),
    ]


def with_plant(tile, share, seed, field="duct"):
    """The tile with plant along a random share of its streets; larger shares hold the smaller."""
    draw = np.random.default_rng(seed).uniform(size=len(tile.streets.edges))
    return replace(tile, streets=replace(tile.streets, **{field: draw < share}))


def scaled(tile, factor):
    streets = tile.streets
    return replace(
        tile,
        building_m=tile.building_m * factor,
        entry_m=tile.entry_m * factor,
        streets=replace(streets, node_m=streets.node_m * factor, length_m=streets.length_m * factor),
    )


def all_in(design):
    return design.yuan + design.connect_yuan


@pytest.mark.parametrize("tile", tiles(), ids=lambda tile: f"{tile.name}-{tile.home_count}")
def test_every_home_is_there_once_and_served_or_has_a_reason(tile, options):
    found = design_tile(tile, options)
    homes = found.homes
    assert np.bincount(homes.building, minlength=len(tile.homes)).tolist() == tile.homes.tolist()
    assert ((homes.reason == 0) == (homes.box >= 0)).all()
    assert found.passed + sum(homes.reasons().values()) == tile.home_count
    assert found.passed == tile.home_count
    table = found.homes_table()
    assert len(table) == tile.home_count
    assert (table["reason"] == "").all()


@pytest.mark.parametrize("tile", tiles(), ids=lambda tile: f"{tile.name}-{tile.home_count}")
def test_parts_fit_together(tile, options):
    found = design_tile(tile, options)
    homes, boxes, cabinets = found.homes, found.boxes, found.cabinets
    stages = stages_of(found.split)
    assert (np.bincount(homes.box, minlength=len(boxes.homes)) == boxes.homes).all()
    assert (boxes.ports <= boxes.size).all()
    assert (boxes.ports >= options.ports_per_home * boxes.homes - 1e-9).all()
    assert found.ports < options.ports_per_home * tile.home_count + len(boxes.homes)
    assert (cabinets.fibres <= cabinets.size).all()
    assert cabinets.splitters.sum() == found.line_ports == found.bill.quantity("line terminal port ")
    assert (cabinets.splitters * stages[0] >= cabinets.fibres).all()
    assert homes.drop_m[tile.homes[homes.building] == 1].max(initial=0.0) <= options.longest_drop + 1e-6
    behind = np.bincount(homes.port, minlength=found.line_ports)
    most = np.prod(stages) / options.ports_per_home
    assert behind.max() <= most + stages[0]
    assert found.quality.bound_m <= found.quality.drop_m
    assert found.bill.quantity("cable hung on ") + found.bill.quantity("cable pulled ") == pytest.approx(
        found.bill.quantity("cable of ")
    )
    assert set(found.bill.by_item()) <= set(ITEMS)
    assert sum(found.bill.by_item().values()) == pytest.approx(found.yuan)


def test_fibre_to_a_home_is_the_way_along_the_routes(options):
    """Independent of the tree's own distances: shortest ways over the routes of the design."""
    from scipy.sparse.csgraph import dijkstra

    tile = town(120, seed=5)
    found = design_tile(tile, options)
    routes = found.routes
    points = np.concatenate([routes.from_m, routes.to_m, found.boxes.point_m, found.cabinets.point_m])
    _, node = np.unique(np.round(points, 6), axis=0, return_inverse=True)
    node = node.ravel()
    count, stretches, boxes = node.max() + 1, len(routes.length_m), len(found.boxes.homes)
    graph = coo_array(
        (routes.length_m, (node[:stretches], node[stretches : 2 * stretches])), shape=(count, count)
    )
    box, cabinet = np.split(node[2 * stretches :], [boxes])
    entry = node[np.hypot(*(points - tile.entry_m).T).argmin()]
    metres = dijkstra(graph.tocsr(), directed=False)
    home_box = found.homes.box
    home_cabinet = found.boxes.cabinet[home_box]
    along = metres[entry, cabinet[home_cabinet]] + metres[cabinet[home_cabinet], box[home_box]]
    assert found.homes.fibre_m == pytest.approx(tile.upstream_m + along + found.homes.drop_m)
    # a tree: one stretch fewer than nodes it touches, and whatever flows is carried
    assert len(np.unique(node[: 2 * stretches])) == stretches + 1
    assert routes.feeder.sum() > 0
    assert (routes.distribution + routes.drops + routes.feeder > 0).all()


def test_one_street_by_hand(options):
    """Three homes 100 m apart on one street with the entry at its end: one box in their middle."""
    streets = Streets(
        np.array([[0.0, 0.0], [400.0, 0.0]]),
        np.array([[0, 1]]),
        np.array([400.0]),
        np.array([False]),
        np.array([False]),
    )
    one = np.ones(3, dtype=np.int64)
    tile = Tile("street", np.array([[100.0, 5], [200, 5], [300, 5]]), one, one, streets, np.zeros(2), 1000.0)
    found = design_tile(tile, options)
    assert found.route_m == pytest.approx(300.0)  # nobody lives on the last 100 m
    assert found.boxes.point_m == pytest.approx(np.array([[200.0, 0.0]]))
    assert found.homes.drop_m == pytest.approx([105, 5, 105])
    assert found.homes.fibre_m == pytest.approx([1305, 1205, 1305])
    assert found.ports == 3  # 0.7 x 3 rounded up
    assert found.line_ports == 1
    assert found.bill.quantity("new poles") == pytest.approx(300.0)
    assert found.bill.quantity("cable of 4 fibres") == pytest.approx(200.0)  # drops alone hang on the rest
    assert found.bill.quantity("drop cable") == pytest.approx(215.0)
    assert found.quality.drop_m == pytest.approx(215.0)
    fixed = sum(options.splitter_loss[stage] for stage in stages_of(found.split)) + 2.8
    assert found.homes.loss_up_db == pytest.approx(fixed + np.array([1.305, 1.205, 1.305]) * 0.35)
    # a socket hears most before ageing: that loss decides about attenuators
    assert (found.homes.too_near == (found.homes.loss_down_db - 1.0 < 13.0)).all()


def test_shared_buildings_have_boxes_and_risers(options):
    tile = town(10, homes=36, floors=6, columns=3, rows=3)
    found = design_tile(tile, options)
    assert found.bill.quantity("riser") == pytest.approx(10 * 6 * 3.0)
    assert found.bill.quantity("floor box") == 60
    assert found.quality.ratio == 1.0
    assert found.homes.drop_m.max() == pytest.approx(5 * 3.0)
    of_building = [
        np.unique(found.homes.building[found.homes.box == box]) for box in range(len(found.boxes.homes))
    ]
    assert all(len(rows) == 1 for rows in of_building)


def test_the_cheapest_of_all_that_serve_most_is_chosen_and_ties_are_said(options):
    tile = town(60, seed=6)
    found = design_tile(tile, options)
    assert {one.split for one in found.compared} == {"8x8", "4x16", "32", "64"}
    chosen = [one for one in found.compared if one.chosen]
    assert len(chosen) == 1
    assert chosen[0].split == found.split
    most = max(one.served for one in found.compared)
    assert chosen[0].served == most
    assert chosen[0].yuan == min(one.yuan for one in found.compared if one.served == most)
    assert chosen[0].yuan == pytest.approx(all_in(found))
    free = options.model_copy(
        update={"splitter_price": dict.fromkeys(options.splitter_price, 0.0), "splits": ("32", "64")}
        | {
            "optics": {
                name: one.model_copy(update={"port_price": 0.0}) for name, one in options.optics.items()
            }
        }
        | {"splice_price": 0.0, "spare_fibres": 0.0}
    )
    tied = design_tile(replace(tile, upstream_m=100.0), free).compared
    assert any(one.tie for one in tied)


@pytest.mark.parametrize(
    ("split", "changes"),
    [
        ("8x8", {"splitter_price": {4: 9e5, 8: 1.0, 16: 9e5, 32: 9e5, 64: 9e5}}),
        ("4x16", {"splitter_price": {4: 1.0, 8: 9e5, 16: 1.0, 32: 9e5, 64: 9e5}}),
        ("32", {"splitter_price": {4: 9e5, 8: 9e5, 16: 9e5, 32: 1.0, 64: 9e5}}),
        ("64", {"splitter_price": {4: 9e5, 8: 9e5, 16: 9e5, 32: 9e5, 64: 1.0}}),
    ],
)
def test_any_split_can_win(split, changes, options):
    assert design_tile(town(100, seed=7), options.model_copy(update=changes)).split == split


def test_long_feeders_take_smaller_splits_or_better_optics(options):
    """At 20 km only 1:32 stays within 28 dB: 17 + 2.8 + 1 + 7 dB."""
    tile = replace(town(40, seed=8, columns=4, rows=4), upstream_m=19_000.0)
    found = design_tile(tile, options.model_copy(update={"offered": ("B+",)}))
    assert found.split == "32"
    assert found.passed == 40


def test_homes_out_of_reach_are_listed_and_nothing_is_built_to_them_alone(options):
    """Homes at the far end of a long lane are beyond the budget: they are named, the lane is not built."""
    near, far = town(40, seed=9, columns=4, rows=4), 30_000.0
    streets = near.streets
    nodes = np.concatenate([streets.node_m, [[far, 0.0]]])
    lane = Streets(
        nodes,
        np.concatenate([streets.edges, [[3, len(nodes) - 1]]]),
        np.append(streets.length_m, far - 180.0),
        np.append(streets.duct, False),
        np.append(streets.poles, False),
    )
    tile = replace(
        near,
        building_m=np.concatenate([near.building_m, [[far - 50.0, 5.0], [far - 20.0, 5.0]]]),
        homes=np.append(near.homes, [1, 1]),
        floors=np.append(near.floors, [1, 1]),
        streets=lane,
    )
    found = design_tile(tile, options.model_copy(update={"offered": ("B+",)}))
    assert found.passed == 40
    assert found.homes.reasons() == {REASONS[1]: 2}
    assert found.homes.box[-2:].tolist() == [-1, -1]
    assert found.homes.fibre_m[-2:].min() > 30_000
    assert (found.homes.margin_db["B+"][-2:] < 0).all()
    assert found.route_m < 3000
    alone = design_tile(near, options.model_copy(update={"offered": ("B+",)}))
    assert all_in(found) == pytest.approx(all_in(alone))


def test_all_homes_out_of_reach(options):
    found = design_tile(replace(town(20), upstream_m=80_000.0), options)
    assert found.passed == 0
    assert found.homes.reasons() == {REASONS[2]: 20}


def test_no_home_at_all(options):
    tile = town(3, homes=0)
    found = design_tile(tile, options)
    assert found.passed == found.ports == found.line_ports == 0
    assert found.yuan == found.route_m == 0
    assert len(found.homes_table()) == 0


def test_one_home(options):
    found = design_tile(town(1, seed=3), options)
    assert found.passed == found.ports == found.line_ports == 1


def test_buildings_on_one_spot(options):
    """Sixty homes at one point: as many boxes as are needed, at the same vertex."""
    tile = town(60)
    found = design_tile(replace(tile, building_m=np.full((60, 2), 100.0)), options)
    assert found.passed == 60
    assert found.quality.ratio == pytest.approx(1.0)


def test_streets_in_pieces_and_homes_without_streets_are_served_and_listed(options):
    tile = village(80, seed=5)
    cut = np.ones(len(tile.streets.edges), dtype=bool)
    cut[::4] = False
    streets = Streets(
        *(
            getattr(tile.streets, name)[cut] if name != "node_m" else tile.streets.node_m
            for name in ("node_m", "edges", "length_m", "duct", "poles")
        )
    )
    found = design_tile(replace(tile, streets=streets), options)
    assert found.passed == 80
    assert any("separate pieces" in repair.what for repair in found.repairs)
    none = np.zeros(0, dtype=bool)
    bare = Streets(np.zeros((0, 2)), np.zeros((0, 2), dtype=np.int64), np.zeros(0), none, none)
    found = design_tile(replace(tile, streets=bare), options)
    assert found.passed == 80
    assert any("no streets" in repair.what for repair in found.repairs)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("field", ["duct", "poles"])
def test_more_plant_never_costs_more_or_digs_more(number, field, options):
    tile = tiles()[number]
    for changes in ({}, {"new_poles": False}):
        given = options.model_copy(update=changes)
        designs = [
            design_tile(with_plant(tile, share, number, field), given) for share in (0.0, 0.2, 0.5, 1.0)
        ]
        prices, dug = [all_in(one) for one in designs], [one.dug_m for one in designs]
        assert prices == sorted(prices, reverse=True)
        assert dug == sorted(dug, reverse=True)
        assert prices[-1] < prices[0]
        assert len({round(one.route_m, 6) for one in designs}) == 1
        assert designs[-1].routes.metres(DUCT if field == "duct" else POLES) > 0


PRICES = sorted(name for name in FIELDS if name.endswith("_price"))


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("factor", [1.5, 3.0])
def test_no_price_that_rises_makes_the_network_cheaper(number, factor, options):
    tile = with_plant(tiles()[number], 0.3, 1)
    before = all_in(design_tile(tile, options))
    for name in PRICES:
        value = getattr(options, name)
        sizes = [None] if isinstance(value, float) else list(value)
        for size in sizes:
            dearer = value * factor if size is None else value | {size: value[size] * factor}
            after = all_in(design_tile(tile, options.model_copy(update={name: dearer})))
            assert after >= before - 1e-6, (name, size)
    for name, one in options.optics.items():
        dearer = options.optics | {name: one.model_copy(update={"port_price": one.port_price * factor})}
        assert all_in(design_tile(tile, options.model_copy(update={"optics": dearer}))) >= before - 1e-6


@pytest.mark.parametrize("number", range(4))
def test_denser_never_takes_more_metres_a_home(number, options):
    tile = tiles()[number]
    designs = [design_tile(scaled(tile, factor), options) for factor in (1.0, 0.8, 0.6, 0.4)]
    routes = [one.route_m for one in designs]
    assert routes == sorted(routes, reverse=True)
    assert all_in(designs[-1]) < all_in(designs[0])


def test_pavement_is_dug_where_land_is_built_up(options):
    tile = town(60, seed=2)
    rural, urban = (design_tile(replace(tile, built_up=flag), options) for flag in (False, True))
    assert rural.dug_m == 0  # poles are cheaper
    assert urban.dug_m == pytest.approx(urban.route_m)
    assert urban.bill.quantity("trench through pavement") == pytest.approx(urban.dug_m)
    assert urban.yuan > rural.yuan


def test_twice_is_the_same(options):
    for tile in tiles():
        one, other = design_tile(tile, options), design_tile(tile, options)
        assert one.bill == other.bill
        assert one.compared == other.compared
        assert (one.homes.box == other.homes.box).all()


def test_a_village_costs_what_programmes_paid(options):
    """Some 400 homes: within the range of village programmes less the feeder, which is built outside."""
    found = design_tile(village(400), options)
    assert 100_000 < found.yuan < 320_000
    assert 0.6 < found.ports / found.passed < 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"splits": ["2x8"]}, "2x8 needs the splitter_loss of 1:2"),
        ({"splits": ["16x4"]}, "box of 4 ports"),
        ({"offered": ["A"]}, "optics has no A"),
        ({"longest_lead_in": 200.0, "longest_drop": 300.0}, "at most half"),
        ({"splits": ["x8"]}, "splits"),
        ({"cabinet_price": {4: 100.0}}, "smallest cabinet"),
    ],
)
def test_options_that_cannot_be_built_are_refused(changes, message, options):
    with pytest.raises(ValidationError, match=message):
        OdnOptions.model_validate(options.model_dump() | changes)


def test_connecting_is_paid_apart(options):
    found = design_tile(town(50, seed=1), options)
    assert found.bill.yuan(CONNECT) == pytest.approx(found.connect_yuan)
    assert found.bill.quantity("drop") == found.ports
