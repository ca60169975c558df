"""Campaigns: operators are told to raise rates at the same price."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from sim.clock import month_number
from sim.levers.base import ABSENT, Document, Number, Size, Switch, at, section
from sim.levers.dated import DatedLever


class SpeedUpCampaign(DatedLever):
    """Operators raise the rates of their lines at the same price."""

    name: ClassVar[str] = "speed_up_campaign"
    statement: ClassVar[str] = "Operators are told to raise rates at the same price."
    mechanism: ClassVar[str] = (
        "subscribers move to faster tiers over some months, as far as their line can carry them"
    )
    targets: ClassVar[tuple[str, ...]] = ("SC-16", "IP-03")

    first_month: str
    """Month from which rates are raised [YYYY-MM]."""
    months: Annotated[float | str, Size("month", 0.0)]
    """Months until it has its full effect [month]."""
    rate: Annotated[float | str, Size("ratio", 0.1, 10.0)]
    """Rate wanted with its full effect over that without it [ratio]."""
    source: str
    """Where it was announced, and by whom."""

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the campaign."""
        campaign: dict[str, Any] = {
            "kind": "speed-up",
            "first_month": self.first_month,
            "months": self.months,
            "factor": self.rate,
            "source": self.source,
        }
        if section(document, "demand"):
            yield Switch(f"demand.campaigns.{self.name}", campaign, ABSENT)

    def cannot_bite(self, document: Document) -> str:
        """Return whether it comes after the last month, or before the month of the rates observed."""
        observed = at(document, "demand.fixed_reference_month")
        if late := super().cannot_bite(document):
            return late
        if self.rate == 1:
            return "it raises no rate"
        if isinstance(observed, str) and isinstance(self.months, int | float):
            done = month_number(self.first_month) + self.months <= month_number(observed)
            return f"its effect was there when rates were observed, in {observed}" if done else ""
        return ""
