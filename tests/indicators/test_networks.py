"""2G, the launch of 5G and the networks on a mast, by hand on five zones and three locations."""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import networks
from sim.indicators.base import Evidence
from tests.indicators.conftest import MONTHS, NEVER


def seen(evidence, **changes):
    """Return the evidence with parts of its state changed."""
    return Evidence(
        replace(evidence.state, **changes), evidence.area, evidence.horizon, evidence.options, evidence.events
    )


def test_2g_covers_residents(evidence):
    """Umts stands in for 2G here: zones of 300 and 150 of 600 residents."""
    names = tuple("gsm" if name == "umts" else name for name in evidence.state.technologies)
    share = networks.gsm_coverage(seen(evidence, technologies=names))
    assert share["all"].tolist() == pytest.approx([450 / 600] * MONTHS)
    assert share["rural"].tolist() == [0] * MONTHS
    assert networks.gsm_coverage(evidence)["all"].tolist() == [0] * MONTHS, "a run without 2G covers nobody"


def test_5g_is_launched_in_a_prefecture_with_its_first_site(evidence):
    """The first two locations lie in one prefecture, the third in the other."""
    months = {"nr": np.array([NEVER, 1, 3], dtype=np.int32)}
    launched = networks.nr_launched(seen(evidence, site_month=months))
    assert launched["all"].tolist() == [0, 1, 1, 2]


def test_no_5g_is_launched_nowhere(evidence):
    assert networks.nr_launched(evidence)["all"].tolist() == [0] * MONTHS


def test_networks_on_a_mast_are_tenancies_over_masts(evidence):
    """LTE has location 0 from the start and 1 from month 2; NB-IoT location 0 at once and 2 in month 3.

    Month 0: two networks on one mast; month 2: three on two; month 3: four on three.
    """
    assert networks.networks_per_mast(evidence)["all"].tolist() == pytest.approx([2, 2, 3 / 2, 4 / 3])


def test_only_mobile_networks_and_nb_iot_stand_on_masts(evidence):
    months = dict(evidence.state.site_month) | {"wlan": np.array([-1, -1, -1], dtype=np.int32)}
    public = seen(
        evidence,
        technologies=(*evidence.state.technologies, "wlan"),
        uses=(*evidence.state.uses, "public"),
        site_month=months,
    )
    assert networks.networks_per_mast(public)["all"][0] == 2


def test_without_a_mast_nothing_is_measured(evidence):
    none = {"lte": np.full(3, NEVER, dtype=np.int32)}
    assert np.isnan(networks.networks_per_mast(seen(evidence, site_month=none))["all"]).all()
    assert networks.networks_per_mast(seen(evidence, site_month={})) == {}
