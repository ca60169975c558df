"""What stands or is under way when the planner is asked, as plain arrays over zones and points."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.tables.layers import ROAD_GROUPS

_NO_LENGTH = 1e-9
"""Kilometres that stand for none where a share is asked of a group without any."""


@dataclass(frozen=True, eq=False)
class Roads:
    """The roads and railways that points stand for, P points; all zero where a point is none."""

    km: NDArray[np.float64]
    """Length, shape (P,) [km]."""
    kind: NDArray[np.object_]
    """Kind of each point, shape (P,)."""
    road_class: NDArray[np.int32]
    """Class, 1 the best, shape (P,)."""
    signal: NDArray[np.bool_]
    """Whether mobile broadband of any kind is there or under way, shape (P,)."""

    def group(self, name: str) -> NDArray[np.bool_]:
        """Return the points of a group of roads, shape (P,)."""
        kind, worst = ROAD_GROUPS[name]
        return np.asarray((self.kind == kind) & (self.road_class <= worst))

    def wanting(self, name: str, enough: float) -> NDArray[np.bool_]:
        """Return the points of a group without signal, shape (P,); none once ``enough`` of it has signal."""
        group = self.group(name)
        without = group & ~self.signal
        share = 1.0 - self.km[without].sum() / max(self.km[group].sum(), _NO_LENGTH)
        return without if round(float(share), 6) < enough else np.zeros_like(without)


@dataclass(frozen=True, eq=False)
class Situation:
    """What stands or is under way when the planner is asked: Z zones, P points, L fixed layers."""

    month: int
    homes: NDArray[np.int32]
    """Homes, shape (Z,)."""
    population: NDArray[np.int32]
    """Residents, shape (Z,)."""
    zone_of_point: NDArray[np.int32]
    """Row of the zone of each point, shape (P,)."""
    point_homes: NDArray[np.int32]
    """Homes, shape (P,)."""
    point_people: NDArray[np.int32]
    """Residents, shape (P,)."""
    fixed_mbps: NDArray[np.float32]
    """Rate that a home can order, standing or under way, shape (Z,), or (L, Z) by technology [Mbit/s]."""
    fixed_share: NDArray[np.float32]
    """Share of the homes that can order it, same shape."""
    covered: Mapping[str, NDArray[np.bool_]]
    """Points served by each radio technology, standing or under way, shape (P,)."""
    roads: Roads | None = None
    """Roads among the points; none without."""
    reach: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Share of each zone's homes that a technology can pass, shape (Z,); all where it is left out."""
    cable: int | None = None
    """Layer of ``fixed_mbps`` that is two-way cable; none without."""
    layers: tuple[str, ...] = ()
    """Technology of each layer of ``fixed_mbps``; empty: any layer counts for any need of lines."""
    poor: NDArray[np.bool_] | None = None
    """Zones in poor counties, shape (Z,); none without."""
    elsewhere: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Points served by each radio technology of other operators, shape (P,): what they serve needs no
    second network for a target."""
    lines_elsewhere: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    """Rate and share of homes by layer of other operators' lines, each (L, Z); none without."""
    paying: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Share of each zone's homes (or residents) that would pay for a use, shape (Z,); all where left out."""

    @property
    def zones(self) -> int:
        """How many zones there are."""
        return len(self.homes)

    @cached_property
    def people(self) -> NDArray[np.float64]:
        """Residents of each zone who live at its points, shape (Z,)."""
        people = self.point_people.astype(np.float64)
        return np.asarray(np.bincount(self.zone_of_point, people, minlength=self.zones), dtype=np.float64)

    def served(self, technologies: Collection[str]) -> NDArray[np.bool_]:
        """Return the points that any of these radio technologies serves, shape (P,)."""
        found = np.zeros(len(self.zone_of_point), dtype=bool)
        for name in technologies:
            if name in self.covered:
                found |= self.covered[name]
        return found

    def met(self, technologies: Collection[str]) -> NDArray[np.bool_]:
        """Return the points that any of these serves, whoever the operator is, shape (P,)."""
        found = self.served(technologies)
        for name in technologies:
            if name in self.elsewhere:
                found |= self.elsewhere[name]
        return found

    def share_of_people(self, points: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the share of each zone's residents at some of the points, shape (Z,); 0 where none live."""
        there = np.bincount(self.zone_of_point, self.point_people * points, minlength=self.zones)
        return np.divide(there, self.people, out=np.zeros(self.zones), where=self.people > 0)

    def line_layers(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return rate and share of homes of the fixed layers, both of shape (L, Z)."""
        return np.atleast_2d(self.fixed_mbps), np.atleast_2d(self.fixed_share)

    def every_line(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return rate and share of homes of the fixed layers whoever the operator is, both (L, Z)."""
        rate, share = self.line_layers()
        if self.lines_elsewhere is None:
            return rate, share
        return np.maximum(rate, self.lines_elsewhere[0]), np.maximum(share, self.lines_elsewhere[1])

    def lacking(self, zone: NDArray[np.int64], mbps: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the share of homes that cannot order a rate yet, for each zone and rate asked for.

        Technologies nest on the same homes, so the widest of those fast enough decides.
        """
        having = np.zeros(len(zone), dtype=np.float64)
        for rate, share in zip(*self.line_layers(), strict=True):
            here = rate[zone]
            np.maximum(having, np.where((here >= mbps) & (here > 0), share[zone], 0.0), out=having)
        return np.clip(1.0 - having, 0.0, 1.0)
