"""The tables of finance: what each zone costs and earns, and what each project holds of what was bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.tables.base import Column, Table
from sim.tables.plan import ITEMS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

FINANCE = Table(
    "finance",
    "What the run's money does in each zone of replication 0, against the same months without it.",
    (
        Column("zone", "int32", "row of the zone", ge=0, unique=True),
        Column("homes_newly_passed", "int32", "homes passed by fixed lines beyond those of month 0", ge=0),
        Column("lines_added", "float32", "fixed subscribers of the last month due to this money", ge=0),
        Column("users_added", "float32", "users of mobile broadband due to it", ge=0),
        Column("capex_fixed_fen", "int64", "spent on fixed lines, their connection included", "fen", ge=0),
        Column("capex_mobile_fen", "int64", "spent on mobile networks and NB-IoT", "fen", ge=0),
        Column("capex_other_fen", "int64", "spent behind access and on public places", "fen", ge=0),
        Column("capex_pv_fen", "int64", "present value of all three", "fen", ge=0),
        Column("opex_pv_fen", "int64", "present value of running cost", "fen", ge=0),
        Column("replacement_pv_fen", "int64", "present value of what is bought anew", "fen", ge=0),
        Column("residual_pv_fen", "int64", "present value of what plant is worth at the end", "fen", ge=0),
        Column("revenue_pv_fen", "int64", "present value of the revenue that the money adds", "fen", ge=0),
        Column("npv_fen", "int64", "revenue and residual less capex, opex and replacement", "fen"),
        Column("payback_years", "float64", "years until the first outlay is back; inf: never", "yr", ge=0),
        Column("discounted_payback_years", "float64", "the same, later money counting less", "yr", ge=0),
        Column("subsidy_fen", "int64", "grant at the start that makes up for a negative worth", "fen", ge=0),
    ),
    made_by="indicators",
)
CAPEX_GROUPS = ("fixed", "mobile", "other")
"""Groups of technologies whose capex the table tells apart."""
OPEX = "opex"
FLOWS = ("capex", "opex", "replacement", "revenue", "residual")
"""Kinds of cash flow; the first three are outlays."""


@dataclass(frozen=True, eq=False)
class Holdings:
    """What each funded project holds of all that was bought: H rows, projects by row of ``Projects``.

    A project holds its own items whole and an equal share of each shared asset that it needs, whoever
    paid. The rows of a payer sum to the price of its work.
    """

    payer: NDArray[np.int64]
    """Project with which the thing was bought, shape (H,)."""
    holder: NDArray[np.int64]
    """Project that holds this part of it, shape (H,)."""
    item: NDArray[np.int64]
    """Place of the item in ``ITEMS``, shape (H,)."""
    cost_fen: NDArray[np.int64]
    """Price of the part, shape (H,) [fen]."""
    life_years: NDArray[np.float64]
    """Technical life of a shared asset, not-a-number where the item's holds, shape (H,) [yr]."""


@dataclass(frozen=True, eq=False)
class PriceLevels:
    """How prices move over the N months evaluated, as multiples of those of the parameter table."""

    general: NDArray[np.float64]
    """General rise of all prices, shape (N,)."""
    items: Mapping[str, NDArray[np.float64]]
    """What each item of ``ITEMS`` and ``opex`` does beside it, shape (N,)."""

    @classmethod
    def constant(cls, months: int) -> PriceLevels:
        """Return levels of prices that do not move."""
        import numpy as np

        ones = np.ones(months)
        return cls(ones, dict.fromkeys((*ITEMS, OPEX), ones))


@dataclass(frozen=True, eq=False)
class Finance:
    """Cash flows of one replication: M months of the run, N evaluated, Z zones."""

    table: pd.DataFrame
    """What each zone costs and earns (contract ``FINANCE``)."""
    rate: float
    """Yearly rate in constant prices [1/yr]."""
    opex_fen: NDArray[np.float64]
    """Running cost of plant in service, shape (M, Z) [fen/month]."""
    opex_by_technology: Mapping[str, NDArray[np.float64]]
    """The same by technology, shape (M,) [fen/month]."""
    revenue_fen: NDArray[np.float64]
    """Revenue that the money adds, shape (M, Z) [fen/month]."""
    flows: Mapping[str, NDArray[np.float64]]
    """Each kind of cash flow over all zones in constant prices, shape (N,) [fen/month]."""
