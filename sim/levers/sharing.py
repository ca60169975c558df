"""Sharing: what one network has built is open to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from sim.levers.base import OFF, Document, Lever, Number, Size, Switch, chosen, section

Part = Annotated[float | str, Size("share", 0.0, 1.0)]
YuanPerSite = Annotated[float | str, Size("yuan/site", 0.0)]
Days = Annotated[float | str, Size("days", 0.0)]
_ON_MASTS = ("gsm", "umts", "lte", "nr")
_ALL = ("cable", "duct", "mast", "site")


class Sharing(Lever):
    """Cable, duct, mast and site are shared by those who build networks."""

    name: ClassVar[str] = "sharing"
    statement: ClassVar[str] = "Cables, ducts, masts and sites are shared."
    mechanism: ClassVar[str] = (
        "tenants of one mast pay less rent each, a network may join the standing mast of another, ducts of "
        "others have room, and operators beside one another buy ways, masts and rooms once"
    )
    targets: ClassVar[tuple[str, ...]] = ("HN-22", "SD-16")

    discount_two: Part
    """Discount on the rent of each of two tenants of a mast [share]."""
    discount_three: Part
    """Discount of each of three or more [share]."""
    standing_ducts: Part
    """Share of the way in cities and towns with room in a duct that lies there, of whomever [share]."""
    own_ducts: Annotated[float | str, Size("share", 0.0, 1.0, counts=OFF)]
    """The same, of ducts of one's own alone [share]."""
    joining_price: YuanPerSite
    """Strengthening and power at a standing site of any network [yuan/site]."""
    joining_price_alone: Annotated[float | str, Size("yuan/site", 0.0, counts=OFF)]
    """The same where the sites of others are closed: some then build their own [yuan/site]."""
    joining_time: Days
    """Time until equipment may go up at a standing site [days]."""
    joining_time_alone: Annotated[float | str, Size("days", 0.0, counts=OFF)]
    """The same where the sites of others are closed [days]."""

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield discounts, ducts, the price and time of joining a mast, and what operators open."""
        for name in chosen(document, _ON_MASTS, needs="rent"):
            key = f"technologies.{name}"
            yield Switch(f"{key}.rent.discount_two", self.discount_two, 0.0)
            yield Switch(f"{key}.rent.discount_three", self.discount_three, 0.0)
            yield Switch(f"{key}.co_location_price", self.joining_price, self.joining_price_alone)
            yield Switch(f"{key}.co_location_lead_time", self.joining_time, self.joining_time_alone)
        if section(document, "routes"):
            yield Switch("routes.standing_ducts", self.standing_ducts, self.own_ducts)
        if section(document, "operators.each"):
            yield Switch("operators.opened", list(_ALL), [])
