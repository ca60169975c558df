"""Money divides over destinations fen by fen, and goes where people are served."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.indicators.attribution import Spread, bearers, by_growth, connection_parts, served_zones
from sim.tables.finance import Holdings
from tests.indicators import two_zones

WEIGHTS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.floats(0.01, 1e6)), min_size=1)


def of(rows, size=(5, 7)):
    thing, to, weight = zip(*rows, strict=True)
    return Spread.of(np.array(thing), np.array(to), np.array(weight, dtype=float), size)


@given(WEIGHTS, st.lists(st.integers(0, 10**13), min_size=1, max_size=6))
def test_parts_are_whole_never_negative_and_sum_to_the_amount(rows, amounts):
    spread = of(rows)
    things = np.array([rows[n % len(rows)][0] for n in range(len(amounts))])
    place, _, part = spread.divide(things, np.array(amounts))
    assert part.min() >= 0
    sums = np.zeros(len(amounts), dtype=np.int64)
    np.add.at(sums, place, part)
    assert sums.tolist() == amounts


def test_shares_are_in_proportion_and_a_destination_counts_once():
    spread = of([(0, 3, 1.0), (0, 1, 2.0), (0, 3, 1.0), (2, 0, 5.0)])
    assert spread.starts.tolist() == [0, 2, 2, 3, 3, 3]
    assert spread.to.tolist() == [1, 3, 0]
    assert spread.share.tolist() == [0.5, 0.5, 1.0]


def test_things_may_be_asked_for_in_any_order_and_twice():
    spread = of([(0, 1, 1.0), (0, 2, 3.0), (1, 5, 1.0)])
    place, to, part = spread.divide(np.array([1, 0, 0]), np.array([9, 100, 7]))
    assert place.tolist() == [0, 1, 1, 2, 2]
    assert to.tolist() == [5, 1, 2, 1, 2]
    assert part.tolist() == [9, 25, 75, 2, 5]


def test_a_radio_site_serves_zones_by_people_and_a_line_by_homes():
    spread = served_zones(two_zones.projects(), two_zones.ground())
    assert spread.starts.tolist() == [0, 1, 2, 4, 6, 7]
    assert spread.share[2:4].tolist() == [0.75, 0.25]
    assert spread.share[4:6] == pytest.approx([2 / 3, 1 / 3])


def test_what_serves_nobody_is_its_own_zones():
    road = SimpleNamespace(
        technology=np.array(["lte"]),
        zone=np.array([1]),
        pairs=pd.DataFrame({"row": [0], "zone": [0], "point": [0]}),
    )
    nobody = SimpleNamespace(homes=np.array([[4, 4]]), point_people=np.array([0]))
    spread = served_zones(road, nobody)
    assert (spread.to.tolist(), spread.share.tolist()) == ([1], [1.0])


def test_a_payer_is_borne_by_the_holders_of_what_it_paid():
    serves = of([(0, 0, 1.0), (1, 1, 1.0), (2, 0, 1.0)], (3, 2))
    held = Holdings(
        payer=np.array([0, 0]), holder=np.array([0, 1]), item=np.zeros(2, dtype=int),
        cost_fen=np.array([300, 100]), life_years=np.full(2, np.nan),
    )  # fmt: skip
    spread = bearers(held, serves, np.array([0, 1, 1]), groups=2, zones=2)
    assert spread.to.tolist() == [0, 3, 3, 2]
    assert spread.share.tolist() == [0.75, 0.25, 1.0, 1.0]


def test_growth_counts_what_is_added_and_no_loss():
    level = np.array([[5.0], [3.0], [8.0]])
    assert by_growth(level, np.array([4.0])).ravel().tolist() == [1, 0, 5]


def test_connections_without_any_line_put_in_are_borne_alike():
    charges = pd.DataFrame({"project_id": ["ftth", "ftth"], "month": [0, 1], "spent_fen": [5, 8]})
    added = np.zeros((2, 1, 2))
    added[1, 0] = [1, 3]
    place, zone, part = connection_parts(charges, ("ftth",), added)
    assert list(zip(place.tolist(), zone.tolist(), part.tolist(), strict=True)) == [
        (0, 0, 2), (0, 1, 3), (1, 0, 2), (1, 1, 6),
    ]  # fmt: skip
