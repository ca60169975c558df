import time

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import box

from sim.access.marginal import cheapest_first, marginal_prices
from sim.access.roadgraph import GRAIN_M, ROOT, neighbours, road_graph
from sim.access.routes import plan_routes
from sim.errors import DataError
from sim.tables.plan import ITEMS
from tests.access.small_area import OPTIONS, area, options, scattered

GRAIN = GRAIN_M + 1e-9


def plan(given, chosen=OPTIONS, standing=(), fibres=2, copper=()):
    """Return the routes of an area; ``standing`` and ``copper`` are rows of zones."""
    zones = np.arange(len(given.zones))
    return plan_routes(
        given, chosen, np.isin(zones, standing), np.full(len(zones), fibres), np.isin(zones, copper)
    )


def test_a_zone_by_a_road_goes_to_the_road_and_along_it():
    # 100 m to the road, 3,000 m of road, 200 m to the point of presence; straight would be 1.4 times 3,002 m
    given = area([(0, 100)], [(0, 3000, -200)], [(0, 1, -500, 0, 4000, 0)])
    routes = plan(given)
    assert routes.asset_id.tolist() == ["route:530101.0000"]
    assert routes.length_m == pytest.approx([1.4 * 300 + 3000], abs=GRAIN)
    assert routes.route_m == pytest.approx(routes.length_m)
    assert routes.pop.tolist() == [0]
    assert routes.corner_m == pytest.approx(np.array([(0, 100), (0, 0), (3000, 0), (3000, -200)]))
    assert routes.notices == ()


def test_the_price_of_a_segment_by_its_items():
    given = area([(0, 0)], [(0, 1000, 0)])
    open_country = plan(given)
    assert open_country.length_m.tolist() == [1400.0]
    assert open_country.fibres.tolist() == [3]  # two and a quarter of them, rounded up
    assert open_country.passive_fen.tolist() == [1400 * 200]
    assert open_country.civil_fen.tolist() == [1400 * (1200 + 400)]
    assert open_country.method.tolist() == ["new poles"]
    on_poles = plan(given, copper=[0])
    assert on_poles.civil_fen.tolist() == [1400 * 400]
    assert on_poles.method.tolist() == ["poles"]
    given.zones["kind"] = "town"
    in_town = plan(given, options(town_reach=2000.0))  # both ends lie in the town
    assert in_town.duct_m.tolist() == [1400.0]
    assert in_town.civil_fen.tolist() == [round(1400 * (0.75 * 9000 + 300))]
    assert in_town.method.tolist() == ["duct"]


def test_cables_are_dimensioned_for_everybody_behind():
    given = area([(0, 0), (1000, 0), (2000, 0)], [(0, 3000, 0)])
    routes = plan(given, fibres=40)
    by_zone = dict(zip(routes.asset_id, routes.fibres, strict=True))
    assert [by_zone[f"route:530101.000{row}"] for row in range(3)] == [50, 100, 150]
    cables = dict(zip(routes.asset_id, routes.cable_fibres, strict=True))
    assert [cables[f"route:530101.000{row}"] for row in range(3)] == [2 * 48, 3 * 48, 4 * 48]


def test_one_village_dug_lowers_the_price_of_the_next():
    given = area([(0, 0), (1000, 0), (2000, 0)], [(0, 3000, 0)])
    routes = plan(given)
    each = 1400 * 1800
    assert marginal_prices(routes, np.array([0, 1, 2])).tolist() == [3 * each, 0, 0]
    assert marginal_prices(routes, np.array([2, 1, 0])).tolist() == [each, each, each]
    assert marginal_prices(routes, np.array([1])).tolist() == [0, 2 * each, 0]
    assert cheapest_first(routes).tolist() == [2, 1, 0]
    assert routes.share_fen == pytest.approx([each * (1 + 1 / 2 + 1 / 3), each * (1 / 2 + 1 / 3), each / 3])


def test_what_stands_costs_nothing_and_shortens_the_rest():
    given = area([(0, 0), (1000, 0), (2000, 0)], [(0, 3000, 0)])
    routes = plan(given, standing=[1])
    assert dict(zip(routes.asset_id, routes.standing, strict=True)) == {
        "route:530101.0000": False,
        "route:530101.0001": True,
        "route:530101.0002": True,
    }
    assert routes.assets()["asset_id"].tolist() == ["route:530101.0000"]
    assert routes.missing_m.tolist() == [1400.0, 0.0, 0.0]
    needed = routes.needed(np.array(["ftth:a", "ftth:b", "ftth:c"]), np.array([2, 0, 0]))
    assert needed.to_numpy().tolist() == [["ftth:b", "route:530101.0000"], ["ftth:c", "route:530101.0000"]]


def test_a_branching_is_named_by_the_first_zones_of_its_branches():
    # three zones around a crossing of roads, whose arms all meet there; the point of presence on the fourth
    given = area(
        [(-5000, 0), (0, 5000), (5000, 0)],
        [(0, 0, -5000)],
        [(0, 1, 0, 0, -5000, 0), (0, 2, 0, 0, 0, 5000), (0, 3, 0, 0, 5000, 0), (0, 4, 0, 0, 0, -5000)],
    )
    names = plan(given, options(country_factor=2.0)).asset_id.tolist()
    assert sorted(names) == [
        "route:530101.0000",
        "route:530101.0000+530101.0001",
        "route:530101.0001",
        "route:530101.0002",
    ]


def test_names_and_prices_stay_where_far_away_zones_come_or_go():
    near = scattered(3, zones=30)
    before = plan(near)
    at = near.zones[["x_m", "y_m"]].to_numpy()
    far = [(400_000.0, 0.0), (401_000.0, 500.0), (402_000.0, -300.0)]
    pops = [(int(z), x, y) for z, x, y in near.places[["zone", "x_m", "y_m"]].to_numpy()]
    more = area(
        [*at, *far],
        [*pops, (31, 401_500.0, 0.0)],
        kinds=[*near.zones["kind"], "village", "village", "village"],
    )
    more.roads = near.roads
    after = plan(more)
    kept = dict(zip(after.asset_id, after.length_m, strict=True))
    assert all(kept[name] == length for name, length in zip(before.asset_id, before.length_m, strict=True))
    assert len(after.asset_id) > len(before.asset_id)


def shortest_tree_m(graph):
    """Return the length of the shortest connection, by trying every choice of nodes between (a twin)."""
    from itertools import combinations

    from scipy.sparse.csgraph import minimum_spanning_tree

    terminals = np.union1d(graph.zone_node, [ROOT])
    others = np.setdiff1d(np.arange(len(graph.node_m)), terminals)
    full = graph.network.matrix.toarray()
    best = np.inf
    for count in range(min(len(others), len(terminals) - 2) + 1):
        for chosen in combinations(others.tolist(), count):
            nodes = np.union1d(terminals, np.array(chosen, dtype=int))
            tree = minimum_spanning_tree(full[np.ix_(nodes, nodes)])
            if tree.nnz == len(nodes) - 1:
                best = min(best, tree.sum())
    return best


@pytest.mark.parametrize("seed", range(8))
def test_small_trees_are_nearly_the_shortest(seed):
    luck = np.random.default_rng(seed)
    zones = luck.uniform(0, 6000, (4, 2))
    given = area(zones, [(0, 7000, 3000)], [(0, 1, 0, 3000, 3500, 3000), (1, 2, 3500, 3000, 6500, 3000)])
    chosen = options(reach=1000.0)  # nothing is beyond it, so that the tree stays as it is
    found = plan(given, chosen).length_m.sum()
    best = shortest_tree_m(road_graph(given, chosen))
    assert best - 1e-6 <= found <= best * 1.10


@pytest.mark.parametrize("seed", range(12))
def test_every_zone_has_a_path_that_adds_up(seed):
    given = scattered(seed, roads=seed % 3 > 0)
    routes = plan(given, options(reach=8.0, detour=1.3), standing=[1, 5], copper=[2, 3])
    graph = road_graph(given, OPTIONS)
    shortest = dijkstra(graph.network.matrix, indices=ROOT)[graph.zone_node]
    assert (routes.route_m >= shortest - 1e-6).all()
    assert (routes.route_m <= np.where(shortest <= 8000.0, 8000.0, 1.3 * shortest) + 1e-6).all()
    assert len(set(routes.asset_id)) == len(routes.asset_id)
    assert (routes.length_m > 0).all()
    for zone in range(len(given.zones)):
        path = routes.paths.of(zone).tolist()
        assert routes.route_m[zone] == pytest.approx(routes.length_m[path].sum())
        for segment, following in zip(path, [*path[1:], -1], strict=True):
            assert routes.above[segment] == following
        last = routes.corner_m[routes.corners[path[-1] + 1] - 1]
        assert last == pytest.approx(given.places.loc[routes.pop[zone], ["x_m", "y_m"]].to_numpy(float))
        first = routes.corner_m[routes.corners[path[0]]]
        assert first == pytest.approx(given.zones.loc[zone, ["x_m", "y_m"]].to_numpy(float))
    # segments are as long as their corners ask for, or longer: roads bend
    for segment in range(len(routes.asset_id)):
        corners = routes.corner_m[routes.corners[segment] : routes.corners[segment + 1]]
        drawn = np.hypot(*np.diff(corners, axis=0).T).sum()
        assert routes.length_m[segment] >= drawn * 0.99 - GRAIN * len(corners)
    assert routes.standing[routes.paths.of(1)].all()
    assert routes.standing[routes.paths.of(5)].all()
    assert routes.missing_m[1] == 0.0


def slow_prices(routes, order):
    """Return marginal prices by walking every path (a twin)."""
    dug, price = set(np.flatnonzero(routes.standing).tolist()), np.zeros(len(routes.route_m), dtype=np.int64)
    for zone in order:
        for segment in routes.paths.of(zone).tolist():
            if segment not in dug:
                price[zone] += routes.price_fen[segment]
                dug.add(segment)
    return price


def slow_order(routes, weight):
    """Return the greedy order by weighing every zone every time (a twin)."""
    dug, left, order = (
        set(np.flatnonzero(routes.standing).tolist()),
        set(np.flatnonzero(weight > 0).tolist()),
        [],
    )
    while left:
        cost = {
            zone: sum(int(routes.price_fen[s]) for s in routes.paths.of(zone).tolist() if s not in dug)
            / weight[zone]
            for zone in left
        }
        best = min(left, key=lambda zone: (cost[zone], zone))
        order.append(best)
        left.remove(best)
        dug.update(routes.paths.of(best).tolist())
    return [*order, *np.flatnonzero(weight <= 0).tolist()]


@pytest.mark.parametrize("seed", range(6))
def test_marginal_prices_sum_to_the_price_of_everything(seed):
    routes = plan(scattered(seed), standing=[4, 9])
    weight = np.random.default_rng(seed).integers(0, 50, len(routes.route_m)).astype(float)
    order = cheapest_first(routes, weight)
    assert order.tolist() == slow_order(routes, weight)
    price = marginal_prices(routes, order)
    assert price.tolist() == slow_prices(routes, order).tolist()
    new = routes.assets()
    assert price.sum() == new[[f"{item}_fen" for item in ITEMS]].to_numpy().sum()
    assert price.sum() == marginal_prices(routes, order[::-1]).sum()
    assert round(routes.share_fen.sum()) == price.sum()


@pytest.mark.parametrize(
    "field", ["lashing_price", "pole_price", "pulling_price", "trench_price", "cable_price"]
)
def test_cost_never_falls_when_a_price_rises(field):
    given = scattered(1)
    dearer = options(**{field: {12: 4.0, 24: 6.0, 48: 10.0} if field == "cable_price" else 100.0})
    before, after = plan(given, copper=[0, 1, 2]), plan(given, dearer, copper=[0, 1, 2])
    assert (after.price_fen >= before.price_fen).all()
    assert after.price_fen.sum() > before.price_fen.sum()


def test_shorter_reach_never_shortens_the_tree_and_keeps_everybody_within_it():
    given = scattered(7, zones=80, pops=1)
    loose, tight = plan(given, options(reach=1e3)), plan(given, options(reach=1e-3, detour=1.0))
    shortest = dijkstra(road_graph(given, OPTIONS).network.matrix, indices=ROOT)
    assert tight.route_m == pytest.approx(shortest[road_graph(given, OPTIONS).zone_node])
    assert tight.length_m.sum() > loose.length_m.sum()


def test_same_area_twice_gives_the_same_routes():
    one, two = plan(scattered(2)), plan(scattered(2))
    assert one.asset_id.tolist() == two.asset_id.tolist()
    assert one.assets().equals(two.assets())


# -- what may be wrong with an area ------------------------------------------------------------


def test_one_zone_at_its_point_of_presence_needs_no_route():
    routes = plan(area([(10, 10)], [(0, 10, 10)]))
    assert len(routes.asset_id) == 0
    assert len(routes.assets()) == 0
    assert routes.route_m.tolist() == [0.0]
    assert routes.pop.tolist() == [0]
    assert marginal_prices(routes, cheapest_first(routes)).tolist() == [0]


def test_zones_at_one_place_share_a_node():
    routes = plan(area([(0, 0), (0, 0), (500, 0)], [(2, 500, 0)]))
    assert routes.asset_id.tolist() == ["route:530101.0000"]
    assert routes.route_m.tolist() == [700.0, 700.0, 0.0]
    assert routes.fibres.tolist() == [5]


def test_disconnected_roads_are_bridged_and_listed():
    roads = [(0, 1, 0, 0, 3000, 0), (2, 3, 3500, 0, 9000, 0)]
    routes = plan(area([(9000, 0), (4000, 0), (3000, 0)], [(2, 0, 0)], roads))
    assert routes.route_m[0] == pytest.approx(3000 + 1000 * 1.4 + 5000, abs=1.0)
    assert routes.notices == (
        "1 piece(s) of road with 2 zone(s) meet no point of presence: routes bridge 1,400 m across country.",
    )


def test_no_road_at_all_is_listed():
    routes = plan(area([(0, 0), (1000, 0)], [(0, 0, 0)]))
    assert routes.notices == ("There is no major road: 2 zone(s) are reached over 1,400 m across country.",)


def test_a_county_without_road_or_point_of_presence_is_served_by_its_neighbour():
    counties = {"530101": box(-1e5, -1e5, 500, 1e5), "530102": box(500, -1e5, 1e5, 1e5)}
    given = area(
        [(0, 0), (1000, 0)],
        [(0, 0, 0)],
        [(0, 1, 0, -50, 0, 50)],
        counties=counties,
        county=["530101", "530102"],
    )
    notices = plan(given).notices
    assert notices == (
        "1 county(ies) with 1 zone(s) have no major road: neighbours and roads beyond the border serve "
        "them, 1,400 m across country.",
        "1 county(ies) with 1 zone(s) have no point of presence: another county's serves them, over 1,400 m "
        "on average.",
    )


def test_edges_without_length_are_left_out_and_short_ones_stretched():
    roads = [(0, 0, 0, 0, 0, 0, 0.0), (0, 1, 0, 0, 3000, 0, 2000.0)]
    routes = plan(area([(0, 0), (3000, 0)], [(0, 0, 0)], roads))
    assert routes.route_m == pytest.approx([0.0, 3000.0], abs=1.0)
    assert routes.notices == (
        "1 road edge(s) without length are left out.",
        "1 road edge(s) were shorter than the straight line between their ends: 1,000 m added.",
    )


def test_a_point_of_presence_outside_the_area_is_left_out():
    counties = {"530101": box(-1e4, -1e4, 1e4, 1e4)}
    given = area([(0, 0), (1000, 0)], [(0, 0, 0), (1, 90_000, 0)], counties=counties)
    routes = plan(given)
    assert routes.pop.tolist() == [0, 0]
    assert routes.notices[0] == "1 point(s) of presence outside the area are left out."
    at_the_border = area([(9900, 0)], [(0, 10_100, 0)], counties=counties)
    assert plan(at_the_border).pop.tolist() == [0]


def test_zones_beyond_reach_are_listed():
    routes = plan(area([(100_000, 0), (1000, 0)], [(1, 1000, 0)]))
    assert routes.notices[-1] == (
        "1 zone(s) lie beyond the reach of 20,000 m by every way; the longest way is 138,600 m."
    )


@pytest.mark.parametrize(
    ("pops", "message"),
    [([], "there is none"), ([(0, 1e7, 1e7)], "every one lies outside the area")],
)
def test_without_a_usable_point_of_presence_there_is_no_route(pops, message):
    with pytest.raises(DataError, match=message):
        plan(area([(0, 0), (1000, 0)], pops))


def test_all_mistakes_are_named_at_once():
    given = area([(np.nan, 0), (1000, 0)], [(0, np.inf, 0)])
    with pytest.raises(DataError) as caught:
        plan(given)
    assert "530101.0000" in str(caught.value)
    assert "pop:0" in str(caught.value)
    with pytest.raises(DataError, match="there is none; routes need at least one zone"):
        plan(area([], []))
    with pytest.raises(DataError, match="one value a zone"):
        plan_routes(area([(0, 0)], [(0, 5, 5)]), OPTIONS, np.zeros(2, dtype=bool), np.ones(1))
    with pytest.raises(DataError, match="must be numbers, 0 or more"):
        plan(area([(0, 0)], [(0, 5, 5)]), fibres=-1)


def test_cables_with_more_fibres_cost_no_less():
    with pytest.raises(ValueError, match="must not cost less"):
        options(cable_price={12: 2.0, 24: 1.0})


@pytest.mark.parametrize("shape", ["line", "grid", "two", "one"])
def test_neighbours_connect_any_places(shape):
    steps = np.arange(25.0)
    places = {
        "line": np.column_stack([steps, 2 * steps]),
        "grid": np.column_stack([steps // 5, steps % 5]),
        "two": np.array([[0.0, 0.0], [1.0, 1.0]]),
        "one": np.array([[0.0, 0.0]]),
    }[shape]
    pairs = neighbours(places)
    reached = {0}
    for _ in range(len(places)):
        reached |= {int(b) for a, b in [*pairs, *pairs[:, ::-1]] if int(a) in reached}
    assert reached == set(range(len(places)))
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_ten_thousand_zones_take_seconds():
    given = scattered(0, zones=10_000, pops=300, extent_m=400_000.0)
    start = time.process_time()
    routes = plan(given)
    marginal_prices(routes, cheapest_first(routes))
    assert time.process_time() - start < 5.0
