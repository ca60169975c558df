"""Rules that shorten permits: the permit alone is shorter, and no project is later for it."""

from functools import cache

import numpy as np
import pytest

from sim.randomness import Streams
from sim.rollout.luck import durations
from sim.technologies.base import PERMIT_PHASE
from sim.technologies.rent import TowerRent
from tests.rollout.small import plan as planned
from tests.rollout.small import run, work
from tests.world import load

CANDIDATES = {
    "ftth": {"build": "village", "field_days": 20.0},
    "cable": {"build": "docsis", "field_days": 20.0},
    "lte": {"build": "new site", "field_days": 10.0},
    "wlan": {"build": "", "field_days": 4.0},
}


@cache
def chosen():
    return load().scenario.technologies.chosen()


def technology(name, **permits):
    one = chosen()[name]
    return one.model_copy(update={"permits": permits})


@pytest.mark.parametrize("name", CANDIDATES)
def test_rules_multiply_and_touch_the_permit_alone(name):
    candidate = CANDIDATES[name]
    before = technology(name).steps(candidate)
    after = technology(name, one=0.5, other=0.6).steps(candidate)
    assert [task.name for task in before] == [task.name for task in after]
    assert any(task.phase == PERMIT_PHASE for task in before)
    for old, new in zip(before, after, strict=True):
        part = 0.3 if old.phase == PERMIT_PHASE else 1.0
        assert new.days == pytest.approx(part * old.days)
        assert (new.stream, new.sigma, new.share) == (old.stream, old.sigma, old.share)


def test_without_rules_tasks_are_as_they_were():
    assert technology("lte").steps(CANDIDATES["lte"]) == technology("lte").tasks(CANDIDATES["lte"])


def test_luck_is_the_same_whatever_the_permit_takes():
    old, new = (
        [work(f"lte:{n}", technology("lte", **rule).steps(CANDIDATES["lte"])) for n in range(20)]
        for rule in ({}, {"planning": 0.6})
    )
    before, after = (durations(works, Streams(5), 1.0) for works in (old, new))
    for work_, long, short in zip(old, before, after, strict=True):
        for task, days, fewer in zip(work_.tasks, long, short, strict=True):
            assert fewer == pytest.approx(days * (0.6 if task.phase == PERMIT_PHASE else 1.0))


@pytest.mark.parametrize("share", [0.0, 0.36, 0.6, 0.9])
def test_a_shorter_permit_never_delays_service(share):
    def active(**rule):
        works = [
            work(f"lte:{n}", technology("lte", **rule).steps(CANDIDATES["lte"]), price=10) for n in range(30)
        ]
        events = run(planned(works), crews={("P", skill): 30 for skill in ("civil", "radio")})
        mine = events[events["event"] == "activated"]
        return dict(zip(mine["project_id"], mine["day"], strict=True))

    before, after = active(), active(planning=share)
    assert before.keys() <= after.keys()
    assert before
    assert all(after[name] <= day + 1e-9 for name, day in before.items())


def test_sites_on_public_ground_pay_no_fee_for_it():
    values = {
        "mean": 22_000.0, "mean_tenants": 1.62, "mean_discount": 0.3, "mean_markup": 0.1, "markup": 0.1,
        "discount_two": 0.3, "discount_three": 0.4, "public_sites": 0.0, "site_fee": 0.5,
    }  # fmt: skip
    plain = TowerRent(**values)
    opened = TowerRent(**values | {"public_sites": 0.2})
    tenants = np.array([1, 2, 3])
    assert opened.yuan(tenants) == pytest.approx(0.9 * plain.yuan(tenants))
