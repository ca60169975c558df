"""What a scenario can say of goals on the economy."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.options import Options
from sim.parameters import Quantity


class EconomyOptions(Options):
    """How goals on the economy are projected from take-up; indicative."""

    table: str
    """Table of goals on the economy, relative to the scenario's folder"""
    history: str
    """Table of observations that gives what was known at the start, relative to the scenario's folder"""
    information_consumption: Annotated[float, Field(ge=0), Quantity("ratio")]
    """Relative change of information consumption for a relative change of broadband users [ratio]"""
    e_commerce: Annotated[float, Field(ge=0), Quantity("ratio")]
    """Relative change of what is traded electronically for a relative change of broadband users [ratio]"""
