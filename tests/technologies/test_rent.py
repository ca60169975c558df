"""Tower rent: what a sole tenant pays, what sharing takes off, and who counts as a tenant."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.technologies.base import Plant
from sim.technologies.rent import TowerRent, tenants_at

TERMS = {
    "mean": 22_000,
    "mean_tenants": 1.62,
    "mean_discount": 0.3,
    "mean_markup": 0.1,
    "markup": 0.1,
    "discount_two": 0.3,
    "discount_three": 0.4,
    "public_sites": 0,
    "site_fee": 0,
}
AREA = SimpleNamespace(locations=pd.DataFrame(index=range(6)))


def plant(sectors=None, **networks):
    locations = {name: np.array(rows, dtype=np.int32) for name, rows in networks.items()}
    return Plant(site_locations=locations, homes_share={}, units={}, sectors=sectors)


def test_under_the_rule_of_its_year_the_mean_over_masts_comes_back():
    sole, two, three = TowerRent(**TERMS).yuan(np.array([1, 2, 3]))
    shared = 0.62
    assert ((1 - shared) * sole + shared * 2 * two) / 1.62 == pytest.approx(22_000)
    assert (two / sole, three / sole) == pytest.approx((0.7, 0.6))


def test_an_earlier_rule_has_its_own_mark_up_and_discounts():
    now = TowerRent(**TERMS).yuan(np.array([1, 2]))
    before = TowerRent(**TERMS | {"markup": 0.15, "discount_two": 0.2}).yuan(np.array([1, 2]))
    assert before / now == pytest.approx([1.15 / 1.1, 1.15 * 0.8 / (1.1 * 0.7)])


def test_every_other_network_on_the_mast_is_a_tenant_once():
    stand = plant(gsm=[0, 1, 1], umts=[1], lte=[1, 2], nbiot=[3])
    where = np.array([0, 1, 2, 3, 4])
    assert tenants_at(AREA, stand, where, "lte").tolist() == [2, 3, 1, 1, 1]
    assert tenants_at(AREA, stand, where, "nr").tolist() == [2, 4, 2, 1, 1]


def test_operators_count_where_there_are_more_of_them():
    sectors = pd.DataFrame(
        {"location": [0, 0, 0, 5], "operator": ["china_mobile", "china_mobile", "china_unicom", "shared"]}
    )
    three = pd.concat([sectors, pd.DataFrame({"location": [0], "operator": ["china_telecom"]})])
    assert tenants_at(AREA, plant(sectors, gsm=[0]), np.array([0, 5]), "lte").tolist() == [2, 1]
    assert tenants_at(AREA, plant(three, gsm=[0]), np.array([0, 5]), "lte").tolist() == [3, 1]
