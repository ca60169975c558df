"""The optical budget: what a home loses between line terminal and socket, and which optics bear it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.access.options import OdnOptions, OpticsClass, stages_of
from sim.access.rooted import Floats, Rows

REASONS = (
    "",
    "loss above the optical budget of every class offered",
    "farther than the protocol ranges",
    "farther behind the nearest home of its port than the protocol ranges",
)
"""Why a home is not served, by code."""
SERVED, OVER_BUDGET, BEYOND_REACH, BEYOND_DIFFERENCE = range(len(REASONS))
ROUNDING_DB = 1e-9
"""A loss this little above a budget is of rounding."""


def fixed_loss_db(options: OdnOptions, split: str) -> float:
    """Return the loss that does not grow with distance: splitters, connectors, splices, margin [dB].

    References
    ----------
    ITU-T G.671 (passive components), L.12 (splices), L.36 (connectors); G.984.2 and G.9807.1 (losses of the
    distribution network add up to the path loss that classes bound).
    """
    splitters = sum(options.splitter_loss[stage] for stage in stages_of(split))
    joints = options.connectors * options.connector_loss + options.splices * options.splice_loss
    return splitters + joints + options.ageing_margin


def loss_db(options: OdnOptions, split: str, metres: Floats, optics: OpticsClass) -> tuple[Floats, Floats]:
    """Return the loss towards the exchange and towards the home, shape of the fibre's length [dB]."""
    fixed = fixed_loss_db(options, split) + np.floor(metres / options.drum_length) * options.splice_loss
    km = metres / 1000.0
    return fixed + km * optics.fibre_loss_up, fixed + km * optics.fibre_loss_down


@dataclass(frozen=True, eq=False)
class Budget:
    """What becomes of each home, shape (H,), and which optics each port gets, shape (ports,)."""

    reason: NDArray[np.int8]
    """Code of why the home is not served, 0 where it is."""
    optics: NDArray[np.int8]
    """Class of the home's port, a row of the classes offered."""
    margin_db: Mapping[str, Floats]
    """What each class, offered or not, leaves of its budget; below 0 it does not reach [dB]."""
    too_near: NDArray[np.bool_]
    """Whether a served home needs an attenuator: the loss is below the least of its class."""
    port_optics: NDArray[np.int8]
    """Class of each port."""


def budget(options: OdnOptions, split: str, metres: Floats, port: Rows, ports: int) -> Budget:
    """Return the budgets of homes at the end of so much fibre, each behind a port.

    A port gets the cheapest of the classes that serve most of its homes. A home is not served where its
    port's class does not bear the loss, where the fibre is longer than the protocol ranges, or where
    the nearest home of its port is nearer by more than the protocol bridges.

    References
    ----------
    ITU-T G.984.2 with amendments 1 and 2 (classes B+ and C+), G.9807.1 (N1 and N2), G.984.1 (reach of
    60 km, differential reach of 20 km).
    """
    nearest = np.full(ports, np.inf)
    np.minimum.at(nearest, port, metres)
    far = metres > options.longest_reach * 1000.0
    apart = metres - nearest[port] > options.differential_reach * 1000.0
    worst = {name: np.maximum(*loss_db(options, split, metres, one)) for name, one in options.optics.items()}
    margin = {name: options.optics[name].budget - loss for name, loss in worst.items()}
    prices = [options.optics[name].port_price for name in options.offered]
    bears = np.array([margin[name] >= -ROUNDING_DB for name in options.offered])
    homes = np.array([np.bincount(port, weights=one, minlength=ports) for one in bears])
    enough = homes == homes.max(axis=0)
    chosen = np.where(enough, np.array(prices)[:, None], np.inf).argmin(axis=0)
    mine = chosen[port]
    over = ~bears[mine, np.arange(len(metres))]
    reason = np.select([far, over, apart], [BEYOND_REACH, OVER_BUDGET, BEYOND_DIFFERENCE], SERVED)
    near = np.zeros(len(metres), dtype=bool)
    for row, name in enumerate(options.offered):
        up, down = loss_db(options, split, metres, options.optics[name])
        least = np.minimum(up, down) - options.ageing_margin
        near |= (mine == row) & (least < options.optics[name].least_loss)
    return Budget(
        reason.astype(np.int8),
        mine.astype(np.int8),
        margin,
        near & (reason == SERVED),
        chosen.astype(np.int8),
    )
