"""Fixed lines folded by hand: several technologies, several projects in a zone, new homes, lines put in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.rollout.state import monthly_state
from sim.tables.ground import NewHousing
from tests.rollout.test_state import LOG, MONTHS, demand, event, ground, log_of, projects


def two_generations():
    """The city's ports of 2,000 Mbit/s are followed by one port of 8,000 Mbit/s with 1,000 on offer."""
    base = projects()
    names = [*base.project_rows, "ftth:z0:10g"]
    pairs = pd.concat(
        [base.pairs, pd.DataFrame([(6, 0, -1, 1000.0, 8000.0)], columns=base.pairs.columns)],
        ignore_index=True,
    )
    return replace(
        base,
        project_rows={name: row for row, name in enumerate(names)},
        technology=np.append(base.technology, "ftth"),
        zone=np.append(base.zone, 0),
        location=np.append(base.location, -1),
        quantity=np.append(base.quantity, 1),
        sites=np.append(base.sites, 1),
        pairs=pairs,
    )


def row(state, name):
    return state.technology(name)


def test_two_projects_of_one_technology_in_a_zone():
    """Passed from the first, rates of the better one, its ports alone from the month it serves."""
    state = monthly_state(
        log_of(*LOG, event("activated", 3, "ftth:z0:10g")), two_generations(), demand(), ground()
    )
    ftth = row(state, "ftth")
    assert state.homes_passed[:, ftth, 0].tolist() == [25, 100, 100, 100, 100]
    assert state.peak_mbps[:, ftth, 0].tolist() == [100, 100, 100, 1000, 1000]
    assert state.lines.units["ftth"][:, 0].tolist() == [0.5, 2, 2, 1, 1], "a quarter of two ports at first"
    assert state.lines.unit_mbps["ftth"][:, 0].tolist() == [2000, 2000, 2000, 8000, 8000]


def test_an_upgrade_alone_serves_too():
    """Where fibre of month 0 stands, the later generation may come without the first."""
    state = monthly_state(log_of(event("activated", 2, "ftth:z0:10g")), two_generations(), demand(), ground())
    assert state.peak_mbps[:, row(state, "ftth"), 0].tolist() == [100, 100, 1000, 1000, 1000]
    assert state.lines.unit_mbps["ftth"][:, 0].tolist() == [2000, 2000, 8000, 8000, 8000]


def test_zones_without_a_proposal_have_the_ports_of_others():
    """Three ports for 150 homes of the zones asked about: the village's 40 homes would have 0.8."""
    share = {"ftth": np.array([0.25, 0.0, 0.5])}
    state = monthly_state(
        log_of(*LOG),
        projects(),
        demand(),
        ground(standing_share=share, standing_mbps={"ftth": np.full(3, 100.0)}),
    )
    assert state.lines.units["ftth"][0, 2] == pytest.approx(0.5 * 40 * 3 / 150)
    assert state.lines.unit_mbps["ftth"][0, 2] == 2000


CABLE = {"standing_share": {"cable": np.array([0.6, 0.0, 0.0])}, "standing_mbps": {"cable": np.full(3, 50.0)}}


def cable_only():
    found = projects()
    return replace(found, technologies=dict(found.technologies) | {"cable": "fixed"})


def test_cable_takes_those_who_have_no_fibre_one_by_one():
    """City: 50 willing, 60 passed by cable; half of those waiting come each month as far as money goes."""
    state = monthly_state(
        log_of(event("connected", 1, "cable", share=0.5)), cable_only(), demand(),
        ground(**CABLE, standing_subscribers={"cable": np.array([10.0, 0, 0])}),
    )  # fmt: skip
    assert state.subscribers[:, row(state, "cable"), 0].tolist() == pytest.approx(
        [30, 35, 42.5, 46.25, 48.125]
    )


def test_fibre_comes_before_cable_and_both_before_copper():
    plant = {
        "standing_share": {"ftth": np.array([0.3, 0, 0]), "cable": np.array([0.6, 0, 0]), "dsl": np.ones(3)},
        "standing_mbps": {name: np.full(3, 50.0) for name in ("ftth", "cable", "dsl")},
        "standing_subscribers": {},
    }
    state = monthly_state(log_of(LOG[0]), cable_only(), demand(), ground(**plant))
    ftth, cable, dsl = (state.subscribers[:, row(state, name), 0] for name in ("ftth", "cable", "dsl"))
    assert ftth[0] == pytest.approx(15)
    assert cable[0] == pytest.approx(0.5 * (50 - 15))
    assert dsl[0] == pytest.approx(50 - 15 - 17.5)
    assert ftth + cable + dsl == pytest.approx(np.full(MONTHS, 50.0))
    assert cable[-1] < cable.max(), "homes move on to fibre"
    connected = state.homes_connected[:, row(state, "cable"), 0]
    assert connected.tolist() == pytest.approx(np.maximum.accumulate(cable).tolist())


def test_lines_once_put_in_stay_in_while_their_homes_stand():
    state = monthly_state(log_of(*LOG), projects(), demand(), ground())
    dsl = row(state, "dsl")
    assert state.homes_connected[:, dsl, 0].tolist() == [40] * MONTHS, "those of month 0 are in"
    assert state.subscribers[-1, dsl, 0] < 40
    fixed = [index for index, use in enumerate(state.uses) if use in ("fixed", "satellite")]
    assert (np.diff(state.homes_connected[:, fixed], axis=0) >= 0).all()
    others = [index for index in range(len(state.uses)) if index not in fixed]
    assert not state.homes_connected[:, others].any(), "radio has no lines"
    fewer = np.array([[100, 50, 40]] * 2 + [[20, 50, 40]] * 3, dtype=np.int32)
    left = monthly_state(log_of(LOG[0]), projects(), demand(), ground(homes=fewer))
    assert left.homes_connected[:, dsl, 0].tolist() == [40, 40, 20, 20, 20]


def test_new_homes_are_passed_when_they_are_built():
    """Ten homes a month in the town, whose point of presence is the city's; nine of ten obey."""
    homes = np.array([[100, 50 + 10 * month, 40] for month in range(MONTHS)], dtype=np.int32)
    built = np.diff(homes, axis=0, prepend=homes[:1]).astype(np.float32)
    land = ground(
        homes=homes,
        new_housing=NewHousing(built=built, share=0.9, mbps=80.0),
        presence=np.array([3, 3, 3], dtype=np.int32),
    )
    log = [row for row in LOG if row["project_id"] != "ftth:z1"]
    state = monthly_state(log_of(*log), projects(), demand(), land)
    ftth = row(state, "ftth")
    assert state.homes_passed[:, ftth, 1].tolist() == [0, 9, 18, 27, 36]
    assert state.peak_mbps[:, ftth, 1].tolist() == [0, 80, 80, 80, 80]
    assert state.lines.built_with_fibre[:, 1].tolist() == pytest.approx([0, 9, 18, 27, 36])
    assert state.subscribers[1, ftth, 1] == 0
    assert state.subscribers[2, ftth, 1] == pytest.approx(0.25 * 9, abs=2.5), "connected from the next month"
    assert state.subscribers[2, ftth, 1] > 0
    whole = monthly_state(log_of(*LOG), projects(), demand(), land)
    assert whole.lines.built_with_fibre[:, 1].tolist() == pytest.approx([0, 9, 18, 30, 40])
