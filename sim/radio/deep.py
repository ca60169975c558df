"""How deep NB-IoT reaches: residents and places by class of coupling loss, repetitions, and connections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.radio.audience import Audience
from sim.radio.iot import COVERAGE_CLASSES_DB, coverage_class, devices_supported
from sim.radio.measures import Sheet, first_month
from sim.radio.onair import NetworkOnAir
from sim.radio.options import IotOptions
from sim.radio.received import Cells, Heard
from sim.tables import radio as words

Floats = NDArray[np.float64]
_MS_PER_S = 1e3
_MEDIAN = 0.5


def put_deep(
    sheet: Sheet, audience: Audience, air: NetworkOnAir, heard: Heard, cells: Cells, options: IotOptions
) -> None:
    """Measure the classes outdoors, in rooms and deep indoors, and what a cell's channels carry."""
    network = air.network
    entry = network.entry_db(audience.kind)
    losses = {
        words.OUTDOOR: np.zeros(len(entry)),
        words.INDOOR: entry,
        words.DEEP: entry + options.deep_loss,
    }
    # The threshold is the power at which the coupling loss of the first class is just held.
    nearest = network.threshold_dbm() + network.margin_db()
    for where, loss in losses.items():
        for class_db in COVERAGE_CLASSES_DB:
            wanted = nearest - (class_db - COVERAGE_CLASSES_DB[0]) + loss
            first = first_month(heard.rsrp_dbm, wanted)
            name = f"{class_db:g} dB {where}"
            sheet.put(words.COUPLING, name, "share", _by_month(first, audience.people, sheet.months))
            sheet.shares(words.COUPLING_PLACES, audience.places, first, name)
    _put_repetitions(sheet, audience, air, heard, losses, options)
    _put_connections(sheet, audience, air, heard, losses[words.INDOOR], cells, options)


def _by_month(first: NDArray[np.int64], weight: Floats, months: int) -> Floats:
    from sim.radio.measures import share_by_month

    return share_by_month(first, weight, months)


def coupling_db(air: NetworkOnAir, rsrp_dbm: NDArray[np.float32], loss_db: Floats) -> Floats:
    """Return the coupling loss with the margin for shadowing in it, same shape [dB]."""
    network = air.network
    within = rsrp_dbm.astype(np.float64) - loss_db - network.threshold_dbm() - network.margin_db()
    return np.asarray(COVERAGE_CLASSES_DB[0] - within)


def _put_repetitions(
    sheet: Sheet,
    audience: Audience,
    air: NetworkOnAir,
    heard: Heard,
    losses: dict[str, Floats],
    options: IotOptions,
) -> None:
    """Measure the mean uplink repetitions of devices at homes that are reached."""
    rows = np.flatnonzero(audience.people > 0)
    people = audience.people[rows]
    for where, loss in losses.items():
        mean = np.full(sheet.months, np.nan)
        for month in range(sheet.months):
            repeated = options.uplink.repetitions(coupling_db(air, heard.rsrp_dbm[month, rows], loss[rows]))
            reached = np.where(repeated > 0, people, 0.0)
            if reached.sum() > 0:
                mean[month] = (repeated * reached).sum() / reached.sum()
        sheet.put(words.REPETITIONS, where, "repetitions", mean)


def _put_connections(
    sheet: Sheet,
    audience: Audience,
    air: NetworkOnAir,
    heard: Heard,
    loss_db: Floats,
    cells: Cells,
    options: IotOptions,
) -> None:
    """Measure the devices in rooms that the channels of the mean cell carry."""
    rows = np.flatnonzero(audience.people > 0)
    people = audience.people[rows]
    airtime_s = options.uplink.airtime_ms(np.array(COVERAGE_CLASSES_DB), options.report_bits) / _MS_PER_S
    found = np.full(sheet.months, np.nan)
    for month in range(sheet.months):
        classes = coverage_class(coupling_db(air, heard.rsrp_dbm[month, rows], loss_db[rows]))
        weight = np.bincount(classes[classes >= 0], people[classes >= 0], minlength=len(COVERAGE_CLASSES_DB))
        usable = np.isfinite(airtime_s)
        weight = np.where(usable, weight, 0.0)
        if weight.sum() > 0:
            found[month] = devices_supported(
                np.where(usable, airtime_s, 0.0),
                weight / weight.sum(),
                options.reports_per_day,
                channels=options.channels,
                usable_share=options.usable_share,
            )
    sheet.put(words.CONNECTIONS, "", "devices", found)
