"""What a network pays a tower company: rent by tenant, less where several stand on one mast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.finance import cost_plus_rent, sharing_discount, sole_rent
from sim.options import Options
from sim.parameters import Quantity
from sim.technologies.base import Share

if TYPE_CHECKING:
    from sim.geo.area import Area
    from sim.technologies.base import Plant

Markup = Annotated[float, Field(ge=0), Quantity("cost mark-up")]
RIDERS = ("nbiot",)
"""Technologies that ride on another network's equipment and are no tenants of their own."""


class TowerRent(Options):
    """Rent of a tower company: its cost with a mark-up, less a discount by the number of tenants.

    A known mean over all tenants gives what a sole tenant pays under the rule of the year of that mean; the
    rule in force then gives the rent of each.
    """

    mean: Annotated[float, Field(ge=0), Quantity("yuan/tenant/yr")]
    """Rent paid on average over all tenants [yuan/tenant/yr]."""
    mean_tenants: Annotated[float, Field(ge=1), Quantity("tenants/site")]
    """Tenants of a mast on average in that year [tenants/site]."""
    mean_discount: Share
    """Discount of each of two tenants in that year [share]."""
    mean_markup: Markup
    """Mark-up on cost in that year [cost mark-up]."""
    markup: Markup
    """Mark-up on cost in force [cost mark-up]."""
    discount_two: Share
    """Discount of each of two tenants in force [share]."""
    discount_three: Share
    """Discount of each of three or more [share]."""
    public_sites: Share
    """Part of the sites that stand on public ground and buildings opened at no charge [share]."""
    site_fee: Share
    """Part of the rent that is the fee for the ground or roof [share]."""

    def yuan(self, tenants: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each of so many tenants pays, same shape [yuan/yr]."""
        cost = sole_rent(self.mean, self.mean_tenants, self.mean_discount) / (1.0 + self.mean_markup)
        less = sharing_discount(tenants, self.discount_two, self.discount_three)
        return cost_plus_rent(cost, self.markup, less) * (1.0 - self.public_sites * self.site_fee)


def tenants_at(area: Area, plant: Plant, locations: NDArray[np.integer], network: str) -> NDArray[np.int64]:
    """Return the tenants of the mast at each location once a network stands there, 1 or more, same shape.

    Each network on the mast is a tenant, and so is each operator where those are known and more.
    """
    count = np.zeros(len(area.locations), dtype=np.int64)
    for name, rows in plant.site_locations.items():
        if name != network and name not in RIDERS:
            count[np.unique(rows)] += 1
    tenants: NDArray[np.int64] = count[locations] + 1
    if plant.sectors is None:
        return tenants
    pairs = plant.sectors[["location", "operator"]].drop_duplicates()
    operators = np.bincount(pairs["location"].to_numpy(), minlength=len(count))
    return np.asarray(np.maximum(tenants, operators[locations]), dtype=np.int64)
