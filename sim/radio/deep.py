"""How deep NB-IoT reaches: residents and places by class of coupling loss, repetitions, and connections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.radio.audience import Audience
from sim.radio.iot import COVERAGE_CLASSES_DB, IotLink, coverage_class, devices_supported
from sim.radio.measures import Sheet, first_month, share_by_month
from sim.radio.onair import NetworkOnAir
from sim.radio.options import IotOptions
from sim.radio.received import Heard
from sim.tables import radio as words

Floats = NDArray[np.float64]
_MS_PER_S = 1e3


def weakest_dbm(air: NetworkOnAir) -> float:
    """Return the power in the street at which a device is in the last class, margin included [dBm]."""
    network = air.network
    return network.threshold_dbm() + network.margin_db() - (COVERAGE_CLASSES_DB[-1] - COVERAGE_CLASSES_DB[0])


class Deep:
    """NB-IoT outdoors, in rooms and deep indoors."""

    def __init__(self, audience: Audience, air: NetworkOnAir, heard: Heard, options: IotOptions) -> None:
        self.audience, self.air, self.heard, self.options = audience, air, heard, options
        entry = air.network.entry_db(audience.kind)
        self.losses_db = {
            words.OUTDOOR: np.zeros(len(entry)),
            words.INDOOR: entry,
            words.DEEP: entry + options.deep_loss,
        }
        # The threshold is the power at which the coupling loss of the first class is just held.
        self.nearest_dbm = air.network.threshold_dbm() + air.network.margin_db()
        self.rows = np.flatnonzero(audience.people > 0)
        self.people = audience.people[self.rows]

    def put(self, sheet: Sheet) -> None:
        """Measure shares by class, repetitions, and what a cell's channels carry."""
        for where, loss in self.losses_db.items():
            for class_db in COVERAGE_CLASSES_DB:
                wanted = self.nearest_dbm - (class_db - COVERAGE_CLASSES_DB[0]) + loss
                first = first_month(self.heard.rsrp_dbm, wanted)
                name = f"{class_db:g} dB {where}"
                share = share_by_month(first, self.audience.people, sheet.months)
                sheet.put(words.COUPLING, name, "share", share)
                sheet.shares(words.COUPLING_PLACES, self.audience.places, first, name)
            coupling = [self._coupling_db(month, loss) for month in range(sheet.months)]
            for way, link in (("downlink", self.options.downlink), ("uplink", self.options.uplink)):
                repeated = np.array([self._mean_repetitions(link, of) for of in coupling])
                sheet.put(words.REPETITIONS, f"{way} {where}", "repetitions", repeated)
            devices = np.array([self._devices(of) for of in coupling])
            sheet.put(words.CONNECTIONS, where, "devices/cell", devices)

    def _coupling_db(self, month: int, loss_db: Floats) -> Floats:
        """Return the coupling loss of homes with the margin for shadowing in it [dB]."""
        received = self.heard.rsrp_dbm[month, self.rows].astype(np.float64) - loss_db[self.rows]
        return np.asarray(COVERAGE_CLASSES_DB[0] - (received - self.nearest_dbm))

    def _mean_repetitions(self, link: IotLink, coupling_db: Floats) -> float:
        """Return the mean repetitions where a device is reached, not-a-number if nowhere."""
        repetitions = link.repetitions(coupling_db)
        reached = np.where(repetitions > 0, self.people, 0.0)
        total = reached.sum()
        return float((repetitions * reached).sum() / total) if total > 0 else np.nan

    def _devices(self, coupling_db: Floats) -> float:
        """Return the devices that a cell's channels carry if all are spread over the classes as homes are."""
        classes = coverage_class(coupling_db)
        reached = classes >= 0
        weight = np.bincount(classes[reached], self.people[reached], minlength=len(COVERAGE_CLASSES_DB))
        airtime = self.options.uplink.airtime_ms(np.array(COVERAGE_CLASSES_DB), self.options.report)
        weight = np.where(np.isfinite(airtime), weight, 0.0)
        if weight.sum() <= 0:
            return np.nan
        return devices_supported(
            np.where(np.isfinite(airtime), airtime, 0.0) / _MS_PER_S,
            weight / weight.sum(),
            self.options.reports_per_day,
            channels=self.options.channels,
            usable_share=self.options.usable_share,
        )
