"""Who listens: homes, samples of roads and railways, and the places that targets name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.geo.points import on_road
from sim.radio.network import kind_codes
from sim.radio.receivers import Points
from sim.tables.layers import ROAD_GROUPS, URBAN_KINDS, VILLAGE, ZONE_KINDS

if TYPE_CHECKING:
    from sim.geo.area import Area

Floats = NDArray[np.float64]
Weights = dict[str, Floats]
_COMMITTEES = ("committee", "school", "clinic")
"""Places of a village that must have signal by the official rule, beside its larger settlements."""


@dataclass(frozen=True, eq=False)
class Audience:
    """Receivers at places of their own: the rows of the points table, then those of the places."""

    at: Points
    points: int
    """How many of them are points; the others are places."""
    zone: NDArray[np.int64]
    """Row of the zone of each, shape (P,)."""
    kind: NDArray[np.int8]
    """Surroundings by the row of the kind in ``ZONE_KINDS``, shape (P,)."""
    people: Floats
    """Residents of 2020, 0 on roads and at places, shape (P,)."""
    home: NDArray[np.bool_]
    """Whether it is a home rather than a road or a place, shape (P,)."""
    roads: Weights
    """Length of road or railway that each stands for, by group [m]."""
    places: Weights
    """1 for the places of each kind."""
    villages: int
    """How many administrative villages there are."""
    must_have: NDArray[np.bool_]
    """Whether its village needs it to have signal, shape (P,)."""

    def residents(self) -> Weights:
        """Return the residents of each receiver in all, in cities and towns, and in villages."""
        urban = np.isin(self.kind, [ZONE_KINDS.index(kind) for kind in URBAN_KINDS])
        return {
            "": self.people,
            "urban": np.where(urban, self.people, 0.0),
            "rural": np.where(urban, 0.0, self.people),
        }


def audience_of(area: Area, settlement_homes: int) -> Audience:
    """Return the receivers of an area.

    A village has signal when its committee, schools, clinics and all settlements of so many homes have it.
    """
    points, places = area.points, area.places
    kinds = kind_codes(area.zones["kind"].to_numpy())
    zone = np.concatenate([points["zone"].to_numpy(dtype=np.int64), places["zone"].to_numpy(dtype=np.int64)])
    none = np.zeros(len(places))
    road = on_road(points)
    what = np.concatenate([np.full(len(points), "", dtype=object), places["kind"].to_numpy(dtype=object)])
    large = np.concatenate([~road & (points["homes"].to_numpy() >= settlement_homes), none > 0])
    in_village = kinds[zone] == ZONE_KINDS.index(VILLAGE)
    return Audience(
        at=Points(*(np.concatenate([points[n].to_numpy(), places[n].to_numpy()]) for n in ("x_m", "y_m"))),
        points=len(points),
        zone=zone,
        kind=kinds[zone],
        people=np.concatenate([points["population"].to_numpy(dtype=np.float64), none]),
        home=np.concatenate([~road, none > 0]),
        roads=_roads(area, len(places)),
        places={str(kind): (what == kind).astype(np.float64) for kind in sorted(set(places["kind"]))},
        villages=int((kinds == ZONE_KINDS.index(VILLAGE)).sum()),
        must_have=in_village & (large | np.isin(what, _COMMITTEES)),
    )


def _roads(area: Area, places: int) -> Weights:
    """Return the metres that each receiver stands for, by group of roads."""
    points = area.points
    kind, road_class = points["kind"].to_numpy(dtype=object), points["road_class"].to_numpy()
    length = points["length_m"].to_numpy(dtype=np.float64)
    return {
        name: np.concatenate(
            [np.where((kind == of_kind) & (road_class <= worst), length, 0.0), np.zeros(places)]
        )
        for name, (of_kind, worst) in ROAD_GROUPS.items()
    }
