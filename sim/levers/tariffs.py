"""Prices that are lowered beyond what was expected: for all, and for the country alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from sim.levers.base import ABSENT, Document, Number, Size, Switch, section
from sim.levers.dated import DatedLever

Factor = Annotated[float | str, Size("ratio", 0.01, 10.0)]
_CUTS = "demand.tariffs.cuts"


class _Cut(DatedLever):
    """A lower price from a month on."""

    begins: ClassVar[str] = "prices fall in"

    first_month: str
    """First month of the lower prices [YYYY-MM]."""
    line_price: Factor
    """Price of a fixed line afterwards over the price before [ratio]."""


class TariffReduction(_Cut):
    """Telecom tariffs come down for everybody."""

    name: ClassVar[str] = "tariff_reduction"
    statement: ClassVar[str] = "Telecom tariffs come down."
    mechanism: ClassVar[str] = (
        "lines and mobile data cost less from a month on than was expected; take-up of lines rises by its "
        "price elasticity"
    )
    targets: ClassVar[tuple[str, ...]] = ("SC-16", "SD-12", "IP-04")

    data_price: Factor
    """Price of mobile data afterwards over the price before [ratio]."""

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the two cuts."""
        if section(document, "demand.tariffs"):
            line: dict[str, Any] = {"first_month": self.first_month, "factor": self.line_price, "of": "line"}
            data: dict[str, Any] = {"first_month": self.first_month, "factor": self.data_price, "of": "data"}
            yield Switch(f"{_CUTS}.tariff_reduction_lines", line, ABSENT)
            yield Switch(f"{_CUTS}.tariff_reduction_data", data, ABSENT)


class RuralPackages(_Cut):
    """Customers in the country get cheap packages."""

    name: ClassVar[str] = "rural_packages"
    statement: ClassVar[str] = "Rural customers get cheap packages."
    mechanism: ClassVar[str] = (
        "lines cost less in villages from a month on; take-up there rises by its price elasticity"
    )
    targets: ClassVar[tuple[str, ...]] = ("SC-14",)

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the cut in villages."""
        if section(document, "demand.tariffs"):
            cut: dict[str, Any] = {"first_month": self.first_month, "factor": self.line_price, "of": "line"}
            yield Switch(f"{_CUTS}.rural_packages", cut | {"kinds": ["village"]}, ABSENT)
