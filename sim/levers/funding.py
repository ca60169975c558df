"""Universal service: money of the state beside that of the operators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.levers.base import ABSENT, Document, Number, Size, Switch, section
from sim.levers.dated import DatedLever

_POT = "budget.pots.universal_service"


class UniversalServiceCompensation(DatedLever):
    """Universal service is compensated: the state adds to what networks in villages cost."""

    name: ClassVar[str] = "universal_service_compensation"
    statement: ClassVar[str] = "The state compensates operators for universal service in villages."
    mechanism: ClassVar[str] = (
        "a pot beside the operators' money adds a share of price and running cost to works in villages"
    )
    targets: ClassVar[tuple[str, ...]] = ("YN-20", "SC-15", "IP-05")
    begins: ClassVar[str] = "its first money comes in"

    yearly: Annotated[float | str, Size("yuan/yr", 0.0)]
    """Money of the pot in a full year of the whole province [yuan/yr]."""
    share: Annotated[float | str, Size("share", 0.0, 1.0)]
    """Part of the price and of the running cost below that it adds [share]."""
    opex_years: Annotated[float | str, Size("years", 0.0)]
    """Years of running cost that count beside the price [yr]."""
    technologies: tuple[str, ...] = ()
    """Technologies that it pays for; empty: all [names]."""
    kinds: tuple[Literal["city", "town", "village"], ...] = ("village",)
    """Kinds of zones in which it may be used [names]."""
    release_months: tuple[Annotated[int, Field(ge=1, le=12)], ...]
    """Calendar months in which an equal part of a year's money is released [1..12]."""
    first_month: str
    """First month in which it releases money [YYYY-MM]."""

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the pot."""
        if not section(document, "budget.pots"):
            return
        used = set(section(document, "technologies"))
        pot: dict[str, Any] = {
            "yearly": self.yearly,
            "matching": {"share": self.share, "opex_years": self.opex_years},
            "technologies": [name for name in self.technologies if name in used],
            "kinds": list(self.kinds),
            "release_months": list(self.release_months),
            "first_month": self.first_month,
        }
        yield Switch(_POT, pot, ABSENT)

    def cannot_bite(self, document: Document) -> str:
        """Return whether it has no money, or none before the last month ends."""
        return "its pot holds no money" if self.yearly == 0 else super().cannot_bite(document)
