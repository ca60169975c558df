"""What each radio network of a run has on air from which month, from the fold of its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.radio.network import Layer
from sim.radio.onair import CarrierOnAir, NetworkOnAir
from sim.radio.sites import Sites
from sim.rollout.state import activation_months
from sim.technologies.cellular import Cellular
from sim.technologies.radio import RadioNetwork
from sim.technologies.spectrum import OperatorName, has_spectrum, view_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.geo.area import Area
    from sim.tables.demand import Demand
    from sim.tables.ground import Projects
    from sim.tables.results import MonthlyState
    from sim.technologies import Technology

ADDED = "+"
"""Between the project of a site and the name of what is added to it."""
Rows = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Built:
    """What the log of a replication made of what was proposed."""

    state: MonthlyState
    events: pd.DataFrame
    projects: Projects

    @property
    def months(self) -> int:
        """How many months there are."""
        return int(self.state.homes.shape[0])


def networks_on_air(
    area: Area,
    technologies: Mapping[str, Technology],
    built: Built,
    demand: Demand,
    sectors: pd.DataFrame | None = None,
    operators: Sequence[OperatorName] = (),
) -> list[NetworkOnAir]:
    """Return the radio networks of a run, in the order of the technologies.

    ``sectors`` are those of month 0 (contract ``SECTORS``). Where the run has operators, what each of them
    builds is on its own carriers.
    """
    state = built.state
    active = activation_months(built.events, built.projects, built.months)
    found = []
    for name, technology in technologies.items():
        if not isinstance(technology, RadioNetwork) or name not in state.site_month:
            continue
        overlay = getattr(technology, "overlay", "")
        added = _Added(name, built.projects, active)
        carriers = _Carriers(area, built.months)
        month = state.site_month[name]
        standing = np.flatnonzero(month < 0).astype(np.int32)
        for carrier, layer, sites, rows in technology.standing_sites(area, standing, sectors):
            carriers.put(carrier, layer, sites, rows.astype(np.int32), month)
        if operators:
            for operator in operators:
                added.put_own(carriers, operator, technology, built.months)
        else:
            built_in = np.where(month < 0, built.months, month)
            carriers.build(technology.coverage, technology.layer(), built_in)
            if overlay:
                carriers.build(overlay, technology.layer(overlay), added.months(overlay, month, built.months))
        mbps = state.subscribers[:, state.technology(name)] * demand.mobile_busy_mbps[:, None]
        found.append(
            NetworkOnAir(
                name=name,
                network=technology,
                carriers=carriers.all(technology.coverage),
                added=_with_standing(added.capacity(overlay, built.months), technology, sectors, len(month)),
                traffic_mbps=mbps.astype(np.float64),
            )
        )
    return found


def _with_standing(
    added: tuple[Rows, Rows, Floats], network: RadioNetwork, sectors: pd.DataFrame | None, locations: int
) -> tuple[Rows, Rows, Floats]:
    """Return what is added to sites with the further carriers that stood on them in month 0."""
    if not isinstance(network, Cellular):
        return added
    more = network.carries_mbps(sectors, locations) / network.carrier_mbps(network.coverage) - 1.0
    rows = np.flatnonzero(more != 0.0).astype(np.int32)
    start = np.full(len(rows), -1, dtype=np.int32)
    return (
        np.concatenate([rows, added[0]]),
        np.concatenate([start, added[1]]),
        np.concatenate([more[rows], added[2]]),
    )


class _Carriers:
    """The sites of a network, gathered by carrier."""

    def __init__(self, area: Area, months: int) -> None:
        self.area, self.months = area, months
        self.parts: dict[str, list[tuple[Layer, Sites, Rows, Rows]]] = {}

    def put(self, name: str, layer: Layer, sites: Sites, locations: Rows, month: Rows) -> None:
        """Add sites; ``month`` is by location."""
        self.parts.setdefault(name, []).append((layer, sites, locations, month[locations]))

    def build(self, name: str, layer: Layer, month: Rows) -> None:
        """Add the sites that are built within the months."""
        rows = np.flatnonzero(month < self.months).astype(np.int32)
        self.put(name, layer, layer.sites(self.area, rows), rows, month)

    def all(self, first: str) -> tuple[CarrierOnAir, ...]:
        """Return the carriers, one of them first; those without a site are left out, but for the first."""
        found = []
        for name in sorted(self.parts, key=lambda name: (name != first, name)):
            layers, sites, locations, month = zip(*self.parts[name], strict=True)
            whole = Sites.stack(sites)
            if len(whole) or name == first:
                found.append(
                    CarrierOnAir(
                        name,
                        layers[0],
                        whole,
                        np.concatenate(locations),
                        np.concatenate(month).astype(np.int32),
                    )
                )
        return tuple(found)


class _Added:
    """What projects of one technology add to its sites."""

    def __init__(self, name: str, projects: Projects, active: Rows) -> None:
        ids = np.array(list(projects.project_rows), dtype=np.str_)
        rows = np.fromiter(projects.project_rows.values(), dtype=np.int64, count=len(ids))
        mine = np.char.startswith(ids, f"{name}:") if len(ids) else np.zeros(0, dtype=bool)
        more = np.char.find(ids, ADDED) >= 0 if len(ids) else mine
        self.rows, self.site_rows = rows[mine & more], rows[mine & ~more]
        self.name, self.active, self.locations = name, active, projects.location
        self.ids, self.site_ids = ids[mine & more], ids[mine & ~more]
        self.what = np.array([text.rsplit(ADDED, 1)[1] for text in ids[mine & more]], dtype=np.str_)
        self.month, self.location = active[self.rows], projects.location[self.rows]
        self.pairs = projects.pairs
        self.count = len(projects.technology)

    def put_own(
        self, carriers: _Carriers, operator: OperatorName, technology: RadioNetwork, never: int
    ) -> None:
        """Put the sites and overlays that an operator builds on its own carriers."""
        if not has_spectrum(operator, technology):
            return
        view = view_of(operator, technology)
        start = f"{self.name}:{operator}/"
        for carrier, ids, rows in (
            (view.coverage, self.site_ids, self.site_rows),
            (getattr(view, "overlay", ""), self.ids, self.rows),
        ):
            if carrier and len(ids):
                own = np.char.startswith(ids, start)
                if carrier != view.coverage:
                    own &= np.char.endswith(ids, ADDED + carrier)
                place = self.locations[rows[own]]
                month = np.full(int(self.locations.max(initial=-1)) + 1, never, dtype=np.int32)
                np.minimum.at(month, place[place >= 0], self.active[rows[own]][place >= 0])
                carriers.build(carrier, view.layer(carrier), month)

    def months(self, what: str, month: Rows, never: int) -> Rows:
        """Return the month from which each location has an addition, ``never`` without one."""
        found = np.full(len(month), never, dtype=np.int32)
        mine = (self.what == what) & (self.location >= 0)
        np.minimum.at(found, self.location[mine], self.month[mine])
        return found

    def capacity(self, overlay: str, never: int) -> tuple[Rows, Rows, Floats]:
        """Return location, month and capacity of what is added, 1 being that of a new site."""
        mbps = np.zeros(self.count)
        np.maximum.at(mbps, self.pairs["row"].to_numpy(), self.pairs["capacity_mbps"].to_numpy(np.float64))
        own = mbps[self.site_rows]
        unit = float(np.median(own[own > 0])) if (own > 0).any() else 0.0
        mine = (self.what != overlay) & (self.month < never) & (self.location >= 0)
        ratio = mbps[self.rows[mine]] / unit if unit > 0 else np.zeros(int(mine.sum()))
        return self.location[mine].astype(np.int32), self.month[mine].astype(np.int32), ratio
