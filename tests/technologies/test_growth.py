"""What load adds to cells, against a count by hand."""

from __future__ import annotations

import numpy as np

from sim.technologies.growth import Step, busy_load_mbps, grow

STEPS = (Step("b41", "carrier", 40.0, 0), Step("b3", "carrier", 20.0, 4), Step("sectors", "sectors", 60.0, 0))
LOAD = np.array(
    [[10, 60, 95, 0], [20, 60, 99, 0], [51, 60, 120, 0], [52, 60, 300, 0], [53, 60, 300, 0]], float
)
"""Five months by four cells; a site alone carries 50."""
NONE = np.zeros((4, 3), dtype=bool)


def test_steps_are_taken_in_order_when_the_load_outgrows_what_stands():
    growth = grow(LOAD, np.full(4, 50.0), STEPS, NONE)
    rows = {}
    for number, (cell, step, month, after) in enumerate(
        zip(growth.cell, growth.step, growth.month, growth.after, strict=True)
    ):
        before = -1 if after < 0 else int(growth.step[after])
        assert after < number
        assert after < 0 or growth.cell[after] == cell
        rows[int(cell), STEPS[step].name] = (int(month), STEPS[before].name if before >= 0 else "")
    assert rows == {
        (0, "b41"): (2, ""),  # 51 over 50
        (1, "b41"): (0, ""),  # 60 over 50, and 90 carry it for good
        (2, "b41"): (0, ""),
        (2, "b3"): (4, "b41"),  # 95 over 90 from the start, but licensed in month 4
        (2, "sectors"): (2, "b3"),  # 120 over the 110 of all before
    }


def test_what_stands_is_not_added_again():
    taken = NONE.copy()
    taken[:, 0] = True
    growth = grow(LOAD, np.array([90.0, 90.0, 90.0, 50.0]), STEPS, taken)
    assert [STEPS[step].name for step in growth.step] == ["b3", "sectors"]
    assert growth.cell.tolist() == [2, 2]


def test_nothing_grows_without_load():
    assert len(grow(np.zeros((3, 4)), np.full(4, 50.0), STEPS, NONE).cell) == 0
    assert len(grow(LOAD, np.full(4, 50.0), (), np.zeros((4, 0), dtype=bool)).cell) == 0


def test_busy_hour_traffic_of_a_cell_is_the_sum_of_its_points():
    people, kind = np.array([100.0, 50.0, 10.0, 7.0]), np.array([0, 2, 2, 1], dtype=np.int8)
    cell = np.array([0, 0, 1, -1], dtype=np.int32)
    traffic = np.array([[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]])
    load = busy_load_mbps(people, kind, cell, 3, traffic)
    assert np.allclose(load, [[100 * 0.1 + 50 * 0.3, 10 * 0.3, 0.0], [100 * 1.0 + 50 * 3.0, 30.0, 0.0]])
