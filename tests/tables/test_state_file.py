"""Tests of the state table on disk."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.tables.results import STATE
from sim.tables.state_file import state_bytes
from tests.tiny import make_run, make_state


def test_state_rows_are_exactly_the_cells_that_hold_anything():
    run = make_run()
    state = run.states[0]
    table = pq.read_table(pa.BufferReader(state_bytes(run.states, run.area.zones)))
    assert table.column_names == STATE.names
    assert pa.types.is_dictionary(table.schema.field("zone_id").type)
    assert pa.types.is_dictionary(table.schema.field("technology").type)
    frame = table.to_pandas()
    assert len(frame) == int(((state.homes_passed > 0) | (state.covered_share > 0)).sum())
    assert not frame.duplicated(["replication", "month", "technology", "zone_id"]).any()
    for month, technology in ((0, "dsl"), (23, "ftth"), (14, "lte")):
        part = frame[(frame["month"] == month) & (frame["technology"] == technology)].set_index("zone_id")
        row = state.technology(technology)
        wanted = state.homes_passed[month, row]
        got = part["homes_passed"].reindex(run.area.zones["zone_id"]).fillna(0).to_numpy()
        assert np.array_equal(got, wanted)
    STATE.check(frame.astype({"technology": "str", "zone_id": "str"}))


def test_later_replications_are_kept_by_county():
    run = make_run(replications=2)
    frame = pq.read_table(pa.BufferReader(state_bytes(run.states, run.area.zones))).to_pandas()
    second = frame[frame["replication"] == 1]
    assert set(second["zone_id"]) == {"530101", "530102"}
    state = make_state(run.area, lift=1)
    last = second[(second["month"] == 23) & (second["technology"] == "lte")]
    assert last["homes_passed"].sum() == state.homes_passed[23, 3].sum()
    assert last["subscribers"].sum() == pytest.approx(state.subscribers[23, 3].sum())
    people = run.area.zones.groupby("county")["population_2020"].sum().to_numpy()
    covered = (state.covered_share[23, 3] * state.population[23]).sum()
    assert (last["covered_share"].to_numpy() * people).sum() == pytest.approx(covered, rel=1e-6)
    assert np.allclose(last["busy_hour_mbps"], 3.0)
