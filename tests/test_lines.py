"""The order in which homes take lines, and the homes that come with fibre."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.lines import FibredHomes, in_order, presence_of, wanted_lines, whole_homes
from sim.tables.ground import NewHousing
from tests.rollout.test_state import HOMES, MONTHS, ground


def test_lines_put_in_one_by_one_come_first_then_preference_then_names():
    names = ("satellite", "zeta", "dsl", "alpha", "cable", "fwa", "ftth")
    assert in_order(names, ("ftth", "cable")) == (
        "ftth", "cable", "dsl", "fwa", "satellite", "alpha", "zeta",
    )  # fmt: skip
    assert in_order(names, ("ftth", "fwa"))[:3] == ("ftth", "fwa", "cable")


def test_a_household_takes_one_line():
    willing, taken = np.array([50.0, 50.0, 10.0]), np.array([20.0, 0.0, 30.0])
    assert wanted_lines(willing, taken, np.array([40.0, 40.0, 40.0])).tolist() == [30, 40, 0]


def test_a_share_that_stands_for_whole_homes_loses_none():
    homes = np.arange(1, 400, dtype=np.int32)
    for count in (1, 7, 133):
        share = np.minimum(count / homes, 1.0)
        assert (whole_homes(share, homes) == np.minimum(count, homes)).all()


def test_a_zone_without_point_of_presence_stands_alone():
    group = presence_of(ground(presence=np.array([4, -1, 4], dtype=np.int32)))
    assert group[0] == group[2] != group[1]
    assert len(set(presence_of(ground()).tolist())) == 3


def housing(built, share=0.5):
    return NewHousing(built=np.asarray(built, dtype=np.float32), share=share, mbps=100.0)


def test_new_homes_have_fibre_where_their_point_of_presence_has():
    """The city has some fibre, the town is on its point of presence; the village is on none of its own."""
    built = np.full((MONTHS, 3), 4.0)
    land = ground(new_housing=housing(built), presence=np.array([7, 7, -1], dtype=np.int32))
    fibred = FibredHomes(land)
    fibred.build(0, HOMES, np.array([0.25, 0.0, 0.0]))
    assert fibred.homes.tolist() == [2, 2, 0]
    assert fibred.share() == pytest.approx([2 / 100, 2 / 50, 0])
    assert fibred.together(np.array([0.25, 0.0, 1.0])) == pytest.approx([1 - 0.75 * 0.98, 0.04, 1])


def test_without_a_code_plant_alone_passes_homes():
    fibred = FibredHomes(ground())
    fibred.build(0, HOMES, np.array([0.5, 0.0, 0.0]))
    share = np.array([0.5, 0.2, 0.0])
    assert fibred.together(share) is share


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=MONTHS, max_size=MONTHS),
    st.floats(0, 1),
)
def test_the_share_built_with_fibre_never_falls_and_never_exceeds_all(growth, share):
    homes = HOMES + np.cumsum(np.array(growth), axis=0).astype(np.int32)
    built = np.diff(homes, axis=0, prepend=homes[:1])
    fibred = FibredHomes(ground(homes=homes, new_housing=housing(built, share)))
    before = np.zeros(3)
    for month in range(MONTHS):
        fibred.build(month, homes[month], np.array([1.0, 0.0, 0.3]))
        now = fibred.share()
        assert (now >= before - 1e-12).all()
        assert (now <= 1).all()
        assert now[1] == 0
        before = now
