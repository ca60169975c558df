"""What a user may say of feeder routes: reach, ways across country, cables and their prices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sim.options import Options
from sim.parameters import Quantity

YuanPerMetre = Annotated[float, Field(ge=0), Quantity("yuan/m")]


class RouteOptions(Options):
    """Feeder routes from points of presence to all zones: shared, dug once, dimensioned for everybody."""

    reach: Annotated[float, Field(gt=0), Quantity("km")]
    """Longest way of a zone to its point of presence where a shorter one exists [km]."""
    detour: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Longest way over the shortest one, where even the shortest is beyond the reach [ratio]."""
    country_factor: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Way across country or along lanes over the straight distance [ratio]."""
    spare_share: Annotated[float, Field(ge=0), Quantity("share")]
    """Fibres laid beyond those in use, as a share of these [share]."""
    cable_sizes: tuple[Annotated[int, Field(gt=0)], ...]
    """Fibres of the cables that can be bought, ascending; beyond the largest several are laid [1]."""
    cable_price: YuanPerMetre
    """Cable without its fibres [yuan/m]."""
    fibre_price: Annotated[float, Field(ge=0), Quantity("yuan/m/fibre")]
    """What each fibre of a cable adds [yuan/m/fibre]."""
    hanging_price: YuanPerMetre
    """Hanging a cable on poles that stand [yuan/m]."""
    poles_price: YuanPerMetre
    """New poles with their wire, the cable hung [yuan/m]."""
    duct_price: YuanPerMetre
    """Trench and duct in cities and towns, the cable drawn [yuan/m]."""
    life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Technical life of a route [yr]."""

    @field_validator("cable_sizes")
    @classmethod
    def _ascending(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or list(value) != sorted(set(value)):
            raise ValueError("cable_sizes are wanted ascending, at least one, none twice")
        return value
