"""The radio networks of a run month by month: cover, rates, cells and maps."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.files import write_cog
from sim.geo.grid import Grid
from sim.radio.audience import Audience, audience_of
from sim.radio.busy import Busy, BusyHour, around_sites, needed_dbm, noise_of, site_weights
from sim.radio.deep import Deep, weakest_dbm
from sim.radio.land import Land, land_of
from sim.radio.measures import Sheet, put_cover, share_by_month
from sim.radio.onair import RATED, NetworkOnAir
from sim.radio.rates import weighted_quantiles
from sim.radio.received import Cells, Heard, HeardOnLand, cells_of, hear, hear_on_land
from sim.tables import radio as words
from sim.tables.bands import NBIOT
from sim.tables.radio import CELLS, RADIO

if TYPE_CHECKING:
    from pathlib import Path

    from sim.geo.area import Area
    from sim.radio.options import RadioOptions

log = logging.getLogger(__name__)
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Maps:
    """The rasters of one network in the last month; everything is nothing outside the counties."""

    grid: Grid
    rsrp_dbm: NDArray[np.float32]
    """In the street, not-a-number where it is too weak to cover [dBm]."""
    cell: NDArray[np.int32]
    """Row of the strongest cell among the technology's in the table of cells, -1 without any."""
    margin_db: NDArray[np.float32]
    """How much stronger it is than the next cell: little where many overlap [dB]."""
    sinr_db: NDArray[np.float32] | None
    """At the busy hour, not-a-number where there is no cover; ``None`` where rates are not modelled [dB]."""
    first_month: NDArray[np.int16]
    """Month from which there is cover: -1 from the start, -2 never."""

    def rasters(self) -> dict[str, tuple[NDArray[np.generic], float]]:
        """Return what is kept of them by name, each with the value that stands for nothing.

        Decibels are rounded to a quarter, which is finer than any model.
        """
        found: dict[str, tuple[NDArray[np.generic], float]] = {
            "rsrp": (_quarters(self.rsrp_dbm), NOTHING),
            "server": (self.cell, -1),
            "overlap": (_quarters(self.margin_db), NOTHING),
            "first_month": (self.first_month, NEVER),
        }
        if self.sinr_db is not None:
            found["sinr"] = (_quarters(self.sinr_db), NOTHING)
        return found


@dataclass(frozen=True, eq=False)
class RadioResult:
    """What the radio networks of a run give."""

    radio: pd.DataFrame
    """By month (contract ``RADIO``)."""
    cells: pd.DataFrame
    """At the end (contract ``CELLS``)."""
    maps: dict[str, Maps]
    """By technology."""

    @classmethod
    def nothing(cls) -> RadioResult:
        """Return what a run without radio networks has."""
        return cls(RADIO.empty(), CELLS.empty(), {})

    def save_maps(self, folder: Path, crs: str) -> None:
        """Write the maps as Cloud-Optimised GeoTIFF: a file for each technology and what it shows."""
        for technology, found in self.maps.items():
            for name, (pixels, nodata) in found.rasters().items():
                write_cog(folder / f"{technology}_{name}.tif", pixels, found.grid, crs, nodata=nodata)


NEVER = -2
"""Month of a pixel that is never covered."""
NOTHING = -999.0
"""What stands for not-a-number in a raster file."""


def _quarters(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(np.isfinite(values), np.rint(values * 4.0) / 4.0, NOTHING).astype(np.float32)


def measure_networks(area: Area, networks: Sequence[NetworkOnAir], options: RadioOptions) -> RadioResult:
    """Return cover, rates, cells and maps of the networks of a run.

    Every site is computed once, where it reaches, and sorted into the month from which it radiates. Points
    and places are judged by the powers by which sites are planned; land by those of the raster's kernel.
    """
    audience = audience_of(area, options.settlement_homes)
    tables, cells, maps = [], [], {}
    lands: dict[float, Land] = {}
    for air in networks:
        if not any(len(carrier.sites) for carrier in air.carriers):
            continue
        network = _Measured(area, audience, air, options)
        tables.append(network.points())
        if options.rasters:
            pixel = air.carriers[0].layer.pixel_m
            lands.setdefault(pixel, land_of(area, pixel))
            table, maps[air.name] = network.land(lands[pixel])
            tables.append(table)
        cells.append(network.cell_table())
        log.info("radio network %s: %d cells", air.name, len(network.cells))
    return RadioResult(
        radio=RADIO.check(pd.concat(tables, ignore_index=True)) if tables else RADIO.empty(),
        cells=CELLS.check(pd.concat(cells, ignore_index=True)) if cells else CELLS.empty(),
        maps=maps,
    )


class _Measured:
    """One network while it is measured."""

    def __init__(self, area: Area, audience: Audience, air: NetworkOnAir, options: RadioOptions) -> None:
        self.area, self.audience, self.air, self.options = area, audience, air, options
        self.cells: Cells = cells_of(air)
        enough = needed_dbm(audience, air.network)
        self.heard: Heard = hear(area, audience, air, self._lowest_dbm(), enough)
        self.busy = Busy(audience, air, self.cells, self.heard, options) if air.name in RATED else None
        self.last: BusyHour | None = None

    def _lowest_dbm(self) -> float:
        """Return the weakest power in the street that matters beyond the radius of cover."""
        if self.air.name in RATED:
            return noise_of(self.air, self.options)
        return weakest_dbm(self.air) if self.air.name == NBIOT else np.inf

    def _weak(self) -> tuple[float, ...]:
        """Return the level below which signal is weak, where the technology is judged by it.

        It holds with the probability with which cover does, so that what is not weak is covered too.
        """
        return (self.options.weak + self.air.network.margin_db(),) if self.air.name in RATED else ()

    def points(self) -> pd.DataFrame:
        """Return what holds for homes, roads and places."""
        sheet = Sheet(self.air.name, self.air.months)
        months = np.arange(sheet.months)[:, None]
        # A location is one site, however many carriers radiate from it.
        first = np.full(int(self.cells.location.max(initial=-1)) + 1, sheet.months, dtype=np.int32)
        np.minimum.at(first, self.cells.location, self.cells.month)
        for measure, since in ((words.SITES, first), (words.CELLS_ON_AIR, self.cells.month)):
            sheet.put(measure, "", measure, (since[None] <= months).sum(axis=1))
        put_cover(sheet, self.audience, self.air, self.heard, self._weak())
        if self.air.name == NBIOT:
            Deep(self.audience, self.air, self.heard, self.options.iot).put(sheet)
        if self.busy is not None:
            self._put_rates(sheet, self.busy)
        return sheet.frame()

    def _put_rates(self, sheet: Sheet, busy: Busy) -> None:
        """Measure loads and rates of every month's busy hour."""
        shares = np.array([self.options.edge, 0.5])
        found: dict[tuple[str, str, str], Floats] = {}

        def keep(measure: str, breakdown: str, unit: str, month: int, value: float) -> None:
            found.setdefault((measure, breakdown, unit), np.full(sheet.months, np.nan))[month] = value

        everyone = busy.people.sum()
        for month in range(sheet.months):
            hour = self.last = busy.hour(month)
            covered = np.where(hour.alone_mbps > 0, busy.people, 0.0)
            for name, rate in ((words.BUSY_HOUR, hour.user_mbps), (words.ALONE, hour.alone_mbps)):
                edge, median = weighted_quantiles(rate, covered, shares)
                keep(words.EDGE_RATE, name, "Mbit/s", month, edge)
                keep(words.MEDIAN_RATE, name, "Mbit/s", month, median)
                for wanted in self.options.rates:
                    with_it = busy.people[rate >= wanted].sum() / everyone if everyone > 0 else np.nan
                    keep(words.RATE_SHARE, f"{wanted:g} Mbit/s {name}", "share", month, with_it)
            sinr = weighted_quantiles(hour.load.sinr_db, busy.people[hour.on], [0.5])[0]
            keep(words.SINR, "", "dB", month, sinr)
            used = np.bincount(hour.load.server, minlength=len(self.cells)) > 0
            if used.any():
                keep(words.MEAN_LOAD, "", "share", month, hour.load.share[used].mean())
                keep(words.OVERLOADED, "", "share", month, (hour.load.wanted[used] > 1.0).mean())
        for (measure, breakdown, unit), values in found.items():
            sheet.put(measure, breakdown, unit, values)

    def land(self, land: Land) -> tuple[pd.DataFrame, Maps]:
        """Return the share of the land with cover by month, and the maps of the last month."""
        network = self.air.network
        wanted = network.threshold_dbm() + network.margin_db()
        heard = hear_on_land(self.area, land, self.air, (wanted, *self._weak()))
        sheet = Sheet(self.air.name, self.air.months)
        ones = np.ones(int(land.inside.sum()))
        for first, where in zip(heard.first_month, (words.OUTDOOR, words.STRONG), strict=False):
            sheet.put(words.AREA, where, "share", share_by_month(first[land.inside], ones, sheet.months))
        return sheet.frame(), self._maps(land, heard, wanted)

    def _maps(self, land: Land, heard: HeardOnLand, wanted_dbm: float) -> Maps:
        # Sites are painted as far as they may cover: weaker signal is not known everywhere.
        on = land.inside & (heard.cell >= 0) & (heard.rsrp_dbm >= wanted_dbm)
        first = np.where(heard.first_month[0] < self.air.months, heard.first_month[0], NEVER)
        covered = on & (first != NEVER)
        margin = np.full(on.shape, np.nan)
        margin[on] = heard.rsrp_dbm[on] - heard.second_dbm[on]
        return Maps(
            grid=land.grid,
            rsrp_dbm=np.where(on, heard.rsrp_dbm, np.float32(np.nan)),
            cell=np.where(on, heard.cell, -1).astype(np.int32),
            margin_db=margin.astype(np.float32),
            sinr_db=self._sinr_db(heard, covered),
            first_month=np.where(land.inside, first, NEVER).astype(np.int16),
        )

    def _sinr_db(self, heard: HeardOnLand, covered: NDArray[np.bool_]) -> NDArray[np.float32] | None:
        """Return SINR in the street at the last busy hour, not-a-number elsewhere."""
        if self.busy is None or self.last is None:
            return None
        cells = self.cells
        on = cells.site_month < self.air.months
        around = around_sites(
            self.last.activity, cells.site, site_weights(cells.site_x_m, cells.site_y_m, on)
        )
        signal = 10.0 ** (heard.rsrp_dbm[covered].astype(np.float64) / 10.0)
        noise = 10.0 ** (self.busy.noise_dbm / 10.0)
        other = heard.other_mw[covered] * around[cells.site[heard.cell[covered]]]
        sinr = np.full(covered.shape, np.nan, dtype=np.float32)
        sinr[covered] = 10.0 * np.log10(signal / (other + noise))
        return sinr

    def cell_table(self) -> pd.DataFrame:
        """Return the cells of the last month."""
        cells, count = self.cells, len(self.cells)
        none = np.zeros(count)
        residents: Floats = none
        load, capacity, user = none, none, none
        sinr = np.full(count, np.nan)
        if self.busy is not None and self.last is not None:
            hour, people = self.last, self.busy.people[self.last.on]
            server = hour.load.server

            def mean(values: Floats) -> Floats:
                total = np.bincount(server, values * people, minlength=count)
                return np.asarray(total / np.maximum(residents, 1e-9))

            residents = np.asarray(np.bincount(server, people, minlength=count), dtype=np.float64)
            load, capacity = hour.load.wanted, hour.capacity_mbps
            user = mean(hour.user_mbps[hour.on])
            sinr = np.where(residents > 0, mean(hour.load.sinr_db), np.nan)
        else:
            residents = self._residents()
        names = np.array([carrier.name for carrier in self.air.carriers], dtype=object)
        return CELLS.frame(
            technology=np.full(count, self.air.name, dtype=object),
            carrier=names[cells.carrier],
            location=cells.location,
            sector=cells.sector,
            azimuth_deg=cells.azimuth_deg % 360.0,
            on_air_month=np.maximum(cells.month, -1),
            residents=residents,
            load=load,
            capacity_mbps=capacity,
            user_mbps=user,
            sinr_db=sinr,
        )

    def _residents(self) -> Floats:
        """Return the residents covered in the street by cell, in the last month."""
        network, heard = self.air.network, self.heard
        wanted = network.threshold_dbm() + network.margin_db()
        on = heard.rsrp_dbm[-1] >= wanted
        found = np.bincount(heard.cell[-1][on], self.audience.people[on], minlength=len(self.cells))
        return np.asarray(found, dtype=np.float64)
