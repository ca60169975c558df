"""Copper loops of month 0: how long they are, and the rate that a loop bears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.options import Options
from sim.parameters import Quantity
from sim.tables.layers import VILLAGE

if TYPE_CHECKING:
    from sim.geo.area import Area

Rate = Annotated[float, Field(ge=0), Quantity("Mbps")]
Floats = NDArray[np.float64]
_M_PER_KM = 1000.0


class CopperOptions(Options):
    """What a copper pair bears by its length, and how pairs run."""

    rate_0km: Rate
    """Downstream rate of ADSL2+ on a loop of no length [Mbit/s]."""
    rate_1km: Rate
    """The same at 1 km [Mbit/s]."""
    rate_2km: Rate
    """At 2 km [Mbit/s]."""
    rate_3km: Rate
    """At 3 km [Mbit/s]."""
    rate_4km: Rate
    """At 4 km [Mbit/s]."""
    rate_5km: Rate
    """At 5 km [Mbit/s]."""
    rate_6km: Rate
    """At 6 km, the end of the table; a longer loop bears nothing [Mbit/s]."""
    line_quality: Annotated[float, Field(gt=0, le=1), Quantity("share")]
    """Share of that rate on the pairs of a full cable with the equipment of its years [share]."""
    route_factor: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Length of a loop over the straight distance [ratio]."""
    longest_urban_loop: Annotated[float, Field(gt=0), Quantity("km")]
    """Longest loop in cities and towns: where the exchange is farther, a remote unit stands nearer [km]."""
    least_rate: Annotated[float, Field(gt=0), Quantity("Mbps")]
    """Lowest rate at which a line is sold; a home whose loop bears less has none [Mbit/s]."""

    @model_validator(mode="after")
    def _longer_is_never_faster(self) -> CopperOptions:
        table = self.table_mbps()
        if (np.diff(table) > 0).any():
            km = int(np.argmax(np.diff(table) > 0))
            raise ValueError(f"rate_{km + 1}km is above rate_{km}km: a longer loop is never faster")
        return self

    def table_mbps(self) -> Floats:
        """Return the rate of a good pair at 0, 1 ... 6 km [Mbit/s]."""
        return np.array(
            [
                self.rate_0km, self.rate_1km, self.rate_2km, self.rate_3km, self.rate_4km, self.rate_5km,
                self.rate_6km,
            ]
        )  # fmt: skip

    def rate_mbps(self, loop_m: Floats) -> Floats:
        """Return the rate that loops of these lengths bear, same shape; straight lines between whole km.

        References
        ----------
        ITU-T G.992.5 (ADSL2+), which sets the band; the table of rates by length is that of practice.
        """
        table = self.table_mbps()
        km = np.asarray(loop_m, dtype=np.float64) / _M_PER_KM
        rate = np.interp(km, np.arange(len(table)), table, right=0.0)
        return np.asarray(rate * self.line_quality, dtype=np.float64)


def loops_m(area: Area, options: CopperOptions) -> Floats:
    """Return the loop of each point [m], shape (P,); infinite along roads, where nobody lives.

    Towns hang on the exchange at their point of presence, or on a remote unit where that is too far; a
    village has a remote unit at its committee unless the exchange is nearer.
    """
    zones, points = area.zones, area.points
    zone = points["zone"].to_numpy()
    here = points[["x_m", "y_m"]].to_numpy(dtype=np.float64)
    centre = zones[["x_m", "y_m"]].to_numpy(dtype=np.float64)
    to_centre = np.hypot(*(here - centre[zone]).T)
    place = zones["pop_place"].to_numpy()
    exchange = np.where(
        (place >= 0)[:, None],
        area.places[["x_m", "y_m"]].to_numpy(dtype=np.float64)[np.maximum(place, 0)],
        centre,
    )
    to_exchange = np.hypot(*(here - exchange[zone]).T)
    village = (zones["kind"].to_numpy() == VILLAGE)[zone]
    longest = options.longest_urban_loop * _M_PER_KM
    in_town = np.minimum(to_exchange * options.route_factor, longest)
    in_village = np.minimum(to_centre, to_exchange) * options.route_factor
    return np.where(points["homes"].to_numpy() > 0, np.where(village, in_village, in_town), np.inf)


def copper_lines(area: Area, options: CopperOptions) -> tuple[Floats, Floats]:
    """Return what the loops of each zone bear: the rate of the median home, and the share within reach.

    Both of shape (Z,), the median among the homes within reach [Mbit/s]; zones without homes have 0.
    """
    rate = options.rate_mbps(loops_m(area, options))
    zone = area.points["zone"].to_numpy()
    homes = area.points["homes"].to_numpy(dtype=np.float64)
    reached = np.where(rate >= options.least_rate, homes, 0.0)
    count = area.n_zones
    total = np.bincount(zone, homes, minlength=count)
    within = np.bincount(zone, reached, minlength=count) / np.maximum(total, 1.0)
    return medians_by_zone(zone, rate, reached, count), np.minimum(within, 1.0)


def medians_by_zone(zone: NDArray[np.int32], values: Floats, homes: Floats, zones: int) -> Floats:
    """Return the value that half the homes of each zone do not exceed, 0 without homes, shape (Z,)."""
    rows = np.flatnonzero(homes > 0)
    rows = rows[np.lexsort((values[rows], zone[rows]))]
    mine, weight = zone[rows], homes[rows]
    total = np.bincount(mine, weight, minlength=zones)
    before = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    upper = np.flatnonzero(np.cumsum(weight) - before[mine] >= 0.5 * total[mine] - 1e-6)[::-1]
    result = np.zeros(zones)
    # The last one written is the lowest of the upper half.
    result[mine[upper]] = values[rows][upper]
    return result
