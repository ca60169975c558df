"""Uplinks, rings and egress: what the busy hour asks of the network behind access, and the next step.

Every zone hangs on a point of presence, every point of presence on its county's node by an uplink, every
county's node on the core of the province by a ring, and the core on other provinces by its egress. This
module says how much each must bear and when it is outgrown; it knows no price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.access.nodes import Nodes, nodes_of
from sim.geo.months import FIRST_CENSUS, SECOND_CENSUS
from sim.options import Options
from sim.parameters import Quantity
from sim.tables.layers import ZONE_KINDS

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.geo.area import Area
    from sim.tables.demand import Demand

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Gbps = Annotated[float, Field(gt=0), Quantity("Gbps")]
Wait = Annotated[float, Field(ge=0), Quantity("months")]

UPLINK, RING, EGRESS, IPV6, BACKUP = "up", "ring", "egress", "ipv6", "backup"
"""What a transport project enlarges or renews, as it stands in its identifier and its way of building."""
PREFIX = "transport:"
MOST_STEPS = 24
"""Steps of one node within a run; the last one suffices to its end."""
_MBPS_PER_GBPS = 1e3


class UplinkOptions(Options):
    """How the network behind access is dimensioned, and what of it stands."""

    rural_uplink: Gbps
    """Uplink of access equipment in month 0 at a point of presence in a village's zone [Gbit/s]."""
    urban_uplink: Gbps
    """The same at one in a city or town [Gbit/s]."""
    homes_per_uplink: Annotated[float, Field(gt=0), Quantity("homes/unit")]
    """Homes of 2010 for each piece of that equipment, one at least and each with its uplink [homes/unit]."""
    county_ring: Gbps
    """Ring that joins so many homes of a county to the core in month 0 [Gbit/s]."""
    homes_per_ring: Annotated[float, Field(gt=0), Quantity("homes/unit")]
    """Homes of 2010 for each such ring [homes/unit]."""
    small_rate: Gbps
    """Smallest standard interface [Gbit/s]."""
    medium_rate: Gbps
    """The next standard interface [Gbit/s]."""
    large_rate: Gbps
    """Largest standard interface; as many as needed work in parallel [Gbit/s]."""
    most_links: Annotated[int, Field(ge=1), Quantity("interfaces")]
    """Interfaces in parallel beyond which the next larger one is taken instead [interfaces]."""
    usable_load: Annotated[float, Field(gt=0, le=1), Quantity("share")]
    """Share of a link that the mean of the busy hour may take: the rest is for peaks and failures [share]."""
    ahead: Wait
    """How long before a link is outgrown its next step may be funded [months]."""
    lasts: Wait
    """How long a step must suffice from the month in which it is needed [months]."""

    @model_validator(mode="after")
    def _ascending(self) -> UplinkOptions:
        if not self.small_rate < self.medium_rate < self.large_rate:
            raise ValueError("small_rate, medium_rate and large_rate must ascend")
        return self

    @property
    def rates_mbps(self) -> Floats:
        """The standard interfaces, ascending, shape (3,) [Mbit/s]."""
        return np.array([self.small_rate, self.medium_rate, self.large_rate]) * _MBPS_PER_GBPS

    def sized(self, need_mbps: Floats) -> tuple[Ints, Ints]:
        """Return the row of the interface for each need and how many work in parallel, both its shape.

        The smallest interface of which ``most_links`` bear the need; of the largest as many as it takes.
        """
        rates = self.rates_mbps
        count = np.maximum(np.ceil(need_mbps[..., None] / rates - 1e-9), 1.0)
        fits = count <= self.most_links
        fits[..., -1] = True
        row = fits.argmax(axis=-1)
        return row.astype(np.int64), np.take_along_axis(count, row[..., None], -1)[..., 0].astype(np.int64)


def busy_load_mbps(area: Area, demand: Demand, horizon: Horizon, group: Ints, count: int) -> Floats:
    """Return the traffic of the busy hour behind each group of zones, shape (M, groups) [Mbit/s].

    Everybody counts who wants a fixed line or mobile broadband, served or not: what is built must bear
    those who come once they can. ``group`` is the group of each zone, -1 for none, shape (Z,). Homes and
    residents go in a straight line from one census to the other, so that the sums are taken once.
    """
    zones, kinds = area.zones, len(ZONE_KINDS)
    inside = group >= 0
    slot = group[inside] * kinds + demand.zone_kind[inside]
    part = np.clip((horizon.middle_years() - FIRST_CENSUS) / (SECOND_CENSUS - FIRST_CENSUS), 0.0, 1.0)

    def by_month(what: str) -> Floats:
        first, second = (
            np.bincount(slot, zones[f"{what}_{year}"].to_numpy()[inside], count * kinds)
            for year in ("2010", "2020")
        )
        total = first + part[:, None] * (second - first)
        return np.asarray(total.reshape(len(part), count, kinds), dtype=np.float64)

    fixed = demand.fixed_lines * demand.fixed_busy_mbps[:, None]
    mobile = demand.mobile_willing * demand.mobile_busy_mbps[:, None]
    load = np.einsum("mgk,mk->mg", by_month("homes"), fixed)
    return np.asarray(load + np.einsum("mgk,mk->mg", by_month("population"), mobile), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Ladder:
    """The steps that links will need, one row each, by link and then in the order of building."""

    link: Ints
    step: Ints
    """Number of the step at its link, from 1."""
    month: Ints
    """First month in which it may be funded."""
    had_mbps: Floats
    """Capacity before it [Mbit/s]."""
    need_mbps: Floats
    """Capacity that it must have at least [Mbit/s]."""
    has_mbps: Floats
    """Capacity after it [Mbit/s]."""


def ladder(
    need_mbps: Floats, standing_mbps: Floats, options: UplinkOptions, *, exact_for: float | None = None
) -> Ladder:
    """Return the steps of each link from the capacity it needs by month, shape (M, links) [Mbit/s].

    A step is needed in the first month whose need exceeds what there is, may be funded ``ahead`` of it, and
    bears the largest need from then for as long as it ``lasts``, or to the end. It is a number of standard
    interfaces; with ``exact_for`` it is just what is needed for that time instead [months].
    """
    months = len(need_mbps)
    has = standing_mbps.astype(np.float64)
    ahead = round(options.ahead)
    lasts = round(options.lasts if exact_for is None else exact_for)
    rows: list[tuple[NDArray[np.generic], ...]] = []
    for number in range(1, MOST_STEPS + 1):
        over = need_mbps > has * (1.0 + 1e-9)
        link = np.flatnonzero(over.any(axis=0))
        if not len(link):
            break
        first = over[:, link].argmax(axis=0)
        last = np.full(len(link), months) if number == MOST_STEPS else first + lasts
        month = np.arange(months)[:, None]
        within = (month >= first) & (month <= last)
        need = np.where(within, need_mbps[:, link], 0.0).max(axis=0)
        after = need
        if exact_for is None:
            row, count = options.sized(need)
            after = options.rates_mbps[row] * count
        step = np.full(len(link), number)
        rows.append((link, step, np.maximum(first - ahead, 0), has[link], need, after))
        has[link] = after
    if not rows:
        none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
        return Ladder(none, none, none, nothing, nothing, nothing)
    table = [np.concatenate(column) for column in zip(*rows, strict=True)]
    order = np.lexsort((table[1], table[0]))
    return Ladder(*(column[order] for column in table))


def uplink_ladder(
    area: Area, demand: Demand, options: UplinkOptions, horizon: Horizon, nodes: Nodes
) -> Ladder:
    """Return the steps that the uplinks of the points of presence will need; links are points of presence."""
    load = busy_load_mbps(area, demand, horizon, nodes.of_zone, len(nodes.place))
    return ladder(load / options.usable_load, standing_uplinks_mbps(area, nodes, options), options)


def standing_uplinks_mbps(area: Area, nodes: Nodes, options: UplinkOptions) -> Floats:
    """Return the uplink of each point of presence in month 0, shape (N,) [Mbit/s]."""
    rate = np.where(nodes.urban, options.urban_uplink, options.rural_uplink)
    units = _units(area, nodes.of_zone, len(nodes.place), options.homes_per_uplink)
    return np.asarray(rate * units * _MBPS_PER_GBPS, dtype=np.float64)


def standing_rings_mbps(area: Area, nodes: Nodes, options: UplinkOptions) -> Floats:
    """Return the ring of each county in month 0, shape (C,) [Mbit/s]."""
    units = _units(area, nodes.county_of_zone, len(nodes.seat), options.homes_per_ring)
    return np.asarray(options.county_ring * units * _MBPS_PER_GBPS, dtype=np.float64)


def _units(area: Area, group: Ints, count: int, homes_per_unit: float) -> Floats:
    """Return how many units the homes of 2010 of each group of zones take, one at least, shape (groups,)."""
    inside = group >= 0
    homes = np.bincount(group[inside], area.zones["homes_2010"].to_numpy()[inside], count)
    return np.maximum(np.ceil(homes / homes_per_unit - 1e-9), 1.0)


def step_ids(kind: str, names: NDArray[np.object_], step: Ints) -> NDArray[np.object_]:
    """Return the identifiers of steps: the first bears the bare name of its link, later ones their number."""
    return np.array(
        [
            f"{PREFIX}{kind}.{name}" + (f".{number}" if number > 1 else "")
            for name, number in zip(names, step.tolist(), strict=True)
        ],
        dtype=object,
    )


def uplink_projects(
    area: Area, demand: Demand, options: UplinkOptions, horizon: Horizon
) -> NDArray[np.object_]:
    """Return the transport project that access in each zone requires, empty where what stands is enough.

    That is the first step of the uplink of the zone's point of presence where that uplink is outgrown within
    ``ahead`` months of the start, so that the step may be funded at once. Shape (Z,).
    """
    nodes = nodes_of(area)
    steps = uplink_ladder(area, demand, options, horizon, nodes)
    now = (steps.step == 1) & (steps.month == 0)
    names = area.places["place_id"].to_numpy(dtype=object)[nodes.place[steps.link[now]]]
    required = np.full(len(nodes.place) + 1, "", dtype=object)  # the last row is that of zones without one
    required[steps.link[now]] = step_ids(UPLINK, names, steps.step[now])
    return required[nodes.of_zone]
