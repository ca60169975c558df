"""What an audience and the land receive of a network by month, after the losses of their surroundings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.radio.audience import Audience
from sim.radio.growing import grow_raster
from sim.radio.land import Land, nearest_zone
from sim.radio.link import milliwatt
from sim.radio.onair import NetworkOnAir
from sim.radio.series import point_series

if TYPE_CHECKING:
    from sim.geo.area import Area

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a network: the sectors of all its mapped carriers, one after the other."""

    carrier: NDArray[np.int32]
    """Number of the carrier among the mapped ones, shape (cells,)."""
    location: NDArray[np.int32]
    site: NDArray[np.int32]
    """Number of the site among the sites of all carriers, shape (cells,)."""
    sector: NDArray[np.int32]
    """Number of the sector at its site."""
    azimuth_deg: Floats
    month: NDArray[np.int32]
    """Month from which each radiates."""
    site_x_m: Floats
    site_y_m: Floats
    site_month: NDArray[np.int32]

    def __len__(self) -> int:
        """Return how many cells there are."""
        return len(self.carrier)


@dataclass(frozen=True, eq=False)
class Heard:
    """What P receivers hear of a network in each of M months, in the street."""

    rsrp_dbm: NDArray[np.float32]
    """Of the strongest cell of any carrier, shape (M, P) [dBm]."""
    serving_dbm: NDArray[np.float32]
    """Of the cell that serves, shape (M, P) [dBm]."""
    cell: NDArray[np.int32]
    """The cell that serves, -1 without any, shape (M, P)."""
    other_mw: NDArray[np.float32]
    """Power of the other cells of its carrier at full activity, shape (M, P) [mW]."""


@dataclass(frozen=True, eq=False)
class HeardOnLand:
    """What each pixel hears in the last month, and from when it hears enough."""

    rsrp_dbm: NDArray[np.float32]
    cell: NDArray[np.int32]
    second_dbm: NDArray[np.float32]
    other_mw: NDArray[np.float32]
    first_month: NDArray[np.int16]
    """Month from which it hears what each question asks for, shape (K, rows, columns)."""


def roughness_db(area: Area, air: NetworkOnAir, zone: NDArray[np.integer]) -> Floats | float:
    """Return what hills cost at receivers in these zones where there is no height model [dB]."""
    if area.dem is not None:
        return 0.0
    rough = area.zones["roughness_m"].to_numpy(dtype=np.float64)[zone]
    return np.asarray(np.minimum(air.network.roughness_margin * rough, air.network.roughness_limit))


def cells_of(air: NetworkOnAir) -> Cells:
    """Return the cells of a network."""
    sites = [carrier.sites for carrier in air.carriers]
    counts = [np.diff(part.first_sector) for part in sites]
    first_site = np.cumsum([0, *(len(part) for part in sites)])
    own = [np.repeat(np.arange(len(part)), count) for part, count in zip(sites, counts, strict=True)]

    def whole(parts: list[NDArray[Any]]) -> NDArray[np.int32]:
        return np.concatenate(parts).astype(np.int32)

    numbered = list(zip(air.carriers, sites, own, strict=True))
    return Cells(
        carrier=whole([np.full(part.sectors, number) for number, part in enumerate(sites)]),
        location=whole([carrier.locations[row] for carrier, _, row in numbered]),
        site=whole([row + first for row, first in zip(own, first_site, strict=False)]),
        sector=whole([np.arange(part.sectors) - part.first_sector[row] for _, part, row in numbered]),
        azimuth_deg=np.concatenate([part.azimuth_deg for part in sites]),
        month=whole([carrier.month[row] for carrier, _, row in numbered]),
        site_x_m=np.concatenate([part.x_m for part in sites]),
        site_y_m=np.concatenate([part.y_m for part in sites]),
        site_month=whole([carrier.month for carrier in air.carriers]),
    )


def hear(
    area: Area,
    audience: Audience,
    air: NetworkOnAir,
    lowest_dbm: float = np.inf,
    enough_dbm: Floats | float = np.inf,
) -> Heard:
    """Return what an audience hears in each month.

    The strongest cell of the first carrier serves where its power is ``enough_dbm`` (of each receiver);
    elsewhere the strongest of all: as with the cell priorities of 3GPP TS 36.304, section 5.2.4.5, a wide
    carrier is not left for a narrow one below it, which reaches further.

    Cells are heard down to what covers in the street or, where that is less, to ``lowest_dbm`` there.
    """
    shape = (air.months, len(audience.at))
    out = Heard(
        np.full(shape, -np.inf, dtype=np.float32),
        np.full(shape, -np.inf, dtype=np.float32),
        np.full(shape, -1, dtype=np.int32),
        np.zeros(shape, dtype=np.float32),
    )
    rough = roughness_db(area, air, audience.zone)
    first_cell = 0
    for carrier in air.carriers:
        layer, sites = carrier.layer, carrier.sites
        terrain = layer.terrain(area, sites)
        loss = layer.receiver_db(audience.kind) + rough
        covers_dbm = air.network.threshold_dbm() + air.network.margin_db()
        if lowest_dbm < covers_dbm:
            # Weak cells disturb, and reach devices that repeat themselves, beyond the edge of their cover.
            sites = replace(sites, radius_m=np.full(len(sites), layer.largest_radius_m))
        series = point_series(
            sites,
            carrier.month,
            audience.at,
            air.months,
            terrain=terrain,
            silent_dbm=min(lowest_dbm, covers_dbm) + loss,
        )
        # Plans compare powers before this loss to a hundredth: the edge falls where theirs does.
        loss = (np.round(covers_dbm + loss, 2) - covers_dbm).astype(np.float32)
        factor = milliwatt(-loss)
        for month in range(air.months):
            rsrp = series.best_dbm[month] - loss
            serving = out.serving_dbm[month]
            better = (rsrp > serving) & (serving < enough_dbm)
            np.maximum(out.rsrp_dbm[month], rsrp, out=out.rsrp_dbm[month])
            np.copyto(serving, rsrp, where=better)
            np.copyto(out.cell[month], series.server[month] + first_cell, where=better)
            other = np.maximum(series.total_mw[month] - milliwatt(series.best_dbm[month]), 0.0) * factor
            np.copyto(out.other_mw[month], other, where=better)
        first_cell += sites.sectors
    return out


def hear_on_land(area: Area, land: Land, air: NetworkOnAir, wanted_dbm: tuple[float, ...]) -> HeardOnLand:
    """Return what the land hears; ``wanted_dbm`` are the powers asked for in the street, K of them."""
    shape = land.grid.shape
    out = HeardOnLand(
        np.full(shape, -np.inf, dtype=np.float32),
        np.full(shape, -1, dtype=np.int32),
        np.full(shape, -np.inf, dtype=np.float32),
        np.zeros(shape, dtype=np.float32),
        np.full((len(wanted_dbm), *shape), air.months, dtype=np.int16),
    )
    rough: Floats | float = 0.0
    if area.dem is None:
        rough = roughness_db(area, air, nearest_zone(area, land))
    first_cell = 0
    for carrier in air.carriers:
        layer, sites = carrier.layer, carrier.sites
        terrain = layer.terrain(area, sites)
        loss = (layer.receiver_db(land.kind) + rough).astype(np.float32)
        needed = np.array(wanted_dbm, dtype=np.float32)[:, None, None] + loss
        found, first = grow_raster(land.grid, sites, carrier.month, needed, air.months, terrain)
        np.minimum(out.first_month, first, out=out.first_month)
        best = found.best_dbm - loss
        better = best > out.rsrp_dbm
        other = np.maximum(found.total_mw - milliwatt(found.best_dbm), 0.0) * milliwatt(-loss)
        for into, new in (
            (out.rsrp_dbm, best),
            (out.cell, found.server + np.int32(first_cell)),
            (out.second_dbm, found.second_dbm - loss),
            (out.other_mw, other.astype(np.float32)),
        ):
            np.copyto(into, new, where=better)
        first_cell += sites.sectors
    return out
