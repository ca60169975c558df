"""Rates wanted, and the campaigns that raise them."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.clock import Horizon
from sim.demand import Campaign, DemandOptions, estimate_demand
from sim.demand.tiers import median_wanted
from tests.world import load

HORIZON = Horizon("2014-01", "2017-12")
KINDS = np.array(["city", "town", "village"])


@pytest.fixture(scope="module")
def options():
    return load().scenario.demand


def demand(options, horizon=HORIZON, **changes):
    return estimate_demand(KINDS, options.model_copy(update=changes), horizon)


def campaign(**changes):
    values = {"kind": "speed-up", "first_month": "2015-06", "months": 12, "factor": 2.0, "source": "a notice"}
    return Campaign(**(values | changes))


def years(*months):
    """Return years since April 2013 of so many months after it."""
    return np.array(months) / 12.0


def test_tier_shares_sum_to_one_and_move_up(options):
    found = demand(options)
    assert found.tier_share.sum(axis=1) == pytest.approx(1.0, abs=1e-8)
    assert (found.tier_share >= 0).all()
    means = found.tier_share @ found.tiers_mbps
    assert (np.diff(means) > 0).all()


def test_a_wish_without_spread_is_one_tier(options):
    still = {"wanted_rate_spread": 0.0, "wanted_rate": 9.0, "wanted_rate_growth_per_year": 0.0}
    found = demand(options, campaigns={}, **still)
    assert found.tiers_mbps[found.tier_share.argmax(axis=1)].tolist() == [8.0] * HORIZON.months
    assert found.tier_share.max(axis=1).tolist() == [1.0] * HORIZON.months
    doubled = demand(options, campaigns={"lifted": campaign(months=1)}, **still)
    taken = doubled.tiers_mbps[doubled.tier_share.argmax(axis=1)]
    assert taken.tolist() == [8.0] * 17 + [12.0] * 31, "18 from June 2015 on"


def test_a_campaign_works_evenly_in_logarithms():
    """June 2015 is the first of twelve months; 26 months after April 2013."""
    found = campaign().effect("2013-04", years(0, 25, 26, 31, 37, 60))
    assert found == pytest.approx([1, 1, 2 ** (1 / 12), 2 ** (6 / 12), 2, 2])
    assert campaign(months=0).effect("2013-04", years(25, 26)) == pytest.approx([1, 2])


def test_what_a_campaign_had_done_is_in_the_level_observed():
    """Six of its twelve months lie behind the reference month: what is left is the other half."""
    found = campaign().effect("2015-11", years(-12, 0, 3, 6, 40))
    assert found == pytest.approx([2**-0.5, 1, 2**0.25, 2**0.5, 2**0.5])
    assert campaign().effect("2017-09", years(0, 24)) == pytest.approx([1, 1])


def test_campaigns_multiply(options):
    both = {"one": campaign(), "other": campaign(kind="competition", first_month="2016-01", factor=1.5)}
    since = years(0, 12, 60)
    plain = median_wanted(options.model_copy(update={"campaigns": {}}), since)
    found = median_wanted(options.model_copy(update={"campaigns": both}), since)
    assert found / plain == pytest.approx([1, 1, 3])
    assert plain == pytest.approx(options.wanted_rate * (1 + options.wanted_rate_growth_per_year) ** since)


def test_the_base_knows_no_campaign_of_later(options):
    """Only what was announced before January 2014, the first month of the scenarios built on it."""
    assert options.campaigns
    assert all(known.first_month < "2014-01" for known in options.campaigns.values())


def test_a_campaign_can_be_set_from_outside():
    keys = {"kind": "competition", "first_month": "2016-01", "months": "6", "factor": "1.3", "source": "x"}
    loaded = load(*((f"demand.campaigns.entrant.{key}", value) for key, value in keys.items()))
    assert set(loaded.scenario.demand.campaigns) == {"broadband_china", "entrant"}


@pytest.mark.parametrize(
    "changes", [{"first_month": "June"}, {"kind": "wish"}, {"factor": 0.0}, {"months": -1}]
)
def test_a_campaign_that_cannot_be_is_refused(changes):
    with pytest.raises(ValidationError, match=next(iter(changes))):
        campaign(**changes)


@pytest.mark.parametrize("tiers", [(4.0, 2.0), (2.0, 2.0), (0.0, 4.0), ()])
def test_tiers_must_ascend(options, tiers):
    with pytest.raises(ValidationError, match="tiers"):
        DemandOptions.model_validate(options.model_dump() | {"tiers": tiers})
