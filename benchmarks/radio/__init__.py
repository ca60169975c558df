"""The figures that the radio engine must hold, each as a row that is measured alone and may fail."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from benchmarks.radio.changes import CHANGES
from benchmarks.radio.ground import GROUND
from benchmarks.radio.growth import GROWTH
from benchmarks.radio.maps import MAPS
from benchmarks.radio.networks import NETWORKS
from benchmarks.radio.province import PROVINCE
from benchmarks.radio.published import PUBLISHED
from benchmarks.rows import Row

ROWS: Mapping[str, Row] = MappingProxyType(
    {row.name: row for row in (PUBLISHED, *MAPS, *GROUND, PROVINCE, CHANGES, *NETWORKS, GROWTH)}
)
"""Every row by name."""
