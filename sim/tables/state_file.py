"""The state table as a file: dense arrays cut to Parquet without ever becoming a frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import StoreError
from sim.tables.results import STATE

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.results import MonthlyState

_CHUNK_ROWS = 1 << 20
Array = NDArray[Any]


def state_bytes(states: tuple[MonthlyState, ...], zones: pd.DataFrame) -> bytes:
    """Return the state table as Parquet: zones in replication 0, counties in the others.

    Rows of zeros are left out; the arrow arrays are cut straight from the dense arrays, month by
    month, so that some ten million rows cost neither strings nor an index.
    """
    buffer = pa.BufferOutputStream()
    writer = None
    for table in _grouped(_month_tables(states, zones)):
        if writer is None:
            writer = pq.ParquetWriter(
                buffer,
                table.schema,
                compression="zstd",
                compression_level=3,
                use_dictionary=["month", "replication", "technology", "zone_id", "covered_share"],
            )
        writer.write_table(table, row_group_size=_CHUNK_ROWS * 2)
    if writer is None:
        raise StoreError("the run has no month, so it has no state to save")
    writer.close()
    return bytes(buffer.getvalue().to_pybytes())


def _grouped(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Join small months to row groups of about a million rows."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows >= _CHUNK_ROWS:
            yield pa.concat_tables(held)
            held, rows = [], 0
    if held:
        yield pa.concat_tables(held)


def _month_tables(states: tuple[MonthlyState, ...], zones: pd.DataFrame) -> Iterator[pa.Table]:

    counties, county_of = np.unique(zones["county"].to_numpy(dtype=object).astype(str), return_inverse=True)
    for replication, state in enumerate(states):
        names = [str(name) for name in (zones["zone_id"] if replication == 0 else counties)]
        for month in range(state.homes.shape[0]):
            if replication == 0:
                columns: list[Array] = [
                    array[month]
                    for array in (
                        state.homes_passed,
                        state.homes_connected,
                        state.subscribers,
                        state.covered_share,
                        state.busy_hour_mbps,
                    )
                ]
            else:
                columns = _by_county(state, month, county_of, len(counties))
            yield _sparse_table((replication, month), state.technologies, names, columns)


def _by_county(state: MonthlyState, month: int, county_of: NDArray[np.intp], count: int) -> list[Array]:
    """Sum homes and subscribers; weigh coverage by residents and rates by subscribers."""

    def total(values: Array) -> Array:
        return np.stack([np.bincount(county_of, weights=row, minlength=count) for row in values])

    people, subscribers = state.population[month].astype(float), state.subscribers[month].astype(float)
    residents = np.bincount(county_of, weights=people, minlength=count)
    paying = total(subscribers)
    covered = total(state.covered_share[month] * people) / np.maximum(residents, 1.0)
    rate = total(state.busy_hour_mbps[month] * subscribers) / np.where(paying > 0, paying, 1.0)
    connected = total(state.homes_connected[month])
    return [total(state.homes_passed[month]), connected, paying, np.minimum(covered, 1.0), rate]


def _sparse_table(
    when: tuple[int, int], technologies: tuple[str, ...], names: list[str], columns: list[Array]
) -> pa.Table:
    """Return the rows of one month that hold anything, as the state contract wants them."""
    flat = [np.ascontiguousarray(column).reshape(-1) for column in columns]
    rows = np.flatnonzero(np.logical_or.reduce([column != 0 for column in flat]))
    technology, zone = np.divmod(rows.astype(np.int32), np.int32(len(names)))
    arrays = [
        pa.array(np.full(len(rows), when[0], dtype=np.int32)),
        pa.array(np.full(len(rows), when[1], dtype=np.int32)),
        pa.DictionaryArray.from_arrays(pa.array(technology.astype(np.int8)), pa.array(list(technologies))),
        pa.DictionaryArray.from_arrays(pa.array(zone), pa.array(names)),
        pa.array(flat[0][rows].astype(np.int32)),
        *(pa.array(column[rows].astype(np.float32)) for column in flat[1:]),
    ]
    return pa.Table.from_arrays(arrays, names=STATE.names)
