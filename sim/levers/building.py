"""Rules about building: new homes with fibre, land-use plans, public facilities opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from sim.levers.base import ABSENT, OFF, Document, Lever, Number, Size, Switch, chosen, section
from sim.levers.dated import DatedLever

Part = Annotated[float | str, Size("share", 0.0, 1.0)]
_ON_MASTS = ("gsm", "umts", "lte", "nr")
_DIGGING = ("ftth", "cable", *_ON_MASTS)
_ON_PREMISES = ("ftth", "cable", *_ON_MASTS, "wlan")


class FibreInNewHousing(DatedLever):
    """New homes come with fibre at the builder's cost, from a date."""

    name: ClassVar[str] = "fibre_in_new_housing"
    statement: ClassVar[str] = "New homes must be built with fibre."
    mechanism: ClassVar[str] = (
        "from its first month on, a larger share of the new homes of cities and towns has fibre when people "
        "move in, paid by the builder"
    )
    targets: ClassVar[tuple[str, ...]] = ("HN-14",)
    begins: ClassVar[str] = "it holds from"

    first_month: str
    """First month in which new homes must come with fibre [YYYY-MM]."""
    share: Part
    """Share of new homes built with fibre under the rule [share]."""
    share_without: Annotated[float | str, Size("share", 0.0, 1.0, counts=OFF)]
    """Share of new homes built with fibre where nothing demands it [share]."""

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the share of new homes that has fibre, and the rule's date."""
        if section(document, "demand.new_housing"):
            yield Switch("demand.new_housing.first_month", self.first_month, self.first_month)
            yield Switch("demand.new_housing.share", self.share, self.share_without)


class LandUsePlanning(Lever):
    """Plans of land use make room for networks, so that permits take less time."""

    name: ClassVar[str] = "land_use_planning"
    statement: ClassVar[str] = "Land-use plans make room for networks."
    mechanism: ClassVar[str] = (
        "the permit phase of fibre, cable and mast works is shorter, since site and way stand in the plan"
    )
    targets: ClassVar[tuple[str, ...]] = ("YN-21",)

    permit_time: Part
    """Part of the time of permits that remains [share]."""

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the time of permits of everything that needs land."""
        for name in chosen(document, _DIGGING):
            yield Switch(f"technologies.{name}.permits.{self.name}", self.permit_time, ABSENT)


class OpenPublicFacilities(Lever):
    """Public buildings, poles and routes are opened to networks, without charge."""

    name: ClassVar[str] = "open_public_facilities"
    statement: ClassVar[str] = "Public buildings, poles and ways are opened to networks."
    mechanism: ClassVar[str] = (
        "permits take less time, since a part of sites and ways needs no bargain with an owner, and on these "
        "sites the ground or roof costs no rent"
    )
    targets: ClassVar[tuple[str, ...]] = ("HN-23",)

    permit_time: Part
    """Part of the time of permits that remains [share]."""
    public_sites: Part
    """Part of the sites that stand on public ground, poles and buildings [share]."""
    site_fee: Part
    """Part of a site's rent that is the fee for ground or roof [share]."""

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the time of permits, and what rent is waived."""
        for name in chosen(document, _ON_PREMISES):
            yield Switch(f"technologies.{name}.permits.{self.name}", self.permit_time, ABSENT)
        for name in chosen(document, _ON_MASTS, needs="rent"):
            yield Switch(f"technologies.{name}.rent.public_sites", self.public_sites, 0.0)
            yield Switch(f"technologies.{name}.rent.site_fee", self.site_fee, 0.0)
