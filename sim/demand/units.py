"""Quantities that options of demand are given in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.parameters import Quantity

Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
PerYear = Annotated[float, Field(ge=-1, le=5), Quantity("1/yr")]
Ratio = Annotated[float, Field(gt=0), Quantity("ratio")]
Elasticity = Annotated[float, Field(ge=-5, le=5), Quantity("ratio")]
Mbps = Annotated[float, Field(gt=0), Quantity("Mbps")]
