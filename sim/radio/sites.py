"""Transmitters as arrays: sites and the sectors on them, ready for the coverage kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.radio.antenna import SectorPattern
from sim.radio.law import LossLaw


@dataclass(frozen=True, eq=False)
class Sites:
    """N sites of one carrier with S sectors, one antenna pattern for all; a site's sectors lie together."""

    x_m: NDArray[np.float64]
    """Easting, shape (N,) [m]."""
    y_m: NDArray[np.float64]
    """Northing, shape (N,) [m]."""
    height_m: NDArray[np.float64]
    """Antenna above ground, shape (N,) [m]."""
    radius_m: NDArray[np.float64]
    """Receivers farther off are not computed, shape (N,) [m]."""
    law: LossLaw
    """Median path loss of each site, N rows."""
    first_sector: NDArray[np.int64]
    """Site i has the sectors first_sector[i] to first_sector[i + 1] - 1, shape (N + 1,)."""
    azimuth_deg: NDArray[np.float64]
    """Clockwise from north, any turn, shape (S,) [degree]."""
    downtilt_deg: NDArray[np.float64]
    """Below the horizon, shape (S,) [degree]."""
    eirp_dbm: NDArray[np.float64]
    """Radiated power on the boresight of what is mapped (one resource element for RSRP), shape (S,) [dBm]."""
    pattern: SectorPattern
    """Relative gain: its own ``gain_dbi`` is in ``eirp_dbm`` already and is not added again."""
    terminal_height_m: float = 1.5
    """Receiver above ground [m]."""

    def __len__(self) -> int:
        """Return how many sites there are."""
        return len(self.x_m)

    @cached_property
    def strongest_dbm(self) -> NDArray[np.float64]:
        """What the strongest sector of each site radiates on its boresight, shape (N,) [dBm]."""
        strongest = np.full(len(self), -np.inf)
        site = np.repeat(np.arange(len(self)), np.diff(self.first_sector))
        np.maximum.at(strongest, site, self.eirp_dbm)
        return strongest

    @property
    def sectors(self) -> int:
        """How many sectors there are."""
        return len(self.azimuth_deg)

    @classmethod
    def stack(cls, parts: Sequence[Sites]) -> Sites:
        """Return the sites of several tables as one; pattern and terminal are those of the first."""
        columns = ("x_m", "y_m", "height_m", "radius_m", "azimuth_deg", "downtilt_deg", "eirp_dbm")
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
        counts = np.concatenate([np.diff(part.first_sector) for part in parts])
        return cls(
            **joined,
            law=LossLaw.stack([part.law for part in parts]),
            first_sector=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            pattern=parts[0].pattern,
            terminal_height_m=parts[0].terminal_height_m,
        )
