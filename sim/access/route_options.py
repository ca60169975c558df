"""What a user may say of feeder routes: reach, ways across country, cables and their prices."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.options import Options
from sim.parameters import Quantity

Size = Annotated[int, Field(ge=2)]
YuanPerMetre = Annotated[float, Field(ge=0), Quantity("yuan/m")]


class RouteOptions(Options):
    """Feeder routes from points of presence to all zones: shared, dug once, dimensioned for everybody."""

    reach: Annotated[float, Field(gt=0), Quantity("km")]
    """Longest way of a zone to its point of presence where a shorter one exists [km]."""
    detour: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Longest way over the shortest one, where even the shortest is beyond the reach [ratio]."""
    rounds: Annotated[int, Field(ge=0, le=20)]
    """Rounds of local search on the tree, before and after ways are brought within reach [rounds]."""
    country_factor: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Way across country or along lanes over the straight distance [ratio]."""
    town_reach: Annotated[float, Field(ge=0), Quantity("m")]
    """Distance from the centre of a city or town zone within which cables lie in ducts [m]."""
    spare_fibres: Annotated[float, Field(ge=0), Quantity("share")]
    """Fibres laid beyond those in use, as a share of these [share]."""
    cable_price: Annotated[dict[Size, YuanPerMetre], Field(min_length=1)]
    """Cable by its fibres; beyond the largest several are laid [yuan/m]."""
    lashing_price: YuanPerMetre
    """Work and fittings of hanging one cable on poles [yuan/m]."""
    pole_price: YuanPerMetre
    """New line of poles with its strand [yuan/m]."""
    pulling_price: YuanPerMetre
    """Work of pulling one cable through a duct [yuan/m]."""
    trench_price: YuanPerMetre
    """Trench through pavement with duct and reinstatement, in cities and towns [yuan/m]."""
    standing_ducts: Annotated[float, Field(ge=0, le=1), Quantity("share")]
    """Share of the way in cities and towns with room in a duct that lies there [share]."""
    life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Technical life of a route [yr]."""

    @model_validator(mode="after")
    def _larger_costs_more(self) -> Self:
        prices = [price for _, price in sorted(self.cable_price.items())]
        if prices != sorted(prices):
            raise ValueError("cable_price: a cable with more fibres must not cost less")
        return self
