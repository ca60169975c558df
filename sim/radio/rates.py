"""What a carrier carries: modulation tables, layers, overheads, and the rates of cells and people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity
from sim.radio.link import (
    LOWEST_SINR_DB,
    SUBCARRIERS_PER_RESOURCE_BLOCK,
    Floats,
    as_floats,
    nr_resource_blocks,
    resource_blocks,
    spectral_efficiency_bps_hz,
)

Rows = tuple[tuple[int, float], ...]
Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Sharing = Literal["time", "throughput"]

_QPSK_LOW = (30, 40, 50, 64, 78, 99)
_QPSK = (120, 157, 193, 251, 308, 379, 449, 526, 602, 679)
_QAM16 = (340, 378, 434, 490, 553, 616, 658)
_QAM64 = (438, 466, 517, 567, 616, 666, 719, 772, 822, 873, 910, 948)
_QAM256 = (682.5, 711, 754, 797, 841, 885, 916.5, 948)
CODE_SCALE = 1024.0


def _rows(*steps: tuple[int, Sequence[float]]) -> Rows:
    return tuple((bits, float(code)) for bits, codes in steps for code in codes)


NR_MCS: Mapping[int, Rows] = MappingProxyType(
    {
        1: _rows((2, _QPSK), (4, _QAM16), (6, _QAM64)),
        2: _rows((2, _QPSK[0::2]), (4, _QAM16[1:]), (6, _QAM64[1:10]), (8, _QAM256)),
        3: _rows((2, _QPSK_LOW + _QPSK[:9]), (4, _QAM16[:6]), (6, _QAM64[:8])),
    }
)
"""Bits a symbol and 1024 times the code rate of NR's downlink by index (3GPP TS 38.214, tables 5.1.3.1-1
to 5.1.3.1-3: up to 64QAM, up to 256QAM, and up to 64QAM of low efficiency)."""
LTE_CQI: Rows = _rows((2, (78, 120, 193, 308, 449, 602)), (4, _QAM16[1:6:2]), (6, (*_QAM64[1:10:2], 948)))
"""Bits a symbol and 1024 times the code rate of LTE's channel quality indicators 1 to 15
(3GPP TS 36.213, table 7.2.3-1)."""
LTE_CQI_SINR_DB = (-6.7, -4.7, -2.3, 0.2, 2.4, 4.3, 5.9, 8.1, 10.3, 11.7, 14.1, 16.3, 18.7, 21.0, 22.7)
"""SINR at which indicators 1 to 15 err in a tenth of the blocks: planners' usage, not a standard [dB]."""
_FIT_FACTOR, _FIT_SNR = 0.75, 1.25
_SYMBOLS_PER_SLOT = 14
_HZ_PER_KHZ, _SLOTS_PER_S_AT_15_KHZ, _LOWEST_SPACING_KHZ = 1e3, 1e3, 15.0
_BITS_PER_MBIT = 1e6
_CODED = _SYMBOLS_PER_SLOT * _SLOTS_PER_S_AT_15_KHZ / (_LOWEST_SPACING_KHZ * _HZ_PER_KHZ)
"""Symbols for each second and hertz of a subcarrier: the cyclic prefix takes a fifteenth."""
MOST_CODE_RATE = 948.0 / CODE_SCALE


def efficiency_bps_symbol(rows: Rows) -> NDArray[np.float64]:
    """Return the information bits of one symbol for each row of a table: bits times code rate."""
    return np.array([bits * code / CODE_SCALE for bits, code in rows])


def fitted_sinr_db(bps_symbol: ArrayLike) -> NDArray[np.float64]:
    """Return the SINR at which LTE's link level reaches an efficiency [dB].

    References
    ----------
    Mogensen et al., LTE Capacity Compared to the Shannon Bound, VTC Spring 2007: 0.75 log2(1 + SNR / 1.25).
    """
    power = _FIT_SNR * np.expm1(np.asarray(bps_symbol, dtype=np.float64) * (math.log(2.0) / _FIT_FACTOR))
    return np.asarray(10.0 * np.log10(power))


@dataclass(frozen=True, eq=False)
class RateTable:
    """Efficiencies of one layer of one carrier, and the SINR from which each holds."""

    sinr_db: NDArray[np.float64]
    """Rising, shape (rows,) [dB]."""
    bps_symbol: NDArray[np.float64]
    """Rising, shape (rows,) [bit/symbol]."""

    @classmethod
    def fitted(cls, rows: Rows) -> RateTable:
        """Return a standard's table with the SINR of ``fitted_sinr_db``: the standard itself names none."""
        efficiency = np.sort(efficiency_bps_symbol(rows))
        return cls(fitted_sinr_db(efficiency), efficiency)

    def efficiency(self, sinr_db: ArrayLike) -> Floats:
        """Return the best row's efficiency, 0 below the first, same shape [bit/symbol]."""
        sinr = as_floats(sinr_db)
        row = np.searchsorted(self.sinr_db.astype(sinr.dtype), sinr, side="right")
        steps = np.concatenate([[0.0], self.bps_symbol]).astype(sinr.dtype)
        return np.where(np.isnan(sinr), sinr, steps[row])


RATE_TABLES: Mapping[str, RateTable] = MappingProxyType(
    {
        "lte_cqi": RateTable(np.array(LTE_CQI_SINR_DB), efficiency_bps_symbol(LTE_CQI)),
        **{f"nr_mcs_{index}": RateTable.fitted(rows) for index, rows in NR_MCS.items()},
    }
)


class Carrier(Options):
    """One carrier of one cell: its spectrum, layers and what of it is left for users."""

    standard: Literal["lte", "nr"] = "lte"
    """Radio standard [name]."""
    bandwidth: Annotated[float, Field(gt=0), Quantity("MHz")]
    """Channel bandwidth [MHz]."""
    subcarrier_spacing: Annotated[float, Field(gt=0), Quantity("kHz")] = 15.0
    """Spacing of the subcarriers, 15 in LTE [kHz]."""
    layers: Annotated[int, Field(ge=1, le=16)] = 1
    """Most streams that one user receives at once [1]."""
    downlink_share: Share = 1.0
    """Share of the time that is downlink; 1 with paired spectrum [share]."""
    overhead: Share
    """Share of the symbols that carry control and reference signals [share]."""
    efficiency: Literal["truncated_shannon", "lte_cqi", "nr_mcs_1", "nr_mcs_2", "nr_mcs_3"] = (
        "truncated_shannon"
    )
    """How the rate follows from SINR: the bound of TR 36.942, or a table of modulation and coding [name]."""

    @property
    def blocks(self) -> int:
        """Resource blocks."""
        if self.standard == "lte":
            return resource_blocks(self.bandwidth)
        return nr_resource_blocks(self.bandwidth, self.subcarrier_spacing)

    @property
    def occupied_hz(self) -> float:
        """Bandwidth of all subcarriers [Hz]."""
        return self.blocks * SUBCARRIERS_PER_RESOURCE_BLOCK * self.subcarrier_spacing * _HZ_PER_KHZ

    def efficiency_bps_hz(self, sinr_db: ArrayLike) -> Floats:
        """Return what all layers carry in a hertz of the subcarriers, before overheads, same shape.

        The user receives as many equally strong streams, up to ``layers``, as carry most; the power is
        split among them. Streams that disturb one another carry less.
        """
        sinr = as_floats(sinr_db)
        ranks = range(1, self.layers + 1)
        each = [rank * self._layer_bps_hz(sinr - 10.0 * math.log10(rank)) for rank in ranks]
        return np.asarray(np.maximum.reduce(each))

    def rate_mbps(self, sinr_db: ArrayLike) -> Floats:
        """Return the downlink rate of a user who has the carrier alone, same shape [Mbit/s]."""
        usable_hz = self.occupied_hz * self.downlink_share * (1.0 - self.overhead)
        return np.asarray(self.efficiency_bps_hz(sinr_db) * (usable_hz / _BITS_PER_MBIT))

    @property
    def lowest_mbps(self) -> float:
        """Rate at the lowest SINR that carries anything, alone in the cell [Mbit/s]."""
        table = RATE_TABLES.get(self.efficiency)
        return float(self.rate_mbps(LOWEST_SINR_DB if table is None else table.sinr_db[0]))

    def _layer_bps_hz(self, sinr_db: Floats) -> Floats:
        if self.efficiency == "truncated_shannon":
            return spectral_efficiency_bps_hz(sinr_db)
        return RATE_TABLES[self.efficiency].efficiency(sinr_db) * _CODED


def peak_rate_mbps(
    blocks: int,
    subcarrier_khz: float,
    layers: int,
    bits: int,
    overhead: float,
    scaling: float = 1.0,
) -> float:
    """Return the highest rate of one NR carrier with all its symbols in one direction [Mbit/s].

    ``bits`` of a symbol are 8 for 256QAM; ``overhead`` is 0.14 in the downlink and 0.08 in the uplink
    below 6 GHz.

    References
    ----------
    3GPP TS 38.306, section 4.1.2.
    """
    symbols = _SYMBOLS_PER_SLOT * _SLOTS_PER_S_AT_15_KHZ * subcarrier_khz / _LOWEST_SPACING_KHZ
    elements = blocks * SUBCARRIERS_PER_RESOURCE_BLOCK * symbols
    return layers * bits * scaling * MOST_CODE_RATE * elements * (1.0 - overhead) / _BITS_PER_MBIT


def cell_means_mbps(
    server: NDArray[np.integer],
    rate_mbps: NDArray[np.floating],
    people: NDArray[np.floating],
    cells: int,
    sharing: Sharing,
) -> NDArray[np.float64]:
    """Return what each cell carries when it serves its people together, 0 without any, shape (cells,).

    ``server`` is each receiver's cell or -1. Sharing "time" gives everybody the same time (arithmetic
    mean); "throughput" gives everybody the same rate (harmonic mean). Receivers without a rate are not
    covered and take no part.
    """
    taken = (server >= 0) & (rate_mbps > 0) & (people > 0)
    cell, rate, weight = server[taken], np.asarray(rate_mbps[taken], dtype=np.float64), people[taken]
    total = np.bincount(cell, weight, minlength=cells)
    if sharing == "time":
        carried, divisor = np.bincount(cell, weight * rate, minlength=cells), total
    else:
        carried, divisor = total, np.bincount(cell, weight / rate, minlength=cells)
    return np.divide(carried, divisor, out=np.zeros(cells), where=divisor > 0)


def weighted_quantiles(values: ArrayLike, weights: ArrayLike, shares: ArrayLike) -> NDArray[np.float64]:
    """Return the values that a share of the weight does not exceed, NaN without weight, shape of the shares.

    With rates and people, share 0.05 is the cell-edge rate and 0.5 the median.
    """
    value = np.asarray(values, dtype=np.float64).ravel()
    weight = np.asarray(weights, dtype=np.float64).ravel()
    wanted = np.asarray(shares, dtype=np.float64)
    value, weight = value[weight > 0], weight[weight > 0]
    if not value.size:
        return np.full(wanted.shape, np.nan)
    # Equal values may come in any order: the weights, whole persons, sum exactly and the value is theirs.
    order = np.argsort(value)
    below = np.cumsum(weight[order])
    # The last sums round differently from their parts: a hair of slack keeps whole shares whole.
    rank = np.searchsorted(below, wanted * below[-1] * (1.0 - 1e-12), side="left")
    return np.asarray(value[order][np.minimum(rank, len(value) - 1)])
