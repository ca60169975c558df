"""Cards by generation on the made-up area: what is in no network of mobile broadband is 2G."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import coverage, people
from sim.indicators.base import Evidence
from tests.indicators.conftest import MONTHS
from tests.indicators.small_lines import lines


@pytest.fixture
def seen(evidence):
    """Return evidence whose residents have so many cards each, by kind of zone."""

    def build(cards, per_person=1.25):
        found = lines()
        each = None if cards is None else np.tile(np.array(cards), (MONTHS, 1))
        wants = replace(found.demand, mobile_cards=each, cards_per_person=per_person)
        state = replace(evidence.state, lines=replace(found, demand=wants))
        return Evidence(state, evidence.area, evidence.horizon, evidence.options, evidence.events)

    return build


def test_generations_add_up_to_all_cards(seen):
    found = seen([1.2, 1.0, 0.6])
    every = people.subscribers(found)
    broadband = coverage.users_mobile(found)
    for group in ("all", "urban", "city", "rural"):
        assert people.users_2g(found)[group] + broadband[group] == pytest.approx(every[group])
    homes = found.state.homes[0]
    wanted = 3 * (1.2 * (homes[0] + homes[4]) + 1.0 * homes[1] + 0.6 * (homes[2] + homes[3]))
    assert every["all"][0] == pytest.approx(wanted)


def test_cards_exceed_residents_and_persons_do_not(seen):
    found = seen([1.2, 1.2, 1.2])
    every, residents = people.subscribers(found), found.residents["all"]
    assert every["all"] == pytest.approx(1.2 * residents)
    assert every[people.PERSONS] == pytest.approx(1.2 / 1.25 * residents)


def test_there_are_no_fewer_cards_than_those_of_mobile_broadband(seen):
    found = seen([0.0, 0.0, 0.0])
    assert people.users_2g(found)["all"] == pytest.approx(np.zeros(MONTHS))
    assert people.subscribers(found)["all"] == pytest.approx(coverage.users_mobile(found)["all"])


def test_each_generation_is_what_its_network_carries(seen):
    found = seen([1.0, 1.0, 1.0])
    assert people.users_of(found, "umts")["all"].tolist() == [60.0] * MONTHS
    assert people.users_of(found, "nr")["all"].tolist() == [0.0] * MONTHS


def test_nothing_is_told_where_cards_are_not_known(seen):
    assert people.users_2g(seen(None)) == people.subscribers(seen(None)) == {}
