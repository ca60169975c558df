"""Adoption of connected things, and what a scenario may say of them."""

import numpy as np
import pytest
from pydantic import ValidationError

from sim.clock import Horizon
from sim.demand.curves import bass
from sim.demand.things import ThingsOptions, UseCase, estimate_things
from sim.tables.layers import ZONE_KINDS
from tests.conftest import ROOT
from tests.world import load

HORIZON = Horizon("2017-01", "2020-12")
METER = {
    "network": "nbiot", "first_month": "2017-06", "per_home": 2.0, "kinds": ["city", "town"],
    "innovation": 0.03, "imitation": 0.38, "deep_share": 0.4,
}  # fmt: skip


def use(**changes):
    return UseCase.model_validate(METER | changes)


def test_adoption_solves_the_equation_of_bass():
    """The rate of adoption is (p + q F)(1 - F), by central differences."""
    years, step = np.linspace(0.1, 20, 50), 1e-5
    share = bass(0.03, 0.38, years)
    slope = (bass(0.03, 0.38, years + step) - bass(0.03, 0.38, years - step)) / (2 * step)
    assert slope == pytest.approx((0.03 + 0.38 * share) * (1 - share), rel=1e-6)
    assert bass(0.03, 0.38, np.array([-5.0, 0.0])).tolist() == [0.0, 0.0]


def test_without_imitation_the_rest_shrinks_at_a_constant_rate():
    years = np.array([1.0, 7.0])
    assert bass(0.1, 0.0, years) == pytest.approx(1 - np.exp(-0.1 * years))


def test_adoption_passes_its_steepest_point_where_bass_puts_it():
    """The peak of sales lies at ln(q / p) / (p + q) years, with (1 - p / q) / 2 adopted."""
    peak = np.array([np.log(0.38 / 0.03) / 0.41])
    assert bass(0.03, 0.38, peak) == pytest.approx([(1 - 0.03 / 0.38) / 2])


def test_things_have_their_potential_where_their_kinds_are_and_start_in_their_month():
    options = ThingsOptions(
        uses={"meters": use(), "vehicles": use(
            network="cellular", per_home=0.0, per_resident=0.1, deep_share=0.0, kinds=["village"],
            first_month="2009-08",
        )}
    )  # fmt: skip
    things = estimate_things(options, HORIZON)
    village = ZONE_KINDS.index("village")
    assert things.uses == ("meters", "vehicles")
    assert things.networks == ("nbiot", "cellular")
    assert things.per_home[0].tolist() == [0.0 if row == village else 2.0 for row in range(3)]
    assert things.per_resident[1].tolist() == [0.1 if row == village else 0.0 for row in range(3)]
    start = HORIZON.index("2017-06")
    assert not things.adopted[: start + 1, 0].any()
    assert things.adopted[start + 12, 0] == pytest.approx(bass(0.03, 0.38, np.array([1.0]))[0])
    assert (np.diff(things.adopted, axis=0) >= 0).all()
    assert (things.adopted[:, 1] > things.adopted[:, 0]).all()


def test_a_scenario_may_do_without_things():
    things = estimate_things(ThingsOptions(uses={}), HORIZON)
    assert things.adopted.shape == (48, 0)
    assert things.per_home.shape == (0, 3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"per_home": 0.0}, "a use needs things"),
        ({"network": "cellular"}, "deep indoors only NB-IoT"),
        ({"first_month": "June"}, "is not a month"),
        ({"innovation": 0}, "greater than 0"),
        ({"network": "lora"}, "nbiot"),
    ],
)
def test_a_use_that_makes_no_sense_is_refused(wrong, words):
    with pytest.raises(ValidationError, match=words):
        use(**wrong)


def test_no_use_takes_the_name_of_the_sum():
    with pytest.raises(ValidationError, match="sum of the uses"):
        ThingsOptions(uses={"all": use()})


def test_shipped_uses_rest_on_rows_and_start_with_their_network():
    loaded = load()
    uses = loaded.scenario.demand.things.uses
    assert {one.network for one in uses.values()} == {"nbiot", "cellular"}
    for name, one in uses.items():
        written = loaded.resolved["demand"]["things"]["uses"][name]
        assert isinstance(written.get("per_home", written.get("per_resident")), str)
        if one.network == "nbiot":
            assert one.first_month >= loaded.scenario.technologies.nbiot.available_from


# ---- the nation, by the same rows


def of_the_nation(month, scenario="base"):
    """Return the things wanted in the nation by use [million]; homes and residents between two censuses."""
    decades = (int(month[:4]) + int(month[5:]) / 12 - 2010.83) / 10
    homes, people = 401.9 + decades * (494.2 - 401.9), 1339.7 + decades * (1411.8 - 1339.7)
    urban = np.array([1.0, 0.0, 0.0]) * (0.497 + decades * (0.639 - 0.497))
    urban[ZONE_KINDS.index("village")] = 1 - urban[0]
    options = load(scenario=scenario).scenario.demand.things
    things = estimate_things(options, Horizon(month, month))
    potential = homes * things.per_home @ urban + people * things.per_resident @ urban
    return dict(zip(things.uses, potential * things.adopted[0], strict=True)), things.networks


def test_things_known_in_2017_start_where_they_were_counted():
    """The history table has 181 M terminals in June 2017; the row was worked out from it."""
    wanted, _ = of_the_nation("2017-06", "sichuan-2020")
    assert sum(wanted.values()) == pytest.approx(181, rel=0.01)
    history = (ROOT / "scenarios" / "library" / "history.csv").read_text(encoding="utf-8")
    assert "China,2017-06,iot_terminals,18100,10k" in history


def test_nb_iot_comes_near_what_was_counted_and_far_below_what_was_wanted():
    """120 M were counted in late 2020 (no input rests on it) where the notice of 2017 wanted 600 M."""
    wanted, networks = of_the_nation("2020-12")
    narrowband = sum(n for n, network in zip(wanted.values(), networks, strict=True) if network == "nbiot")
    assert narrowband == pytest.approx(120, rel=0.35)
