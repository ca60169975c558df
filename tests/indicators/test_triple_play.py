"""Where cable and television over lines are both on offer, by hand.

Zones 0 to 2 (100, 50 and 20 homes) are county 530101, zones 3 and 4 (20 and 10) county 530302.
"""

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import triple_play
from sim.indicators.base import Evidence
from tests.indicators.conftest import MONTHS, target_options

CABLE_TV = np.array([0.6, 0.4, 0.0, 0.0, 0.5])


def seen(evidence, two_way, options=None, cable_tv=CABLE_TV):
    """Return the evidence with cable: ``two_way`` is the share of homes passed, by month and zone."""
    state = evidence.state
    rows = len(state.technologies)

    def grown(values, row=0):
        more = np.zeros((MONTHS, rows + 1, 5), dtype=values.dtype)
        more[:, :rows], more[:, rows] = values, row
        return more

    names = ("homes_passed", "homes_connected", "subscribers", "peak_mbps", "subscribed_mbps")
    changed = replace(
        state,
        technologies=(*state.technologies, "cable"),
        uses=(*state.uses, "fixed"),
        covered_share=grown(state.covered_share, two_way),
        busy_hour_mbps=grown(state.busy_hour_mbps),
        standing_share={"catv": cable_tv},
        **{name: grown(getattr(state, name)) for name in names},
    )
    return Evidence(changed, evidence.area, evidence.horizon, options or evidence.options, evidence.events)


def test_both_must_reach_half_of_their_homes(evidence):
    """County 530101 has 80 cable homes; two-way plant passes 60 of them from month 1 on.

    Copper of 8 Mbit/s passes 150 of its 170 homes. County 530302 has 5 cable homes, two-way from the
    start; copper passes 20 of its 30.
    """
    two_way = np.zeros((MONTHS, 5))
    two_way[1:, 0] = 0.6
    two_way[:, 4] = 0.5
    both = seen(evidence, two_way)
    assert triple_play.counties(both)["all"].tolist() == [0.5, 1, 1, 1]
    assert triple_play.prefectures(both)["all"].tolist() == [0.5, 1, 1, 1]


def test_lines_too_slow_for_television_do_not_count(evidence):
    """At 5 Mbit/s the copper of zone 3 is too slow: 10 of 30 homes are left in county 530302."""
    two_way = np.tile(CABLE_TV, (MONTHS, 1))
    slow = seen(evidence, two_way, target_options(iptv_rate=5))
    assert triple_play.counties(slow)["all"].tolist() == [0.5] * MONTHS


def test_the_share_is_an_option(evidence):
    """Two-way plant passes 60 of 80 cable homes of the first county: three quarters."""
    two_way = np.tile([0.6, 0.0, 0.0, 0.0, 0.5], (MONTHS, 1))
    for least, expected in ((0.75, 0.5), (0.76, 0.0)):
        both = seen(evidence, two_way, target_options(triple_play_share=least))
        assert triple_play.counties(both)["all"][0] == pytest.approx(expected)


def test_a_county_without_cable_has_none_to_offer(evidence):
    both = seen(evidence, np.zeros((MONTHS, 5)), cable_tv=np.zeros(5))
    assert triple_play.counties(both)["all"].tolist() == [0] * MONTHS
