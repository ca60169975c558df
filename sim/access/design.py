"""What the design of a tile consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.access.bill import CONNECT, Bill
from sim.access.optics import REASONS
from sim.access.streets import Repair
from sim.access.tile import Floats, Rows

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("existing duct", "existing poles", "new poles", "trench")
"""Ways of building a route, by code."""
DUCT, POLES, NEW_POLES, TRENCH = range(len(METHODS))


@dataclass(frozen=True, eq=False)
class Homes:
    """Every home of the tile once, shape (H,) each."""

    building: Rows
    """Row of its building."""
    floor: Rows
    """Storey from 0."""
    reason: NDArray[np.int8]
    """Code of why it is not served (``REASONS``), 0 where it is."""
    box: Rows
    """Access box that serves it, -1 where none does."""
    port: Rows
    """Port of the line terminal behind which it lies, -1 where it is not served."""
    fibre_m: Floats
    """Fibre between line terminal and home [m]."""
    drop_m: Floats
    """Cable between box and home, the riser of a shared building included [m]."""
    optics: NDArray[np.int8]
    """Class of its port, a row of the classes offered."""
    loss_up_db: Floats
    """Loss towards the exchange at its class [dB]."""
    loss_down_db: Floats
    """Loss towards the home at its class [dB]."""
    margin_db: Mapping[str, Floats]
    """What each class of optics, offered or not, leaves of its budget [dB]."""
    too_near: NDArray[np.bool_]
    """Whether it needs an attenuator."""

    @property
    def served(self) -> NDArray[np.bool_]:
        """Which homes are passed by fibre that works."""
        return np.asarray(self.reason == 0)

    def reasons(self) -> dict[str, int]:
        """Return the homes that are not served by the reason why."""
        counts = np.bincount(self.reason, minlength=len(REASONS))
        return {REASONS[code]: int(counts[code]) for code in range(1, len(REASONS)) if counts[code]}


@dataclass(frozen=True, eq=False)
class Boxes:
    """Access boxes, shape (p,) each."""

    point_m: Floats
    """Positions, shape (p, 2) [m]."""
    ports: Rows
    """Ports provided for the homes it passes."""
    homes: Rows
    """Homes it passes."""
    cabinet: Rows
    """Its cabinet."""
    size: int
    """Ports that each box has room for."""


@dataclass(frozen=True, eq=False)
class Cabinets:
    """Splitter cabinets, shape (c,) each."""

    point_m: Floats
    """Positions, shape (c, 2) [m]."""
    fibres: Rows
    """Fibres that leave it towards boxes."""
    splitters: Rows
    """First splitters in it, each fed by one port of the line terminal."""
    size: Rows
    """Fibres that it has room for."""


@dataclass(frozen=True, eq=False)
class Routes:
    """Stretches of the tree of routes, shape (n,) each."""

    from_m: Floats
    """End towards the entry, shape (n, 2) [m]."""
    to_m: Floats
    """Other end, shape (n, 2) [m]."""
    length_m: Floats
    """Length [m]."""
    method: NDArray[np.int8]
    """How it is built (``METHODS``)."""
    feeder: Rows
    """Fibres between line terminal and cabinets."""
    distribution: Rows
    """Fibres between cabinets and boxes."""
    drops: Rows
    """Homes whose drop lies along it."""

    def metres(self, method: int) -> float:
        """Return the length built in a way [m]."""
        return float(self.length_m[self.method == method].sum())


@dataclass(frozen=True)
class Compared:
    """One way of designing the tile that was worked out in full."""

    split: str
    """Split, as in the options."""
    box: int
    """Ports of its boxes."""
    cabinets: int
    served: int
    """Homes served."""
    yuan: float
    """Price of building it and of connecting every port [yuan]."""
    chosen: bool = False
    tie: bool = False
    """Whether it serves as many homes for the same money as the one chosen."""


@dataclass(frozen=True)
class Quality:
    """How good the grouping of homes to boxes is."""

    drop_m: float
    """Drops of all homes outside shared buildings, from box to building [m]."""
    bound_m: float
    """Length that no grouping to as many boxes at vertices of the same routes can undercut [m]."""

    @property
    def ratio(self) -> float:
        """Length over bound, 1 or more; 1 where there is nothing to group."""
        return self.drop_m / self.bound_m if self.bound_m > 0.0 else (1.0 if self.drop_m <= 0 else np.inf)


@dataclass(frozen=True, eq=False)
class TileDesign:
    """The passive optical network of a tile."""

    name: str
    split: str
    """Split chosen; empty where there is no home."""
    homes: Homes
    boxes: Boxes
    cabinets: Cabinets
    routes: Routes
    bill: Bill
    port_optics: NDArray[np.int8]
    """Class of each port of the line terminal, a row of the classes offered."""
    repairs: tuple[Repair, ...]
    """What of the input was mended."""
    compared: tuple[Compared, ...]
    """Every way of designing the tile that was worked out."""
    quality: Quality

    @property
    def passed(self) -> int:
        """Homes passed."""
        return int(self.homes.served.sum())

    @property
    def ports(self) -> int:
        """Ports provided for homes: those that subscribe can be connected without building."""
        return int(self.boxes.ports.sum())

    @property
    def line_ports(self) -> int:
        """Ports of the line terminal, which is also the fibres of the feeder in use."""
        return len(self.port_optics)

    @property
    def route_m(self) -> float:
        """Routes of all kinds [m]."""
        return float(self.routes.length_m.sum())

    @property
    def dug_m(self) -> float:
        """Trench [m]."""
        return self.routes.metres(TRENCH)

    @property
    def drop_m(self) -> float:
        """Drops of all homes passed [m]."""
        return float(self.homes.drop_m[self.homes.served].sum())

    @property
    def yuan(self) -> float:
        """Price of passing the homes, without connecting any [yuan]."""
        return self.bill.yuan()

    @property
    def connect_yuan(self) -> float:
        """Price of connecting a home to every port provided [yuan]."""
        return self.bill.yuan(CONNECT)

    def homes_table(self) -> pd.DataFrame:
        """Return the homes as a table, one row a home, with the reasons in words."""
        import pandas as pd

        homes = self.homes
        columns = {
            "building": homes.building, "floor": homes.floor, "served": homes.served,
            "reason": np.array(REASONS)[homes.reason], "box": homes.box, "port": homes.port,
            "fibre_m": homes.fibre_m, "drop_m": homes.drop_m, "loss_up_db": homes.loss_up_db,
            "loss_down_db": homes.loss_down_db, "needs_attenuator": homes.too_near,
        }  # fmt: skip
        columns |= {f"margin_{name}_db": margin for name, margin in homes.margin_db.items()}
        return pd.DataFrame(columns)
